//! Where what is known of a bucket's contents comes from.

use crate::domain::words::counted;
use chrono::{DateTime, Utc};

/// Where what is known of a bucket's contents comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Basis {
    /// Nobody looked, or nothing could be listed.
    #[default]
    Nothing,
    /// Everything was listed: objects, versions and delete markers.
    Listing,
    /// The first so many versions in the order of their keys were listed, and there are more.
    Sample(u64),
    /// Current objects alone were listed, for versions may not be.
    Objects,
    /// A saved scan that began then. It tells of current objects alone.
    Scan(DateTime<Utc>),
}

impl Basis {
    /// In words, to go on after "by": `a sample of the first 1000 versions`.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Nothing => "nothing: it was not listed".to_owned(),
            Self::Listing => "a listing of all versions".to_owned(),
            Self::Sample(seen) => {
                let first = counted(seen, "version");
                format!("a sample, the first {first} in the order of their keys")
            }
            Self::Objects => "a listing of current objects alone".to_owned(),
            Self::Scan(at) => format!(
                "the scan of {}, which tells of current objects alone",
                at.format("%Y-%m-%d %H:%M UTC")
            ),
        }
    }
}
