//! unknown-permission: what could not be answered, so that nobody takes silence for good news.

use super::case::Case;
use super::finding::{Finding, Severity};
use crate::domain::configuration::{Reason, Unanswered};

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    let mut unanswered = case.configuration.unanswered();
    unanswered.extend(case.unanswered.iter().cloned());
    for why in unanswered {
        found.push(unknown(case, &why));
    }
}

/// Whether a permission cannot be given for one bucket.
fn is_of_account(permission: &str) -> bool {
    permission.starts_with("cloudwatch:")
        || permission.starts_with("s3:GetAccount")
        || permission.contains("AccessPoint")
}

fn unknown(case: &Case<'_>, why: &Unanswered) -> Finding {
    let fix = match &why.reason {
        Reason::Permission(permission) if !permission.is_empty() => {
            let on = if is_of_account(permission) {
                "all resources".to_owned()
            } else {
                format!("arn:aws:s3:::{}", case.bucket())
            };
            format!("grant {permission} on {on}")
        }
        Reason::NotThere => "nothing can be done about it on this endpoint".to_owned(),
        Reason::Permission(_) | Reason::Other => why.why.clone(),
    };
    case.finding(
        "unknown-permission",
        Severity::Info,
        format!(
            "{} could not be answered: {}.",
            why.call,
            why.short().trim_end_matches('.')
        ),
    )
    .evidence([why.why.clone()])
    .why("What depends on it is neither right nor wrong: it is not known.")
    .fix(fix)
}
