//! Formats the explanation: what each layer says, and which conditions remain.

use super::decide::{Decided, Ground, Layer};
use super::read::{Heard, Hearing, Read, Why};
use super::{Answer, Asker, Explanation, Facts, Outcome, Question, Said, short};
use crate::domain::configuration::{Ownership, PublicAccess};
use crate::domain::fact::Fact;
use crate::domain::policy::Truth;
use crate::domain::posture::{Switch, switch};

pub(super) fn explanation(
    question: &Question,
    facts: &Facts<'_>,
    read: &Read,
    decided: &Decided,
) -> Explanation {
    let (conditions, is_open) = conditions(read, &decided.open);
    let answer = match decided.allowed {
        Truth::Yes => Answer::Allowed,
        Truth::No => Answer::Denied,
        Truth::Unknown if is_open => Answer::Unknown,
        Truth::Unknown => Answer::AllowedIf,
    };
    let mut layers = never_read(&question.asker);
    layers.extend([
        account(question, facts, read, decided),
        identity(question, facts, read),
        boundary(question, facts, read),
        bucket_policy(question, facts, read),
        block(facts, read),
        ownership(facts, read),
        acl(facts, read),
        encryption(read),
        key_policy(read),
        key_grants(read),
        object_lock(read),
    ]);
    // A failed request is more important than a dependency on the request in question.
    let questions = read.why.iter().filter(|(ground, why)| {
        is_open && decided.open.contains(ground) && matches!(why, Why::Open(_))
    });
    let asked = questions.map(|(ground, _)| ground.layer()).min();
    Explanation {
        answer,
        decided_by: asked.unwrap_or(decided.by),
        conditions,
        layers,
        notes: notes(question, facts),
    }
}

/// The conditions or failed requests that remain, and whether it is the latter. Failed requests are listed alone: the
/// other conditions mean little while they are unknown.
fn conditions(read: &Read, open: &[Ground]) -> (Vec<String>, bool) {
    let is_open = |ground: Ground| open.contains(&ground);
    let whys = read.why.iter().filter(|(ground, _)| match ground {
        // A policy that allows it does not deny it.
        Ground::IdentityDenies => {
            !(is_open(Ground::IdentityDenies)
                && is_open(Ground::IdentityAllows)
                && read.identity.denies.is_empty())
                && is_open(*ground)
        }
        Ground::BoundaryDenies => {
            is_open(*ground)
                && !(is_open(Ground::BoundaryAllows) && read.boundary.denies.is_empty())
        }
        _ => is_open(*ground),
    });
    let (mut questions, mut conditions) = (Vec::new(), Vec::new());
    for (_, why) in whys {
        let (list, words) = match why {
            Why::Open(words) => (&mut questions, words),
            Why::If(words) => (&mut conditions, words),
        };
        if !list.contains(words) {
            list.push(words.clone());
        }
    }
    if questions.is_empty() {
        (conditions, false)
    } else {
        (questions, true)
    }
}

fn said(layer: Layer, outcome: Outcome, words: impl Into<String>) -> Said {
    Said {
        layer,
        outcome,
        words: words.into(),
        by: Vec::new(),
    }
}

fn never_read(asker: &Asker) -> Vec<Said> {
    let organization = match asker {
        Asker::Anonymous => {
            "Not read: a resource control policy (RCP) of the bucket's organization may refuse the request."
        }
        _ => {
            "Not read: a service control policy (SCP) of the caller's organization or a resource control policy (RCP) of the bucket's may refuse the request."
        }
    };
    let session = match asker {
        Asker::Role { .. } | Asker::Account(_) => said(
            Layer::Session,
            Outcome::Unknown,
            "Not read: a policy that was passed with the session may limit it.",
        ),
        _ => said(
            Layer::Session,
            Outcome::NoEffect,
            "The request is made without a role session.",
        ),
    };
    vec![
        said(Layer::Organization, Outcome::Unknown, organization),
        session,
        said(
            Layer::Endpoint,
            Outcome::Unknown,
            "Not read: a request through a VPC endpoint also needs the endpoint's policy.",
        ),
    ]
}

fn account(question: &Question, facts: &Facts<'_>, read: &Read, decided: &Decided) -> Said {
    let is_decisive = decided.by == Layer::Account && decided.open.is_empty();
    let outcome = match decided.allowed {
        Truth::Yes if is_decisive => Outcome::Allows,
        Truth::No if is_decisive => Outcome::Denies,
        _ => Outcome::NoEffect,
    };
    let owner = facts.account.value();
    let owner = owner.map_or(String::new(), |owner| format!(" ({owner})"));
    let words = match (&question.asker, read.get(Ground::SameAccount)) {
        (Asker::Anonymous, _) if is_decisive => format!(
            "{} is for principals of the bucket owner's account alone.",
            question.action.name
        ),
        (Asker::Anonymous, _) => "An anonymous caller belongs to no account: the bucket's side alone decides.".to_owned(),
        (_, Truth::Unknown) => {
            return said(
                Layer::Account,
                Outcome::Unknown,
                match facts.account.problem() {
                    Some(why) => format!("Which account owns the bucket is not known: {}.", short(why)),
                    None => "Which account owns the bucket is not known.".to_owned(),
                },
            );
        }
        (_, Truth::No) if is_decisive => format!(
            "{} is for principals of the bucket owner's account{owner} alone.",
            question.action.name
        ),
        (Asker::Root { .. }, Truth::Yes) if question.action.is_about_policy() => {
            "No Deny keeps the owner's root user from the bucket policy.".to_owned()
        }
        (Asker::Root { .. }, Truth::Yes) => {
            "The root user of the bucket owner's account may do what is not denied.".to_owned()
        }
        (Asker::Root { .. }, Truth::No) => format!(
            "The bucket belongs to another account{owner}: the bucket's side has to allow the request."
        ),
        (_, Truth::Yes) => {
            "Caller and bucket are of one account: the bucket policy or the caller's own policy has to allow the request.".to_owned()
        }
        (_, Truth::No) => format!(
            "The bucket belongs to another account{owner}: both sides have to allow the request."
        ),
    };
    said(Layer::Account, outcome, words)
}

/// Describes a policy layer with its relevant statements.
fn heard(layer: Layer, hearing: &Hearing, silent: String) -> Said {
    let words = |list: &[Heard], truth: Truth| -> Vec<String> {
        let list = list.iter().filter(|heard| heard.applies == truth);
        list.map(|heard| match heard.undecided.as_slice() {
            [] => heard.words.clone(),
            on => format!("{} (depends on {})", heard.words, on.join(", ")),
        })
        .collect()
    };
    let (denied, allowed) = (hearing.denied(), hearing.allowed());
    let (outcome, sentence, by) = match (denied, allowed) {
        (Truth::Yes, _) => (
            Outcome::Denies,
            "A statement denies the request, and no other layer can allow it.".to_owned(),
            words(&hearing.denies, Truth::Yes),
        ),
        (Truth::Unknown, _) => (
            Outcome::Depends,
            "A statement denies the request under a condition that is not known here.".to_owned(),
            words(&hearing.denies, Truth::Unknown)
                .into_iter()
                .chain(words(&hearing.allows, Truth::Yes))
                .collect(),
        ),
        (Truth::No, Truth::Yes) => (
            Outcome::Allows,
            "A statement allows the request, and none denies it.".to_owned(),
            words(&hearing.allows, Truth::Yes),
        ),
        (Truth::No, Truth::Unknown) => (
            Outcome::Depends,
            "A statement allows the request under a condition that is not known here.".to_owned(),
            words(&hearing.allows, Truth::Unknown),
        ),
        (Truth::No, Truth::No) => (Outcome::Silent, silent, Vec::new()),
    };
    Said {
        layer,
        outcome,
        words: sentence,
        by,
    }
}

fn identity(question: &Question, facts: &Facts<'_>, read: &Read) -> Said {
    let asker = &question.asker;
    if !asker.has_policies() {
        let words = match asker {
            Asker::Anonymous => "An anonymous caller has no policies.",
            _ => "No policy limits a root user.",
        };
        return said(Layer::Identity, Outcome::NoEffect, words);
    }
    let kind = asker.kind();
    let silent = format!("No policy of the {kind} allows {}.", question.action.name);
    let mut heard = heard(Layer::Identity, &read.identity, silent);
    if !facts.identity.missing.is_empty() {
        let missing = facts.identity.missing.join("; ");
        if heard.outcome == Outcome::Silent {
            heard.outcome = Outcome::Unknown;
            heard.words = format!("The {kind}'s policies are not known: {missing}.");
        } else {
            heard.words = format!("{} Other policies are not known: {missing}.", heard.words);
        }
    }
    heard
}

fn boundary(question: &Question, facts: &Facts<'_>, read: &Read) -> Said {
    let asker = &question.asker;
    if !asker.has_policies() {
        let words = format!("{} has no permissions boundary.", asker.words());
        return said(Layer::Boundary, Outcome::NoEffect, words);
    }
    match &facts.identity.boundary {
        Fact::NotSet => said(Layer::Boundary, Outcome::NoEffect, "There is none."),
        Fact::Unknown(why) => said(
            Layer::Boundary,
            Outcome::Unknown,
            format!("Whether there is one is not known: {why}."),
        ),
        Fact::Set(_) => heard(
            Layer::Boundary,
            &read.boundary,
            format!(
                "It does not allow {}, so that no other policy of the {} can.",
                question.action.name,
                asker.kind()
            ),
        ),
    }
}

fn bucket_policy(question: &Question, facts: &Facts<'_>, read: &Read) -> Said {
    match facts.configuration.policy.known() {
        Ok(None) => said(
            Layer::BucketPolicy,
            Outcome::Silent,
            "The bucket has no policy.",
        ),
        Err(why) if why.is_not_there() => said(
            Layer::BucketPolicy,
            Outcome::NoEffect,
            "This endpoint has no bucket policies.",
        ),
        Err(why) => said(
            Layer::BucketPolicy,
            Outcome::Unknown,
            format!("It could not be read: {}.", short(why)),
        ),
        Ok(Some(_)) => {
            let silent = format!(
                "No statement is about {} of {} for this caller.",
                question.action.name,
                question.resource()
            );
            let mut heard = heard(Layer::BucketPolicy, &read.bucket, silent);
            let is_delegated = read.get(Ground::PolicyAllowsAccount).is_yes()
                && read.get(Ground::PolicyAllows).is_no()
                && read.get(Ground::PolicyAllowsSession).is_no()
                && read.get(Ground::SameAccount).is_yes();
            // If nothing grants access to a stranger, it does not matter what might deny it.
            let is_outside = read.get(Ground::SameAccount).is_no();
            if heard.outcome == Outcome::Depends && is_outside && read.bucket.allows.is_empty() {
                return said(
                    Layer::BucketPolicy,
                    Outcome::Silent,
                    "No statement allows the request, and one may deny it.",
                );
            }
            if heard.outcome == Outcome::Allows && is_delegated {
                heard.outcome = Outcome::Silent;
                "A statement names the caller's account, which leaves the decision to the policies of its users and roles."
                    .clone_into(&mut heard.words);
            }
            heard
        }
    }
}

type Reader = fn(&PublicAccess) -> bool;

fn block(facts: &Facts<'_>, read: &Read) -> Said {
    let configuration = facts.configuration;
    let switches: [(&str, Reader); 2] = [
        ("RestrictPublicBuckets", |block| {
            block.restrict_public_buckets
        }),
        ("IgnorePublicAcls", |block| block.ignore_public_acls),
    ];
    let mut by = Vec::new();
    let mut unknown = false;
    for (name, reader) in switches {
        match switch(configuration, reader) {
            Switch::On(whose) => by.push(format!("{whose} has {name} on")),
            Switch::Off => by.push(format!("{name} is off")),
            Switch::Unknown(questions) => {
                unknown = true;
                let why: Vec<String> = questions.iter().map(|why| short(why)).collect();
                by.push(format!("{name} is not known ({})", why.join("; ")));
            }
        }
    }
    let is_outside = read.get(Ground::SameAccount).is_no();
    let by_policy = [
        Ground::PolicyAllows,
        Ground::PolicyAllowsSession,
        Ground::PolicyAllowsAccount,
    ];
    let takes_policy = read.get(Ground::Restricted).is_yes()
        && is_outside
        && by_policy.iter().any(|ground| !read.get(*ground).is_no());
    let takes_acl = read.get(Ground::AclsIgnored).is_yes()
        && !read.get(Ground::AclToAll).is_no()
        && !read.get(Ground::AclsOff).is_yes();
    let (outcome, words) = if takes_policy {
        (
            Outcome::Denies,
            "The bucket policy is public, and RestrictPublicBuckets lets only the bucket owner's account and AWS services through.",
        )
    } else if takes_acl {
        (
            Outcome::Denies,
            "IgnorePublicAcls makes the public grant of the ACL void.",
        )
    } else if unknown {
        (Outcome::Unknown, "It is not known in full.")
    } else {
        (Outcome::NoEffect, "It takes nothing from this request.")
    };
    Said {
        by,
        ..said(Layer::PublicAccessBlock, outcome, words)
    }
}

fn ownership(facts: &Facts<'_>, read: &Read) -> Said {
    let layer = Layer::ObjectOwnership;
    let has_grant = !read.get(Ground::AclToAll).is_no() || !read.get(Ground::AclToAccount).is_no();
    match read.get(Ground::AclsOff) {
        Truth::Yes => {
            let outcome = if has_grant {
                Outcome::Denies
            } else {
                Outcome::NoEffect
            };
            return said(
                layer,
                outcome,
                "BucketOwnerEnforced: the bucket's owner owns every object, and ACLs have no effect.",
            );
        }
        Truth::Unknown => {
            let problem = facts.configuration.ownership.setting.problem();
            let why = problem.map_or_else(String::new, |why| format!(": {}", short(why)));
            return said(
                layer,
                Outcome::Unknown,
                format!("Whether ACLs count is not known{why}."),
            );
        }
        Truth::No => {}
    }
    let ownership = facts.configuration.ownership.value();
    let name = ownership.map_or("ObjectWriter", Ownership::as_str);
    match read.get(Ground::Foreign) {
        Truth::Yes => said(
            layer,
            Outcome::Denies,
            format!(
                "{name}: another account owns the object, so that the bucket policy and the bucket owner's policies cannot grant it. The object's ACL has to."
            ),
        ),
        Truth::Unknown => said(
            layer,
            Outcome::Unknown,
            format!("{name}: whether the bucket's owner owns the object is not known."),
        ),
        Truth::No => said(layer, Outcome::NoEffect, format!("{name}: ACLs count.")),
    }
}

fn acl(facts: &Facts<'_>, read: &Read) -> Said {
    let layer = Layer::Acl;
    if read.get(Ground::AclsOff).is_yes() {
        return said(
            layer,
            Outcome::NoEffect,
            "ACLs have no effect in this bucket.",
        );
    }
    let (to_all, to_account) = (read.get(Ground::AclToAll), read.get(Ground::AclToAccount));
    let is_ignored = read.get(Ground::AclsIgnored).is_yes();
    let truth = if is_ignored {
        to_account
    } else {
        to_all.or(to_account)
    };
    let is_unread = read.grants.is_empty() && truth == Truth::Unknown;
    let (outcome, words) = match truth {
        Truth::Yes => (Outcome::Allows, "A grant allows the request.".to_owned()),
        Truth::Unknown if is_unread => {
            let problem = facts.object.acl.problem();
            let problem = problem.or(facts.configuration.acl.setting.problem());
            let why = problem.map_or_else(String::new, |why| format!(": {}", short(why)));
            (Outcome::Unknown, format!("It could not be read{why}."))
        }
        Truth::Unknown => (
            Outcome::Depends,
            "A grant may allow the request.".to_owned(),
        ),
        Truth::No if is_ignored && !to_all.is_no() => {
            (Outcome::NoEffect, "The public grant is ignored.".to_owned())
        }
        Truth::No => (
            Outcome::Silent,
            "No grant is about this request.".to_owned(),
        ),
    };
    Said {
        by: read.grants.clone(),
        ..said(layer, outcome, words)
    }
}

fn encryption(read: &Read) -> Said {
    let outcome = match read.get(Ground::Key) {
        Truth::Yes => Outcome::NoEffect,
        Truth::No => Outcome::Denies,
        Truth::Unknown if read.encryption.starts_with("The encryption could not") => {
            Outcome::Unknown
        }
        Truth::Unknown => Outcome::Depends,
    };
    said(Layer::Encryption, outcome, read.encryption.clone())
}

fn key_policy(read: &Read) -> Said {
    match &read.key_policy {
        Some((outcome, words, by)) => Said {
            by: by.clone(),
            ..said(Layer::KeyPolicy, *outcome, words.clone())
        },
        None => said(
            Layer::KeyPolicy,
            Outcome::NoEffect,
            "The request needs no KMS key whose policy could be read.",
        ),
    }
}

fn key_grants(read: &Read) -> Said {
    match &read.key_grants {
        Some((outcome, words)) => said(Layer::KeyGrants, *outcome, words.clone()),
        None => said(
            Layer::KeyGrants,
            Outcome::NoEffect,
            "The request needs no key that could have grants for the caller.",
        ),
    }
}

fn object_lock(read: &Read) -> Said {
    match &read.lock {
        Some((outcome, words)) => said(Layer::ObjectLock, *outcome, words.clone()),
        None => said(
            Layer::ObjectLock,
            Outcome::NoEffect,
            "The request changes no version that could be locked.",
        ),
    }
}

fn notes(question: &Question, facts: &Facts<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let action = question.action;
    if facts.object.is_absent {
        notes.push(
            "There is no such object: who may read it gets 404 with s3:ListBucket, and 403 without."
                .to_owned(),
        );
    }
    let blocks: Reader = match action.name {
        "s3:PutBucketPolicy" => |block| block.block_public_policy,
        "s3:PutBucketAcl" | "s3:PutObjectAcl" | "s3:PutObjectVersionAcl" => {
            |block| block.block_public_acls
        }
        _ => return notes,
    };
    if let Switch::On(whose) = switch(facts.configuration, blocks) {
        let what = if action.name == "s3:PutBucketPolicy" {
            "policy"
        } else {
            "ACL"
        };
        notes.push(format!("{whose} refuses a {what} that is public."));
    }
    notes
}
