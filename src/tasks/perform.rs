//! What each kind of work does: one use case of `ops` each, its results sent as they come.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::runner::{Outbox, Shared};
use super::work::{Connection, Pages, Update, Work};
use super::{
    all_buckets, audit_log, bucket_state, orphans, presign, purge, reading, scan, smoke, treemap,
};
use crate::aws::{Aws, Problem, ProblemKind};
use crate::domain::advice::advice;
use crate::domain::blueprint::{Blueprint, BucketBlueprint};
use crate::domain::{BucketName, ObjectKey, OwnerId, VersionId};
use crate::ops::browse::{ListRequest, Start};
use crate::ops::owners::{OwnerLimits, OwnerObjects, Tally};
use crate::ops::{
    Gate, Meter, browse, bucket_facts, buckets, explain, inspect, lifecycle_forecast, owners,
    profiles,
};

/// How long the cursor has to rest on an object before its detail is asked for: while somebody scrolls, every row
/// would cost three requests.
const REST: Duration = Duration::from_millis(120);

/// How many batches may wait between a use case and the screen: the channel to the screen bounds the rest.
const BATCHES: usize = 4;

/// Does one piece of work. Cancelled, it returns early; the caller knows from the token.
pub(super) async fn perform(
    work: Work,
    shared: Arc<Shared>,
    meter: Meter,
    out: Outbox,
    token: CancellationToken,
) -> Result<(), Problem> {
    if let Work::Scan(work) = work {
        // It ends by itself when it is cancelled, and then tells what there is.
        return scan::scan(connected(&shared)?, work, &shared, &meter, &out, token).await;
    }
    if let Work::Smoke(plan) = work {
        // Cancelled, it removes what it created before it ends.
        return smoke::test(connected(&shared)?, plan, &shared, meter, out, token).await;
    }
    if let Work::Orphans(work) = work {
        // Likewise: what it had read by then is told.
        let search = orphans::search(connected(&shared)?, *work, &shared, meter, &out, token);
        Box::pin(search).await;
        return Ok(());
    }
    if matches!(
        work,
        Work::Purge(_)
            | Work::PurgeSearch(_)
            | Work::PurgeReopening(_)
            | Work::PurgeUndoing(_)
            | Work::BatchSearch(_)
            | Work::Batch(_)
    ) {
        return purge::run(connected(&shared)?, work, shared, meter, out, token).await;
    }
    if let Work::Act(plan) = work {
        // Likewise: what is under way is waited for, and how far it came is told.
        let aws = connected(&shared)?;
        return Box::pin(orphans::act::carry_out(
            &aws, plan, &shared, &meter, &out, &token,
        ))
        .await;
    }
    let cancelled = token.clone();
    tokio::select! {
        biased;
        () = cancelled.cancelled() => Ok(()),
        done = dispatch(work, &shared, &meter, &out, token) => done,
    }
}

async fn dispatch(
    work: Work,
    shared: &Shared,
    meter: &Meter,
    out: &Outbox,
    token: CancellationToken,
) -> Result<(), Problem> {
    match work {
        Work::Sign(work) => work.run(&connected(shared)?, shared.write(), out).await,
        Work::CheckUrl(url) => presign::try_url(&url, out).await,
        Work::SmokeLook(target) => {
            smoke::look(&connected(shared)?, *target, shared, meter, out).await
        }
        Work::SmokeCleanUp(target) => {
            smoke::clean_up(&connected(shared)?, *target, shared, meter, out).await
        }
        Work::Connect { profile } => connect(profile, shared, out).await,
        Work::Profiles => {
            out.send(Update::Profiles(profiles::names().await?)).await;
            Ok(())
        }
        Work::Identity => {
            let identity = connected(shared)?.identity(meter).await?;
            out.send(Update::Identity(identity)).await;
            Ok(())
        }
        Work::Buckets => all_buckets(&connected(shared)?, meter, out).await,
        Work::Facts(names) => facts(&connected(shared)?, names, shared, meter, out).await,
        Work::Storage { buckets, days } => {
            let aws = connected(shared)?;
            all_buckets::sizes(&aws, buckets, days, shared, meter, out).await;
            Ok(())
        }
        Work::FleetAudit(work) => {
            all_buckets::audit(&connected(shared)?, *work, shared, meter, out).await;
            Ok(())
        }
        Work::List { request, pages } => {
            list(&connected(shared)?, request, pages, meter, out).await
        }
        Work::Owners(bucket) => {
            all_owners(connected(shared)?, *bucket, shared, meter, out, token).await;
            Ok(())
        }
        Work::Owner { bucket, owner } => {
            let aws = connected(shared)?;
            let page = owner_page(&aws, *bucket, owner, shared.limits(), meter, out, token);
            page.await;
            Ok(())
        }
        Work::Detail {
            bucket,
            key,
            version,
        } => {
            detail(
                &connected(shared)?,
                &bucket,
                &key,
                version.as_ref(),
                meter,
                out,
            )
            .await;
            Ok(())
        }
        Work::Blueprints => brought_blueprints(shared, out).await,
        Work::Export(work) => orphans::export(*work, out).await,
        Work::PlanAct(work) => {
            let aws = connected(shared)?;
            Box::pin(orphans::act::plan(&aws, *work, shared, meter, out, &token)).await
        }
        Work::ReopenAct(work) => {
            let aws = connected(shared)?;
            Box::pin(orphans::unfinished::reopen(
                &aws, *work, shared, meter, out, &token,
            ))
            .await
        }
        Work::UnfinishedActs => orphans::unfinished::left_open(connected(shared)?, shared, out).await,
        Work::UnfinishedPurges => purge::left_open(connected(shared)?, shared, out).await,
        Work::AuditLog => audit_log::read(shared, out, token).await,
        work @ (Work::Rules(_)
        | Work::Arrange(_)
        | Work::OwnersOfScan { .. }
        | Work::Read(_)
        | Work::Map(_)
        | Work::OpenKept { .. }
        | Work::Audit(_)
        | Work::Metrics(_)
        | Work::Explain(_)
        | Work::Cover(_)) => dispatch_reading(work, shared, meter, out, token).await,
        // See `perform`.
        Work::Scan(_)
        | Work::Smoke(_)
        | Work::Orphans(_)
        | Work::Act(_)
        | Work::Purge(_)
        | Work::PurgeSearch(_)
        | Work::PurgeReopening(_)
        | Work::PurgeUndoing(_)
        | Work::BatchSearch(_)
        | Work::Batch(_)
        // See `Tasks::run`.
        | Work::StateOperator(_) => Ok(()),
    }
}

/// What reads: a bucket's state, and what a scan found.
async fn dispatch_reading(
    work: Work,
    shared: &Shared,
    meter: &Meter,
    out: &Outbox,
    token: CancellationToken,
) -> Result<(), Problem> {
    match work {
        Work::Rules(bucket) => {
            let rules = lifecycle_forecast::rules(&connected(shared)?, &bucket, meter).await;
            out.send(Update::Rules(Box::new(rules))).await;
            Ok(())
        }
        Work::Arrange(arrange) => {
            let making = move || arrange.make(&|| token.is_cancelled());
            if let Some(order) = scan::on_a_thread(making).await? {
                out.send(Update::Arranged(order)).await;
            }
            Ok(())
        }
        Work::OwnersOfScan {
            columns,
            layouts,
            coverage,
        } => reading::owners(columns, layouts, coverage, out, token).await,
        Work::Read(reading) => reading::read(*reading, out, token).await,
        Work::Map(work) => treemap::read(*work, out, token).await,
        Work::OpenKept { bucket, places } => {
            scan::open_kept(&connected(shared)?, bucket, places, shared.kept(), out).await
        }
        Work::Audit(target) => {
            bucket_state::audit(&connected(shared)?, *target, shared, meter, out).await
        }
        Work::Metrics(bucket) => {
            bucket_state::measure(&connected(shared)?, bucket, shared, meter, out).await
        }
        Work::Explain(inquiry) => {
            let gate = Gate::new(shared.limits().in_flight);
            let aws = connected(shared)?;
            let explanation = Box::pin(explain::of(&aws, &inquiry, &gate, meter)).await?;
            out.send(Update::Explained(Box::new(explanation))).await;
            Ok(())
        }
        Work::Cover(work) => bucket_state::cover(*work, out, token).await,
        // See `dispatch`.
        _ => Ok(()),
    }
}

async fn all_buckets(aws: &Aws, meter: &Meter, out: &Outbox) -> Result<(), Problem> {
    let listed = buckets::list(aws, meter).await;
    // A list that failed at its first page is no account without buckets.
    if listed.problem.is_none() || !listed.buckets.is_empty() {
        out.send(Update::Buckets(listed.buckets)).await;
    }
    listed.problem.map_or(Ok(()), Err)
}

/// Finds owners and passes them on batch by batch.
async fn all_owners(
    aws: Aws,
    bucket: BucketBlueprint,
    shared: &Shared,
    meter: &Meter,
    out: &Outbox,
    token: CancellationToken,
) {
    let (batches, mut inbox) = mpsc::channel(BATCHES);
    let finding = owners::stream(aws, bucket, shared.limits(), token, meter.clone(), batches);
    let passing_on = async {
        while let Some(batch) = inbox.recv().await {
            out.send(Update::Owners(batch)).await;
        }
    };
    futures::join!(finding, passing_on);
}

/// Reads the details of an object once the cursor has rested on it.
async fn detail(
    aws: &Aws,
    bucket: &BucketName,
    key: &ObjectKey,
    version: Option<&VersionId>,
    meter: &Meter,
    out: &Outbox,
) {
    tokio::time::sleep(REST).await;
    let detail = inspect::object(aws, bucket, key, version, meter).await;
    out.send(Update::Detail(Box::new(detail))).await;
}

/// Reads the blueprints that the demo brings along.
async fn brought_blueprints(shared: &Shared, out: &Outbox) -> Result<(), Problem> {
    let folder = shared.blueprints().map(Path::to_owned);
    let read = move || folder.map_or_else(|| Ok(Vec::new()), |folder| blueprints(&folder));
    let read = scan::on_a_thread(read).await??;
    out.send(Update::Blueprints(read)).await;
    Ok(())
}

/// The blueprints in the folders of a folder, in the order of their names.
fn blueprints(folder: &Path) -> Result<Vec<Blueprint>, Problem> {
    let unreadable = |why: &dyn std::fmt::Display| {
        Problem::new(
            "read the blueprints in",
            folder.display().to_string(),
            ProblemKind::Configuration,
            &why.to_string(),
            advice!("those that are built in hold all the same"),
        )
    };
    let entries = std::fs::read_dir(folder).map_err(|why| unreadable(&why))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path().join("blueprint.toml")))
        .filter(|file| file.exists())
        .collect();
    files.sort();
    files
        .iter()
        .map(|file| {
            let text = std::fs::read_to_string(file).map_err(|why| unreadable(&why))?;
            Blueprint::parse(&file.display().to_string(), &text).map_err(|why| unreadable(&why))
        })
        .collect()
}

/// The prefixes of an owner at once, then what is in each of them.
async fn owner_page(
    aws: &Aws,
    bucket: BucketBlueprint,
    owner: OwnerId,
    limits: OwnerLimits,
    meter: &Meter,
    out: &Outbox,
    token: CancellationToken,
) {
    let prefixes = owners::of_owner(aws, &bucket, &owner, limits, &token, meter).await;
    out.send(Update::Prefixes(prefixes)).await;
    let (pages, mut inbox) = mpsc::channel(BATCHES);
    let counting = owners::objects_of(
        aws.clone(),
        bucket,
        owner,
        limits,
        token,
        meter.clone(),
        pages,
    );
    let passing_on = async {
        while let Some(update) = inbox.recv().await {
            match update {
                OwnerObjects::Page {
                    prefix,
                    items: objects,
                } => {
                    let mut tally = Tally::default();
                    for object in &objects {
                        tally.add(object);
                    }
                    out.send(Update::Counted { prefix, tally }).await;
                }
                OwnerObjects::Done(coverage) => out.send(Update::AllCounted(coverage)).await,
            }
        }
    };
    futures::join!(counting, passing_on);
}

async fn connect(profile: Option<String>, shared: &Shared, out: &Outbox) -> Result<(), Problem> {
    shared.forget_aws();
    let aws = Aws::connect(shared.options(profile)).await?;
    let connection = Connection {
        profile: aws.profile().map(str::to_owned),
        region: aws.region().to_string(),
        endpoint: aws.endpoint().map(str::to_owned),
    };
    shared.set_aws(aws);
    out.send(Update::Connected(connection)).await;
    Ok(())
}

fn connected(shared: &Shared) -> Result<Aws, Problem> {
    shared.aws().ok_or_else(|| {
        Problem::new(
            "reach the service",
            "",
            ProblemKind::Configuration,
            "there is no connection yet",
            advice!("choose a profile with g p"),
        )
    })
}

/// The configuration cells of buckets, each as its answer arrives.
async fn facts(
    aws: &Aws,
    names: Vec<BucketName>,
    shared: &Shared,
    meter: &Meter,
    out: &Outbox,
) -> Result<(), Problem> {
    let in_flight = shared.limits().in_flight;
    let mut facts = std::pin::pin!(bucket_facts::facts_of(aws, names, in_flight, meter));
    while let Some((bucket, fact)) = futures::StreamExt::next(&mut facts).await {
        out.send(Update::Fact(bucket, fact)).await;
    }
    Ok(())
}

/// Lists pages and sends each as it comes; the bounded channel is what slows it down when nobody takes them.
async fn list(
    aws: &Aws,
    mut request: ListRequest,
    pages: Pages,
    meter: &Meter,
    out: &Outbox,
) -> Result<(), Problem> {
    loop {
        let page = browse::page(aws, &request, meter).await?;
        let next = page.next.clone();
        out.send(Update::Page(page)).await;
        match next {
            Some(next) if pages == Pages::All => request.start = Start::Next(next),
            _ => return Ok(()),
        }
    }
}
