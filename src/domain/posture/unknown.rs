//! unknown-permission: what could not be answered, so that nobody takes silence for good news. One cause is said once.

use super::case::Case;
use super::finding::{Finding, Severity};
use crate::domain::advice::{Action, Advice, advice};
use crate::domain::configuration::{Reason, Unanswered};

/// From how many denied questions on they are one denial: whoever may ask nothing need not read it twenty times.
const TOO_MANY: usize = 6;

/// The same questions, with those that were denied put together where they are many: then the whole is one cause.
#[must_use]
pub(crate) fn by_cause(unanswered: Vec<Unanswered>) -> Vec<Unanswered> {
    let is_denied = |why: &Unanswered| matches!(why.reason, Reason::Permission(_));
    let denied = unanswered.iter().filter(|why| is_denied(why));
    let calls: Vec<&str> = denied.map(|why| why.call.as_str()).collect();
    if calls.len() < TOO_MANY {
        return unanswered;
    }
    let together = Unanswered {
        call: format!("{} questions", calls.len()),
        reason: Reason::Permission(String::new()),
        why: format!("access was denied to {}", calls.join(", ")),
    };
    let others = unanswered.into_iter().filter(|why| !is_denied(why));
    std::iter::once(together).chain(others).collect()
}

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    let mut unanswered = case.configuration.unanswered();
    unanswered.extend(case.unanswered.iter().cloned());
    let is_denied = |why: &Unanswered| matches!(why.reason, Reason::Permission(_));
    let denied: Vec<Unanswered> = unanswered
        .iter()
        .filter(|w| is_denied(w))
        .cloned()
        .collect();
    if denied.len() >= TOO_MANY {
        found.push(all_denied(case, &denied));
        unanswered.retain(|why| !is_denied(why));
    }
    // What failed in the same words failed for the same reason.
    let mut causes: Vec<(Unanswered, Vec<String>)> = Vec::new();
    for why in unanswered {
        let same = causes.iter_mut().find(|(first, _)| {
            !is_denied(&why) && first.reason == why.reason && first.why == why.why
        });
        match same {
            Some((_, calls)) if calls.contains(&why.call) => {}
            Some((_, calls)) => calls.push(why.call),
            None => {
                let calls = vec![why.call.clone()];
                causes.push((why, calls));
            }
        }
    }
    for (why, calls) in causes {
        let together = Unanswered {
            call: calls.join(", "),
            ..why
        };
        found.push(unknown(case, &together));
    }
}

/// Whether a permission cannot be given for one bucket.
fn is_of_account(permission: &str) -> bool {
    permission.starts_with("cloudwatch:")
        || permission.starts_with("s3:GetAccount")
        || permission.contains("AccessPoint")
}

fn grant(case: &Case<'_>, permission: &str) -> Advice {
    let resource = (!is_of_account(permission)).then(|| format!("arn:aws:s3:::{}", case.bucket()));
    Advice::from(Action::Grant {
        permissions: vec![permission.to_owned()],
        resource,
    })
}

/// Permissions on the bucket together, and those that can only be granted on all resources by themselves.
fn grants<'a>(case: &Case<'_>, permissions: impl Iterator<Item = &'a str>) -> Advice {
    let (of_account, of_bucket): (Vec<&str>, Vec<&str>) =
        permissions.partition(|permission| is_of_account(permission));
    let owned = |permissions: Vec<&str>| permissions.into_iter().map(str::to_owned).collect();
    let arn = format!("arn:aws:s3:::{}", case.bucket());
    let grants = [(of_bucket, Some(arn)), (of_account, None)];
    let grants = grants.into_iter().filter(|(named, _)| !named.is_empty());
    Advice::from(
        grants
            .map(|(named, resource)| Action::Grant {
                permissions: owned(named),
                resource,
            })
            .collect::<Vec<_>>(),
    )
}

fn all_denied(case: &Case<'_>, denied: &[Unanswered]) -> Finding {
    let permissions = denied.iter().filter_map(|why| match &why.reason {
        Reason::Permission(permission) if !permission.is_empty() => Some(permission.as_str()),
        _ => None,
    });
    case.finding(
        "unknown-permission",
        Severity::Info,
        format!(
            "Access was denied to {} questions about this bucket.",
            denied.len()
        ),
    )
    .evidence(
        denied
            .iter()
            .map(|why| format!("{}: {}", why.call, why.short())),
    )
    .why("What depends on them is neither right nor wrong: it is not known.")
    .advise(grants(case, permissions))
}

fn unknown(case: &Case<'_>, why: &Unanswered) -> Finding {
    let (because, advice) = match &why.reason {
        Reason::Permission(permission) if !permission.is_empty() => {
            (format!(": {}", why.short()), grant(case, permission))
        }
        Reason::NotThere => (
            format!(": {}", why.short()),
            advice!("nothing can be done about it on this endpoint"),
        ),
        // The evidence says why: once is enough.
        Reason::Permission(_) | Reason::Other => (
            String::new(),
            advice!("try again; the evidence says what failed"),
        ),
    };
    case.finding(
        "unknown-permission",
        Severity::Info,
        format!("{} could not be answered{because}.", why.call),
    )
    .evidence([why.why.clone()])
    .why("What depends on it is neither right nor wrong: it is not known.")
    .advise(advice)
}
