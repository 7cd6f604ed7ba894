//! The output of `orphans`: one row per verdict, and totals.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::cli::formats::{Column, Record};
use crate::cli::metrics::cents;
use crate::domain::ByteSize;
use crate::domain::orphans::{ExactVerdict, KindTotal, Verdict};
use crate::domain::prices::PriceTable;
use crate::ops::orphans::{BucketReport, RegistryFacts, Report};

/// A verdict.
#[derive(Debug, Serialize)]
pub(super) struct Row<'v> {
    #[serde(flatten)]
    exact: ExactVerdict<'v>,
    /// For people.
    #[serde(skip)]
    written: Option<DateTime<Utc>>,
}

impl<'v> From<&'v Verdict> for Row<'v> {
    fn from(verdict: &'v Verdict) -> Self {
        Self {
            exact: verdict.into(),
            written: verdict.last_modified,
        }
    }
}

impl Record for Row<'_> {
    const FIELDS: &'static [&'static str] = ExactVerdict::FIELDS;
    const COLUMNS: &'static [Column] = &[
        Column::words("KIND", 16),
        Column::numbers("SIZE", 10),
        Column::words("WRITTEN", 10),
        Column::words("OBJECT", 60),
        Column::words("WHY", 0),
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.exact.kind.to_owned(),
            self.exact
                .size
                .map_or_else(|| "–".to_owned(), |size| ByteSize(size).to_string()),
            self.written.map_or_else(
                || "–".to_owned(),
                |time| time.format("%Y-%m-%d").to_string(),
            ),
            format!("s3://{}/{}", self.exact.bucket, self.exact.key),
            self.exact.reason.clone(),
        ]
    }
}

/// The totals.
#[derive(Debug, Serialize)]
pub(super) struct Totals {
    blueprint: String,
    /// Orphans among the items, without records, missing derived objects, unreadable keys and suspects.
    orphans: u64,
    kinds: BTreeMap<&'static str, KindRow>,
    currency: String,
    prices: String,
    buckets: Vec<BucketRow>,
    registries: Vec<RegistryRow>,
    refused: Vec<RefusedRow>,
    not_judged: Vec<NotJudgedRow>,
    records_elsewhere: u64,
    records_unexplained: u64,
    /// Objects that are too young to judge.
    young: u64,
    /// Objects written from this time on are too young.
    judged_before: Option<String>,
    /// Further remarks, one sentence each, including buckets of the blueprint that were left out.
    remarks: Vec<String>,
    started: String,
    finished: String,
    requests: u64,
    retries: u64,
}

#[derive(Debug, Serialize)]
struct KindRow {
    items: u64,
    size: u64,
    /// An estimate; zero if a deletion saves nothing.
    monthly_cost: f64,
}

#[derive(Debug, Serialize)]
struct BucketRow {
    bucket: String,
    objects: u64,
    size: u64,
    explained: u64,
    young: u64,
    /// Keys with only noncurrent versions that are too young, and incomplete uploads within their limit.
    young_versions: u64,
    young_uploads: u64,
    /// Orphans according to a list or a rule, which the gates count.
    inferred: u64,
    inferred_size: u64,
    /// By kind, even if the verdicts are withheld.
    found: BTreeMap<&'static str, u64>,
    withheld: bool,
}

#[derive(Debug, Serialize)]
struct RegistryRow {
    subject: &'static str,
    from: String,
    read_at: String,
    made_at: Option<String>,
    ids: u64,
    rows: u64,
    malformed: u64,
    duplicates: u64,
    left_out: u64,
}

#[derive(Debug, Serialize)]
struct RefusedRow {
    gate: &'static str,
    bucket: Option<String>,
    why: String,
    overruled_by: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct NotJudgedRow {
    kind: &'static str,
    bucket: Option<String>,
    layout: Option<String>,
    why: String,
}

impl Totals {
    pub(super) fn of(report: &Report, prices: &PriceTable) -> Self {
        let kinds = report.totals().into_iter();
        Self {
            blueprint: report.blueprint.clone(),
            orphans: report.orphans(),
            kinds: kinds
                .map(|total| (total.kind.word(), KindRow::of(&total, prices)))
                .collect(),
            currency: prices.currency.clone(),
            prices: prices.words(),
            buckets: report.buckets.iter().map(BucketRow::of).collect(),
            registries: report.registries.iter().map(RegistryRow::of).collect(),
            refused: report
                .tripped
                .iter()
                .map(|one| RefusedRow {
                    gate: one.gate.word(),
                    bucket: one.bucket.as_ref().map(ToString::to_string),
                    why: one.why.clone(),
                    overruled_by: one.gate.overruled_by(),
                })
                .collect(),
            not_judged: report
                .not_judged
                .iter()
                .map(|one| NotJudgedRow {
                    kind: one.kind.word(),
                    bucket: one.bucket.as_ref().map(ToString::to_string),
                    layout: one.layout.clone(),
                    why: one.why.clone(),
                })
                .collect(),
            records_elsewhere: report.records_elsewhere,
            records_unexplained: report.records_unexplained,
            young: report.young(),
            judged_before: report.judged_before.map(rfc3339),
            remarks: report.remarks.clone(),
            started: rfc3339(report.started),
            finished: rfc3339(report.finished),
            requests: report.requests,
            retries: report.retries,
        }
    }
}

impl KindRow {
    fn of(total: &KindTotal, prices: &PriceTable) -> Self {
        let cost = if total.kind.is_orphan() {
            prices.estimate_scan(&total.classes).total()
        } else {
            0.0
        };
        Self {
            items: total.tally.objects,
            size: total.tally.bytes.bytes(),
            monthly_cost: cents(cost),
        }
    }
}

impl BucketRow {
    fn of(report: &BucketReport) -> Self {
        let judged = &report.judged;
        Self {
            bucket: report.bucket.to_string(),
            objects: judged.objects,
            size: judged.bytes.bytes(),
            explained: judged.explained,
            young: judged.young,
            young_versions: judged.young_versions,
            young_uploads: judged.young_uploads,
            inferred: judged.inferred,
            inferred_size: judged.inferred_bytes.bytes(),
            found: report
                .totals
                .iter()
                .map(|total| (total.kind.word(), total.tally.objects))
                .collect(),
            withheld: report.withheld,
        }
    }
}

impl RegistryRow {
    fn of(facts: &RegistryFacts) -> Self {
        Self {
            subject: facts.subject.plural(),
            from: facts.stated.clone(),
            read_at: rfc3339(facts.read_at),
            made_at: facts.made_at.map(rfc3339),
            ids: facts.ids,
            rows: facts.rows,
            malformed: facts.malformed,
            duplicates: facts.duplicates,
            left_out: facts.left_out,
        }
    }
}

fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
