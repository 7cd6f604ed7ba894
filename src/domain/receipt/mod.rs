//! A receipt: what was planned, what is gone and what is not, sealed, and without a key of the user whose media is gone.
//!
//! The file is canonical JSON ([`canonical`]): one way to write it, so that its digest can be made anew. Each item is an
//! HMAC-SHA256 of what it was ([`seal::Secret::item`]), and all of them are the leaves of a Merkle tree ([`merkle`]).
//! Whoever holds the secret can show that a given object is among them; nobody else can guess at one. [`verify`](verify())
//! checks a receipt without a network and names the first thing that does not hold; [`page`] makes it readable.
//!
//! What that proves: that the file is whole and was not edited in part; with the secret, that this installation wrote it.
//! It does not prove anything against an operator who holds the secret and rewrites everything.

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
use crate::domain::words;

/// The form of the file.
pub(crate) const SCHEMA: &str = "s3warden/receipt/2";

/// What was done. The order of these fields does not matter: canonical JSON sorts them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// [`SCHEMA`].
    pub schema: String,
    /// The plan's case.
    pub case: String,
    /// The version of the program.
    pub tool: String,
    /// Whose credentials deleted.
    pub operator: Operator,
    /// The endpoint, where it is not AWS's.
    pub endpoint: Option<String>,
    /// The blueprint's name.
    pub blueprint: String,
    /// Its hash.
    pub blueprint_sha256: String,
    /// What was done to the items.
    pub act: Act,
    /// What it was about, in words that name no user.
    pub subject: String,
    /// HMAC-SHA256 of the user's id, or of what else it was about.
    pub subject_hmac: String,
    /// The user's id as it was given, where that was asked for.
    pub subject_as_given: Option<String>,
    /// Which secret the HMACs were made with.
    pub key_id: String,
    /// Whether the user still existed by the application's list; nothing where it was about no user.
    pub existence: Option<Existence>,
    /// Why the user was purged although the list still held them.
    pub owner_still_exists: Option<String>,
    /// When the plan was made.
    pub planned_at: DateTime<Utc>,
    /// When deleting began.
    pub began_at: DateTime<Utc>,
    /// When the things were last seen to be there, right before the first was deleted. Receipts from before this was
    /// written down hold nothing here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<DateTime<Utc>>,
    /// When everything had been listed again.
    pub verified_at: DateTime<Utc>,
    /// What each bucket comes to.
    pub buckets: BTreeMap<String, BucketCounts>,
    /// Each thing of the plan.
    pub items: Vec<SealedItem>,
    /// The root of the tree over `items`.
    pub merkle_root: String,
    /// Things that were found when everything was listed again and that the plan does not hold; they are left alone.
    pub appeared: u64,
    /// What could not be searched, and why.
    pub not_searched: Vec<NotSearched>,
    /// What more than this user may have a claim to: it was left alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contested: Vec<ContestedIn>,
    /// The buckets of the account that were not searched: the blueprint does not say whose their objects are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_buckets: Option<OtherBuckets>,
    /// The annotations of the versions of the plan, as they were counted for it: they go with their objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<AnnotationCount>,
    /// Where it was tried out whether conditions are heeded, and what came of it.
    pub conditions: Vec<ConditionNote>,
    /// In which way something newer could have been hit, where the endpoint left one open.
    pub window: Option<String>,
    /// The file beside this one that holds the delete markers that were made. It holds keys.
    pub markers: Option<Beside>,
    /// The file beside this one that holds the paths that a CDN may still answer. It holds keys.
    pub invalidation: Option<Beside>,
    /// The head of the audit chain before this receipt.
    pub audit_head: String,
    /// SHA-256 of this document without `digest` and `seal`.
    pub digest: String,
    /// HMAC-SHA256 of the same.
    pub seal: String,
}

/// One thing of the plan, without its key. The fields stand in the order of canonical JSON, for there may be millions:
/// as serde writes one, it is canonical.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedItem {
    /// The bucket.
    pub bucket: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// HMAC-SHA256 of what it was.
    pub hmac: String,
    /// `version`, `marker` or `upload`.
    pub kind: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it is still there; nothing where it is gone.
    pub reason: Option<String>,
}

/// A file that stands beside a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beside {
    /// Its name, in the receipt's folder.
    pub file: String,
    /// How many things it holds.
    pub entries: u64,
    /// The SHA-256 of all of it.
    pub sha256: String,
}

/// Whether a bucket heeds a condition when something is deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionNote {
    /// The bucket.
    pub bucket: String,
    /// Whether it was shown to, on an object of our own.
    pub heeded: bool,
    /// Why it was not shown.
    pub why: Option<String>,
    /// What could not be taken away again of that object, and why.
    pub left: Option<String>,
}

/// What became of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Seen right before, deleted by a request of this change, listed again and gone. S3 answers alike whether or not
    /// something was still there: another program that deleted the same between the two looks may claim it as well. People
    /// therefore read "gone"; the word in documents is as old as they are.
    Deleted,
    /// Still there, and what was to be done to it is done by this change, as looking at it again showed.
    Done,
    /// Gone, or done already, before this change came to it.
    GoneBefore,
    /// Still as it was, and left so for the reason given.
    Retained,
    /// Still as it was although it was tried.
    StillThere,
}

/// A number of items and their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// How many.
    pub items: u64,
    /// How large together.
    pub bytes: u64,
}

/// What one bucket comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketCounts {
    /// Its Region, where the service tells.
    pub region: Option<String>,
    /// What the plan holds of it.
    pub planned: Amount,
    /// Deleted by this change, listed again and gone.
    pub deleted: Amount,
    /// Still there, and done to by this change.
    pub done: Amount,
    /// Gone, or done already, before this change came to it.
    pub gone_before: Amount,
    /// Still as it was for a reason.
    pub retained: Amount,
    /// Still as it was although it was tried.
    pub still_there: Amount,
}

impl Amount {
    fn add(&mut self, bytes: u64) {
        self.items += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

impl BucketCounts {
    /// Adds an item to what was planned and to what became of it.
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
    /// Whether there is nothing more to do.
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Deleted | Self::Done | Self::GoneBefore)
    }

    /// In a word, by what was to be done: a marker that was taken away, too, is gone.
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
    /// How many things came to this.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> u64 {
        let items = self.items.iter().filter(|item| item.outcome == outcome);
        whole(items.count())
    }

    /// Why things are still as they were, and how many.
    #[must_use]
    pub fn left(&self) -> BTreeMap<&str, u64> {
        let mut left = BTreeMap::new();
        for item in self.items.iter().filter(|item| !item.outcome.is_settled()) {
            let why = item.reason.as_deref().unwrap_or("it did not succeed");
            *left.entry(why).or_default() += 1;
        }
        left
    }

    /// Whether nothing is left, nothing appeared and everything was searched. What says `complete` or that all is done
    /// asks this and nothing else.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.appeared == 0
            && self.not_searched.is_empty()
            && self.items.iter().all(|item| item.outcome.is_settled())
    }

    /// Why it is not whole, a clause each.
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

    /// Puts in what follows from the rest: counts, root, digest and seal.
    ///
    /// # Errors
    /// Never in practice: serde's, for a value that JSON cannot hold.
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

    /// The file.
    ///
    /// # Errors
    /// Never in practice: serde's.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        self.file(&Written::of(&self.items)?)
    }

    fn file(&self, items: &Written) -> Result<String, serde_json::Error> {
        document(&self.head(), items).map(|text| text + "\n")
    }

    /// What digest and seal are of.
    fn body(&self, items: &Written) -> Result<String, serde_json::Error> {
        let mut head = self.head();
        head.digest.clear();
        head.seal.clear();
        document(&head, items)
    }

    /// All but the items.
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

/// Items that are written by one thread, when there are more.
const MANY: usize = 8_192;

/// Items as they stand in the file, one after the other with a comma between two. Each is a leaf of the tree: what it was
/// and what became of it.
struct Written {
    text: Vec<u8>,
    /// Where each ends.
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

/// Canonical JSON of a receipt that has no items itself, with these. What stands there but for the items is small, and
/// sorted; items are as they have to be.
fn document(head: &Receipt, items: &Written) -> Result<String, serde_json::Error> {
    const EMPTY: &str = r#""items":[]"#;
    let head = canonical::text(head)?;
    // In no string of JSON can this stand: its quotes would be escaped there.
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
