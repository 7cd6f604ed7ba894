//! Draws the conclusion from all claims.

use std::collections::BTreeSet;

use super::former::Former;
use super::{Explanation, OwnerClaim, Source};
use crate::domain::{BucketName, OwnerId};

/// The owner of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Exactly one owner.
    One(OwnerId),
    /// The claims differ, or it was derived from several owners' objects. At least two owners.
    Contested(BTreeSet<OwnerId>),
    /// No owner can be determined.
    Unknown(Unknown),
}

/// Why the owner is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// No layout and no rule matches the key.
    NothingExplains,
    /// A layout takes the owner from records or metadata, which name nobody, and another layout looks for the owner
    /// elsewhere.
    LayoutsDiffer {
        /// The id of the first layout.
        layout: String,
        /// The id of the other layout.
        other: String,
        /// The owner that the other layout reads from the key, if any.
        owner: Option<OwnerId>,
    },
    /// Its layout takes the owner from the records, and no record names one.
    NoRecord,
    /// Its layout takes the owner from the object's metadata, which was not read.
    MetadataNotRead,
    /// The metadata does not name an owner.
    MetadataSilent,
    /// A rule can have produced it, its source does not exist, and the rule drops the owner.
    RuleLosesOwner {
        /// The id of the rule.
        rule: String,
        /// The bucket of its sources.
        from: BucketName,
    },
    /// It was derived from an object of unknown owner.
    UntoldSource,
    /// It is stored where quarantined copies are, but does not prove what it is a copy of.
    UnprovenCopy,
}

impl Verdict {
    /// The owners in the verdict: one, several, or none.
    #[must_use]
    pub(crate) fn owners(&self) -> BTreeSet<OwnerId> {
        match self {
            Self::One(owner) => BTreeSet::from([owner.clone()]),
            Self::Contested(owners) => owners.clone(),
            Self::Unknown(_) => BTreeSet::new(),
        }
    }

    /// Whether the claims differ.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn is_contested(&self) -> bool {
        matches!(self, Self::Contested(_))
    }
}

impl Unknown {
    /// The reason, in a sentence without a full stop. It contains raw names: escape it before display.
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

/// The evidence for a verdict.
pub(super) struct Grounds<'g> {
    /// The owners that the key names, by the layouts.
    pub by_key: &'g [OwnerClaim],
    /// Set if layouts look for the owner in different places.
    pub differs: Option<Unknown>,
    /// Whether a layout takes the owner from metadata that was not read.
    pub is_unread: bool,
    pub stated: &'g [OwnerClaim],
    pub sources: &'g [Source],
    pub former: &'g Former,
    /// Why the owner is unknown if there is no claim.
    pub silence: Unknown,
}

impl Grounds<'_> {
    pub(super) fn verdict(self) -> Verdict {
        let stated = self.stated.iter().map(|claim| &claim.owner);
        let mut owners: BTreeSet<OwnerId> = stated.cloned().collect();
        // Evidence that names this object is stronger than a source of unknown owner.
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
            if is_unknown {
                // Such a source decides nothing, so the key counts.
                owners.extend(self.by_key.iter().map(|claim| claim.owner.clone()));
            }
            is_unknown.then_some(Unknown::UntoldSource)
        };
        // If a source or a record decides, that does not contradict a layout that was not used.
        let differs = self.differs.filter(|_| self.sources.is_empty());
        if let Some(differs) = differs {
            return Verdict::Unknown(differs);
        }
        if self.is_unread {
            return Verdict::Unknown(Unknown::MetadataNotRead);
        }
        // A source that nobody looked at, or that layouts give to several, may be anybody's. A record or the metadata of
        // what was made from it is no proof against that. It is one if nothing names the source's owner.
        let is_open = |source: &Source| {
            matches!(
                source.whose,
                Verdict::Unknown(Unknown::MetadataNotRead | Unknown::LayoutsDiffer { .. })
            )
        };
        if let Some(doubt) = doubt.filter(|_| !is_stated || self.sources.iter().any(is_open)) {
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

/// Why the owner is unknown if no evidence names one.
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
