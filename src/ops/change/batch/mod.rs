//! Purges many users at once: one plan for all requests of a file, one confirmation of their number, then one purge per
//! user with its own plan, journal and receipt.
//!
//! [`make()`] searches for every user, stores a plan for each, and writes a [`document`] about all of them. [`run()`]
//! goes through that document in order: a user with a receipt is done, a user with a journal is resumed, and all others
//! are started. A batch that was killed is therefore resumed by running it again. A user who must not be purged is
//! skipped and reported; the others continue. [`summary`] is the permanent record.

mod document;
mod make;
mod run;
mod summary;

pub use document::{Batch, BatchUser, Planned, read, write};
pub use make::{BatchRequest, Made, NoBatch, make, read_requests};
pub use run::{BatchEnd, BatchRun, Outcome, UserEnd, run};

pub(super) use document::{cases_kept, forget_idle};
