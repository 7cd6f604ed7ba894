//! A plan: what is to be done to what, whose it is, and by whose authority. A file of JSON Lines.
//!
//! The first line is the [`Header`], then an item a line, then a line with the number of items, their bytes and the
//! SHA-256 of everything before it. The sum tells damage; whoever edits a plan on purpose can make the sum anew. So
//! nothing in a plan is believed: what reads one [proves](super::proof) each item's ownership again.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use chrono::{DateTime, Utc};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::{Act, Item, Subject};
use crate::domain::blueprint::Blueprint;
use crate::domain::hex::hex;
use crate::domain::search::{Contested, OtherBuckets};
use crate::domain::size::whole;
use crate::domain::{BucketName, ByteSize, InvalidName, ObjectKey, OwnerId, words};

/// The form of the file.
pub(crate) const FORMAT: &str = "s3warden/plan/2";

/// The largest file that is read, in bytes: some ten million items.
pub(crate) const MOST_BYTES: u64 = 4 << 30;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Whose, by whom, by which rules.
    pub header: Header,
    /// The items, by bucket and key; under a key newest first.
    pub items: Vec<Item>,
}

/// What is to be done to whose things, by whom, by which rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// [`FORMAT`].
    pub format: String,
    /// The case: 32 hexadecimal digits made for this plan.
    pub case: String,
    /// What it is about.
    pub subject: Subject,
    /// What is done to the items.
    pub act: Act,
    /// When the plan was made.
    pub made_at: DateTime<Utc>,
    /// The version of the program that made it.
    pub tool: String,
    /// Whose credentials found it.
    pub operator: Operator,
    /// The endpoint, where it is not AWS's.
    pub endpoint: Option<String>,
    /// The blueprint's name.
    pub blueprint: String,
    /// [`blueprint_hash`].
    pub blueprint_sha256: String,
    /// The buckets that were searched and their Regions, where the service tells.
    pub regions: BTreeMap<String, Option<String>>,
    /// Whether the user still exists.
    pub existence: Existence,
    /// What could not be searched, and why.
    pub not_searched: Vec<NotSearched>,
    /// What more than this user may have a claim to: it is no part of the plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contested: Vec<ContestedIn>,
    /// The buckets of the account that were not searched: the blueprint does not say whose their objects are; `None` where nobody
    /// asked for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_buckets: Option<OtherBuckets>,
    /// The list of keys that it was made by, where one says whose keys are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_list: Option<String>,
    /// The annotations that are removed with the versions; `None` where none are, or where the plan is from before they were
    /// counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<AnnotationCount>,
}

/// How many annotations go with the versions of a plan: S3 removes them together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnnotationCount {
    /// Versions whose annotations were counted.
    pub asked: u64,
    /// Versions of which it is not known whether they have any.
    pub unknown: u64,
    /// Annotations of those that were counted.
    pub annotations: u64,
    /// Their bytes, which are part of no object's size.
    pub bytes: u64,
    /// Why the others are not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl AnnotationCount {
    /// The counts of several plans together; `None` where none has a version.
    #[must_use]
    pub fn sum<'c>(counts: impl IntoIterator<Item = &'c Self>) -> Option<Self> {
        let mut counts = counts.into_iter();
        let first = counts.next()?.clone();
        Some(counts.fold(first, |sum, one| Self {
            asked: sum.asked.saturating_add(one.asked),
            unknown: sum.unknown.saturating_add(one.unknown),
            annotations: sum.annotations.saturating_add(one.annotations),
            bytes: sum.bytes.saturating_add(one.bytes),
            why: sum.why.or_else(|| one.why.clone()),
        }))
    }

    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        let counted = format!(
            "{} ({}) of {} go with their objects",
            words::counted(self.annotations, "annotation"),
            ByteSize(self.bytes),
            words::counted(self.asked, "version")
        );
        if self.unknown == 0 {
            return counted;
        }
        let why = self.why.as_deref().unwrap_or("nobody asked");
        let unknown = format!(
            "how many annotations {} have is not known ({why}); S3 removes them with their objects",
            words::counted(self.unknown, "version")
        );
        if self.asked == 0 {
            unknown
        } else {
            format!("{counted}; {unknown}")
        }
    }
}

/// Whose credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// The account's id.
    pub account: String,
    /// The user or role session in full; what the server calls the account, or what was stated, where no ARN is known.
    pub arn: String,
    /// How that is known. Plans and receipts from before this was written down hold nothing here: it was STS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<OperatorSource>,
}

/// How it is known whose credentials these are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperatorSource {
    /// STS said so.
    Sts,
    /// The server named the owner of the buckets that it listed.
    ListBuckets,
    /// The operator said so, and nobody can check it.
    Stated,
}

impl Operator {
    /// In words: who, and how that is known where it is not by STS.
    #[must_use]
    pub fn words(&self) -> String {
        let who = if self.arn.is_empty() {
            &self.account
        } else {
            &self.arn
        };
        match self.source {
            None | Some(OperatorSource::Sts) => who.clone(),
            Some(OperatorSource::ListBuckets) => format!("{who} (the owner in ListBuckets)"),
            Some(OperatorSource::Stated) => format!("{who} (as stated, not checked)"),
        }
    }
}

/// Whether the user still exists, by the application's own list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Existence {
    /// The blueprint names no list of owners.
    NotChecked,
    /// The list does not hold the user.
    Gone {
        /// Where the list is, in words.
        stated: String,
        /// When it was read.
        read_at: DateTime<Utc>,
        /// When it was made; `None` where nobody knows, and in plans that were made before this was noted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        made_at: Option<DateTime<Utc>>,
    },
    /// The list does not hold the user as the id is written, and may hold them in another form or in a row that cannot be
    /// read.
    Suspect {
        /// Where the list is, in words.
        stated: String,
        /// When it was read.
        read_at: DateTime<Utc>,
        /// When it was made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        made_at: Option<DateTime<Utc>>,
        /// Why, in a clause that follows "but".
        why: String,
    },
    /// The list holds the user.
    Exists {
        /// Where the list is, in words.
        stated: String,
        /// When it was read.
        read_at: DateTime<Utc>,
        /// When it was made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        made_at: Option<DateTime<Utc>>,
    },
}

impl Existence {
    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::NotChecked => {
                "not checked: the blueprint names no list of living owners".to_owned()
            }
            Self::Gone {
                stated, made_at, ..
            } => format!("{} does not hold this user", dated(stated, *made_at)),
            Self::Suspect {
                stated,
                made_at,
                why,
                ..
            } => format!(
                "{} does not hold this user as the id is written, but {why}",
                dated(stated, *made_at)
            ),
            Self::Exists {
                stated, made_at, ..
            } => format!("{} still holds this user", dated(stated, *made_at)),
        }
    }

    /// Where the list is that says so; `None` where none was read.
    #[must_use]
    pub fn list(&self) -> Option<&str> {
        match self {
            Self::NotChecked => None,
            Self::Gone { stated, .. }
            | Self::Suspect { stated, .. }
            | Self::Exists { stated, .. } => Some(stated),
        }
    }

    /// Whether the user exists, or may: what is theirs is then deleted for a stated reason alone.
    #[must_use]
    pub fn needs_reason(&self) -> bool {
        match self {
            Self::NotChecked | Self::Gone { .. } => false,
            Self::Suspect { .. } | Self::Exists { .. } => true,
        }
    }
}

/// `/srv/users.txt (made 2026-03-01 09:00 UTC)`.
fn dated(stated: &str, made_at: Option<DateTime<Utc>>) -> String {
    match made_at {
        Some(made) => format!("{stated} (made {})", made.format("%Y-%m-%d %H:%M UTC")),
        None => stated.to_owned(),
    }
}

/// Something that could not be searched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotSearched {
    /// What.
    pub what: String,
    /// Why.
    pub why: String,
}

impl NotSearched {
    /// What is said before it: what is contested was searched, and is left.
    #[must_use]
    pub fn label(&self) -> &'static str {
        let is_contested = [" is contested", " are contested"]
            .iter()
            .any(|end| self.what.ends_with(end));
        if is_contested {
            "contested"
        } else {
            "not searched"
        }
    }

    /// In a sentence without a full stop: `not searched: the uploads of media: access denied`.
    #[must_use]
    pub fn words(&self) -> String {
        format!("{}: {}: {}", self.label(), self.what, self.why)
    }
}

/// What of one bucket is contested. Without keys: receipts hold it, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContestedIn {
    /// The bucket.
    pub bucket: String,
    /// Versions, markers and uploads.
    pub items: u64,
    /// The keys that they are under.
    pub keys: u64,
}

impl ContestedIn {
    /// What is contested, by bucket.
    #[must_use]
    pub fn count(contested: &[Contested]) -> Vec<Self> {
        let mut keys: BTreeMap<&BucketName, (u64, BTreeSet<&ObjectKey>)> = BTreeMap::new();
        for one in contested {
            let claim = &one.item.claim;
            let of_bucket = keys.entry(&claim.bucket).or_default();
            of_bucket.0 += 1;
            of_bucket.1.insert(&claim.key);
        }
        let counted = keys.into_iter().map(|(bucket, (items, keys))| Self {
            bucket: bucket.as_str().to_owned(),
            items,
            keys: whole(keys.len()),
        });
        counted.collect()
    }
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Trailer {
    items: u64,
    bytes: u64,
    sha256: String,
}

/// Why a file is no plan that can be carried out.
#[derive(Debug, Error)]
pub enum PlanError {
    /// It ends before its last line.
    #[error("it ends before its end: the line with its checksum is missing")]
    CutShort,
    /// A line is none of a plan.
    #[error("line {line} is not what a plan has there: {why}")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// Another form.
    #[error("its format is {0:?}, and this program reads {FORMAT:?}")]
    Format(String),
    /// What it holds is not what it says.
    #[error("it was changed after it was made: {0}")]
    Changed(&'static str),
}

impl Plan {
    /// All items' sizes together.
    #[must_use]
    pub fn bytes(&self) -> ByteSize {
        self.items.iter().map(|item| item.size).sum()
    }

    /// The user, where it is about one.
    ///
    /// # Errors
    /// [`InvalidName`] for an id that nobody can have.
    pub fn owner(&self) -> Result<Option<OwnerId>, InvalidName> {
        self.header.subject.user().map(OwnerId::new).transpose()
    }

    /// Writes the file. Gives the checksum in its last line.
    ///
    /// # Errors
    /// The output's.
    pub fn write<W: Write>(&self, mut output: W) -> io::Result<String> {
        let mut digest = Sha256::new();
        let mut line = |value: String| -> io::Result<()> {
            let text = value + "\n";
            digest.update(text.as_bytes());
            output.write_all(text.as_bytes())
        };
        line(serde_json::to_string(&self.header)?)?;
        for item in &self.items {
            line(serde_json::to_string(item)?)?;
        }
        let trailer = Trailer {
            items: whole(self.items.len()),
            bytes: self.bytes().bytes(),
            sha256: hex(&digest.finalize()),
        };
        writeln!(output, "{}", serde_json::to_string(&trailer)?)?;
        Ok(trailer.sha256)
    }

    /// Reads a file, and gives the checksum in its last line, too.
    ///
    /// # Errors
    /// [`PlanError`] for anything that [`Self::write`] does not write.
    pub fn read(text: &str) -> Result<(Self, String), PlanError> {
        let body = text.strip_suffix('\n').ok_or(PlanError::CutShort)?;
        let (before, last) = body.rsplit_once('\n').ok_or(PlanError::CutShort)?;
        let trailer: Trailer = serde_json::from_str(last).map_err(|_| PlanError::CutShort)?;
        let summed = text.get(..=before.len()).unwrap_or_default();
        if hex(&Sha256::digest(summed.as_bytes())) != trailer.sha256 {
            return Err(PlanError::Changed("its checksum is not that of its lines"));
        }
        let mut lines = before.lines();
        let header = read_header(lines.next().unwrap_or_default())?;
        let lines: Vec<&str> = lines.collect();
        // There may be hundreds of thousands, and reading them is the most of what reading a plan takes.
        let items: Vec<Result<Item, _>> = lines.into_par_iter().map(serde_json::from_str).collect();
        let items = items.into_iter().zip(2..).map(|(item, line)| {
            item.map_err(|why| PlanError::Line {
                line,
                why: why.to_string(),
            })
        });
        let items = items.collect::<Result<Vec<Item>, _>>()?;
        let plan = Self { header, items };
        let counted = whole(plan.items.len());
        if (counted, plan.bytes().bytes()) != (trailer.items, trailer.bytes) {
            return Err(PlanError::Changed("its totals are not those of its items"));
        }
        Ok((plan, trailer.sha256))
    }
}

fn read_header(line: &str) -> Result<Header, PlanError> {
    #[derive(Deserialize)]
    struct Format {
        format: String,
    }
    let wrong = |why: serde_json::Error| PlanError::Line {
        line: 1,
        why: why.to_string(),
    };
    let Format { format } = serde_json::from_str(line).map_err(wrong)?;
    if format != FORMAT {
        return Err(PlanError::Format(format));
    }
    let header: Header = serde_json::from_str(line).map_err(wrong)?;
    // It names files of ours.
    let is_case = header.case.len() == 32 && header.case.bytes().all(|b| b.is_ascii_hexdigit());
    if !is_case {
        return Err(PlanError::Line {
            line: 1,
            why: "the case is not 32 hexadecimal digits".to_owned(),
        });
    }
    Ok(header)
}

/// What tells one set of rules from another: a SHA-256 of what a blueprint comes to once what it extends is merged in, so
/// that a change in the base counts and one in a comment does not.
#[must_use]
pub fn blueprint_hash(blueprint: &Blueprint) -> String {
    hex(&Sha256::digest(format!("{blueprint:?}").as_bytes()))
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
