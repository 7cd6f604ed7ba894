//! Counts rows by owner, storage class, age, layout or prefix.
//!
//! A [`Grouping`] takes rows of columns or objects of a page. Each row belongs to exactly one group.

use chrono::{DateTime, Utc};
use foldhash::{HashMap, HashMapExt};

use super::{Columns, Row};
use crate::domain::blueprint::{BucketBlueprint, Location};
use crate::domain::ownership::{ByKey, by_key};
use crate::domain::{ByteSize, ObjectSummary, OwnerId, StorageClass, Tally};

/// The criterion for groups.
#[derive(Debug, Clone, PartialEq)]
pub enum By {
    /// Their owner.
    Owner(Box<BucketBlueprint>),
    /// The layout of their key.
    Layout(Box<BucketBlueprint>),
    /// Their storage class.
    Class,
    /// Their age at this time.
    Age(DateTime<Utc>),
    /// Their folder.
    Prefix {
        /// The prefix to look below; empty for all.
        under: String,
        /// The depth of folders below the prefix; 1 means its direct children. An object at a smaller depth counts for
        /// its own folder.
        depth: usize,
    },
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// Objects of this owner.
    Owner(OwnerId),
    /// Keys of this layout.
    Layout(String),
    /// Keys that layouts or rules give to different owners.
    Contested,
    /// Keys whose layout tells the owner elsewhere than in the key.
    Unnamed,
    /// Keys that match no layout.
    Unreadable,
    /// Objects of this class.
    Class(StorageClass),
    /// Objects of this age.
    Age(Age),
    /// Objects below this prefix: it ends in `/`, is the requested prefix, or is empty.
    Prefix(String),
    /// Keys that are not below the requested prefix.
    Elsewhere,
}

/// An age range. A month is 30 days, a year 365.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Age {
    /// Less than a day, or in the future.
    Day,
    /// A day to a week.
    Week,
    /// A week to a month.
    Month,
    /// One to three months.
    Quarter,
    /// Three months to a year.
    Year,
    /// One to three years.
    ThreeYears,
    /// More than three years.
    Older,
    /// The server does not return a time.
    Unknown,
}

impl Age {
    /// All ranges, youngest first.
    pub const ALL: [Self; 8] = [
        Self::Day,
        Self::Week,
        Self::Month,
        Self::Quarter,
        Self::Year,
        Self::ThreeYears,
        Self::Older,
        Self::Unknown,
    ];

    /// Its name, for people and scripts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "under 1 day",
            Self::Week => "1 to 7 days",
            Self::Month => "7 to 30 days",
            Self::Quarter => "30 to 90 days",
            Self::Year => "90 to 365 days",
            Self::ThreeYears => "1 to 3 years",
            Self::Older => "over 3 years",
            Self::Unknown => "unknown",
        }
    }

    /// The age range of an object at `now`.
    #[must_use]
    pub fn of(written: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Self {
        let Some(written) = written else {
            return Self::Unknown;
        };
        let age = now.signed_duration_since(written).num_seconds();
        [
            (1, Self::Day),
            (7, Self::Week),
            (30, Self::Month),
            (90, Self::Quarter),
            (365, Self::Year),
            (3 * 365, Self::ThreeYears),
        ]
        .into_iter()
        .find(|&(days, _)| age < days * 24 * 60 * 60)
        .map_or(Self::Older, |(_, age)| age)
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    tally: Tally,
    /// Whether it is in the list of changed groups.
    changed: bool,
}

/// Totals by group, built row by row.
#[derive(Debug, Clone)]
pub struct Grouping {
    by: By,
    tallies: HashMap<Group, Counted>,
    /// Groups that changed since the last call, each once.
    changed: Vec<Group>,
    /// The group and total of the previous row. Neighbours mostly have the same group, which saves a look-up per row.
    open: Option<(Group, Tally)>,
}

impl Grouping {
    /// An empty grouping.
    #[must_use]
    pub fn new(by: By) -> Self {
        Self {
            by,
            tallies: HashMap::new(),
            changed: Vec::new(),
            open: None,
        }
    }

    /// Adds a row.
    pub fn add(&mut self, row: &Row<'_>) {
        let class = row.storage_class;
        self.count(row.key, row.size, row.last_modified, class);
    }

    /// Adds an object of a page.
    pub fn add_object(&mut self, object: &ObjectSummary) {
        self.count(
            object.key.as_str(),
            object.size,
            object.last_modified,
            object.storage_class.as_str(),
        );
    }

    /// Adds all rows.
    pub fn add_all(&mut self, columns: &Columns) {
        let mut rows = columns.rows();
        while let Some(row) = rows.advance() {
            self.add(&row);
        }
    }

    /// The groups that changed since the last call, with their totals, in no order.
    pub fn changes(&mut self) -> Vec<(Group, Tally)> {
        self.close();
        let changed = std::mem::take(&mut self.changed);
        changed
            .into_iter()
            .filter_map(|group| {
                let counted = self.tallies.get_mut(&group)?;
                counted.changed = false;
                let tally = counted.tally;
                Some((group, tally))
            })
            .collect()
    }

    /// All groups with their totals, in order; prefixes and owners by their bytes.
    #[must_use]
    pub fn finish(mut self) -> Vec<(Group, Tally)> {
        self.close();
        let mut groups: Vec<_> = self
            .tallies
            .into_iter()
            .map(|(group, counted)| (group, counted.tally))
            .collect();
        groups.sort_by(|(a, _), (b, _)| a.cmp(b));
        groups
    }

    fn count(&mut self, key: &str, size: ByteSize, written: Option<DateTime<Utc>>, class: &str) {
        if let Some((group, tally)) = &mut self.open
            && self.by.is_still(group, key, written, class)
        {
            tally.count(size, written);
            return;
        }
        let group = self.by.group(key, written, class);
        if let Some((open, tally)) = &mut self.open
            && *open == group
        {
            tally.count(size, written);
            return;
        }
        self.close();
        let mut tally = Tally::default();
        tally.count(size, written);
        self.open = Some((group, tally));
    }

    fn close(&mut self) {
        let Some((group, tally)) = self.open.take() else {
            return;
        };
        if let Some(counted) = self.tallies.get_mut(&group) {
            counted.tally.merge(tally);
            if !counted.changed {
                counted.changed = true;
                self.changed.push(group);
            }
            return;
        }
        self.changed.push(group.clone());
        let changed = true;
        self.tallies.insert(group, Counted { tally, changed });
    }
}

impl By {
    fn group(&self, key: &str, written: Option<DateTime<Utc>>, class: &str) -> Group {
        match self {
            Self::Owner(bucket) => match by_key(bucket, key) {
                ByKey::Owner(owner) => Group::Owner(owner),
                ByKey::Contested(_) => Group::Contested,
                ByKey::Untold => Group::Unnamed,
                ByKey::Unexplained => Group::Unreadable,
            },
            Self::Layout(bucket) => match bucket.locate(key) {
                Location::Owned { layout, .. } | Location::Unnamed { layout } => {
                    Group::Layout(layout.to_owned())
                }
                Location::Unreadable => Group::Unreadable,
            },
            Self::Class => Group::Class(StorageClass::new(class)),
            Self::Age(now) => Group::Age(Age::of(written, *now)),
            Self::Prefix { under, depth } => folder(key, under, *depth)
                .map_or(Group::Elsewhere, |folder| Group::Prefix(folder.to_owned())),
        }
    }

    /// Whether a row belongs to this group, if that is known without computing the row's own group.
    fn is_still(
        &self,
        group: &Group,
        key: &str,
        written: Option<DateTime<Utc>>,
        class: &str,
    ) -> bool {
        match (self, group) {
            (Self::Class, Group::Class(open)) => open.as_str() == class,
            (Self::Age(now), Group::Age(open)) => Age::of(written, *now) == *open,
            (Self::Prefix { under, depth }, Group::Prefix(open)) => {
                folder(key, under, *depth) == Some(open)
            }
            _ => false,
        }
    }
}

/// The folder of a key, at most `depth` levels below `under`; `None` if the key is not below it.
fn folder<'k>(key: &'k str, under: &str, depth: usize) -> Option<&'k str> {
    let below = key.strip_prefix(under)?;
    let length = below
        .match_indices('/')
        .take(depth)
        .last()
        .map_or(0, |(at, slash)| at + slash.len());
    key.get(..under.len() + length)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::{BucketName, ObjectKey};

    fn object(key: &str, size: u64, days: i64, class: &str) -> ObjectSummary {
        ObjectSummary {
            key: ObjectKey::new(key).unwrap(),
            size: ByteSize(size),
            last_modified: (days >= 0).then(|| now() - TimeDelta::days(days)),
            storage_class: StorageClass::new(class),
            etag: None,
        }
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_760_000_000, 0).unwrap()
    }

    fn groups(by: By) -> Vec<(Group, u64, u64)> {
        let mut grouping = Grouping::new(by);
        for object in [
            object("a/u1/x", 1, 0, "STANDARD"),
            object("a/u1/y/z", 2, 8, "GLACIER"),
            object("a/u10/x", 4, 8, "STANDARD"),
            object("b/u1/x", 8, -1, "STANDARD"),
            object("b//x", 16, 4000, "NEW_CLASS"),
            object("loose", 32, 365, "STANDARD"),
        ] {
            grouping.add_object(&object);
        }
        grouping
            .finish()
            .into_iter()
            .map(|(group, tally)| (group, tally.objects, tally.bytes.bytes()))
            .collect()
    }

    #[test]
    fn user_1_and_user_10_are_two_owners_and_one_owner_may_have_two_folders() {
        let bucket = BucketBlueprint::by_depth(BucketName::new("media").unwrap(), 1);
        let owner = |id: &str| Group::Owner(OwnerId::new(id).unwrap());
        assert_eq!(
            groups(By::Owner(Box::new(bucket))),
            [
                (owner("u1"), 3, 11),
                (owner("u10"), 1, 4),
                (Group::Unreadable, 2, 48)
            ]
        );
    }

    #[test]
    fn classes_are_told_apart_by_what_the_service_calls_them() {
        let class = |name: &str| Group::Class(StorageClass::new(name));
        assert_eq!(
            groups(By::Class),
            [
                (class("GLACIER"), 1, 2),
                (class("NEW_CLASS"), 1, 16),
                (class("STANDARD"), 4, 45)
            ]
        );
    }

    #[test]
    fn an_age_begins_with_its_first_day() {
        assert_eq!(
            groups(By::Age(now())),
            [
                (Group::Age(Age::Day), 1, 1),
                (Group::Age(Age::Month), 2, 6),
                (Group::Age(Age::ThreeYears), 1, 32),
                (Group::Age(Age::Older), 1, 16),
                (Group::Age(Age::Unknown), 1, 8),
            ]
        );
        assert_eq!(Age::of(Some(now() + TimeDelta::days(9)), now()), Age::Day);
    }

    #[test]
    fn every_key_is_in_one_folder_at_any_depth() {
        let prefix = |p: &str| Group::Prefix(p.to_owned());
        let by = |under: &str, depth| By::Prefix {
            under: under.to_owned(),
            depth,
        };
        assert_eq!(groups(by("", 0)), [(prefix(""), 6, 63)]);
        assert_eq!(
            groups(by("", 1)),
            [
                (prefix(""), 1, 32),
                (prefix("a/"), 3, 7),
                (prefix("b/"), 2, 24)
            ]
        );
        assert_eq!(
            groups(by("b/", 1)),
            [
                (prefix("b//"), 1, 16),
                (prefix("b/u1/"), 1, 8),
                (Group::Elsewhere, 4, 39)
            ]
        );
        assert_eq!(groups(by("", 3)).iter().map(|g| g.1).sum::<u64>(), 6);
    }

    #[test]
    fn layouts_are_named_by_their_id() {
        let bucket = BucketBlueprint::by_depth(BucketName::new("media").unwrap(), 1);
        assert_eq!(
            groups(By::Layout(Box::new(bucket))),
            [
                (Group::Layout("by-depth".to_owned()), 4, 15),
                (Group::Unreadable, 2, 48)
            ]
        );
    }
}
