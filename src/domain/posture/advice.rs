//! What to advise: it follows what the blueprint wants and what the bucket is, so that following it makes no other finding.

use super::case::{Case, Sample};
use crate::domain::blueprint::expect::Algorithm;
use crate::domain::configuration::CUSTOMER_KEYS;
use crate::domain::lifecycle::class::minimum_stay;
use crate::domain::text::shell_quote;

/// Days that old versions and incomplete uploads are kept where nobody said how long.
const NONCURRENT: u32 = 30;
const UPLOADS: u32 = 7;

/// The algorithm and the key that objects should have: the blueprint's, else the bucket's default; SSE-S3 where neither says
/// anything.
fn encryption(case: &Case<'_>) -> (String, Option<String>) {
    let default = case.configuration.encryption.value();
    let found = || {
        default.map_or_else(
            || ("AES256".to_owned(), None),
            |default| (default.algorithm.clone(), default.key_id.clone()),
        )
    };
    let Some(wanted) = case.expect().and_then(|expect| expect.encryption.as_ref()) else {
        return found();
    };
    let algorithm = match wanted.algorithm {
        Algorithm::Aes256 => return ("AES256".to_owned(), None),
        Algorithm::Kms => "aws:kms",
        Algorithm::KmsDsse => "aws:kms:dsse",
    };
    let named = wanted.key.clone().filter(|key| key != "own");
    let own = || default.filter(|default| default.is_kms())?.key_id.clone();
    (algorithm.to_owned(), named.or_else(own))
}

/// The command that encrypts an object as the others are: it is copied onto itself.
pub(super) fn encrypt_again(case: &Case<'_>) -> String {
    let (algorithm, key) = encryption(case);
    let bucket = case.quoted();
    let class = "with the storage class that the object has";
    let key = match key {
        Some(key) => shell_quote(&key).into_owned(),
        None if algorithm == "AES256" => String::new(),
        // Without a key id S3 takes the account's aws/s3 key. Where that is the default it is right.
        None if is_of_account(case) => String::new(),
        None => "KEY".to_owned(),
    };
    if algorithm == "aws:kms:dsse" {
        let key = match key.as_str() {
            "" => String::new(),
            key => format!(" --ssekms-key-id {key}"),
        };
        return format!(
            "copy each onto itself: aws s3api copy-object --bucket {bucket} --key KEY_OF_OBJECT --copy-source {bucket}/KEY_OF_OBJECT --server-side-encryption {algorithm}{key} --storage-class CLASS, {class}"
        );
    }
    let key = match key.as_str() {
        "" => String::new(),
        key => format!(" --sse-kms-key-id {key}"),
    };
    // Above 8 MB this copies in parts, and then annotations are carried over only with this setting.
    format!(
        "copy each onto itself: aws s3 cp s3://{bucket}/KEY_OF_OBJECT s3://{bucket}/KEY_OF_OBJECT --sse {algorithm}{key} --storage-class CLASS --copy-props default, {class}"
    )
}

/// Whether the account's own key is the default, which has no id.
fn is_of_account(case: &Case<'_>) -> bool {
    let default = case.configuration.encryption.value();
    let wants_own = case
        .expect()
        .and_then(|expect| expect.encryption.as_ref())
        .is_some_and(|wanted| wanted.key.is_some());
    !wants_own && default.is_some_and(|default| default.is_kms() && default.key_id.is_none())
}

/// How objects get the bucket's key that have another one.
///
/// `UpdateObjectEncryption` changes the key in place: storage class, date and entity tag stay, nothing is restored or moved. It
/// takes the ARN of a key of the bucket's own account and objects under SSE-S3 or SSE-KMS (API reference,
/// *`UpdateObjectEncryption`*). Everything else has to be copied.
pub(super) fn right_key(case: &Case<'_>) -> String {
    let uploads = "leave the encryption headers out of uploads";
    let (algorithm, key) = encryption(case);
    let copy = encrypt_again(case);
    match key {
        Some(arn) if algorithm == "aws:kms" && can_be_updated_to(case, &arn) => {
            let rest = if case.samples.iter().any(cannot_be_updated) {
                "for objects under aws:kms:dsse or SSE-C, which this does not take, and where the operation is missing"
            } else {
                "where the operation is missing or denied"
            };
            format!(
                "{uploads}; for the objects that are there: aws s3api update-object-encryption --bucket {} --key KEY_OF_OBJECT --object-encryption {} (needs s3:UpdateObjectEncryption); {rest}, {copy}",
                case.quoted(),
                shell_quote(&format!("{{\"SSEKMS\":{{\"KMSKeyArn\":\"{arn}\"}}}}"))
            )
        }
        _ => format!("{uploads}; for the objects that are there, {copy}"),
    }
}

/// Whether `UpdateObjectEncryption` takes this key: an ARN, and not one of another account.
fn can_be_updated_to(case: &Case<'_>, key: &str) -> bool {
    let mut parts = key.split(':');
    let is_arn = parts.next() == Some("arn") && key.contains(":key/");
    let owner = parts.nth(3);
    is_arn && case.account.is_none_or(|account| owner == Some(account))
}

/// Whether `UpdateObjectEncryption` refuses an object because of how it is encrypted now.
fn cannot_be_updated(sample: &Sample) -> bool {
    matches!(
        sample.algorithm.as_deref(),
        Some("aws:kms:dsse" | CUSTOMER_KEYS)
    )
}

/// What to do about a bucket key that does nothing.
pub(super) fn bucket_key(case: &Case<'_>) -> &'static str {
    match case
        .expect()
        .and_then(|expect| expect.encryption.as_ref())
        .map(|wanted| wanted.algorithm)
    {
        Some(Algorithm::Aes256) | None => {
            "drop BucketKeyEnabled (Terraform: bucket_key_enabled = false)"
        }
        Some(Algorithm::Kms | Algorithm::KmsDsse) => {
            "keep BucketKeyEnabled, and encrypt with the KMS key that is wanted"
        }
    }
}

/// Days after which old versions should expire: what the blueprint wants, else long enough for every class that a rule moves
/// them to.
pub(super) fn noncurrent_days(case: &Case<'_>) -> u32 {
    let wanted = case.expect().and_then(|expect| expect.lifecycle.as_deref());
    let wanted = wanted
        .into_iter()
        .flatten()
        .filter_map(|rule| rule.expire_noncurrent_days)
        .max();
    let rules = case.configuration.lifecycle.value();
    let classes = rules
        .into_iter()
        .flat_map(|lifecycle| &lifecycle.rules)
        .filter(|rule| rule.enabled)
        .flat_map(|rule| &rule.noncurrent_transitions)
        .map(|t| t.days.saturating_add(minimum_stay(t.class.as_str())));
    wanted.unwrap_or_else(|| classes.max().unwrap_or(0).max(NONCURRENT))
}

/// Days after which incomplete uploads should be aborted.
pub(super) fn abort_days(case: &Case<'_>) -> u32 {
    let wanted = case.expect().and_then(|expect| expect.lifecycle.as_deref());
    wanted
        .into_iter()
        .flatten()
        .find_map(|rule| rule.abort_uploads_days)
        .unwrap_or(UPLOADS)
}

/// The log bucket and the prefix that should be used.
pub(super) fn log_target(case: &Case<'_>) -> (String, String) {
    let wanted = case.expect().and_then(|expect| expect.logging.as_ref());
    let bucket = wanted.map_or_else(|| "LOGS".to_owned(), |wanted| wanted.bucket.to_string());
    let prefix = wanted.map_or_else(
        || format!("{}/", case.bucket()),
        |wanted| wanted.prefix.clone(),
    );
    (bucket, prefix)
}
