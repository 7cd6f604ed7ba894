//! The smoke test of a bucket: what would be tested, what was, and what earlier tests left.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::app::state::Load;
use crate::aws::Problem;
use crate::domain::BucketName;
use crate::ops::smoke::{Check, CheckResult, Event, Refusal, Removed, Verdict};
use crate::tasks::{SmokeLook, SmokePlan};

/// The page of the smoke test.
#[derive(Debug, Default)]
pub(crate) struct Smoke {
    /// The bucket that it is about.
    pub bucket: Option<BucketName>,
    /// How far looking at the bucket is.
    pub look: Load,
    /// A plan that can be carried out; a run takes it away.
    pub plan: Option<Box<SmokePlan>>,
    /// What to say of the plan beforehand.
    pub remarks: Vec<String>,
    /// What stands against testing there.
    pub refusal: Option<Refusal>,
    /// Whether somebody said that new objects may be told of.
    pub allow_events: bool,
    /// What earlier tests left.
    pub left: Left,
    /// The checks.
    pub rows: Vec<Row>,
    /// The row of the cursor.
    pub cursor: usize,
    /// How far the run is.
    pub run: Load,
    /// The name of the run.
    pub name: String,
}

/// What earlier tests left.
#[derive(Debug, Default)]
pub(crate) enum Left {
    /// Not looked for yet.
    #[default]
    Unknown,
    Nothing,
    /// Something: what, in words.
    Something(String),
    /// It is being removed.
    Removing,
    /// It could not be told.
    Failed(Problem),
    /// It was removed, as far as it could be.
    Removed(Removed),
}

/// A check of the plan, and what came of it.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Which one.
    pub check: Check,
    /// How far it is.
    pub state: RowState,
}

/// How far a check is.
#[derive(Debug, Clone)]
pub(crate) enum RowState {
    /// Its turn has not come.
    Waiting,
    /// It does not apply, and why.
    NotPlanned(String),
    /// It runs, since then.
    Running(DateTime<Utc>),
    /// It has ended.
    Ended(CheckResult),
}

impl Smoke {
    /// Begins anew with a bucket.
    pub(crate) fn begin(&mut self, bucket: BucketName) {
        *self = Self {
            allow_events: self.allow_events && self.bucket.as_ref() == Some(&bucket),
            bucket: Some(bucket),
            look: Load::Loading,
            ..Self::default()
        };
    }

    /// Takes what looking at the bucket has shown.
    pub(crate) fn take_look(&mut self, look: SmokeLook) {
        self.left = match look.left {
            Ok(None) => Left::Nothing,
            Ok(Some(words)) => Left::Something(words),
            Err(problem) => Left::Failed(problem),
        };
        match look.plan {
            Ok(plan) => {
                self.rows = plan
                    .0
                    .checks
                    .iter()
                    .map(|planned| Row {
                        check: planned.check,
                        state: match &planned.skip {
                            Some(why) => RowState::NotPlanned(why.clone()),
                            None => RowState::Waiting,
                        },
                    })
                    .collect();
                self.remarks.clone_from(&plan.0.remarks);
                self.name.clone_from(&plan.0.run);
                self.plan = Some(plan);
            }
            Err(refusal) => self.refusal = Some(refusal),
        }
    }

    /// Takes what the run says of a check.
    pub(crate) fn take_event(&mut self, event: Event, now: DateTime<Utc>) {
        let (check, state) = match event {
            Event::Began(check) => (check, RowState::Running(now)),
            Event::Ended(result) => (result.check, RowState::Ended(result)),
        };
        if let Some(row) = self.rows.iter_mut().find(|row| row.check == check) {
            row.state = state;
        }
    }

    /// Whether the test runs.
    #[must_use]
    pub(crate) fn is_running(&self) -> bool {
        self.run.is_loading()
    }

    /// The row of the cursor.
    #[must_use]
    pub(crate) fn current(&self) -> Option<&Row> {
        self.rows.get(self.cursor)
    }

    /// How many checks passed, failed, were skipped, and are still to come.
    #[must_use]
    pub(crate) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for row in &self.rows {
            match &row.state {
                RowState::Waiting | RowState::Running(_) => counts.open += 1,
                RowState::NotPlanned(_) => counts.skipped += 1,
                RowState::Ended(result) => match result.verdict {
                    Verdict::Pass(_) => counts.passed += 1,
                    Verdict::Fail(_) => counts.failed += 1,
                    Verdict::Skipped(_) => counts.skipped += 1,
                },
            }
        }
        counts
    }
}

/// How many checks came out how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    /// As it should be.
    pub passed: usize,
    /// Not as it should be.
    pub failed: usize,
    /// Not carried out.
    pub skipped: usize,
    /// Still to come.
    pub open: usize,
}

impl Row {
    /// The outcome in a word.
    #[must_use]
    pub(crate) fn word(&self) -> &'static str {
        match &self.state {
            RowState::Waiting => "waiting",
            RowState::NotPlanned(_) => "skipped",
            RowState::Running(_) => "running",
            RowState::Ended(result) => result.verdict.word(),
        }
    }

    /// How long it took, or has been running; nothing when it did not run.
    #[must_use]
    pub(crate) fn took(&self, now: DateTime<Utc>) -> Option<Duration> {
        match &self.state {
            RowState::Waiting | RowState::NotPlanned(_) => None,
            RowState::Running(since) => (now - *since).to_std().ok(),
            RowState::Ended(result) => {
                let ran = !matches!(result.verdict, Verdict::Skipped(_));
                ran.then_some(result.took)
            }
        }
    }

    /// What was seen, what is wrong, or why it is not carried out.
    #[must_use]
    pub(crate) fn message(&self) -> &str {
        match &self.state {
            RowState::Waiting | RowState::Running(_) => "",
            RowState::NotPlanned(why) => why,
            RowState::Ended(result) => result.verdict.message(),
        }
    }

    /// Everything that is known of it, for who opens it.
    #[must_use]
    pub(crate) fn detail(&self) -> String {
        let mut lines = vec![format!("outcome  {}", self.word())];
        let RowState::Ended(CheckResult {
            verdict: Verdict::Fail(failing),
            ..
        }) = &self.state
        else {
            if !self.message().is_empty() {
                lines.push(self.message().to_owned());
            }
            return lines.join("\n");
        };
        lines.push(failing.message.clone());
        for (title, words) in [
            ("request", &failing.request),
            ("answer", &failing.answer),
            ("likely cause", &failing.cause),
        ] {
            if !words.is_empty() {
                lines.push(String::new());
                lines.push(format!("{title}: {words}"));
            }
        }
        lines.join("\n")
    }
}
