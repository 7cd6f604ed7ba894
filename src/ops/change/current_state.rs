//! The current state of a plan's items.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashSet};

use super::Failure;
use crate::domain::change::plan::ContestedIn;
use crate::domain::change::{Act, Item, Plan};
use crate::domain::ownership::ReplicationPath;
use crate::domain::search::OtherBuckets;
use crate::domain::{BucketName, ObjectKey, Region};
use crate::ops::Coverage;

/// The current state of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Today {
    /// It exists unchanged. This is its present listing.
    Present(Item),
    /// It does not exist.
    Gone,
    /// Another object exists in its place.
    Changed,
}

/// The current state of all items of a plan.
#[derive(Debug, Clone, Default)]
pub struct Present {
    /// By index in the plan.
    pub today: Vec<Today>,
    /// Items that a plan made today would contain in addition.
    pub appeared: Vec<Item>,
    /// By index in the plan: the delete marker that hides an item, if it is the only one above it.
    pub hidden_by: BTreeMap<usize, Item>,
    /// The surveyed buckets, each with its Region if the service reported it.
    pub searched: BTreeMap<BucketName, Option<Region>>,
    /// What is replicated where.
    pub(crate) replication: BTreeSet<ReplicationPath>,
    /// Keys whose metadata was read and names the user.
    pub told: BTreeSet<(BucketName, ObjectKey)>,
    /// Counts of contested items, by bucket.
    pub contested_in: Vec<ContestedIn>,
    /// Keys that may not be the user's alone, and why.
    pub contested: BTreeMap<(BucketName, ObjectKey), String>,
    /// The buckets of the account that were not surveyed, because the blueprint gives no owner for their objects.
    pub other_buckets: Option<OtherBuckets>,
    /// Buckets with keys that nothing explains, and that were not surveyed. Set before the receipt is written.
    pub unexplained: Vec<BucketName>,
    /// Why the survey is not allowed to be complete. Then its result is not trusted.
    pub refused: Option<Failure>,
    /// Indices of items on which the act is already done, by anyone, if the act does more than delete. For hiding, the
    /// listing shows it. For other acts, the survey asks after everything was tried.
    pub done: BTreeSet<usize>,
    /// Complete, or what could not be surveyed and why.
    pub coverage: Coverage,
}

type Id<'i> = (&'i BucketName, &'i ObjectKey, bool, &'i str);

fn id(item: &Item) -> Id<'_> {
    let is_upload = item.kind() == "upload";
    (&item.claim.bucket, &item.claim.key, is_upload, item.id())
}

impl Present {
    /// Compares a plan with everything that exists now under its keys and around them. The caller fills in the searched
    /// buckets and the coverage.
    #[must_use]
    pub fn of(plan: &Plan, items: &[Item]) -> Self {
        let mut there = There::new(items);
        let (mut hidden_by, mut done) = (BTreeMap::new(), BTreeSet::new());
        let mut today = Vec::with_capacity(plan.items.len());
        for (place, planned) in plan.items.iter().enumerate() {
            let Some((at, now)) = there.find(planned) else {
                today.push(Today::Gone);
                continue;
            };
            if !is_same(planned, now) {
                today.push(Today::Changed);
                continue;
            }
            if plan.header.act == Act::Mark && !now.is_latest() {
                let Some((latest, is_only)) = what_hides(items, at) else {
                    today.push(Today::Changed);
                    continue;
                };
                if is_only {
                    hidden_by.insert(place, latest.clone());
                }
                done.insert(place);
            }
            today.push(Today::Present(now.clone()));
        }
        // An item that was listed twice counts once.
        let planned: OnceCell<HashSet<Id<'_>>> = OnceCell::new();
        let is_planned = |item: &Item| {
            let planned = planned.get_or_init(|| plan.items.iter().map(id).collect());
            planned.contains(&id(item))
        };
        let has_appeared = |item: &&Item| plan.header.act.concerns(item) && !is_planned(item);
        Self {
            today,
            hidden_by,
            done,
            appeared: there
                .not_asked_for()
                .filter(has_appeared)
                .cloned()
                .collect(),
            ..Self::default()
        }
    }
}

/// Finds listed items for planned items. Both are mostly ordered by bucket and key, so the next planned item is usually
/// the next listed one. An index by id is built only if it is not, because there may be a million items.
struct There<'i> {
    items: &'i [Item],
    next: usize,
    places: OnceCell<HashMap<Id<'i>, usize>>,
    asked_for: Vec<bool>,
}

impl<'i> There<'i> {
    fn new(items: &'i [Item]) -> Self {
        Self {
            items,
            next: 0,
            places: OnceCell::new(),
            asked_for: vec![false; items.len()],
        }
    }

    /// The listed item that is this planned item, and its index.
    fn find(&mut self, planned: &Item) -> Option<(usize, &'i Item)> {
        let is_next = |item: &&Item| id(item) == id(planned);
        let at = match self.items.get(self.next).filter(is_next) {
            Some(_) => self.next,
            None => *self.places().get(&id(planned))?,
        };
        self.next = at + 1;
        *self.asked_for.get_mut(at)? = true;
        Some((at, self.items.get(at)?))
    }

    /// Listed items that were not planned.
    fn not_asked_for(&self) -> impl Iterator<Item = &'i Item> {
        let items = self.items.iter().zip(&self.asked_for);
        items
            .filter(|(_, asked_for)| !**asked_for)
            .map(|(item, _)| item)
    }

    fn places(&self) -> &HashMap<Id<'i>, usize> {
        self.places.get_or_init(|| {
            let items = self.items.iter().enumerate();
            items.map(|(at, item)| (id(item), at)).collect()
        })
    }
}

/// The delete marker that hides the version at an index, if any, and whether it is directly above the version. Versions
/// of a key are listed newest first.
fn what_hides(items: &[Item], at: usize) -> Option<(&Item, bool)> {
    let version = items.get(at)?;
    let above: Vec<&Item> = items
        .get(..at)?
        .iter()
        .rev()
        .take_while(|item| {
            (&item.claim.bucket, &item.claim.key) == (&version.claim.bucket, &version.claim.key)
        })
        .collect();
    let latest = *above.last()?;
    (latest.kind() == "marker" && latest.is_latest()).then_some((latest, above.len() == 1))
}

/// Whether a listed item is the planned one. Version ids are unique, except `null`, which every write without
/// versioning reuses.
pub(super) fn is_same(planned: &Item, now: &Item) -> bool {
    planned.kind() == now.kind()
        && (!planned.can_be_overwritten()
            || (&planned.etag, planned.size, planned.written) == (&now.etag, now.size, now.written))
}

/// Keys with a version that is not to be deleted: the version that hides it must stay, too.
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::change::{Claim, What, Why};
    use crate::domain::{ByteSize, StorageClass, VersionId};

    fn item(key: usize, version: usize) -> Item {
        let claim = Claim {
            bucket: BucketName::new("media").unwrap(),
            key: ObjectKey::new(format!("k{key}")).unwrap(),
            why: Why::Key {
                layout: "l".to_owned(),
                tail_parses: true,
            },
        };
        Item {
            claim: Arc::new(claim),
            what: What::Version {
                id: VersionId(version.to_string()),
                is_latest: version == 0,
            },
            size: ByteSize(1),
            etag: None,
            class: StorageClass::default(),
            written: None,
        }
    }

    proptest! {
        #[test]
        fn what_is_planned_is_found_in_whatever_order(
            asked in proptest::sample::subsequence((0..24_usize).collect::<Vec<_>>(), 0..24).prop_shuffle(),
            is_sorted in any::<bool>(),
            listed in proptest::sample::subsequence((0..24_usize).collect::<Vec<_>>(), 0..24),
        ) {
            let of = |n: &usize| item(n / 3, n % 3);
            let items: Vec<Item> = listed.iter().map(of).collect();
            let mut asked = asked;
            if is_sorted {
                asked.sort_unstable();
            }
            let mut there = There::new(&items);
            for n in &asked {
                let found = there.find(&of(n)).map(|(at, item)| (at, item.clone()));
                let place = listed.iter().position(|other| other == n);
                prop_assert_eq!(found, place.map(|at| (at, of(n))));
            }
            let rest: Vec<Item> = there.not_asked_for().cloned().collect();
            let expected: Vec<Item> =
                listed.iter().filter(|n| !asked.contains(n)).map(of).collect();
            prop_assert_eq!(rest, expected);
        }
    }
}
