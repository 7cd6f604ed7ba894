//! The rows of each list: what they hold, what filters look at, what they can be sorted by.

mod anchor;
mod audited;
mod bucket;
mod entries;
mod entry;
mod judged;
mod measured;
mod order;
mod orphan;
mod owner;
mod purge;
mod task;

pub(crate) use anchor::{AnchorColumn, AnchorRow};
pub(crate) use audited::{AuditedColumn, AuditedRow};
pub(crate) use bucket::{BucketColumn, BucketRow, Cell, Known};
pub(crate) use entries::Entries;
pub use entry::Entry;
pub(crate) use entry::EntryColumn;
pub(crate) use judged::{Judged, Severities};
pub(crate) use measured::{Measured, TREND_COLUMNS, TREND_DAYS};
pub(crate) use orphan::{OrphanColumn, OrphanRow};
pub(crate) use owner::{OwnerColumn, OwnerRow};
pub(crate) use purge::{PurgeColumn, PurgeRow};
pub(crate) use task::{TaskColumn, TaskRow};
