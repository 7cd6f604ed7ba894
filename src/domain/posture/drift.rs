//! blueprint-drift: every difference between what was wanted and what is there that no other finding tells.

use std::collections::BTreeSet;

use super::access::{Fate, openings};
use super::advice;
use super::case::Case;
use super::finding::{Finding, Severity};
use crate::domain::advice::{Action, Advice, advice};
use crate::domain::blueprint::expect::{Algorithm, WantedGrant, WantedRule, WantedVersioning};
use crate::domain::configuration::{
    Expiration, Lifecycle, Policy, Principal, Principals, Rule, Statement, VersioningState, When,
};
use crate::domain::policy::{Pattern, Power};

/// Something that differs: what of, wanted and found.
struct Difference {
    of: &'static str,
    severity: Severity,
    wanted: String,
    found: String,
    advice: Advice,
}

impl Difference {
    /// What sets the bucket to what is wanted.
    fn mended_by(self, advice: impl Into<Advice>) -> Self {
        Self {
            advice: advice.into().then(advice!(
                "or change the blueprint, where the bucket is right"
            )),
            ..self
        }
    }
}

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    for differs in differences(case) {
        found.push(
            case.finding(
                "blueprint-drift",
                differs.severity,
                format!("The {} is not what the blueprint wants.", differs.of),
            )
            .evidence([
                format!("wanted: {}", differs.wanted),
                format!("found: {}", differs.found),
            ])
            .why("Either the bucket was changed by hand or the blueprint is out of date: one of them is wrong.")
            .advise(differs.advice),
        );
    }
}

fn differences(case: &Case<'_>) -> Vec<Difference> {
    let mut all = Vec::new();
    if case.blueprint.is_none() {
        return all;
    }
    all.extend(region(case));
    all.extend(versioning(case));
    all.extend(encryption(case));
    all.extend(blocked_types(case));
    all.extend(block(case));
    all.extend(ownership(case));
    all.extend(cdn(case));
    all.extend(logging(case));
    all.extend(grants(case));
    all.extend(lifecycle(case));
    all.extend(replication(case));
    all.extend(notifications(case));
    all.extend(tags(case));
    all
}

fn differs(of: &'static str, wanted: impl Into<String>, found: impl Into<String>) -> Difference {
    Difference {
        of,
        severity: Severity::Medium,
        wanted: wanted.into(),
        found: found.into(),
        advice: advice!("change the bucket to what is wanted, or the blueprint to what is right"),
    }
}

fn region(case: &Case<'_>) -> Option<Difference> {
    let wanted = case.expect()?.region.as_deref()?;
    let found = case.configuration.region.value()?;
    (found.as_str() != wanted).then(|| differs("Region", wanted, found.as_str()))
}

/// Versioning that is required and not on is `versioning-off`.
fn versioning(case: &Case<'_>) -> Option<Difference> {
    let wanted = case.expect()?.versioning?;
    let found = case.configuration.versioning.known().ok()?;
    let (found, word) = match found.map(|v| v.state) {
        None => (WantedVersioning::Off, "off"),
        Some(VersioningState::Enabled) => (WantedVersioning::Enabled, "enabled"),
        Some(VersioningState::Suspended) => (WantedVersioning::Suspended, "suspended"),
    };
    (wanted != found && wanted != WantedVersioning::Enabled).then(|| {
        let differs = differs("versioning", format!("{wanted:?}").to_lowercase(), word);
        // A bucket that kept versions once can stop, and is never again one that never did. Replication needs them.
        let replication = case.configuration.replication.value();
        let mut rules = replication
            .into_iter()
            .flat_map(|replication| &replication.rules);
        let replicates = rules.any(|rule| rule.enabled);
        if wanted == WantedVersioning::Suspended
            && found == WantedVersioning::Enabled
            && !replicates
        {
            differs.mended_by(Action::SetVersioning {
                bucket: case.bucket().clone(),
                state: VersioningState::Suspended,
            })
        } else {
            differs
        }
    })
}

/// KMS that is required and missing is `encryption-expected-kms`; a bucket key without KMS has a finding, too.
fn encryption(case: &Case<'_>) -> Option<Difference> {
    let wanted = case.expect()?.encryption.as_ref()?;
    let found = case.configuration.encryption.known().ok()?;
    let Some(found) = found else {
        // S3 encrypts with AES256 where nothing is configured; another endpoint may not.
        return (wanted.algorithm == Algorithm::Aes256).then(|| {
            differs("default encryption", "AES256", "not configured")
                .mended_by(advice::default_encryption(case))
        });
    };
    if wanted.algorithm == Algorithm::Aes256 {
        return (found.algorithm != "AES256").then(|| {
            differs("default encryption", "AES256", found.algorithm.as_str())
                .mended_by(advice::default_encryption(case))
        });
    }
    let word = |on| if on { "on" } else { "off" };
    let bucket_key = wanted.bucket_key?;
    (found.is_kms() && bucket_key != found.bucket_key).then(|| {
        differs("bucket key", word(bucket_key), word(found.bucket_key))
            .mended_by(advice::default_encryption(case))
    })
}

/// A bucket whose service does not say what it blocks is not judged.
fn blocked_types(case: &Case<'_>) -> Option<Difference> {
    let wanted = case.expect()?.encryption.as_ref()?.blocked.as_ref()?;
    let default = case.configuration.encryption.value()?;
    let found = default.blocked.as_ref()?;
    let wanted: BTreeSet<&str> = wanted.iter().map(|kind| kind.as_str()).collect();
    let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    let word = |kinds: &BTreeSet<&str>| {
        if kinds.is_empty() {
            "none".to_owned()
        } else {
            kinds.iter().copied().collect::<Vec<_>>().join(", ")
        }
    };
    (wanted != found).then(|| {
        differs(
            "list of refused encryption types",
            word(&wanted),
            word(&found),
        )
        .mended_by(advice::refuse_types(
            case,
            default,
            wanted.iter().map(|kind| (*kind).to_owned()).collect(),
        ))
    })
}

fn block(case: &Case<'_>) -> Option<Difference> {
    let wanted = case.expect()?.public_access_block?;
    let found = case.configuration.public_access.known().ok()?;
    let found = found.copied().unwrap_or_default();
    let switches = |on: [bool; 4]| {
        let names = [
            "BlockPublicAcls",
            "IgnorePublicAcls",
            "BlockPublicPolicy",
            "RestrictPublicBuckets",
        ];
        let on: Vec<&str> = names
            .into_iter()
            .zip(on)
            .filter_map(|(name, on)| on.then_some(name))
            .collect();
        if on.is_empty() {
            "none".to_owned()
        } else {
            on.join(", ")
        }
    };
    let wanted = [
        wanted.block_public_acls,
        wanted.ignore_public_acls,
        wanted.block_public_policy,
        wanted.restrict_public_buckets,
    ];
    let found = [
        found.block_public_acls,
        found.ignore_public_acls,
        found.block_public_policy,
        found.restrict_public_buckets,
    ];
    (wanted != found).then(|| {
        differs("public access block", switches(wanted), switches(found))
            .mended_by(advice::block_as_wanted(case))
    })
}

fn ownership(case: &Case<'_>) -> Option<Difference> {
    let wanted = format!("{:?}", case.expect()?.ownership?);
    let found = case.configuration.ownership.known().ok()?;
    let found = found.map_or("not set", |found| found.as_str());
    (found != wanted).then(|| {
        let advice = advice::ownership(case);
        differs("object ownership", wanted, found).mended_by(advice)
    })
}

/// A CDN that reads a bucket has a grant of its own. Where anyone may read it needs none: then S3 cannot tell whether there is
/// a CDN, and that is what is said.
fn cdn(case: &Case<'_>) -> Option<Difference> {
    if case.expect()?.cdn != Some(true) {
        return None;
    }
    let policy = case.configuration.policy.known().ok()?;
    let reads = policy.is_some_and(|policy| {
        policy
            .statements
            .iter()
            .any(|s| s.allow && s.actions.include_action("s3:GetObject").is_yes() && names_cdn(s))
    });
    let open = openings(case, Power::Read)
        .iter()
        .any(|opening| opening.fate == Fate::Open);
    (!reads).then(|| {
        let found = if open {
            "no statement of the policy names one; anyone may read, and so might a CDN"
        } else {
            "no statement of the policy lets a CDN read"
        };
        Difference {
            severity: if open {
                Severity::Low
            } else {
                Severity::Medium
            },
            ..differs(
                "CDN",
                "one that reads the bucket by a grant of its own",
                found,
            )
        }
    })
}

fn names_cdn(statement: &Statement) -> bool {
    match &statement.principals {
        Principals::Only(who) => who.iter().any(|p| match p {
            Principal::Service(name) => name == "cloudfront.amazonaws.com",
            Principal::Aws(arn) => arn.contains("CloudFront Origin Access Identity"),
            Principal::Canonical(_) => true,
            Principal::Anyone | Principal::Federated(_) => false,
        }),
        Principals::Except(_) => false,
    }
}

/// Logging that is wanted and off is `logging-off`.
fn logging(case: &Case<'_>) -> Option<Difference> {
    let wanted = case.expect()?.logging.as_ref()?;
    let found = case.configuration.logging.known().ok()??;
    let is_right = found.bucket == wanted.bucket.as_str() && found.prefix == wanted.prefix;
    (!is_right).then(|| {
        differs(
            "access log's target",
            format!("s3://{}/{}", wanted.bucket, wanted.prefix),
            format!("s3://{}/{}", found.bucket, found.prefix),
        )
        .mended_by(advice::logging(case))
    })
}

fn grants(case: &Case<'_>) -> Vec<Difference> {
    let wanted = case.expect().and_then(|expect| expect.grant.as_deref());
    let (Some(wanted), Ok(policy)) = (wanted, case.configuration.policy.known()) else {
        return Vec::new();
    };
    let bucket = case.bucket().as_str();
    wanted
        .iter()
        .filter_map(|grant| {
            let missing: Vec<&str> = grant
                .actions
                .iter()
                .map(String::as_str)
                .filter(|action| !policy.is_some_and(|p| is_granted(p, bucket, grant, action)))
                .collect();
            (!missing.is_empty()).then(|| {
                differs(
                    "policy",
                    format!("{} for {}", missing.join(", "), grant.to),
                    "no statement that grants it",
                )
            })
        })
        .collect()
}

fn is_granted(policy: &Policy, bucket: &str, grant: &WantedGrant, action: &str) -> bool {
    let object = format!("arn:aws:s3:::{bucket}/{}x", grant.prefix);
    let itself = format!("arn:aws:s3:::{bucket}");
    policy.statements.iter().any(|s| {
        let named = match &s.principals {
            Principals::Only(who) => who.iter().any(|p| match p {
                Principal::Service(name) => *name == grant.to,
                Principal::Aws(arn) => arn.ends_with(&format!(":{}", grant.to)),
                Principal::Canonical(id) | Principal::Federated(id) => *id == grant.to,
                Principal::Anyone => false,
            }),
            Principals::Except(_) => false,
        };
        let on = match &s.resources {
            crate::domain::configuration::Matching::Only(patterns) => patterns
                .iter()
                .map(|p| Pattern::new(p))
                .any(|p| p.matches(&object) || p.matches(&itself)),
            crate::domain::configuration::Matching::Except(_) => false,
        };
        let cdn = grant.to == "cdn" && names_cdn(s);
        s.allow && (named || cdn) && on && s.actions.include_action(action).is_yes()
    })
}

fn lifecycle(case: &Case<'_>) -> Vec<Difference> {
    let wanted = case.expect().and_then(|expect| expect.lifecycle.as_deref());
    let (Some(wanted), Ok(found)) = (wanted, case.configuration.lifecycle.known()) else {
        return Vec::new();
    };
    // None at all is `lifecycle-missing`, or right.
    let Some(found) = found else {
        return Vec::new();
    };
    wanted
        .iter()
        .filter(|wanted| !does(found, wanted))
        .map(|wanted| {
            let same = found.rules.iter().find(|rule| rule.id == wanted.id);
            differs(
                "lifecycle",
                format!("{}: {}", wanted.id, wanted_words(wanted)),
                same.map_or_else(
                    || "no enabled rule that does it".to_owned(),
                    |rule| {
                        let off = if rule.enabled { "" } else { " (disabled)" };
                        format!(
                            "{}{off}: {} for {}",
                            rule.id,
                            rule.actions().join(", "),
                            rule.filter.words()
                        )
                    },
                ),
            )
            .mended_by(advice::wanted_rule(case, wanted))
        })
        .collect()
}

/// Whether the enabled rules do what a wanted one says, in one rule or in several.
pub(super) fn does(found: &Lifecycle, wanted: &WantedRule) -> bool {
    // A rule that names its layouts may be right under another prefix; whether it reaches them is judged by the keys.
    let rules: Vec<&Rule> = found
        .rules
        .iter()
        .filter(|rule| rule.enabled && rule.filter.is_prefix_alone())
        .filter(|rule| !wanted.layouts.is_empty() || wanted.prefix.starts_with(&rule.filter.prefix))
        .collect();
    let any = |does: &dyn Fn(&Rule) -> bool| rules.iter().any(|rule| does(rule));
    let transitions = wanted.transitions.iter().all(|t| {
        any(&|rule| {
            rule.transitions
                .iter()
                .any(|f| f.when == When::Days(t.days) && f.class.as_str() == t.class)
        })
    });
    let expires = wanted
        .expire_days
        .is_none_or(|days| any(&|rule| rule.expiration == Some(Expiration::At(When::Days(days)))));
    let noncurrent = wanted.expire_noncurrent_days.is_none_or(|days| {
        any(&|rule| {
            rule.noncurrent_expiration
                .is_some_and(|end| end.days == days)
        })
    });
    let uploads = wanted
        .abort_uploads_days
        .is_none_or(|days| any(&|rule| rule.abort_uploads_days == Some(days)));
    transitions && expires && noncurrent && uploads
}

fn wanted_words(rule: &WantedRule) -> String {
    let mut parts: Vec<String> = rule
        .transitions
        .iter()
        .map(|t| format!("{} after {} days", t.class, t.days))
        .collect();
    for (days, what) in [
        (rule.expire_days, "expire after"),
        (
            rule.expire_noncurrent_days,
            "noncurrent versions expire after",
        ),
        (rule.abort_uploads_days, "abort uploads after"),
    ] {
        parts.extend(days.map(|days| format!("{what} {days} days")));
    }
    let on = if rule.prefix.is_empty() {
        "all objects".to_owned()
    } else {
        format!("keys that begin with {}", rule.prefix)
    };
    format!("{} for {on}", parts.join(", "))
}

fn replication(case: &Case<'_>) -> Vec<Difference> {
    let wanted = case
        .expect()
        .and_then(|expect| expect.replication.as_deref());
    let (Some(wanted), Ok(found)) = (wanted, case.configuration.replication.known()) else {
        return Vec::new();
    };
    wanted
        .iter()
        .filter_map(|wanted| {
            let to = wanted.to.as_str();
            let rule = found
                .into_iter()
                .flat_map(|found| &found.rules)
                .find(|rule| rule.enabled && rule.to == to);
            let markers = |on| if on { "with" } else { "without" };
            let word = |prefix: &str, on, kms| {
                let (on, kms) = (markers(on), markers(kms));
                format!("{to} for \"{prefix}\" {on} delete markers, {kms} objects under KMS keys")
            };
            // More than was wanted harms nobody.
            let is_right = rule.is_some_and(|rule| {
                rule.prefix == wanted.prefix
                    && rule.delete_markers == wanted.delete_markers
                    && (rule.kms_encrypted || !wanted.kms_encrypted)
            });
            (!is_right).then(|| {
                differs(
                    "replication",
                    word(&wanted.prefix, wanted.delete_markers, wanted.kms_encrypted),
                    rule.map_or_else(
                        || "no enabled rule to it".to_owned(),
                        |rule| word(&rule.prefix, rule.delete_markers, rule.kms_encrypted),
                    ),
                )
            })
        })
        .collect()
}

/// A notification that is there and does not hear the right keys is `notification-missing`.
fn notifications(case: &Case<'_>) -> Vec<Difference> {
    let wanted = case
        .expect()
        .and_then(|expect| expect.notification.as_deref());
    let (Some(wanted), Ok(found)) = (wanted, case.configuration.notifications.known()) else {
        return Vec::new();
    };
    // EventBridge hears of everything; whom it tells, S3 does not know.
    if found.is_some_and(|found| found.event_bridge) {
        return Vec::new();
    }
    wanted
        .iter()
        .filter(|wanted| {
            let kind = wanted.to.kind();
            let events: BTreeSet<&String> = wanted.events.iter().collect();
            !found
                .into_iter()
                .flat_map(|found| &found.notifications)
                .any(|n| n.kind == kind && events.is_subset(&n.events.iter().collect()))
        })
        .map(|wanted| {
            differs(
                "event notification",
                format!("{} of {}", wanted.id, wanted.events.join(", ")),
                "nobody of that kind is told of them",
            )
        })
        .collect()
}

fn tags(case: &Case<'_>) -> Option<Difference> {
    let wanted = case.expect()?.tags.as_ref()?;
    let found = case.configuration.tags.known().ok()?;
    let missing: Vec<String> = wanted
        .iter()
        .filter(|(key, value)| found.and_then(|found| found.0.get(*key)) != Some(value))
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    (!missing.is_empty()).then(|| {
        let found = found.map_or_else(
            || "none".to_owned(),
            |found| {
                let all: Vec<String> = found.0.iter().map(|(k, v)| format!("{k}={v}")).collect();
                all.join(", ")
            },
        );
        differs("bucket's tags", missing.join(", "), found).mended_by(advice::tags(case, wanted))
    })
}
