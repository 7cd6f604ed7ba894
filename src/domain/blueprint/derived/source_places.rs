//! The prefixes of all keys from which a rule may have produced one key.
//!
//! Before a deletion, s3warden asks for all possible sources of a key. If the rule drops a part of the key, the answer
//! is a set of prefixes.

use std::collections::BTreeSet;

use super::{DerivedRule, Step};

/// With more prefixes than this, any key may be a source.
const MOST_BEGINNINGS: usize = 64;

impl DerivedRule {
    /// Whether it drops a part of some keys, so that several sources may produce the same key.
    #[must_use]
    pub fn cuts_ends(&self) -> bool {
        self.steps.iter().any(|step| match step {
            Step::CutFromLast(_) => true,
            Step::Regex(replacement) => replacement.drops_something(),
            Step::ReplaceAll { .. } | Step::Append(_) => false,
        })
    }

    /// The prefixes of all keys from which the rule produces `made`; a prefix may be a whole key. `source` is a known
    /// source.
    ///
    /// `None` if the rule drops too much: then any key may be a source.
    #[must_use]
    pub fn whence(&self, made: &str, source: &str) -> Option<BTreeSet<String>> {
        let before = self.before(made);
        if !before.is_whole {
            return None;
        }
        let mut beginnings = BTreeSet::new();
        let mut explains_source = false;
        for pattern in &before.patterns {
            let beginning = pattern.beginning();
            if pattern.text().is_some() {
                if self.apply(&beginning).as_deref() != Some(made) {
                    continue;
                }
                explains_source |= source == beginning;
            } else {
                explains_source |= source.starts_with(&beginning);
            }
            beginnings.insert(beginning);
        }
        let is_told = explains_source
            && beginnings.len() <= MOST_BEGINNINGS
            && beginnings.iter().all(|beginning| !beginning.is_empty());
        is_told.then_some(beginnings)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Replacement;
    use super::*;
    use crate::domain::blueprint::Blueprint;

    fn rule(blueprint: &str, id: &str) -> DerivedRule {
        let blueprint = Blueprint::builtin(blueprint).unwrap();
        let mut rules = blueprint.buckets.iter().flat_map(|bucket| &bucket.derived);
        rules.find(|rule| rule.id == id).unwrap().clone()
    }

    fn by(regex: &str, replace: &str) -> DerivedRule {
        DerivedRule {
            steps: vec![Step::Regex(Replacement::new(regex, replace).unwrap())],
            ..rule("pilotforce", "thumbnail")
        }
    }

    #[test]
    fn a_rule_that_keeps_the_key_tells_its_source() {
        let whence = rule("pilotforce", "thumbnail").whence("u/a/1-x-thumbnail.jpg", "u/a/1-x.jpg");
        assert_eq!(whence, Some(BTreeSet::from(["u/a/1-x.jpg".to_owned()])));
    }

    #[test]
    fn where_the_end_is_cut_off_all_that_begins_like_it_may_be_a_source() {
        let rule = rule("quikapp", "small");
        let source = "ws/photos/c/m/1.jpg.enc";
        let made = rule.apply(source).unwrap();
        let whence = rule.whence(&made, source).unwrap();
        assert!(whence.contains("ws/photos/c/m/1.jpg."), "{whence:?}");
        for other in ["ws/photos/c/m/1.jpg.bin", "ws/photos/c/m/1.jpg.e"] {
            assert_eq!(rule.apply(other).as_deref(), Some(made.as_str()));
            assert!(whence.iter().any(|one| other.starts_with(one)));
        }
    }

    #[test]
    fn where_an_expression_drops_the_end_all_that_begins_like_it_may_be_a_source() {
        for (regex, replace, source, beginnings) in [
            (
                r"^(.+)\.[^.]+$",
                "$1.webp",
                "ada/x.jpg",
                &["ada/x.", "ada/x.webp"][..],
            ),
            (
                r"^(.+?)(?:\.jpg)?$",
                "$1.webp",
                "ada/x",
                &["ada/x", "ada/x.jpg"],
            ),
            (r"^(.+)\)(x)$", "$1$2", "ada/x)x", &["ada/x)x", "ada/xx"]),
        ] {
            let rule = by(regex, replace);
            let made = rule.apply(source).unwrap();
            let whence = rule.whence(&made, source).unwrap();
            let whence: Vec<&str> = whence.iter().map(String::as_str).collect();
            assert_eq!(whence, beginnings, "{regex}");
            assert!(rule.cuts_ends() || whence.contains(&source));
        }
    }

    #[test]
    fn a_rule_that_loses_the_beginning_tells_nothing() {
        for (regex, replace, source) in [
            (r"^[^/]+/(.+)$", "t/$1", "ada/x.jpg"),
            (r"^.+/(.+)$", "t/$1", "ada/x.jpg"),
        ] {
            let rule = by(regex, replace);
            let made = rule.apply(source).unwrap();
            assert_eq!(rule.whence(&made, source), None, "{regex}");
        }
    }
}
