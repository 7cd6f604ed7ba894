//! Registries: the application's own word on who and what is alive.
//!
//! Start with [`Registry`], a list of living owners or of living keys with their owners, and the questions that can be
//! put to it. An [`Intake`] takes its rows, from wherever they come;
//! [`read`] has the forms in which text gives them.
//!
//! Inside: `texts` keeps a million ids in about the room of their bytes and finds one by its fingerprint, then byte for
//! byte; [`likeness`] says which different ids a person might have meant to be the same.
//!
//! Whatever is doubtful counts as alive: an orphan is named on the word of a list, and a list that says too little would
//! name the living.

mod index;
mod intake;
pub mod likeness;
pub mod read;
mod texts;

use chrono::{DateTime, Utc};

pub use intake::{Fault, Intake, Row};
pub use likeness::{Difference, Likeness};

use likeness::Alike;
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
    /// When the list itself was made, where that is known: the time of a file.
    pub made_at: Option<DateTime<Utc>>,
    /// How many rows there were, the malformed ones among them. One row may name several keys, and one key stand in
    /// several rows.
    pub rows: u64,
    /// How many rows did not name what they should, or named it in a way that cannot be read. What could be read of
    /// them counts as alive all the same.
    pub malformed: u64,
    /// The ids or keys.
    ids: Texts,
    alike: Alike,
    owners: Texts,
    /// For each key the number of its owner, [`NOBODY`], or [`CONTESTED`]. Empty for a list of owners.
    owner_of: Vec<u32>,
    /// Keys that several owners claim: key, owner.
    contested: Vec<(u32, u32)>,
    /// The last id of a text whose last line has no end: it may be the beginning of a longer one.
    unended: Option<u32>,
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

    /// For an id that the list does not name: a living one that it may have been meant to be. Such an id is suspect,
    /// never an orphan's.
    #[must_use]
    pub fn likeness(&self, id: &str) -> Option<Likeness> {
        if let Some(alike) = self.alike.find(&self.ids, id) {
            return Some(alike);
        }
        let last = self.unended.and_then(|last| self.ids.get(last))?;
        id.starts_with(last).then(|| Likeness {
            living: last.to_owned(),
            by: Difference::CutShort,
        })
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
            + self.owner_of.capacity() * size_of::<u32>()
            + self.contested.capacity() * size_of::<(u32, u32)>()
    }
}

/// A number of an entry as a place in a list: 32 bits always fit.
fn number(entry: u32) -> usize {
    usize::try_from(entry).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
