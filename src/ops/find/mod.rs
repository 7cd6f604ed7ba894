//! Everything of one user, in every bucket of a blueprint: versions, delete markers, incomplete uploads, derived objects,
//! replicas, and the copies of all these that lie in quarantine.
//!
//! What follows from what, [`domain::search`](crate::domain::search) knows; [`find`] asks S3 what it wants to know
//! (`driver`). What no layout explains is not searched, and named (`unexplained`). What the records say, [`ask`] reads beforehand. Every [`Item`](crate::domain::change::Item) says why it is
//! the user's; what could not be searched is said as well. [`groups`] adds up.

mod about;
mod driver;
pub(super) mod exact;
mod group;
mod records;
mod unexplained;

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::Meter;
use crate::aws::{Aws, Problem};
use crate::domain::OwnerId;
use crate::domain::blueprint::Blueprint;
use crate::domain::change::Claim;
use crate::domain::search;

pub(crate) use about::about_id;
pub(crate) use group::{Group, groups};
pub use records::{Lists, TrustedLists};
pub(crate) use records::{ReadLists, Records, ask, read, undated};
pub(crate) use unexplained::{Unexplained, unexplained};

/// Whose things are looked for, and where.
#[derive(Debug, Clone)]
pub(crate) struct FindRequest {
    /// The buckets, and whose their keys are.
    pub blueprint: Blueprint,
    /// The user.
    pub owner: OwnerId,
    /// The keys that the application's records give to the user; `None` where no records were read.
    pub records: Option<BTreeSet<String>>,
    /// What the lists say of all users, as far as any were read.
    pub lists: TrustedLists,
    /// Keys that are known to be the user's, and may be gone: what was made from them is looked for all the same.
    pub known: Vec<Arc<Claim>>,
    /// The most objects that are asked one by one for an owner who stands in their metadata, at a HEAD request each.
    pub max_heads: u64,
    /// The most requests in flight, at least 1.
    pub in_flight: usize,
}

/// What was found, with the failed requests behind what is missing.
pub(crate) type Found = search::Found<Problem>;

/// Finds everything of a user. Changes nothing. Cancelling ends it early, and the coverage then says so.
pub(crate) async fn find(
    aws: &Aws,
    request: &FindRequest,
    cancel: &CancellationToken,
    meter: &Meter,
) -> Found {
    driver::run(aws, request, cancel, meter).await
}
