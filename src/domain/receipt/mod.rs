//! Receipts: a sealed record of what a change planned, deleted and left, without the user's keys.
//!
//! The file is canonical JSON ([`canonical`]), so its digest can be computed again. Each item is an HMAC-SHA256 of its
//! identity ([`seal::Secret::item`]), and the items are the leaves of a Merkle tree ([`merkle`]). Whoever has the
//! secret can prove that an object is in the receipt; nobody else can guess one. [`verify`](verify()) checks a receipt
//! offline and reports the first error. [`page`] formats it for people.
//!
//! A receipt proves that the file is complete and was not edited. With the secret, it proves that this installation
//! wrote it. It proves nothing against an operator who has the secret and rewrites the whole receipt.

pub(crate) mod canonical;
pub(crate) mod invalidation;
pub(crate) mod merkle;
pub(crate) mod page;
pub(crate) mod seal;
mod verify;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub(crate) use seal::Secret;
pub(crate) use verify::Seal;
pub use verify::verify;

use crate::domain::change::Act;
use crate::domain::change::plan::{AnnotationCount, ContestedIn, Existence, NotSearched, Operator};
use crate::domain::search::OtherBuckets;
use crate::domain::size::whole;
use crate::domain::{BucketName, words};

/// The format id.
pub(crate) const SCHEMA: &str = "s3warden/receipt/2";

/// The record of a change. The order of the fields does not matter, because canonical JSON sorts them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// [`SCHEMA`].
    pub schema: String,
    /// The case id of the plan.
    pub case: String,
    /// The version of s3warden.
    pub tool: String,
    /// The operator whose credentials made the change.
    pub operator: Operator,
    /// The endpoint, if it is not AWS.
    pub endpoint: Option<String>,
    /// The blueprint's name.
    pub blueprint: String,
    /// The hash of the blueprint.
    pub blueprint_sha256: String,
    /// What was done to the items.
    pub act: Act,
    /// What the change was about, without the name of a user.
    pub subject: String,
    /// HMAC-SHA256 of the user's id, or of another subject.
    pub subject_hmac: String,
    /// The user's id in plain text, if the operator asked for it.
    pub subject_as_given: Option<String>,
    /// The id of the secret for the HMACs.
    pub key_id: String,
    /// Whether the user still existed according to the application's list; absent if the change was not about a user.
    pub existence: Option<Existence>,
    /// The reason for purging the user although the list still contains them.
    pub owner_still_exists: Option<String>,
    /// When the plan was made.
    pub planned_at: DateTime<Utc>,
    /// When the change began.
    pub began_at: DateTime<Utc>,
    /// When the items were last seen, directly before the first deletion. Absent in older receipts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<DateTime<Utc>>,
    /// When the final listing was complete.
    pub verified_at: DateTime<Utc>,
    /// The totals of each bucket.
    pub buckets: BTreeMap<String, BucketCounts>,
    /// Every item of the plan.
    pub items: Vec<SealedItem>,
    /// The Merkle root of `items`.
    pub merkle_root: String,
    /// Number of new items in the final listing that are not in the plan. They were not touched.
    pub appeared: u64,
    /// What could not be searched, and why.
    pub not_searched: Vec<NotSearched>,
    /// Items that may belong to other users, too. They were not touched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contested: Vec<ContestedIn>,
    /// The buckets of the account that were not searched, because the blueprint gives no owner for their objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_buckets: Option<OtherBuckets>,
    /// Buckets with keys that no layout and no rule explains, and that were not searched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unexplained: Vec<BucketName>,
    /// The annotations of the plan's versions, as counted for the plan. S3 deletes them with their objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<AnnotationCount>,
    /// Whether each bucket honours conditional deletes, according to a test.
    pub conditions: Vec<ConditionNote>,
    /// How a newer object could have been hit, if the endpoint left such a possibility.
    pub window: Option<String>,
    /// The file in the same folder with the delete markers that were created. It contains keys.
    pub markers: Option<Beside>,
    /// The file in the same folder with the paths that a CDN may still cache. It contains keys.
    pub invalidation: Option<Beside>,
    /// The head of the audit log's hash chain before this receipt.
    pub audit_head: String,
    /// SHA-256 of this document without `digest` and `seal`.
    pub digest: String,
    /// HMAC-SHA256 of the same text.
    pub seal: String,
}

/// An item of the plan without its key. The fields are in the order of canonical JSON, so that serde's output is
/// already canonical: there may be millions of items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedItem {
    /// The bucket.
    pub bucket: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// HMAC-SHA256 of its identity.
    pub hmac: String,
    /// `version`, `marker` or `upload`.
    pub kind: String,
    /// What happened to it.
    pub outcome: Outcome,
    /// Why it still exists; absent if it does not.
    pub reason: Option<String>,
}

/// A file in the same folder as the receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beside {
    /// Its file name.
    pub file: String,
    /// The number of its entries.
    pub entries: u64,
    /// The SHA-256 of the file.
    pub sha256: String,
}

/// Whether a bucket honours a condition on a deletion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionNote {
    /// The bucket.
    pub bucket: String,
    /// Whether a test with s3warden's own object showed it.
    pub heeded: bool,
    /// Why it was not shown.
    pub why: Option<String>,
    /// What could not be removed of the test object, and why.
    pub left: Option<String>,
}

/// What happened to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Seen directly before, deleted by a request of this change, and gone in the final listing. S3's response is the
    /// same whether or not the object existed. Another program that deleted it between the two listings may claim it,
    /// too, so people read "gone". Documents keep the old word.
    Deleted,
    /// Still there, and changed by this change as planned; the final check confirmed it.
    Done,
    /// Gone, or already changed, before this change reached it.
    GoneBefore,
    /// Unchanged for the given reason.
    Retained,
    /// Unchanged although the change was tried.
    StillThere,
}

/// A number of items and their size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// Number of items.
    pub items: u64,
    /// Their total size in bytes.
    pub bytes: u64,
}

/// The totals of one bucket.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketCounts {
    /// Its Region, if the service reported it.
    pub region: Option<String>,
    /// Items in the plan.
    pub planned: Amount,
    /// Deleted by this change, and gone in the final listing.
    pub deleted: Amount,
    /// Still there, and changed by this change.
    pub done: Amount,
    /// Gone, or already changed, before this change reached them.
    pub gone_before: Amount,
    /// Unchanged for a reason.
    pub retained: Amount,
    /// Unchanged although the change was tried.
    pub still_there: Amount,
}

impl Amount {
    fn add(&mut self, bytes: u64) {
        self.items += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

impl BucketCounts {
    /// Adds an item to the planned total and to the total of its outcome.
    pub fn add(&mut self, item: &SealedItem) {
        self.planned.add(item.bytes);
        match item.outcome {
            Outcome::Deleted => self.deleted.add(item.bytes),
            Outcome::Done => self.done.add(item.bytes),
            Outcome::GoneBefore => self.gone_before.add(item.bytes),
            Outcome::Retained => self.retained.add(item.bytes),
            Outcome::StillThere => self.still_there.add(item.bytes),
        }
    }
}

impl Outcome {
    /// Whether nothing remains to be done.
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Deleted | Self::Done | Self::GoneBefore)
    }

    /// A word for the outcome, depending on the act: a delete marker that was removed is "gone", too.
    #[must_use]
    pub fn word(self, act: &Act) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Done => act.done(),
            Self::GoneBefore => "gone-before",
            Self::Retained => "retained",
            Self::StillThere => "still-there",
        }
    }
}

impl Receipt {
    /// Which buckets have keys that nothing explains: a sentence without a full stop; `None` if none has. It names no
    /// key, because a folder's name may be a user's id.
    #[must_use]
    pub fn unexplained_in_words(&self) -> Option<String> {
        let buckets: Vec<&str> = self.unexplained.iter().map(BucketName::as_str).collect();
        (!buckets.is_empty()).then(|| {
            format!(
                "in {}, no layout explains some keys, or not all could be looked at: those were not searched",
                buckets.join(", ")
            )
        })
    }

    /// The number of items with this outcome.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> u64 {
        let items = self.items.iter().filter(|item| item.outcome == outcome);
        whole(items.count())
    }

    /// The reasons for unchanged items, with counts.
    #[must_use]
    pub fn left(&self) -> BTreeMap<&str, u64> {
        let mut left = BTreeMap::new();
        for item in self.items.iter().filter(|item| !item.outcome.is_settled()) {
            let why = item.reason.as_deref().unwrap_or("it did not succeed");
            *left.entry(why).or_default() += 1;
        }
        left
    }

    /// Whether nothing is left, nothing new appeared and everything was searched. Every message that says `complete`
    /// depends on this.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.appeared == 0
            && self.not_searched.is_empty()
            && self.items.iter().all(|item| item.outcome.is_settled())
    }

    /// Why it is not complete, one clause each.
    #[must_use]
    pub fn not_whole(&self) -> Vec<String> {
        let left: u64 = self.left().values().sum();
        let keys: u64 = self.contested.iter().map(|of_bucket| of_bucket.keys).sum();
        let gaps = self.not_searched.iter();
        let gaps = gaps.filter(|gap| gap.label() != "contested").count();
        let gaps = whole(gaps);
        let clauses = [
            (left, words::counted_are(left, "thing"), "left"),
            (keys, words::counted_are(keys, "contested key"), "left"),
            (
                self.appeared,
                words::counted_were(self.appeared, "thing"),
                "found beside the plan",
            ),
            (gaps, words::counted_were(gaps, "place"), "not searched"),
        ];
        let clauses = clauses.into_iter().filter(|(number, ..)| *number > 0);
        clauses
            .map(|(_, number, what)| format!("{number} {what}"))
            .collect()
    }

    /// Computes the totals, the root, the digest and the seal.
    ///
    /// # Errors
    /// A serde error if JSON cannot represent a value; never in practice.
    pub fn sealed(mut self, secret: &Secret) -> Result<Self, serde_json::Error> {
        for item in &self.items {
            if !self.buckets.contains_key(&item.bucket) {
                let none = BucketCounts::default();
                self.buckets.insert(item.bucket.clone(), none);
            }
            if let Some(counts) = self.buckets.get_mut(&item.bucket) {
                counts.add(item);
            }
        }
        self.key_id = secret.id();
        let items = Written::of(&self.items)?;
        self.merkle_root = merkle::root(&items.each());
        let body = self.body(&items)?;
        self.digest = canonical::digest(&body);
        self.seal = secret.seal(&body);
        Ok(self)
    }

    /// Serializes the file.
    ///
    /// # Errors
    /// A serde error; never in practice.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        self.file(&Written::of(&self.items)?)
    }

    fn file(&self, items: &Written) -> Result<String, serde_json::Error> {
        document(&self.head(), items).map(|text| text + "\n")
    }

    /// The text to which digest and seal apply.
    fn body(&self, items: &Written) -> Result<String, serde_json::Error> {
        let mut head = self.head();
        head.digest.clear();
        head.seal.clear();
        document(&head, items)
    }

    /// The receipt without its items.
    fn head(&self) -> Self {
        Self {
            items: Vec::new(),
            schema: self.schema.clone(),
            case: self.case.clone(),
            tool: self.tool.clone(),
            operator: self.operator.clone(),
            endpoint: self.endpoint.clone(),
            blueprint: self.blueprint.clone(),
            blueprint_sha256: self.blueprint_sha256.clone(),
            act: self.act.clone(),
            subject: self.subject.clone(),
            subject_hmac: self.subject_hmac.clone(),
            subject_as_given: self.subject_as_given.clone(),
            key_id: self.key_id.clone(),
            existence: self.existence.clone(),
            owner_still_exists: self.owner_still_exists.clone(),
            planned_at: self.planned_at,
            began_at: self.began_at,
            seen_at: self.seen_at,
            verified_at: self.verified_at,
            buckets: self.buckets.clone(),
            merkle_root: self.merkle_root.clone(),
            appeared: self.appeared,
            not_searched: self.not_searched.clone(),
            contested: self.contested.clone(),
            other_buckets: self.other_buckets.clone(),
            unexplained: self.unexplained.clone(),
            annotations: self.annotations.clone(),
            conditions: self.conditions.clone(),
            window: self.window.clone(),
            markers: self.markers.clone(),
            invalidation: self.invalidation.clone(),
            audit_head: self.audit_head.clone(),
            digest: self.digest.clone(),
            seal: self.seal.clone(),
        }
    }
}

/// With more items than this, several threads serialize them.
const MANY: usize = 8_192;

/// Serialized items with commas between them. Each is a leaf of the Merkle tree.
struct Written {
    text: Vec<u8>,
    /// The end of each item.
    ends: Vec<usize>,
}

impl Written {
    fn of(items: &[SealedItem]) -> Result<Self, serde_json::Error> {
        let parts: Vec<_> = items.par_chunks(MANY).map(Self::one_by_one).collect();
        let mut all = Self {
            text: Vec::with_capacity(256 * items.len()),
            ends: Vec::with_capacity(items.len()),
        };
        for part in parts {
            let part = part?;
            if !all.text.is_empty() {
                all.text.push(b',');
            }
            let start = all.text.len();
            all.text.extend_from_slice(&part.text);
            all.ends.extend(part.ends.iter().map(|end| start + end));
        }
        Ok(all)
    }

    fn one_by_one(items: &[SealedItem]) -> Result<Self, serde_json::Error> {
        let mut text = Vec::with_capacity(256 * items.len());
        let mut ends = Vec::with_capacity(items.len());
        for item in items {
            if !text.is_empty() {
                text.push(b',');
            }
            serde_json::to_writer(&mut text, item)?;
            ends.push(text.len());
        }
        Ok(Self { text, ends })
    }

    fn each(&self) -> Vec<&[u8]> {
        let mut start = 0;
        let each = self.ends.iter().map(|end| {
            let item = self.text.get(start..*end).unwrap_or_default();
            start = end + 1;
            item
        });
        each.collect()
    }
}

/// Inserts serialized items into the canonical JSON of a receipt without items. The rest is small and gets sorted; the
/// items are already canonical.
fn document(head: &Receipt, items: &Written) -> Result<String, serde_json::Error> {
    const EMPTY: &str = r#""items":[]"#;
    let head = canonical::text(head)?;
    // No JSON string can contain this text, because its quotation marks would be escaped there.
    let (before, after) = head.split_once(EMPTY).unwrap_or((&head, ""));
    let mut text = Vec::with_capacity(head.len() + items.text.len());
    text.extend_from_slice(before.as_bytes());
    text.extend_from_slice(EMPTY.trim_end_matches(']').as_bytes());
    text.extend_from_slice(&items.text);
    text.push(b']');
    text.extend_from_slice(after.as_bytes());
    String::from_utf8(text).map_err(serde::ser::Error::custom)
}

#[cfg(test)]
mod tests;
