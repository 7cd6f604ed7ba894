//! One JSON document: `{"schema", "items", "complete", "summary"}`. Items are printed as they arrive. `complete` is
//! only known at the end, so it comes last.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

use crate::domain::text;

pub(super) struct Json<W> {
    output: W,
    is_first: bool,
}

impl<W: Write> Json<W> {
    pub(super) fn begin(schema: &str, mut output: W) -> io::Result<Self> {
        write!(
            output,
            "{{\n  \"schema\": {},\n  \"items\": [",
            text_of(&schema)?
        )?;
        Ok(Self {
            output,
            is_first: true,
        })
    }

    pub(super) fn item<R: Serialize>(&mut self, record: &R) -> io::Result<()> {
        let separator = if self.is_first { "\n    " } else { ",\n    " };
        self.is_first = false;
        self.output.write_all(separator.as_bytes())?;
        write_exact(&mut self.output, record)
    }

    pub(super) fn end<S: Serialize>(&mut self, complete: bool, summary: &S) -> io::Result<()> {
        let close = if self.is_first { "]" } else { "\n  ]" };
        writeln!(
            self.output,
            "{close},\n  \"complete\": {complete},\n  \"summary\": {}\n}}",
            text_of(summary)?
        )
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

/// Writes a value as one line of JSON that is safe on a terminal: every hidden character is a `\u` escape, which a
/// parser converts back.
pub(super) fn write_exact<W: Write, T: Serialize>(output: W, value: &T) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(output, VisibleFormatter(CompactFormatter));
    value.serialize(&mut serializer).map_err(io::Error::from)
}

fn text_of<T: Serialize>(value: &T) -> io::Result<String> {
    let mut bytes = Vec::new();
    write_exact(&mut bytes, value)?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

struct VisibleFormatter(CompactFormatter);

impl Formatter for VisibleFormatter {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, hidden)) = rest.char_indices().find(|&(_, c)| text::is_hidden(c)) {
            let (before, after) = rest.split_at(at);
            self.0.write_string_fragment(writer, before)?;
            for unit in hidden.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = after.get(hidden.len_utf8()..).unwrap_or_default();
        }
        self.0.write_string_fragment(writer, rest)
    }
}
