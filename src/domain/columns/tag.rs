//! ETags in sixteen bytes if they are MD5 sums, as for most objects.

use std::fmt::{self, Write};

use super::side::Side;
use crate::domain::hex::hex;

/// An ETag in its stored form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntityTag<'a> {
    /// Thirty-two lower-case hexadecimal digits.
    Md5([u8; 16]),
    /// An MD5 sum and a number of parts, from a multipart upload.
    Parts([u8; 16], u32),
    /// Any other ETag, exactly.
    Text(&'a str),
}

impl fmt::Display for EntityTag<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sum, parts) = match self {
            Self::Text(text) => return f.write_str(text),
            Self::Md5(sum) => (sum, None),
            Self::Parts(sum, parts) => (sum, Some(parts)),
        };
        f.write_str(&hex(sum))?;
        parts.map_or(Ok(()), |parts| write!(f, "-{parts}"))
    }
}

/// A column of tags.
#[derive(Debug, Clone, Default)]
pub(super) struct Tags {
    pub sums: Vec<[u8; 16]>,
    pub parts: Side<u32>,
    /// ETags of other forms, and rows without an ETag.
    pub other: Side<Option<Box<str>>>,
}

impl Tags {
    pub(super) fn push(&mut self, row: u32, tag: Option<&str>) {
        let (sum, parts) = match tag.map(|tag| (tag, read(tag))) {
            Some((_, Some(read))) => read,
            Some((text, None)) => {
                self.other.push(row, Some(text.into()));
                Default::default()
            }
            None => {
                self.other.push(row, None);
                Default::default()
            }
        };
        self.sums.push(sum);
        if let Some(parts) = parts {
            self.parts.push(row, parts);
        }
    }

    pub(super) fn get(&self, row: u32) -> Option<EntityTag<'_>> {
        if let Some(other) = self.other.get(row) {
            return other.as_deref().map(EntityTag::Text);
        }
        let sum = *self.sums.get(row as usize)?;
        Some(match self.parts.get(row) {
            Some(&parts) => EntityTag::Parts(sum, parts),
            None => EntityTag::Md5(sum),
        })
    }

    pub(super) fn shrink(&mut self) {
        self.sums.shrink_to_fit();
        self.parts.shrink();
        self.other.shrink();
    }

    pub(super) fn heap(&self) -> usize {
        let texts: usize = self
            .other
            .iter()
            .filter_map(|(_, text)| text.as_deref())
            .map(str::len)
            .sum();
        self.sums.capacity() * 16 + self.parts.heap() + self.other.heap() + texts
    }
}

/// The MD5 sum and the number of parts, if formatting them gives the same text again.
fn read(tag: &str) -> Option<([u8; 16], Option<u32>)> {
    let (digits, rest) = tag.as_bytes().split_at_checked(32)?;
    let mut sum = [0; 16];
    for (byte, pair) in sum.iter_mut().zip(digits.chunks_exact(2)) {
        for &digit in pair {
            let value = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'f' => digit - b'a' + 10,
                _ => return None,
            };
            *byte = *byte << 4 | value;
        }
    }
    let Some((dash, number)) = rest.split_first() else {
        return Some((sum, None));
    };
    let number = std::str::from_utf8(number).ok()?;
    let parts: u32 = number.parse().ok()?;
    let same = *dash == b'-' && number.len() == decimal_digits(parts) && !number.starts_with('+');
    same.then_some((sum, Some(parts)))
}

fn decimal_digits(number: u32) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

impl EntityTag<'_> {
    /// The ETag as text, without quotation marks.
    #[must_use]
    pub fn to_text(self) -> String {
        let mut text = String::with_capacity(36);
        // Writing to a String cannot fail.
        let _ = write!(text, "{self}");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tag_comes_back_exactly() {
        let sum = "0123456789abcdef0123456789abcdef";
        let tags = [
            Some(sum.to_owned()),
            Some(format!("{sum}-1")),
            Some(format!("{sum}-0")),
            Some(format!("{sum}-10000")),
            Some(format!("{sum}-4294967296")),
            Some(format!("{sum}-01")),
            Some(format!("{sum}-+1")),
            Some(format!("{sum}-")),
            Some(format!("{sum}x1")),
            Some(sum.to_uppercase()),
            Some(String::new()),
            Some("é".repeat(16)),
            None,
        ];
        let mut column = Tags::default();
        for (row, tag) in (0..).zip(&tags) {
            column.push(row, tag.as_deref());
        }
        for (row, tag) in (0..).zip(&tags) {
            assert_eq!(column.get(row).map(EntityTag::to_text), *tag);
        }
        assert_eq!((column.parts.len(), column.other.len()), (3, 9));
    }
}
