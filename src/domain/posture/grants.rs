//! cross-account-grant: who beside the account may do something.

use super::case::Case;
use super::finding::{Finding, Severity};
use super::policy::{account_of, is_on_behalf_of, name_of};
use crate::domain::configuration::{
    Grantee, Matching, Ownership, Principal, Principals, Statement,
};

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
        .fix(format!(
            "name them in the blueprint as [[bucket.expect.grant]], or remove the statement: aws s3api get-bucket-policy --bucket {}",
            case.quoted()
        ))
        .references(&["FSBP S3.6"]),
    );
}

fn by_policy(case: &Case<'_>) -> Vec<String> {
    let Ok(Some(policy)) = case.configuration.policy.known() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for statement in policy.statements.iter().filter(|s| s.allow) {
        let Principals::Only(who) = &statement.principals else {
            continue;
        };
        for principal in who {
            if let Some(name) = stranger(case, statement, principal) {
                found.push(format!(
                    "{} allows {} to {name}",
                    name_of(policy, statement),
                    match &statement.actions {
                        Matching::Only(actions) => actions.join(", "),
                        Matching::Except(actions) => format!("all but {}", actions.join(", ")),
                    }
                ));
            }
        }
    }
    found
}

/// The principal's name when it is neither of the account nor named by the blueprint. Everybody is another finding.
fn stranger<'p>(
    case: &Case<'_>,
    statement: &Statement,
    principal: &'p Principal,
) -> Option<&'p str> {
    let grants = case.expect().and_then(|expect| expect.grant.as_deref());
    let named = |name: &str| {
        grants
            .into_iter()
            .flatten()
            .any(|grant| grant.to == name || name.ends_with(&format!(":{}", grant.to)))
    };
    match principal {
        Principal::Anyone => None,
        Principal::Service(name) => {
            let wants_cdn = case.expect().and_then(|expect| expect.cdn) == Some(true);
            let is_cdn = name == CDN && (wants_cdn || named("cdn"));
            let only_logs = name == LOGGING
                && matches!(&statement.actions, Matching::Only(actions)
                    if actions.iter().all(|a| a.eq_ignore_ascii_case("s3:PutObject")));
            let ours = case
                .account
                .is_some_and(|account| is_on_behalf_of(statement, account));
            (!is_cdn && !only_logs && !ours && !named(name)).then_some(name.as_str())
        }
        Principal::Aws(arn) => {
            // Without knowing the account nobody can be told from a stranger.
            let own = case.account?;
            let theirs = account_of(arn)?;
            (theirs != own && !named(arn)).then_some(arn.as_str())
        }
        Principal::Federated(name) | Principal::Canonical(name) => {
            (!named(name)).then_some(name.as_str())
        }
    }
}

fn by_acl(case: &Case<'_>) -> Vec<String> {
    let configuration = case.configuration;
    match configuration.ownership.known() {
        Ok(Some(Ownership::BucketOwnerEnforced)) | Err(_) => return Vec::new(),
        Ok(_) => {}
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
