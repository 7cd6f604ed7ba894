//! What can be done to a list whatever its rows are, for the keys that mean the same on every list.

use super::{Arranged, Row, Table};

/// Something that is done to a list.
pub(crate) enum Change<'t> {
    /// Moves the cursor by lines.
    Move(isize),
    /// Moves the cursor by screenfuls.
    MovePages(isize),
    /// Moves the cursor to a line.
    MoveTo(usize),
    /// Moves the cursor to the first row that begins with a text.
    MoveToBeginning(&'t str),
    /// Sorts by the next column.
    SortNext,
    /// Sorts by the column before.
    SortPrevious,
    /// Shows only the rows that match.
    Filter(&'t str),
    /// Takes the order that the task layer made.
    Order(Vec<u32>),
    /// Asks again for an order that was asked for and then abandoned.
    Resume,
    /// Has so many lines on the screen.
    Fit(usize),
}

/// A table of rows of any kind.
pub(crate) trait List {
    /// Does it.
    fn change(&mut self, change: Change<'_>) -> Arranged;
}

impl<R: Row> List for Table<R> {
    fn change(&mut self, change: Change<'_>) -> Arranged {
        match change {
            Change::Move(lines) => self.move_by(lines),
            Change::MovePages(pages) => {
                let height = isize::try_from(self.height()).unwrap_or(1);
                self.move_by(pages * height);
            }
            Change::MoveTo(line) => self.move_to(line),
            Change::MoveToBeginning(text) => drop(self.move_to_beginning(text)),
            Change::SortNext => return self.sort_next(),
            Change::SortPrevious => return self.sort_previous(),
            Change::Filter(filter) => return self.set_filter(filter),
            Change::Order(order) => return self.set_order(order),
            Change::Resume => return self.resume(),
            Change::Fit(height) => self.set_height(height),
        }
        Arranged::Now
    }
}
