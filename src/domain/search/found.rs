//! The result of a search: the objects it found, and what it could not cover.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::change::Item;
use crate::domain::coverage::Coverage;
use crate::domain::ownership::ReplicationPath;
use crate::domain::{BucketName, ObjectKey, Region, text, words};

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
    /// What is replicated where, by the blueprint or the buckets' configuration.
    pub(crate) replication: BTreeSet<ReplicationPath>,
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

/// So many keys are named of each reason, and so many reasons.
const KEYS_NAMED: usize = 3;
const REASONS_NAMED: usize = 8;

/// Which keys are contested and why, a sentence for each reason: `s3://media/u/1, s3://media/u/2 and 3 more keys: the layouts
/// … differ`. For screens and tables; receipts name no keys.
#[must_use]
pub(crate) fn contested_in_words(contested: &[Contested]) -> Vec<String> {
    let mut by_reason: BTreeMap<&str, BTreeSet<Place<'_>>> = BTreeMap::new();
    for one in contested {
        let places = by_reason.entry(&one.why).or_default();
        places.insert((&one.item.claim.bucket, &one.item.claim.key));
    }
    let left: usize = by_reason
        .values()
        .skip(REASONS_NAMED)
        .map(BTreeSet::len)
        .sum();
    let mut sentences: Vec<String> = by_reason
        .iter()
        .take(REASONS_NAMED)
        .map(|(why, places)| format!("{}: {}", some_of(places), text::safe(why)))
        .collect();
    if left > 0 {
        let keys = words::counted(left, "more key");
        sentences.push(format!("{keys}, for reasons of their own"));
    }
    sentences
}

type Place<'a> = (&'a BucketName, &'a ObjectKey);

fn some_of(places: &BTreeSet<Place<'_>>) -> String {
    let named = places.iter().take(KEYS_NAMED);
    let named = named.map(|(bucket, key)| format!("s3://{bucket}/{}", text::safe(key.as_str())));
    let named = named.collect::<Vec<_>>().join(", ");
    match places.len().saturating_sub(KEYS_NAMED) {
        0 => named,
        more => format!("{named} and {}", words::counted(more, "more key")),
    }
}

/// The buckets of the account that a search leaves out: the blueprint does not name them, or does not say whose their
/// objects are.
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
    use std::sync::Arc;

    use super::*;
    use crate::domain::change::{Claim, What, Why};
    use crate::domain::{ByteSize, StorageClass};

    fn contested(key: &str, why: &str) -> Contested {
        let claim = Claim {
            bucket: BucketName::new("media").unwrap(),
            key: ObjectKey::new(key).unwrap(),
            why: Why::Record {
                layout: "l".to_owned(),
            },
        };
        let upload = What::Upload { id: "1".to_owned() };
        let item = Item {
            claim: Arc::new(claim),
            what: upload,
            size: ByteSize(0),
            etag: None,
            class: StorageClass::default(),
            written: None,
        };
        Contested {
            item,
            why: why.to_owned(),
        }
    }

    #[test]
    fn contested_keys_are_named_by_reason_each_once_and_some_of_many() {
        let mut all: Vec<Contested> = (0..5).map(|n| contested(&format!("u/{n}"), "b")).collect();
        // Two things under one key.
        all.push(contested("u/0", "b"));
        all.push(contested("u/\u{1b}", "a"));
        assert_eq!(
            contested_in_words(&all),
            [
                "s3://media/u/\\x1b: a",
                "s3://media/u/0, s3://media/u/1, s3://media/u/2 and 2 more keys: b"
            ]
        );
        assert_eq!(contested_in_words(&[]), [] as [&str; 0]);
    }

    #[test]
    fn of_many_reasons_the_last_are_counted() {
        let all: Vec<Contested> = (0..=REASONS_NAMED)
            .map(|n| contested("u/1", &format!("reason {n}")))
            .collect();
        let words = contested_in_words(&all);
        assert_eq!(words.len(), REASONS_NAMED + 1);
        assert_eq!(words[REASONS_NAMED], "1 more key, for reasons of their own");
    }

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
