//! Encryption: whether the caller may use the KMS key of the object, or of the data to write.
//!
//! Source: *Key policies in AWS KMS*, *Default key policy* and *Allowing users in other accounts to use a KMS key* (KMS
//! developer guide). A caller's own policy allows the use of a key only if the key policy names the caller's account. A
//! caller of another account needs both. A grant allows the use of a key without either, and nothing that a policy denies
//! (*KMS key access and permissions*). Grants are not read.

use super::decide::Ground;
use super::read::{Heard, Hearing, Read, Why, hear, named_how};
use super::{Asker, Facts, Outcome, Question, short};
use crate::domain::configuration::Encryption;
use crate::domain::fact::Fact;
use crate::domain::policy::{Caller, Context, Policy, Request, Truth, account_of};

/// Whether encryption prevents the request.
pub(super) fn read(question: &Question, facts: &Facts<'_>, caller: &Caller, read: &mut Read) {
    read.set(Ground::Key, Truth::Yes);
    read.set(Ground::KeyPolicy, Truth::Yes);
    let Some(needs) = question.action.of_kms() else {
        "The action needs no key.".clone_into(&mut read.encryption);
        return;
    };
    let writes = needs == "kms:GenerateDataKey";
    let encryption = if writes {
        &facts.configuration.encryption.setting
    } else {
        &facts.object.encryption
    };
    let encryption = match encryption.known() {
        Err(why) if !why.is_not_there() => {
            let words = format!("how the object is encrypted is not known ({})", short(why));
            read.encryption = format!("The encryption could not be read: {}.", short(why));
            read.unknown(Ground::Key, Why::Open(words));
            return;
        }
        Ok(Some(encryption)) => encryption,
        _ => {
            "No KMS key is involved.".clone_into(&mut read.encryption);
            return;
        }
    };
    if encryption.algorithm == "SSE-C" {
        "The object is encrypted with a key that its writer keeps (SSE-C)."
            .clone_into(&mut read.encryption);
        let words = "the request sends the object's SSE-C key";
        read.unknown(Ground::Key, Why::If(words.to_owned()));
        return;
    }
    if !encryption.is_kms() {
        read.encryption = format!("{} needs no permission for a key.", encryption.algorithm);
        return;
    }
    let name = encryption.key_id.as_deref().unwrap_or("aws/s3");
    if matches!(question.asker, Asker::Anonymous) {
        read.set(Ground::Key, Truth::No);
        read.encryption = format!(
            "{} with KMS key {name}: KMS takes no anonymous requests.",
            encryption.algorithm
        );
        return;
    }
    let key = Key::new(question, facts, caller, needs, encryption);
    let own = key.own(facts);
    if is_managed(encryption, writes) {
        of_aws(encryption, &key, facts, &own, read);
    } else {
        of_customer(&key, facts, &own, read);
    }
}

/// Whether the key is the AWS managed key for S3. A default encryption without a key id uses that key. For an object,
/// the service may just not return the key id.
fn is_managed(encryption: &Encryption, writes: bool) -> bool {
    match encryption.key_id.as_deref() {
        Some(id) => id.ends_with("alias/aws/s3"),
        None => writes,
    }
}

/// The AWS managed key. Its policy cannot be changed; it allows every principal of its account through S3, and no other
/// (*AWS managed keys*).
fn of_aws(
    encryption: &Encryption,
    key: &Key<'_>,
    facts: &Facts<'_>,
    own: &Hearing,
    read: &mut Read,
) {
    let needs = key.needs;
    let is_same = read.get(Ground::SameAccount);
    read.encryption = format!(
        "{} with the AWS managed key aws/s3: every principal of the bucket's account may use it through S3, and nobody else.",
        encryption.algorithm
    );
    let (within, beyond) = key.boundary(facts);
    // A statement about one key may apply to this key, whose ARN is unknown here.
    let policies = facts.identity.policies.iter();
    let mut denying = policies.flat_map(|named| named.policy.statements.iter());
    let may_deny = key.arn.is_none()
        && key.asker.has_policies()
        && denying.any(|one| !one.allow && !one.actions.include_action(needs).is_no());
    let denied = match own.denied() {
        Truth::No if may_deny => Truth::Unknown,
        denied => denied,
    };
    let is_limited = matches!(key.asker, Asker::Role { .. });
    let within = if is_limited { within } else { Truth::Yes };
    let truth = is_same.and(!denied.or(beyond)).and(within);
    read.set(Ground::Key, truth);
    if own.denied().is_yes() {
        read.encryption = format!(
            "The request needs {needs} on the AWS managed key aws/s3, and the caller's own policy denies it: {}.",
            names(&own.denies)
        );
    } else if truth.is_no() && !is_same.is_no() {
        read.encryption = format!(
            "The request needs {needs} on the AWS managed key aws/s3, and the caller's permissions boundary does not allow it."
        );
    }
    if truth != Truth::Unknown {
        return;
    }
    read.why.push((
        Ground::Key,
        if is_same == Truth::Unknown {
            Why::Open("which account owns the bucket is not known".to_owned())
        } else {
            Why::If(format!(
                "no policy of the caller keeps it from {needs} on the AWS managed key aws/s3"
            ))
        },
    ));
}

/// A key, and S3's request to KMS on behalf of the caller.
struct Key<'a> {
    asker: &'a Asker,
    caller: &'a Caller,
    needs: &'a str,
    /// Its ARN or id, for messages.
    name: &'a str,
    /// Its ARN, if known.
    arn: Option<&'a str>,
    context: Context,
}

impl<'a> Key<'a> {
    fn new(
        question: &'a Question,
        facts: &Facts<'_>,
        caller: &'a Caller,
        needs: &'a str,
        encryption: &'a Encryption,
    ) -> Self {
        let id = encryption.key_id.as_deref();
        let arn = id.filter(|id| id.starts_with("arn:") && id.contains(":key/"));
        let mut context = Context::open()
            .with("aws:SecureTransport", "true")
            .with("aws:ViaAWSService", "true");
        // With an S3 Bucket Key, the encryption context is only the bucket's ARN (*Reducing the cost of SSE-KMS*).
        let of = if encryption.bucket_key {
            format!("arn:aws:s3:::{}", question.bucket)
        } else {
            question.resource()
        };
        context.set("kms:EncryptionContext:aws:s3:arn", Some(vec![of]));
        context.set(
            "kms:EncryptionContextKeys",
            Some(vec!["aws:s3:arn".to_owned()]),
        );
        if let Some(region) = arn.and_then(|arn| arn.split(':').nth(3)) {
            context = context.with("kms:ViaService", format!("s3.{region}.amazonaws.com"));
        }
        if let Some(account) = question.asker.account() {
            context = context
                .with("kms:CallerAccount", account)
                .with("aws:PrincipalAccount", account);
        }
        if let Asker::User { arn, .. } | Asker::Role { arn, .. } | Asker::Root { arn, .. } =
            &question.asker
        {
            context = context.with("aws:PrincipalArn", arn);
        }
        for (key, value) in facts.given {
            context.set(key, Some(vec![value.clone()]));
        }
        Self {
            asker: &question.asker,
            caller,
            needs,
            name: id.unwrap_or("that the service does not name"),
            arn,
            context,
        }
    }

    fn request(&self) -> Request<'_> {
        Request {
            caller: self.caller,
            action: self.needs,
            // Only `*` matches a key of unknown ARN.
            resource: self.arn.unwrap_or("arn:aws:kms:::key/"),
            context: &self.context,
        }
    }

    /// What the caller's own policies and boundary say about the key.
    fn own(&self, facts: &Facts<'_>) -> Hearing {
        let mut own = Hearing::default();
        if !self.asker.has_policies() {
            return own;
        }
        for named in &facts.identity.policies {
            own.add(hear(&named.policy, Some(&named.name), &self.request()));
        }
        own
    }

    /// Whether the boundary allows the use of the key, and whether it denies it.
    fn boundary(&self, facts: &Facts<'_>) -> (Truth, Truth) {
        if !self.asker.has_policies() {
            return (Truth::Yes, Truth::No);
        }
        match &facts.identity.boundary {
            Fact::NotSet => (Truth::Yes, Truth::No),
            Fact::Unknown(_) => (Truth::Unknown, Truth::Unknown),
            Fact::Set(named) => {
                let heard = hear(&named.policy, Some(&named.name), &self.request());
                (heard.allowed(), heard.denied())
            }
        }
    }

    /// Whether key and caller belong to different accounts.
    fn is_elsewhere(&self) -> bool {
        match (self.arn.and_then(account_of), self.asker.account()) {
            (Some(key), Some(caller)) => key != caller,
            _ => false,
        }
    }
}

fn names(heard: &[Heard]) -> String {
    let words: Vec<&str> = heard.iter().map(|heard| heard.words.as_str()).collect();
    words.join("; ")
}

/// What the key policy says about the request.
struct KeyPolicy {
    heard: Hearing,
    denied: Truth,
    /// Whether it names the caller itself, or everybody.
    itself: Truth,
    /// Whether it names the caller's session.
    session: Truth,
    /// Whether it names the caller's account, which delegates to the caller's own policies.
    account: Truth,
}

impl KeyPolicy {
    fn unknown() -> Self {
        Self {
            heard: Hearing::default(),
            denied: Truth::Unknown,
            itself: Truth::Unknown,
            session: Truth::No,
            account: Truth::Unknown,
        }
    }

    fn of(policy: &Policy, key: &Key<'_>) -> Self {
        let request = key.request();
        let heard = hear(policy, None, &request);
        let mut found = [Truth::No; 3];
        for statement in policy.statements.iter().filter(|s| s.allow) {
            let applies = policy.applies(statement, &request);
            let how = named_how(key.asker, statement, key.caller);
            for (place, how) in found.iter_mut().zip(how) {
                *place = place.or(applies.and(how));
            }
        }
        let [itself, session, account] = found;
        Self {
            denied: heard.denied(),
            heard,
            itself,
            session,
            account,
        }
    }

    fn allowed(&self) -> Truth {
        self.itself.or(self.session).or(self.account)
    }
}

/// A customer managed key: its policy, and the caller's own policies if the key policy delegates or the account
/// differs.
fn of_customer(key: &Key<'_>, facts: &Facts<'_>, own: &Hearing, read: &mut Read) {
    let (name, needs) = (key.name, key.needs);
    let policy = match facts.key_policy {
        Fact::Set(policy) => KeyPolicy::of(policy, key),
        Fact::NotSet | Fact::Unknown(_) => KeyPolicy::unknown(),
    };
    say_of_policy(key, facts, &policy, read);
    if !key.asker.has_policies() {
        // No policy limits a root user, and the name of the account includes its own root user.
        read.encryption = format!("The request needs {needs} on KMS key {name}.");
        say_of_grants(key, policy.denied, read);
        return;
    }
    let (within, beyond) = key.boundary(facts);
    let missing = !facts.identity.missing.is_empty();
    let unless_missing = |truth: Truth| match truth {
        Truth::No if missing => Truth::Unknown,
        truth => truth,
    };
    let denied = unless_missing(own.denied()).or(beyond);
    let allowed = unless_missing(own.allowed()).and(within);
    // A permissions boundary limits what a policy grants to the ARN of a role, but not what it grants to a user or a
    // session.
    let is_limited = matches!(key.asker, Asker::Role { .. });
    let itself = if is_limited {
        policy.itself.and(within)
    } else {
        policy.itself
    };
    let by_itself = itself.or(policy.session);
    let may = if key.is_elsewhere() {
        allowed
    } else {
        by_itself.or(allowed)
    };
    let truth = may.and(!denied);
    read.set(Ground::Key, truth);
    say_of_grants(key, policy.denied.or(own.denied()).or(beyond), read);
    let whose = if key.is_elsewhere() {
        " of another account"
    } else {
        ""
    };
    read.encryption = if own.denied().is_yes() {
        format!(
            "The request needs {needs} on KMS key {name}, and the caller's own policy denies it: {}.",
            names(&own.denies)
        )
    } else if truth.is_no() && allowed.is_no() && !within.is_yes() && own.allowed().is_yes() {
        format!(
            "The request needs {needs} on KMS key {name}{whose}, and the caller's permissions boundary does not allow it."
        )
    } else if truth.is_no() {
        format!(
            "The request needs {needs} on KMS key {name}{whose}, and the caller's own policies do not allow it."
        )
    } else if by_itself.is_yes() && !key.is_elsewhere() {
        format!("The request needs {needs} on KMS key {name}, whose policy names the caller.")
    } else if allowed.is_yes() {
        format!(
            "The request needs {needs} on KMS key {name}{whose}, and the caller's own policies allow it."
        )
    } else {
        format!("The request needs {needs} on KMS key {name}{whose}.")
    };
    if truth != Truth::Unknown {
        return;
    }
    let words = if allowed.is_no() {
        format!(
            "the policy of KMS key {name} allows the caller {needs} by itself, for the caller's own policies do not"
        )
    } else {
        format!("the caller's own policies allow {needs} on KMS key {name}")
    };
    read.why.push((Ground::Key, Why::If(words)));
}

/// Reports the key policy as a layer of its own.
fn say_of_policy(key: &Key<'_>, facts: &Facts<'_>, policy: &KeyPolicy, read: &mut Read) {
    let (name, needs) = (key.name, key.needs);
    let truth = policy.allowed().and(!policy.denied);
    read.set(Ground::KeyPolicy, truth);
    let listed = |list: &[Heard]| list.iter().map(|heard| heard.words.clone()).collect();
    let said = match facts.key_policy {
        Fact::NotSet => (
            Outcome::Unknown,
            format!("The policy of KMS key {name} is not known."),
            Vec::new(),
        ),
        Fact::Unknown(why) => (
            Outcome::Unknown,
            format!("The policy of KMS key {name} is not known: {why}."),
            Vec::new(),
        ),
        Fact::Set(_) if policy.denied.is_yes() => (
            Outcome::Denies,
            format!("The policy of KMS key {name} denies {needs}, and nothing else can allow it."),
            listed(&policy.heard.denies),
        ),
        Fact::Set(_) if truth.is_no() => (
            Outcome::Denies,
            format!(
                "The policy of KMS key {name} allows {needs} neither to the caller nor to the caller's account: without it no other policy can."
            ),
            Vec::new(),
        ),
        Fact::Set(_) if truth.is_yes() => {
            let words = if policy.itself.or(policy.session).is_yes() {
                format!("The policy of KMS key {name} allows {needs} to the caller.")
            } else {
                format!(
                    "The policy of KMS key {name} names the caller's account, which leaves {needs} to the policies of its users and roles."
                )
            };
            (Outcome::Allows, words, listed(&policy.heard.allows))
        }
        Fact::Set(_) => {
            let heard = policy.heard.denies.iter().chain(&policy.heard.allows);
            let by = heard.map(|heard| match heard.undecided.as_slice() {
                [] => heard.words.clone(),
                on => format!("{} (depends on {})", heard.words, on.join(", ")),
            });
            (
                Outcome::Depends,
                format!("The policy of KMS key {name} has a condition that is not known here."),
                by.collect(),
            )
        }
    };
    read.key_policy = Some(said);
    if truth == Truth::Unknown {
        let words = format!("the policy of KMS key {name} allows {needs}");
        read.why.push((Ground::KeyPolicy, Why::If(words)));
    }
}

/// Reports what the key's grants could do. They help where no policy allows the use of the key and none denies it.
fn say_of_grants(key: &Key<'_>, denied: Truth, read: &mut Read) {
    let (name, needs) = (key.name, key.needs);
    let is_usable = read.get(Ground::Key).and(read.get(Ground::KeyPolicy));
    read.key_grants = Some(if denied.is_yes() {
        (
            Outcome::NoEffect,
            "A policy denies the use of the key, which no grant can allow.".to_owned(),
        )
    } else if is_usable.is_yes() {
        (
            Outcome::NoEffect,
            "The request needs no grant: policies allow the use of the key.".to_owned(),
        )
    } else {
        (
            Outcome::Unknown,
            format!(
                "The grants of KMS key {name} were not looked at, and one of them may allow the caller {needs}."
            ),
        )
    });
}
