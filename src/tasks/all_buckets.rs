//! All buckets at once: their sizes by CloudWatch, and what is wrong with them.

use futures::StreamExt;

use super::runner::{Outbox, Shared};
use super::work::Update;
use crate::aws::Aws;
use crate::domain::BucketName;
use crate::domain::blueprint::Blueprint;
use crate::ops::audit::{self, AuditLimits, Audited, Finding, Inquiry, ObjectAcls, Target};
use crate::ops::{Gate, Meter, metrics};

/// How far an audit goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AuditDepth {
    /// The configuration alone: some twenty requests a bucket.
    Configuration,
    /// What is in the buckets as well, as far as `s3warden audit` looks by itself.
    Contents,
}

impl AuditDepth {
    fn limits(self) -> AuditLimits {
        match self {
            Self::Contents => AuditLimits {
                annotations: 0,
                ..AuditLimits::default()
            },
            Self::Configuration => AuditLimits {
                versions: 0,
                versions_chosen: true,
                samples: 0,
                object_acls: ObjectAcls::default(),
                uploads: 0,
                annotations: 0,
            },
        }
    }
}

/// Which buckets are to be audited, and by which rules.
#[derive(Debug, Clone)]
pub(crate) struct AuditWork {
    pub buckets: Vec<BucketName>,
    /// The blueprint that was asked for by name; without one each bucket has that of the built-in that names it.
    pub blueprint: Option<Blueprint>,
    /// How far to go.
    pub depth: AuditDepth,
}

/// What was found in one bucket.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BucketAudit {
    pub bucket: BucketName,
    /// The findings, the most severe first.
    pub findings: Vec<Finding>,
    /// Why there may be more, in words; none when every question was answered.
    pub gap: Option<String>,
    /// How far the audit went.
    pub depth: AuditDepth,
}

/// Asks CloudWatch for the sizes of buckets; each comes as soon as its Region has answered.
pub(super) async fn sizes(
    aws: &Aws,
    buckets: Vec<BucketName>,
    days: u32,
    shared: &Shared,
    meter: &Meter,
    out: &Outbox,
) {
    let gate = Gate::new(shared.limits().in_flight);
    let mut sizes = metrics::storage(aws, buckets, days, gate, meter);
    while let Some(one) = sizes.next().await {
        out.send(Update::Storage(Box::new(one))).await;
    }
}

/// Audits buckets side by side; each comes as soon as it is done.
pub(super) async fn audit(
    aws: &Aws,
    work: AuditWork,
    shared: &Shared,
    meter: &Meter,
    out: &Outbox,
) {
    let AuditWork {
        buckets,
        blueprint,
        depth,
    } = work;
    let targets = buckets
        .into_iter()
        .map(|bucket| Target::of(bucket, blueprint.as_ref()))
        .collect();
    let gate = Gate::new(shared.limits().in_flight);
    let accepted = shared.accepted().to_vec();
    let inquiry = Box::pin(Inquiry::begin(aws, depth.limits(), accepted, &gate, meter)).await;
    let mut audits = audit::of_buckets(aws, targets, &inquiry, &gate, meter).boxed();
    while let Some(audited) = audits.next().await {
        let audit = Box::new(audit_result(audited, depth));
        out.send(Update::FleetAudited(audit)).await;
    }
}

fn audit_result(audited: Audited, depth: AuditDepth) -> BucketAudit {
    let unanswered = audited.configuration.unanswered();
    // What an endpoint does not have cannot be in force there: nothing is left out.
    let not_there = |why: &str| {
        let mut known = unanswered.iter();
        known.any(|one| one.is_not_there() && one.why == why)
    };
    let mut gaps = audited.coverage.gaps().iter();
    let gap = gaps.find(|gap| !not_there(&gap.why));
    BucketAudit {
        gap: gap.map(|gap| format!("{}: {}", gap.what, gap.why)),
        bucket: audited.configuration.bucket,
        findings: audited.findings,
        depth,
    }
}
