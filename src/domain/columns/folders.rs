//! A scan as a folder tree: the children of a prefix, and the total of a range of rows.

use std::ops::Range;

use super::chunk::Chunk;
use super::{Columns, Rows};
use crate::domain::Tally;

/// A direct child of a prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Child {
    /// A folder.
    Folder {
        /// The prefix of its keys, including the final `/`.
        prefix: String,
        /// Its rows; never empty.
        rows: Range<usize>,
    },
    /// An object without a further `/` in its key.
    Object {
        /// Its row.
        row: usize,
    },
}

/// Iterates over the children of a prefix in key order. It skips the contents of folders.
#[derive(Debug)]
pub struct Children<'a> {
    columns: &'a Columns,
    /// Length of the prefix in bytes.
    under: usize,
    rows: Rows<'a>,
    /// Whether `rows` is already at `row`, not before it.
    stands: bool,
    row: usize,
    end: usize,
}

/// The rows of a folder that are read one by one before a search for its end, which costs about as much.
const WALKED: usize = 32;

impl Columns {
    /// The total of these rows. Complete chunks have a stored total, so at most two chunks are read.
    #[must_use]
    pub fn tally(&self, rows: Range<usize>) -> Tally {
        let mut tally = Tally::default();
        for part in self.parts(rows) {
            if part.within == (0..part.chunk.len()) {
                tally.merge(part.chunk.total);
                continue;
            }
            for row in part.within {
                if let Some(size) = part.chunk.size(row) {
                    tally.count(size, part.chunk.time(row));
                }
            }
        }
        tally
    }

    /// The children of a prefix. The prefix may end in the middle of a name.
    #[must_use]
    pub fn children(&self, prefix: &str) -> Children<'_> {
        let rows = self.under(prefix);
        Children {
            columns: self,
            under: prefix.len(),
            row: rows.start,
            end: rows.end,
            rows: self.rows_in(rows),
            stands: false,
        }
    }

    /// The chunks that contain these rows.
    pub(super) fn parts(&self, rows: Range<usize>) -> impl Iterator<Item = Part<'_>> {
        let end = rows.end.min(self.len());
        let first = self
            .starts
            .partition_point(|&start| start <= rows.start)
            .saturating_sub(1);
        self.chunks
            .iter()
            .zip(&self.starts)
            .skip(first)
            .take_while(move |(_, start)| **start < end)
            .map(move |(chunk, &start)| Part {
                chunk,
                start,
                within: rows.start.saturating_sub(start)..(end - start).min(chunk.len()),
            })
            .filter(|part| !part.within.is_empty())
    }
}

/// Some rows of a chunk.
pub(super) struct Part<'a> {
    pub chunk: &'a Chunk,
    /// The number of the chunk's first row.
    start: usize,
    /// The rows, relative to that one.
    pub within: Range<usize>,
}

impl Part<'_> {
    /// The rows, as numbered in the columns.
    pub(super) fn rows(&self) -> Range<usize> {
        self.start + self.within.start..self.start + self.within.end
    }
}

impl Iterator for Children<'_> {
    type Item = Child;

    fn next(&mut self) -> Option<Child> {
        if !std::mem::take(&mut self.stands) {
            self.rows.advance_key()?;
        }
        let row = self.row;
        let key = self.rows.key()?;
        let below = key.get(self.under..).unwrap_or_default();
        let Some(slash) = below.find('/') else {
            self.row += 1;
            return Some(Child::Object { row });
        };
        let prefix = key.get(..=self.under + slash).unwrap_or(key).to_owned();
        self.row = self.leave(&prefix);
        Some(Child::Folder {
            rows: row..self.row,
            prefix,
        })
    }
}

impl Children<'_> {
    /// Moves to the first row after this folder; `row` is the first row in it.
    fn leave(&mut self, folder: &str) -> usize {
        for row in self.row + 1..self.row + WALKED {
            match self.rows.advance_key() {
                Some(key) if key.starts_with(folder) => {}
                Some(_) => {
                    self.stands = true;
                    return row;
                }
                None => return row,
            }
        }
        let end = self.columns.under(folder).end;
        self.rows = self.columns.rows_in(end..self.end);
        end
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::columns::Etags;
    use crate::domain::columns::tests::{columns_of, key, objects, uploads};

    /// The result of a listing with a delimiter.
    fn naive(keys: &[&str], prefix: &str) -> Vec<Child> {
        let mut children: Vec<Child> = Vec::new();
        for (row, key) in keys.iter().enumerate() {
            let Some(below) = key.strip_prefix(prefix) else {
                continue;
            };
            let Some(slash) = below.find('/') else {
                children.push(Child::Object { row });
                continue;
            };
            let folder = &key[..=prefix.len() + slash];
            match children.last_mut() {
                Some(Child::Folder { prefix, rows }) if prefix == folder => rows.end += 1,
                _ => children.push(Child::Folder {
                    prefix: folder.to_owned(),
                    rows: row..row + 1,
                }),
            }
        }
        children
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn children_are_those_of_a_listing_with_a_delimiter(objects in objects(), prefix in key(), whole in any::<bool>()) {
            let columns = columns_of(&objects, Etags::Leave);
            let keys: Vec<&str> = objects.iter().map(|o| o.key.as_str()).collect();
            let prefix = if whole { String::new() } else { prefix };
            prop_assert_eq!(columns.children(&prefix).collect::<Vec<_>>(), naive(&keys, &prefix));
        }

        #[test]
        fn a_range_comes_to_what_its_objects_come_to(objects in objects(), ends in any::<(prop::sample::Index, prop::sample::Index)>()) {
            let columns = columns_of(&objects, Etags::Leave);
            let (a, b) = (ends.0.index(objects.len() + 1), ends.1.index(objects.len() + 1));
            let rows = a.min(b)..a.max(b);
            let mut tally = Tally::default();
            for object in &objects[rows.clone()] {
                tally.add(object);
            }
            prop_assert_eq!(columns.tally(rows), tally);
        }
    }

    #[test]
    fn folders_of_many_chunks_are_stepped_over() {
        let objects = uploads(20_000);
        let columns = columns_of(&objects, Etags::Leave);
        let users: Vec<Child> = columns.children("uploads/").collect();
        assert_eq!(users.len(), 200);
        assert_eq!(
            users[77],
            Child::Folder {
                prefix: "uploads/user-0077/".to_owned(),
                rows: 7_700..7_800
            }
        );
        assert_eq!(columns.children("uploads/user-0077/").count(), 100);
        assert_eq!(columns.children("uploads/user-00").count(), 100);
        let mut tally = Tally::default();
        for object in &objects[4_000..13_000] {
            tally.add(object);
        }
        assert_eq!(columns.tally(4_000..13_000), tally);
        assert_eq!(columns.tally(0..usize::MAX), columns.total());
        assert_eq!(columns.tally(30_000..40_000), Tally::default());
    }
}
