//! A chunk: some thousands of objects in order, with one column per field.

use chrono::{DateTime, Utc};

use super::keys::Keys;
use super::side::Side;
use super::tag::{EntityTag, Tags};
use crate::domain::{ByteSize, ObjectSummary, StorageClass, Tally};

/// The maximum number of objects per chunk. It is large enough that the overhead is a fraction of a byte per object,
/// and small enough to copy the last chunk quickly for a screen.
pub(super) const MOST_ROWS: usize = 4096;

/// A size that means "in the side table".
const LARGE: u64 = (1 << 40) - 1;

/// A time that means "in the side table". If the side table has no entry, the time is missing.
const ODD: u32 = u32::MAX;

/// An object, borrowed from the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// The exact key.
    pub key: &'a str,
    /// Size of the body in bytes.
    pub size: ByteSize,
    /// When it was written.
    pub last_modified: Option<DateTime<Utc>>,
    /// Its storage class, as S3 spells it.
    pub storage_class: &'a str,
    /// Its ETag, if the columns store ETags and it has one.
    pub etag: Option<EntityTag<'a>>,
}

/// Columns of at most [`MOST_ROWS`] objects in ascending key order.
#[derive(Debug, Clone)]
pub(super) struct Chunk {
    pub keys: Keys,
    pub first: String,
    pub last: String,
    pub sizes: Vec<[u8; 5]>,
    /// Sizes of 2^40 - 1 bytes or more.
    pub large: Side<u64>,
    /// Seconds since 1970.
    pub seconds: Vec<u32>,
    /// Milliseconds in addition to the seconds; empty if there are none, as with AWS.
    pub millis: Vec<u16>,
    /// Times that seconds and milliseconds cannot represent.
    pub odd_times: Side<DateTime<Utc>>,
    /// Indices into `class_names`.
    pub classes: Vec<u8>,
    pub class_names: Vec<StorageClass>,
    pub tags: Option<Tags>,
    pub total: Tally,
}

impl Chunk {
    pub(super) fn new(with_etags: bool) -> Self {
        Self {
            keys: Keys::default(),
            first: String::new(),
            last: String::new(),
            sizes: Vec::new(),
            large: Side::default(),
            seconds: Vec::new(),
            millis: Vec::new(),
            odd_times: Side::default(),
            classes: Vec::new(),
            class_names: Vec::new(),
            tags: with_etags.then(Tags::default),
            total: Tally::default(),
        }
    }

    /// The number of objects.
    pub(super) fn len(&self) -> usize {
        self.sizes.len()
    }

    /// Adds an object; returns false if the chunk is full. The key must follow the last one.
    pub(super) fn push(&mut self, object: &ObjectSummary) -> bool {
        if self.len() >= MOST_ROWS {
            return false;
        }
        let Some(class) = self.class_number(&object.storage_class) else {
            return false;
        };
        // At most MOST_ROWS.
        let row = u32::try_from(self.len()).unwrap_or(u32::MAX);
        let key = object.key.as_str();
        self.keys.push(&self.last, key);
        if row == 0 {
            key.clone_into(&mut self.first);
        }
        key.clone_into(&mut self.last);
        self.push_size(row, object.size.bytes());
        self.push_time(row, object.last_modified);
        self.classes.push(class);
        if let Some(tags) = &mut self.tags {
            tags.push(row, object.etag.as_deref());
        }
        self.total.add(object);
        true
    }

    /// The number of a class, which is added if new; `None` if all 256 are used.
    fn class_number(&mut self, class: &StorageClass) -> Option<u8> {
        if let Some(number) = self.class_names.iter().position(|name| name == class) {
            return u8::try_from(number).ok();
        }
        let number = u8::try_from(self.class_names.len()).ok()?;
        self.class_names.push(class.clone());
        Some(number)
    }

    fn push_size(&mut self, row: u32, size: u64) {
        let compact = size.min(LARGE);
        if compact == LARGE {
            self.large.push(row, size);
        }
        let bytes = compact.to_le_bytes();
        self.sizes
            .push(bytes.first_chunk().copied().unwrap_or_default());
    }

    fn push_time(&mut self, row: u32, time: Option<DateTime<Utc>>) {
        let (seconds, millis) = match time.map(|time| (time, compact_time(time))) {
            Some((_, Some(compact))) => compact,
            Some((time, None)) => {
                self.odd_times.push(row, time);
                (ODD, 0)
            }
            None => (ODD, 0),
        };
        self.seconds.push(seconds);
        if millis != 0 && self.millis.is_empty() {
            self.millis = vec![0; row as usize];
        }
        if millis != 0 || !self.millis.is_empty() {
            self.millis.push(millis);
        }
    }

    pub(super) fn size(&self, row: usize) -> Option<ByteSize> {
        let mut bytes = [0; 8];
        *bytes.first_chunk_mut()? = *self.sizes.get(row)?;
        let compact = u64::from_le_bytes(bytes);
        if compact < LARGE {
            return Some(ByteSize(compact));
        }
        self.large
            .get(u32::try_from(row).ok()?)
            .copied()
            .map(ByteSize)
    }

    pub(super) fn time(&self, row: usize) -> Option<DateTime<Utc>> {
        let seconds = *self.seconds.get(row)?;
        if seconds == ODD {
            return self.odd_times.get(u32::try_from(row).ok()?).copied();
        }
        let millis = self.millis.get(row).copied().unwrap_or(0);
        DateTime::from_timestamp(i64::from(seconds), u32::from(millis) * 1_000_000)
    }

    /// The time as seconds since 1970 and nanoseconds, which is faster to compute and compare.
    pub(super) fn moment(&self, row: usize) -> Option<(i64, u32)> {
        let seconds = *self.seconds.get(row)?;
        if seconds == ODD {
            let time = self.odd_times.get(u32::try_from(row).ok()?)?;
            return Some((time.timestamp(), time.timestamp_subsec_nanos()));
        }
        let millis = self.millis.get(row).copied().unwrap_or(0);
        Some((i64::from(seconds), u32::from(millis) * 1_000_000))
    }

    pub(super) fn class(&self, row: usize) -> Option<&StorageClass> {
        let number = *self.classes.get(row)?;
        self.class_names.get(usize::from(number))
    }

    pub(super) fn tag(&self, row: usize) -> Option<EntityTag<'_>> {
        self.tags.as_ref()?.get(u32::try_from(row).ok()?)
    }

    /// The row with a key that the caller has decoded.
    pub(super) fn row<'a>(&'a self, row: usize, key: &'a str) -> Option<Row<'a>> {
        Some(Row {
            key,
            size: self.size(row)?,
            last_modified: self.time(row),
            storage_class: self.class(row)?.as_str(),
            etag: self.tag(row),
        })
    }

    /// Frees unused memory.
    pub(super) fn shrink(&mut self) {
        self.keys.shrink();
        self.first.shrink_to_fit();
        self.last.shrink_to_fit();
        self.sizes.shrink_to_fit();
        self.large.shrink();
        self.seconds.shrink_to_fit();
        self.millis.shrink_to_fit();
        self.odd_times.shrink();
        self.classes.shrink_to_fit();
        self.class_names.shrink_to_fit();
        if let Some(tags) = &mut self.tags {
            tags.shrink();
        }
    }

    /// Memory use in bytes, including the structure itself.
    pub(super) fn memory(&self) -> usize {
        let names: usize = self.class_names.iter().map(StorageClass::heap).sum();
        size_of::<Self>()
            + self.keys.heap()
            + self.first.capacity()
            + self.last.capacity()
            + self.sizes.capacity() * size_of::<[u8; 5]>()
            + self.large.heap()
            + self.seconds.capacity() * size_of::<u32>()
            + self.millis.capacity() * size_of::<u16>()
            + self.odd_times.heap()
            + self.classes.capacity()
            + self.class_names.capacity() * size_of::<StorageClass>()
            + names
            + self.tags.as_ref().map_or(0, Tags::heap)
    }
}

/// Seconds and milliseconds, if they represent the time exactly.
fn compact_time(time: DateTime<Utc>) -> Option<(u32, u16)> {
    let seconds = u32::try_from(time.timestamp()).ok()?;
    let nanos = time.timestamp_subsec_nanos();
    let exact = seconds != ODD && nanos < 1_000_000_000 && nanos.is_multiple_of(1_000_000);
    let millis = u16::try_from(nanos / 1_000_000).ok()?;
    exact.then_some((seconds, millis))
}
