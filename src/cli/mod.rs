//! The command line: one file a subcommand, one file an output format.
//!
//! [`parse`] reads the arguments. A subcommand's file holds its arguments and its `run`; [`formats`] prints
//! what it finds and [`Voice`] says the rest on standard error. Start with [`args`] for the options, then with [`ls`].

pub mod args;
pub mod blueprint;
pub mod buckets;
mod completions;
#[cfg(feature = "sandbox")]
pub mod demo;
mod failure;
pub mod formats;
mod help;
mod logging;
pub mod ls;
mod man;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod settings;
mod status;
mod voice;

pub use args::{Cli, Command, Globals, parse};
pub use failure::Failure;
pub use settings::Settings;
pub use status::ExitStatus;
pub use voice::Voice;
