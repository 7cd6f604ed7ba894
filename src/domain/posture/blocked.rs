//! encryption-type-blocked: something needs a kind of encryption that the bucket refuses.
//!
//! A bucket that blocks SSE-C answers each upload, copy and replication with it with 403 (S3 User Guide, *Blocking or unblocking
//! SSE-C for a general purpose bucket*). What is there already can still be read with its key.

use super::advice;
use super::case::Case;
use super::finding::{Finding, Severity};
use crate::domain::advice::{Advice, advice};
use crate::domain::configuration::{CUSTOMER_KEYS, Policy, Statement};
use crate::domain::words::{are, counted};

/// The header that asks for SSE-C. The condition key of a policy has the same name after `s3:`.
const HEADER: &str = "x-amz-server-side-encryption-customer-algorithm";

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    let encryption = case.configuration.encryption.value();
    if encryption.and_then(|encryption| encryption.blocks(CUSTOMER_KEYS)) != Some(true) {
        return;
    }
    let by_policy = match case.configuration.policy.known() {
        Ok(Some(policy)) => demanded_by(policy),
        Ok(None) | Err(_) => Vec::new(),
    };
    if !by_policy.is_empty() {
        found.push(
            case.finding(
                "encryption-type-blocked",
                Severity::High,
                "The bucket policy demands SSE-C for uploads, and the bucket refuses SSE-C.",
            )
            .evidence(by_policy)
            .why("S3 refuses every upload: with SSE-C because the bucket blocks it, without because the policy denies it.")
            .advise(or_allow(
                case,
                advice!("change the policy to demand {}", advice::demanded(case)),
            )),
        );
    }
    let by_rule = demanded_by_rules(case);
    if !by_rule.is_empty() {
        found.push(
            case.finding(
                "encryption-type-blocked",
                Severity::High,
                "The blueprint signs uploads with SSE-C, and the bucket refuses SSE-C.",
            )
            .evidence(by_rule)
            .why("S3 answers each of these uploads with 403 AccessDenied.")
            .advise(or_allow(
                case,
                advice!("take the header out of the blueprint's rule"),
            )),
        );
    }
    let samples: Vec<&str> = case
        .samples
        .iter()
        .filter(|sample| sample.algorithm.as_deref() == Some(CUSTOMER_KEYS))
        .map(|sample| sample.key.as_str())
        .collect();
    if !samples.is_empty() {
        found.push(
            case.finding(
                "encryption-type-blocked",
                Severity::Medium,
                format!(
                    "{} of {} that were looked at {} under SSE-C, which the bucket refuses for new objects.",
                    samples.len(),
                    counted(case.samples.len(), "object"),
                    are(samples.len())
                ),
            )
            .evidence(samples.iter().take(3).map(|key| (*key).to_owned()))
            .why("They can be read with their key, but not written again with it, and replication to a bucket that blocks SSE-C fails.")
            .advise(advice::encrypt_again(case)),
        );
    }
}

/// One thing to do, or to allow SSE-C where the blueprint does not ask for the contrary.
fn or_allow(case: &Case<'_>, advice: Advice) -> Advice {
    match advice::allow_customer_keys(case) {
        Some(allow) => advice
            .then(advice!("or allow SSE-C in the bucket"))
            .then(allow),
        None => advice,
    }
}

/// The places of statements that deny uploads without SSE-C.
pub(super) fn demanding(case: &Case<'_>) -> Vec<usize> {
    let policy = case.configuration.policy.value();
    let statements = policy.into_iter().flat_map(|policy| &policy.statements);
    let demanding = statements.enumerate().filter(|(_, one)| demands(one));
    demanding.map(|(at, _)| at).collect()
}

fn demands(statement: &Statement) -> bool {
    !statement.allow
        && statement.actions.include_action("s3:PutObject").is_yes()
        && statement.conditions.len() == 1
        && statement.conditions.iter().all(|condition| {
            condition.operator.eq_ignore_ascii_case("Null")
                && condition.key.eq_ignore_ascii_case(&format!("s3:{HEADER}"))
                && condition
                    .values
                    .iter()
                    .any(|value| value.eq_ignore_ascii_case("true"))
        })
}

/// Statements that deny uploads without SSE-C, by their id.
fn demanded_by(policy: &Policy) -> Vec<String> {
    policy
        .statements
        .iter()
        .filter(|statement| demands(statement))
        .map(|statement| {
            let name = statement.sid.as_deref().unwrap_or("without an id");
            format!("statement {name} denies s3:PutObject where {HEADER} is missing")
        })
        .collect()
}

/// Rules of the blueprint that sign an upload with SSE-C.
fn demanded_by_rules(case: &Case<'_>) -> Vec<String> {
    let Some(blueprint) = case.blueprint else {
        return Vec::new();
    };
    let presign = &blueprint.presign;
    [("put", &presign.put), ("post", &presign.post)]
        .into_iter()
        .filter(|(_, rule)| {
            let headers = rule.as_ref().and_then(|rule| rule.headers.as_ref());
            headers
                .is_some_and(|headers| headers.keys().any(|name| name.eq_ignore_ascii_case(HEADER)))
        })
        .map(|(kind, _)| format!("the rule for {kind} signs {HEADER}"))
        .collect()
}
