//! Quarantines, restores and deletes orphans, with the change engine.
//!
//! [`plan_of`] makes a plan from a report: what to do with which versions. The engine carries it out with [`Orphans`]
//! as its authorization, which judges everything again directly before, with lists and buckets read again. An item that
//! is no longer the same orphan is skipped and reported. [`plan_restore`] plans the way back: it reads the contents of
//! the quarantine from the bucket itself, so it needs no files on this computer.
//!
//! [`act()`] carries out a plan, including the lifecycle rule that ends the quarantine. Inside: `plan` and `contents`
//! (make plans), `verdicts` (authorization), `current_state` (what exists under some keys), `derived_objects` (derived
//! objects go before their orphan), `tagging` and `copying` (change one object), [`rules`] (the lifecycle rule).

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

/// The result for one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ops) enum Step {
    /// It was done.
    Done {
        /// Whether it was checked directly before, because no condition was possible.
        checked: bool,
    },
    /// There was nothing to do.
    Already,
    /// It is no longer the object that was judged, and was skipped.
    Changed,
    /// It was skipped for this reason.
    Left(String),
}

/// The object to change, as it was judged.
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
    /// The object of a plan's item; `None` for a delete marker or an upload.
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

    /// The version id for requests. A version written without versioning is requested without an id, because not every
    /// server supports `null`.
    pub(super) fn version(&self) -> Option<&'a VersionId> {
        self.version.filter(|_| self.id != "null")
    }

    /// Whether these headers belong to the object that was judged. Headers have times to the second.
    fn is(&self, head: &Head) -> bool {
        let seconds = |time: Option<DateTime<Utc>>| time.map(|time| time.timestamp());
        self.etag == head.etag.as_deref()
            && self.size == head.size
            && seconds(self.written) == seconds(head.last_modified)
    }
}

/// The destination of a copy into quarantine or back.
pub(in crate::ops) fn destination(item: &Item) -> Option<ObjectKey> {
    match &item.claim.why {
        Why::InQuarantine { original } => Some(original.clone()),
        _ => place::of(&item.claim.key).map(|place| place.key),
    }
}
