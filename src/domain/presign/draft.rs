//! A request as the user asked for it, before the blueprint's rule fills in the rest.
//!
//! [`Draft::complete`] never changes what the user asked for. If that breaks a rule, [`warnings`](super::warning)
//! reports it.

use std::collections::BTreeMap;
use std::time::Duration;

use thiserror::Error;

use super::checksum::Checksum;
use super::form::{Form, SizeRange, Success, TypeRule};
use super::request::{
    Action, Download, Method, ObjectSettings, Overrides, Part, PresignRequest, Sse, Upload,
};
use crate::domain::blueprint::{Presign, PresignRule};
use crate::domain::{BucketName, ObjectKey, StorageClass, VersionId};

/// The default lifetime, if neither the user nor the blueprint gives one.
pub(crate) const USUAL_EXPIRY: Duration = Duration::from_mins(15);

/// An incomplete request. Fields that are `None` or empty come from the rule, or are left to S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The operation.
    pub method: Method,
    /// Whether to use the rule for view-once downloads.
    pub view_once: bool,
    /// The bucket.
    pub bucket: BucketName,
    /// The key.
    pub key: ObjectKey,
    /// The lifetime.
    pub expires: Option<Duration>,
    /// The content type of an upload. For a form, a trailing `*` makes it a prefix.
    pub content_type: Option<String>,
    /// The exact length in bytes of an upload by PUT.
    pub size: Option<u64>,
    /// The minimum size for a form.
    pub min_size: Option<u64>,
    /// The maximum size for a form.
    pub max_size: Option<u64>,
    /// Encryption.
    pub sse: Option<Sse>,
    /// User metadata, names without `x-amz-meta-`.
    pub metadata: BTreeMap<String, String>,
    /// The storage class.
    pub storage_class: Option<StorageClass>,
    /// A required checksum.
    pub checksum: Option<Checksum>,
    /// Further headers with fixed values, names in any case.
    pub headers: BTreeMap<String, String>,
    /// Response headers of a GET.
    pub overrides: Overrides,
    /// The version of the object.
    pub version: Option<VersionId>,
    /// The upload id of a part.
    pub upload_id: Option<String>,
    /// The part's number.
    pub part_number: Option<u16>,
    /// The response to a form upload.
    pub success: Option<Success>,
}

/// Why a draft cannot be completed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DraftError {
    /// This kind of request does not support something.
    #[error("{what} cannot go along with {method}: {why}")]
    NotFor {
        /// The unsupported setting.
        what: &'static str,
        /// The kind of request.
        method: Method,
        /// The reason, and an alternative.
        why: &'static str,
    },
    /// A part without upload id or number.
    #[error("a part needs the upload's id and the part's number")]
    PartOfWhat,
}

impl Draft {
    /// An empty draft.
    #[must_use]
    pub fn new(method: Method, bucket: BucketName, key: ObjectKey) -> Self {
        Self {
            method,
            view_once: false,
            bucket,
            key,
            expires: None,
            content_type: None,
            size: None,
            min_size: None,
            max_size: None,
            sse: None,
            metadata: BTreeMap::new(),
            storage_class: None,
            checksum: None,
            headers: BTreeMap::new(),
            overrides: Overrides::default(),
            version: None,
            upload_id: None,
            part_number: None,
            success: None,
        }
    }

    /// The blueprint's rule for this kind of request, if any.
    #[must_use]
    pub fn rule<'r>(&self, rules: &'r Presign) -> Option<&'r PresignRule> {
        match self.method {
            Method::Get if self.view_once => rules.view_once.as_ref(),
            Method::Get | Method::Head => rules.get.as_ref(),
            Method::Put => rules.put.as_ref(),
            Method::Post => rules.post.as_ref(),
            Method::Part | Method::Delete => None,
        }
    }

    /// Fills in missing fields from the rule, or with defaults.
    ///
    /// # Errors
    /// [`DraftError`] if this kind of request does not support something.
    pub fn complete(&self, rule: Option<&PresignRule>) -> Result<PresignRequest, DraftError> {
        self.refuse_what_does_not_belong()?;
        let expires = self
            .expires
            .or_else(|| Some(rule?.expires?.0))
            .unwrap_or(USUAL_EXPIRY);
        let action = match self.method {
            Method::Get => Action::Get(Download {
                version: self.version.clone(),
                overrides: self.overrides.clone(),
            }),
            Method::Head => Action::Head(self.version.clone()),
            Method::Delete => Action::Delete(self.version.clone()),
            Method::Put => Action::Put(Box::new(Upload {
                content_type: self.upload_type(rule),
                length: self.size,
                object: self.object(rule),
            })),
            Method::Post => Action::Post(Box::new(Form {
                content_type: self.upload_type(rule).map(type_rule),
                size: self.sizes(rule),
                success: self.success.clone(),
                object: self.object(rule),
            })),
            Method::Part => Action::Part(Part {
                upload_id: self.upload_id.clone().ok_or(DraftError::PartOfWhat)?,
                number: self.part_number.ok_or(DraftError::PartOfWhat)?,
                length: self.size,
                checksum: self.checksum.clone(),
            }),
        };
        Ok(PresignRequest {
            bucket: self.bucket.clone(),
            key: self.key.clone(),
            expires,
            action,
        })
    }

    fn refuse_what_does_not_belong(&self) -> Result<(), DraftError> {
        use Method::{Delete, Get, Head, Part, Post, Put};
        let only = |methods: &[Method], is_asked: bool, what, why| {
            if !is_asked || methods.contains(&self.method) {
                return Ok(());
            }
            Err(DraftError::NotFor {
                what,
                method: self.method,
                why,
            })
        };
        let range = "only a form (post) can carry a range; a PUT can fix one exact length";
        let exact = "a form takes a range: give the least and the most";
        let object = "it belongs to the object that put or post makes";
        let part = "it belongs to a part";
        let sse = "a part has its upload's; downloads find out by themselves";
        let answer = "only a GET's answer can be told its headers";
        let version = "S3 gives a new version its own id";
        let overrides = self.overrides != Overrides::default();

        only(
            &[Get],
            self.view_once,
            "view once",
            "it is a rule for downloads",
        )?;
        only(&[Get], overrides, "a header of the answer", answer)?;
        only(
            &[Get, Head, Delete],
            self.version.is_some(),
            "a version",
            version,
        )?;
        only(&[Put, Part], self.size.is_some(), "an exact size", exact)?;
        only(&[Post], self.min_size.is_some(), "a least size", range)?;
        only(&[Post], self.max_size.is_some(), "a greatest size", range)?;
        only(
            &[Post],
            self.success.is_some(),
            "an answer's status",
            "only a form can choose it",
        )?;
        only(&[Part], self.upload_id.is_some(), "an upload's id", part)?;
        only(&[Part], self.part_number.is_some(), "a part's number", part)?;
        only(
            &[Put, Post],
            self.content_type.is_some(),
            "a content type",
            object,
        )?;
        only(&[Put, Post], self.sse.is_some(), "encryption", sse)?;
        only(&[Put, Post], !self.metadata.is_empty(), "metadata", object)?;
        only(
            &[Put, Post],
            self.storage_class.is_some(),
            "a storage class",
            object,
        )?;
        only(&[Put, Post], !self.headers.is_empty(), "a header", object)?;
        let checksum = self.checksum.is_some();
        only(
            &[Put, Post, Part],
            checksum,
            "a checksum",
            "it is of what is uploaded",
        )
    }

    /// The content type: as requested; otherwise, if the rule signs one, that of the key's extension if allowed, or the
    /// first allowed type.
    fn upload_type(&self, rule: Option<&PresignRule>) -> Option<String> {
        if self.content_type.is_some() {
            return self.content_type.clone();
        }
        let allowed = rule?.content_types.as_ref()?;
        let own = type_of_name(self.key.as_str());
        match allowed.first() {
            None => Some(own.unwrap_or("application/octet-stream").to_owned()),
            Some(first) => own
                .map(str::to_owned)
                .filter(|own| allowed.contains(own))
                .or_else(|| Some(first.clone())),
        }
    }

    fn sizes(&self, rule: Option<&PresignRule>) -> Option<SizeRange> {
        let most = self.max_size.or_else(|| Some(rule?.max_size?.bytes()));
        if most.is_none() && self.min_size.is_none() {
            return None;
        }
        Some(SizeRange {
            min: self.min_size.unwrap_or(0),
            max: most.unwrap_or(super::request::MOST_IN_ONE),
        })
    }

    fn object(&self, rule: Option<&PresignRule>) -> ObjectSettings {
        let wanted = rule.and_then(|rule| rule.headers.as_ref());
        let mut headers: BTreeMap<String, String> = wanted
            .into_iter()
            .flatten()
            .chain(&self.headers)
            .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
            .collect();
        // The rule's encryption is used as a whole or not at all: its key would contradict another algorithm.
        if self.sse.is_some() {
            headers.retain(|name, _| !name.starts_with("x-amz-server-side-encryption"));
        }
        ObjectSettings {
            sse: self.sse.clone(),
            metadata: self.metadata.clone(),
            storage_class: self.storage_class.clone(),
            checksum: self.checksum.clone(),
            headers,
        }
    }
}

fn type_rule(text: String) -> TypeRule {
    match text.strip_suffix('*') {
        Some(prefix) => TypeRule::Prefix(prefix.to_owned()),
        None => TypeRule::Exact(text),
    }
}

/// The content type of a file extension, among the usual types of user media.
#[must_use]
pub(crate) fn type_of_name(name: &str) -> Option<&'static str> {
    let (_, end) = name.rsplit_once('.')?;
    Some(match end.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "heic" => "image/heic",
        "avif" => "image/avif",
        "svg" => "image/svg+xml",
        "mp4" => "video/mp4",
        "mov" => "video/quicktime",
        "webm" => "video/webm",
        "mp3" => "audio/mpeg",
        "m4a" => "audio/mp4",
        "ogg" | "opus" => "audio/ogg",
        "wav" => "audio/wav",
        "pdf" => "application/pdf",
        "json" => "application/json",
        "csv" => "text/csv",
        "txt" => "text/plain",
        "zip" => "application/zip",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::blueprint::Blueprint;

    fn rules(blueprint: &str, bucket: &str) -> Presign {
        let name = BucketName::new(bucket).unwrap();
        let blueprint = Blueprint::builtin(blueprint).unwrap();
        blueprint.bucket(&name).unwrap().presign.clone()
    }

    fn draft(method: Method, bucket: &str, key: &str) -> Draft {
        Draft::new(
            method,
            BucketName::new(bucket).unwrap(),
            ObjectKey::new(key).unwrap(),
        )
    }

    fn completed(draft: &Draft, rules: &Presign) -> PresignRequest {
        draft.complete(draft.rule(rules)).unwrap()
    }

    #[test]
    fn the_game_takes_five_megabytes_of_jpeg_or_png_for_a_quarter_of_an_hour() {
        let bucket = "elimination-profile-pictures";
        let rules = rules("game", bucket);
        for (key, content_type) in [
            ("a/b.png", "image/png"),
            ("a/b.jpg", "image/jpeg"),
            ("a/b", "image/jpeg"),
        ] {
            let request = completed(&draft(Method::Post, bucket, key), &rules);
            assert_eq!(request.expires, Duration::from_mins(15));
            let Action::Post(form) = request.action else {
                panic!("not a form")
            };
            assert_eq!(
                form.size,
                Some(SizeRange {
                    min: 0,
                    max: 5_000_000
                })
            );
            assert_eq!(
                form.content_type,
                Some(TypeRule::Exact(content_type.to_owned()))
            );
        }
    }

    #[test]
    fn the_other_systems_have_their_own_times_and_headers() {
        let bucket = "pilotforce-user-uploads";
        let pilot = rules("pilotforce", bucket);
        let put = completed(&draft(Method::Put, bucket, "uploads/u/x.jpg"), &pilot);
        assert_eq!(put.expires.as_secs(), 300);
        assert_eq!(put.signed_headers()["content-type"], "image/jpeg");
        let get = completed(&draft(Method::Get, bucket, "uploads/u/x.jpg"), &pilot);
        assert_eq!(get.expires.as_secs(), 3600);

        let bucket = "quikapp-media-prod";
        let quik = rules("quikapp", bucket);
        let put = completed(&draft(Method::Put, bucket, "w/photos/c/m/u.jpg.enc"), &quik);
        let headers = put.signed_headers();
        assert_eq!(headers["x-amz-server-side-encryption"], "aws:kms");
        assert_eq!(headers["content-type"], "application/octet-stream");
        let mut once = draft(Method::Get, bucket, "k");
        once.view_once = true;
        assert_eq!(completed(&once, &quik).expires, Duration::from_mins(5));
    }

    #[test]
    fn what_was_asked_for_stays_even_against_the_rule() {
        let bucket = "elimination-profile-pictures";
        let mut post = draft(Method::Post, bucket, "a/b.png");
        post.expires = Some(Duration::from_hours(1));
        post.content_type = Some("video/*".to_owned());
        post.max_size = Some(9_000_000);
        let request = completed(&post, &rules("game", bucket));
        assert_eq!(request.expires, Duration::from_hours(1));
        let Action::Post(form) = request.action else {
            panic!("not a form")
        };
        assert_eq!(
            form.content_type,
            Some(TypeRule::Prefix("video/".to_owned()))
        );
        assert_eq!(form.size.unwrap().max, 9_000_000);
    }

    #[test]
    fn a_request_is_not_given_what_it_cannot_carry() {
        let mut put = draft(Method::Put, "media", "k");
        put.max_size = Some(1);
        let error = put.complete(None).unwrap_err().to_string();
        assert!(error.contains("a PUT can fix one exact length"), "{error}");
        let mut get = draft(Method::Get, "media", "k");
        get.content_type = Some("image/png".to_owned());
        assert!(get.complete(None).is_err());
        assert_eq!(
            draft(Method::Part, "media", "k").complete(None),
            Err(DraftError::PartOfWhat)
        );
    }

    #[test]
    fn encryption_that_was_asked_for_replaces_all_of_the_rules() {
        let rule = PresignRule {
            headers: Some(BTreeMap::from([
                (
                    "X-Amz-Server-Side-Encryption".to_owned(),
                    "aws:kms".to_owned(),
                ),
                (
                    "x-amz-server-side-encryption-aws-kms-key-id".to_owned(),
                    "k".to_owned(),
                ),
            ])),
            ..PresignRule::default()
        };
        let mut put = draft(Method::Put, "media", "k");
        put.sse = Some(Sse::S3);
        let headers = put.complete(Some(&rule)).unwrap().signed_headers();
        assert_eq!(headers.len(), 1);
        assert_eq!(headers["x-amz-server-side-encryption"], "AES256");
    }
}
