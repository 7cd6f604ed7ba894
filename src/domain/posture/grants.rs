//! cross-account-grant: who beside the account may do something.

use super::access::{AclsCount, Switch, acls_count, restriction};
use super::case::Case;
use super::finding::{Finding, Severity};
use crate::domain::advice::{Action, advice};
use crate::domain::configuration::{Grantee, Matching};
use crate::domain::policy::{Outsider, Statement};

/// The service that delivers access logs; it writes log objects and nothing else.
const LOGGING: &str = "logging.s3.amazonaws.com";
const CDN: &str = "cloudfront.amazonaws.com";

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    let mut evidence = by_policy(case);
    evidence.extend(by_acl(case));
    if evidence.is_empty() {
        return;
    }
    found.push(
        case.finding(
            "cross-account-grant",
            Severity::High,
            "Somebody outside the account is granted access, and no blueprint names them.",
        )
        .evidence(evidence)
        .why("What another account may read or delete is beyond your own permissions and audits.")
        .advise(
            advice!(
                "name them in the blueprint as [[bucket.expect.grant]], or remove what grants it"
            )
            .then(Action::ShowPolicy {
                bucket: case.bucket().clone(),
            }),
        ),
    );
}

fn by_policy(case: &Case<'_>) -> Vec<String> {
    let Ok(Some(policy)) = case.configuration.policy.known() else {
        return Vec::new();
    };
    let owner = case.configuration.acl.value();
    let canonical = owner.and_then(|acl| acl.owner.as_deref());
    // Where public buckets are restricted, a public policy lets services in, and nobody of another account.
    let is_restricted = matches!(restriction(case), Switch::On(_));
    let outsiders = policy.outsiders(case.setting(), canonical).into_iter();
    outsiders
        .filter(|(outsider, _)| !is_restricted || outsider.is_service())
        .filter(|(outsider, statement)| is_stranger(case, outsider, statement))
        .map(|(outsider, statement)| {
            let who = match &outsider {
                Outsider::Organization(id) => format!("the accounts of the organization {id}"),
                other => other.name().to_owned(),
            };
            format!("{} lets {who} in", policy.words_of(statement))
        })
        .collect()
}

/// Whether no blueprint names somebody, and they are no service that does what it is there for.
fn is_stranger(case: &Case<'_>, outsider: &Outsider, statement: &Statement) -> bool {
    let name = outsider.name();
    let grants = case.expect().and_then(|expect| expect.grant.as_deref());
    let named = |name: &str| {
        grants
            .into_iter()
            .flatten()
            .any(|grant| grant.to == name || name.ends_with(&format!(":{}", grant.to)))
    };
    if named(name) {
        return false;
    }
    if !outsider.is_service() {
        return true;
    }
    let wants_cdn = case.expect().and_then(|expect| expect.cdn) == Some(true);
    let is_cdn = name == CDN && (wants_cdn || named("cdn"));
    let only_logs = name == LOGGING
        && matches!(&statement.actions, Matching::Only(actions)
            if actions.iter().all(|a| a.eq_ignore_ascii_case("s3:PutObject")));
    !is_cdn && !only_logs
}

fn by_acl(case: &Case<'_>) -> Vec<String> {
    let configuration = case.configuration;
    if !matches!(acls_count(configuration), AclsCount::Yes) {
        return Vec::new();
    }
    let Ok(Some(acl)) = configuration.acl.known() else {
        return Vec::new();
    };
    // Without an owner in the answer, the first account cannot be told from the owner.
    if acl.owner.is_none() {
        return Vec::new();
    }
    acl.to_others()
        .filter_map(|grant| match &grant.to {
            Grantee::Account(id) | Grantee::Other(id) => Some(format!(
                "the ACL grants {} to {id}",
                grant.permission.as_str()
            )),
            Grantee::AllUsers | Grantee::AuthenticatedUsers | Grantee::LogDelivery => None,
        })
        .collect()
}
