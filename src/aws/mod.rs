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
pub(crate) mod connect;
mod credentials;
#[cfg(feature = "dynamodb")]
mod dynamodb;
mod explain;
pub(crate) mod guard;
mod http;
pub(crate) mod meter;
mod network;
pub(crate) mod operations;
pub(crate) mod problem;
pub(crate) mod profiles;
pub(crate) mod raw;
pub(crate) mod scrub;
mod shape;
pub(crate) mod sign;
pub(crate) mod wire;

#[cfg(test)]
mod model_tests;

pub use clients::Aws;
pub use connect::{ConnectOptions, StaticCredentials};
pub use guard::{WriteMode, WritePermit};
pub use meter::Meter;
pub use problem::{Problem, ProblemKind};
pub(crate) use profiles::profile_names;
pub(crate) use sign::SignError;
pub use sign::Signer;
pub(crate) use wire::identity::Identity;
