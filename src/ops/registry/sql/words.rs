//! Why a database could not be read, in words and without its password.

use std::io::ErrorKind;

use sqlx::Error;

use super::super::NoRegistry;
use super::Question;
use crate::aws::ProblemKind;
use crate::domain::advice::{Advice, advice};

/// A connection's URL that is none.
pub fn of_url(question: &Question<'_>, error: &Error) -> NoRegistry {
    let said = match error {
        Error::Configuration(inner) => inner.to_string(),
        other => other.to_string(),
    };
    let secret = question.secret;
    question.reading.asked(
        "a database",
        &format!(
            "the URL in {} cannot be used: {}",
            secret.place(),
            secret.removed_from(&said)
        ),
        advice!("write it as sqlite:///folder/file.db or postgres://user:password@host/database"),
    )
}

/// What the database says, or the way to it.
pub fn of_database(question: &Question<'_>, stated: &str, error: &Error) -> NoRegistry {
    let reading = question.reading;
    let (said, code) = match error {
        Error::Database(inner) => (
            inner.message().to_owned(),
            inner.code().map(|code| code.to_string()),
        ),
        Error::Io(inner) => (inner.to_string(), None),
        Error::Tls(inner) | Error::Configuration(inner) => (inner.to_string(), None),
        other => (other.to_string(), None),
    };
    let said = question.secret.removed_from(&said);
    if let Some((kind, advice)) = code.as_deref().and_then(of_code) {
        let mut told = if kind == ProblemKind::Configuration {
            reading.asked(stated, &said, advice)
        } else {
            reading.unreachable(stated, kind, &said, advice)
        };
        told.problem.code = code;
        return told;
    }
    let (kind, advice) = match error {
        Error::Io(error) if error.kind() == ErrorKind::TimedOut => (
            ProblemKind::TimedOut,
            advice!("check that it can be reached from here, or make the query cheaper"),
        ),
        Error::Io(_) => (
            ProblemKind::Network,
            advice!("check the host and port of its URL, and that it can be reached from here"),
        ),
        Error::Tls(_) => (
            ProblemKind::Network,
            advice!(
                "check its certificate, or say in the URL what is wanted of it (sslmode, sslrootcert)"
            ),
        ),
        _ => (
            ProblemKind::Other,
            advice!("check the query and the database"),
        ),
    };
    reading.unreachable(stated, kind, &said, advice)
}

/// What a code means and what to do: SQLSTATE of PostgreSQL, or SQLite's extended result code.
fn of_code(code: &str) -> Option<(ProblemKind, Advice)> {
    let query = || advice!("correct the query in the blueprint");
    let found = match code {
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
        // 8: SQLITE_READONLY; the file is opened so.
        "25006" | "8" => (
            ProblemKind::Configuration,
            advice!("the query changes something, and only what reads is let through"),
        ),
        // 9: SQLITE_INTERRUPT, which only we do.
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
        // 1: SQLITE_ERROR, the query's own; class 42 of SQLSTATE: syntax, and names that are not there.
        "1" => (ProblemKind::Configuration, query()),
        code if code.len() == 5 && code.starts_with("42") => (ProblemKind::Configuration, query()),
        _ => return None,
    };
    Some(found)
}
