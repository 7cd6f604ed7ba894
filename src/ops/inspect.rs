//! Everything about one object: headers, tags, versions.

use super::{Fact, Meter};
use crate::aws::{Aws, Problem, wire};
use crate::domain::{BucketName, ObjectKey, ObjectVersion, VersionId};
use crate::ops::browse::{Start, VersionsRequest};

pub use crate::aws::wire::annotations::Annotation;
pub use crate::aws::wire::object::{Head, ObjectEncryption, ObjectLock, Restore};

/// The maximum number of version pages: up to 5,000 versions of a key, more than anybody reads.
const VERSION_PAGES: usize = 5;

/// Facts about an object, or one version of it. Each was requested separately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectDetail {
    /// Its bucket.
    pub bucket: BucketName,
    /// Its key.
    pub key: ObjectKey,
    /// The requested version; `None` for the current one.
    pub version_id: Option<VersionId>,
    /// Its headers.
    pub head: Fact<Head>,
    /// Its tags, in the order of the service; not set if it has none.
    pub tags: Fact<Vec<(String, String)>>,
    /// Its annotations; not set if it has none.
    pub annotations: Fact<Vec<Annotation>>,
    /// The versions and delete markers of this key, newest first.
    pub versions: Fact<KeyVersions>,
}

/// The versions of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyVersions {
    /// Versions and delete markers, newest first.
    pub versions: Vec<ObjectVersion>,
    /// Whether the list is complete; otherwise counts read "at least".
    pub complete: bool,
}

/// Requests headers, tags, annotations and versions at the same time.
pub async fn object(
    aws: &Aws,
    bucket: &BucketName,
    key: &ObjectKey,
    version: Option<&VersionId>,
    meter: &Meter,
) -> ObjectDetail {
    let (head, tags, annotations, versions) = futures::join!(
        wire::object::head(aws, bucket, key, version, meter),
        wire::object::tags(aws, bucket, key, version, meter),
        wire::annotations::all(aws, bucket, key, version, meter),
        versions_of_key(aws, bucket, key, meter),
    );
    ObjectDetail {
        bucket: bucket.clone(),
        key: key.clone(),
        version_id: version.cloned(),
        head: Fact::from_answer(head.map(Some)),
        tags: Fact::from_answer(tags.map(|tags| (!tags.is_empty()).then_some(tags))),
        annotations: Fact::from_answer(annotations.map(|all| (!all.is_empty()).then_some(all))),
        versions: Fact::from_answer(versions.map(Some)),
    }
}

/// The versions of exactly this key. S3 lists by prefix, so other keys with this prefix follow, and the first one ends
/// the search.
async fn versions_of_key(
    aws: &Aws,
    bucket: &BucketName,
    key: &ObjectKey,
    meter: &Meter,
) -> Result<KeyVersions, Problem> {
    let mut request = VersionsRequest::flat(bucket.clone(), key.as_str());
    let mut versions = Vec::new();
    for _ in 0..VERSION_PAGES {
        let page = wire::page::page::<ObjectVersion>(aws, &request, meter).await?;
        let ends_beyond = page.items.last().is_some_and(|v| v.object.key != *key);
        versions.extend(page.items.into_iter().filter(|v| v.object.key == *key));
        request.start = match page.next {
            // Not every server sorts by bytes: another key at the end only counts after this key was found.
            Some(next) if versions.is_empty() || !ends_beyond => Start::Next(next),
            _ => {
                return Ok(KeyVersions {
                    versions,
                    complete: true,
                });
            }
        };
    }
    Ok(KeyVersions {
        versions,
        complete: false,
    })
}
