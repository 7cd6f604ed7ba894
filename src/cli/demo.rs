//! `s3warden demo`: the console on the embedded sandbox.

use clap::Args;

/// What the demo shows.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// A world to show, a built-in or a TOML file; may be given several times [default: all built-in worlds]
    #[arg(long = "world", value_name = "NAME|FILE")]
    pub worlds: Vec<String>,
}
