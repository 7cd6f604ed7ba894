//! CSV for spreadsheets: a header, then one line per item with the fields of JSON. Unknown values are empty cells.
//!
//! Cells are exact, except for a `'` before text that a spreadsheet would take for a formula. On a terminal, which
//! would interpret control characters, cells are escaped instead.

use std::borrow::Cow;
use std::io::{self, Write};

use serde_json::Value;

use super::Record;
use crate::domain::text;

pub(super) struct Csv<W: Write> {
    writer: csv::Writer<W>,
    on_screen: bool,
}

impl<W: Write> Csv<W> {
    pub(super) fn begin<R: Record>(on_screen: bool, output: W) -> io::Result<Self> {
        let mut writer = csv::Writer::from_writer(output);
        writer.write_record(R::FIELDS).map_err(as_io)?;
        Ok(Self { writer, on_screen })
    }

    pub(super) fn row<R: Record>(&mut self, record: &R) -> io::Result<()> {
        let fields = serde_json::to_value(record)?;
        for name in R::FIELDS {
            let cell = cell(fields.get(name));
            let cell = if self.on_screen {
                Cow::Owned(text::safe(&cell).into_owned())
            } else {
                cell
            };
            self.writer.write_field(cell.as_bytes()).map_err(as_io)?;
        }
        self.writer.write_record(None::<&[u8]>).map_err(as_io)
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

fn cell(value: Option<&Value>) -> Cow<'_, str> {
    match value {
        None | Some(Value::Null) => Cow::Borrowed(""),
        Some(Value::String(text)) => text::csv_cell(text),
        // Numbers and booleans need no protection.
        Some(value) => Cow::Owned(value.to_string()),
    }
}

fn as_io(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
