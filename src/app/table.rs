//! A list of rows with a cursor, a filter and a sort order, of any length.
//!
//! Rows only ever get appended, in chunks that are shared and never moved; what the screen shows is an *order*, a list
//! of row numbers. Without a filter and in the natural order there is none, so that a listing of a million rows costs
//! nothing but its rows. With one, short lists are put in order at once and long ones by the task layer, which
//! gets the chunks (a few pointers) and sends the order back.
//!
//! The cursor stays on its row, not on its line: when the order changes it is found again, and after a refresh it is
//! put back on the row of the same id as soon as that arrives.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::domain::Needle;
use crate::tasks::Arrange;

/// Longer lists are put in order by the task layer. This many rows take about a millisecond, well inside a frame.
const AT_ONCE: usize = 10_000;

/// A row of a table.
pub trait Row: Clone + Send + Sync + 'static {
    /// What the table can be sorted by.
    type Column: Copy + PartialEq + Send + Sync + 'static;

    /// The columns that a person can sort by, in the order in which they stand on the screen.
    const COLUMNS: &'static [Self::Column];

    /// What makes this row the same after a refresh.
    fn id(&self) -> &str;

    /// Whether a filter lets it through.
    fn matches(&self, needle: &Needle) -> bool;

    /// Its order by a column.
    fn compare(&self, other: &Self, column: Self::Column) -> Ordering;
}

/// A sort order: a column, and whether the largest comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort<C> {
    /// The column.
    pub column: C,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// Whether the caller has to have an order computed.
#[must_use]
pub enum Arranged {
    /// The rows are in order.
    Now,
    /// The task layer has to put them in order.
    Later(Arrange),
}

/// Rows, a cursor, a filter, a sort order.
#[derive(Debug, Clone)]
pub struct Table<R: Row> {
    chunks: Vec<Arc<Vec<R>>>,
    /// The number of the first row of each chunk.
    starts: Vec<usize>,
    len: usize,
    order: Option<Vec<u32>>,
    /// How many rows the order that the task layer is making will have seen; rows beyond it wait for the next one.
    in_flight: Option<usize>,
    sort: Option<Sort<R::Column>>,
    filter: String,
    cursor: usize,
    top: usize,
    height: usize,
    awaited: Option<String>,
    /// Whether a person has moved the cursor: only then does it stay on a row, otherwise it stays on the first line.
    moved: bool,
}

impl<R: Row> Default for Table<R> {
    fn default() -> Self {
        Self {
            chunks: Vec::new(),
            starts: Vec::new(),
            len: 0,
            order: None,
            in_flight: None,
            sort: None,
            filter: String::new(),
            cursor: 0,
            top: 0,
            height: 1,
            awaited: None,
            moved: false,
        }
    }
}

impl<R: Row> Table<R> {
    /// An empty table in a sort order.
    #[must_use]
    pub fn sorted_by(column: R::Column, descending: bool) -> Self {
        Self {
            sort: Some(Sort { column, descending }),
            ..Self::default()
        }
    }

    /// The number of rows, filtered ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no rows at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The number of rows that can be seen by scrolling.
    #[must_use]
    pub fn shown(&self) -> usize {
        self.order.as_ref().map_or(self.len, Vec::len)
    }

    /// The filter, empty when there is none.
    #[must_use]
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// The sort order; none is the order of arrival.
    #[must_use]
    pub fn sort(&self) -> Option<Sort<R::Column>> {
        self.sort
    }

    /// The line of the cursor, from 0.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// The first line on the screen.
    #[must_use]
    pub fn top(&self) -> usize {
        self.top
    }

    /// The row under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<&R> {
        self.line(self.cursor)
    }

    /// The row on a line, from 0.
    #[must_use]
    pub fn line(&self, line: usize) -> Option<&R> {
        self.row(self.row_of_line(line)?)
    }

    /// All rows, in order of arrival.
    pub fn rows(&self) -> impl Iterator<Item = &R> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }

    /// The lines that are on the screen.
    pub fn visible(&self) -> impl Iterator<Item = (usize, &R)> {
        (self.top..self.shown().min(self.top + self.height))
            .filter_map(|line| Some((line, self.line(line)?)))
    }

    /// Takes rows at the end.
    pub fn push(&mut self, rows: Vec<R>) -> Arranged {
        if rows.is_empty() {
            return Arranged::Now;
        }
        self.change(rows, |_| {})
    }

    /// Changes rows in place, by the number that they were given on arrival, and puts them in order again.
    pub fn update_rows(&mut self, change: impl FnOnce(&mut RowsMut<'_, R>)) -> Arranged {
        change(&mut RowsMut {
            chunks: &mut self.chunks,
            starts: &self.starts,
        });
        self.arrange_grown()
    }

    /// Takes rows at the end and changes others in place, and puts all of them in order once.
    pub fn change(&mut self, rows: Vec<R>, change: impl FnOnce(&mut RowsMut<'_, R>)) -> Arranged {
        if !rows.is_empty() {
            self.starts.push(self.len);
            self.len += rows.len();
            self.chunks.push(Arc::new(rows));
        }
        self.update_rows(change)
    }

    /// Forgets the rows, keeps filter and sort, and puts the cursor back on its row when that comes again.
    pub fn restart(&mut self) {
        if self.moved {
            self.awaited = self.current().map(|row| row.id().to_owned());
        }
        self.chunks.clear();
        self.starts.clear();
        self.len = 0;
        self.order = None;
        self.in_flight = None;
        self.cursor = 0;
        self.top = 0;
    }

    /// Shows only the rows that match.
    pub fn set_filter(&mut self, filter: &str) -> Arranged {
        if self.filter == filter {
            return Arranged::Now;
        }
        filter.clone_into(&mut self.filter);
        self.arrange()
    }

    /// Sorts by the next column: each column first upwards, then downwards; after the last one in order of arrival.
    pub fn sort_next(&mut self) -> Arranged {
        let turns = Self::turns();
        let at = turns
            .iter()
            .position(|turn| *turn == self.sort)
            .unwrap_or(0);
        self.sort = turns.get((at + 1) % turns.len()).copied().flatten();
        self.arrange()
    }

    /// The reverse of [`Table::sort_next`].
    pub fn sort_previous(&mut self) -> Arranged {
        let turns = Self::turns();
        let at = turns
            .iter()
            .position(|turn| *turn == self.sort)
            .unwrap_or(0);
        let before = at.checked_sub(1).unwrap_or(turns.len() - 1);
        self.sort = turns.get(before).copied().flatten();
        self.arrange()
    }

    /// Takes an order that the task layer made of the first rows, and has the rest put in order, too.
    pub fn set_order(&mut self, order: Vec<u32>) -> Arranged {
        let row = self.row_of_line(self.cursor);
        self.order = Some(order);
        self.put_cursor_on(row);
        match self.in_flight.take() {
            Some(rows) if rows < self.len => self.arrange(),
            _ => Arranged::Now,
        }
    }

    /// Asks again for an order that was asked for and then abandoned.
    pub fn resume(&mut self) -> Arranged {
        match self.in_flight.take() {
            Some(_) => self.arrange(),
            None => Arranged::Now,
        }
    }

    /// Moves the cursor by lines, stopping at both ends.
    pub fn move_by(&mut self, lines: isize) {
        self.awaited = None;
        self.moved = true;
        let last = self.shown().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(lines).min(last);
        self.keep_in_view();
    }

    /// Moves the cursor to a line.
    pub fn move_to(&mut self, line: usize) {
        self.awaited = None;
        self.moved = true;
        self.cursor = line.min(self.shown().saturating_sub(1));
        self.keep_in_view();
    }

    /// Moves the cursor to the last line.
    pub fn move_to_end(&mut self) {
        self.move_to(usize::MAX);
    }

    /// Moves the cursor to the first line whose row satisfies this, looking at no more than `most` lines; says
    /// whether there was one.
    pub fn move_to_first(&mut self, most: usize, test: impl Fn(&R) -> bool) -> bool {
        let found = (0..self.shown().min(most)).find(|line| self.line(*line).is_some_and(&test));
        if let Some(line) = found {
            self.move_to(line);
        }
        found.is_some()
    }

    /// How many lines are on the screen, at least 1.
    pub fn set_height(&mut self, height: usize) {
        self.height = height.max(1);
        self.keep_in_view();
    }

    /// How many lines are on the screen.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Whether the cursor is so near the end that the next rows are wanted.
    #[must_use]
    pub fn near_end(&self) -> bool {
        self.top + 2 * self.height >= self.shown()
    }

    fn turns() -> Vec<Option<Sort<R::Column>>> {
        let sorts = R::COLUMNS.iter().flat_map(|column| {
            [false, true].map(|descending| {
                Some(Sort {
                    column: *column,
                    descending,
                })
            })
        });
        std::iter::once(None).chain(sorts).collect()
    }

    fn row(&self, number: usize) -> Option<&R> {
        let chunk = self
            .starts
            .partition_point(|start| *start <= number)
            .checked_sub(1)?;
        self.chunks
            .get(chunk)?
            .get(number - self.starts.get(chunk)?)
    }

    fn row_of_line(&self, line: usize) -> Option<usize> {
        match &self.order {
            None => (line < self.len).then_some(line),
            Some(order) => order.get(line).map(|row| *row as usize),
        }
    }

    /// As [`Self::arrange`], unless an order is being made: that one is used first, for while pages pour in an order of
    /// all rows so far would never be ready before the next page.
    fn arrange_grown(&mut self) -> Arranged {
        if self.in_flight.is_some() {
            return Arranged::Now;
        }
        self.arrange()
    }

    /// Makes the order fit rows, filter and sort: here when the list is short, otherwise by the task layer.
    fn arrange(&mut self) -> Arranged {
        let needle = Needle::new(&self.filter);
        if self.sort.is_none() && needle.is_empty() {
            let row = self.row_of_line(self.cursor);
            self.order = None;
            self.in_flight = None;
            self.put_cursor_on(row);
            return Arranged::Now;
        }
        if self.len > AT_ONCE {
            self.in_flight = Some(self.len);
            let (chunks, sort) = (self.chunks.clone(), self.sort);
            // Until the order arrives the old one stands, so that nothing jumps twice.
            return Arranged::Later(Arrange(Box::new(move || order(&chunks, &needle, sort))));
        }
        let row = self.row_of_line(self.cursor);
        self.order = Some(order(&self.chunks, &needle, self.sort));
        self.in_flight = None;
        self.put_cursor_on(row);
        Arranged::Now
    }

    /// Keeps the cursor on the row it was on, or near where it was when that row is no longer shown.
    fn put_cursor_on(&mut self, row: Option<usize>) {
        if !self.moved && self.awaited.is_none() {
            self.cursor = 0;
        } else if let (Some(row), Some(order)) = (row, &self.order) {
            if let Some(line) = order.iter().position(|number| *number as usize == row) {
                self.cursor = line;
            }
        } else if let Some(row) = row {
            self.cursor = row;
        }
        self.find_awaited();
        self.keep_in_view();
    }

    fn find_awaited(&mut self) {
        let Some(id) = &self.awaited else { return };
        // Only what has arrived lately can hold it, and lists grow by pages: looking at the last page is enough.
        let from = self.shown().saturating_sub(AT_ONCE);
        let found =
            (from..self.shown()).find(|line| self.line(*line).is_some_and(|row| row.id() == id));
        if let Some(line) = found {
            self.cursor = line;
            self.awaited = None;
        }
    }

    fn keep_in_view(&mut self) {
        let shown = self.shown();
        self.cursor = self.cursor.min(shown.saturating_sub(1));
        self.top = self
            .top
            .min(self.cursor)
            .max((self.cursor + 1).saturating_sub(self.height))
            .min(shown.saturating_sub(self.height.min(shown)));
    }
}

/// Rows that can be changed in place.
pub struct RowsMut<'t, R> {
    chunks: &'t mut Vec<Arc<Vec<R>>>,
    starts: &'t [usize],
}

impl<R: Row> RowsMut<'_, R> {
    /// The row that arrived as this number, from 0.
    pub fn get(&mut self, number: usize) -> Option<&mut R> {
        let chunk = self
            .starts
            .partition_point(|start| *start <= number)
            .checked_sub(1)?;
        let start = *self.starts.get(chunk)?;
        Arc::make_mut(self.chunks.get_mut(chunk)?).get_mut(number - start)
    }
}

/// The numbers of the rows that match, in order.
fn order<R: Row>(
    chunks: &[Arc<Vec<R>>],
    needle: &Needle,
    sort: Option<Sort<R::Column>>,
) -> Vec<u32> {
    let mut kept: Vec<(u32, &R)> = (0u32..)
        .zip(chunks.iter().flat_map(|chunk| chunk.iter()))
        .filter(|(_, row)| needle.is_empty() || row.matches(needle))
        .collect();
    if let Some(Sort { column, descending }) = sort {
        // Stable: rows that are equal keep the order of the listing in both directions.
        kept.sort_by(|(_, a), (_, b)| {
            let by = a.compare(b, column);
            if descending { by.reverse() } else { by }
        });
    }
    kept.into_iter().map(|(number, _)| number).collect()
}

#[cfg(test)]
mod tests;
