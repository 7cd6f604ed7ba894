//! What is there today of what a plan holds.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::domain::change::{Item, Plan};
use crate::domain::{BucketName, ObjectKey, Region};
use crate::ops::Coverage;

/// An item of a plan, today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Today {
    /// It is there, as it was. This is what the listing says of it now.
    Present(Item),
    /// It is not there.
    Gone,
    /// Something else stands in its place.
    Changed,
}

/// What is there today.
#[derive(Debug, Clone, Default)]
pub struct Present {
    /// Of each item of the plan, in its order.
    pub today: Vec<Today>,
    /// What the plan would hold as well, were it made today.
    pub appeared: Vec<Item>,
    /// The buckets that were looked at, and the Region of each as far as the service tells.
    pub searched: BTreeMap<BucketName, Option<Region>>,
    /// From which bucket to which replication copies.
    pub replication: BTreeSet<(BucketName, BucketName)>,
    /// Places in the plan of what was done to what is to be done, where the listing alone does not tell. Empty before the act.
    pub done: BTreeSet<usize>,
    /// Complete, or what could not be looked at and why.
    pub coverage: Coverage,
}

type Id<'i> = (&'i BucketName, &'i ObjectKey, bool, &'i str);

fn id(item: &Item) -> Id<'_> {
    let is_upload = item.kind() == "upload";
    (&item.claim.bucket, &item.claim.key, is_upload, item.id())
}

impl Present {
    /// Holds a plan against everything that is there now under its keys and beside them. What was searched, and how
    /// completely, is left for the caller to fill in.
    #[must_use]
    pub fn of(plan: &Plan, items: &[Item]) -> Self {
        let there: HashMap<Id<'_>, &Item> = items.iter().map(|item| (id(item), item)).collect();
        let of_item = |planned: &Item| match there.get(&id(planned)) {
            None => Today::Gone,
            Some(now) if is_same(planned, now) => Today::Present((*now).clone()),
            Some(_) => Today::Changed,
        };
        let planned: HashSet<Id<'_>> = plan.items.iter().map(id).collect();
        let has_appeared =
            |item: &&Item| plan.header.act.concerns(item) && !planned.contains(&id(item));
        Self {
            today: plan.items.iter().map(of_item).collect(),
            appeared: items.iter().filter(has_appeared).cloned().collect(),
            ..Self::default()
        }
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
    present: &'p Present,
    wanted: &BTreeSet<usize>,
) -> HashSet<(&'p BucketName, &'p ObjectKey)> {
    let today = present.today.iter().enumerate();
    let kept = today.filter_map(|(at, today)| match today {
        Today::Present(item) if !wanted.contains(&at) => Some(item),
        _ => None,
    });
    kept.chain(&present.appeared)
        .filter(|item| item.kind() == "version" && !item.is_latest())
        .map(|item| (&item.claim.bucket, &item.claim.key))
        .collect()
}
