//! What follows from the claims.

use std::collections::BTreeSet;

use super::former::Former;
use super::{Explanation, OwnerClaim, Source};
use crate::domain::{BucketName, OwnerId};

/// Whose an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// One owner's.
    One(OwnerId),
    /// Claims to it differ, or it was made of several owners' objects. At least two.
    Contested(BTreeSet<OwnerId>),
    /// Nobody can tell.
    Unknown(Unknown),
}

/// Why it cannot be told whose an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// No layout and no rule explains the key.
    NothingExplains,
    /// A layout leaves the owner to records or metadata, which say nothing, and another one looks for the owner elsewhere.
    LayoutsDiffer {
        /// The id of the first.
        layout: String,
        /// The id of the other one.
        other: String,
        /// Whom that one reads from the key, where it does.
        owner: Option<OwnerId>,
    },
    /// Its layout leaves the owner to the records, and no record names one.
    NoRecord,
    /// Its layout leaves the owner to the object's metadata, which was not read.
    MetadataNotRead,
    /// The metadata does not name an owner.
    MetadataSilent,
    /// A rule can have made it, its source is not there, and the rule drops what would name the owner.
    RuleLosesOwner {
        /// The id of the rule.
        rule: String,
        /// The bucket of its sources.
        from: BucketName,
    },
    /// It was made of something of which the owner is not known.
    UntoldSource,
    /// It lies where copies in quarantine do, and does not prove of what it is the copy.
    UnprovenCopy,
}

impl Verdict {
    /// The owners that it names: one, several, or none.
    #[must_use]
    pub(crate) fn owners(&self) -> BTreeSet<OwnerId> {
        match self {
            Self::One(owner) => BTreeSet::from([owner.clone()]),
            Self::Contested(owners) => owners.clone(),
            Self::Unknown(_) => BTreeSet::new(),
        }
    }

    /// Whether claims to it differ.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn is_contested(&self) -> bool {
        matches!(self, Self::Contested(_))
    }
}

impl Unknown {
    /// Why, in a sentence without a full stop. Holds names as they are: make it safe where it is shown.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::LayoutsDiffer {
                layout,
                other,
                owner,
            } => match owner {
                Some(owner) => format!(
                    "by the layout {layout} its key does not tell the owner, by the layout {other} it is {}'s",
                    owner.as_str()
                ),
                None => format!(
                    "the layouts {layout} and {other} look for its owner in different places, of which one says nothing"
                ),
            },
            Self::NothingExplains => "no layout and no rule explains the key".to_owned(),
            Self::NoRecord => {
                "the layout leaves the owner to the records, and no record names one".to_owned()
            }
            Self::MetadataNotRead => {
                "the layout leaves the owner to the object's metadata, which was not read"
                    .to_owned()
            }
            Self::MetadataSilent => "the object's metadata does not name its owner".to_owned(),
            Self::RuleLosesOwner { rule, from } => format!(
                "the rule {rule} of {from} can have made it, and drops the part of the key that names the owner"
            ),
            Self::UntoldSource => {
                "nothing names the owner of the object that it was made from".to_owned()
            }
            Self::UnprovenCopy => {
                "its metadata do not prove which object it is a quarantined copy of".to_owned()
            }
        }
    }
}

/// What a verdict rests on.
pub(super) struct Grounds<'g> {
    /// Whom the key names, by the layouts.
    pub by_key: &'g [OwnerClaim],
    /// That layouts differ about who tells the owner.
    pub differs: Option<Unknown>,
    pub stated: &'g [OwnerClaim],
    pub sources: &'g [Source],
    pub former: &'g Former,
    /// Why it is unknown when nothing names anybody.
    pub silence: Unknown,
}

impl Grounds<'_> {
    pub(super) fn verdict(self) -> Verdict {
        let stated = self.stated.iter().map(|claim| &claim.owner);
        let mut owners: BTreeSet<OwnerId> = stated.cloned().collect();
        // What names the very object says more than a source of which nothing is known.
        let is_stated = !owners.is_empty();
        let doubt = if self.sources.is_empty() {
            owners.extend(self.by_key.iter().map(|claim| claim.owner.clone()));
            let former = self.former.claims.iter();
            owners.extend(former.map(|claim| claim.owner.clone()));
            let lost = self.former.loses_owner.clone();
            let lost = lost.map(|(rule, from)| Unknown::RuleLosesOwner { rule, from });
            let is_silent = self.former.has_silent_source;
            lost.or_else(|| is_silent.then_some(Unknown::UntoldSource))
        } else {
            let sources = self.sources.iter();
            owners.extend(sources.flat_map(|source| source.whose.owners()));
            let mut sources = self.sources.iter();
            let is_unknown = sources.any(|source| matches!(source.whose, Verdict::Unknown(_)));
            is_unknown.then_some(Unknown::UntoldSource)
        };
        // That a source decides, or a record, says nothing against a layout that was not asked.
        let differs = self.differs.filter(|_| self.sources.is_empty());
        if let Some(doubt) = differs.or(doubt.filter(|_| !is_stated)) {
            return Verdict::Unknown(doubt);
        }
        let mut all = owners.iter();
        match (all.next(), all.next()) {
            (None, _) => Verdict::Unknown(self.silence),
            (Some(only), None) => Verdict::One(only.clone()),
            _ => Verdict::Contested(owners),
        }
    }
}

/// Why it is unknown whose an object is that nothing gives to anybody.
pub(super) fn silence(
    explanation: &Explanation,
    metadata: Option<&str>,
    value: Option<&str>,
) -> Unknown {
    match (explanation, metadata, value) {
        (_, Some(_), None) => Unknown::MetadataNotRead,
        (_, Some(_), Some(_)) => Unknown::MetadataSilent,
        (Explanation::Layout { .. }, None, _) => Unknown::NoRecord,
        (Explanation::Rule { .. }, None, _) => Unknown::UntoldSource,
        (Explanation::Nothing, None, _) => Unknown::NothingExplains,
    }
}
