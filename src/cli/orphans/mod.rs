//! `s3warden orphans`: finds media without an active user, record or original, and records without media.
//!
//! `run` selects the blueprint and the lists, calls [`ops::orphans`](crate::ops::orphans), and prints the result.
//! `options` are the command's options, `rows` its output. Only `act` changes anything.

mod act;
mod act_args;
mod act_report;
mod options;
mod rows;

use std::io::Write;

use tokio::sync::mpsc;

pub(crate) use self::options::OrphansArgs;
use self::rows::{Row, Totals};
use super::formats::{Document, Note};
use super::scan::progress::ProgressLine;
use super::session::Session;
use super::{ExitStatus, Failure, Reporter, choice};
use crate::aws::Aws;
use crate::config::Paths;
use crate::domain::blueprint::Blueprint;
use crate::domain::orphans::{Kind, Kinds};
use crate::domain::prices::{PriceTable, money};
use crate::domain::registry::Purpose;
use crate::domain::words::counted;
use crate::ops::Meter;
use crate::ops::orphans::{
    self, Ended, OrphansRequest, OrphansUpdate, Progress, Report, Stage, judgeable,
};

const SCHEMA: &str = "s3warden/orphans/1";

/// Each update is complete, so one in the channel is enough.
const UPDATES_AHEAD: usize = 1;

pub(super) async fn run<W: Write>(
    args: &OrphansArgs,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    args.lists.check()?;
    let prices = choice::prices(session.settings.prices.as_deref())?;
    if let Some(word) = args.act.act {
        return Box::pin(act::run(args, word, &prices, session, output)).await;
    }
    let request = request(args, session, blueprint(args, session)?)?;
    let aws = session.connect().await?;
    let report = Box::pin(search(session, &aws, request)).await?;
    print(session, &report, &prices, output)?;
    conclude(session, &report, &prices)
}

/// The request for a search.
fn request(
    args: &OrphansArgs,
    session: &Session,
    blueprint: Blueprint,
) -> Result<OrphansRequest, Failure> {
    let (owners, keys) = args.lists.lists(&blueprint)?;
    let kinds = args.kinds();
    can_judge(kinds, owners.is_some(), keys.is_some(), &blueprint)?;
    Ok(OrphansRequest {
        blueprint,
        buckets: args.buckets.clone(),
        owners,
        keys,
        kinds,
        limits: args.limits(),
        purpose: Purpose::Look,
        jobs: session.settings.jobs,
        state: session
            .settings
            .paths
            .as_ref()
            .map(Paths::state)
            .map(std::path::Path::to_owned),
        every: ProgressLine::new(session.settings.quiet).every(),
    })
}

/// Searches, and shows the progress.
async fn search(
    session: &Session,
    aws: &Aws,
    request: OrphansRequest,
) -> Result<Box<Report>, Failure> {
    let mut line = ProgressLine::new(session.settings.quiet);
    let (sender, mut updates) = mpsc::channel(UPDATES_AHEAD);
    let searching = orphans::run(
        aws.clone(),
        request,
        session.stop.clone(),
        Meter::new(),
        sender,
    );
    let showing = async {
        let mut report = None;
        while let Some(update) = updates.recv().await {
            match update {
                OrphansUpdate::Progress(progress) => line.show_words(&in_words(&progress)),
                OrphansUpdate::Done(done) => report = Some(done),
            }
        }
        report
    };
    let ((), report) = tokio::join!(searching, showing);
    line.end();
    let report = report.ok_or_else(|| {
        Failure::failed("the search ended without saying how far it came")
            .advising("run it again with -v and look at the log")
    })?;
    if let Ended::Wrong(problem) = &report.ended {
        return Err(Failure {
            status: ExitStatus::Usage,
            ..Failure::from(problem)
        });
    }
    Ok(report)
}

/// The named blueprint, or the built-in that contains the buckets.
fn blueprint(args: &OrphansArgs, session: &Session) -> Result<Blueprint, Failure> {
    let named = choice::named(&session.settings)?;
    if named.is_none() && args.buckets.is_empty() {
        return Err(Failure::usage(
            "there is nothing to search: no bucket and no blueprint was named",
        )
        .advising("name buckets, or give --blueprint to search all buckets of one"));
    }
    for bucket in &args.buckets {
        // Reports an error if no blueprint contains the bucket.
        choice::for_reading(named.clone(), bucket)?;
    }
    if let Some(named) = named {
        return Ok(named);
    }
    let mut found = args.buckets.iter().filter_map(Blueprint::for_bucket);
    let first = found.next();
    let other = found.find(|other| first.as_ref().is_some_and(|first| first.name != other.name));
    match (first, other) {
        (Some(first), None) => Ok(first),
        (Some(first), Some(other)) => Err(Failure::usage(format!(
            "the buckets are of two blueprints, {} and {}",
            first.name, other.name
        ))
        .advising("search those of one at a time: their users are not the same")),
        (None, _) => Err(Failure::usage("no blueprint names the buckets")),
    }
}

/// Whether the requested kinds are possible with these lists. Without any list, a search for all kinds is impossible.
fn can_judge(
    kinds: Option<Kinds>,
    owners: bool,
    keys: bool,
    blueprint: &Blueprint,
) -> Result<(), Failure> {
    let advice =
        "give --registry FILE (owners) or --registry keys=FILE, or a [registry] in the blueprint";
    let incomplete = || {
        let stated = [
            ("owners", &blueprint.registry.owners),
            ("keys", &blueprint.registry.keys),
        ];
        let gaps = stated.into_iter().filter_map(|(word, list)| {
            let gaps = list.as_ref()?.gaps();
            (!gaps.is_empty()).then(|| {
                format!(
                    "[registry.{word}] of the blueprint {} is not complete: {}",
                    blueprint.name,
                    gaps.join("; ")
                )
            })
        });
        gaps.collect::<Vec<_>>().join("; ")
    };
    let Some(kinds) = kinds else {
        if owners || keys {
            return Ok(());
        }
        return Err(Failure::usage("nothing says who and what is alive")
            .advising(incomplete())
            .advising(advice)
            .advising("without a list: --kind source-gone,upload-abandoned,versions-only"));
    };
    let possible = judgeable(owners, keys);
    let missing: Vec<Kind> = kinds.iter().filter(|kind| !possible.has(*kind)).collect();
    let Some(first) = missing.first() else {
        return Ok(());
    };
    let list = match first {
        Kind::OwnerGone => "a list of owners",
        Kind::Suspect => "a list of owners or keys",
        _ => "a list of keys",
    };
    Err(
        Failure::usage(format!("--kind {first} needs {list}, and there is none"))
            .advising(incomplete())
            .advising(advice),
    )
}

fn print<W: Write>(
    session: &Session,
    report: &Report,
    prices: &PriceTable,
    output: W,
) -> Result<(), Failure> {
    let mut document = Document::begin::<Row<'_>>(session.look(), SCHEMA, output)?;
    for verdict in &report.verdicts {
        document.item(&Row::from(verdict))?;
    }
    let gaps = report.coverage.gaps().iter();
    let mut notes: Vec<Note> = gaps
        .map(|gap| Note {
            what: gap.what.clone(),
            why: gap.why.clone(),
        })
        .collect();
    match &report.ended {
        Ended::Stopped => notes.push(Note {
            what: "all verdicts".to_owned(),
            why: "interrupted".to_owned(),
        }),
        Ended::Failed(problem) => notes.push(Note {
            what: "all verdicts".to_owned(),
            why: problem.on_command_line(),
        }),
        Ended::Judged | Ended::Refused | Ended::Wrong(_) => {}
    }
    document.end(&Totals::of(report, prices), &notes)?;
    Ok(())
}

/// Prints totals, what was not judged, and what was refused. Returns the exit status.
fn conclude(
    session: &Session,
    report: &Report,
    prices: &PriceTable,
) -> Result<ExitStatus, Failure> {
    let reporter = session.reporter();
    match &report.ended {
        Ended::Failed(problem) => return Err(Failure::from(problem)),
        Ended::Stopped => {
            reporter.incomplete("interrupted before the end");
            return Ok(ExitStatus::Interrupted);
        }
        Ended::Judged | Ended::Refused | Ended::Wrong(_) => {}
    }
    say(reporter, report, prices);
    if let Some((first, more)) = report.tripped.split_first() {
        let place = |bucket: &Option<crate::domain::BucketName>| match bucket {
            Some(bucket) => format!("{bucket}: "),
            None => String::new(),
        };
        let words = format!("refused: {}{}", place(&first.bucket), first.why);
        let mut failure = Failure {
            status: ExitStatus::Refused,
            ..Failure::failed(words)
        }
        .advising(first.advice());
        for one in more {
            failure = failure
                .advising(format!("{}{}", place(&one.bucket), one.why))
                .advising(one.advice());
        }
        return Err(failure.advising("nothing was touched"));
    }
    Ok(if report.has_findings() {
        ExitStatus::Found
    } else {
        ExitStatus::Done
    })
}

fn say(reporter: Reporter, report: &Report, prices: &PriceTable) {
    for registry in &report.registries {
        // A malformed row may name owners, too.
        let malformed = match registry.malformed {
            0 => String::new(),
            malformed => format!(
                ", {malformed} of {} malformed",
                counted(registry.rows, "row")
            ),
        };
        let named = match registry.ids {
            1 => registry.subject.one(),
            _ => registry.subject.plural(),
        };
        reporter.note(&format!(
            "{} {} from {}{}{malformed}",
            registry.ids,
            named,
            crate::domain::text::safe(&registry.stated),
            registry.made_at.map_or_else(String::new, |made| format!(
                " (made {})",
                made.format("%Y-%m-%d %H:%M UTC")
            )),
        ));
    }
    for bucket in &report.buckets {
        let judged = &bucket.judged;
        let mut words = format!("{}: {}", bucket.bucket, counted(judged.objects, "object"));
        if judged.young > 0 && report.buckets.len() > 1 {
            words = format!("{words}, {} too young to be judged", judged.young);
        }
        if bucket.withheld {
            for total in &bucket.totals {
                let (kind, count) = (total.kind, total.tally.objects);
                words = format!("{words}, {count} would be {kind}");
            }
        }
        reporter.note(&words);
    }
    for total in report.totals() {
        let mut words = format!("{} {}", total.tally.objects, total.kind);
        if total.kind.is_orphan() && total.tally.bytes.bytes() > 0 {
            let cost = prices.estimate_scan(&total.classes).total();
            words = format!(
                "{words}, {}, {} a month",
                total.tally.bytes,
                money(cost, &prices.currency)
            );
        }
        reporter.note(&format!("{words}: {}", total.kind.meaning()));
    }
    let is_judged = matches!(report.ended, Ended::Judged);
    if is_judged && !report.has_findings() {
        match report.young_in_words() {
            None => reporter.note("no orphans found"),
            Some(young) => reporter.note(&format!("no orphans found; {young}")),
        }
    } else if let Some(young) = report.young_in_words() {
        reporter.note(&young);
    }
    for (count, what) in [
        (
            report.records_elsewhere,
            [
                "names a key of a bucket that was not listed",
                "name keys of buckets that were not listed",
            ],
        ),
        (
            report.records_unexplained,
            [
                "names a key that no layout explains",
                "name keys that no layout explains",
            ],
        ),
    ] {
        let [one, several] = what;
        if count > 0 {
            let what = if count == 1 { one } else { several };
            reporter.note(&format!("{} {what}", counted(count, "record")));
        }
    }
    for one in &report.not_judged {
        let place = match (&one.bucket, &one.layout) {
            (Some(bucket), Some(layout)) => format!(" on the layout {layout} of {bucket}"),
            (Some(bucket), None) => format!(" in {bucket}"),
            _ => String::new(),
        };
        reporter.note(&format!("{} was not judged{place}: {}", one.kind, one.why));
    }
    for remark in &report.remarks {
        reporter.warning(remark);
    }
    if is_judged {
        for gap in report.coverage.gaps() {
            reporter.incomplete(&format!("{}: {}", gap.what, gap.why));
        }
    }
}

/// Formats as `listing pilotforce-user-uploads (1 of 2): 120000 versions, 130 requests`.
fn in_words(progress: &Progress) -> String {
    let stage = match &progress.stage {
        Stage::Reading { subject, rows } => {
            format!(
                "reading the list of {}: {}",
                subject.plural(),
                counted(*rows, "row")
            )
        }
        Stage::Listing {
            bucket,
            what,
            items,
            number,
            of,
        } => {
            let place = if *of > 1 {
                format!(" ({number} of {of})")
            } else {
                String::new()
            };
            format!("listing {bucket}{place}: {items} {}", what.plural())
        }
        Stage::Asking { objects, of } => {
            let all = counted(*of, "object");
            format!("asking {objects} of {all} for their owners")
        }
        Stage::Joining { objects } => format!("judging {}", counted(*objects, "object")),
    };
    let retries = match progress.retries {
        0 => String::new(),
        retries => format!(", {}", counted(retries, "retry")),
    };
    let requests = counted(progress.requests, "request");
    format!("{stage}, {requests}{retries}")
}
