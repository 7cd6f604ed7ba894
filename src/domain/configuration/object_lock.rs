//! Object Lock: what cannot be deleted before its time.

use serde::Serialize;

use super::Concern;
use super::words::count;

/// Whether objects can be locked, and for how long each new one is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ObjectLocking {
    /// What holds for every new object that says nothing else.
    pub default_retention: Option<Retention>,
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
        let of = |n: u32, unit| count(usize::try_from(n).unwrap_or(usize::MAX), unit);
        match (self.days, self.years) {
            (Some(n), _) => of(n, "day"),
            (None, Some(n)) => of(n, "year"),
            (None, None) => "an unknown time".to_owned(),
        }
    }
}

impl Concern for ObjectLocking {
    const NAME: &'static str = "object-lock";
    const TITLE: &'static str = "Object Lock";
    const NOT_SET: &'static str = "Objects cannot be locked against deletion.";

    fn sentence(&self) -> String {
        match &self.default_retention {
            None => "Objects can be locked; none is by default.".to_owned(),
            Some(retention) => format!(
                "New objects cannot be deleted for {} ({}).",
                retention.words(),
                retention.mode
            ),
        }
    }
}
