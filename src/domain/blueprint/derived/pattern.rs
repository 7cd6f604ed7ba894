//! Patterns: sets of keys of which some parts are unknown.
//!
//! A [`Pattern`] is a sequence of characters, with a [hole](Symbol::Hole) wherever a rule dropped something. Every
//! operation may enlarge the set but never shrinks it: a search for possible owners must not miss anybody.

/// A known character, or a hole for any text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::domain::blueprint) enum Symbol {
    /// Exactly this character.
    Char(char),
    /// Any text, including the empty one.
    Hole {
        /// Whether the text may contain a `/`.
        slash: bool,
    },
}

/// A set of keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(in crate::domain::blueprint) struct Pattern {
    symbols: Vec<Symbol>,
}

/// A position between two symbols, or inside a partly read hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    at: usize,
    inside: bool,
}

impl Position {
    /// Whether both are in the same hole, this one later.
    pub(super) fn is_in_hole_of(self, other: Self) -> bool {
        self.inside && self.at == other.at
    }
}

impl Pattern {
    /// A pattern with exactly one key.
    pub(super) fn of(text: &str) -> Self {
        Self {
            symbols: text.chars().map(Symbol::Char).collect(),
        }
    }

    pub(super) fn of_symbols(symbols: &[Symbol]) -> Self {
        let mut pattern = Self::default();
        for symbol in symbols {
            pattern.push(*symbol);
        }
        pattern
    }

    /// A pattern that matches any text.
    pub(super) fn hole(slash: bool) -> Self {
        Self {
            symbols: vec![Symbol::Hole { slash }],
        }
    }

    /// Its symbols in order; two holes are never adjacent.
    pub(super) fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    /// The key, if there is exactly one.
    pub(super) fn text(&self) -> Option<String> {
        let chars = self.symbols.iter().map(|symbol| match symbol {
            Symbol::Char(c) => Some(*c),
            Symbol::Hole { .. } => None,
        });
        chars.collect()
    }

    /// The key with this text in every hole; `None` if a hole cannot contain it.
    pub(super) fn filled(&self, with: &str) -> Option<String> {
        let mut text = String::new();
        for symbol in &self.symbols {
            match symbol {
                Symbol::Char(c) => text.push(*c),
                Symbol::Hole { slash: false } if with.contains('/') => return None,
                Symbol::Hole { .. } => text.push_str(with),
            }
        }
        Some(text)
    }

    /// The common prefix of all its keys.
    pub(super) fn beginning(&self) -> String {
        let chars = self.symbols.iter().map_while(|symbol| match symbol {
            Symbol::Char(c) => Some(*c),
            Symbol::Hole { .. } => None,
        });
        chars.collect()
    }

    /// Whether every key contains a `/`.
    pub(super) fn holds_slash(&self) -> bool {
        self.symbols.contains(&Symbol::Char('/'))
    }

    pub(super) fn push(&mut self, symbol: Symbol) {
        if let (Some(Symbol::Hole { slash: before }), Symbol::Hole { slash }) =
            (self.symbols.last_mut(), symbol)
        {
            *before |= slash;
        } else {
            self.symbols.push(symbol);
        }
    }

    pub(super) fn extend(&mut self, other: &Self) {
        for symbol in &other.symbols {
            self.push(*symbol);
        }
    }

    pub(super) fn push_str(&mut self, text: &str) {
        self.symbols.extend(text.chars().map(Symbol::Char));
    }

    pub(super) fn start() -> Position {
        Position {
            at: 0,
            inside: false,
        }
    }

    pub(super) fn end(&self) -> Position {
        Position {
            at: self.symbols.len(),
            inside: false,
        }
    }

    /// Whether the text may end at a position.
    pub(super) fn may_end_at(&self, position: Position) -> bool {
        let left = self.symbols.get(position.at..).unwrap_or_default();
        left.iter()
            .all(|symbol| matches!(symbol, Symbol::Hole { .. }))
    }

    /// This position and all later ones.
    pub(super) fn positions(&self, from: Position) -> impl Iterator<Item = Position> + '_ {
        (from.at..=self.symbols.len()).flat_map(move |at| {
            let is_hole = matches!(self.symbols.get(at), Some(Symbol::Hole { .. }));
            let before = (at != from.at || !from.inside).then_some(Position { at, inside: false });
            let inside = is_hole.then_some(Position { at, inside: true });
            before.into_iter().chain(inside)
        })
    }

    /// The symbol at a position, and the next position; `None` at the end.
    pub(super) fn step(&self, from: Position) -> Option<(Symbol, Position)> {
        let behind = Position {
            at: from.at + 1,
            inside: false,
        };
        Some((*self.symbols.get(from.at)?, behind))
    }

    /// The symbols between two positions.
    pub(super) fn between(&self, from: Position, to: Position) -> Self {
        let mut part = Self {
            symbols: self
                .symbols
                .get(from.at..to.at)
                .unwrap_or_default()
                .to_vec(),
        };
        if to.inside
            && let Some(hole) = self.symbols.get(to.at)
        {
            part.push(*hole);
        }
        part
    }

    /// Every position after a text that is read from here.
    pub(super) fn behind(&self, from: Position, text: &[char]) -> Vec<Position> {
        let mut found = Vec::new();
        self.read(from, text, &mut found);
        found
    }

    fn read(&self, from: Position, text: &[char], found: &mut Vec<Position>) {
        let mut from = from;
        let mut text = text;
        loop {
            let Some((next, rest)) = text.split_first() else {
                if !found.contains(&from) {
                    found.push(from);
                }
                return;
            };
            match self.symbols.get(from.at) {
                Some(Symbol::Char(c)) if c == next => {
                    from = Position {
                        at: from.at + 1,
                        inside: false,
                    };
                    text = rest;
                }
                Some(Symbol::Hole { slash }) => {
                    let held = match text.iter().position(|c| *c == '/') {
                        Some(at) if !slash => at,
                        _ => text.len(),
                    };
                    let behind = Position {
                        at: from.at + 1,
                        inside: false,
                    };
                    for left in 0..=held {
                        match text.get(left..).unwrap_or_default() {
                            [] => self.read(
                                Position {
                                    at: from.at,
                                    inside: true,
                                },
                                &[],
                                found,
                            ),
                            left => self.read(behind, left, found),
                        }
                    }
                    return;
                }
                _ => return,
            }
        }
    }

    /// The patterns before a text at the end.
    pub(super) fn without_suffix(&self, text: &str) -> Vec<Self> {
        let (mine, suffix) = (self.reversed(), reversed(text));
        let behind = mine.behind(Self::start(), &suffix);
        let rest = behind.into_iter().map(|position| {
            let mut rest = Self::default();
            for symbol in mine.symbols.get(position.at..).unwrap_or_default() {
                rest.push(*symbol);
            }
            rest.reversed()
        });
        rest.collect()
    }

    fn reversed(&self) -> Self {
        Self {
            symbols: self.symbols.iter().rev().copied().collect(),
        }
    }
}

fn reversed(text: &str) -> Vec<char> {
    text.chars().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        let mut pattern = Pattern::default();
        for c in text.chars() {
            pattern.push(match c {
                '*' => Symbol::Hole { slash: false },
                '#' => Symbol::Hole { slash: true },
                c => Symbol::Char(c),
            });
        }
        pattern
    }

    fn shown(pattern: &Pattern) -> String {
        let symbols = pattern.symbols().iter();
        symbols
            .map(|symbol| match symbol {
                Symbol::Char(c) => *c,
                Symbol::Hole { slash: false } => '*',
                Symbol::Hole { slash: true } => '#',
            })
            .collect()
    }

    #[test]
    fn a_suffix_is_taken_off_whatever_of_it_stands_in_a_hole() {
        let without = |text: &str, suffix| {
            let mut all: Vec<_> = pattern(text)
                .without_suffix(suffix)
                .iter()
                .map(shown)
                .collect();
            all.sort();
            all
        };
        assert_eq!(without("a.webp", ".webp"), ["a"]);
        assert!(without("a.jpg", ".webp").is_empty());
        assert_eq!(without("a#", ".b"), ["a#"]);
        assert_eq!(without("a.#", ".b"), ["a", "a.#"]);
        assert_eq!(without("#b", ".b"), ["#"]);
        // A hole within one folder contains no slash.
        assert!(without("a*", "/b").is_empty());
        assert_eq!(without("a/*", "/b"), ["a"]);
    }

    #[test]
    fn a_text_is_read_through_holes() {
        let behind = |text: &str, read: &str| {
            let read: Vec<char> = read.chars().collect();
            let pattern = pattern(text);
            let positions = pattern.behind(Pattern::start(), &read);
            let rest = positions.into_iter().map(|from| {
                let rest = pattern.between(from, pattern.end());
                shown(&rest)
            });
            rest.collect::<Vec<_>>()
        };
        assert_eq!(behind("abc", "ab"), ["c"]);
        assert_eq!(behind("a#c", "ab"), ["#c"]);
        assert_eq!(behind("a#bc", "ab"), ["c", "#bc"]);
        assert!(behind("a*c", "a/").is_empty());
    }
}
