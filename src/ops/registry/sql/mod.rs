//! Reads a list from a database with one SELECT, row by row.
//!
//! `query` accepts only a single SELECT, `secret` finds the connection URL without displaying it, `sqlite` and
//! `postgres` open the database read-only, `rows` processes the rows, and `words` explains errors.

mod postgres;
mod query;
mod rows;
mod secret;
mod sqlite;
mod words;

use std::time::Duration;

use self::words::Broken;
use super::{NoRegistry, Reading};
use crate::domain::advice::advice;
use crate::domain::registry::read::Columns;
use crate::domain::registry::{Fault, Registry};

/// The time limit for connecting.
const CONNECT: Duration = Duration::from_secs(10);

/// The time limit for the query, including all its rows.
const STATEMENT: Duration = Duration::from_mins(15);

/// Reads the rows of a list's query.
pub(super) async fn read(reading: &Reading<'_>) -> Result<Registry, NoRegistry> {
    let list = reading.list;
    let query = query::single_select(list.query.as_deref().unwrap_or_default())
        .map_err(|why| reading.asked("a database", why, advice!("write it as one SELECT")))?;
    let secret =
        secret::find(list).map_err(|(why, advice)| reading.asked("a database", &why, advice))?;
    let question = Question {
        reading,
        query,
        secret: &secret,
        columns: Columns::of(list),
    };
    match secret.scheme() {
        "sqlite" => sqlite::read(&question).await,
        "postgres" | "postgresql" => postgres::read(&question).await,
        _ => Err(reading.asked(
            "a database",
            &format!(
                "the URL in {} begins with neither sqlite: nor postgres:",
                secret.place()
            ),
            advice!(
                "write it as sqlite:///folder/file.db or postgres://user:password@host/database"
            ),
        )),
    }
}

/// The query and its database.
struct Question<'q> {
    reading: &'q Reading<'q>,
    query: &'q str,
    secret: &'q secret::Secret,
    columns: Columns,
}

/// Why the rows ended early.
enum Ended {
    /// The list is invalid.
    Fault(Fault),
    /// The database or the connection failed.
    Database(Broken),
}

impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl<E: Into<Broken>> From<E> for Ended {
    fn from(error: E) -> Self {
        Self::Database(error.into())
    }
}
