//! A file of erasure requests: the users whose objects to delete, each with the reference of the request.
//!
//! Formats: one user per line; CSV with a header and a column `id`; a JSON array; or one JSON object per line. A column
//! or field `case` or `reference` may identify the request. Ids are used exactly, byte for byte.
//!
//! A single invalid line makes the whole file invalid, because its user would otherwise be skipped unnoticed. The same
//! holds for an ambiguous line. A plain list of lines must contain no quotation marks, no separators and no header:
//! with those it would be CSV that was not recognised.

use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Value;
use thiserror::Error;

use crate::domain::registry::why_no_id;
use crate::domain::{OwnerId, text};

/// The maximum number of requests in a file.
pub(crate) const MOST_REQUESTS: usize = 10_000;

/// A user to erase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureRequest {
    /// The user.
    pub user: OwnerId,
    /// The number or name of the request, if the file has one. Several of one user are joined by `, `.
    pub reference: Option<String>,
    /// The number of requests for this user in the file.
    pub rows: u64,
}

/// Why a file of requests is rejected.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum RequestsError {
    #[error("line {line}: {why}")]
    Line {
        /// The line number, from 1.
        line: usize,
        /// The error.
        why: String,
    },
    /// The file as a whole cannot be read.
    #[error("{0}")]
    File(String),
}

/// Reads the requests in order, each user once.
///
/// # Errors
/// [`RequestsError`] for the first invalid line, for an empty file, and for more than [`MOST_REQUESTS`].
pub(crate) fn read(text: &str) -> Result<Vec<ErasureRequest>, RequestsError> {
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
        let user = user(&id).map_err(|why| RequestsError::Line { line, why })?;
        let reference = reference.filter(|reference| !reference.is_empty());
        if let Some(request) = places.get(&user).and_then(|at| requests.get_mut(*at)) {
            join(request, reference);
        } else {
            places.insert(user.clone(), requests.len());
            requests.push(ErasureRequest {
                user,
                reference,
                rows: 1,
            });
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

/// Parses an id. Invisible characters are more likely damage to the file than part of the id.
fn user(id: &str) -> Result<OwnerId, String> {
    let user = OwnerId::new(id).map_err(|why| why.to_string())?;
    if id.trim() != id {
        return Err("the id begins or ends with a blank".to_owned());
    }
    if text::has_hidden(id) || id.contains('\u{fffd}') {
        return Err(format!(
            "the id {} holds a character that cannot be seen: if it is a part of the id, purge this user by itself",
            text::safe(id)
        ));
    }
    if let Some(why) = why_no_id(id) {
        return Err(format!(
            "{} is hardly an id: {why}; if it is one, purge this user by itself",
            text::quoted(id)
        ));
    }
    Ok(user)
}

/// Adds another request of the same user.
fn join(request: &mut ErasureRequest, reference: Option<String>) {
    request.rows += 1;
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
        plain(text, line == 1).map_err(|why| RequestsError::Line { line, why })?;
        rows.push((line, text.to_owned(), None));
    }
    Ok(rows)
}

/// Known column names of such files, without `_`, `-` and spaces.
const COLUMNS: [&str; 28] = [
    "account",
    "accountid",
    "case",
    "caseid",
    "customer",
    "customerid",
    "email",
    "guid",
    "id",
    "ids",
    "key",
    "login",
    "member",
    "memberid",
    "name",
    "owner",
    "ownerid",
    "owners",
    "reference",
    "subject",
    "subjectid",
    "uid",
    "user",
    "userid",
    "username",
    "users",
    "userids",
    "uuid",
];

/// Whether a line is nothing but an id, in any format.
fn plain(line: &str, is_first: bool) -> Result<(), String> {
    let as_csv = "if it is CSV, call the column of the ids `id`; an id that holds this goes into CSV or JSON";
    if line.trim() != line {
        return Err("it begins or ends with a blank, which would be a part of the id".to_owned());
    }
    if let Some(mark) = line.chars().find(|c| matches!(c, ',' | ';' | '\t' | '"')) {
        let mark = if mark == '\t' {
            "a tab".to_owned()
        } else {
            format!("`{mark}`")
        };
        return Err(format!("a line that is an id holds no {mark}: {as_csv}"));
    }
    let is_quoted = line.len() > 1 && line.starts_with('\'') && line.ends_with('\'');
    let is_listed = ["- ", "* ", "#", "//", "--", "<"]
        .iter()
        .any(|begin| line.starts_with(begin));
    if is_quoted || is_listed {
        return Err(format!("it is marked up, and no plain id: {as_csv}"));
    }
    let name: String = line
        .chars()
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .flat_map(char::to_lowercase)
        .collect();
    if is_first && COLUMNS.contains(&name.as_str()) {
        return Err(format!(
            "{} looks like the name of a column: {as_csv}",
            text::quoted(line)
        ));
    }
    Ok(())
}

/// Whether the first line is a header with a column `id`.
fn has_columns(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    let mut names = first.split([',', ';', '\t']);
    names.any(|name| name.trim().trim_matches('"') == "id")
}

fn csv(text: &str) -> Result<Vec<Row>, RequestsError> {
    // The CSV reader closes an open quotation mark at the end of the file. The rows inside it would be skipped
    // unnoticed.
    if text.matches('"').count() % 2 == 1 {
        let why =
            "a quotation mark is not closed: the file was cut short, or a mark is not doubled";
        return Err(RequestsError::File(why.to_owned()));
    }
    let first = text.lines().next().unwrap_or_default();
    // If several are equally frequent, or none occurs, `max_by_key` takes the last.
    let delimiter = [b'\t', b';', b',']
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
    let at_header = |why| RequestsError::Line { line: 1, why };
    let id = column(&header, &["id"]).map_err(at_header)?;
    let id = id.ok_or_else(|| at_header("there is no column `id`".to_owned()))?;
    let reference = column(&header, &["case", "reference"]).map_err(at_header)?;
    let is_quoted = text.contains('"');
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| of(&error))?;
        let line = record
            .position()
            .map_or(0, |at| usize::try_from(at.line()).unwrap_or(usize::MAX));
        let field = |at: usize| record.get(at).unwrap_or_default().to_owned();
        let holds_another = |c: char| matches!(c, ',' | ';' | '\t');
        if header.len() == 1 && !is_quoted && field(id).contains(holds_another) {
            let why =
                "it has more fields than the header has columns, or an id that has to be quoted";
            return Err(RequestsError::Line {
                line,
                why: why.to_owned(),
            });
        }
        rows.push((line, field(id), reference.map(field)));
    }
    Ok(rows)
}

/// The index of the only column with one of these names. A second one, in upper or lower case, would be ambiguous.
fn column(header: &csv::StringRecord, wanted: &[&str]) -> Result<Option<usize>, String> {
    let is_wanted = |name: &str| wanted.contains(&name.trim().to_lowercase().as_str());
    let mut found = header
        .iter()
        .enumerate()
        .filter(|(_, name)| is_wanted(name));
    let (one, another) = (found.next(), found.next());
    match (one, another) {
        (Some((_, one)), Some((_, another))) => Err(format!(
            "there are two columns, `{}` and `{}`: which of them is meant is not known",
            one.trim(),
            another.trim()
        )),
        (Some((at, name)), None) if wanted.contains(&name.trim()) => Ok(Some(at)),
        (Some((_, name)), None) => Err(format!(
            "there is a column `{}`: call it `{}` if it is meant",
            name.trim(),
            name.trim().to_lowercase()
        )),
        (None, _) => Ok(None),
    }
}

fn json_array(text: &str) -> Result<Vec<Row>, RequestsError> {
    let all: Vec<JsonRow> =
        serde_json::from_str(text).map_err(|error| RequestsError::File(error.to_string()))?;
    let rows = (1..).zip(all);
    rows.map(|(at, row)| {
        row.read(at)
            .map_err(|why| RequestsError::File(format!("request {at}: {why}")))
    })
    .collect()
}

fn json_lines(text: &str) -> Result<Vec<Row>, RequestsError> {
    let lines = (1..).zip(text.lines());
    let lines = lines.filter(|(_, text)| !text.trim().is_empty());
    lines
        .map(|(line, text)| {
            let wrong = |why: String| RequestsError::Line { line, why };
            let row: JsonRow =
                serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
            row.read(line).map_err(wrong)
        })
        .collect()
}

/// A JSON row. It keeps all field names as written, because a map would drop one of two equal names.
enum JsonRow {
    Bare(Value),
    Fields(Vec<(String, Value)>),
}

impl<'de> Deserialize<'de> for JsonRow {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = JsonRow;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a whole number or an object with an `id`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<JsonRow, E> {
                Ok(JsonRow::Bare(text.into()))
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<JsonRow, E> {
                Ok(JsonRow::Bare(number.into()))
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<JsonRow, E> {
                Ok(JsonRow::Bare(number.into()))
            }

            fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<JsonRow, E> {
                Ok(JsonRow::Bare(number.into()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JsonRow, A::Error> {
                let mut fields: Vec<(String, Value)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if fields.iter().any(|(other, _)| *other == name) {
                        let why = format!(
                            "it has two fields `{name}`: which of them is meant is not known"
                        );
                        return Err(A::Error::custom(why));
                    }
                    fields.push((name, value));
                }
                Ok(JsonRow::Fields(fields))
            }
        }

        from.deserialize_any(Reader)
    }
}

impl JsonRow {
    /// A whole number is an id as written. Other numbers are not ids.
    fn read(&self, line: usize) -> Result<Row, String> {
        let id = |value: &Value| match value {
            Value::String(id) => Ok(id.clone()),
            Value::Number(number) if number.is_u64() => Ok(number.to_string()),
            other => Err(format!(
                "{other} is no id: a text or a whole number is expected"
            )),
        };
        let fields = match self {
            Self::Bare(value) => return Ok((line, id(value)?, None)),
            Self::Fields(fields) => fields,
        };
        let names: csv::StringRecord = fields.iter().map(|(name, _)| name).collect();
        let of = |at: usize| fields.get(at).map(|(_, value)| value);
        let user = column(&names, &["id"])?
            .and_then(of)
            .ok_or("it has no `id`")?;
        let reference = match column(&names, &["case", "reference"])?.and_then(of) {
            None | Some(Value::Null) => None,
            Some(Value::String(reference)) => Some(reference.clone()),
            Some(other) => Some(other.to_string()),
        };
        Ok((line, id(user)?, reference))
    }
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
        let rows = read("id\nada\nben\nada\n").unwrap();
        assert_eq!(rows.iter().map(|one| one.rows).collect::<Vec<_>>(), [2, 1]);
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
            ("id\nada\n1001.0\n", "line 3"),
            ("id\n\"1,001\"\n", "may be 1001"),
            ("id\n1.001E+03\n", "may be 1001"),
            ("id\nada\n#REF!\n", "line 3"),
            ("id\nNULL\n", "missing value"),
            ("id\n[object Object]\n", "line 2"),
            ("id\nb\u{fffd}b\n", "cannot be seen"),
            ("{\"id\":{\"$oid\":\"a\"}}\n", "line 1"),
            ("[\"ada\", 7.5]", "request 2"),
            ("[\"ada\"", "EOF"),
            ("{\"id\":\"\"}\n", "line 1"),
        ] {
            let error = users(text).unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn what_could_be_csv_that_was_not_recognised_is_no_file_of_lines() {
        for (text, why) in [
            ("user,case\nada,C-1\n", "holds no `,`"),
            ("ID,case\nada,C-1\n", "holds no `,`"),
            ("ID\nada\n", "name of a column"),
            ("User Id\nada\n", "name of a column"),
            ("user_id\nada\n", "name of a column"),
            ("e-mail\nada\n", "name of a column"),
            ("ada\nben,\n", "line 2"),
            ("ada;C-1\n", "holds no `;`"),
            ("ada\tC-1\n", "a tab"),
            ("\"ada\"\n", "holds no `\"`"),
            ("'ada'\n", "marked up"),
            ("- ada\n", "marked up"),
            ("# users\nada\n", "marked up"),
            ("-- users\nada\n", "marked up"),
            ("<li>ada</li>\n", "marked up"),
        ] {
            let error = users(text).unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
        for plain in [
            "auth0|5f7c",
            "O'Hara",
            "urn:user:1",
            "a=b",
            "a b",
            "zoë",
            "-5",
            "12345e67",
            "007",
            "1.2.3",
        ] {
            assert_eq!(users(plain).unwrap().len(), 1, "{plain}");
        }
    }

    #[test]
    fn a_file_that_says_something_twice_is_refused() {
        for (text, why) in [
            ("id,id\nada,ben\n", "two columns"),
            ("id,ID\nada,ben\n", "two columns"),
            ("id,case,case\nada,1,2\n", "two columns"),
            ("id,case,reference\nada,1,2\n", "two columns"),
            ("id,Case\nada,1\n", "call it `case`"),
            ("id\nada;C-1\n", "more fields"),
            ("{\"id\":\"ada\",\"id\":\"ben\"}\n", "two fields"),
            ("[{\"id\":\"ada\",\"id\":\"ben\"}]", "two fields"),
            ("{\"id\":\"ada\",\"ID\":\"ben\"}\n", "two columns"),
            ("{\"id\":\"ada\",\"x\":1,\"x\":2}\n", "two fields"),
            ("{\"ID\":\"ada\"}\n", "call it `id`"),
        ] {
            let error = users(text).unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn an_id_with_what_cannot_be_seen_is_refused_in_each_form() {
        for hidden in [
            "\0", "\u{feff}", "\u{200b}", "\u{ad}", "\u{fffd}", "\u{a0}", "\u{7f}",
        ] {
            let json = serde_json::to_string(&format!("a{hidden}b")).unwrap();
            for text in [
                format!("a{hidden}b\n"),
                format!("id\na{hidden}b\n"),
                format!("[{json}]"),
                format!("{{\"id\":{json}}}"),
            ] {
                let error = users(&text).unwrap_err().to_string();
                assert!(error.contains("cannot be seen"), "{text:?}: {error}");
            }
        }
    }
}
