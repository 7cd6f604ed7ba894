//! Lists the buckets of the account, with facts about each.

use std::collections::HashSet;

use super::{Fact, Gate, Meter};
use crate::aws::{Aws, Problem, ProblemKind, wire};
use crate::domain::advice::advice;
use crate::domain::{BucketName, Region};

pub use crate::aws::wire::bucket::BucketEntry;
pub use crate::domain::configuration::{Encryption, Versioning, VersioningState};

/// The number of concurrent requests about one bucket, once its Region is known.
const FACTS_AT_ONCE: usize = 3;

/// The buckets of the account, as far as they could be listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listed {
    /// The buckets, sorted by name.
    pub buckets: Vec<BucketEntry>,
    /// Why the list is incomplete; `None` if it is complete.
    pub problem: Option<Problem>,
}

/// All buckets of the account, page by page. If a page fails, the list ends with the buckets so far.
///
/// Some servers ignore the token, and return the same page or token again. That is reported as a problem instead of
/// looping, and repeated buckets count once.
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

/// The problem of a list that would never end, or end arbitrarily.
fn does_not_go_on(what: &str) -> Problem {
    Problem::new(
        "list the buckets",
        "",
        ProblemKind::Malformed,
        &format!("the server gave {what}"),
        advice!("there may be more buckets than were listed: give those by name instead"),
    )
}

/// Whether a bucket's policy makes it public, according to S3. ACLs are not included; `audit` checks them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publicity {
    /// S3 reports the policy as public, and the bucket's own block does not restrict it. The account's block may.
    Public,
    /// S3 reports the policy as public, or its report is unknown, and the bucket's own block restricts it.
    Blocked,
    /// S3 does not report the policy as public.
    NotPublic,
}

/// Requests S3's report on the policy: one request, and a second one only if the first does not settle it. Not set if
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
        // If the block is unknown, the report on the policy counts.
        (_, _) => Fact::Set(Publicity::Public),
    }
}

/// Facts about a bucket. Each was requested separately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketFacts {
    /// Its Region.
    pub region: Fact<Region>,
    /// Its versioning state; not set if versioning was never enabled.
    pub versioning: Fact<Versioning>,
    /// Its default encryption.
    pub encryption: Fact<Encryption>,
    /// Whether its policy is public; not set if it has none.
    pub publicity: Fact<Publicity>,
}

/// Requests all facts about a bucket, concurrently once its Region is known.
pub async fn facts(aws: &Aws, bucket: &BucketName, meter: &Meter) -> BucketFacts {
    facts_through(aws, bucket, meter, &Gate::new(FACTS_AT_ONCE)).await
}

/// Requests all facts about a bucket through a gate that other buckets share.
pub async fn facts_through(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
    gate: &Gate,
) -> BucketFacts {
    // First, so that the other three requests go to the right Region at once instead of being redirected.
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
