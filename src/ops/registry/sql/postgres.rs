//! PostgreSQL: one read-only transaction, which sees one state of the database.

use std::str::FromStr as _;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow, PgValueRef, Postgres};
use sqlx::{
    AssertSqlSafe, Column, ConnectOptions, Connection, Decode, Executor as _, Row, TypeInfo,
    ValueRef,
};

use super::super::NoRegistry;
use super::role;
use super::rows::{self, Cell, Cells, Ended};
use super::{CONNECT, Question, STATEMENT, words};
use crate::domain::registry::{Fault, Intake, Registry};

pub async fn read(question: &Question<'_>) -> Result<Registry, NoRegistry> {
    let (reading, secret) = (question.reading, question.secret);
    let options = PgConnectOptions::from_str(secret.url())
        .map_err(|error| words::of_url(question, &error))?
        .application_name("s3warden")
        .disable_statement_logging();
    let database = options.get_database().unwrap_or(options.get_username());
    let stated = match options.get_socket() {
        Some(socket) => format!("the PostgreSQL database {database} at {}", socket.display()),
        None => format!(
            "the PostgreSQL database {database} at {}:{}",
            options.get_host(),
            options.get_port()
        ),
    };
    let mut intake = reading.live_intake(&stated);
    match take(question, &options, &mut intake).await {
        Ok(()) => reading.finish(intake, &stated),
        Err(Ended::Fault(fault)) => Err(reading.fault(&stated, fault)),
        Err(Ended::Database(error)) => Err(words::of_database(question, &stated, &error)),
    }
}

async fn take(
    question: &Question<'_>,
    options: &PgConnectOptions,
    intake: &mut Intake,
) -> Result<(), Ended> {
    let mut connection = tokio::time::timeout(CONNECT, PgConnection::connect_with(options))
        .await
        .map_err(|_| timed_out("it did not answer in time"))?
        .map_err(Ended::Database)?;
    if let Some(warning) = rights(&mut connection, options.get_username()).await {
        intake.warn(warning);
    }
    // With row-level security off PostgreSQL refuses a query that a policy would cut, and does not leave rows out.
    let bounds = format!(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL row_security = off; SET LOCAL statement_timeout = {}; SET LOCAL lock_timeout = {}",
        STATEMENT.as_millis(),
        CONNECT.as_millis(),
    );
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(bounds)))
        .await
        .map_err(Ended::Database)?;
    let query = AssertSqlSafe(question.query.to_owned());
    let rows = sqlx::query(query).persistent(false).fetch(&mut connection);
    let taken = rows::take(rows, &question.columns, intake, question.reading);
    // The server's own bound counts while it works; this one counts when it is gone.
    tokio::time::timeout(STATEMENT + CONNECT, taken)
        .await
        .map_err(|_| timed_out("its rows stopped coming"))??;
    // Nothing was written that closing could lose.
    let _ = connection.close().await;
    Ok(())
}

/// What is to be said of the role. Asked before the transaction, which a refused question would end; the list is read all
/// the same.
async fn rights(connection: &mut PgConnection, role: &str) -> Option<String> {
    let asked = sqlx::query_as::<_, (String, String)>(role::QUESTION)
        .persistent(false)
        .fetch_all(&mut *connection);
    match tokio::time::timeout(CONNECT, asked).await {
        Ok(Ok(rows)) => {
            let rights = rows
                .into_iter()
                .map(|(what, name)| role::Right { what, name });
            role::warning(role, &rights.collect::<Vec<_>>())
        }
        Ok(Err(_)) | Err(_) => Some(role::unknown(role)),
    }
}

fn timed_out(why: &str) -> Ended {
    Ended::Database(sqlx::Error::Io(std::io::Error::new(
        std::io::ErrorKind::TimedOut,
        why,
    )))
}

impl Cells for PgRow {
    fn cell(&self, at: usize) -> Result<Cell<'_>, Fault> {
        let name = self.columns().get(at).map_or("", Column::name);
        let value = match self.try_get_raw(at) {
            Ok(value) if !value.is_null() => value,
            _ => return Ok(Cell::Absent),
        };
        let type_name = value.type_info().name().to_owned();
        let text = match type_name.to_ascii_uppercase().as_str() {
            "TEXT" | "VARCHAR" | "CHAR" | "BPCHAR" | "NAME" | "CITEXT" | "UNKNOWN" => value
                .as_str()
                .map(Into::into)
                .map_err(|_| rows::not_utf8(name))?,
            "INT2" => number::<i16>(value, name)?.into(),
            "INT4" => number::<i32>(value, name)?.into(),
            "INT8" => number::<i64>(value, name)?.into(),
            "UUID" => uuid(&value)
                .ok_or_else(|| Fault::Io(format!("the column {name:?} holds no UUID")))?
                .into(),
            _ => {
                return Err(Fault::NoColumn(format!(
                    "the column {name:?} is of the type {type_name}: make it text in the query ({name}::text)"
                )));
            }
        };
        Ok(Cell::Text(text))
    }
}

fn number<'r, N: Decode<'r, Postgres> + ToString>(
    value: PgValueRef<'r>,
    name: &str,
) -> Result<String, Fault> {
    N::decode(value)
        .map(|number| number.to_string())
        .map_err(|_| Fault::Io(format!("the column {name:?} holds no number")))
}

/// A UUID as PostgreSQL writes it: small letters, with hyphens.
fn uuid(value: &PgValueRef<'_>) -> Option<String> {
    let bytes: [u8; 16] = value.as_bytes().ok()?.try_into().ok()?;
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    let parts = [
        hex.get(..8)?,
        hex.get(8..12)?,
        hex.get(12..16)?,
        hex.get(16..20)?,
        hex.get(20..)?,
    ];
    Some(parts.join("-"))
}
