//! Removes lists of delete markers from earlier soft purges of a user, once a purge has deleted those markers.
//!
//! Such a list contains the user's keys, and is useless when the hidden objects are deleted. Only a list that a receipt
//! of this installation names is removed, and only if all its entries were in the verified plan. The receipt stays: it
//! names nobody.

use std::collections::HashSet;
use std::io;
use std::path::PathBuf;

use serde_json::json;

use super::store::Store;
use crate::domain::change::markers::{self, Marker};
use crate::domain::change::{Act, Item, Plan};
use crate::domain::receipt::{Receipt, Seal, Secret, verify};
use crate::domain::{BucketName, ObjectKey};

/// Removes them and returns their paths. An unreadable list stays, and an undo will report it.
///
/// # Errors
/// I/O errors of the folder, of a list that cannot be removed, or of the audit log.
pub(super) fn lists_of_markers(
    store: &Store,
    secret: &Secret,
    plan: &Plan,
) -> io::Result<Vec<PathBuf>> {
    let mut gone = Vec::new();
    if plan.header.act != Act::Delete || plan.header.subject.user().is_none() {
        return Ok(gone);
    }
    let cases = store.cases_with_markers()?;
    if cases.is_empty() {
        return Ok(gone);
    }
    let planned: HashSet<Id<'_>> = plan.items.iter().map(id).collect();
    for case in cases {
        let Some((receipt, list)) = of_case(store, secret, &case) else {
            continue;
        };
        let header = &plan.header;
        let is_the_users = receipt.subject_hmac == secret.subject(&header.subject)
            && receipt.endpoint == header.endpoint
            && receipt.operator.account == header.operator.account;
        let is_over = |marker: &Marker| {
            planned.contains(&id(&marker.item())) || planned.contains(&id(&marker.hides))
        };
        if is_the_users && list.iter().all(is_over) {
            let file = store.markers_file(&case);
            std::fs::remove_file(&file)?;
            let detail = json!({ "of": case, "entries": list.len() });
            store
                .audit()
                .append(&header.case, "markers-forgotten", detail)?;
            gone.push(file);
        }
    }
    Ok(gone)
}

type Id<'i> = (&'i BucketName, &'i ObjectKey, String);

fn id(item: &Item) -> Id<'_> {
    (&item.claim.bucket, &item.claim.key, item.id().to_owned())
}

/// The receipt and list of a soft purge, sealed by this installation.
fn of_case(store: &Store, secret: &Secret, case: &str) -> Option<(Receipt, Vec<Marker>)> {
    let text = store.read_untrusted(&store.receipt_files(case).0).ok()?;
    let verified = verify(&text, Some(secret)).ok()?;
    let receipt = verified.receipt;
    if verified.seal != Seal::Ours || receipt.act != Act::Mark || receipt.case != case {
        return None;
    }
    let beside = receipt.markers.as_ref()?;
    let text = store.read_untrusted(&store.markers_file(case)).ok()?;
    let list = markers::read(case, &beside.sha256, &text).ok()?;
    Some((receipt, list))
}
