//! Parses the short notation for rules, objects and days in `tests/tables`.
//!
//! A rule is a list of words: `prefix=logs/`, `tag=key:value`, `larger=500`, `smaller=64000`, `CLASS@days` or
//! `CLASS@date`, `expire@days`, `clean-markers`, `old:CLASS@days`, `old-expire@days`, both with `/kept` newer versions,
//! `abort@days`, `disabled`. Its id is `id=NAME`, or otherwise its number.

use super::*;

/// Parses the rules of a row.
pub(crate) fn lifecycle(rules: &[String], varies: bool) -> Lifecycle {
    let numbered = rules.iter().enumerate();
    Lifecycle {
        rules: numbered.map(|(at, words)| rule(at, words)).collect(),
        minimum_size: if varies {
            MinimumSize::VariesByStorageClass
        } else {
            MinimumSize::AllClasses128K
        },
    }
}

fn rule(at: usize, words: &str) -> Rule {
    let mut rule = Rule {
        id: format!("rule-{}", at + 1),
        enabled: true,
        ..Rule::default()
    };
    for word in words.split_whitespace() {
        if let Some((name, value)) = word.split_once('=') {
            match name {
                "id" => value.clone_into(&mut rule.id),
                "prefix" => value.clone_into(&mut rule.filter.prefix),
                "tag" => rule.filter.tags.push(pair(value)),
                "larger" => rule.filter.larger_than = Some(value.parse().unwrap()),
                "smaller" => rule.filter.smaller_than = Some(value.parse().unwrap()),
                _ => panic!("{word} is no part of a rule"),
            }
        } else if let Some((name, value)) = word.split_once('@') {
            action(&mut rule, name, value);
        } else {
            match word {
                "clean-markers" => rule.expiration = Some(Expiration::ExpiredDeleteMarker),
                "disabled" => rule.enabled = false,
                _ => panic!("{word} is no part of a rule"),
            }
        }
    }
    rule
}

fn action(rule: &mut Rule, name: &str, value: &str) {
    let (days, kept) = value.split_once('/').unwrap_or((value, "0"));
    let newer_versions = kept.parse().unwrap();
    let days_alone = || days.parse().unwrap();
    match name.strip_prefix("old:") {
        Some(class) => rule.noncurrent_transitions.push(NoncurrentTransition {
            days: days_alone(),
            class: StorageClass::new(class),
            newer_versions,
        }),
        None => match name {
            "expire" => rule.expiration = Some(Expiration::At(when(days))),
            "old-expire" => {
                rule.noncurrent_expiration = Some(NoncurrentExpiration {
                    days: days_alone(),
                    newer_versions,
                });
            }
            "abort" => rule.abort_uploads_days = Some(days_alone()),
            class => rule.transitions.push(Transition {
                when: when(days),
                class: StorageClass::new(class),
            }),
        },
    }
}

fn when(text: &str) -> When {
    text.parse()
        .map_or_else(|_| When::Date(at(&format!("{text}T00:00:00Z"))), When::Days)
}

/// Parses `key:value`.
pub(crate) fn pair(text: &str) -> (String, String) {
    let (key, value) = text.split_once(':').unwrap();
    (key.to_owned(), value.to_owned())
}

/// Parses the versioning state: `never`, `enabled` or `suspended`.
pub(crate) fn kept(text: &str) -> Kept {
    match text {
        "never" => Kept::Nothing,
        "enabled" => Kept::Versions,
        "suspended" => Kept::OldVersions,
        _ => panic!("{text} is no state of versioning"),
    }
}
