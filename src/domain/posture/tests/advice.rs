//! Every advice is followed: its effect is applied to the configuration that it was given for, the finding is gone then, and no
//! finding is there that was not there before.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::domain::advice::action::BlueprintSetting;
use crate::domain::advice::{Action, EncryptWith, KmsKey};
use crate::domain::configuration::{PolicyStatus, Tags};
use crate::domain::policy::Condition;

/// A key that somebody chose because the advice said so.
const CHOSEN: &str = "arn:aws:kms:us-east-1:123456789012:key/chosen";

/// Everything that a case refers to, to be changed.
#[derive(Clone)]
struct World {
    configuration: Configuration,
    account: Option<String>,
    blueprint: Option<BucketBlueprint>,
    /// What is in the bucket, where somebody looked.
    versions: Option<Vec<ObjectVersion>>,
    samples: Vec<Sample>,
    object_acls: Vec<ObjectAcl>,
    log_target: Option<LogTarget>,
    replica_targets: Vec<ReplicaTarget>,
    unanswered: Vec<Unanswered>,
}

impl World {
    fn of(case: &Case<'_>) -> Self {
        Self {
            configuration: case.configuration.clone(),
            account: case.account.map(str::to_owned),
            blueprint: case.blueprint.cloned(),
            versions: None,
            samples: case.samples.to_vec(),
            object_acls: case.object_acls.to_vec(),
            log_target: case.log_target.cloned(),
            replica_targets: case.replica_targets.to_vec(),
            unanswered: case.unanswered.to_vec(),
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let listed = self
            .versions
            .as_ref()
            .map(|versions| contents(&self.configuration, self.blueprint.as_ref(), versions));
        findings(&Case {
            configuration: &self.configuration,
            account: self.account.as_deref(),
            blueprint: self.blueprint.as_ref(),
            contents: listed.as_ref(),
            samples: &self.samples,
            object_acls: &self.object_acls,
            log_target: self.log_target.as_ref(),
            replica_targets: &self.replica_targets,
            unanswered: &self.unanswered,
            now: now(),
        })
    }

    /// Whether somebody who does this has the bucket in a state that is known here.
    #[expect(clippy::too_many_lines, reason = "an arm an action, and no more in it")]
    fn apply(&mut self, action: &Action) -> bool {
        let configuration = &mut self.configuration;
        match action {
            Action::SetEncryption {
                with,
                bucket_key,
                blocked,
                ..
            } => {
                configuration.encryption = set(Encryption {
                    algorithm: with.algorithm.clone(),
                    key_id: key(with),
                    bucket_key: *bucket_key,
                    blocked: blocked.clone(),
                });
            }
            Action::EncryptObjects { with, .. } => self.encrypt(with, |_| true),
            Action::UpdateObjectKeys { key, .. } => self.encrypt(
                &EncryptWith {
                    algorithm: "aws:kms".to_owned(),
                    key: KmsKey::Named(key.clone()),
                },
                |algorithm| matches!(algorithm, Some("AES256" | "aws:kms")),
            ),
            Action::BlockPublicAccess { block, .. } => configuration.public_access = set(*block),
            Action::RemoveStatements {
                statements, all, ..
            } => {
                let mut policy = configuration.policy.value().unwrap().clone();
                for at in statements.iter().rev() {
                    policy.statements.remove(*at);
                }
                assert_eq!(policy.statements.is_empty(), *all);
                let left = (!all).then_some(policy);
                self.set_policy(left);
            }
            Action::AddStatements {
                bucket, statements, ..
            } => {
                let is_own = *bucket == configuration.bucket;
                let of = if is_own {
                    &*configuration
                } else {
                    let target = self.log_target.as_ref();
                    &target
                        .expect("a policy of this bucket or of the log bucket")
                        .configuration
                };
                let added = Policy::parse(&format!(
                    r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
                    statements.join(",")
                ))
                .unwrap();
                let policy = match of.policy.value() {
                    None => added,
                    Some(policy) => {
                        let mut policy = policy.clone();
                        policy.statements.extend(added.statements);
                        policy
                    }
                };
                if is_own {
                    self.set_policy(Some(policy));
                } else if let Some(target) = &mut self.log_target {
                    target.configuration.policy = set(policy);
                }
            }
            Action::ExceptService { service, .. } => {
                let target = self.log_target.as_mut().expect("a log bucket");
                let mut policy = target.configuration.policy.value().unwrap().clone();
                for statement in policy.statements.iter_mut().filter(|s| !s.allow) {
                    statement.conditions.push(Condition {
                        operator: "StringNotEqualsIfExists".to_owned(),
                        key: "aws:PrincipalServiceName".to_owned(),
                        values: vec![service.clone()],
                    });
                }
                target.configuration.policy = set(policy);
            }
            Action::SetOwnership { ownership, .. } => {
                configuration.ownership = set(ownership.clone());
            }
            Action::ResetAcl { .. } => {
                let mut acl = configuration.acl.value().unwrap().clone();
                acl.grants.clear();
                configuration.acl = set(acl);
            }
            Action::ResetObjectAcls { keys, .. } => {
                self.object_acls
                    .retain(|object| !keys.contains(&object.key));
            }
            Action::SetLogging { target, prefix, .. } => {
                let target = target
                    .as_ref()
                    .map_or("some-logs", |target| target.as_str());
                configuration.logging = set(Logging {
                    bucket: target.to_owned(),
                    prefix: prefix.clone(),
                    key_format: LogKeyFormat::Simple,
                });
                // Of another log bucket nothing is known yet.
                self.log_target = None;
            }
            Action::SetVersioning { state, .. } => {
                configuration.versioning = set(Versioning {
                    state: *state,
                    mfa_delete: false,
                });
            }
            Action::SetLifecycle { lifecycle, .. } => {
                configuration.lifecycle = set(lifecycle.clone());
            }
            Action::DeleteLifecycle { .. } => configuration.lifecycle = known(Fact::NotSet),
            Action::SetCors { rules, .. } => {
                configuration.cors = set(Cors {
                    rules: rules.clone(),
                });
            }
            Action::SelectKmsObjects { rules, .. } => {
                let mut replication = configuration.replication.value().unwrap().clone();
                for rule in replication
                    .rules
                    .iter_mut()
                    .filter(|r| rules.contains(&r.id))
                {
                    rule.kms_encrypted = true;
                }
                configuration.replication = set(replication);
            }
            Action::SetTags { tags, .. } => {
                configuration.tags = set(Tags(tags.iter().cloned().collect()));
            }
            Action::ChangeBlueprint { setting, .. } => {
                let expect = &mut self.blueprint.as_mut().expect("a blueprint").expect;
                match setting {
                    BlueprintSetting::Encryption => expect.encryption = None,
                    BlueprintSetting::PublicAccessBlock => expect.public_access_block = None,
                    BlueprintSetting::Public => expect.public = None,
                    BlueprintSetting::Ownership => expect.ownership = None,
                    BlueprintSetting::Cors => expect.cors = None,
                    BlueprintSetting::Lifecycle => expect.lifecycle = None,
                    BlueprintSetting::Grant => expect.grant = None,
                }
            }
            // What these come to is decided by whoever does them.
            Action::KeepAsWanted { .. }
            | Action::ChooseLifecycle { .. }
            | Action::Grant { .. }
            | Action::ReadMetrics { .. }
            | Action::CreateAlarm { .. }
            | Action::ShowPolicy { .. }
            | Action::ShowNotifications { .. } => return false,
            other => unreachable!("{other:?} is no advice of a finding"),
        }
        true
    }

    fn set_policy(&mut self, policy: Option<Policy>) {
        let configuration = &mut self.configuration;
        if configuration.policy_status.value().is_some() {
            configuration.policy_status = match &policy {
                Some(policy) => set(PolicyStatus {
                    is_public: policy.is_public(),
                }),
                None => known(Fact::NotSet),
            };
        }
        configuration.policy = policy.map_or_else(|| known(Fact::NotSet), set);
    }

    fn encrypt(&mut self, with: &EncryptWith, takes: impl Fn(Option<&str>) -> bool) {
        let id = key(with);
        for sample in &mut self.samples {
            let has_it = sample.algorithm.as_deref() == Some(with.algorithm.as_str())
                && (id.is_none() || sample.key_id == id);
            if !has_it && takes(sample.algorithm.as_deref()) {
                sample.algorithm = Some(with.algorithm.clone());
                sample.key_id.clone_from(&id);
            }
        }
    }
}

fn key(with: &EncryptWith) -> Option<String> {
    match &with.key {
        KmsKey::Default => None,
        KmsKey::Named(key) => Some(key.clone()),
        KmsKey::ToChoose => Some(CHOSEN.to_owned()),
    }
}

/// Whether a finding says no more than that the blueprint asks for what is so.
fn is_kept(finding: &Finding) -> bool {
    let mut actions = finding.advice.actions();
    finding.severity == Severity::Info
        && actions.any(|action| matches!(action, Action::KeepAsWanted { .. }))
}

/// Follows everything that is advised for a case. Contents are judged by the lifecycle that they were listed under, so that a
/// case with them is not followed here.
pub(super) fn follow(case: &Case<'_>) {
    if case.contents.is_none() {
        let mut done = Done::default();
        follow_all(&World::of(case), &mut done);
        done.assert_right();
    }
}

/// What came of following advice.
#[derive(Default)]
struct Done {
    /// The ids of findings that were there, and of those whose advice was followed.
    there: BTreeSet<&'static str>,
    followed: BTreeSet<&'static str>,
    /// What went wrong, and the first time that it did.
    wrong: BTreeMap<String, String>,
}

impl Done {
    fn assert_right(&self) {
        let told: Vec<String> = self
            .wrong
            .iter()
            .map(|(what, told)| format!("{what}\n{told}"))
            .collect();
        assert!(told.is_empty(), "{}", told.join("\n\n"));
    }
}

fn follow_all(world: &World, done: &mut Done) {
    let before = world.findings();
    let count = |findings: &[Finding], id| findings.iter().filter(|f| f.id == id).count();
    let worst = |findings: &[Finding], id| {
        findings
            .iter()
            .filter(|f| f.id == id)
            .map(|f| f.severity)
            .max()
    };
    for finding in &before {
        let id = finding.id;
        done.there.insert(id);
        assert!(!finding.advice.is_empty(), "{id}: nothing is advised");
        let mut after = world.clone();
        let mut actions = finding.advice.actions().peekable();
        if actions.peek().is_none() || !actions.all(|action| after.apply(action)) {
            continue;
        }
        done.followed.insert(id);
        let after = after.findings();
        let told = || {
            format!(
                "{} {id}: {}\nadvised: {}\nbefore: {:?}\nafter: {:#?}\n{:#?}\n{:#?}",
                finding.severity.as_str(),
                finding.message,
                finding.advice,
                before.iter().map(|f| f.id).collect::<Vec<_>>(),
                after
                    .iter()
                    .map(|f| (f.id, &f.message, &f.evidence))
                    .collect::<Vec<_>>(),
                world.blueprint.as_ref().map(|b| &b.expect),
                world.configuration,
            )
        };
        if count(&after, id) >= count(&before, id) {
            done.wrong
                .entry(format!("{id} is still there"))
                .or_insert_with(told);
        }
        for new in &after {
            // What a blueprint asks for is said where it is so, as a fact and not as a fault. A new rule is overdue until S3
            // has carried it out for the first time.
            if is_kept(new) || new.id == "lifecycle-transition-overdue" {
                continue;
            }
            if worst(&before, new.id) < Some(new.severity) {
                let what = format!("{id} makes {}", new.id);
                done.wrong.entry(what).or_insert_with(told);
            }
        }
    }
}

/// One of several, by chance.
fn one<T: Clone>(chance: &mut fastrand::Rng, of: &[T]) -> T {
    of[chance.usize(..of.len())].clone()
}

const ARN: &str = "arn:aws:kms:us-east-1:123456789012:key/own";

fn some_encryption(chance: &mut fastrand::Rng) -> Stated<Encryption> {
    let (algorithm, key_id) = one(
        chance,
        &[
            ("", None),
            ("AES256", None),
            ("aws:kms", None),
            ("aws:kms", Some(ARN)),
            (
                "aws:kms",
                Some("arn:aws:kms:us-east-1:210987654321:key/theirs"),
            ),
            ("aws:kms", Some("alias/aws/s3")),
            ("aws:kms:dsse", Some(ARN)),
        ],
    );
    if algorithm.is_empty() {
        return known(Fact::NotSet);
    }
    set(Encryption {
        algorithm: algorithm.to_owned(),
        key_id: key_id.map(str::to_owned),
        bucket_key: chance.bool(),
        blocked: one(
            chance,
            &[None, Some(vec![]), Some(vec!["SSE-C".to_owned()])],
        ),
    })
}

fn some_samples(chance: &mut fastrand::Rng) -> Vec<Sample> {
    let all = [
        ("uploads/u/bare", None, None),
        ("uploads/u/s3", Some("AES256"), None),
        ("uploads/u/own", Some("aws:kms"), Some(ARN)),
        (
            "uploads/u/aws",
            Some("aws:kms"),
            Some("arn:aws:kms:us-east-1:123456789012:key/aws"),
        ),
        ("uploads/u/twice", Some("aws:kms:dsse"), Some(ARN)),
        ("uploads/u/customer", Some("SSE-C"), None),
    ];
    all.into_iter()
        .filter(|_| chance.u8(..3) == 0)
        .map(|(key, algorithm, id)| sample(key, algorithm, id))
        .collect()
}

/// Seldom, that anyone may read an object.
fn some_object_acls(chance: &mut fastrand::Rng) -> Vec<ObjectAcl> {
    if chance.u8(..6) != 0 {
        return Vec::new();
    }
    vec![ObjectAcl {
        key: "a".to_owned(),
        acl: AccessControl {
            owner: Some("me".to_owned()),
            grants: vec![Grant {
                to: Grantee::AllUsers,
                permission: Permission::Read,
            }],
        },
    }]
}

fn some_policy(chance: &mut fastrand::Rng) -> Stated<Policy> {
    let statements = [
        TLS,
        READ,
        r#"{"Sid":"List","Effect":"Allow","Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::media"}"#,
        r#"{"Sid":"Everything","Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::media","arn:aws:s3:::media/*"]}"#,
        r#"{"Sid":"Role","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/app"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::media/*"}"#,
        r#"{"Sid":"Customer","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::media/*","Condition":{"Null":{"s3:x-amz-server-side-encryption-customer-algorithm":"true"}}}"#,
        r#"{"Sid":"Cdn","Effect":"Allow","Principal":{"Service":"cloudfront.amazonaws.com"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::media/*","Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}}"#,
    ];
    let some: Vec<&str> = statements
        .into_iter()
        .filter(|_| chance.u8(..3) == 0)
        .collect();
    if some.is_empty() {
        known(Fact::NotSet)
    } else {
        policy(&some)
    }
}

fn some_block(chance: &mut fastrand::Rng) -> PublicAccess {
    PublicAccess {
        block_public_acls: chance.bool(),
        ignore_public_acls: chance.bool(),
        block_public_policy: chance.bool(),
        restrict_public_buckets: chance.bool(),
    }
}

fn some_acl(chance: &mut fastrand::Rng) -> Stated<AccessControl> {
    let grants = [
        (Grantee::AllUsers, Permission::Read),
        (Grantee::AllUsers, Permission::Write),
        (Grantee::LogDelivery, Permission::Write),
        (
            Grantee::Account("somebody".to_owned()),
            Permission::FullControl,
        ),
    ];
    set(AccessControl {
        owner: Some("me".to_owned()),
        grants: grants
            .into_iter()
            .filter(|_| chance.u8(..5) == 0)
            .map(|(to, permission)| Grant { to, permission })
            .collect(),
    })
}

fn some_lifecycle(chance: &mut fastrand::Rng) -> Stated<Lifecycle> {
    let days = |days| Some(Expiration::At(When::Days(days)));
    let ends = |days| {
        Some(crate::domain::configuration::NoncurrentExpiration {
            days,
            newer_versions: 0,
        })
    };
    let rules = [
        Rule {
            abort_uploads_days: Some(7),
            ..rule("abort", "")
        },
        Rule {
            noncurrent_expiration: ends(60),
            ..rule("old", "")
        },
        Rule {
            noncurrent_expiration: ends(60),
            ..rule("old-uploads", "uploads/")
        },
        Rule {
            expiration: days(365),
            abort_uploads_days: Some(3),
            ..rule("expire", "uploads/")
        },
        Rule {
            enabled: false,
            expiration: days(10),
            ..rule("wanted", "uploads/")
        },
        Rule {
            expiration: days(10),
            ..rule("elsewhere", "upload-s/")
        },
        Rule {
            transitions: vec![Transition {
                when: When::Days(30),
                class: StorageClass::new("STANDARD_IA"),
            }],
            noncurrent_transitions: vec![crate::domain::configuration::NoncurrentTransition {
                days: 30,
                class: StorageClass::new("GLACIER"),
                newer_versions: 0,
            }],
            ..rule("archive", "")
        },
    ];
    let some: Vec<Rule> = rules.into_iter().filter(|_| chance.u8(..4) == 0).collect();
    if some.is_empty() {
        known(Fact::NotSet)
    } else {
        lifecycle(some)
    }
}

fn some_cors(chance: &mut fastrand::Rng) -> Stated<Cors> {
    let rule = |origin: &str, methods: &[&str]| CorsRule {
        origins: vec![origin.to_owned()],
        methods: methods.iter().map(|m| (*m).to_owned()).collect(),
        headers: vec!["*".to_owned()],
        ..CorsRule::default()
    };
    let rules = [
        rule("*", &["GET"]),
        rule("*", &["PUT"]),
        rule("*", &["GET", "PUT", "POST"]),
        rule("https://app.example.com", &["PUT"]),
    ];
    let some: Vec<CorsRule> = rules.into_iter().filter(|_| chance.u8(..4) == 0).collect();
    if some.is_empty() {
        known(Fact::NotSet)
    } else {
        set(Cors { rules: some })
    }
}

fn some_replication(
    chance: &mut fastrand::Rng,
) -> Stated<crate::domain::configuration::Replication> {
    use crate::domain::configuration::{Replication, ReplicationRule};
    if chance.u8(..3) > 0 {
        return known(Fact::NotSet);
    }
    set(Replication {
        role: "arn:aws:iam::123456789012:role/replication".to_owned(),
        rules: vec![ReplicationRule {
            id: "copy".to_owned(),
            enabled: true,
            to: "replica".to_owned(),
            kms_encrypted: chance.bool(),
            prefix: String::new(),
            tags: Vec::new(),
            class: None,
            delete_markers: false,
            priority: Some(1),
            within_minutes: None,
            metrics: false,
            late_after_minutes: None,
            existing_objects: false,
            replica_modifications: false,
            replica_key: None,
            account: None,
            replica_owner: None,
        }],
    })
}

fn some_blueprint(chance: &mut fastrand::Rng) -> Option<BucketBlueprint> {
    if chance.u8(..4) == 0 {
        return None;
    }
    let mut expect = "[bucket.expect]\n".to_owned();
    for line in [
        one(
            chance,
            &[
                "",
                "versioning = 'enabled'",
                "versioning = 'suspended'",
                "versioning = 'off'",
            ],
        ),
        one(
            chance,
            &[
                "",
                "encryption = { algorithm = 'AES256' }",
                "encryption = { algorithm = 'AES256', blocked = ['SSE-C'] }",
                "encryption = { algorithm = 'aws:kms' }",
                "encryption = { algorithm = 'aws:kms', key = 'own', bucket_key = true, blocked = [] }",
                "encryption = { algorithm = 'aws:kms', key = 'arn:aws:kms:us-east-1:123456789012:key/wanted', bucket_key = false }",
                "encryption = { algorithm = 'aws:kms:dsse', key = 'own' }",
            ],
        ),
        one(
            chance,
            &[
                "",
                "public_access_block = { block_public_acls = true, ignore_public_acls = true, block_public_policy = true, restrict_public_buckets = true }",
                "public_access_block = { block_public_acls = true, ignore_public_acls = true, block_public_policy = false, restrict_public_buckets = false }",
                "public_access_block = { block_public_acls = false, ignore_public_acls = false, block_public_policy = false, restrict_public_buckets = false }",
            ],
        ),
        one(chance, &["", "public = 'none'", "public = 'read'"]),
        one(
            chance,
            &[
                "",
                "",
                "ownership = 'BucketOwnerEnforced'",
                "ownership = 'ObjectWriter'",
                "ownership = 'BucketOwnerPreferred'",
            ],
        ),
        one(
            chance,
            &["", "logging = { bucket = 'logs', prefix = 'media/' }"],
        ),
        one(chance, &["", "tags = { team = 'media' }"]),
        one(
            chance,
            &[
                "",
                "[[bucket.expect.cors]]\norigins = ['https://app.example.com']\nmethods = ['PUT', 'GET']",
                "[[bucket.expect.cors]]\norigins = ['*']\nmethods = ['PUT']",
            ],
        ),
        one(
            chance,
            &[
                "",
                "[[bucket.expect.lifecycle]]\nid = 'wanted'\nprefix = 'uploads/'\nexpire_days = 400",
                "[[bucket.expect.lifecycle]]\nid = 'old'\nexpire_noncurrent_days = 90\nabort_uploads_days = 5",
                "[[bucket.expect.lifecycle]]\nid = 'archive'\nprefix = ''\ntransitions = [{ days = 60, class = 'STANDARD_IA' }]\nexpire_noncurrent_days = 60",
            ],
        ),
    ] {
        expect.push_str(line);
        expect.push('\n');
    }
    Some(blueprint(&expect))
}

fn some_versions(chance: &mut fastrand::Rng) -> Option<Vec<ObjectVersion>> {
    let size = one(chance, &[None, Some(1_000), Some(3 << 30)])?;
    let mut versions = vec![
        version("uploads/u/a", size, 20),
        version("uploads/u/b", 200_000, 10),
    ];
    if chance.bool() {
        let mut old = version("uploads/u/b", 200_000, 40);
        old.is_latest = false;
        versions.push(old);
    }
    if chance.bool() {
        let mut marker = version("uploads/u/c", 0, 90);
        marker.is_delete_marker = true;
        versions.push(marker);
    }
    Some(versions)
}

fn some_world(chance: &mut fastrand::Rng) -> World {
    let block = |chance: &mut fastrand::Rng| match chance.u8(..3) {
        0 => known(Fact::NotSet),
        1 => set(blocked()),
        _ => set(some_block(chance)),
    };
    let policy = some_policy(chance);
    let is_public = policy.value().map(Policy::is_public);
    let configuration = Configuration {
        encryption: some_encryption(chance),
        policy_status: match is_public {
            Some(is_public) if chance.bool() => set(PolicyStatus { is_public }),
            _ => known(Fact::NotSet),
        },
        policy,
        public_access: block(chance),
        account_block: if chance.u8(..4) == 0 {
            set(AccountBlock(some_block(chance)))
        } else {
            known(Fact::NotSet)
        },
        acl: some_acl(chance),
        ownership: one(
            chance,
            &[
                known(Fact::NotSet),
                set(Ownership::BucketOwnerEnforced),
                set(Ownership::ObjectWriter),
            ],
        ),
        lifecycle: some_lifecycle(chance),
        versioning: one(
            chance,
            &[
                None,
                Some(VersioningState::Enabled),
                Some(VersioningState::Suspended),
            ],
        )
        .map_or_else(
            || known(Fact::NotSet),
            |state| {
                set(Versioning {
                    state,
                    mfa_delete: false,
                })
            },
        ),
        logging: if chance.bool() {
            known(Fact::NotSet)
        } else {
            sound().logging
        },
        cors: some_cors(chance),
        replication: some_replication(chance),
        tags: one(
            chance,
            &[
                known(Fact::NotSet),
                set(Tags(
                    [("cost".to_owned(), "7".to_owned())].into_iter().collect(),
                )),
            ],
        ),
        ..sound()
    };
    World {
        configuration,
        account: Some(OWN.to_owned()),
        blueprint: some_blueprint(chance),
        versions: some_versions(chance),
        samples: some_samples(chance),
        object_acls: some_object_acls(chance),
        log_target: None,
        replica_targets: Vec::new(),
        unanswered: Vec::new(),
    }
}

#[test]
fn whatever_is_advised_makes_no_other_finding() {
    let mut done = Done::default();
    for seed in 0..1_000 {
        let mut world = some_world(&mut fastrand::Rng::with_seed(seed));
        // Policies are what takes long to judge: one in ten worlds has one that is known.
        if seed % 10 > 0 {
            let nobody = Unanswered {
                reason: Reason::NotThere,
                ..denied()
            };
            world.configuration.policy = known(Fact::Unknown(nobody.clone()));
            world.configuration.policy_status = known(Fact::Unknown(nobody));
        }
        follow_all(&world, &mut done);
    }
    done.assert_right();
    // A sweep that follows nothing would prove nothing.
    for id in [
        "acl-enabled",
        "blueprint-drift",
        "bucket-key-without-kms",
        "cors-missing-origin",
        "cors-wildcard",
        "delete-markers-useless",
        "encryption-expected-kms",
        "encryption-type-blocked",
        "incomplete-uploads-never-abort",
        "lifecycle-missing",
        "lifecycle-rule-matches-nothing",
        "logging-off",
        "noncurrent-never-expire",
        "object-key-differs",
        "object-unencrypted",
        "public-access-block-off",
        "public-list",
        "public-metadata",
        "public-policy-blocked",
        "public-read",
        "public-takeover",
        "public-write",
        "public-write-other",
        "replication-kms-not-selected",
        "tls-not-required",
        "versioning-off",
    ] {
        assert!(
            done.followed.contains(id),
            "{id} was never followed: {:?}",
            done.there
        );
    }
}
