//! Whether lifecycle rules are there, and whether they have any effect on what is in the bucket.

use super::case::Case;
use super::contents::Contents;
use super::finding::{Finding, Severity};
use super::stays;
use crate::domain::ByteSize;
use crate::domain::blueprint::expect::WantedVersioning;
use crate::domain::configuration::{Lifecycle, Rule};
use crate::domain::lifecycle::{Amount, Coverage};

/// A bucket that holds more should have a rule, in bytes.
const WORTH_A_RULE: u64 = 1 << 30;

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    let Ok(lifecycle) = case.configuration.lifecycle.known() else {
        return;
    };
    let Some(lifecycle) = lifecycle else {
        missing(case, found);
        return;
    };
    stays::judge(case, lifecycle, found);
    if let Some(contents) = case.contents {
        idle(case, lifecycle, contents, found);
        uncovered(case, contents, found);
        overdue(case, lifecycle, contents, found);
        too_small(case, lifecycle, contents, found);
    }
}

/// "9 objects of 1.2 GiB, among them a, b".
fn amount(amount: &Amount, of: &str) -> String {
    format!(
        "{} {of} of {}, among them {}",
        amount.count,
        ByteSize(amount.bytes),
        amount.examples.join(", ")
    )
}

/// What a listing that stopped early can say.
fn at_least(contents: &Contents) -> &'static str {
    if contents.complete { "" } else { "at least " }
}

fn missing(case: &Case<'_>, found: &mut Vec<Finding>) {
    let wanted = case
        .expect()
        .and_then(|expect| expect.lifecycle.as_ref())
        .is_some_and(|rules| !rules.is_empty());
    let bytes = case.contents.map_or(0, |c| {
        c.coverage.objects.bytes + c.coverage.noncurrent.bytes
    });
    if !wanted && bytes <= WORTH_A_RULE {
        return;
    }
    let evidence = if wanted {
        "the blueprint asks for rules".to_owned()
    } else {
        format!("the bucket holds {}", ByteSize(bytes))
    };
    found.push(
        case.finding(
            "lifecycle-missing",
            case.if_wanted(Severity::Medium),
            "No lifecycle rule moves or deletes anything.",
        )
        .evidence([evidence])
        .why("What nobody needs any more is kept, in the dearest class, for ever.")
        .fix(format!(
            "aws s3api put-bucket-lifecycle-configuration --bucket {} --lifecycle-configuration file://lifecycle.json",
            case.quoted()
        )),
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
                amount(&coverage.objects, "objects are there"),
            ])
            .why("The rule looks as if it took care of the objects, and they stay as they are.")
            .fix("correct the rule's prefix to what the keys really begin with; a prefix is compared from the beginning of the key"),
        );
    }
}

/// A rule for what the bucket never has.
fn void(case: &Case<'_>, rule: &Rule, coverage: &Coverage) -> Finding {
    let wants_versions =
        case.expect().and_then(|expect| expect.versioning) == Some(WantedVersioning::Enabled);
    let fix = if wants_versions {
        format!(
            "enable versioning: aws s3api put-bucket-versioning --bucket {} --versioning-configuration Status=Enabled",
            case.quoted()
        )
    } else {
        "remove the rule, or give it an expiration or a transition of current objects; noncurrent versions exist only where versioning is on".to_owned()
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
        amount(&coverage.objects, "objects are there"),
    ])
    .why("The rule looks as if it took care of the objects, and they stay as they are.")
    .fix(fix)
}

fn uncovered(case: &Case<'_>, contents: &Contents, found: &mut Vec<Finding>) {
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
                amount(&of_layout.uncovered, "objects")
            ));
        }
    }
    let (untouched, all) = (coverage.untouched.count, coverage.objects.count);
    let most = all > 0 && untouched.saturating_mul(10) >= all.saturating_mul(9);
    if evidence.is_empty() && most {
        evidence.push(format!(
            "{untouched} of {all} objects, among them {}",
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
                "No lifecycle rule is about {}{} of {} objects.",
                at_least(contents),
                untouched,
                all
            ),
        )
        .evidence(evidence)
        .why("There are rules, and these objects are kept for ever in the class that they were written in.")
        .fix("add a rule whose prefix these keys begin with, or one with an empty filter"),
    );
}

fn overdue(case: &Case<'_>, lifecycle: &Lifecycle, contents: &Contents, found: &mut Vec<Finding>) {
    let overdue = &contents.coverage.overdue;
    let Some((since, rule)) = overdue.oldest else {
        return;
    };
    let mut evidence = Vec::new();
    for (what, of) in [
        (&overdue.transitions, "transitions"),
        (&overdue.expirations, "expirations"),
        (&overdue.uploads, "uploads to abort"),
    ] {
        if what.count > 0 {
            evidence.push(format!("{}{}", at_least(contents), amount(what, of)));
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
        .fix("look at one of the objects: its replication status, its lock, and what x-amz-expiration says"),
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
        // Only a rule that exists for its transitions is defeated by small objects.
        let severity = if small.count.saturating_mul(5) > all {
            Severity::Low
        } else {
            Severity::Info
        };
        found.push(
            case.finding(
                "lifecycle-too-small",
                severity,
                format!(
                    "The lifecycle rule {} will not move {} of its {all} objects: they are under 128 KB.",
                    rule.id, small.count
                ),
            )
            .evidence([amount(small, "objects")])
            .why("S3 does not move small objects unless a rule names a size; they stay in the class that they are in.")
            .fix("add ObjectSizeGreaterThan to the rule where moving them is meant, and count the cost of each transition first"),
        );
    }
}
