//! SQLite: a file that is opened read-only and queried on its own thread.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, percent_encode};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::super::{NoRegistry, RowCount, shown};
use super::rows::{self, Cell, Cells, Rows};
use super::{CONNECT, Ended, Question, STATEMENT, words};
use crate::domain::registry::read::Columns;
use crate::domain::registry::{Fault, Intake, Registry, texts_of_bytes};

/// The number of instructions between two checks for cancellation: some milliseconds of work.
const INSTRUCTIONS: i32 = 100_000;

/// Characters that would end the path of a URI, or be read as an escape.
const IN_PATH: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#');

pub(super) async fn read(question: &Question<'_>) -> Result<Registry, NoRegistry> {
    let (reading, secret) = (question.reading, question.secret);
    let file = DatabaseFile::parse(secret.url()).map_err(|why| words::of_url(question, &why))?;
    let stated = format!("the SQLite database {}", shown(&file.path));
    let intake = reading.live_intake(&stated);
    // The thread must learn when nobody waits any more.
    let left = Left::default();
    let asking = Asking {
        uri: file.uri(),
        query: question.query.to_owned(),
        columns: question.columns.clone(),
        count: reading.rows.clone(),
        is_left: Arc::clone(&left.0),
    };
    let asked = tokio::task::spawn_blocking(move || asking.take(intake)).await;
    let taken = asked.unwrap_or_else(|panicked| {
        let why = format!("the thread that reads it ended: {panicked}");
        Err(Ended::Fault(Fault::Io(why)))
    });
    match taken {
        Ok(intake) => reading.finish(intake, &stated),
        Err(Ended::Fault(fault)) => Err(reading.fault(&stated, fault)),
        Err(Ended::Database(broken)) => Err(words::of_database(question, &stated, &broken)),
    }
}

/// Signals that it was dropped.
#[derive(Default)]
struct Left(Arc<AtomicBool>);

impl Drop for Left {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A database file, with its open options beyond read-only.
#[derive(Debug, PartialEq, Eq)]
struct DatabaseFile {
    path: PathBuf,
    /// SQLite's own parameters in the URL, as `name=value`.
    parameters: Vec<(&'static str, String)>,
}

impl DatabaseFile {
    /// Parses `sqlite:PATH` or `sqlite://PATH`, with `mode`, `cache`, `immutable` and `vfs` after a `?`.
    fn parse(url: &str) -> Result<Self, String> {
        let path = url.strip_prefix("sqlite:").unwrap_or(url);
        let path = path.strip_prefix("//").unwrap_or(path);
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let path = percent_decode_str(path).decode_utf8();
        let path = path.map_err(|_| "its path is not UTF-8".to_owned())?;
        if path.is_empty() || path == ":memory:" {
            return Err("a database in memory holds nothing".to_owned());
        }
        let mut parameters = Vec::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let value = match (&*name, &*value) {
                // The database is always opened read-only.
                ("mode", "ro" | "rw" | "rwc") => continue,
                ("cache", "private" | "shared") => ("cache", value.into_owned()),
                ("immutable", "1" | "true") => ("immutable", "1".to_owned()),
                ("immutable", "0" | "false") => ("immutable", "0".to_owned()),
                ("vfs", _) => ("vfs", value.into_owned()),
                ("mode" | "cache" | "immutable", value) => {
                    return Err(format!("unknown value {value:?} for `{name}`"));
                }
                _ => return Err(format!("unknown parameter `{name}`")),
            };
            parameters.push(value);
        }
        Ok(Self {
            path: PathBuf::from(path.into_owned()),
            parameters,
        })
    }

    /// The URI for SQLite.
    fn uri(&self) -> String {
        let path = self.path.as_os_str().as_encoded_bytes();
        let mut uri = format!("file:{}?mode=ro", percent_encode(path, IN_PATH));
        for (name, value) in &self.parameters {
            let value =
                percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
            let _ = write!(uri, "&{name}={value}");
        }
        uri
    }
}

/// The input of the thread.
struct Asking {
    uri: String,
    query: String,
    columns: Columns,
    count: RowCount,
    is_left: Arc<AtomicBool>,
}

impl Asking {
    fn take(self, mut intake: Intake) -> Result<Intake, Ended> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(&self.uri, flags)?;
        connection.busy_timeout(CONNECT)?;
        connection.pragma_update(None, "query_only", "ON")?;
        let (is_left, until) = (self.is_left, Instant::now() + STATEMENT);
        connection.progress_handler(
            INSTRUCTIONS,
            Some(move || is_left.load(Ordering::Relaxed) || Instant::now() >= until),
        )?;
        let mut statement = connection.prepare(&self.query)?;
        let mut found = statement.query(())?;
        let mut rows = Rows::new(&self.columns, &mut intake, &self.count);
        while let Some(row) = found.next()? {
            rows.take(row)?;
        }
        Ok(intake)
    }
}

impl Cells for rusqlite::Row<'_> {
    fn names(&self) -> Vec<&str> {
        let statement: &rusqlite::Statement<'_> = self.as_ref();
        statement.column_names().collect()
    }

    fn cell(&self, at: usize) -> Result<Cell<'_>, Fault> {
        let Ok(value) = self.get_ref(at) else {
            return Ok(Cell::Absent);
        };
        Ok(match value {
            ValueRef::Null => Cell::Absent,
            ValueRef::Text(text) => {
                let text = std::str::from_utf8(text).map_err(|_| {
                    let names = self.names();
                    rows::not_utf8(names.get(at).copied().unwrap_or_default())
                })?;
                Cell::Text(text.into())
            }
            ValueRef::Integer(number) => Cell::Text(number.to_string().into()),
            ValueRef::Real(number) => Cell::Other(vec![number.to_string()]),
            ValueRef::Blob(bytes) => Cell::Other(texts_of_bytes(bytes)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_the_file_and_never_more_than_reading() {
        let uri = |url: &str| DatabaseFile::parse(url).map(|file| file.uri());
        for (url, expected) in [
            ("sqlite:///var/app.db", "file:/var/app.db?mode=ro"),
            ("sqlite://app.db", "file:app.db?mode=ro"),
            ("sqlite:app.db?mode=rwc", "file:app.db?mode=ro"),
            (
                "sqlite:///a%20b/50%25%3F.db",
                "file:/a b/50%25%3F.db?mode=ro",
            ),
            (
                "sqlite:///a.db?immutable=true&cache=private",
                "file:/a.db?mode=ro&immutable=1&cache=private",
            ),
            (
                "sqlite:///a.db?vfs=unix-dotfile",
                "file:/a.db?mode=ro&vfs=unix%2Ddotfile",
            ),
            (
                "sqlite:///a.db?vfs=x%26mode%3Drwc",
                "file:/a.db?mode=ro&vfs=x%26mode%3Drwc",
            ),
        ] {
            assert_eq!(uri(url).as_deref(), Ok(expected), "{url}");
        }
        for (url, why) in [
            ("sqlite::memory:", "in memory"),
            ("sqlite://", "in memory"),
            ("sqlite:///a.db?mode=memory", "\"memory\" for `mode`"),
            (
                "sqlite:///a.db?immutable=perhaps",
                "\"perhaps\" for `immutable`",
            ),
            ("sqlite:///a.db?journal=off", "parameter `journal`"),
        ] {
            let said = uri(url).unwrap_err();
            assert!(said.contains(why), "{url}: {said}");
        }
    }
}
