//! Finds orphaned media in both directions: objects without an active owner, and records without an object.
//!
//! The input is complete listings of buckets ([`Ground`]), the rules of their blueprint, and the application's own
//! lists of active users and keys ([`Living`]). [`Join::run`] goes through each listing once and returns [`Findings`].
//! [`non_current`] judges versions and uploads, which needs no list. [`gates`] decide whether the result is credible.
//! Each [`Verdict`] has a reason.
//!
//! When in doubt, s3warden does not report an orphan:
//!
//! - A derived object belongs to the owner of its source, wherever it is.
//! - Objects younger than the minimum age, or than the lists, are skipped.
//! - Ids that resemble an active one are suspect.
//! - A list of keys says nothing about a layout if it has no key of that layout.
//!
//! Start with [`Kind`], then [`join`](mod@join). Inside: `derived_index` (expected derived objects and their sources),
//! `owner` and `record` (the two checks of each object), `hidden` (keys that may come from noncurrent versions),
//! `metadata_owner` (owners in object metadata), `registry_lookup` (what the lists say), `missing` (what should exist
//! and does not).

mod derived_index;
mod exact_verdict;
pub(crate) mod gates;
mod hidden;
pub(crate) mod join;
mod kind;
pub(crate) mod metadata_owner;
mod missing;
pub(crate) mod non_current;
mod owner;
mod record;
mod registry_lookup;
mod rows;
mod totals;
mod verdict;

use crate::domain::ObjectKey;
use crate::domain::blueprint::BucketBlueprint;
use crate::domain::columns::Columns;
use crate::domain::registry::TrustedList;

pub(crate) use exact_verdict::ExactVerdict;
pub use gates::Limits;
pub(crate) use gates::{Gate, Tripped};
pub use join::Join;
pub(crate) use join::{Findings, Judged};
pub use kind::{Kind, Kinds};
pub(crate) use metadata_owner::MetadataOwners;
pub(crate) use totals::KindTotal;
pub(crate) use verdict::{Reason, Shared, Through, Verdict};

/// A completely listed bucket.
#[derive(Debug, Clone)]
pub struct Ground {
    /// Its part of the blueprint.
    pub rules: BucketBlueprint,
    /// All its current objects.
    pub objects: Columns,
    /// Keys that have versions but no current object; `None` if versions were not listed.
    pub hidden: Option<Vec<ObjectKey>>,
    /// Owners from metadata, once the HEAD requests were sent.
    pub stated: Option<MetadataOwners>,
    /// Whether to report verdicts on it. A bucket is also listed if it holds sources or derived objects of another.
    pub wanted: bool,
}

/// The active users and keys, from lists that were [judged](crate::domain::registry::judge).
#[derive(Debug, Clone, Copy, Default)]
pub struct Living<'a> {
    /// The owners that exist.
    pub owners: Option<&'a TrustedList>,
    /// The keys that records name.
    pub keys: Option<&'a TrustedList>,
}

#[cfg(test)]
mod tests;
