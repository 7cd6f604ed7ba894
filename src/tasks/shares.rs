//! Where the bytes of a scan are: the largest groups of each kind, and what all others come to.
//!
//! A bucket may have hundreds of thousands of owners and a screen has fifty lines: ranking is done here, off the screen's
//! thread, and what goes to the screen is as short as what it shows.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::Tally;
use crate::domain::blueprint::BucketBlueprint;
use crate::domain::columns::Columns;
use crate::domain::columns::group::{By, Group, Grouping};

/// Groups that are told one by one: more than any screen has lines for.
const LARGEST: usize = 100;

/// Rows that are counted between two questions whether anybody still wants the answer.
const BETWEEN_QUESTIONS: usize = 4_096;

/// What objects are put together by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aspect {
    /// Whose they are.
    Owner,
    /// Which layout explains their keys.
    Layout,
    /// Their storage class.
    Class,
    /// How long ago they were written.
    Age,
    /// The folder right below the place that they are in.
    Folder,
}

/// The groups by one aspect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Share {
    /// By what.
    pub aspect: Aspect,
    /// The largest by bytes, the largest first; ages in their own order.
    pub largest: Vec<(Group, Tally)>,
    /// How many others there are.
    pub others: usize,
    /// What the others come to together.
    pub rest: Tally,
}

/// Where the bytes are, by every aspect that can be told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Shares {
    /// Everything.
    pub total: Tally,
    /// One for each aspect.
    pub of: Vec<Share>,
}

/// The aspects that objects below a prefix can be seen by, in the order in which they are shown.
#[must_use]
pub(super) fn aspects(
    layouts: Option<&BucketBlueprint>,
    below: &str,
    now: DateTime<Utc>,
) -> Vec<(Aspect, By)> {
    let mut aspects = Vec::new();
    if let Some(layouts) = layouts {
        aspects.push((Aspect::Owner, By::Owner(Box::new(layouts.clone()))));
        aspects.push((Aspect::Layout, By::Layout(Box::new(layouts.clone()))));
    }
    let folder = By::Prefix {
        under: below.to_owned(),
        depth: 1,
    };
    aspects.extend([
        (Aspect::Class, By::Class),
        (Aspect::Age, By::Age(now)),
        (Aspect::Folder, folder),
    ]);
    aspects
}

/// Keeps what each group comes to while changes arrive.
#[derive(Debug, Default)]
pub(super) struct Ranking {
    groups: HashMap<Group, Tally>,
}

impl Ranking {
    pub(super) fn take(&mut self, changes: Vec<(Group, Tally)>) {
        self.groups.extend(changes);
    }

    pub(super) fn get(&self, group: &Group) -> Tally {
        self.groups.get(group).copied().unwrap_or_default()
    }

    pub(super) fn share(&self, aspect: Aspect) -> Share {
        let groups = self.groups.iter().map(|(group, tally)| (group, *tally));
        rank(aspect, groups.collect())
    }
}

/// The largest of some groups, and what the others come to.
pub(super) fn rank(aspect: Aspect, mut groups: Vec<(&Group, Tally)>) -> Share {
    let others = groups.len().saturating_sub(LARGEST);
    let mut rest = Tally::default();
    if others > 0 {
        groups.select_nth_unstable_by(LARGEST, larger_first);
        for (_, tally) in groups.drain(LARGEST..) {
            rest.merge(tally);
        }
    }
    if aspect == Aspect::Age {
        groups.sort_unstable_by_key(|(group, _)| *group);
    } else {
        groups.sort_unstable_by(larger_first);
    }
    let largest = groups
        .into_iter()
        .map(|(group, tally)| (group.clone(), tally));
    Share {
        aspect,
        largest: largest.collect(),
        others,
        rest,
    }
}

/// Of equal groups the first by name is first, so that none changes places without a reason.
fn larger_first((a, of_a): &(&Group, Tally), (b, of_b): &(&Group, Tally)) -> Ordering {
    let sizes = of_b.bytes.cmp(&of_a.bytes);
    sizes.then(of_b.objects.cmp(&of_a.objects)).then(a.cmp(b))
}

/// Where the bytes below some prefixes are; `None` when nobody wanted to know it any more.
pub(crate) fn below(
    columns: &Columns,
    prefixes: &[String],
    layouts: Option<&BucketBlueprint>,
    now: DateTime<Utc>,
    stop: &dyn Fn() -> bool,
) -> Option<Arc<Shares>> {
    let top = match prefixes {
        [only] => only.as_str(),
        _ => "",
    };
    let mut groupings: Vec<(Aspect, Grouping)> = aspects(layouts, top, now)
        .into_iter()
        .map(|(aspect, by)| (aspect, Grouping::new(by)))
        .collect();
    let mut total = Tally::default();
    for range in super::reading::ranges(columns, prefixes) {
        total.merge(columns.tally(range.clone()));
        let mut rows = columns.rows_in(range);
        let mut seen = 0_usize;
        while let Some(row) = rows.advance() {
            if seen.is_multiple_of(BETWEEN_QUESTIONS) && stop() {
                return None;
            }
            seen += 1;
            for (_, grouping) in &mut groupings {
                grouping.add(&row);
            }
        }
    }
    let of = groupings.into_iter().map(|(aspect, grouping)| {
        let groups = grouping.finish();
        rank(
            aspect,
            groups
                .iter()
                .map(|(group, tally)| (group, *tally))
                .collect(),
        )
    });
    Some(Arc::new(Shares {
        total,
        of: of.collect(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::columns::group::Age;
    use crate::domain::{ByteSize, OwnerId, StorageClass};

    fn tally(objects: u64, bytes: u64) -> Tally {
        Tally {
            objects,
            bytes: ByteSize(bytes),
            ..Tally::default()
        }
    }

    #[test]
    fn the_largest_are_told_one_by_one_and_the_others_together() {
        let mut ranking = Ranking::default();
        let owner = |n: u64| Group::Owner(OwnerId::new(format!("user-{n}")).unwrap());
        ranking.take((0..250).map(|n| (owner(n), tally(1, n))).collect());
        // What a group comes to is replaced, not added to.
        ranking.take(vec![(owner(0), tally(7, 1_000))]);
        let share = ranking.share(Aspect::Owner);
        assert_eq!(share.largest[0], (owner(0), tally(7, 1_000)));
        assert_eq!(share.largest[1], (owner(249), tally(1, 249)));
        assert_eq!((share.largest.len(), share.others), (100, 150));
        assert_eq!(share.rest, tally(150, (1..=150).sum()));
    }

    #[test]
    fn ages_stay_in_their_own_order() {
        let mut ranking = Ranking::default();
        ranking.take(vec![
            (Group::Age(Age::Older), tally(1, 900)),
            (Group::Age(Age::Day), tally(1, 1)),
            (Group::Age(Age::Year), tally(1, 500)),
        ]);
        let ages: Vec<Group> = ranking
            .share(Aspect::Age)
            .largest
            .into_iter()
            .map(|(group, _)| group)
            .collect();
        assert_eq!(ages, [Age::Day, Age::Year, Age::Older].map(Group::Age));
    }

    #[test]
    fn of_equal_groups_the_first_by_name_comes_first() {
        let mut ranking = Ranking::default();
        let class = |name: &str| Group::Class(StorageClass::new(name));
        ranking.take(vec![(class("B"), tally(1, 5)), (class("A"), tally(1, 5))]);
        let share = ranking.share(Aspect::Class);
        assert_eq!(share.largest[0].0, class("A"));
    }
}
