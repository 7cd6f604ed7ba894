//! Front-coded keys: each key stores how much of the previous key it repeats, and then only the rest.
//!
//! Every thirty-second key is stored completely, so that decoding a key takes at most that many steps. An entry is
//! `[shared] added suffix`, with both lengths as LEB128. A complete key has no `shared`.

/// The interval of complete keys within a chunk.
pub(super) const RESTART: usize = 32;

/// Keys in ascending order.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys {
    bytes: Vec<u8>,
    /// The positions of complete keys.
    restarts: Vec<u32>,
    rows: usize,
}

impl Keys {
    /// Adds a key; `previous` is the key before it.
    pub(super) fn push(&mut self, previous: &str, key: &str) {
        let shared = if self.rows.is_multiple_of(RESTART) {
            // A chunk has some thousands of keys of at most some kilobytes, so four bytes are enough for a position.
            self.restarts
                .push(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
            0
        } else {
            let shared = common(previous.as_bytes(), key.as_bytes());
            write_length(&mut self.bytes, shared);
            shared
        };
        let suffix = key.as_bytes().get(shared..).unwrap_or_default();
        write_length(&mut self.bytes, suffix.len());
        self.bytes.extend_from_slice(suffix);
        self.rows += 1;
    }

    /// Validates stored keys. `None` unless they are exactly `rows` keys, all UTF-8, at most `longest` bytes, and in
    /// ascending order.
    pub(super) fn checked(bytes: Vec<u8>, rows: usize, longest: usize) -> Option<Self> {
        let mut restarts = Vec::with_capacity(rows.div_ceil(RESTART));
        let mut cursor = KeyCursor::new(&bytes);
        let mut previous = Vec::new();
        for row in 0..rows {
            if row.is_multiple_of(RESTART) {
                restarts.push(u32::try_from(bytes.len() - cursor.rest.len()).ok()?);
            }
            cursor.advance()?;
            let key = cursor.key.as_slice();
            let fits = (1..=longest).contains(&key.len()) && std::str::from_utf8(key).is_ok();
            if !fits || (row > 0 && key <= previous.as_slice()) {
                return None;
            }
            previous.clear();
            previous.extend_from_slice(key);
        }
        if !cursor.rest.is_empty() {
            return None;
        }
        Some(Self {
            bytes,
            restarts,
            rows,
        })
    }

    /// The encoded keys.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A cursor directly before `row`.
    pub(super) fn cursor(&self, row: usize) -> KeyCursor<'_> {
        let block = row / RESTART;
        let mut cursor = self.cursor_at_restart(block);
        for _ in block * RESTART..row {
            if cursor.advance().is_none() {
                break;
            }
        }
        cursor
    }

    fn cursor_at_restart(&self, block: usize) -> KeyCursor<'_> {
        let rest = self
            .restarts
            .get(block)
            .and_then(|&at| self.bytes.get(at as usize..))
            .unwrap_or_default();
        KeyCursor {
            rest,
            row: block * RESTART,
            key: Vec::new(),
        }
    }

    /// The number of keys for which `before` holds. It must hold for the first keys and not for the rest.
    pub(super) fn partition_point(&self, before: impl Fn(&str) -> bool) -> usize {
        // Binary search for the last block whose first key is before the position.
        let (mut low, mut high) = (0, self.restarts.len());
        while low < high {
            let middle = low.midpoint(high);
            let mut cursor = self.cursor_at_restart(middle);
            if cursor.advance().is_some() && before(cursor.key()) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let Some(block) = low.checked_sub(1) else {
            return 0;
        };
        let mut cursor = self.cursor_at_restart(block);
        let end = self.rows.min(low * RESTART);
        for row in block * RESTART..end {
            if cursor.advance().is_none() || !before(cursor.key()) {
                return row;
            }
        }
        end
    }

    /// Frees unused memory.
    pub(super) fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
        self.restarts.shrink_to_fit();
    }

    /// Heap memory in bytes.
    pub(super) fn heap(&self) -> usize {
        self.bytes.capacity() + self.restarts.capacity() * size_of::<u32>()
    }
}

/// Iterates over keys in order, decoding each from the previous one.
#[derive(Debug, Clone)]
pub(super) struct KeyCursor<'a> {
    rest: &'a [u8],
    row: usize,
    key: Vec<u8>,
}

impl<'a> KeyCursor<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            row: 0,
            key: Vec::new(),
        }
    }

    /// Moves to the next key; `None` at the end.
    pub(super) fn advance(&mut self) -> Option<()> {
        let mut rest = self.rest;
        let shared = if self.row.is_multiple_of(RESTART) {
            0
        } else {
            read_length(&mut rest)?
        };
        let added = read_length(&mut rest)?;
        let (suffix, rest) = rest.split_at_checked(added)?;
        if shared > self.key.len() {
            return None;
        }
        self.key.truncate(shared);
        self.key.extend_from_slice(suffix);
        self.rest = rest;
        self.row += 1;
        Some(())
    }

    /// The current key.
    pub(super) fn key(&self) -> &str {
        // Keys were added as text, or validated when read, so this cannot fail.
        std::str::from_utf8(&self.key).unwrap_or_default()
    }
}

fn common(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// Writes a length as LEB128: seven bits per byte, with the highest bit set on all bytes except the last.
fn write_length(bytes: &mut Vec<u8>, mut length: usize) {
    loop {
        let low = u8::try_from(length & 0x7f).unwrap_or_default();
        length >>= 7;
        if length == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

fn read_length(bytes: &mut &[u8]) -> Option<usize> {
    let mut length = 0_usize;
    // Three bytes can represent two million, which is longer than any key.
    for shift in [0, 7, 14] {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        length |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(length);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys_of(keys: &[String]) -> Keys {
        let mut coded = Keys::default();
        let mut previous = "";
        for key in keys {
            coded.push(previous, key);
            previous = key;
        }
        coded
    }

    fn forty() -> Vec<String> {
        (0..40)
            .map(|n| format!("user-{:02}/é{n}", n / 3))
            .map(|k| k + "x")
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect()
    }

    #[test]
    fn every_key_is_found_from_any_place() {
        let keys = forty();
        let coded = keys_of(&keys);
        for (row, key) in keys.iter().enumerate() {
            let mut cursor = coded.cursor(row);
            cursor.advance().unwrap();
            assert_eq!(cursor.key(), key);
            assert_eq!(coded.partition_point(|k| k < key.as_str()), row);
            assert_eq!(coded.partition_point(|k| k <= key.as_str()), row + 1);
        }
        assert_eq!(coded.partition_point(|_| true), keys.len());
        assert_eq!(coded.partition_point(|_| false), 0);
    }

    #[test]
    fn keys_are_taken_back_as_they_were_written_or_not_at_all() {
        let keys = forty();
        let coded = keys_of(&keys);
        let read = Keys::checked(coded.bytes.clone(), keys.len(), 1024).unwrap();
        assert_eq!(read.restarts, coded.restarts);
        assert!(Keys::checked(coded.bytes.clone(), keys.len() - 1, 1024).is_none());
        assert!(Keys::checked(coded.bytes.clone(), keys.len() + 1, 1024).is_none());
        assert!(Keys::checked(coded.bytes.clone(), keys.len(), 3).is_none());
        let disorder = keys_of(&["b".to_owned(), "a".to_owned()]);
        assert!(Keys::checked(disorder.bytes, 2, 1024).is_none());
        assert!(Keys::checked(vec![1, 0xff], 1, 1024).is_none());
    }
}
