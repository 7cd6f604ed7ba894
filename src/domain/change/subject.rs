//! What a plan is about, and what it does to it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Item, What};
use crate::domain::advice::{Action, PlanOf};
use crate::domain::text;

/// What a plan is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Subject {
    /// Everything of one user.
    User {
        /// The user's id.
        id: String,
    },
    /// What a report called orphans of one bucket.
    Orphans {
        /// The bucket's name.
        bucket: String,
    },
}

impl Subject {
    /// In words: `the things of "ada"`.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::User { id } => format!("the things of {}", text::quoted(id)),
            Self::Orphans { bucket } => format!("the orphans of {}", text::safe(bucket)),
        }
    }

    /// In words that name nobody, for what is kept when the user's keys are gone.
    #[must_use]
    pub fn nameless(&self) -> String {
        match self {
            Self::User { .. } => "a user".to_owned(),
            Self::Orphans { bucket } => format!("orphans of {bucket}"),
        }
    }

    /// What to do when a plan cannot be used any more.
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
    /// They are deleted for good: versions, markers and uploads.
    #[default]
    Delete,
    /// Current objects are hidden, each behind a delete marker that can be taken away again.
    Mark,
    /// The delete markers that an earlier change made are taken away again.
    Unmark {
        /// The earlier change's case.
        case: String,
    },
    /// They are put aside by a tag, beside the tags that they have.
    Tag {
        /// What the tag says: the day.
        day: NaiveDate,
    },
    /// The tag is taken away, and a delete marker that hides what was tagged.
    Untag,
    /// They are copied under the quarantine's prefix, compared, and deleted in their place.
    CopyAside,
    /// They are copied from there to their own keys, compared, and deleted there.
    CopyBack,
}

impl Act {
    /// What comes before the events of the audit log: `purge` in `purge-began`.
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

    /// What has become of a thing to which it was done: `deleted`.
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

    /// Whether a thing is among those that this is done to. What appears since the plan was made and is none of them is
    /// nobody's concern.
    #[must_use]
    pub fn concerns(&self, item: &Item) -> bool {
        match (self, &item.what) {
            (Self::Delete, _) => true,
            (Self::Mark | Self::Tag { .. } | Self::CopyAside, What::Version { is_latest, .. }) => {
                *is_latest
            }
            // Their plans say which there are, and there are no others.
            _ => false,
        }
    }

    /// Whether it can be done to a thing at all.
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

    /// Whether the things are gone from their places when it is done. Otherwise they are still there, and are looked at
    /// again to see that it was done.
    #[must_use]
    pub fn takes_away(&self) -> bool {
        match self {
            Self::Delete | Self::Unmark { .. } | Self::CopyAside | Self::CopyBack => true,
            Self::Mark | Self::Tag { .. } | Self::Untag => false,
        }
    }

    /// Whether older versions have to be gone before what is current goes, which would make them readable otherwise.
    #[must_use]
    pub fn must_not_uncover(&self) -> bool {
        // With the others each has one version under its key, or is to be seen again.
        *self == Self::Delete
    }

    /// Whether it has to be done on condition that a thing is what it was: something newer could be hit in its place.
    /// Tags and copies see to that themselves.
    #[must_use]
    pub fn needs_condition(&self, item: &Item) -> bool {
        match self {
            Self::Delete | Self::Unmark { .. } => item.can_be_overwritten(),
            Self::Mark => true,
            Self::Tag { .. } | Self::Untag | Self::CopyAside | Self::CopyBack => false,
        }
    }
}
