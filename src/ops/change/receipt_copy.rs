//! A copy of a receipt outside: written once, read back, compared.

use serde_json::json;

use super::store::Store;
use crate::aws::{Aws, Meter, Problem, ProblemKind, WritePermit, wire};
use crate::domain::blueprint::Blueprint;
use crate::domain::receipt::{Receipt, canonical};
use crate::domain::{BucketName, ObjectKey, S3Uri};

/// Where a copy goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// The bucket.
    pub bucket: BucketName,
    /// The key.
    pub key: ObjectKey,
}

/// Why a place is none for a receipt, or no copy is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoCopy {
    /// The place is none.
    Place(String),
    /// A request failed.
    Problem(Problem),
    /// Something else is there.
    Differs,
    /// It could not be written down.
    File(String),
}

/// Where the copy of a case's receipt goes: to the key, or below it under the case's name where it ends in a `/` or is
/// left out.
///
/// # Errors
/// [`NoCopy::Place`] for a bucket in which the blueprint has users' media. There a receipt would be taken for media that
/// nobody owns, by lifecycle rules as well as by the next search for orphans, and would not be outside.
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

/// Writes the copy, reads it back and compares. What is there already is not overwritten.
///
/// # Errors
/// [`NoCopy`]; the receipt itself is safe where it was written first.
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
        // Something is there: ours, if an answer was lost, or another. Reading it tells.
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
