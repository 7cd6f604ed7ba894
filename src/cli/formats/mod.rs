//! The output formats, one file each. Results are printed to standard output as they arrive; messages go to standard
//! error.
//!
//! A command implements [`Record`] for its rows, opens a [`Document`], passes rows, and ends it with totals and
//! [`Note`]s about what is missing. A document is complete exactly if it has no notes; commands do not set this by
//! hand.

mod csv;
mod json;
mod ndjson;
mod table;

use std::io::{self, Write};

use serde::Serialize;

use super::args::Format;
use crate::ops::Gap;

/// An item of a document.
pub(crate) trait Record: Serialize {
    /// The names of the serialized fields, in the order of CSV columns.
    const FIELDS: &'static [&'static str];
    const COLUMNS: &'static [Column];

    /// The cells of a table row, one per column, not escaped.
    fn cells(&self) -> Vec<String>;
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub title: &'static str,
    /// The minimum width. Rows are printed as they arrive, so a longer cell shifts the rest of its row.
    pub width: usize,
    /// Whether it contains numbers, which are right-aligned.
    pub numeric: bool,
}

impl Column {
    /// A text column.
    #[must_use]
    pub(crate) const fn words(title: &'static str, width: usize) -> Self {
        Self {
            title,
            width,
            numeric: false,
        }
    }

    /// A number column.
    #[must_use]
    pub(crate) const fn numbers(title: &'static str, width: usize) -> Self {
        Self {
            title,
            width,
            numeric: true,
        }
    }
}

/// Something missing from the document, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Note {
    /// What is missing.
    pub what: String,
    /// The reason.
    pub why: String,
}

impl From<&Gap> for Note {
    fn from(gap: &Gap) -> Self {
        Self {
            what: gap.what.clone(),
            why: gap.why.clone(),
        }
    }
}

/// The end of a document.
#[derive(Debug, Serialize)]
struct Summary<'t, T> {
    #[serde(flatten)]
    totals: &'t T,
    incomplete: &'t [Note],
}

/// A document in progress.
pub(crate) struct Document<W: Write> {
    schema: &'static str,
    writer: Writer<W>,
}

enum Writer<W: Write> {
    Table(table::Table<W>),
    Json(json::Json<W>),
    Ndjson(W),
    Csv(Box<csv::Csv<W>>),
}

/// How to print a document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OutputStyle {
    pub format: Format,
    /// Whether the output is a terminal, which CSV must not confuse either.
    pub on_screen: bool,
    /// The minimum width of a table's first column, if the longest cell is known.
    pub first_column: usize,
}

impl<W: Write> Document<W> {
    /// Starts a document with rows of type `R`; `schema` is `s3warden/COMMAND/1`.
    ///
    /// # Errors
    /// I/O errors of the output.
    pub(crate) fn begin<R: Record>(
        look: OutputStyle,
        schema: &'static str,
        output: W,
    ) -> io::Result<Self> {
        let writer = match look.format {
            Format::Table => Writer::Table(table::Table::begin::<R>(look.first_column, output)),
            Format::Json => Writer::Json(json::Json::begin(schema, output)?),
            Format::Ndjson => Writer::Ndjson(output),
            Format::Csv => Writer::Csv(Box::new(csv::Csv::begin::<R>(look.on_screen, output)?)),
        };
        Ok(Self { schema, writer })
    }

    /// Prints a row.
    ///
    /// # Errors
    /// I/O errors of the output.
    pub(crate) fn item<R: Record>(&mut self, record: &R) -> io::Result<()> {
        match &mut self.writer {
            Writer::Table(table) => table.row(record),
            Writer::Json(json) => json.item(record),
            Writer::Ndjson(output) => ndjson::line(output, record),
            Writer::Csv(csv) => csv.row(record),
        }
    }

    /// Flushes the output.
    ///
    /// # Errors
    /// I/O errors of the output.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        match &mut self.writer {
            Writer::Table(table) => table.flush(),
            Writer::Json(json) => json.flush(),
            Writer::Ndjson(output) => output.flush(),
            Writer::Csv(csv) => csv.flush(),
        }
    }

    /// Prints the totals and what is missing. Tables and CSV have no place for them, so the caller prints them as
    /// messages.
    ///
    /// # Errors
    /// I/O errors of the output.
    pub(crate) fn end<T: Serialize>(mut self, totals: &T, incomplete: &[Note]) -> io::Result<()> {
        let complete = incomplete.is_empty();
        let summary = Summary { totals, incomplete };
        match &mut self.writer {
            Writer::Table(_) | Writer::Csv(_) => {}
            Writer::Json(json) => json.end(complete, &summary)?,
            Writer::Ndjson(output) => ndjson::end(output, self.schema, complete, &summary)?,
        }
        self.flush()
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
