//! Whose the sources of a key may have been.
//!
//! A key that was made by a rule says something of its source. Often it says whose it was, even where the rule drops an
//! extension or a folder: `previews/users/ada/1.jpg` was made of `users/ada/1.` and some ending. Sometimes the owner is
//! what the rule drops; then nobody can tell, which is said as well.
//!
//! The answers take in every source that there may have been. That a source is named here does not say that it existed.

use std::collections::BTreeSet;

use super::inverse::Before;
use super::pattern::{Pattern, Symbol};
use super::{DerivedRule, Step};
use crate::domain::OwnerId;
use crate::domain::blueprint::BucketBlueprint;
use crate::domain::blueprint::layout::{Layout, OwnerSource};
use crate::domain::blueprint::segment::Segment;

/// A key from which a rule makes exactly the key that was asked about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FormerSource {
    /// The key.
    pub key: String,
    /// The id of the layout that explains it.
    pub layout: String,
    /// Whose it is by its key; `None` where the layout leaves that to records or metadata.
    pub owner: Option<OwnerId>,
}

/// What may have become a key by a rule.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FormerSources {
    /// Those whose whole key is known, by key.
    pub keys: Vec<FormerSource>,
    /// The owners of all that the keys tell, those of [`keys`](Self::keys) among them.
    pub owners: BTreeSet<OwnerId>,
    /// Whether there may be sources of which the made key does not tell the owner: the rule loses it.
    pub is_owner_lost: bool,
}

impl FormerSources {
    /// Whether the rule cannot have made the key from anything.
    #[must_use]
    pub fn are_impossible(&self) -> bool {
        self.keys.is_empty() && self.owners.is_empty() && !self.is_owner_lost
    }
}

/// What a key with holes says of its owner, by one layout.
enum Reading {
    /// No key of the layout is like this.
    Impossible,
    Owner(OwnerId),
    Lost,
}

impl DerivedRule {
    /// What may have become this key of the rule's target bucket. `from` is the bucket that the rule stands in.
    ///
    /// A key of the same bucket that the rule leaves as it is was not made: it is its own source.
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

    /// Whether it can have made this key at all, from a key that one of its layouts explains.
    #[must_use]
    pub fn may_have_made(&self, from: &BucketBlueprint, made: &str) -> bool {
        !self.former_sources(from, made).are_impossible()
    }

    /// Whether it cannot have made a key, told without turning it round: true of most keys of a bucket that holds its
    /// sources, too.
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
        // Where layouts contradict each other, those that the rule does not name have a say about its sources as well.
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

/// Reads a key with holes by a layout. Where the owner touches a hole, or may be inside of one, it is lost.
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
            // The hole may hold this folder's end, and any folder that follows.
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

/// Reads a key with holes by a layout that does not name the owner.
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

/// The first folder's name, and what follows: a `/`, or a hole that may hold one.
fn folder(symbols: &[Symbol]) -> (&[Symbol], &[Symbol]) {
    let is_end = |one: &Symbol| matches!(one, Symbol::Char('/') | Symbol::Hole { slash: true });
    let end = symbols.iter().position(is_end).unwrap_or(symbols.len());
    symbols.split_at_checked(end).unwrap_or_default()
}

/// Whether a folder's name may match, as far as it is known. Of a folder that is cut short the rest may be anything.
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
