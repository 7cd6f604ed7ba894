//! Explains why a database could not be read, without its password.

use std::error::Error;
use std::io::{self, ErrorKind};

use super::super::NoRegistry;
use super::Question;
use crate::aws::ProblemKind;
use crate::domain::advice::{Advice, advice};

/// An error of any database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    /// The message of the database or the system.
    said: String,
    /// `SQLSTATE` of PostgreSQL, or SQLite's extended result code.
    code: Option<String>,
    way: Way,
}

/// The step that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Connection(ErrorKind),
    Tls,
    Database,
}

impl Broken {
    /// A timeout.
    pub(super) fn timed_out(why: &str) -> Self {
        Self {
            said: why.to_owned(),
            code: None,
            way: Way::Connection(ErrorKind::TimedOut),
        }
    }

    /// A TLS error.
    pub(super) fn tls(why: impl Into<String>) -> Self {
        Self {
            said: why.into(),
            code: None,
            way: Way::Tls,
        }
    }
}

impl From<rusqlite::Error> for Broken {
    fn from(error: rusqlite::Error) -> Self {
        let code = error.sqlite_error().map(|error| error.extended_code);
        let said = match &error {
            rusqlite::Error::SqliteFailure(_, Some(said)) => said.clone(),
            other => other.to_string(),
        };
        Self {
            said,
            code: code.map(|code| code.to_string()),
            way: Way::Database,
        }
    }
}

impl From<tokio_postgres::Error> for Broken {
    fn from(error: tokio_postgres::Error) -> Self {
        if let Some(said) = error.as_db_error() {
            return Self {
                said: said.message().to_owned(),
                code: Some(said.code().code().to_owned()),
                way: Way::Database,
            };
        }
        // Its own text names the step; the cause is the last in the chain.
        let mut reasons: Vec<String> = Vec::new();
        let mut connection = None;
        let mut is_tls = error.to_string().contains("TLS");
        let mut source = error.source();
        while let Some(reason) = source {
            if let Some(io) = reason.downcast_ref::<io::Error>() {
                connection.get_or_insert(io.kind());
                let inner = io.get_ref();
                is_tls |= inner.is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>);
            }
            reasons.push(reason.to_string());
            source = reason.source();
        }
        let way = match connection {
            _ if is_tls => Way::Tls,
            Some(kind) => Way::Connection(kind),
            None if error.is_closed() => Way::Connection(ErrorKind::ConnectionAborted),
            None => Way::Database,
        };
        Self {
            said: reasons.pop().unwrap_or_else(|| error.to_string()),
            code: None,
            way,
        }
    }
}

/// The error for an invalid connection URL.
pub(super) fn of_url(question: &Question<'_>, why: &str) -> NoRegistry {
    let secret = question.secret;
    question.reading.asked(
        "a database",
        &format!(
            "the URL in {} cannot be used: {}",
            secret.place(),
            secret.removed_from(why)
        ),
        advice!("write it as sqlite:///folder/file.db or postgres://user:password@host/database"),
    )
}

/// The error of the database or the connection.
pub(super) fn of_database(question: &Question<'_>, stated: &str, broken: &Broken) -> NoRegistry {
    let reading = question.reading;
    let said = question.secret.removed_from(&broken.said);
    if let Some((kind, advice)) = broken.code.as_deref().and_then(of_code) {
        let mut answer = if kind == ProblemKind::Configuration {
            reading.asked(stated, &said, advice)
        } else {
            reading.unreachable(stated, kind, &said, advice)
        };
        answer.problem.code.clone_from(&broken.code);
        return answer;
    }
    let (kind, advice) = match broken.way {
        Way::Connection(ErrorKind::TimedOut) => (
            ProblemKind::TimedOut,
            advice!("check that it can be reached from here, or make the query cheaper"),
        ),
        Way::Connection(_) => (
            ProblemKind::Network,
            advice!("check the host and port of its URL, and that it can be reached from here"),
        ),
        Way::Tls => (
            ProblemKind::Network,
            advice!(
                "check its certificate, or say in the URL what is wanted of it (sslmode, sslrootcert)"
            ),
        ),
        Way::Database => (
            ProblemKind::Other,
            advice!("check the query and the database"),
        ),
    };
    reading.unreachable(stated, kind, &said, advice)
}

/// The meaning of a code, and what to do: SQLSTATE of PostgreSQL, or SQLite's extended result code.
fn of_code(code: &str) -> Option<(ProblemKind, Advice)> {
    let query = || advice!("correct the query in the blueprint");
    // The last byte of an extended code is the primary code: 1,038 is SQLITE_CANTOPEN_CONVPATH, 14 SQLITE_CANTOPEN.
    let plain = match (code.len(), code.parse::<u32>()) {
        (1..=4, Ok(extended)) => (extended & 0xff).to_string(),
        _ => code.to_owned(),
    };
    let found = match plain.as_str() {
        "28P01" | "28000" => (
            ProblemKind::BadCredentials,
            advice!("check user and password of its URL"),
        ),
        "42501" => (
            ProblemKind::Denied,
            advice!(
                "ask for the right to SELECT from what the query names; where row-level security applies to it, for a role that sees all rows (BYPASSRLS)"
            ),
        ),
        "3D000" => (
            ProblemKind::NotFound,
            advice!("check the database's name in its URL"),
        ),
        // 8: SQLITE_READONLY; the file is opened read-only.
        "25006" | "8" => (
            ProblemKind::Configuration,
            advice!("the query changes something, and only what reads is let through"),
        ),
        // 9: SQLITE_INTERRUPT, which only s3warden causes.
        "57014" | "9" => (
            ProblemKind::TimedOut,
            advice!("the query took longer than a quarter of an hour: make it cheaper"),
        ),
        // 14: SQLITE_CANTOPEN.
        "14" => (
            ProblemKind::NotFound,
            advice!("check the path in its URL, and that whoever runs this may read the file"),
        ),
        // 26: SQLITE_NOTADB.
        "26" => (ProblemKind::Malformed, advice!("check the path in its URL")),
        // 5: SQLITE_BUSY.
        "5" | "55P03" => (
            ProblemKind::Unavailable,
            advice!("something else has it locked: try again"),
        ),
        "53300" => (
            ProblemKind::Unavailable,
            advice!("it has no connection to spare: try again"),
        ),
        // 1: SQLITE_ERROR, an error in the query; class 42 of SQLSTATE: syntax errors and unknown names.
        "1" => (ProblemKind::Configuration, query()),
        _ if code.len() == 5 && code.starts_with("42") => (ProblemKind::Configuration, query()),
        _ => return None,
    };
    Some(found)
}
