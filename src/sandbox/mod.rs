//! An S3 endpoint inside the process, for the demo and the tests.

pub mod world;
