//! Where the gates stand, as a person sets them: by steps, or typed.

use std::time::Duration;

use crate::domain::blueprint::values::Span;
use crate::domain::orphans::Gate;
use crate::domain::orphans::gates::Limits;
use crate::domain::registry::Requirements;

/// A hundred years: further back nothing was stored.
const MOST_AGE: Duration = Duration::from_hours(100 * 365 * 24);

/// Something of the limits that can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// How old something has to be.
    MinAge,
    /// How old a list may be.
    RegistryAge,
    /// Whether something is changed by a list of unknown age.
    Undated,
    /// How many rows of a list may be malformed.
    Malformed,
    /// By how much a list may have shrunk.
    RegistryLoss,
    /// How many records may name keys that no layout explains.
    Unexplained,
    /// How many of the keys have to be explained.
    Explained,
    /// The largest part that may be orphans.
    Share,
    /// The most objects that may be.
    Count,
    /// The most objects that are asked for their owner.
    Heads,
}

impl Limit {
    /// What it is called.
    #[must_use]
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::MinAge => "minimum age",
            Self::RegistryAge => "list's age",
            Self::Undated => "undated list",
            Self::Malformed => "malformed rows",
            Self::RegistryLoss => "list's loss",
            Self::Unexplained => "odd records",
            Self::Explained => "explained",
            Self::Share => "largest share",
            Self::Count => "largest count",
            Self::Heads => "metadata reads",
        }
    }

    /// What it is for.
    #[must_use]
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::MinAge => {
                "what was written more recently is never an orphan; Enter types it: 36h"
            }
            Self::RegistryAge => {
                "how old a list may be when the listing begins; Enter types it: 36h"
            }
            Self::Undated => {
                "whether objects may be changed by a list whose age is not known: dated in the future, or a stream"
            }
            Self::Malformed => {
                "how many rows of a list may be malformed; whatever these could name is suspect"
            }
            Self::Unexplained => {
                "how many of the records may name keys that no layout explains, at the most"
            }
            Self::RegistryLoss => "by how much a list may have shrunk since the last search",
            Self::Explained => {
                "how many of a bucket's keys the layouts have to explain, at the least"
            }
            Self::Share => "how many of a bucket's objects, or bytes, may be orphans, at the most",
            Self::Count => "how many of a bucket's objects may be orphans, at the most",
            Self::Heads => {
                "how many objects are asked for the owner in their metadata, at a request each"
            }
        }
    }

    /// The one that overrules a gate; none where nothing does.
    #[must_use]
    pub(crate) fn of(gate: Gate) -> Option<Self> {
        match gate {
            // How many rows were expected stands in the blueprint or on the command line.
            Gate::Listing | Gate::Registry | Gate::RegistryElsewhere | Gate::RegistryRows => None,
            Gate::Metadata => Some(Self::Heads),
            Gate::RegistryAge => Some(Self::RegistryAge),
            Gate::RegistryUndated => Some(Self::Undated),
            Gate::RegistryMalformed => Some(Self::Malformed),
            Gate::RegistrySize => Some(Self::RegistryLoss),
            Gate::UnexplainedRecords => Some(Self::Unexplained),
            Gate::Layouts => Some(Self::Explained),
            Gate::Share => Some(Self::Share),
            Gate::Count => Some(Self::Count),
        }
    }

    /// What it is set to, as it can be typed.
    #[must_use]
    pub(crate) fn shown(self, limits: &Limits) -> String {
        match self {
            Self::MinAge => age(limits.min_age),
            Self::RegistryAge => match limits.lists.max_age {
                Some(limit) => age(limit),
                None => format!("the blueprint's, else {}", age(Requirements::AGE)),
            },
            Self::Undated => {
                let word = if limits.lists.undated {
                    "accept"
                } else {
                    "refuse"
                };
                word.to_owned()
            }
            Self::Malformed => match limits.lists.max_malformed {
                Some(most) => most.to_string(),
                None => "the blueprint's, else 0".to_owned(),
            },
            Self::Unexplained => format!("{} %", limits.unexplained),
            Self::RegistryLoss => format!("{} %", limits.lists.max_loss),
            Self::Explained => format!("{} %", limits.explained),
            Self::Share => format!("{} %", limits.share),
            Self::Count => limits.count.to_string(),
            Self::Heads => limits.heads.to_string(),
        }
    }

    /// Whether it stands elsewhere than where it stands for everybody.
    #[must_use]
    pub(crate) fn is_changed(self, limits: &Limits) -> bool {
        self.shown(limits) != self.shown(&Limits::default())
    }

    /// Takes the next or the previous of the steps that one usually wants; going on from the last one leads to the first.
    pub(crate) fn turn(self, limits: &mut Limits, forwards: bool) {
        const DAY: u64 = 24 * 60 * 60;
        const PERCENTS: [u64; 10] = [0, 1, 5, 10, 20, 50, 80, 90, 95, 100];
        const COUNTS: [u64; 7] = [0, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];
        let percent = |now: &mut f64| *now = step(&PERCENTS.map(percents), *now, forwards);
        let count = |now: &mut u64| *now = step(&COUNTS, *now, forwards);
        match self {
            Self::MinAge => {
                let steps = [1, 2, 7, 30, 90].map(|days| Duration::from_secs(days * DAY));
                limits.min_age = step(&steps, limits.min_age, forwards);
            }
            Self::RegistryAge => {
                let steps = [1, 2, 7, 30].map(|days| Some(Duration::from_secs(days * DAY)));
                let [one, two, seven, thirty] = steps;
                let steps = [None, one, two, seven, thirty];
                limits.lists.max_age = step(&steps, limits.lists.max_age, forwards);
            }
            Self::Undated => limits.lists.undated = !limits.lists.undated,
            Self::Malformed => {
                let steps = [None, Some(0), Some(1), Some(10), Some(100), Some(1_000)];
                limits.lists.max_malformed = step(&steps, limits.lists.max_malformed, forwards);
            }
            Self::Unexplained => percent(&mut limits.unexplained),
            Self::RegistryLoss => percent(&mut limits.lists.max_loss),
            Self::Explained => percent(&mut limits.explained),
            Self::Share => percent(&mut limits.share),
            Self::Count => count(&mut limits.count),
            Self::Heads => count(&mut limits.heads),
        }
    }

    /// Sets it to what was typed; nothing typed sets it back.
    ///
    /// # Errors
    /// What was expected.
    pub(crate) fn set(self, limits: &mut Limits, typed: &str) -> Result<(), String> {
        let standard = Limits::default();
        let typed = typed.trim();
        let is_empty = typed.is_empty();
        let span = |standard: Duration| match typed.parse::<Span>() {
            _ if is_empty => Ok(standard),
            Ok(span) if span.0 <= MOST_AGE => Ok(span.0),
            Ok(_) => Err("that is longer than a hundred years".to_owned()),
            Err(why) => Err(why),
        };
        let percent = |standard: f64| {
            let number = typed.strip_suffix('%').unwrap_or(typed).trim_end();
            match number.parse::<f64>() {
                _ if is_empty => Ok(standard),
                Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(percent),
                _ => Err(format!("{typed:?} is no percentage; expected 0 to 100")),
            }
        };
        let count = |standard: u64| match typed.replace([',', '_'], "").parse::<u64>() {
            _ if is_empty => Ok(standard),
            Ok(count) => Ok(count),
            Err(_) => Err(format!("{typed:?} is no number of objects")),
        };
        match self {
            Self::MinAge => limits.min_age = span(standard.min_age)?,
            Self::RegistryAge if is_empty => limits.lists.max_age = None,
            Self::RegistryAge => limits.lists.max_age = Some(span(Requirements::AGE)?),
            Self::Undated => {
                limits.lists.undated = match typed {
                    "" | "refuse" => false,
                    "accept" => true,
                    _ => return Err(format!("{typed:?} is neither accept nor refuse")),
                }
            }
            Self::Malformed if is_empty => limits.lists.max_malformed = None,
            Self::Malformed => {
                let rows = typed.replace([',', '_'], "").parse::<u64>();
                let rows = rows.map_err(|_| format!("{typed:?} is no number of rows"))?;
                limits.lists.max_malformed = Some(rows);
            }
            Self::Unexplained => limits.unexplained = percent(standard.unexplained)?,
            Self::RegistryLoss => limits.lists.max_loss = percent(standard.lists.max_loss)?,
            Self::Explained => limits.explained = percent(standard.explained)?,
            Self::Share => limits.share = percent(standard.share)?,
            Self::Count => limits.count = count(standard.count)?,
            Self::Heads => limits.heads = count(standard.heads)?,
        }
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "a hundred and less is exact")]
fn percents(number: u64) -> f64 {
    number as f64
}

/// `48h`, `7d`: a few days are told in hours, as people say them.
fn age(age: Duration) -> String {
    let seconds = age.as_secs();
    if seconds > 0 && seconds <= 72 * 3_600 && seconds.is_multiple_of(3_600) {
        format!("{}h", seconds / 3_600)
    } else {
        Span(age).to_string()
    }
}

/// The first of ascending steps beyond a value, or the last before it.
fn step<T: PartialOrd + Copy>(steps: &[T], now: T, forwards: bool) -> T {
    let (beyond, first) = if forwards {
        let beyond = steps.iter().find(|step| **step > now);
        (beyond, steps.first())
    } else {
        let before = steps.iter().rev().find(|step| **step < now);
        (before, steps.last())
    };
    beyond.or(first).copied().unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Limit; 10] = [
        Limit::MinAge,
        Limit::RegistryAge,
        Limit::Undated,
        Limit::Malformed,
        Limit::RegistryLoss,
        Limit::Unexplained,
        Limit::Explained,
        Limit::Share,
        Limit::Count,
        Limit::Heads,
    ];

    #[test]
    fn at_first_they_stand_where_the_command_line_has_them() {
        let limits = Limits::default();
        let shown = ALL.map(|limit| limit.shown(&limits));
        let expected = [
            "48h",
            "the blueprint's, else 24h",
            "refuse",
            "the blueprint's, else 0",
            "20 %",
            "10 %",
            "90 %",
            "10 %",
            "100000",
            "10000",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn what_is_shown_can_be_typed_and_nothing_sets_it_back() {
        for limit in ALL {
            let mut limits = Limits::default();
            limit.turn(&mut limits, true);
            assert!(limit.is_changed(&limits), "{limit:?}");
            let shown = limit.shown(&limits);
            let mut typed = Limits::default();
            limit.set(&mut typed, &shown).unwrap();
            assert_eq!(typed, limits, "{limit:?}");
            limit.set(&mut typed, "").unwrap();
            assert_eq!(typed, Limits::default(), "{limit:?}");
            limit.turn(&mut limits, false);
            assert_eq!(limits, Limits::default(), "{limit:?}");
        }
    }

    #[test]
    fn what_is_no_limit_changes_nothing_and_says_what_was_expected() {
        for (limit, wrong) in [
            (Limit::MinAge, "ten"),
            (Limit::MinAge, "99999d"),
            (Limit::RegistryAge, "1"),
            (Limit::Undated, "yes"),
            (Limit::Malformed, "some"),
            (Limit::Unexplained, "101"),
            (Limit::Share, "101"),
            (Limit::Share, "NaN"),
            (Limit::Explained, "-1"),
            (Limit::Count, "1.5"),
            (Limit::Heads, "all"),
        ] {
            let mut limits = Limits::default();
            assert!(limit.set(&mut limits, wrong).is_err(), "{wrong}");
            assert_eq!(limits, Limits::default());
        }
    }

    #[test]
    fn a_step_from_between_two_goes_to_the_one_beyond() {
        let mut limits = Limits::default();
        Limit::Share.set(&mut limits, "15").unwrap();
        Limit::Share.turn(&mut limits, true);
        assert_eq!(Limit::Share.shown(&limits), "20 %");
        Limit::Share.set(&mut limits, "15").unwrap();
        Limit::Share.turn(&mut limits, false);
        assert_eq!(Limit::Share.shown(&limits), "10 %");
    }
}
