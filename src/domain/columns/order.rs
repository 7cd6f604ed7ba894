//! Filters and sorts rows. The columns do not change; the result is a list of row numbers.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use super::Columns;
use super::chunk::Chunk;

/// The sort criterion. Of equal rows, the one with the smaller key comes first, in either direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortBy {
    /// By key, byte by byte: the stored order.
    #[default]
    Key,
    /// Their sizes.
    Size,
    /// By time of the last write. Unknown times count as oldest.
    Modified,
    /// By the name of the storage class.
    Class,
}

/// Which rows, and in which order.
#[derive(Clone)]
pub struct Arrangement<'f> {
    /// The rows to consider: those [under](Columns::under) a prefix, or all.
    pub rows: Range<usize>,
    /// A filter on the key; `None` for all rows.
    pub filter: Option<&'f dyn Fn(&str) -> bool>,
    /// The sort criterion.
    pub by: SortBy,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// Rows between two checks for cancellation: at most a millisecond of work.
const ROWS_A_LOOK: usize = 4096;

impl Columns {
    /// The numbers of the rows, filtered and sorted; `None` if `stopped` returned true. It is called every few thousand
    /// rows, but not during the final sort, which takes about 50 ms per million rows.
    ///
    /// It needs 20 bytes per sorted row, and four for the result. Sorting by key needs only the result. It returns at
    /// most 2^32 rows, more than fit into memory.
    #[must_use]
    pub fn arrange(&self, what: &Arrangement<'_>, stopped: &dyn Fn() -> bool) -> Option<Vec<u32>> {
        let mut rows = self.filtered(what, stopped)?;
        let descending = what.descending;
        match what.by {
            SortBy::Key => {
                if descending {
                    rows.reverse();
                }
                Some(rows)
            }
            SortBy::Size => self.sorted(rows, descending, stopped, |chunk, row| {
                chunk.size(row).unwrap_or_default().bytes()
            }),
            SortBy::Modified => self.sorted(rows, descending, stopped, |chunk, row| {
                chunk.moment(row).unwrap_or((i64::MIN, 0))
            }),
            SortBy::Class => {
                let ranks = self.class_ranks();
                let rank = |name: &str| ranks.get(name).copied().unwrap_or_default();
                self.sorted(rows, descending, stopped, |chunk, row| {
                    chunk.class(row).map_or(0, |class| rank(class.as_str()))
                })
            }
        }
    }

    fn filtered(&self, what: &Arrangement<'_>, stopped: &dyn Fn() -> bool) -> Option<Vec<u32>> {
        let end = what.rows.end.min(self.len());
        let numbers = |rows: Range<usize>| rows.map_while(|row| u32::try_from(row).ok());
        let Some(filter) = what.filter else {
            return Some(numbers(what.rows.start..end).collect());
        };
        let mut matching = Vec::new();
        for part in self.parts(what.rows.start..end) {
            if stopped() {
                return None;
            }
            let mut keys = part.chunk.keys.cursor(part.within.start);
            for row in numbers(part.rows()) {
                keys.advance()?;
                if filter(keys.key()) {
                    matching.push(row);
                }
            }
        }
        Some(matching)
    }

    /// `rows` must be ascending.
    fn sorted<K: Ord + Copy>(
        &self,
        rows: Vec<u32>,
        descending: bool,
        stopped: &dyn Fn() -> bool,
        key: impl Fn(&Chunk, usize) -> K,
    ) -> Option<Vec<u32>> {
        let mut keyed: Vec<(K, u32)> = Vec::with_capacity(rows.len());
        let mut chunks = self.chunks.iter().zip(&self.starts).peekable();
        for some in rows.chunks(ROWS_A_LOOK) {
            if stopped() {
                return None;
            }
            for &row in some {
                let at = row as usize;
                while chunks
                    .next_if(|(chunk, start)| **start + chunk.len() <= at)
                    .is_some()
                {}
                let (chunk, start) = chunks.peek()?;
                keyed.push((key(chunk, at - **start), row));
            }
        }
        drop(rows);
        if descending {
            keyed.sort_unstable_by_key(|&(key, row)| (Reverse(key), row));
        } else {
            keyed.sort_unstable();
        }
        if stopped() {
            return None;
        }
        Some(keyed.into_iter().map(|(_, row)| row).collect())
    }

    /// The rank of each class by name.
    fn class_ranks(&self) -> BTreeMap<&str, u32> {
        let mut ranks: BTreeMap<&str, u32> = self
            .chunks
            .iter()
            .flat_map(|chunk| &chunk.class_names)
            .map(|name| (name.as_str(), 0))
            .collect();
        for (rank, place) in (0..).zip(ranks.values_mut()) {
            *place = rank;
        }
        ranks
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::ObjectSummary;
    use crate::domain::columns::Etags;
    use crate::domain::columns::tests::{columns_of, objects, uploads};

    fn compare(by: SortBy, a: &ObjectSummary, b: &ObjectSummary) -> std::cmp::Ordering {
        match by {
            SortBy::Key => a.key.cmp(&b.key),
            SortBy::Size => a.size.cmp(&b.size),
            SortBy::Modified => a.last_modified.cmp(&b.last_modified),
            SortBy::Class => a.storage_class.cmp(&b.storage_class),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn rows_come_out_as_sorting_the_objects_would_have_them(
            objects in objects(),
            ends in any::<(prop::sample::Index, prop::sample::Index)>(),
            by in prop_oneof![Just(SortBy::Key), Just(SortBy::Size), Just(SortBy::Modified), Just(SortBy::Class)],
            descending in any::<bool>(),
            filtered in any::<bool>(),
        ) {
            let columns = columns_of(&objects, Etags::Leave);
            let (a, b) = (ends.0.index(objects.len() + 1), ends.1.index(objects.len() + 1));
            let rows = a.min(b)..a.max(b);
            let holds = |key: &str| key.contains('a');
            let mut expected: Vec<u32> = rows
                .clone()
                .filter(|&row| !filtered || holds(objects[row].key.as_str()))
                .map(|row| u32::try_from(row).unwrap())
                .collect();
            expected.sort_by(|&a, &b| {
                let order = compare(by, &objects[a as usize], &objects[b as usize]);
                if descending { order.reverse() } else { order }
            });
            let filter: Option<&dyn Fn(&str) -> bool> = if filtered { Some(&holds) } else { None };
            let arrangement = Arrangement { rows, filter, by, descending };
            prop_assert_eq!(columns.arrange(&arrangement, &|| false), Some(expected));
        }
    }

    #[test]
    fn rows_of_many_chunks_are_found_and_work_that_nobody_wants_ends() {
        let objects = uploads(20_000);
        let columns = columns_of(&objects, Etags::Leave);
        let wanted = |key: &str| key.contains("user-0077/");
        let arrangement = |by, filter| Arrangement {
            rows: 0..usize::MAX,
            filter,
            by,
            descending: true,
        };
        let found = columns
            .arrange(&arrangement(SortBy::Key, Some(&wanted)), &|| false)
            .unwrap();
        assert_eq!(found, (7_700..7_800).rev().collect::<Vec<_>>());
        for (by, filter) in [
            (SortBy::Size, None),
            (SortBy::Key, Some(&wanted as &dyn Fn(&str) -> bool)),
        ] {
            let looks = Cell::new(0);
            let stopped = || {
                looks.set(looks.get() + 1);
                looks.get() > 2
            };
            assert_eq!(columns.arrange(&arrangement(by, filter), &stopped), None);
            assert_eq!(looks.get(), 3);
        }
    }
}
