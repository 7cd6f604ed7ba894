//! Registries: the application's own word on who and what is alive.
//!
//! Start with [`Registry`], a list of living owners or of living keys with their owners, and the questions that can be
//! put to it. An [`Intake`] takes its rows, from wherever they come;
//! [`read`] has the forms in which text gives them. [`judge`](mod@judge) says whether the list may be relied on, and gives
//! the [`TrustedList`] without which nothing is called gone.
//!
//! Inside: `damage` tells what shows that a list is damaged, `doubts` keeps what malformed rows hold, `normalize` and `condition` are what a blueprint says of rows; `texts` keeps a million ids in about the room of their bytes and finds one by its fingerprint, then byte for
//! byte; [`likeness`] says which different ids a person might have meant to be the same.
//!
//! Whatever is doubtful counts as alive: an orphan is named on the word of a list, and a list that says too little would
//! name the living.

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

use chrono::{DateTime, Utc};

pub use intake::{Fault, Intake, Row};
pub(crate) use intake::{Torn, texts_of_bytes};
pub(crate) use judge::{Date, Requirement};
pub use judge::{Purpose, Requirements, TrustedList};
pub(crate) use likeness::{Difference, Likeness};

use doubts::Doubts;
use likeness::{Alike, Within};
use texts::Texts;

/// What the rows of a list name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The ids of owners.
    Owners,
    /// The keys of objects, with or without their owners' ids.
    Keys,
}

impl Subject {
    /// Several of them, in a word: `owners`, `keys`.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::Owners => "owners",
            Self::Keys => "keys",
        }
    }

    /// One of them, in a word: `owner`, `key`.
    #[must_use]
    pub fn one(self) -> &'static str {
        match self {
            Self::Owners => "owner",
            Self::Keys => "key",
        }
    }
}

/// Who or what is alive, as one reading of the application's list says.
#[derive(Debug)]
pub struct Registry {
    /// What the rows name.
    pub subject: Subject,
    /// Where it was read from, in words for people; holds no secret.
    pub stated: String,
    /// When reading began: what came into being later is not in it.
    pub read_at: DateTime<Utc>,
    /// When the list itself was made: the time of a file; of a database and a table, when reading began. `None` where
    /// nobody knows, as of a stream. It may lie in the future: [`Registry::date`] says whether it means anything.
    pub made_at: Option<DateTime<Utc>>,
    /// How many rows there were, the malformed ones among them. One row may name several keys, and one key stand in
    /// several rows.
    pub rows: u64,
    /// How many rows did not name what they should, or named it in a way that cannot be read. What could be read of
    /// them counts as alive all the same, and whatever else they hold is [alike](Self::likeness) to anything like it.
    pub malformed: u64,
    /// How many rows were left out, because they do not meet the conditions that a blueprint states.
    pub left_out: u64,
    /// How often an id or key was named that had been named before.
    pub duplicates: u64,
    /// What a person should know of the place that it was read from, a sentence each.
    pub warnings: Vec<String>,
    /// The ids or keys.
    ids: Texts,
    alike: Alike,
    /// Those that may hold more than the id.
    within: Within,
    owners: Texts,
    /// For each key the number of its owner, [`NOBODY`], or [`CONTESTED`]. Empty for a list of owners.
    owner_of: Vec<u32>,
    /// Keys that several owners claim: key, owner.
    contested: Vec<(u32, u32)>,
    /// The last id of a text whose last line has no end: it may be the beginning of a longer one.
    unended: Option<u32>,
    /// What malformed rows hold.
    doubts: Doubts,
}

/// What a list says of an id or key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is in the list.
    Alive,
    /// It is not, but something like it is: suspect, never gone.
    Alike(Likeness),
    /// It is not.
    Gone,
}

/// A list that was read, in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// What it is of.
    pub subject: Subject,
    /// Where it was read from; holds no secret.
    pub stated: String,
    /// When reading it began.
    pub read_at: DateTime<Utc>,
    /// When it was made, where that is known.
    pub made_at: Option<DateTime<Utc>>,
    /// How many different ids or keys it names.
    pub ids: u64,
    /// How many rows it has.
    pub rows: u64,
    /// How many of these do not say what they should.
    pub malformed: u64,
    /// How often it names something again.
    pub duplicates: u64,
    /// How many rows did not meet the conditions.
    pub left_out: u64,
}

impl Facts {
    /// Those of this list.
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

/// No record says whose the key is.
const NOBODY: u32 = u32::MAX;
/// Several records do, and disagree.
const CONTESTED: u32 = u32::MAX - 1;

impl Registry {
    /// Whether the list names exactly this id or key, byte for byte.
    #[must_use]
    pub fn holds(&self, id: &str) -> bool {
        self.ids.find(id).is_some()
    }

    /// The place among [`Self::records`] of exactly this id or key, from 0: for whoever keeps book of those that he met.
    #[must_use]
    pub fn position(&self, id: &str) -> Option<usize> {
        self.ids.find(id).map(number)
    }

    /// What the list says of an id or key: the one answer that everything goes by.
    #[must_use]
    pub fn standing(&self, id: &str) -> Standing {
        if self.holds(id) {
            return Standing::Alive;
        }
        self.likeness(id).map_or(Standing::Gone, Standing::Alike)
    }

    /// For an id that the list does not name: a living one that it may have been meant to be, or a row that could not be
    /// read and may name it. Such an id is suspect, never an orphan's.
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
        self.doubts.find(id)
    }

    /// The records that may mean a key which they do not name as it is: written in another form, cut, or damaged.
    #[must_use]
    pub fn records_alike(&self, key: &str) -> Vec<Likeness> {
        self.alike.find_all(&self.ids, key)
    }

    /// The records that a key begins with, or that lack its extension. Each may be the key of another object, or this one
    /// cut short.
    #[must_use]
    pub fn beginnings_of(&self, key: &str) -> Vec<Likeness> {
        self.alike.beginnings(&self.ids, key)
    }

    /// Everybody whom the records that name exactly this key call its owner.
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

    /// How many malformed rows hold nothing that says whom they name: everything that is missing may be in them.
    #[must_use]
    pub fn rows_for_anybody(&self) -> u64 {
        self.doubts.rows_for_anybody()
    }

    /// Whose a key is: the one owner whom the records that name it agree on. `None` when none names it, when none says
    /// whose it is, and when they disagree ([`Self::contested`]).
    #[must_use]
    pub fn owner_of(&self, key: &str) -> Option<&str> {
        let owner = *self.owner_of.get(number(self.ids.find(key)?))?;
        self.owners.get(owner)
    }

    /// All owners whom records name for a key that they do not agree on; none for any other key.
    pub fn contested<'r>(&'r self, key: &str) -> impl Iterator<Item = &'r str> {
        let key = self.ids.find(key);
        let claims = self.contested.iter();
        claims
            .filter(move |(claimed, _)| Some(*claimed) == key)
            .filter_map(|(_, owner)| self.owners.get(*owner))
    }

    /// The keys that records give to this owner and to somebody else, too.
    pub fn contested_of<'r>(&'r self, owner: &str) -> impl Iterator<Item = &'r str> {
        let owner = self.owners.find(owner);
        let claims = self.contested.iter();
        claims
            .filter(move |(_, of)| Some(*of) == owner)
            .filter_map(|(key, _)| self.ids.get(*key))
    }

    /// Every key once, with the owner whom its records agree on.
    pub fn records(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.ids.iter().enumerate().map(|(at, key)| {
            let owner = self.owner_of.get(at).and_then(|&o| self.owners.get(o));
            (key, owner)
        })
    }

    /// The keys that records give to this owner and to nobody else.
    pub fn keys_of<'r>(&'r self, owner: &str) -> impl Iterator<Item = &'r str> {
        let owner = self.owners.find(owner);
        let keys = self.owner_of.iter().zip(self.ids.iter());
        keys.filter(move |(of, _)| Some(**of) == owner)
            .map(|(_, key)| key)
    }

    /// How many different ids or keys it names.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether it names none at all. [`Intake::finish`] gives no such list.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// From when on it may be out of date: when it was made, else when reading it began.
    #[must_use]
    pub fn dates_from(&self) -> DateTime<Utc> {
        self.made_at
            .map_or(self.read_at, |made| made.min(self.read_at))
    }

    /// Whether the text that it was read from ends in the middle of a line. Nothing was seen to be missing; what the
    /// last line begins counts as [alike](Self::likeness).
    #[must_use]
    pub fn is_unended(&self) -> bool {
        self.unended.is_some()
    }

    /// How much memory it takes, in bytes.
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

/// A number of an entry as a place in a list: 32 bits always fit.
fn number(entry: u32) -> usize {
    usize::try_from(entry).unwrap_or(usize::MAX)
}

#[cfg(test)]
pub(in crate::domain) mod tests;
