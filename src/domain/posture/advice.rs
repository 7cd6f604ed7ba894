//! What to advise: it follows what the blueprint wants and what the bucket is, so that following it makes no other finding.
//!
//! An advice that sets one thing names what has to be set with it: versions need a rule that expires them, KMS needs replication
//! that selects its objects, a switched-on block needs the grants to be removed that it makes void. A test applies every advice
//! to the configuration it was given for and looks for findings that were not there before.

use std::collections::BTreeMap;

use super::blocked;
use super::case::{Case, ObjectAcl, Sample};
use super::cors::WRITES;
use super::drift;
use super::encryption::{is_as_wanted, same_key};
use crate::domain::advice::action::BlueprintSetting;
use crate::domain::advice::{Action, Advice, EncryptWith, KmsKey, advice};
use crate::domain::blueprint::expect::{Algorithm, WantedOwnership, WantedRule};
use crate::domain::configuration::{
    CUSTOMER_KEYS, CorsRule, Encryption, Expiration, Filter, Grantee, Lifecycle,
    NoncurrentExpiration, NoncurrentTransition, Ownership, Policy, PublicAccess, Rule, Transition,
    VersioningState, When,
};
use crate::domain::lifecycle::class::minimum_stay;
use crate::domain::policy::{Power, Reach};
use crate::domain::{BucketName, StorageClass};

/// Days that old versions and incomplete uploads are kept where nobody said how long.
const NONCURRENT: u32 = 30;
const UPLOADS: u32 = 7;

/// All switches of a public access block.
const BLOCKED: PublicAccess = PublicAccess {
    block_public_acls: true,
    ignore_public_acls: true,
    block_public_policy: true,
    restrict_public_buckets: true,
};

/// The algorithm and the key that objects should have: the blueprint's, else the bucket's default; SSE-S3 where neither says
/// anything.
fn encrypt_with(case: &Case<'_>) -> EncryptWith {
    let default = case.configuration.encryption.value();
    let Some(wanted) = case.expect().and_then(|expect| expect.encryption.as_ref()) else {
        return default.map_or_else(EncryptWith::s3, EncryptWith::like);
    };
    let algorithm = match wanted.algorithm {
        Algorithm::Aes256 => return EncryptWith::s3(),
        Algorithm::Kms => "aws:kms",
        Algorithm::KmsDsse => "aws:kms:dsse",
    };
    let of_default = || {
        let key = default.filter(|default| default.is_kms())?.key_id.clone()?;
        (!key.ends_with("alias/aws/s3")).then_some(key)
    };
    let key = match wanted.key.as_deref() {
        Some("own") => of_default().map_or(KmsKey::ToChoose, KmsKey::Named),
        Some(key) => KmsKey::Named(key.to_owned()),
        // Any key is right: the one that the bucket has, else the account's.
        None => match default.filter(|default| default.is_kms()) {
            Some(default) => default
                .key_id
                .clone()
                .map_or(KmsKey::Default, KmsKey::Named),
            None => KmsKey::Default,
        },
    };
    EncryptWith {
        algorithm: algorithm.to_owned(),
        key,
    }
}

/// Sets the default encryption to what it should be, and what has to be changed with it.
pub(super) fn default_encryption(case: &Case<'_>) -> Advice {
    let with = encrypt_with(case);
    let found = case.configuration.encryption.value();
    let wanted = case.expect().and_then(|expect| expect.encryption.as_ref());
    let bucket_key = wanted
        .and_then(|wanted| wanted.bucket_key)
        // S3 Bucket Keys are not for DSSE-KMS.
        .unwrap_or(with.algorithm == "aws:kms");
    let bucket_key = bucket_key && with.is_kms();
    let blocked = found.and_then(|found| found.blocked.clone());
    let mut advice = select_kms(case, &with);
    advice = advice.then(Action::SetEncryption {
        bucket: case.bucket().clone(),
        with: with.clone(),
        bucket_key,
        blocked,
    });
    // What has another key than the new default would be found next.
    let others = |sample: &&Sample| has_another_key(sample, &with);
    if with.is_kms() && case.samples.iter().any(|sample| others(&sample)) {
        advice = advice.then(objects(case, &with));
    }
    advice
}

/// Whether an object would not have the key of a default like this.
fn has_another_key(sample: &Sample, with: &EncryptWith) -> bool {
    let Some(algorithm) = sample.algorithm.as_deref() else {
        return true;
    };
    match (&sample.key_id, &with.key) {
        (Some(found), KmsKey::Named(key)) => !same_key(found, key),
        (_, KmsKey::ToChoose) => true,
        (Some(_), KmsKey::Default) => false,
        (None, _) => !algorithm.starts_with("aws:kms"),
    }
}

/// Replication leaves objects under KMS keys out that no rule selects.
fn select_kms(case: &Case<'_>, with: &EncryptWith) -> Advice {
    let replication = case.configuration.replication.value();
    let rules: Vec<String> = replication
        .into_iter()
        .flat_map(|replication| &replication.rules)
        .filter(|rule| rule.enabled && !rule.kms_encrypted)
        .map(|rule| rule.id.clone())
        .collect();
    if !with.is_kms() || rules.is_empty() {
        return Advice::default();
    }
    Advice::from(Action::SelectKmsObjects {
        bucket: case.bucket().clone(),
        rules,
    })
}

/// Encrypts objects as the others are: each is copied onto itself. Where the default is not what is wanted, it comes first.
pub(super) fn encrypt_again(case: &Case<'_>) -> Advice {
    let with = encrypt_with(case);
    first_the_default(case, &with).then(copy(case, with))
}

fn copy(case: &Case<'_>, with: EncryptWith) -> Action {
    Action::EncryptObjects {
        bucket: case.bucket().clone(),
        with,
        has_customer_keys: case.samples.iter().any(is_customers),
    }
}

/// What has to be as wanted before objects are encrypted so, lest they differ from the default.
fn first_the_default(case: &Case<'_>, with: &EncryptWith) -> Advice {
    let found = case.configuration.encryption.value();
    let wanted = case.expect().and_then(|expect| expect.encryption.as_ref());
    match (wanted, found) {
        (Some(wanted), Some(found)) if !is_as_wanted(wanted, found) => {
            let bucket_key = wanted
                .bucket_key
                .unwrap_or(wanted.algorithm == Algorithm::Kms);
            select_kms(case, with).then(Action::SetEncryption {
                bucket: case.bucket().clone(),
                with: with.clone(),
                bucket_key: bucket_key && with.is_kms(),
                blocked: found.blocked.clone(),
            })
        }
        _ => select_kms(case, with),
    }
}

/// How objects get the bucket's key that have another one.
pub(super) fn right_key(case: &Case<'_>) -> Advice {
    let with = encrypt_with(case);
    advice!("leave the encryption headers out of uploads")
        .then(first_the_default(case, &with))
        .then(objects(case, &with))
}

/// Changes the key in place where that can be done, and by a copy otherwise.
fn objects(case: &Case<'_>, with: &EncryptWith) -> Advice {
    let copied = copy(case, with.clone());
    match &with.key {
        KmsKey::Named(arn) if with.algorithm == "aws:kms" && can_be_updated_to(case, arn) => {
            Advice::from(vec![
                Action::UpdateObjectKeys {
                    bucket: case.bucket().clone(),
                    key: arn.clone(),
                    some_have_to_be_copied: case.samples.iter().any(cannot_be_updated),
                },
                copied,
            ])
        }
        _ => Advice::from(copied),
    }
}

/// Whether `UpdateObjectEncryption` takes this key: an ARN, and not one of another account.
fn can_be_updated_to(case: &Case<'_>, key: &str) -> bool {
    let mut parts = key.split(':');
    let is_arn = parts.next() == Some("arn") && key.contains(":key/");
    let owner = parts.nth(3);
    is_arn && case.account.is_none_or(|account| owner == Some(account))
}

/// Whether `UpdateObjectEncryption` refuses an object because of how it is encrypted now.
fn cannot_be_updated(sample: &Sample) -> bool {
    matches!(
        sample.algorithm.as_deref(),
        Some("aws:kms:dsse" | CUSTOMER_KEYS)
    )
}

fn is_customers(sample: &Sample) -> bool {
    sample.algorithm.as_deref() == Some(CUSTOMER_KEYS)
}

/// What to do about a bucket key that does nothing.
pub(super) fn bucket_key(case: &Case<'_>, found: &Encryption) -> Advice {
    let wanted = case.expect().and_then(|expect| expect.encryption.as_ref());
    match wanted.map(|wanted| wanted.algorithm) {
        Some(Algorithm::Kms | Algorithm::KmsDsse) => default_encryption(case),
        Some(Algorithm::Aes256) | None => Advice::from(Action::SetEncryption {
            bucket: case.bucket().clone(),
            with: EncryptWith::like(found),
            bucket_key: false,
            blocked: found.blocked.clone(),
        }),
    }
}

/// Sets the list of refused encryption types to what is wanted. Objects under a type that is to be refused come first.
pub(super) fn refuse_types(case: &Case<'_>, found: &Encryption, wanted: Vec<String>) -> Advice {
    let refuses = wanted.iter().any(|kind| kind == CUSTOMER_KEYS);
    let first = if refuses && case.samples.iter().any(is_customers) {
        let with = encrypt_with(case);
        first_the_default(case, &with).then(copy(case, with))
    } else {
        Advice::default()
    };
    let demands = refuses.then(|| remove_statements(case, &blocked::demanding(case)));
    let first = demands
        .flatten()
        .map_or(Advice::default(), Advice::from)
        .then(first);
    first.then(Action::SetEncryption {
        bucket: case.bucket().clone(),
        with: EncryptWith::like(found),
        bucket_key: found.bucket_key,
        blocked: Some(wanted),
    })
}

/// What to do where something needs SSE-C and the bucket refuses it: what the blueprint says of the two decides.
pub(super) fn allow_customer_keys(case: &Case<'_>) -> Option<Action> {
    let found = case.configuration.encryption.value()?;
    let wanted = case.expect().and_then(|expect| expect.encryption.as_ref());
    let wants_refusal = wanted
        .and_then(|wanted| wanted.blocked.as_ref())
        .is_some_and(|blocked| !blocked.is_empty());
    let left = found.blocked.iter().flatten();
    let left = left.filter(|kind| !kind.eq_ignore_ascii_case(CUSTOMER_KEYS));
    (!wants_refusal).then(|| Action::SetEncryption {
        bucket: case.bucket().clone(),
        with: EncryptWith::like(found),
        bucket_key: found.bucket_key,
        blocked: Some(left.cloned().collect()),
    })
}

/// How uploads should be encrypted, for a policy that demands it.
pub(super) fn demanded(case: &Case<'_>) -> String {
    encrypt_with(case).words()
}

/// Enables versioning, with a rule that expires old versions: without one they never expire.
pub(super) fn versioning(case: &Case<'_>) -> Advice {
    let enable = Action::SetVersioning {
        bucket: case.bucket().clone(),
        state: VersioningState::Enabled,
    };
    match case.configuration.lifecycle.known() {
        Ok(found) if found.is_some_and(|found| ends_noncurrent(&found.rules)) => {
            // What rules do to old versions has no effect until there are some.
            let mut change = RuleChange::of(case);
            change.leave_classes_out();
            if change.changes.is_empty() {
                Advice::from(enable)
            } else {
                Advice::from(change.action()).then(enable)
            }
        }
        Ok(_) => Advice::from(expire_noncurrent(case)).then(enable),
        // Rules that are not known cannot be written again with one more.
        Err(_) => advice!(
            "first see to it that a lifecycle rule with NoncurrentVersionExpiration is for all keys, or old versions never expire"
        )
        .then(enable),
    }
}

/// Whether a rule expires noncurrent versions of every object.
pub(super) fn ends_noncurrent(rules: &[Rule]) -> bool {
    rules.iter().any(|rule| {
        rule.enabled && rule.noncurrent_expiration.is_some() && rule.filter.is_everything()
    })
}

/// Adds a rule that expires old versions of every object.
pub(super) fn expire_noncurrent(case: &Case<'_>) -> Action {
    let mut change = RuleChange::of(case);
    if !ends_noncurrent(&change.lifecycle.rules) {
        change.add(Rule {
            noncurrent_expiration: Some(NoncurrentExpiration {
                days: noncurrent_days(case),
                newer_versions: 0,
            }),
            ..change.rule("expire-noncurrent")
        });
    }
    change.action()
}

/// Adds a rule that aborts incomplete uploads, whatever their key.
pub(super) fn abort_uploads(case: &Case<'_>) -> Action {
    let mut change = RuleChange::of(case);
    let aborts = |rule: &Rule| {
        rule.enabled && rule.abort_uploads_days.is_some() && rule.filter.is_everything()
    };
    if !change.lifecycle.rules.iter().any(aborts) {
        change.add(Rule {
            abort_uploads_days: Some(abort_days(case)),
            ..change.rule("abort-uploads")
        });
    }
    change.action()
}

/// Adds what removes delete markers that hide nothing: they go once no version is behind them.
pub(super) fn remove_markers(case: &Case<'_>) -> Action {
    let mut change = RuleChange::of(case);
    let ends = ends_noncurrent(&change.lifecycle.rules);
    change.add(Rule {
        expiration: Some(Expiration::ExpiredDeleteMarker),
        noncurrent_expiration: (!ends).then(|| NoncurrentExpiration {
            days: noncurrent_days(case),
            newer_versions: 0,
        }),
        ..change.rule("remove-delete-markers")
    });
    change.action()
}

/// Adds the rules that the blueprint wants and the bucket does not have; `None` where there are none.
pub(super) fn wanted_lifecycle(case: &Case<'_>) -> Option<Action> {
    let mut change = RuleChange::of(case);
    change.add_wanted(case);
    (!change.changes.is_empty()).then(|| change.action())
}

/// Whether the blueprint asks for all that a rule moves.
pub(super) fn wants_transitions(case: &Case<'_>, rule: &Rule) -> bool {
    let wanted = case.expect().and_then(|expect| expect.lifecycle.as_deref());
    let wanted = || {
        wanted
            .into_iter()
            .flatten()
            .flat_map(|rule| &rule.transitions)
    };
    rule.transitions.iter().all(|t| {
        wanted().any(|wanted| t.when == When::Days(wanted.days) && t.class.as_str() == wanted.class)
    })
}

/// Takes a rule out, and out of the blueprint where that wants it. `None` where the bucket would be left without a rule and
/// needs one.
pub(super) fn remove_rule(case: &Case<'_>, id: &str, needs_one: bool) -> Option<Advice> {
    let found = case.configuration.lifecycle.value()?;
    let left: Vec<Rule> = found
        .rules
        .iter()
        .filter(|rule| rule.id != id)
        .cloned()
        .collect();
    let left = Lifecycle {
        rules: left,
        ..found.clone()
    };
    let bucket = case.bucket().clone();
    let wanted = case.expect().and_then(|expect| expect.lifecycle.as_deref());
    let is_missed = wanted.into_iter().flatten().any(|wanted| {
        left.rules.is_empty() || (drift::does(found, wanted) && !drift::does(&left, wanted))
    });
    let first = is_missed.then(|| Action::ChangeBlueprint {
        bucket: bucket.clone(),
        setting: BlueprintSetting::Lifecycle,
    });
    let remove = if left.rules.is_empty() {
        if needs_one {
            return None;
        }
        Action::DeleteLifecycle {
            bucket,
            rules: vec![id.to_owned()],
        }
    } else {
        Action::SetLifecycle {
            bucket,
            lifecycle: left,
            changes: vec![format!("without {id}")],
        }
    };
    Some(Advice::from(
        first.into_iter().chain([remove]).collect::<Vec<_>>(),
    ))
}

/// A lifecycle configuration that is changed: what is there stays.
struct RuleChange {
    bucket: BucketName,
    lifecycle: Lifecycle,
    changes: Vec<String>,
}

impl RuleChange {
    /// What is there. A bucket without rules gets those of the blueprint first, which would be missed once there is one.
    fn of(case: &Case<'_>) -> Self {
        let found = case.configuration.lifecycle.value();
        let mut change = Self {
            bucket: case.bucket().clone(),
            lifecycle: found.cloned().unwrap_or_default(),
            changes: Vec::new(),
        };
        if found.is_none() {
            change.add_wanted(case);
        }
        change
    }

    fn add_wanted(&mut self, case: &Case<'_>) {
        let wanted = case.expect().and_then(|expect| expect.lifecycle.as_deref());
        for wanted in wanted.into_iter().flatten() {
            if !drift::does(&self.lifecycle, wanted) {
                self.add(as_rule(wanted));
            }
        }
    }

    /// A rule for all objects with an id that is free.
    fn rule(&self, id: &str) -> Rule {
        let is_taken = |id: &str| self.lifecycle.rules.iter().any(|rule| rule.id == id);
        let mut free = id.to_owned();
        let mut number = 1;
        while is_taken(&free) {
            number += 1;
            free = format!("{id}-{number}");
        }
        Rule {
            id: free,
            enabled: true,
            ..Rule::default()
        }
    }

    /// Adds a rule. One with the same id and filter keeps what the new one says nothing of; one for other objects stays.
    fn add(&mut self, mut rule: Rule) {
        let same = |other: &&mut Rule| other.id == rule.id && other.filter == rule.filter;
        let added = if let Some(other) = self.lifecycle.rules.iter_mut().find(same) {
            let before = std::mem::replace(other, rule);
            if other.transitions.is_empty() {
                other.transitions = before.transitions;
            }
            other.noncurrent_transitions = before.noncurrent_transitions;
            other.expiration = other.expiration.or(before.expiration);
            other.noncurrent_expiration =
                other.noncurrent_expiration.or(before.noncurrent_expiration);
            other.abort_uploads_days = other.abort_uploads_days.or(before.abort_uploads_days);
            other.clone()
        } else {
            rule.id = self.rule(&rule.id).id;
            self.lifecycle.rules.push(rule.clone());
            rule
        };
        self.changes.push(format!(
            "{} for {}: {}",
            added.id,
            added.filter.words(),
            added.actions().join(", ")
        ));
        self.leave_classes_out();
    }

    /// Takes out moves of noncurrent versions to a class that they would leave before its minimum charge has passed.
    fn leave_classes_out(&mut self) {
        let rules = self.lifecycle.rules.iter().filter(|rule| rule.enabled);
        let Some(end) = rules
            .filter_map(|rule| Some(rule.noncurrent_expiration?.days))
            .min()
        else {
            return;
        };
        for rule in self.lifecycle.rules.iter_mut().filter(|rule| rule.enabled) {
            let stays = |t: &NoncurrentTransition| {
                t.days.saturating_add(minimum_stay(t.class.as_str())) <= end
            };
            let (kept, short): (Vec<_>, Vec<_>) = std::mem::take(&mut rule.noncurrent_transitions)
                .into_iter()
                .partition(stays);
            rule.noncurrent_transitions = kept;
            for short in short {
                self.changes.push(format!(
                    "{} without {}, which noncurrent versions would leave before its minimum charge has passed",
                    rule.id, short.class
                ));
            }
        }
    }

    fn action(self) -> Action {
        Action::SetLifecycle {
            bucket: self.bucket,
            lifecycle: self.lifecycle,
            changes: self.changes,
        }
    }
}

/// A wanted rule as a bucket has it.
fn as_rule(wanted: &WantedRule) -> Rule {
    Rule {
        id: wanted.id.clone(),
        enabled: true,
        filter: Filter {
            prefix: wanted.prefix.clone(),
            ..Filter::default()
        },
        transitions: wanted
            .transitions
            .iter()
            .map(|t| Transition {
                when: When::Days(t.days),
                class: StorageClass::new(&t.class),
            })
            .collect(),
        expiration: wanted
            .expire_days
            .map(|days| Expiration::At(When::Days(days))),
        noncurrent_transitions: Vec::new(),
        noncurrent_expiration: wanted
            .expire_noncurrent_days
            .map(|days| NoncurrentExpiration {
                days,
                newer_versions: 0,
            }),
        abort_uploads_days: wanted.abort_uploads_days,
    }
}

/// Days after which old versions should expire: what the blueprint wants, and long enough for every class that a rule moves
/// them to.
fn noncurrent_days(case: &Case<'_>) -> u32 {
    let wanted = case.expect().and_then(|expect| expect.lifecycle.as_deref());
    let wanted = wanted
        .into_iter()
        .flatten()
        .filter_map(|rule| rule.expire_noncurrent_days)
        .max();
    let rules = case.configuration.lifecycle.value();
    let classes = rules
        .into_iter()
        .flat_map(|lifecycle| &lifecycle.rules)
        .filter(|rule| rule.enabled)
        .flat_map(|rule| &rule.noncurrent_transitions)
        .map(|t| t.days.saturating_add(minimum_stay(t.class.as_str())));
    let long_enough = classes.max().unwrap_or(0);
    wanted.unwrap_or(NONCURRENT).max(long_enough)
}

/// Days after which incomplete uploads should be aborted.
fn abort_days(case: &Case<'_>) -> u32 {
    let wanted = case.expect().and_then(|expect| expect.lifecycle.as_deref());
    wanted
        .into_iter()
        .flatten()
        .find_map(|rule| rule.abort_uploads_days)
        .unwrap_or(UPLOADS)
}

/// Switches the access log on, to the bucket that is wanted.
pub(super) fn logging(case: &Case<'_>) -> Action {
    let wanted = case.expect().and_then(|expect| expect.logging.as_ref());
    Action::SetLogging {
        bucket: case.bucket().clone(),
        target: wanted.map(|wanted| wanted.bucket.clone()),
        prefix: wanted.map_or_else(
            || format!("{}/", case.bucket()),
            |wanted| wanted.prefix.clone(),
        ),
    }
}

/// What the blueprint says of the public access block.
fn wanted_block(case: &Case<'_>) -> Option<PublicAccess> {
    let wanted = case.expect()?.public_access_block?;
    Some(PublicAccess {
        block_public_acls: wanted.block_public_acls,
        ignore_public_acls: wanted.ignore_public_acls,
        block_public_policy: wanted.block_public_policy,
        restrict_public_buckets: wanted.restrict_public_buckets,
    })
}

/// Closes the bucket: what lets anyone in is removed, and then blocked. A grant that is blocked alone would open the bucket
/// as soon as somebody lifts the block.
pub(super) fn close(case: &Case<'_>) -> Advice {
    let contrary = wanted_block(case).is_some_and(|block| !block.blocks_everything());
    let mut advice = Advice::default();
    if contrary {
        advice = advice.then(Action::ChangeBlueprint {
            bucket: case.bucket().clone(),
            setting: BlueprintSetting::PublicAccessBlock,
        });
    }
    advice
        .then(remove_public(case, &Power::ALL))
        .then(Action::BlockPublicAccess {
            bucket: case.bucket().clone(),
            block: BLOCKED,
        })
}

/// Removes what gives anyone one of these powers: statements of the policy, and grants of the ACL.
pub(super) fn remove_public(case: &Case<'_>, powers: &[Power]) -> Advice {
    Advice::from(
        remove_statements(case, &public_statements(case, powers))
            .into_iter()
            .chain(reset_public_acl(case))
            .chain(reset_public_objects(case))
            .collect::<Vec<_>>(),
    )
}

fn reset_public_acl(case: &Case<'_>) -> Option<Action> {
    let acl = case.configuration.acl.value()?;
    let is_public = acl.grants.iter().any(|grant| grant.to.is_anyone());
    is_public.then(|| Action::ResetAcl {
        bucket: case.bucket().clone(),
    })
}

/// Objects' own grants stay when the bucket's ACL is reset.
fn reset_public_objects(case: &Case<'_>) -> Option<Action> {
    let is_public = |object: &&ObjectAcl| {
        let mut grants = object.acl.grants.iter();
        grants.any(|grant| grant.to.is_anyone())
    };
    let public = case.object_acls.iter().filter(is_public);
    let keys: Vec<String> = public.map(|object| object.key.clone()).collect();
    (!keys.is_empty()).then(|| Action::ResetObjectAcls {
        bucket: case.bucket().clone(),
        keys,
    })
}

/// Takes statements out of the policy; `None` where there are none.
pub(super) fn remove_statements(case: &Case<'_>, places: &[usize]) -> Option<Action> {
    let policy = case.configuration.policy.value()?;
    let statements = || places.iter().filter_map(|at| policy.statements.get(*at));
    (!places.is_empty()).then(|| Action::RemoveStatements {
        bucket: case.bucket().clone(),
        statements: places.to_vec(),
        names: statements().map(|one| policy.name_of(one)).collect(),
        all: places.len() == policy.statements.len(),
    })
}

/// The statements without which nobody unnamed has one of these powers, by their places.
fn public_statements(case: &Case<'_>, powers: &[Power]) -> Vec<usize> {
    let Some(policy) = case.configuration.policy.value() else {
        return Vec::new();
    };
    let mut left: Policy = policy.clone();
    let mut places: Vec<usize> = (0..left.statements.len()).collect();
    let mut removed = Vec::new();
    while let Some(at) = first_public(case, &left, powers) {
        left.statements.remove(at);
        removed.push(places.remove(at));
    }
    removed.sort_unstable();
    removed
}

/// The first statement by which anyone gets in, as far as is known.
fn first_public(case: &Case<'_>, policy: &Policy, powers: &[Power]) -> Option<usize> {
    powers.iter().find_map(|power| {
        let reach = policy.reach_of_anyone(case.setting(), *power);
        let way = match &reach {
            Reach::Nobody | Reach::From { .. } => return None,
            Reach::Anyone(way) | Reach::Depends { way, .. } => way,
        };
        let first = way.statements.first()?;
        policy
            .statements
            .iter()
            .position(|one| std::ptr::eq(one, *first))
    })
}

/// Switches ACLs off. Grants that count until then are replaced first: the logging service's by a statement, and others' by
/// nothing, since S3 refuses to switch ACLs off while they are there.
pub(super) fn disable_acls(case: &Case<'_>) -> Advice {
    let bucket = case.bucket();
    let acl = case.configuration.acl.value();
    let grants = || acl.into_iter().flat_map(|acl| &acl.grants);
    let mut advice = Advice::default();
    let logs = grants().any(|grant| grant.to == Grantee::LogDelivery && grant.permission.writes());
    if logs && let Ok(policy) = case.configuration.policy.known() {
        advice = advice.then(Action::AddStatements {
            bucket: bucket.clone(),
            statements: vec![super::logging::delivery_statement(bucket.as_str(), "", "")],
            purpose: "lets the logging service write, which the ACL does until now".to_owned(),
            is_new: policy.is_none(),
        });
    }
    if acl.is_some_and(|acl| acl.to_others().next().is_some()) {
        advice = advice.then(Action::ResetAcl {
            bucket: bucket.clone(),
        });
    }
    advice.then(Action::SetOwnership {
        bucket: bucket.clone(),
        ownership: Ownership::BucketOwnerEnforced,
    })
}

/// Sets object ownership to what is wanted. Switching ACLs off takes more than that.
pub(super) fn ownership(case: &Case<'_>) -> Advice {
    let wanted = case.expect().and_then(|expect| expect.ownership);
    let ownership = match wanted {
        Some(WantedOwnership::BucketOwnerEnforced) | None => return disable_acls(case),
        Some(WantedOwnership::BucketOwnerPreferred) => Ownership::BucketOwnerPreferred,
        Some(WantedOwnership::ObjectWriter) => Ownership::ObjectWriter,
    };
    // Where ACLs are off, what they grant would count again.
    let acl = case.configuration.acl.value();
    let grants = acl.is_some_and(|acl| acl.to_others().next().is_some());
    let reset = grants.then(|| Action::ResetAcl {
        bucket: case.bucket().clone(),
    });
    let reset = reset.into_iter().chain(reset_public_objects(case));
    let set = Action::SetOwnership {
        bucket: case.bucket().clone(),
        ownership,
    };
    Advice::from(reset.chain([set]).collect::<Vec<_>>())
}

/// Sets the public access block to what is wanted. Whatever the block held back until then, or makes void from then on, is
/// removed first, but for what the blueprint asks for.
pub(super) fn block_as_wanted(case: &Case<'_>) -> Advice {
    let Some(block) = wanted_block(case) else {
        return Advice::default();
    };
    // A block with a hole is another finding, unless the bucket is meant to be public.
    if !case.is_public_by_intent() && !block.blocks_everything() {
        return close(case);
    }
    let powers: &[Power] = if case.is_public_by_intent() && !block.restrict_public_buckets {
        &[
            Power::Write,
            Power::TakeOver,
            Power::OtherWrite,
            Power::Metadata,
        ]
    } else {
        &Power::ALL
    };
    remove_public(case, powers).then(Action::BlockPublicAccess {
        bucket: case.bucket().clone(),
        block,
    })
}

/// What to do about a public grant that a block makes void: what the blueprint says of the bucket decides.
pub(super) fn unblock_or_remove(case: &Case<'_>) -> Advice {
    let opens = wanted_block(case).is_some_and(|block| !block.restrict_public_buckets);
    let account = case.configuration.account_block.value();
    let is_of_account =
        account.is_some_and(|block| block.0.restrict_public_buckets || block.0.ignore_public_acls);
    if case.is_public_by_intent() && opens && !is_of_account {
        return block_as_wanted(case);
    }
    advice!("serve it through a CDN with a grant of its own").then(remove_public(case, &Power::ALL))
}

/// Adds one rule that the blueprint wants.
pub(super) fn wanted_rule(case: &Case<'_>, wanted: &WantedRule) -> Action {
    let mut change = RuleChange::of(case);
    change.add(as_rule(wanted));
    change.action()
}

/// Sets the tags that are wanted, and keeps the others.
pub(super) fn tags(case: &Case<'_>, wanted: &BTreeMap<String, String>) -> Action {
    let found = case.configuration.tags.value();
    let mut tags = found.map(|found| found.0.clone()).unwrap_or_default();
    tags.extend(wanted.clone());
    let differs = |(key, value): &(&String, &String)| {
        found.and_then(|found| found.0.get(*key)) != Some(*value)
    };
    let changes = wanted.iter().filter(differs);
    Action::SetTags {
        bucket: case.bucket().clone(),
        changes: changes.map(|(k, v)| (k.clone(), v.clone())).collect(),
        tags: tags.into_iter().collect(),
    }
}

/// Lets the pages of the application do what they need. What is there stays.
pub(super) fn allow_origins(case: &Case<'_>) -> Action {
    let found = case.configuration.cors.value();
    let there = found.map(|cors| cors.rules.clone()).unwrap_or_default();
    let rules = wanted_cors(case);
    Action::SetCors {
        bucket: case.bucket().clone(),
        changes: rules.iter().map(cors_words).collect(),
        rules: rules.into_iter().chain(there).collect(),
    }
}

/// The rules that the blueprint wants, as a bucket has them.
fn wanted_cors(case: &Case<'_>) -> Vec<CorsRule> {
    let wanted = case.expect().and_then(|expect| expect.cors.as_deref());
    wanted
        .into_iter()
        .flatten()
        .filter(|wanted| !wanted.origins.is_empty())
        .map(|wanted| CorsRule {
            origins: wanted.origins.clone(),
            methods: wanted.methods.clone(),
            headers: wanted.headers.clone(),
            expose: wanted.expose.clone(),
            max_age_seconds: wanted.max_age_seconds,
        })
        .collect()
}

fn writes(method: &str) -> bool {
    WRITES.contains(&method)
}

/// Whether a rule lets pages of every origin write.
fn is_open(rule: &CorsRule) -> bool {
    rule.origins.iter().any(|origin| origin == "*")
        && rule.methods.iter().any(|method| writes(method))
}

/// Whether the blueprint asks that pages of every origin may write.
pub(super) fn wants_every_origin(case: &Case<'_>) -> bool {
    wanted_cors(case).iter().any(is_open)
}

/// Lets pages of every origin read alone; those of the application may write.
pub(super) fn narrow_origins(case: &Case<'_>) -> Action {
    let wanted = wanted_cors(case);
    let own: Vec<String> = wanted
        .iter()
        .flat_map(|rule| &rule.origins)
        .filter(|origin| *origin != "*")
        .cloned()
        .collect();
    let own = if own.is_empty() {
        vec!["https://ORIGIN".to_owned()]
    } else {
        own
    };
    let mut rules = Vec::new();
    for rule in case
        .configuration
        .cors
        .value()
        .into_iter()
        .flat_map(|cors| &cors.rules)
    {
        if !is_open(rule) {
            rules.push(rule.clone());
            continue;
        }
        let (write, read): (Vec<String>, Vec<String>) = rule
            .methods
            .iter()
            .cloned()
            .partition(|method| writes(method));
        if !read.is_empty() {
            rules.push(CorsRule {
                methods: read,
                ..rule.clone()
            });
        }
        rules.push(CorsRule {
            origins: own.clone(),
            methods: write,
            ..rule.clone()
        });
    }
    let changes = rules.iter().map(cors_words).collect();
    Action::SetCors {
        bucket: case.bucket().clone(),
        rules,
        changes,
    }
}

fn cors_words(rule: &CorsRule) -> String {
    format!(
        "pages of {} may send {}",
        rule.origins.join(", "),
        rule.methods.join(", ")
    )
}

/// Adds statements to the bucket's own policy.
pub(super) fn add_statements(case: &Case<'_>, statements: Vec<String>, purpose: &str) -> Advice {
    Advice::from(Action::AddStatements {
        bucket: case.bucket().clone(),
        statements,
        purpose: purpose.to_owned(),
        is_new: matches!(case.configuration.policy.known(), Ok(None)),
    })
}
