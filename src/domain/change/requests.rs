//! A file of erasure requests: the users whose things are to be deleted, each with the reference of its request.
//!
//! A user a line; CSV with a header that has a column `id`; a JSON array, or a JSON object a line. A column or field `case`
//! or `reference` may say by which request. Ids are taken as they stand, byte for byte. One line that cannot be read makes
//! the whole file none: whoever is meant by it would be left out unseen.

use std::collections::HashMap;

use serde_json::Value;
use thiserror::Error;

use crate::domain::OwnerId;

/// The most requests of a file.
pub const MOST_REQUESTS: usize = 10_000;

/// A user to erase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureRequest {
    /// The user.
    pub user: OwnerId,
    /// The request's own number or name, where the file gives one; several of one user are joined by `, `.
    pub reference: Option<String>,
}

/// Why a file holds no requests that can be relied on.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RequestsError {
    /// A line cannot be read.
    #[error("line {line}: {why}")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// The file as a whole cannot be read.
    #[error("{0}")]
    File(String),
}

/// Reads the requests, in their order and each user once.
///
/// # Errors
/// [`RequestsError`] for the first line that cannot be read, for no requests, and for more than [`MOST_REQUESTS`].
pub fn read(text: &str) -> Result<Vec<ErasureRequest>, RequestsError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let rows = match text.trim_start().chars().next() {
        None => Vec::new(),
        Some('[') => json_array(text)?,
        Some('{') => json_lines(text)?,
        Some(_) if has_columns(text) => csv(text)?,
        Some(_) => lines(text)?,
    };
    let mut requests: Vec<ErasureRequest> = Vec::with_capacity(rows.len());
    let mut places: HashMap<OwnerId, usize> = HashMap::new();
    for (line, id, reference) in rows {
        let user = OwnerId::new(id.as_str()).map_err(|why| RequestsError::Line {
            line,
            why: why.to_string(),
        })?;
        let reference = reference.filter(|reference| !reference.is_empty());
        if let Some(request) = places.get(&user).and_then(|at| requests.get_mut(*at)) {
            join(request, reference);
        } else {
            places.insert(user.clone(), requests.len());
            requests.push(ErasureRequest { user, reference });
        }
    }
    match requests.len() {
        0 => Err(RequestsError::File("it holds no requests".to_owned())),
        1..=MOST_REQUESTS => Ok(requests),
        more => Err(RequestsError::File(format!(
            "it holds {more} users, and {MOST_REQUESTS} are the most: split it"
        ))),
    }
}

/// A further request of the same user.
fn join(request: &mut ErasureRequest, reference: Option<String>) {
    request.reference = match (request.reference.take(), reference) {
        (Some(one), Some(other)) if one != other => Some(format!("{one}, {other}")),
        (one, other) => one.or(other),
    };
}

/// Line, id and reference.
type Row = (usize, String, Option<String>);

fn lines(text: &str) -> Result<Vec<Row>, RequestsError> {
    let mut rows = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        let text = text.strip_suffix('\r').unwrap_or(text);
        if text.is_empty() {
            continue;
        }
        if text.trim() != text {
            let why = "it begins or ends with a blank, which would be a part of the id".to_owned();
            return Err(RequestsError::Line { line, why });
        }
        rows.push((line, text.to_owned(), None));
    }
    Ok(rows)
}

/// Whether the first line is a header with a column `id`.
fn has_columns(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    let mut names = first.split([',', ';', '\t']);
    names.any(|name| name.trim().trim_matches('"') == "id")
}

fn csv(text: &str) -> Result<Vec<Row>, RequestsError> {
    // The reader closes a quotation mark by itself at the end: what is swallowed by it would be left out unseen.
    if text.matches('"').count() % 2 == 1 {
        let why =
            "a quotation mark is not closed: the file was cut short, or a mark is not doubled";
        return Err(RequestsError::File(why.to_owned()));
    }
    let first = text.lines().next().unwrap_or_default();
    let delimiter = [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|delimiter| first.bytes().filter(|b| b == delimiter).count())
        .unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let of = |error: &csv::Error| {
        let line = error
            .position()
            .map_or(1, |at| usize::try_from(at.line()).unwrap_or(usize::MAX));
        RequestsError::Line {
            line,
            why: error.to_string(),
        }
    };
    let header = reader.headers().map_err(|error| of(&error))?.clone();
    let place = |wanted: &[&str]| {
        let mut names = header.iter();
        names.position(|name| wanted.contains(&name.trim()))
    };
    let id = place(&["id"]).unwrap_or_default();
    let reference = place(&["case", "reference"]);
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| of(&error))?;
        let line = record
            .position()
            .map_or(0, |at| usize::try_from(at.line()).unwrap_or(usize::MAX));
        let field = |at: usize| record.get(at).unwrap_or_default().to_owned();
        if field(id).trim() != field(id) {
            let why = "the id begins or ends with a blank".to_owned();
            return Err(RequestsError::Line { line, why });
        }
        rows.push((line, field(id), reference.map(field)));
    }
    Ok(rows)
}

fn json_array(text: &str) -> Result<Vec<Row>, RequestsError> {
    let all: Vec<Value> =
        serde_json::from_str(text).map_err(|error| RequestsError::File(error.to_string()))?;
    let rows = (1..).zip(all);
    rows.map(|(at, value)| {
        json_row(at, &value).map_err(|why| RequestsError::File(format!("request {at}: {why}")))
    })
    .collect()
}

fn json_lines(text: &str) -> Result<Vec<Row>, RequestsError> {
    let lines = (1..).zip(text.lines());
    let lines = lines.filter(|(_, text)| !text.trim().is_empty());
    lines
        .map(|(line, text)| {
            let wrong = |why: String| RequestsError::Line { line, why };
            let value = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
            json_row(line, &value).map_err(wrong)
        })
        .collect()
}

/// A string, or an object with an `id`. Whole numbers are ids as they are written; what else a number may be is none.
fn json_row(line: usize, value: &Value) -> Result<Row, String> {
    let id = |value: &Value| match value {
        Value::String(id) => Ok(id.clone()),
        Value::Number(number) if number.is_u64() => Ok(number.to_string()),
        other => Err(format!(
            "{other} is no id: a text or a whole number is expected"
        )),
    };
    let Value::Object(fields) = value else {
        return Ok((line, id(value)?, None));
    };
    let of = fields.get("id").ok_or("it has no `id`")?;
    let reference = match fields.get("case").or_else(|| fields.get("reference")) {
        None | Some(Value::Null) => None,
        Some(Value::String(reference)) => Some(reference.clone()),
        Some(other) => Some(other.to_string()),
    };
    Ok((line, id(of)?, reference))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users(text: &str) -> Result<Vec<(String, Option<String>)>, RequestsError> {
        let requests = read(text)?.into_iter();
        Ok(requests
            .map(|one| (one.user.as_str().to_owned(), one.reference))
            .collect())
    }

    #[test]
    fn each_form_of_the_file_holds_the_same_requests() {
        let case = |text: &str| Some(text.to_owned());
        for (text, references) in [
            ("ada\nben\n", [None, None]),
            ("\u{feff}ada\r\n\r\nben", [None, None]),
            ("id\nada\nben\n", [None, None]),
            ("case,id\nC-1,ada\nC-2,ben\n", [case("C-1"), case("C-2")]),
            ("id;reference\nada;C-1\n\"ben\";\n", [case("C-1"), None]),
            (
                "[\"ada\", {\"id\": \"ben\", \"case\": 7}]",
                [None, case("7")],
            ),
            (
                "{\"id\":\"ada\"}\n{\"id\":\"ben\",\"case\":null}\n",
                [None, None],
            ),
        ] {
            let [ada, ben] = references;
            let expected = vec![("ada".to_owned(), ada), ("ben".to_owned(), ben)];
            assert_eq!(users(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn two_requests_of_one_user_are_one() {
        let twice = users("id,case\nada,1\nben,2\nada,3\nada,1\n").unwrap();
        assert_eq!(twice.len(), 2);
        assert_eq!(twice[0].1.as_deref(), Some("1, 3, 1"));
    }

    #[test]
    fn one_line_that_cannot_be_read_makes_the_file_none() {
        for (text, why) in [
            ("", "no requests"),
            ("id\n", "no requests"),
            ("ada\n ben\n", "line 2"),
            ("id,case\nada,1\nben,2,3\n", "line 3"),
            ("id\nada \n", "line 2"),
            ("id\nada\n\"ben\n", "quotation mark"),
            ("{\"id\":\"ada\"}\n{\"user\":\"ben\"}\n", "line 2"),
            ("{\"id\":1005.0}\n", "line 1"),
            ("{\"id\":{\"$oid\":\"a\"}}\n", "line 1"),
            ("[\"ada\", 7.5]", "request 2"),
            ("[\"ada\"", "EOF"),
            ("{\"id\":\"\"}\n", "line 1"),
        ] {
            let error = users(text).unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
