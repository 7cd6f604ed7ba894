//! `s3warden scan`: totals of a bucket or prefix, by owner, class, age, layout or folder.
//!
//! `run` chooses the groupings, scans or opens a saved scan, and prints the result. `progress` is the progress line,
//! `report` and `rows` are the output, and `options` has the command's options.

mod options;
pub(super) mod progress;
mod report;
mod rows;

use std::io::Write;
use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};
use tokio::sync::mpsc;

pub(crate) use self::options::{GroupBy, ScanArgs};
use self::progress::ProgressLine;
use self::report::Report;
use super::session::Session;
use super::{ExitStatus, Failure, choice};
use crate::domain::columns::Etags;
use crate::domain::columns::group::By;
use crate::domain::{BucketName, S3Uri};
use crate::ops::Meter;
use crate::ops::listing::ListingRequest;
use crate::ops::scan::{self, Finished, Overwrite, Scan, ScanRequest, ScanUpdate};

/// Each snapshot is complete, so one in the channel is enough.
const SNAPSHOTS_AHEAD: usize = 1;

pub(super) async fn run<W: Write>(
    args: &ScanArgs,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    args.check()?;
    match (&args.open, &args.uri) {
        (Some(file), _) => open_saved(file, args, session, output).await,
        (None, Some(uri)) => scan_place(uri, args, session, output).await,
        // clap requires one of the two.
        (None, None) => Err(Failure::usage("there is nothing to scan")
            .advising("give s3://BUCKET[/PREFIX], or a saved scan with --open FILE")),
    }
}

async fn open_saved<W: Write>(
    file: &Path,
    args: &ScanArgs,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    let opened = file.to_owned();
    let scan = blocking(move || scan::open(&opened)).await;
    let scan = scan.map_err(Failure::usage)?;
    let groupings = groupings(args, session, &scan.origin.bucket, &scan.origin.prefixes)?;
    let (scan, groups) = blocking(move || {
        let groups = groupings.into_iter().map(|by| scan.groups(by)).collect();
        (scan, groups)
    })
    .await;
    session.reporter().note(&dated(&scan));
    let report = Report {
        scan: &scan,
        groups,
        cost: None,
    };
    report.print(args, session, output)
}

async fn scan_place<W: Write>(
    place: &S3Uri,
    args: &ScanArgs,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    if let Some(file) = &args.save {
        scan::may_save(file, args.overwrite()).map_err(cannot_save)?;
    }
    let S3Uri { bucket, prefix } = place;
    let groupings = groupings(args, session, bucket, std::slice::from_ref(prefix))?;
    let listing = ListingRequest {
        in_flight: session.settings.jobs,
        ..ListingRequest::new(bucket.clone(), prefix)
    };
    let finished = list(args, session, listing, groupings).await?;
    let saved = match &args.save {
        Some(file) => save(file, &finished.scan, args.overwrite()).await,
        None => Ok(()),
    };
    let progress = &finished.progress;
    let report = Report {
        scan: &finished.scan,
        groups: finished.groups,
        cost: Some((progress.requests, progress.retries)),
    };
    let status = report.print(args, session, output);
    if saved.is_err()
        && let Err(other) = &status
    {
        // There were two errors: the one that is not returned is printed here.
        session.reporter().error(other);
    }
    saved?;
    if let Some(file) = &args.save {
        let words = format!("saved in {}", file.display());
        session.reporter().note(&words);
    }
    status
}

/// The groupings: as requested, or storage classes and ages.
fn groupings(
    args: &ScanArgs,
    session: &Session,
    bucket: &BucketName,
    prefixes: &[String],
) -> Result<Vec<By>, Failure> {
    let rules = || {
        let named = choice::named(&session.settings)?;
        choice::for_reading(named, bucket).map(Box::new)
    };
    let now = Utc::now();
    Ok(match args.by {
        None => vec![By::Class, By::Age(now)],
        Some(GroupBy::Owner) => vec![By::Owner(rules()?)],
        Some(GroupBy::Layout) => vec![By::Layout(rules()?)],
        Some(GroupBy::Class) => vec![By::Class],
        Some(GroupBy::Age) => vec![By::Age(now)],
        Some(GroupBy::Prefix) => vec![By::Prefix {
            under: match prefixes {
                [prefix] => prefix.clone(),
                _ => String::new(),
            },
            depth: args.depth.unwrap_or(1).into(),
        }],
    })
}

/// Scans and shows the progress.
async fn list(
    args: &ScanArgs,
    session: &Session,
    listing: ListingRequest,
    groups: Vec<By>,
) -> Result<Finished, Failure> {
    let aws = session.connect().await?;
    let mut line = ProgressLine::new(session.settings.quiet);
    let request = ScanRequest {
        listing,
        etags: if args.etags {
            Etags::Keep
        } else {
            Etags::Leave
        },
        groups,
        every: line.every(),
    };
    let (sender, mut updates) = mpsc::channel(SNAPSHOTS_AHEAD);
    let scanning = scan::run(aws, request, session.stop.clone(), Meter::new(), sender);
    let showing = async {
        let mut finished = None;
        while let Some(update) = updates.recv().await {
            match update {
                ScanUpdate::Snapshot(snapshot) => line.show(&snapshot.progress),
                ScanUpdate::Done(done) => finished = Some(done),
            }
        }
        finished
    };
    let ((), finished) = tokio::join!(scanning, showing);
    line.end();
    finished.ok_or_else(|| {
        Failure::failed("the scan ended without saying how far it came")
            .advising("run it again with -v and look at the log")
    })
}

async fn save(file: &Path, scan: &Scan, over: Overwrite) -> Result<(), Failure> {
    let (file, scan) = (file.to_owned(), scan.clone());
    blocking(move || scan::save(&file, &scan, over))
        .await
        .map_err(Failure::failed)
}

fn cannot_save(error: scan::SaveError) -> Failure {
    let advice = match error.why {
        scan::WhyNotSaved::Taken => "give another name, or --force to replace it",
        _ => "",
    };
    Failure::usage(error).advising(advice)
}

/// Runs CPU work outside the runtime's own threads. A panic in it is passed on.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    }
}

/// The place and time of a saved scan.
fn dated(scan: &Scan) -> String {
    let origin = &scan.origin;
    let places: Vec<String> = origin
        .prefixes
        .iter()
        .map(|prefix| format!("s3://{}/{prefix}", origin.bucket))
        .collect();
    let at = match &origin.endpoint {
        Some(endpoint) => format!(" at {endpoint}"),
        None => String::new(),
    };
    let extent = if scan.coverage.is_complete() {
        "complete"
    } else {
        "partial"
    };
    format!(
        "a {extent} scan of {}{at}, begun {} and ended {}",
        places.join(", "),
        rfc3339(scan.started),
        rfc3339(scan.finished)
    )
}

fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
