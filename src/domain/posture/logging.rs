//! Whether access is logged, whether logs arrive, and whether they can.

use super::case::{Case, LogTarget};
use super::contents::LOGGED_AFTER;
use super::finding::{Finding, Severity};
use super::policy::lets_service_write;
use crate::domain::configuration::{Grantee, Logging, Ownership};

const SERVICE: &str = "logging.s3.amazonaws.com";

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    let Ok(logging) = case.configuration.logging.known() else {
        return;
    };
    match (logging, case.log_target) {
        (None, _) => off(case, found),
        (Some(logging), Some(target)) => {
            grant(case, logging, target, found);
            stale(case, logging, target, found);
        }
        (Some(_), None) => {}
    }
}

/// Log buckets do not log themselves: a blueprint that asks for none is silent about it.
fn off(case: &Case<'_>, found: &mut Vec<Finding>) {
    let wanted = case.expect().is_none_or(|expect| expect.logging.is_some());
    if !wanted {
        return;
    }
    found.push(
        case.finding(
            "logging-off",
            case.if_wanted(Severity::Medium),
            "Access is not logged.",
        )
        .evidence(["there is no logging configuration".to_owned()])
        .why("After an incident nobody can tell who read what.")
        .fix(format!(
            "aws s3api put-bucket-logging --bucket {} --bucket-logging-status '{{\"LoggingEnabled\":{{\"TargetBucket\":\"LOGS\",\"TargetPrefix\":\"{}/\"}}}}'",
            case.quoted(),
            case.bucket()
        ))
        .references(&["FSBP S3.9"]),
    );
}

fn grant(case: &Case<'_>, logging: &Logging, target: &LogTarget, found: &mut Vec<Finding>) {
    let of_target = &target.configuration;
    let (Ok(policy), Ok(ownership)) = (of_target.policy.known(), of_target.ownership.known())
    else {
        return;
    };
    let by_policy = policy.is_some_and(|policy| {
        lets_service_write(policy, &logging.bucket, SERVICE, &logging.prefix)
    });
    let enforced = ownership == Some(&Ownership::BucketOwnerEnforced);
    let by_acl = if enforced {
        false
    } else {
        match of_target.acl.known() {
            Ok(acl) => acl
                .into_iter()
                .flat_map(|acl| &acl.grants)
                .any(|grant| grant.to == Grantee::LogDelivery && grant.permission.writes()),
            Err(_) => return,
        }
    };
    if by_policy || by_acl {
        return;
    }
    found.push(
        case.finding(
            "log-bucket-without-grant",
            Severity::High,
            format!("The logging service may not write to {}: no log arrives.", logging.bucket),
        )
        .evidence([
            format!("access is logged to s3://{}/{}", logging.bucket, logging.prefix),
            format!("no statement of its policy lets {SERVICE} put objects there"),
            if enforced {
                "its object ownership is BucketOwnerEnforced, so that an ACL could not either".to_owned()
            } else {
                "its ACL has no grant for the log delivery group".to_owned()
            },
        ])
        .why("Logging looks switched on, and after an incident there is no log.")
        .fix(format!(
            "add to the policy of {0}: {{\"Effect\":\"Allow\",\"Principal\":{{\"Service\":\"{SERVICE}\"}},\"Action\":\"s3:PutObject\",\"Resource\":\"arn:aws:s3:::{0}/{1}*\"}}",
            logging.bucket, logging.prefix
        ))
        .references(&["FSBP S3.9"]),
    );
}

/// Requests are known where an object was written after the newest log.
fn stale(case: &Case<'_>, logging: &Logging, target: &LogTarget, found: &mut Vec<Finding>) {
    let Ok(newest) = target.newest.known() else {
        return;
    };
    let limit = case.now - LOGGED_AFTER;
    let written = case.contents.and_then(|contents| contents.newest.as_ref());
    let Some((written, key)) = written else {
        return;
    };
    if newest.is_some_and(|log| *log >= limit || *log >= *written) {
        return;
    }
    found.push(
        case.finding(
            "logging-stale",
            Severity::Medium,
            "Access is logged, and no log has arrived for requests that are known.",
        )
        .evidence([
            match newest {
                Some(log) => format!("the newest log is of {}", log.format("%Y-%m-%d %H:%M")),
                None => format!("no log is under s3://{}/{}", logging.bucket, logging.prefix),
            },
            format!("{key} was written on {}", written.format("%Y-%m-%d %H:%M")),
        ])
        .why("A log that stopped is missed when it is needed.")
        .fix("check the log bucket's policy, its Region and account, and that its prefix is the one that is read"),
    );
}
