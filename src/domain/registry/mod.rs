//! Registries: the application's own lists of active users and keys.
//!
//! Start with [`Registry`], a list of active owners, or of active keys with their owners. An [`Intake`] builds one from
//! rows of any source; [`read`] parses the text formats. [`judge`](mod@judge) decides whether a list is reliable and
//! returns a [`TrustedList`]. Without one, s3warden reports nothing as gone.
//!
//! Inside: `damage` detects damaged lists, `doubts` keeps the contents of malformed rows, `normalize` and `condition`
//! apply the blueprint's options to rows. `texts` stores a million ids in little more than their own bytes.
//! [`likeness`] finds different ids that a person may have meant to be the same.
//!
//! When in doubt, an owner or key counts as active: orphans depend on the list, and an incomplete list would report
//! active users as gone.

pub(crate) mod condition;
mod damage;
mod doubts;
mod index;
mod intake;
pub(crate) mod judge;
pub(crate) mod likeness;
pub(crate) mod normalize;
pub(crate) mod read;
mod texts;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

pub use intake::{Fault, Intake, Row};
pub(crate) use intake::{Torn, texts_of_bytes};
pub(crate) use judge::{Date, Requirement};
pub use judge::{Purpose, Requirements, TrustedList};
pub(crate) use likeness::{Difference, Likeness, composed};

use doubts::Doubts;
use likeness::{Alike, Within};
use texts::Texts;

/// What a list contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The ids of owners.
    Owners,
    /// The keys of objects, with or without their owners' ids.
    Keys,
}

impl Subject {
    /// The plural: `owners`, `keys`.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::Owners => "owners",
            Self::Keys => "keys",
        }
    }

    /// The singular: `owner`, `key`.
    #[must_use]
    pub fn one(self) -> &'static str {
        match self {
            Self::Owners => "owner",
            Self::Keys => "key",
        }
    }
}

/// The active owners or keys from one reading of the application's list.
#[derive(Debug)]
pub struct Registry {
    /// Owners or keys.
    pub subject: Subject,
    /// A description of its source, without secrets.
    pub stated: String,
    /// When reading started. The list does not contain anything newer.
    pub read_at: DateTime<Utc>,
    /// When the list was made: the modification time of a file; for a database or a table, when reading started. `None`
    /// if unknown, as for a stream. It may be in the future: [`Registry::date`] checks that.
    pub made_at: Option<DateTime<Utc>>,
    /// The number of rows, including malformed ones. A row may have several keys, and a key several rows.
    pub rows: u64,
    /// The number of rows with a missing or unreadable id. What could be read of them counts as active, and the rest of
    /// their contents makes similar ids [suspect](Self::likeness).
    pub malformed: u64,
    /// The number of rows left out because they do not meet the blueprint's conditions.
    pub left_out: u64,
    /// How often an id or key was repeated.
    pub duplicates: u64,
    /// Warnings about its source, one sentence each.
    pub warnings: Vec<String>,
    ids: Texts,
    alike: Alike,
    /// Entries that may contain more than the id.
    within: Within,
    owners: Texts,
    /// For each key the number of its owner, [`NOBODY`], or [`CONTESTED`]. Empty for a list of owners.
    owner_of: Vec<u32>,
    /// Keys that several owners claim: key and owner.
    contested: Vec<(u32, u32)>,
    /// The last id, if its line has no line break: it may be truncated.
    unended: Option<u32>,
    /// The contents of malformed rows.
    doubts: Doubts,
}

/// The result of looking up an id or key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is in the list.
    Alive,
    /// It is not in the list, but resembles an entry: suspect, never gone.
    Alike(Likeness),
    /// It is not in the list.
    Gone,
}

/// The numbers of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Owners or keys.
    pub subject: Subject,
    /// A description of its source, without secrets.
    pub stated: String,
    /// When reading started.
    pub read_at: DateTime<Utc>,
    /// When it was made, if known.
    pub made_at: Option<DateTime<Utc>>,
    /// The number of different ids or keys.
    pub ids: u64,
    /// The number of rows.
    pub rows: u64,
    /// The number of malformed rows.
    pub malformed: u64,
    /// How often an id or key was repeated.
    pub duplicates: u64,
    /// The number of rows that did not meet the conditions.
    pub left_out: u64,
}

impl Facts {
    /// The numbers of this list.
    #[must_use]
    pub fn of(registry: &Registry) -> Self {
        Self {
            subject: registry.subject,
            stated: registry.stated.clone(),
            read_at: registry.read_at,
            made_at: registry.made_at,
            ids: registry.len() as u64,
            rows: registry.rows,
            malformed: registry.malformed,
            duplicates: registry.duplicates,
            left_out: registry.left_out,
        }
    }
}

/// No record names the owner of the key.
const NOBODY: u32 = u32::MAX;
/// Several records name different owners.
const CONTESTED: u32 = u32::MAX - 1;

impl Registry {
    /// Whether the list contains exactly this id or key, byte for byte.
    #[must_use]
    pub fn holds(&self, id: &str) -> bool {
        self.ids.find(id).is_some()
    }

    /// The index of exactly this id or key in [`Self::records`], from 0.
    #[must_use]
    pub fn position(&self, id: &str) -> Option<usize> {
        self.ids.find(id).map(number)
    }

    /// Looks up an id or key. All callers use this result.
    #[must_use]
    pub fn standing(&self, id: &str) -> Standing {
        if self.holds(id) {
            return Standing::Alive;
        }
        self.likeness(id).map_or(Standing::Gone, Standing::Alike)
    }

    /// For an id that is not in the list: an active id that may have been meant, or an unreadable row that may name it.
    /// Such an id is suspect and never an orphan's.
    #[must_use]
    pub fn likeness(&self, id: &str) -> Option<Likeness> {
        if let Some(alike) = self.alike.find(&self.ids, id) {
            return Some(alike);
        }
        let last = self.unended.and_then(|last| self.ids.get(last));
        if let Some(last) = last.filter(|last| id.starts_with(last)) {
            return Some(Likeness {
                living: last.to_owned(),
                by: Difference::CutShort,
            });
        }
        if !self.within.is_empty() {
            let mut names = self.alike.names(id).into_iter();
            if let Some(living) = names.find(|name| self.within.holds(&self.ids, name)) {
                let by = Difference::Within;
                return Some(Likeness { living, by });
            }
        }
        if self.subject == Subject::Owners {
            let living = likeness::composed::ids(id).into_iter().find_map(|part| {
                let alike = || Some(self.alike.find(&self.ids, &part)?.living);
                if self.holds(&part) {
                    Some(part)
                } else {
                    alike()
                }
            });
            if let Some(living) = living {
                let by = Difference::Composed;
                return Some(Likeness { living, by });
            }
        }
        self.doubts.find(id)
    }

    /// The number of records whose owner is written as several ids, one of which is this one.
    #[must_use]
    pub(crate) fn records_shared_by(&self, owner: &str) -> usize {
        let is_shared = |text: &str| {
            likeness::composed::is_composed(text)
                && likeness::composed::pieces(text).any(|piece| piece == owner)
        };
        let owners = (0..).zip(self.owners.iter());
        let shared: BTreeSet<u32> = owners
            .filter_map(|(number, text)| is_shared(text).then_some(number))
            .collect();
        if shared.is_empty() {
            return 0;
        }
        let of_one = self.owner_of.iter().filter(|of| shared.contains(of));
        let of_several = self.contested.iter().filter(|(_, of)| shared.contains(of));
        of_one.count() + of_several.count()
    }

    /// The records that may refer to a key without naming it exactly: written in another form, truncated or damaged.
    #[must_use]
    pub fn records_alike(&self, key: &str) -> Vec<Likeness> {
        self.alike.find_all(&self.ids, key)
    }

    /// The records that are a prefix of a key, or that lack its extension. Each may be the key of another object, or
    /// this key truncated.
    #[must_use]
    pub fn beginnings_of(&self, key: &str) -> Vec<Likeness> {
        self.alike.beginnings(&self.ids, key)
    }

    /// All owners in the records for exactly this key.
    #[must_use]
    pub fn owners_of(&self, key: &str) -> Vec<&str> {
        let of = self
            .ids
            .find(key)
            .and_then(|at| self.owner_of.get(number(at)));
        match of {
            None | Some(&NOBODY) => Vec::new(),
            Some(&CONTESTED) => self.contested(key).collect(),
            Some(&owner) => self.owners.get(owner).into_iter().collect(),
        }
    }

    /// The number of malformed rows that identify nobody. Each may name any missing id.
    #[must_use]
    pub fn rows_for_anybody(&self) -> u64 {
        self.doubts.rows_for_anybody()
    }

    /// The owner on whom all records of a key agree. `None` if no record has the key, if none names an owner, or if
    /// they disagree ([`Self::contested`]).
    #[must_use]
    pub fn owner_of(&self, key: &str) -> Option<&str> {
        let owner = *self.owner_of.get(number(self.ids.find(key)?))?;
        self.owners.get(owner)
    }

    /// All owners of a key whose records disagree; empty for other keys.
    pub fn contested<'r>(&'r self, key: &str) -> impl Iterator<Item = &'r str> {
        let key = self.ids.find(key);
        let claims = self.contested.iter();
        claims
            .filter(move |(claimed, _)| Some(*claimed) == key)
            .filter_map(|(_, owner)| self.owners.get(*owner))
    }

    /// The keys that records give to this owner and also to somebody else.
    pub fn contested_of<'r>(&'r self, owner: &str) -> impl Iterator<Item = &'r str> {
        let owner = self.owners.find(owner);
        let claims = self.contested.iter();
        claims
            .filter(move |(_, of)| Some(*of) == owner)
            .filter_map(|(key, _)| self.ids.get(*key))
    }

    /// Every key once, with the owner on whom its records agree.
    pub fn records(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.ids.iter().enumerate().map(|(at, key)| {
            let owner = self.owner_of.get(at).and_then(|&o| self.owners.get(o));
            (key, owner)
        })
    }

    /// The keys that records give to this owner only.
    pub fn keys_of<'r>(&'r self, owner: &str) -> impl Iterator<Item = &'r str> {
        let owner = self.owners.find(owner);
        let keys = self.owner_of.iter().zip(self.ids.iter());
        keys.filter(move |(of, _)| Some(**of) == owner)
            .map(|(_, key)| key)
    }

    /// The number of different ids or keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether it is empty. [`Intake::finish`] never returns an empty list.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The time from which it may be out of date: when it was made, or else when reading started.
    #[must_use]
    pub fn dates_from(&self) -> DateTime<Utc> {
        self.made_at
            .map_or(self.read_at, |made| made.min(self.read_at))
    }

    /// Whether the text ends in the middle of a line. Nothing is known to be missing, but ids that start with the last
    /// line are [suspect](Self::likeness).
    #[must_use]
    pub fn is_unended(&self) -> bool {
        self.unended.is_some()
    }

    /// Memory use in bytes.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.ids.memory()
            + self.owners.memory()
            + self.alike.memory()
            + self.within.memory()
            + self.doubts.memory()
            + self.owner_of.capacity() * size_of::<u32>()
            + self.contested.capacity() * size_of::<(u32, u32)>()
    }
}

/// Why a text is hardly the id of an owner, as a clause: a placeholder, markup, lost letters, or a number as a
/// spreadsheet writes it. `None` if it may be one.
#[must_use]
pub(crate) fn why_no_id(id: &str) -> Option<String> {
    if let Some(damage) = damage::of(id, Subject::Owners) {
        return Some(damage.words().to_owned());
    }
    // Without these signs, it may be an id of digits and an `e`.
    let number = likeness::number(id).filter(|_| id.contains([',', '.', '+']))?;
    Some(format!(
        "it is a number as a spreadsheet writes it: the id may be {number}"
    ))
}

/// Converts an entry number to an index: 32 bits always fit.
fn number(entry: u32) -> usize {
    usize::try_from(entry).unwrap_or(usize::MAX)
}

#[cfg(test)]
pub(in crate::domain) mod tests;
