//! Whether anyone gets in, and what for: a finding for each power, what a block makes void, what depends on an unanswered
//! question, and where S3's own verdict is another.

use super::access::{Fate, Switch, effective_block, openings, restriction};
use super::advice;
use super::case::Case;
use super::finding::{Finding, Severity};
use crate::domain::advice::action::BlueprintSetting;
use crate::domain::advice::{Action, Advice, advice};
use crate::domain::policy::{Power, Reach};

/// How a power of anyone is said.
struct Words {
    power: Power,
    id: &'static str,
    severity: Severity,
    /// "Anyone can …"
    can: &'static str,
    why: &'static str,
}

const POWERS: [Words; 6] = [
    Words {
        power: Power::Read,
        id: "public-read",
        severity: Severity::Critical,
        can: "read objects in this bucket",
        why: "Whoever has or guesses a key sees the object, without an account.",
    },
    Words {
        power: Power::List,
        id: "public-list",
        severity: Severity::High,
        can: "list this bucket",
        why: "Keys hold the ids and file names of users, and tell a stranger what to ask for.",
    },
    Words {
        power: Power::Write,
        id: "public-write",
        severity: Severity::Critical,
        can: "write objects in this bucket",
        why: "Strangers can fill, change or empty the bucket at your cost.",
    },
    Words {
        power: Power::TakeOver,
        id: "public-takeover",
        severity: Severity::Critical,
        can: "change who may use this bucket",
        why: "Who may put a policy or an ACL can give themselves everything else, and lock you out.",
    },
    Words {
        power: Power::OtherWrite,
        id: "public-write-other",
        severity: Severity::High,
        can: "change this bucket or its objects in other ways",
        why: "Strangers can break uploads, cause costs or switch protection off.",
    },
    Words {
        power: Power::Metadata,
        id: "public-metadata",
        severity: Severity::Medium,
        can: "read tags, ACLs or the configuration of this bucket or its objects",
        why: "Tags and ACLs can name users and accounts, and a configuration tells a stranger what is not protected.",
    },
];

/// Networks that are named in evidence.
const SHOWN: usize = 5;

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    let (mut blocked, mut unless) = (Vec::new(), Vec::new());
    let mut can_unless = Vec::new();
    for words in POWERS {
        let mut open = Vec::new();
        for opening in openings(case, words.power) {
            match opening.fate {
                Fate::Open => open.push(opening.by),
                Fate::Blocked(by) => blocked.push(format!("{}; {by}", opening.by)),
                Fate::Unless(reasons) => {
                    unless.push(format!("{}, unless {}", opening.by, reasons.join(" or ")));
                    can_unless.push(words.can);
                }
            }
        }
        if !open.is_empty() {
            found.push(anyone(case, &words, open));
        }
    }
    by_status_alone(case, &mut blocked, &mut unless, &mut can_unless);
    blocked.dedup();
    if !blocked.is_empty() {
        found.push(void(case, blocked));
    }
    if !unless.is_empty() {
        found.push(conditionally(case, unless, &mut can_unless));
    }
    verdict_differs(case, found);
    block(case, found);
}

fn anyone(case: &Case<'_>, words: &Words, open: Vec<String>) -> Finding {
    let is_wanted = case.is_public_by_intent() && matches!(words.power, Power::Read | Power::List);
    let severity = if is_wanted {
        Severity::Info
    } else {
        words.severity
    };
    case.finding(words.id, severity, format!("Anyone can {}.", words.can))
        .evidence(open)
        .evidence(status(case))
        .why(words.why)
        .advise(if is_wanted {
            keep_public()
        } else {
            advice::close(case)
        })
}

/// The blueprint asks for what is found.
fn keep_public() -> Advice {
    Advice::from(Action::KeepAsWanted {
        setting: BlueprintSetting::Public,
    })
}

fn void(case: &Case<'_>, blocked: Vec<String>) -> Finding {
    case.finding(
        "public-policy-blocked",
        Severity::Medium,
        "Everybody is granted access, and a public access block makes the grant void.",
    )
    .evidence(blocked)
    .why("An application that relies on the grant gets 403; whoever lifts the block later opens the bucket.")
    .advise(advice::unblock_or_remove(case))
}

fn conditionally(case: &Case<'_>, unless: Vec<String>, can: &mut Vec<&str>) -> Finding {
    can.dedup();
    let severity = if case.is_public_by_intent()
        && can
            .iter()
            .all(|can| is_of(can, &[Power::Read, Power::List]))
    {
        Severity::Info
    } else if can.iter().all(|can| is_of(can, &[Power::Metadata])) {
        // Doubt makes nothing worse than the certainty is.
        Severity::Medium
    } else {
        Severity::High
    };
    case.finding(
        "public-unless",
        severity,
        format!(
            "Anyone can {}, unless something that is not known refuses it.",
            can.join(" and ")
        ),
    )
    .evidence(unless)
    .evidence(status(case))
    .why("What is known opens the bucket to everybody, and only what is not known could close it.")
    .advise(if severity == Severity::Info {
        keep_public()
    } else {
        advice!("answer the questions named in the evidence, or close the bucket")
            .then(advice::close(case))
    })
}

/// Whether words are those of one of these powers.
fn is_of(can: &str, powers: &[Power]) -> bool {
    POWERS
        .iter()
        .any(|words| words.can == can && powers.contains(&words.power))
}

/// A policy that could not be read, and of which S3 says that it is public.
fn by_status_alone(
    case: &Case<'_>,
    blocked: &mut Vec<String>,
    unless: &mut Vec<String>,
    can: &mut Vec<&str>,
) {
    let configuration = case.configuration;
    let is_public = configuration
        .policy_status
        .value()
        .is_some_and(|status| status.is_public);
    let Err(why) = configuration.policy.known() else {
        return;
    };
    if !is_public {
        return;
    }
    let by = "S3 calls the policy public (GetBucketPolicyStatus)";
    match restriction(case) {
        Switch::On(whose) => blocked.push(format!("{by}; {whose} has RestrictPublicBuckets on")),
        Switch::Off | Switch::Unknown(_) => {
            unless.push(format!(
                "{by}, unless the policy denies it ({}: {})",
                why.call,
                why.short()
            ));
            can.push("do what the policy allows");
        }
    }
}

/// What S3 itself says, for the evidence.
fn status(case: &Case<'_>) -> Option<String> {
    let status = case.configuration.policy_status.value()?;
    Some(if status.is_public {
        "S3 itself calls the policy public (GetBucketPolicyStatus)".to_owned()
    } else {
        "S3 itself does not call the policy public (GetBucketPolicyStatus)".to_owned()
    })
}

/// S3's own verdict is about the policy alone: blocks and ACLs change nothing in it.
fn verdict_differs(case: &Case<'_>, found: &mut Vec<Finding>) {
    let configuration = case.configuration;
    let (Some(policy), Some(status)) = (
        configuration.policy.value(),
        configuration.policy_status.value(),
    ) else {
        return;
    };
    let reaches: Vec<Reach<'_>> = Power::ALL
        .into_iter()
        .map(|power| policy.reach_of_anyone(case.setting(), power))
        .collect();
    let anyone = reaches
        .iter()
        .any(|reach| matches!(reach, Reach::Anyone(_)));
    let doubtful = reaches
        .iter()
        .any(|reach| matches!(reach, Reach::Depends { .. }));
    if anyone == status.is_public || doubtful {
        return;
    }
    let (message, mut evidence) = if status.is_public {
        let public = policy.public_statements().into_iter();
        (
            "S3 calls the policy public; by its statements nobody unnamed can read, list or write anything. Where the bucket is does not count: S3 tells anyone.",
            public
                .map(|statement| {
                    format!("public by AWS's definition: {}", policy.words_of(statement))
                })
                .collect::<Vec<_>>(),
        )
    } else {
        let open = reaches.iter().filter_map(Reach::way);
        let open = open.flat_map(|way| &way.statements);
        (
            "S3 does not call the policy public; by its statements anyone is let in.",
            open.map(|statement| format!("lets anyone in: {}", policy.words_of(statement)))
                .collect(),
        )
    };
    evidence.dedup();
    for reach in &reaches {
        if let Reach::From { networks, .. } = reach {
            let (shown, more) = networks.split_at(networks.len().min(SHOWN));
            let more = match more.len() {
                0 => String::new(),
                more => format!(" and {more} more networks"),
            };
            evidence.push(format!("let in are {}{more}", shown.join(", ")));
            break;
        }
    }
    found.push(
        case.finding("public-verdict-differs", Severity::Info, message)
            .evidence(status_words(status.is_public))
            .evidence(evidence)
            .why("AWS's definition asks what a statement fixes, and not who gets in: denials, dates and what an action is good for do not count there.")
            .advise(advice!("give the statement a condition with a fixed value, so that both agree")),
    );
}

fn status_words(is_public: bool) -> [String; 1] {
    [format!("GetBucketPolicyStatus: IsPublic is {is_public}")]
}

fn block(case: &Case<'_>, found: &mut Vec<Finding>) {
    let Ok(block) = effective_block(case.configuration) else {
        return;
    };
    let off = block.off();
    if off.is_empty() {
        return;
    }
    let severity = if case.is_public_by_intent() {
        Severity::Info
    } else {
        case.if_wanted(Severity::High)
    };
    found.push(
        case.finding(
            "public-access-block-off",
            severity,
            format!(
                "Public access is not blocked: {} of four switches off, at bucket and account together.",
                off.len()
            ),
        )
        .evidence(off.into_iter().map(|name| format!("{name} is off")))
        .why("One careless policy or ACL is then enough to show the bucket to everybody.")
        .advise(if case.is_public_by_intent() {
            keep_public()
        } else {
            advice::close(case)
        }),
    );
}
