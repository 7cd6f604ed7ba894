//! The output formats, one file each. Results go to standard output as they arrive; words go to standard error.
//!
//! A command makes its rows [`Record`]s, opens a [`Document`], hands over rows and ends it with its totals and with
//! [`Note`]s on what is missing. A document without notes is complete, one with notes is not: nobody sets that by hand.

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
    /// The fields as they are serialised, in the order of CSV's columns.
    const FIELDS: &'static [&'static str];
    /// The columns of a table.
    const COLUMNS: &'static [Column];

    /// The cells of a table's row, one a column, not yet made safe.
    fn cells(&self) -> Vec<String>;
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    /// Its heading.
    pub title: &'static str,
    /// How wide it is at least; rows are printed as they arrive, so that a longer cell pushes the rest of its row.
    pub width: usize,
    /// Whether it holds numbers, which line up on the right.
    pub numeric: bool,
}

impl Column {
    /// A column of words.
    #[must_use]
    pub(crate) const fn words(title: &'static str, width: usize) -> Self {
        Self {
            title,
            width,
            numeric: false,
        }
    }

    /// A column of numbers.
    #[must_use]
    pub(crate) const fn numbers(title: &'static str, width: usize) -> Self {
        Self {
            title,
            width,
            numeric: true,
        }
    }
}

/// Something that the document does not tell, and the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Note {
    /// What is missing.
    pub what: String,
    /// Why.
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

/// What a document ends with.
#[derive(Debug, Serialize)]
struct Summary<'t, T> {
    #[serde(flatten)]
    totals: &'t T,
    incomplete: &'t [Note],
}

/// A document that is being printed.
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

/// How a document is to look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OutputStyle {
    /// The format.
    pub format: Format,
    /// Whether the output is a screen, which then also CSV must not confuse.
    pub on_screen: bool,
    /// How wide a table's first column is at least, where the longest cell is known beforehand.
    pub first_column: usize,
}

impl<W: Write> Document<W> {
    /// Begins a document of rows of type `R`; `schema` is `s3warden/COMMAND/1`.
    ///
    /// # Errors
    /// The output's.
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
    /// The output's.
    pub(crate) fn item<R: Record>(&mut self, record: &R) -> io::Result<()> {
        match &mut self.writer {
            Writer::Table(table) => table.row(record),
            Writer::Json(json) => json.item(record),
            Writer::Ndjson(output) => ndjson::line(output, record),
            Writer::Csv(csv) => csv.row(record),
        }
    }

    /// Lets the reader have what was printed so far.
    ///
    /// # Errors
    /// The output's.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        match &mut self.writer {
            Writer::Table(table) => table.flush(),
            Writer::Json(json) => json.flush(),
            Writer::Ndjson(output) => output.flush(),
            Writer::Csv(csv) => csv.flush(),
        }
    }

    /// Prints what stands at the end: totals, and what is missing. Tables and CSV have no place for either: the caller says it.
    ///
    /// # Errors
    /// The output's.
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
