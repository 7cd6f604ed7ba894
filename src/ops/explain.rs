//! Explains why a request is allowed or denied: requests all relevant facts, and passes them to `domain::explain`.
//!
//! A fact that cannot be read only makes the answer less certain. The only error is a bucket that does not exist.

use chrono::Utc;

use super::account::{self, Account};
use super::state::{stated, unanswered};
use super::{Gate, Meter};
use crate::aws::wire::configuration as wire;
use crate::aws::wire::iam::{self, Holder};
use crate::aws::wire::kms;
use crate::aws::wire::{bucket, object};
use crate::aws::{Aws, Problem, ProblemKind, operations};
use crate::domain::configuration::{
    Configuration, Encryption, Ownership, Policy, Reason, Setting, Unanswered,
};
use crate::domain::explain::{Facts, Lock, explain};
use crate::domain::fact::Fact;
use crate::domain::{BucketName, ObjectKey, VersionId};

pub(crate) use crate::domain::explain::{
    Action, Answer, Asker, Explanation, Identity, Named, ObjectFacts, Outcome, Question, Said,
    UnknownAction,
};

/// The question, with facts that the user specified.
#[derive(Debug, Clone)]
pub(crate) struct Inquiry {
    pub question: Question,
    /// The policies of the caller, if specified; `None` requests them from IAM.
    pub policies: Option<Vec<Named>>,
    /// The permissions boundary, if specified.
    pub boundary: Option<Named>,
    /// Condition keys of the request.
    pub given: Vec<(String, String)>,
    /// The account that owns the bucket, if specified.
    pub account: Option<String>,
    /// The version in question; `None` for the current one.
    pub version: Option<VersionId>,
}

/// Parses an action: by its own name, or by the name of an operation that needs it.
///
/// # Errors
/// [`UnknownAction`] for other texts.
pub(crate) fn action(text: &str) -> Result<Action, UnknownAction> {
    Action::parse(text).or_else(|unknown| {
        operations::named(text)
            .and_then(|operation| Action::parse(operation.permission).ok())
            .ok_or(unknown)
    })
}

/// Requests all relevant facts and explains the request.
///
/// # Errors
/// If the bucket does not exist, or nothing answers.
pub(crate) async fn of(
    aws: &Aws,
    inquiry: &Inquiry,
    gate: &Gate,
    meter: &Meter,
) -> Result<Explanation, Problem> {
    let mut question = inquiry.question.clone();
    let region = gate
        .pass(bucket::region(aws, &question.bucket, meter))
        .await;
    if let Err(problem) = &region
        && matches!(
            problem.kind,
            ProblemKind::NotFound
                | ProblemKind::NoCredentials
                | ProblemKind::ExpiredCredentials
                | ProblemKind::Network
                | ProblemKind::TimedOut
        )
    {
        return Err(problem.clone());
    }
    let (account, owner) = futures::join!(
        account::of(aws, gate, meter),
        gate.pass(aws.buckets_owner(meter)),
    );
    let mut configuration =
        Box::pin(configuration(aws, &question.bucket, &account, gate, meter)).await;
    if let Ok(region) = region {
        configuration.region = Fact::Set(region);
    }
    let own = owner.as_ref().ok().and_then(Option::as_ref);
    let identity = Box::pin(identity(aws, inquiry, &account, &mut question, gate, meter));
    let mut identity = identity.await;
    let is_own_account = question.asker.account() == account.id();
    if is_own_account && question.asker.account().is_some() {
        identity.canonical = own.map(|own| own.id.clone());
    }
    let object = object_facts(
        aws,
        (&question, inquiry.version.as_ref()),
        &configuration,
        &identity,
        gate,
        meter,
    );
    let object = Box::pin(object).await;
    let key_policy = key_policy(aws, &question, &configuration, &object, gate, meter);
    let facts = Facts {
        configuration: &configuration,
        account: &match &inquiry.account {
            Some(given) => Fact::Set(given.clone()),
            None => bucket_account(&question, &account, &configuration, owner.as_ref()),
        },
        object: &object,
        key_policy: &Box::pin(key_policy).await,
        identity: &identity,
        given: &inquiry.given,
        now: Utc::now(),
    };
    Ok(explain(&question, &facts))
}

/// The relevant part of the configuration; the rest stays unknown.
async fn configuration(
    aws: &Aws,
    bucket: &BucketName,
    account: &Account,
    gate: &Gate,
    meter: &Meter,
) -> Configuration {
    macro_rules! ask {
        ($operation:ident, $request:ident) => {
            Box::pin(async {
                let answer = gate.pass(wire::$request(aws, bucket, meter)).await;
                stated(operations::$operation.name, answer)
            })
        };
    }
    let asked = futures::join!(
        ask!(GET_BUCKET_POLICY, policy),
        ask!(GET_BUCKET_POLICY_STATUS, policy_status),
        ask!(GET_PUBLIC_ACCESS_BLOCK, public_access),
        ask!(GET_BUCKET_ACL, acl),
        ask!(GET_BUCKET_OWNERSHIP_CONTROLS, ownership),
        ask!(GET_BUCKET_ENCRYPTION, encryption),
    );
    let nobody = Unanswered {
        call: "none".to_owned(),
        reason: Reason::Other,
        why: "it has no say".to_owned(),
    };
    Configuration {
        policy: asked.0,
        policy_status: asked.1,
        public_access: asked.2,
        account_block: account.block.clone(),
        acl: asked.3,
        ownership: asked.4,
        encryption: asked.5,
        ..Configuration::unknown(bucket.clone(), &nobody)
    }
}

/// The account that owns the bucket: that of the credentials, if the ACL has the same owner as their bucket list.
fn bucket_account(
    question: &Question,
    account: &Account,
    configuration: &Configuration,
    owner: Result<&Option<crate::aws::wire::identity::BucketsOwner>, &Problem>,
) -> Setting<String> {
    let own = match &account.id {
        Fact::Set(own) => own.clone(),
        // A server without accounts has a single one.
        Fact::Unknown(_)
            if configuration
                .account_block
                .setting
                .problem()
                .is_some_and(Unanswered::is_not_there) =>
        {
            return Fact::NotSet;
        }
        other => return other.clone(),
    };
    let owner = match owner {
        Ok(Some(owner)) => &owner.id,
        // If the server returns no owner, all buckets belong to one account.
        Ok(None) => return Fact::Set(own),
        Err(problem) => {
            return Fact::Unknown(unanswered(operations::LIST_BUCKETS.name, problem));
        }
    };
    match configuration.acl.known() {
        Ok(Some(acl)) => match &acl.owner {
            Some(of_bucket) if of_bucket != owner => {
                if question.asker.account() == Some(own.as_str()) {
                    return Fact::Set("not that of the credentials".to_owned());
                }
                Fact::Unknown(Unanswered {
                    call: operations::GET_BUCKET_ACL.name.to_owned(),
                    reason: Reason::Other,
                    why: "the bucket belongs to an account of which only the canonical id is known"
                        .to_owned(),
                })
            }
            _ => Fact::Set(own),
        },
        Ok(None) => Fact::Set(own),
        Err(why) if why.is_not_there() => Fact::Set(own),
        Err(why) => Fact::Unknown(why.clone()),
    }
}

async fn object_facts(
    aws: &Aws,
    (question, version): (&Question, Option<&VersionId>),
    configuration: &Configuration,
    identity: &Identity,
    gate: &Gate,
    meter: &Meter,
) -> ObjectFacts {
    let mut facts = ObjectFacts::default();
    let key = question
        .key
        .as_deref()
        .filter(|_| question.action.is_of_object);
    let Some(key) = key.and_then(|key| ObjectKey::new(key).ok()) else {
        return facts;
    };
    let bucket = &question.bucket;
    let enforced = configuration.ownership.value() == Some(&Ownership::BucketOwnerEnforced);
    match gate
        .pass(object::head(aws, bucket, &key, version, meter))
        .await
    {
        Ok(head) => {
            facts.encryption = head.encryption.map_or(Fact::NotSet, |encryption| {
                Fact::Set(Encryption {
                    algorithm: encryption.algorithm,
                    key_id: encryption.key_id,
                    bucket_key: encryption.bucket_key,
                    blocked: None,
                })
            });
        }
        Err(problem) if problem.kind == ProblemKind::NotFound => {
            facts.is_absent = true;
            facts.lock = Fact::Unknown(Unanswered {
                call: operations::HEAD_OBJECT.name.to_owned(),
                reason: Reason::Other,
                why: "there is no such object, or a delete marker is its current version: a version of it is asked about with --version-id".to_owned(),
            });
            return facts;
        }
        Err(problem) => {
            facts.encryption = Fact::Unknown(unanswered(operations::HEAD_OBJECT.name, &problem));
        }
    }
    if matches!(
        question.action.name,
        "s3:DeleteObjectVersion" | "s3:PutObjectRetention"
    ) {
        facts.lock = lock(aws, (bucket, &key, version), gate, meter).await;
    }
    if !enforced {
        let asked = gate.pass(object::acl(aws, bucket, &key, meter)).await;
        facts.acl = match asked {
            Ok(acl) => Fact::Set(acl),
            Err(problem) => Fact::Unknown(unanswered(operations::GET_OBJECT_ACL.name, &problem)),
        };
    }
    let asks_for_tags = |policy: &Policy| {
        policy.condition_keys().any(|key| {
            key.to_ascii_lowercase()
                .starts_with("s3:existingobjecttag/")
        })
    };
    let policies = identity.policies.iter().map(|named| &named.policy);
    if policies
        .chain(configuration.policy.value())
        .any(asks_for_tags)
    {
        let asked = gate
            .pass(object::tags(aws, bucket, &key, version, meter))
            .await;
        facts.tags = match asked {
            Ok(tags) => Fact::Set(tags),
            Err(problem) => {
                Fact::Unknown(unanswered(operations::GET_OBJECT_TAGGING.name, &problem))
            }
        };
    }
    facts
}

/// The locks of a version. Both requests must succeed: unknown does not mean "no lock".
async fn lock(
    aws: &Aws,
    (bucket, key, version): (&BucketName, &ObjectKey, Option<&VersionId>),
    gate: &Gate,
    meter: &Meter,
) -> Setting<Lock> {
    let (retention, hold) = futures::join!(
        gate.pass(object::retention(aws, bucket, key, version, meter)),
        gate.pass(object::has_legal_hold(aws, bucket, key, version, meter)),
    );
    let unknown = |operation: &operations::Operation, problem: &Problem| {
        Fact::Unknown(unanswered(operation.name, problem))
    };
    // A known hold decides, whatever the other response is.
    let has_legal_hold = match hold {
        Ok(has_hold) => has_hold,
        Err(problem) => return unknown(&operations::GET_OBJECT_LEGAL_HOLD, &problem),
    };
    let retention = match retention {
        Ok(retention) => retention,
        Err(_) if has_legal_hold => None,
        Err(problem) => return unknown(&operations::GET_OBJECT_RETENTION, &problem),
    };
    let has_event_hold = retention
        .as_ref()
        .is_some_and(|one| one.event_hold.is_some());
    let retention = retention.and_then(|one| Some((one.mode?, one.until)));
    if retention.is_none() && !has_legal_hold && !has_event_hold {
        return Fact::NotSet;
    }
    Fact::Set(Lock {
        retention,
        has_legal_hold,
        has_event_hold,
    })
}

/// The policy of the KMS key that the request needs, if its ARN is known.
async fn key_policy(
    aws: &Aws,
    question: &Question,
    configuration: &Configuration,
    object: &ObjectFacts,
    gate: &Gate,
    meter: &Meter,
) -> Fact<Policy, String> {
    let encryption = match question.action.of_kms() {
        None => return Fact::NotSet,
        Some("kms:GenerateDataKey") => configuration.encryption.value(),
        Some(_) => object.encryption.value(),
    };
    let Some(encryption) = encryption.filter(|encryption| encryption.is_kms()) else {
        return Fact::NotSet;
    };
    let Some(id) = encryption.key_id.as_deref() else {
        return Fact::Unknown("the service does not name the key".to_owned());
    };
    if !(id.starts_with("arn:") && id.contains(":key/")) {
        return Fact::Unknown(format!(
            "{id} is no ARN of a key, and KMS takes nothing else for this question"
        ));
    }
    let read = gate.pass(kms::key_policy(aws, id, meter)).await;
    match read.map_err(|problem| reason(&problem)) {
        Ok(text) => match Policy::parse(&text) {
            Ok(policy) => Fact::Set(policy),
            Err(why) => Fact::Unknown(format!("it cannot be read: {why}")),
        },
        Err(why) => Fact::Unknown(why),
    }
}

/// The caller's own policies: as specified, or from IAM for a caller in the account of the credentials.
async fn identity(
    aws: &Aws,
    inquiry: &Inquiry,
    account: &Account,
    question: &mut Question,
    gate: &Gate,
    meter: &Meter,
) -> Identity {
    let given = |boundary: Fact<Named, String>| match &inquiry.boundary {
        Some(named) => Fact::Set(named.clone()),
        None => boundary,
    };
    if let Some(policies) = &inquiry.policies {
        return Identity {
            policies: policies.clone(),
            missing: Vec::new(),
            boundary: given(Fact::NotSet),
            canonical: None,
        };
    }
    let mut found = match holder(&question.asker) {
        None => Identity::unknown("they were not given"),
        Some(_) if account.id() != question.asker.account() => {
            Identity::unknown("IAM tells them to the caller's own account alone")
        }
        Some(holder) => {
            let read = Box::pin(of_holder(aws, &holder, gate, meter));
            let (identity, arn) = read.await;
            // A session's ARN does not contain the path of its role.
            if let (Asker::Role { arn: known, .. }, Some(arn)) = (&mut question.asker, arn) {
                *known = arn;
            }
            identity
        }
    };
    found.boundary = given(found.boundary);
    found
}

fn holder(asker: &Asker) -> Option<Holder> {
    let name = |arn: &str| arn.rsplit('/').next().unwrap_or_default().to_owned();
    match asker {
        Asker::Role { arn, .. } => Some(Holder::Role(name(arn))),
        Asker::User { arn, .. } => Some(Holder::User(name(arn))),
        Asker::Anonymous | Asker::Account(_) | Asker::Root { .. } => None,
    }
}

/// The policies and the ARN of a role or user in IAM. Policies that cannot be read are listed as missing.
async fn of_holder(
    aws: &Aws,
    holder: &Holder,
    gate: &Gate,
    meter: &Meter,
) -> (Identity, Option<String>) {
    let mut found = Identity {
        policies: Vec::new(),
        missing: Vec::new(),
        boundary: Fact::NotSet,
        canonical: None,
    };
    let entity = match gate.pass(iam::entity(aws, holder, meter)).await {
        Ok(entity) => Some(entity),
        Err(problem) => {
            let why = reason(&problem);
            // A role that does not exist has no policies, and an endpoint without IAM has none at all.
            if !matches!(problem.kind, ProblemKind::Denied) {
                return (Identity::unknown(why), None);
            }
            found.boundary = Fact::Unknown(why);
            None
        }
    };
    let mut holders = vec![holder.clone()];
    if matches!(holder, Holder::User(_)) {
        match gate.pass(iam::groups(aws, holder, meter)).await {
            Ok(groups) => holders.extend(groups),
            Err(problem) => found.missing.push(reason(&problem)),
        }
    }
    for holder in &holders {
        of_one(aws, holder, &mut found, gate, meter).await;
    }
    let boundary = entity.as_ref().and_then(|entity| entity.boundary.clone());
    if let Some(arn) = boundary {
        let read = gate.pass(iam::managed_document(aws, &arn, meter)).await;
        found.boundary = match read.map_err(|problem| reason(&problem)) {
            Ok(text) => match Policy::parse_of_identity(&text) {
                Ok(policy) => Fact::Set(Named { name: arn, policy }),
                Err(why) => Fact::Unknown(format!("{arn} cannot be read: {why}")),
            },
            Err(why) => Fact::Unknown(why),
        };
    }
    let arn = entity
        .map(|entity| entity.arn)
        .filter(|arn| !arn.is_empty());
    (found, arn)
}

/// The inline and attached policies of a role, user or group.
async fn of_one(aws: &Aws, holder: &Holder, found: &mut Identity, gate: &Gate, meter: &Meter) {
    let mut texts = Vec::new();
    match gate.pass(iam::inline(aws, holder, meter)).await {
        Ok(names) => {
            for name in names {
                let asked = iam::inline_document(aws, holder, &name, meter);
                let words = format!("inline policy {name} of {}", holder.words());
                texts.push((words, gate.pass(asked).await));
            }
        }
        Err(problem) => found.missing.push(reason(&problem)),
    }
    match gate.pass(iam::attached(aws, holder, meter)).await {
        Ok(arns) => {
            for arn in arns {
                let asked = iam::managed_document(aws, &arn, meter);
                let text = gate.pass(asked).await;
                texts.push((arn, text));
            }
        }
        Err(problem) => found.missing.push(reason(&problem)),
    }
    for (name, text) in texts {
        let policy = text.map_err(|problem| reason(&problem)).and_then(|text| {
            Policy::parse_of_identity(&text).map_err(|why| format!("{name} cannot be read: {why}"))
        });
        match policy {
            Ok(policy) => found.policies.push(Named { name, policy }),
            Err(why) => found.missing.push(why),
        }
    }
}

/// A short reason why IAM failed.
fn reason(problem: &Problem) -> String {
    match problem.permission {
        Some(permission) if problem.kind == ProblemKind::Denied => {
            format!("the credentials need {permission}")
        }
        _ => problem.to_string(),
    }
}
