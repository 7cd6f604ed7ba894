//! Requests about one object or version: headers, tags, ACL, locks.

use std::collections::BTreeMap;

use aws_sdk_s3::operation::get_object_acl::GetObjectAclInput;
use aws_sdk_s3::operation::get_object_legal_hold::GetObjectLegalHoldInput;
use aws_sdk_s3::operation::get_object_retention::GetObjectRetentionInput;
use aws_sdk_s3::operation::get_object_tagging::GetObjectTaggingInput;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::EventHoldDuration;
use chrono::{DateTime, Utc};

use super::configuration::access_control;
use super::exact_key::{ExactKey, stand_in};
use super::{etag, head, size, time};
use crate::aws::explain::Call;
use crate::aws::{Aws, Meter, Problem, ProblemKind, operations};
use crate::domain::configuration::AccessControl;
use crate::domain::{BucketName, ByteSize, ObjectKey, StorageClass, VersionId};

/// The headers of an object from HeadObject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Size of the body in bytes.
    pub size: ByteSize,
    /// When it was written, to the second.
    pub last_modified: Option<DateTime<Utc>>,
    /// The ETag without quotation marks. It is not an MD5 sum for multipart uploads and KMS.
    pub etag: Option<String>,
    /// The version; `None` if versioning was never enabled.
    pub version_id: Option<VersionId>,
    /// Its storage class.
    pub storage_class: StorageClass,
    /// Its archive tier in Intelligent-Tiering: `ARCHIVE_ACCESS` or `DEEP_ARCHIVE_ACCESS`.
    pub archive_status: Option<String>,
    /// The temporary copy from a restore.
    pub restore: Option<Restore>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Content-Encoding`.
    pub content_encoding: Option<String>,
    /// `Content-Disposition`.
    pub content_disposition: Option<String>,
    /// `Content-Language`.
    pub content_language: Option<String>,
    /// `Cache-Control`.
    pub cache_control: Option<String>,
    /// `Expires`, unparsed.
    pub expires: Option<String>,
    /// Its encryption; `None` for unencrypted objects from before 2023.
    pub encryption: Option<ObjectEncryption>,
    /// The user metadata, names without `x-amz-meta-`.
    pub metadata: BTreeMap<String, String>,
    /// The number of metadata entries that headers cannot represent, and that are missing here.
    pub missing_metadata: u32,
    /// Checksums by algorithm, base64 as the service gives them.
    pub checksums: Vec<(&'static str, String)>,
    /// Whether the checksums are of the whole object or `COMPOSITE`.
    pub checksum_type: Option<String>,
    /// `PENDING`, `COMPLETED`, `FAILED` or `REPLICA`.
    pub replication: Option<String>,
    /// Its Object Lock.
    pub lock: ObjectLock,
    /// S3's own report on its expiration: the `x-amz-expiration` header.
    pub expiration: Option<String>,
    /// The website redirect.
    pub redirect: Option<String>,
    /// The number of parts of a multipart upload, if the service returns it.
    pub parts: Option<u32>,
}

/// The encryption of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectEncryption {
    /// `AES256`, `aws:kms`, `aws:kms:dsse`, or `SSE-C` for a customer-provided key.
    pub algorithm: String,
    /// The KMS key's ARN or id.
    pub key_id: Option<String>,
    /// Whether an S3 Bucket Key was used.
    pub bucket_key: bool,
}

/// The state of a restore from an archive class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restore {
    /// Whether it is in progress.
    pub in_progress: bool,
    /// The expiry of the copy, in the service's format.
    pub until: Option<String>,
}

/// The locks of an object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ObjectLock {
    /// `GOVERNANCE` or `COMPLIANCE`.
    pub mode: Option<String>,
    /// The end of the retention.
    pub until: Option<DateTime<Utc>>,
    /// Whether a legal hold is active, which has no end.
    pub legal_hold: bool,
    /// The active event hold, if any: the retention ends some time after its release, and `until` moves on until then.
    pub event_hold: Option<EventHold>,
}

/// How long an object stays locked after the release of its event hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EventHold {
    /// Days, or years where there are no days.
    pub days: Option<u32>,
    /// Years.
    pub years: Option<u32>,
}

impl EventHold {
    /// Describes the time, such as `until 30 days after its release`.
    #[must_use]
    pub fn words(self) -> String {
        let of = |n: u32, unit: &str| {
            let s = if n == 1 { "" } else { "s" };
            format!("until {n} {unit}{s} after its release")
        };
        match (self.days, self.years) {
            (Some(days), _) => of(days, "day"),
            (None, Some(years)) => of(years, "year"),
            (None, None) => "until an unknown time after its release".to_owned(),
        }
    }
}

/// Requests the headers of an object or version.
pub(crate) async fn head(
    aws: &Aws,
    bucket: &BucketName,
    key: &ObjectKey,
    version: Option<&VersionId>,
    meter: &Meter,
) -> Result<Head, Problem> {
    let asked = head::Asked {
        bucket,
        key,
        version: version.map(VersionId::as_str),
        with_checksum: true,
    };
    let answer = Box::pin(head::head_object(aws, asked, meter)).await?;
    Ok(read(&answer))
}

fn read(answer: &HeadObjectOutput) -> Head {
    let text = |field: Option<&str>| field.map(str::to_owned);
    Head {
        size: size(answer.content_length()),
        last_modified: time(answer.last_modified()),
        etag: etag(answer.e_tag()),
        version_id: answer.version_id().map(|id| VersionId(id.to_owned())),
        storage_class: answer
            .storage_class()
            .map_or_else(StorageClass::default, |class| {
                StorageClass::new(class.as_str())
            }),
        archive_status: answer.archive_status().map(|s| s.as_str().to_owned()),
        restore: answer.restore().map(restore),
        content_type: text(answer.content_type()),
        content_encoding: text(answer.content_encoding()),
        content_disposition: text(answer.content_disposition()),
        content_language: text(answer.content_language()),
        cache_control: text(answer.cache_control()),
        expires: text(answer.expires_string()),
        encryption: encryption(answer),
        metadata: answer
            .metadata()
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
        missing_metadata: count(answer.missing_meta()).unwrap_or(0),
        checksums: checksums(answer),
        checksum_type: answer.checksum_type().map(|t| t.as_str().to_owned()),
        replication: answer.replication_status().map(|s| s.as_str().to_owned()),
        lock: ObjectLock {
            mode: answer.object_lock_mode().map(|m| m.as_str().to_owned()),
            until: time(answer.object_lock_retain_until_date()),
            legal_hold: answer
                .object_lock_legal_hold_status()
                .is_some_and(|hold| hold.as_str() == "ON"),
            // Any value other than OFF is a hold, including unknown ones.
            event_hold: answer
                .object_lock_event_hold()
                .filter(|hold| !hold.as_str().eq_ignore_ascii_case("OFF"))
                .map(|_| EventHold {
                    days: count(answer.object_lock_event_hold_duration_days()),
                    years: count(answer.object_lock_event_hold_duration_years()),
                }),
        },
        expiration: text(answer.expiration()),
        redirect: text(answer.website_redirect_location()),
        parts: count(answer.parts_count()),
    }
}

fn count(n: Option<i32>) -> Option<u32> {
    n.and_then(|n| u32::try_from(n).ok())
}

fn encryption(answer: &HeadObjectOutput) -> Option<ObjectEncryption> {
    if answer.sse_customer_algorithm().is_some() {
        return Some(ObjectEncryption {
            algorithm: "SSE-C".to_owned(),
            key_id: None,
            bucket_key: false,
        });
    }
    let algorithm = answer.server_side_encryption()?;
    Some(ObjectEncryption {
        algorithm: algorithm.as_str().to_owned(),
        key_id: answer.ssekms_key_id().map(str::to_owned),
        bucket_key: answer.bucket_key_enabled().unwrap_or(false),
    })
}

fn checksums(answer: &HeadObjectOutput) -> Vec<(&'static str, String)> {
    [
        ("CRC32", answer.checksum_crc32()),
        ("CRC32C", answer.checksum_crc32_c()),
        ("CRC64NVME", answer.checksum_crc64_nvme()),
        ("SHA1", answer.checksum_sha1()),
        ("SHA256", answer.checksum_sha256()),
        ("SHA512", answer.checksum_sha512()),
        ("MD5", answer.checksum_md5()),
        ("XXHASH64", answer.checksum_xxhash64()),
        ("XXHASH3", answer.checksum_xxhash3()),
        ("XXHASH128", answer.checksum_xxhash128()),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?.to_owned())))
    .collect()
}

/// Parses `ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"`.
fn restore(header: &str) -> Restore {
    Restore {
        in_progress: header.contains(r#"ongoing-request="true""#),
        until: header
            .split_once("expiry-date=\"")
            .and_then(|(_, rest)| rest.split_once('"'))
            .map(|(date, _)| date.to_owned()),
    }
}

/// Requests the tags of an object or version, in the order of the service.
pub(crate) async fn tags(
    aws: &Aws,
    bucket: &BucketName,
    key: &ObjectKey,
    version: Option<&VersionId>,
    meter: &Meter,
) -> Result<Vec<(String, String)>, Problem> {
    let call = Call::on(&operations::GET_OBJECT_TAGGING, bucket, key.as_str());
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.get_object_tagging()
                .bucket(bucket.as_str())
                .key(stand_in(key))
                .set_version_id(version.map(|id| id.as_str().to_owned()))
                .customize()
                .interceptor(ExactKey::new(
                    key,
                    |input: &mut GetObjectTaggingInput, key| input.key = Some(key),
                ))
                .interceptor(meter.counting())
                .send()
        })
        .await?;
    Ok(answer
        .tag_set()
        .iter()
        .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
        .collect())
}

/// Requests the ACL of an object.
pub(crate) async fn acl(
    aws: &Aws,
    bucket: &BucketName,
    key: &ObjectKey,
    meter: &Meter,
) -> Result<AccessControl, Problem> {
    let call = Call::on(&operations::GET_OBJECT_ACL, bucket, key.as_str());
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.get_object_acl()
                .bucket(bucket.as_str())
                .key(stand_in(key))
                .customize()
                .interceptor(ExactKey::new(key, |input: &mut GetObjectAclInput, key| {
                    input.key = Some(key);
                }))
                .interceptor(meter.counting())
                .send()
        })
        .await?;
    Ok(access_control(answer.owner(), answer.grants()))
}

/// Requests the retention and event hold of an object or version; `None` if it has no retention. HEAD does not return
/// them without the permission for this request.
pub(crate) async fn retention(
    aws: &Aws,
    bucket: &BucketName,
    key: &ObjectKey,
    version: Option<&VersionId>,
    meter: &Meter,
) -> Result<Option<ObjectLock>, Problem> {
    let call = Call::on(&operations::GET_OBJECT_RETENTION, bucket, key.as_str());
    let asked = aws.on_bucket(&call, bucket, |s3| {
        s3.get_object_retention()
            .bucket(bucket.as_str())
            .key(stand_in(key))
            .set_version_id(version.map(|id| id.as_str().to_owned()))
            .customize()
            .interceptor(ExactKey::new(
                key,
                |input: &mut GetObjectRetentionInput, key| {
                    input.key = Some(key);
                },
            ))
            .interceptor(meter.counting())
            .send()
    });
    let answer = match asked.await {
        Ok(answer) => answer,
        Err(problem) if is_without_lock(&problem) => return Ok(None),
        Err(problem) => return Err(problem),
    };
    Ok(answer.retention().map(|retention| ObjectLock {
        mode: retention.mode().map(|mode| mode.as_str().to_owned()),
        until: time(retention.retain_until_date()),
        legal_hold: false,
        event_hold: retention
            .event_hold()
            .filter(|hold| !hold.as_str().eq_ignore_ascii_case("OFF"))
            .map(|_| EventHold {
                days: count(
                    retention
                        .event_hold_duration()
                        .and_then(EventHoldDuration::days),
                ),
                years: count(
                    retention
                        .event_hold_duration()
                        .and_then(EventHoldDuration::years),
                ),
            }),
    }))
}

/// Requests whether an object or version has a legal hold.
pub(crate) async fn has_legal_hold(
    aws: &Aws,
    bucket: &BucketName,
    key: &ObjectKey,
    version: Option<&VersionId>,
    meter: &Meter,
) -> Result<bool, Problem> {
    let call = Call::on(&operations::GET_OBJECT_LEGAL_HOLD, bucket, key.as_str());
    let asked = aws.on_bucket(&call, bucket, |s3| {
        s3.get_object_legal_hold()
            .bucket(bucket.as_str())
            .key(stand_in(key))
            .set_version_id(version.map(|id| id.as_str().to_owned()))
            .customize()
            .interceptor(ExactKey::new(
                key,
                |input: &mut GetObjectLegalHoldInput, key| {
                    input.key = Some(key);
                },
            ))
            .interceptor(meter.counting())
            .send()
    });
    match asked.await {
        Ok(answer) => Ok(answer
            .legal_hold()
            .and_then(|hold| hold.status())
            .is_some_and(|status| status.as_str() != "OFF")),
        Err(problem) if is_without_lock(&problem) => Ok(false),
        Err(problem) => Err(problem),
    }
}

/// Whether the response means that nothing locks the version. S3 has an error code for a version without a lock, and
/// rejects the request as invalid if the bucket has no Object Lock.
fn is_without_lock(problem: &Problem) -> bool {
    let code = problem.code.as_deref().unwrap_or_default();
    problem.kind == ProblemKind::NotConfigured
        || code == "NoSuchObjectLockConfiguration"
        || code == "InvalidRequest" && problem.message.contains("Object Lock Configuration")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::advice::Advice;

    #[test]
    fn only_two_answers_say_that_nothing_locks_a_version() {
        let problem = |code: &str, message: &str| {
            let mut problem =
                Problem::new("", "", ProblemKind::Invalid, message, Advice::default());
            problem.code = Some(code.to_owned());
            problem
        };
        for (code, message, expected) in [
            ("NoSuchObjectLockConfiguration", "", true),
            (
                "InvalidRequest",
                "Bucket is missing Object Lock Configuration",
                true,
            ),
            ("InvalidRequest", "something else", false),
            ("AccessDenied", "Object Lock Configuration", false),
            ("NoSuchVersion", "", false),
        ] {
            let found = is_without_lock(&problem(code, message));
            assert_eq!(found, expected, "{code} {message}");
        }
    }

    #[test]
    fn a_restore_is_under_way_or_has_an_end() {
        assert_eq!(
            restore(r#"ongoing-request="true""#),
            Restore {
                in_progress: true,
                until: None
            }
        );
        assert_eq!(
            restore(r#"ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT""#),
            Restore {
                in_progress: false,
                until: Some("Fri, 21 Dec 2012 00:00:00 GMT".to_owned())
            }
        );
    }
}
