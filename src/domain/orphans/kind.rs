//! The kinds of verdict: what can be wrong between stored objects and the lists of active users and keys.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The kind of a verdict. A key gets one verdict: the first kind in this order that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The owner is not in the list of owners.
    OwnerGone,
    /// No record names the key.
    RecordGone,
    /// A derived object whose source does not exist.
    SourceGone,
    /// An incomplete multipart upload older than its limit.
    UploadAbandoned,
    /// Noncurrent versions or delete markers without a current object.
    VersionsOnly,
    /// A record whose object does not exist.
    Dangling,
    /// A source without its derived objects.
    DerivedMissing,
    /// A key that matches no layout.
    Unreadable,
    /// It looks like an orphan, but resembles an active user or key.
    Suspect,
}

impl Kind {
    /// All kinds, in order.
    pub const ALL: [Self; 9] = [
        Self::OwnerGone,
        Self::RecordGone,
        Self::SourceGone,
        Self::UploadAbandoned,
        Self::VersionsOnly,
        Self::Dangling,
        Self::DerivedMissing,
        Self::Unreadable,
        Self::Suspect,
    ];

    /// Its id on the command line and in JSON documents.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::OwnerGone => "owner-gone",
            Self::RecordGone => "record-gone",
            Self::SourceGone => "source-gone",
            Self::UploadAbandoned => "upload-abandoned",
            Self::VersionsOnly => "versions-only",
            Self::Dangling => "dangling",
            Self::DerivedMissing => "derived-missing",
            Self::Unreadable => "unreadable",
            Self::Suspect => "suspect",
        }
    }

    /// A one-line description.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::OwnerGone => "the owner is in no list of owners",
            Self::RecordGone => "no record names the key",
            Self::SourceGone => "what it was made from is gone",
            Self::UploadAbandoned => "an upload that was begun and never completed",
            Self::VersionsOnly => "old versions and delete markers without a current object",
            Self::Dangling => "a record whose object is missing",
            Self::DerivedMissing => "what should have been made from it is not there",
            Self::Unreadable => "no layout explains the key; never an orphan",
            Self::Suspect => "like something alive, or contradictory; never an orphan",
        }
    }

    /// Whether it is stored media without an active owner. The other kinds are reported but are not orphans.
    #[must_use]
    pub fn is_orphan(self) -> bool {
        matches!(
            self,
            Self::OwnerGone
                | Self::RecordGone
                | Self::SourceGone
                | Self::UploadAbandoned
                | Self::VersionsOnly
        )
    }

    /// Whether the verdict on a current object relies on a list or a rule, which may be wrong. The gates count these.
    #[must_use]
    pub fn is_inferred(self) -> bool {
        matches!(self, Self::OwnerGone | Self::RecordGone | Self::SourceGone)
    }

    /// Whether it is deleted only if the user names this kind. Noncurrent versions may be all that an active user can
    /// still recover.
    #[must_use]
    pub fn is_deleted_by_name_alone(self) -> bool {
        self == Self::VersionsOnly
    }

    /// Whether it needs action: orphans, and records without an object.
    #[must_use]
    pub fn is_finding(self) -> bool {
        self.is_orphan() || self == Self::Dangling
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A set of kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Kinds(u16);

impl Kinds {
    /// All kinds.
    #[must_use]
    pub fn all() -> Self {
        Kind::ALL.into_iter().collect()
    }

    /// Whether the set contains a kind.
    #[must_use]
    pub fn has(self, kind: Kind) -> bool {
        self.0 & bit(kind) != 0
    }

    /// The set without this kind.
    #[must_use]
    pub fn without(self, kind: Kind) -> Self {
        Self(self.0 & !bit(kind))
    }

    /// Its kinds, in order.
    pub fn iter(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(move |&kind| self.has(kind))
    }
}

impl FromIterator<Kind> for Kinds {
    fn from_iter<I: IntoIterator<Item = Kind>>(kinds: I) -> Self {
        Self(kinds.into_iter().fold(0, |all, kind| all | bit(kind)))
    }
}

fn bit(kind: Kind) -> u16 {
    1 << kind as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_living_user_could_get_back_is_asked_for_by_name() {
        let by_name = Kind::ALL
            .into_iter()
            .filter(|kind| kind.is_deleted_by_name_alone());
        assert_eq!(by_name.collect::<Vec<_>>(), [Kind::VersionsOnly]);
    }

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        let some: Kinds = [Kind::Dangling, Kind::OwnerGone].into_iter().collect();
        assert_eq!(
            some.iter().collect::<Vec<_>>(),
            [Kind::OwnerGone, Kind::Dangling]
        );
        assert_eq!(Kinds::all().iter().count(), Kind::ALL.len());
        assert!(!Kinds::all().without(Kind::Suspect).has(Kind::Suspect));
    }
}
