//! Lists the versions and delete markers of one key.

use crate::aws::{Aws, Meter, Problem};
use crate::domain::{BucketName, ObjectKey, ObjectVersion};
use crate::ops::browse::{self, Start, VersionsRequest};

/// The versions and delete markers of exactly this key, newest first.
///
/// Other keys may start with it, but it sorts first among them, so the first other key ends the listing.
pub(in crate::ops) async fn versions(
    aws: &Aws,
    bucket: &BucketName,
    key: &ObjectKey,
    meter: &Meter,
) -> Result<Vec<ObjectVersion>, Problem> {
    let mut request = VersionsRequest::flat(bucket.clone(), key.as_str());
    let mut found = Vec::new();
    loop {
        let page = browse::versions(aws, &request, meter).await?;
        let goes_on = page.items.iter().all(|v| v.object.key == *key);
        found.extend(page.items.into_iter().filter(|v| v.object.key == *key));
        match page.next {
            Some(next) if goes_on => request.start = Start::Next(next),
            _ => return Ok(found),
        }
    }
}
