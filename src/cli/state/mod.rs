//! `s3warden state`: describes a bucket's configuration, the coverage of its lifecycle rules, and its cost.

mod cost;
mod rows;

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::args::bucket_name;
use super::audit::by_scan;
use super::formats::{Document, Note};
use super::session::{Interruption, Session};
use super::{ExitStatus, Failure, choice};
use crate::domain::BucketName;
use crate::domain::words::counted;
use crate::ops::audit::{self, AuditLimits, Inquiry, ObjectAcls, Severity, Target};
use crate::ops::{Gate, Meter};
use rows::StateRow;

/// Which bucket, and how far to look into it.
#[derive(Debug, Clone, Args)]
pub struct StateArgs {
    /// The bucket
    #[arg(value_name = "BUCKET", value_parser = bucket_name)]
    pub bucket: BucketName,

    /// How many versions are listed at most; 0 says what is configured and counts nothing
    #[arg(long, value_name = "N", default_value_t = AuditLimits::default().versions)]
    pub max_versions: u64,

    /// Count in a scan that `scan --save FILE` saved, in place of a listing of the objects
    #[arg(long, value_name = "FILE", conflicts_with = "max_versions")]
    pub scan: Option<PathBuf>,

    /// A table of prices for the estimate, in place of the configuration file's or the one that comes with the program
    #[arg(long, value_name = "FILE")]
    pub prices: Option<PathBuf>,
}

const SCHEMA: &str = "s3warden/state/1";

#[derive(Debug, Serialize)]
struct Totals {
    findings: usize,
    requests: u64,
}

pub(super) async fn run<W: Write>(
    args: &StateArgs,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    let named = choice::named(&session.settings)?;
    let file = args
        .prices
        .as_deref()
        .or(session.settings.prices.as_deref());
    let prices = choice::prices(file)?;
    let aws = session.connect().await?;
    let meter = Meter::new();
    let gate = Gate::new(session.settings.jobs);
    let mut target = Target::of(args.bucket.clone(), named.as_ref());
    if let Some(file) = &args.scan {
        target = target.by_scan(by_scan::open(file, &args.bucket, &aws).await?);
    }
    let limits = AuditLimits {
        versions: args.max_versions,
        samples: 0,
        object_acls: ObjectAcls::NotAsked,
        ..AuditLimits::default()
    };
    let asked = Box::pin(async {
        let accepted = session.settings.accept.clone();
        let inquiry = Inquiry::begin(&aws, limits, accepted, &gate, &meter).await;
        audit::of_bucket(&aws, &target, &inquiry, &gate, &meter).await
    });
    let Some(audited) = session.stop.run_until_cancelled(asked).await else {
        return session.conclude(Some(Interruption::Interrupted));
    };
    let mut document = Document::begin::<StateRow>(session.look(), SCHEMA, output)?;
    for row in rows::concerns(&audited.configuration) {
        document.item(&row)?;
    }
    if let Some(contents) = &audited.contents {
        let counted = [rows::basis(&args.bucket, audited.basis)]
            .into_iter()
            .chain(rows::rules(&args.bucket, contents))
            .chain(rows::classes(&args.bucket, contents))
            .chain(rows::annotations(&args.bucket, &audited.annotations))
            .chain([cost::row(&args.bucket, contents, &prices)]);
        for row in counted {
            document.item(&row)?;
        }
    }
    let mut notes: Vec<Note> = audited.coverage.gaps().iter().map(Note::from).collect();
    let cut = audited.failure.map(Interruption::Failed);
    if let Some(cut) = &cut {
        notes.push(cut.note(format!("what is in {}", args.bucket)));
    }
    let totals = Totals {
        findings: audited
            .findings
            .iter()
            .filter(|finding| finding.severity > Severity::Info)
            .count(),
        requests: meter.requests(),
    };
    document.end(&totals, &notes)?;
    if totals.findings > 0 {
        session.reporter().note(&format!(
            "{}: s3warden audit {}",
            counted(totals.findings, "finding"),
            args.bucket
        ));
    }
    session.conclude(cut)
}
