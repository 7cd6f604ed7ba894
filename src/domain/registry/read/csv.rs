//! Reads CSV with a header.
//!
//! The `csv` crate accepts any input: at the end of the file it closes an open quotation mark, so half a list looks
//! complete. This module therefore watches the bytes that go into it.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use ::csv::{ByteRecord, ReaderBuilder, StringRecord};

use std::borrow::Cow;

use super::{Columns, Counts, Fault, LONGEST_ROW, Row, Sink, Torn, found, not_utf8, too_long};

pub(super) fn read(
    source: impl BufRead,
    columns: &Columns,
    sink: &mut Sink<'_>,
) -> Result<(), Fault> {
    let seen = Rc::new(Seen::default());
    let watched = Watched {
        source,
        seen: Rc::clone(&seen),
    };
    let delimiter = columns.delimiter.unwrap_or(b',');
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(watched);
    let mut record = ByteRecord::new();
    let mut header: Option<Header> = None;
    let mut last = Last::default();
    loop {
        seen.of_row.set(0);
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return Err(fault(&error, reader.position().line())),
        }
        let line = record.position().map_or(0, ::csv::Position::line);
        let record = StringRecord::from_byte_record(record.clone()).map_err(|_| not_utf8(line))?;
        let Some(header) = &header else {
            header = Some(Header::read(&record, columns)?);
            continue;
        };
        last.short = record.len() < header.width;
        last.id.clear();
        let ids = header.ids.iter().filter_map(|&at| record.get(at));
        let ids: Vec<&str> = ids.filter(|id| !id.is_empty()).collect();
        last.id.push_str(ids.last().copied().unwrap_or_default());
        let row = Row {
            ids: &ids,
            owner: header.owner.and_then(|at| record.get(at)),
            malformed: false,
        };
        let is_whole = record.len() == header.width;
        let counts = columns.counts(sink.intake.read_at(), |column| {
            let at = header.conditions.iter().find(|(name, _)| name == column);
            let (_, at) = at.filter(|_| is_whole)?;
            record.get(*at).map(Cow::Borrowed)
        });
        if counts == Counts::No {
            sink.leave_out()?;
        } else if is_whole && counts == Counts::Yes && !ids.is_empty() {
            sink.row(&row)?;
            for field in record.iter().filter(|field| field.contains('\n')) {
                swallowed(field, header, delimiter, sink);
            }
        } else {
            let fields: Vec<&str> = record.iter().collect();
            // A row with too many fields contains its id; one with too few may have lost it.
            let is_silent = is_whole && sink.intake.may_be_silent();
            let names = is_silent || !ids.is_empty() && record.len() >= header.width;
            let torn = Torn {
                fields: &fields,
                separator: Some(char::from(delimiter)),
                names,
            };
            sink.torn(&row, &torn)?;
        }
    }
    if header.is_none() {
        return Err(Fault::CutShort("it has no header".to_owned()));
    }
    if seen.open_quote.get() {
        return Err(Fault::CutShort(
            "a quotation mark is opened and never closed".to_owned(),
        ));
    }
    if !seen.ended.get() {
        if last.short {
            return Err(Fault::CutShort(
                "its last line has no end and fewer fields than the header".to_owned(),
            ));
        }
        sink.intake.unended(&last.id);
    }
    Ok(())
}

/// If a quotation mark is missing or extra, a field of several lines may contain whole rows. The ids in them are
/// suspect.
fn swallowed(field: &str, header: &Header, delimiter: u8, sink: &mut Sink<'_>) {
    for line in field.lines().skip(1) {
        let fields: Vec<&str> = line.split(char::from(delimiter)).collect();
        let ids = header.ids.iter().filter_map(|&at| fields.get(at).copied());
        sink.intake.suspect(&ids.collect::<Vec<_>>());
    }
}

/// The positions of the columns.
struct Header {
    ids: Vec<usize>,
    owner: Option<usize>,
    /// The columns with conditions.
    conditions: Vec<(String, usize)>,
    width: usize,
}

/// The state of the last row.
#[derive(Default)]
struct Last {
    id: String,
    short: bool,
}

impl Header {
    fn read(header: &StringRecord, columns: &Columns) -> Result<Self, Fault> {
        let there = || found(header.iter());
        if columns.ids.is_empty() {
            return Err(Fault::NoColumn(format!(
                "a CSV needs the name of the column that holds them; it has {}",
                there()
            )));
        }
        let place = |name: &String| {
            let mut places = header
                .iter()
                .enumerate()
                .filter(|(_, column)| column == name);
            match (places.next(), places.next()) {
                (Some((at, _)), None) => Ok(at),
                (None, _) => Err(Fault::NoColumn(format!(
                    "it has no column {name:?}; it has {}",
                    there()
                ))),
                (Some(_), Some(_)) => Err(Fault::NoColumn(format!(
                    "it has two columns {name:?}: which one is meant cannot be known"
                ))),
            }
        };
        Ok(Self {
            ids: columns.ids.iter().map(place).collect::<Result<_, _>>()?,
            owner: columns.owner.as_ref().map(place).transpose()?,
            conditions: columns
                .conditions
                .keys()
                .map(|name| Ok((name.clone(), place(name)?)))
                .collect::<Result<_, Fault>>()?,
            width: header.len(),
        })
    }
}

/// The state of the bytes so far.
#[derive(Default)]
struct Seen {
    /// Whether the number of quotation marks is odd. In a complete CSV each is closed or doubled.
    open_quote: Cell<bool>,
    /// Whether the last byte ended a line.
    ended: Cell<bool>,
    /// The number of bytes read for the current row, including any buffered after it.
    of_row: Cell<usize>,
}

struct Watched<R> {
    source: R,
    seen: Rc<Seen>,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.seen.of_row.get() > LONGEST_ROW {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        let read = self.source.read(into)?;
        let bytes = into.get(..read).unwrap_or_default();
        let quotes = memchr::memchr_iter(b'"', bytes).count();
        let seen = &self.seen;
        seen.open_quote
            .set(seen.open_quote.get() ^ !quotes.is_multiple_of(2));
        seen.of_row.set(seen.of_row.get() + read);
        if let Some(last) = bytes.last() {
            seen.ended.set(*last == b'\n');
        }
        Ok(read)
    }
}

fn fault(error: &::csv::Error, line: u64) -> Fault {
    match error.kind() {
        ::csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            too_long(line)
        }
        ::csv::ErrorKind::Io(error) => super::io(error),
        _ => Fault::Unreadable {
            line,
            what: error.to_string(),
        },
    }
}
