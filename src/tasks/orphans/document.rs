//! Verdicts as a document, in the forms of the command line.

use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::OrphansFound;
use crate::domain::orphans::ExactVerdict;
use crate::domain::text::csv_cell;

/// The name of the form, and its version.
const SCHEMA: &str = "s3warden/orphans/1";

/// A form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// One JSON document.
    Json,
    /// A JSON object a line.
    Ndjson,
    /// CSV with a header.
    Csv,
}

impl Format {
    /// The form that the end of a file's name asks for.
    #[must_use]
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let end = path.extension()?.to_str()?.to_ascii_lowercase();
        match end.as_str() {
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }
}

fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Some of the verdicts, by their numbers, as a document.
#[must_use]
pub(crate) fn document(found: &OrphansFound, numbers: &[usize], format: Format) -> String {
    let verdicts = || {
        let chosen = numbers
            .iter()
            .filter_map(|number| found.verdicts.get(*number));
        chosen.map(|verdict| ExactVerdict::from(&**verdict))
    };
    match format {
        Format::Json => {
            let items: Vec<Value> = verdicts().map(|item| json!(item)).collect();
            let whole = json!({
                "schema": SCHEMA,
                "complete": found.report.coverage.is_complete(),
                "items": items,
                "summary": summary(found, numbers.len()),
            });
            format!("{whole:#}\n")
        }
        Format::Ndjson => {
            let mut text = String::new();
            for item in verdicts() {
                text.push_str(&json!(item).to_string());
                text.push('\n');
            }
            let end = json!({
                "schema": SCHEMA,
                "complete": found.report.coverage.is_complete(),
                "summary": summary(found, numbers.len()),
            });
            format!("{text}{end}\n")
        }
        Format::Csv => {
            let mut text = ExactVerdict::FIELDS.join(",");
            text.push('\n');
            for item in verdicts() {
                text.push_str(&line(&item));
                text.push('\n');
            }
            text
        }
    }
}

fn line(item: &ExactVerdict<'_>) -> String {
    let size = item.size.map(|size| size.to_string()).unwrap_or_default();
    let evidence = item.evidence.join("; ");
    let cells = [
        item.kind,
        item.bucket,
        item.key,
        item.upload_id.unwrap_or_default(),
        &size,
        item.storage_class.unwrap_or_default(),
        item.last_modified.as_deref().unwrap_or_default(),
        item.etag.unwrap_or_default(),
        item.layout.unwrap_or_default(),
        item.owner.unwrap_or_default(),
        &item.reason,
        &evidence,
    ];
    cells.map(|cell| csv_cell(cell).into_owned()).join(",")
}

/// What the document leaves out is said in it: a selection is no whole, and neither is a search with gaps.
fn summary(found: &OrphansFound, items: usize) -> Value {
    let report = &found.report;
    let gaps = report.coverage.gaps().iter();
    let incomplete: Vec<Value> = gaps
        .map(|gap| json!({"what": gap.what, "why": gap.why}))
        .collect();
    json!({
        "blueprint": report.blueprint,
        "searched_at": rfc3339(report.started),
        "items": items,
        "found": found.verdicts.len(),
        "incomplete": incomplete,
    })
}
