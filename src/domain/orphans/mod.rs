//! Orphaned media, in both directions: objects that nobody alive has a claim on, and records whose objects are gone.
//!
//! Three things are brought together: whole listings of buckets ([`Ground`]), the rules of their blueprint, and the
//! application's own lists of who and what is alive ([`Living`]). [`Join::run`] goes through each listing once and gives
//! [`Findings`]; [`non_current`] judges versions and uploads, which no list is needed for; [`gates`] say whether the result
//! can be believed at all. [`Verdict`]s carry their reason.
//!
//! Whatever is doubtful is no orphan: a derived object is its source's owner's, wherever it lies; what is younger than
//! the limit, or than the lists, is left alone; ids that resemble a living one are suspect; and a list of keys says
//! nothing of layouts of which it names no key.
//!
//! Start with [`Kind`], then [`join`](mod@join). Inside: `derived_index` (where derived objects have to be, and from what),
//! `owner` and `record` (the two questions put to each object), `hidden` (what may be made of old versions), `metadata_owner` (owners in objects' metadata), `registry_lookup` (what the lists answer), `missing` (what should be there and is not).

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

/// A bucket that was listed from its beginning to its end.
#[derive(Debug, Clone)]
pub struct Ground {
    /// What the blueprint says of it.
    pub rules: BucketBlueprint,
    /// Its current objects, all of them.
    pub objects: Columns,
    /// Keys that have versions and no current object; `None` where versions were not listed.
    pub hidden: Option<Vec<ObjectKey>>,
    /// Whose they are by their metadata, once that was asked for.
    pub stated: Option<MetadataOwners>,
    /// Whether verdicts on it are wanted. It is listed all the same when something was made from its objects, or into it.
    pub wanted: bool,
}

/// Who and what is alive, by lists that were [judged](crate::domain::registry::judge).
#[derive(Debug, Clone, Copy, Default)]
pub struct Living<'a> {
    /// The owners that exist.
    pub owners: Option<&'a TrustedList>,
    /// The keys that records name.
    pub keys: Option<&'a TrustedList>,
}

#[cfg(test)]
mod tests;
