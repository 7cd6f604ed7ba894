//! Keeps the contents of malformed rows. An id that such a row may name is suspect, never gone.

use super::Subject;
use super::damage;
use super::likeness::{Alike, Difference, Likeness, Within};
use super::texts::Texts;

/// The maximum size of the kept texts. A list with more of them is not a list; every further row may then name anybody.
const MOST_BYTES: usize = 32 << 20;

/// The maximum number of fields in a row whose neighbours are joined again. A row is split wrongly if an id contains
/// the separator.
const MOST_FIELDS: usize = 64;

/// The maximum number of adjacent fields that may form one id.
const MOST_JOINED: usize = 4;

#[derive(Debug)]
pub(super) struct Doubts {
    subject: Subject,
    texts: Texts,
    alike: Alike,
    within: Within,
    bytes: usize,
    /// Number of rows whose contents identify nobody.
    rows_for_anybody: u64,
}

impl Doubts {
    pub(super) fn new(subject: Subject) -> Self {
        Self {
            subject,
            texts: Texts::default(),
            alike: Alike::new(subject),
            within: Within::new(subject),
            bytes: 0,
            rows_for_anybody: 0,
        }
    }

    /// Adds the fields of a malformed row, in order. `separator` was between them.
    pub(super) fn row(&mut self, fields: &[&str], separator: Option<char>) {
        for field in fields {
            self.text(field);
            if let Some(undone) = damage::undone(field) {
                self.text(&undone);
            }
            if self.subject == Subject::Owners {
                for word in words(field) {
                    self.text(word);
                }
            }
        }
        let Some(separator) = separator.filter(|_| fields.len() <= MOST_FIELDS) else {
            return;
        };
        let separator = separator.to_string();
        self.text(&fields.join(&separator));
        for from in 0..fields.len() {
            for count in 2..=MOST_JOINED {
                if let Some(joined) = fields.get(from..from + count) {
                    self.text(&joined.join(&separator));
                }
            }
        }
    }

    /// Adds a row that may name anybody.
    pub(super) fn anybody(&mut self) {
        self.rows_for_anybody += 1;
    }

    pub(super) fn rows_for_anybody(&self) -> u64 {
        self.rows_for_anybody
    }

    /// Why an id may be in one of the rows.
    pub(super) fn find(&self, id: &str) -> Option<Likeness> {
        let of = |living: String, by| Some(Likeness { living, by });
        if self.texts.find(id).is_some() {
            return of(id.to_owned(), Difference::Malformed);
        }
        if let Some(alike) = self.alike.find(&self.texts, id) {
            return of(alike.living, Difference::Malformed);
        }
        let mut names = self.alike.names(id).into_iter();
        if let Some(name) = names.find(|name| self.within.holds(&self.texts, name)) {
            return of(name, Difference::Malformed);
        }
        if self.rows_for_anybody > 0 {
            return of(String::new(), Difference::Anybody);
        }
        None
    }

    /// Memory use in bytes.
    pub(super) fn memory(&self) -> usize {
        self.texts.memory() + self.alike.memory() + self.within.memory()
    }

    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.bytes += text.len();
        if self.bytes > MOST_BYTES {
            self.rows_for_anybody += 1;
            return;
        }
        let before = self.texts.len();
        let added = self.texts.add(text);
        let is_new = self.texts.len() > before;
        let noted = added.and_then(|number| {
            if is_new {
                self.alike.add(text, number)?;
                self.within.add(text, number)
            } else {
                Some(())
            }
        });
        if noted.is_none() {
            self.rows_for_anybody += 1;
        }
    }
}

/// The words of a text, without the separators between them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_sign = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(
                c,
                ',' | ';'
                    | '|'
                    | '"'
                    | '\''
                    | '`'
                    | '('
                    | ')'
                    | '['
                    | ']'
                    | '{'
                    | '}'
                    | '<'
                    | '>'
                    | '='
                    | ':'
                    | '/'
                    | '#'
            )
    };
    text.split(is_sign).filter(move |word| *word != text)
}
