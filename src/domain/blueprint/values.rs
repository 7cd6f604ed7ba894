//! Values in a human-readable notation: `"15m"`, `"5 MiB"`, a bucket's name.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, de};

use crate::domain::{BucketName, ByteSize};

/// Merges a table of a file into the one it extends: fields that are present win, and absent ones keep the base value.
pub(crate) trait Over: Sized {
    /// `self` where it has a value, otherwise `base`.
    #[must_use]
    fn over(self, base: Self) -> Self;
}

impl<T: Over> Over for Option<T> {
    fn over(self, base: Self) -> Self {
        match (self, base) {
            (Some(new), Some(base)) => Some(new.over(base)),
            (new, base) => new.or(base),
        }
    }
}

/// Implements [`Over`] field by field: `each` is an option to replace, `deep` one to merge recursively.
macro_rules! over {
    ($type:ty { each: $($each:ident),* ; deep: $($deep:ident),* $(,)? }) => {
        impl $crate::domain::blueprint::values::Over for $type {
            fn over(self, base: Self) -> Self {
                Self {
                    $($each: self.$each.or(base.$each),)*
                    $($deep: $crate::domain::blueprint::values::Over::over(self.$deep, base.$deep),)*
                }
            }
        }
    };
}
pub(super) use over;

/// A duration, written `"300s"`, `"15m"`, `"48h"` or `"7d"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let unit = match unit.trim() {
            "s" => Some(1),
            "m" => Some(60),
            "h" => Some(60 * 60),
            "d" => Some(24 * 60 * 60),
            _ => None,
        };
        number
            .parse::<u64>()
            .ok()
            .zip(unit)
            .and_then(|(number, unit)| number.checked_mul(unit))
            .map(|seconds| Self(Duration::from_secs(seconds)))
            .ok_or_else(|| {
                format!("{text:?} is no length of time; expected one like \"15m\" (s, m, h, d)")
            })
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match seconds {
            s if s >= 86_400 && s % 86_400 == 0 => write!(f, "{}d", s / 86_400),
            s if s >= 3_600 && s % 3_600 == 0 => write!(f, "{}h", s / 3_600),
            s if s >= 60 && s % 60 == 0 => write!(f, "{}m", s / 60),
            s => write!(f, "{s}s"),
        }
    }
}

/// A size, written `"512"`, `"5 MB"` (a million bytes each) or `"5 MiB"` (1,048,576 bytes each).
///
/// # Errors
/// What was expected.
pub(crate) fn parse_size(text: &str) -> Result<ByteSize, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit = match unit.trim() {
        "" | "B" => Some(1),
        "kB" | "KB" => Some(1_000),
        "MB" => Some(1_000_000),
        "GB" => Some(1_000_000_000),
        "TB" => Some(1_000_000_000_000),
        "KiB" => Some(1 << 10),
        "MiB" => Some(1 << 20),
        "GiB" => Some(1 << 30),
        "TiB" => Some(1 << 40),
        _ => None,
    };
    number
        .parse::<u64>()
        .ok()
        .zip(unit)
        .and_then(|(number, unit): (u64, u64)| number.checked_mul(unit))
        .map(ByteSize)
        .ok_or_else(|| {
            format!("{text:?} is no size; expected one like \"5 MiB\" or \"5 MB\" (k, M, G, T)")
        })
}

/// [`parse_size`] as a serde deserializer.
pub(crate) fn size<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<ByteSize>, D::Error> {
    parse_size(&String::deserialize(deserializer)?)
        .map(Some)
        .map_err(de::Error::custom)
}

pub(crate) fn bucket_name<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BucketName, D::Error> {
    BucketName::new(String::deserialize(deserializer)?).map_err(de::Error::custom)
}

/// The name of a bucket, or none.
pub(crate) fn some_bucket_name<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<BucketName>, D::Error> {
    bucket_name(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Both {
        span: Option<Span>,
        #[serde(default, deserialize_with = "size")]
        size: Option<ByteSize>,
    }

    fn read(text: &str) -> Result<Both, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn times_and_sizes_are_written_as_people_write_them() {
        let both = read("span = \"15m\"\nsize = \"5 MiB\"").unwrap();
        assert_eq!(both.span.unwrap().0.as_secs(), 900);
        assert_eq!(both.span.unwrap().to_string(), "15m");
        assert_eq!(both.size, Some(ByteSize(5 << 20)));
        assert_eq!(
            read("size = \"10MB\"").unwrap().size,
            Some(ByteSize(10_000_000))
        );
    }

    #[test]
    fn what_is_neither_is_answered_with_an_example() {
        for bad in ["", "m", "15", "15 minutes", "-1m", "99999999999999999999d"] {
            assert!(
                read(&format!("span = {bad:?}"))
                    .unwrap_err()
                    .contains("15m"),
                "{bad:?}"
            );
        }
        for bad in ["", "MiB", "5 megs", "99999999999999999999"] {
            assert!(
                read(&format!("size = {bad:?}"))
                    .unwrap_err()
                    .contains("5 MiB"),
                "{bad:?}"
            );
        }
    }
}
