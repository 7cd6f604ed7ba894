//! Runs every row of `tests/tables/explain.toml`: a configuration and the expected answers.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;
use crate::domain::BucketName;
use crate::domain::configuration::{
    AccountBlock, Grant, Grantee, Ownership, Permission, PublicAccess, Reason, Stated,
};

const OWN: &str = "123456789012";
const OTHER: &str = "111122223333";
const OWN_CANONICAL: &str = "canonical-of-own";
const OTHER_CANONICAL: &str = "canonical-of-other";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    family: Vec<Family>,
}

/// A configuration, with expected results for callers and actions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a cell of the table")]
struct Family {
    name: String,
    /// The page of AWS's documentation behind the expectation.
    #[serde(default)]
    source: String,
    /// Statements of the bucket policy; empty if there is no policy.
    #[serde(default)]
    policy: Vec<String>,
    #[serde(default)]
    is_policy_unknown: bool,
    /// Statements of the caller's own policies; absent if unknown.
    identity: Option<Vec<String>>,
    /// Whether the caller has other, unknown policies.
    #[serde(default)]
    has_more_policies: bool,
    /// Statements of the permissions boundary. Empty means no boundary if the policies are known.
    #[serde(default)]
    boundary: Vec<String>,
    /// Active settings of the public access blocks.
    #[serde(default)]
    bucket_block: Vec<String>,
    #[serde(default)]
    account_block: Vec<String>,
    #[serde(default)]
    is_block_unknown: bool,
    #[serde(default)]
    is_account_block_unknown: bool,
    /// Object ownership, or `unknown`.
    #[serde(default = "enforced")]
    ownership: String,
    /// Grants: a permission, and `all`, `authenticated`, `own` or `other`.
    #[serde(default)]
    bucket_acl: Vec<String>,
    #[serde(default)]
    object_acl: Vec<String>,
    #[serde(default)]
    is_object_acl_unknown: bool,
    /// The account that owns the object: `own` or `other`.
    #[serde(default = "own")]
    object_owner: String,
    /// Algorithm and key: the bucket's default encryption, and the object's.
    encryption: Option<String>,
    object_encryption: Option<String>,
    #[serde(default)]
    is_object_encryption_unknown: bool,
    /// Statements of the KMS key policy; absent if unknown.
    key_policy: Option<Vec<String>>,
    /// Whether an S3 Bucket Key is used, so that the encryption context is the bucket.
    #[serde(default)]
    has_bucket_key: bool,
    /// The locks on the version: a mode and a date, `legal-hold`, `event-hold`, or `unknown`.
    #[serde(default)]
    lock: Vec<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    are_tags_unknown: bool,
    /// Condition keys of the request.
    #[serde(default)]
    given: BTreeMap<String, String>,
    #[serde(default)]
    is_account_unknown: bool,
    /// Whether the canonical id of the other account is known.
    #[serde(default)]
    is_canonical_known: bool,
    #[serde(default = "key")]
    key: String,
    /// Callers, actions, the answer and the deciding layer.
    rows: Vec<[String; 4]>,
}

fn enforced() -> String {
    "BucketOwnerEnforced".to_owned()
}

fn own() -> String {
    "own".to_owned()
}

fn key() -> String {
    "docs/a.txt".to_owned()
}

fn arn(caller: &str) -> String {
    let account = if caller.starts_with("other") {
        OTHER
    } else {
        OWN
    };
    match caller.rsplit('-').next().unwrap() {
        "anonymous" => "anonymous".to_owned(),
        "account" => account.to_owned(),
        "root" => format!("arn:aws:iam::{account}:root"),
        "user" => format!("arn:aws:iam::{account}:user/staff/ann"),
        "role" => format!("arn:aws:iam::{account}:role/app"),
        "session" => format!("arn:aws:sts::{account}:assumed-role/app/i-1"),
        other => panic!("{other}"),
    }
}

/// Builds a policy document from statements with short names for ARNs.
fn document(statements: &[String]) -> String {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    );
    let text = text
        .replace("\"BUCKET\"", "\"arn:aws:s3:::media\"")
        .replace("\"OBJECTS\"", "\"arn:aws:s3:::media/*\"");
    [
        "own-role",
        "own-user",
        "own-session",
        "other-role",
        "other-user",
    ]
    .iter()
    .fold(text, |text, caller| {
        text.replace(
            &format!("\"{}\"", caller.to_uppercase()),
            &format!("\"{}\"", arn(caller)),
        )
    })
}

fn unanswered(call: &str) -> Unanswered {
    Unanswered {
        call: call.to_owned(),
        reason: Reason::Permission(format!("s3:{call}")),
        why: "access was denied".to_owned(),
    }
}

fn unknown<T>(call: &str) -> Stated<T> {
    Stated::without_document(Fact::Unknown(unanswered(call)))
}

fn set<T>(value: T) -> Stated<T> {
    Stated::without_document(Fact::Set(value))
}

fn not_set<T>() -> Stated<T> {
    Stated::without_document(Fact::NotSet)
}

fn block(switches: &[String]) -> PublicAccess {
    let mut block = PublicAccess::default();
    for switch in switches {
        match switch.as_str() {
            "BlockPublicAcls" => block.block_public_acls = true,
            "IgnorePublicAcls" => block.ignore_public_acls = true,
            "BlockPublicPolicy" => block.block_public_policy = true,
            "RestrictPublicBuckets" => block.restrict_public_buckets = true,
            other => panic!("{other}"),
        }
    }
    block
}

fn acl(owner: &str, grants: &[String]) -> AccessControl {
    let canonical = |who: &str| match who {
        "own" => OWN_CANONICAL.to_owned(),
        "other" => OTHER_CANONICAL.to_owned(),
        other => panic!("{other}"),
    };
    let grants = grants.iter().map(|grant| {
        let (permission, to) = grant.split_once(' ').unwrap();
        Grant {
            to: match to {
                "all" => Grantee::AllUsers,
                "authenticated" => Grantee::AuthenticatedUsers,
                who => Grantee::Account(canonical(who)),
            },
            permission: match permission {
                "READ" => Permission::Read,
                "WRITE" => Permission::Write,
                "FULL_CONTROL" => Permission::FullControl,
                other => panic!("{other}"),
            },
        }
    });
    // S3 always returns full control for the owner.
    let owners = Grant {
        to: Grantee::Account(canonical(owner)),
        permission: Permission::FullControl,
    };
    AccessControl {
        owner: Some(canonical(owner)),
        grants: std::iter::once(owners).chain(grants).collect(),
    }
}

fn encryption(text: &str) -> Encryption {
    let (algorithm, key) = text.split_once(' ').unwrap_or((text, ""));
    Encryption {
        algorithm: algorithm.to_owned(),
        key_id: Some(key.to_owned()).filter(|key| !key.is_empty()),
        bucket_key: false,
        blocked: None,
    }
}

impl Family {
    fn configuration(&self) -> Configuration {
        let bucket = BucketName::new("media").unwrap();
        let mut found = Configuration::unknown(bucket, &unanswered("Nothing"));
        found.policy = if self.is_policy_unknown {
            unknown("GetBucketPolicy")
        } else if self.policy.is_empty() {
            not_set()
        } else {
            set(Policy::parse(&document(&self.policy)).unwrap())
        };
        found.public_access = if self.is_block_unknown {
            unknown("GetPublicAccessBlock")
        } else {
            set(block(&self.bucket_block))
        };
        found.account_block = if self.is_account_block_unknown {
            unknown("GetAccountPublicAccessBlock")
        } else {
            set(AccountBlock(block(&self.account_block)))
        };
        found.ownership = match self.ownership.as_str() {
            "unknown" => unknown("GetBucketOwnershipControls"),
            "BucketOwnerEnforced" => set(Ownership::BucketOwnerEnforced),
            "BucketOwnerPreferred" => set(Ownership::BucketOwnerPreferred),
            "ObjectWriter" => set(Ownership::ObjectWriter),
            other => panic!("{other}"),
        };
        found.acl = set(acl("own", &self.bucket_acl));
        found.encryption = set(encryption(self.encryption.as_deref().unwrap_or("AES256")));
        found
    }

    fn object(&self) -> ObjectFacts {
        let tags = self.tags.clone().into_iter().collect();
        let encrypted = self.object_encryption.as_deref().unwrap_or("AES256");
        ObjectFacts {
            is_absent: false,
            acl: if self.is_object_acl_unknown {
                Fact::Unknown(unanswered("GetObjectAcl"))
            } else {
                Fact::Set(acl(&self.object_owner, &self.object_acl))
            },
            encryption: if self.is_object_encryption_unknown {
                Fact::Unknown(unanswered("HeadObject"))
            } else {
                Fact::Set(Encryption {
                    bucket_key: self.has_bucket_key,
                    ..encryption(encrypted)
                })
            },
            lock: self.lock(),
            tags: if self.are_tags_unknown {
                Fact::Unknown(unanswered("GetObjectTagging"))
            } else {
                Fact::Set(tags)
            },
        }
    }

    /// Whether the action needs a KMS key here.
    fn encryption_is_of_kms(&self, action: &str) -> bool {
        let encryption = match action {
            "s3:GetObject" => &self.object_encryption,
            "s3:PutObject" => &self.encryption,
            _ => return false,
        };
        let words = encryption.as_deref().unwrap_or_default();
        words.contains(":key/")
    }

    fn lock(&self) -> Setting<Lock> {
        let mut found = Lock::default();
        for one in &self.lock {
            match one.split_once(' ') {
                Some((mode, until)) => {
                    found.retention = Some((mode.to_owned(), Some(until.parse().unwrap())));
                }
                None if one == "legal-hold" => found.has_legal_hold = true,
                None if one == "event-hold" => found.has_event_hold = true,
                None if one == "unknown" => {
                    return Fact::Unknown(unanswered("GetObjectRetention"));
                }
                None => panic!("{one}"),
            }
        }
        if self.lock.is_empty() {
            Fact::NotSet
        } else {
            Fact::Set(found)
        }
    }

    fn key_policy(&self) -> Fact<Policy, String> {
        match &self.key_policy {
            Some(statements) => Fact::Set(Policy::parse(&document(statements)).unwrap()),
            None => Fact::Unknown("the credentials need kms:GetKeyPolicy".to_owned()),
        }
    }

    fn identity(&self) -> Identity {
        let named = |name: &str, statements: &[String]| Named {
            name: name.to_owned(),
            policy: Policy::parse_of_identity(&document(statements)).unwrap(),
        };
        let mut found = Identity::unknown("nobody gave them");
        if let Some(statements) = &self.identity {
            found.policies = vec![named("policy", statements)];
            found.boundary = Fact::NotSet;
            if !self.has_more_policies {
                found.missing.clear();
            }
        }
        if !self.boundary.is_empty() {
            found.boundary = Fact::Set(named("boundary", &self.boundary));
        }
        found.canonical = self.is_canonical_known.then(|| OTHER_CANONICAL.to_owned());
        found
    }

    fn explain(&self, caller: &str, action: &str) -> Explanation {
        let action = Action::parse(action).unwrap();
        let question = Question {
            asker: Asker::parse(&arn(caller)).unwrap(),
            action,
            bucket: BucketName::new("media").unwrap(),
            key: (action.is_of_object || action.lists()).then(|| self.key.clone()),
        };
        let given: Vec<(String, String)> = self.given.clone().into_iter().collect();
        explain(
            &question,
            &Facts {
                configuration: &self.configuration(),
                account: &if self.is_account_unknown {
                    Fact::Unknown(unanswered("GetBucketAcl"))
                } else {
                    Fact::Set(OWN.to_owned())
                },
                object: &self.object(),
                identity: &self.identity(),
                key_policy: &self.key_policy(),
                given: &given,
                now: "2026-06-01T12:00:00Z".parse().unwrap(),
            },
        )
    }
}

fn families() -> Vec<Family> {
    let text = include_str!("../../../../tests/tables/explain.toml");
    toml::from_str::<Table>(text).unwrap().family
}

/// Calls a function for every family, caller and action with the expected result.
fn each_row(mut tried: impl FnMut(&Family, &str, &str, &[String; 4])) -> usize {
    let mut rows = 0;
    for family in families() {
        for row in &family.rows {
            for caller in row[0].split_whitespace() {
                for action in row[1].split_whitespace() {
                    tried(&family, caller, action, row);
                    rows += 1;
                }
            }
        }
    }
    rows
}

#[test]
fn every_planted_cause_is_named() {
    let mut wrong = Vec::new();
    let rows = each_row(|family, caller, action, [_, _, answer, layer]| {
        let found = family.explain(caller, action);
        let is = (found.answer.as_str(), found.decided_by.as_str());
        if is != (answer, layer) {
            wrong.push(format!(
                "{}: {caller} {action}: {is:?} and not {answer} {layer}: {:?}",
                family.name, found.conditions
            ));
        }
    });
    assert!(rows >= 200, "{rows} rows");
    assert!(
        wrong.is_empty(),
        "{} of {rows}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn whoever_has_policies_that_are_not_known_is_never_told_yes() {
    each_row(|family, caller, action, _| {
        let found = family.explain(caller, action);
        let is_unknown = family.identity.is_none() || family.has_more_policies;
        let has_policies = Asker::parse(&arn(caller)).unwrap().has_policies();
        let words = format!("{}: {caller} {action}: {found:#?}", family.name);
        if is_unknown && has_policies {
            assert_ne!(found.answer, Answer::Allowed, "{words}");
        }
        let depends = matches!(found.answer, Answer::AllowedIf | Answer::Unknown);
        assert_eq!(found.conditions.is_empty(), !depends, "{words}");
        // The deciding layer has an outcome that fits the answer.
        let outcome = found.decision().unwrap().outcome;
        let fits = match found.answer {
            Answer::Allowed => outcome == Outcome::Allows,
            Answer::Denied => matches!(outcome, Outcome::Denies | Outcome::Silent),
            Answer::AllowedIf => matches!(outcome, Outcome::Depends | Outcome::Unknown),
            Answer::Unknown => true,
        };
        assert!(fits, "{words}");
    });
}

#[test]
fn what_is_said_of_keys_and_locks_has_a_source() {
    let families = families();
    let rest_on_a_page = families
        .iter()
        .filter(|family| family.key_policy.is_some() || !family.lock.is_empty());
    let mut seen = 0;
    for family in rest_on_a_page {
        let is_of_aws = family.source.starts_with("https://docs.aws.amazon.com/");
        assert!(is_of_aws, "{}: {:?}", family.name, family.source);
        seen += 1;
    }
    assert!(seen >= 24, "{seen} families");
}

#[test]
fn a_key_whose_policy_is_not_known_is_never_used_for_certain() {
    each_row(|family, caller, action, _| {
        let mut less = toml_of(family);
        let needs_key = less.key_policy.take().is_some() && family.encryption_is_of_kms(action);
        let answer = less.explain(caller, action).answer;
        assert!(
            !needs_key || answer != Answer::Allowed,
            "{}: {caller} {action}",
            family.name
        );
    });
}

#[test]
fn layers_that_nobody_reads_are_named_and_turn_no_answer() {
    let family = Family::plain();
    let found = family.explain("own-role", "s3:GetObject");
    assert_eq!(found.answer, Answer::Allowed);
    let unread: Vec<&str> = found.unread().map(|said| said.layer.as_str()).collect();
    assert_eq!(
        unread,
        ["organization-policy", "session-policy", "endpoint-policy"]
    );
    let found = family.explain("anonymous", "s3:GetObject");
    let unread: Vec<&str> = found.unread().map(|said| said.layer.as_str()).collect();
    assert_eq!(unread, ["organization-policy", "endpoint-policy"]);
}

#[test]
fn the_grants_of_a_key_are_named_where_one_could_turn_the_answer() {
    let families = families();
    for (name, caller, outcome, can_turn) in [
        (
            "the key has the default policy, and the caller's policies allow its use",
            "own-role",
            Outcome::NoEffect,
            false,
        ),
        (
            "the key has the default policy, and the caller's policies do not name KMS",
            "own-user",
            Outcome::Unknown,
            true,
        ),
        (
            "the key's policy names the role, and no policy of a caller names KMS",
            "own-role",
            Outcome::NoEffect,
            false,
        ),
        (
            "the key's policy names the role, and no policy of a caller names KMS",
            "own-root",
            Outcome::Unknown,
            true,
        ),
        (
            "the key's policy names nobody of the caller's account: without it no other policy counts",
            "own-session",
            Outcome::Unknown,
            true,
        ),
        (
            "the key's policy denies it",
            "own-role",
            Outcome::NoEffect,
            false,
        ),
        (
            "the object has a KMS key, and a policy of the caller denies its use",
            "own-role",
            Outcome::NoEffect,
            false,
        ),
        (
            "the key's policy allows it through another service",
            "own-role",
            Outcome::Unknown,
            true,
        ),
        (
            "the key's policy has a condition of which nothing is known",
            "own-role",
            Outcome::Unknown,
            false,
        ),
        (
            "the key of another account has the default policy",
            "own-user",
            Outcome::Unknown,
            true,
        ),
        (
            "a caller of another account is let in by the bucket and not by the key",
            "other-role",
            Outcome::Unknown,
            true,
        ),
        (
            "everybody may read, and the object has a KMS key",
            "anonymous",
            Outcome::NoEffect,
            false,
        ),
        (
            "the object is encrypted with S3's own keys",
            "anonymous",
            Outcome::NoEffect,
            false,
        ),
    ] {
        let family = families.iter().find(|family| family.name == name);
        let found = family.unwrap().explain(caller, "s3:GetObject");
        let layer = found
            .layers
            .iter()
            .find(|said| said.layer == Layer::KeyGrants);
        let said = layer.unwrap();
        assert_eq!(said.outcome, outcome, "{name}: {caller}: {said:?}");
        let words = found.unread_words().unwrap_or_default();
        let turns = words.contains("can still allow the request: The grants of KMS key");
        assert_eq!(turns, can_turn, "{name}: {caller}: {words}");
        assert!(!can_turn || found.answer == Answer::Denied, "{name}");
    }
}

#[test]
fn a_denial_for_a_key_that_no_policy_denies_is_never_said_without_its_grants() {
    each_row(|family, caller, action, _| {
        let found = family.explain(caller, action);
        let grants = found
            .layers
            .iter()
            .find(|said| said.layer == Layer::KeyGrants);
        let is_open = grants.unwrap().outcome == Outcome::Unknown;
        let words = found.unread_words();
        let words = words.filter(|words| words.contains("grants of KMS key"));
        let rests_on_key = matches!(found.decided_by, Layer::Encryption | Layer::KeyPolicy);
        let expected = found.answer == Answer::Denied && rests_on_key && is_open;
        assert_eq!(
            words.is_some(),
            expected,
            "{}: {caller} {action}",
            family.name
        );
        if found.answer == Answer::Allowed {
            assert!(!is_open, "{}: {caller} {action}", family.name);
        }
    });
}

impl Family {
    /// A bucket with default settings, and a caller who may do everything.
    fn plain() -> Self {
        toml::from_str(
            r#"name = "plain"
               rows = []
               identity = ['{"Effect": "Allow", "Action": "*", "Resource": "*"}']"#,
        )
        .unwrap()
    }
}

#[test]
fn what_was_not_answered_can_only_make_an_answer_less_certain() {
    each_row(|family, caller, action, _| {
        let known = family.explain(caller, action).answer;
        let mut less = toml_of(family);
        less.is_policy_unknown = true;
        less.is_block_unknown = true;
        let unsure = less.explain(caller, action).answer;
        let contradicts = matches!(
            (known, unsure),
            (Answer::Allowed, Answer::Denied) | (Answer::Denied, Answer::Allowed)
        );
        assert!(!contradicts, "{}: {caller} {action}", family.name);
    });
}

/// Reads the family again, to change it.
fn toml_of(family: &Family) -> Family {
    let mut all = families();
    let at = all.iter().position(|one| one.name == family.name).unwrap();
    all.swap_remove(at)
}
