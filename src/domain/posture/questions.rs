//! What an unanswered question could hide: the findings that its answer might have shown, and how severe they would be.
//!
//! Who asks for a failure from some severity on (`audit --fail-on`) must not take silence for good news. A question is
//! named with every finding that rests on it; what another answer already settles is left out.

use super::access::{AclsCount, Fate, Switch, acls_count, openings, restriction, switch};
use super::case::Case;
use super::finding::Severity;
use crate::domain::configuration::{Configuration, Unanswered};
use crate::domain::policy::{Policy, Power};

/// A question that was not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenQuestion {
    /// Which, and why.
    pub why: Unanswered,
    /// The ids of findings that the answer could show, with their severity.
    pub hides: Vec<(&'static str, Severity)>,
    /// Whether it was answered in part: a limit stopped it, which another limit would not.
    pub is_partly_answered: bool,
}

const BY_POLICY: &[(&str, Severity)] = &[
    ("public-read", Severity::Critical),
    ("public-write", Severity::Critical),
    ("public-takeover", Severity::Critical),
    ("public-list", Severity::High),
    ("public-write-other", Severity::High),
    ("cross-account-grant", Severity::High),
    ("public-metadata", Severity::Medium),
    ("public-policy-blocked", Severity::Medium),
    ("tls-not-required", Severity::Medium),
    ("tls-version-low", Severity::Low),
];
const BY_ACL: &[(&str, Severity)] = &[
    ("public-read", Severity::Critical),
    ("public-write", Severity::Critical),
    ("public-takeover", Severity::Critical),
    ("public-list", Severity::High),
    ("cross-account-grant", Severity::High),
    ("public-metadata", Severity::Medium),
];
const BY_OBJECT_ACL: &[&str] = &["public-read", "public-takeover", "public-metadata"];
const BY_CONTENTS: &[(&str, Severity)] = &[
    ("lifecycle-rule-matches-nothing", Severity::High),
    ("notification-recursive", Severity::High),
    ("derived-key-collision", Severity::High),
    ("object-unencrypted", Severity::High),
    ("lifecycle-object-uncovered", Severity::Medium),
    ("lifecycle-transition-overdue", Severity::Medium),
    ("lifecycle-missing", Severity::Medium),
    ("notification-missing", Severity::Medium),
    ("object-key-differs", Severity::Medium),
    ("logging-stale", Severity::Medium),
];
const BY_ACCESS_POINTS: &[(&str, Severity)] = &[
    ("access-point-public", Severity::High),
    ("access-point-block-off", Severity::Medium),
];

const BY_LIFECYCLE: &[(&str, Severity)] = &[
    ("lifecycle-rule-matches-nothing", Severity::High),
    ("lifecycle-missing", Severity::Medium),
    ("lifecycle-object-uncovered", Severity::Medium),
    ("lifecycle-transition-overdue", Severity::Medium),
    ("noncurrent-never-expire", Severity::Medium),
    ("incomplete-uploads-never-abort", Severity::Medium),
    ("lifecycle-minimum-stay", Severity::Low),
    DRIFT,
];
const BY_LOGGING: &[(&str, Severity)] = &[
    ("log-bucket-without-grant", Severity::High),
    ("logging-unusable", Severity::High),
    ("logging-off", Severity::Medium),
    ("logging-stale", Severity::Medium),
    DRIFT,
];
const DRIFT: (&str, Severity) = ("blueprint-drift", Severity::Medium);

/// The questions about a bucket that were not answered, each with what it could hide. One that the endpoint does not have
/// hides nothing: there is nothing of the kind.
#[must_use]
pub(crate) fn open_questions(case: &Case<'_>) -> Vec<OpenQuestion> {
    let mut found = of_configuration(case);
    for why in case.unanswered {
        found.push((why.clone(), about_contents(case, &why.call)));
    }
    found
        .into_iter()
        .filter(|(why, hides)| !why.is_not_there() && !hides.is_empty())
        .map(|(why, hides)| OpenQuestion {
            why,
            hides,
            is_partly_answered: false,
        })
        .collect()
}

/// The questions that a limit left half answered, each with what the other half could hide.
#[must_use]
pub(crate) fn partly_answered(case: &Case<'_>, partly: &[Unanswered]) -> Vec<OpenQuestion> {
    let questions = partly.iter().map(|why| OpenQuestion {
        why: why.clone(),
        hides: about_contents(case, &why.call)
            .into_iter()
            .filter_map(|hidden| as_judged(case, hidden))
            .collect(),
        is_partly_answered: true,
    });
    questions
        .filter(|question| !question.hides.is_empty())
        .collect()
}

/// What hides in not knowing whose account this is: nobody can then be told from a stranger. A server that has no accounts
/// has no strangers.
#[must_use]
pub(crate) fn without_account(case: &Case<'_>, why: Option<&Unanswered>) -> Option<OpenQuestion> {
    let block = case.configuration.account_block.setting.problem();
    let has_accounts = !block.is_some_and(Unanswered::is_not_there);
    let has_policy = case.configuration.policy.known() != Ok(None);
    let is_restricted = matches!(restriction(case), Switch::On(_));
    (has_accounts && has_policy && !is_restricted).then_some(())?;
    Some(OpenQuestion {
        why: why?.clone(),
        hides: vec![("cross-account-grant", Severity::High)],
        is_partly_answered: false,
    })
}

type Hidden = Vec<(&'static str, Severity)>;

fn of_configuration(case: &Case<'_>) -> Vec<(Unanswered, Hidden)> {
    use Severity::{High, Info, Low, Medium};
    // Every field is named, so that a new one cannot be forgotten here.
    let Configuration {
        bucket: _,
        region,
        encryption,
        versioning,
        // Who gets in is `of_access`.
        public_access: _,
        account_block: _,
        policy: _,
        policy_status: _,
        acl: _,
        ownership: _,
        cors,
        lifecycle,
        logging,
        replication,
        notifications,
        object_lock,
        tags,
        // No finding rests on these.
        website: _,
        tiering: _,
        inventory: _,
        metrics,
        access_points,
        metadata_tables: _,
    } = case.configuration;
    let all: [(_, &[(&'static str, Severity)]); 12] = [
        (access_points.setting.problem(), BY_ACCESS_POINTS),
        (region.problem(), &[DRIFT]),
        (
            encryption.setting.problem(),
            &[
                ("encryption-type-blocked", High),
                ("encryption-expected-kms", Medium),
                ("object-key-differs", Medium),
                DRIFT,
            ],
        ),
        (
            versioning.setting.problem(),
            &[
                ("lifecycle-rule-matches-nothing", High),
                ("versioning-off", Medium),
                ("noncurrent-never-expire", Medium),
                DRIFT,
            ],
        ),
        (
            cors.setting.problem(),
            &[("cors-missing-origin", Medium), ("cors-wildcard", Low)],
        ),
        (lifecycle.setting.problem(), BY_LIFECYCLE),
        (logging.setting.problem(), BY_LOGGING),
        (
            replication.setting.problem(),
            &[
                ("replication-stopped", High),
                ("replication-kms-not-selected", High),
                ("replication-rules-conflict", Medium),
                ("replication-setting-ignored", Medium),
                ("replica-missing", Medium),
                ("replication-leaves-copies", Info),
                DRIFT,
            ],
        ),
        (
            notifications.setting.problem(),
            &[
                ("notification-recursive", High),
                ("notification-missing", Medium),
                DRIFT,
            ],
        ),
        (
            object_lock.setting.problem(),
            &[("object-lock-blocks-erasure", Info)],
        ),
        (tags.setting.problem(), &[DRIFT]),
        (metrics.setting.problem(), &[("alarm-never-has-data", High)]),
    ];
    let others = all.into_iter().map(|(why, hides)| (why, hides.to_vec()));
    of_access(case)
        .into_iter()
        .chain(others)
        .filter_map(|(why, hides)| {
            let hides = hides
                .into_iter()
                .filter_map(|hidden| as_judged(case, hidden));
            Some((why?.clone(), hides.collect()))
        })
        .collect()
}

/// The questions that decide together who gets in.
fn of_access<'a>(case: &Case<'a>) -> [(Option<&'a Unanswered>, Hidden); 6] {
    let configuration = case.configuration;
    let with_drift = |mut hides: Hidden| {
        hides.push(DRIFT);
        hides
    };
    [
        (
            configuration.public_access.setting.problem(),
            with_drift(by_block(case)),
        ),
        (
            configuration.account_block.setting.problem(),
            by_block(case),
        ),
        (
            configuration.policy.setting.problem(),
            with_drift(by_policy(case)),
        ),
        (
            configuration.policy_status.setting.problem(),
            vec![("public-verdict-differs", Severity::Info)],
        ),
        (
            configuration.acl.setting.problem(),
            with_owner(case, by_acl(case)),
        ),
        (
            configuration.ownership.setting.problem(),
            with_drift(by_ownership(case)),
        ),
    ]
}

/// A finding as it would be judged here: some are less where no blueprint asks for them, or are not made at all.
fn as_judged(
    case: &Case<'_>,
    (id, severity): (&'static str, Severity),
) -> Option<(&'static str, Severity)> {
    match id {
        "blueprint-drift" if case.blueprint.is_none() => None,
        "versioning-off" | "lifecycle-missing" | "logging-off" => {
            Some((id, case.if_wanted(severity)))
        }
        _ => Some((id, severity)),
    }
}

/// A block that is not known hides that what is open is open, and that it is off itself.
fn by_block(case: &Case<'_>) -> Hidden {
    let mut hides = vec![("public-access-block-off", case.if_wanted(Severity::High))];
    for (power, id, severity) in [
        (Power::Read, "public-read", Severity::Critical),
        (Power::Write, "public-write", Severity::Critical),
        (Power::TakeOver, "public-takeover", Severity::Critical),
        (Power::List, "public-list", Severity::High),
        (Power::OtherWrite, "public-write-other", Severity::High),
        (Power::Metadata, "public-metadata", Severity::Medium),
    ] {
        let openings = openings(case, power);
        if openings
            .iter()
            .any(|opening| matches!(opening.fate, Fate::Unless(_)))
        {
            hides.push((id, severity));
        }
    }
    hides
}

/// Where public buckets are restricted, no policy opens one; another account may still be let in by one that is not public.
fn by_policy(case: &Case<'_>) -> Hidden {
    let restricted = switch(case.configuration, |block| block.restrict_public_buckets);
    let is_restricted = matches!(restricted, Switch::On(_));
    let hides = BY_POLICY.iter().copied();
    hides
        .filter(|(id, _)| !is_restricted || !OPEN.contains(id))
        .collect()
}

/// The findings that a public access block makes impossible.
const OPEN: &[&str] = &[
    "public-read",
    "public-write",
    "public-takeover",
    "public-list",
    "public-write-other",
    "public-metadata",
];

fn by_acl(case: &Case<'_>) -> Hidden {
    if matches!(acls_count(case.configuration), AclsCount::No) {
        return Vec::new();
    }
    let ignored = switch(case.configuration, |block| block.ignore_public_acls);
    let is_ignored = matches!(ignored, Switch::On(_));
    let hides = BY_ACL.iter().copied();
    hides
        .filter(|(id, _)| !is_ignored || !OPEN.contains(id))
        .collect()
}

/// An object's ACL gives power over the object alone: it lists and writes nothing.
fn by_object_acl(case: &Case<'_>) -> Hidden {
    let hides = by_acl(case).into_iter();
    hides.filter(|(id, _)| BY_OBJECT_ACL.contains(id)).collect()
}

/// Whose bucket it is stands in its ACL, also where ACLs do not count. Without it, nobody can tell a canonical id in the policy
/// from the owner's own.
fn with_owner(case: &Case<'_>, mut hides: Hidden) -> Hidden {
    let grant = ("cross-account-grant", Severity::High);
    let policy = case.configuration.policy.value();
    let is_restricted = matches!(restriction(case), Switch::On(_));
    let names = policy.is_some_and(Policy::names_canonical_ids);
    if names && !is_restricted && !hides.contains(&grant) {
        hides.push(grant);
    }
    hides
}

/// Without knowing who owns objects, what the ACL says may count or not.
fn by_ownership(case: &Case<'_>) -> Hidden {
    let mut hides = vec![("acl-enabled", Severity::Low)];
    let acl = case.configuration.acl.value();
    let of_bucket = acl.is_none_or(|acl| acl.to_others().next().is_some());
    let mut of_objects = case.object_acls.iter();
    if of_bucket || of_objects.any(|object| object.acl.to_others().next().is_some()) {
        hides.extend(by_acl(case));
    }
    hides
}

/// What a question about the content, the logs or the alarms could hide.
fn about_contents(case: &Case<'_>, call: &str) -> Hidden {
    match call {
        "GetObjectAcl" => by_object_acl(case),
        "HeadObject" => vec![
            ("object-unencrypted", Severity::High),
            ("object-key-differs", Severity::Medium),
            ("replica-missing", Severity::Medium),
            ("cache-outlives-object", Severity::Low),
        ],
        "ListMultipartUploads" | "ListParts" => {
            vec![("incomplete-uploads-never-abort", Severity::Medium)]
        }
        "DescribeAlarms" | "ListMetrics" | "GetMetricData" => vec![
            ("alarm-never-has-data", Severity::High),
            ("alarm-other-region", Severity::High),
            ("alarm-counts-one-class", Severity::Low),
        ],
        _ => BY_CONTENTS.to_vec(),
    }
}
