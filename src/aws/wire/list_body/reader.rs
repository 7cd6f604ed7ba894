//! XML to rows.
//!
//! Strings are slices of the document wherever it holds them as they are. What is no listing is refused: an element that
//! does not end, a text where none belongs, a document type with entities of its own, an entity that nobody knows.
//! Elements that are not of interest are passed over, whatever they hold.
//!
//! Nearly all of a page is elements that hold a text and nothing else, written without attributes, comments or references.
//! Those are [read off](Scanner::plain) the document as they stand; whatever is written in another way, and everything
//! around them, is left to the XML parser.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use memchr::memchr;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::time::NotADate;
use super::{Body, Of, Row, Unreadable, time};

/// Reads a page with this root element.
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
    /// Bytes that the reader was taken past, which it does not count.
    passed: usize,
}

impl<'b> Scanner<'b> {
    fn page(&mut self, body: &mut Body<'b>, of: Of) -> Result<(), Unreadable> {
        while let Some(name) = self.child()? {
            match (name, of) {
                ("Contents", Of::Objects) | ("Version", Of::Versions) | ("Upload", Of::Uploads) => {
                    let row = self.row(false)?;
                    // A page has a thousand rows at most, and mostly just that.
                    body.rows
                        .reserve(if body.rows.is_empty() { 1_000 } else { 0 });
                    body.rows.push(row);
                }
                ("DeleteMarker", Of::Versions) => body.rows.push(self.row(true)?),
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
        Ok(())
    }

    fn row(&mut self, is_marker: bool) -> Result<Row<'b>, Unreadable> {
        let mut row = Row {
            is_marker,
            ..Row::default()
        };
        loop {
            if let Some((name, text)) = self.plain() {
                row.set(name, Cow::Borrowed(text))?;
                continue;
            }
            match self.child()? {
                Some(name) if Row::has(name) => row.set(name, self.content()?)?,
                Some(_) => self.skip()?,
                None => return Ok(row),
            }
        }
    }

    /// The next element within this one and its text, if it is one of a row's and written in the plainest way:
    /// `<Name>text</Name>`. An entity tag comes without its quotes. Else nothing is passed.
    fn plain(&mut self) -> Option<(&'b str, &'b str)> {
        let (before, rest) = self.text.split_at_checked(self.position())?;
        // The parser has yet to tell the end of an element that was empty: what follows is not within it.
        if before.ends_with("/>") {
            return None;
        }
        let element = rest.trim_ascii_start().strip_prefix('<')?;
        let (name, after) = element.split_at_checked(memchr(b'>', element.as_bytes())?)?;
        if !Row::has(name) {
            return None;
        }
        let content = after.get(1..)?;
        let (text, end) = content.split_at_checked(memchr(b'<', content.as_bytes())?)?;
        let text = match memchr(b'&', text.as_bytes()) {
            None => text,
            Some(_) if name == "ETag" => within_quotes(text)?,
            Some(_) => return None,
        };
        let behind = end
            .strip_prefix("</")?
            .strip_prefix(name)?
            .strip_prefix('>')?;
        self.passed += rest.len() - behind.len();
        *self.reader.get_mut() = behind.as_bytes();
        Some((name, text))
    }

    fn flag(&mut self, element: &'static str) -> Result<bool, Unreadable> {
        flag(element, &self.content()?)
    }

    /// The name of the next element within this one, without its namespace; `None` at the end of this one. What follows
    /// is inside it: its content, its children, or all that is to be passed over.
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
                // What is empty is not told: it comes as a start and an end.
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

    /// The text of an element that has begun, to its end.
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

    /// Passes over the rest of an element that has begun.
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

impl<'b> Row<'b> {
    /// Whether there is room for what such an element holds.
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

/// What stands between two quotes that are written as references, as S3 writes those of entity tags, if there is no other
/// reference. Nobody wants the quotes: [`unquoted`](super::unquoted) takes them off.
fn within_quotes(text: &str) -> Option<&str> {
    let tag = text.strip_prefix("&quot;")?.strip_suffix("&quot;")?;
    memchr(b'&', tag.as_bytes()).is_none().then_some(tag)
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

/// The character that a reference stands for: one of the five that XML knows, or one by its number.
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
