//! Many users at once: one plan over all requests of a file, one confirmation of their number, and then one purge, with its
//! own plan, journal and receipt, for each.
//!
//! [`make()`] finds everything of every user and keeps a plan for each, and over all of them a [`document`]. [`run()`] goes
//! through that document in its order, whatever was done of it before: a user whose receipt is there is done, one whose
//! journal is there goes on, the others begin. So a batch that was killed goes on by being run again. A user who may not be
//! purged is left and named; the others go on. [`summary`] is what is kept of it.

mod document;
mod make;
mod run;
mod summary;

pub use document::{Batch, BatchUser, Planned, read, write};
pub use make::{BatchRequest, Made, NoBatch, make, read_requests};
pub use run::{BatchEnd, BatchRun, Outcome, UserEnd, run};

pub(super) use document::{cases_kept, forget_idle};
