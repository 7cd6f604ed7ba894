//! Finds the newest access log of a bucket among the logs of years.

use chrono::{DateTime, TimeDelta, Utc};

use super::browse::{ListRequest, Start};
use super::gate::Gate;
use super::{Meter, state};
use crate::aws::wire::page::page;
use crate::aws::{Aws, Problem, operations};
use crate::domain::configuration::{LogKeyFormat, Logging, Reason, Setting, Unanswered};
use crate::domain::fact::Fact;
use crate::domain::posture::LogKeys;
use crate::domain::{BucketName, ObjectKey, ObjectSummary};

/// How far back to look, in hours, step by step.
const STEPS: [i64; 9] = [
    1,
    6,
    24,
    48,
    8 * 24,
    32 * 24,
    128 * 24,
    512 * 24,
    8 * 365 * 24,
];

/// The maximum number of listing pages per search.
const PAGES: usize = 20;

/// Searches from the newest end.
///
/// A listing goes from the oldest key to the newest, and cannot be reversed. A listing that starts an hour ago finds
/// only newer logs. If there are none, the next one starts earlier. If there are more logs than a few pages, the time
/// range is halved, down to one hour.
pub(super) struct Search<'a> {
    pub aws: &'a Aws,
    /// The destination bucket of the logs.
    pub bucket: &'a BucketName,
    pub now: DateTime<Utc>,
    pub gate: &'a Gate,
    pub meter: &'a Meter,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Log {
    pub written: DateTime<Utc>,
    pub key: ObjectKey,
}

/// A part of a listing.
struct Part {
    newest: Option<Log>,
    /// Whether the listing reached its end.
    is_whole: bool,
}

impl Search<'_> {
    /// The newest log. `source` is the bucket of the logs, with its account and Region. If there are none in the
    /// configured key format, the other format is searched, because the format may have been changed recently.
    pub(super) async fn newest(
        &self,
        logging: &Logging,
        source: (&str, Option<&str>, Option<&str>),
    ) -> Setting<Log> {
        let Some(keys) = LogKeys::new(logging, source) else {
            return Fact::Unknown(Unanswered {
                call: operations::LIST_OBJECTS.name.to_owned(),
                reason: Reason::Other,
                why: "the logs' keys hold the account and the Region of the bucket, and one of them is not known"
                    .to_owned(),
            });
        };
        let others = match logging.key_format {
            LogKeyFormat::Simple => [LogKeyFormat::ByDeliveryTime, LogKeyFormat::ByEventTime],
            LogKeyFormat::ByEventTime => [LogKeyFormat::Simple, LogKeyFormat::ByDeliveryTime],
            LogKeyFormat::ByDeliveryTime => [LogKeyFormat::Simple, LogKeyFormat::ByEventTime],
        };
        let others = others.into_iter().filter_map(|key_format| {
            let other = Logging {
                key_format,
                ..logging.clone()
            };
            LogKeys::new(&other, source)
        });
        for keys in std::iter::once(keys).chain(others) {
            match Box::pin(self.of(&keys)).await {
                Ok(Fact::NotSet) => {}
                Ok(found) => return found,
                Err(problem) => {
                    let why = state::unanswered(operations::LIST_OBJECTS.name, &problem);
                    return Fact::Unknown(why);
                }
            }
        }
        Fact::NotSet
    }

    /// The newest log with keys of this format.
    async fn of(&self, keys: &LogKeys) -> Result<Setting<Log>, Problem> {
        let mut nothing_since = self.now + keys.step();
        for hours in STEPS {
            let mut from = self.now - TimeDelta::hours(hours);
            let mut part = self.part(keys, from, 1).await?;
            if part.is_whole && part.newest.is_none() {
                nothing_since = from;
                continue;
            }
            // There is more than a page: halve the time range while the later half contains something.
            while !part.is_whole && nothing_since - from > keys.step() {
                let middle = from + (nothing_since - from) / 2;
                let later = self.part(keys, middle, 1).await?;
                if later.newest.is_some() || !later.is_whole {
                    (from, part) = (middle, later);
                } else {
                    nothing_since = middle;
                }
            }
            if !part.is_whole {
                part = self.part(keys, from, PAGES).await?;
            }
            return Ok(self.verdict(part));
        }
        Ok(Fact::NotSet)
    }

    /// The result of the last part. A truncated part means that newer logs exist. That is fine if the known ones are of
    /// today; otherwise the newest is unknown.
    fn verdict(&self, part: Part) -> Setting<Log> {
        let today = self.now - TimeDelta::days(1);
        match part.newest {
            Some(newest) if part.is_whole || newest.written > today => Fact::Set(newest),
            None if part.is_whole => Fact::NotSet,
            _ => Fact::Unknown(Unanswered {
                call: operations::LIST_OBJECTS.name.to_owned(),
                reason: Reason::Other,
                why: format!(
                    "more keys are there than {PAGES} pages of a listing hold, and the newest was not among them"
                ),
            }),
        }
    }

    /// The logs from a time on, up to the maximum number of pages.
    async fn part(
        &self,
        keys: &LogKeys,
        from: DateTime<Utc>,
        pages: usize,
    ) -> Result<Part, Problem> {
        let mut request = ListRequest::flat(self.bucket.clone(), keys.prefix());
        request.start = Start::After(keys.from(from));
        let mut part = Part {
            newest: None,
            is_whole: false,
        };
        for _ in 0..pages {
            let asked = page::<ObjectSummary>(self.aws, &request, self.meter);
            let page = self.gate.pass(asked).await?;
            let logs = page.items.iter().filter_map(|object| {
                let delivered = keys.time(object.key.as_str())?;
                let written = object.last_modified.unwrap_or(delivered);
                Some(Log {
                    written,
                    key: object.key.clone(),
                })
            });
            part.newest = part.newest.into_iter().chain(logs).max();
            let last = page.items.last();
            let is_beyond = last.is_some_and(|object| keys.is_beyond(object.key.as_str()));
            match page.next {
                Some(next) if !is_beyond => request.start = Start::Next(next),
                _ => {
                    part.is_whole = true;
                    break;
                }
            }
        }
        Ok(part)
    }
}
