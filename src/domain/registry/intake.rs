//! Builds a registry row by row, and decides at the end whether the list is valid.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::damage::{self, Damage};
use super::doubts::Doubts;
use super::likeness::{Alike, Within, may_hold_others};
use super::normalize::{Step, normalized};
use super::texts::Texts;
use super::{CONTESTED, NOBODY, Registry, Subject, number};
use crate::domain::ObjectKey;
use crate::domain::hex::hex;
use crate::domain::words;

/// Why a list cannot be used. None of these can be overridden: an id that is missing from the list would look deleted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// It has no ids or keys.
    #[error("it names no {}: {}, {malformed} of them malformed", subject.plural(), rows_in_words(*rows))]
    Empty {
        /// Owners or keys.
        subject: Subject,
        /// Number of rows.
        rows: u64,
        /// Number of malformed rows.
        malformed: u64,
    },
    /// It is truncated.
    #[error("it is cut short: {0}")]
    CutShort(String),
    /// It is unreadable.
    #[error("line {line}: {what}")]
    Unreadable {
        /// The line number, from 1.
        line: u64,
        /// The error.
        what: String,
    },
    /// The column of ids or keys does not exist, or was not specified.
    #[error("{0}")]
    NoColumn(String),
    /// It has more than about four billion different ids.
    #[error("it names more than can be held")]
    TooMany,
    /// Reading it failed with an I/O error.
    #[error("{0}")]
    Io(String),
    /// The caller cancelled it.
    #[error("stopped")]
    Stopped,
}

fn rows_in_words(rows: u64) -> String {
    words::counted(rows, "row")
}

/// The contents of a row that cannot be read completely.
#[derive(Debug, Clone, Copy)]
pub struct Torn<'r> {
    /// All its texts and numbers, in the order of its fields, including the ids.
    pub fields: &'r [&'r str],
    /// The separator of the fields, if the row was text.
    pub separator: Option<char>,
    /// Whether one of the fields must be the id, because the id's field is not empty. Otherwise the row may name
    /// anybody.
    pub names: bool,
}

/// A row of a list, or an item of a table.
#[derive(Debug, Clone, Copy)]
pub struct Row<'r> {
    /// The ids or keys in it.
    pub ids: &'r [&'r str],
    /// Lists of keys: the owner, if the row names one. `NULL` and similar values name nobody.
    pub owner: Option<&'r str>,
    /// Whether some of it could not be read.
    pub malformed: bool,
}

/// Builds a [`Registry`].
#[derive(Debug)]
pub struct Intake {
    registry: Registry,
    steps: Vec<Step>,
}

impl Intake {
    /// The maximum length of an id or key in bytes: S3's limit for a key, which also limits an id in it.
    pub const LONGEST: usize = ObjectKey::MAX_BYTES;

    /// An empty list. `stated` describes its source and must contain no secret; `read_at` is the current time.
    #[must_use]
    pub fn new(subject: Subject, stated: impl Into<String>, read_at: DateTime<Utc>) -> Self {
        let registry = Registry {
            subject,
            stated: stated.into(),
            read_at,
            made_at: None,
            rows: 0,
            malformed: 0,
            left_out: 0,
            duplicates: 0,
            warnings: Vec::new(),
            ids: Texts::default(),
            alike: Alike::new(subject),
            within: Within::new(subject),
            owners: Texts::default(),
            owner_of: Vec::new(),
            contested: Vec::new(),
            unended: None,
            doubts: Doubts::new(subject),
        };
        Self {
            registry,
            steps: Vec::new(),
        }
    }

    /// Sets the normalization for all ids and keys that follow.
    pub fn normalize(&mut self, steps: &[Step]) {
        self.steps = steps.to_vec();
    }

    /// Whether the list has owners or keys.
    #[must_use]
    pub fn subject(&self) -> Subject {
        self.registry.subject
    }

    /// When reading started.
    #[must_use]
    pub fn read_at(&self) -> DateTime<Utc> {
        self.registry.read_at
    }

    /// Adds a warning about the source of the list.
    pub fn warn(&mut self, warning: String) {
        self.registry.warnings.push(warning);
    }

    /// Sets when the list was made: the modification time of a file, or for a database the time when reading started.
    pub fn made_at(&mut self, made_at: DateTime<Utc>) {
        self.registry.made_at = Some(made_at);
    }

    /// The number of rows so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.registry.rows
    }

    /// The number of rows so far, including those that were left out.
    #[must_use]
    pub fn rows_and_left_out(&self) -> u64 {
        self.registry.rows + self.registry.left_out
    }

    /// Adds a row. The row is malformed if it is marked so, if it has no id, or if an id is invalid: empty, or longer
    /// than [`Self::LONGEST`]. Its other ids count. A malformed row may name anybody, except for a record without a key
    /// ([`Self::may_be_silent`]). Use [`Self::torn`] if more is known about the row.
    ///
    /// # Errors
    /// [`Fault::TooMany`].
    pub fn row(&mut self, row: &Row<'_>) -> Result<(), Fault> {
        let taken = self.take(row)?;
        let could_be_anybody = match taken {
            Taken::Sound => return Ok(()),
            Taken::Unfit => row.malformed || !row.ids.is_empty() || !self.may_be_silent(),
            Taken::Damaged(Damage::Placeholder | Damage::Message) => true,
            Taken::Damaged(_) => row.malformed || row.ids.iter().any(|id| damage::is_lost(id)),
        };
        self.registry.malformed += 1;
        self.registry.doubts.row(row.ids, None);
        if could_be_anybody {
            self.registry.doubts.anybody();
        }
        Ok(())
    }

    /// Whether a row without any id is valid. A record may have no object and therefore no key. A user always has an
    /// id, so a missing one was lost.
    #[must_use]
    pub fn may_be_silent(&self) -> bool {
        self.registry.subject == Subject::Keys
    }

    /// Adds a row that cannot be read completely, with its contents. Ids in it count as active, and everything it may
    /// name is suspect.
    ///
    /// # Errors
    /// [`Fault::TooMany`].
    pub fn torn(&mut self, row: &Row<'_>, torn: &Torn<'_>) -> Result<(), Fault> {
        let taken = self.take(&Row {
            malformed: false,
            ..*row
        })?;
        let is_message = taken >= Taken::Damaged(Damage::Placeholder);
        self.registry.malformed += 1;
        self.registry.doubts.row(torn.fields, torn.separator);
        if !self.steps.is_empty() {
            let plain = torn.fields.iter();
            let plain = plain.filter_map(|field| self.normalized(field));
            let plain: Vec<_> = plain.collect();
            let plain: Vec<String> = plain.into_iter().map(Cow::into_owned).collect();
            let plain: Vec<&str> = plain.iter().map(String::as_str).collect();
            self.registry.doubts.row(&plain, None);
        }
        let has_text = torn.fields.iter().any(|field| is_fit(field));
        let is_silent = row.ids.is_empty() && self.may_be_silent();
        let is_empty = taken == Taken::Unfit && !has_text && !is_silent;
        if !torn.names || is_message || is_empty {
            self.registry.doubts.anybody();
        }
        Ok(())
    }

    /// Adds texts that a valid row may name in addition to its ids. They are suspect.
    pub fn suspect(&mut self, texts: &[&str]) {
        self.registry.doubts.row(texts, None);
    }

    /// Counts a row that does not meet the conditions.
    pub fn leave_out(&mut self) {
        self.registry.left_out += 1;
    }

    /// Adds the ids of a row and returns what is wrong with them. Every id of every source passes through here.
    fn take(&mut self, row: &Row<'_>) -> Result<Taken, Fault> {
        self.registry.rows += 1;
        let mut taken = if row.malformed || row.ids.is_empty() {
            Taken::Unfit
        } else {
            Taken::Sound
        };
        for id in row.ids {
            // A record without an object uses one of these words.
            let is_silent = self.may_be_silent() && damage::is_no_value(id);
            if let Some(damage) = damage::of(id, self.registry.subject).filter(|_| !is_silent) {
                taken = taken.max(Taken::Damaged(damage));
            }
            let plain = self.normalized(id).filter(|plain| is_fit(plain));
            match plain.map(Cow::into_owned) {
                None => taken = taken.max(Taken::Unfit),
                Some(plain) => self.id(&plain, row.owner).ok_or(Fault::TooMany)?,
            }
        }
        Ok(taken)
    }

    /// Normalizes an id. An owner's id is a single part of a path, so a slash after it is removed together with a
    /// prefix.
    fn normalized<'t>(&self, id: &'t str) -> Option<Cow<'t, str>> {
        let plain = normalized(&self.steps, id)?;
        if self.steps.is_empty() || self.registry.subject == Subject::Keys || !plain.ends_with('/')
        {
            return Some(plain);
        }
        Some(Cow::Owned(plain.trim_end_matches('/').to_owned()))
    }

    /// Notes that this id is the last one and its line has no line break.
    pub fn unended(&mut self, id: &str) {
        let plain = self.normalized(id);
        self.registry.unended = plain.and_then(|id| self.registry.ids.find(&id));
    }

    /// Returns the list if it is valid. [`judge`](super::judge::judge) decides whether it is reliable.
    ///
    /// # Errors
    /// [`Fault::Empty`] if it has no ids or keys.
    pub fn finish(mut self) -> Result<Registry, Fault> {
        let registry = &mut self.registry;
        if registry.is_empty() {
            return Err(Fault::Empty {
                subject: registry.subject,
                rows: registry.rows,
                malformed: registry.malformed,
            });
        }
        registry.ids.shrink();
        registry.owners.shrink();
        registry.alike.shrink();
        registry.within.shrink();
        registry.owner_of.shrink_to_fit();
        Ok(self.registry)
    }

    fn id(&mut self, id: &str, owner: Option<&str>) -> Option<()> {
        let registry = &mut self.registry;
        let before = registry.len();
        let at = registry.ids.add(id)?;
        let is_new = registry.len() > before;
        if is_new {
            registry.alike.add(id, at)?;
            if may_hold_others(registry.subject, id) {
                registry.within.add(id, at)?;
            }
        } else {
            registry.duplicates += 1;
        }
        if registry.subject == Subject::Owners {
            return Some(());
        }
        if is_new {
            registry.owner_of.push(NOBODY);
        }
        let is_owner = |owner: &&str| {
            !owner.trim().is_empty() && !damage::is_no_value(owner) && !damage::is_remark(owner)
        };
        let Some(owner) = owner.filter(is_owner) else {
            return Some(());
        };
        let owner = registry.owners.add(owner)?;
        let of = registry.owner_of.get_mut(number(at))?;
        match *of {
            NOBODY => *of = owner,
            CONTESTED if registry.contested.contains(&(at, owner)) => {}
            CONTESTED => registry.contested.push((at, owner)),
            claimed if claimed != owner => {
                registry.contested.extend([(at, claimed), (at, owner)]);
                *of = CONTESTED;
            }
            _ => {}
        }
        Some(())
    }
}

/// The result of reading a row, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Taken {
    /// The row is valid.
    Sound,
    /// It has no id, or an invalid one.
    Unfit,
    /// Its contents show that the list is damaged.
    Damaged(Damage),
}

/// Whether a text can be an id or a key.
fn is_fit(id: &str) -> bool {
    (1..=Intake::LONGEST).contains(&id.len())
}

/// The possible meanings of bytes: a text, a UUID, hexadecimal digits.
#[must_use]
pub(crate) fn texts_of_bytes(bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    if bytes.len() > Intake::LONGEST {
        return found;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        found.push(text.to_owned());
    }
    found.push(hex(bytes));
    found
}
