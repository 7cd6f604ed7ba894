//! object-lock-blocks-erasure.

use super::case::Case;
use super::finding::{Finding, Severity};
use crate::domain::advice::advice;

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    let Ok(Some(lock)) = case.configuration.object_lock.known() else {
        return;
    };
    let hold = lock
        .default_event_hold
        .as_ref()
        .map(|hold| format!("new objects get an event hold, {}", hold.words()));
    let evidence = lock.default_retention.as_ref().map_or_else(
        || {
            hold.is_none()
                .then(|| "objects can be locked one by one".to_owned())
        },
        |retention| {
            Some(format!(
                "new objects are kept for {} ({})",
                retention.words(),
                retention.mode
            ))
        },
    );
    found.push(
        case.finding(
            "object-lock-blocks-erasure",
            Severity::Info,
            "Objects can be locked against deletion.",
        )
        .evidence(evidence.into_iter().chain(hold))
        .why("A user's erasure cannot be complete before the last lock on their media ends.")
        .advise(advice!("plan erasures with the locks' ends; governance mode can be bypassed with a permission, compliance mode cannot")),
    );
}
