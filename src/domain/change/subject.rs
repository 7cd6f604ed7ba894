//! The subject of a plan, and the act on its items.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Item, What};
use crate::domain::advice::{Action, PlanOf};
use crate::domain::text;

/// What a plan is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Subject {
    /// Everything that belongs to one user.
    User {
        /// The user's id.
        id: String,
    },
    /// What a report calls orphans in one bucket.
    Orphans {
        /// The bucket's name.
        bucket: String,
    },
}

impl Subject {
    /// A description, such as `the things of "ada"`.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::User { id } => format!("the things of {}", text::quoted(id)),
            Self::Orphans { bucket } => format!("the orphans of {}", text::safe(bucket)),
        }
    }

    /// A description without names, for documents that outlive the user's keys.
    #[must_use]
    pub fn nameless(&self) -> String {
        match self {
            Self::User { .. } => "a user".to_owned(),
            Self::Orphans { bucket } => format!("orphans of {bucket}"),
        }
    }

    /// What to do if a plan can no longer be used.
    #[must_use]
    pub fn made_anew(&self) -> Action {
        Action::MakePlanAgain(match self {
            Self::User { .. } => PlanOf::Purge,
            Self::Orphans { .. } => PlanOf::Orphans,
        })
    }

    /// The user's id.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        match self {
            Self::User { id } => Some(id),
            Self::Orphans { .. } => None,
        }
    }
}

/// What is done to the items of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Act {
    /// Versions, delete markers and uploads are permanently deleted.
    #[default]
    Delete,
    /// Each current object is hidden behind a delete marker, which can be removed again.
    Mark,
    /// The delete markers of an earlier change are removed.
    Unmark {
        /// The case id of the earlier change.
        case: String,
    },
    /// The objects are quarantined by a tag, in addition to their other tags.
    Tag {
        /// The value of the tag: the day.
        day: NaiveDate,
    },
    /// The quarantine tag is removed, and any delete marker that hides the tagged object.
    Untag,
    /// The objects are copied below the quarantine prefix, the copies are compared, and the originals are deleted.
    CopyAside,
    /// The copies are copied back to their original keys, compared, and deleted.
    CopyBack,
}

impl Act {
    /// The prefix of the audit log events, such as `purge` in `purge-began`.
    #[must_use]
    pub fn event(&self) -> &'static str {
        match self {
            Self::Delete => "purge",
            Self::Mark => "hide",
            Self::Unmark { .. } => "undo",
            Self::Tag { .. } | Self::CopyAside => "quarantine",
            Self::Untag | Self::CopyBack => "restore",
        }
    }

    /// The past participle for an item, such as `deleted`.
    #[must_use]
    pub fn done(&self) -> &'static str {
        match self {
            Self::Delete => "deleted",
            Self::Mark => "hidden",
            Self::Unmark { .. } => "taken away",
            Self::Tag { .. } | Self::CopyAside => "quarantined",
            Self::Untag | Self::CopyBack => "restored",
        }
    }

    /// Whether this act covers an item of this type. New items of other types, written after the plan was made, do not
    /// matter.
    #[must_use]
    pub fn concerns(&self, item: &Item) -> bool {
        match (self, &item.what) {
            (Self::Delete, _) => true,
            (Self::Mark | Self::Tag { .. } | Self::CopyAside, What::Version { is_latest, .. }) => {
                *is_latest
            }
            // Their plans list the exact items.
            _ => false,
        }
    }

    /// Whether the act is possible on an item.
    #[must_use]
    pub fn takes(&self, item: &Item) -> bool {
        match self {
            Self::Mark => self.concerns(item),
            Self::Unmark { .. } => matches!(item.what, What::Marker { .. }),
            Self::Delete | Self::Tag { .. } | Self::Untag | Self::CopyAside | Self::CopyBack => {
                true
            }
        }
    }

    /// Whether the act removes the items from their keys. Otherwise the items remain, and s3warden looks at them again
    /// to verify the act.
    #[must_use]
    pub fn takes_away(&self) -> bool {
        match self {
            Self::Delete | Self::Unmark { .. } | Self::CopyAside | Self::CopyBack => true,
            Self::Mark | Self::Tag { .. } | Self::Untag => false,
        }
    }

    /// Whether noncurrent versions must be deleted before the current one. Otherwise they would become readable.
    #[must_use]
    pub fn must_not_uncover(&self) -> bool {
        // The other acts have one version per key, or make older versions visible on purpose.
        *self == Self::Delete
    }

    /// Whether the request needs a condition that the item is unchanged: otherwise it could hit a newer object. Tags
    /// and copies have their own checks.
    #[must_use]
    pub fn needs_condition(&self, item: &Item) -> bool {
        match self {
            Self::Delete | Self::Unmark { .. } => item.can_be_overwritten(),
            Self::Mark => true,
            Self::Tag { .. } | Self::Untag | Self::CopyAside | Self::CopyBack => false,
        }
    }
}
