//! The rows of the Findings tab.

use std::cmp::Ordering;
use std::sync::Arc;

use super::BucketState;
use crate::app::table::{Chunks, Row};
use crate::domain::Needle;
use crate::ops::audit::Finding;

/// One finding.
#[derive(Debug, Clone)]
pub(crate) struct FindingRow {
    /// What makes it the same after a refresh.
    key: String,
    pub finding: Arc<Finding>,
    /// Why it is accepted and until when, in words, where somebody has accepted it.
    pub accepted: Option<String>,
}

/// What findings can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FindingColumn {
    /// How bad it is; accepted ones are no longer bad.
    Severity,
    Id,
}

impl FindingRow {
    fn new(finding: &Finding, accepted: Option<String>) -> Self {
        Self {
            key: format!("{} {}", finding.id, finding.message),
            finding: Arc::new(finding.clone()),
            accepted,
        }
    }

    /// The finding as a text that can be sent to somebody.
    #[must_use]
    pub(crate) fn words(&self) -> String {
        let finding = &self.finding;
        let mut lines = vec![
            format!(
                "{} {} on {}",
                finding.severity.as_str(),
                finding.id,
                finding.bucket
            ),
            finding.message.clone(),
        ];
        lines.extend(finding.evidence.iter().map(|shown| format!("- {shown}")));
        if !finding.why.is_empty() {
            lines.push(format!("Why it matters: {}", finding.why));
        }
        if !finding.advice.is_empty() {
            lines.push(format!("What to do: {}", finding.advice));
        }
        if !finding.references.is_empty() {
            lines.push(format!("References: {}", finding.references.join(", ")));
        }
        lines.join("\n")
    }
}

impl Row for FindingRow {
    type Column = FindingColumn;

    type Rows = Chunks<Self>;

    const COLUMNS: &'static [FindingColumn] = &[FindingColumn::Severity, FindingColumn::Id];

    fn id(&self) -> &str {
        &self.key
    }

    fn matches(&self, needle: &Needle) -> bool {
        needle.is_in(self.finding.id)
            || needle.is_in(self.finding.severity.as_str())
            || needle.is_in(&self.finding.message)
            || self
                .finding
                .evidence
                .iter()
                .any(|shown| needle.is_in(shown))
    }

    fn compare(&self, other: &Self, column: FindingColumn) -> Ordering {
        let severity = |row: &Self| (row.accepted.is_none(), row.finding.severity);
        match column {
            FindingColumn::Severity => severity(self)
                .cmp(&severity(other))
                .then_with(|| other.finding.id.cmp(self.finding.id)),
            FindingColumn::Id => self.finding.id.cmp(other.finding.id),
        }
    }
}

/// All findings: those of the audit, and those on alarms.
pub(super) fn rows(state: &BucketState) -> Vec<FindingRow> {
    let audited = state
        .audited
        .value
        .iter()
        .flat_map(|audited| &audited.findings);
    let mut rows: Vec<FindingRow> = audited
        .map(|finding| FindingRow::new(finding, None))
        .collect();
    let accepted = state
        .audited
        .value
        .iter()
        .flat_map(|audited| &audited.accepted);
    rows.extend(accepted.map(|one| {
        let words = format!("Accepted until {}: {}", one.until, one.reason);
        FindingRow::new(&one.finding, Some(words))
    }));
    let on_alarms = state.alarms.value.iter().flat_map(|alarms| &alarms.buckets);
    for finding in on_alarms.flat_map(|one| &one.findings) {
        let row = FindingRow::new(finding, None);
        // An audit may look at alarms as well.
        if !rows.iter().any(|known| known.key == row.key) {
            rows.push(row);
        }
    }
    rows
}
