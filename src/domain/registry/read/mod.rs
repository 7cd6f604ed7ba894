//! Parses lists from text: one id per line, CSV, JSON, JSON Lines.
//!
//! Text is UTF-8. A leading byte order mark is removed, and lines end in LF or CRLF. Nothing else is trimmed, folded or
//! skipped: there are no comments, and an id may consist of spaces. Text that is not UTF-8 is unreadable; the fault
//! gives the line.
//!
//! - **Lines**: one id per line. An empty line is a malformed row, except at the end, where editors and `psql` leave
//!   them. A line with a carriage return or a NUL in it is malformed: it may be several.
//! - **CSV** (RFC 4180; commas, or the configured delimiter) starts with a header. A row with more or fewer fields than
//!   the header is malformed; an empty line is not a row.
//! - **JSON** is an array, **JSON Lines** one value per line: objects, or texts if no column is configured. A whole
//!   number is the id as written. Any other type of value makes its row malformed.
//!
//! The contents of a malformed row are passed on with it ([`Torn`]): everything it may name is suspect. Rows that do
//! not meet the conditions are left out; those that almost meet them are malformed.
//!
//! A text is *truncated* if a quotation mark is never closed, if JSON ends early, or if CSV ends within a row. A last
//! line without a line break is accepted, because many programs write it. But ids that start with its text are not
//! reported as missing ([`Registry::is_unended`](super::Registry::is_unended)).

mod csv;
mod json;
mod lines;

use std::io::{BufRead, ErrorKind};

use chrono::{DateTime, Utc};

use super::condition::{Counts, Where};
use super::intake::{Fault, Intake, Row, Torn};
use crate::domain::blueprint::registry::{ListFormat, ReferenceList};
use crate::domain::text;

/// The maximum size of a row in bytes. A row of a list of keys has a few keys of at most 1,024 bytes, so no real row is
/// longer.
const LONGEST_ROW: usize = 1 << 20;

/// The number of rows between two progress reports.
const ROWS_A_WORD: u64 = 4_096;

/// The columns or fields to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Columns {
    /// Columns with ids or keys. Empty for text without columns.
    pub ids: Vec<String>,
    /// The column with the owner of the row's keys.
    pub owner: Option<String>,
    /// Conditions on other columns.
    pub conditions: Where,
    /// The separator of CSV fields; a comma by default.
    pub delimiter: Option<u8>,
}

impl Columns {
    /// The columns of a blueprint's list.
    #[must_use]
    pub(crate) fn of(list: &ReferenceList) -> Self {
        let several = list.columns.clone().unwrap_or_default();
        Self {
            ids: several.into_iter().chain(list.column.clone()).collect(),
            owner: list.owner_column.clone(),
            conditions: list.conditions.clone().unwrap_or_default(),
            delimiter: list.delimiter.map(|delimiter| delimiter.0),
        }
    }

    /// Whether a row meets the conditions. `held` returns the value of a column, or `None` if it does not exist.
    fn counts<'f>(
        &self,
        now: DateTime<Utc>,
        held: impl Fn(&str) -> Option<std::borrow::Cow<'f, str>>,
    ) -> Counts {
        let each = self.conditions.iter().map(|(column, allowed)| {
            held(column).map_or(Counts::Unclear, |value| allowed.counts(&value, now))
        });
        // If one condition is clearly not met, the row does not count, even if another is unclear.
        let all: Vec<Counts> = each.collect();
        if all.contains(&Counts::No) {
            Counts::No
        } else {
            all.into_iter().max().unwrap_or(Counts::Yes)
        }
    }
}

/// Called from time to time with the number of rows; returns whether to continue.
pub(crate) type Progress<'p> = &'p mut dyn FnMut(u64) -> bool;

/// Reads a list from a text.
///
/// # Errors
/// A [`Fault`]; discard everything read until then.
pub(crate) fn text(
    mut source: impl BufRead,
    format: ListFormat,
    columns: &Columns,
    intake: &mut Intake,
    progress: Progress<'_>,
) -> Result<(), Fault> {
    skip_mark(&mut source)?;
    let mut sink = Sink { intake, progress };
    match format {
        ListFormat::Lines => lines::read(source, columns, &mut sink),
        ListFormat::Csv => csv::read(source, columns, &mut sink),
        ListFormat::Json => json::array(source, columns, &mut sink),
        ListFormat::Ndjson => json::lines(source, columns, &mut sink),
    }
}

/// Where rows are added.
struct Sink<'s> {
    intake: &'s mut Intake,
    progress: Progress<'s>,
}

impl Sink<'_> {
    fn row(&mut self, row: &Row<'_>) -> Result<(), Fault> {
        self.intake.row(row)?;
        self.go_on()
    }

    fn torn(&mut self, row: &Row<'_>, torn: &Torn<'_>) -> Result<(), Fault> {
        self.intake.torn(row, torn)?;
        self.go_on()
    }

    fn leave_out(&mut self) -> Result<(), Fault> {
        self.intake.leave_out();
        self.go_on()
    }

    fn go_on(&mut self) -> Result<(), Fault> {
        let rows = self.intake.rows_and_left_out();
        if rows.is_multiple_of(ROWS_A_WORD) && !(self.progress)(rows) {
            return Err(Fault::Stopped);
        }
        Ok(())
    }
}

/// Removes a UTF-8 byte order mark, and rejects texts with the mark of another encoding.
fn skip_mark(source: &mut impl BufRead) -> Result<(), Fault> {
    let start = source.fill_buf().map_err(|error| io(&error))?;
    let what = match start {
        [0xef, 0xbb, 0xbf, ..] => {
            source.consume(3);
            return Ok(());
        }
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => "it is UTF-32, and has to be UTF-8",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "it is UTF-16, and has to be UTF-8",
        [0x1f, 0x8b, ..] => "it is compressed by gzip: decompress it first",
        _ => return Ok(()),
    };
    Err(Fault::Unreadable {
        line: 1,
        what: what.to_owned(),
    })
}

fn not_utf8(line: u64) -> Fault {
    Fault::Unreadable {
        line,
        what: "it is not UTF-8".to_owned(),
    }
}

fn too_long(line: u64) -> Fault {
    Fault::Unreadable {
        line,
        what: "a row of more than a mebibyte begins here: this is no list, or a quotation mark is left open"
            .to_owned(),
    }
}

fn io(error: &std::io::Error) -> Fault {
    match error.kind() {
        ErrorKind::Interrupted => Fault::Stopped,
        _ => Fault::Io(error.to_string()),
    }
}

/// The existing names, for an error about a missing or wrong name.
fn found<'n>(names: impl Iterator<Item = &'n str>) -> String {
    const MOST: usize = 12;
    let mut names: Vec<String> = names.map(|name| text::clip(name, 40)).collect();
    if names.len() > MOST {
        names.truncate(MOST);
        names.push("…".to_owned());
    }
    names.join(", ")
}

#[cfg(test)]
mod tests;
