//! Assembles columns from pages that arrive by segment in any order.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use super::builder::ColumnsBuilder;
use super::chunk::{Chunk, MOST_ROWS};
use super::{Columns, Etags, Rows};
use crate::domain::ObjectSummary;

/// At the end of a scan, chunks with fewer rows than this are merged.
const FEW_ROWS: usize = MOST_ROWS / 2;

/// Assembles pages. The pages of one segment should arrive in key order. If a server does not list in order, this costs
/// time and memory, but loses no objects.
#[derive(Debug, Clone)]
pub struct Assembly {
    etags: Etags,
    segments: HashMap<u64, ColumnsBuilder>,
    /// Runs that ended because a key was out of order, oldest first.
    runs: Vec<Columns>,
}

impl Assembly {
    /// Without an object.
    #[must_use]
    pub fn new(etags: Etags) -> Self {
        Self {
            etags,
            segments: HashMap::new(),
            runs: Vec::new(),
        }
    }

    /// Adds objects of a segment. Segment numbers only serve to tell segments apart.
    pub fn add(&mut self, segment: u64, objects: &[ObjectSummary]) {
        if objects.is_sorted_by(|a, b| a.key < b.key) {
            self.add_run(segment, objects.iter());
            return;
        }
        let mut sorted: Vec<&ObjectSummary> = objects.iter().collect();
        // A stable sort: of two entries with the same key, the later one is last and is kept.
        sorted.sort_by(|a, b| a.key.cmp(&b.key));
        let latest: Vec<&ObjectSummary> = sorted
            .chunk_by(|a, b| a.key == b.key)
            .filter_map(|same| same.last().copied())
            .collect();
        self.add_run(segment, latest.into_iter());
    }

    fn add_run<'o>(&mut self, segment: u64, objects: impl Iterator<Item = &'o ObjectSummary>) {
        let etags = self.etags;
        let builder = self
            .segments
            .entry(segment)
            .or_insert_with(|| ColumnsBuilder::new(etags));
        for object in objects {
            if builder.push(object).is_err() {
                let run = std::mem::replace(builder, ColumnsBuilder::new(etags));
                self.runs.push(run.finish());
                // The first entry of a new run is never out of order.
                let _ = builder.push(object);
            }
        }
    }

    /// Ends a segment and reduces the memory of its last chunk.
    pub fn close(&mut self, segment: u64) {
        if let Some(builder) = self.segments.remove(&segment) {
            self.runs.push(builder.finish());
        }
    }

    /// The objects so far, in key order. It is cheap enough for several calls per second, because full chunks are
    /// shared.
    pub fn snapshot(&mut self) -> Columns {
        let mut parts = self.runs.clone();
        parts.extend(self.segments.values_mut().map(ColumnsBuilder::snapshot));
        merge(parts)
    }

    /// All objects, with minimal memory.
    #[must_use]
    pub fn finish(self) -> Columns {
        let mut parts = self.runs;
        parts.extend(self.segments.into_values().map(ColumnsBuilder::finish));
        compact(merge(parts), self.etags)
    }
}

/// See [`Columns::merge`].
pub(super) fn merge(mut parts: Vec<Columns>) -> Columns {
    parts.retain(|part| !part.is_empty());
    let mut order: Vec<usize> = (0..parts.len()).collect();
    let first = |at: usize| {
        parts
            .get(at)
            .and_then(|part| part.chunks.first())
            .map(|chunk| chunk.first.as_str())
    };
    let last = |at: usize| {
        parts
            .get(at)
            .and_then(|part| part.chunks.last())
            .map(|chunk| chunk.last.as_str())
    };
    order.sort_by_key(|&at| first(at));
    let disjoint = order
        .windows(2)
        .all(|pair| matches!(pair, [a, b] if last(*a) < first(*b)));
    if !disjoint {
        return interleave(&parts);
    }
    let chunks = order
        .iter()
        .filter_map(|&at| parts.get(at))
        .flat_map(|part| part.chunks.iter().cloned())
        .collect();
    Columns::of_chunks(chunks)
}

/// The next object of a part. The ordering makes a heap return the smallest key first, and for equal keys the latest
/// part.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    object: ObjectSummary,
    part: usize,
}

impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        other
            .object
            .key
            .cmp(&self.object.key)
            .then(self.part.cmp(&other.part))
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Merges overlapping parts object by object.
fn interleave(parts: &[Columns]) -> Columns {
    let keeps = parts
        .iter()
        .flat_map(|part| &part.chunks)
        .any(|chunk| chunk.tags.is_some());
    let mut merged = ColumnsBuilder::new(if keeps { Etags::Keep } else { Etags::Leave });
    let mut sources: Vec<Rows<'_>> = parts.iter().map(Columns::rows).collect();
    let next = |sources: &mut Vec<Rows<'_>>, part: usize| {
        let object = sources.get_mut(part)?.advance()?.to_object()?;
        Some(Head { object, part })
    };
    let mut heads: BinaryHeap<Head> = (0..parts.len())
        .filter_map(|part| next(&mut sources, part))
        .collect();
    while let Some(head) = heads.pop() {
        // Fails for a key that a later part has already provided, as intended.
        let _ = merged.push(&head.object);
        heads.extend(next(&mut sources, head.part));
    }
    merged.finish()
}

/// Merges adjacent small chunks.
fn compact(columns: Columns, etags: Etags) -> Columns {
    let small = columns
        .chunks
        .iter()
        .filter(|chunk| chunk.len() < FEW_ROWS)
        .count();
    if small < 2 {
        return columns;
    }
    let mut compacted = ColumnsBuilder::new(etags);
    for chunk in &columns.chunks {
        let stays = chunk.len() >= FEW_ROWS && compacted.open_rows() == 0;
        if stays && compacted.push_chunk(chunk) {
            continue;
        }
        append(&mut compacted, chunk);
    }
    compacted.finish()
}

fn append(to: &mut ColumnsBuilder, chunk: &Arc<Chunk>) {
    let columns = Columns::of_chunks(vec![Arc::clone(chunk)]);
    for object in columns.iter() {
        // Chunks and the objects in them are in order, so this cannot fail.
        let _ = to.push(&object);
    }
}
