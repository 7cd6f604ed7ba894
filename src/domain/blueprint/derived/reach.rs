//! How far a search for what a rule made, or made it from, has to reach.

use std::collections::BTreeSet;

use super::{DerivedRule, Step};
use crate::domain::OwnerId;
use crate::domain::blueprint::layout::{Layout, OwnerSource};
use crate::domain::blueprint::template::Parts;
use crate::domain::blueprint::{BucketBlueprint, Location};

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
            Location::Owned { owner: of, .. } => of == *owner,
            Location::Unnamed { .. } | Location::Unreadable => false,
        };
        self.from
            .iter()
            .filter_map(|id| from.layout(id))
            .all(|layout| {
                let keys = self.samples(layout, owner);
                let mut sources = keys.iter().filter(|key| is_owners(from, key)).peekable();
                sources.peek().is_some()
                    && sources.all(|key| self.apply(key).is_none_or(|made| is_owners(to, &made)))
            })
    }

    /// Keys of a layout of which the owner is known: each other part takes every value beside every value of the rest.
    fn samples(&self, layout: &Layout, owner: &OwnerId) -> BTreeSet<String> {
        let OwnerSource::Part(owner_part) = layout.owner() else {
            return BTreeSet::new();
        };
        let mut values: Vec<&str> = VALUES.to_vec();
        values.extend(self.steps.iter().flat_map(Step::texts));
        let names: BTreeSet<&str> = layout
            .template()
            .parts()
            .map(|part| part.name.as_str())
            .collect();
        let mut keys = BTreeSet::new();
        for name in names {
            for value in &values {
                for rest in &values {
                    keys.extend(key(layout, owner_part, owner, |part| {
                        if part == name { value } else { rest }
                    }));
                }
            }
        }
        keys
    }
}

/// The layout's key with these values, those aside that a part does not take.
fn key<'v>(
    layout: &Layout,
    owner_part: &str,
    owner: &OwnerId,
    value: impl Fn(&str) -> &'v str,
) -> Option<String> {
    let mut parts = Parts::new();
    for part in layout.template().parts() {
        let text = if part.name == owner_part {
            owner.as_str()
        } else {
            value(&part.name)
        };
        let text = if part.admits(text) {
            text.to_owned()
        } else {
            part.shape.example()?
        };
        parts.insert(part.name.clone(), text);
    }
    layout.format(&parts).ok()
}

impl Step {
    /// What it looks for and what it puts there, as a part of a key may hold it.
    fn texts(&self) -> Vec<&str> {
        let texts = match self {
            Self::ReplaceAll { text, with } => vec![text.as_str(), with.as_str()],
            Self::CutFromLast(text) | Self::Append(text) => vec![text.as_str()],
            Self::Regex(_) => Vec::new(),
        };
        let texts = texts.into_iter().map(|text| text.trim_matches('/'));
        texts.filter(|text| !text.is_empty()).collect()
    }
}
