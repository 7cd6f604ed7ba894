//! Reads the configuration of a bucket: all requests run at the same time, and each fails separately.
//!
//! [`configuration`] reads everything, [`configuration_in`] does so for one of many buckets of an account. The rows of
//! [`Configuration`] are what is shown. `audit` derives findings from it. [`access_points`] uses S3 Control, which
//! needs the account id and the bucket's Region.

mod access_points;

use super::Meter;
use super::account::{self, Account};
use super::gate::Gate;
use crate::aws::wire::configuration::{self as wire, Answer, Page};
use crate::aws::{Aws, Problem, ProblemKind, operations};
use crate::domain::BucketName;
use crate::domain::configuration::{
    Inventories, MetricsConfigurations, Reason, Setting, Stated, Tierings, Unanswered,
};
use crate::domain::fact::Fact;

pub use crate::domain::configuration::{Configuration, Row, State};

/// The maximum number of pages: S3 stores up to 1,000 configurations of a type and returns 100 per page.
const PAGES: usize = 20;

/// Reads the configuration of a bucket and of its account, through a gate that may be shared.
pub async fn configuration(
    aws: &Aws,
    bucket: &BucketName,
    gate: &Gate,
    meter: &Meter,
) -> Configuration {
    let nobody = Account::default();
    let (account, read) = futures::join!(
        account::of(aws, gate, meter),
        Box::pin(configuration_in(aws, bucket, &nobody, gate, meter)),
    );
    let region = read.region.value();
    let points = Box::pin(access_points::of(
        aws, bucket, &account, region, gate, meter,
    ))
    .await;
    Configuration {
        account_block: account.block,
        access_points: points,
        ..read
    }
}

/// Reads the configuration of a bucket in a known account. If the bucket does not exist, everything is unknown for that
/// reason.
pub async fn configuration_in(
    aws: &Aws,
    bucket: &BucketName,
    account: &Account,
    gate: &Gate,
    meter: &Meter,
) -> Configuration {
    let asked = configuration_if_there(aws, bucket, account, gate, meter);
    Box::pin(asked).await.unwrap_or_else(|problem| {
        let why = unanswered(operations::HEAD_BUCKET.name, &problem);
        Configuration {
            account_block: account.block.clone(),
            ..Configuration::unknown(bucket.clone(), &why)
        }
    })
}

/// Reads the configuration of a bucket that may not exist.
///
/// # Errors
/// If the bucket does not exist; no other requests were sent then.
pub async fn configuration_if_there(
    aws: &Aws,
    bucket: &BucketName,
    account: &Account,
    gate: &Gate,
    meter: &Meter,
) -> Result<Configuration, Problem> {
    // First, so that the other requests go to the right Region at once instead of being redirected.
    let region = gate
        .pass(crate::aws::wire::bucket::region(aws, bucket, meter))
        .await;
    if let Err(problem) = &region
        && problem.kind == ProblemKind::NotFound
    {
        return Err(problem.clone());
    }
    macro_rules! ask {
        ($operation:ident, $request:ident) => {
            // Boxed, because a future with twenty requests is too large to move.
            Box::pin(async {
                let answer = gate.pass(wire::$request(aws, bucket, meter)).await;
                stated(operations::$operation.name, answer)
            })
        };
    }
    let of_access = async {
        futures::join!(
            ask!(GET_PUBLIC_ACCESS_BLOCK, public_access),
            ask!(GET_BUCKET_POLICY, policy),
            ask!(GET_BUCKET_POLICY_STATUS, policy_status),
            ask!(GET_BUCKET_ACL, acl),
            ask!(GET_BUCKET_OWNERSHIP_CONTROLS, ownership),
            ask!(GET_BUCKET_CORS, cors),
            ask!(GET_BUCKET_WEBSITE, website),
        )
    };
    let of_keeping = async {
        futures::join!(
            ask!(GET_BUCKET_ENCRYPTION, encryption),
            ask!(GET_BUCKET_VERSIONING, versioning),
            ask!(GET_BUCKET_LIFECYCLE, lifecycle),
            ask!(GET_OBJECT_LOCK_CONFIGURATION, object_lock),
            ask!(GET_BUCKET_TAGGING, tags),
        )
    };
    let of_events = async {
        futures::join!(
            ask!(GET_BUCKET_LOGGING, logging),
            ask!(GET_BUCKET_REPLICATION, replication),
            ask!(GET_BUCKET_NOTIFICATION, notifications),
        )
    };
    let of_lists = async {
        futures::join!(
            all(&operations::LIST_TIERINGS, |token| Box::pin(gate_page(
                gate,
                async move { wire::tierings(aws, bucket, token.as_deref(), meter).await }
            ))),
            all(&operations::LIST_INVENTORIES, |token| Box::pin(gate_page(
                gate,
                async move { wire::inventories(aws, bucket, token.as_deref(), meter).await }
            ))),
            all(&operations::LIST_METRICS_CONFIGURATIONS, |token| Box::pin(
                gate_page(gate, async move {
                    wire::metrics(aws, bucket, token.as_deref(), meter).await
                })
            )),
        )
    };
    let of_tables = ask!(GET_BUCKET_METADATA, metadata_tables);
    let of_points = access_points::of(aws, bucket, account, region.as_ref().ok(), gate, meter);
    let (access, keeping, events, lists, tables, points) = futures::join!(
        of_access,
        of_keeping,
        of_events,
        of_lists,
        of_tables,
        Box::pin(of_points)
    );
    Ok(Configuration {
        bucket: bucket.clone(),
        region: match region {
            Ok(region) => Fact::Set(region),
            Err(problem) => Fact::Unknown(unanswered(operations::HEAD_BUCKET.name, &problem)),
        },
        public_access: access.0,
        account_block: account.block.clone(),
        policy: access.1,
        policy_status: access.2,
        acl: access.3,
        ownership: access.4,
        cors: access.5,
        website: access.6,
        encryption: keeping.0,
        versioning: keeping.1,
        lifecycle: keeping.2,
        object_lock: keeping.3,
        tags: keeping.4,
        logging: events.0,
        replication: events.1,
        notifications: events.2,
        tiering: lists.0.map(Tierings),
        inventory: lists.1.map(Inventories),
        metrics: lists.2.map(MetricsConfigurations),
        metadata_tables: tables,
        access_points: points,
    })
}

/// Converts a response or an error.
pub(super) fn stated<T>(call: &str, answer: Result<Answer<T>, Problem>) -> Stated<T> {
    match answer {
        Ok(answer) => Stated {
            setting: answer.value.map_or(Fact::NotSet, Fact::Set),
            raw: answer.raw,
        },
        Err(problem) => Stated::without_document(failed(call, &problem)),
    }
}

fn failed<T>(call: &str, problem: &Problem) -> Setting<T> {
    if problem.kind == ProblemKind::NotConfigured {
        return Fact::NotSet;
    }
    Fact::Unknown(unanswered(call, problem))
}

/// Converts an error for the domain.
pub(super) fn unanswered(call: &str, problem: &Problem) -> Unanswered {
    let reason = match problem.kind {
        ProblemKind::Denied => {
            Reason::Permission(problem.permission.unwrap_or_default().to_owned())
        }
        ProblemKind::NotSupported => Reason::NotThere,
        _ => Reason::Other,
    };
    Unanswered {
        call: call.to_owned(),
        reason,
        why: problem.to_string(),
    }
}

async fn gate_page<T>(
    gate: &Gate,
    page: impl Future<Output = Result<Page<T>, Problem>>,
) -> Result<Page<T>, Problem> {
    gate.pass(page).await
}

/// All pages of a list. If one fails, the result is unknown, because a partial list would be wrong.
async fn all<T, F>(
    operation: &operations::Operation,
    page: impl Fn(Option<String>) -> F,
) -> Stated<Vec<T>>
where
    F: Future<Output = Result<Page<T>, Problem>>,
{
    let (mut items, mut raw, mut token) = (Vec::new(), Vec::new(), None);
    for _ in 0..PAGES {
        let answer = match page(token.clone()).await {
            Ok(answer) => answer,
            Err(problem) => return Stated::without_document(failed(operation.name, &problem)),
        };
        items.extend(answer.items);
        raw.extend(answer.raw);
        match answer.next {
            Some(next) if token.as_ref() != Some(&next) => token = Some(next),
            _ => break,
        }
    }
    Stated {
        setting: if items.is_empty() {
            Fact::NotSet
        } else {
            Fact::Set(items)
        },
        raw: (!raw.is_empty()).then(|| raw.join("\n")),
    }
}
