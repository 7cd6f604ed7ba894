//! Where a table's rows come from, and the plain kind: chunks of owned rows.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::{Row, Sort};
use crate::domain::Needle;

/// How many rows are looked at between two questions whether the work is still wanted. They take about a millisecond.
pub(crate) const BETWEEN_QUESTIONS: usize = 16_384;

/// Whether work on another thread is no longer wanted.
pub(crate) type Stop<'s> = &'s dyn Fn() -> bool;

/// The rows of a table, numbered from 0 in the order in which they arrived. Clones are cheap: they share what they hold,
/// for a clone is what another thread puts in order.
pub trait Source<R: Row>: Clone + Default + Send + Sync + 'static {
    /// How many rows there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row with this number.
    fn get(&self, number: usize) -> Option<Cow<'_, R>>;

    /// Takes rows at the end.
    fn push(&mut self, rows: Vec<R>);

    /// The numbers of the rows that a filter lets through, in an order, or where there is none and the filter ranks them,
    /// the best first; `None` when the work was no longer wanted.
    fn order(
        &self,
        needle: &Needle,
        sort: Option<Sort<R::Column>>,
        stop: Stop<'_>,
    ) -> Option<Vec<u32>>;

    /// Whether a column is shown that the rows can be sorted by.
    fn can_sort_by(&self, _column: R::Column) -> bool {
        true
    }

    /// The row with this id, among those from a number on.
    fn find(&self, id: &str, from: usize) -> Option<usize>;

    /// The numbers of the rows whose id begins with a text.
    fn beginning(&self, text: &str) -> Vec<Range<usize>>;
}

/// Rows in the chunks in which they arrived; these are shared, and never moved.
#[derive(Debug, Clone)]
pub(crate) struct Chunks<R> {
    all: Vec<Arc<Vec<R>>>,
    /// The number of the first row of each chunk.
    starts: Vec<usize>,
    len: usize,
}

impl<R> Default for Chunks<R> {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            starts: Vec::new(),
            len: 0,
        }
    }
}

impl<R: Row> Chunks<R> {
    /// All rows, in order of arrival.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &R> {
        self.all.iter().flat_map(|chunk| chunk.iter())
    }

    /// All rows, to be changed. Chunks are copied that another thread looks at.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut R> {
        self.all.iter_mut().flat_map(Arc::make_mut)
    }

    /// The row that arrived as this number, to be changed. Its chunk is copied when another thread looks at it.
    pub(crate) fn get_mut(&mut self, number: usize) -> Option<&mut R> {
        let (chunk, row) = self.place(number)?;
        Arc::make_mut(self.all.get_mut(chunk)?).get_mut(row)
    }

    /// The chunk of a row, and the row within it.
    fn place(&self, number: usize) -> Option<(usize, usize)> {
        let after = self.starts.partition_point(|start| *start <= number);
        let chunk = after.checked_sub(1)?;
        Some((chunk, number - self.starts.get(chunk)?))
    }
}

impl<R: Row<Rows = Self>> Source<R> for Chunks<R> {
    fn len(&self) -> usize {
        self.len
    }

    fn get(&self, number: usize) -> Option<Cow<'_, R>> {
        let (chunk, row) = self.place(number)?;
        self.all.get(chunk)?.get(row).map(Cow::Borrowed)
    }

    fn push(&mut self, rows: Vec<R>) {
        if !rows.is_empty() {
            self.starts.push(self.len);
            self.len += rows.len();
            self.all.push(Arc::new(rows));
        }
    }

    fn order(
        &self,
        needle: &Needle,
        sort: Option<Sort<R::Column>>,
        stop: Stop<'_>,
    ) -> Option<Vec<u32>> {
        let mut kept: Vec<(u32, &R)> = Vec::new();
        for (number, row) in (0u32..).zip(self.iter()) {
            if (number as usize).is_multiple_of(BETWEEN_QUESTIONS) && stop() {
                return None;
            }
            if needle.is_empty() || row.matches(needle) {
                kept.push((number, row));
            }
        }
        if sort.is_none() && needle.ranks() {
            let mut ranked: Vec<(i32, u32)> = kept
                .into_iter()
                .map(|(number, row)| (row.rank(needle), number))
                .collect();
            return Some(best_first(&mut ranked));
        }
        if let Some(Sort { column, descending }) = sort {
            // Stable: rows that are equal keep the order of the listing in both directions.
            sort_unless(&mut kept, stop, |(_, a), (_, b)| {
                let by = a.compare(b, column);
                if descending { by.reverse() } else { by }
            })?;
        }
        Some(kept.into_iter().map(|(number, _)| number).collect())
    }

    fn find(&self, id: &str, from: usize) -> Option<usize> {
        let found = self.iter().skip(from).position(|row| row.id() == id)?;
        Some(from + found)
    }

    fn beginning(&self, text: &str) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for (number, row) in self.iter().enumerate() {
            if !row.id().starts_with(text) {
                continue;
            }
            match ranges.last_mut() {
                Some(last) if last.end == number => last.end += 1,
                _ => ranges.push(number..number + 1),
            }
        }
        ranges
    }
}

/// The numbers of rows that a filter ranks, the best first; of equal ones those that arrived first.
pub(crate) fn best_first(ranked: &mut [(i32, u32)]) -> Vec<u32> {
    ranked.sort_unstable_by_key(|&(rank, number)| (std::cmp::Reverse(rank), number));
    ranked.iter().map(|&(_, number)| number).collect()
}

/// Sorts, and asks now and then whether that is still wanted; `None` when it is not. Stable.
pub(crate) fn sort_unless<T>(
    rows: &mut [T],
    stop: Stop<'_>,
    compare: impl Fn(&T, &T) -> std::cmp::Ordering,
) -> Option<()> {
    for block in rows.chunks_mut(BETWEEN_QUESTIONS) {
        if stop() {
            return None;
        }
        block.sort_by(&compare);
    }
    // The standard library's sort finds the blocks to be in order already and merges them.
    rows.sort_by(compare);
    Some(())
}
