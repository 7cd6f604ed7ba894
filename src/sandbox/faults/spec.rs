//! The written form of fault rules.
//!
//! ```text
//! SPEC   = RULE { ";" RULE }
//! RULE   = WHAT { BLANK NAME "=" VALUE }
//! WHAT   = slow-down | internal-error | service-unavailable | access-denied | expired-token
//!        | drop | truncate | slow:MILLISECONDS | ignore-start | repeat-token
//! NAME   = operation | bucket | key      a pattern: * for any run of characters, ? for one;
//!                                        operation=DeleteObjects:key means each key of a batch
//!        | every                         strike every Nth request that matches, from 1
//!        | over                          let so many a second pass and look at the others alone, from 1
//!        | times                         rest after so many strikes, from 1
//! ```
//!
//! In a VALUE, `%XX` stands for a byte, so that a key may hold blanks, `;` and `%` itself.
//!
//! ```text
//! slow-down operation=List* every=10; drop operation=GetObject key=avatars/* times=2; slow:20 bucket=media
//! ```

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;
use std::time::Duration;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use thiserror::Error;

use super::{Fault, FaultRule};
use crate::sandbox::pattern::Pattern;

/// What a value cannot hold as itself: what separates rules and conditions, and what starts an escape.
const ESCAPED: &AsciiSet = &CONTROLS.add(b' ').add(b';').add(b'%');

/// The longest pause between two pieces of a slow body, in milliseconds.
const LONGEST_PAUSE: u64 = 60_000;

const KINDS: &str = "slow-down, internal-error, service-unavailable, access-denied, expired-token, drop, truncate, \
                     ignore-start, repeat-token or slow:MILLISECONDS";

/// A fault rule that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{found:?} in the fault rule {rule:?}: expected {expected}")]
pub struct FaultError {
    rule: String,
    found: String,
    expected: &'static str,
}

impl FaultRule {
    /// Reads rules separated by `;`. A rule that is empty is passed over, so a spec may end in `;`.
    ///
    /// # Errors
    /// [`FaultError`] with the word that is wrong and what was expected in its place.
    pub fn parse_all(spec: &str) -> Result<Vec<Self>, FaultError> {
        spec.split(';')
            .map(str::trim)
            .filter(|rule| !rule.is_empty())
            .map(str::parse)
            .collect()
    }
}

impl FromStr for FaultRule {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |found: &str, expected| FaultError {
            rule: text.to_owned(),
            found: found.to_owned(),
            expected,
        };
        let mut words = text.split_ascii_whitespace();
        let what = words.next().unwrap_or_default();
        let mut rule = Self::new(kind(what).map_err(|expected| wrong(what, expected))?);
        for word in words {
            let Some((name, value)) = word.split_once('=') else {
                return Err(wrong(word, "NAME=VALUE"));
            };
            let value = percent_decode_str(value)
                .decode_utf8()
                .map_err(|_| wrong(word, "a value in UTF-8"))?;
            let number = || {
                value
                    .parse::<NonZeroU64>()
                    .map_err(|_| wrong(word, "a whole number from 1"))
            };
            match name {
                "operation" => rule.operation = Pattern::new(value),
                "bucket" => rule.bucket = Pattern::new(value),
                "key" => rule.key = Pattern::new(value),
                "every" => rule.every = number()?,
                "over" => rule.over = Some(number()?),
                "times" => rule.times = Some(number()?.get()),
                _ => {
                    return Err(wrong(
                        word,
                        "operation=, bucket=, key=, every=, over= or times=",
                    ));
                }
            }
        }
        Ok(rule)
    }
}

fn kind(word: &str) -> Result<Fault, &'static str> {
    Ok(match word {
        "slow-down" => Fault::SlowDown,
        "internal-error" => Fault::InternalError,
        "service-unavailable" => Fault::ServiceUnavailable,
        "access-denied" => Fault::AccessDenied,
        "expired-token" => Fault::ExpiredToken,
        "drop" => Fault::Drop,
        "truncate" => Fault::Truncate,
        "ignore-start" => Fault::IgnoreStart,
        "repeat-token" => Fault::RepeatToken,
        _ => {
            let pause = word.strip_prefix("slow:").ok_or(KINDS)?;
            let pause = pause.strip_suffix("ms").unwrap_or(pause);
            match pause.parse() {
                Ok(pause) if pause <= LONGEST_PAUSE => Fault::Slow(Duration::from_millis(pause)),
                _ => return Err("slow:MILLISECONDS, at most 60000, such as slow:20"),
            }
        }
    })
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SlowDown => "slow-down",
            Self::InternalError => "internal-error",
            Self::ServiceUnavailable => "service-unavailable",
            Self::AccessDenied => "access-denied",
            Self::ExpiredToken => "expired-token",
            Self::Drop => "drop",
            Self::Truncate => "truncate",
            Self::IgnoreStart => "ignore-start",
            Self::RepeatToken => "repeat-token",
            Self::Slow(pause) => return write!(f, "slow:{}", pause.as_millis()),
        })
    }
}

impl fmt::Display for FaultRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.fault)?;
        for (name, pattern) in [
            ("operation", &self.operation),
            ("bucket", &self.bucket),
            ("key", &self.key),
        ] {
            if pattern.as_str() != "*" {
                write!(
                    f,
                    " {name}={}",
                    utf8_percent_encode(pattern.as_str(), ESCAPED)
                )?;
            }
        }
        if self.every != NonZeroU64::MIN {
            write!(f, " every={}", self.every)?;
        }
        if let Some(over) = self.over {
            write!(f, " over={over}")?;
        }
        if let Some(times) = self.times {
            write!(f, " times={times}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_spec_is_rules_separated_by_semicolons() {
        let rules = FaultRule::parse_all(
            "slow-down operation=List* every=10; drop operation=GetObject key=avatars/a%20b* times=2 ; slow:20ms;",
        )
        .unwrap();
        assert_eq!(
            rules,
            [
                FaultRule {
                    every: NonZeroU64::new(10).unwrap(),
                    ..FaultRule::new(Fault::SlowDown).on("List*")
                },
                FaultRule::new(Fault::Drop)
                    .on("GetObject")
                    .at("*", "avatars/a b*")
                    .times(2),
                FaultRule::new(Fault::Slow(Duration::from_millis(20))),
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_what_was_expected() {
        for (spec, word) in [
            ("explode", "explode"),
            ("slow", "slow"),
            ("slow:soon", "slow:soon"),
            ("slow:60001", "slow:60001"),
            ("drop operation", "operation"),
            ("drop every=0", "every=0"),
            ("drop times=many", "times=many"),
            ("drop colour=red", "colour=red"),
            ("drop key=%FF", "key=%FF"),
        ] {
            let error = FaultRule::parse_all(spec).unwrap_err().to_string();
            assert!(error.contains(&format!("{word:?}")), "{spec}: {error}");
            assert!(error.contains("expected"), "{spec}: {error}");
        }
    }

    fn rules() -> impl Strategy<Value = FaultRule> {
        let fault = prop_oneof![
            Just(Fault::SlowDown),
            Just(Fault::InternalError),
            Just(Fault::ServiceUnavailable),
            Just(Fault::AccessDenied),
            Just(Fault::ExpiredToken),
            Just(Fault::Drop),
            Just(Fault::Truncate),
            Just(Fault::IgnoreStart),
            Just(Fault::RepeatToken),
            (0..=LONGEST_PAUSE).prop_map(|pause| Fault::Slow(Duration::from_millis(pause))),
        ];
        let times = proptest::option::of(1..u64::MAX);
        let over = proptest::option::of(1..u64::MAX);
        (fault, ".*", ".*", ".*", 1..u64::MAX, over, times).prop_map(
            |(fault, operation, bucket, key, every, over, times)| FaultRule {
                every: NonZeroU64::new(every).unwrap(),
                over: over.and_then(NonZeroU64::new),
                times,
                ..FaultRule::new(fault).on(operation).at(bucket, key)
            },
        )
    }

    proptest! {
        #[test]
        fn rules_are_written_as_they_are_read(rules in proptest::collection::vec(rules(), 0..4)) {
            let spec = rules.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            prop_assert_eq!(FaultRule::parse_all(&spec), Ok(rules));
        }
    }
}
