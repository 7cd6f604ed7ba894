//! Selects the buckets to search, and the blueprints to use.

use std::collections::BTreeSet;

use super::FindArgs;
use crate::aws::{Aws, wire};
use crate::cli::purge::refused_list;
use crate::cli::session::{Interruption, Session};
use crate::cli::{Failure, choice};
use crate::domain::BucketName;
use crate::domain::blueprint::Blueprint;
use crate::domain::registry::Purpose;
use crate::domain::search::OtherBuckets;
use crate::ops::find::{self, FindRequest, Found, Records, Unexplained};
use crate::ops::registry::Why;
use crate::ops::{Gap, Meter};

/// The results of a search, with its blueprints.
pub(in crate::cli) struct Searched {
    pub(in crate::cli) found: Found,
    pub(in crate::cli) blueprints: Vec<String>,
    /// Remarks from the application's lists about the user.
    pub(in crate::cli) remarks: Vec<String>,
    /// What no layout explains, and was not searched, by bucket.
    pub(in crate::cli) unexplained: Vec<(BucketName, Unexplained)>,
    /// A list that cannot be relied on: what was found is shown all the same, and the command ends as refused.
    pub(in crate::cli) refused: Option<Failure>,
}

/// Searches every bucket of the named blueprint, or of each built-in that contains a bucket of the account.
pub(in crate::cli) async fn search(
    session: &Session,
    args: &FindArgs,
) -> Result<Searched, Failure> {
    let owner = &args.owner;
    let named = choice::named(&session.settings)?;
    if named.is_none() && !args.lists.registry.is_empty() {
        return Err(Failure::usage(
            "--registry says who is alive of one application, and no blueprint was named",
        )
        .advising("give --blueprint NAME or FILE"));
    }
    let aws = session.connect().await?;
    let meter = Meter::new();
    let blueprints = match named {
        Some(named) => vec![named],
        None => built_ins(session, &aws, &meter).await?,
    };
    let mut searched = Searched {
        found: Found::default(),
        blueprints: blueprints.iter().map(|b| b.name.clone()).collect(),
        remarks: Vec::new(),
        unexplained: Vec::new(),
        refused: None,
    };
    for blueprint in blueprints {
        let state = session.state().map(std::path::Path::to_owned);
        let lists = args.lists.for_user(&blueprint, Purpose::Look, state)?;
        let asked = find::ask(&aws, &blueprint, &lists, owner, &session.stop, &meter).await;
        let records = match asked {
            Ok(records) => records,
            Err(none) if none.why == Why::Asked => return Err(refused_list(none)),
            Err(none) => {
                if none.why.is_refusal() {
                    let refused = refused_list(none.clone());
                    searched.refused.get_or_insert(refused);
                }
                let gap = Gap::failed(format!("the records of {}", blueprint.name), none.problem);
                searched.found.coverage.miss(gap);
                Records::unread()
            }
        };
        searched.remarks.extend(records.words());
        let request = FindRequest {
            blueprint,
            owner: owner.clone(),
            records: records.keys,
            lists: records.lists,
            known: Vec::new(),
            max_heads: args.max_heads,
            in_flight: session.settings.jobs,
        };
        let jobs = session.settings.jobs;
        let (found, unexplained) = futures::join!(
            Box::pin(find::find(&aws, &request, &session.stop, &meter)),
            find::unexplained(&aws, &request.blueprint, jobs, &session.stop, &meter)
        );
        merge(&mut searched.found, found);
        searched.unexplained.extend(unexplained);
    }
    Ok(searched)
}

/// Merges results. No two built-ins contain the same bucket, so nothing is counted twice.
fn merge(all: &mut Found, found: Found) {
    all.items.extend(found.items);
    all.contested.extend(found.contested);
    all.searched.extend(found.searched);
    all.replication.extend(found.replication);
    all.impossible.extend(found.impossible);
    all.coverage.merge(found.coverage);
    all.other_buckets = match (all.other_buckets.take(), found.other_buckets) {
        // Only buckets that neither blueprint contains.
        (Some(OtherBuckets::Names(one)), Some(OtherBuckets::Names(mut other))) => {
            other.retain(|bucket| one.contains(bucket));
            Some(OtherBuckets::Names(other))
        }
        (Some(one @ OtherBuckets::NotListed(_)), _) => Some(one),
        (one, other) => other.or(one),
    };
}

/// The built-in blueprints that contain a bucket of this account, restricted to its existing buckets, because the
/// others need not exist.
async fn built_ins(session: &Session, aws: &Aws, meter: &Meter) -> Result<Vec<Blueprint>, Failure> {
    let buckets = account_buckets(session, aws, meter).await?;
    let mut chosen = Vec::new();
    for name in Blueprint::builtin_names() {
        let Some(mut blueprint) = Blueprint::builtin(name) else {
            continue;
        };
        blueprint
            .buckets
            .retain(|bucket| buckets.contains(&bucket.name));
        if !blueprint.buckets.is_empty() {
            chosen.push(blueprint);
        }
    }
    if chosen.is_empty() {
        return Err(Failure::usage(
            "could not tell where users' objects are: no built-in blueprint names a bucket of this account",
        )
        .advising("give --blueprint a file that names your buckets; `s3warden blueprint list` shows the built-in ones"));
    }
    Ok(chosen)
}

async fn account_buckets(
    session: &Session,
    aws: &Aws,
    meter: &Meter,
) -> Result<BTreeSet<BucketName>, Failure> {
    let mut names = BTreeSet::new();
    let mut token: Option<String> = None;
    loop {
        let asked = wire::bucket::list(aws, token.as_deref(), meter);
        let page = match session.ask(asked).await {
            Ok(page) => page,
            Err(Interruption::Failed(problem)) => {
                return Err(Failure::from(problem).advising(
                    "or name the blueprint with --blueprint: then no list of buckets is needed",
                ));
            }
            Err(Interruption::Interrupted) => {
                let gap = Gap::cancelled("the list of buckets");
                return Err(Failure {
                    status: crate::cli::ExitStatus::Interrupted,
                    ..Failure::failed(format!("{}: {}", gap.what, gap.why))
                });
            }
        };
        names.extend(page.buckets.into_iter().map(|bucket| bucket.name));
        match page.next {
            Some(next) => token = Some(next),
            None => return Ok(names),
        }
    }
}
