//! `s3warden blueprint`: list the built-in blueprints, check a file.

use std::path::PathBuf;

use clap::Subcommand;

/// What to do with blueprints.
#[derive(Debug, Clone, Subcommand)]
pub enum BlueprintCommand {
    /// List the built-in blueprints and the buckets they name
    List,
    /// Check a blueprint: every error with its line, every doubt with both names
    Check {
        /// The blueprint, a TOML file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}
