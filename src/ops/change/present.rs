//! What is there today of what a plan holds.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::{PurgeRequest, Tools};
use crate::domain::OwnerId;
use crate::domain::change::{Claim, Item};
use crate::domain::{BucketName, ObjectKey};
use crate::ops::find::{self, FindRequest, Found};

/// An item of a plan, today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Today {
    /// It is there, as it was. This is what the listing says of it now.
    Present(Item),
    /// It is not there.
    Gone,
    /// Something else stands in its place.
    Changed,
}

/// What is there today.
pub(super) struct Present {
    /// Of each item of the plan.
    pub(super) today: Vec<Today>,
    /// The user's things that the plan does not hold.
    pub(super) appeared: Vec<Item>,
    /// What was searched and what was not; its items are above.
    pub(super) found: Found,
}

type Id<'i> = (&'i BucketName, &'i ObjectKey, bool, &'i str);

fn id(item: &Item) -> Id<'_> {
    let is_upload = item.kind() == "upload";
    (&item.claim.bucket, &item.claim.key, is_upload, item.id())
}

/// Lists everything of the user anew, and what the plan holds beside that.
pub(super) async fn look(tools: Tools<'_>, request: &PurgeRequest<'_>, owner: &OwnerId) -> Present {
    let plan = request.plan;
    let claims: BTreeMap<(&BucketName, &ObjectKey), &Arc<Claim>> = plan
        .items
        .iter()
        .map(|item| ((&item.claim.bucket, &item.claim.key), &item.claim))
        .collect();
    let search = FindRequest {
        blueprint: request.blueprint.clone(),
        owner: owner.clone(),
        records: request.records.clone(),
        known: claims.into_values().cloned().collect(),
        in_flight: request.in_flight,
    };
    // Whoever stops a purge still wants to know what it did: this listing is not stopped by the same token.
    let cancel = tokio_util::sync::CancellationToken::new();
    let mut found = Box::pin(find::find(tools.aws, &search, &cancel, tools.meter)).await;
    let items = std::mem::take(&mut found.items);
    let there: HashMap<Id<'_>, &Item> = items.iter().map(|item| (id(item), item)).collect();
    let today = plan
        .items
        .iter()
        .map(|planned| match there.get(&id(planned)) {
            None => Today::Gone,
            Some(now) if is_same(planned, now) => Today::Present((*now).clone()),
            Some(_) => Today::Changed,
        })
        .collect();
    let planned: HashSet<Id<'_>> = plan.items.iter().map(id).collect();
    let appeared = items
        .iter()
        .filter(|item| !planned.contains(&id(item)))
        .cloned()
        .collect();
    Present {
        today,
        appeared,
        found,
    }
}

/// Whether it is what was planned. Ids are never given twice, but for `null`, which each write without versioning takes.
pub(super) fn is_same(planned: &Item, now: &Item) -> bool {
    planned.kind() == now.kind()
        && (!planned.can_be_overwritten()
            || (&planned.etag, planned.size, planned.written) == (&now.etag, now.size, now.written))
}

/// Keys of which something is left that is not to be deleted: what hides it has to stay.
pub(super) fn keys_that_keep_something<'p>(
    today: &'p [Today],
    appeared: &'p [Item],
    wanted: &BTreeSet<usize>,
) -> HashSet<(&'p BucketName, &'p ObjectKey)> {
    let kept = today
        .iter()
        .enumerate()
        .filter_map(|(at, today)| match today {
            Today::Present(item) if !wanted.contains(&at) => Some(item),
            _ => None,
        });
    kept.chain(appeared)
        .filter(|item| item.kind() == "version" && !item.is_latest())
        .map(|item| (&item.claim.bucket, &item.claim.key))
        .collect()
}
