//! Every object, version or upload of a bucket, or below some prefixes of it, by many listings side by side, with a
//! proof of completeness.
//!
//! The key space is cut into segments that do not overlap. The first one begins at once and is shown at once; folders
//! that a listing with a delimiter finds beside it are places to cut it at, and no more than that: a bucket of a million
//! folders does not cost a million requests. Where there are no folders, or too few, the pages that came so far tell where
//! about the rest lies, and the longest segments are cut there. A segment that is under way can be cut at any time, as only
//! its owner looks at its end, between two pages.
//!
//! Every page answers for the keys from the one it began after up to its last one. When these parts together are the
//! whole range, the listing is complete; whatever else happened, it is not, and its [`Summary`] says what is missing.
//! A key that was there from beginning to end is in a complete listing, whatever is written or deleted meanwhile.
//!
//! A key may have several versions or uploads, and a page may end among them. Markers within a key cannot be made up, so
//! segments begin and end between keys, and what a page answers for ends before the key that it ends with.
//!
//! Start with [`objects`], [`versions`] or [`uploads`]. Inside: `kind` (what is listed), `engine` (the loop), `segment`
//! (one part under way), `prefix_scan` (one prefix), `split_estimator` (where the rest may lie), `folders` (how long they are), `known_folders` (folders like others),
//! `concurrency_limit` (how many requests, how often again), `covered_intervals` (the proof).
//! [`InOrder`] brings pages into key order; `reorder_window` keeps it from having to hold much.

mod concurrency_limit;
mod covered_intervals;
mod engine;
mod folders;
mod in_order;
mod kind;
mod known_folders;
mod prefix_scan;
mod reorder_buffer;
mod reorder_window;
#[cfg(all(test, feature = "sandbox"))]
mod round_trips;
mod segment;
mod split_estimator;

use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use super::Coverage;
use crate::aws::{Aws, Meter};
use crate::domain::{BucketName, ObjectSummary, ObjectVersion, Tally, Upload};

pub use in_order::InOrder;
pub use kind::{Listed, Portion};

/// Items that [`InOrder`] has to hold back at most: some 40 MB of objects. Three times as many as 64 requests in flight
/// bring, so that segments near the first one go on while it is waited for.
const HELD_BACK: usize = 200_000;

/// What to list, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingRequest {
    /// In which bucket.
    pub bucket: BucketName,
    /// Only keys that begin with one of these; an empty one is all of them. Those within another add nothing.
    pub prefixes: Vec<String>,
    /// The most requests in flight, at least 1.
    pub in_flight: usize,
    /// How often one page is asked for, at least once, before the keys in it are given up.
    pub tries: u32,
    /// Items a page, 1 to 1,000; `None` for as many as the server gives.
    pub page: Option<u16>,
    /// One page after another, for endpoints that do not list in byte order. Directory buckets, which do not, need not
    /// be told.
    pub one_by_one: bool,
    /// For a reader that brings pages into key order: how many items whose turn has not come may have been sent. `None`
    /// when it makes no difference, and the listing is then as quick as it can be.
    pub ahead: Option<usize>,
    /// Whether the entity tags of objects are wanted, as in [`ListRequest`](crate::ops::browse::ListRequest).
    pub etags: bool,
}

impl ListingRequest {
    /// Everything below one prefix; the empty one is the whole bucket.
    #[must_use]
    pub fn new(bucket: BucketName, prefix: impl Into<String>) -> Self {
        Self::of_prefixes(bucket, vec![prefix.into()])
    }

    /// Everything below any of these prefixes.
    #[must_use]
    pub fn of_prefixes(bucket: BucketName, prefixes: Vec<String>) -> Self {
        Self {
            bucket,
            prefixes,
            in_flight: 64,
            tries: 8,
            page: None,
            one_by_one: false,
            ahead: None,
            etags: true,
        }
    }

    /// For a reader that brings pages into key order with [`InOrder`].
    #[must_use]
    pub fn in_key_order(self) -> Self {
        Self {
            ahead: Some(HELD_BACK),
            ..self
        }
    }
}

/// One segment of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SegmentId(pub u64);

/// What a listing of objects, or of something else, sends while it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListingUpdate<T = ObjectSummary> {
    /// There is a segment. All its keys stand at or after `start`, before those of every segment that starts later. One
    /// that opens while others run starts after all keys that the segment it was cut from has yielded.
    Opened {
        /// Which.
        segment: SegmentId,
        /// Where it starts.
        start: String,
    },
    /// Objects of a segment, or versions, or uploads. Within it they come in key order, unless the summary says that
    /// nothing is in order; those of one key come as the server sorts them, versions the newest first.
    Page {
        /// Which.
        segment: SegmentId,
        /// The objects; never empty.
        objects: Vec<T>,
    },
    /// A segment yields no more; why is in the summary.
    Closed {
        /// Which.
        segment: SegmentId,
    },
    /// The end.
    Done(Summary),
}

/// How a listing ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Complete, or what is missing and why.
    pub coverage: Coverage,
    /// Everything that was sent.
    pub total: Tally,
    /// Whether the server lists in byte order. When it does not, one segment yielded everything as it came.
    pub in_order: bool,
}

/// Lists objects. Each is sent once.
///
/// Ends with [`ListingUpdate::Done`] in every case, cancelled or not, unless the receiver is gone. The channel should be
/// bounded: a slow reader then slows the listing. Cancelling drops the requests in flight.
pub async fn objects(
    aws: Aws,
    request: ListingRequest,
    cancel: CancellationToken,
    meter: Meter,
    updates: Sender<ListingUpdate>,
) {
    items(aws, request, cancel, meter, updates).await;
}

/// Lists versions and delete markers, in the manner of [`objects`].
pub async fn versions(
    aws: Aws,
    request: ListingRequest,
    cancel: CancellationToken,
    meter: Meter,
    updates: Sender<ListingUpdate<ObjectVersion>>,
) {
    items(aws, request, cancel, meter, updates).await;
}

/// Lists incomplete multipart uploads, in the manner of [`objects`].
pub async fn uploads(
    aws: Aws,
    request: ListingRequest,
    cancel: CancellationToken,
    meter: Meter,
    updates: Sender<ListingUpdate<Upload>>,
) {
    items(aws, request, cancel, meter, updates).await;
}

/// Lists whatever the receiver takes, in the manner of [`objects`].
pub async fn items<T: Listed>(
    aws: Aws,
    request: ListingRequest,
    cancel: CancellationToken,
    meter: Meter,
    updates: Sender<ListingUpdate<T>>,
) {
    let engine = engine::Engine::new(aws, request, cancel, meter, updates.clone());
    if let Some(summary) = engine.run().await {
        // Nobody is there to be told that nobody is there.
        let _ = updates.send(ListingUpdate::Done(summary)).await;
    }
}
