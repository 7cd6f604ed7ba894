//! The audit log of the state folder: what was changed, when, and whether anybody touched the log since.

pub(crate) mod update;

use crate::app::rows::AuditedRow;
use crate::app::state::Load;
use crate::app::table::Table;

/// The view of the audit log.
#[derive(Debug, Default)]
pub(crate) struct AuditLog {
    /// Its lines, newest first.
    pub lines: Table<AuditedRow>,
    /// How far reading it is.
    pub load: Load,
    /// What reading it has shown, once all of it was read.
    pub checked: Option<Checked>,
    /// Whether the line under the cursor is told in full beside the list.
    pub pane: bool,
    /// The first line of the pane that is shown.
    pub scroll: u16,
}

/// What reading the whole log has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checked {
    /// Where the log is.
    pub file: String,
    /// How many lines it has.
    pub lines: usize,
    /// The numbers of the lines at which the chain does not hold, oldest first.
    pub broken: Vec<u64>,
}
