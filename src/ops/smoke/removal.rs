//! Removes everything that a run created: versions, delete markers and incomplete uploads. An item is reported as gone
//! only after another listing.

use std::collections::BTreeSet;

use super::journal::Place;
use crate::aws::wire::page::{Start, page};
use crate::aws::wire::removal;
use crate::aws::wire::uploads::UploadsRequest;
use crate::aws::wire::versions::VersionsRequest;
use crate::aws::{Aws, Meter, Problem, WritePermit};
use crate::domain::{BucketName, ObjectVersion, Upload};

/// The number of rounds: a trigger may write during the cleanup.
const ROUNDS: usize = 4;

/// A prefix below which everything belongs to the run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ground {
    pub(super) bucket: BucketName,
    pub(super) prefix: String,
    /// Whether the prefix is a complete key.
    pub(super) exact: bool,
}

/// The result of the cleanup.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Removed {
    /// Versions and delete markers.
    pub versions: usize,
    /// Incomplete uploads.
    pub uploads: usize,
    /// What still exists, as `s3://bucket/key`, with the reason if known.
    pub left: Vec<String>,
    /// Why it is unknown whether everything is gone.
    pub unknown: Option<Problem>,
}

impl Removed {
    /// Whether everything is known to be gone.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.left.is_empty() && self.unknown.is_none()
    }
}

impl Ground {
    /// The prefixes, and the places outside of them.
    pub(super) fn of(places: &[Place], prefixes: &[(BucketName, String)]) -> BTreeSet<Self> {
        let mut grounds: BTreeSet<Self> = prefixes
            .iter()
            .map(|(bucket, prefix)| Self {
                bucket: bucket.clone(),
                prefix: prefix.clone(),
                exact: false,
            })
            .collect();
        for place in places {
            let covered = prefixes.iter().any(|(bucket, prefix)| {
                *bucket == place.bucket && place.key.as_str().starts_with(prefix)
            });
            if !covered {
                grounds.insert(Self {
                    bucket: place.bucket.clone(),
                    prefix: place.key.as_str().to_owned(),
                    exact: true,
                });
            }
        }
        grounds
    }
}

/// Removes everything at these places, and lists again until nothing is found.
pub(super) async fn remove(
    aws: &Aws,
    grounds: &BTreeSet<Ground>,
    permit: &WritePermit,
    meter: &Meter,
) -> Removed {
    let mut removed = Removed::default();
    let mut refused: Vec<String> = Vec::new();
    for round in 0..=ROUNDS {
        let found = match find(aws, grounds, meter).await {
            Ok(found) => found,
            Err(problem) => {
                removed.unknown = Some(problem);
                return removed;
            }
        };
        if found.is_empty() {
            removed.left.clear();
            return removed;
        }
        removed.left = found.iter().map(Found::words).collect();
        if round == ROUNDS || !refused.is_empty() {
            break;
        }
        for one in found {
            match one.take_away(aws, permit, meter).await {
                Ok(true) => removed.versions += 1,
                Ok(false) => removed.uploads += 1,
                Err(problem) => refused.push(problem.to_string()),
            }
        }
    }
    removed.left.extend(refused.into_iter().take(1));
    removed
}

/// An item to remove.
enum Found {
    Version(BucketName, Box<ObjectVersion>),
    Upload(BucketName, Box<Upload>),
}

impl Found {
    fn words(&self) -> String {
        match self {
            Self::Version(bucket, version) => {
                format!("s3://{bucket}/{}", version.object.key.as_str())
            }
            Self::Upload(bucket, upload) => {
                format!("an upload of s3://{bucket}/{}", upload.key.as_str())
            }
        }
    }

    /// Removes an item. Returns whether it was a version; otherwise it was an upload.
    async fn take_away(
        &self,
        aws: &Aws,
        permit: &WritePermit,
        meter: &Meter,
    ) -> Result<bool, Problem> {
        match self {
            Self::Version(bucket, version) => {
                let (key, id) = (&version.object.key, &version.version_id);
                removal::delete_version(aws, bucket, key, id, None, permit, meter).await?;
                Ok(true)
            }
            Self::Upload(bucket, upload) => {
                let (key, id) = (&upload.key, &upload.upload_id);
                removal::abort_upload(aws, bucket, key, id, permit, meter).await?;
                Ok(false)
            }
        }
    }
}

/// Lists the places. Oldest versions come first, so that none becomes current, and readable, in between.
async fn find(aws: &Aws, grounds: &BTreeSet<Ground>, meter: &Meter) -> Result<Vec<Found>, Problem> {
    let mut found = Vec::new();
    for ground in grounds {
        for upload in uploads_on(aws, ground, meter).await? {
            found.push(Found::Upload(ground.bucket.clone(), Box::new(upload)));
        }
        let mut versions = versions_on(aws, ground, meter).await?;
        versions.reverse();
        for version in versions {
            found.push(Found::Version(ground.bucket.clone(), Box::new(version)));
        }
    }
    Ok(found)
}

/// The versions and delete markers at a place, newest first within a key.
pub(super) async fn versions_on(
    aws: &Aws,
    ground: &Ground,
    meter: &Meter,
) -> Result<Vec<ObjectVersion>, Problem> {
    let mut request = VersionsRequest::flat(ground.bucket.clone(), ground.prefix.as_str());
    let mut found = Vec::new();
    loop {
        let page = page::<ObjectVersion>(aws, &request, meter).await?;
        let beyond = page
            .items
            .last()
            .is_some_and(|version| version.object.key.as_str() != ground.prefix);
        found.extend(
            page.items
                .into_iter()
                .filter(|version| !ground.exact || version.object.key.as_str() == ground.prefix),
        );
        match page.next {
            Some(next) if !(ground.exact && beyond) => request.start = Start::Next(next),
            _ => return Ok(found),
        }
    }
}

async fn uploads_on(aws: &Aws, ground: &Ground, meter: &Meter) -> Result<Vec<Upload>, Problem> {
    let mut request = UploadsRequest::flat(ground.bucket.clone(), ground.prefix.as_str());
    let mut found = Vec::new();
    loop {
        let page = page::<Upload>(aws, &request, meter).await?;
        found.extend(
            page.items
                .into_iter()
                .filter(|upload| !ground.exact || upload.key.as_str() == ground.prefix),
        );
        match page.next {
            Some(next) => request.start = Start::Next(next),
            None => return Ok(found),
        }
    }
}
