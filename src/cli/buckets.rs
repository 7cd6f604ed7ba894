//! `s3warden buckets`: the fleet, one row a bucket.

use clap::Args;

/// Which buckets.
#[derive(Debug, Clone, Args)]
pub struct BucketsArgs {}
