//! The use cases: asynchronous functions on top of `aws`, shared by the command line and the console.
//!
//! Each function takes the connection, its input, and a [`Meter`] that counts its requests. Short tasks return one
//! result. Long tasks send updates over a bounded channel, and stop when their `CancellationToken` is cancelled.
//! Nothing here prints.
//!
//! Start with [`browse`] (pages of a listing). Then:
//!
//! - Listing: [`listing`] (every object of a bucket), [`scan`] (all of them in columns)
//! - Users: [`owners`] (all owners of a bucket), [`find`] (everything of one user), [`change`] (deletes it and
//!   verifies)
//! - Configuration: [`state`] (settings), [`explain`] (why a request is allowed or denied), [`audit`] (findings),
//!   [`metrics`] (growth)
//! - What several of these need: [`replication`] (where a bucket is copied)
//! - Orphans: [`registry`] (lists of active users and keys), [`orphans`] (the search), [`quarantine`] (quarantine and
//!   restore)
//! - Access: [`presign`] (pre-signed requests), [`smoke`] (tests of the application's requests)

mod access_logs;
pub mod account;
pub mod audit;
pub mod browse;
pub mod bucket_facts;
pub mod buckets;
pub mod change;
pub(crate) mod coverage;
pub(crate) mod explain;
mod fact;
pub(crate) mod find;
mod gate;
pub mod inspect;
pub(crate) mod lifecycle_forecast;
pub mod listing;
pub(crate) mod meter;
pub mod metrics;
pub(crate) mod orphans;
pub mod owners;
pub mod presign;
pub(crate) mod profiles;
pub(crate) mod quarantine;
pub(crate) mod registry;
mod replication;
pub mod scan;
pub mod smoke;
pub mod state;

pub use coverage::Coverage;
pub(crate) use coverage::Gap;
pub use fact::Fact;
pub use gate::Gate;
pub use meter::Meter;
