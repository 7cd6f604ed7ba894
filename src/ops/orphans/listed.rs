//! Lists one bucket completely: current objects, keys without a current object, and uploads.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::progress::{At, SearchProgress};
use super::{NotJudged, What};
use crate::aws::{Aws, Meter, Problem, ProblemKind};
use crate::domain::blueprint::BucketBlueprint;
use crate::domain::columns::{Assembly, Columns, Etags};
use crate::domain::orphans::non_current::Versions;
use crate::domain::orphans::{Kind, Kinds};
use crate::domain::quarantine::place;
use crate::domain::{BucketName, ObjectSummary, ObjectVersion, Upload};
use crate::ops::listing::{self, ListingRequest, ListingUpdate, Summary};
use crate::ops::{Coverage, Gap};

/// Pages between the listing and the thread that processes them: as many as a few requests return at once.
const PAGES_AHEAD: usize = 32;

/// The input of a listing.
pub(super) struct Reach<'a> {
    pub aws: &'a Aws,
    pub bucket: &'a BucketName,
    pub rules: &'a BucketBlueprint,
    pub kinds: Kinds,
    /// Whether verdicts on the bucket are wanted; otherwise only its objects are needed.
    pub is_wanted: bool,
    /// Whether noncurrent versions matter: objects are derived from the bucket's objects, or each version names its own
    /// owner.
    pub needs_versions: bool,
    /// Whether the kinds were requested one by one. Then a missing permission is an error instead of leaving a kind
    /// out.
    pub asked: bool,
    pub jobs: usize,
    pub cancel: &'a CancellationToken,
    pub meter: &'a Meter,
    pub progress: &'a std::sync::Arc<SearchProgress>,
    /// The number of this bucket, and the number of buckets.
    pub place: (usize, usize),
}

/// The contents of a bucket.
pub(super) struct Listed {
    /// Complete, or what is missing for the verdicts.
    pub coverage: Coverage,
    pub objects: Columns,
    pub versions: Option<Versions>,
    pub uploads: Vec<Upload>,
    /// Verdicts that were left out because of missing permissions.
    pub not_judged: Vec<NotJudged>,
    pub gaps: Vec<Gap>,
}

impl Listed {
    /// The error that prevented any listing, unless it concerns only permissions.
    pub(super) fn hopeless(&self) -> Option<Problem> {
        let problem = self
            .coverage
            .gaps()
            .iter()
            .find_map(|gap| gap.problem.clone())?;
        let is_partial = !self.objects.is_empty()
            || matches!(
                problem.kind,
                ProblemKind::Denied
                    | ProblemKind::NotSupported
                    | ProblemKind::Throttled
                    | ProblemKind::Unavailable
                    | ProblemKind::Malformed
                    | ProblemKind::Other
            );
        (!is_partial).then_some(problem)
    }

    /// Leaves a kind out if its listing failed and the user did not request that kind.
    fn leave_out(
        &mut self,
        reach: &Reach<'_>,
        kind: Kind,
        what: What,
        coverage: &Coverage,
    ) -> bool {
        let problem = coverage.gaps().iter().find_map(|gap| gap.problem.as_ref());
        let Some(problem) = problem.filter(|problem| {
            !reach.asked
                && matches!(
                    problem.kind,
                    ProblemKind::Denied | ProblemKind::NotSupported
                )
        }) else {
            return false;
        };
        self.not_judged.push(NotJudged {
            kind,
            bucket: Some(reach.bucket.clone()),
            layout: None,
            why: problem.to_string(),
        });
        self.gaps.push(Gap::failed(
            format!("{} of {}", what.plural(), reach.bucket),
            problem.clone(),
        ));
        true
    }
}

pub(super) async fn list(reach: &Reach<'_>) -> Listed {
    let mut listed = Listed {
        coverage: Coverage::Complete,
        objects: Columns::default(),
        versions: None,
        uploads: Vec::new(),
        not_judged: Vec::new(),
        gaps: Vec::new(),
    };
    let judges_versions = reach.is_wanted && reach.kinds.has(Kind::VersionsOnly);
    let mut with_versions = judges_versions || reach.needs_versions;
    if with_versions {
        // The versions include the current objects: one listing returns both from the same moment.
        let intake = Versioned::of(reach.rules);
        let (intake, coverage) =
            take_in::<ObjectVersion, _>(reach, What::Versions, intake, Versioned::take).await;
        let nothing = intake.seen == 0;
        // If the versions are only needed for other verdicts, the failure is reported with those.
        if nothing && !judges_versions && !coverage.is_complete()
            || nothing && listed.leave_out(reach, Kind::VersionsOnly, What::Versions, &coverage)
        {
            with_versions = false;
        } else {
            listed.objects = intake.objects.finish();
            listed.versions = Some(intake.versions);
            listed.coverage.merge(coverage);
        }
    }
    if !with_versions {
        let intake = Assembly::new(Etags::Keep);
        let (intake, coverage) =
            take_in::<ObjectSummary, _>(reach, What::Objects, intake, take_objects).await;
        listed.objects = intake.finish();
        listed.coverage.merge(coverage);
    }
    if reach.is_wanted && reach.kinds.has(Kind::UploadAbandoned) && listed.coverage.is_complete() {
        let (uploads, coverage) =
            take_in::<Upload, _>(reach, What::Uploads, Vec::new(), take_uploads).await;
        let nothing = uploads.is_empty();
        if !(nothing && listed.leave_out(reach, Kind::UploadAbandoned, What::Uploads, &coverage)) {
            listed.coverage.merge(coverage);
        }
        listed.uploads = uploads;
    }
    listed
}

/// Current objects, and keys without one.
struct Versioned {
    objects: Assembly,
    versions: Versions,
    seen: u64,
}

impl Versioned {
    fn of(rules: &BucketBlueprint) -> Self {
        Self {
            objects: Assembly::new(Etags::Keep),
            versions: Versions::of(rules),
            seen: 0,
        }
    }

    fn take(&mut self, update: ListingUpdate<ObjectVersion>) {
        match update {
            ListingUpdate::Page { segment, objects } => {
                self.seen += objects.len() as u64;
                // Objects in quarantine were judged before.
                let judged =
                    |version: &&ObjectVersion| !place::is_place(version.object.key.as_str());
                for version in objects.iter().filter(judged) {
                    self.versions.add(segment.0, version);
                }
                let current: Vec<ObjectSummary> = objects
                    .into_iter()
                    .filter(|version| version.is_latest && !version.is_delete_marker)
                    .filter(|version| !place::is_place(version.object.key.as_str()))
                    .map(|version| version.object)
                    .collect();
                self.objects.add(segment.0, &current);
            }
            ListingUpdate::Closed { segment } => {
                self.objects.close(segment.0);
                self.versions.close(segment.0);
            }
            ListingUpdate::Opened { .. } | ListingUpdate::Done(_) => {}
        }
    }
}

fn take_objects(objects: &mut Assembly, update: ListingUpdate) {
    match update {
        ListingUpdate::Page {
            segment,
            objects: mut page,
        } => {
            page.retain(|object| !place::is_place(object.key.as_str()));
            objects.add(segment.0, &page);
        }
        ListingUpdate::Closed { segment } => objects.close(segment.0),
        ListingUpdate::Opened { .. } | ListingUpdate::Done(_) => {}
    }
}

fn take_uploads(uploads: &mut Vec<Upload>, update: ListingUpdate<Upload>) {
    if let ListingUpdate::Page { objects, .. } = update {
        uploads.extend(objects);
    }
}

/// Lists, and processes pages on a separate thread: encoding keys is work for a CPU.
async fn take_in<T: listing::Listed, S: Send + 'static>(
    reach: &Reach<'_>,
    what: What,
    mut intake: S,
    take: fn(&mut S, ListingUpdate<T>),
) -> (S, Coverage) {
    reach
        .progress
        .enter(At::Listing(reach.bucket.clone(), what, reach.place));
    let request = ListingRequest {
        in_flight: reach.jobs.max(1),
        ..ListingRequest::new(reach.bucket.clone(), "")
    };
    let (pages, mut arriving) = mpsc::channel(PAGES_AHEAD);
    let (cancel, meter) = (reach.cancel.clone(), reach.meter.clone());
    let listing = listing::items(reach.aws.clone(), request, cancel, meter, pages);
    let progress = std::sync::Arc::clone(reach.progress);
    let taking = tokio::task::spawn_blocking(move || {
        let mut summary: Option<Summary> = None;
        while let Some(update) = arriving.blocking_recv() {
            match update {
                ListingUpdate::Done(done) => summary = Some(done),
                update => {
                    if let ListingUpdate::Page { objects, .. } = &update {
                        progress.count(objects.len());
                    }
                    take(&mut intake, update);
                }
            }
        }
        (intake, summary)
    });
    let ((), taken) = tokio::join!(listing, taking);
    let (intake, summary) = match taken {
        Ok(taken) => taken,
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    };
    let coverage = summary.map_or_else(
        || Coverage::AtLeast(vec![Gap::cancelled("the rest")]),
        |summary| summary.coverage,
    );
    (intake, coverage)
}
