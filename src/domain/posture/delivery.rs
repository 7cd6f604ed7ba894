//! Whether a bucket's policy lets the logging service deliver: its statements are held against the request that the service
//! makes.
//!
//! After *Permissions for log delivery* in the user guide: the service puts an object below the prefix, over TLS, for a source
//! bucket of an account. What the request would have for another condition key is not known, and so neither is the outcome.

use super::policy::{about_action, name_of, wild};
use crate::domain::configuration::{Condition, Matching, Policy, Principal, Principals, Statement};

/// The service that delivers access logs.
pub(super) const SERVICE: &str = "logging.s3.amazonaws.com";

/// A delivery.
#[derive(Debug, Clone, Copy)]
pub(super) struct Delivery<'a> {
    /// The bucket that is logged.
    pub source: &'a str,
    /// Its account, where it is known.
    pub account: Option<&'a str>,
    /// The bucket that the log goes to.
    pub target: &'a str,
    /// What the log's keys begin with.
    pub prefix: &'a str,
}

/// What a policy says of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It lets it happen.
    Allowed,
    /// A statement denies it: the statement's name.
    Denied(String),
    /// No statement allows it. With what stands in the way of those that are about it.
    NotAllowed(Vec<String>),
    /// It depends on what is not known.
    Unknown,
}

/// Holds a policy against a delivery.
pub(super) fn judge(policy: &Policy, delivery: Delivery<'_>) -> Verdict {
    let mut allowed = Some(false);
    let mut denied = Some(false);
    let mut near = Vec::new();
    for statement in &policy.statements {
        if !is_about(statement, delivery) {
            continue;
        }
        let holds = conditions_hold(statement, delivery);
        if statement.allow {
            if holds == Some(false) {
                near.push(format!(
                    "{} allows it under conditions that do not hold: {}",
                    name_of(policy, statement),
                    conditions(statement)
                ));
            }
            allowed = or(allowed, holds);
        } else {
            if holds == Some(true) {
                return Verdict::Denied(name_of(policy, statement));
            }
            denied = or(denied, holds);
        }
    }
    match (allowed, denied) {
        (Some(false), _) => Verdict::NotAllowed(near),
        (Some(true), Some(false)) => Verdict::Allowed,
        _ => Verdict::Unknown,
    }
}

/// Either, where `None` is not known.
fn or(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

fn conditions(statement: &Statement) -> String {
    let words = statement
        .conditions
        .iter()
        .map(|c| format!("{} {} {}", c.operator, c.key, c.values.join(", ")));
    words.collect::<Vec<_>>().join("; ")
}

fn is_about(statement: &Statement, delivery: Delivery<'_>) -> bool {
    let is_service = |who: &[Principal]| {
        who.iter().any(|principal| match principal {
            Principal::Service(name) => name == SERVICE,
            Principal::Anyone => true,
            _ => false,
        })
    };
    let named = match &statement.principals {
        Principals::Only(who) => is_service(who),
        Principals::Except(who) => !is_service(who),
    };
    let object = format!(":s3:::{}/{}", delivery.target, delivery.prefix);
    // A pattern may go on with what a log's key begins with: a year.
    let is_about_it = |pattern: &String| {
        let Some((partition, rest)) = pattern.split_once(":s3:::") else {
            return pattern == "*";
        };
        let key = format!("{object}2026-01-01-00-00-00-0");
        partition.starts_with("arn:aws") && wild(&format!(":s3:::{rest}"), &key)
    };
    let resources = match &statement.resources {
        Matching::Only(patterns) => patterns.iter().any(is_about_it),
        Matching::Except(patterns) => !patterns.iter().any(is_about_it),
    };
    named && about_action(statement, "s3:PutObject") && resources
}

fn conditions_hold(statement: &Statement, delivery: Delivery<'_>) -> Option<bool> {
    let mut all = Some(true);
    for condition in &statement.conditions {
        match (all, holds(condition, delivery)) {
            (_, Some(false)) => return Some(false),
            (Some(true), Some(true)) => {}
            _ => all = None,
        }
    }
    all
}

/// What the request has for a condition key.
enum Has {
    Value(String),
    Nothing,
    Unknown,
}

fn has(key: &str, delivery: Delivery<'_>) -> Has {
    let value = |value: &str| Has::Value(value.to_owned());
    let key = key.to_ascii_lowercase();
    match key.as_str() {
        "aws:sourcearn" => Has::Value(format!("arn:aws:s3:::{}", delivery.source)),
        "aws:sourceaccount" => delivery.account.map_or(Has::Unknown, value),
        "aws:securetransport" | "aws:principalisawsservice" => value("true"),
        "aws:principalservicename" => value(SERVICE),
        // The service calls for itself: there is no user behind it, no network of a customer, and no header that asks for
        // encryption.
        "aws:principalarn"
        | "aws:principalaccount"
        | "aws:principalorgid"
        | "aws:principalorgpaths"
        | "aws:sourcevpc"
        | "aws:sourcevpce"
        | "aws:multifactorauthpresent"
        | "s3:x-amz-server-side-encryption"
        | "s3:x-amz-server-side-encryption-aws-kms-key-id"
        | "s3:x-amz-server-side-encryption-customer-algorithm" => Has::Nothing,
        _ => Has::Unknown,
    }
}

/// Whether a condition holds for the delivery; `None` where that is not known.
fn holds(condition: &Condition, delivery: Delivery<'_>) -> Option<bool> {
    let operator = condition.operator.to_ascii_lowercase();
    let (operator, if_exists) = match operator.strip_suffix("ifexists") {
        Some(operator) => (operator, true),
        None => (operator.as_str(), false),
    };
    let value = match has(&condition.key, delivery) {
        Has::Unknown => return None,
        Has::Nothing => None,
        Has::Value(value) => Some(value),
    };
    let any = |matches: fn(&str, &str) -> bool| {
        let value = value.as_deref()?;
        Some(condition.values.iter().any(|wanted| matches(wanted, value)))
    };
    let is_variable = condition.values.iter().any(|value| value.contains("${"));
    let (found, negated) = match operator {
        "null" => {
            let absent = condition
                .values
                .iter()
                .any(|v| v.eq_ignore_ascii_case("true"));
            return Some(absent == value.is_none());
        }
        _ if is_variable => return None,
        "stringequals" => (any(|wanted, found| wanted == found), false),
        "stringequalsignorecase" | "bool" => (any(str::eq_ignore_ascii_case), false),
        "stringlike" | "arnlike" | "arnequals" => (any(alike), false),
        "stringnotequals" => (any(|wanted, found| wanted == found), true),
        "stringnotequalsignorecase" => (any(str::eq_ignore_ascii_case), true),
        "stringnotlike" | "arnnotlike" | "arnnotequals" => (any(alike), true),
        _ => return None,
    };
    Some(match found {
        // What is not there matches no value, and so a negated operator holds.
        None => negated || if_exists,
        Some(found) => found != negated,
    })
}

/// ARNs of other partitions name the same bucket.
fn alike(pattern: &str, value: &str) -> bool {
    match pattern.split_once(":s3:::") {
        Some((partition, rest)) if partition.starts_with("arn:aws") => {
            wild(&format!("arn:aws:s3:::{rest}"), value)
        }
        _ => wild(pattern, value),
    }
}
