//! notification-missing, notification-recursive.

use super::case::Case;
use super::finding::{Finding, Severity};
use crate::domain::advice::{Action, advice};
use crate::domain::words::counted;

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    if case.configuration.notifications.known().is_err() {
        return;
    }
    let Some(contents) = case.contents else {
        return;
    };
    for (id, unheard) in contents.unheard() {
        found.push(
            case.finding(
                "notification-missing",
                Severity::Medium,
                format!(
                    "No event is sent for {} that should trigger {id}.",
                    counted(unheard.count, "key")
                ),
            )
            .evidence(unheard.examples.iter().cloned())
            .why("What the trigger does is not done for these objects: no thumbnail, no record.")
            .advise(advice!("widen the filter of the notification").then(
                Action::ShowNotifications {
                    bucket: case.bucket().clone(),
                },
            )),
        );
    }
    for (id, recursive) in &contents.recursive {
        found.push(
            case.finding(
                "notification-recursive",
                Severity::High,
                format!("{id} is triggered by what it writes itself."),
            )
            .evidence(recursive.examples.iter().cloned().chain([format!(
                "{} whose derived key it hears as well",
                counted(recursive.count, "source")
            )]))
            .why("Each run makes another object that starts another run, until somebody sees the bill.")
            .advise(advice!("write what is derived under a prefix or to a bucket that the trigger's filter does not match")),
        );
    }
}
