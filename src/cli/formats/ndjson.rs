//! One item per line. The last line is `{"schema", "complete", "summary"}`; if it is missing, the output was truncated.

use std::io::{self, Write};

use serde::Serialize;

use super::json;

#[derive(Serialize)]
struct End<'t, S> {
    schema: &'t str,
    complete: bool,
    summary: &'t S,
}

pub(super) fn line<W: Write, R: Serialize>(output: &mut W, record: &R) -> io::Result<()> {
    json::write_exact(&mut *output, record)?;
    output.write_all(b"\n")
}

pub(super) fn end<W: Write, S: Serialize>(
    output: &mut W,
    schema: &str,
    complete: bool,
    summary: &S,
) -> io::Result<()> {
    let end = End {
        schema,
        complete,
        summary,
    };
    line(output, &end)
}
