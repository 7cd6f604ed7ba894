//! Inverts a step: finds the texts from which a step may have produced a given one.
//!
//! Text that a step drops becomes a hole in the result. A pattern without holes is verified: it stays only if the step
//! turns it into the given text.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::pattern::{Pattern, Position, Symbol};
use super::structure::may_hold_slash;
use super::{Piece, Replacement, Step};

/// Limit on the patterns that are passed from one step to the next.
const MOST_PATTERNS: usize = 512;

/// Limit on the ways to read a replacement.
const MOST_TRIES: usize = 20_000;

/// A repetition of more than this becomes a hole.
const MOST_REPEATED: u32 = 4;

/// The possible texts before a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Before {
    pub patterns: Vec<Pattern>,
    /// Whether the patterns cover all possibilities.
    pub is_whole: bool,
}

impl Step {
    /// The texts that this step may have turned into one of these.
    pub(super) fn undo(&self, after: &[Pattern]) -> Before {
        let mut before = Before {
            patterns: Vec::new(),
            is_whole: true,
        };
        for pattern in after {
            match self {
                Self::Append(text) => before.patterns.extend(pattern.without_suffix(text)),
                Self::CutFromLast(text) => {
                    let mut cut = pattern.clone();
                    cut.push_str(text);
                    cut.push(Symbol::Hole { slash: true });
                    before.patterns.push(cut);
                    before.add_unless_changed(self, pattern.clone(), pattern);
                }
                Self::ReplaceAll { text, with } if with.is_empty() => {
                    // A removed text may have been anywhere, any number of times. It was usually before a folder.
                    before.is_whole = false;
                    for at in 0..=pattern.symbols().len() {
                        before.add_unless_changed(self, inserted(pattern, at, text), pattern);
                    }
                    before.add_unless_changed(self, pattern.clone(), pattern);
                }
                Self::ReplaceAll { text, with } => {
                    let with: Vec<char> = with.chars().collect();
                    let replaced = Replaced { text, with: &with };
                    let mut found = Vec::new();
                    let start = Pattern::start();
                    before.is_whole &=
                        replaced.undo(pattern, start, Pattern::default(), &mut found);
                    for one in found {
                        before.add_unless_changed(self, one, pattern);
                    }
                }
                Self::Regex(replacement) => {
                    let mut matched = Matched::new(replacement, pattern);
                    matched.run();
                    before.is_whole &= matched.tries_left > 0;
                    for one in matched.found {
                        before.add_unless_changed(self, one, pattern);
                    }
                    before.add_unless_changed(self, pattern.clone(), pattern);
                }
            }
            if before.patterns.len() > MOST_PATTERNS {
                break;
            }
        }
        before.patterns.sort_unstable();
        before.patterns.dedup();
        before.is_whole &= before.patterns.len() <= MOST_PATTERNS;
        before.patterns.truncate(MOST_PATTERNS);
        before
    }
}

impl Step {
    /// Whether no text that starts with `before` becomes a text that starts with `after`. The very end may be replaced
    /// together with what follows.
    fn refutes_beginning(&self, before: &str, after: &str) -> bool {
        let Self::ReplaceAll { text, .. } = self else {
            return false;
        };
        let made = self.apply(before.to_owned());
        let sure = made.len().saturating_sub(text.len()).min(after.len());
        let pairs = made.bytes().zip(after.bytes());
        pairs.take(sure).any(|(made, after)| made != after)
    }
}

impl Before {
    /// Adds a text only if the step gives the expected result.
    fn add_unless_changed(&mut self, step: &Step, before: Pattern, after: &Pattern) {
        let is_refuted = match (before.text(), after.text()) {
            (Some(before), Some(after)) => step.apply(before) != after,
            _ => step.refutes_beginning(&before.beginning(), &after.beginning()),
        };
        if !is_refuted {
            self.patterns.push(before);
        }
    }
}

/// Inserts a text before a symbol, if a folder starts there.
fn inserted(pattern: &Pattern, at: usize, text: &str) -> Pattern {
    let (head, tail) = pattern.symbols().split_at_checked(at).unwrap_or_default();
    let mut made = Pattern::default();
    for symbol in head {
        made.push(*symbol);
    }
    if matches!(head.last(), None | Some(Symbol::Char('/'))) {
        made.push_str(text);
    }
    for symbol in tail {
        made.push(*symbol);
    }
    made
}

/// A text that is replaced by another everywhere.
struct Replaced<'a> {
    text: &'a str,
    with: &'a [char],
}

impl Replaced<'_> {
    /// Continues from a position; `before` is the result so far. Returns false if there are too many ways.
    fn undo(
        &self,
        after: &Pattern,
        from: Position,
        mut before: Pattern,
        found: &mut Vec<Pattern>,
    ) -> bool {
        if found.len() > MOST_PATTERNS {
            return false;
        }
        let mut at = from;
        while let Some((symbol, next)) = after.step(at) {
            let symbol = match symbol {
                Symbol::Char(_) => symbol,
                Symbol::Hole { slash } => Symbol::Hole {
                    slash: slash || self.text.contains('/'),
                },
            };
            for end in after.behind(at, self.with) {
                // If a hole contains the whole text, it also contained the whole text before.
                if end.is_in_hole_of(at) {
                    continue;
                }
                let mut before = before.clone();
                if matches!(symbol, Symbol::Hole { .. }) {
                    before.push(symbol);
                }
                before.push_str(self.text);
                if !self.undo(after, end, before, found) {
                    return false;
                }
            }
            before.push(symbol);
            at = next;
        }
        found.push(before);
        true
    }
}

/// The parts of a replacement, to be found in a text.
struct Matched<'a> {
    replacement: &'a Replacement,
    after: &'a Pattern,
    found: Vec<Pattern>,
    tries_left: usize,
}

impl<'a> Matched<'a> {
    fn new(replacement: &'a Replacement, after: &'a Pattern) -> Self {
        Self {
            replacement,
            after,
            found: Vec::new(),
            tries_left: MOST_TRIES,
        }
    }

    fn run(&mut self) {
        let after = self.after;
        let whole = after.text();
        let lacks = |text: &str| whole.as_ref().is_some_and(|whole| !whole.contains(text));
        if self.replacement.texts().into_iter().any(lacks) {
            return;
        }
        let mut groups = vec![None; self.replacement.regex.captures_len()];
        for start in after.positions(Pattern::start()) {
            self.read(start, start, &self.replacement.with, &mut groups);
            if self.replacement.structure.starts_at_start || self.tries_left == 0 {
                break;
            }
        }
    }

    fn read(
        &mut self,
        start: Position,
        from: Position,
        pieces: &'a [Piece],
        groups: &mut Vec<Option<Pattern>>,
    ) {
        self.tries_left = self.tries_left.saturating_sub(1);
        if self.tries_left == 0 {
            return;
        }
        let after = self.after;
        let Some((piece, pieces)) = pieces.split_first() else {
            self.put_together(start, from, groups);
            return;
        };
        let group = match piece {
            Piece::Text(text) => {
                let text: Vec<char> = text.chars().collect();
                for end in after.behind(from, &text) {
                    self.read(start, end, pieces, groups);
                }
                return;
            }
            Piece::Group(group) => *group,
        };
        let known = groups.get(group).cloned().flatten();
        if let Some(known) = known {
            let text = known.text().map(|text| text.chars().collect::<Vec<_>>());
            let ends = match text {
                Some(text) => after.behind(from, &text),
                None => after.positions(from).collect(),
            };
            for end in ends {
                self.read(start, end, pieces, groups);
            }
            return;
        }
        let ends: Vec<Position> = if pieces.is_empty() && self.replacement.structure.ends_at_end {
            vec![after.end()]
        } else {
            after.positions(from).collect()
        };
        for end in ends {
            let value = after.between(from, end);
            if !self.replacement.structure.group_admits(group, &value) {
                continue;
            }
            if let Some(place) = groups.get_mut(group) {
                *place = Some(value);
            }
            self.read(start, end, pieces, groups);
            if let Some(place) = groups.get_mut(group) {
                *place = None;
            }
        }
    }

    fn put_together(&mut self, start: Position, end: Position, groups: &[Option<Pattern>]) {
        let after = self.after;
        if self.replacement.structure.ends_at_end && !after.may_end_at(end) {
            return;
        }
        let head = after.between(Pattern::start(), start);
        let tail = after.between(end, after.end());
        let whole = groups.first().cloned().flatten();
        let matched = if let Some(whole) = whole {
            vec![whole]
        } else {
            let structure = &self.replacement.structure;
            let lower = structure.lower.iter();
            let lower = lower.flat_map(|lower| expanded(lower, groups));
            lower
                .chain(expanded(&structure.hir, groups))
                .collect::<Vec<_>>()
        };
        for matched in matched {
            let mut before = head.clone();
            before.extend(&matched);
            before.extend(&tail);
            self.found.push(before);
        }
        if self.found.len() > MOST_PATTERNS {
            self.tries_left = 0;
        }
    }
}

/// What an expression matches if its groups have these values.
fn expanded(hir: &Hir, groups: &[Option<Pattern>]) -> Vec<Pattern> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => vec![Pattern::default()],
        HirKind::Literal(literal) => vec![match std::str::from_utf8(&literal.0) {
            Ok(text) => Pattern::of(text),
            Err(_) => Pattern::hole(true),
        }],
        HirKind::Class(class) => vec![match single(class) {
            Some(c) => Pattern::of(c.encode_utf8(&mut [0; 4])),
            None => Pattern::hole(may_hold_slash(hir)),
        }],
        HirKind::Capture(capture) => {
            let index = usize::try_from(capture.index).unwrap_or(usize::MAX);
            match groups.get(index) {
                Some(Some(value)) => vec![value.clone()],
                _ => expanded(&capture.sub, groups),
            }
        }
        HirKind::Repetition(repetition) => {
            let once = || expanded(&repetition.sub, groups);
            match (repetition.min, repetition.max) {
                (0, Some(1)) => [vec![Pattern::default()], once()].concat(),
                (min, Some(max))
                    if min == max
                        && max <= MOST_REPEATED
                        && !has_group(&repetition.sub, groups) =>
                {
                    product((0..max).map(|_| once()))
                }
                (min, _) if has_group(&repetition.sub, groups) => {
                    // A group has the value of its last repetition.
                    let last = once().into_iter().map(|last| {
                        let mut all = Pattern::hole(may_hold_slash(&repetition.sub));
                        all.extend(&last);
                        all
                    });
                    let none = (min == 0).then(Pattern::default);
                    last.chain(none).collect()
                }
                _ => vec![Pattern::hole(may_hold_slash(&repetition.sub))],
            }
        }
        HirKind::Concat(all) => product(all.iter().map(|one| expanded(one, groups))),
        HirKind::Alternation(all) => all.iter().flat_map(|one| expanded(one, groups)).collect(),
    }
}

/// All combinations of one element each, in order. If there are too many, the rest becomes a hole.
fn product(all: impl Iterator<Item = Vec<Pattern>>) -> Vec<Pattern> {
    let mut made = vec![Pattern::default()];
    for ways in all {
        if made.len() * ways.len() > MOST_PATTERNS {
            for one in &mut made {
                one.push(Symbol::Hole { slash: true });
            }
            continue;
        }
        made = made
            .iter()
            .flat_map(|head| {
                ways.iter().map(|way| {
                    let mut one = head.clone();
                    one.extend(way);
                    one
                })
            })
            .collect();
    }
    made
}

fn has_group(hir: &Hir, groups: &[Option<Pattern>]) -> bool {
    match hir.kind() {
        HirKind::Capture(capture) => {
            let index = usize::try_from(capture.index).unwrap_or(usize::MAX);
            matches!(groups.get(index), Some(Some(_))) || has_group(&capture.sub, groups)
        }
        HirKind::Repetition(repetition) => has_group(&repetition.sub, groups),
        HirKind::Concat(all) | HirKind::Alternation(all) => {
            all.iter().any(|one| has_group(one, groups))
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => false,
    }
}

fn single(class: &Class) -> Option<char> {
    let Class::Unicode(class) = class else {
        return None;
    };
    match class.ranges() {
        [only] if only.start() == only.end() => Some(only.start()),
        _ => None,
    }
}
