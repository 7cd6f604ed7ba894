//! The fleet: which buckets there are, and what each is like.

use std::collections::HashSet;

use super::{Fact, Meter};
use crate::aws::{Aws, Problem, ProblemKind, wire};
use crate::domain::{BucketName, Region};

pub use crate::aws::wire::bucket::{
    BucketEntry, Encryption, PublicAccess, Versioning, VersioningState,
};

/// All buckets of the account, sorted by name, page after page.
///
/// Some servers ignore paging and give everything, or the same page, again: a token that comes twice is an error and
/// not a loop, and a bucket that comes twice is one bucket.
pub async fn list(aws: &Aws, meter: &Meter) -> Result<Vec<BucketEntry>, Problem> {
    let mut buckets = Vec::new();
    let mut names = HashSet::new();
    let mut tokens = HashSet::new();
    let mut token: Option<String> = None;
    loop {
        let page = wire::bucket::list(aws, token.as_deref(), meter).await?;
        let before = names.len();
        for bucket in page.buckets {
            if names.insert(bucket.name.clone()) {
                buckets.push(bucket);
            }
        }
        match page.next {
            // A page that told nothing new comes from a server that does not look at the token.
            Some(next) if names.len() > before || token.is_none() => {
                if !tokens.insert(next.clone()) {
                    return Err(Problem::new(
                        "list the buckets",
                        "",
                        ProblemKind::Malformed,
                        "the server gave the same continuation token twice",
                        "the list would be incomplete; give the bucket by name instead",
                    ));
                }
                token = Some(next);
            }
            _ => break,
        }
    }
    buckets.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(buckets)
}

/// What a bucket is like. Each fact was asked for by itself and fails by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketFacts {
    /// Where it lives.
    pub region: Fact<Region>,
    /// Whether it keeps versions; not set when it never did.
    pub versioning: Fact<Versioning>,
    /// How it encrypts by default.
    pub encryption: Fact<Encryption>,
    /// What public access it blocks by itself.
    pub public_access: Fact<PublicAccess>,
}

/// Asks for all facts of a bucket, side by side once its Region is known.
pub async fn facts(aws: &Aws, bucket: &BucketName, meter: &Meter) -> BucketFacts {
    // First, so that the other three go to the right Region at once rather than be redirected each.
    let region = wire::bucket::region(aws, bucket, meter).await;
    let (versioning, encryption, public_access) = futures::join!(
        wire::bucket::versioning(aws, bucket, meter),
        wire::bucket::encryption(aws, bucket, meter),
        wire::bucket::public_access(aws, bucket, meter),
    );
    BucketFacts {
        region: Fact::from_answer(region.map(Some)),
        versioning: Fact::from_answer(versioning),
        encryption: Fact::from_answer(encryption),
        public_access: Fact::from_answer(public_access),
    }
}
