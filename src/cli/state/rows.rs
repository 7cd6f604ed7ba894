//! The output of `state`: topics of the configuration, and what was counted in the bucket.

use chrono::SecondsFormat;
use serde::Serialize;
use serde_json::Value;

use crate::cli::formats::{Column, Record};
use crate::domain::configuration::{Configuration, Setting, State};
use crate::domain::lifecycle::{Example, Prediction, RuleCoverage, VersionState};
use crate::domain::posture::Contents;
use crate::domain::words::counted;
use crate::domain::{BucketName, ByteSize};
use crate::ops::audit::{AnnotationSample, Basis};

/// A topic, lifecycle rule or storage class as a row.
#[derive(Debug, Serialize)]
pub(super) struct StateRow {
    pub bucket: String,
    pub concern: String,
    pub state: &'static str,
    pub sentence: String,
    pub value: Value,
    pub raw: Option<String>,
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

pub(super) fn concerns(configuration: &Configuration) -> Vec<StateRow> {
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

/// The source of the counts below.
pub(super) fn basis(bucket: &BucketName, basis: Basis) -> StateRow {
    let at = match basis {
        Basis::Scan(at) => Some(at),
        Basis::Nothing | Basis::Listing | Basis::Sample(_) | Basis::Objects => None,
    };
    let name = match basis {
        Basis::Nothing => "nothing",
        Basis::Listing => "listing",
        Basis::Sample(_) => "sample",
        Basis::Objects => "objects",
        Basis::Scan(_) => "scan",
    };
    StateRow {
        bucket: bucket.to_string(),
        concern: "counted".to_owned(),
        state: "set",
        sentence: format!("What follows is counted in {}.", basis.words()),
        value: serde_json::json!({ "basis": name, "scanned_at": at }),
        raw: None,
    }
}

/// The effect of each lifecycle rule on the listed objects.
pub(super) fn rules(bucket: &BucketName, contents: &Contents) -> Vec<StateRow> {
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
            let shadowed = shadowed(contents, found);
            StateRow {
                bucket: bucket.to_string(),
                concern: "lifecycle-rule".to_owned(),
                state: if rule.enabled { "set" } else { "not-set" },
                sentence: format!("{} {does}{small}{shadowed}.", rule.id),
                value: with_example(found, contents, found.example.as_ref()),
                raw: None,
            }
        })
        .collect();
    rows.extend(overdue(bucket, contents));
    if !coverage.lifecycle().rules.is_empty() {
        rows.push(StateRow {
            bucket: bucket.to_string(),
            concern: "lifecycle-untouched".to_owned(),
            state: "set",
            sentence: format!(
                "No rule is about {at_least}{} of {}, {}.",
                coverage.untouched.count,
                counted(coverage.objects.count, "object"),
                ByteSize(coverage.untouched.bytes)
            ),
            value: with_example(
                &coverage.untouched,
                contents,
                coverage.untouched_example.as_ref(),
            ),
            raw: None,
        });
    }
    rows.extend(markers(bucket, contents));
    rows
}

/// A total with its largest object, and the forecast of that object day by day.
fn with_example<T: Serialize>(
    counted: &T,
    contents: &Contents,
    example: Option<&Example>,
) -> Value {
    let mut value = serde_json::to_value(counted).unwrap_or_default();
    let coverage = &contents.coverage;
    if let (Value::Object(fields), Some(example)) = (&mut value, example) {
        let predicted = Prediction::of(coverage.lifecycle(), coverage.kept(), &example.subject());
        let described = serde_json::json!({
            "key": example.key,
            "size": example.size,
            "storage_class": example.class,
            "last_modified": example.written.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            "is_latest": matches!(example.version, VersionState::Current { .. }),
            "lifecycle": predicted,
        });
        fields.insert("example".to_owned(), described);
    }
    value
}

/// Delete markers, and those that hide nothing.
fn markers(bucket: &BucketName, contents: &Contents) -> Option<StateRow> {
    let coverage = &contents.coverage;
    let (all, useless, lasting) = (
        &coverage.markers,
        &coverage.useless_markers,
        &coverage.lasting_markers,
    );
    if all.count == 0 {
        return None;
    }
    let at_least = if contents.complete { "" } else { "at least " };
    let removal = match (useless.count, lasting.count) {
        (0, _) => String::new(),
        (_, 0) => "; the lifecycle rules remove all of these".to_owned(),
        (useless, lasting) if useless == lasting => "; no rule removes these".to_owned(),
        (_, lasting) => format!("; no rule removes {lasting} of these"),
    };
    Some(StateRow {
        bucket: bucket.to_string(),
        concern: "delete-markers".to_owned(),
        state: "set",
        sentence: format!(
            "Delete markers: {at_least}{}, of which {} hide nothing{removal}.",
            all.count, useless.count
        ),
        value: serde_json::json!({
            "count": all.count,
            "useless": useless,
            "not_removed": lasting,
        }),
        raw: None,
    })
}

/// The rules that act before a rule, and on how many of its objects.
fn shadowed(contents: &Contents, found: &RuleCoverage) -> String {
    if found.shadowed.count == 0 {
        return String::new();
    }
    let rules = &contents.coverage.lifecycle().rules;
    let first = found.shadowed_by.keys();
    let first: Vec<&str> = first
        .filter_map(|&index| Some(rules.get(index)?.id.as_str()))
        .collect();
    format!(
        "; on {} of them {} always acts first",
        found.shadowed.count,
        first.join(" or ")
    )
}

/// Overdue lifecycle actions.
fn overdue(bucket: &BucketName, contents: &Contents) -> Option<StateRow> {
    let coverage = &contents.coverage;
    let overdue = &coverage.overdue;
    let (since, rule) = overdue.oldest?;
    let counted = [
        (overdue.transitions.count, "transitions"),
        (overdue.expirations.count, "expirations"),
        (overdue.uploads.count, "uploads to abort"),
    ];
    let late: Vec<String> = counted
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, of)| format!("{n} {of}"))
        .collect();
    let at_least = if contents.complete { "" } else { "at least " };
    let rule = coverage.lifecycle().rules.get(rule);
    Some(StateRow {
        bucket: bucket.to_string(),
        concern: "lifecycle-overdue".to_owned(),
        state: "set",
        sentence: format!(
            "Overdue are {at_least}{}, the oldest since {} by {}.",
            late.join(", "),
            since.format("%Y-%m-%d"),
            rule.map_or("", |rule| &rule.id)
        ),
        value: serde_json::to_value(overdue).unwrap_or_default(),
        raw: None,
    })
}

/// The annotations of some objects, which no counted size includes.
pub(super) fn annotations(
    bucket: &BucketName,
    sample: &Setting<AnnotationSample>,
) -> Option<StateRow> {
    let (state, sentence, value) = match sample.known() {
        Ok(None) => return None,
        Ok(Some(sample)) => (
            State::Set,
            format!(
                "Annotations: {} of {} that were looked at {} annotations, {} together, {}; sizes do not include them.",
                sample.annotated,
                counted(sample.objects, "object"),
                if sample.annotated == 1 { "has" } else { "have" },
                sample.annotations,
                ByteSize(sample.bytes)
            ),
            serde_json::to_value(sample).unwrap_or_default(),
        ),
        Err(why) => (
            State::Unknown(why.clone()),
            format!(
                "Annotations: unknown, {}.",
                why.short().trim_end_matches('.')
            ),
            Value::Null,
        ),
    };
    Some(StateRow {
        bucket: bucket.to_string(),
        concern: "annotations".to_owned(),
        state: state.as_str(),
        sentence,
        value,
        raw: None,
    })
}

/// The size by storage class, from the listing.
pub(super) fn classes(bucket: &BucketName, contents: &Contents) -> Vec<StateRow> {
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
                    "{class}: {at_least}{}, {} ({share} % of the bytes).",
                    counted(amount.count, "version"),
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
