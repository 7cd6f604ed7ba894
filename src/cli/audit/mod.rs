//! `s3warden audit`: what is wrong with buckets, the most severe first.

pub(super) mod by_scan;
mod gaps;
mod hidden;
mod rows;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;

use chrono::Utc;
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use futures::StreamExt;
use serde::Serialize;

use super::args::bucket_name;
use super::formats::{Document, Note};
use super::session::{Interruption, Session};
use super::{ExitStatus, Failure, choice};
use crate::aws::Aws;
use crate::domain::BucketName;
use crate::domain::posture::ids;
use crate::domain::words::counted;
use crate::ops::audit::{
    self, Accepted, AuditLimits, Audited, Finding, Inquiry, ObjectAcls, OpenQuestion, Severity,
    Target,
};
use crate::ops::coverage::Coverage;
use crate::ops::scan::Scan;
use crate::ops::{Gate, Meter, buckets};
use rows::FindingRow;

/// Which buckets, and what counts as bad.
#[derive(Debug, Clone, Args)]
pub struct AuditArgs {
    /// The buckets [default: all that the credentials can see]
    #[arg(value_name = "BUCKET", value_parser = bucket_name)]
    pub buckets: Vec<BucketName>,

    /// Exit with 3 when there is a finding of this severity or above, and with 1 when an unanswered question could hide one
    #[arg(long, value_name = "SEVERITY")]
    pub fail_on: Option<Threshold>,

    /// Show findings of this severity and above alone; the others count for nothing
    #[arg(long, value_name = "SEVERITY")]
    pub severity: Option<Threshold>,

    /// Show this finding alone; may be given several times
    #[arg(
        long = "finding",
        value_name = "ID",
        value_parser = PossibleValuesParser::new(ids::IDS),
        hide_possible_values = true,
        long_help = findings_help()
    )]
    pub findings: Vec<String>,

    /// Show accepted findings alone: those that the configuration file has an [[accept]] section for
    #[allow(
        rustdoc::broken_intra_doc_links,
        reason = "it is the name of a section, and this text is the help of the option"
    )]
    #[arg(long)]
    pub accepted: bool,

    /// How many versions of a bucket are listed at most; 0 judges the configuration alone [default: 100000]
    #[arg(long, value_name = "N")]
    pub max_versions: Option<u64>,

    /// Where ACLs count: of how many objects of each layout and storage class the ACL is read, or `all` [default: 40]
    #[arg(long, value_name = "N", value_parser = object_acls)]
    pub object_acls: Option<ObjectAcls>,

    /// Judge a bucket by a scan that `scan --save FILE` saved, in place of a listing of its objects
    #[arg(long, value_name = "FILE", conflicts_with = "max_versions")]
    pub scan: Option<PathBuf>,
}

/// A severity on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Threshold {
    /// Anything at all
    Info,
    /// Untidy, or a small cost
    Low,
    /// Something does not work as intended, or costs grow
    Medium,
    /// Something is open, lost or broken
    High,
    /// Anyone can read or write
    Critical,
}

/// A number that somebody writes is chosen, also where it is the default.
fn object_acls(text: &str) -> Result<ObjectAcls, String> {
    if text == "all" {
        return Ok(ObjectAcls::All);
    }
    let per_group = text
        .parse()
        .map_err(|_| "it is neither a number nor `all`".to_owned())?;
    Ok(ObjectAcls::Sample {
        per_group,
        chosen: true,
    })
}

fn findings_help() -> String {
    format!(
        "Show this finding alone; may be given several times. The ids are: {}",
        ids::IDS.join(", ")
    )
}

impl AuditArgs {
    /// How far to look.
    fn limits(&self) -> AuditLimits {
        let usual = AuditLimits::default();
        AuditLimits {
            versions: self.max_versions.unwrap_or(usual.versions),
            versions_chosen: self.max_versions.is_some(),
            object_acls: self.object_acls.unwrap_or(usual.object_acls),
            annotations: 0,
            ..usual
        }
    }

    /// Whether a finding is one of those that were asked for.
    fn asks_for(&self, finding: &Finding) -> bool {
        self.asks_for_one(finding.id, finding.severity)
    }

    fn asks_for_one(&self, id: &str, severity: Severity) -> bool {
        self.severity
            .is_none_or(|least| severity >= least.severity())
            && (self.findings.is_empty() || self.findings.iter().any(|wanted| wanted == id))
    }
}

impl Threshold {
    fn severity(self) -> Severity {
        match self {
            Self::Info => Severity::Info,
            Self::Low => Severity::Low,
            Self::Medium => Severity::Medium,
            Self::High => Severity::High,
            Self::Critical => Severity::Critical,
        }
    }
}

const SCHEMA: &str = "s3warden/audit/1";

#[derive(Debug, Default, Serialize)]
struct Totals {
    buckets: usize,
    /// Those that count, by severity.
    findings: BTreeMap<&'static str, usize>,
    /// Those that somebody accepts.
    accepted: usize,
    requests: u64,
}

/// What was found so far, of what was asked for.
#[derive(Debug, Default)]
struct Found {
    findings: Vec<Finding>,
    accepted: Vec<Accepted>,
    notes: Vec<Note>,
    /// What was not answered, and of which bucket.
    open: Vec<(BucketName, OpenQuestion)>,
}

impl Found {
    fn take(&mut self, args: &AuditArgs, audited: Audited) {
        let gaps = audited.coverage.gaps().iter();
        self.notes.extend(gaps.map(Note::from));
        let bucket = &audited.configuration.bucket;
        let open = audited.open.into_iter();
        self.open
            .extend(open.map(|question| (bucket.clone(), question)));
        let accepted = audited.accepted.into_iter();
        self.accepted
            .extend(accepted.filter(|accepted| args.asks_for(&accepted.finding)));
        if !args.accepted {
            let findings = audited.findings.into_iter();
            self.findings
                .extend(findings.filter(|finding| args.asks_for(finding)));
        }
    }

    /// Takes what is to be said of alarms on buckets that are not there.
    fn take_missing(
        &mut self,
        args: &AuditArgs,
        (findings, accepted, coverage): (Vec<Finding>, Vec<Accepted>, Coverage),
    ) {
        self.notes.extend(coverage.gaps().iter().map(Note::from));
        let accepted = accepted.into_iter();
        self.accepted
            .extend(accepted.filter(|accepted| args.asks_for(&accepted.finding)));
        if !args.accepted {
            let findings = findings.into_iter();
            self.findings
                .extend(findings.filter(|finding| args.asks_for(finding)));
        }
    }

    /// Whatever came first on the network, what is printed has one order.
    fn sort(&mut self) {
        self.findings.sort_by(order);
        self.accepted.sort_by(|a, b| order(&a.finding, &b.finding));
        self.notes.sort_by(|a, b| a.what.cmp(&b.what));
        self.notes
            .dedup_by(|a, b| (&a.what, &a.why) == (&b.what, &b.why));
    }
}

/// The most severe first.
fn order(a: &Finding, b: &Finding) -> Ordering {
    (b.severity, &a.bucket, a.id, &a.message).cmp(&(a.severity, &b.bucket, b.id, &b.message))
}

pub(super) async fn run<W: Write>(
    args: &AuditArgs,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    let named = choice::named(&session.settings)?;
    let aws = session.connect().await?;
    let meter = Meter::new();
    let scanned = scanned(args, &aws).await?;
    let gate = Gate::new(session.settings.jobs);
    let accepted = session.settings.accept.clone();
    say_what_ended(session);
    let asked = Inquiry::begin(&aws, args.limits(), accepted, &gate, &meter);
    let begun = session.stop.run_until_cancelled(Box::pin(asked)).await;
    let (wanted, mut cut) = match &scanned {
        Some((bucket, _)) if args.buckets.is_empty() => (vec![bucket.clone()], None),
        _ => which(args, session, &aws, &meter).await,
    };
    let inquiry = begun.unwrap_or_default();
    let mut found = Found::default();
    if let Err(why) = inquiry.account.id.known() {
        found.notes.push(Note {
            what: "the account, without which a stranger cannot be told".to_owned(),
            why: why.why.clone(),
        });
    }
    let targets: Vec<Target> = wanted
        .into_iter()
        .map(|bucket| match &scanned {
            Some((of, scan)) if *of == bucket => {
                Target::of(bucket, named.as_ref()).by_scan(Arc::clone(scan))
            }
            _ => Target::of(bucket, named.as_ref()),
        })
        .collect();
    let all = targets.len();
    let progress = Progress::new(session, all);
    let audits = audit::of_buckets(&aws, targets, &inquiry, &gate, &meter);
    let mut audits = std::pin::pin!(audits);
    let (mut failed, mut done) = (None, 0);
    loop {
        match session.stop.run_until_cancelled(audits.next()).await {
            None => {
                cut = Some(Interruption::Interrupted);
                break;
            }
            Some(None) => break,
            Some(Some(audited)) => {
                done += 1;
                progress.show(done, meter.requests());
                failed = failed.or_else(|| audited.failure.clone());
                found.take(args, audited);
            }
        }
    }
    progress.clear();
    // Nobody asks about the whole account who names buckets.
    if args.buckets.is_empty() && args.scan.is_none() && cut.is_none() {
        let asked = audit::of_missing_buckets(&aws, &inquiry, &gate, &meter);
        match session.stop.run_until_cancelled(Box::pin(asked)).await {
            Some(missing) => found.take_missing(args, missing),
            None => cut = Some(Interruption::Interrupted),
        }
    }
    found.sort();
    cut = cut.or(failed.map(Interruption::Failed));
    let gaps = gaps::in_words(&found.notes, cut.as_ref());
    if let Some(cut) = &cut {
        found.notes.push(cut.note("some of the buckets".to_owned()));
    }
    let totals = print(session, output, &found, done, meter.requests())?;
    let reporter = session.reporter();
    reporter.note(&in_words(&totals));
    for gap in gaps {
        reporter.incomplete(&gap);
    }
    let worst = found.findings.first().map(|finding| finding.severity);
    let threshold = args.fail_on.map(Threshold::severity);
    let is_found = threshold.is_some() && worst >= threshold;
    match cut {
        // What was found is found, whatever else failed: that is said, and the status tells of the finding.
        Some(Interruption::Failed(problem)) if is_found => {
            session.reporter().incomplete(&problem.on_command_line());
            Ok(ExitStatus::Found)
        }
        Some(_) => session.conclude(cut),
        None if is_found => Ok(ExitStatus::Found),
        None => match threshold.and_then(|least| hidden::failure(args, least, &found.open)) {
            Some(failure) => Err(failure),
            None => session.conclude(None),
        },
    }
}

/// The scan that was given, and its bucket: one of those that were named, if any were.
async fn scanned(args: &AuditArgs, aws: &Aws) -> Result<Option<(BucketName, Arc<Scan>)>, Failure> {
    let Some(file) = &args.scan else {
        return Ok(None);
    };
    let scan = by_scan::read(file).await?;
    let of = &scan.origin.bucket;
    let named = args.buckets.iter().find(|bucket| *bucket == of);
    let bucket = named.or(args.buckets.first()).unwrap_or(of).clone();
    by_scan::check(&scan, file, &bucket, aws)?;
    Ok(Some((bucket, scan)))
}

/// An acceptance that ended is said whether or not there is still something to accept.
fn say_what_ended(session: &Session) {
    let today = Utc::now().date_naive();
    let ended = session.settings.accept.iter();
    for acceptance in ended.filter(|acceptance| acceptance.is_over(today)) {
        session.reporter().note(&format!(
            "the configuration file accepted {} until {}: it counts again",
            acceptance.words(),
            acceptance.until
        ));
    }
}

/// The buckets that were named, or all there are.
async fn which(
    args: &AuditArgs,
    session: &Session,
    aws: &Aws,
    meter: &Meter,
) -> (Vec<BucketName>, Option<Interruption>) {
    if !args.buckets.is_empty() {
        let mut names = args.buckets.clone();
        names.sort();
        names.dedup();
        return (names, None);
    }
    match session
        .stop
        .run_until_cancelled(buckets::list(aws, meter))
        .await
    {
        None => (Vec::new(), Some(Interruption::Interrupted)),
        Some(listed) => (
            listed.buckets.into_iter().map(|entry| entry.name).collect(),
            listed.problem.map(Interruption::Failed),
        ),
    }
}

fn print<W: Write>(
    session: &Session,
    output: W,
    found: &Found,
    buckets: usize,
    requests: u64,
) -> Result<Totals, Failure> {
    let mut document = Document::begin::<FindingRow<'_>>(session.look(), SCHEMA, output)?;
    let mut totals = Totals {
        buckets,
        findings: Severity::ALL.map(|s| (s.as_str(), 0)).into(),
        accepted: found.accepted.len(),
        requests,
    };
    for finding in &found.findings {
        document.item(&FindingRow::from(finding))?;
        *totals
            .findings
            .entry(finding.severity.as_str())
            .or_default() += 1;
    }
    for accepted in &found.accepted {
        document.item(&FindingRow::from(accepted))?;
    }
    document.end(&totals, &found.notes)?;
    Ok(totals)
}

fn in_words(totals: &Totals) -> String {
    let counts: Vec<String> = Severity::ALL
        .into_iter()
        .rev()
        .filter_map(|severity| {
            let n = *totals.findings.get(severity.as_str())?;
            (n > 0).then(|| format!("{n} {}", severity.as_str()))
        })
        .collect();
    let found = if counts.is_empty() {
        "nothing found".to_owned()
    } else {
        counts.join(", ")
    };
    let accepted = if totals.accepted > 0 {
        format!("; {} accepted", totals.accepted)
    } else {
        String::new()
    };
    let buckets = counted(totals.buckets, "bucket");
    format!("{buckets} audited: {found}{accepted}")
}

/// A line on the screen that says how far the audit is; nothing where standard error is none.
struct Progress {
    all: usize,
    shown: bool,
}

impl Progress {
    fn new(session: &Session, all: usize) -> Self {
        Self {
            all,
            shown: all > 1 && !session.settings.quiet && std::io::stderr().is_terminal(),
        }
    }

    fn show(&self, done: usize, requests: u64) {
        if self.shown {
            // Where standard error is gone, nobody is left to be told.
            let _ = write!(
                std::io::stderr(),
                "\r{done} of {} audited, {}\x1b[K",
                counted(self.all, "bucket"),
                counted(requests, "request")
            );
        }
    }

    fn clear(&self) {
        if self.shown {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
