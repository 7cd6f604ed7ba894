//! A verdict on one key, and its reason.

use chrono::{DateTime, Utc};

use super::Kind;
use crate::domain::blueprint::DerivedObject;
use crate::domain::ownership::Unknown;
use crate::domain::registry::Likeness;
use crate::domain::words;
use crate::domain::{BucketName, ByteSize, ObjectKey, StorageClass};

/// The verdict on one key. Fields without a value are `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The kind.
    pub kind: Kind,
    /// The bucket; for a record without an object, the bucket where the object should be.
    pub bucket: BucketName,
    /// The exact key.
    pub key: ObjectKey,
    /// Size in bytes; the sum of all versions if there is no current object. A listing does not return the size of an
    /// upload's parts, which takes a separate request.
    pub size: Option<ByteSize>,
    /// Time of the last write: of the newest version or marker, or the start of an upload.
    pub last_modified: Option<DateTime<Utc>>,
    /// Its storage class.
    pub storage_class: Option<StorageClass>,
    /// Its ETag without quotation marks. It identifies the object that was judged.
    pub etag: Option<String>,
    /// The upload's id.
    pub upload_id: Option<String>,
    /// The layout that explains the key.
    pub layout: Option<String>,
    /// The present or former owner, if known.
    pub owner: Option<String>,
    /// The reason.
    pub reason: Reason,
}

/// The evidence for an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Through {
    /// The key itself.
    Key,
    /// The key itself, by this layout, which does not take precedence.
    OtherLayout(String),
    /// The key itself, by a layout of the bucket that is replicated to the object's.
    Original {
        /// The bucket of the original.
        bucket: BucketName,
        /// The layout's id.
        layout: String,
    },
    /// The records name the key and its owner.
    Record,
    /// A record that may refer to the key, and names an owner.
    RecordAlike(String),
    /// The records name an owner for this key, which was derived from it.
    RecordOfMade(String),
    /// The object's metadata of this name.
    Metadata(String),
    /// It was derived from this object of the owner.
    Source {
        /// The source's bucket.
        bucket: BucketName,
        /// Its key.
        key: String,
        /// Whether a rule may produce the same key from another owner's media. Noncurrent versions under it may then be
        /// that owner's.
        is_shared: bool,
    },
    /// A rule may have produced it from an object of the owner that no longer exists.
    FormerSource {
        /// The rule's id.
        rule: String,
        /// The source's bucket.
        bucket: BucketName,
    },
}

/// Why a key may be derived from another owner's media than from the existing ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shared {
    /// It is older than they are.
    Older,
    /// A delete marker hides another owner's source.
    Hidden,
    /// Versions were not listed, so hidden sources are unknown.
    Unlisted,
}

/// The reason for a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The owner is not in the list of owners.
    NoOwner {
        /// The evidence for the owner.
        through: Through,
    },
    /// The owner is not in the list, but resembles an entry.
    OwnerAlike(Likeness),
    /// The key names an active owner, but the source belonged to another who is gone.
    TwoOwners {
        /// The active owner that the key names.
        living: String,
        /// The source.
        source: Through,
    },
    /// A rule may produce the key from several owners' media, and the only existing source may not be the real one.
    SharedKey {
        /// The source's bucket.
        bucket: BucketName,
        /// Its key.
        key: String,
        /// Why the existing source may not be the real one.
        why: Shared,
    },
    /// The evidence names an active owner as well as one who is gone.
    Contested {
        /// The active owner.
        living: String,
        /// The evidence for that owner.
        by: Through,
        /// The evidence for the other.
        other: Through,
    },
    /// The deciding layout gives no owner, there is no other evidence, and another layout reads an owner from the key.
    LayoutsDiffer(Unknown),
    /// No record names the key.
    NoRecord,
    /// No record names the key or its source.
    NoRecordOfSource {
        /// The source's bucket.
        bucket: BucketName,
        /// Its key.
        key: String,
    },
    /// No record names the key, but a record has a similar key.
    KeyAlike(Likeness),
    /// A rule produced the key, but no existing object is its source.
    NoSource {
        /// The rule's id.
        rule: String,
        /// Where the source would be.
        from: BucketName,
        /// Whether a record names the key anyway.
        named: bool,
    },
    /// The upload was started longer ago than this, and is incomplete.
    Unfinished {
        /// In hours.
        limit: i64,
    },
    /// There is no current object.
    NoCurrent {
        /// How many versions there are.
        versions: u64,
        /// How many delete markers.
        markers: u64,
    },
    /// A record names the key, but no listed bucket of the blueprint holds it.
    NoObject {
        /// An object with a similar key, if there is one.
        alike: Option<String>,
    },
    /// The objects that rules derive from it do not exist.
    NotDerived {
        /// The missing objects.
        missing: Vec<DerivedObject>,
    },
    /// No layout's anchor matches. This rule may have produced the key, but its source cannot be computed.
    PerhapsMade {
        /// The rule's id.
        rule: String,
        /// Where the source would be.
        from: BucketName,
    },
    /// No layout's anchor matches, and no rule can have produced the key.
    NoLayout,
}

impl Reason {
    /// Whether several owners may have a claim to the object, one of them active. The spelling of an id is not the
    /// problem then.
    #[must_use]
    pub fn is_of_several(&self) -> bool {
        matches!(
            self,
            Self::TwoOwners { .. }
                | Self::SharedKey { .. }
                | Self::Contested { .. }
                | Self::LayoutsDiffer(_)
        )
    }
}

impl Verdict {
    /// The reason as a sentence without a full stop. It contains raw keys and ids: escape it before display.
    #[must_use]
    pub fn words(&self) -> String {
        let owner = self.owner.as_deref().unwrap_or_default();
        match &self.reason {
            Reason::NoOwner { .. } => format!("the owner {owner} is not in the list of owners"),
            Reason::OwnerAlike(alike) => format!(
                "the owner {owner} is not in the list of owners, but {}",
                alike.words()
            ),
            Reason::TwoOwners { living, .. } => format!(
                "what it was made from is {owner}'s, who is not in the list of owners, but it lies in the place of {living}, who is"
            ),
            Reason::SharedKey { why, .. } => {
                let why = match why {
                    Shared::Older => "it is older than that",
                    Shared::Hidden => "a delete marker hides another original of it",
                    Shared::Unlisted => "whether delete markers hide others could not be listed",
                };
                format!(
                    "a rule makes its key from several owners' media; the original that is there is {owner}'s, who is not in the list of owners, but {why}"
                )
            }
            Reason::Contested { living, .. } => format!(
                "it may be {owner}'s, who is not in the list of owners, or {living}'s, who is"
            ),
            Reason::LayoutsDiffer(unknown) => unknown.words(),
            Reason::NoRecord => "no record names the key".to_owned(),
            Reason::NoRecordOfSource { .. } => {
                "no record names the key, nor what it was made from".to_owned()
            }
            Reason::KeyAlike(alike) => {
                format!("no record names the key, but {}", alike.words_of_record())
            }
            Reason::NoSource { rule, from, named } => {
                let made = format!("the rule {rule} yields it from no object of {from}");
                if *named {
                    format!("{made}, but a record names it")
                } else {
                    made
                }
            }
            Reason::Unfinished { limit } => format!(
                "the upload was begun more than {} ago and never completed",
                hours(*limit)
            ),
            Reason::NoCurrent { versions, markers } => format!(
                "there is no current object, only {}",
                [(versions, "version"), (markers, "delete marker")]
                    .into_iter()
                    .filter(|(count, _)| **count > 0)
                    .map(|(count, what)| counted(*count, what))
                    .collect::<Vec<_>>()
                    .join(" and ")
            ),
            Reason::NoObject { .. } => "a record names the key, and there is no object".to_owned(),
            Reason::NotDerived { missing } => match missing.as_slice() {
                [one] => format!("what the rule {} makes from it is not there", one.rule),
                all => format!(
                    "{} that should be made from it are not there",
                    counted(u64::try_from(all.len()).unwrap_or(u64::MAX), "object")
                ),
            },
            Reason::PerhapsMade { rule, from } => format!(
                "no layout explains the key; the rule {rule} may have made it from an object of {from} that is gone"
            ),
            Reason::NoLayout => {
                "no layout and no rule of the blueprint explains the key".to_owned()
            }
        }
    }

    /// Whether noncurrent versions of the key may be another owner's. Either a rule produces the key from several
    /// owners' media, or the metadata of each version names its own owner.
    #[must_use]
    pub fn may_hide_others_versions(&self) -> bool {
        matches!(
            self.reason,
            Reason::NoOwner {
                through: Through::Source {
                    is_shared: true,
                    ..
                } | Through::Metadata(_)
            }
        )
    }

    /// What a person would check: keys, places and counts, one per line, not escaped.
    #[must_use]
    pub fn evidence(&self) -> Vec<String> {
        match &self.reason {
            Reason::NoOwner { through } => vec![through.words()],
            Reason::OwnerAlike(alike) | Reason::KeyAlike(alike) => alike.evidence(),
            Reason::TwoOwners { source, .. } => vec![source.words()],
            Reason::Contested { living, by, other } => {
                let owner = self.owner.as_deref().unwrap_or_default();
                vec![
                    format!("{living}: {}", by.words()),
                    format!("{owner}: {}", other.words()),
                ]
            }
            Reason::NoRecordOfSource { bucket, key } | Reason::SharedKey { bucket, key, .. } => {
                vec![format!("made from s3://{bucket}/{key}")]
            }
            Reason::NoObject { alike } => alike
                .iter()
                .map(|alike| format!("there is an object {alike}"))
                .collect(),
            Reason::NotDerived { missing } => missing
                .iter()
                .map(|one| format!("missing: s3://{}/{}", one.bucket, one.key))
                .collect(),
            Reason::NoRecord
            | Reason::LayoutsDiffer(_)
            | Reason::NoSource { .. }
            | Reason::Unfinished { .. }
            | Reason::NoCurrent { .. }
            | Reason::PerhapsMade { .. }
            | Reason::NoLayout => Vec::new(),
        }
    }
}

impl Through {
    fn words(&self) -> String {
        match self {
            Self::Key => "the key names the owner".to_owned(),
            Self::OtherLayout(layout) => format!("the key names the owner by the layout {layout}"),
            Self::Original { bucket, layout } => format!(
                "the key names the owner by the layout {layout} of {bucket}, which is replicated here"
            ),
            Self::Record => "the record of the key names the owner".to_owned(),
            Self::RecordAlike(record) => {
                format!("the record of \"{record}\" may mean this key, and names the owner")
            }
            Self::RecordOfMade(key) => {
                format!("the record of \"{key}\", which is made from it, names the owner")
            }
            Self::Metadata(name) => format!("its metadata x-amz-meta-{name} names the owner"),
            Self::Source { bucket, key, .. } => format!("made from s3://{bucket}/{key}"),
            Self::FormerSource { rule, bucket } => format!(
                "by the rule {rule} it was made from an object of {bucket} that named the owner and is not there"
            ),
        }
    }
}

/// `36 hours`, `7 days`.
fn hours(hours: i64) -> String {
    let (count, unit) = if hours % 24 == 0 {
        (hours / 24, "day")
    } else {
        (hours, "hour")
    };
    counted(count.unsigned_abs(), unit)
}

fn counted(count: u64, what: &str) -> String {
    words::counted(count, what)
}
