//! Whether access is logged, whether logs arrive, and whether they can.
//!
//! After *Enabling Amazon S3 server access logging* in the user guide: the log bucket has to be in the Region and the account
//! of the logged one, without SSE-KMS, Object Lock and Requester Pays, and its policy or ACL has to let the service write.

use super::advice;
use super::case::{Case, LogTarget};
use super::contents::LOGGED_AFTER;
use super::delivery::{self, Delivery, SERVICE, Verdict};
use super::finding::{Finding, Severity};
use crate::domain::BucketName;
use crate::domain::advice::{Action, Advice, advice};
use crate::domain::configuration::{Grantee, Logging, Ownership};
use crate::domain::policy::Truth;

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    let Ok(logging) = case.configuration.logging.known() else {
        return;
    };
    match (logging, case.log_target) {
        (None, _) => off(case, found),
        (Some(logging), Some(target)) if target.is_missing => missing(case, logging, found),
        (Some(logging), Some(target)) => {
            unusable(case, logging, target, found);
            grant(case, logging, target, found);
            stale(case, logging, target, found);
        }
        (Some(logging), None) => itself(case, logging, found),
    }
}

/// A bucket that logs to itself logs the writing of its logs.
fn itself(case: &Case<'_>, logging: &Logging, found: &mut Vec<Finding>) {
    if logging.bucket == case.bucket().as_str() {
        found.push(useless(
            case,
            logging,
            "the log goes to the bucket that is logged: each log that is written is logged in turn, without end",
            advice!("log to another bucket of the same Region and account"),
        ));
    }
}

/// A bucket that does not exist has no policy to look at, and no log.
fn missing(case: &Case<'_>, logging: &Logging, found: &mut Vec<Finding>) {
    found.push(useless(
        case,
        logging,
        &format!("the log bucket {} does not exist", logging.bucket),
        advice!(
            "create the log bucket again in the same Region and account, or log to another bucket"
        ),
    ));
}

/// What keeps S3 from delivering, whatever the policy allows.
fn unusable(case: &Case<'_>, logging: &Logging, target: &LogTarget, found: &mut Vec<Finding>) {
    itself(case, logging, found);
    let of_target = &target.configuration;
    let bucket = &logging.bucket;
    let mut say = |what: String, advice| found.push(useless(case, logging, &what, advice));
    if let Some(default) = of_target.encryption.value()
        && default.is_kms()
    {
        say(
            format!(
                "the default encryption of {bucket} is {}, and S3 delivers logs only where it is SSE-S3",
                default.algorithm
            ),
            advice!(
                "set the default encryption of the log bucket to SSE-S3 (AES256), or log to another bucket"
            ),
        );
    }
    if let Some(lock) = of_target.object_lock.value() {
        let retention = match (&lock.default_retention, &lock.default_event_hold) {
            (Some(retention), _) => format!("its default retention is {}", retention.words()),
            (None, Some(hold)) => format!("new objects get an event hold, {}", hold.words()),
            (None, None) => "Object Lock is enabled on it".to_owned(),
        };
        say(
            format!(
                "S3 delivers no logs to a bucket with Object Lock, and for {bucket} {retention}"
            ),
            advice!("log to a bucket without Object Lock"),
        );
    }
    if target.requester_pays.value() == Some(&true) {
        say(
            format!(
                "whoever makes a request to {bucket} pays for it, and S3 delivers no logs there"
            ),
            advice!("turn off Requester Pays for the log bucket, or log to another bucket"),
        );
    }
    if let (Some(here), Some(there)) = (case.configuration.region.value(), of_target.region.value())
        && here != there
    {
        say(
            format!("{bucket} is in {there}, and the logged bucket is in {here}"),
            advice!("log to a bucket of the same Region"),
        );
    }
    let owner = |acl: &crate::domain::configuration::AccessControl| acl.owner.clone();
    let here = case.configuration.acl.value().and_then(owner);
    let there = of_target.acl.value().and_then(owner);
    if here.is_some() && there.is_some() && here != there {
        say(
            format!("{bucket} belongs to another account"),
            advice!("log to a bucket of the same account"),
        );
    }
}

fn useless(case: &Case<'_>, logging: &Logging, what: &str, advice: Advice) -> Finding {
    case.finding(
        "logging-unusable",
        Severity::High,
        format!("The access log cannot be used: {what}."),
    )
    .evidence([format!(
        "access is logged to s3://{}/{}",
        logging.bucket, logging.prefix
    )])
    .why("Logging looks switched on, and after an incident there is no log to read.")
    .advise(advice)
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
        .advise(advice::logging(case)),
    );
}

fn grant(case: &Case<'_>, logging: &Logging, target: &LogTarget, found: &mut Vec<Finding>) {
    let of_target = &target.configuration;
    let (Ok(policy), Ok(ownership)) = (of_target.policy.known(), of_target.ownership.known())
    else {
        return;
    };
    let verdict = policy.map(|policy| {
        let delivery = Delivery {
            source: case.bucket().as_str(),
            account: case.account,
            target: &logging.bucket,
            prefix: &logging.prefix,
        };
        delivery::judge(policy, delivery)
    });
    let near = match verdict {
        Some(Verdict::Allowed | Verdict::Unknown) => return,
        Some(Verdict::Denied(by)) => {
            denied(case, logging, &by, found);
            return;
        }
        Some(Verdict::NotAllowed(near)) => near,
        None => Vec::new(),
    };
    let enforced = ownership == Some(&Ownership::BucketOwnerEnforced);
    let by_acl = if enforced {
        Truth::No
    } else {
        let acl = of_target.acl.known().map(|acl| {
            acl.into_iter()
                .flat_map(|acl| &acl.grants)
                .any(|grant| grant.to == Grantee::LogDelivery && grant.permission.writes())
        });
        acl.ok().into()
    };
    if !by_acl.is_no() {
        return;
    }
    let Ok(log_bucket) = BucketName::new(logging.bucket.clone()) else {
        return;
    };
    // Who is known gets the policy of the user guide, with the guard against confused deputies.
    let guard = case.account.map_or_else(String::new, |account| {
        format!(
            ",\"Condition\":{{\"ArnLike\":{{\"aws:SourceArn\":\"arn:aws:s3:::{}\"}},\"StringEquals\":{{\"aws:SourceAccount\":\"{account}\"}}}}",
            case.bucket()
        )
    });
    found.push(
        case.finding(
            "log-bucket-without-grant",
            Severity::High,
            format!(
                "The logging service may not write to {}: no log arrives.",
                logging.bucket
            ),
        )
        .evidence([
            format!(
                "access is logged to s3://{}/{}",
                logging.bucket, logging.prefix
            ),
            format!("no statement of its policy lets {SERVICE} put objects there"),
            if near.is_empty() {
                "no statement is about it".to_owned()
            } else {
                near.join("; ")
            },
            if enforced {
                "its object ownership is BucketOwnerEnforced, so that an ACL could not either"
                    .to_owned()
            } else {
                "its ACL has no grant for the log delivery group".to_owned()
            },
        ])
        .why("Logging looks switched on, and after an incident there is no log.")
        .advise(Action::AddStatements {
            statements: vec![delivery_statement(&logging.bucket, &logging.prefix, &guard)],
            purpose: format!(
                "lets {SERVICE} put objects under s3://{}/{}",
                logging.bucket, logging.prefix
            ),
            is_new: policy.is_none(),
            bucket: log_bucket,
        }),
    );
}

/// The statement that lets the service put log objects under a prefix.
pub(super) fn delivery_statement(bucket: &str, prefix: &str, guard: &str) -> String {
    format!(
        "{{\"Effect\":\"Allow\",\"Principal\":{{\"Service\":\"{SERVICE}\"}},\"Action\":\"s3:PutObject\",\"Resource\":\"arn:aws:s3:::{bucket}/{prefix}*\"{guard}}}"
    )
}

/// A denial wins over whatever allows the delivery, an ACL too.
fn denied(case: &Case<'_>, logging: &Logging, by: &str, found: &mut Vec<Finding>) {
    found.push(
        case.finding(
            "log-bucket-without-grant",
            Severity::High,
            format!(
                "The policy of {} denies the logging service to write: no log arrives.",
                logging.bucket
            ),
        )
        .evidence([
            format!(
                "access is logged to s3://{}/{}",
                logging.bucket, logging.prefix
            ),
            format!("{by} denies s3:PutObject, also to {SERVICE}"),
        ])
        .why("Logging looks switched on, and after an incident there is no log.")
        .advise(Action::ExceptService {
            bucket: logging.bucket.clone(),
            service: SERVICE.to_owned(),
        }),
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
        .advise(advice!("check the log bucket's policy, its Region and account, and that its prefix is the one that is read")),
    );
}
