//! Who can get at a bucket when ownership, ACL, policy and both public access blocks are taken together.

use super::case::Case;
use super::policy::{READING, WRITING, name_of, public_statements};
use crate::domain::configuration::{Configuration, Ownership, PublicAccess, Unanswered};

/// What a kind of access comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposure {
    /// What lets anyone in, in words; empty when nothing does.
    pub open: Vec<String>,
    /// What would, were it not for a public access block.
    pub blocked: Vec<String>,
}

/// Whether anyone can read, and whether anyone can write.
///
/// # Errors
/// What is not known and would decide.
pub(super) fn exposure<'a>(case: &Case<'a>, writing: bool) -> Result<Exposure, &'a Unanswered> {
    let configuration = case.configuration;
    let mut found = Exposure {
        open: Vec::new(),
        blocked: Vec::new(),
    };
    let by_policy = policy_grants(case, writing)?;
    if !by_policy.is_empty() {
        let target = if holds(configuration, |b| b.restrict_public_buckets)? {
            &mut found.blocked
        } else {
            &mut found.open
        };
        target.extend(by_policy);
    }
    let by_acl = acl_grants(configuration, writing)?;
    if !by_acl.is_empty() {
        let target = if holds(configuration, |b| b.ignore_public_acls)? {
            &mut found.blocked
        } else {
            &mut found.open
        };
        target.extend(by_acl);
    }
    Ok(found)
}

/// Whether a switch is on in the bucket's or in the account's block.
///
/// # Errors
/// It is off in one of them as far as is known, and the other is not known.
pub(super) fn holds(
    configuration: &Configuration,
    switch: fn(&PublicAccess) -> bool,
) -> Result<bool, &Unanswered> {
    let bucket = configuration.public_access.known();
    let account = account_block(configuration);
    match (bucket, account) {
        (Ok(Some(block)), _) if switch(block) => Ok(true),
        (_, Ok(Some(block))) if switch(&block) => Ok(true),
        (Err(why), _) | (_, Err(why)) => Err(why),
        (Ok(_), Ok(_)) => Ok(false),
    }
}

/// Both blocks together.
///
/// # Errors
/// One is not known and could make a difference.
pub(super) fn effective_block(configuration: &Configuration) -> Result<PublicAccess, &Unanswered> {
    let bucket = match configuration.public_access.known() {
        Ok(block) => block.copied().unwrap_or_default(),
        Err(why) => match account_block(configuration) {
            Ok(Some(block)) if block.blocks_everything() => return Ok(block),
            _ => return Err(why),
        },
    };
    if bucket.blocks_everything() {
        return Ok(bucket);
    }
    Ok(bucket.or(account_block(configuration)?.unwrap_or_default()))
}

/// The account's block. An endpoint that does not have the operation has no such block to enforce.
fn account_block(configuration: &Configuration) -> Result<Option<PublicAccess>, &Unanswered> {
    match configuration.account_block.known() {
        Ok(block) => Ok(block.map(|block| block.0)),
        Err(why) if why.is_not_there() => Ok(None),
        Err(why) => Err(why),
    }
}

fn policy_grants<'a>(case: &Case<'a>, writing: bool) -> Result<Vec<String>, &'a Unanswered> {
    let Some(policy) = case.configuration.policy.known()? else {
        return Ok(Vec::new());
    };
    let actions: &[&str] = if writing { &WRITING } else { &READING };
    let statements = public_statements(policy, case.bucket().as_str(), actions);
    Ok(statements
        .into_iter()
        .map(|s| format!("the policy's {}", name_of(policy, s)))
        .collect())
}

/// With ownership enforced an ACL has no effect.
fn acl_grants(configuration: &Configuration, writing: bool) -> Result<Vec<String>, &Unanswered> {
    if configuration.ownership.value() == Some(&Ownership::BucketOwnerEnforced) {
        return Ok(Vec::new());
    }
    let grants: Vec<String> = match configuration.acl.known() {
        Ok(acl) => acl
            .into_iter()
            .flat_map(|acl| &acl.grants)
            .filter(|grant| grant.to.is_anyone())
            .filter(|grant| {
                if writing {
                    grant.permission.writes()
                } else {
                    grant.permission.reads()
                }
            })
            .map(|grant| {
                format!(
                    "the bucket's ACL: {} to {:?}",
                    grant.permission.as_str(),
                    grant.to
                )
            })
            .collect(),
        Err(why) => return Err(why),
    };
    if grants.is_empty() {
        return Ok(grants);
    }
    // An ACL that opens the bucket counts only when ownership is known not to void it.
    configuration
        .ownership
        .known()
        .map(|_| grants)
        .or_else(|why| {
            if why.is_not_there() {
                Ok(Vec::new())
            } else {
                Err(why)
            }
        })
}
