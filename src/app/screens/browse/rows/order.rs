//! Entries in an order, without making a row of each: keys are gone through, and sizes, times and classes are looked up.

use std::ops::Range;

use super::entries::{Entries, Kept};
use super::entry::{weight_of_size, weight_of_time};
use super::{Entry, EntryColumn};
use crate::app::table::{BETWEEN_QUESTIONS, Sort, Source, Stop, best_first, sort_unless};
use crate::domain::columns::{Arrangement, Columns, SortBy};
use crate::domain::{Needle, StorageClass};

impl Entries {
    /// The numbers of the rows that a filter lets through, in an order; `None` when nobody wants them any more.
    pub(super) fn arranged(
        &self,
        needle: &Needle,
        sort: Option<Sort<EntryColumn>>,
        stop: Stop<'_>,
    ) -> Option<Vec<u32>> {
        if sort.is_none() && needle.ranks() {
            return self.ranked(needle, stop);
        }
        if let [part] = self.parts.as_slice()
            && let Kept::Columns(columns, range) = &part.rows
        {
            return order_of_columns(columns, range.clone(), needle, sort, stop);
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
            return Some((0..number_of(self.len())).collect());
        }
        let mut kept = Vec::new();
        self.each_path(stop, |number, path, _| {
            if needle.is_in(path) {
                kept.push(number_of(number));
            }
        })?;
        Some(kept)
    }

    /// The numbers of the rows that a filter ranks, the best first.
    fn ranked(&self, needle: &Needle, stop: Stop<'_>) -> Option<Vec<u32>> {
        let mut ranked = Vec::new();
        self.each_path(stop, |number, path, _| {
            if let Some(rank) = needle.rank(path) {
                ranked.push((rank, number_of(number)));
            }
        })?;
        Some(best_first(&mut ranked))
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
}

/// The order of rows of one set of columns, which know it better; rows are numbered from the first of the range.
fn order_of_columns(
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
