//! Object Lock: objects that cannot be deleted before a date.

use serde::Serialize;

use super::Concern;
use super::words::count;

/// The Object Lock configuration, with defaults for new objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ObjectLocking {
    /// The default retention of new objects.
    pub default_retention: Option<Retention>,
    /// The default event hold of new objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_event_hold: Option<DefaultEventHold>,
}

/// A default event hold: new objects are locked until somebody releases the hold, and for a time after that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DefaultEventHold {
    /// `GOVERNANCE` or `COMPLIANCE`; S3 requires one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// The time after the release.
    #[serde(flatten)]
    pub after_release: Period,
}

impl DefaultEventHold {
    /// Says how long, such as `until 30 days after its release (GOVERNANCE)`.
    #[must_use]
    pub fn words(&self) -> String {
        let mode = self.mode.as_ref();
        let mode = mode.map_or_else(String::new, |mode| format!(" ({mode})"));
        format!(
            "until {} after its release{mode}",
            self.after_release.words()
        )
    }
}

/// A period in days or years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Period {
    /// Days.
    pub days: Option<u32>,
    /// Years.
    pub years: Option<u32>,
}

impl Period {
    /// Formats the period.
    #[must_use]
    pub fn words(self) -> String {
        let of = |n: u32, unit| count(usize::try_from(n).unwrap_or(usize::MAX), unit);
        match (self.days, self.years) {
            (Some(n), _) => of(n, "day"),
            (None, Some(n)) => of(n, "year"),
            (None, None) => "an unknown time".to_owned(),
        }
    }
}

/// A default retention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Retention {
    /// `GOVERNANCE` or `COMPLIANCE`.
    pub mode: String,
    /// Days; absent if the period is in years.
    pub days: Option<u32>,
    /// Years.
    pub years: Option<u32>,
}

impl Retention {
    /// Formats the period.
    #[must_use]
    pub fn words(&self) -> String {
        let Self { days, years, .. } = *self;
        Period { days, years }.words()
    }
}

impl Concern for ObjectLocking {
    const NAME: &'static str = "object-lock";
    const TITLE: &'static str = "Object Lock";
    const NOT_SET: &'static str = "Objects cannot be locked against deletion.";

    fn sentence(&self) -> String {
        let retention = self.default_retention.as_ref().map(|retention| {
            format!(
                "New objects cannot be deleted for {} ({}).",
                retention.words(),
                retention.mode
            )
        });
        let hold = self.default_event_hold.as_ref().map(|hold| {
            format!(
                "New objects get an event hold: they cannot be deleted {}.",
                hold.words()
            )
        });
        match (retention, hold) {
            (None, None) => "Objects can be locked; none is by default.".to_owned(),
            (Some(words), None) | (None, Some(words)) => words,
            (Some(retention), Some(hold)) => format!("{retention} {hold}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_new_objects_get_is_said_in_full() {
        let retention = Retention {
            mode: "COMPLIANCE".to_owned(),
            days: Some(1),
            years: None,
        };
        let hold = DefaultEventHold {
            mode: Some("GOVERNANCE".to_owned()),
            after_release: Period {
                days: None,
                years: Some(7),
            },
        };
        for (default_retention, default_event_hold, parts) in [
            (None, None, &["none is by default"][..]),
            (Some(retention.clone()), None, &["1 day (COMPLIANCE)"]),
            (
                None,
                Some(hold.clone()),
                &["event hold", "until 7 years after its release (GOVERNANCE)"],
            ),
            (
                Some(retention),
                Some(hold),
                &["1 day (COMPLIANCE)", "7 years after its release"],
            ),
        ] {
            let words = ObjectLocking {
                default_retention,
                default_event_hold,
            }
            .sentence();
            for part in parts {
                assert!(words.contains(part), "{words}");
            }
        }
    }
}
