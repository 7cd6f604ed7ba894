//! The command line: one file a subcommand, one file an output format.

pub mod blueprint;
#[cfg(feature = "sandbox")]
pub mod sandbox;
