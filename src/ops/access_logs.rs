//! The newest log of a bucket's server access logging, among the logs of years.

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

/// How far back logs are looked for, in hours, step by step.
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

/// Pages of a listing that are read for one answer at most.
const PAGES: usize = 20;

/// Looks for the newest log, from the newest end.
///
/// A listing goes from the oldest key to the newest and cannot be turned round. One that starts an hour ago finds only what is
/// newer; where nothing is, the next starts earlier. Where more is there than a few pages hold, the time is halved until an
/// hour is left.
pub(super) struct Search<'a> {
    pub aws: &'a Aws,
    /// The bucket that the logs go to.
    pub bucket: &'a BucketName,
    pub now: DateTime<Utc>,
    pub gate: &'a Gate,
    pub meter: &'a Meter,
}

/// A log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Log {
    pub written: DateTime<Utc>,
    pub key: ObjectKey,
}

/// What a part of a listing holds.
struct Part {
    newest: Option<Log>,
    /// Whether the listing came to its end.
    is_whole: bool,
}

impl Search<'_> {
    /// The newest log. `source` is the bucket whose logs they are, its account and its Region. Where the configured key format has none, those of the other are looked at: the format
    /// may have been changed a moment ago.
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

    /// The newest log with keys of this form.
    async fn of(&self, keys: &LogKeys) -> Result<Setting<Log>, Problem> {
        let mut nothing_since = self.now + keys.step();
        for hours in STEPS {
            let mut from = self.now - TimeDelta::hours(hours);
            let mut part = self.part(keys, from, 1).await?;
            if part.is_whole && part.newest.is_none() {
                nothing_since = from;
                continue;
            }
            // More than a page is there: halve the time as long as the later half holds something.
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

    /// What follows from the last part. One that was cut has newer logs than were seen: where those that were seen are of today
    /// that is answer enough, and otherwise nobody knows.
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

    /// The logs from a time on, as far as so many pages go.
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
