//! Takes the rows of a list, one by one, and says at the end whether there is a list.

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::likeness::Alike;
use super::texts::Texts;
use super::{CONTESTED, NOBODY, Registry, Subject, number};
use crate::domain::ObjectKey;

/// Why a list cannot be relied on. Nothing overrules any of these: what is missing from the list would be taken for dead.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// It names nothing.
    #[error("it names no {}: {rows} rows, {malformed} of them malformed", subject.plural())]
    Empty {
        /// What it should name.
        subject: Subject,
        /// How many rows there were.
        rows: u64,
        /// How many of them were malformed.
        malformed: u64,
    },
    /// It has fewer rows than the blueprint's `min_rows`.
    #[error("it names {ids} {}, and min_rows asks for {least} at least", subject.plural())]
    TooFew {
        /// What it names.
        subject: Subject,
        /// How many different ones.
        ids: u64,
        /// How many there have to be.
        least: u64,
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

/// One row of a list, or one item of a table.
#[derive(Debug, Clone, Copy)]
pub struct Row<'r> {
    /// The ids or keys that it names.
    pub ids: &'r [&'r str],
    /// Lists of keys: whose they are, where the row says so.
    pub owner: Option<&'r str>,
    /// Whether what it should say could not be read in part.
    pub malformed: bool,
}

/// A registry in the making.
#[derive(Debug)]
pub struct Intake {
    registry: Registry,
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
            ids: Texts::default(),
            alike: Alike::default(),
            owners: Texts::default(),
            owner_of: Vec::new(),
            contested: Vec::new(),
            unended: None,
        };
        Self { registry }
    }

    /// What the rows name.
    #[must_use]
    pub fn subject(&self) -> Subject {
        self.registry.subject
    }

    /// When the list was made: the time of a file.
    pub fn made_at(&mut self, made_at: DateTime<Utc>) {
        self.registry.made_at = Some(made_at);
    }

    /// How many rows came so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.registry.rows
    }

    /// Takes a row. It counts as malformed when it says so, or when it names nothing, or something that is no id: an
    /// empty one, or one longer than [`Self::LONGEST`]. What else it names counts.
    ///
    /// # Errors
    /// [`Fault::TooMany`].
    pub fn row(&mut self, row: &Row<'_>) -> Result<(), Fault> {
        self.registry.rows += 1;
        let mut sound = !row.malformed && !row.ids.is_empty();
        for id in row.ids {
            if (1..=Self::LONGEST).contains(&id.len()) {
                self.id(id, row.owner).ok_or(Fault::TooMany)?;
            } else {
                sound = false;
            }
        }
        self.registry.malformed += u64::from(!sound);
        Ok(())
    }

    /// Takes note that the text has no line end after this id, its last one.
    pub fn unended(&mut self, id: &str) {
        self.registry.unended = self.registry.ids.find(id);
    }

    /// The list, when it is one.
    ///
    /// # Errors
    /// [`Fault::Empty`] when it names nothing, [`Fault::TooFew`] when it names fewer than `min_rows` different ones.
    pub fn finish(mut self, min_rows: Option<u64>) -> Result<Registry, Fault> {
        let registry = &mut self.registry;
        let subject = registry.subject;
        if registry.is_empty() {
            return Err(Fault::Empty {
                subject,
                rows: registry.rows,
                malformed: registry.malformed,
            });
        }
        let ids = registry.len() as u64;
        let least = min_rows.unwrap_or_default();
        if ids < least {
            return Err(Fault::TooFew {
                subject,
                ids,
                least,
            });
        }
        registry.ids.shrink();
        registry.owners.shrink();
        registry.alike.shrink();
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
        }
        if registry.subject == Subject::Owners {
            return Some(());
        }
        if is_new {
            registry.owner_of.push(NOBODY);
        }
        let Some(owner) = owner.filter(|owner| !owner.is_empty()) else {
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
