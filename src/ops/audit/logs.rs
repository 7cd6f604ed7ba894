//! Where a bucket's access log goes: whether it can be written, and whether it is.

use chrono::{DateTime, Duration, Utc};

use crate::aws::wire::listing;
use crate::aws::{Aws, operations};
use crate::domain::BucketName;
use crate::domain::configuration::{Configuration, Setting};
use crate::domain::fact::Fact;
use crate::domain::posture::LogTarget;
use crate::ops::browse::{ListRequest, Start};
use crate::ops::gate::Gate;
use crate::ops::{Meter, state};

/// The bucket that the access log goes to; `None` when there is no log, or when its bucket's name is none.
pub(super) async fn target(
    aws: &Aws,
    configuration: &Configuration,
    now: DateTime<Utc>,
    gate: &Gate,
    meter: &Meter,
) -> Option<LogTarget> {
    let logging = configuration.logging.value()?;
    let bucket = BucketName::new(logging.bucket.as_str()).ok()?;
    let (of_target, newest) = futures::join!(
        state::configuration(aws, &bucket, gate, meter),
        newest(aws, &bucket, &logging.prefix, now, gate, meter),
    );
    Some(LogTarget {
        configuration: of_target,
        newest,
    })
}

/// How far back logs are looked for, in days, step by step.
const STEPS: [i64; 5] = [2, 8, 32, 128, 512];

/// Pages of logs that are listed of a step at most.
const PAGES: usize = 20;

/// When the newest log was written.
///
/// A log's key is its prefix and the time of its delivery: a listing that starts two days ago finds the newest ones first, and
/// where nothing is that new the next one starts earlier. The last starts at the prefix, for keys of another form.
async fn newest(
    aws: &Aws,
    bucket: &BucketName,
    prefix: &str,
    now: DateTime<Utc>,
    gate: &Gate,
    meter: &Meter,
) -> Setting<DateTime<Utc>> {
    let starts = STEPS
        .into_iter()
        .map(|days| (now - Duration::days(days)).format("%Y-%m-%d"))
        .map(|day| Start::After(format!("{prefix}{day}")))
        .chain([Start::Beginning]);
    for start in starts {
        let mut request = ListRequest::flat(bucket.clone(), prefix);
        request.start = start;
        let mut newest = None;
        for _ in 0..PAGES {
            let page = match gate.pass(listing::page(aws, &request, meter)).await {
                Ok(page) => page,
                Err(problem) => {
                    let why = state::unanswered(operations::LIST_OBJECTS.name, &problem);
                    return Fact::Unknown(why);
                }
            };
            newest = newest.max(page.objects.iter().filter_map(|o| o.last_modified).max());
            let Some(next) = page.next else {
                break;
            };
            request.start = Start::Next(next);
        }
        if let Some(newest) = newest {
            return Fact::Set(newest);
        }
    }
    Fact::NotSet
}
