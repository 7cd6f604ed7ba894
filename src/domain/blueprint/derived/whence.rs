//! Where everything lies from which a rule may have made one key.
//!
//! A candidate, as [`preimages`](DerivedRule::preimages) gives them, says that a key may have been made from another.
//! Before something is deleted the question is a harder one: from which keys, and from no others. Where a rule cuts off
//! how a key ends, that is told by what those keys begin with; where it loses more, it cannot be told from the rule.

use std::collections::BTreeSet;

use super::{DerivedRule, Piece, Replacement, Step};

/// More candidates than this are not carried from one step to the next: then it cannot be told.
const MOST_CANDIDATES: usize = 64;

impl DerivedRule {
    /// Whether it loses how some keys end.
    #[must_use]
    pub fn cuts_ends(&self) -> bool {
        let mut steps = self.steps.iter();
        steps.any(|step| matches!(step, Step::CutFromLast(_)))
    }

    /// What all keys begin with from which the rule makes `made`; such a key may be whole. `source` is one that is known.
    ///
    /// `None` where the rule loses too much for that: any key may be one then.
    #[must_use]
    pub fn whence(&self, made: &str, source: &str) -> Option<BTreeSet<String>> {
        let mut candidates = BTreeSet::from([(made.to_owned(), End::Known)]);
        for step in self.steps.iter().rev() {
            if matches!(step, Step::Regex(one) if !one.keeps_what_it_matches()) {
                return None;
            }
            candidates = candidates
                .iter()
                .flat_map(|(after, end)| step.before(after, *end))
                .collect();
            if candidates.len() > MOST_CANDIDATES {
                return None;
            }
        }
        candidates
            .retain(|(key, end)| *end == End::CutOff || self.apply(key).as_deref() == Some(made));
        let explains_source = candidates.iter().any(|(key, end)| match end {
            End::Known => source == key,
            End::CutOff => source.starts_with(key),
        });
        explains_source.then(|| candidates.into_iter().map(|(key, _)| key).collect())
    }
}

/// Whether a candidate is a whole key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Known,
    /// Anything may follow.
    CutOff,
}

impl Step {
    /// What may have stood here before this step.
    fn before(&self, after: &str, end: End) -> Vec<(String, End)> {
        match (self, end) {
            (Self::CutFromLast(text), End::Known) => vec![
                (format!("{after}{text}"), End::CutOff),
                (after.to_owned(), End::Known),
            ],
            (Self::CutFromLast(_) | Self::Append(_), End::CutOff) => {
                vec![(after.to_owned(), End::CutOff)]
            }
            _ => {
                let undone = self.undone(after, &[]).into_iter();
                undone.map(|before| (before, end)).collect()
            }
        }
    }
}

impl Replacement {
    /// Whether everything that the expression matches is captured and stands in the replacement again, in its order:
    /// `^(a)(b)$`, and `$1-$2`.
    fn keeps_what_it_matches(&self) -> bool {
        let groups = self.with.iter().filter_map(|piece| match piece {
            Piece::Group(n) => Some(*n),
            Piece::Text(_) => None,
        });
        groups.eq(1..self.regex.captures_len()) && is_all_captured(self.regex.as_str())
    }
}

/// Whether an expression is nothing but capturing groups, between its anchors.
fn is_all_captured(regex: &str) -> bool {
    let inner = regex.strip_prefix('^').unwrap_or(regex);
    let inner = inner.strip_suffix('$').unwrap_or(inner);
    let mut rest = inner.chars().peekable();
    let (mut depth, mut in_class) = (0_usize, false);
    while let Some(next) = rest.next() {
        match next {
            '\\' if depth > 0 => drop(rest.next()),
            '[' if depth > 0 => in_class = true,
            ']' => in_class = false,
            _ if in_class => {}
            '(' => {
                if depth == 0 && rest.peek() == Some(&'?') {
                    // Named groups capture, too; nobody writes one here.
                    return false;
                }
                depth += 1;
            }
            ')' => match depth.checked_sub(1) {
                Some(outer) => depth = outer,
                None => return false,
            },
            _ if depth == 0 => return false,
            _ => {}
        }
    }
    depth == 0 && !inner.is_empty()
}

#[cfg(test)]
mod tests {
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
    fn a_rule_that_loses_more_tells_nothing() {
        for (regex, replace, source) in [
            (r"^[^/]+/(.+)$", "t/$1", "ada/x.jpg"),
            (r"^(.+)\.[^.]+$", "$1.webp", "ada/x.jpg"),
            (r"^(.+?)(\.[a-z]+)?$", "$1.webp", "ada/x"),
            (r"^(.+?)(?:\.jpg)?$", "$1.webp", "ada/x"),
            (r"^(.+)\)(x)$", "$1$2", "ada/x)x"),
            (r"^(a)|(b)$", "$1$2", "a"),
        ] {
            let rule = by(regex, replace);
            let made = rule.apply(source).unwrap();
            assert_eq!(rule.whence(&made, source), None, "{regex}");
        }
    }
}
