//! derived-key-collision, derived-leaves-copies, cache-outlives-object.

use chrono::TimeDelta;

use super::case::{Case, Sample};
use super::finding::{Finding, Severity};
use crate::domain::advice::advice;
use crate::domain::lifecycle::{Effect, Kept, Subject, timeline};
use crate::domain::words::counted;

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    if let Some(contents) = case.contents {
        let evidence: Vec<String> = contents.collisions.examples.clone();
        if !evidence.is_empty() {
            found.push(
                case.finding(
                    "derived-key-collision",
                    Severity::High,
                    format!(
                        "{} derived keys fall on another object's or another owner's place.",
                        contents.collisions.count
                    ),
                )
                .evidence(evidence)
                .why("The thumbnail overwrites a source, or one user's thumbnail lies among another's media.")
                .advise(advice!("derive the key from its parts, and put what is derived under a prefix of its own")),
            );
        }
    }
    copies(case, found);
    caches(case, found);
}

/// No delete in S3 reaches what was derived: only who knows the rule finds it again.
fn copies(case: &Case<'_>, found: &mut Vec<Finding>) {
    let Some(blueprint) = case.blueprint else {
        return;
    };
    let copies: Vec<String> = blueprint
        .derived
        .iter()
        .map(|rule| format!("{}: in {}", rule.id, rule.to_bucket))
        .collect();
    if copies.is_empty() {
        return;
    }
    found.push(
        case.finding(
            "derived-leaves-copies",
            Severity::Info,
            "What is derived from objects stays when they are deleted.",
        )
        .evidence(copies)
        .why("A record of what was derived may be missing or wrong; the rule itself finds every thumbnail of a source.")
        .advise(advice!("purge by user, which derives the keys by the rule and visits the buckets that they are in")),
    );
}

fn caches(case: &Case<'_>, found: &mut Vec<Finding>) {
    let Ok(Some(lifecycle)) = case.configuration.lifecycle.known() else {
        return;
    };
    let Ok(versioning) = case.configuration.versioning.known() else {
        return;
    };
    let kept = Kept::from(versioning);
    let outlives = |sample: &&Sample| {
        let (Some(seconds), Some(written)) = (
            sample.cache_control.as_deref().and_then(max_age),
            sample.written,
        ) else {
            return false;
        };
        // Sizes play no part in expirations but for filters, which a sample cannot be judged by.
        let subject = Subject::current(&sample.key, u64::MAX, &sample.class, written);
        timeline(lifecycle, kept, &subject)
            .iter()
            .find(|step| !matches!(step.effect, Effect::Transition(_)))
            .is_some_and(|end| {
                TimeDelta::try_seconds(seconds).is_none_or(|age| age > end.at - written)
            })
    };
    let found_keys: Vec<&Sample> = case.samples.iter().filter(outlives).collect();
    if found_keys.is_empty() {
        return;
    }
    found.push(
        case.finding(
            "cache-outlives-object",
            Severity::Low,
            format!(
                "{} of {} that were looked at may be cached for longer than they exist.",
                found_keys.len(),
                counted(case.samples.len(), "object")
            ),
        )
        .evidence(found_keys.into_iter().take(3).map(|s| {
            format!(
                "{}: {}",
                s.key,
                s.cache_control.as_deref().unwrap_or_default()
            )
        }))
        .why("Browsers and CDNs go on to show what was deleted.")
        .advise(advice!(
            "lower max-age to less than the days until the lifecycle deletes the object"
        )),
    );
}

/// `max-age` in seconds, of a `Cache-Control` header.
fn max_age(header: &str) -> Option<i64> {
    header.split(',').find_map(|part| {
        let value = part.trim().to_ascii_lowercase();
        value
            .strip_prefix("max-age=")?
            .trim_matches('"')
            .parse()
            .ok()
    })
}
