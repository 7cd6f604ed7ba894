//! An S3 endpoint inside the process, for the demo and the tests.

pub mod configuration;
pub mod objects;
pub mod store;
pub mod world;
