//! A row of the Tasks screen: a job that runs or ran.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};

use crate::app::table::{Chunks, Row};
use crate::domain::Needle;
use crate::tasks::{Outcome, Progress, Ticket};

/// One job, from its start to its outcome.
#[derive(Debug, Clone)]
pub(crate) struct TaskRow {
    /// Its number.
    pub ticket: Ticket,
    /// The number as text, which makes the row the same after a change.
    pub number: String,
    /// What it does.
    pub what: &'static str,
    /// On what.
    pub target: String,
    /// When it began.
    pub since: DateTime<Utc>,
    /// When it ended.
    pub until: Option<DateTime<Utc>>,
    /// How far it is.
    pub progress: Progress,
    /// How it ended; none while it runs.
    pub outcome: Option<Outcome>,
}

impl TaskRow {
    /// Whether it still runs.
    #[must_use]
    pub(crate) fn is_running(&self) -> bool {
        self.outcome.is_none()
    }

    /// Objects a second since it began, once it has run long enough for a rate to mean something.
    #[must_use]
    pub(crate) fn rate(&self, now: DateTime<Utc>) -> Option<u64> {
        let milliseconds = (self.until.unwrap_or(now) - self.since).num_milliseconds();
        let milliseconds = u64::try_from(milliseconds).ok().filter(|ms| *ms >= 100)?;
        Some(self.progress.objects.saturating_mul(1000) / milliseconds)
    }
}

/// What tasks can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TaskColumn {
    /// When they began.
    Since,
    /// What they do.
    What,
    /// How many requests they sent.
    Requests,
}

impl Row for TaskRow {
    type Column = TaskColumn;

    type Rows = Chunks<Self>;

    const COLUMNS: &'static [TaskColumn] =
        &[TaskColumn::Since, TaskColumn::What, TaskColumn::Requests];

    fn id(&self) -> &str {
        &self.number
    }

    fn matches(&self, needle: &Needle) -> bool {
        needle.is_in(self.what) || needle.is_in(&self.target)
    }

    fn compare(&self, other: &Self, column: TaskColumn) -> Ordering {
        match column {
            TaskColumn::Since => self.ticket.cmp(&other.ticket),
            TaskColumn::What => self.what.cmp(other.what),
            TaskColumn::Requests => self.progress.requests.cmp(&other.progress.requests),
        }
    }
}
