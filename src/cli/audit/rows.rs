//! Findings as rows: those that count, and those that somebody accepts.

use chrono::NaiveDate;
use serde::Serialize;

use crate::cli::formats::{Column, Record};
use crate::domain::advice::Advice;
use crate::domain::posture::controls::{self, Control};
use crate::ops::audit::{Accepted, Finding};

/// A finding, as a row.
#[derive(Debug, Serialize)]
pub(super) struct FindingRow<'a> {
    severity: &'static str,
    bucket: &'a str,
    id: &'static str,
    message: &'a str,
    evidence: &'a [String],
    why: &'static str,
    /// What to do, as somebody does it on the command line.
    fix: String,
    references: &'static [&'static str],
    /// The same with the frameworks' names and versions. It relates to them; it does not say that anybody complies.
    relates_to: Vec<ControlRow>,
    /// `None`: it counts.
    accepted: Option<AcceptedRow<'a>>,
    /// What to do, step by step: an action and its parameters.
    advice: &'a Advice,
}

/// A control of a framework.
#[derive(Debug, Serialize)]
struct ControlRow {
    framework: &'static str,
    version: &'static str,
    control: &'static str,
}

/// Why a finding does not count, and for how long.
#[derive(Debug, Serialize)]
struct AcceptedRow<'a> {
    reason: &'a str,
    until: NaiveDate,
}

impl Record for FindingRow<'_> {
    const FIELDS: &'static [&'static str] = &[
        "severity",
        "bucket",
        "id",
        "message",
        "evidence",
        "why",
        "fix",
        "references",
        "relates_to",
        "accepted",
        "advice",
    ];
    const COLUMNS: &'static [Column] = &[
        Column::words("SEVERITY", 8),
        Column::words("BUCKET", 30),
        Column::words("FINDING", 30),
        Column::words("DESCRIPTION", 10),
    ];

    fn cells(&self) -> Vec<String> {
        let shown = self.evidence.first().map_or_else(
            || self.message.to_owned(),
            |first| format!("{} ({first})", self.message.trim_end_matches('.')),
        );
        let (severity, shown) = match &self.accepted {
            None => (self.severity, shown),
            Some(accepted) => (
                "accepted",
                format!("{shown}; until {}: {}", accepted.until, accepted.reason),
            ),
        };
        vec![
            severity.to_owned(),
            self.bucket.to_owned(),
            self.id.to_owned(),
            shown,
        ]
    }
}

impl From<Control> for ControlRow {
    fn from(control: Control) -> Self {
        Self {
            framework: control.framework.name,
            version: control.framework.version,
            control: control.number,
        }
    }
}

impl<'a> From<&'a Finding> for FindingRow<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            severity: finding.severity.as_str(),
            bucket: finding.bucket.as_str(),
            id: finding.id,
            message: &finding.message,
            evidence: &finding.evidence,
            why: finding.why,
            fix: finding.advice.command_line(),
            references: finding.references,
            relates_to: controls::of(finding.id).map(ControlRow::from).collect(),
            accepted: None,
            advice: &finding.advice,
        }
    }
}

impl<'a> From<&'a Accepted> for FindingRow<'a> {
    fn from(accepted: &'a Accepted) -> Self {
        Self {
            accepted: Some(AcceptedRow {
                reason: &accepted.reason,
                until: accepted.until,
            }),
            ..Self::from(&accepted.finding)
        }
    }
}
