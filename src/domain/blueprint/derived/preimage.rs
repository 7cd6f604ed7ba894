//! Finds keys from which a rule produces a given key.
//!
//! Where the rule drops text, samples of what its expressions match are tried. Each candidate is verified with the
//! rule, and stays only if the result is the given key. This proves that the rule can have produced a key. It proves
//! nothing about which objects exist.

use regex_syntax::hir::{Class, ClassUnicodeRange, Hir, HirKind};

use super::pattern::Pattern;
use super::{DerivedRule, Step};
use crate::domain::blueprint::BucketBlueprint;

/// Limit on the patterns that are filled with samples.
const MOST_FILLED: usize = 64;

/// Samples that are tried in every hole, for every rule.
const SAMPLES: [&str; 4] = ["x", "1", "", "x/x"];

/// A key from which a rule certainly produces another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The key.
    pub key: String,
    /// Whether the derived key determines all of it. Otherwise some parts are samples.
    pub is_whole: bool,
}

impl DerivedRule {
    /// Keys other than `key` from which the rule produces exactly `key`. The result may be incomplete; it is empty if
    /// the rule cannot have produced the key. `endings` are possible ends of a source's key, tried where the rule cut
    /// the end off.
    ///
    /// The result has every such key from which the rule drops nothing, and samples of the others.
    #[must_use]
    pub fn preimages(&self, key: &str, endings: &[&str]) -> Vec<String> {
        let mut keys: Vec<String> = self
            .witnesses(key, endings)
            .map(|witness| witness.key)
            .filter(|candidate| candidate != key)
            .collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// A key of one of the rule's layouts from which the rule produces exactly `made`: proof that it can have done so.
    /// `from` is the bucket that contains the rule.
    ///
    /// Also `None` if the rule leaves `made` unchanged in its own bucket: then `made` is its own source.
    #[must_use]
    pub fn witness(&self, from: &BucketBlueprint, made: &str) -> Option<Witness> {
        let is_source = |key: &str| self.takes(&from.readings(key));
        let is_here = from.name == self.to_bucket;
        if self.is_ruled_out(from, made) {
            return None;
        }
        if is_here && is_source(made) && self.apply(made).as_deref() == Some(made) {
            return None;
        }
        let endings = self.endings(from);
        let endings: Vec<&str> = endings.iter().map(String::as_str).collect();
        let found = self.witnesses(made, &endings);
        let mut found = found.filter(|one| !(is_here && one.key == made) && is_source(&one.key));
        found.next()
    }

    /// Whether the rule adds text that an original is unlikely to have: more than an extension.
    #[must_use]
    pub fn leaves_mark(&self) -> bool {
        let mut written = self.steps.iter().flat_map(|step| match step {
            Step::Regex(replacement) => replacement.texts(),
            Step::ReplaceAll { with, .. } => vec![with.as_str()],
            Step::Append(text) => vec![text.as_str()],
            Step::CutFromLast(_) => Vec::new(),
        });
        written.any(|text| text.chars().any(char::is_alphanumeric) && !is_ending(text))
    }

    /// The endings of the keys of its layouts, and samples of their last parts.
    fn endings(&self, from: &BucketBlueprint) -> Vec<String> {
        let layouts = self.from.iter().filter_map(|id| from.layout(id));
        let mut endings: Vec<String> = layouts
            .flat_map(|layout| {
                let literal = layout.template().as_str().rsplit('}').next();
                let parts = layout.template().parts();
                let samples = parts.filter_map(|part| part.shape.example());
                samples
                    .chain(literal.map(str::to_owned))
                    .collect::<Vec<_>>()
            })
            .filter(|ending| !ending.is_empty())
            .collect();
        endings.sort_unstable();
        endings.dedup();
        endings
    }

    /// Those from patterns without holes first.
    fn witnesses(&self, made: &str, endings: &[&str]) -> impl Iterator<Item = Witness> {
        let patterns = self.before(made).patterns;
        let (whole, holed): (Vec<Pattern>, Vec<Pattern>) = patterns
            .into_iter()
            .partition(|pattern| pattern.text().is_some());
        let samples = if holed.is_empty() {
            Vec::new()
        } else {
            self.samples(endings)
        };
        let filled = holed
            .into_iter()
            .take(MOST_FILLED)
            .flat_map(move |pattern| {
                let filled = samples.iter().filter_map(|sample| pattern.filled(sample));
                filled.collect::<Vec<_>>()
            });
        let whole = whole.into_iter().filter_map(|pattern| pattern.text());
        let whole = whole.map(|key| (key, true));
        whole
            .chain(filled.map(|key| (key, false)))
            .filter(|(key, _)| self.apply(key).as_deref() == Some(made))
            .map(|(key, is_whole)| Witness { key, is_whole })
    }

    /// The possible contents of a hole.
    fn samples(&self, endings: &[&str]) -> Vec<String> {
        let mut samples: Vec<String> = endings.iter().map(|&ending| ending.to_owned()).collect();
        for step in &self.steps {
            match step {
                Step::CutFromLast(text) => {
                    let cut = endings.iter().filter_map(|ending| {
                        ending
                            .rsplit_once(text.as_str())
                            .map(|(_, end)| end.to_owned())
                    });
                    samples.extend(cut);
                }
                Step::Regex(replacement) => {
                    let cut = endings.iter().filter_map(|ending| ending.rsplit_once('.'));
                    samples.extend(cut.map(|(_, end)| end.to_owned()));
                    enter_samples(&replacement.structure.hir, &mut samples);
                }
                Step::ReplaceAll { .. } | Step::Append(_) => {}
            }
        }
        samples.extend(SAMPLES.map(str::to_owned));
        let mut seen = std::collections::BTreeSet::new();
        samples.retain(|sample| seen.insert(sample.clone()));
        samples
    }
}

/// Whether a text is only a file extension, such as `.webp`.
fn is_ending(text: &str) -> bool {
    text.strip_prefix('.').is_some_and(|ending| {
        (1..=5).contains(&ending.len()) && ending.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

/// Adds two samples of everything in an expression that matches more than one text.
fn enter_samples(hir: &Hir, samples: &mut Vec<String>) {
    match hir.kind() {
        HirKind::Class(_) | HirKind::Repetition(_) => {
            samples.extend((0..2).filter_map(|variant| sample(hir, variant)));
            if let HirKind::Repetition(repetition) = hir.kind() {
                enter_samples(&repetition.sub, samples);
            }
        }
        HirKind::Capture(capture) => enter_samples(&capture.sub, samples),
        HirKind::Concat(all) => {
            for one in all {
                enter_samples(one, samples);
            }
            samples.extend((0..2).filter_map(|variant| sample(hir, variant)));
        }
        HirKind::Alternation(all) => {
            for one in all {
                enter_samples(one, samples);
            }
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Look(_) => {}
    }
}

/// A text that an expression matches.
fn sample(hir: &Hir, variant: usize) -> Option<String> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(String::new()),
        HirKind::Literal(literal) => String::from_utf8(literal.0.to_vec()).ok(),
        HirKind::Class(Class::Unicode(class)) => {
            let is_in = |c: &char| {
                let mut ranges = class.ranges().iter();
                ranges.any(|range| (range.start()..=range.end()).contains(c))
            };
            let usual = ['x', 'a', '1', '2', 'A', '-', '_']
                .into_iter()
                .filter(is_in);
            let first = class.ranges().first().map(ClassUnicodeRange::start);
            let c = usual.chain(first).nth(variant).or(first)?;
            Some(c.to_string())
        }
        HirKind::Class(Class::Bytes(_)) => None,
        HirKind::Repetition(repetition) => {
            let one = sample(&repetition.sub, variant)?;
            Some(one.repeat(usize::try_from(repetition.min.max(1)).ok()?.min(64)))
        }
        HirKind::Capture(capture) => sample(&capture.sub, variant),
        HirKind::Concat(all) => all.iter().map(|one| sample(one, variant)).collect(),
        HirKind::Alternation(all) => sample(all.get(variant).or(all.first())?, variant),
    }
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
        // Without an extension, the application inserts nothing here.
        assert!(from("u/a/1-thumbnail").is_empty());
        // The application takes the dot in the owner's id for the dot of the extension.
        assert_eq!(from("u/ada-thumbnail.l/1-x"), ["u/ada.l/1-x"]);
    }

    /// The expression ignores case; keys usually have the case of their layouts.
    #[test]
    fn an_expression_that_takes_either_case_has_a_witness() {
        let cases = [
            (
                r"(?i)^users/(.+)\.mov$",
                "encoded/$1.mp4",
                "encoded/ada/1.mp4",
                Some("users/ada/1.mov"),
            ),
            (
                r"(?i)^USERS/(.+)\.(mov|avi)$",
                "e/$1",
                "e/ada/1",
                Some("users/ada/1.avi"),
            ),
            (
                r"(?i)\.(jpe?g|png)$",
                ".webp",
                "users/ada/1.webp",
                Some("users/ada/1.jpeg"),
            ),
            (
                r"^(?i:users)/(.+)\.MOV$",
                "encoded/$1.mp4",
                "encoded/ada/1.mp4",
                Some("users/ada/1.MOV"),
            ),
            // Unicode: the Kelvin sign is a case variant of k, and the long s of s.
            (
                r"(?i)^users/(.+)\.mks$",
                "encoded/$1.mp4",
                "encoded/ada/1.mp4",
                Some("users/ada/1.mks"),
            ),
            (
                r"(?i)^users/(.+)\.mov$",
                "encoded/$1.mp4",
                "encoded/ada/1.mov",
                None,
            ),
        ];
        for (regex, replace, made, expected) in cases {
            let text = format!(
                "version = 1\nname = \"t\"\n[[bucket]]\nname = \"media\"\n[[bucket.layout]]\nid = \"u\"\nkey = \"users/{{user}}/{{file...}}\"\nowner = \"user\"\n[[bucket.derived]]\nid = \"d\"\nfrom = \"u\"\nto_bucket = \"made\"\nregex = '{regex}'\nreplace = '{replace}'\n[[bucket]]\nname = \"made\"\n"
            );
            let blueprint = Blueprint::parse("test", &text).unwrap();
            let media = &blueprint.buckets[0];
            let witness = media.derived[0].witness(media, made);
            assert_eq!(
                witness.as_ref().map(|one| one.key.as_str()),
                expected,
                "{regex} {made}"
            );
        }
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
