//! The only code that uses the AWS SDKs: clients per profile and Region, the write guard, and explained errors.
//!
//! All other code uses [`Aws`] (a connection), the functions in [`wire`] (one per request, with types of `domain`) and
//! [`Problem`] (why a request failed, and what to do). Three things hold for every request: the [write guard](guard)
//! allowed it, its response has the [shape] that the operation promises, and an error is explained without credentials
//! in the text.
//!
//! Start with [`connect`] for connections, then [`wire`] for requests.

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
