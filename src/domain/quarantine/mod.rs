//! Quarantine: how s3warden removes an orphan so that it can be restored, and how the restore works.
//!
//! Nothing here sends a request. There are two methods. With [`tags`], the object stays where it is, and a lifecycle
//! [`rule`] of the bucket may expire it later. With copies, the object moves below a prefix ([`place`]) from which its
//! exact key can be recovered. [`same`] checks whether a copy equals its original. Start with [`Method`].

pub mod place;
pub(crate) mod rule;
pub(crate) mod same;
pub(crate) mod tags;

use std::fmt;

/// How an object is quarantined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Method {
    /// The object stays where it is and gets a tag. Version, time and ETag do not change.
    #[default]
    Tag,
    /// The object is copied below the quarantine prefix, and the original is deleted. A restored object is a new
    /// version with a new time.
    Copy,
}

impl Method {
    /// Its id on the command line and in JSON documents.
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
