//! `s3warden ls`: objects, their versions, or everything of one user.

use clap::Args;

use super::args::uri;
use crate::domain::{OwnerId, S3Uri};

/// What is listed.
#[derive(Debug, Clone, Args)]
pub struct LsArgs {
    /// The bucket, and the beginning of the keys to list
    #[arg(value_name = "s3://BUCKET[/PREFIX]", value_parser = uri)]
    pub uri: S3Uri,

    /// List all keys below, not one level
    #[arg(short, long)]
    pub recursive: bool,

    /// List versions and delete markers, not current objects alone
    #[arg(long)]
    pub versions: bool,

    /// List what belongs to this user, wherever the blueprint says it is
    #[arg(long, value_name = "USER", value_parser = owner)]
    pub owner: Option<OwnerId>,
}

fn owner(text: &str) -> Result<OwnerId, crate::domain::InvalidName> {
    OwnerId::new(text)
}
