//! Lists as text: one id a line, CSV, JSON, JSON Lines.
//!
//! Text is UTF-8. A byte order mark before it is removed, lines end in LF or CRLF, and nothing else is trimmed, folded or
//! left out: there are no comments, and an id of blanks is an id. What is not UTF-8 is unreadable; the fault names its
//! line.
//!
//! - **Lines**: an id each. An empty line is a malformed row, but for those at the end, which editors and `psql` leave. A
//!   line with a carriage return or a NUL in it is malformed: it may be several.
//! - **CSV** (RFC 4180; commas, or the delimiter that is stated) begins with a header. A row with more or fewer fields than
//!   the header is malformed; a line without anything on it is no row.
//! - **JSON** is an array, **JSON Lines** a value a line: objects, or texts where no column is named. A whole number is the
//!   id that it is written as; a field that holds anything else makes its row malformed.
//!
//! What a malformed row holds is handed on with it ([`Torn`]): whatever it could name is suspect. Rows that do not meet the
//! stated conditions are left out; those that nearly do are malformed.
//!
//! A text is *cut short* when a quotation mark is never closed, when JSON ends before it is done, or when a CSV ends within
//! a row. A last line without an end is taken: many programs leave it out. But ids that begin with what it says are not
//! called missing ([`Registry::is_unended`](super::Registry::is_unended)).

mod csv;
mod json;
mod lines;

use std::io::{BufRead, ErrorKind};

use chrono::{DateTime, Utc};

use super::condition::{Counts, Where};
use super::intake::{Fault, Intake, Row, Torn};
use crate::domain::blueprint::registry::{ListFormat, ReferenceList};
use crate::domain::text;

/// The most bytes of one row: a list of keys, whose rows hold a few of at most 1,024 bytes, has no such row.
const LONGEST_ROW: usize = 1 << 20;

/// After how many rows the one who waits is told.
const ROWS_A_WORD: u64 = 4_096;

/// Which columns or fields of a row say what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Columns {
    /// Those that hold ids or keys. None for text without columns.
    pub ids: Vec<String>,
    /// The one that holds the owner of the row's keys.
    pub owner: Option<String>,
    /// What others have to hold for the row to count.
    pub conditions: Where,
    /// What stands between the fields of a CSV; a comma where nothing is said.
    pub delimiter: Option<u8>,
}

impl Columns {
    /// What a blueprint says of the columns of its list.
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

    /// Whether a row counts. `held` gives what it holds in a column: `None` where that is not there.
    fn counts<'f>(
        &self,
        now: DateTime<Utc>,
        held: impl Fn(&str) -> Option<std::borrow::Cow<'f, str>>,
    ) -> Counts {
        let each = self.conditions.iter().map(|(column, allowed)| {
            held(column).map_or(Counts::Unclear, |value| allowed.counts(&value, now))
        });
        // One that is plainly not met settles it, even beside an unclear one.
        let all: Vec<Counts> = each.collect();
        if all.contains(&Counts::No) {
            Counts::No
        } else {
            all.into_iter().max().unwrap_or(Counts::Yes)
        }
    }
}

/// Told how many rows were read, now and then; says whether to go on.
pub(crate) type Progress<'p> = &'p mut dyn FnMut(u64) -> bool;

/// Reads a list from a text.
///
/// # Errors
/// A [`Fault`]; what was taken in until then is not to be used.
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

/// Where rows go.
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

/// Removes the byte order mark of UTF-8, and tells texts that begin like something else.
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

/// The names that there are, for the one who named none or another.
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
