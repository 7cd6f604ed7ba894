//! Derives each ground of the rules from the facts, with the reason if it is unknown.

use super::decide::{Ground, Grounds};
use super::{Asker, Facts, Identity, Outcome, Question, context, key, lock, short};
use crate::domain::configuration::{AccessControl, Grantee, Permission, Setting, Unanswered};
use crate::domain::fact::Fact;
use crate::domain::policy::{Caller, Policy, Principal, Principals, Request, Statement, Truth};
use crate::domain::posture::{AclsCount, Switch, acls_count, switch};

/// Why a ground is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Why {
    /// A request failed.
    Open(String),
    /// It depends on the request, or on a policy that is unknown: the condition.
    If(String),
}

/// A statement that may apply to the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heard {
    pub applies: Truth,
    pub words: String,
    /// What this depends on.
    pub undecided: Vec<String>,
}

/// What the policies of one layer say about the request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Hearing {
    pub denies: Vec<Heard>,
    pub allows: Vec<Heard>,
}

/// The result.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Read {
    pub grounds: Grounds,
    pub why: Vec<(Ground, Why)>,
    pub identity: Hearing,
    pub boundary: Hearing,
    pub bucket: Hearing,
    /// Descriptions of the grants that apply to the request.
    pub grants: Vec<String>,
    /// The text about encryption.
    pub encryption: String,
    /// What the KMS key policy says, if a key of the account is used.
    pub key_policy: Option<(Outcome, String, Vec<String>)>,
    /// What the grants of that key could do. They are never read.
    pub key_grants: Option<(Outcome, String)>,
    /// The text about Object Lock.
    pub lock: Option<(Outcome, String)>,
    /// Why the object's tags are unknown.
    pub tags: Option<String>,
}

impl std::ops::Deref for Read {
    type Target = Grounds;

    fn deref(&self) -> &Grounds {
        &self.grounds
    }
}

impl Read {
    pub(super) fn set(&mut self, ground: Ground, truth: Truth) {
        self.grounds.set(ground, truth);
    }

    pub(super) fn unknown(&mut self, ground: Ground, why: Why) {
        self.grounds.set(ground, Truth::Unknown);
        self.why.push((ground, why));
    }
}

pub(super) fn read(question: &Question, facts: &Facts<'_>) -> Read {
    let mut read = Read::default();
    let asker = &question.asker;
    same_account(asker, facts, &mut read);
    let is_same = read.get(Ground::SameAccount);
    let configuration = facts.configuration;
    let owner = configuration.acl.value().and_then(|acl| acl.owner.clone());
    let canonical = facts.identity.canonical.clone();
    let canonical = canonical.or_else(|| owner.filter(|_| is_same.is_yes()));
    let caller = asker.caller(canonical.clone());
    let boundary = facts.identity.boundary.value();
    let policies: Vec<&Policy> = configuration
        .policy
        .value()
        .into_iter()
        .chain(facts.identity.policies.iter().map(|named| &named.policy))
        .chain(boundary.map(|named| &named.policy))
        .collect();
    let context = context::of(question, facts, &policies);
    let resource = question.resource();
    let request = Request {
        caller: &caller,
        action: question.action.name,
        resource: &resource,
        context: &context,
    };
    read.tags = facts.object.tags.problem().map(short);
    of_identity(asker, facts.identity, &request, &mut read);
    of_boundary(asker, facts.identity, &request, &mut read);
    of_bucket_policy(asker, facts, &request, &mut read);
    restriction(facts, &mut read);
    ownership(question, facts, &mut read);
    acl(question, facts, canonical.as_deref(), &mut read);
    key::read(question, facts, &caller, &mut read);
    lock::read(question, facts, &mut read);
    read
}

fn same_account(asker: &Asker, facts: &Facts<'_>, read: &mut Read) {
    let Some(account) = asker.account() else {
        return;
    };
    match facts.account {
        Fact::Set(owner) => read.set(Ground::SameAccount, (owner == account).into()),
        // A server without accounts has no strangers.
        Fact::NotSet => read.set(Ground::SameAccount, Truth::Yes),
        Fact::Unknown(why) => read.unknown(
            Ground::SameAccount,
            Why::Open(format!(
                "which account owns the bucket is not known ({})",
                short(why)
            )),
        ),
    }
}

/// What the statements of a policy say about a request, each with its name.
pub(super) fn hear(policy: &Policy, name: Option<&str>, request: &Request<'_>) -> Hearing {
    let heard = |allow: bool| {
        let statements = policy.statements.iter().filter(|s| s.allow == allow);
        statements
            .filter_map(|statement| {
                let applies = policy.applies(statement, request);
                (!applies.is_no()).then(|| Heard {
                    applies,
                    words: words(policy, name, statement),
                    undecided: policy.undecided(statement, request),
                })
            })
            .collect()
    };
    Hearing {
        denies: heard(false),
        allows: heard(true),
    }
}

/// An identity-based policy names no principal, so none is printed.
fn words(policy: &Policy, name: Option<&str>, statement: &Statement) -> String {
    let words = policy.words_of(statement);
    match name {
        Some(name) => {
            let words =
                words
                    .replacen(": Allow * ", ": Allow ", 1)
                    .replacen(": Deny * ", ": Deny ", 1);
            format!("{name}, {words}")
        }
        None => words,
    }
}

impl Hearing {
    pub(super) fn add(&mut self, other: Self) {
        self.denies.extend(other.denies);
        self.allows.extend(other.allows);
    }

    pub(super) fn denied(&self) -> Truth {
        Truth::any(self.denies.iter().map(|heard| heard.applies))
    }

    pub(super) fn allowed(&self) -> Truth {
        Truth::any(self.allows.iter().map(|heard| heard.applies))
    }
}

/// The conditions under which statements apply to the request, or do not.
fn conditions(heard: &[Heard], verb: &str, tags: Option<&str>) -> Vec<Why> {
    let unknown = heard.iter().filter(|h| h.applies == Truth::Unknown);
    unknown
        .map(|heard| {
            let name = heard.words.split(": ").next().unwrap_or_default();
            let on = heard.undecided.join(", ");
            let words = format!("{name} {verb} it, which depends on {on}");
            let asks_for_tags = on.to_ascii_lowercase().contains("s3:existingobjecttag/");
            match tags.filter(|_| asks_for_tags) {
                Some(why) => Why::Open(format!("{words} ({why})")),
                None => Why::If(words),
            }
        })
        .collect()
}

fn of_identity(asker: &Asker, identity: &Identity, request: &Request<'_>, read: &mut Read) {
    if !asker.has_policies() {
        return;
    }
    for named in &identity.policies {
        let heard = hear(&named.policy, Some(&named.name), request);
        read.identity.add(heard);
    }
    let (denied, allowed) = (read.identity.denied(), read.identity.allowed());
    let missing = || {
        let kind = asker.kind();
        Why::If(format!("the {kind}'s own policy allows {}", request.action))
    };
    read.set(Ground::IdentityDenies, denied);
    for why in conditions(&read.identity.denies, "does not deny", read.tags.as_deref()) {
        read.why.push((Ground::IdentityDenies, why));
    }
    read.set(Ground::IdentityAllows, allowed);
    for why in conditions(&read.identity.allows, "allows", read.tags.as_deref()) {
        read.why.push((Ground::IdentityAllows, why));
    }
    if identity.missing.is_empty() {
        return;
    }
    if denied.is_no() {
        read.unknown(
            Ground::IdentityDenies,
            Why::If(format!(
                "the {}'s own policy does not deny {}",
                asker.kind(),
                request.action
            )),
        );
    }
    if allowed.is_no() {
        read.unknown(Ground::IdentityAllows, missing());
    }
}

fn of_boundary(asker: &Asker, identity: &Identity, request: &Request<'_>, read: &mut Read) {
    if !asker.has_policies() {
        read.set(Ground::BoundaryAllows, Truth::Yes);
        return;
    }
    match &identity.boundary {
        Fact::NotSet => read.set(Ground::BoundaryAllows, Truth::Yes),
        Fact::Unknown(_) => {
            for (ground, verb) in [
                (Ground::BoundaryDenies, "does not deny"),
                (Ground::BoundaryAllows, "allows"),
            ] {
                let words = format!(
                    "the {}'s permissions boundary, if there is one, {verb} {}",
                    asker.kind(),
                    request.action
                );
                read.unknown(ground, Why::If(words));
            }
        }
        Fact::Set(named) => {
            read.boundary = hear(&named.policy, Some(&named.name), request);
            read.set(Ground::BoundaryDenies, read.boundary.denied());
            for why in conditions(&read.boundary.denies, "does not deny", read.tags.as_deref()) {
                read.why.push((Ground::BoundaryDenies, why));
            }
            read.set(Ground::BoundaryAllows, read.boundary.allowed());
            for why in conditions(&read.boundary.allows, "allows", read.tags.as_deref()) {
                read.why.push((Ground::BoundaryAllows, why));
            }
        }
    }
}

fn of_bucket_policy(asker: &Asker, facts: &Facts<'_>, request: &Request<'_>, read: &mut Read) {
    const ALL: [Ground; 4] = [
        Ground::PolicyDenies,
        Ground::PolicyAllows,
        Ground::PolicyAllowsSession,
        Ground::PolicyAllowsAccount,
    ];
    let policy = match facts.configuration.policy.known() {
        Ok(None) => return,
        Err(why) if why.is_not_there() => return,
        Err(why) => {
            let of_session = matches!(
                asker,
                Asker::Role {
                    session: Some(_),
                    ..
                }
            );
            for ground in ALL {
                if ground != Ground::PolicyAllowsSession || of_session {
                    let words = format!("the bucket policy is not known ({})", short(why));
                    read.unknown(ground, Why::Open(words));
                }
            }
            return;
        }
        Ok(Some(policy)) => policy,
    };
    read.bucket = hear(policy, None, request);
    read.set(Ground::PolicyDenies, read.bucket.denied());
    for why in conditions(&read.bucket.denies, "does not deny", read.tags.as_deref()) {
        read.why.push((Ground::PolicyDenies, why));
    }
    let mut found = [Truth::No; 3];
    for statement in policy.statements.iter().filter(|s| s.allow) {
        let applies = policy.applies(statement, request);
        if applies.is_no() {
            continue;
        }
        let [itself, session, account] = named_how(asker, statement, request.caller);
        for (place, how) in found.iter_mut().zip([itself, session, account]) {
            *place = place.or(applies.and(how));
        }
    }
    let whys = conditions(&read.bucket.allows, "allows", read.tags.as_deref());
    for (ground, truth) in ALL.into_iter().skip(1).zip(found) {
        read.set(ground, truth);
        if truth == Truth::Unknown {
            read.why
                .extend(whys.iter().map(|why| (ground, why.clone())));
        }
    }
}

/// Whether a statement names the caller itself (or everybody), its session, or its account.
pub(super) fn named_how(asker: &Asker, statement: &Statement, caller: &Caller) -> [Truth; 3] {
    let session = match asker {
        Asker::Role { session, .. } => session.as_deref(),
        _ => None,
    };
    let Principals::Only(named) = &statement.principals else {
        return [Truth::Yes, Truth::No, Truth::No];
    };
    let is_session =
        |one: &Principal| matches!(one, Principal::Aws(name) if session == Some(name.as_str()));
    let by_session = Truth::from(named.iter().any(is_session));
    let others = named.iter().filter(|one| !is_session(one));
    let itself = Truth::any(others.map(|one| one.means(caller)));
    let by_account = !itself.or(by_session);
    [itself, by_session, by_account]
}

/// Whether the policy is public and restricted for that reason.
fn restriction(facts: &Facts<'_>, read: &mut Read) {
    let configuration = facts.configuration;
    let ours = match configuration.policy.known() {
        Ok(policy) => Truth::from(policy.is_some_and(Policy::is_public)),
        Err(why) if why.is_not_there() => Truth::No,
        Err(_) => Truth::Unknown,
    };
    let theirs = configuration.policy_status.value();
    let theirs = Truth::from(theirs.map(|status| status.is_public));
    let is_public = match (ours, theirs) {
        (Truth::Yes, _) | (_, Truth::Yes) => Truth::Yes,
        (Truth::No, _) | (_, Truth::No) => Truth::No,
        _ => Truth::Unknown,
    };
    match switch(configuration, |block| block.restrict_public_buckets) {
        Switch::On(_) => {
            read.set(Ground::Restricted, is_public);
            if is_public == Truth::Unknown {
                let words = "whether the bucket policy is public is not known";
                read.why
                    .push((Ground::Restricted, Why::Open(words.to_owned())));
            }
        }
        Switch::Unknown(questions) if !is_public.is_no() => read.unknown(
            Ground::Restricted,
            Why::Open(asked("RestrictPublicBuckets", &questions)),
        ),
        Switch::Off | Switch::Unknown(_) => read.set(Ground::Restricted, Truth::No),
    }
}

fn asked(switch: &str, questions: &[&Unanswered]) -> String {
    let questions: Vec<String> = questions.iter().map(|why| short(why)).collect();
    format!(
        "whether {switch} is on is not known ({})",
        questions.join("; ")
    )
}

fn ownership(question: &Question, facts: &Facts<'_>, read: &mut Read) {
    let configuration = facts.configuration;
    match acls_count(configuration) {
        AclsCount::No => read.set(Ground::AclsOff, Truth::Yes),
        AclsCount::Yes => read.set(Ground::AclsOff, Truth::No),
        AclsCount::Unknown(why) => read.unknown(
            Ground::AclsOff,
            Why::Open(format!("whether ACLs count is not known ({})", short(why))),
        ),
    }
    if !question.action.is_owners() || read.get(Ground::AclsOff).is_yes() {
        return;
    }
    let owner = |acl: &AccessControl| acl.owner.clone();
    let of_object = facts.object.acl.known().map(|acl| acl.and_then(owner));
    let of_bucket = configuration.acl.known().map(|acl| acl.and_then(owner));
    match (of_object, of_bucket) {
        (Ok(Some(object)), Ok(Some(bucket))) => {
            read.set(Ground::Foreign, (object != bucket).into());
        }
        // A server that returns no owner has a single owner.
        (Ok(_), Ok(_)) => {}
        (Err(why), _) | (_, Err(why)) if why.is_not_there() => {}
        (Err(why), _) | (_, Err(why)) => read.unknown(
            Ground::Foreign,
            Why::Open(format!(
                "whether the bucket's owner owns the object is not known ({})",
                short(why)
            )),
        ),
    }
}

/// The ACL and the permissions that grant an action. Source: *ACL overview*, the mapping to access policy permissions.
fn granting(action: &str) -> Option<(bool, Permission)> {
    Some(match action {
        "s3:ListBucket" | "s3:ListBucketVersions" | "s3:ListBucketMultipartUploads" => {
            (false, Permission::Read)
        }
        "s3:PutObject" | "s3:DeleteObject" => (false, Permission::Write),
        "s3:GetBucketAcl" => (false, Permission::ReadAcp),
        "s3:PutBucketAcl" => (false, Permission::WriteAcp),
        "s3:GetObject" | "s3:GetObjectVersion" | "s3:GetObjectTorrent" => (true, Permission::Read),
        "s3:GetObjectAcl" | "s3:GetObjectVersionAcl" => (true, Permission::ReadAcp),
        "s3:PutObjectAcl" | "s3:PutObjectVersionAcl" => (true, Permission::WriteAcp),
        _ => return None,
    })
}

fn acl(question: &Question, facts: &Facts<'_>, canonical: Option<&str>, read: &mut Read) {
    let ignored = switch(facts.configuration, |block| block.ignore_public_acls);
    match ignored {
        Switch::On(_) => read.set(Ground::AclsIgnored, Truth::Yes),
        Switch::Off => {}
        Switch::Unknown(questions) => read.unknown(
            Ground::AclsIgnored,
            Why::Open(asked("IgnorePublicAcls", &questions)),
        ),
    }
    let Some((is_of_object, permission)) = granting(question.action.name) else {
        return;
    };
    let (acl, whose): (&Setting<AccessControl>, &str) = if is_of_object {
        (&facts.object.acl, "object")
    } else {
        (&facts.configuration.acl.setting, "bucket")
    };
    let acl = match acl.known() {
        Ok(None) => return,
        Err(why) if why.is_not_there() => return,
        // The ACL makes no difference.
        Err(_) if read.get(Ground::AclsOff).is_yes() => return,
        Err(why) => {
            for ground in [Ground::AclToAll, Ground::AclToAccount] {
                let words = format!("the ACL of the {whose} is not known ({})", short(why));
                read.unknown(ground, Why::Open(words));
            }
            if matches!(question.asker, Asker::Anonymous) {
                read.set(Ground::AclToAccount, Truth::No);
            }
            return;
        }
        Ok(Some(acl)) => acl,
    };
    let mut granted = [Truth::No; 2];
    for grant in &acl.grants {
        if grant.permission != permission && grant.permission != Permission::FullControl {
            continue;
        }
        let is_signed = !matches!(question.asker, Asker::Anonymous);
        let (place, truth) = match &grant.to {
            Grantee::AllUsers => (0, Truth::Yes),
            Grantee::AuthenticatedUsers => (0, is_signed.into()),
            Grantee::Account(id) if is_signed => {
                let is_it = canonical.map(|canonical| canonical == id);
                let owner = facts.configuration.acl.value();
                let owner = owner.and_then(|acl| acl.owner.as_ref());
                let is_own_object = read.get(Ground::Foreign).is_no();
                if owner == Some(id) && is_own_object && read.get(Ground::SameAccount).is_yes() {
                    // Within the account, policies decide.
                    continue;
                }
                let truth = if owner == Some(id) {
                    // The owner's grant applies to every caller of the bucket's account.
                    read.get(Ground::SameAccount)
                } else {
                    is_it.into()
                };
                (1, truth)
            }
            _ => continue,
        };
        if truth.is_no() {
            continue;
        }
        read.grants.push(format!(
            "the {whose}'s ACL: {} to {:?}",
            grant.permission.as_str(),
            grant.to
        ));
        if let Some(found) = granted.get_mut(place) {
            *found = found.or(truth);
        }
    }
    // WRITE lets others delete their own objects.
    if question.action.name == "s3:DeleteObject" {
        granted = granted.map(|truth| truth.and(Truth::Unknown));
    }
    for (ground, truth) in [Ground::AclToAll, Ground::AclToAccount]
        .into_iter()
        .zip(granted)
    {
        if truth != Truth::Unknown {
            read.set(ground, truth);
            continue;
        }
        let words = if question.action.name == "s3:DeleteObject" {
            "the caller owns the object: by ACL others delete only what is their own"
        } else {
            "the ACL's grantee is the caller's account, whose canonical id is not known"
        };
        read.unknown(ground, Why::If(words.to_owned()));
    }
}
