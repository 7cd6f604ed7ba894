//! Finds ids in rows that contain other text: a line of CSV, JSON, SQL or markup, a path, a listing.
//!
//! An id is *within* a row if it is there between separators that no id continues across, whatever signs the id itself
//! contains. Rows are found by their words. A word that occurs in very many rows is stored only for the first of them;
//! an id that consists only of such words counts as present.

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};

use super::super::Subject;
use super::super::index::Index;
use super::super::texts::Texts;
use super::garbled::{has_lost, skeleton, undone};
use super::id;
use super::text::core;

/// The maximum number of rows that are stored per word.
const MOST_ROWS: u32 = 32;

/// Marks the end of a list of rows.
const END: u32 = u32::MAX;

/// Whether this character may end an id. Hyphens, dots and similar characters are part of ids.
pub(super) fn is_sign(c: char) -> bool {
    !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | '+' | '~' | '\u{fffd}'))
}

/// Whether a text contains separators of fields, so that it may be more than the id.
pub(crate) fn may_hold_others(subject: Subject, text: &str) -> bool {
    text.contains(|c: char| {
        matches!(c, ',' | ';' | '|' | '{' | '}' | '<' | '>' | '"')
            || c.is_whitespace()
            || subject == Subject::Owners
                && matches!(c, '/' | '\\' | '=' | '(' | ')' | '[' | ']' | '\u{feff}')
    })
}

/// Rows by their words.
#[derive(Debug)]
pub(crate) struct Within {
    subject: Subject,
    index: Index,
    words: Vec<Rows>,
    /// A row, and the position of the next row with the same word.
    rows: Vec<(u32, u32)>,
    keyed: RandomState,
}

/// The rows with one word.
#[derive(Debug, Clone, Copy)]
struct Rows {
    first: u32,
    count: u32,
}

impl Within {
    pub(crate) fn new(subject: Subject) -> Self {
        Self {
            subject,
            index: Index::default(),
            words: Vec::new(),
            rows: Vec::new(),
            keyed: RandomState::new(),
        }
    }

    /// Adds a row by its number. `None` if no number is left.
    pub(crate) fn add(&mut self, row: &str, number: u32) -> Option<()> {
        for reading in readings(row) {
            let mut taken = Ok(());
            terms(self.subject, &reading, &mut |term| {
                taken = taken.and(self.note(term, number).ok_or(()));
                false
            });
            taken.ok()?;
        }
        Some(())
    }

    fn note(&mut self, word: &str, row: u32) -> Option<()> {
        let fingerprint = self.keyed.hash_one(word);
        let known = self.index.with(fingerprint).next();
        let at = if let Some(at) = known {
            at
        } else {
            self.words.push(Rows {
                first: END,
                count: 0,
            });
            self.index.add(fingerprint)?
        };
        let word = self.words.get_mut(super::super::number(at))?;
        let is_there = self
            .rows
            .get(super::super::number(word.first))
            .is_some_and(|(last, _)| *last == row);
        if is_there || word.count > MOST_ROWS {
            return Some(());
        }
        let place = u32::try_from(self.rows.len()).ok().filter(|at| *at < END)?;
        self.rows.push((row, word.first));
        word.first = place;
        word.count += 1;
        Some(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether one of the rows contains an id, which must be folded already.
    pub(crate) fn holds(&self, rows: &Texts, id: &str) -> bool {
        if self.is_empty() || id.is_empty() {
            return false;
        }
        let of_term = self.of(id).into_iter().flat_map(|word| self.rows_of(word));
        let is_term = of_term.filter_map(|row| rows.get(row)).any(|row| {
            readings(row)
                .iter()
                .any(|reading| terms(self.subject, reading, &mut |term| term == id))
        });
        if is_term {
            return true;
        }
        let mut rarest: Option<Rows> = None;
        for word in words(id) {
            let Some(found) = self.of(word) else {
                return false;
            };
            if rarest.is_none_or(|rarest| found.count < rarest.count) {
                rarest = Some(found);
            }
        }
        let Some(rarest) = rarest else {
            return false;
        };
        rarest.count > MOST_ROWS
            || self
                .rows_of(rarest)
                .filter_map(|row| rows.get(row))
                .any(|row| readings(row).iter().any(|reading| is_within(reading, id)))
    }

    fn of(&self, word: &str) -> Option<Rows> {
        let at = self.index.with(self.keyed.hash_one(word)).next()?;
        self.words.get(super::super::number(at)).copied()
    }

    fn rows_of(&self, word: Rows) -> impl Iterator<Item = u32> {
        let mut at = word.first;
        std::iter::from_fn(move || {
            let (row, next) = self.rows.get(super::super::number(at)).copied()?;
            at = next;
            Some(row)
        })
    }

    /// Frees unused memory.
    pub(crate) fn shrink(&mut self) {
        self.index.shrink();
        self.words.shrink_to_fit();
        self.rows.shrink_to_fit();
    }

    /// Memory use in bytes.
    pub(crate) fn memory(&self) -> usize {
        self.index.memory()
            + self.words.capacity() * size_of::<Rows>()
            + self.rows.capacity() * size_of::<(u32, u32)>()
    }
}

/// The possible readings of a row: as written, with escapes undone, with doubled quotation marks undone, and with marks
/// for lost letters.
fn readings(row: &str) -> Vec<Cow<'_, str>> {
    let mut found = vec![core(row)];
    found.extend(undone(row).map(|undone| Cow::Owned(core(&undone).into_owned())));
    found.extend(has_lost(row).then(|| Cow::Owned(skeleton(row))));
    if row.contains("''") || row.contains("\"\"") {
        let single = row.replace("''", "'").replace("\"\"", "\"");
        found.push(Cow::Owned(core(&single).into_owned()));
    }
    found
}

/// Passes the words of a row to `enough` until it returns true; for owners, their other notations, too. Returns whether
/// it did.
fn terms(subject: Subject, row: &str, enough: &mut dyn FnMut(&str) -> bool) -> bool {
    for word in words(row) {
        if enough(word) {
            return true;
        }
        let others = match subject {
            Subject::Owners => super::forms_of_owner(word),
            Subject::Keys => Vec::new(),
        };
        if others.iter().any(|form| form != word && enough(form)) {
            return true;
        }
    }
    // A comma between digits groups thousands, or separates two fields.
    let runs = row.split(|c: char| !(c.is_ascii_digit() || matches!(c, ',' | '.' | '\'' | ' ')));
    let runs = runs.filter(|run| subject == Subject::Owners && run.len() > 4);
    runs.map(|run| run.trim_matches([',', '.', '\'', ' ']))
        .flat_map(id::numbers)
        .any(|number| enough(&number))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_sign).filter(|word| !word.is_empty())
}

/// Whether a row contains a text that is not part of a longer id.
fn is_within(row: &str, id: &str) -> bool {
    let begins = id.starts_with(is_sign);
    let ends = id.ends_with(is_sign);
    row.match_indices(id).any(|(at, _)| {
        let before = row.get(..at).and_then(|before| before.chars().next_back());
        let after = row
            .get(at + id.len()..)
            .and_then(|after| after.chars().next());
        (begins || before.is_none_or(is_sign)) && (ends || after.is_none_or(is_sign))
    })
}
