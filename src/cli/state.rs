//! `s3warden state`: how a bucket is configured, in words, and what its lifecycle rules cover.

use std::io::Write;

use clap::Args;
use serde::Serialize;
use serde_json::Value;

use super::args::bucket_name;
use super::formats::{Column, Document, Note, Record};
use super::session::{Cut, Session};
use super::{ExitStatus, Failure, choice};
use crate::domain::configuration::{Configuration, State};
use crate::domain::posture::Contents;
use crate::domain::{BucketName, ByteSize};
use crate::ops::audit::{self, AuditLimits, Inquiry, Severity, Target};
use crate::ops::{Gate, Meter};

/// Which bucket, and how far to look into it.
#[derive(Debug, Clone, Args)]
pub struct StateArgs {
    /// The bucket
    #[arg(value_name = "BUCKET", value_parser = bucket_name)]
    pub bucket: BucketName,

    /// How many versions are listed at most; 0 says what is configured and counts nothing
    #[arg(long, value_name = "N", default_value_t = AuditLimits::default().versions)]
    pub max_versions: u64,
}

const SCHEMA: &str = "s3warden/state/1";

/// One concern, lifecycle rule or storage class.
#[derive(Debug, Serialize)]
struct StateRow {
    bucket: String,
    concern: String,
    state: &'static str,
    sentence: String,
    value: Value,
    raw: Option<String>,
}

impl Record for StateRow {
    const FIELDS: &'static [&'static str] =
        &["bucket", "concern", "state", "sentence", "value", "raw"];
    const COLUMNS: &'static [Column] = &[
        Column::words("CONCERN", 28),
        Column::words("STATE", 8),
        Column::words("IN WORDS", 10),
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.concern.clone(),
            self.state.to_owned(),
            self.sentence.clone(),
        ]
    }
}

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
    let aws = session.connect().await?;
    let meter = Meter::new();
    let gate = Gate::new(session.settings.jobs);
    let target = Target::of(args.bucket.clone(), named.as_ref());
    let limits = AuditLimits {
        versions: args.max_versions,
        samples: 0,
    };
    let asked = Box::pin(async {
        let accepted = session.settings.accept.clone();
        let inquiry = Inquiry::begin(&aws, limits, accepted, &gate, &meter).await;
        audit::of_bucket(&aws, &target, &inquiry, &gate, &meter).await
    });
    let Some(audited) = session.stop.run_until_cancelled(asked).await else {
        return session.conclude(Some(Cut::Interrupted));
    };
    let mut document = Document::begin::<StateRow>(session.look(), SCHEMA, output)?;
    for row in concerns(&audited.configuration) {
        document.item(&row)?;
    }
    if let Some(contents) = &audited.contents {
        for row in rules(&args.bucket, contents)
            .into_iter()
            .chain(classes(&args.bucket, contents))
        {
            document.item(&row)?;
        }
    }
    let mut notes: Vec<Note> = audited
        .coverage
        .gaps()
        .iter()
        .map(|gap| Note {
            what: gap.what.clone(),
            why: gap.why.clone(),
        })
        .collect();
    let cut = audited.failure.map(Cut::Failed);
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
        session.voice().note(&format!(
            "{} findings: s3warden audit {}",
            totals.findings, args.bucket
        ));
    }
    session.conclude(cut)
}

fn concerns(configuration: &Configuration) -> Vec<StateRow> {
    let region = match configuration.region.known() {
        Ok(Some(region)) => (
            State::Set,
            format!("The bucket is in {region}."),
            Value::from(region.as_str()),
        ),
        Ok(None) => (
            State::NotSet,
            "The Region is not told.".to_owned(),
            Value::Null,
        ),
        Err(why) => (
            State::Unknown(why.clone()),
            format!("Unknown: {}.", why.short().trim_end_matches('.')),
            Value::Null,
        ),
    };
    let bucket = configuration.bucket.to_string();
    let first = StateRow {
        bucket: bucket.clone(),
        concern: "region".to_owned(),
        state: region.0.as_str(),
        sentence: region.1,
        value: region.2,
        raw: None,
    };
    let others = configuration.rows().into_iter().map(|row| StateRow {
        bucket: bucket.clone(),
        concern: row.name.to_owned(),
        state: row.state.as_str(),
        sentence: row.sentence,
        value: row.value,
        raw: row.raw,
    });
    std::iter::once(first).chain(others).collect()
}

/// What each lifecycle rule does to what was listed.
fn rules(bucket: &BucketName, contents: &Contents) -> Vec<StateRow> {
    let coverage = &contents.coverage;
    let at_least = if contents.complete { "" } else { "at least " };
    let mut rows: Vec<StateRow> = coverage
        .lifecycle()
        .rules
        .iter()
        .zip(&coverage.rules)
        .map(|(rule, found)| {
            let counted = [
                (found.objects.count, "objects"),
                (found.noncurrent.count, "noncurrent versions"),
                (found.markers.count, "delete markers"),
                (found.uploads.count, "uploads"),
                (
                    found.undecided.count,
                    "objects perhaps (their tags are not listed)",
                ),
            ];
            let touched: Vec<String> = counted
                .into_iter()
                .filter(|(n, _)| *n > 0)
                .map(|(n, of)| format!("{n} {of}"))
                .collect();
            let bytes = ByteSize(found.objects.bytes) + ByteSize(found.noncurrent.bytes);
            let does = match (rule.enabled, touched.is_empty()) {
                (false, _) => "is disabled".to_owned(),
                (true, true) => "touches nothing".to_owned(),
                (true, false) => format!("touches {at_least}{}, {bytes}", touched.join(", ")),
            };
            let small = if found.too_small.count > 0 {
                format!("; {} are too small to move", found.too_small.count)
            } else {
                String::new()
            };
            StateRow {
                bucket: bucket.to_string(),
                concern: "lifecycle-rule".to_owned(),
                state: if rule.enabled { "set" } else { "not-set" },
                sentence: format!("{} {does}{small}.", rule.id),
                value: serde_json::to_value(found).unwrap_or_default(),
                raw: None,
            }
        })
        .collect();
    if !coverage.lifecycle().rules.is_empty() {
        rows.push(StateRow {
            bucket: bucket.to_string(),
            concern: "lifecycle-untouched".to_owned(),
            state: "set",
            sentence: format!(
                "No rule is about {at_least}{} of {} objects, {}.",
                coverage.untouched.count,
                coverage.objects.count,
                ByteSize(coverage.untouched.bytes)
            ),
            value: serde_json::to_value(&coverage.untouched).unwrap_or_default(),
            raw: None,
        });
    }
    rows
}

/// In which classes the bytes are, from the listing.
fn classes(bucket: &BucketName, contents: &Contents) -> Vec<StateRow> {
    let bytes: u64 = contents.classes.values().map(|amount| amount.bytes).sum();
    let at_least = if contents.complete { "" } else { "at least " };
    contents
        .classes
        .iter()
        .map(|(class, amount)| {
            let share = u128::from(amount.bytes) * 100 / u128::from(bytes.max(1));
            StateRow {
                bucket: bucket.to_string(),
                concern: "storage-class".to_owned(),
                state: "set",
                sentence: format!(
                    "{class}: {at_least}{} versions, {} ({share} % of the bytes).",
                    amount.count,
                    ByteSize(amount.bytes)
                ),
                value: serde_json::json!({
                    "storage_class": class,
                    "versions": amount.count,
                    "size": amount.bytes,
                }),
                raw: None,
            }
        })
        .collect()
}
