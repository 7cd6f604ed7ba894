//! How new objects are encrypted, and how those are that are there.

use std::collections::BTreeMap;

use super::advice;
use super::case::{Case, Sample};
use super::finding::{Finding, Severity};
use crate::domain::blueprint::expect::{Algorithm, WantedEncryption};
use crate::domain::configuration::Encryption;
use crate::domain::policy::Truth;
use crate::domain::words::{are, counted};

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    let Ok(default) = case.configuration.encryption.known() else {
        return;
    };
    wanted_kms(case, default, found);
    if let Some(default) = default
        && default.bucket_key
        && !default.is_kms()
    {
        let severity = if case.blueprint.is_some() {
            Severity::Low
        } else {
            Severity::Info
        };
        found.push(
            case.finding(
                "bucket-key-without-kms",
                severity,
                "A bucket key is switched on, and without KMS it does nothing.",
            )
            .evidence([format!("BucketKeyEnabled with {}", default.algorithm)])
            .why("Whoever reads the configuration believes that it saves KMS requests.")
            .advise(advice::bucket_key(case, default)),
        );
    }
    objects(case, default, found);
}

fn wanted_kms(case: &Case<'_>, default: Option<&Encryption>, found: &mut Vec<Finding>) {
    let Some(wanted) = case.expect().and_then(|expect| expect.encryption.as_ref()) else {
        return;
    };
    if wanted.algorithm == Algorithm::Aes256 {
        return;
    }
    let key = wanted.key.as_deref();
    if default.is_some_and(|default| is_as_wanted(wanted, default)) {
        return;
    }
    found.push(
        case.finding(
            "encryption-expected-kms",
            Severity::Medium,
            "KMS encryption is required and is not the default.",
        )
        .evidence([
            format!("wanted: KMS with {}", key.unwrap_or("any key")),
            format!(
                "found: {}",
                default.map_or_else(
                    || "no default encryption".to_owned(),
                    |d| format!(
                        "{} {}",
                        d.algorithm,
                        d.key_id.as_deref().unwrap_or_default()
                    )
                )
            ),
        ])
        .why("Who may decrypt is then not decided by the key's policy.")
        .advise(advice::default_encryption(case)),
    );
}

/// Whether a default has the algorithm and the key that are wanted.
pub(super) fn is_as_wanted(wanted: &WantedEncryption, default: &Encryption) -> bool {
    if wanted.algorithm == Algorithm::Aes256 {
        return default.algorithm == "AES256";
    }
    default.is_kms()
        && match wanted.key.as_deref() {
            None => true,
            Some("own") => default
                .key_id
                .as_deref()
                .is_some_and(|id| !id.ends_with("alias/aws/s3")),
            Some(key) => default
                .key_id
                .as_deref()
                .is_some_and(|id| same_key(id, key)),
        }
}

fn objects(case: &Case<'_>, default: Option<&Encryption>, found: &mut Vec<Finding>) {
    let looked = format!(
        "of {} that were looked at",
        counted(case.samples.len(), "object")
    );
    let bare: Vec<&Sample> = case
        .samples
        .iter()
        .filter(|s| s.algorithm.is_none())
        .collect();
    if !bare.is_empty() {
        found.push(
            case.finding(
                "object-unencrypted",
                Severity::High,
                format!("{} {looked} {} not encrypted.", bare.len(), are(bare.len())),
            )
            .evidence(bare.iter().take(3).map(|s| s.key.clone()))
            .why("Default encryption is for new objects; what was there before stays as it was.")
            .advise(advice::encrypt_again(case)),
        );
    }
    let Some(default) = default.filter(|default| default.is_kms()) else {
        return;
    };
    let other: Vec<&Sample> = case
        .samples
        .iter()
        .filter(|s| is_default(s, default) == Truth::No)
        .collect();
    if !other.is_empty() {
        found.push(
            case.finding(
                "object-key-differs",
                Severity::Medium,
                format!(
                    "{} {looked} {} not encrypted with the bucket's key.",
                    other.len(),
                    are(other.len())
                ),
            )
            .evidence(by_key(&other))
            .why("A request that asks for aws:kms without a key gets the account's aws/s3 key, not the bucket's: another policy decides who may decrypt.")
            .advise(advice::right_key(case)),
        );
    }
}

/// What objects are encrypted with instead, each key once: how many, and a few of them. KMS keys come first: an object that has
/// the account's key is meant to have the bucket's.
fn by_key(samples: &[&Sample]) -> Vec<String> {
    let mut of_key: BTreeMap<(bool, &str, &str), Vec<&str>> = BTreeMap::new();
    for sample in samples {
        let algorithm = sample.algorithm.as_deref().unwrap_or_default();
        let key = sample.key_id.as_deref();
        let place = (key.is_none(), algorithm, key.unwrap_or("without a key"));
        of_key.entry(place).or_default().push(&sample.key);
    }
    of_key
        .into_iter()
        .map(|((_, algorithm, key), objects)| {
            let few: Vec<&str> = objects.iter().copied().take(3).collect();
            format!(
                "{} with {algorithm} {key}, among them {}",
                objects.len(),
                few.join(", ")
            )
        })
        .collect()
}

/// Whether an object has the bucket's key. One that says KMS and names no key may have it.
fn is_default(sample: &Sample, default: &Encryption) -> Truth {
    let Some(algorithm) = sample.algorithm.as_deref() else {
        // Not encrypted at all is another finding.
        return Truth::Yes;
    };
    match (&sample.key_id, &default.key_id) {
        (Some(found), Some(wanted)) => same_key(found, wanted).into(),
        // The default is aws/s3 itself; which key that is only KMS can tell.
        (Some(_), None) => Truth::Yes,
        (None, _) if algorithm.starts_with("aws:kms") => Truth::Unknown,
        (None, _) => Truth::No,
    }
}

/// A key by its id and by its ARN is one key. An alias cannot be compared with an id: it counts as the same.
pub(super) fn same_key(one: &str, other: &str) -> bool {
    let last = |key: &str| key.rsplit('/').next().unwrap_or(key).to_owned();
    let is_alias = |key: &str| key.contains("alias/");
    if is_alias(one) != is_alias(other) {
        return !(one.ends_with("alias/aws/s3") || other.ends_with("alias/aws/s3"));
    }
    last(one) == last(other)
}
