//! A scan as a file: written once, verified when opened.
//!
//! ```text
//! "s3wscan\0"  version: u16   header: block   chunk: block …   end: block
//! block = length: u32   crc32 of the content: u32   content
//! ```
//!
//! Numbers are little-endian. The header is JSON, a [`Header`]. A chunk is some thousands of objects, column by column.
//! The end block has the number of chunks and of objects, so that a file truncated between two blocks is detected. The
//! checksums detect damage, not forgery.

use std::io::{self, Read, Write};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Columns;
use super::chunk::{Chunk, MOST_ROWS};
use super::keys::Keys;
use super::side::Side;
use super::tag::Tags;
use crate::domain::{ByteSize, ObjectKey, StorageClass};

/// The first bytes of every saved scan.
pub const MAGIC: &[u8; 8] = b"s3wscan\0";

/// The version of the format that is written, and the only one that can be read.
pub const VERSION: u16 = 1;

/// Larger than any block: keys take at most 1,028 bytes, ETags and classes are whatever a server sent.
const LONGEST_BLOCK: u32 = 64 << 20;

/// What was scanned, and whether the scan is complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The endpoint's URL, if it is not AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The bucket.
    pub bucket: String,
    /// The listed prefixes; an empty one means the whole bucket.
    pub prefixes: Vec<String>,
    /// When the scan started. Objects written later may be missing.
    pub started: DateTime<Utc>,
    /// When it ended.
    pub finished: DateTime<Utc>,
    /// Whether every key was listed.
    pub complete: bool,
    /// What is missing from an incomplete scan.
    pub incomplete: Vec<Missing>,
}

/// Something that a scan leaves out, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// What is missing.
    pub what: String,
    /// Why.
    pub why: String,
}

/// Why a file cannot be opened as a scan.
#[derive(Debug, Error)]
pub enum FileError {
    /// An I/O error.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// The file is not a scan.
    #[error("it is no saved scan")]
    NotAScan,
    /// The file has another version of the format.
    #[error(
        "it is of version {0} of the format and this program reads version {VERSION}: scan again"
    )]
    Version(u16),
    /// The file is truncated.
    #[error("it is cut off: scan again")]
    CutOff,
    /// The file is damaged.
    #[error("it is damaged ({0}): scan again")]
    Damaged(&'static str),
}

/// Writes a scan. The caller chooses the file and its permissions: keys are private.
///
/// # Errors
/// I/O errors; [`io::ErrorKind::InvalidInput`] for an ETag or storage class of several megabytes.
pub fn write(to: &mut impl Write, header: &Header, columns: &Columns) -> io::Result<()> {
    to.write_all(MAGIC)?;
    to.write_all(&VERSION.to_le_bytes())?;
    write_block(to, &serde_json::to_vec(header)?)?;
    for chunk in &columns.chunks {
        let mut content = Vec::with_capacity(chunk.memory());
        encode(chunk, &mut content)?;
        write_block(to, &content)?;
    }
    let mut end = Vec::with_capacity(16);
    end.extend_from_slice(&(columns.chunks.len() as u64).to_le_bytes());
    end.extend_from_slice(&(columns.len() as u64).to_le_bytes());
    // The end block is shorter than any chunk.
    write_block(to, &end)?;
    to.flush()
}

/// Reads only the header.
///
/// # Errors
/// [`FileError`].
pub fn read_header(from: &mut impl Read) -> Result<Header, FileError> {
    let mut magic = [0; MAGIC.len()];
    from.read_exact(&mut magic)
        .map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => FileError::NotAScan,
            _ => FileError::Io(error),
        })?;
    if magic != *MAGIC {
        return Err(FileError::NotAScan);
    }
    let version = u16::from_le_bytes(read_array(from)?);
    if version != VERSION {
        return Err(FileError::Version(version));
    }
    serde_json::from_slice(&read_block(from)?).map_err(|_| FileError::Damaged("its header"))
}

/// Reads and verifies a whole scan. It reads small pieces, so pass a buffered reader.
///
/// # Errors
/// [`FileError`].
pub fn read(from: &mut impl Read) -> Result<(Header, Columns), FileError> {
    let header = read_header(from)?;
    let mut chunks: Vec<Arc<Chunk>> = Vec::new();
    loop {
        let content = read_block(from)?;
        if let Ok(end) = <[u8; 16]>::try_from(content.as_slice()) {
            let columns = Columns::of_chunks(chunks);
            let mut counts = [0; 16];
            let (chunk_count, row_count) = counts.split_at_mut(8);
            chunk_count.copy_from_slice(&(columns.chunks.len() as u64).to_le_bytes());
            row_count.copy_from_slice(&(columns.len() as u64).to_le_bytes());
            return match (counts == end, from.read(&mut [0])?) {
                (true, 0) => Ok((header, columns)),
                (true, _) => Err(FileError::Damaged("something follows its end")),
                (false, _) => Err(FileError::Damaged("objects are missing")),
            };
        }
        let chunk = decode(&content).ok_or(FileError::Damaged("its objects"))?;
        if let Some(before) = chunks.last()
            && chunk.first <= before.last
        {
            return Err(FileError::Damaged("the order of its objects"));
        }
        chunks.push(Arc::new(chunk));
    }
}

fn write_block(to: &mut impl Write, content: &[u8]) -> io::Result<()> {
    let length = u32::try_from(content.len())
        .ok()
        .filter(|&length| length <= LONGEST_BLOCK)
        .ok_or_else(too_long)?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(&crc32fast::hash(content).to_le_bytes())?;
    to.write_all(content)
}

fn too_long() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidInput,
        "an entity tag or a storage class is too long to be kept",
    )
}

fn read_block(from: &mut impl Read) -> Result<Vec<u8>, FileError> {
    let length = u32::from_le_bytes(read_array(from)?);
    let sum = u32::from_le_bytes(read_array(from)?);
    if length > LONGEST_BLOCK {
        return Err(FileError::Damaged("the length of a block"));
    }
    // Grow with the data that is there, not with the length, which may be damaged.
    let mut content = Vec::new();
    from.take(u64::from(length)).read_to_end(&mut content)?;
    if content.len() < length as usize {
        return Err(FileError::CutOff);
    }
    if crc32fast::hash(&content) != sum {
        return Err(FileError::Damaged("a checksum"));
    }
    content.shrink_to_fit();
    Ok(content)
}

fn read_array<const N: usize>(from: &mut impl Read) -> Result<[u8; N], FileError> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)
        .map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => FileError::CutOff,
            _ => FileError::Io(error),
        })?;
    Ok(bytes)
}

fn encode(chunk: &Chunk, to: &mut Vec<u8>) -> io::Result<()> {
    put_number(to, chunk.len())?;
    put_bytes(to, chunk.keys.bytes())?;
    for size in &chunk.sizes {
        to.extend_from_slice(size);
    }
    put_side(to, &chunk.large, |to, size| {
        to.extend_from_slice(&size.to_le_bytes());
        Ok(())
    })?;
    for seconds in &chunk.seconds {
        to.extend_from_slice(&seconds.to_le_bytes());
    }
    put_number(to, chunk.millis.len())?;
    for millis in &chunk.millis {
        to.extend_from_slice(&millis.to_le_bytes());
    }
    put_side(to, &chunk.odd_times, |to, time| {
        to.extend_from_slice(&time.timestamp().to_le_bytes());
        to.extend_from_slice(&time.timestamp_subsec_nanos().to_le_bytes());
        Ok(())
    })?;
    put_number(to, chunk.class_names.len())?;
    for name in &chunk.class_names {
        put_bytes(to, name.as_str().as_bytes())?;
    }
    to.extend_from_slice(&chunk.classes);
    let Some(tags) = &chunk.tags else {
        to.push(0);
        return Ok(());
    };
    to.push(1);
    for sum in &tags.sums {
        to.extend_from_slice(sum);
    }
    put_side(to, &tags.parts, |to, parts| {
        to.extend_from_slice(&parts.to_le_bytes());
        Ok(())
    })?;
    put_side(to, &tags.other, |to, text| {
        to.push(u8::from(text.is_some()));
        put_bytes(to, text.as_deref().unwrap_or_default().as_bytes())
    })
}

fn put_number(to: &mut Vec<u8>, number: usize) -> io::Result<()> {
    let number = u32::try_from(number).map_err(|_| too_long())?;
    to.extend_from_slice(&number.to_le_bytes());
    Ok(())
}

fn put_bytes(to: &mut Vec<u8>, bytes: &[u8]) -> io::Result<()> {
    put_number(to, bytes.len())?;
    to.extend_from_slice(bytes);
    Ok(())
}

fn put_side<T>(
    to: &mut Vec<u8>,
    side: &Side<T>,
    put: impl Fn(&mut Vec<u8>, &T) -> io::Result<()>,
) -> io::Result<()> {
    put_number(to, side.len())?;
    for (row, value) in side.iter() {
        to.extend_from_slice(&row.to_le_bytes());
        put(to, value)?;
    }
    Ok(())
}

/// Decodes a chunk; `None` if it is invalid. For any input, the result is consistent: all columns have the same number
/// of rows, keys are in order, and every index is valid.
fn decode(content: &[u8]) -> Option<Chunk> {
    let mut from = Bytes(content);
    let rows = from.number()?;
    if rows == 0 || rows > MOST_ROWS {
        return None;
    }
    let keys = from.bytes()?.to_vec();
    let keys = Keys::checked(keys, rows, ObjectKey::MAX_BYTES)?;
    let mut chunk = Chunk::new(false);
    chunk.sizes = from.column(rows, Some)?;
    chunk.large = from.side(rows, |from| Some(u64::from_le_bytes(from.array()?)))?;
    chunk.seconds = from.column(rows, |bytes| Some(u32::from_le_bytes(bytes)))?;
    let millis = from.number()?;
    if millis != 0 && millis != rows {
        return None;
    }
    chunk.millis = from.column(millis, |bytes| {
        Some(u16::from_le_bytes(bytes)).filter(|&millis| millis < 1000)
    })?;
    chunk.odd_times = from.side(rows, |from| {
        let seconds = i64::from_le_bytes(from.array()?);
        DateTime::from_timestamp(seconds, u32::from_le_bytes(from.array()?))
    })?;
    let names = from.number()?;
    if names > 256 {
        return None;
    }
    chunk.class_names = (0..names)
        .map(|_| from.text().map(StorageClass::new))
        .collect::<Option<_>>()?;
    chunk.classes = from.column(rows, |[number]| {
        (usize::from(number) < names).then_some(number)
    })?;
    chunk.tags = match from.array()? {
        [0] => None,
        [1] => Some(Tags {
            sums: from.column(rows, Some)?,
            parts: from.side(rows, |from| Some(u32::from_le_bytes(from.array()?)))?,
            other: from.side(rows, |from| match (from.array()?, from.text()?) {
                ([0], "") => Some(None),
                ([1], text) => Some(Some(text.into())),
                _ => None,
            })?,
        }),
        _ => return None,
    };
    if !from.0.is_empty() {
        return None;
    }
    let key_at = |row| {
        let mut cursor = keys.cursor(row);
        cursor.advance()?;
        Some(cursor.key().to_owned())
    };
    chunk.first = key_at(0)?;
    chunk.last = key_at(rows - 1)?;
    chunk.keys = keys;
    for row in 0..rows {
        let size: ByteSize = chunk.size(row)?;
        let time: Option<DateTime<Utc>> = chunk.time(row);
        chunk.total.count(size, time);
    }
    Some(chunk)
}

/// The rest of the input.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn number(&mut self) -> Option<usize> {
        usize::try_from(u32::from_le_bytes(self.array()?)).ok()
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(length)
    }

    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    fn column<const N: usize, T>(
        &mut self,
        rows: usize,
        value: impl Fn([u8; N]) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.take(rows.checked_mul(N)?)?
            .chunks_exact(N)
            .map(|bytes| value(bytes.try_into().ok()?))
            .collect()
    }

    fn side<T>(&mut self, rows: usize, value: impl Fn(&mut Self) -> Option<T>) -> Option<Side<T>> {
        let mut side = Side::default();
        let mut next = 0;
        for _ in 0..self.number()? {
            let row = u32::from_le_bytes(self.array()?);
            if row < next || row as usize >= rows {
                return None;
            }
            next = row + 1;
            side.push(row, value(self)?);
        }
        side.shrink();
        Some(side)
    }
}
