//! A configuration from the documents that a world holds, as they go over the wire.

use std::borrow::Cow;
use std::collections::BTreeMap;

use s3s::dto::{
    BucketLoggingStatus, ObjectLockConfiguration, RequestPaymentConfiguration,
    ServerSideEncryptionConfiguration, Tagging,
};
use s3s::xml::{Deserialize, Deserializer};
use thiserror::Error;

use super::{AccessPointPolicy, BucketConfiguration};
use crate::sandbox::element;
use crate::sandbox::objects::default_event_hold;
use crate::sandbox::policy::Policy;
use crate::sandbox::store::HoldTime;
use crate::sandbox::world::WorldBucket;

/// A document that S3 would not have taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DocumentError {
    /// There is no such sub-resource of a bucket.
    #[error("a bucket has no sub-resource {name:?}: expected {expected}")]
    Unknown {
        /// What was given.
        name: String,
        /// The names there are.
        expected: &'static str,
    },
    /// The document does not say what it should.
    #[error("the {name} document cannot be read: {why}")]
    Malformed {
        /// The sub-resource.
        name: String,
        /// What is wrong with it.
        why: String,
    },
}

const SINGLE: &str = "encryption, lifecycle, cors, publicAccessBlock, policy, logging, tagging, replication, notification, \
                      ownershipControls, acl, object-lock, website, accelerate, requestPayment or metadataConfiguration";
const LISTS: &str =
    "metrics, inventory, intelligent-tiering, analytics, access-point or access-point-policy";

impl BucketConfiguration {
    /// Reads what a world says about a bucket.
    ///
    /// # Errors
    /// [`DocumentError`] as of [`BucketConfiguration::from_documents`].
    pub fn of_world(bucket: &WorldBucket) -> Result<Self, DocumentError> {
        Self::from_documents(&bucket.configuration, &bucket.configuration_lists)
    }

    /// Reads documents by the name of their sub-resource, as it stands in a query string: XML, or JSON for `policy`.
    /// `lists` holds those of which a bucket has several, each with its id.
    ///
    /// # Errors
    /// [`DocumentError`] for a name that does not exist or a document that S3 would refuse.
    pub fn from_documents(
        single: &BTreeMap<String, String>,
        lists: &BTreeMap<String, Vec<(String, String)>>,
    ) -> Result<Self, DocumentError> {
        let mut configuration = Self::default();
        for (name, document) in single {
            configuration.read_single(name, document)?;
        }
        for (name, documents) in lists {
            for (id, document) in documents {
                configuration.read_listed(name, id, document)?;
            }
        }
        Ok(configuration)
    }

    fn read_single(&mut self, name: &str, document: &str) -> Result<(), DocumentError> {
        match name {
            "encryption" => {
                let (encryption, blocked) = encryption(document)?;
                self.encryption = Some(encryption);
                self.blocked_encryption = blocked;
            }
            "lifecycle" => self.lifecycle = Some(read(name, document)?),
            "cors" => self.cors = Some(read(name, document)?),
            "publicAccessBlock" => self.public_access_block = Some(read(name, document)?),
            "policy" => {
                self.policy =
                    Some(Policy::parse(document).map_err(|error| malformed(name, error))?);
            }
            "logging" => {
                self.logging = read::<BucketLoggingStatus>(name, document)?.logging_enabled;
            }
            "tagging" => self.tags = read::<Tagging>(name, document)?.tag_set,
            "replication" => self.replication = Some(read(name, document)?),
            "notification" => self.notification = Some(read(name, document)?),
            "ownershipControls" => self.ownership = Some(read(name, document)?),
            "acl" => self.acl = Some(read(name, document)?),
            "object-lock" => {
                let (lock, event_hold) = object_lock(document)?;
                self.object_lock = Some(lock);
                self.default_event_hold = event_hold;
            }
            "metadataConfiguration" => {
                self.metadata_tables = Some(inside(name, document, "MetadataConfigurationResult")?);
            }
            "website" => self.website = Some(read(name, document)?),
            "accelerate" => self.accelerate = Some(read(name, document)?),
            "requestPayment" => {
                self.payer = Some(read::<RequestPaymentConfiguration>(name, document)?.payer);
            }
            _ => return Err(unknown(name, SINGLE)),
        }
        Ok(())
    }

    fn read_listed(&mut self, name: &str, id: &str, document: &str) -> Result<(), DocumentError> {
        let id = id.to_owned();
        match name {
            "metrics" => drop(self.metrics.insert(id, read(name, document)?)),
            "inventory" => drop(self.inventory.insert(id, read(name, document)?)),
            "intelligent-tiering" => {
                drop(self.intelligent_tiering.insert(id, read(name, document)?));
            }
            "analytics" => drop(self.analytics.insert(id, read(name, document)?)),
            "access-point" => {
                let point = self.access_points.entry(id).or_default();
                point.document = inside(name, document, "AccessPoint")?;
            }
            "access-point-policy" => {
                let policy = Policy::parse(document).map_err(|error| malformed(name, error))?;
                let point = self.access_points.entry(id).or_default();
                point.policy = Some(AccessPointPolicy {
                    is_public: policy.is_public(),
                    text: document.to_owned(),
                });
            }
            _ => return Err(unknown(name, LISTS)),
        }
        Ok(())
    }
}

/// What stands in the root element of a document that s3s has no type for.
fn inside(name: &str, document: &str, root: &str) -> Result<String, DocumentError> {
    let rest = document.trim().strip_prefix(&format!("<{root}>"));
    let inner = rest.and_then(|rest| rest.strip_suffix(&format!("</{root}>")));
    inner
        .map(str::to_owned)
        .ok_or_else(|| malformed(name, format!("it is no <{root}>")))
}

/// A default encryption, and the types of encryption that it blocks.
///
/// # Errors
/// [`DocumentError`] for a document that S3 would refuse.
pub(super) fn encryption(
    document: &str,
) -> Result<(ServerSideEncryptionConfiguration, Option<Vec<String>>), DocumentError> {
    let (document, blocked) = without_blocked(document);
    Ok((read("encryption", &document)?, blocked))
}

/// The document without the element that s3s does not know, and what the element says.
fn without_blocked(document: &str) -> (Cow<'_, str>, Option<Vec<String>>) {
    let (rest, types) = element::take(document, "BlockedEncryptionTypes");
    let types = types.map(|types| {
        types
            .split("<EncryptionType>")
            .filter_map(|rest| Some(rest.split_once("</EncryptionType>")?.0.to_owned()))
            .collect()
    });
    (rest, types)
}

/// An Object Lock configuration, and its default event hold, which s3s does not know.
///
/// # Errors
/// [`DocumentError`] for a document that S3 would refuse.
pub(super) fn object_lock(
    document: &str,
) -> Result<(ObjectLockConfiguration, Option<HoldTime>), DocumentError> {
    const NAME: &str = "object-lock";
    let found = default_event_hold(document);
    let (rest, hold) = found.map_err(|error| malformed(NAME, error))?;
    let lock: ObjectLockConfiguration = read(NAME, &rest)?;
    let default = lock
        .rule
        .as_ref()
        .and_then(|rule| rule.default_retention.as_ref());
    if hold.is_some() && default.is_none_or(|default| default.mode.is_none()) {
        return Err(malformed(NAME, "an event hold requires a retention mode"));
    }
    Ok((lock, hold))
}

fn read<'x, T: Deserialize<'x>>(name: &str, document: &'x str) -> Result<T, DocumentError> {
    let mut deserializer = Deserializer::new(document.as_bytes());
    let value = T::deserialize(&mut deserializer).map_err(|error| malformed(name, error))?;
    deserializer
        .expect_eof()
        .map_err(|error| malformed(name, error))?;
    Ok(value)
}

fn malformed(name: &str, why: impl ToString) -> DocumentError {
    DocumentError::Malformed {
        name: name.to_owned(),
        why: why.to_string(),
    }
}

fn unknown(name: &str, expected: &'static str) -> DocumentError {
    DocumentError::Unknown {
        name: name.to_owned(),
        expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, document: &str) -> Result<BucketConfiguration, DocumentError> {
        let single = BTreeMap::from([(name.to_owned(), document.to_owned())]);
        BucketConfiguration::from_documents(&single, &BTreeMap::new())
    }

    #[test]
    fn documents_are_read_as_s3_writes_them() {
        let configuration = one(
            "lifecycle",
            r#"<?xml version="1.0" encoding="UTF-8"?>
            <LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
              <Rule>
                <ID>old</ID><Status>Enabled</Status><Filter><Prefix>a/</Prefix></Filter>
                <Expiration><Days>30</Days></Expiration>
              </Rule>
            </LifecycleConfiguration>"#,
        )
        .unwrap();
        let rules = configuration.lifecycle.unwrap().rules;
        assert_eq!(rules[0].id.as_deref(), Some("old"));
        assert_eq!(rules[0].expiration.as_ref().unwrap().days, Some(30));
    }

    #[test]
    fn an_acl_keeps_the_group_it_grants_to() {
        let configuration = one(
            "acl",
            r#"<AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
              <Owner><ID>me</ID></Owner>
              <AccessControlList><Grant>
                <Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group">
                  <URI>http://acs.amazonaws.com/groups/global/AllUsers</URI>
                </Grantee>
                <Permission>READ</Permission>
              </Grant></AccessControlList>
            </AccessControlPolicy>"#,
        )
        .unwrap();
        let grants = configuration.acl.unwrap().grants.unwrap();
        let grantee = grants[0].grantee.as_ref().unwrap();
        assert_eq!(grantee.type_.as_str(), "Group");
        assert!(grantee.uri.as_deref().unwrap().ends_with("/AllUsers"));
    }

    #[test]
    fn several_configurations_of_a_kind_are_kept_by_id() {
        let document = |id| format!("<MetricsConfiguration><Id>{id}</Id></MetricsConfiguration>");
        let lists = BTreeMap::from([(
            "metrics".to_owned(),
            vec![
                ("b".to_owned(), document("b")),
                ("a".to_owned(), document("a")),
            ],
        )]);
        let configuration = BucketConfiguration::from_documents(&BTreeMap::new(), &lists).unwrap();
        assert_eq!(configuration.metrics.keys().collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn what_s3_would_refuse_is_refused_by_name() {
        let error = one("cors", "<LifecycleConfiguration/>").unwrap_err();
        assert!(error.to_string().contains("the cors document"), "{error}");
        let error = one("policy", "{").unwrap_err();
        assert!(error.to_string().contains("the policy document"), "{error}");
        let error = one("color", "<a/>").unwrap_err();
        assert!(
            error.to_string().contains("\"color\": expected encryption"),
            "{error}"
        );
    }
}
