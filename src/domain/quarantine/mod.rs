//! Quarantine: what is done to an orphan so that it can still be undone, and how it is undone.
//!
//! Nothing here sends a request. By tag ([`tags`]) the object stays where it is and a [`rule`] of the bucket's own
//! lifecycle may expire it later; by copy it moves under a prefix ([`place`]), from where its exact key can be told
//! again; [`same`] says whether a copy is what it was made from. Start with [`Method`].

pub mod place;
pub(crate) mod rule;
pub(crate) mod same;
pub(crate) mod tags;

use std::fmt;

/// How an object is put aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Method {
    /// It stays in its place and is tagged. Nothing is written anew: version, time and entity tag stay.
    #[default]
    Tag,
    /// It is copied under the quarantine prefix and deleted in its place. Where it comes back it is a new version, with a
    /// new time.
    Copy,
}

impl Method {
    /// The word for it, on the command line and in documents.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Copy => "copy",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
