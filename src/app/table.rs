//! A list of rows with a cursor, a filter and a sort order, of any length.
//!
//! The rows are a [`Source`]'s; what the screen shows is an *order*, a list of row numbers. Without a filter and in the
//! natural order there is none, so that a listing of a million rows costs nothing but its rows. With one, short
//! lists are put in order at once and long ones by the task layer, which gets a clone of the source (a few pointers) and
//! sends the order back.
//!
//! Rows either arrive at the end, and keep their numbers, or all of them are replaced by newer ones, as a scan that runs
//! publishes one state after the other. Then the old rows are shown in their old order until the new order is there.
//!
//! The cursor stays on its row, and where it was on the screen: when the order changes it is found again, and after a
//! refresh it is put back on the row of the same id as soon as that arrives.

mod cursor;
mod list;
mod source;

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::domain::Needle;
use crate::tasks::Arrange;

pub(crate) use list::{Change, List};
pub(crate) use source::{BETWEEN_QUESTIONS, best_first, sort_unless};
pub(crate) use source::{Chunks, Source, Stop};

/// Longer lists are put in order by the task layer. This many rows take about a millisecond, well inside a frame.
const AT_ONCE: usize = 10_000;

/// A row of a table.
pub trait Row: Clone + Send + Sync + 'static {
    /// What the table can be sorted by.
    type Column: Copy + PartialEq + std::fmt::Debug + Send + Sync + 'static;

    /// How rows of this kind are kept.
    type Rows: Source<Self>;

    /// The columns that a person can sort by, in the order in which they stand on the screen.
    const COLUMNS: &'static [Self::Column];

    /// What makes this row the same after a refresh.
    fn id(&self) -> &str;

    /// Whether a filter lets it through.
    fn matches(&self, needle: &Needle) -> bool;

    /// How well a filter's letters fit it, of those that the filter lets through.
    fn rank(&self, needle: &Needle) -> i32 {
        needle.rank(self.id()).unwrap_or_default()
    }

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

/// The order that the task layer is making.
#[derive(Debug, Clone)]
enum Making<S> {
    /// Of this many of the rows that are shown; rows beyond them wait for the next order.
    OfFirst(usize),
    /// Of rows that will be shown instead of those that are.
    OfNewer(S),
}

/// A row that the cursor is to be put on when it arrives.
#[derive(Debug, Clone)]
struct Awaited {
    id: String,
    /// Rows with smaller numbers are known to be others.
    looked: usize,
}

/// Rows, a cursor, a filter, a sort order.
#[derive(Debug, Clone)]
pub struct Table<R: Row> {
    rows: R::Rows,
    order: Option<Vec<u32>>,
    making: Option<Making<R::Rows>>,
    /// Newer rows that arrived while an order was being made.
    newer: Option<R::Rows>,
    sort: Option<Sort<R::Column>>,
    filter: String,
    cursor: usize,
    top: usize,
    height: usize,
    awaited: Option<Awaited>,
    /// Whether a person has moved the cursor: only then does it stay on a row, otherwise it stays on the first line.
    moved: bool,
}

impl<R: Row> Default for Table<R> {
    fn default() -> Self {
        Self {
            rows: R::Rows::default(),
            order: None,
            making: None,
            newer: None,
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
        self.rows.len()
    }

    /// Whether there are no rows at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The number of rows that can be seen by scrolling.
    #[must_use]
    pub fn shown(&self) -> usize {
        self.order.as_ref().map_or(self.len(), Vec::len)
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

    /// Whether an order is being made by the task layer.
    #[must_use]
    pub fn is_arranging(&self) -> bool {
        self.making.is_some()
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
    pub fn current(&self) -> Option<Cow<'_, R>> {
        self.line(self.cursor)
    }

    /// The row on a line, from 0.
    #[must_use]
    pub fn line(&self, line: usize) -> Option<Cow<'_, R>> {
        self.rows.get(self.row_of_line(line)?)
    }

    /// All rows, in order of arrival.
    pub fn rows(&self) -> impl Iterator<Item = Cow<'_, R>> {
        (0..self.len()).filter_map(|number| self.rows.get(number))
    }

    /// Where the rows come from.
    #[must_use]
    pub fn source(&self) -> &R::Rows {
        &self.rows
    }

    /// The lines that are on the screen.
    pub fn visible(&self) -> impl Iterator<Item = (usize, Cow<'_, R>)> {
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

    /// Changes rows in place, all of which keep their numbers, and puts them in order again.
    pub fn update_rows(&mut self, change: impl FnOnce(&mut R::Rows)) -> Arranged {
        change(&mut self.rows);
        self.arrange_grown()
    }

    /// Takes rows at the end and changes others in place, and puts all of them in order once.
    pub fn change(&mut self, rows: Vec<R>, change: impl FnOnce(&mut R::Rows)) -> Arranged {
        self.rows.push(rows);
        self.update_rows(change)
    }

    /// Shows newer rows instead of those that are here. Rows may have other numbers than before; the cursor stays on the
    /// row with its id. Long lists that are sorted or filtered stay as they are until the order of the new rows is made.
    pub fn replace(&mut self, rows: R::Rows) -> Arranged {
        if self.is_natural() || rows.len() <= AT_ONCE {
            self.making = None;
            self.newer = None;
            let order = self.order_at_once(&rows);
            self.show(rows, order);
            return Arranged::Now;
        }
        self.newer = Some(rows);
        // One order is made after the other: while states pour in, an order of the latest would never be ready.
        self.arrange_grown()
    }

    /// Forgets the rows, keeps filter and sort, and puts the cursor back on its row when that comes again.
    pub fn restart(&mut self) {
        if self.moved {
            self.awaited = self.current().map(|row| Awaited {
                id: row.id().to_owned(),
                looked: 0,
            });
        }
        self.rows = R::Rows::default();
        self.order = None;
        self.making = None;
        self.newer = None;
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
        let turns = self.turns();
        let at = turns
            .iter()
            .position(|turn| *turn == self.sort)
            .unwrap_or(0);
        self.sort = turns.get((at + 1) % turns.len()).copied().flatten();
        self.arrange()
    }

    /// The reverse of [`Table::sort_next`].
    pub fn sort_previous(&mut self) -> Arranged {
        let turns = self.turns();
        let at = turns
            .iter()
            .position(|turn| *turn == self.sort)
            .unwrap_or(0);
        let before = at.checked_sub(1).unwrap_or(turns.len() - 1);
        self.sort = turns.get(before).copied().flatten();
        self.arrange()
    }

    /// Takes the order that the task layer made, and has rows put in order that came since.
    pub fn set_order(&mut self, order: Vec<u32>) -> Arranged {
        match self.making.take() {
            Some(Making::OfNewer(rows)) => {
                self.show(rows, Some(order));
                match self.newer {
                    Some(_) => self.arrange(),
                    None => Arranged::Now,
                }
            }
            Some(Making::OfFirst(rows)) => {
                self.set_order_of_shown(Some(order));
                if rows < self.len() || self.newer.is_some() {
                    self.arrange()
                } else {
                    Arranged::Now
                }
            }
            // Rows were taken away or put in order in another way since it was asked for.
            None => Arranged::Now,
        }
    }

    /// Asks again for an order that was asked for and then abandoned.
    pub fn resume(&mut self) -> Arranged {
        match &self.making {
            Some(_) => self.arrange(),
            None => Arranged::Now,
        }
    }

    fn turns(&self) -> Vec<Option<Sort<R::Column>>> {
        let columns = R::COLUMNS.iter();
        let shown = columns.filter(|column| self.rows.can_sort_by(**column));
        let sorts = shown.flat_map(|column| {
            [false, true].map(|descending| {
                Some(Sort {
                    column: *column,
                    descending,
                })
            })
        });
        std::iter::once(None).chain(sorts).collect()
    }

    fn row_of_line(&self, line: usize) -> Option<usize> {
        match &self.order {
            None => (line < self.len()).then_some(line),
            Some(order) => order.get(line).map(|row| *row as usize),
        }
    }

    /// The line of a row, if it is shown.
    fn line_of_row(&self, row: usize) -> Option<usize> {
        match &self.order {
            None => (row < self.len()).then_some(row),
            Some(order) => order.iter().position(|number| *number as usize == row),
        }
    }

    /// Whether rows are shown as they arrived, all of them.
    fn is_natural(&self) -> bool {
        self.sort.is_none() && self.filter.is_empty()
    }

    /// As [`Self::arrange`], unless an order is being made: that one is used first, for while pages pour in an order of
    /// all rows so far would never be ready before the next page.
    fn arrange_grown(&mut self) -> Arranged {
        if self.making.is_some() {
            return Arranged::Now;
        }
        self.arrange()
    }

    /// Makes the order fit rows, filter and sort: here when the list is short, otherwise by the task layer.
    fn arrange(&mut self) -> Arranged {
        // The newest rows there are, whether an order of them is being made or not.
        let newer = self.newer.take().or(match self.making.take() {
            Some(Making::OfNewer(rows)) => Some(rows),
            _ => None,
        });
        let rows = newer.as_ref().unwrap_or(&self.rows);
        if !self.is_natural() && rows.len() > AT_ONCE {
            let (rows, needle, sort) = (rows.clone(), Needle::new(&self.filter), self.sort);
            self.making = Some(newer.map_or(Making::OfFirst(rows.len()), Making::OfNewer));
            // Until the order arrives the old one stands, so that nothing jumps twice.
            return Arranged::Later(Arrange(Box::new(move |stop| {
                rows.order(&needle, sort, stop)
            })));
        }
        let order = self.order_at_once(rows);
        match newer {
            Some(rows) => self.show(rows, order),
            None => self.set_order_of_shown(order),
        }
        Arranged::Now
    }

    /// The order of so few rows that nobody waits for it; none when there is neither a filter nor a sort order.
    fn order_at_once(&self, rows: &R::Rows) -> Option<Vec<u32>> {
        if self.is_natural() {
            return None;
        }
        rows.order(&Needle::new(&self.filter), self.sort, &|| false)
    }

    /// Shows other rows in their order, the cursor on the row with the same id.
    fn show(&mut self, rows: R::Rows, order: Option<Vec<u32>>) {
        let id = self.moved.then(|| self.current());
        let id = id.flatten().map(|row| row.id().to_owned());
        self.rows = rows;
        self.order = order;
        if let Some(awaited) = &mut self.awaited {
            awaited.looked = 0;
        }
        let row = id.and_then(|id| self.rows.find(&id, 0));
        self.put_cursor_on(row);
    }

    fn set_order_of_shown(&mut self, order: Option<Vec<u32>>) {
        let row = self.row_of_line(self.cursor);
        self.order = order;
        self.put_cursor_on(row);
    }
}

impl<R: Row> Table<R> {
    /// Changes one row, the first that is meant, where there is one.
    pub(crate) fn change_row(
        &mut self,
        is_meant: impl FnMut(&R) -> bool,
        change: impl FnOnce(&mut R),
    ) -> Arranged
    where
        R: Row<Rows = Chunks<R>>,
    {
        let number = self.rows.iter().position(is_meant);
        let Some(number) = number else {
            return Arranged::Now;
        };
        self.update_rows(|rows| {
            rows.get_mut(number).map(change);
        })
    }

    /// Changes every row, and puts all of them in order once.
    pub(crate) fn change_rows(&mut self, change: impl FnMut(&mut R)) -> Arranged
    where
        R: Row<Rows = Chunks<R>>,
    {
        self.update_rows(|rows| rows.iter_mut().for_each(change))
    }
}

#[cfg(test)]
mod tests;
