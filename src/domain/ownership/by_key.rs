//! Determines the owner of objects of which only the key is known: in listings, scans and counts.

use std::collections::BTreeSet;

use super::{Attribution, Ownership, Seen, Unknown, Verdict};
use crate::domain::OwnerId;
use crate::domain::blueprint::{BucketBlueprint, Location};
use crate::domain::quarantine::place;

/// What a key says about its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ByKey {
    Owner(OwnerId),
    /// Layouts or rules give it to different owners: these, as far as the key names them.
    Contested(BTreeSet<OwnerId>),
    /// A layout or a rule explains the key, and it does not tell the owner.
    Untold,
    /// No layout and no rule matches the key.
    Unexplained,
}

/// The owner of a key, by the layouts of the bucket and the rules that write into it.
#[must_use]
pub(crate) fn by_key(bucket: &BucketBlueprint, key: &str) -> ByKey {
    if !bucket.is_target() && !bucket.is_disputed() && !place::is_place(key) {
        return match bucket.locate(key) {
            Location::Owned { owner, .. } => ByKey::Owner(owner),
            Location::Unnamed { .. } => ByKey::Untold,
            Location::Unreadable => ByKey::Unexplained,
        };
    }
    match attribution_by_key(bucket, key).verdict {
        Verdict::One(owner) => ByKey::Owner(owner),
        Verdict::Unknown(Unknown::NothingExplains | Unknown::UnprovenCopy) => ByKey::Unexplained,
        Verdict::Contested(owners) => ByKey::Contested(owners),
        Verdict::Unknown(Unknown::LayoutsDiffer { owner, .. }) => {
            ByKey::Contested(owner.into_iter().collect())
        }
        Verdict::Unknown(
            Unknown::NoRecord
            | Unknown::MetadataNotRead
            | Unknown::MetadataSilent
            | Unknown::RuleLosesOwner { .. }
            | Unknown::UntoldSource,
        ) => ByKey::Untold,
    }
}

/// The owner of a key with the reasons, by the layouts of the bucket and the rules that write into it.
#[must_use]
pub(crate) fn attribution_by_key(bucket: &BucketBlueprint, key: &str) -> Attribution {
    let ownership = Ownership::new(bucket.sources.iter().chain([bucket]), None);
    ownership.whose(&bucket.name, key, &Seen::default())
}
