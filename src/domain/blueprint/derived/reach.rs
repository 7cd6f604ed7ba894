//! How much of a bucket a search must list to find derived objects or their sources.

use std::collections::BTreeSet;

use regex_syntax::hir::{Hir, HirKind};

use super::{DerivedRule, Step};
use crate::domain::OwnerId;
use crate::domain::blueprint::layout::{Layout, OwnerSource};
use crate::domain::blueprint::template::Parts;
use crate::domain::blueprint::{BucketBlueprint, Location, Part, Shape};

/// Values that break careless rules: names with one dot, with several, with none, and with a folder.
const VALUES: [&str; 6] = ["x", "a.b", "x.jpg", "x.tar.gz", "a/b", "a.b/c"];

impl DerivedRule {
    /// The prefixes of all keys from which this rule can have produced a key; `from` is the bucket that contains the
    /// rule. The result has the empty prefix if it is unknown, and is empty if the rule cannot have produced the key.
    #[must_use]
    pub fn source_beginnings(&self, from: &BucketBlueprint, made: &str) -> BTreeSet<String> {
        let before = self.before(made);
        if !before.is_whole {
            return BTreeSet::from([String::new()]);
        }
        let patterns = before.patterns.iter();
        let beginnings =
            patterns.map(|pattern| pattern.text().unwrap_or_else(|| pattern.beginning()));
        let layouts = self.from.iter().filter_map(|id| from.layout(id));
        let layouts: Vec<&Layout> = layouts.collect();
        beginnings
            .filter(|beginning| layouts.iter().any(|layout| layout.may_begin(beginning)))
            .collect()
    }

    /// Whether every key that the rule derives from this owner's sources also names the owner in the target bucket.
    /// Then listing the owner's folders there finds all of them.
    ///
    /// The test uses keys of each layout with values that rules usually look for, and that this rule looks for. The
    /// keys of the sources must name the owner.
    #[must_use]
    pub fn keeps_owner(
        &self,
        from: &BucketBlueprint,
        to: &BucketBlueprint,
        owner: &OwnerId,
    ) -> bool {
        let is_owners = |bucket: &BucketBlueprint, key: &str| match bucket.locate(key) {
            Location::Owned { owner: of, .. } => of == *owner && bucket.rivals(key).is_empty(),
            Location::Unnamed { .. } | Location::Unreadable => false,
        };
        self.from
            .iter()
            .filter_map(|id| from.layout(id))
            .all(|layout| {
                let keys = self.keys_of_owner(layout, owner);
                let sources = keys.iter().filter(|key| is_owners(from, key));
                let sources: Vec<&String> = sources.collect();
                let mut made = sources.iter().map(|key| self.apply(key));
                !sources.is_empty()
                    && self.is_tried_by(&sources)
                    && made.all(|made| made.is_none_or(|made| is_owners(to, &made)))
            })
    }

    /// Whether each expression matches at least one of these keys. Otherwise the keys are no test of the rule.
    fn is_tried_by(&self, keys: &[&String]) -> bool {
        let mut keys: Vec<String> = keys.iter().map(|key| (*key).clone()).collect();
        for step in &self.steps {
            let is_match = |key: &String| match step {
                Step::Regex(replacement) => replacement.regex.is_match(key),
                Step::ReplaceAll { .. } | Step::CutFromLast(_) | Step::Append(_) => true,
            };
            if !keys.iter().any(is_match) {
                return false;
            }
            keys = keys.into_iter().map(|key| step.apply(key)).collect();
        }
        true
    }

    /// Keys of a layout that name the owner, with all combinations of sample values for the other parts.
    fn keys_of_owner(&self, layout: &Layout, owner: &OwnerId) -> BTreeSet<String> {
        let OwnerSource::Part(owner_part) = layout.owner() else {
            return BTreeSet::new();
        };
        let parts = layout.template().parts();
        let values: Vec<(&str, Vec<String>)> = parts
            .map(|part| (part.name.as_str(), self.values(part)))
            .collect();
        let most = values.iter().map(|(_, of_part)| of_part.len()).max();
        let mut keys = BTreeSet::new();
        for (name, of_part) in &values {
            for value in of_part {
                for rest in 0..most.unwrap_or(0) {
                    let parts = values.iter().filter_map(|(other, all)| {
                        let value = match other {
                            other if other == owner_part => owner.as_str(),
                            other if other == name => value,
                            _ => all.get(rest % all.len().max(1))?,
                        };
                        Some(((*other).to_owned(), value.to_owned()))
                    });
                    keys.extend(layout.format(&parts.collect::<Parts>()));
                }
            }
        }
        keys
    }

    /// Sample values of a part; if the part has few fixed values, all of them.
    fn values(&self, part: &Part) -> Vec<String> {
        if let Shape::OneOf(values) = &part.shape {
            return values.clone();
        }
        let texts = VALUES
            .into_iter()
            .map(str::to_owned)
            .chain(self.steps.iter().flat_map(Step::texts));
        let values: Vec<String> = texts.filter(|text| part.admits(text)).collect();
        if values.is_empty() {
            part.shape.example().into_iter().collect()
        } else {
            values
        }
    }
}

impl Step {
    /// The texts that the step looks for or inserts, as a part of a key may contain them.
    fn texts(&self) -> Vec<String> {
        let texts = match self {
            Self::ReplaceAll { text, with } => vec![text.clone(), with.clone()],
            Self::CutFromLast(text) | Self::Append(text) => vec![text.clone()],
            Self::Regex(replacement) => literals(replacement.regex.as_str()),
        };
        let texts = texts.iter().map(|text| text.trim_matches('/'));
        let texts = texts.filter(|text| !text.is_empty());
        // A text that is matched at the end needs other text before it.
        texts
            .flat_map(|text| [text.to_owned(), format!("x{text}")])
            .collect()
    }
}

/// The literal texts in an expression.
fn literals(regex: &str) -> Vec<String> {
    fn collect(hir: &Hir, found: &mut Vec<String>) {
        match hir.kind() {
            HirKind::Literal(literal) => {
                found.extend(std::str::from_utf8(&literal.0).map(str::to_owned));
            }
            HirKind::Concat(parts) | HirKind::Alternation(parts) => {
                for part in parts {
                    collect(part, found);
                }
            }
            HirKind::Capture(capture) => collect(&capture.sub, found),
            HirKind::Repetition(repetition) => collect(&repetition.sub, found),
            HirKind::Empty | HirKind::Class(_) | HirKind::Look(_) => {}
        }
    }
    let mut found = Vec::new();
    if let Ok(hir) = regex_syntax::parse(regex) {
        collect(&hir, &mut found);
    }
    found
}
