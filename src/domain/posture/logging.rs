//! Whether access is logged, whether logs arrive, and whether they can.

use super::case::{Case, LogTarget};
use super::contents::LOGGED_AFTER;
use super::finding::{Finding, Severity};
use crate::domain::configuration::{Grantee, Logging, Ownership, Policy};
use crate::domain::policy::{Caller, Context, Request, Truth, Verdict};
use crate::domain::text::shell_quote;

const SERVICE: &str = "logging.s3.amazonaws.com";

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    let Ok(logging) = case.configuration.logging.known() else {
        return;
    };
    match (logging, case.log_target) {
        (None, _) => off(case, found),
        (Some(logging), Some(target)) => {
            grant(case, logging, target, found);
            unusable(case, logging, target, found);
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
    let wanted_target = case.expect().and_then(|expect| expect.logging.as_ref());
    found.push(
        case.finding(
            "logging-off",
            case.if_wanted(Severity::Medium),
            "Access is not logged.",
        )
        .evidence(["there is no logging configuration".to_owned()])
        .why("After an incident nobody can tell who read what.")
        .fix(format!(
            "aws s3api put-bucket-logging --bucket {} --bucket-logging-status {}",
            case.quoted(),
            shell_quote(&format!(
                "{{\"LoggingEnabled\":{{\"TargetBucket\":\"{}\",\"TargetPrefix\":\"{}\"}}}}",
                wanted_target.map_or("LOGS", |wanted| wanted.bucket.as_str()),
                wanted_target.map_or_else(
                    || format!("{}/", case.bucket()),
                    |wanted| wanted.prefix.clone()
                )
            ))
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
    let by_policy = policy.map_or(
        Verdict {
            denied: Truth::No,
            allowed: Truth::No,
        },
        |policy| delivery(case, logging, policy),
    );
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
    let gets_in = by_policy.allowed.or(by_acl).and(!by_policy.denied);
    if !gets_in.is_no() {
        return;
    }
    let by_policy = if by_policy.denied.is_yes() {
        format!("a Deny of its policy refuses what {SERVICE} puts there")
    } else {
        format!("no statement of its policy lets {SERVICE} put objects there")
    };
    found.push(
        case.finding(
            "log-bucket-without-grant",
            Severity::High,
            format!("The logging service may not write to {}: no log arrives.", logging.bucket),
        )
        .evidence([
            format!("access is logged to s3://{}/{}", logging.bucket, logging.prefix),
            by_policy,
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

/// What keeps logs from arriving, or makes them log themselves, whoever may write (*Enabling Amazon S3 server access
/// logging*). Unknown is no obstacle.
fn unusable(case: &Case<'_>, logging: &Logging, target: &LogTarget, found: &mut Vec<Finding>) {
    let of_target = &target.configuration;
    let mut evidence = Vec::new();
    if logging.bucket == case.bucket().as_str() {
        evidence.push("logs go to the bucket itself, and each delivery is logged again".to_owned());
    }
    if let Some(encryption) = of_target.encryption.value().filter(|e| e.is_kms()) {
        evidence.push(format!(
            "the default encryption of {} is {}; logs can be delivered with AES256 alone",
            logging.bucket, encryption.algorithm
        ));
    }
    let locking = of_target.object_lock.value();
    if locking.is_some_and(|locking| locking.default_retention.is_some()) {
        evidence.push(format!(
            "{} has a default retention by Object Lock",
            logging.bucket
        ));
    }
    let regions = (case.configuration.region.value(), of_target.region.value());
    if let (Some(own), Some(theirs)) = regions
        && own != theirs
    {
        evidence.push(format!(
            "{} is in {theirs}, and this bucket in {own}",
            logging.bucket
        ));
    }
    if evidence.is_empty() {
        return;
    }
    found.push(
        case.finding(
            "logging-unusable",
            Severity::High,
            format!("{} cannot be used for the access log.", logging.bucket),
        )
        .evidence(evidence)
        .why("Logging looks switched on, and after an incident there is no log, or one of itself.")
        .fix(format!(
            "log to a bucket of the same Region and account with AES256 as its default and without a default retention: aws s3api put-bucket-logging --bucket {}",
            case.quoted()
        ))
        .references(&["FSBP S3.9"]),
    );
}

/// What a policy says when the service delivers a log of this bucket.
fn delivery(case: &Case<'_>, logging: &Logging, policy: &Policy) -> Verdict {
    let mut context = Context::new()
        .with("aws:SecureTransport", "true")
        .with("aws:PrincipalIsAWSService", "true")
        .with("aws:PrincipalServiceName", SERVICE)
        .with("aws:SourceArn", format!("arn:aws:s3:::{}", case.bucket()))
        .with_unknown("aws:SourceIp")
        .with_unknown("aws:SourceOrgID")
        .with_unknown("aws:SourceOrgPaths")
        .with_unknown("s3:TlsVersion")
        .with_unknown("s3:x-amz-acl")
        .with_unknown("s3:x-amz-server-side-encryption")
        .with_unknown("s3:x-amz-server-side-encryption-aws-kms-key-id");
    context = match case.account {
        Some(account) => context.with("aws:SourceAccount", account),
        None => context.with_unknown("aws:SourceAccount"),
    };
    policy.evaluate(&Request {
        caller: &Caller::Service(SERVICE.to_owned()),
        action: "s3:PutObject",
        resource: &format!(
            "arn:aws:s3:::{}/{}2026-01-01-00-00-00-0123456789ABCDEF",
            logging.bucket, logging.prefix
        ),
        context: &context,
    })
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
