//! The fleet: which buckets there are, and what each is like.

use std::collections::HashSet;

use super::{Fact, Gate, Meter};
use crate::aws::{Aws, Problem, ProblemKind, wire};
use crate::domain::advice::advice;
use crate::domain::{BucketName, Region};

pub use crate::aws::wire::bucket::BucketEntry;
pub use crate::domain::configuration::{Encryption, Versioning, VersioningState};

/// Requests of one bucket's facts at the same time, once its Region is known.
const FACTS_AT_ONCE: usize = 3;

/// The buckets of the account, as far as the list came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listed {
    /// The buckets, sorted by name.
    pub buckets: Vec<BucketEntry>,
    /// Why these are not all; `None` when they are.
    pub problem: Option<Problem>,
}

/// All buckets of the account, page after page. A page that fails ends the list, and what came before it stays.
///
/// Some servers ignore the token and give the same page, or the same token, again: that is a problem and not a loop,
/// and a bucket that comes twice is one bucket.
pub async fn list(aws: &Aws, meter: &Meter) -> Listed {
    let mut listed = Listed::default();
    listed.problem = pages(aws, meter, &mut listed.buckets).await.err();
    listed.buckets.sort_by(|a, b| a.name.cmp(&b.name));
    listed
}

async fn pages(aws: &Aws, meter: &Meter, buckets: &mut Vec<BucketEntry>) -> Result<(), Problem> {
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
        let Some(next) = page.next else {
            return Ok(());
        };
        if token.is_some() && names.len() == before {
            return Err(does_not_go_on("a page of nothing new that is not the last"));
        }
        if !tokens.insert(next.clone()) {
            return Err(does_not_go_on("the same continuation token twice"));
        }
        token = Some(next);
    }
}

/// A list that would never end, or end somewhere by chance.
fn does_not_go_on(what: &str) -> Problem {
    Problem::new(
        "list the buckets",
        "",
        ProblemKind::Malformed,
        &format!("the server gave {what}"),
        advice!("there may be more buckets than were listed: give those by name instead"),
    )
}

/// Whether a bucket's policy opens it to the public, as S3 itself judges. ACLs are not part of that verdict: `audit` looks at
/// them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publicity {
    /// S3 calls the policy public, and the bucket's own block does not restrict it. The account's block may.
    Public,
    /// S3 calls the policy public, or it is not known what S3 calls it, and the bucket's own block takes that back.
    Blocked,
    /// S3 does not call the policy public.
    NotPublic,
}

/// Asks S3 for its verdict on the policy: one request, and a second one only where the first does not settle it. Not set:
/// there is no policy.
pub(super) async fn publicity(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
    gate: &Gate,
) -> Fact<Publicity> {
    let asked = wire::configuration::policy_status(aws, bucket, meter);
    let status = Fact::from_answer(gate.pass(asked).await.map(|answer| answer.value));
    match &status {
        Fact::NotSet => return Fact::NotSet,
        Fact::Set(status) if !status.is_public => return Fact::Set(Publicity::NotPublic),
        Fact::Set(_) | Fact::Unknown(_) => {}
    }
    let asked = wire::configuration::public_access(aws, bucket, meter);
    let block = Fact::from_answer(gate.pass(asked).await.map(|answer| answer.value));
    match (status, block) {
        (Fact::Set(_), Fact::Set(block)) if block.restrict_public_buckets => {
            Fact::Set(Publicity::Blocked)
        }
        (Fact::Unknown(_), Fact::Set(block)) if block.blocks_everything() => {
            Fact::Set(Publicity::Blocked)
        }
        (Fact::Unknown(problem), _) => Fact::Unknown(problem),
        // Without an answer about the block the verdict on the policy stands, which is what is asked for.
        (_, _) => Fact::Set(Publicity::Public),
    }
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
    /// Whether its policy is public; not set when it has none.
    pub publicity: Fact<Publicity>,
}

/// Asks for all facts of a bucket, side by side once its Region is known.
pub async fn facts(aws: &Aws, bucket: &BucketName, meter: &Meter) -> BucketFacts {
    facts_through(aws, bucket, meter, &Gate::new(FACTS_AT_ONCE)).await
}

/// Asks for all facts of a bucket, through a gate that other buckets share.
pub async fn facts_through(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
    gate: &Gate,
) -> BucketFacts {
    // First, so that the other three go to the right Region at once rather than be redirected each.
    let region = gate.pass(wire::bucket::region(aws, bucket, meter)).await;
    let (versioning, encryption, publicity) = futures::join!(
        gate.pass(wire::configuration::versioning(aws, bucket, meter)),
        gate.pass(wire::configuration::encryption(aws, bucket, meter)),
        publicity(aws, bucket, meter, gate),
    );
    BucketFacts {
        region: Fact::from_answer(region.map(Some)),
        versioning: Fact::from_answer(versioning.map(|answer| answer.value)),
        encryption: Fact::from_answer(encryption.map(|answer| answer.value)),
        publicity,
    }
}
