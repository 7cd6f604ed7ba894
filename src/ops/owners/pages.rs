//! A page of folders, whether current objects or versions are looked through.

use super::walk::Listing;
use crate::aws::{Aws, Meter, Problem};
use crate::domain::BucketName;
use crate::ops::browse::{self, ListRequest, Next, Start, VersionMarker, VersionsRequest};

/// Where a listing goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cursor {
    Beginning,
    Objects(Next),
    Versions(VersionMarker),
}

/// The folders directly under a prefix, one page of them.
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
            Ok((page.prefixes, page.next.map(Cursor::Objects)))
        }
        Listing::Versions => {
            let mut request = VersionsRequest::flat(bucket.clone(), prefix);
            request.delimiter = true;
            if let Cursor::Versions(marker) = cursor {
                request.start = Start::Next(marker);
            }
            let page = browse::versions(aws, &request, meter).await?;
            Ok((page.prefixes, page.next.map(Cursor::Versions)))
        }
    }
}
