//! Every object of a bucket, or below some prefixes of it, by many listings side by side, with a proof of completeness.
//!
//! The key space is cut into segments that do not overlap. The first one begins at once and is shown at once; folders
//! that a listing with a delimiter finds beside it are places to cut it at, and no more than that: a bucket of a million
//! folders does not cost a million requests. A segment that is under way can be cut at any time, as only its owner looks
//! at its end, between two pages.
//!
//! Every page answers for the keys from the one it began after up to its last one. When these parts together are the
//! whole range, the listing is complete; whatever else happened, it is not, and its [`Summary`] says what is missing.
//! A key that was there from beginning to end is in a complete listing, whatever is written or deleted meanwhile.
//!
//! Start with [`objects`]. Inside: `engine` (the loop), `segment` (one part under way), `root` (one prefix), `pace` (how
//! many requests, how often again), `certificate` (the proof); [`InOrder`] brings pages into key order.

mod certificate;
mod engine;
mod in_order;
mod pace;
mod root;
mod segment;

use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use super::Coverage;
use crate::aws::{Aws, Meter};
use crate::domain::{BucketName, ObjectSummary, Tally};

pub use in_order::InOrder;

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
    /// Keys a page, 1 to 1,000; `None` for as many as the server gives.
    pub page: Option<u16>,
    /// One page after another, for endpoints that do not list in byte order. Directory buckets, which do not, need not
    /// be told.
    pub one_by_one: bool,
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
        }
    }
}

/// One segment of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SegmentId(pub u64);

/// What a listing sends while it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListingUpdate {
    /// There is a segment. All its keys stand at or after `start`, before those of every segment that starts later. One
    /// that opens while others run starts after all keys that the segment it was cut from has yielded.
    Opened {
        /// Which.
        segment: SegmentId,
        /// Where it starts.
        start: String,
    },
    /// Objects of a segment. Within it they come in key order, unless the summary says that nothing is in order.
    Page {
        /// Which.
        segment: SegmentId,
        /// The objects; never empty.
        objects: Vec<ObjectSummary>,
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
    let engine = engine::Engine::new(aws, request, cancel, meter, updates.clone());
    if let Some(summary) = engine.run().await {
        // Nobody is there to be told that nobody is there.
        let _ = updates.send(ListingUpdate::Done(summary)).await;
    }
}
