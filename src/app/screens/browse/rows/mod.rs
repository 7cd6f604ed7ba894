//! The rows of the lists of Browse: what they hold, what filters look at, what they can be sorted by.

mod anchor;
mod entries;
mod entry;
mod order;
mod owner;

pub(crate) use anchor::{AnchorColumn, AnchorRow};
pub(crate) use entries::Entries;
pub use entry::Entry;
pub(crate) use entry::EntryColumn;
pub(crate) use owner::{OwnerColumn, OwnerRow};
