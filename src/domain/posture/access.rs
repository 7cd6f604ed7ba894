//! What lets anyone in when ownership, ACLs, the policy and both public access blocks are taken together.
//!
//! Each conclusion rests on named questions. One that was not answered takes away only what depends on it: what a policy
//! proves stays proven while the ACL is unknown, and what only an unanswered block could take back is said with that
//! reserve ([`Fate::Unless`]).

use super::case::Case;
use crate::domain::configuration::{
    AccessControl, Configuration, Grant, Ownership, Permission, PublicAccess, Unanswered,
};
use crate::domain::policy::{Policy, Power, Reach};

/// Something that lets anyone in, as far as it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opening {
    /// What, in words: a statement of the policy, a grant of an ACL.
    pub by: String,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of something that lets anyone in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nothing stops it.
    Open,
    /// A public access block makes it void: which, in words.
    Blocked(String),
    /// It depends on what is not known, in words.
    Unless(Vec<String>),
}

/// What gives anyone a power over the bucket, by its policy and by ACLs.
pub(super) fn openings(case: &Case<'_>, power: Power) -> Vec<Opening> {
    let mut found = by_policy(case, power);
    found.extend(by_acl(case, power));
    found
}

/// A switch of the public access blocks, at bucket and account together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Switch<'a> {
    /// Which block has it on, in words.
    On(&'static str),
    Off,
    /// It is off as far as is known, and these questions were not answered.
    Unknown(Vec<&'a Unanswered>),
}

impl Switch<'_> {
    fn fate(&self, name: &str) -> Fate {
        match self {
            Self::On(whose) => Fate::Blocked(format!("{whose} has {name} on")),
            Self::Off => Fate::Open,
            Self::Unknown(questions) => Fate::Unless(
                questions
                    .iter()
                    .map(|why| format!("{name} is on ({}: {})", why.call, why.short()))
                    .collect(),
            ),
        }
    }
}

/// Whether a switch is on in the bucket's or in the account's block. An endpoint that does not have the operation has no
/// such block to enforce.
pub(crate) fn switch(
    configuration: &Configuration,
    is_on: fn(&PublicAccess) -> bool,
) -> Switch<'_> {
    let bucket = enforced(configuration.public_access.known(), |block| *block);
    let account = enforced(configuration.account_block.known(), |block| block.0);
    match (bucket, account) {
        (Ok(block), _) if is_on(&block) => Switch::On("the bucket's public access block"),
        (_, Ok(block)) if is_on(&block) => Switch::On("the account's public access block"),
        (bucket, account) => {
            let unknown: Vec<_> = bucket.err().into_iter().chain(account.err()).collect();
            if unknown.is_empty() {
                Switch::Off
            } else {
                Switch::Unknown(unknown)
            }
        }
    }
}

fn enforced<'a, T>(
    known: Result<Option<&'a T>, &'a Unanswered>,
    read: impl Fn(&T) -> PublicAccess,
) -> Result<PublicAccess, &'a Unanswered> {
    match known {
        Ok(block) => Ok(block.map(read).unwrap_or_default()),
        Err(why) if why.is_not_there() => Ok(PublicAccess::default()),
        Err(why) => Err(why),
    }
}

/// Both blocks together.
///
/// # Errors
/// One is not known and could make a difference.
pub(super) fn effective_block(configuration: &Configuration) -> Result<PublicAccess, &Unanswered> {
    let bucket = enforced(configuration.public_access.known(), |block| *block);
    let account = enforced(configuration.account_block.known(), |block| block.0);
    match (bucket, account) {
        (Ok(block), _) | (_, Ok(block)) if block.blocks_everything() => Ok(block),
        (bucket, account) => Ok(bucket?.or(account?)),
    }
}

/// Whether the switch that restricts public buckets has this policy to restrict: it takes nothing from one that AWS does
/// not call public, whoever is let in by it.
pub(super) fn restriction<'a>(case: &Case<'a>) -> Switch<'a> {
    let configuration = case.configuration;
    let ours = configuration.policy.value().is_some_and(Policy::is_public);
    let theirs = configuration
        .policy_status
        .value()
        .is_some_and(|status| status.is_public);
    if ours || theirs {
        switch(configuration, |block| block.restrict_public_buckets)
    } else {
        Switch::Off
    }
}

fn by_policy(case: &Case<'_>, power: Power) -> Vec<Opening> {
    let configuration = case.configuration;
    let Ok(Some(policy)) = configuration.policy.known() else {
        return Vec::new();
    };
    let restricted = restriction(case).fate("RestrictPublicBuckets");
    let reach = policy.reach_of_anyone(case.setting(), power);
    let Some(way) = reach.way() else {
        return Vec::new();
    };
    let fate = match (&reach, restricted) {
        (Reach::Nobody | Reach::From { .. }, _) => return Vec::new(),
        (Reach::Anyone(_), fate) => fate,
        (Reach::Depends { .. }, Fate::Blocked(by)) => Fate::Blocked(by),
        (Reach::Depends { on, .. }, restricted) => {
            let mut reasons: Vec<String> = if on.is_empty() {
                vec![
                    "the policy as a whole, which has too many cases to be tried, refuses it"
                        .to_owned(),
                ]
            } else {
                let words = on.iter();
                words
                    .map(|on| format!("{on}, which is not known here, refuses it"))
                    .collect()
            };
            if let Fate::Unless(more) = restricted {
                reasons.extend(more);
            }
            Fate::Unless(reasons)
        }
    };
    let with = &way.with;
    way.statements
        .iter()
        .map(|statement| Opening {
            by: format!("the policy's {}, {with}", policy.words_of(statement)),
            fate: fate.clone(),
        })
        .collect()
}

/// Whether ACLs count in a bucket.
pub(crate) enum AclsCount<'a> {
    Yes,
    No,
    Unknown(&'a Unanswered),
}

/// With ownership enforced an ACL has no effect. An endpoint that does not have the operation enforces nothing.
pub(crate) fn acls_count(configuration: &Configuration) -> AclsCount<'_> {
    match configuration.ownership.known() {
        Ok(Some(Ownership::BucketOwnerEnforced)) => AclsCount::No,
        Ok(_) => AclsCount::Yes,
        Err(why) if why.is_not_there() => AclsCount::Yes,
        Err(why) => AclsCount::Unknown(why),
    }
}

/// Whether an ACL of the bucket or of an object could let anyone in: they count, and no block ignores the public ones. True
/// where it is not known.
#[must_use]
pub(crate) fn acls_matter(configuration: &Configuration) -> bool {
    let ignored = switch(configuration, |block| block.ignore_public_acls);
    !matches!(acls_count(configuration), AclsCount::No) && !matches!(ignored, Switch::On(_))
}

fn by_acl(case: &Case<'_>, power: Power) -> Vec<Opening> {
    let configuration = case.configuration;
    let mut fate = switch(configuration, |block| block.ignore_public_acls).fate("IgnorePublicAcls");
    match acls_count(configuration) {
        AclsCount::No => return Vec::new(),
        AclsCount::Yes => {}
        AclsCount::Unknown(why) => {
            let reason = format!("ACLs have no effect ({}: {})", why.call, why.short());
            fate = match fate {
                Fate::Blocked(by) => Fate::Blocked(by),
                Fate::Open => Fate::Unless(vec![reason]),
                Fate::Unless(mut reasons) => {
                    reasons.push(reason);
                    Fate::Unless(reasons)
                }
            };
        }
    }
    let of_bucket = configuration.acl.value().into_iter();
    let of_bucket = of_bucket
        .flat_map(|acl| public_grants(acl, power, bucket_powers))
        .map(|grant| format!("the bucket's ACL: {}", words(grant)));
    let of_objects = case.object_acls.iter().filter_map(|object| {
        let grant = public_grants(&object.acl, power, object_powers).next()?;
        Some(format!("the ACL of {}: {}", object.key, words(grant)))
    });
    let all = of_bucket.chain(of_objects.take(3));
    all.map(|by| Opening {
        by,
        fate: fate.clone(),
    })
    .collect()
}

fn public_grants(
    acl: &AccessControl,
    power: Power,
    powers: fn(&Permission) -> &'static [Power],
) -> impl Iterator<Item = &Grant> {
    acl.grants
        .iter()
        .filter(move |grant| grant.to.is_anyone() && powers(&grant.permission).contains(&power))
}

fn words(grant: &Grant) -> String {
    format!("{} to {:?}", grant.permission.as_str(), grant.to)
}

/// What a grant of a bucket's ACL allows (*ACL overview*, the table of permissions).
fn bucket_powers(permission: &Permission) -> &'static [Power] {
    match permission {
        Permission::FullControl => &[Power::List, Power::Write, Power::TakeOver, Power::Metadata],
        Permission::Read => &[Power::List],
        Permission::Write => &[Power::Write],
        Permission::WriteAcp => &[Power::TakeOver],
        Permission::ReadAcp => &[Power::Metadata],
        Permission::Other(_) => &[],
    }
}

/// What a grant of an object's ACL allows; `WRITE` means nothing there.
fn object_powers(permission: &Permission) -> &'static [Power] {
    match permission {
        Permission::FullControl => &[Power::Read, Power::TakeOver, Power::Metadata],
        Permission::Read => &[Power::Read],
        Permission::WriteAcp => &[Power::TakeOver],
        Permission::ReadAcp => &[Power::Metadata],
        Permission::Write | Permission::Other(_) => &[],
    }
}
