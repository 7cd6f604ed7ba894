//! Takes the rows of a list, one by one, and says at the end whether there is a list.

use std::borrow::Cow;
use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::damage::{self, Damage};
use super::doubts::Doubts;
use super::likeness::{Alike, Within, may_hold_others};
use super::normalize::{Step, normalized};
use super::texts::Texts;
use super::{CONTESTED, NOBODY, Registry, Subject, number};
use crate::domain::ObjectKey;
use crate::domain::words;

/// Why a list cannot be relied on. Nothing overrules any of these: what is missing from the list would be taken for dead.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// It names nothing.
    #[error("it names no {}: {}, {malformed} of them malformed", subject.plural(), rows_in_words(*rows))]
    Empty {
        /// What it should name.
        subject: Subject,
        /// How many rows there were.
        rows: u64,
        /// How many of them were malformed.
        malformed: u64,
    },
    /// It ends where it cannot end.
    #[error("it is cut short: {0}")]
    CutShort(String),
    /// It cannot be read.
    #[error("line {line}: {what}")]
    Unreadable {
        /// The line, from 1.
        line: u64,
        /// What is wrong there.
        what: String,
    },
    /// The column that names them is not there, or not said.
    #[error("{0}")]
    NoColumn(String),
    /// There are more than four thousand million different ids.
    #[error("it names more than can be held")]
    TooMany,
    /// The system could not read it.
    #[error("{0}")]
    Io(String),
    /// Whoever asked for it wants it no more.
    #[error("stopped")]
    Stopped,
}

fn rows_in_words(rows: u64) -> String {
    words::counted(rows, "row")
}

/// What a row holds that cannot be read in full.
#[derive(Debug, Clone, Copy)]
pub struct Torn<'r> {
    /// All texts and numbers in it, in the order of its fields, the ids among them.
    pub fields: &'r [&'r str],
    /// What stood between the fields, where the row was text.
    pub separator: Option<char>,
    /// Whether one of the fields has to be the id: the row has something where ids stand. Otherwise it could name anybody.
    pub names: bool,
}

/// One row of a list, or one item of a table.
#[derive(Debug, Clone, Copy)]
pub struct Row<'r> {
    /// The ids or keys that it names.
    pub ids: &'r [&'r str],
    /// Lists of keys: whose they are, where the row says so. `NULL` and the like say nothing.
    pub owner: Option<&'r str>,
    /// Whether what it should say could not be read in part.
    pub malformed: bool,
}

/// A registry in the making.
#[derive(Debug)]
pub struct Intake {
    registry: Registry,
    steps: Vec<Step>,
}

impl Intake {
    /// The longest id or key in bytes: S3's longest key, of which an id can only be a part.
    pub const LONGEST: usize = ObjectKey::MAX_BYTES;

    /// A list without rows yet. `stated` says where it is read from and holds no secret; `read_at` is now.
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

    /// Has these steps taken with each id or key from now on.
    pub fn normalize(&mut self, steps: &[Step]) {
        self.steps = steps.to_vec();
    }

    /// What the rows name.
    #[must_use]
    pub fn subject(&self) -> Subject {
        self.registry.subject
    }

    /// When reading began.
    #[must_use]
    pub fn read_at(&self) -> DateTime<Utc> {
        self.registry.read_at
    }

    /// Takes note of what a person should know of the place that the list is read from.
    pub fn warn(&mut self, warning: String) {
        self.registry.warnings.push(warning);
    }

    /// When the list was made: the time of a file; of a database, when reading began.
    pub fn made_at(&mut self, made_at: DateTime<Utc>) {
        self.registry.made_at = Some(made_at);
    }

    /// How many rows came so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.registry.rows
    }

    /// How many rows came so far, those that were left out among them.
    #[must_use]
    pub fn rows_and_left_out(&self) -> u64 {
        self.registry.rows + self.registry.left_out
    }

    /// Takes a row. It counts as malformed when it says so, or when it names nothing, or something that is no id: an
    /// empty one, or one longer than [`Self::LONGEST`]. What else it names counts. A malformed one could name anybody, but
    /// for a record that has no key at all ([`Self::may_be_silent`]); [`Self::torn`] takes those of which more is known.
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

    /// Whether a row without any id says something by that: a record may have no object, and then names no key. A user
    /// always has an id, and one that is not there was lost.
    #[must_use]
    pub fn may_be_silent(&self) -> bool {
        self.registry.subject == Subject::Keys
    }

    /// Takes a row that cannot be read in full, and what it holds. What it names counts as alive, and whatever it could
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

    /// Takes texts that a sound row may name beside its ids: they are suspect.
    pub fn suspect(&mut self, texts: &[&str]) {
        self.registry.doubts.row(texts, None);
    }

    /// Counts a row that does not meet the conditions.
    pub fn leave_out(&mut self) {
        self.registry.left_out += 1;
    }

    /// Takes what a row names, and says what is wrong with it. Every id of every source comes by here.
    fn take(&mut self, row: &Row<'_>) -> Result<Taken, Fault> {
        self.registry.rows += 1;
        let mut taken = if row.malformed || row.ids.is_empty() {
            Taken::Unfit
        } else {
            Taken::Sound
        };
        for id in row.ids {
            // A record may have no object, and says so in these words.
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

    /// An id after the steps that its list states. One of an owner is a single part of a path: the slash behind it goes
    /// with what the steps take away before it.
    fn normalized<'t>(&self, id: &'t str) -> Option<Cow<'t, str>> {
        let plain = normalized(&self.steps, id)?;
        if self.steps.is_empty() || self.registry.subject == Subject::Keys || !plain.ends_with('/')
        {
            return Some(plain);
        }
        Some(Cow::Owned(plain.trim_end_matches('/').to_owned()))
    }

    /// Takes note that the text has no line end after this id, its last one.
    pub fn unended(&mut self, id: &str) {
        let plain = self.normalized(id);
        self.registry.unended = plain.and_then(|id| self.registry.ids.find(&id));
    }

    /// The list, when it is one. Whether it may be relied on is for [`judge`](super::judge::judge) to say.
    ///
    /// # Errors
    /// [`Fault::Empty`] when it names nothing.
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

/// What became of a row, the better first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Taken {
    /// All of it is as it should be.
    Sound,
    /// It names nothing, or something that is no id.
    Unfit,
    /// What it names shows that the list is damaged, or none.
    Damaged(Damage),
}

/// Whether a text can be an id or a key.
fn is_fit(id: &str) -> bool {
    (1..=Intake::LONGEST).contains(&id.len())
}

/// What bytes may stand for: a text, a UUID, hexadecimal digits.
#[must_use]
pub(crate) fn texts_of_bytes(bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    if bytes.len() > Intake::LONGEST {
        return found;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        found.push(text.to_owned());
    }
    let hex = bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    found.push(hex);
    found
}
