//! SQLite: a file, opened read-only.

use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use sqlx::sqlite::{Sqlite, SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Column, ConnectOptions, Connection, Decode, Row, TypeInfo, ValueRef};

use super::super::{NoRegistry, shown};
use super::rows::{self, Cell, Cells, Ended};
use super::{CONNECT, Question, STATEMENT, words};
use crate::domain::registry::{Fault, Intake, Registry, texts_of_bytes};

/// After how many instructions SQLite asks whether to go on: some milliseconds' worth.
const INSTRUCTIONS: i32 = 100_000;

pub async fn read(question: &Question<'_>) -> Result<Registry, NoRegistry> {
    let (reading, secret) = (question.reading, question.secret);
    let options = SqliteConnectOptions::from_str(secret.url())
        .map_err(|error| words::of_url(question, &error))?
        .read_only(true)
        .create_if_missing(false)
        .pragma("query_only", "ON")
        .busy_timeout(CONNECT)
        .disable_statement_logging();
    let stated = format!("the SQLite database {}", shown(options.get_filename()));
    let mut intake = reading.live_intake(&stated);
    let taken = take(question, &options, &mut intake).await;
    match taken {
        Ok(()) => reading.finish(intake, &stated),
        Err(Ended::Fault(fault)) => Err(reading.fault(&stated, fault)),
        Err(Ended::Database(error)) => Err(words::of_database(question, &stated, &error)),
    }
}

async fn take(
    question: &Question<'_>,
    options: &SqliteConnectOptions,
    intake: &mut Intake,
) -> Result<(), Ended> {
    let mut connection = SqliteConnection::connect_with(options)
        .await
        .map_err(Ended::Database)?;
    // The query runs on a thread of its own, which has to be told when nobody waits any more.
    let left = Left::default();
    let (wanted, until) = (Arc::clone(&left.0), Instant::now() + STATEMENT);
    connection
        .lock_handle()
        .await
        .map_err(Ended::Database)?
        .set_progress_handler(INSTRUCTIONS, move || {
            !wanted.load(Ordering::Relaxed) && Instant::now() < until
        });
    let query = AssertSqlSafe(question.query.to_owned());
    let rows = sqlx::query(query).persistent(false).fetch(&mut connection);
    rows::take(rows, &question.columns, intake, question.reading).await?;
    // Nothing was written that closing could lose.
    let _ = connection.close().await;
    Ok(())
}

/// Says that it is left, when it is.
#[derive(Default)]
struct Left(Arc<AtomicBool>);

impl Drop for Left {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Cells for SqliteRow {
    fn cell(&self, at: usize) -> Result<Cell<'_>, Fault> {
        let name = self.columns().get(at).map_or("", Column::name);
        let Ok(value) = self.try_get_raw(at) else {
            return Ok(Cell::Absent);
        };
        if value.is_null() {
            return Ok(Cell::Absent);
        }
        let is_text = value.type_info().name() == "TEXT";
        let is_integer = value.type_info().name() == "INTEGER";
        if is_text {
            let text = <String as Decode<Sqlite>>::decode(value);
            return text
                .map(|text| Cell::Text(text.into()))
                .map_err(|_| rows::not_utf8(name));
        }
        if is_integer {
            let number = <i64 as Decode<Sqlite>>::decode(value);
            return Ok(number.map_or(Cell::Other(Vec::new()), |number| {
                Cell::Text(number.to_string().into())
            }));
        }
        let is_real = value.type_info().name() == "REAL";
        if is_real {
            let number = <f64 as Decode<Sqlite>>::decode(value);
            let number = number.map(|number| vec![number.to_string()]);
            return Ok(Cell::Other(number.unwrap_or_default()));
        }
        let bytes = <Vec<u8> as Decode<Sqlite>>::decode(value);
        let bytes = bytes.map(|bytes| texts_of_bytes(&bytes));
        Ok(Cell::Other(bytes.unwrap_or_default()))
    }
}
