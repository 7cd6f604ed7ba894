//! How many, how large, how fresh: what every count of objects comes to.

use chrono::{DateTime, Utc};

use super::{ByteSize, ObjectSummary};

/// How many objects, how large, how fresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Current objects.
    pub objects: u64,
    /// Their sizes together.
    pub bytes: ByteSize,
    /// When the newest of them was written; `None` where that is known of none.
    pub newest: Option<DateTime<Utc>>,
    /// When the oldest of them was written; `None` where that is known of none.
    pub oldest: Option<DateTime<Utc>>,
}

impl Tally {
    /// Adds an object.
    pub fn add(&mut self, object: &ObjectSummary) {
        self.count(object.size, object.last_modified);
    }

    /// Adds an object of which the size in bytes and the time of writing are known.
    pub fn count(&mut self, size: ByteSize, written: Option<DateTime<Utc>>) {
        self.objects += 1;
        self.bytes += size;
        self.newest = self.newest.max(written);
        self.oldest = older(self.oldest, written);
    }

    /// Adds what another tally counted; the two must not have counted the same object.
    pub fn merge(&mut self, other: Self) {
        self.objects += other.objects;
        self.bytes += other.bytes;
        self.newest = self.newest.max(other.newest);
        self.oldest = older(self.oldest, other.oldest);
    }
}

/// The earlier of two times; one that is not known is none.
fn older(a: Option<DateTime<Utc>>, b: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
