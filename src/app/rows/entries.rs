//! The rows of a raw listing, in little memory: objects in columns, folders and what does not come in order as they are.
//!
//! A listing appends pages, each of them a part; a scan shows a range of its columns, which are one part. In both cases a
//! row is made when it is looked at, and sorting looks at what it sorts by alone.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::entry::{weight_of_size, weight_of_time};
use super::{Entry, EntryColumn};
use crate::app::table::{BETWEEN_QUESTIONS, Row, Sort, Source, Stop, sort_unless};
use crate::domain::Needle;
use crate::domain::columns::{Arrangement, Columns, ColumnsBuilder, Etags, SortBy};
use crate::domain::{ObjectSummary, StorageClass, Tally};
use crate::tasks::scan::ranges;

/// What a scan found in the folders of one place: whole prefixes in order of their bytes, and what is below each.
pub type FolderSizes = Vec<(String, Tally)>;

/// Folders and objects in order of arrival.
#[derive(Debug, Clone, Default)]
pub struct Entries {
    parts: Vec<Part>,
    len: usize,
    sizes: Option<Arc<FolderSizes>>,
}

#[derive(Debug, Clone)]
struct Part {
    /// The number of its first row.
    start: usize,
    rows: Kept,
}

#[derive(Debug, Clone)]
enum Kept {
    /// Rows as they are.
    Whole(Arc<Vec<Entry>>),
    /// These rows of columns.
    Columns(Columns, Range<usize>),
}

impl Kept {
    fn len(&self) -> usize {
        match self {
            Self::Whole(rows) => rows.len(),
            Self::Columns(_, range) => range.len(),
        }
    }
}

impl Entries {
    /// All objects below some prefixes, out of the columns of a scan.
    #[must_use]
    pub fn below(columns: &Columns, prefixes: &[String]) -> Self {
        let mut entries = Self::default();
        for range in ranges(columns, prefixes) {
            entries.add(Kept::Columns(columns.clone(), range));
        }
        entries
    }

    /// What the objects come to; folders are not counted.
    #[must_use]
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        for part in &self.parts {
            match &part.rows {
                Kept::Columns(columns, range) => total.merge(columns.tally(range.clone())),
                Kept::Whole(rows) => rows
                    .iter()
                    .filter_map(Entry::object)
                    .for_each(|object| total.add(object)),
            }
        }
        total
    }

    /// Takes what a scan found in the folders; it replaces what was known.
    pub fn set_sizes(&mut self, sizes: Option<Arc<FolderSizes>>) {
        self.sizes = sizes;
    }

    /// Bytes of memory that the objects take, for the figures in the tests.
    #[cfg(test)]
    pub(crate) fn memory(&self) -> usize {
        let of_part = |part: &Part| match &part.rows {
            Kept::Columns(columns, _) => columns.memory() + size_of::<Part>(),
            Kept::Whole(rows) => rows.capacity() * size_of::<Entry>() + size_of::<Part>(),
        };
        self.parts.iter().map(of_part).sum()
    }

    fn add(&mut self, rows: Kept) {
        let len = rows.len();
        if len > 0 {
            self.parts.push(Part {
                start: self.len,
                rows,
            });
            self.len += len;
        }
    }

    fn add_objects(&mut self, objects: Vec<ObjectSummary>) {
        let mut columns = ColumnsBuilder::new(Etags::Leave);
        // Directory buckets do not list in order: their objects stay as they are.
        if objects.iter().all(|object| columns.push(object).is_ok()) {
            let columns = columns.finish();
            let all = 0..columns.len();
            self.add(Kept::Columns(columns, all));
        } else {
            let rows = objects.into_iter().map(Entry::Object).collect();
            self.add(Kept::Whole(Arc::new(rows)));
        }
    }

    /// The entry as it is shown: a folder with what a scan found in it.
    fn filled<'e>(&self, entry: &'e Entry) -> Cow<'e, Entry> {
        match entry {
            Entry::Folder { prefix, .. } if self.sizes.is_some() => Cow::Owned(Entry::Folder {
                prefix: prefix.clone(),
                holds: self.size_of(prefix),
            }),
            entry => Cow::Borrowed(entry),
        }
    }

    fn size_of(&self, prefix: &str) -> Option<Tally> {
        let sizes = self.sizes.as_ref()?;
        let at = sizes.binary_search_by(|(known, _)| known.as_str().cmp(prefix));
        at.ok().and_then(|at| Some(sizes.get(at)?.1))
    }

    /// Calls `look` with the number and the path of each row as they arrived, and whether it is kept whole; `None` when
    /// the work was no longer wanted.
    fn each_path(&self, stop: Stop<'_>, mut look: impl FnMut(usize, &str, bool)) -> Option<()> {
        for part in &self.parts {
            let mut number = part.start;
            let is_whole = matches!(part.rows, Kept::Whole(_));
            let mut seen = |path: &str| {
                if number.is_multiple_of(BETWEEN_QUESTIONS) && stop() {
                    return None;
                }
                look(number, path, is_whole);
                number += 1;
                Some(())
            };
            match &part.rows {
                Kept::Whole(rows) => rows.iter().try_for_each(|row| seen(row.path()))?,
                Kept::Columns(columns, range) => {
                    let mut rows = columns.rows_in(range.clone());
                    while let Some(row) = rows.advance() {
                        seen(row.key)?;
                    }
                }
            }
        }
        Some(())
    }

    /// The numbers of the rows that a filter lets through, as they arrived.
    fn kept(&self, needle: &Needle, stop: Stop<'_>) -> Option<Vec<u32>> {
        if needle.is_empty() {
            return Some((0..number_of(self.len)).collect());
        }
        let mut kept = Vec::new();
        self.each_path(stop, |number, path, _| {
            if needle.is_in(path) {
                kept.push(number_of(number));
            }
        })?;
        Some(kept)
    }

    /// The rows by their paths, upwards: rows that are kept whole are sorted, and then put among those of columns, which
    /// are in order already.
    fn by_name(&self, kept: Vec<u32>, stop: Stop<'_>) -> Option<Vec<u32>> {
        let mut whole = self.whole(&kept);
        sort_unless(&mut whole, stop, |(a, _), (b, _)| a.cmp(b))?;
        let mut whole = whole.into_iter().peekable();
        let mut wanted = kept.iter().copied().peekable();
        let mut order = Vec::with_capacity(kept.len());
        let mut last = String::new();
        let mut is_in_order = true;
        self.each_path(stop, |number, path, is_whole| {
            if wanted.next_if_eq(&number_of(number)).is_none() || is_whole {
                return;
            }
            is_in_order &= last.as_str() <= path;
            path.clone_into(&mut last);
            while let Some((_, before)) = whole.next_if(|(whole, _)| *whole < path) {
                order.push(before);
            }
            order.push(number_of(number));
        })?;
        if !is_in_order {
            return self.by_paths(kept, stop);
        }
        order.extend(whole.map(|(_, number)| number));
        Some(order)
    }

    /// Those of the rows that are kept whole.
    fn whole(&self, kept: &[u32]) -> Vec<(&str, u32)> {
        let rows = kept.iter().filter_map(|number| {
            let part = self.part(*number as usize)?;
            match &part.rows {
                Kept::Whole(rows) => {
                    let row = rows.get(*number as usize - part.start)?;
                    Some((row.path(), *number))
                }
                Kept::Columns(..) => None,
            }
        });
        rows.collect()
    }

    /// The same for pages that did not come in order, with all paths in memory.
    fn by_paths(&self, kept: Vec<u32>, stop: Stop<'_>) -> Option<Vec<u32>> {
        let path = |number: u32| {
            let row = self.get(number as usize);
            row.map(|row| row.path().to_owned()).unwrap_or_default()
        };
        let mut rows: Vec<(String, u32)> = kept.into_iter().map(|n| (path(n), n)).collect();
        sort_unless(&mut rows, stop, Ord::cmp)?;
        Some(rows.into_iter().map(|(_, number)| number).collect())
    }

    /// The rows with what they are sorted by, for every column but the name.
    fn weighed(
        &self,
        kept: Vec<u32>,
        column: EntryColumn,
        stop: Stop<'_>,
    ) -> Option<Vec<(u64, u32)>> {
        let mut classes = Classes::of(self);
        let mut weighed = Vec::with_capacity(kept.len());
        for number in kept {
            if (number as usize).is_multiple_of(BETWEEN_QUESTIONS) && stop() {
                return None;
            }
            let Some(part) = self.part(number as usize) else {
                continue;
            };
            let row = number as usize - part.start;
            let weight = match &part.rows {
                Kept::Whole(rows) => rows.get(row).map(|entry| match (column, entry) {
                    (EntryColumn::Class, Entry::Object(object)) => {
                        classes.weight(&object.storage_class)
                    }
                    _ => self.filled(entry).weight(column),
                }),
                Kept::Columns(columns, range) => {
                    let row = range.start + row;
                    match column {
                        EntryColumn::Name => None,
                        EntryColumn::Objects => Some(2),
                        EntryColumn::Size => columns.size(row).map(weight_of_size),
                        EntryColumn::Modified => Some(weight_of_time(columns.last_modified(row))),
                        EntryColumn::Class => columns
                            .storage_class(row)
                            .map(|class| classes.weight(class)),
                    }
                }
            };
            weighed.push((weight.unwrap_or_default(), number));
        }
        Some(weighed)
    }

    fn part(&self, number: usize) -> Option<&Part> {
        let after = self.parts.partition_point(|part| part.start <= number);
        self.parts.get(after.checked_sub(1)?)
    }
}

impl Source<Entry> for Entries {
    fn len(&self) -> usize {
        self.len
    }

    fn get(&self, number: usize) -> Option<Cow<'_, Entry>> {
        let part = self.part(number)?;
        let row = number - part.start;
        match &part.rows {
            Kept::Whole(rows) => rows.get(row).map(|entry| self.filled(entry)),
            Kept::Columns(_, range) if row >= range.len() => None,
            Kept::Columns(columns, range) => {
                let object = columns.get(range.start + row)?;
                Some(Cow::Owned(Entry::Object(object)))
            }
        }
    }

    fn push(&mut self, rows: Vec<Entry>) {
        let mut folders = Vec::new();
        let mut objects = Vec::new();
        for row in rows {
            match row {
                Entry::Object(object) => objects.push(object),
                folder @ Entry::Folder { .. } => folders.push(folder),
            }
        }
        self.add(Kept::Whole(Arc::new(folders)));
        self.add_objects(objects);
    }

    fn order(
        &self,
        needle: &Needle,
        sort: Option<Sort<EntryColumn>>,
        stop: Stop<'_>,
    ) -> Option<Vec<u32>> {
        if let [Part { rows, .. }] = self.parts.as_slice()
            && let Kept::Columns(columns, range) = rows
        {
            return arranged(columns, range.clone(), needle, sort, stop);
        }
        let kept = self.kept(needle, stop)?;
        let Some(Sort { column, descending }) = sort else {
            return Some(kept);
        };
        if column == EntryColumn::Name {
            let mut order = self.by_name(kept, stop)?;
            if descending {
                order.reverse();
            }
            return Some(order);
        }
        let mut weighed = self.weighed(kept, column, stop)?;
        // Rows that are equal keep the order of arrival in both directions.
        sort_unless(&mut weighed, stop, |(a, a_number), (b, b_number)| {
            let by = a.cmp(b);
            let by = if descending { by.reverse() } else { by };
            by.then(a_number.cmp(b_number))
        })?;
        Some(weighed.into_iter().map(|(_, number)| number).collect())
    }

    fn can_sort_by(&self, column: EntryColumn) -> bool {
        column != EntryColumn::Objects || self.sizes.is_some()
    }

    fn find(&self, id: &str, from: usize) -> Option<usize> {
        let after = |part: &&Part| part.start + part.rows.len() > from;
        let mut parts = self.parts.iter().filter(after);
        parts.find_map(|part| {
            let row = match &part.rows {
                Kept::Whole(rows) => rows.iter().position(|row| row.id() == id)?,
                Kept::Columns(columns, range) => {
                    let row = columns.find(id).ok().filter(|row| range.contains(row))?;
                    row - range.start
                }
            };
            Some(part.start + row).filter(|number| *number >= from)
        })
    }

    fn beginning(&self, text: &str) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        for part in &self.parts {
            match &part.rows {
                Kept::Whole(rows) => ranges.extend(
                    rows.iter()
                        .enumerate()
                        .filter(|(_, row)| row.id().starts_with(text))
                        .map(|(row, _)| part.start + row..part.start + row + 1),
                ),
                Kept::Columns(columns, range) => {
                    let found = columns.under(text);
                    let (from, to) = (found.start.max(range.start), found.end.min(range.end));
                    if from < to {
                        ranges.push(part.start + from - range.start..part.start + to - range.start);
                    }
                }
            }
        }
        ranges
    }
}

/// The order of rows of one set of columns, which know it better; rows are numbered from the first of the range.
fn arranged(
    columns: &Columns,
    rows: Range<usize>,
    needle: &Needle,
    sort: Option<Sort<EntryColumn>>,
    stop: Stop<'_>,
) -> Option<Vec<u32>> {
    let first = number_of(rows.start);
    let holds = |key: &str| needle.is_in(key);
    let by = sort.map_or(SortBy::Key, |sort| match sort.column {
        // There are objects alone, and each counts for one.
        EntryColumn::Name | EntryColumn::Objects => SortBy::Key,
        EntryColumn::Size => SortBy::Size,
        EntryColumn::Modified => SortBy::Modified,
        EntryColumn::Class => SortBy::Class,
    });
    let what = Arrangement {
        rows,
        filter: (!needle.is_empty()).then_some(&holds),
        by,
        descending: sort.is_some_and(|sort| sort.descending && sort.column != EntryColumn::Objects),
    };
    let mut order = columns.arrange(&what, stop)?;
    for number in &mut order {
        *number -= first;
    }
    Some(order)
}

/// A row's number; no list that fits into memory has more rows than these have numbers.
fn number_of(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
}

/// Storage classes by their names: which comes first, told without comparing names for every row.
struct Classes {
    names: Vec<StorageClass>,
    /// The class of the row before, for neighbours mostly share theirs.
    last: Option<(StorageClass, u64)>,
}

impl Classes {
    fn of(entries: &Entries) -> Self {
        let mut names: Vec<StorageClass> = Vec::new();
        let mut learn = |class: &StorageClass| {
            if !names.contains(class) {
                names.push(class.clone());
            }
        };
        for part in &entries.parts {
            match &part.rows {
                Kept::Whole(rows) => rows
                    .iter()
                    .filter_map(Entry::object)
                    .for_each(|object| learn(&object.storage_class)),
                Kept::Columns(columns, range) => range
                    .clone()
                    .filter_map(|row| columns.storage_class(row))
                    .for_each(&mut learn),
            }
        }
        names.sort();
        Self { names, last: None }
    }

    /// Folders weigh nothing, the first class 1.
    fn weight(&mut self, class: &StorageClass) -> u64 {
        if let Some((last, weight)) = &self.last
            && last == class
        {
            return *weight;
        }
        let place = self.names.partition_point(|name| name < class);
        let weight = u64::try_from(place).unwrap_or(u64::MAX).saturating_add(1);
        self.last = Some((class.clone(), weight));
        weight
    }
}

#[cfg(test)]
#[path = "entries_tests.rs"]
mod tests;
