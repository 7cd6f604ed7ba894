//! Verifies a receipt offline and reports the first error.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{BucketCounts, Receipt, SCHEMA, Secret, Written, merkle};

/// The result of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The receipt.
    pub receipt: Receipt,
    /// Whether this installation sealed it.
    pub seal: Seal,
}

/// The state of the seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seal {
    /// It was made with the available secret.
    Ours,
    /// It was made with another secret, or no secret is available. The file is complete, but its author is unknown.
    Unchecked,
}

/// Tells a receipt in another format from a damaged one.
#[derive(Deserialize)]
struct Form {
    schema: String,
}

/// Verifies a receipt's file and, with its secret, the seal.
///
/// # Errors
/// The first error, as a text.
pub fn verify(text: &str, secret: Option<&Secret>) -> Result<Verified, String> {
    let not_one = |why| format!("it is not a receipt, or not a whole one: {why}");
    let Form { schema } = serde_json::from_str(text).map_err(not_one)?;
    if schema != SCHEMA {
        return Err(format!(
            "its form is {schema:?}, and this program knows {SCHEMA:?}"
        ));
    }
    let receipt: Receipt = serde_json::from_str(text).map_err(not_one)?;
    let items = Written::of(&receipt.items).map_err(|why| why.to_string())?;
    let canonical = receipt.file(&items).map_err(|why| why.to_string())?;
    if text != canonical {
        return Err("it is not written in the one way that a receipt is written in".to_owned());
    }
    if receipt.merkle_root != merkle::root(&items.each()) {
        return Err("merkle_root is not that of its items".to_owned());
    }
    check_counts(&receipt)?;
    let body = receipt.body(&items).map_err(|why| why.to_string())?;
    if receipt.digest != super::canonical::digest(&body) {
        return Err("digest is not that of the rest of it".to_owned());
    }
    let seal = match secret.filter(|secret| secret.id() == receipt.key_id) {
        Some(secret) if secret.seal(&body) == receipt.seal => Seal::Ours,
        Some(_) => {
            return Err(
                "seal was not made with this installation's secret, which key_id says it was"
                    .to_owned(),
            );
        }
        None => Seal::Unchecked,
    };
    Ok(Verified { receipt, seal })
}

/// Checks that each bucket's totals match its items.
fn check_counts(receipt: &Receipt) -> Result<(), String> {
    let mut counted: BTreeMap<&str, BucketCounts> = BTreeMap::new();
    for item in &receipt.items {
        counted.entry(&item.bucket).or_default().add(item);
    }
    for (bucket, stated) in &receipt.buckets {
        let mut counts = counted.remove(bucket.as_str()).unwrap_or_default();
        counts.region.clone_from(&stated.region);
        if counts != *stated {
            return Err(format!(
                "the numbers of the bucket {bucket} are not those of its items"
            ));
        }
    }
    match counted.keys().next() {
        Some(bucket) => Err(format!(
            "the bucket {bucket} has items and stands nowhere in buckets"
        )),
        None => Ok(()),
    }
}
