//! The purge while it runs, and what came of it.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::ended::done_of;
use crate::aws::Problem;
use crate::ops::change::Progress;
use crate::tasks::{PurgeEnd, PurgePlan, PurgeStage};

/// How far the purge is.
#[derive(Debug, Default)]
pub enum Run {
    /// There was none in this session.
    #[default]
    None,
    /// It runs.
    Running(Running),
    /// It has ended, however that was.
    Ended(Ended),
}

/// A purge that runs.
#[derive(Debug)]
pub struct Running {
    /// What is carried out.
    pub plan: Arc<PurgePlan>,
    /// Since when.
    pub since: DateTime<Utc>,
    /// What is going on.
    pub stage: PurgeStage,
    /// When deleting began, and how far it was then.
    pub deleting: Option<(DateTime<Utc>, Progress)>,
    /// Whether somebody asked it to stop.
    pub stopping: bool,
}

/// A purge that has ended.
#[derive(Debug)]
pub struct Ended {
    /// What was carried out.
    pub plan: Arc<PurgePlan>,
    /// How it ended, or why nothing can be said of it.
    pub end: Result<Arc<PurgeEnd>, Arc<Problem>>,
    /// When.
    pub at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub took: i64,
}

/// How fast it goes, and what is left of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// Things a second, deleted or failed.
    pub a_second: f64,
    /// What is left at that rate, in milliseconds.
    pub left: i64,
}

impl Running {
    /// One that begins now.
    #[must_use]
    pub fn new(plan: Arc<PurgePlan>, now: DateTime<Utc>) -> Self {
        Self {
            plan,
            since: now,
            stage: PurgeStage::Asking,
            deleting: None,
            stopping: false,
        }
    }

    /// Takes note of what is going on.
    pub fn take(&mut self, stage: PurgeStage, now: DateTime<Utc>) {
        if let PurgeStage::Deleting(progress) = stage {
            self.deleting.get_or_insert((now, progress));
        }
        self.stage = stage;
    }

    /// How far it is, once things are deleted.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        match self.stage {
            PurgeStage::Deleting(progress) => Some(progress),
            _ => None,
        }
    }

    /// Whether everything was tried, so that everything is being listed again.
    #[must_use]
    pub fn is_verifying(&self) -> bool {
        self.progress()
            .is_some_and(|now| now.planned > 0 && done_of(now) >= now.planned)
    }

    /// How fast it goes, once that can be told.
    #[must_use]
    pub fn pace(&self, now: DateTime<Utc>) -> Option<Pace> {
        let (began, first) = self.deleting?;
        let progress = self.progress()?;
        let milliseconds = u64::try_from((now - began).num_milliseconds()).ok()?;
        let since = done_of(progress).checked_sub(done_of(first))?;
        if milliseconds < 200 || since == 0 {
            return None;
        }
        let left = progress.planned.saturating_sub(done_of(progress));
        Some(Pace {
            a_second: real(since) * 1_000.0 / real(milliseconds),
            left: i64::try_from(left.saturating_mul(milliseconds) / since).unwrap_or(i64::MAX),
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "a rate is rough")]
fn real(n: u64) -> f64 {
    n as f64
}
