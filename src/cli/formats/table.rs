//! A table for people: aligned columns, with the longest text last and never truncated, and all names escaped.

use std::io::{self, Write};

use super::{Column, Record};
use crate::domain::text;

pub(super) struct Table<W> {
    output: W,
    columns: Vec<Column>,
    is_first: bool,
}

impl<W: Write> Table<W> {
    pub(super) fn begin<R: Record>(first_column: usize, output: W) -> Self {
        let mut columns = R::COLUMNS.to_vec();
        if let Some(first) = columns.first_mut() {
            first.width = first.width.max(first_column);
        }
        Self {
            output,
            columns,
            is_first: true,
        }
    }

    /// The header is printed with the first row: an empty table prints nothing.
    pub(super) fn row<R: Record>(&mut self, record: &R) -> io::Result<()> {
        if self.is_first {
            self.is_first = false;
            let titles: Vec<String> = self.columns.iter().map(|c| c.title.to_owned()).collect();
            self.line(&titles)?;
        }
        self.line(&record.cells())
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }

    fn line(&mut self, cells: &[String]) -> io::Result<()> {
        let last = self.columns.len().saturating_sub(1);
        for (at, (column, cell)) in self.columns.iter().zip(cells).enumerate() {
            let shown = text::safe(cell);
            let padding = column.width.saturating_sub(text::width(&shown));
            if at > 0 {
                write!(self.output, "  ")?;
            }
            match (column.numeric, at == last) {
                (true, _) => write!(self.output, "{:padding$}{shown}", "")?,
                (false, true) => write!(self.output, "{shown}")?,
                (false, false) => write!(self.output, "{shown}{:padding$}", "")?,
            }
        }
        writeln!(self.output)
    }
}
