//! Finds everything of one user in every bucket of a blueprint: versions, delete markers, incomplete uploads, derived
//! objects, replicas, and quarantined copies of all these.
//!
//! [`domain::search`](crate::domain::search) decides what follows from what; [`find`] sends its questions to S3
//! (`driver`). [`ask`] reads the application's records beforehand. Every [`Item`](crate::domain::change::Item) says why
//! it is the user's, and the result reports what could not be searched. [`groups`] computes totals.

mod about;
mod driver;
pub(super) mod exact;
mod group;
mod records;

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
