//! Records the changes of a smoke test in the audit log, before and after each.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::check::{Broken, Check, Verdict};
use super::removal::Removed;
use crate::aws::{Problem, ProblemKind};
use crate::domain::BucketName;
use crate::domain::advice::advice;
use crate::ops::change::audit::Audit;

/// The audit log entries of one run, or of one cleanup.
pub(super) struct Log {
    state: PathBuf,
    case: String,
}

impl Log {
    /// The audit log in the state folder, for the run with this name.
    pub(super) fn of(state: &Path, case: &str) -> Self {
        Self {
            state: state.to_owned(),
            case: case.to_owned(),
        }
    }

    /// Records the start of a run.
    pub(super) fn run_begins(&self, bucket: &BucketName, checks: usize) -> Result<(), Problem> {
        self.write(
            "smoke-began",
            json!({ "bucket": bucket.as_str(), "checks": checks }),
        )
    }

    /// Records the start of a check, which may create and remove objects.
    pub(super) fn check_begins(&self, bucket: &BucketName, check: Check) -> Result<(), Broken> {
        let detail = json!({ "bucket": bucket.as_str(), "check": check.name() });
        self.write("check-began", detail).map_err(|problem| {
            Broken::because(
                "it was not carried out, because the audit log cannot be written",
                problem.to_string(),
            )
        })
    }

    /// Records the result of a check.
    pub(super) fn check_ended(&self, check: Check, verdict: &Verdict) -> Result<(), Problem> {
        let detail = json!({ "check": check.name(), "outcome": verdict.word() });
        self.write("check-ended", detail)
    }

    /// Records a removal in advance. If that fails, nothing is removed.
    pub(super) fn removal_begins(&self, grounds: usize) -> Result<(), Removed> {
        self.write("removal-began", json!({ "places": grounds }))
            .map_err(|problem| Removed {
                unknown: Some(problem),
                ..Removed::default()
            })
    }

    /// Records a removal. If that fails, the result says so.
    pub(super) fn removed(&self, mut removed: Removed) -> Removed {
        let detail = json!({
            "versions": removed.versions,
            "uploads": removed.uploads,
            "left": removed.left.len(),
            "is_certain": removed.unknown.is_none(),
        });
        if let Err(problem) = self.write("removed", detail) {
            removed.unknown.get_or_insert(problem);
        }
        removed
    }

    fn write(&self, event: &str, detail: Value) -> Result<(), Problem> {
        let log = Audit::of(&self.state).and_then(|log| log.append(&self.case, event, detail));
        log.map(drop).map_err(|error| {
            Problem::new(
                "write the audit log in",
                self.state.display().to_string(),
                ProblemKind::Configuration,
                &error.to_string(),
                advice!("nothing is changed that cannot be written down there"),
            )
        })
    }
}
