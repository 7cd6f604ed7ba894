//! The command line, as a child process against the sandbox.

mod blueprint;
mod buckets;
mod failures;
mod help;
mod hostile;
mod listing;
mod order;
mod owners;
mod serve;
mod stopping;
pub mod support;
