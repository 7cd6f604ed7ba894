//! The result of a search: the objects it found, and what it could not cover.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::change::Item;
use crate::domain::coverage::Coverage;
use crate::domain::{BucketName, ObjectKey, Region};

/// The result of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<E> {
    /// Everything found, by bucket and key. Under a key: versions and delete markers newest first, then uploads.
    pub items: Vec<Item>,
    /// Items that may not be the user's alone, in the same order. They must not be deleted on behalf of this user. The
    /// coverage gives their number.
    pub contested: Vec<Contested>,
    /// The searched buckets, each with its Region if S3 reported it.
    pub searched: BTreeMap<BucketName, Option<Region>>,
    /// Pairs of replication source and destination, from the blueprint or the buckets' configuration.
    pub replication: BTreeSet<(BucketName, BucketName)>,
    /// Keys whose metadata was read and names the user. Only keys whose owner is given by metadata alone.
    pub told: BTreeSet<(BucketName, ObjectKey)>,
    /// How many HEAD requests would be needed to determine all owners. `None` if they were allowed.
    pub heads_wanted: Option<u64>,
    /// Layouts that no object of this user can match, and why: `(bucket, layout, why)`.
    pub impossible: Vec<(BucketName, String, String)>,
    /// The buckets of the account that the blueprint does not mention, or mentions without a layout. They were not
    /// searched. `None` if the account was not asked for them.
    pub other_buckets: Option<OtherBuckets>,
    /// Complete, or what could not be searched and why.
    pub coverage: Coverage<E>,
}

/// An item that may belong to another user, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contested {
    /// The item. Its claim is the evidence that it is the user's.
    pub item: Item,
    /// The evidence against that: a sentence without a full stop.
    pub why: String,
}

/// The buckets of the account that the search leaves out, because the blueprint does not mention them or gives no owner
/// for their objects.
///
/// They probably belong to other applications, so they make neither a search nor a purge incomplete. The user may still
/// have objects there, so the result names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OtherBuckets {
    /// Exactly these buckets, by name.
    Names(Vec<BucketName>),
    /// The buckets could not be listed, and why.
    NotListed(String),
}

/// How many bucket names to print before "and N more".
const NAMES_SAID: usize = 3;

impl OtherBuckets {
    /// A sentence without a full stop; `None` if there is nothing to report.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        match self {
            Self::NotListed(why) => Some(format!(
                "other buckets of the account were not searched, and could not be listed: {why}"
            )),
            Self::Names(buckets) => named(buckets),
        }
    }
}

/// `12 other buckets of the account were not searched: a, b, c and 9 more`.
fn named(buckets: &[BucketName]) -> Option<String> {
    let (count, whose) = match buckets.len() {
        0 => return None,
        1 => ("1 other bucket of the account was".to_owned(), "its"),
        more => (format!("{more} other buckets of the account were"), "their"),
    };
    let said = buckets.iter().take(NAMES_SAID).map(BucketName::as_str);
    let said: Vec<&str> = said.collect();
    let more = match buckets.len() - said.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let said = said.join(", ");
    Some(format!(
        "{count} not searched: {said}{more}; the blueprint does not say whose {whose} objects are"
    ))
}

impl<E> Default for Found<E> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            contested: Vec::new(),
            searched: BTreeMap::new(),
            replication: BTreeSet::new(),
            told: BTreeSet::new(),
            heads_wanted: None,
            impossible: Vec::new(),
            other_buckets: None,
            coverage: Coverage::Complete,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_buckets_are_counted_and_few_of_them_named() {
        let buckets = |count: usize| {
            let names = (0..count).map(|n| BucketName::new(format!("app-{n}")).unwrap());
            OtherBuckets::Names(names.collect()).words()
        };
        assert_eq!(buckets(0), None);
        let one = "1 other bucket of the account was not searched: app-0; the blueprint does not say whose its objects are";
        assert_eq!(buckets(1).unwrap(), one);
        let many = buckets(12).unwrap();
        assert!(
            many.starts_with(
                "12 other buckets of the account were not searched: app-0, app-1, app-2 and 9 more"
            ),
            "{many}"
        );
    }
}
