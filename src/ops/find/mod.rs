//! Finds everything of one user in every bucket of a blueprint: versions, delete markers, incomplete uploads, derived
//! objects, replicas, and quarantined copies of all these.
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

/// The input of a search.
#[derive(Debug, Clone)]
pub(crate) struct FindRequest {
    pub blueprint: Blueprint,
    pub owner: OwnerId,
    /// The keys that the application's records give to the user; `None` if no records were read.
    pub records: Option<BTreeSet<String>>,
    /// What the lists say about all users, if any were read.
    pub lists: TrustedLists,
    /// Keys that are known to be the user's, even if they no longer exist. The search still looks for objects derived
    /// from them.
    pub known: Vec<Arc<Claim>>,
    /// The maximum number of HEAD requests to read owners from metadata.
    pub max_heads: u64,
    /// The maximum number of concurrent requests, at least 1.
    pub in_flight: usize,
}

/// The result, with the errors of failed requests.
pub(crate) type Found = search::Found<Problem>;

/// Finds everything of a user. It changes nothing. A cancelled search ends early, and its coverage says so.
pub(crate) async fn find(
    aws: &Aws,
    request: &FindRequest,
    cancel: &CancellationToken,
    meter: &Meter,
) -> Found {
    driver::run(aws, request, cancel, meter).await
}
