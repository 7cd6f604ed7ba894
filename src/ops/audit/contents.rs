//! Lists what is in a bucket, as far as an audit goes, and chooses the objects whose headers are read.

use chrono::{DateTime, Utc};

use super::AuditLimits;
use super::samples::Choice;
use crate::aws::wire::{listing, uploads, versions};
use crate::aws::{Aws, Problem, ProblemKind, operations};
use crate::domain::blueprint::BucketBlueprint;
use crate::domain::configuration::{Configuration, Unanswered};
use crate::domain::lifecycle::Kept;
use crate::domain::posture::{Builder, Contents};
use crate::domain::{ListingOrder, ObjectSummary, ObjectVersion, VersionId};
use crate::ops::browse::{ListRequest, Start, UploadsRequest, VersionsRequest};
use crate::ops::coverage::{Coverage, Gap};
use crate::ops::gate::Gate;
use crate::ops::{Meter, state};

/// Pages of uploads that are listed at most, 1,000 each.
const UPLOAD_PAGES: usize = 20;

/// What a listing needs.
pub(super) struct Reach<'a> {
    pub aws: &'a Aws,
    pub configuration: &'a Configuration,
    pub blueprint: Option<&'a BucketBlueprint>,
    pub limits: AuditLimits,
    pub gate: &'a Gate,
    pub meter: &'a Meter,
    pub now: DateTime<Utc>,
}

/// What was listed.
pub(super) struct Listed {
    /// What is there; `None` when nothing could be listed.
    pub contents: Option<Contents>,
    /// Objects whose headers are to be read.
    pub chosen: Vec<ObjectSummary>,
    /// Questions that were not answered.
    pub unanswered: Vec<Unanswered>,
    /// What is missing.
    pub coverage: Coverage,
    /// Why the listing failed or broke off, if it did.
    pub failure: Option<Problem>,
}

/// Lists versions, or current objects where versions may not be listed, and incomplete uploads.
pub(super) async fn list(reach: &Reach<'_>) -> Listed {
    let mut listed = Listed {
        contents: None,
        chosen: Vec::new(),
        unanswered: Vec::new(),
        coverage: Coverage::Complete,
        failure: None,
    };
    if reach.limits.versions == 0 {
        listed.coverage.miss(Gap::new(
            format!("what is in {}", reach.configuration.bucket),
            "it was not listed, as asked",
        ));
        return listed;
    }
    let configuration = reach.configuration;
    let kept = Kept::from(configuration.versioning.value());
    let mut walk = Walk {
        builder: Builder::new(
            configuration.lifecycle.value(),
            kept,
            reach.blueprint,
            configuration.notifications.value(),
            reach.now,
        ),
        choice: Choice::new(reach.limits.samples, reach.blueprint),
        seen: 0,
    };
    let complete = match walk.versions(reach).await {
        Ok(complete) => complete,
        Err(problem) if walk.seen == 0 => {
            listed.miss(operations::LIST_VERSIONS.name, reach, &problem);
            match walk.objects(reach).await {
                // Without versions and markers the listing is a part of what is there.
                Ok(_) => false,
                Err(problem) => {
                    listed.miss(operations::LIST_OBJECTS.name, reach, &problem);
                    listed.failure = Some(problem);
                    return listed;
                }
            }
        }
        Err(problem) => {
            listed.miss(operations::LIST_VERSIONS.name, reach, &problem);
            listed.failure = Some(problem);
            false
        }
    };
    if !complete && listed.coverage.is_complete() {
        listed.coverage.miss(Gap::new(
            format!("the rest of {}", configuration.bucket),
            format!("the listing stopped after {} versions", walk.seen),
        ));
    }
    if let Err(problem) = walk.uploads(reach).await {
        listed.miss(operations::LIST_UPLOADS.name, reach, &problem);
    }
    listed.chosen = walk.choice.chosen();
    listed.contents = Some(walk.builder.finish(complete));
    listed
}

impl Listed {
    fn miss(&mut self, call: &str, reach: &Reach<'_>, problem: &Problem) {
        self.unanswered.push(state::unanswered(call, problem));
        self.coverage.miss(Gap::failed(
            format!("{call} of {}", reach.configuration.bucket),
            problem.clone(),
        ));
    }
}

/// A listing on its way.
struct Walk<'a> {
    builder: Builder<'a>,
    choice: Choice<'a>,
    seen: u64,
}

impl Walk<'_> {
    /// Whether all versions were listed.
    async fn versions(&mut self, reach: &Reach<'_>) -> Result<bool, Problem> {
        let bucket = &reach.configuration.bucket;
        let mut request = VersionsRequest::flat(bucket.clone(), "");
        let mut order = ListingOrder::of(bucket);
        loop {
            let page = reach
                .gate
                .pass(versions::page(reach.aws, &request, reach.meter))
                .await?;
            if !order.goes_on_with_versions(&page.prefixes, &page.versions) {
                return Err(out_of_order(reach));
            }
            for version in &page.versions {
                self.builder.add(version);
                if version.is_latest && !version.is_delete_marker {
                    self.choice.see(&version.object);
                }
            }
            self.seen += page.versions.len() as u64;
            match page.next {
                None => return Ok(true),
                Some(_) if self.seen >= reach.limits.versions => return Ok(false),
                Some(next) => request.start = Start::Next(next),
            }
        }
    }

    async fn objects(&mut self, reach: &Reach<'_>) -> Result<bool, Problem> {
        let bucket = &reach.configuration.bucket;
        let mut request = ListRequest::flat(bucket.clone(), "");
        let mut order = ListingOrder::of(bucket);
        loop {
            let page = reach
                .gate
                .pass(listing::page(reach.aws, &request, reach.meter))
                .await?;
            let keys = page.objects.iter().map(|object| object.key.as_str());
            if !order.goes_on(&page.prefixes, keys) {
                return Err(out_of_order(reach));
            }
            for object in &page.objects {
                self.choice.see(object);
                self.builder.add(&ObjectVersion {
                    object: object.clone(),
                    version_id: VersionId(String::new()),
                    is_latest: true,
                    is_delete_marker: false,
                });
            }
            self.seen += page.objects.len() as u64;
            match page.next {
                None => return Ok(true),
                Some(_) if self.seen >= reach.limits.versions => return Ok(false),
                Some(next) => request.start = Start::Next(next),
            }
        }
    }

    async fn uploads(&mut self, reach: &Reach<'_>) -> Result<(), Problem> {
        let mut request = UploadsRequest::flat(reach.configuration.bucket.clone(), "");
        for _ in 0..UPLOAD_PAGES {
            let page = reach
                .gate
                .pass(uploads::page(reach.aws, &request, reach.meter))
                .await?;
            for upload in &page.uploads {
                self.builder.add_upload(upload);
            }
            let Some(next) = page.next else {
                break;
            };
            request.start = Start::Next(next);
        }
        Ok(())
    }
}

/// A server that goes back to keys that it had listed may never end.
fn out_of_order(reach: &Reach<'_>) -> Problem {
    Problem::new(
        "list what is in",
        format!("s3://{}", reach.configuration.bucket),
        ProblemKind::Malformed,
        "the server went back to keys that it had already listed or passed",
        "what was listed so far is judged, and no more",
    )
}
