//! The possible owners of the sources of a derived key.
//!
//! A derived key tells something about its source. Often it shows the owner, even if the rule drops an extension or a
//! folder: `previews/users/ada/1.jpg` was derived from `users/ada/1.` plus some extension. If the rule drops the owner,
//! the owner is unknown, and the result says so.
//!
//! The result covers every source that may have existed. A source in the result need not have existed.

use std::collections::BTreeSet;

use super::inverse::Before;
use super::pattern::{Pattern, Symbol};
use super::{DerivedRule, Step};
use crate::domain::OwnerId;
use crate::domain::blueprint::BucketBlueprint;
use crate::domain::blueprint::layout::{Layout, OwnerSource};
use crate::domain::blueprint::segment::Segment;

/// A key from which a rule derives exactly the given key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FormerSource {
    /// The key.
    pub key: String,
    /// The id of its layout.
    pub layout: String,
    /// The owner in its key; `None` if the layout takes the owner from records or metadata.
    pub owner: Option<OwnerId>,
}

/// The possible sources of a derived key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FormerSources {
    /// The sources with a completely known key, by key.
    pub keys: Vec<FormerSource>,
    /// All possible owners, including those of [`keys`](Self::keys).
    pub owners: BTreeSet<OwnerId>,
    /// Whether there may be sources of unknown owner, because the rule drops the owner.
    pub is_owner_lost: bool,
}

impl FormerSources {
    /// Whether the rule cannot have derived the key from any source.
    #[must_use]
    pub fn are_impossible(&self) -> bool {
        self.keys.is_empty() && self.owners.is_empty() && !self.is_owner_lost
    }
}

/// The owner of a key with holes, according to one layout.
enum Reading {
    /// No key of the layout matches.
    Impossible,
    Owner(OwnerId),
    Lost,
}

impl DerivedRule {
    /// The possible sources of this key in the rule's target bucket. `from` is the bucket that contains the rule.
    ///
    /// A key of the same bucket that the rule does not change was not derived: it is its own source.
    #[must_use]
    pub fn former_sources(&self, from: &BucketBlueprint, made: &str) -> FormerSources {
        let mut found = FormerSources::default();
        if self.is_ruled_out(from, made) {
            return found;
        }
        let before = self.before(made);
        for pattern in &before.patterns {
            match pattern.text() {
                Some(key) => self.enter_key(&mut found, from, made, &key),
                None => self.enter_pattern(&mut found, from, pattern),
            }
        }
        found.is_owner_lost |= !before.is_whole;
        found.keys.sort_unstable();
        found
    }

    /// Whether the rule can have derived this key from any key that matches one of its layouts.
    #[must_use]
    pub fn may_have_made(&self, from: &BucketBlueprint, made: &str) -> bool {
        !self.former_sources(from, made).are_impossible()
    }

    /// A quick check, without inverting the rule, that it cannot have derived a key. It succeeds for most keys of a
    /// bucket that also contains the sources.
    pub(super) fn is_ruled_out(&self, from: &BucketBlueprint, made: &str) -> bool {
        match self.steps.as_slice() {
            [Step::Regex(replacement)] if from.name == self.to_bucket => {
                replacement.texts().iter().any(|text| !made.contains(text))
            }
            [.., Step::Append(text)] => !made.ends_with(text.as_str()),
            _ => false,
        }
    }

    pub(super) fn before(&self, made: &str) -> Before {
        let mut before = Before {
            patterns: vec![Pattern::of(made)],
            is_whole: true,
        };
        for step in self.steps.iter().rev() {
            let earlier = step.undo(&before.patterns);
            before.is_whole &= earlier.is_whole;
            before.patterns = earlier.patterns;
        }
        before
    }

    fn enter_key(&self, found: &mut FormerSources, from: &BucketBlueprint, made: &str, key: &str) {
        let is_itself = key == made && from.name == self.to_bucket;
        if is_itself || self.apply(key).as_deref() != Some(made) {
            return;
        }
        let readings = from.readings(key);
        if !self.takes(&readings) {
            return;
        }
        let mut owners: Vec<&Option<OwnerId>> = Vec::new();
        for reading in &readings {
            if owners.contains(&&reading.owner) {
                continue;
            }
            owners.push(&reading.owner);
            found.owners.extend(reading.owner.clone());
            found.keys.push(FormerSource {
                key: key.to_owned(),
                layout: reading.layout.to_owned(),
                owner: reading.owner.clone(),
            });
        }
    }

    fn enter_pattern(&self, found: &mut FormerSources, from: &BucketBlueprint, pattern: &Pattern) {
        // If layouts contradict each other, those that the rule does not name also count for its sources.
        let has_a_say =
            |layout: &&Layout| from.is_disputed() || self.from.iter().any(|id| id == layout.id());
        for layout in from.layouts.iter().filter(has_a_say) {
            match read(layout, pattern) {
                Reading::Impossible => {}
                Reading::Owner(owner) => {
                    found.owners.insert(owner);
                }
                Reading::Lost => found.is_owner_lost = true,
            }
        }
    }
}

/// Reads a key with holes by a layout. If the owner touches a hole, or may be inside one, it is lost.
fn read(layout: &Layout, pattern: &Pattern) -> Reading {
    let part = match layout.owner() {
        OwnerSource::Part(part) => part,
        OwnerSource::Registry | OwnerSource::Metadata(_) => return read_unnamed(layout, pattern),
    };
    let mut rest = pattern.symbols();
    let mut owner = None;
    for segment in layout.anchor() {
        let (folder, after) = folder(rest);
        match after.split_first() {
            Some((Symbol::Char(_), after)) if may_match(segment, folder, false) => rest = after,
            // The hole may contain the end of this folder and any further folders.
            Some((Symbol::Hole { .. }, _)) if may_match(segment, folder, true) => {
                return Reading::Lost;
            }
            Some(_) | None => return Reading::Impossible,
        }
        if segment.has_part(part) {
            let Some(text) = Pattern::of_symbols(folder).text() else {
                return Reading::Lost;
            };
            owner = segment.value_of(part, &text).map(str::to_owned);
        }
    }
    match owner.map(OwnerId::new) {
        Some(Ok(owner)) => Reading::Owner(owner),
        _ => Reading::Impossible,
    }
}

/// Reads a key with holes by a layout whose keys do not name the owner.
fn read_unnamed(layout: &Layout, pattern: &Pattern) -> Reading {
    let mut rest = pattern.symbols();
    let mut segments = layout.segments().iter().peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        let (folder, after) = folder(rest);
        let takes_rest = segment.parts().any(|part| part.rest);
        let (may_match, is_end) = match after.split_first() {
            Some((Symbol::Char(_), after)) if !takes_rest => {
                rest = after;
                (may_match(segment, folder, false) && !is_last, false)
            }
            None if !takes_rest => (may_match(segment, folder, false) && is_last, true),
            _ => (may_match(segment, folder, true), true),
        };
        if !may_match {
            return Reading::Impossible;
        }
        if is_end {
            break;
        }
    }
    Reading::Lost
}

/// The name of the first folder, and the rest: a `/`, or a hole that may contain one.
fn folder(symbols: &[Symbol]) -> (&[Symbol], &[Symbol]) {
    let is_end = |one: &Symbol| matches!(one, Symbol::Char('/') | Symbol::Hole { slash: true });
    let end = symbols.iter().position(is_end).unwrap_or(symbols.len());
    symbols.split_at_checked(end).unwrap_or_default()
}

/// Whether a folder's name may match, as far as it is known. A truncated name may continue with anything.
fn may_match(segment: &Segment, folder: &[Symbol], is_cut: bool) -> bool {
    let pattern = Pattern::of_symbols(folder);
    match pattern.text() {
        Some(text) if !is_cut => segment.matches(&text),
        _ => {
            let (known, literal) = (pattern.beginning(), segment.leading_literal());
            known.starts_with(literal) || literal.starts_with(&known)
        }
    }
}
