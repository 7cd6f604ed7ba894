//! The use cases, asynchronous over `aws`: what both the command line and the console can do.
//!
//! Each function takes the connection, what to look at and a [`Meter`] that counts its requests. Short work is a
//! function that answers once; long work sends batches over a bounded channel and stops promptly when its
//! `CancellationToken` is cancelled. Nothing here prints. Start with [`browse`] (pages of a listing),
//! [`listing`] (every object of a bucket), [`scan`] (all of them in columns), [`owners`] (whose media is where), [`find`]
//! (everything of one user), [`change`] (deletes it, verified), [`state`] (how a bucket is configured), [`explain`] (why a request is allowed or refused), [`audit`] (what is
//! wrong with it), [`metrics`] (how it grew), [`registry`] (who and what is alive), [`orphans`] (what outlived them),
//! [`quarantine`] (puts that aside, and brings it back), [`presign`] (what others may
//! do with it for a while) and [`smoke`] (whether it does what the application needs).

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
pub mod scan;
pub mod smoke;
pub mod state;

pub use coverage::Coverage;
pub(crate) use coverage::Gap;
pub use fact::Fact;
pub use gate::Gate;
pub use meter::Meter;
