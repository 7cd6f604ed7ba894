//! How long the sandbox waits before it answers, by operation, as a network and a service far away would.
//!
//! The grammar, as `--latency` takes it: parts separated by commas, each a duration or `OPERATION=DURATION`.
//!
//! ```text
//! 50                           every operation waits 50 milliseconds
//! 20ms,List*=120ms,Head*=2s    listings wait 120 milliseconds, HEADs two seconds, all others 20 milliseconds
//! ```
//!
//! An operation is named as in the S3 API (`ListObjectsV2`, `HeadObject`) and may hold `*` and `?`; the first part
//! that matches counts.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

use super::pattern::Pattern;

/// The longest wait that is taken, so that a slip of the finger does not look like a hang.
const LONGEST: Duration = Duration::from_mins(1);

/// A wait for every operation, with exceptions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Latency {
    default: Duration,
    overrides: Vec<(Pattern, Duration)>,
}

impl Latency {
    /// The same wait for every operation.
    #[must_use]
    pub fn uniform(wait: Duration) -> Self {
        Self {
            default: wait,
            overrides: Vec::new(),
        }
    }

    /// Another wait for the operations whose name matches `operation`; the first that matches counts.
    #[must_use]
    pub fn with(mut self, operation: impl Into<String>, wait: Duration) -> Self {
        self.overrides.push((Pattern::new(operation), wait));
        self
    }

    /// How long `operation` waits.
    #[must_use]
    pub fn of(&self, operation: &str) -> Duration {
        self.overrides
            .iter()
            .find(|(pattern, _)| pattern.matches(operation))
            .map_or(self.default, |(_, wait)| *wait)
    }
}

/// A latency that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{part:?} is not a latency: expected {expected}")]
pub struct LatencyError {
    part: String,
    expected: &'static str,
}

impl FromStr for Latency {
    type Err = LatencyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut latency = Self::default();
        let mut default = None;
        for part in text.split(',').map(str::trim) {
            let wrong = |expected| LatencyError {
                part: part.to_owned(),
                expected,
            };
            match part.split_once('=') {
                Some(("", _)) => {
                    return Err(wrong("an operation's name before '=', such as List*=50ms"));
                }
                Some((operation, wait)) => {
                    let wait = duration(wait).map_err(wrong)?;
                    latency
                        .overrides
                        .push((Pattern::new(operation.trim_end()), wait));
                }
                None if default.is_some() => {
                    return Err(wrong(
                        "one wait for all operations, and OPERATION=WAIT for the exceptions",
                    ));
                }
                None => default = Some(duration(part).map_err(wrong)?),
            }
        }
        latency.default = default.unwrap_or_default();
        Ok(latency)
    }
}

fn duration(text: &str) -> Result<Duration, &'static str> {
    const EXPECTED: &str = "milliseconds such as 50 or 50ms, or seconds such as 2s, up to 60s";
    let text = text.trim();
    let (number, unit) = if let Some(number) = text.strip_suffix("ms") {
        (number, 1)
    } else if let Some(number) = text.strip_suffix('s') {
        (number, 1000)
    } else {
        (text, 1)
    };
    let milliseconds = number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(unit))
        .ok_or(EXPECTED)?;
    let wait = Duration::from_millis(milliseconds);
    if wait > LONGEST {
        Err(EXPECTED)
    } else {
        Ok(wait)
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.default.as_millis())?;
        for (operation, wait) in &self.overrides {
            write!(f, ",{operation}={}ms", wait.as_millis())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_part_that_matches_an_operation_counts() {
        let latency: Latency = "20, ListObjects*=120ms, List*=50, Head*=2s"
            .parse()
            .unwrap();
        assert_eq!(latency.of("GetObject"), Duration::from_millis(20));
        assert_eq!(latency.of("ListObjectsV2"), Duration::from_millis(120));
        assert_eq!(latency.of("ListBuckets"), Duration::from_millis(50));
        assert_eq!(latency.of("HeadObject"), Duration::from_secs(2));
    }

    #[test]
    fn exceptions_alone_leave_the_others_without_a_wait() {
        let latency: Latency = "List*=50".parse().unwrap();
        assert_eq!(latency.of("GetObject"), Duration::ZERO);
    }

    #[test]
    fn it_is_written_as_it_is_read() {
        let latency =
            Latency::uniform(Duration::from_millis(5)).with("List*", Duration::from_secs(1));
        assert_eq!(latency.to_string(), "5ms,List*=1000ms");
        assert_eq!(latency.to_string().parse(), Ok(latency));
    }

    #[test]
    fn what_is_not_a_wait_is_refused_with_what_was_expected() {
        for text in [
            "",
            "fast",
            "-1",
            "1h",
            "List*=",
            "=5",
            "5,6",
            "61s",
            "18446744073709551615s",
        ] {
            let error = text.parse::<Latency>().unwrap_err();
            assert!(error.to_string().contains("expected"), "{text}: {error}");
        }
    }
}
