//! The permanent record of a batch: the outcome of each request and the path of its receipt.
//!
//! It contains no user ids unless the operator asked for them. A request is identified by its reference and by the
//! keyed hash in its receipt.

use std::io::{self, Write};
use std::path::PathBuf;

use serde_json::json;

use super::run::{BatchEnd, BatchRun};
use crate::config::private;
use crate::domain::change::Subject;
use crate::ops::change::now;
use crate::ops::change::store::Store;

/// Writes the summary and returns its path.
pub(super) fn write(store: &Store, run: &BatchRun<'_>, end: &BatchEnd) -> io::Result<PathBuf> {
    let secret = store.secret()?;
    let items = end.users.iter().map(|user| {
        let subject = Subject::User {
            id: user.user.clone(),
        };
        json!({
            "subject_hmac": secret.subject(&subject),
            "user": run.subject_as_given.then_some(&user.user),
            "reference": user.reference,
            "case": user.case,
            "outcome": user.outcome.word(),
            "reason": user.why,
            "deleted": user.deleted,
            "receipt": user.receipt.as_ref().and_then(|file| file.file_name()).map(|name| name.to_string_lossy()),
        })
    });
    let document = json!({
        "schema": "s3warden/purge-from/1",
        "batch": run.batch.batch,
        "made_at": run.batch.made_at,
        "ended_at": now(),
        "operator": run.batch.operator,
        "endpoint": run.batch.endpoint,
        "blueprint": run.batch.blueprint,
        "complete": end.is_whole(),
        "requests": run.batch.requests,
        "other_buckets": run.batch.other_buckets,
        "items": items.collect::<Vec<_>>(),
    });
    let file = store.batch_summary_file(&run.batch.batch);
    let text = serde_json::to_string_pretty(&document)?;
    private::replace(&file, |to| {
        to.write_all(text.as_bytes())?;
        to.write_all(b"\n")
    })?;
    let detail = json!({ "users": end.users.len(), "complete": end.is_whole() });
    store
        .audit()
        .append(&run.batch.batch, "batch-ended", detail)?;
    Ok(file)
}
