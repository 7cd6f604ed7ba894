//! A page of folders, or of everything under a prefix, whether current objects or versions are looked through.

use super::walk::Listing;
use crate::aws::{Aws, Meter, Problem};
use crate::domain::{BucketName, ObjectSummary, ObjectVersion};
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
                request.start = Some(marker);
            }
            let page = browse::versions(aws, &request, meter).await?;
            Ok((page.prefixes, page.next.map(Cursor::Versions)))
        }
    }
}

/// What is listed flat under a prefix: objects or versions.
pub(super) trait Listed: Sized + Send + 'static {
    /// Where a page ended.
    type Next: Send;
    /// The listing that shows the folders of such things.
    const LISTING: Listing;

    /// Its key.
    fn key(&self) -> &str;

    /// One page of everything under the prefix.
    fn page(
        aws: &Aws,
        bucket: &BucketName,
        prefix: &str,
        next: Option<Self::Next>,
        meter: &Meter,
    ) -> impl Future<Output = Result<(Vec<Self>, Option<Self::Next>), Problem>> + Send;
}

impl Listed for ObjectSummary {
    type Next = Next;
    const LISTING: Listing = Listing::Objects;

    fn key(&self) -> &str {
        self.key.as_str()
    }

    async fn page(
        aws: &Aws,
        bucket: &BucketName,
        prefix: &str,
        next: Option<Next>,
        meter: &Meter,
    ) -> Result<(Vec<Self>, Option<Next>), Problem> {
        let mut request = ListRequest::flat(bucket.clone(), prefix);
        if let Some(next) = next {
            request.start = Start::Next(next);
        }
        let page = browse::page(aws, &request, meter).await?;
        Ok((page.objects, page.next))
    }
}

impl Listed for ObjectVersion {
    type Next = VersionMarker;
    const LISTING: Listing = Listing::Versions;

    fn key(&self) -> &str {
        self.object.key.as_str()
    }

    async fn page(
        aws: &Aws,
        bucket: &BucketName,
        prefix: &str,
        next: Option<VersionMarker>,
        meter: &Meter,
    ) -> Result<(Vec<Self>, Option<VersionMarker>), Problem> {
        let mut request = VersionsRequest::flat(bucket.clone(), prefix);
        request.start = next;
        let page = browse::versions(aws, &request, meter).await?;
        Ok((page.versions, page.next))
    }
}
