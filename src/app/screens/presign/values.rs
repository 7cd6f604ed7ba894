//! Times, sizes and pairs as people type them.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::ByteSize;
use crate::domain::blueprint::values::{Span, parse_size};

/// A length of time: `300s`, `15m`, `12h` or `7d`. A bare number is seconds.
pub(super) fn span(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    text.parse::<Span>()
        .map(|Span(span)| span)
        .map_err(|_| "expected 300s, 15m, 12h or 7d".to_owned())
}

/// A number of bytes: `5 MB`, `5 MiB` or `5000000`.
pub(super) fn bytes(text: &str) -> Result<u64, String> {
    parse_size(text)
        .map(ByteSize::bytes)
        .map_err(|_| "expected 5 MB, 5 MiB, or bytes: 5000000".to_owned())
}

/// `name=value; name=value`. A value may hold `=`, and neither may hold `;`.
pub(super) fn pairs(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut pairs = BTreeMap::new();
    for pair in text
        .split(';')
        .map(str::trim)
        .filter(|pair| !pair.is_empty())
    {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| format!("expected name=value, and {pair:?} has no ="))?;
        let (name, value) = (name.trim(), value.trim());
        if name.is_empty() {
            return Err(format!("{pair:?} has no name before its ="));
        }
        if pairs.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(format!("{name:?} stands there twice"));
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, seconds) in [("300", 300), ("300s", 300), ("15m", 900), ("7d", 604_800)] {
            assert_eq!(span(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in [
            "",
            "m",
            "15 minutes",
            "-1m",
            "15m3",
            "99999999999999999999d",
        ] {
            assert!(span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_are_read_in_both_kinds_of_units() {
        for (text, size) in [
            ("0", 0),
            ("5000000", 5_000_000),
            ("5 MB", 5_000_000),
            ("5MiB", 5 << 20),
            ("1 GB", 1_000_000_000),
        ] {
            assert_eq!(bytes(text), Ok(size), "{text}");
        }
        for text in ["", "MB", "5 megs", "-1", "99999999999999999999", "5.5 MB"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn pairs_keep_what_stands_after_the_first_equals_sign() {
        let read = pairs(" a = 1 ; b=x=y;").unwrap();
        assert_eq!(read["a"], "1");
        assert_eq!(read["b"], "x=y");
        assert!(pairs("a").unwrap_err().contains("no ="));
        assert!(pairs("=1").unwrap_err().contains("no name"));
        assert!(pairs("a=1; a=2").unwrap_err().contains("twice"));
    }
}
