//! Everything of one user, in every bucket of a blueprint: versions, delete markers, incomplete uploads, derived objects,
//! replicas, and the copies of all these that lie in quarantine.
//!
//! [`find`] goes from what names the user to what follows from it. First each bucket is listed where its layouts say that
//! the user's objects are (`sweep`), and the keys that the application's records give to the user are added. From these
//! claims follow others: what the application makes of a source, and what replication copies. Those keys are looked up
//! one by one (`exact`), and whatever is there leads on.
//! What the records say, [`ask`] reads beforehand. Every [`Item`] says why it is the user's; what could not be
//! searched is said as well. [`groups`] adds up.

mod about;
pub(super) mod exact;
mod group;
mod records;
mod search;
mod sweep;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{Coverage, Meter};
use crate::aws::Aws;
use crate::domain::blueprint::Blueprint;
use crate::domain::change::{Claim, Item};
use crate::domain::{BucketName, ObjectKey, OwnerId, Region};

pub use about::about_id;
pub use group::{Group, groups};
pub use records::{Lists, Records, ask};

/// Whose things are looked for, and where.
#[derive(Debug, Clone)]
pub struct FindRequest {
    /// The buckets, and whose their keys are.
    pub blueprint: Blueprint,
    /// The user.
    pub owner: OwnerId,
    /// The keys that the application's records give to the user; `None` where no records were read.
    pub records: Option<BTreeSet<String>>,
    /// Keys that are known to be the user's, and may be gone: what was made from them is looked for all the same.
    pub known: Vec<Arc<Claim>>,
    /// The most objects that are asked one by one for an owner who stands in their metadata, at a HEAD request each.
    pub max_heads: u64,
    /// The most requests in flight, at least 1.
    pub in_flight: usize,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// Everything, by bucket and key; under a key versions and markers newest first, then uploads.
    pub items: Vec<Item>,
    /// The buckets that were searched, and the Region of each as far as the service tells.
    pub searched: BTreeMap<BucketName, Option<Region>>,
    /// From which bucket to which replication copies, by the blueprint or by the buckets' configuration.
    pub replication: BTreeSet<(BucketName, BucketName)>,
    /// Keys whose metadata was read and names the user, of the objects that only metadata tells whose they are.
    pub told: BTreeSet<(BucketName, ObjectKey)>,
    /// How many HEAD requests it would have taken to learn all owners; `None` where they were allowed.
    pub heads_wanted: Option<u64>,
    /// Keys of items that are made from something as well that is there and not known to be the user's: they are not to
    /// be deleted.
    pub shared: BTreeSet<(BucketName, ObjectKey)>,
    /// Layouts that no object of this user can follow, and why: `(bucket, layout, why)`.
    pub impossible: Vec<(BucketName, String, String)>,
    /// Complete, or what could not be searched and why.
    pub coverage: Coverage,
}

/// Finds everything of a user. Changes nothing. Cancelling ends it early, and the coverage then says so.
pub async fn find(
    aws: &Aws,
    request: &FindRequest,
    cancel: &CancellationToken,
    meter: &Meter,
) -> Found {
    search::Search::new(aws, request, cancel, meter).run().await
}
