//! Tests of the lifecycle: numbered facts, each a sentence, and the algebra of rules as properties. This file builds
//! the rules and objects; each submodule covers one topic.

mod coverage;
mod days;
mod faults;
pub(crate) mod notation;
mod properties;
mod steps;

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::domain::StorageClass;
use crate::domain::configuration::{
    Expiration, Filter, Lifecycle, MinimumSize, NoncurrentExpiration, NoncurrentTransition, Rule,
    Transition, When,
};

const MIB: u64 = 1 << 20;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn rule(prefix: &str) -> Rule {
    Rule {
        id: "rule".to_owned(),
        enabled: true,
        filter: Filter {
            prefix: prefix.to_owned(),
            ..Filter::default()
        },
        ..Rule::default()
    }
}

fn moving(prefix: &str, days: u32, class: &str) -> Rule {
    Rule {
        transitions: vec![Transition {
            when: When::Days(days),
            class: StorageClass::new(class),
        }],
        ..rule(prefix)
    }
}

fn expiring(prefix: &str, days: u32) -> Rule {
    Rule {
        expiration: Some(Expiration::At(When::Days(days))),
        ..rule(prefix)
    }
}

fn rules(rules: impl IntoIterator<Item = Rule>) -> Lifecycle {
    Lifecycle {
        rules: rules.into_iter().collect(),
        ..Lifecycle::default()
    }
}

fn written() -> DateTime<Utc> {
    at("2026-01-15T10:30:00Z")
}

fn object(key: &str) -> Subject<'_> {
    Subject::current(key, MIB, "STANDARD", written())
}

fn noncurrent(since: &str, newer: u32) -> Subject<'static> {
    Subject {
        version: VersionState::Noncurrent {
            since: at(since),
            newer,
        },
        ..object("a")
    }
}

/// The next action as "day effect".
fn said(lifecycle: &Lifecycle, kept: Kept, subject: &Subject<'_>) -> String {
    match next(lifecycle, kept, subject) {
        Outcome::Next(step) => word(&step),
        Outcome::Nothing(why) => format!("{:?}", why.first().map(|h| h.reason)),
    }
}

fn word(step: &Step) -> String {
    let effect = match &step.effect {
        Effect::Transition(class) => class.to_string(),
        other => format!("{other:?}"),
    };
    format!("{} {effect}", step.at.format("%Y-%m-%d"))
}

fn line(lifecycle: &Lifecycle, kept: Kept, subject: &Subject<'_>) -> Vec<String> {
    timeline(lifecycle, kept, subject)
        .iter()
        .map(word)
        .collect()
}
