//! PostgreSQL: one read-only transaction, which sees a single state of the database.
//!
//! `settings` reads the URL and the environment, `tls` the certificates, and `role` warns about a role that may do more
//! than read.

mod role;
mod settings;
mod tls;

use std::time::Duration;

use futures::TryStreamExt as _;
use tokio::task::JoinHandle;
use tokio_postgres::types::{FromSql, Type};
use tokio_postgres::{Client, NoTls, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use self::settings::Settings;
use self::tls::TlsMode;
use super::super::NoRegistry;
use super::rows::{self, Cell, Cells, Rows};
use super::words::Broken;
use super::{CONNECT, Ended, Question, STATEMENT, words};
use crate::domain::registry::{Fault, Intake, Registry};

/// How long to wait for the connection to close, so that the server is informed.
const GOODBYE: Duration = Duration::from_secs(1);

pub(super) async fn read(question: &Question<'_>) -> Result<Registry, NoRegistry> {
    let (reading, secret) = (question.reading, question.secret);
    let settings = Settings::read(secret.url(), &settings::of_system);
    let settings = settings.map_err(|why| words::of_url(question, &why))?;
    let stated = settings.stated();
    let mut intake = reading.live_intake(&stated);
    match take(question, &settings, &mut intake).await {
        Ok(()) => reading.finish(intake, &stated),
        Err(Ended::Fault(fault)) => Err(reading.fault(&stated, fault)),
        Err(Ended::Database(broken)) => Err(words::of_database(question, &stated, &broken)),
    }
}

async fn take(
    question: &Question<'_>,
    settings: &Settings,
    intake: &mut Intake,
) -> Result<(), Ended> {
    let connected = tokio::time::timeout(CONNECT, connect(settings)).await;
    let (client, mut talk) =
        connected.map_err(|_| Broken::timed_out("it did not answer in time"))??;
    if let Some(warning) = rights(&client, &settings.user).await {
        intake.warn(warning);
    }
    // With row security off, PostgreSQL rejects a query that a policy would filter, instead of omitting rows.
    let bounds = format!(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL row_security = off; SET LOCAL statement_timeout = {}; SET LOCAL lock_timeout = {}",
        STATEMENT.as_millis(),
        CONNECT.as_millis(),
    );
    client.batch_execute(&bounds).await?;
    let mut rows = Rows::new(&question.columns, intake, question.reading.rows);
    let taken = async {
        let statement = client.prepare(question.query).await?;
        let none: [&str; 0] = [];
        let mut found = std::pin::pin!(client.query_raw(&statement, none).await?);
        while let Some(row) = found.try_next().await? {
            rows.take(&row)?;
        }
        Ok::<(), Ended>(())
    };
    // The server has its own limit; this one applies if the server is gone.
    let taken = tokio::time::timeout(STATEMENT + CONNECT, taken).await;
    taken.unwrap_or_else(|_| Err(Broken::timed_out("its rows stopped coming").into()))?;
    // Nothing was written, so closing loses nothing.
    drop(client);
    let _ = tokio::time::timeout(GOODBYE, &mut talk.0).await;
    Ok(())
}

/// The task of the connection. It ends when the client is dropped.
struct Talk(JoinHandle<()>);

impl Drop for Talk {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn connect(settings: &Settings) -> Result<(Client, Talk), Broken> {
    /// An error of the connection also ends the pending query, which reports it.
    fn talk<E>(connection: impl Future<Output = Result<(), E>> + Send + 'static) -> Talk {
        Talk(tokio::spawn(async move {
            let _ = connection.await;
        }))
    }
    let config = settings.config();
    if settings.tls.mode == TlsMode::Disable {
        let (client, connection) = config.connect(NoTls).await?;
        return Ok((client, talk(connection)));
    }
    let tls = settings.tls.config().map_err(Broken::tls)?;
    let (client, connection) = config.connect(MakeRustlsConnect::new(tls)).await?;
    Ok((client, talk(connection)))
}

/// A remark about the role. Requested before the transaction, which a failing query would end. The list is read anyway.
async fn rights(client: &Client, role: &str) -> Option<String> {
    let asked = client.query_typed(role::QUESTION, &[]);
    match tokio::time::timeout(CONNECT, asked).await {
        Ok(Ok(rows)) => {
            let right = |row: Row| {
                Some(role::Right {
                    what: row.try_get(0).ok()?,
                    name: row.try_get(1).ok()?,
                })
            };
            role::warning(
                role,
                &rows.into_iter().filter_map(right).collect::<Vec<_>>(),
            )
        }
        Ok(Err(_)) | Err(_) => Some(role::unknown(role)),
    }
}

impl Cells for Row {
    fn names(&self) -> Vec<&str> {
        self.columns()
            .iter()
            .map(tokio_postgres::Column::name)
            .collect()
    }

    fn cell(&self, at: usize) -> Result<Cell<'_>, Fault> {
        let Some(column) = self.columns().get(at) else {
            return Ok(Cell::Absent);
        };
        let (name, kind) = (column.name(), column.type_());
        let is_text = [
            Type::TEXT,
            Type::VARCHAR,
            Type::BPCHAR,
            Type::NAME,
            Type::UNKNOWN,
        ]
        .contains(kind)
            || kind.name() == "citext";
        if is_text {
            let text: Option<&str> = self.try_get(at).map_err(|_| rows::not_utf8(name))?;
            return Ok(text.map_or(Cell::Absent, |text| Cell::Text(text.into())));
        }
        let text = match *kind {
            Type::INT2 => number::<i16>(self, at, name)?,
            Type::INT4 => number::<i32>(self, at, name)?,
            Type::INT8 => number::<i64>(self, at, name)?,
            Type::UUID => {
                let uuid: Option<Uuid> = self
                    .try_get(at)
                    .map_err(|_| Fault::Io(format!("the column {name:?} holds no UUID")))?;
                uuid.map(|uuid| uuid.0)
            }
            // NULL is not an id, for any type.
            _ if self
                .try_get::<_, Option<Anything>>(at)
                .is_ok_and(|one| one.is_none()) =>
            {
                None
            }
            _ => {
                return Err(Fault::NoColumn(format!(
                    "the column {name:?} is of the type {}: make it text in the query ({name}::text)",
                    kind.name()
                )));
            }
        };
        Ok(text.map_or(Cell::Absent, |text| Cell::Text(text.into())))
    }
}

fn number<'r, N: FromSql<'r> + ToString>(
    row: &'r Row,
    at: usize,
    name: &str,
) -> Result<Option<String>, Fault> {
    let number: Result<Option<N>, _> = row.try_get(at);
    number
        .map(|number| number.map(|number| number.to_string()))
        .map_err(|_| Fault::Io(format!("the column {name:?} holds no number")))
}

type Refusal = Box<dyn std::error::Error + Sync + Send>;

/// A UUID as PostgreSQL formats it: lower case, with hyphens.
struct Uuid(String);

impl FromSql<'_> for Uuid {
    fn from_sql(_: &Type, raw: &[u8]) -> Result<Self, Refusal> {
        let hex = format!("{:032x}", u128::from_be_bytes(raw.try_into()?));
        let parts =
            [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| hex.get(part).unwrap_or_default());
        Ok(Self(parts.join("-")))
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::UUID
    }
}

/// A value of which only its presence matters.
struct Anything;

impl FromSql<'_> for Anything {
    fn from_sql(_: &Type, _: &[u8]) -> Result<Self, Refusal> {
        Ok(Self)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
