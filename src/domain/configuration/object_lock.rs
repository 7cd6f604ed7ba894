//! Object Lock: what cannot be deleted before its time.

use serde::Serialize;

use super::Concern;
use super::words::count;

/// Whether objects can be locked, and for how long each new one is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ObjectLocking {
    /// What holds for every new object that says nothing else.
    pub default_retention: Option<Retention>,
    /// The event hold that every new object gets: it is locked so long after an event that somebody has to report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_event_hold: Option<Period>,
}

/// A time in days, or in years where there are no days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Period {
    /// Days.
    pub days: Option<u32>,
    /// Years.
    pub years: Option<u32>,
}

impl Period {
    /// How long, in words.
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
    /// Days, or years where there are no days.
    pub days: Option<u32>,
    /// Years.
    pub years: Option<u32>,
}

impl Retention {
    /// How long, in words.
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
        let hold = self.default_event_hold.map(|hold| {
            format!(
                "New objects get an event hold: they cannot be deleted before their event and {} after it.",
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
        let hold = Period {
            days: None,
            years: Some(7),
        };
        for (default_retention, default_event_hold, parts) in [
            (None, None, &["none is by default"][..]),
            (Some(retention.clone()), None, &["1 day (COMPLIANCE)"]),
            (None, Some(hold), &["event hold", "7 years after it"]),
            (
                Some(retention),
                Some(hold),
                &["1 day (COMPLIANCE)", "7 years after it"],
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
