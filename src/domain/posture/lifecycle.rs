//! Whether lifecycle rules are there, and whether they have any effect on what is in the bucket.

use super::advice;
use super::case::Case;
use super::contents::Contents;
use super::finding::{Finding, Severity};
use super::minimum_stay;
use crate::domain::ByteSize;
use crate::domain::advice::action::BlueprintSetting;
use crate::domain::advice::{Action, Advice, advice};
use crate::domain::blueprint::expect::WantedVersioning;
use crate::domain::configuration::{Expiration, Lifecycle, Rule};
use crate::domain::lifecycle::{Amount, Coverage};
use crate::domain::words::{counted, counted_are};

/// A bucket that holds more should have a rule, in bytes.
const WORTH_A_RULE: u64 = 1 << 30;

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    let Ok(lifecycle) = case.configuration.lifecycle.known() else {
        return;
    };
    let Some(lifecycle) = lifecycle else {
        missing(case, wants_rules(case), found);
        return;
    };
    // Rules that only clean up move and delete no object. Where the blueprint asks for no more, somebody decided that.
    let cleans_up = !lifecycle.rules.iter().any(moves_or_deletes);
    if cleans_up && !wants_rules(case) && case.contents.is_some_and(is_untouched) {
        missing(case, false, found);
    }
    minimum_stay::judge(case, lifecycle, found);
    if let Some(contents) = case.contents {
        idle(case, lifecycle, contents, found);
        uncovered(case, lifecycle, contents, found);
        overdue(case, lifecycle, contents, found);
        too_small(case, lifecycle, contents, found);
    }
}

/// "9 objects of 1.2 GiB, among them a, b".
fn amount(amount: &Amount, counted: &str) -> String {
    format!(
        "{counted} of {}, among them {}",
        ByteSize(amount.bytes),
        amount.examples.join(", ")
    )
}

fn objects(of: &Amount) -> String {
    amount(of, &counted(of.count, "object"))
}

/// The same of what a bucket holds.
fn are_there(of: &Amount) -> String {
    amount(of, &format!("{} there", counted_are(of.count, "object")))
}

/// What a listing that stopped early can say.
fn at_least(contents: &Contents) -> &'static str {
    if contents.complete { "" } else { "at least " }
}

fn bytes(case: &Case<'_>) -> u64 {
    case.contents.map_or(0, |contents| {
        contents.coverage.objects.bytes + contents.coverage.noncurrent.bytes
    })
}

/// Whether there is so much that a rule should move or delete some of it.
fn is_large(case: &Case<'_>) -> bool {
    bytes(case) > WORTH_A_RULE
}

fn wants_rules(case: &Case<'_>) -> bool {
    case.expect()
        .and_then(|expect| expect.lifecycle.as_ref())
        .is_some_and(|rules| !rules.is_empty())
}

/// Whether no rule is about most of the objects.
fn is_untouched(contents: &Contents) -> bool {
    let coverage = &contents.coverage;
    let (untouched, all) = (coverage.untouched.count, coverage.objects.count);
    all > 0 && untouched.saturating_mul(10) >= all.saturating_mul(9)
}

/// Whether a rule is about objects, and not only about what is left of them.
fn moves_or_deletes(rule: &Rule) -> bool {
    rule.enabled
        && (!rule.transitions.is_empty() || matches!(rule.expiration, Some(Expiration::At(_))))
}

fn missing(case: &Case<'_>, wanted: bool, found: &mut Vec<Finding>) {
    if !wanted && !is_large(case) {
        return;
    }
    let evidence = if wanted {
        "the blueprint asks for rules".to_owned()
    } else {
        format!("the bucket holds {}", ByteSize(bytes(case)))
    };
    found.push(
        case.finding(
            "lifecycle-missing",
            case.if_wanted(Severity::Medium),
            "No lifecycle rule moves or deletes anything.",
        )
        .evidence([evidence])
        .why("What nobody needs any more is kept, in the dearest class, forever.")
        .advise(
            advice::wanted_lifecycle(case).unwrap_or_else(|| Action::ChooseLifecycle {
                bucket: case.bucket().clone(),
            }),
        ),
    );
}

fn idle(case: &Case<'_>, lifecycle: &Lifecycle, contents: &Contents, found: &mut Vec<Finding>) {
    let coverage = &contents.coverage;
    for index in coverage.idle_rules() {
        let Some(rule) = lifecycle.rules.get(index) else {
            continue;
        };
        if coverage.is_void(rule) {
            found.push(void(case, rule, coverage));
            continue;
        }
        // A listing that stopped early has not seen what a rule may be about.
        if !contents.complete {
            continue;
        }
        found.push(
            case.finding(
                "lifecycle-rule-matches-nothing",
                Severity::High,
                format!("The lifecycle rule {} touches nothing.", rule.id),
            )
            .evidence([
                format!("it is for {}", rule.filter.words()),
                are_there(&coverage.objects),
            ])
            .why("The rule looks as if it took care of the objects, and they stay as they are.")
            .advise(advice!("correct the rule's prefix to what the keys really begin with; a prefix is compared from the beginning of the key")),
        );
    }
}

/// A rule for what the bucket never has.
fn void(case: &Case<'_>, rule: &Rule, coverage: &Coverage) -> Finding {
    let wants_versions =
        case.expect().and_then(|expect| expect.versioning) == Some(WantedVersioning::Enabled);
    let advice = if wants_versions {
        advice::versioning(case)
    } else if let Some(removed) = advice::remove_rule(case, &rule.id, is_large(case)) {
        removed
    } else {
        advice!(
            "give the rule an expiration or a transition of current objects; noncurrent versions exist only where versioning is on"
        )
    };
    case.finding(
        "lifecycle-rule-matches-nothing",
        Severity::High,
        format!(
            "The lifecycle rule {} is about noncurrent versions and delete markers, and the bucket never kept versions.",
            rule.id
        ),
    )
    .evidence([
        format!("it is for {}", rule.filter.words()),
        "versioning was never enabled".to_owned(),
        are_there(&coverage.objects),
    ])
    .why("The rule looks as if it took care of the objects, and they stay as they are.")
    .advise(advice)
}

fn uncovered(
    case: &Case<'_>,
    lifecycle: &Lifecycle,
    contents: &Contents,
    found: &mut Vec<Finding>,
) {
    let coverage = &contents.coverage;
    let mut evidence = Vec::new();
    for (layout, of_layout) in &contents.layouts {
        if of_layout.uncovered.count > 0 {
            let of = if layout.is_empty() {
                "no layout".to_owned()
            } else {
                format!("layout {layout}")
            };
            evidence.push(format!(
                "{of}: {}{}",
                at_least(contents),
                objects(&of_layout.uncovered)
            ));
        }
    }
    let (untouched, all) = (coverage.untouched.count, coverage.objects.count);
    let most = lifecycle.rules.iter().any(moves_or_deletes) && is_untouched(contents);
    if evidence.is_empty() && most {
        evidence.push(format!(
            "{untouched} of {}, among them {}",
            counted(all, "object"),
            coverage.untouched.examples.join(", ")
        ));
    }
    if evidence.is_empty() {
        return;
    }
    found.push(
        case.finding(
            "lifecycle-object-uncovered",
            Severity::Medium,
            format!(
                "No lifecycle rule is about {}{} of {}.",
                at_least(contents),
                untouched,
                counted(all, "object")
            ),
        )
        .evidence(evidence)
        .why("There are rules, and these objects are kept forever in the class that they were written in.")
        .advise(advice!("add a rule whose prefix these keys begin with, or one with an empty filter")),
    );
}

fn overdue(case: &Case<'_>, lifecycle: &Lifecycle, contents: &Contents, found: &mut Vec<Finding>) {
    let overdue = &contents.coverage.overdue;
    let Some((since, rule)) = overdue.oldest else {
        return;
    };
    let mut evidence = Vec::new();
    for (what, noun, to_do) in [
        (&overdue.transitions, "transition", ""),
        (&overdue.expirations, "expiration", ""),
        (&overdue.uploads, "upload", " to abort"),
    ] {
        if what.count > 0 {
            let counted = format!("{}{to_do}", counted(what.count, noun));
            evidence.push(format!("{}{}", at_least(contents), amount(what, &counted)));
        }
    }
    let rule = lifecycle.rules.get(rule).map_or("", |rule| &rule.id);
    evidence.push(format!(
        "the oldest was due on {} by rule {rule}",
        since.format("%Y-%m-%d")
    ));
    found.push(
        case.finding(
            "lifecycle-transition-overdue",
            Severity::Medium,
            "What the lifecycle should have done by now has not happened.",
        )
        .evidence(evidence)
        .why("Either the endpoint does not carry the rules out, or something suspends them: unfinished replication, a lock, rules that were written a moment ago.")
        .advise(advice!("look at one of the objects: its replication status, its lock, and what x-amz-expiration says")),
    );
}

fn too_small(
    case: &Case<'_>,
    lifecycle: &Lifecycle,
    contents: &Contents,
    found: &mut Vec<Finding>,
) {
    for (rule, of_rule) in lifecycle.rules.iter().zip(&contents.coverage.rules) {
        let small = &of_rule.too_small;
        if small.count == 0 {
            continue;
        }
        let all = of_rule.objects.count + of_rule.noncurrent.count;
        let is_wanted = advice::wants_transitions(case, rule);
        // Only a rule that exists for its transitions is defeated by small objects. What the blueprint asks for is told, and
        // not held against the bucket.
        let severity = if small.count.saturating_mul(5) > all && !is_wanted {
            Severity::Low
        } else {
            Severity::Info
        };
        found.push(
            case.finding(
                "lifecycle-too-small",
                severity,
                format!(
                    "The lifecycle rule {} will not move {} of its {}: they are under 128 KB.",
                    rule.id,
                    small.count,
                    counted(all, "object")
                ),
            )
            .evidence([objects(small)])
            .why("S3 does not move small objects unless a rule names a size; they stay in the class that they are in.")
            .advise(if is_wanted {
                Advice::from(Action::KeepAsWanted {
                    setting: BlueprintSetting::Lifecycle,
                })
            } else {
                advice!("add ObjectSizeGreaterThan to the rule where moving them is meant, and count the cost of each transition first")
            }),
        );
    }
}
