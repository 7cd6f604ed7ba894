//! Where a bucket's access log goes: whether it can be written, and whether it is.

use chrono::{DateTime, Utc};

use crate::aws::wire::configuration as wire;
use crate::aws::{Aws, Problem, ProblemKind, operations};
use crate::domain::BucketName;
use crate::domain::configuration::Configuration;
use crate::domain::fact::Fact;
use crate::domain::posture::LogTarget;
use crate::ops::account::Account;
use crate::ops::gate::Gate;
use crate::ops::{Meter, access_logs, state};

/// The bucket that the access log goes to; `None` when there is no log, when its bucket's name is none, or when it is the
/// bucket itself.
pub(super) async fn target(
    aws: &Aws,
    configuration: &Configuration,
    account: Option<&str>,
    now: DateTime<Utc>,
    gate: &Gate,
    meter: &Meter,
) -> Option<LogTarget> {
    let logging = configuration.logging.value()?;
    let bucket = BucketName::new(logging.bucket.as_str()).ok()?;
    if bucket == configuration.bucket {
        return None;
    }
    let region = configuration.region.value();
    let source = (
        configuration.bucket.as_str(),
        account,
        region.map(crate::domain::Region::as_str),
    );
    let search = access_logs::Search {
        aws,
        bucket: &bucket,
        now,
        gate,
        meter,
    };
    let nobody = Account::default();
    let asked = state::configuration_if_there(aws, &bucket, &nobody, gate, meter);
    let of_target = match Box::pin(asked).await {
        Ok(of_target) => of_target,
        Err(problem) => return Some(missing(bucket, &problem)),
    };
    let (newest, requester_pays) = futures::join!(
        Box::pin(search.newest(logging, source)),
        gate.pass(wire::requester_pays(aws, &bucket, meter)),
    );
    Some(LogTarget {
        is_missing: false,
        configuration: of_target,
        newest: newest.map(|log| log.written),
        requester_pays: match requester_pays {
            Ok(Some(pays)) => Fact::Set(pays),
            Ok(None) => Fact::NotSet,
            // What an endpoint does not have is not in force there.
            Err(problem) if problem.kind == ProblemKind::NotSupported => Fact::NotSet,
            Err(problem) => Fact::Unknown(state::unanswered(
                operations::GET_BUCKET_REQUEST_PAYMENT.name,
                &problem,
            )),
        },
    })
}

/// A bucket that does not exist: nothing else about it is asked, and nothing is unknown.
fn missing(bucket: BucketName, problem: &Problem) -> LogTarget {
    let why = state::unanswered(operations::HEAD_BUCKET.name, problem);
    LogTarget {
        is_missing: true,
        configuration: Configuration::unknown(bucket, &why),
        newest: Fact::NotSet,
        requester_pays: Fact::NotSet,
    }
}
