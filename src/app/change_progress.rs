//! How far a change is that is being carried out, how fast it goes, and what is left of it.

use chrono::{DateTime, Utc};

use crate::ops::change::Progress;

/// How far a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ChangeProgress {
    /// When something was told for the first time, and how far it was then.
    first: Option<(DateTime<Utc>, Progress)>,
    /// How far it is now.
    now: Option<Progress>,
}

/// How fast it goes, and what is left of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pace {
    /// Things a second, done or failed.
    pub a_second: f64,
    /// What is left at that rate, in milliseconds.
    pub left: i64,
}

/// Things that were tried, whatever came of it.
#[must_use]
pub(crate) fn done_of(progress: Progress) -> u64 {
    progress.deleted.saturating_add(progress.failed)
}

impl ChangeProgress {
    /// Takes note of how far it is.
    pub(crate) fn take(&mut self, progress: Progress, now: DateTime<Utc>) {
        self.first.get_or_insert((now, progress));
        self.now = Some(progress);
    }

    /// How far it is, once that was told.
    #[must_use]
    pub(crate) fn progress(&self) -> Option<Progress> {
        self.now
    }

    /// Whether everything was tried, so that everything is being looked at again.
    #[must_use]
    pub(crate) fn is_tried(&self) -> bool {
        self.now
            .is_some_and(|now| now.planned > 0 && done_of(now) >= now.planned)
    }

    /// How fast it goes, once that can be told.
    #[must_use]
    pub(crate) fn pace(&self, now: DateTime<Utc>) -> Option<Pace> {
        let (began, first) = self.first?;
        let progress = self.now?;
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
