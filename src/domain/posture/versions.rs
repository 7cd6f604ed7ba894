//! What keeping versions and uploads costs: noncurrent-never-expire, delete-markers-useless, incomplete-uploads-never-abort,
//! versioning-off.

use chrono::TimeDelta;

use super::advice;
use super::case::Case;
use super::finding::{Finding, Severity};
use crate::domain::ByteSize;
use crate::domain::blueprint::expect::WantedVersioning;
use crate::domain::configuration::VersioningState;
use crate::domain::words;

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    versioning_off(case, found);
    noncurrent(case, found);
    markers(case, found);
    uploads(case, found);
}

fn versioning_off(case: &Case<'_>, found: &mut Vec<Finding>) {
    let wanted = case.expect().and_then(|expect| expect.versioning);
    let Ok(versioning) = case.configuration.versioning.known() else {
        return;
    };
    let is_on = versioning.is_some_and(|v| v.state == VersioningState::Enabled);
    if wanted != Some(WantedVersioning::Enabled) || is_on {
        return;
    }
    found.push(
        case.finding(
            "versioning-off",
            Severity::Medium,
            "Versioning is required and not on.",
        )
        .evidence([match versioning {
            None => "it was never enabled".to_owned(),
            Some(_) => "it is suspended".to_owned(),
        }])
        .why("What is overwritten or deleted by mistake is gone.")
        .advise(advice::versioning(case)),
    );
}

fn noncurrent(case: &Case<'_>, found: &mut Vec<Finding>) {
    let (Ok(Some(_)), Ok(_)) = (
        case.configuration.versioning.known(),
        case.configuration.lifecycle.known(),
    ) else {
        return;
    };
    if ends_noncurrent(case) || by_parts(case) {
        return;
    }
    let mut evidence =
        vec!["no enabled rule expires noncurrent versions of every object".to_owned()];
    if let Some(contents) = case.contents {
        let old = &contents.coverage.noncurrent;
        evidence.push(format!(
            "{} noncurrent versions of {} are there now",
            old.count,
            ByteSize(old.bytes)
        ));
    }
    found.push(
        case.finding(
            "noncurrent-never-expire",
            Severity::Medium,
            "Old versions are kept forever.",
        )
        .evidence(evidence)
        .why("A delete without a version id only adds a marker: nothing is freed, and a user's deleted media stay readable by version.")
        .advise(advice::expire_noncurrent(case)),
    );
}

/// Whether a rule expires noncurrent versions of every object.
fn ends_noncurrent(case: &Case<'_>) -> bool {
    let lifecycle = case.configuration.lifecycle.value();
    lifecycle.is_some_and(|lifecycle| advice::ends_noncurrent(&lifecycle.rules))
}

/// Whether rules for parts of the bucket together reach every object that is there.
fn by_parts(case: &Case<'_>) -> bool {
    let Some(contents) = case.contents.filter(|contents| contents.complete) else {
        return false;
    };
    let Ok(Some(lifecycle)) = case.configuration.lifecycle.known() else {
        return false;
    };
    let has_part = lifecycle
        .rules
        .iter()
        .any(|rule| rule.enabled && rule.noncurrent_expiration.is_some());
    has_part && contents.without_noncurrent_end.count == 0
}

/// Delete markers that hide nothing: each is a key in every listing of versions, and listings become slow.
fn markers(case: &Case<'_>, found: &mut Vec<Finding>) {
    let Some(contents) = case.contents else {
        return;
    };
    // Without the rules nobody knows which markers they remove.
    if case.configuration.lifecycle.known().is_err() {
        return;
    }
    let (useless, lasting) = (
        &contents.coverage.useless_markers,
        &contents.coverage.lasting_markers,
    );
    if lasting.count == 0 {
        return;
    }
    let at_least = if contents.complete { "" } else { "at least " };
    found.push(
        case.finding(
            "delete-markers-useless",
            Severity::Low,
            "Delete markers hide nothing any more, and no lifecycle rule removes them.",
        )
        .evidence([
            format!(
                "{at_least}{} without a version behind them, {} of which no rule removes",
                counted(useless.count, "delete marker"),
                lasting.count
            ),
            format!("among them the markers of {}", lasting.examples.join(", ")),
        ])
        .why("They are charged as keys, and every listing reads past them, which makes it slow.")
        .advise(advice::remove_markers(case)),
    );
}

/// "1 marker", "2 markers".
fn counted(n: u64, of: &str) -> String {
    words::counted(n, of)
}

/// Uploads that no rule aborts: all of them where there is no such rule, else those that are there and that none is about.
fn uploads(case: &Case<'_>, found: &mut Vec<Finding>) {
    let Ok(lifecycle) = case.configuration.lifecycle.known() else {
        return;
    };
    let mut aborting = lifecycle
        .into_iter()
        .flat_map(|lifecycle| &lifecycle.rules)
        .filter(|rule| {
            rule.enabled && rule.abort_uploads_days.is_some() && rule.filter.is_prefix_alone()
        })
        .peekable();
    let is_aborted = aborting.peek().is_some();
    if aborting.any(|rule| rule.filter.prefix.is_empty()) {
        return;
    }
    let coverage = case.contents.map(|contents| &contents.coverage);
    let left = coverage.map_or(0, |coverage| coverage.unaborted.count);
    if is_aborted && left == 0 {
        return;
    }
    let oldest = coverage.and_then(|coverage| coverage.oldest_unaborted.as_ref());
    let is_old = oldest.is_some_and(|(at, _)| *at < case.now - TimeDelta::days(7));
    let severity = if is_old {
        Severity::Medium
    } else {
        Severity::Low
    };
    let mut evidence = vec![if is_aborted {
        format!(
            "the rules with AbortIncompleteMultipartUpload are about other keys than {}",
            counted(left, "upload")
        )
    } else {
        "no enabled rule has AbortIncompleteMultipartUpload".to_owned()
    }];
    evidence.extend(
        oldest.map(|(at, key)| format!("the oldest was begun on {}: {key}", at.format("%Y-%m-%d"))),
    );
    let message = if is_aborted {
        "Some incomplete uploads are never aborted."
    } else {
        "Incomplete uploads are never aborted."
    };
    found.push(
        case.finding("incomplete-uploads-never-abort", severity, message)
            .evidence(evidence)
            .why("Their parts are charged and no listing of objects shows them.")
            .advise(advice::abort_uploads(case)),
    );
}
