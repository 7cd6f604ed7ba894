//! `s3warden metrics`: sizes by storage type and numbers of objects from CloudWatch, with their history.
//!
//! `rows` makes the items, `totals` the summary and the messages on standard error.

mod rows;
mod totals;

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use futures::{StreamExt, stream};

use super::formats::{Document, Note, OutputStyle};
use super::session::{Interruption, Session};
use super::{ExitStatus, Failure, choice};
use crate::aws::{Aws, Problem, ProblemKind};
use crate::domain::BucketName;
use crate::ops::metrics::{self, Alarms, BucketStorage, RequestSeries};
use crate::ops::{Fact, Gate, Meter, buckets};
use rows::Row;
pub(super) use rows::cents;
use totals::Totals;
pub(super) use totals::{absent, unknown};

/// Which buckets, and how far back.
#[derive(Debug, Clone, Args)]
pub struct MetricsArgs {
    /// Which buckets; all that the credentials can see when none is named
    #[arg(value_name = "BUCKET", value_parser = crate::cli::args::bucket_name)]
    pub buckets: Vec<BucketName>,

    /// Over how many days, 1 to 455: CloudWatch keeps no more
    #[arg(long, value_name = "N", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=i64::from(metrics::KEPT_DAYS)))]
    pub days: u32,

    /// A table of prices for the estimate, in place of the configuration file's or the one that comes with the program
    #[arg(long, value_name = "FILE")]
    pub prices: Option<PathBuf>,
}

const SCHEMA: &str = "s3warden/metrics/1";

/// Everything that was read.
#[derive(Default)]
struct Found {
    storage: Vec<BucketStorage>,
    requests: HashMap<BucketName, Result<Vec<RequestSeries>, Problem>>,
    alarms: Alarms,
}

pub(super) async fn run<W: Write>(
    args: &MetricsArgs,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    let file = args
        .prices
        .as_deref()
        .or(session.settings.prices.as_deref());
    let prices = choice::prices(file)?;
    let aws = session.connect().await?;
    let meter = Meter::new();
    let (names, mut cut) = which(args, &aws, session, &meter).await;
    let gate = Gate::new(session.settings.jobs);
    let asked = ask(&aws, &names, args.days, &gate, &meter);
    let answered = Box::pin(session.stop.run_until_cancelled(asked)).await;
    if answered.is_none() {
        cut = Some(Interruption::Interrupted);
    }
    let found = answered.unwrap_or_default();
    if cut.is_none() {
        cut = failure(&found.storage).map(Interruption::Failed);
    }

    let longest = found.storage.iter().map(|one| one.bucket.as_str().len());
    let look = OutputStyle {
        first_column: longest.max().unwrap_or(0),
        ..session.look()
    };
    let mut document = Document::begin::<Row>(look, SCHEMA, output)?;
    for one in &found.storage {
        for row in rows::of(one, found.requests.get(&one.bucket), &prices, args.days) {
            document.item(&row)?;
        }
    }
    document.flush()?;

    let mut notes = totals::notes(&found.storage, &found.requests, &found.alarms.buckets);
    let totals = Totals::of(
        &found.storage,
        &found.alarms,
        &prices,
        args.days,
        meter.requests(),
    );
    notes.extend(totals.not_priced_note());
    for line in totals.lines() {
        session.reporter().note(&line);
    }
    say(session, &notes);
    if let Some(cut) = &cut {
        notes.push(cut.note("the metrics".to_owned()));
    }
    document.end(&totals, &notes)?;
    session.conclude(cut)
}

fn say(session: &Session, notes: &[Note]) {
    for note in notes {
        session
            .reporter()
            .incomplete(&format!("{}: {}", note.what, note.why));
    }
}

/// The named buckets, or all; and why the list is incomplete.
async fn which(
    args: &MetricsArgs,
    aws: &Aws,
    session: &Session,
    meter: &Meter,
) -> (Vec<BucketName>, Option<Interruption>) {
    if !args.buckets.is_empty() {
        let mut names = args.buckets.clone();
        let mut seen = std::collections::HashSet::new();
        names.retain(|name| seen.insert(name.clone()));
        return (names, None);
    }
    match session
        .stop
        .run_until_cancelled(buckets::list(aws, meter))
        .await
    {
        Some(listed) => (
            listed.buckets.into_iter().map(|entry| entry.name).collect(),
            listed.problem.map(Interruption::Failed),
        ),
        None => (Vec::new(), Some(Interruption::Interrupted)),
    }
}

/// Storage metrics first, because alarms are judged with them; then request metrics and alarms at the same time. In the
/// order of the names.
async fn ask(aws: &Aws, names: &[BucketName], days: u32, gate: &Gate, meter: &Meter) -> Found {
    let found = metrics::storage(aws, names.to_vec(), days, gate.clone(), meter);
    let mut by_name: HashMap<BucketName, BucketStorage> =
        found.map(|one| (one.bucket.clone(), one)).collect().await;
    let storage: Vec<BucketStorage> = names
        .iter()
        .filter_map(|name| by_name.remove(name))
        .collect();
    // If CloudWatch cannot be reached, there are no request metrics either, and one error message is enough.
    let asked: Vec<BucketName> = storage
        .iter()
        .filter(|one| !matches!(one.storage, Fact::Unknown(_)))
        .map(|one| one.bucket.clone())
        .collect();
    let requests = stream::iter(asked)
        .map(async |bucket| {
            let found = metrics::requests(aws, &bucket, days, gate, meter).await;
            (bucket, found)
        })
        .buffer_unordered(gate.width())
        .collect();
    let (alarms, requests) = futures::join!(metrics::alarms(aws, &storage, gate, meter), requests);
    Found {
        storage,
        requests,
        alarms,
    }
}

/// An error that is more than an unknown cell: a bucket that does not exist, no credentials, no network.
fn failure(storage: &[BucketStorage]) -> Option<Problem> {
    let mut problems = storage.iter().filter_map(|one| one.storage.problem());
    problems
        .find(|problem| {
            !matches!(
                problem.kind,
                ProblemKind::Denied | ProblemKind::NotSupported
            )
        })
        .cloned()
}
