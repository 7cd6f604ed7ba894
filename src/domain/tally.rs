//! A total of objects: count, size, and time of the oldest and newest.

use chrono::{DateTime, Utc};

use super::{ByteSize, ObjectSummary};

/// Count, size, and time of the oldest and newest object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Current objects.
    pub objects: u64,
    /// Their total size.
    pub bytes: ByteSize,
    /// When the newest was written; `None` if no time is known.
    pub newest: Option<DateTime<Utc>>,
    /// When the oldest was written; `None` if no time is known.
    pub oldest: Option<DateTime<Utc>>,
}

impl Tally {
    /// Adds an object.
    pub fn add(&mut self, object: &ObjectSummary) {
        self.count(object.size, object.last_modified);
    }

    /// Adds an object by its size and time.
    pub fn count(&mut self, size: ByteSize, written: Option<DateTime<Utc>>) {
        self.objects += 1;
        self.bytes += size;
        self.newest = self.newest.max(written);
        self.oldest = older(self.oldest, written);
    }

    /// Adds another total, which must not contain the same objects.
    pub fn merge(&mut self, other: Self) {
        self.objects += other.objects;
        self.bytes += other.bytes;
        self.newest = self.newest.max(other.newest);
        self.oldest = older(self.oldest, other.oldest);
    }
}

/// The earlier of two times, if any is known.
fn older(a: Option<DateTime<Utc>>, b: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
