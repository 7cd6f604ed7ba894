//! A JSON array, and JSON Lines.

use std::borrow::Cow;
use std::fmt;
use std::io::BufRead;

use serde::de::{DeserializeSeed, Error as _, SeqAccess, Visitor};
use serde_json::{Deserializer, Map, Value};

use super::lines::Lines;
use super::{Columns, Fault, Row, Sink, found};

/// Reads an array, element by element.
pub fn array(source: impl BufRead, columns: &Columns, sink: &mut Sink<'_>) -> Result<(), Fault> {
    let mut fault = None;
    let elements = Elements {
        columns,
        sink,
        fault: &mut fault,
    };
    let mut document = Deserializer::from_reader(source);
    let read = elements
        .deserialize(&mut document)
        .and_then(|()| document.end());
    match (fault, read) {
        (Some(fault), _) => Err(fault),
        (None, Err(error)) => Err(unreadable(&error)),
        (None, Ok(())) => Ok(()),
    }
}

/// Reads a value a line.
pub fn lines(source: impl BufRead, columns: &Columns, sink: &mut Sink<'_>) -> Result<(), Fault> {
    let mut lines = Lines::of(source);
    while let Some(line) = lines.next()? {
        if line.text.trim().is_empty() {
            element(&Value::Null, columns, sink)?;
            continue;
        }
        match serde_json::from_str(line.text) {
            Ok(value) => element(&value, columns, sink)?,
            Err(_) if !line.ended => {
                return Err(Fault::CutShort(format!(
                    "line {} has no end and is no whole JSON",
                    line.number
                )));
            }
            Err(error) => {
                return Err(Fault::Unreadable {
                    line: line.number,
                    what: format!("it is no JSON: {}", without_place(&error)),
                });
            }
        }
    }
    Ok(())
}

/// Takes one value for a row.
fn element(value: &Value, columns: &Columns, sink: &mut Sink<'_>) -> Result<(), Fault> {
    let mut ids: Vec<Cow<'_, str>> = Vec::new();
    let mut row = Row {
        ids: &[],
        owner: None,
        malformed: false,
    };
    let mut owner = Field::Absent;
    match value {
        Value::Object(fields) if columns.ids.is_empty() => return Err(unnamed(fields)),
        Value::Object(fields) => {
            for column in &columns.ids {
                match field(fields, column) {
                    Field::Text(id) => ids.push(id),
                    Field::Absent => {}
                    Field::Other => row.malformed = true,
                }
            }
            if let Some(column) = &columns.owner {
                owner = field(fields, column);
            }
        }
        Value::String(id) if columns.ids.is_empty() => ids.push(Cow::Borrowed(id)),
        _ => {}
    }
    row.malformed |= matches!(owner, Field::Other);
    if let Field::Text(owner) = &owner {
        row.owner = Some(owner);
    }
    let ids: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
    sink.row(&Row { ids: &ids, ..row })
}

/// What an object holds by a name.
enum Field<'f> {
    Text(Cow<'f, str>),
    /// Nothing, or null.
    Absent,
    /// Something that is no id.
    Other,
}

fn field<'f>(fields: &'f Map<String, Value>, name: &str) -> Field<'f> {
    match fields.get(name) {
        None | Some(Value::Null) => Field::Absent,
        Some(Value::String(text)) => Field::Text(Cow::Borrowed(text)),
        // A fraction or a power of ten has several ways to be written, and no key holds it in all of them.
        Some(Value::Number(number)) if number.is_u64() || number.is_i64() => {
            Field::Text(Cow::Owned(number.to_string()))
        }
        Some(_) => Field::Other,
    }
}

fn unnamed(fields: &Map<String, Value>) -> Fault {
    Fault::NoColumn(format!(
        "its rows are objects, and the name of the field that holds them is needed; the first has {}",
        found(fields.keys().map(String::as_str))
    ))
}

fn unreadable(error: &serde_json::Error) -> Fault {
    if error.is_eof() {
        return Fault::CutShort("the JSON ends before it is done".to_owned());
    }
    if error.is_io() {
        return Fault::Io(error.to_string());
    }
    Fault::Unreadable {
        line: u64::try_from(error.line()).unwrap_or(u64::MAX),
        what: without_place(error),
    }
}

/// What is wrong, without "at line 1 column 2", which the fault says itself.
fn without_place(error: &serde_json::Error) -> String {
    let words = error.to_string();
    match words.rsplit_once(" at line ") {
        Some((words, _)) => words.to_owned(),
        None => words,
    }
}

/// Hands on the elements of an array as they come.
struct Elements<'e, 's> {
    columns: &'e Columns,
    sink: &'e mut Sink<'s>,
    fault: &'e mut Option<Fault>,
}

impl<'de> DeserializeSeed<'de> for Elements<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Elements<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of texts or objects (objects that follow one another are \"ndjson\")")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(value) = elements.next_element::<Value>()? {
            if let Err(fault) = element(&value, self.columns, self.sink) {
                *self.fault = Some(fault);
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}
