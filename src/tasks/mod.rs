//! The asynchronous task layer: runs the console's jobs on tokio and answers with updates that carry a ticket.
//!
//! ```text
//! update() ── Job{slot, ticket, work} ──▶ Tasks::run ──▶ one tokio task a job ──▶ ops
//!     ▲                                                        │
//!     └──────────── Envelope{slot, ticket, update} ◀── bounded channel
//! ```
//!
//! - A job in a slot cancels the one before it there: its token is triggered and `ops` stops before its next request.
//! - The channel is bounded, so that a slow screen slows a listing down rather than filling memory with pages.
//! - Every job ends with exactly one [`Update::Finished`], also when it panicked.
//!
//! Start reading in [`work`] (what can be asked), then [`runner`] (how it is run). [`scan`], [`reading`] and
//! [`shares`] make ready what a scan of millions of objects tells, so that the screen's thread has little left to do.

mod all_buckets;
mod audit_log;
mod bucket_state;
mod orphans;
mod perform;
mod presign;
mod purge;
pub(crate) mod reading;
pub(crate) mod runner;
pub(crate) mod scan;
pub(crate) mod shares;
mod smoke;
#[cfg(test)]
mod tests;
pub(crate) mod treemap;
pub(crate) mod work;

pub(crate) use all_buckets::{AuditDepth, AuditWork, BucketAudit};
pub(crate) use audit_log::AuditNews;
#[cfg(test)]
pub(crate) use bucket_state::try_rules;
pub(crate) use bucket_state::{CoverWork, Covered, StateNews};
#[cfg(test)]
pub(crate) use orphans::ActOrigin;
pub(crate) use orphans::{
    ActDone, ActPlan, ExportWork, Format as OrphansFormat, OrphanAction, OrphansFound, OrphansNews,
    OrphansWork, PlanActWork, ReopenActWork, Way, document as orphans_document,
};
pub(crate) use presign::SignWork;
#[cfg(test)]
pub(crate) use purge::Origin as PurgeOrigin;
pub(crate) use purge::{
    BatchNews, BatchPlan, BatchSearch, BatchWork, PurgeEnd, PurgeNews, PurgePlan, PurgeReopening,
    PurgeSearch, PurgeStage, PurgeUndoing, PurgeWork,
};
pub(crate) use reading::{Read, Reading};
pub(crate) use runner::{Capabilities, Tasks};
pub(crate) use scan::{ScanEnd, ScanNews, ScanWork};
pub(crate) use shares::{Aspect, Share, Shares};
pub(crate) use smoke::{SmokeLook, SmokeNews, SmokePlan, SmokeTarget};
pub(crate) use treemap::MapWork;
pub(crate) use work::{
    Arrange, Connection, Envelope, Job, Outcome, Pages, Progress, Slot, Ticket, Update, Work,
};
