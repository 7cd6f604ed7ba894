//! A bucket's configuration as data: one small file per topic, no SDK types, no I/O.
//!
//! Each topic is a type that describes itself in one sentence ([`Concern`]). Its value is a [`Stated`]: set, not set or
//! unknown, with the original document. [`Configuration`] has one field per topic. Start there, or with
//! [`Configuration::rows`] for the rows on a screen. `aws::wire::configuration` parses the documents, and
//! `domain::posture` derives findings.

mod access_control;
mod access_points;
mod cors;
mod encryption;
mod inventory;
mod lifecycle;
mod logging;
mod metadata_tables;
mod metrics;
mod notification;
mod object_lock;
mod ownership;
mod policy;
mod public_access;
mod replication;
mod stated;
mod tags;
mod tiering;
mod versioning;
mod website;
mod words;

use crate::domain::fact::Fact;
use crate::domain::{BucketName, Region};

pub(crate) use crate::domain::policy::{Matching, Policy, Principal, Principals, Statement};
pub(crate) use access_control::{AccessControl, Grant, Grantee, Permission};
pub use access_points::AccessPoint;
pub(crate) use access_points::AccessPoints;
pub(crate) use cors::{Cors, CorsRule};
pub(crate) use encryption::CUSTOMER_KEYS;
pub use encryption::Encryption;
pub(crate) use inventory::{Inventories, Inventory};
pub(crate) use lifecycle::{
    Expiration, Filter, Lifecycle, MinimumSize, NoncurrentExpiration, NoncurrentTransition, Rule,
    Transition, When,
};
pub(crate) use logging::{LogKeyFormat, Logging};
pub(crate) use metadata_tables::{MetadataTable, MetadataTables};
pub(crate) use metrics::{MetricsConfiguration, MetricsConfigurations};
pub(crate) use notification::{Notification, Notifications, NotifiedKind};
pub(crate) use object_lock::{DefaultEventHold, ObjectLocking, Period, Retention};
pub(crate) use ownership::Ownership;
pub(crate) use policy::PolicyStatus;
pub(crate) use public_access::AccountBlock;
pub use public_access::PublicAccess;
pub(crate) use replication::{Replication, ReplicationRule};
pub(crate) use stated::{Concern, Setting, Stated, Unanswered};
pub use stated::{Reason, Row, State};
pub(crate) use tags::Tags;
pub(crate) use tiering::{TieringConfiguration, Tierings};
pub use versioning::{Versioning, VersioningState};
pub(crate) use website::Website;

/// The configuration of a bucket; each topic was requested separately.
#[derive(Debug, Clone, PartialEq)]
pub struct Configuration {
    /// The bucket.
    pub bucket: BucketName,
    /// Its Region.
    pub region: Setting<Region>,
    /// Its default encryption.
    pub encryption: Stated<Encryption>,
    /// Its versioning state.
    pub versioning: Stated<Versioning>,
    /// Its own public access block.
    pub public_access: Stated<PublicAccess>,
    /// The account's public access block, which applies to all its buckets.
    pub account_block: Stated<AccountBlock>,
    /// The bucket policy.
    pub policy: Stated<Policy>,
    /// Whether S3 itself reports the policy as public.
    pub policy_status: Stated<PolicyStatus>,
    /// The bucket's access control list.
    pub acl: Stated<AccessControl>,
    /// Its Object Ownership setting, which decides whether ACLs are enabled.
    pub ownership: Stated<Ownership>,
    /// Its CORS rules.
    pub cors: Stated<Cors>,
    /// Its lifecycle rules.
    pub lifecycle: Stated<Lifecycle>,
    /// The destination of its access log.
    pub logging: Stated<Logging>,
    /// Its replication rules.
    pub replication: Stated<Replication>,
    /// Its event notifications.
    pub notifications: Stated<Notifications>,
    /// Its Object Lock configuration.
    pub object_lock: Stated<ObjectLocking>,
    /// The bucket's tags.
    pub tags: Stated<Tags>,
    /// Static website hosting.
    pub website: Stated<Website>,
    /// Its archive tiers of Intelligent-Tiering.
    pub tiering: Stated<Tierings>,
    /// Inventories.
    pub inventory: Stated<Inventories>,
    /// Request metrics.
    pub metrics: Stated<MetricsConfigurations>,
    /// Its S3 Metadata tables.
    pub metadata_tables: Stated<MetadataTables>,
    /// Its access points in the account.
    pub access_points: Stated<AccessPoints>,
}

impl Configuration {
    /// A configuration in which everything is unknown for the same reason.
    #[must_use]
    pub fn unknown(bucket: BucketName, why: &Unanswered) -> Self {
        fn stated<T>(why: &Unanswered) -> Stated<T> {
            Stated::without_document(Fact::Unknown(why.clone()))
        }
        Self {
            bucket,
            region: Fact::Unknown(why.clone()),
            encryption: stated(why),
            versioning: stated(why),
            public_access: stated(why),
            account_block: stated(why),
            policy: stated(why),
            policy_status: stated(why),
            acl: stated(why),
            ownership: stated(why),
            cors: stated(why),
            lifecycle: stated(why),
            logging: stated(why),
            replication: stated(why),
            notifications: stated(why),
            object_lock: stated(why),
            tags: stated(why),
            website: stated(why),
            tiering: stated(why),
            inventory: stated(why),
            metrics: stated(why),
            metadata_tables: stated(why),
            access_points: stated(why),
        }
    }

    /// One row per topic, in the order in which people ask: access, retention, notification.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        vec![
            self.encryption.row(),
            self.versioning.row(),
            self.public_access.row(),
            self.account_block.row(),
            self.policy.row(),
            self.policy_status.row(),
            self.acl.row(),
            self.ownership.row(),
            self.cors.row(),
            self.lifecycle.row(),
            self.logging.row(),
            self.replication.row(),
            self.notifications.row(),
            self.object_lock.row(),
            self.tags.row(),
            self.website.row(),
            self.tiering.row(),
            self.inventory.row(),
            self.metrics.row(),
            self.metadata_tables.row(),
            self.access_points.row(),
        ]
    }

    /// Name and title of every topic, in the order of [`Configuration::rows`]. Available before any request.
    #[must_use]
    pub fn concerns() -> [(&'static str, &'static str); 21] {
        fn named<C: Concern>() -> (&'static str, &'static str) {
            (C::NAME, C::TITLE)
        }
        [
            named::<Encryption>(),
            named::<Versioning>(),
            named::<PublicAccess>(),
            named::<AccountBlock>(),
            named::<Policy>(),
            named::<PolicyStatus>(),
            named::<AccessControl>(),
            named::<Ownership>(),
            named::<Cors>(),
            named::<Lifecycle>(),
            named::<Logging>(),
            named::<Replication>(),
            named::<Notifications>(),
            named::<ObjectLocking>(),
            named::<Tags>(),
            named::<Website>(),
            named::<Tierings>(),
            named::<Inventories>(),
            named::<MetricsConfigurations>(),
            named::<MetadataTables>(),
            named::<AccessPoints>(),
        ]
    }

    /// The failed requests, each once.
    #[must_use]
    pub fn unanswered(&self) -> Vec<Unanswered> {
        let mut found = Vec::new();
        for row in self.rows() {
            if let State::Unknown(why) = row.state
                && !found.contains(&why)
            {
                found.push(why);
            }
        }
        // The same error for several access points counts once.
        let points = self.access_points.value().into_iter();
        let points = points.flat_map(|points| &points.0);
        for why in points.flat_map(|point| &point.unanswered) {
            let is_same = |one: &Unanswered| one.call == why.call && one.reason == why.reason;
            if !found.iter().any(is_same) {
                found.push(why.clone());
            }
        }
        found
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
