//! The gates: when a result is too unlikely, or rests on too little, to call anything an orphan.
//!
//! Tools without them have deleted living media: the list was that of another environment, was cut short, was a month
//! old. A gate that trips says with which numbers, and which option would overrule it; some cannot be overruled.

use std::fmt;
use std::time::Duration;

use super::Judged;
use crate::domain::BucketName;
use crate::domain::registry::{Registry, Subject};

/// Which gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Gate {
    /// A listing is not certified complete.
    Listing,
    /// A list is empty, unreadable or cut short.
    Registry,
    /// The list of keys names no key of these buckets.
    RegistryElsewhere,
    /// Too many objects would have to be asked one by one whose they are.
    Metadata,
    /// A list is too old.
    RegistryAge,
    /// A list is much smaller than at the last run.
    RegistrySize,
    /// The layouts explain too few of the keys.
    Layouts,
    /// Too large a share of the objects, or of their bytes, would be orphans.
    Share,
    /// Too many objects would be orphans.
    Count,
}

impl Gate {
    /// Its name in documents.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Listing => "listing",
            Self::Registry => "registry",
            Self::RegistryElsewhere => "registry-elsewhere",
            Self::Metadata => "metadata",
            Self::RegistryAge => "registry-age",
            Self::RegistrySize => "registry-size",
            Self::Layouts => "layouts",
            Self::Share => "share",
            Self::Count => "count",
        }
    }

    /// The option that overrules it; `None` where nothing does.
    #[must_use]
    pub fn overruled_by(self) -> Option<&'static str> {
        match self {
            Self::Listing | Self::Registry | Self::RegistryElsewhere => None,
            Self::Metadata => Some("--max-heads"),
            Self::RegistryAge => Some("--max-registry-age"),
            Self::RegistrySize => Some("--max-registry-loss"),
            Self::Layouts => Some("--min-explained"),
            Self::Share => Some("--max-share"),
            Self::Count => Some("--max-count"),
        }
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A gate that said no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tripped {
    /// Which.
    pub gate: Gate,
    /// For which bucket; `None` for all.
    pub bucket: Option<BucketName>,
    /// With which numbers, in a sentence without a full stop.
    pub why: String,
}

impl Tripped {
    /// What can be done about it.
    #[must_use]
    pub fn advice(&self) -> String {
        match self.gate.overruled_by() {
            Some(option) => format!("if that is so, {option} overrules this"),
            None => "no option overrules this".to_owned(),
        }
    }
}

/// Where the gates stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// What was written more recently is never an orphan.
    pub min_age: Duration,
    /// How old a list may be when the listing begins; `None` leaves it to the blueprint's `max_age`, else to
    /// [`Limits::REGISTRY_AGE`].
    pub registry_age: Option<Duration>,
    /// The largest part of a bucket's objects, or bytes, that may be orphans, in percent.
    pub share: f64,
    /// The most objects of a bucket that may be.
    pub count: u64,
    /// By how much a list may have shrunk since the last run, in percent.
    pub registry_loss: f64,
    /// How many of a bucket's keys the layouts have to explain, in percent.
    pub explained: f64,
    /// How many objects may be asked one by one whose they are, at a request each.
    pub heads: u64,
}

impl Limits {
    /// How old a list may be where nobody says otherwise: it is exported once a day.
    pub const REGISTRY_AGE: Duration = Duration::from_hours(24);
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            min_age: Duration::from_hours(48),
            registry_age: None,
            share: 10.0,
            count: 100_000,
            registry_loss: 20.0,
            explained: 90.0,
            heads: 10_000,
        }
    }
}

impl Limits {
    /// The gates that a bucket's numbers trip.
    #[must_use]
    pub fn of_bucket(&self, judged: &Judged) -> Vec<Tripped> {
        let tripped = |gate, why| Tripped {
            gate,
            bucket: Some(judged.bucket.clone()),
            why,
        };
        let mut all = Vec::new();
        let explained = percent(judged.explained, judged.objects).unwrap_or(100.0);
        if explained < self.explained {
            all.push(tripped(
                Gate::Layouts,
                format!(
                    "the blueprint's layouts explain {} of {} keys ({}), and have to explain {}",
                    judged.explained,
                    judged.objects,
                    in_words(explained),
                    in_words(self.explained)
                ),
            ));
        }
        let of_objects = percent(judged.inferred, judged.objects).unwrap_or_default();
        let of_bytes =
            percent(judged.inferred_bytes.bytes(), judged.bytes.bytes()).unwrap_or_default();
        if of_objects > self.share || of_bytes > self.share {
            all.push(tripped(
                Gate::Share,
                format!(
                    "{} of {} objects ({}) and {} of {} ({}) would be orphans, and at most {} may be",
                    judged.inferred,
                    judged.objects,
                    in_words(of_objects),
                    judged.inferred_bytes,
                    judged.bytes,
                    in_words(of_bytes),
                    in_words(self.share)
                ),
            ));
        }
        if judged.inferred > self.count {
            all.push(tripped(
                Gate::Count,
                format!(
                    "{} objects would be orphans, and at most {} may be",
                    judged.inferred, self.count
                ),
            ));
        }
        all
    }

    /// Whether too many objects would have to be asked whose they are.
    #[must_use]
    pub fn of_heads(&self, objects: u64) -> Option<Tripped> {
        (objects > self.heads).then(|| Tripped {
            gate: Gate::Metadata,
            bucket: None,
            why: format!(
                "the owners of {objects} objects stand in their metadata, which takes a HEAD request each, and at most {} are sent",
                self.heads
            ),
        })
    }

    /// Whether a list is too old for a listing that begins `after` it was made; `stated` is what the blueprint allows.
    #[must_use]
    pub fn of_age(
        &self,
        registry: &Registry,
        after: chrono::TimeDelta,
        stated: Option<Duration>,
    ) -> Option<Tripped> {
        let limit = self.registry_age.or(stated).unwrap_or(Self::REGISTRY_AGE);
        let age = after.to_std().unwrap_or_default();
        (age > limit).then(|| Tripped {
            gate: Gate::RegistryAge,
            bucket: None,
            why: format!(
                "the list of {} ({}) was made {} before the listing began, and may be {} old",
                registry.subject.plural(),
                registry.stated,
                span(age),
                span(limit)
            ),
        })
    }

    /// Whether a list names much less than it did for this bucket at the last run.
    #[must_use]
    pub fn of_size(
        &self,
        bucket: &BucketName,
        subject: Subject,
        now: u64,
        before: u64,
    ) -> Option<Tripped> {
        let lost = percent(before.saturating_sub(now), before)?;
        (lost > self.registry_loss).then(|| Tripped {
            gate: Gate::RegistrySize,
            bucket: Some(bucket.clone()),
            why: format!(
                "the list of {what} names {now} {what}, and named {before} at the last run: {} less, and at most {} may go",
                in_words(lost),
                in_words(self.registry_loss),
                what = subject.plural()
            ),
        })
    }
}

/// A part of the whole in percent; `None` when there is no whole.
#[expect(
    clippy::cast_precision_loss,
    reason = "a share is compared with a round number of percents"
)]
fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 * 100.0 / whole as f64)
}

/// `9.5 %`; what is not all is not shown as all, nor what is not nothing as nothing.
fn in_words(percent: f64) -> String {
    if percent > 0.0 && percent < 0.1 {
        "less than 0.1 %".to_owned()
    } else if percent > 99.9 && percent < 100.0 {
        "nearly 100 %".to_owned()
    } else {
        let rounded = format!("{percent:.1}");
        format!("{} %", rounded.strip_suffix(".0").unwrap_or(&rounded))
    }
}

/// `36 hours`, `2 days`.
fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..120 => format!("{seconds} seconds"),
        120..7_200 => format!("{} minutes", seconds / 60),
        7_200..172_800 => format!("{} hours", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}
