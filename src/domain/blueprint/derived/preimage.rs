//! Which keys a derived object may have been made from.
//!
//! A rule loses what it cuts away, so that there is no inverse to compute. What can be had are candidates; each is put
//! through the rule again, and stays only when it comes out as the key that was asked about. That tells whether the rule
//! can have made a key at all, and nothing about what exists.

use memchr::memmem;

use super::{DerivedRule, Piece, Replacement, Step};

/// More places than this where a step may have been at work are not tried.
const MOST_PLACES: usize = 16;

/// More candidates than this are not carried from one step to the next.
const MOST_CANDIDATES: usize = 256;

impl DerivedRule {
    /// Keys other than `key` itself from which the rule makes exactly `key`: some of them, or none where it cannot
    /// have made it. `endings` are ends that a source's key may have, tried where the rule cut the end off.
    ///
    /// Complete for rules that insert texts, replace one by another, and change the end of a key, as those that make
    /// thumbnails do. A rule whose expression drops what it does not capture yields nothing.
    #[must_use]
    pub fn preimages(&self, key: &str, endings: &[&str]) -> Vec<String> {
        let mut candidates = vec![key.to_owned()];
        for step in self.steps.iter().rev() {
            let mut before: Vec<String> = candidates
                .iter()
                .flat_map(|after| step.undone(after, endings))
                .collect();
            before.sort_unstable();
            before.dedup();
            before.truncate(MOST_CANDIDATES);
            candidates = before;
        }
        candidates
            .retain(|candidate| candidate != key && self.apply(candidate).as_deref() == Some(key));
        candidates
    }
}

impl Step {
    /// What may have stood here before this step, right or wrong.
    pub(super) fn undone(&self, after: &str, endings: &[&str]) -> Vec<String> {
        match self {
            Self::Append(text) => after
                .strip_suffix(text.as_str())
                .map(str::to_owned)
                .into_iter()
                .collect(),
            Self::CutFromLast(text) => endings
                .iter()
                .filter_map(|ending| ending.rfind(text.as_str()).and_then(|at| ending.get(at..)))
                .map(|ending| format!("{after}{ending}"))
                .chain([format!("{after}{text}x"), after.to_owned()])
                .collect(),
            Self::ReplaceAll { text, with } if with.is_empty() => {
                // Where a text was taken out nobody can tell; at the beginning of a folder it usually was.
                vec![format!("{text}{after}"), after.to_owned()]
            }
            Self::ReplaceAll { text, with } => {
                let one_by_one = places(after, with).map(|at| splice(after, at, with.len(), text));
                let mut undone: Vec<String> = one_by_one.collect();
                undone.push(after.replace(with.as_str(), text));
                undone.push(after.to_owned());
                undone
            }
            Self::Regex(replacement) => {
                let mut undone = replacement.undone(after);
                undone.push(after.to_owned());
                undone
            }
        }
    }
}

impl Replacement {
    /// The text without what the replacement inserts, at every place where it may have.
    fn undone(&self, after: &str) -> Vec<String> {
        let inserted = self.with.iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(text.as_str()),
            Piece::Group(_) => None,
        });
        // From the right, so that places further left stay where they are.
        let inserted: Vec<&str> = inserted.collect();
        let mut candidates = vec![(after.to_owned(), after.len())];
        for text in inserted.into_iter().rev() {
            candidates = candidates
                .iter()
                .flat_map(|(candidate, end)| {
                    let head = candidate.get(..*end).unwrap_or_default();
                    places(head, text).map(|at| (splice(candidate, at, text.len(), ""), at))
                })
                .take(MOST_CANDIDATES)
                .collect();
        }
        candidates.into_iter().map(|(text, _)| text).collect()
    }
}

/// Where a text begins in another, overlapping ones included; the last places first, where names are usually changed.
fn places(text: &str, part: &str) -> impl Iterator<Item = usize> {
    // Most keys have none, which is told without a look at every character.
    let is_there = memmem::find(text.as_bytes(), part.as_bytes()).is_some();
    let text = if is_there { text } else { "" };
    let starts = text.char_indices().rev().map(|(at, _)| at);
    let found = starts.filter(move |&at| text.get(at..).is_some_and(|rest| rest.starts_with(part)));
    found.take(MOST_PLACES)
}

/// The text with `length` bytes from `at` on replaced.
fn splice(text: &str, at: usize, length: usize, with: &str) -> String {
    let head = text.get(..at).unwrap_or_default();
    let rest = text.get(at + length..).unwrap_or_default();
    format!("{head}{with}{rest}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::blueprint::Blueprint;

    fn rule(blueprint: &str, id: &str) -> DerivedRule {
        let blueprint = Blueprint::builtin(blueprint).unwrap();
        let mut rules = blueprint.buckets.iter().flat_map(|bucket| &bucket.derived);
        rules.find(|rule| rule.id == id).unwrap().clone()
    }

    #[test]
    fn a_thumbnail_is_told_by_what_the_rule_inserts() {
        let rule = rule("pilotforce", "thumbnail");
        let from = |key: &str| rule.preimages(key, &[]);
        assert_eq!(from("u/a/1-x-thumbnail.jpg"), ["u/a/1-x.jpg"]);
        assert!(from("u/a/1-x.jpg").is_empty());
        // Without an extension the application inserts nothing here.
        assert!(from("u/a/1-thumbnail").is_empty());
        // The dot of the owner's id is what the application takes for the extension's.
        assert_eq!(from("u/ada-thumbnail.l/1-x"), ["u/ada.l/1-x"]);
    }

    #[test]
    fn a_thumbnail_of_a_thumbnail_was_made_from_a_thumbnail() {
        let rule = rule("pilotforce", "thumbnail");
        assert_eq!(
            rule.preimages("u/a/1-x-thumbnail-thumbnail.jpg", &[]),
            ["u/a/1-x-thumbnail.jpg"]
        );
    }

    #[test]
    fn an_end_that_was_cut_off_is_tried_as_the_layouts_have_it() {
        let rule = rule("quikapp", "small");
        let key = "ws/thumbnails/small/c/m/1.jpg.webp";
        assert!(
            rule.preimages(key, &[".enc"])
                .contains(&"ws/photos/c/m/1.jpg.enc".to_owned())
        );
        assert!(
            rule.preimages("ws/thumbnails/large/c/m/1.jpg.webp", &[])
                .iter()
                .all(|from| from.contains("thumbnails/large/"))
        );
        assert!(rule.preimages("ws/thumbnails/small/x.png", &[]).is_empty());
    }

    #[test]
    fn a_prefix_that_repeats_is_replaced_everywhere() {
        let rule = rule("quikapp", "small");
        let source = "photos/photos/c/m/1.jpg.enc";
        let made = rule.apply(source).unwrap();
        assert!(
            rule.preimages(&made, &[".enc"])
                .contains(&source.to_owned())
        );
    }

    proptest! {
        #[test]
        fn whatever_was_made_from_another_key_is_recognised(
            key in r"[ab./-]{0,6}(photos/|-thumbnail|thumbnails/small/){0,2}[ab./-]{1,8}",
        ) {
            for (blueprint, id) in [("pilotforce", "thumbnail"), ("quikapp", "small")] {
                let rule = rule(blueprint, id);
                let endings = [key.as_str()];
                let Some(made) = rule.apply(&key).filter(|made| *made != key) else {
                    continue;
                };
                let from = rule.preimages(&made, &endings);
                prop_assert!(!from.is_empty(), "{made:?} of {key:?}");
                for candidate in from {
                    prop_assert_eq!(rule.apply(&candidate), Some(made.clone()));
                }
            }
        }
    }
}
