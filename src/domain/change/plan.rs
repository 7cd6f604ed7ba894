//! A plan: a JSON Lines file of items, what to do with them, whose they are, and who authorised it.
//!
//! The first line is the [`Header`]; then follows one item per line. The last line has the number of items, their total
//! size, and the SHA-256 of all lines before it. The checksum detects damage, but anybody who edits a plan can compute
//! it again. s3warden therefore trusts nothing in a plan: it [proves](super::proof) the ownership of each item again.

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

/// The format id.
pub(crate) const FORMAT: &str = "s3warden/plan/2";

/// The maximum file size in bytes: about ten million items.
pub(crate) const MOST_BYTES: u64 = 4 << 30;

/// Items, and what to do with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The subject, the operator and the rules.
    pub header: Header,
    /// The items, by bucket and key; under a key newest first.
    pub items: Vec<Item>,
}

/// The subject of a plan, its act, its operator and its rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// [`FORMAT`].
    pub format: String,
    /// The case id: 32 random hexadecimal digits.
    pub case: String,
    /// What the plan is about.
    pub subject: Subject,
    /// What to do with the items.
    pub act: Act,
    /// When the plan was made.
    pub made_at: DateTime<Utc>,
    /// The version of s3warden that made it.
    pub tool: String,
    /// The operator whose credentials made the plan.
    pub operator: Operator,
    /// The endpoint, if it is not AWS.
    pub endpoint: Option<String>,
    /// The blueprint's name.
    pub blueprint: String,
    /// [`blueprint_hash`].
    pub blueprint_sha256: String,
    /// The searched buckets with their Regions, if the service reported them.
    pub regions: BTreeMap<String, Option<String>>,
    /// Whether the user still exists.
    pub existence: Existence,
    /// What could not be searched, and why.
    pub not_searched: Vec<NotSearched>,
    /// Items that may belong to other users, too. They are not part of the plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contested: Vec<ContestedIn>,
    /// The buckets of the account that were not searched, because the blueprint gives no owner for their objects.
    /// `None` if the account was not asked for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_buckets: Option<OtherBuckets>,
    /// The list of keys that the plan used, if one gives the owners of keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_list: Option<String>,
    /// The annotations that are deleted with the versions. `None` if there are none, or if the plan predates this
    /// field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<AnnotationCount>,
}

/// The number of annotations on the versions of a plan. S3 deletes them together with the version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnnotationCount {
    /// Versions whose annotations were counted.
    pub asked: u64,
    /// Versions whose annotations are unknown.
    pub unknown: u64,
    /// Annotations of the counted versions.
    pub annotations: u64,
    /// Size of those annotations in bytes. It is not part of the object size.
    pub bytes: u64,
    /// Why the others are unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl AnnotationCount {
    /// Adds the counts of several plans; `None` if no plan has a version.
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

    /// Describes the counts for a person.
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

/// The operator of a plan or receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// The account id.
    pub account: String,
    /// The full ARN of the user or role session. Without a known ARN: the server's name for the account, or what the
    /// operator stated.
    pub arn: String,
    /// The source of this information. Older plans and receipts have none: their source was STS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<OperatorSource>,
}

/// How the operator is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperatorSource {
    /// STS `GetCallerIdentity`.
    Sts,
    /// The server returned the bucket owner in ListBuckets.
    ListBuckets,
    /// The operator stated it, and nothing can check it.
    Stated,
}

impl Operator {
    /// Describes the operator, and the source if it was not STS.
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

/// Whether the user still exists, according to the application's own list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Existence {
    /// The blueprint names no list of owners.
    NotChecked,
    /// The list does not contain the user.
    Gone {
        /// Describes the source of the list.
        stated: String,
        /// When it was read.
        read_at: DateTime<Utc>,
        /// When the list was made; `None` if unknown, and in older plans.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        made_at: Option<DateTime<Utc>>,
    },
    /// The list does not contain the user's exact id, but it may contain the user in another form, or in a row that
    /// cannot be read.
    Suspect {
        /// Describes the source of the list.
        stated: String,
        /// When it was read.
        read_at: DateTime<Utc>,
        /// When the list was made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        made_at: Option<DateTime<Utc>>,
        /// The reason, as a clause after "but".
        why: String,
    },
    /// The list contains the user.
    Exists {
        /// Describes the source of the list.
        stated: String,
        /// When it was read.
        read_at: DateTime<Utc>,
        /// When the list was made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        made_at: Option<DateTime<Utc>>,
    },
}

impl Existence {
    /// Describes the result for a person.
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

    /// The source of the list; `None` if no list was read.
    #[must_use]
    pub fn list(&self) -> Option<&str> {
        match self {
            Self::NotChecked => None,
            Self::Gone { stated, .. }
            | Self::Suspect { stated, .. }
            | Self::Exists { stated, .. } => Some(stated),
        }
    }

    /// Whether the user exists or may exist. The user's objects are then deleted only for a stated reason.
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
    /// What was not searched.
    pub what: String,
    /// The reason.
    pub why: String,
}

impl NotSearched {
    /// The label before the text. Contested items were searched, but are not changed.
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

    /// A sentence without a full stop, such as `not searched: the uploads of media: access denied`.
    #[must_use]
    pub fn words(&self) -> String {
        format!("{}: {}: {}", self.label(), self.what, self.why)
    }
}

/// The contested items of one bucket. It has no keys, because receipts include it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContestedIn {
    /// The bucket.
    pub bucket: String,
    /// Number of versions, delete markers and uploads.
    pub items: u64,
    /// Number of keys.
    pub keys: u64,
}

impl ContestedIn {
    /// Counts the contested items by bucket.
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

/// Why a plan file cannot be carried out.
#[derive(Debug, Error)]
pub enum PlanError {
    /// The file is truncated.
    #[error("it ends before its end: the line with its checksum is missing")]
    CutShort,
    /// A line is invalid.
    #[error("line {line} is not what a plan has there: {why}")]
    Line {
        /// The line number, from 1.
        line: usize,
        /// The error.
        why: String,
    },
    /// The format id is unknown.
    #[error("its format is {0:?}, and this program reads {FORMAT:?}")]
    Format(String),
    /// The contents do not match the totals or the checksum.
    #[error("it was changed after it was made: {0}")]
    Changed(&'static str),
}

impl Plan {
    /// The total size of all items.
    #[must_use]
    pub fn bytes(&self) -> ByteSize {
        self.items.iter().map(|item| item.size).sum()
    }

    /// The user, if the plan is about one.
    ///
    /// # Errors
    /// [`InvalidName`] if the id is invalid.
    pub fn owner(&self) -> Result<Option<OwnerId>, InvalidName> {
        self.header.subject.user().map(OwnerId::new).transpose()
    }

    /// Writes the file and returns the checksum of its last line.
    ///
    /// # Errors
    /// If writing to `output` fails.
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

    /// Reads a file and also returns the checksum of its last line.
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
        // Parsing hundreds of thousands of items takes most of the time.
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
    // The case id becomes part of file names.
    let is_case = header.case.len() == 32 && header.case.bytes().all(|b| b.is_ascii_hexdigit());
    if !is_case {
        return Err(PlanError::Line {
            line: 1,
            why: "the case is not 32 hexadecimal digits".to_owned(),
        });
    }
    Ok(header)
}

/// Identifies a set of rules: the SHA-256 of the blueprint after it is merged with its base. A change in the base
/// changes the hash; a change in a comment does not.
#[must_use]
pub fn blueprint_hash(blueprint: &Blueprint) -> String {
    hex(&Sha256::digest(format!("{blueprint:?}").as_bytes()))
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
