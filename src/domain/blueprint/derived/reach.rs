//! How far a search for what a rule made, or made it from, has to reach.

use std::collections::BTreeSet;

use regex_syntax::hir::{Hir, HirKind};

use super::{DerivedRule, Step};
use crate::domain::OwnerId;
use crate::domain::blueprint::layout::{Layout, OwnerSource};
use crate::domain::blueprint::template::Parts;
use crate::domain::blueprint::{BucketBlueprint, Location, Part, Shape};

/// Values that trip careless rules: names with a dot, with several, without one, and with a folder inside.
const VALUES: [&str; 6] = ["x", "a.b", "x.jpg", "x.tar.gz", "a/b", "a.b/c"];

impl DerivedRule {
    /// What the keys begin with from which this rule can have made a key; `from` is the bucket that the rule stands in.
    /// Holds the empty text where that cannot be told. Empty where the rule cannot have made the key.
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

    /// Whether every key that the rule makes of this owner's sources names the owner in the target bucket, too: then
    /// whoever lists the owner's folders there finds them all.
    ///
    /// It is tried with keys of each layout that hold what rules usually look for, and what this one does. The owner has
    /// to be named by the sources' keys.
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

    /// Whether each expression matches one of these keys at least: otherwise they say nothing of what it does.
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

    /// Keys of a layout that name the owner: each other part takes every value beside every value of the rest.
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

    /// Values of a part: those that it takes of what trips rules, all of them where they are few and known.
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
    /// What it looks for and what it puts there, as a part of a key may hold it.
    fn texts(&self) -> Vec<String> {
        let texts = match self {
            Self::ReplaceAll { text, with } => vec![text.clone(), with.clone()],
            Self::CutFromLast(text) | Self::Append(text) => vec![text.clone()],
            Self::Regex(replacement) => literals(replacement.regex.as_str()),
        };
        let texts = texts.iter().map(|text| text.trim_matches('/'));
        let texts = texts.filter(|text| !text.is_empty());
        // What an expression looks for at the end has something before it.
        texts
            .flat_map(|text| [text.to_owned(), format!("x{text}")])
            .collect()
    }
}

/// The texts that stand in an expression as they are.
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
