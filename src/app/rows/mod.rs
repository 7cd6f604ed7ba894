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

pub use anchor::{AnchorColumn, AnchorRow};
pub use audited::{AuditedColumn, AuditedRow};
pub use bucket::{BucketColumn, BucketRow, Cell, Known};
pub use entries::{Entries, FolderSizes};
pub use entry::{Entry, EntryColumn};
pub use judged::{Judged, Severities};
pub use measured::{Measured, TREND_COLUMNS, TREND_DAYS};
pub use orphan::{OrphanColumn, OrphanRow};
pub use owner::{OwnerColumn, OwnerRow};
pub use purge::{PurgeColumn, PurgeRow};
pub use task::{TaskColumn, TaskRow};
