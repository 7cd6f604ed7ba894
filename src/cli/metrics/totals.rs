//! Totals of the rows: all buckets, an estimate of the cost, and alarms with their problems.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::rows::cents;
use crate::aws::Problem;
use crate::cli::formats::Note;
use crate::domain::advice::{Advice, advice};
use crate::domain::metrics::{AllBuckets, Growth, Storage, StorageType};
use crate::domain::posture::{Finding, Severity};
use crate::domain::prices::{PriceTable, money};
use crate::domain::words::counted;
use crate::domain::{BucketName, ByteSize};
use crate::ops::Fact;
use crate::ops::metrics::{Alarm, Alarms, BucketAlarms, BucketStorage, RequestSeries};

/// The summary.
#[derive(Debug, Serialize)]
pub(super) struct Totals {
    buckets: usize,
    /// The number of buckets with a known size; if others are unknown, the sums are "at least".
    known: usize,
    /// The number of buckets with a known number of objects; if others are unknown, the sum is "at least".
    counted: usize,
    days: u32,
    objects: Option<u64>,
    size: Option<u64>,
    growth: Option<f64>,
    /// The days of the growth: less than `days` if there are fewer points. If buckets differ, the longest.
    growth_days: Option<u32>,
    /// The shortest.
    growth_days_least: Option<u32>,
    monthly_cost: Priced,
    alarms: Vec<AlarmRow>,
    findings: Vec<FindingRow>,
    requests: u64,
}

/// An estimate of the monthly storage cost.
#[derive(Debug, Serialize)]
pub(super) struct Priced {
    /// Always true.
    estimate: bool,
    total: Option<f64>,
    overhead: Option<f64>,
    minimum_stay: Option<f64>,
    currency: String,
    prices: String,
    #[serde(rename = "not_priced")]
    left_out: Vec<String>,
}

#[derive(Debug, Serialize)]
struct AlarmRow {
    /// `None` for an alarm without a bucket.
    bucket: Option<String>,
    name: String,
    region: String,
    state: String,
    watches: String,
    has_actions: bool,
}

#[derive(Debug, Serialize)]
struct FindingRow {
    id: &'static str,
    severity: Severity,
    bucket: Option<String>,
    message: String,
    evidence: Vec<String>,
    why: &'static str,
    fix: String,
    advice: Advice,
}

impl Totals {
    pub(super) fn of(
        storage: &[BucketStorage],
        alarms: &Alarms,
        prices: &PriceTable,
        days: u32,
        requests: u64,
    ) -> Self {
        let mut fleet = AllBuckets::default();
        // Price tiers apply to all buckets of an account together.
        let mut sizes: BTreeMap<&StorageType, ByteSize> = BTreeMap::new();
        for one in storage {
            fleet.add(one.storage.value(), days);
            for (storage_type, size) in one.storage.value().into_iter().flat_map(Storage::latest) {
                *sizes.entry(storage_type).or_default() += size;
            }
        }
        let estimate = prices.estimate(sizes);
        let is_known = fleet.known > 0;
        let mut findings: Vec<FindingRow> = alarms
            .buckets
            .iter()
            .flat_map(|one| &one.findings)
            .map(finding_row)
            .chain(alarms.adrift.iter().map(adrift_row))
            .collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        Self {
            buckets: storage.len(),
            known: fleet.known,
            counted: fleet.counted,
            days,
            objects: fleet.objects(),
            size: is_known.then_some(fleet.size.bytes()),
            growth: fleet.growth().map(|growth| growth.share),
            growth_days: fleet.growth_days().map(|(_, most)| most),
            growth_days_least: fleet.growth_days().map(|(least, _)| least),
            monthly_cost: Priced {
                estimate: true,
                total: is_known.then(|| cents(estimate.total())),
                overhead: is_known.then(|| cents(estimate.overhead())),
                minimum_stay: is_known.then(|| cents(estimate.with_minimum_stay())),
                currency: prices.currency.clone(),
                prices: prices.words(),
                left_out: estimate.not_priced().map(ToString::to_string).collect(),
            },
            alarms: alarms
                .buckets
                .iter()
                .flat_map(alarm_rows)
                .chain(alarms.adrift.iter().map(|alarm| alarm_row(None, alarm)))
                .collect(),
            findings,
            requests,
        }
    }

    /// Formats as `growth +35 % in 59 days`.
    fn growth_words(&self) -> String {
        match (self.growth, self.growth_days_least, self.growth_days) {
            (Some(share), Some(least), Some(most)) if least < most => {
                let growth = Growth { share, days: most };
                format!("growth {} in {least} to {most} days", growth.words())
            }
            (Some(share), _, Some(days)) => {
                format!("growth {}", Growth { share, days }.words_in_days())
            }
            _ => "growth unknown".to_owned(),
        }
    }

    /// Further lines, for which a table has no room.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(size) = self.size {
            let least = if self.known < self.buckets {
                "at least "
            } else {
                ""
            };
            let objects = match self.objects {
                Some(objects) if self.counted < self.known => format!("at least {objects}"),
                Some(objects) => objects.to_string(),
                None => "an unknown number of".to_owned(),
            };
            lines.push(format!(
                "{least}{} and {objects} objects, versions, delete markers and parts in {}; {}",
                ByteSize(size),
                counted(self.known, "bucket"),
                self.growth_words()
            ));
        }
        let cost = &self.monthly_cost;
        if let Some(total) = cost.total {
            let least = if cost.left_out.is_empty() && self.known == self.buckets {
                ""
            } else {
                "at least "
            };
            let mut parts = Vec::new();
            let of = |part: Option<f64>| part.filter(|part| *part > 0.0);
            if let Some(overhead) = of(cost.overhead) {
                parts.push(format!(
                    "{} of it overhead",
                    money(overhead, &cost.currency)
                ));
            }
            if let Some(stay) = of(cost.minimum_stay) {
                parts.push(format!(
                    "{} in classes with a minimum stay",
                    money(stay, &cost.currency)
                ));
            }
            let parts = if parts.is_empty() {
                String::new()
            } else {
                format!(", {}", parts.join(", "))
            };
            lines.push(format!(
                "estimate: {least}{} a month for storage alone, by the {}{parts}",
                money(total, &cost.currency),
                cost.prices
            ));
        }
        lines.extend(self.alarms.iter().map(|alarm| {
            let tells = if alarm.has_actions {
                ""
            } else {
                "; it tells nobody"
            };
            format!(
                "alarm {} on {} is {}: {}{tells}",
                alarm.name,
                alarm.bucket.as_deref().unwrap_or("no bucket"),
                alarm.state,
                alarm.watches
            )
        }));
        lines.extend(self.findings.iter().map(|finding| {
            format!(
                "{} {} ({}): {} To do: {}",
                finding.severity.as_str(),
                finding.id,
                finding.bucket.as_deref().unwrap_or("no bucket"),
                finding.message,
                finding.fix
            )
        }));
        lines
    }

    /// The note if the estimate is incomplete.
    pub(super) fn not_priced_note(&self) -> Option<Note> {
        let missing = &self.monthly_cost.left_out;
        (!missing.is_empty()).then(|| Note {
            what: format!("the cost of {}", missing.join(", ")),
            why: format!("the {} have none for it", self.monthly_cost.prices),
        })
    }
}

fn alarm_rows(one: &BucketAlarms) -> Vec<AlarmRow> {
    let alarms = one.alarms.value().into_iter().flatten();
    alarms
        .map(|alarm| alarm_row(Some(&one.bucket), alarm))
        .collect()
}

fn alarm_row(bucket: Option<&BucketName>, alarm: &Alarm) -> AlarmRow {
    AlarmRow {
        bucket: bucket.map(ToString::to_string),
        name: alarm.name.clone(),
        region: alarm.region.to_string(),
        state: alarm.state.clone(),
        watches: alarm.words(),
        has_actions: alarm.has_actions,
    }
}

fn finding_row(finding: &Finding) -> FindingRow {
    FindingRow {
        id: finding.id,
        severity: finding.severity,
        bucket: Some(finding.bucket.to_string()),
        message: finding.message.clone(),
        evidence: finding.evidence.clone(),
        why: finding.why,
        fix: finding.advice.command_line(),
        advice: finding.advice.clone(),
    }
}

/// An alarm without a bucket is reported as a finding, too.
fn adrift_row(alarm: &Alarm) -> FindingRow {
    let advice =
        advice!("add the dimension BucketName, and FilterId or StorageType as the metric has it");
    FindingRow {
        id: "alarm-never-has-data",
        severity: Severity::High,
        bucket: None,
        message: format!(
            "The alarm {} can never have data: it looks at a metric of S3 and does not say of which bucket.",
            alarm.name
        ),
        evidence: vec![format!("{}, in {}", alarm.words(), alarm.region)],
        why: "An alarm without data never goes off, and looks like one that has nothing to tell.",
        fix: advice.command_line(),
        advice,
    }
}

/// The notes about missing data. Several buckets with the same reason share one note.
pub(super) fn notes(
    storage: &[BucketStorage],
    requests: &HashMap<BucketName, Result<Vec<RequestSeries>, Problem>>,
    alarms: &[BucketAlarms],
) -> Vec<Note> {
    let unknown = storage.iter().filter_map(|one| {
        let why = unknown(&one.storage)?;
        Some((one, "metrics", why))
    });
    let absent = storage.iter().flat_map(|one| {
        let known = one.storage.value().into_iter();
        let absent = known.flat_map(absent);
        absent.map(move |(what, why)| (one, what, why.to_owned()))
    });
    let sent = storage.iter().filter_map(|one| {
        let problem = requests.get(&one.bucket)?.as_ref().err()?;
        Some((one, "request metrics", problem.on_command_line()))
    });
    let judged = storage.iter().zip(alarms).flat_map(|(one, of)| {
        let alarms = of
            .alarms
            .problem()
            .map(|problem| (one, "alarms", problem.on_command_line()));
        let filters = of.not_judged.as_ref();
        let filters = filters.map(|problem| (one, "filters of alarms", problem.on_command_line()));
        alarms.into_iter().chain(filters)
    });
    grouped(
        unknown
            .chain(absent)
            .chain(sent)
            .chain(judged)
            .map(|(one, what, why)| (what, &one.bucket, why)),
    )
}

/// Why a bucket's storage metrics are unknown; `None` if they are known.
pub(in crate::cli) fn unknown(storage: &Fact<Storage>) -> Option<String> {
    match storage {
        Fact::Set(_) => None,
        Fact::NotSet => Some(
            "CloudWatch has no storage metrics of it: a new bucket has none for a day or two, and an empty one has none"
                .to_owned(),
        ),
        Fact::Unknown(problem) => Some(problem.on_command_line()),
    }
}

/// Which of the two numbers is unknown for a bucket with storage metrics, and why. Each is a metric of its own, and
/// CloudWatch may have only one of them.
pub(in crate::cli) fn absent(
    storage: &Storage,
) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
    let objects = storage.count().is_none().then_some((
        "the number of objects",
        "CloudWatch has no NumberOfObjects of it",
    ));
    let size = storage
        .size()
        .is_none()
        .then_some(("the size", "CloudWatch has no BucketSizeBytes of it"));
    objects.into_iter().chain(size)
}

/// Notes of the form "what of BUCKET, BUCKET", one per reason.
fn grouped<'b>(missing: impl Iterator<Item = (&'static str, &'b BucketName, String)>) -> Vec<Note> {
    let mut groups: Vec<(&'static str, String, Vec<&BucketName>)> = Vec::new();
    for (what, bucket, why) in missing {
        match groups
            .iter_mut()
            .find(|group| group.0 == what && group.1 == why)
        {
            Some(group) => group.2.push(bucket),
            None => groups.push((what, why, vec![bucket])),
        }
    }
    groups
        .into_iter()
        .map(|(what, why, buckets)| {
            let names: Vec<&str> = buckets.iter().map(|bucket| bucket.as_str()).collect();
            Note {
                what: format!("{what} of {}", names.join(", ")),
                why,
            }
        })
        .collect()
}
