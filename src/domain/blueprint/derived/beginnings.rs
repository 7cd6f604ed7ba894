//! The prefixes of everything that a rule derives from one owner's sources.
//!
//! The rule is applied to the prefix of the owner's keys as far as the result is certain. A prefix that is too short
//! costs requests; one that is too long misses objects. Every doubt therefore makes it shorter.

use std::collections::BTreeSet;

use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Hir, HirKind, Look};

use super::pattern::{Pattern, Symbol};
use super::structure::class_holds;
use super::{DerivedRule, Piece, Replacement, Step};
use crate::domain::OwnerId;
use crate::domain::blueprint::BucketBlueprint;
use crate::domain::blueprint::layout::{Layout, OwnerSource};
use crate::domain::blueprint::segment::Item;

/// The known start of a text, and whether the text may continue.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Exact(String),
    Begins(String),
}

impl DerivedRule {
    /// The prefixes of all keys that the rule derives from this owner's sources. `from` is the bucket that contains the
    /// rule. The result has the empty prefix if it is unknown: then any key of the target bucket may be derived. It is
    /// empty if the owner cannot have a source.
    ///
    /// No prefix starts with another one.
    #[must_use]
    pub fn beginnings(&self, from: &BucketBlueprint, owner: &OwnerId) -> BTreeSet<String> {
        let layouts = self.from.iter().filter_map(|id| from.layout(id));
        let mut beginnings: BTreeSet<String> = layouts
            .filter_map(|layout| beginning_of(layout, owner))
            .collect();
        for step in &self.steps {
            beginnings = beginnings
                .iter()
                .flat_map(|beginning| step.beginnings(beginning))
                .collect();
        }
        let all = beginnings.clone();
        beginnings.retain(|one| {
            let mut shorter = all.iter().filter(|other| *other != one);
            !shorter.any(|other| one.starts_with(other.as_str()))
        });
        beginnings
    }
}

/// The prefix of an owner's keys in a layout; `None` if the owner cannot have any.
fn beginning_of(layout: &Layout, owner: &OwnerId) -> Option<String> {
    let owner_part = match layout.owner() {
        OwnerSource::Part(part) => Some(part),
        OwnerSource::Registry | OwnerSource::Metadata(_) => None,
    };
    let mut key = Pattern::default();
    for segment in layout.segments() {
        for item in &segment.items {
            match item {
                Item::Literal(text) => key.push_str(text),
                Item::Part(part) if Some(&part.name) == owner_part => {
                    if !part.admits(owner.as_str()) {
                        return None;
                    }
                    key.push_str(owner.as_str());
                }
                Item::Part(_) => key.push(Symbol::Hole { slash: true }),
            }
        }
        key.push_str("/");
        if owner_part.is_some_and(|part| segment.has_part(part)) {
            return Some(key.beginning());
        }
    }
    // Without an owner in it, the key ends with its last folder, and the final `/` is not part of it.
    let beginning = key.beginning();
    Some(beginning.strip_suffix('/').unwrap_or(&beginning).to_owned())
}

impl Step {
    /// The prefixes of the step's results for texts with this prefix.
    fn beginnings(&self, known: &str) -> Vec<String> {
        match self {
            Self::Append(_) => vec![known.to_owned()],
            Self::CutFromLast(text) => {
                let at = known
                    .rfind(text)
                    .unwrap_or(known.len() - overlap(known, text));
                vec![known.get(..at).unwrap_or_default().to_owned()]
            }
            Self::ReplaceAll { text, with } => {
                let tail = known.get(last_end(known, text)..).unwrap_or_default();
                let certain = known.len() - overlap(tail, text);
                let certain = known.get(..certain).unwrap_or_default();
                vec![certain.replace(text, with)]
            }
            Self::Regex(replacement) => {
                let matched = replacement.beginning(known);
                matched.into_iter().chain([known.to_owned()]).collect()
            }
        }
    }
}

/// The end of the last occurrence, as found by a replacement from left to right.
fn last_end(text: &str, part: &str) -> usize {
    text.match_indices(part)
        .last()
        .map_or(0, |(at, found)| at + found.len())
}

/// How many bytes at the end of a text may be the start of an occurrence that later text completes.
fn overlap(text: &str, part: &str) -> usize {
    let mut ends = text.char_indices().map(|(at, _)| at);
    ends.find(|&at| {
        let end = text.get(at..).unwrap_or_default();
        end.len() < part.len() && part.starts_with(end)
    })
    .map_or(0, |at| text.len() - at)
}

impl Replacement {
    /// The prefix of the results for matching texts with this prefix; `None` if none matches.
    fn beginning(&self, known: &str) -> Option<String> {
        let structure = &self.structure;
        if !structure.starts_at_start {
            let first = earliest(known, &structure.hir).unwrap_or(known.len());
            return Some(known.get(..first).unwrap_or_default().to_owned());
        }
        let (groups, end) = self.groups(known)?;
        let mut made = String::new();
        for piece in &self.with {
            match piece {
                Piece::Text(text) => made.push_str(text),
                Piece::Group(group) => match groups.get(*group) {
                    Some(Some(Value::Exact(value))) => made.push_str(value),
                    Some(Some(Value::Begins(value))) => {
                        made.push_str(value);
                        return Some(made);
                    }
                    Some(None) | None => return Some(made),
                },
            }
        }
        made.push_str(end.and_then(|end| known.get(end..)).unwrap_or_default());
        Some(made)
    }

    /// The known values of the groups, and where the match ends. `None` if no text with this prefix matches.
    fn groups(&self, known: &str) -> Option<(Vec<Option<Value>>, Option<usize>)> {
        let hir = &self.structure.hir;
        let mut groups = vec![None; self.regex.captures_len()];
        let elements = match hir.kind() {
            HirKind::Concat(all) => all.as_slice(),
            _ => std::slice::from_ref(hir),
        };
        let mut at = 0;
        for (number, element) in elements.iter().enumerate() {
            let left = known.get(at..).unwrap_or_default();
            let (group, inner) = match element.kind() {
                HirKind::Look(_) | HirKind::Empty => continue,
                HirKind::Literal(literal) => {
                    let literal = std::str::from_utf8(&literal.0).unwrap_or_default();
                    if left.starts_with(literal) {
                        at += literal.len();
                        continue;
                    }
                    return literal.starts_with(left).then_some((groups, None));
                }
                HirKind::Capture(capture) => {
                    (usize::try_from(capture.index).ok(), capture.sub.as_ref())
                }
                _ => (None, element),
            };
            let rest = elements.get(number + 1..).unwrap_or_default();
            let is_last = rest
                .iter()
                .all(|one| matches!(one.kind(), HirKind::Look(_)));
            let end = if is_last && self.structure.ends_at_end {
                None
            } else {
                earliest(left, &Hir::concat(rest.to_vec()))
            };
            let text = left.get(..end.unwrap_or(left.len())).unwrap_or_default();
            let next = left.get(text.len()..).and_then(|left| left.chars().next());
            let is_exact = next.is_some_and(|next| ends_before(inner, next));
            let place = group.and_then(|group| groups.get_mut(group));
            if let Some(place) = place {
                let text = text.to_owned();
                *place = Some(if is_exact {
                    Value::Exact(text)
                } else {
                    Value::Begins(text)
                });
            }
            if !is_exact {
                return Some((groups, None));
            }
            at += text.len();
        }
        Some((groups, Some(at)))
    }
}

/// Whether no matching text contains this character, so that a match ends before its first occurrence.
fn ends_before(hir: &Hir, next: char) -> bool {
    match hir.kind() {
        HirKind::Repetition(repetition) => ends_before(&repetition.sub, next),
        HirKind::Class(class) => !class_holds(class, next),
        _ => false,
    }
}

/// The earliest start of a match in a text and its continuation; `None` if it is after the text.
fn earliest(known: &str, hir: &Hir) -> Option<usize> {
    if hir.properties().look_set_prefix().contains(Look::End) {
        return None;
    }
    let first = Extractor::new().extract(hir);
    let Some(literals) = first.literals() else {
        return Some(0);
    };
    let literals: Vec<&str> = literals
        .iter()
        .map(|literal| std::str::from_utf8(literal.as_bytes()).unwrap_or_default())
        .collect();
    let mut places = known.char_indices().map(|(at, _)| at);
    places.find(|&at| {
        let left = known.get(at..).unwrap_or_default();
        literals
            .iter()
            .any(|literal| left.starts_with(literal) || literal.starts_with(left))
    })
}
