//! The options of `scan`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::Failure;
use crate::cli::args::uri;
use crate::domain::S3Uri;
use crate::ops::scan::Overwrite;

/// What is scanned, and what is counted.
#[derive(Debug, Clone, Args)]
pub struct ScanArgs {
    /// The bucket, and the beginning of the keys to scan
    #[arg(
        value_name = "s3://BUCKET[/PREFIX]",
        value_parser = uri,
        required_unless_present = "open",
        conflicts_with = "open"
    )]
    pub uri: Option<S3Uri>,

    /// What to count by [default: storage class and age]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub by: Option<GroupBy>,

    /// How many folders deep `--by prefix` goes, 1 to 64 [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub depth: Option<u8>,

    /// Print the N largest groups alone
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub top: Option<u32>,

    /// Keep the scan in a file, to be opened again
    #[arg(long, value_name = "FILE", conflicts_with = "open")]
    pub save: Option<PathBuf>,

    /// Replace FILE although it is no saved scan
    #[arg(long, requires = "save")]
    pub force: bool,

    /// Keep the entity tags, too: sixteen bytes an object
    #[arg(long, requires = "save")]
    pub etags: bool,

    /// Open a saved scan: needs no network
    #[arg(long, value_name = "FILE")]
    pub open: Option<PathBuf>,
}

/// What objects are put together by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GroupBy {
    /// Whose they are; the blueprint says so
    Owner,
    /// Their storage class
    Class,
    /// How long ago they were written
    Age,
    /// Which of the blueprint's layouts explains their key
    Layout,
    /// The folder that they are in
    Prefix,
}

impl GroupBy {
    /// Its name on the command line.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Class => "class",
            Self::Age => "age",
            Self::Layout => "layout",
            Self::Prefix => "prefix",
        }
    }
}

impl ScanArgs {
    /// Checks that clap does not support.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if self.depth.is_some() && self.by != Some(GroupBy::Prefix) {
            return Err(Failure::usage(
                "--depth says how deep --by prefix goes, and that was not asked for",
            )
            .advising("add --by prefix, or leave --depth out"));
        }
        Ok(())
    }

    pub(super) fn overwrite(&self) -> Overwrite {
        if self.force {
            Overwrite::Anything
        } else {
            Overwrite::Scans
        }
    }
}
