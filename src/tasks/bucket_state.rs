//! What the State screen asks about one bucket: its configuration and what is wrong with it, what CloudWatch knows of it,
//! and what its lifecycle rules do to the objects of a scan. Each part is sent as soon as it is there.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::runner::{Outbox, Shared};
use super::scan::on_a_thread;
use super::work::Update;
use crate::aws::{Aws, Problem};
use crate::domain::columns::Columns;
use crate::domain::columns::group::{By, Group, Grouping};
use crate::domain::configuration::{Configuration, Lifecycle};
use crate::domain::lifecycle::{Coverage, Kept, Subject, VersionState};
use crate::domain::posture::GRACE;
use crate::domain::{BucketName, Tally};
use crate::ops::audit::{self, AuditLimits, Audited, Inquiry, Target};
use crate::ops::metrics::{self, Alarms, BucketStorage, KEPT_DAYS, RequestSeries};
use crate::ops::state;
use crate::ops::{Gate, Meter};

/// Rows between two questions whether anybody still wants the answer.
const BETWEEN_QUESTIONS: usize = 4_096;

/// The objects of a scan, and the rules that are to be tried on them.
#[derive(Debug, Clone)]
pub(crate) struct CoverWork {
    /// When the scan was over.
    pub finished: DateTime<Utc>,
    /// Its objects: current ones alone, for that is what a scan lists.
    pub columns: Columns,
    /// The rules.
    pub lifecycle: Lifecycle,
    /// Whether the bucket keeps versions.
    pub kept: Kept,
    pub now: DateTime<Utc>,
}

/// What the rules do to the objects of a scan, and in which classes these are.
#[derive(Debug, Clone)]
pub(crate) struct Covered {
    /// When the scan was over.
    pub finished: DateTime<Utc>,
    /// What the rules do.
    pub coverage: Coverage,
    /// In which classes the objects are, the largest first.
    pub classes: Vec<(String, Tally)>,
}

/// One part of what is known of a bucket.
#[derive(Debug)]
pub(crate) enum StateNews {
    /// How it is configured.
    Configuration(Arc<Configuration>),
    /// What is in it, as far as was listed, and what is wrong with it.
    Audited(Box<Audited>),
    /// How large it is and was.
    Storage(Box<BucketStorage>),
    /// The alarms on it.
    Alarms(Box<Alarms>),
    /// Its request metrics, or why they are not known.
    Requests(Result<Vec<RequestSeries>, Problem>),
    /// What its rules do to the objects of a scan.
    Covered(Box<Covered>),
}

/// Reads the configuration, then lists and judges.
pub(super) async fn audit(
    aws: &Aws,
    target: Target,
    shared: &Shared,
    meter: &Meter,
    out: &Outbox,
) -> Result<(), Problem> {
    let gate = Gate::new(shared.limits().in_flight);
    let accepted = shared.accepted().to_vec();
    let begun = Inquiry::begin(aws, AuditLimits::default(), accepted, &gate, meter);
    let inquiry = Box::pin(begun).await;
    let asked = state::configuration_in(aws, &target.bucket, &inquiry.account, &gate, meter);
    let configuration = Box::pin(asked).await;
    let known = Arc::new(configuration.clone());
    tell(out, StateNews::Configuration(known)).await;
    let judging = audit::of_configured(aws, &target, configuration, &inquiry, &gate, meter);
    let audited = Box::pin(judging).await;
    let failure = audited.failure.clone();
    tell(out, StateNews::Audited(Box::new(audited))).await;
    failure.map_or(Ok(()), Err)
}

/// Reads sizes as far back as CloudWatch keeps them, then alarms and request metrics side by side.
pub(super) async fn measure(
    aws: &Aws,
    bucket: BucketName,
    shared: &Shared,
    meter: &Meter,
    out: &Outbox,
) -> Result<(), Problem> {
    let gate = Gate::new(shared.limits().in_flight);
    let requests = async {
        let found = metrics::requests(aws, &bucket, KEPT_DAYS, &gate, meter).await;
        tell(out, StateNews::Requests(found)).await;
    };
    let sizes = async {
        let found = metrics::storage(aws, vec![bucket.clone()], KEPT_DAYS, gate.clone(), meter);
        let mut found = std::pin::pin!(found);
        while let Some(storage) = futures::StreamExt::next(&mut found).await {
            let of_one = std::slice::from_ref(&storage);
            tell(out, StateNews::Storage(Box::new(storage.clone()))).await;
            let alarms = metrics::alarms(aws, of_one, &gate, meter).await;
            tell(out, StateNews::Alarms(Box::new(alarms))).await;
        }
    };
    futures::join!(requests, sizes);
    Ok(())
}

/// Tries the rules on every object of a scan.
pub(super) async fn cover(
    work: CoverWork,
    out: &Outbox,
    token: tokio_util::sync::CancellationToken,
) -> Result<(), Problem> {
    let trying = move || try_rules(&work, &|| token.is_cancelled());
    if let Some(covered) = on_a_thread(trying).await? {
        tell(out, StateNews::Covered(Box::new(covered))).await;
    }
    Ok(())
}

/// What the rules do to the objects of a scan; `None` when nobody wanted to know it any more.
pub(crate) fn try_rules(work: &CoverWork, stop: &dyn Fn() -> bool) -> Option<Covered> {
    let rules = work.lifecycle.clone();
    let mut coverage = Coverage::new(rules, work.kept, work.now, GRACE);
    let mut classes = Grouping::new(By::Class);
    let mut rows = work.columns.rows();
    let mut seen = 0_usize;
    while let Some(row) = rows.advance() {
        if seen.is_multiple_of(BETWEEN_QUESTIONS) && stop() {
            return None;
        }
        seen += 1;
        classes.add(&row);
        // A listing does not tell the version of what is current, nor its tags.
        let current = Subject::current(
            row.key,
            row.size.bytes(),
            row.storage_class,
            row.last_modified.unwrap_or(work.now),
        );
        coverage.add(&Subject {
            tags: None,
            version: VersionState::Current { is_null: false },
            ..current
        });
    }
    let mut classes: Vec<(String, Tally)> = classes
        .finish()
        .into_iter()
        .filter_map(|(group, tally)| match group {
            Group::Class(class) => Some((class.to_string(), tally)),
            _ => None,
        })
        .collect();
    classes.sort_by(|(a, of_a), (b, of_b)| of_b.bytes.cmp(&of_a.bytes).then_with(|| a.cmp(b)));
    Some(Covered {
        finished: work.finished,
        coverage,
        classes,
    })
}

async fn tell(out: &Outbox, news: StateNews) {
    out.send(Update::State(news)).await;
}
