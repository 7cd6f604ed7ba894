//! Pages as the SDK's parser reads them: what the reader of this program is compared with.

use aws_sdk_s3::operation::list_multipart_uploads::ListMultipartUploadsOutput;
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::types::{DeleteMarkerEntry, ObjectVersion as SdkVersion};

use crate::aws::Problem;
use crate::aws::explain::Call;
use crate::aws::wire::encoding::Decoder;
use crate::aws::wire::objects::next;
use crate::aws::wire::page::{Page, key, next_markers, text};
use crate::aws::wire::uploads::{UploadMarker, UploadsPage};
use crate::aws::wire::versions::{VersionMarker, VersionsPage, sort_separate_lists, version_id};
use crate::aws::wire::{etag, size, time};
use crate::domain::{ByteSize, ObjectSummary, ObjectVersion, StorageClass, Upload};

/// The page that the SDK read.
pub(super) fn objects(
    decoder: Decoder,
    call: &Call<'_>,
    answer: &ListObjectsV2Output,
) -> Result<Page, Problem> {
    let folders = answer
        .common_prefixes()
        .iter()
        .filter_map(|folder| folder.prefix());
    let mut objects = Vec::with_capacity(answer.contents().len());
    for object in answer.contents() {
        objects.push(ObjectSummary {
            key: key(call, decoder, object.key())?,
            size: size(object.size()),
            last_modified: time(object.last_modified()),
            storage_class: object
                .storage_class()
                .map_or_else(StorageClass::default, |class| {
                    StorageClass::new(class.as_str())
                }),
            etag: etag(object.e_tag()),
        });
    }
    let prefixes = folders
        .map(|folder| text(call, decoder, folder))
        .collect::<Result<_, _>>()?;
    let token = answer.next_continuation_token();
    let next = next(call, answer.is_truncated(), token)?;
    Ok(Page {
        prefixes,
        items: objects,
        next,
        undecided: 0,
    })
}

/// The page that the SDK read, with the order of its entries.
pub(super) fn versions(
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
    assert!(
        of_objects.next().is_none() && markers.next().is_none(),
        "the order was read from the same bytes"
    );
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
        items: versions,
        next: next.map(|(key, version_id)| VersionMarker { key, version_id }),
        undecided: 0,
    })
}

/// Whether all versions stand before all markers, or the other way round.
fn are_separate_lists(order: &[Entry]) -> bool {
    let changes = order.windows(2).filter(|pair| pair.first() != pair.last());
    changes.count() == 1
}

/// The page that the SDK read.
pub(super) fn uploads(
    decoder: Decoder,
    call: &Call<'_>,
    answer: &ListMultipartUploadsOutput,
) -> Result<UploadsPage, Problem> {
    let folders = answer
        .common_prefixes()
        .iter()
        .filter_map(|folder| folder.prefix());
    let mut uploads = Vec::with_capacity(answer.uploads().len());
    for upload in answer.uploads() {
        uploads.push(Upload {
            key: key(call, decoder, upload.key())?,
            upload_id: upload.upload_id().unwrap_or_default().to_owned(),
            initiated: time(upload.initiated()),
            storage_class: upload
                .storage_class()
                .map_or_else(StorageClass::default, |class| {
                    StorageClass::new(class.as_str())
                }),
        });
    }
    let prefixes = folders
        .map(|folder| text(call, decoder, folder))
        .collect::<Result<_, _>>()?;
    let next = (answer.next_key_marker(), answer.next_upload_id_marker());
    let next = next_markers(call, decoder, answer.is_truncated(), next)?;
    Ok(UploadsPage {
        prefixes,
        items: uploads,
        next: next.map(|(key, upload_id)| UploadMarker { key, upload_id }),
        undecided: 0,
    })
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
            // The SDK's enumeration knows STANDARD alone; the raw string is what the service said.
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

/// One entry of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    Version,
    Marker,
}

/// The entries of a ListVersionsResult in the order in which they begin. Text cannot be mistaken for a tag: XML
/// escapes `<` in it.
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
