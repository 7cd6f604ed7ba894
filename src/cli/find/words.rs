//! What is said about a search in words.

use crate::cli::formats::Note;
use crate::domain::words;
use crate::domain::{ByteSize, OwnerId};
use crate::ops::Coverage;
use crate::ops::find::{self, Found, Group};

/// Groups together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::cli) struct Sum {
    pub(in crate::cli) versions: u64,
    pub(in crate::cli) markers: u64,
    pub(in crate::cli) uploads: u64,
    pub(in crate::cli) bytes: ByteSize,
}

impl Sum {
    pub(in crate::cli) fn of(groups: &[Group]) -> Self {
        groups.iter().fold(Self::default(), |sum, group| Self {
            versions: sum.versions + group.versions,
            markers: sum.markers + group.markers,
            uploads: sum.uploads + group.uploads,
            bytes: sum.bytes + group.bytes,
        })
    }

    /// `12 versions, 3 delete markers and 1 upload, 1.2 MiB`.
    pub(in crate::cli) fn words(self) -> String {
        format!(
            "{}, {} and {}, {}",
            counted(self.versions, "version"),
            counted(self.markers, "delete marker"),
            counted(self.uploads, "upload"),
            self.bytes
        )
    }
}

/// `1 version`, `2 versions`.
pub(in crate::cli) fn counted(n: u64, what: &str) -> String {
    words::counted(n, what)
}

/// What a person should know about an id before they believe what was found for it.
pub(in crate::cli) fn about_id(owner: &OwnerId, found: &Found, is_empty: bool) -> Vec<String> {
    find::about_id(owner, found, is_empty)
}

/// What makes a document incomplete.
pub(in crate::cli) fn incomplete_notes(coverage: &Coverage) -> Vec<Note> {
    let gaps = coverage.gaps().iter();
    gaps.map(|gap| Note {
        what: gap.what.clone(),
        why: gap.why.clone(),
    })
    .collect()
}
