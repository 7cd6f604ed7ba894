//! Estimates how much of a listing is left, although its end is unknown.
//!
//! A segment ends where its neighbour starts. The position of its last key between start and end shows how much is
//! done, if keys are evenly distributed; within a segment they nearly are. Keys are converted to numbers for this:
//! bytes are digits, and the base of each position is the number of different bytes seen there. The distance from
//! `user-19` to `user-20` is thus one, not two hundred and forty-seven. If two digits or two letters were seen at a
//! position, all of them are expected, because the last ones appear only at the end.
//!
//! Unknown segments, and the last segment, which has no end, are assumed to have average size; the listing splits them
//! that way. While the last segment is still being split, the assumption does not hold, so there is no estimate until
//! its start has not changed for a while.

use std::collections::{BTreeMap, HashMap};
use std::ops::{Bound, RangeInclusive};
use std::time::Duration;

use crate::domain::ObjectSummary;
use crate::ops::listing::SegmentId;

/// An estimate of what is left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Left {
    /// The share that is done; never quite 1.
    pub done: f64,
    /// The number of objects left.
    pub objects: u64,
    /// The time left at the present rate; `None` while nothing arrives.
    pub time: Option<Duration>,
}

/// The maximum share that is reported: the end of a scan is reported by the scan itself.
const NEARLY_ALL: f64 = 0.99;

/// The number of objects that must arrive before the last segment counts as stable: less than a second of any listing
/// that is long enough for an estimate to matter.
const UNTIL_SETTLED: u64 = 20_000;

/// The number of key positions whose bytes are recorded. Later positions hardly matter.
const PLACES: usize = 160;

/// The number of keys per page that are recorded.
const SAMPLES: usize = 8;

/// The number of digits of a distance: six digits are finer than the pages of a segment.
const DIGITS: usize = 6;

/// What is known about the distribution of keys.
pub(super) struct KeySpace {
    prefixes: Vec<String>,
    /// By start.
    segments: BTreeMap<(String, SegmentId), Extent>,
    starts: HashMap<SegmentId, String>,
    /// The bytes seen at each position.
    seen: Vec<Bytes>,
    objects: u64,
    /// The number of objects when the last segment was last split.
    last_cut: u64,
}

/// The progress of a segment.
#[derive(Debug, Default)]
struct Extent {
    objects: u64,
    last: Option<String>,
    closed: bool,
}

impl KeySpace {
    pub(super) fn new(prefixes: Vec<String>) -> Self {
        Self {
            prefixes,
            segments: BTreeMap::new(),
            starts: HashMap::new(),
            seen: vec![Bytes::default(); PLACES],
            objects: 0,
            last_cut: 0,
        }
    }

    pub(super) fn opened(&mut self, segment: SegmentId, start: String) {
        self.see(&start);
        let last = self.segments.last_key_value();
        if last.is_none_or(|((last, _), _)| *last < start) {
            self.last_cut = self.objects;
        }
        self.starts.insert(segment, start.clone());
        self.segments.insert((start, segment), Extent::default());
    }

    pub(super) fn page(&mut self, segment: SegmentId, objects: &[ObjectSummary]) {
        let step = (objects.len() / SAMPLES).max(1);
        for object in objects.iter().step_by(step).chain(objects.last()) {
            self.see(object.key.as_str());
        }
        self.objects += objects.len() as u64;
        if let Some(extent) = self.extent(segment) {
            extent.objects += objects.len() as u64;
            extent.last = objects.last().map(|object| object.key.as_str().to_owned());
        }
    }

    pub(super) fn closed(&mut self, segment: SegmentId) {
        if let Some(extent) = self.extent(segment) {
            extent.closed = true;
            extent.last = None;
        }
    }

    /// The estimate at this many objects per second; `None` if unknown.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a guess is no more exact than a float, and the sum is finite and not negative"
    )]
    pub(super) fn left(&self, rate: f64) -> Option<Left> {
        let (mut known, mut of, mut done) = (0.0, 0_u32, 0.0);
        let mut rest = 0.0;
        let mut unknown = Vec::new();
        for (at, extent) in &self.segments {
            let objects = extent.objects as f64;
            done += objects;
            let whole = match (extent.closed, self.part_done(at, extent)) {
                (true, _) => objects,
                (false, Some(part)) => objects / part,
                (false, None) => {
                    unknown.push(objects);
                    continue;
                }
            };
            known += whole;
            of += 1;
            rest += whole - objects;
        }
        if of == 0 || done == 0.0 || !self.is_settled() {
            return None;
        }
        let average = known / f64::from(of);
        for objects in unknown {
            // A segment that has outgrown the average is assumed to be half done.
            rest += if objects < average {
                average - objects
            } else {
                objects
            };
        }
        Some(Left {
            done: (done / (done + rest)).min(NEARLY_ALL),
            objects: rest as u64,
            time: (rate > 0.0)
                .then(|| Duration::try_from_secs_f64(rest / rate).ok())
                .flatten(),
        })
    }

    /// Whether the start of the last segment has been stable for long enough.
    fn is_settled(&self) -> bool {
        // Attempts to split are rare if requests take long, so the count must double without a split.
        let wait = (self.last_cut * 2).max(UNTIL_SETTLED);
        self.last_cut == 0 || self.objects >= self.last_cut + wait
    }

    fn extent(&mut self, segment: SegmentId) -> Option<&mut Extent> {
        let start = self.starts.get(&segment)?.clone();
        self.segments.get_mut(&(start, segment))
    }

    /// The share of a segment that is done; `None` if it has no end or has not started.
    fn part_done(&self, at: &(String, SegmentId), extent: &Extent) -> Option<f64> {
        let (start, _) = at;
        let last = extent.last.as_deref()?;
        let end = self.end(at)?;
        let shared = common(start, end);
        let position = |key: &str| self.position(key, shared);
        let (from, to) = (position(start), position(end));
        let part = (position(last) - from) / (to - from);
        // Also false for NaN.
        (part > 0.0).then(|| part.min(1.0))
    }

    /// The start of the next segment of the same prefix.
    fn end(&self, at: &(String, SegmentId)) -> Option<&str> {
        let beyond = (Bound::Excluded(at), Bound::Unbounded);
        let end = self
            .segments
            .range::<(String, SegmentId), _>(beyond)
            .map(|((start, _), _)| start.as_str())
            .find(|start| *start > at.0.as_str())?;
        let prefix = self
            .prefixes
            .iter()
            .find(|prefix| at.0.starts_with(*prefix))?;
        end.starts_with(prefix).then_some(end)
    }

    /// A key as a number from 0 to 1, ignoring the prefix that it shares with the others.
    fn position(&self, key: &str, shared: usize) -> f64 {
        let mut scale = 1.0;
        let mut position = 0.0;
        let bytes = key.as_bytes().get(shared..).unwrap_or_default();
        let seen = self.seen.get(shared..).unwrap_or_default();
        for (byte, seen) in bytes.iter().zip(seen).take(DIGITS) {
            let seen = seen.and_expected();
            scale /= f64::from(seen.len().max(1));
            position += f64::from(seen.rank(*byte)) * scale;
        }
        position
    }

    fn see(&mut self, key: &str) {
        for (byte, seen) in key.bytes().zip(&mut self.seen) {
            seen.insert(byte);
        }
    }
}

fn common(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

/// A set of bytes.
#[derive(Debug, Clone, Copy, Default)]
struct Bytes {
    low: u128,
    high: u128,
}

impl Bytes {
    fn insert(&mut self, byte: u8) {
        let half = if byte < 128 {
            &mut self.low
        } else {
            &mut self.high
        };
        *half |= 1 << (byte & 0x7f);
    }

    /// Adds the rest of each alphabet of which more than one byte was seen.
    fn and_expected(mut self) -> Self {
        let letters = [
            (b'a'..=b'f', b'a'..=b'z'),
            (b'A'..=b'F', b'A'..=b'Z'),
            (b'0'..=b'9', b'0'..=b'9'),
        ];
        for (hex, all) in letters {
            let within = self.low & mask(&all);
            if within.count_ones() > 1 {
                // Only hexadecimal digits if nothing else was seen.
                let of_hex = within & !mask(&hex) == 0;
                self.low |= mask(if of_hex { &hex } else { &all });
            }
        }
        self
    }

    fn len(self) -> u32 {
        self.low.count_ones() + self.high.count_ones()
    }

    /// The number of smaller bytes in the set.
    fn rank(self, byte: u8) -> u32 {
        let below = (1_u128 << (byte & 0x7f)) - 1;
        if byte < 128 {
            (self.low & below).count_ones()
        } else {
            self.low.count_ones() + (self.high & below).count_ones()
        }
    }
}

/// A bit mask of bytes below 128.
fn mask(bytes: &RangeInclusive<u8>) -> u128 {
    bytes.clone().fold(0, |mask, byte| mask | 1 << byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ByteSize, ObjectKey, StorageClass};

    fn objects(keys: impl IntoIterator<Item = String>) -> Vec<ObjectSummary> {
        keys.into_iter()
            .map(|key| ObjectSummary {
                key: ObjectKey::new(key).unwrap(),
                size: ByteSize(1),
                last_modified: None,
                storage_class: StorageClass::default(),
                etag: None,
            })
            .collect()
    }

    fn users(range: std::ops::Range<u32>) -> Vec<ObjectSummary> {
        objects(range.map(|n| format!("users/user-{n:04}/a.jpg")))
    }

    #[test]
    fn a_listing_that_is_not_cut_tells_nothing_about_its_end() {
        let mut space = KeySpace::new(vec![String::new()]);
        assert_eq!(space.left(1.0), None);
        space.opened(SegmentId(1), String::new());
        space.page(SegmentId(1), &users(0..100));
        assert_eq!(space.left(1.0), None);
    }

    #[test]
    fn segments_that_are_half_done_are_half_done() {
        let mut space = KeySpace::new(vec!["users/".to_owned()]);
        for n in 0..10_u32 {
            let start = format!("users/user-{:04}/", n * 100);
            space.opened(SegmentId(n.into()), start);
        }
        for n in 0..10_u32 {
            space.page(SegmentId(n.into()), &users(n * 100..n * 100 + 50));
        }
        let left = space.left(50.0).unwrap();
        assert!((0.4..0.6).contains(&left.done), "{left:?}");
        assert!((400..600).contains(&left.objects), "{left:?}");
        assert!((8..12).contains(&left.time.unwrap().as_secs()), "{left:?}");
    }

    #[test]
    fn nothing_is_told_while_the_end_is_still_being_looked_for() {
        let mut space = KeySpace::new(vec!["users/".to_owned()]);
        let start = |n: u32| format!("users/user-{n:04}/");
        space.opened(SegmentId(0), start(0));
        space.page(SegmentId(0), &users(0..100));
        space.opened(SegmentId(1), start(1_000));
        for n in 0..UNTIL_SETTLED / 1_000 {
            assert_eq!(space.left(1.0), None);
            // A split before the last segment changes nothing.
            space.opened(SegmentId(2 + n), start(500));
            space.page(SegmentId(1), &users(1_000..2_000));
        }
        assert!(space.left(1.0).is_some());
        space.opened(SegmentId(100), start(3_000));
        assert_eq!(space.left(1.0), None);
    }

    #[test]
    fn nothing_is_ever_done_before_it_is_over() {
        let mut space = KeySpace::new(vec![String::new()]);
        space.opened(SegmentId(1), String::new());
        space.opened(SegmentId(2), "users/user-0100/".to_owned());
        space.page(SegmentId(1), &users(0..100));
        space.closed(SegmentId(1));
        space.page(SegmentId(2), &users(100..200));
        let left = space.left(0.0).unwrap();
        assert!(left.done <= NEARLY_ALL && left.time.is_none(), "{left:?}");
        space.closed(SegmentId(2));
        assert!(space.left(0.0).unwrap().done <= NEARLY_ALL);
    }

    #[test]
    fn a_prefix_does_not_end_where_another_one_begins() {
        let mut space = KeySpace::new(vec!["a/".to_owned(), "b/".to_owned()]);
        space.opened(SegmentId(1), "a/".to_owned());
        space.opened(SegmentId(2), "b/".to_owned());
        space.page(SegmentId(1), &objects(["a/1".to_owned(), "a/2".to_owned()]));
        assert_eq!(space.left(1.0), None);
    }
}
