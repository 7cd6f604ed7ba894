//! Pages of a listing: objects and prefixes, versions and delete markers, incomplete uploads.

use super::Meter;
use crate::aws::{Aws, Problem, wire};

pub use crate::aws::wire::objects::Next;
pub use crate::aws::wire::page::{ListRequest, Page, Start};
pub use crate::aws::wire::uploads::{UploadMarker, UploadsPage, UploadsRequest};
pub use crate::aws::wire::versions::{VersionMarker, VersionsPage, VersionsRequest};

/// One page of objects and prefixes; `page.next` is the position of the next page.
pub async fn page(aws: &Aws, request: &ListRequest, meter: &Meter) -> Result<Page, Problem> {
    wire::page::page(aws, request, meter).await
}

/// One page of versions and delete markers.
pub async fn versions(
    aws: &Aws,
    request: &VersionsRequest,
    meter: &Meter,
) -> Result<VersionsPage, Problem> {
    wire::page::page(aws, request, meter).await
}

/// One page of incomplete uploads.
pub async fn uploads(
    aws: &Aws,
    request: &UploadsRequest,
    meter: &Meter,
) -> Result<UploadsPage, Problem> {
    wire::page::page(aws, request, meter).await
}
