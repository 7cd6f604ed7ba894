//! object-lock-blocks-erasure.

use super::case::Case;
use super::finding::{Finding, Severity};
use crate::domain::advice::advice;

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    let Ok(Some(lock)) = case.configuration.object_lock.known() else {
        return;
    };
    let evidence = lock.default_retention.as_ref().map_or_else(
        || "objects can be locked one by one".to_owned(),
        |retention| {
            format!(
                "new objects are kept for {} ({})",
                retention.words(),
                retention.mode
            )
        },
    );
    found.push(
        case.finding(
            "object-lock-blocks-erasure",
            Severity::Info,
            "Objects can be locked against deletion.",
        )
        .evidence([evidence])
        .why("A user's erasure cannot be complete before the last lock on their media ends.")
        .advise(advice!("plan erasures with the locks' ends; governance mode can be bypassed with a permission, compliance mode cannot")),
    );
}
