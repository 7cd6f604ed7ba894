//! Lists versions and delete markers: ListObjectVersions.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_s3::config::Builder;
use aws_sdk_s3::operation::list_object_versions::{ListObjectVersions, ListObjectVersionsOutput};
use aws_sdk_s3::types::{DeleteMarkerEntry, EncodingType, ObjectVersion as SdkVersion};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, Output,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::client::runtime_plugin::RuntimePlugin as _;
use aws_smithy_types::config_bag::ConfigBag;

use super::encoding::Decoder;
use super::list_body::{self, Body, Of, Row, Tap};
use super::listing::{
    ListRequest, heeds_start, key, markers, moves_on, next_markers, object, once, text,
};
use super::reading::{self, Answer, Listed, What};
use super::{etag, size, time};
use crate::aws::explain::Call;
use crate::aws::{Aws, Meter, Problem, ProblemKind, operations};
use crate::domain::advice::advice;
use crate::domain::{ByteSize, ObjectSummary, ObjectVersion, StorageClass, VersionId};

/// The position of the next page of versions.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VersionMarker {
    key: String,
    version_id: Option<String>,
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

/// One page of versions and delete markers in the order of the server: by key, and within a key newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VersionsPage {
    /// The common prefixes.
    pub prefixes: Vec<String>,
    /// The versions and markers.
    pub versions: Vec<ObjectVersion>,
    /// The position of the next page; `None` on the last page.
    pub next: Option<VersionMarker>,
    /// The number of keys and prefixes with unknown encoding. The real ones may differ.
    pub undecided: usize,
}

/// Requests one page, with retries.
pub(crate) async fn page(
    aws: &Aws,
    request: &VersionsRequest,
    meter: &Meter,
) -> Result<VersionsPage, Problem> {
    ask(aws, request, meter, Builder::new()).await
}

/// Requests one page without retries, for a caller that limits and retries its requests itself.
pub(crate) async fn page_once(
    aws: &Aws,
    request: &VersionsRequest,
    meter: &Meter,
) -> Result<VersionsPage, Problem> {
    ask(aws, request, meter, once()).await
}

async fn ask(
    aws: &Aws,
    request: &VersionsRequest,
    meter: &Meter,
    overrides: Builder,
) -> Result<VersionsPage, Problem> {
    let call = Call::on(&operations::LIST_VERSIONS, &request.bucket, &request.prefix);
    let order = EntryOrder::default();
    let tap = aws.reads_listings().then(|| {
        let empty = || Output::erase(ListObjectVersionsOutput::builder().build());
        Tap::new(call.operation, empty, || ListObjectVersions::new().config())
    });
    let (key, id) = markers(&request.start, |marker| {
        (marker.key.as_str(), marker.version_id.as_deref())
    });
    let answer = aws
        .on_bucket(&call, &request.bucket, |s3| {
            let send = s3
                .list_object_versions()
                .bucket(request.bucket.as_str())
                .set_prefix((!request.prefix.is_empty()).then(|| request.prefix.clone()))
                .set_delimiter(request.delimiter.then(|| "/".to_owned()))
                .set_key_marker(key.clone())
                .set_version_id_marker(id.clone())
                .set_max_keys(request.max_keys.map(i32::from))
                .encoding_type(EncodingType::Url)
                .customize()
                .config_override(overrides.clone())
                .interceptor(meter.counting());
            match &tap {
                Some(tap) => send.interceptor(tap.clone()),
                None => send.interceptor(order.clone()),
            }
            .send()
        })
        .await?;
    let page = if let Some(body) = tap.and_then(|tap| tap.take()) {
        let bytes = body.bytes().unwrap_or_default();
        let body = list_body::read(bytes, Of::Versions, call.operation.root)
            .map_err(|why| why.problem(aws, &call))?;
        let raw = Answer::of_body((&request.bucket, &request.prefix), Of::Versions, &body);
        let decided = reading::decide(aws, &raw, meter).await;
        let page = from_body(decided.decoder, &call, body)?;
        VersionsPage {
            undecided: decided.undecided,
            ..page
        }
    } else {
        let raw = sdk_answer(request, &answer);
        let decided = reading::decide(aws, &raw, meter).await;
        let page = decode(decided.decoder, &call, &answer, &order.take())?;
        VersionsPage {
            undecided: decided.undecided,
            ..page
        }
    };
    moves_on(&call, &request.start, page.next.as_ref())?;
    let first = page.versions.first().map(|v| v.object.key.as_str());
    heeds_start(&call, &request.start, first, &page.prefixes)?;
    let bytes: ByteSize = page.versions.iter().map(|v| v.object.size).sum();
    meter.listed(page.versions.len(), bytes);
    Ok(page)
}

/// Builds the page from a body.
pub(super) fn from_body(
    decoder: Decoder,
    call: &Call<'_>,
    body: Body<'_>,
) -> Result<VersionsPage, Problem> {
    let next = (body.next.as_deref(), body.next_id.as_deref());
    let next = next_markers(call, decoder, body.is_truncated, next)?;
    let kinds = body.rows.windows(2);
    let changes = kinds.filter(|pair| {
        let [a, b] = pair else { return false };
        a.is_marker != b.is_marker
    });
    let are_separate = changes.count() == 1;
    let folders = body.folders.iter();
    let prefixes = folders
        .map(|folder| text(call, decoder, folder))
        .collect::<Result<_, _>>()?;
    let rows = body.rows.into_iter();
    let mut versions = rows
        .map(|row| version(call, decoder, row))
        .collect::<Result<Vec<_>, _>>()?;
    if are_separate {
        sort_separate_lists(&mut versions);
    }
    Ok(VersionsPage {
        prefixes,
        versions,
        next: next.map(|(key, version_id)| VersionMarker { key, version_id }),
        undecided: 0,
    })
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

/// The strings of a response that the SDK parsed.
fn sdk_answer<'a>(
    request: &'a VersionsRequest,
    answer: &'a ListObjectVersionsOutput,
) -> Answer<'a> {
    let folders = answer.common_prefixes().iter();
    let versions = answer.versions().iter().map(|v| (v.key(), v.version_id()));
    let markers = answer.delete_markers().iter();
    let markers = markers.map(|marker| (marker.key(), marker.version_id()));
    let rows = versions.chain(markers).filter_map(|(raw, id)| {
        Some(Listed {
            raw: raw?,
            what: What::Version(id),
        })
    });
    Answer {
        bucket: &request.bucket,
        of: Of::Versions,
        is_encoded: answer.encoding_type() == Some(&EncodingType::Url),
        prefix: &request.prefix,
        listed: rows
            .chain(reading::folders(
                folders.filter_map(|folder| folder.prefix()),
            ))
            .collect(),
    }
}

/// Builds the page from a response that the SDK parsed, with the order of its entries.
pub(super) fn decode(
    decoder: Decoder,
    call: &Call<'_>,
    answer: &ListObjectVersionsOutput,
    order: &[Entry],
) -> Result<VersionsPage, Problem> {
    let folders = answer
        .common_prefixes()
        .iter()
        .filter_map(|folder| folder.prefix());
    let mut versions = Vec::with_capacity(order.len());
    let (mut of_objects, mut markers) = (answer.versions().iter(), answer.delete_markers().iter());
    for entry in order {
        match entry {
            Entry::Version => {
                if let Some(version) = of_objects.next() {
                    versions.push(from_version(call, decoder, version)?);
                }
            }
            Entry::Marker => {
                if let Some(marker) = markers.next() {
                    versions.push(from_marker(call, decoder, marker)?);
                }
            }
        }
    }
    // The order comes from the same bytes, so nothing is left unless the two parsers disagree.
    if of_objects.next().is_some() || markers.next().is_some() {
        return Err(call.failed(
            ProblemKind::Malformed,
            "the order of versions and delete markers in the answer cannot be told",
            advice!("report it with the name of the server"),
        ));
    }
    if are_separate_lists(order) {
        sort_separate_lists(&mut versions);
    }
    let prefixes = folders
        .map(|folder| text(call, decoder, folder))
        .collect::<Result<_, _>>()?;
    let next = (answer.next_key_marker(), answer.next_version_id_marker());
    let next = next_markers(call, decoder, answer.is_truncated(), next)?;
    Ok(VersionsPage {
        prefixes,
        versions,
        next: next.map(|(key, version_id)| VersionMarker { key, version_id }),
        undecided: 0,
    })
}

/// Whether all versions come before all delete markers, or the other way round.
fn are_separate_lists(order: &[Entry]) -> bool {
    let changes = order.windows(2).filter(|pair| pair.first() != pair.last());
    changes.count() == 1
}

/// Sorts by key, then latest first, then newest first. Equal times keep their order.
fn sort_separate_lists(versions: &mut [ObjectVersion]) {
    versions.sort_by(|a, b| {
        a.object
            .key
            .cmp(&b.object.key)
            .then(b.is_latest.cmp(&a.is_latest))
            .then(b.object.last_modified.cmp(&a.object.last_modified))
    });
}

fn from_version(
    call: &Call<'_>,
    decoder: Decoder,
    version: &SdkVersion,
) -> Result<ObjectVersion, Problem> {
    Ok(ObjectVersion {
        object: ObjectSummary {
            key: key(call, decoder, version.key())?,
            size: size(version.size()),
            last_modified: time(version.last_modified()),
            // The SDK's enumeration only has STANDARD; the raw string is the service's value.
            storage_class: version
                .storage_class()
                .map_or_else(StorageClass::default, |class| {
                    StorageClass::new(class.as_str())
                }),
            etag: etag(version.e_tag()),
        },
        version_id: version_id(version.version_id()),
        is_latest: version.is_latest().unwrap_or(false),
        is_delete_marker: false,
    })
}

fn from_marker(
    call: &Call<'_>,
    decoder: Decoder,
    marker: &DeleteMarkerEntry,
) -> Result<ObjectVersion, Problem> {
    Ok(ObjectVersion {
        object: ObjectSummary {
            key: key(call, decoder, marker.key())?,
            size: ByteSize(0),
            last_modified: time(marker.last_modified()),
            storage_class: StorageClass::default(),
            etag: None,
        },
        version_id: version_id(marker.version_id()),
        is_latest: marker.is_latest().unwrap_or(false),
        is_delete_marker: true,
    })
}

fn version_id(id: Option<&str>) -> VersionId {
    VersionId(id.unwrap_or("null").to_owned())
}

/// One entry of the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    Version,
    Marker,
}

/// Reads the order of versions and delete markers from the body.
///
/// The SDK splits them into two lists and loses their common order. Times cannot restore it, because they have whole
/// seconds. For a purge, the order within a key decides which version becomes readable in between. If a server sends
/// two separate lists, there is no order to read, and [`sort_separate_lists`] sorts by time.
#[derive(Debug, Clone, Default)]
struct EntryOrder(Arc<Mutex<Vec<Entry>>>);

impl EntryOrder {
    fn take(&self) -> Vec<Entry> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Intercept for EntryOrder {
    fn name(&self) -> &'static str {
        "EntryOrder"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().body().bytes().unwrap_or_default();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = entries(body);
        Ok(())
    }
}

/// The entries of a ListVersionsResult in order. Text cannot be mistaken for a tag, because XML escapes `<` in it.
pub(super) fn entries(body: &[u8]) -> Vec<Entry> {
    body.split(|&b| b == b'<')
        .filter_map(|tag| {
            let name = tag
                .split(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'))
                .next()?;
            match name.rsplit(|&b| b == b':').next()? {
                b"Version" => Some(Entry::Version),
                b"DeleteMarker" => Some(Entry::Marker),
                _ => None,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_versions_and_markers_is_that_of_the_answer() {
        let body = b"<ListVersionsResult><DeleteMarker><Key>&lt;Version&gt;</Key></DeleteMarker>\
            <Version a=\"b\"><VersionId>1</VersionId></Version><DeleteMarker/></ListVersionsResult>";
        assert_eq!(
            entries(body),
            [Entry::Marker, Entry::Version, Entry::Marker]
        );
    }

    #[test]
    fn lists_one_after_the_other_are_told_from_an_interleaved_answer() {
        use Entry::{Marker, Version};
        assert!(are_separate_lists(&[Marker, Marker, Version]));
        assert!(are_separate_lists(&[Version, Marker]));
        assert!(!are_separate_lists(&[Marker, Version, Marker]));
        assert!(!are_separate_lists(&[Version, Version]));
        assert!(!are_separate_lists(&[]));
    }
}
