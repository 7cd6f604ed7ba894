//! The purge while it runs, and what came of it.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::app::change_progress::ChangeProgress;
use crate::aws::Problem;
use crate::domain::receipt::Receipt;
use crate::ops::change::{self, Verified};
use crate::tasks::{PurgeEnd, PurgePlan, PurgeStage};

/// How far the purge is.
#[derive(Debug, Default)]
pub(crate) enum Run {
    /// There was none in this session.
    #[default]
    None,
    /// It runs.
    Running(Running),
    /// It has ended, however that was.
    Ended(Ended),
}

impl Run {
    /// How the carrying out of the last purge ended; none while it runs, or where it was refused or failed.
    #[must_use]
    fn carried_out(&self) -> Option<&change::Ended> {
        match self {
            Self::Ended(run) => run.end.as_ref().ok()?.ended.as_ref().ok(),
            Self::None | Self::Running(_) => None,
        }
    }

    /// What became of everything, once it was listed again.
    #[must_use]
    pub(crate) fn verified(&self) -> Option<&Verified> {
        match self.carried_out()? {
            change::Ended::Verified(verified) => Some(verified),
            change::Ended::Stopped(_) => None,
        }
    }

    /// The receipt, once there is one.
    #[must_use]
    pub(crate) fn receipt(&self) -> Option<&Receipt> {
        self.verified().map(|verified| &verified.receipt)
    }

    /// Whether it stopped on the way.
    #[must_use]
    pub(crate) fn has_stopped(&self) -> bool {
        matches!(self.carried_out(), Some(change::Ended::Stopped(_)))
    }
}

/// A purge that runs.
#[derive(Debug)]
pub(crate) struct Running {
    /// What is carried out.
    pub plan: Arc<PurgePlan>,
    /// Since when.
    pub since: DateTime<Utc>,
    /// What is going on.
    pub stage: PurgeStage,
    /// How far it is, once things are deleted.
    pub progress: ChangeProgress,
    /// Whether somebody asked it to stop.
    pub stopping: bool,
}

/// A purge that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// What was carried out.
    pub plan: Arc<PurgePlan>,
    /// How it ended, or why nothing can be said of it.
    pub end: Result<Arc<PurgeEnd>, Arc<Problem>>,
    /// When.
    pub at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub took: i64,
}

impl Running {
    /// One that begins now.
    #[must_use]
    pub(crate) fn new(plan: Arc<PurgePlan>, now: DateTime<Utc>) -> Self {
        Self {
            plan,
            since: now,
            stage: PurgeStage::Asking,
            progress: ChangeProgress::default(),
            stopping: false,
        }
    }

    /// Takes note of what is going on.
    pub(crate) fn take(&mut self, stage: PurgeStage, now: DateTime<Utc>) {
        if let PurgeStage::Deleting(progress) = stage {
            self.progress.take(progress, now);
        }
        self.stage = stage;
    }
}
