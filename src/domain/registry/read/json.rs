//! Reads a JSON array, or JSON Lines.

use std::borrow::Cow;
use std::fmt;
use std::io::BufRead;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Map, Value};

use super::lines::{Blank, Lines};
use super::{Columns, Counts, Fault, Row, Sink, Torn, found};
use crate::domain::size::whole;

/// Reads an array, one element at a time.
pub(super) fn array(
    source: impl BufRead,
    columns: &Columns,
    sink: &mut Sink<'_>,
) -> Result<(), Fault> {
    let mut fault = None;
    let mut met = Met::default();
    let elements = Elements {
        columns,
        sink,
        met: &mut met,
        fault: &mut fault,
    };
    let mut document = serde_json::Deserializer::from_reader(source);
    let read = elements
        .deserialize(&mut document)
        .and_then(|()| document.end());
    match (fault, read) {
        (Some(fault), _) => Err(fault),
        (None, Err(error)) => Err(unreadable(&error)),
        (None, Ok(())) => met.all(columns),
    }
}

/// Reads one value per line.
pub(super) fn lines(
    source: impl BufRead,
    columns: &Columns,
    sink: &mut Sink<'_>,
) -> Result<(), Fault> {
    let mut lines = Lines::of(source);
    let (mut blank, mut met) = (Blank::default(), Met::default());
    while let Some(line) = lines.next()? {
        if line.text.trim().is_empty() {
            blank.0 += 1;
            continue;
        }
        blank.rows(sink)?;
        match serde_json::from_str::<Element>(line.text) {
            Ok(value) => element(&value, columns, &mut met, sink)?,
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
    met.all(columns)
}

/// The fields with conditions that at least one row had.
#[derive(Default)]
struct Met(Vec<String>);

impl Met {
    fn take(&mut self, fields: &Map<String, Value>, columns: &Columns) {
        for name in columns.conditions.keys() {
            if fields.contains_key(name) && !self.0.contains(name) {
                self.0.push(name.clone());
            }
        }
    }

    /// Fails if some field with a condition occurs in no row.
    fn all(&self, columns: &Columns) -> Result<(), Fault> {
        match columns
            .conditions
            .keys()
            .find(|name| !self.0.contains(name))
        {
            None => Ok(()),
            Some(name) => Err(Fault::NoColumn(format!(
                "no row has the field {name:?}, and a condition asks for it"
            ))),
        }
    }
}

/// A row: a value, and the values of repeated field names in its object.
struct Element {
    value: Value,
    /// Values of repeated names, each with its name.
    doubled: Vec<(String, Value)>,
}

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(OneElement)
    }
}

struct OneElement;

impl<'de> Visitor<'de> for OneElement {
    type Value = Element;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Element, A::Error> {
        let (mut fields, mut doubled) = (Map::new(), Vec::new());
        while let Some((name, value)) = members.next_entry::<String, Value>()? {
            if let Some(earlier) = fields.insert(name.clone(), value) {
                doubled.push((name, earlier));
            }
        }
        Ok(Element {
            value: Value::Object(fields),
            doubled,
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Element, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = elements.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values).into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Element, E> {
        Ok(Value::from(text).into())
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Element, E> {
        Ok(Value::from(truth).into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Element, E> {
        Ok(Value::from(number).into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Element, E> {
        Ok(Value::from(number).into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Element, E> {
        Ok(Value::from(number).into())
    }

    fn visit_unit<E>(self) -> Result<Element, E> {
        Ok(Value::Null.into())
    }
}

impl From<Value> for Element {
    fn from(value: Value) -> Self {
        Self {
            value,
            doubled: Vec::new(),
        }
    }
}

/// Adds one value as a row.
fn element(
    Element { value, doubled }: &Element,
    columns: &Columns,
    met: &mut Met,
    sink: &mut Sink<'_>,
) -> Result<(), Fault> {
    let mut ids: Vec<Cow<'_, str>> = Vec::new();
    let mut malformed = false;
    let names;
    let mut owner = Field::Absent;
    let mut counts = Counts::Yes;
    match value {
        Value::Object(fields) if columns.ids.is_empty() => return Err(unnamed(fields)),
        Value::Object(fields) => {
            met.take(fields, columns);
            counts = columns.counts(sink.intake.read_at(), |column| held(fields, column));
            for column in &columns.ids {
                match field(fields, column) {
                    Field::Text(id) => ids.push(id),
                    Field::Absent => {}
                    Field::Other => malformed = true,
                }
            }
            let mut unread = columns.ids.iter().filter(|id| !is_silent(fields, id));
            let is_read = unread.all(|column| is_named(fields, column));
            let has_name = columns.ids.iter().any(|column| is_named(fields, column));
            names = is_read && (has_name || sink.intake.may_be_silent());
            if let Some(column) = &columns.owner {
                owner = field(fields, column);
            }
        }
        Value::String(id) if columns.ids.is_empty() => {
            ids.push(Cow::Borrowed(id));
            names = true;
        }
        // If rows are objects, one that is not has lost the name of its id field.
        _ => names = columns.ids.is_empty() && !leaves(value).is_empty(),
    }
    // If a name is repeated, nobody knows which value is meant, just as with two equal columns in CSV.
    let is_used = |name: &String| {
        let is_owner = columns.owner.as_ref() == Some(name);
        is_owner || columns.ids.contains(name) || columns.conditions.contains_key(name)
    };
    let is_doubled = doubled.iter().any(|(name, _)| is_used(name));
    if counts == Counts::No && !is_doubled {
        return sink.leave_out();
    }
    malformed |= is_doubled;
    malformed |= matches!(owner, Field::Other) || ids.is_empty() || counts == Counts::Unclear;
    let ids: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
    let row = Row {
        ids: &ids,
        owner: match &owner {
            Field::Text(owner) => Some(owner),
            Field::Absent | Field::Other => None,
        },
        malformed: false,
    };
    if !malformed {
        return sink.row(&row);
    }
    let mut leaves = leaves(value);
    leaves.extend(doubled.iter().flat_map(|(_, value)| self::leaves(value)));
    let fields: Vec<&str> = leaves.iter().map(AsRef::as_ref).collect();
    sink.torn(
        &row,
        &Torn {
            fields: &fields,
            separator: None,
            names,
        },
    )
}

/// The value of a field for a condition. A null or missing field is the empty text, as it is for the author of the
/// list. An array or object cannot be compared.
fn held<'f>(fields: &'f Map<String, Value>, name: &str) -> Option<Cow<'f, str>> {
    match fields.get(name) {
        None | Some(Value::Null) => Some(Cow::Borrowed("")),
        Some(Value::String(text)) => Some(Cow::Borrowed(text)),
        Some(Value::Bool(truth)) => Some(Cow::Owned(truth.to_string())),
        Some(Value::Number(number)) => Some(Cow::Owned(number.to_string())),
        Some(Value::Array(_) | Value::Object(_)) => None,
    }
}

/// Whether an object has a text or number as its id, or in a field whose name differs only in case and signs, such as
/// `_id` for `id`. Otherwise it may name anybody.
fn is_named(fields: &Map<String, Value>, column: &str) -> bool {
    let bare = |name: &str| -> String {
        let letters = name.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    if let Some(value) = fields.get(column) {
        !leaves(value).is_empty()
    } else {
        let wanted = bare(column);
        let mut others = fields.iter();
        others.any(|(name, value)| bare(name) == wanted && !leaves(value).is_empty())
    }
}

/// Whether a field is missing or null.
fn is_silent(fields: &Map<String, Value>, column: &str) -> bool {
    matches!(fields.get(column), None | Some(Value::Null))
}

/// All texts and numbers inside a value.
fn leaves(value: &Value) -> Vec<Cow<'_, str>> {
    let mut found = Vec::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) if !text.trim().is_empty() => {
                found.push(Cow::Borrowed(text.as_str()));
            }
            Value::Number(number) => found.push(Cow::Owned(number.to_string())),
            Value::Array(values) => open.extend(values.iter().rev()),
            Value::Object(fields) => open.extend(fields.values().rev()),
            Value::Null | Value::Bool(_) | Value::String(_) => {}
        }
    }
    found
}

/// The value of a field.
enum Field<'f> {
    Text(Cow<'f, str>),
    /// Missing or null.
    Absent,
    /// Not an id.
    Other,
}

fn field<'f>(fields: &'f Map<String, Value>, name: &str) -> Field<'f> {
    match fields.get(name) {
        None | Some(Value::Null) => Field::Absent,
        Some(Value::String(text)) => Field::Text(Cow::Borrowed(text)),
        // A fraction or exponent has several notations, and no key matches all of them.
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
        line: whole(error.line()),
        what: without_place(error),
    }
}

/// The error without "at line 1 column 2", which the fault adds itself.
fn without_place(error: &serde_json::Error) -> String {
    let words = error.to_string();
    match words.rsplit_once(" at line ") {
        Some((words, _)) => words.to_owned(),
        None => words,
    }
}

/// Passes on the elements of an array as they arrive.
struct Elements<'e, 's> {
    columns: &'e Columns,
    sink: &'e mut Sink<'s>,
    met: &'e mut Met,
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
        while let Some(value) = elements.next_element::<Element>()? {
            if let Err(fault) = element(&value, self.columns, self.met, self.sink) {
                *self.fault = Some(fault);
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}
