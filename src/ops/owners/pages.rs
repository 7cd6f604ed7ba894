//! Lists a page of folders, from current objects or from versions.

use super::walk::Listing;
use crate::aws::{Aws, Meter, Problem, ProblemKind};
use crate::domain::BucketName;
use crate::domain::advice::advice;
use crate::ops::browse::{self, ListRequest, Next, Start, VersionMarker, VersionsRequest};

/// The position of the next page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cursor {
    Beginning,
    Objects(Next),
    Versions(VersionMarker),
}

/// A page of the folders directly below a prefix.
pub(super) async fn folder_page(
    aws: &Aws,
    bucket: &BucketName,
    listing: Listing,
    prefix: &str,
    cursor: Cursor,
    meter: &Meter,
) -> Result<(Vec<String>, Option<Cursor>), Problem> {
    match listing {
        Listing::Objects => {
            let mut request = ListRequest::folder(bucket.clone(), prefix);
            if let Cursor::Objects(next) = cursor {
                request.start = Start::Next(next);
            }
            let page = browse::page(aws, &request, meter).await?;
            decided(bucket, prefix, page.undecided)?;
            Ok((page.prefixes, page.next.map(Cursor::Objects)))
        }
        Listing::Versions => {
            let mut request = VersionsRequest::flat(bucket.clone(), prefix);
            request.delimiter = true;
            if let Cursor::Versions(marker) = cursor {
                request.start = Start::Next(marker);
            }
            let page = browse::versions(aws, &request, meter).await?;
            decided(bucket, prefix, page.undecided)?;
            Ok((page.prefixes, page.next.map(Cursor::Versions)))
        }
    }
}

/// Rejects folders with ambiguous names: they may belong to another user.
fn decided(bucket: &BucketName, prefix: &str, undecided: usize) -> Result<(), Problem> {
    if undecided == 0 {
        return Ok(());
    }
    Err(Problem::new(
        "read the folders of",
        format!("s3://{bucket}/{prefix}"),
        ProblemKind::Malformed,
        "the server does not say whether it encoded their names, and has objects in either form",
        advice!("name the user's prefix itself, which leaves nothing to guess"),
    ))
}
