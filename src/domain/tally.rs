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
    /// When the newest of them was written.
    pub newest: Option<DateTime<Utc>>,
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
    }

    /// Adds what another tally counted; the two must not have counted the same object.
    pub fn merge(&mut self, other: Self) {
        self.objects += other.objects;
        self.bytes += other.bytes;
        self.newest = self.newest.max(other.newest);
    }
}
