//! One verdict, and what it rests on.

use chrono::{DateTime, Utc};

use super::Kind;
use crate::domain::blueprint::DerivedObject;
use crate::domain::ownership::Unknown;
use crate::domain::registry::Likeness;
use crate::domain::words;
use crate::domain::{BucketName, ByteSize, ObjectKey, StorageClass};

/// What was found about one key. Fields that it has no value for are `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What is wrong.
    pub kind: Kind,
    /// In which bucket; of a dangling record, where the object should be.
    pub bucket: BucketName,
    /// The key, exact.
    pub key: ObjectKey,
    /// How many bytes it holds, all versions together where there are only versions. A listing does not tell what the
    /// parts of an upload hold: that has to be asked for.
    pub size: Option<ByteSize>,
    /// When it was written, the newest version or marker where there are several, or when the upload was begun.
    pub last_modified: Option<DateTime<Utc>>,
    /// Its storage class.
    pub storage_class: Option<StorageClass>,
    /// Its entity tag without quotes: what was judged is what has it.
    pub etag: Option<String>,
    /// The upload's id.
    pub upload_id: Option<String>,
    /// The layout that explains the key.
    pub layout: Option<String>,
    /// Whose it is or was, as far as that is told.
    pub owner: Option<String>,
    /// What the verdict rests on.
    pub reason: Reason,
}

/// Where it is told whose something is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Through {
    /// The key itself.
    Key,
    /// The key itself, by this layout, which is not the one that decides.
    OtherLayout(String),
    /// The records name the key and its owner.
    Record,
    /// This record may mean the key, and names an owner.
    RecordAlike(String),
    /// The records name an owner for this key, which is made from it.
    RecordOfMade(String),
    /// The object's metadata, by this name.
    Metadata(String),
    /// It was made from this object, which is the owner's.
    Source {
        /// The source's bucket.
        bucket: BucketName,
        /// Its key.
        key: String,
        /// Whether a rule may make the same key from another owner's media: older versions under it may be theirs.
        is_shared: bool,
    },
    /// The rule can have made it from something of the owner's that is not there.
    FormerSource {
        /// The rule's id.
        rule: String,
        /// The source's bucket.
        bucket: BucketName,
    },
}

/// Why a key may be made from another owner's media than from those that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shared {
    /// It was written before them.
    Older,
    /// A delete marker hides another's.
    Hidden,
    /// Versions were not listed: nobody knows what is hidden.
    Unlisted,
}

/// What a verdict rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The owner is not in the list.
    NoOwner {
        /// Where the owner is told.
        through: Through,
    },
    /// The owner is not in the list, but one like it is.
    OwnerAlike(Likeness),
    /// The key is one living owner's, what the object was made from another's who is gone.
    TwoOwners {
        /// The living one, in whose place it lies.
        living: String,
        /// The source.
        source: Through,
    },
    /// A rule may make the key from several owners' media, and the only source that is there need not be what made it.
    SharedKey {
        /// The source's bucket.
        bucket: BucketName,
        /// Its key.
        key: String,
        /// Why not.
        why: Shared,
    },
    /// Something gives it to a living owner, something else to one who is gone.
    Contested {
        /// The living one.
        living: String,
        /// What says that.
        by: Through,
        /// What gives it to the other.
        other: Through,
    },
    /// The layout that decides does not tell the owner, nothing else does, and another layout reads one from the key.
    LayoutsDiffer(Unknown),
    /// No record names the key.
    NoRecord,
    /// No record names the key, nor what it was made from.
    NoRecordOfSource {
        /// The source's bucket.
        bucket: BucketName,
        /// Its key.
        key: String,
    },
    /// No record names the key, but one names a key like it.
    KeyAlike(Likeness),
    /// No object that exists yields this key by the rule, which made it.
    NoSource {
        /// The rule's id.
        rule: String,
        /// Where the source would be.
        from: BucketName,
        /// A record names the key all the same.
        named: bool,
    },
    /// The upload was begun longer ago than this and is not completed.
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
    /// A record names the key, and no bucket of the blueprint that was listed holds it.
    NoObject {
        /// An object whose key is nearly this one, where there is one.
        alike: Option<String>,
    },
    /// What the rules make from it is not there.
    NotDerived {
        /// What is missing.
        missing: Vec<DerivedObject>,
    },
    /// No layout's anchor matches. This rule may have made the key: what it is made from cannot be worked out.
    PerhapsMade {
        /// The rule's id.
        rule: String,
        /// Where the source would be.
        from: BucketName,
    },
    /// No layout's anchor matches, and no rule can have made the key.
    NoLayout,
}

impl Reason {
    /// Whether several owners may have a claim to the object, one of whom is alive: no spelling is in question then.
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
    /// Why, in a sentence without a full stop. Holds keys and ids as they are: make it safe where it is shown.
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

    /// Whether older versions under the key may be another owner's: a rule makes the key from several owners' media, or the
    /// metadata of each version names its own owner.
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

    /// What a person would look at to check the verdict: keys, places and counts, a line each, not made safe.
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
