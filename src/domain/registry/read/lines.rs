//! Reads one id per line; also splits text into lines for other formats.

use std::io::BufRead;

use super::{Columns, Fault, LONGEST_ROW, Row, Sink, Torn, io, not_utf8, too_long};
use crate::domain::registry::Subject;
use crate::domain::registry::intake::Intake;
use crate::domain::size::whole;

/// Reads one id per line.
pub(super) fn read(
    source: impl BufRead,
    columns: &Columns,
    sink: &mut Sink<'_>,
) -> Result<(), Fault> {
    if let Some(named) = columns.ids.first().or(columns.owner.as_ref()) {
        return Err(Fault::NoColumn(format!(
            "a list of lines has no columns, and {named:?} is asked for"
        )));
    }
    if let Some(column) = columns.conditions.keys().next() {
        return Err(Fault::NoColumn(format!(
            "a list of lines has no columns, and a condition asks for {column:?}"
        )));
    }
    let mut lines = Lines::of(source);
    let mut blank = Blank::default();
    while let Some(line) = lines.next()? {
        if line.text.is_empty() {
            blank.0 += 1;
            continue;
        }
        blank.rows(sink)?;
        let ids = [line.text];
        let row = Row {
            ids: &ids,
            owner: None,
            malformed: false,
        };
        if line
            .text
            .contains(['\r', '\0', '\u{85}', '\u{2028}', '\u{2029}'])
        {
            one_of_several(&row, line.text, sink)?;
        } else if line.text.len() > Intake::LONGEST {
            sink.row(&Row {
                malformed: true,
                ..row
            })?;
        } else {
            sink.row(&row)?;
            other_format(line.text, sink);
        }
        if !line.ended {
            sink.intake.unended(line.text);
        }
    }
    Ok(())
}

/// Adds a line that another program may have meant as several, or that has another encoding.
fn one_of_several(row: &Row<'_>, text: &str, sink: &mut Sink<'_>) -> Result<(), Fault> {
    let without = text.replace('\0', "");
    let mut fields = vec![text, without.as_str()];
    fields.extend(text.split(['\r', '\0', '\u{85}', '\u{2028}', '\u{2029}']));
    sink.torn(
        row,
        &Torn {
            fields: &fields,
            separator: None,
            names: true,
        },
    )
}

/// A list in CSV or JSON may be read as lines by mistake, so the text between separators is suspect.
fn other_format(text: &str, sink: &mut Sink<'_>) {
    const SEPARATORS: [char; 5] = [',', ';', '|', '\t', '{'];
    // Owners are searched in the contents of rows. In a row of keys, the text may be part of a path.
    if sink.intake.subject() == Subject::Owners || !text.contains(SEPARATORS) {
        return;
    }
    let parts = text.split([',', ';', '|', '\t', '{', '}', '"']);
    let parts: Vec<&str> = parts
        .map(str::trim)
        .filter(|part| part.contains('/'))
        .collect();
    sink.intake.suspect(&parts);
}

/// The number of consecutive blank lines. Blank lines at the end of a text are not rows.
#[derive(Default)]
pub(super) struct Blank(pub u64);

impl Blank {
    /// Counts the blank lines as malformed rows, because more text follows.
    pub(super) fn rows(&mut self, sink: &mut Sink<'_>) -> Result<(), Fault> {
        for _ in 0..std::mem::take(&mut self.0) {
            sink.row(&Row {
                ids: &[],
                owner: None,
                malformed: true,
            })?;
        }
        Ok(())
    }
}

/// An iterator over the lines of a text.
pub(super) struct Lines<R> {
    source: R,
    line: Vec<u8>,
    number: u64,
}

pub(super) struct Line<'l> {
    /// Without the line break.
    pub text: &'l str,
    /// From 1.
    pub number: u64,
    /// Whether it has a line break.
    pub ended: bool,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn of(source: R) -> Self {
        Self {
            source,
            line: Vec::new(),
            number: 0,
        }
    }

    /// The next line; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Line<'_>>, Fault> {
        self.line.clear();
        self.number += 1;
        let most = whole(LONGEST_ROW + 1);
        let read = std::io::Read::take(&mut self.source, most)
            .read_until(b'\n', &mut self.line)
            .map_err(|error| io(&error))?;
        if read > LONGEST_ROW {
            return Err(too_long(self.number));
        }
        if read == 0 {
            return Ok(None);
        }
        let (text, ended) = match self.line.strip_suffix(b"\n") {
            Some(line) => (line.strip_suffix(b"\r").unwrap_or(line), true),
            None => (self.line.as_slice(), false),
        };
        Ok(Some(Line {
            text: std::str::from_utf8(text).map_err(|_| not_utf8(self.number))?,
            number: self.number,
            ended,
        }))
    }
}
