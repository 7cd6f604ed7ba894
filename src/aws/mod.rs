//! The only code that touches the AWS SDKs: clients per profile and Region, the write guard, errors in words.
//!
//! Everything above works with [`Aws`] (who is connected to what), the functions in [`wire`] (one a request, in the
//! words of `domain`) and [`Problem`] (why a request failed and what to do). Three things hold for every request that
//! leaves through here: it was let through by the [write guard](guard), its answer has the [shape] that the operation
//! promises, and a failure has been put into words without a credential in them.
//!
//! Start with [`connect`] for how a connection is made, then [`wire`] for what can be asked.

mod clients;
mod cloudwatch;
mod codes;
pub mod connect;
mod credentials;
#[cfg(feature = "dynamodb")]
mod dynamodb;
mod explain;
pub mod guard;
mod http;
pub mod meter;
mod network;
pub mod operations;
pub mod problem;
pub mod profiles;
pub mod raw;
pub(crate) mod scrub;
mod shape;
pub mod sign;
pub mod wire;

#[cfg(test)]
mod model_tests;

pub use clients::Aws;
pub use connect::{ConnectOptions, StaticCredentials};
pub use guard::{WriteMode, WritePermit};
pub use meter::Meter;
pub use problem::{Problem, ProblemKind};
pub use profiles::profile_names;
pub use sign::{SignError, Signer};
pub use wire::identity::Identity;
