//! Lists versions and delete markers: ListObjectVersions.

use aws_sdk_s3::operation::list_object_versions::{ListObjectVersions, ListObjectVersionsOutput};
use aws_sdk_s3::types::EncodingType;
use aws_smithy_runtime_api::client::interceptors::context::Output;
use aws_smithy_runtime_api::client::runtime_plugin::RuntimePlugin as _;

use super::encoding::Decoder;
use super::list_body::{Body, Of, Row, Tap};
use super::objects::object;
use super::page::{ListRequest, Page, Paged, Sending, markers, next_markers};
use crate::aws::explain::Call;
use crate::aws::operations::{self, Operation};
use crate::aws::{Aws, Problem};
use crate::domain::{ByteSize, ObjectVersion, StorageClass, VersionId};

/// The position of the next page of versions.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VersionMarker {
    pub(super) key: String,
    pub(super) version_id: Option<String>,
}

#[cfg(test)]
impl VersionMarker {
    /// A position for tests.
    #[must_use]
    pub fn for_tests(key: &str) -> Self {
        Self {
            key: key.to_owned(),
            version_id: None,
        }
    }
}

/// A request to list versions.
pub type VersionsRequest = ListRequest<VersionMarker>;

/// One page of versions and delete markers, in the server's order: by key, and within a key the newest first.
pub type VersionsPage = Page<ObjectVersion, VersionMarker>;

impl Paged for ObjectVersion {
    type Next = VersionMarker;
    const OF: Of = Of::Versions;
    const OPERATION: &'static Operation = &operations::LIST_VERSIONS;

    async fn ask(
        aws: &Aws,
        call: &Call<'_>,
        request: &VersionsRequest,
        sending: &Sending<'_>,
    ) -> Result<(), Problem> {
        let (key, id) = markers(&request.start, |marker| {
            (marker.key.as_str(), marker.version_id.as_deref())
        });
        let send = |s3: aws_sdk_s3::Client| {
            let call = s3
                .list_object_versions()
                .bucket(request.bucket.as_str())
                .set_prefix(request.prefix_sent())
                .set_delimiter(request.delimiter_sent())
                .set_key_marker(key.clone())
                .set_version_id_marker(id.clone())
                .set_max_keys(request.max_keys.map(i32::from))
                .encoding_type(EncodingType::Url)
                .customize();
            sending.prepare(call).send()
        };
        aws.on_bucket(call, &request.bucket, send).await?;
        Ok(())
    }

    fn tap() -> Tap {
        let empty = || Output::erase(ListObjectVersionsOutput::builder().build());
        Tap::new(Self::OPERATION, empty, || {
            ListObjectVersions::new().config()
        })
    }

    fn of_row(call: &Call<'_>, decoder: Decoder, row: Row<'_>) -> Result<Self, Problem> {
        version(call, decoder, row)
    }

    fn next(
        call: &Call<'_>,
        decoder: Decoder,
        body: &Body<'_>,
    ) -> Result<Option<VersionMarker>, Problem> {
        let next = (body.next.as_deref(), body.next_id.as_deref());
        let next = next_markers(call, decoder, body.is_truncated, next)?;
        Ok(next.map(|(key, version_id)| VersionMarker { key, version_id }))
    }

    fn order_of(body: &Body<'_>) -> Option<fn(&mut [Self])> {
        let kinds = body.rows.windows(2);
        let changes = kinds.filter(|pair| {
            let [a, b] = pair else { return false };
            a.is_marker != b.is_marker
        });
        (changes.count() == 1).then_some(sort_separate_lists as fn(&mut [Self]))
    }

    fn key(&self) -> &str {
        self.object.key.as_str()
    }

    fn bytes(&self) -> ByteSize {
        self.object.size
    }
}

/// Builds the version or delete marker from a row.
fn version(call: &Call<'_>, decoder: Decoder, row: Row<'_>) -> Result<ObjectVersion, Problem> {
    let version_id = version_id(row.id.as_deref());
    let (is_latest, is_delete_marker) = (row.is_latest, row.is_marker);
    let mut object = object(call, decoder, row)?;
    if is_delete_marker {
        object.size = ByteSize(0);
        object.storage_class = StorageClass::default();
        object.etag = None;
    }
    Ok(ObjectVersion {
        object,
        version_id,
        is_latest,
        is_delete_marker,
    })
}

/// Some servers send all versions and then all markers. By key, then the latest, then the younger before the older; what dates cannot
/// tell apart stays as it came.
pub(super) fn sort_separate_lists(versions: &mut [ObjectVersion]) {
    versions.sort_by(|a, b| {
        a.object
            .key
            .cmp(&b.object.key)
            .then(b.is_latest.cmp(&a.is_latest))
            .then(b.object.last_modified.cmp(&a.object.last_modified))
    });
}

pub(super) fn version_id(id: Option<&str>) -> VersionId {
    VersionId(id.unwrap_or("null").to_owned())
}
