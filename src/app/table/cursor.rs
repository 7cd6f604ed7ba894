//! Where the cursor is, and which lines are on the screen.

use std::ops::Range;

use super::{Row, Source, Table};

impl<R: Row> Table<R> {
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

    /// Moves the cursor to the first line whose row's id begins with a text; says whether there is one.
    pub fn move_to_beginning(&mut self, text: &str) -> bool {
        let numbers = self.rows.beginning(text);
        let line = match &self.order {
            None => numbers.first().map(|range| range.start),
            Some(order) => order
                .iter()
                .position(|number| holds(&numbers, *number as usize)),
        };
        if let Some(line) = line {
            self.move_to(line);
        }
        line.is_some()
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

    /// Keeps the cursor on the row it was on, or near where it was when that row is no longer shown; and the row on the
    /// line of the screen where it was.
    pub(super) fn put_cursor_on(&mut self, row: Option<usize>) {
        let below_top = self.cursor.saturating_sub(self.top);
        if !self.moved && self.awaited.is_none() {
            self.cursor = 0;
        } else if let Some(line) = row.and_then(|row| self.line_of_row(row)) {
            self.cursor = line;
            self.top = line.saturating_sub(below_top);
        }
        self.find_awaited();
        self.keep_in_view();
    }

    fn find_awaited(&mut self) {
        let Some(awaited) = &mut self.awaited else {
            return;
        };
        let found = self.rows.find(&awaited.id, awaited.looked);
        // A row that is here but not in the order yet is found again when the order is made.
        awaited.looked = found.unwrap_or(self.rows.len());
        if let Some(line) = found.and_then(|row| self.line_of_row(row)) {
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

/// Whether one of these ranges, which are in order and apart, holds a number.
fn holds(ranges: &[Range<usize>], number: usize) -> bool {
    let at = ranges.partition_point(|range| range.end <= number);
    ranges.get(at).is_some_and(|range| range.contains(&number))
}
