//! Acts on orphans: puts them aside, brings them back, deletes them. All of it goes through the change engine.
//!
//! A report becomes a plan ([`plan_of`]): what is done to which versions. The engine carries it out by [`Orphans`], its
//! grounds, which have everything judged again right before: lists read anew, buckets listed anew. What is not the
//! orphan any more that it was is left alone and told. Back the way is [`plan_restore`], which asks the bucket itself what is
//! in quarantine, so that nothing that was kept on this computer is needed.
//!
//! [`act()`] carries a plan out, the lifecycle rule that ends a quarantine included. Inside: `plan` and `contents` (what is done to what), `verdicts` (whether it may be), `current_state` (what is under some keys),
//! `derived_objects` (what was made from an orphan goes before it), `tagging` and `copying` (what is done to one object), [`rules`] (the lifecycle rule that ends a quarantine).

mod act;
mod contents;
pub(in crate::ops) mod copying;
mod current_state;
mod derived_objects;
mod done;
mod plan;
pub(crate) mod rules;
pub(in crate::ops) mod tagging;
mod verdicts;
mod whole_restore;

use chrono::{DateTime, Utc};

use crate::aws::wire::object::Head;
use crate::domain::change::{Item, Why};
use crate::domain::quarantine::place;
use crate::domain::{BucketName, ByteSize, ObjectKey, VersionId};

pub use act::{ActRequest, Acted, act};
pub use contents::{HeldRequest, QuarantineContents, plan_restore};
pub(crate) use plan::{LeftOut, things};
pub use plan::{PlanRequest, Wanted, plan_of};
pub use verdicts::Orphans;
pub(crate) use whole_restore::brings_back_all;

/// What came of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ops) enum Step {
    /// It was done.
    Done {
        /// Whether it was looked at right before, for want of a condition.
        checked: bool,
    },
    /// There was nothing to do.
    Already,
    /// It is not what was judged any more, and was left alone.
    Changed,
    /// It was left alone for this reason.
    Left(String),
}

/// One object that is acted on, as it was judged.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Target<'a> {
    pub bucket: &'a BucketName,
    pub key: &'a ObjectKey,
    id: &'a str,
    version: Option<&'a VersionId>,
    etag: Option<&'a str>,
    size: ByteSize,
    written: Option<DateTime<Utc>>,
}

impl<'a> Target<'a> {
    /// The object that an item of a plan is; `None` for a marker or an upload.
    pub(super) fn of(item: &'a Item) -> Option<Self> {
        let crate::domain::change::What::Version { id, .. } = &item.what else {
            return None;
        };
        Some(Self {
            bucket: &item.claim.bucket,
            key: &item.claim.key,
            id: id.as_str(),
            version: Some(id),
            etag: item.etag.as_deref(),
            size: item.size,
            written: item.written,
        })
    }

    /// The version to ask for. What was written without versioning is asked for without one: not every server knows
    /// `null`.
    pub(super) fn version(&self) -> Option<&'a VersionId> {
        self.version.filter(|_| self.id != "null")
    }

    /// Whether these are the headers of what was judged. Headers tell times to the second.
    fn is(&self, head: &Head) -> bool {
        let seconds = |time: Option<DateTime<Utc>>| time.map(|time| time.timestamp());
        self.etag == head.etag.as_deref()
            && self.size == head.size
            && seconds(self.written) == seconds(head.last_modified)
    }
}

/// Where an object goes that is copied aside, or back.
pub(in crate::ops) fn destination(item: &Item) -> Option<ObjectKey> {
    match &item.claim.why {
        Why::InQuarantine { original } => Some(original.clone()),
        _ => place::of(&item.claim.key).map(|place| place.key),
    }
}
