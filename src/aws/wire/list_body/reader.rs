//! Parses XML to rows.
//!
//! Strings are slices of the document whenever possible. Invalid listings are rejected: an unclosed element, text in
//! the wrong place, a document type with its own entities, an unknown entity. Elements without relevance are skipped,
//! whatever they contain.
//!
//! Nearly all of a page consists of rows whose elements contain only text, without attributes, comments or references.
//! Such a row is [read](Scanner::plain_row) directly from the document. Any other row is parsed by the XML parser from
//! its start, and so is everything around the rows.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use memchr::{memchr, memchr2};
use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::time::NotADate;
use super::{Body, Of, Row, Unreadable, time};

/// Parses a page with this root element.
pub(in crate::aws::wire) fn read<'b>(
    bytes: &'b [u8],
    of: Of,
    root: Option<&str>,
) -> Result<Body<'b>, Unreadable> {
    let text = std::str::from_utf8(bytes).map_err(|_| Unreadable::NotUtf8)?;
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut scanner = Scanner {
        text,
        reader,
        passed: 0,
    };
    let mut body = Body::default();
    match scanner.child()? {
        Some(name) if Some(name) == root => scanner.page(&mut body, of)?,
        Some(name) => return Err(Unreadable::Unexpected(format!("<{name}>"))),
        None => return Err(Unreadable::BreaksOff),
    }
    match scanner.child() {
        Err(Unreadable::BreaksOff) => Ok(body),
        Err(why) => Err(why),
        Ok(_) => Err(Unreadable::Unexpected("a second document".to_owned())),
    }
}

struct Scanner<'b> {
    text: &'b str,
    reader: Reader<&'b [u8]>,
    /// Bytes that were skipped without the XML parser, which it does not count.
    passed: usize,
}

impl<'b> Scanner<'b> {
    fn page(&mut self, body: &mut Body<'b>, of: Of) -> Result<(), Unreadable> {
        loop {
            if let Some(row) = self.plain_row(of) {
                body.add(row);
                continue;
            }
            let Some(name) = self.child()? else {
                return Ok(());
            };
            if let Some(is_marker) = of.row(name) {
                let row = self.row(is_marker)?;
                body.add(row);
                continue;
            }
            match (name, of) {
                ("CommonPrefixes", _) => {
                    while let Some(name) = self.child()? {
                        match name {
                            "Prefix" => body.folders.push(self.content()?),
                            _ => self.skip()?,
                        }
                    }
                }
                ("IsTruncated", _) => body.is_truncated = Some(self.flag("IsTruncated")?),
                ("NextContinuationToken", Of::Objects)
                | ("NextKeyMarker", Of::Versions | Of::Uploads) => {
                    body.next = Some(self.content()?);
                }
                ("NextVersionIdMarker", Of::Versions) | ("NextUploadIdMarker", Of::Uploads) => {
                    body.next_id = Some(self.content()?);
                }
                ("EncodingType", _) => body.is_encoded = self.content()? == "url",
                ("Prefix", _) => body.prefix = Some(self.content()?),
                _ => self.skip()?,
            }
        }
    }

    fn row(&mut self, is_marker: bool) -> Result<Row<'b>, Unreadable> {
        let mut row = Row {
            is_marker,
            ..Row::default()
        };
        while let Some(name) = self.child()? {
            if Row::has(name) {
                let text = self.content()?;
                row.set(name, text)?;
            } else {
                self.skip()?;
            }
        }
        Ok(row)
    }

    /// Reads the next row if it has the plain form. An ETag is returned without its quotation marks. Otherwise it skips
    /// nothing, whatever is wrong with the row.
    fn plain_row(&mut self, of: Of) -> Option<Row<'b>> {
        let (before, rest) = self.text.split_at_checked(self.position())?;
        // The parser has not reported the end of an empty element yet, so the following text is not inside it.
        if before.ends_with("/>") {
            return None;
        }
        let (element, mut within) = opened(rest)?;
        let mut row = Row {
            is_marker: of.row(element)?,
            ..Row::default()
        };
        let behind = loop {
            if let Some(behind) = closed(within, element) {
                break behind;
            }
            let (name, content) = opened(within)?;
            within = if Row::has(name) {
                let (text, end) = text(content, name == "ETag")?;
                row.set(name, Cow::Borrowed(text)).ok()?;
                closed(end, name)?
            } else {
                passed_over(content, name)?
            };
        };
        self.passed += rest.len() - behind.len();
        *self.reader.get_mut() = behind.as_bytes();
        Some(row)
    }

    fn flag(&mut self, element: &'static str) -> Result<bool, Unreadable> {
        flag(element, &self.content()?)
    }

    /// The name of the next child element without its namespace; `None` at the end of this element. The caller must
    /// read its content, read its children or skip it.
    fn child(&mut self) -> Result<Option<&'b str>, Unreadable> {
        loop {
            let from = self.position();
            match self.next()? {
                Event::Start(start) => {
                    let length = start.name().as_ref().len();
                    let name = self.slice(from + 1, from + 1 + length);
                    return Ok(Some(name.rsplit_once(':').map_or(name, |(_, local)| local)));
                }
                Event::End(_) => return Ok(None),
                Event::Eof => return Err(Unreadable::BreaksOff),
                Event::Text(text) if text.iter().all(u8::is_ascii_whitespace) => {}
                // Empty elements are reported as a start and an end.
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::Empty(_) => {}
                Event::DocType(_) => {
                    return Err(Unreadable::Unexpected("a document type".to_owned()));
                }
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {
                    return Err(Unreadable::Unexpected(
                        "text between its elements".to_owned(),
                    ));
                }
            }
        }
    }

    /// Reads the text of the current element to its end.
    fn content(&mut self) -> Result<Cow<'b, str>, Unreadable> {
        let mut from = self.position();
        let mut changed: Option<String> = None;
        loop {
            let at = self.position();
            let mut buffer = [0; 4];
            let replaced: &str = match self.next()? {
                Event::End(_) => {
                    let rest = self.slice(from, at);
                    return Ok(match changed {
                        None => Cow::Borrowed(rest),
                        Some(text) => Cow::Owned(text + rest),
                    });
                }
                Event::Text(_) => continue,
                Event::GeneralRef(reference) => resolved(&reference)?.encode_utf8(&mut buffer),
                Event::CData(data) => {
                    let begin = at + "<![CDATA[".len();
                    self.slice(begin, begin + data.len())
                }
                Event::Comment(_) | Event::PI(_) => "",
                Event::Eof => return Err(Unreadable::BreaksOff),
                Event::Start(_) | Event::Empty(_) | Event::Decl(_) | Event::DocType(_) => {
                    return Err(Unreadable::Unexpected("markup within a value".to_owned()));
                }
            };
            let before = self.slice(from, at);
            let text = changed.get_or_insert_with(|| String::with_capacity(64));
            text.push_str(before);
            text.push_str(replaced);
            from = self.position();
        }
    }

    /// Skips the rest of the current element.
    fn skip(&mut self) -> Result<(), Unreadable> {
        let mut depth = 0_u32;
        loop {
            match self.next()? {
                Event::Start(_) => depth += 1,
                Event::End(_) if depth == 0 => return Ok(()),
                Event::End(_) => depth -= 1,
                Event::Eof => return Err(Unreadable::BreaksOff),
                Event::DocType(_) => {
                    return Err(Unreadable::Unexpected("a document type".to_owned()));
                }
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Result<Event<'b>, Unreadable> {
        self.reader
            .read_event()
            .map_err(|error| Unreadable::IllFormed(error.to_string()))
    }

    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position())
            .unwrap_or(usize::MAX)
            .saturating_add(self.passed)
    }

    fn slice(&self, from: usize, to: usize) -> &'b str {
        self.text.get(from..to).unwrap_or_default()
    }
}

impl Of {
    /// Whether an element with this name is a delete marker; `None` if it is not a row.
    fn row(self, name: &str) -> Option<bool> {
        match (name, self) {
            ("Contents", Self::Objects)
            | ("Version", Self::Versions)
            | ("Upload", Self::Uploads) => Some(false),
            ("DeleteMarker", Self::Versions) => Some(true),
            _ => None,
        }
    }
}

impl<'b> Body<'b> {
    fn add(&mut self, row: Row<'b>) {
        if self.rows.is_empty() {
            // A page has at most a thousand rows, and usually exactly that many.
            self.rows.reserve(1_000);
        }
        self.rows.push(row);
    }
}

impl<'b> Row<'b> {
    /// Whether an element with this name is relevant.
    fn has(name: &str) -> bool {
        matches!(
            name,
            "Key"
                | "LastModified"
                | "Initiated"
                | "ETag"
                | "Size"
                | "StorageClass"
                | "VersionId"
                | "UploadId"
                | "IsLatest"
        )
    }

    fn set(&mut self, name: &str, text: Cow<'b, str>) -> Result<(), Unreadable> {
        match name {
            "Key" => self.key = Some(text),
            "LastModified" => self.at = date("LastModified", &text)?,
            "Initiated" => self.at = date("Initiated", &text)?,
            "ETag" => self.etag = Some(text),
            "Size" => self.size = Some(text.parse().map_err(|_| value("Size", &text))?),
            "StorageClass" => self.class = Some(text),
            "VersionId" | "UploadId" => self.id = Some(text),
            "IsLatest" => self.is_latest = flag("IsLatest", &text)?,
            _ => {}
        }
        Ok(())
    }
}

/// If an element starts here, after optional white space: its name and the text after its tag. Only tags with nothing
/// but letters count.
fn opened(text: &str) -> Option<(&str, &str)> {
    let tag = text.trim_ascii_start().strip_prefix('<')?;
    let length = tag.bytes().position(|byte| !byte.is_ascii_alphabetic())?;
    let (name, rest) = tag.split_at_checked(length)?;
    Some((name, rest.strip_prefix('>')?)).filter(|_| length > 0)
}

/// The text after the end tag of this element, if it is here, after optional white space.
fn closed<'b>(text: &'b str, name: &str) -> Option<&'b str> {
    text.trim_ascii_start()
        .strip_prefix("</")?
        .strip_prefix(name)?
        .strip_prefix('>')
}

/// The text at the start of an element, if it has no references, and what follows it. S3 writes the quotation marks
/// around an ETag as references; they are removed here. [`unquoted`](super::unquoted) removes others.
fn text(content: &str, is_tag: bool) -> Option<(&str, &str)> {
    const QUOTE: &str = "&quot;";
    let quoted = content.strip_prefix(QUOTE).filter(|_| is_tag);
    let content = quoted.unwrap_or(content);
    let (text, rest) = content.split_at_checked(memchr2(b'<', b'&', content.as_bytes())?)?;
    let rest = match quoted {
        Some(_) => rest.strip_prefix(QUOTE)?,
        None => rest,
    };
    rest.starts_with('<').then_some((text, rest))
}

/// The text after the end of the current element, if it only contains text, or elements with text.
fn passed_over<'b>(content: &'b str, name: &str) -> Option<&'b str> {
    let after_text = |content: &'b str| {
        let (_, end) = content.split_at_checked(memchr(b'<', content.as_bytes())?)?;
        Some(end)
    };
    if let Some(behind) = closed(after_text(content)?, name) {
        return Some(behind);
    }
    let mut within = content;
    loop {
        let (inner, content) = opened(within)?;
        within = closed(after_text(content)?, inner)?;
        if let Some(behind) = closed(within, name) {
            return Some(behind);
        }
    }
}

fn flag(element: &'static str, text: &str) -> Result<bool, Unreadable> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        other => Err(value(element, other)),
    }
}

fn date(element: &'static str, text: &str) -> Result<Option<DateTime<Utc>>, Unreadable> {
    time::read(text).map_err(|NotADate| value(element, text))
}

/// The character of a reference: one of XML's five, or one by its number.
fn resolved(reference: &BytesRef<'_>) -> Result<char, Unreadable> {
    let unknown = || {
        let name = String::from_utf8_lossy(reference);
        Unreadable::Unexpected(format!("the entity &{name};"))
    };
    match &**reference {
        b"lt" => Ok('<'),
        b"gt" => Ok('>'),
        b"amp" => Ok('&'),
        b"apos" => Ok('\''),
        b"quot" => Ok('"'),
        _ => reference
            .resolve_char_ref()
            .ok()
            .flatten()
            .ok_or_else(unknown),
    }
}

fn value(element: &'static str, found: &str) -> Unreadable {
    Unreadable::Value {
        element,
        found: found.chars().take(40).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(rows: &str, of: Of) -> Vec<Row<'_>> {
        let mut scanner = Scanner {
            text: rows,
            reader: Reader::from_str(rows),
            passed: 0,
        };
        scanner.child().expect("an element");
        std::iter::from_fn(|| scanner.plain_row(of)).collect()
    }

    /// The comparison with the SDK shows that rows are parsed correctly, but not whether this path is used at all.
    #[test]
    fn rows_as_s3_writes_them_are_read_without_the_xml_parser() {
        let object = "<Contents><Key>a%26b</Key><LastModified>2026-11-23T07:00:00.000Z</LastModified>\
                      <ETag>&quot;70ee1738b6b21e2c8a43f3a5ab0eee71&quot;</ETag>\
                      <ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>\
                      <Size>11</Size><StorageClass>STANDARD</StorageClass></Contents>";
        let page = format!("<ListBucketResult>{object}\n  {object}</ListBucketResult>");
        let rows = plain(&page, Of::Objects);
        assert_eq!(rows.len(), 2, "{rows:?}");
        for row in rows {
            assert_eq!(row.key.as_deref(), Some("a%26b"));
            assert_eq!(
                row.etag.as_deref(),
                Some("70ee1738b6b21e2c8a43f3a5ab0eee71")
            );
            assert_eq!(
                (row.size, row.class.as_deref()),
                (Some(11), Some("STANDARD"))
            );
        }
        let owner = "<Owner><ID>75aa57f0</ID><DisplayName>media</DisplayName></Owner>";
        let version = format!(
            "<ListVersionsResult><Version><Key>k</Key><VersionId>1</VersionId><IsLatest>false</IsLatest>\
             <Size>3</Size>{owner}</Version><DeleteMarker><Key>k</Key><VersionId>2</VersionId>\
             <IsLatest>true</IsLatest>{owner}</DeleteMarker></ListVersionsResult>"
        );
        let rows = plain(&version, Of::Versions);
        let told: Vec<_> = rows
            .iter()
            .map(|row| (row.is_marker, row.is_latest))
            .collect();
        assert_eq!(told, [(false, false), (true, true)]);
    }
}
