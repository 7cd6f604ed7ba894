//! Copies a receipt to a bucket: writes it once, reads it back and compares.

use serde_json::json;

use super::store::Store;
use crate::aws::{Aws, Meter, Problem, ProblemKind, WritePermit, wire};
use crate::domain::blueprint::Blueprint;
use crate::domain::receipt::{Receipt, canonical};
use crate::domain::{BucketName, ObjectKey, S3Uri};

/// The destination of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// The bucket.
    pub bucket: BucketName,
    /// The key.
    pub key: ObjectKey,
}

/// Why a receipt was not copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoCopy {
    /// The destination is not allowed.
    Place(String),
    /// A request failed.
    Problem(Problem),
    /// Another object is there.
    Differs,
    /// The copy could not be recorded.
    File(String),
}

/// The destination for a case's receipt: the given key, or the case id below it if the key ends in `/` or is missing.
///
/// # Errors
/// [`NoCopy::Place`] if the blueprint has user media in that bucket. Lifecycle rules and the next search for orphans
/// would treat the receipt as media without an owner.
pub fn place(to: &S3Uri, blueprint: &Blueprint, case: &str) -> Result<Copy, NoCopy> {
    let holds_media = blueprint
        .bucket(&to.bucket)
        .is_some_and(|rules| !rules.layouts.is_empty());
    if holds_media {
        return Err(NoCopy::Place(format!(
            "the blueprint has users' media in {}: a receipt there would not be outside, and be taken for an orphan",
            to.bucket
        )));
    }
    let key = if to.prefix.is_empty() || to.prefix.ends_with('/') {
        format!("{}{case}.json", to.prefix)
    } else {
        to.prefix.clone()
    };
    let key = ObjectKey::new(key).map_err(|why| NoCopy::Place(why.to_string()))?;
    Ok(Copy {
        bucket: to.bucket.clone(),
        key,
    })
}

/// Writes the copy, reads it back and compares. An existing object is not overwritten.
///
/// # Errors
/// [`NoCopy`]. The receipt in its first location is not affected.
pub async fn copy(
    (aws, store): (&Aws, &Store),
    to: &Copy,
    receipt: &Receipt,
    permit: &WritePermit,
    meter: &Meter,
) -> Result<(), NoCopy> {
    let text = receipt
        .text()
        .map_err(|why| NoCopy::File(why.to_string()))?;
    let audit = |event: &str| {
        let detail = json!({ "bucket": to.bucket.as_str(), "receipt": receipt.digest });
        let written = store.audit().append(&receipt.case, event, detail);
        written.map_err(|why| NoCopy::File(format!("could not write the audit log: {why}")))
    };
    audit("receipt-sent")?;
    let place = (&to.bucket, &to.key);
    let content_type = "application/json";
    let body = text.as_bytes();
    let put = wire::small_objects::write(aws, place, content_type, body, permit, meter).await;
    match put {
        Ok(_) => {}
        // An object exists: our own, if a response was lost, or another. Reading it shows which.
        Err(problem) if problem.kind == ProblemKind::Changed => {}
        Err(problem) => return Err(NoCopy::Problem(problem)),
    }
    let back = wire::small_objects::read(aws, place, meter).await;
    let back = back.map_err(NoCopy::Problem)?;
    if canonical::digest(&text) != canonical::digest(&String::from_utf8_lossy(&back)) {
        return Err(NoCopy::Differs);
    }
    audit("receipt-copied").map(drop)
}
