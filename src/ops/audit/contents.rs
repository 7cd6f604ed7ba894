//! What is in a bucket, as far as an audit goes: listed now, or taken from a scan that somebody saved.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::stream::{self, StreamExt};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::samples::{Choices, Chosen};
use super::unseen::Unseen;
use super::{AuditLimits, Basis, by_scan};
use crate::aws::wire::{page, parts};
use crate::aws::{Aws, Problem, ProblemKind, operations};
use crate::domain::advice::advice;
use crate::domain::blueprint::BucketBlueprint;
use crate::domain::configuration::Configuration;
use crate::domain::lifecycle::Kept;
use crate::domain::posture::{Builder, Contents, acls_matter};
use crate::domain::size::grouped;
use crate::domain::{ByteSize, ObjectKey, ObjectSummary, ObjectVersion, Upload, VersionId};
use crate::ops::Meter;
use crate::ops::browse::{Start, UploadsRequest};
use crate::ops::coverage::{Coverage, Gap};
use crate::ops::gate::Gate;
use crate::ops::listing::{self, InOrder, Listed as Listable, ListingRequest, ListingUpdate};
use crate::ops::scan::Scan;

/// Pages of uploads that are listed at most, 1,000 each.
const UPLOAD_PAGES: usize = 20;

/// Pages between the listing and the judge, which takes a few milliseconds for one.
const PAGES_AHEAD: usize = 8;

/// What a listing needs.
pub(super) struct Reach<'a> {
    pub aws: &'a Aws,
    pub configuration: &'a Configuration,
    pub blueprint: Option<&'a BucketBlueprint>,
    /// What to judge by in place of a listing of objects.
    pub scan: Option<&'a Arc<Scan>>,
    pub limits: AuditLimits,
    pub gate: &'a Gate,
    /// How many requests the listing may have under way.
    pub side_by_side: usize,
    pub meter: &'a Meter,
    pub now: DateTime<Utc>,
}

/// What was listed.
#[derive(Default)]
pub(super) struct Listed {
    /// What is there; `None` when nothing could be listed.
    pub contents: Option<Contents>,
    /// Where that comes from.
    pub basis: Basis,
    /// Objects that are to be looked at closely.
    pub chosen: Chosen,
    /// What was not seen.
    pub unseen: Unseen,
    /// Why the listing failed or broke off, if it did.
    pub failure: Option<Problem>,
}

/// Takes the objects from a scan or lists versions, or current objects where versions may not be listed; and lists
/// incomplete uploads.
pub(super) async fn list(reach: &Reach<'_>) -> Listed {
    let mut listed = Listed::default();
    let bucket = &reach.configuration.bucket;
    if let Some(scan) = reach.scan {
        let uploads = uploads(reach, &mut listed).await;
        by_scan::judge(reach, scan, uploads, &mut listed).await;
        return listed;
    }
    if reach.limits.versions == 0 {
        listed.unseen.by_choice(Gap::new(
            format!("what is in {bucket}"),
            "it was not listed, as asked",
        ));
        return listed;
    }
    let mut walk = Walk::new(
        reach.configuration,
        reach.blueprint,
        reach.limits,
        reach.now,
    );
    let of_versions = everything::<ObjectVersion>(reach, |version| walk.version(version)).await;
    let mut complete = of_versions.is_complete();
    listed.basis = of_versions.basis();
    match of_versions.failed() {
        Some(problem) if of_versions.seen == 0 => {
            listed.miss(operations::LIST_VERSIONS.name, reach, &problem);
            let of_objects = everything::<ObjectSummary>(reach, |object| walk.object(object)).await;
            // Without versions and markers the listing is a part of what is there.
            complete = false;
            listed.basis = Basis::Objects;
            if let Some(problem) = of_objects.failed() {
                listed.miss(operations::LIST_OBJECTS.name, reach, &problem);
                listed.failure = Some(problem);
                if of_objects.seen == 0 {
                    listed.basis = Basis::Nothing;
                    return listed;
                }
            } else {
                listed.rest(operations::LIST_OBJECTS.name, reach, &of_objects);
            }
        }
        Some(problem) => {
            listed.miss(operations::LIST_VERSIONS.name, reach, &problem);
            listed.failure = Some(problem);
        }
        None => listed.rest(operations::LIST_VERSIONS.name, reach, &of_versions),
    }
    for (upload, bytes) in uploads(reach, &mut listed).await {
        walk.upload(&upload, bytes);
    }
    listed.chosen = walk.choices.chosen();
    listed.contents = Some(walk.builder.finish(complete));
    listed
}

impl Listed {
    fn miss(&mut self, call: &str, reach: &Reach<'_>, problem: &Problem) {
        let what = format!("{call} of {}", reach.configuration.bucket);
        self.unseen.failed(call, what, problem.clone());
    }

    /// Takes note of what a listing that did not fail left out.
    fn rest(&mut self, call: &str, reach: &Reach<'_>, went: &Went) {
        let bucket = &reach.configuration.bucket;
        if went.is_cut {
            let first = grouped(went.seen);
            let what = format!("the rest of {bucket}");
            let rests = "verdicts rest on a sample: the listing stopped after the first";
            if reach.limits.versions_chosen {
                let why = format!("{rests} {first}, as asked");
                self.unseen.by_choice(Gap::new(what, why));
            } else {
                let why = format!("{rests} {first}, which is the default");
                self.unseen.by_limit(call, Gap::new(what, why));
            }
            return;
        }
        for gap in went.coverage.gaps() {
            self.unseen.by_limit(call, gap.clone());
        }
    }
}

/// Takes what is listed, in the order of its keys.
pub(super) struct Walk<'a> {
    pub builder: Builder<'a>,
    pub choices: Choices<'a>,
}

impl<'a> Walk<'a> {
    /// Nothing yet; `now` is the day by which it is judged what is overdue.
    pub(super) fn new(
        configuration: &'a Configuration,
        blueprint: Option<&'a BucketBlueprint>,
        limits: AuditLimits,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            builder: Builder::new(
                configuration.lifecycle.value(),
                Kept::of_answer(configuration.versioning.known()),
                blueprint,
                configuration.notifications.value(),
                now,
            ),
            choices: Choices::new(limits, acls_matter(configuration), blueprint),
        }
    }

    fn version(&mut self, version: &ObjectVersion) {
        self.builder.add(version);
        if version.is_latest && !version.is_delete_marker {
            self.choices.see(&version.object);
        }
    }

    pub(super) fn object(&mut self, object: &ObjectSummary) {
        self.choices.see(object);
        self.builder.add(&as_version(object.clone()));
    }

    pub(super) fn upload(&mut self, upload: &Upload, bytes: Option<u64>) {
        self.builder.add_upload(upload);
        self.builder.add_parts(upload, bytes);
    }
}

/// A current object, of which nobody said what version it is.
fn as_version(object: ObjectSummary) -> ObjectVersion {
    ObjectVersion {
        object,
        version_id: VersionId(String::new()),
        is_latest: true,
        is_delete_marker: false,
    }
}

/// How a listing went.
struct Went {
    seen: u64,
    /// Whether there was more than the limit lets through.
    is_cut: bool,
    coverage: Coverage,
}

impl Went {
    fn is_complete(&self) -> bool {
        !self.is_cut && self.coverage.is_complete()
    }

    fn basis(&self) -> Basis {
        if self.is_complete() {
            Basis::Listing
        } else {
            Basis::Sample(self.seen)
        }
    }

    /// Why a part of it is missing, where that was not meant.
    fn failed(&self) -> Option<Problem> {
        let mut gaps = self.coverage.gaps().iter();
        gaps.find_map(|gap| gap.problem.clone())
            .filter(|_| !self.is_cut)
    }
}

/// Lists everything of a kind, as many as the limits let through, in the order of the keys.
async fn everything<T: Listable>(reach: &Reach<'_>, mut take: impl FnMut(&T) + Send) -> Went {
    let limit = reach.limits.versions;
    let held = reach.gate.hold(reach.side_by_side).await;
    let request = ListingRequest {
        in_flight: held.places,
        ..ListingRequest::new(reach.configuration.bucket.clone(), "").in_key_order()
    };
    // What is listed ahead of its turn is of no use beyond the limit.
    let ahead = usize::try_from(limit).unwrap_or(usize::MAX);
    let request = ListingRequest {
        ahead: request.ahead.map(|most| most.min(ahead)),
        ..request
    };
    let (updates, mut arriving) = mpsc::channel(PAGES_AHEAD);
    let stop = CancellationToken::new();
    let (aws, meter) = (reach.aws.clone(), reach.meter.clone());
    let listing = listing::items::<T>(aws, request, stop.clone(), meter, updates);
    let reading = async {
        let mut went = Went {
            seen: 0,
            is_cut: false,
            coverage: Coverage::AtLeast(vec![Gap::cancelled("the rest")]),
        };
        let mut order = InOrder::new();
        while let Some(update) = arriving.recv().await {
            if let ListingUpdate::Done(summary) = &update {
                went.coverage = summary.coverage.clone();
                if !summary.in_order && !is_directory(reach) {
                    went.coverage.miss(out_of_order(reach));
                }
            }
            for item in order.take(update).iter().flatten() {
                if went.seen == limit {
                    went.is_cut = true;
                    stop.cancel();
                    break;
                }
                take(item);
                went.seen += 1;
            }
        }
        went
    };
    let ((), went) = Box::pin(futures::future::join(listing, reading)).await;
    drop(held);
    went
}

/// Directory buckets are not listed in byte order, by their nature, and keep no versions.
fn is_directory(reach: &Reach<'_>) -> bool {
    reach.configuration.bucket.as_str().ends_with("--x-s3")
}

/// What comes in no order cannot be told apart by its keys.
fn out_of_order(reach: &Reach<'_>) -> Gap {
    let bucket = &reach.configuration.bucket;
    Gap::failed(
        format!("what is in {bucket}"),
        Problem::new(
            "list what is in",
            format!("s3://{bucket}"),
            ProblemKind::Malformed,
            "the server does not list in the order of the keys",
            advice!(
                "what was listed is judged, and versions of a key may be taken for those of several"
            ),
        ),
    )
}

/// Incomplete uploads, and what the parts of the first of them hold.
async fn uploads(reach: &Reach<'_>, listed: &mut Listed) -> Vec<(Upload, Option<u64>)> {
    let (bucket, gate) = (&reach.configuration.bucket, reach.gate);
    let mut found = Vec::new();
    let mut request = UploadsRequest::flat(bucket.clone(), "");
    let mut has_ended = false;
    for _ in 0..UPLOAD_PAGES {
        let page = match gate
            .pass(page::page::<Upload>(reach.aws, &request, reach.meter))
            .await
        {
            Ok(page) => page,
            Err(problem) => {
                listed.miss(operations::LIST_UPLOADS.name, reach, &problem);
                has_ended = true;
                break;
            }
        };
        found.extend(page.items);
        let Some(next) = page.next else {
            has_ended = true;
            break;
        };
        request.start = Start::Next(next);
    }
    if !has_ended {
        let gap = Gap::new(
            format!("the rest of the incomplete uploads of {bucket}"),
            format!("the listing stopped after the first {}", found.len()),
        );
        listed.unseen.by_limit(operations::LIST_UPLOADS.name, gap);
    }
    let (aws, meter) = (reach.aws, reach.meter);
    let asked: Vec<(ObjectKey, String)> = found
        .iter()
        .take(reach.limits.uploads)
        .map(|upload: &Upload| (upload.key.clone(), upload.upload_id.clone()))
        .collect();
    let answers: Vec<_> = stream::iter(asked)
        .map(|(key, id)| async move {
            gate.pass(parts::stored(aws, bucket, &key, &id, meter))
                .await
        })
        .buffered(gate.width())
        .collect()
        .await;
    let mut bytes = Vec::with_capacity(answers.len());
    let mut failed = None;
    for answer in answers {
        match answer {
            // One that the server does not know was completed or aborted meanwhile, or has another key: unknown, not 0.
            Ok(stored) => bytes.push(stored.map(ByteSize::bytes)),
            Err(problem) => {
                failed.get_or_insert(problem);
                bytes.push(None);
            }
        }
    }
    if let Some(problem) = failed {
        listed.miss(operations::LIST_PARTS.name, reach, &problem);
    }
    bytes.resize(found.len(), None);
    found.into_iter().zip(bytes).collect()
}
