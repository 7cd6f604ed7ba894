//! An S3 endpoint inside the process, for the demo and the tests.

mod answer;
pub mod configuration;
pub mod counts;
pub mod faults;
pub mod latency;
pub mod objects;
mod operation;
pub mod pattern;
mod permissions;
pub mod policy;
pub mod store;
pub mod world;
