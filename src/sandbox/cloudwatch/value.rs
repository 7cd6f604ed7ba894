//! Documents of CloudWatch, to and from CBOR.
//!
//! A tree rather than a type an operation: the sandbox looks at a few fields of each request and passes over the rest,
//! as a service does with what it does not know.

use aws_smithy_cbor::data::Type;
use aws_smithy_cbor::decode::DeserializeError;
use aws_smithy_cbor::{Decoder, Encoder};
use aws_smithy_types::DateTime as SdkTime;
use chrono::{DateTime, Utc};

/// How deep lists and maps may stand in each other. Requests of CloudWatch go down five levels.
const DEEPEST: u32 = 16;

/// A document, or a part of one.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A period or a count: an integer on the wire, which is read as a number.
    Whole(u32),
    /// Any other number: a double on the wire, for the SDKs take no integer for one.
    Number(f64),
    /// Words.
    Text(String),
    /// A moment.
    Time(DateTime<Utc>),
    /// Several.
    List(Vec<Value>),
    /// Fields by name, in their order.
    Record(Vec<(String, Value)>),
}

impl Value {
    /// Reads a document; an empty body is an empty record.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, DeserializeError> {
        if bytes.is_empty() {
            return Ok(Self::Record(Vec::new()));
        }
        read(&mut Decoder::new(bytes), 0)
    }

    /// The document in bytes.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::new());
        write(self, &mut encoder);
        encoder.into_writer()
    }

    /// A field of a record, unless it is null.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Record(fields) => fields
                .iter()
                .find(|(field, value)| field == name && *value != Self::Null)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// A field of words.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A field that is a whole number, at least 0.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates, and no number of the protocol is as large"
    )]
    pub(super) fn count(&self, name: &str) -> Option<usize> {
        match self.get(name)? {
            Self::Number(number) if *number >= 0.0 => Some(*number as usize),
            _ => None,
        }
    }

    /// A field that is a moment.
    pub(super) fn time(&self, name: &str) -> Option<DateTime<Utc>> {
        match self.get(name)? {
            Self::Time(time) => Some(*time),
            _ => None,
        }
    }

    /// A field that is a list; none is an empty one.
    pub(super) fn list(&self, name: &str) -> &[Self] {
        match self.get(name) {
            Some(Self::List(rows)) => rows,
            _ => &[],
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Whole(number)
    }
}

/// A record of these fields; what is null is left out.
pub(super) fn record<'n>(fields: impl IntoIterator<Item = (&'n str, Value)>) -> Value {
    let fields = fields
        .into_iter()
        .filter(|(_, value)| *value != Value::Null)
        .map(|(name, value)| (name.to_owned(), value));
    Value::Record(fields.collect())
}

/// The value, or null where there is none.
pub(super) fn or_null(value: Option<impl Into<Value>>) -> Value {
    value.map_or(Value::Null, Into::into)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "whole numbers of the protocol are far below 2^52"
)]
fn read(decoder: &mut Decoder<'_>, depth: u32) -> Result<Value, DeserializeError> {
    let at = decoder.position();
    if depth > DEEPEST {
        return Err(DeserializeError::custom("nested too deep", at));
    }
    Ok(match decoder.datatype()? {
        Type::Null | Type::Undefined => {
            decoder.skip()?;
            Value::Null
        }
        Type::Bool => Value::Bool(decoder.boolean()?),
        Type::F32 => Value::Number(f64::from(decoder.float()?)),
        Type::F64 => Value::Number(decoder.double()?),
        Type::U8
        | Type::U16
        | Type::U32
        | Type::U64
        | Type::I8
        | Type::I16
        | Type::I32
        | Type::I64 => Value::Number(decoder.long()? as f64),
        Type::String | Type::StringIndef => Value::Text(decoder.string()?),
        Type::Tag => {
            let time = decoder.timestamp()?;
            let time = DateTime::from_timestamp(time.secs(), time.subsec_nanos());
            Value::Time(time.ok_or_else(|| DeserializeError::custom("no such moment", at))?)
        }
        Type::Array | Type::ArrayIndef => {
            let mut rows = Vec::new();
            let length = decoder.list()?;
            while goes_on(decoder, length, rows.len())? {
                rows.push(read(decoder, depth + 1)?);
            }
            Value::List(rows)
        }
        Type::Map | Type::MapIndef => {
            let mut fields = Vec::new();
            let length = decoder.map()?;
            while goes_on(decoder, length, fields.len())? {
                let name = decoder.string()?;
                fields.push((name, read(decoder, depth + 1)?));
            }
            Value::Record(fields)
        }
        _ => {
            return Err(DeserializeError::custom(
                "a type that no operation of CloudWatch has",
                at,
            ));
        }
    })
}

/// Whether a list or a map of this length, or of one that its end tells, has more.
fn goes_on(
    decoder: &mut Decoder<'_>,
    length: Option<u64>,
    read: usize,
) -> Result<bool, DeserializeError> {
    match length {
        Some(length) => Ok((read as u64) < length),
        None if decoder.datatype()? == Type::Break => {
            decoder.skip()?;
            Ok(false)
        }
        None => Ok(true),
    }
}

fn write(value: &Value, encoder: &mut Encoder) {
    match value {
        Value::Null => drop(encoder.null()),
        Value::Bool(yes) => drop(encoder.boolean(*yes)),
        Value::Whole(number) => {
            encoder.long(i64::from(*number));
        }
        Value::Number(number) => drop(encoder.double(*number)),
        Value::Text(text) => drop(encoder.str(text)),
        Value::Time(time) => {
            encoder.timestamp(&SdkTime::from_secs(time.timestamp()));
        }
        Value::List(rows) => {
            encoder.array(rows.len());
            for row in rows {
                write(row, encoder);
            }
        }
        Value::Record(fields) => {
            encoder.map(fields.len());
            for (name, value) in fields {
                encoder.str(name);
                write(value, encoder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_survives_the_way_to_cbor_and_back() {
        let document = record([
            ("Words", Value::from("ünal")),
            ("Whole", Value::Number(86_400.0)),
            ("Large", Value::Number(91.4e12)),
            ("Part", Value::Number(0.25)),
            ("Yes", Value::Bool(true)),
            (
                "When",
                Value::Time(DateTime::from_timestamp(1_760_000_000, 0).unwrap()),
            ),
            (
                "Rows",
                Value::List(vec![record([("A", Value::from("b"))]), Value::Null]),
            ),
        ]);
        assert_eq!(Value::read(&document.write()).unwrap(), document);
    }

    #[test]
    fn a_count_is_an_integer_on_the_wire_and_an_amount_a_double() {
        let bytes = record([("A", Value::from(5)), ("B", Value::Number(5.0))]).write();
        let mut decoder = Decoder::new(&bytes);
        decoder.map().unwrap();
        decoder.skip().unwrap();
        assert_eq!(decoder.integer().unwrap(), 5);
        decoder.skip().unwrap();
        assert!(decoder.double().is_ok());
    }

    #[test]
    fn lists_and_maps_whose_end_is_told_by_a_break_are_read() {
        let mut encoder = Encoder::new(Vec::new());
        encoder.begin_map().str("A").begin_array();
        encoder.integer(1).end().end();
        let read = Value::read(&encoder.into_writer()).unwrap();
        assert_eq!(read.list("A"), [Value::Number(1.0)]);
    }

    #[test]
    fn what_is_no_document_is_an_error_and_not_a_crash() {
        for bytes in [&b"<html>"[..], b"\x9f", b"\xa1\x61", &[0x81; 64]] {
            assert!(Value::read(bytes).is_err(), "{bytes:?}");
        }
        assert_eq!(Value::read(b"").unwrap(), Value::Record(Vec::new()));
    }
}
