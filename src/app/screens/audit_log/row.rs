//! A row of the audit log: one line of it.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::app::table::{Chunks, Row};
use crate::domain::Needle;
use crate::ops::change::audit_log::Line;

/// One line of the audit log.
#[derive(Debug, Clone)]
pub(crate) struct AuditedRow(pub Arc<Line>);

/// What the lines can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AuditedColumn {
    /// The order in which they were written.
    Number,
    Case,
    /// What happened.
    Event,
}

impl Row for AuditedRow {
    type Column = AuditedColumn;

    type Rows = Chunks<Self>;

    const COLUMNS: &'static [AuditedColumn] = &[
        AuditedColumn::Number,
        AuditedColumn::Case,
        AuditedColumn::Event,
    ];

    fn id(&self) -> &str {
        &self.0.hash
    }

    fn matches(&self, needle: &Needle) -> bool {
        let line = &self.0;
        let fault = line.fault.map_or("", |fault| fault.words());
        [&line.case, &line.event, &line.detail]
            .into_iter()
            .any(|text| needle.is_in(text))
            || needle.is_in(fault)
    }

    fn compare(&self, other: &Self, column: AuditedColumn) -> Ordering {
        let (one, another) = (&self.0, &other.0);
        match column {
            AuditedColumn::Number => one.number.cmp(&another.number),
            AuditedColumn::Case => one.case.cmp(&another.case),
            AuditedColumn::Event => one.event.cmp(&another.event),
        }
    }
}
