//! Listing all versions and delete markers of a bucket.

use s3s::dto::{
    CommonPrefix, DeleteMarkerEntry, ListObjectVersionsInput, ListObjectVersionsOutput,
    ObjectVersion, ObjectVersionStorageClass, Owner,
};
use s3s::xml::{SerResult, SerializeContent, Serializer};
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

use super::list::{meets, negative};
use super::wire::{self, BodyOverride, Spelling};
use crate::sandbox::faults::Fault;
use crate::sandbox::store::listing::{Row, Start};
use crate::sandbox::store::{Backend, Bucket, Moment, Version, VersionId};

/// A version or a marker. In one list, for their order within a key is what a purge goes by; the protocol library would
/// write all markers before all versions.
enum Entry {
    Version(ObjectVersion),
    Marker(DeleteMarkerEntry),
}

impl Entry {
    fn write(&self, document: &mut Serializer<&mut Vec<u8>>) -> SerResult {
        match self {
            Self::Version(version) => document.content("Version", version),
            Self::Marker(marker) => document.content("DeleteMarker", marker),
        }
    }
}

/// What a page is made of, and of which place it stopped at.
struct Page<'a> {
    count: usize,
    spelling: Spelling,
    owner: &'a Owner,
    restore_status: bool,
    now: Moment,
    entries: Vec<Entry>,
    prefixes: Vec<CommonPrefix>,
    rows: usize,
    /// The last row: its key or common prefix, and its version id where it is a version.
    last: Option<(String, Option<String>)>,
    truncated: bool,
}

impl Page<'_> {
    /// Whether another row fits; one that does not makes the page a truncated one.
    fn has_room(&mut self) -> bool {
        if self.rows < self.count {
            self.rows += 1;
            true
        } else {
            self.truncated = self.count > 0;
            false
        }
    }

    /// Adds versions of one key, newest first; `false` when the page is full before the last.
    fn add(&mut self, key: &str, versions: &[Version], newest_is_latest: bool) -> bool {
        for (version, place) in versions.iter().rev().zip(0_usize..) {
            if !self.has_room() {
                return false;
            }
            self.add_version(key, version, newest_is_latest && place == 0);
            self.last = Some((key.to_owned(), Some(version.id.as_str().to_owned())));
        }
        true
    }

    fn add_version(&mut self, key: &str, version: &Version, is_latest: bool) {
        let key = Some(self.spelling.write(key));
        let version_id = Some(version.id.as_str().to_owned());
        let last_modified = Some(version.modified.to_timestamp());
        let owner = Some(self.owner.clone());
        self.entries.push(match version.object() {
            None => Entry::Marker(DeleteMarkerEntry {
                is_latest: Some(is_latest),
                key,
                last_modified,
                owner,
                version_id,
            }),
            Some(object) => Entry::Version(ObjectVersion {
                checksum_algorithm: None,
                checksum_type: None,
                e_tag: Some(wire::etag(object)),
                is_latest: Some(is_latest),
                key,
                last_modified,
                owner,
                restore_status: self
                    .restore_status
                    .then(|| wire::restore_status(object, self.now))
                    .flatten(),
                size: i64::try_from(object.body.length()).ok(),
                storage_class: Some(ObjectVersionStorageClass::from(object.class().to_owned())),
                version_id,
            }),
        });
    }

    fn fill(&mut self, bucket: &Bucket, prefix: &str, delimiter: Option<&str>, start: &Begin<'_>) {
        let rows = match start {
            Begin::Row(start) => bucket.keys.walk_versions(prefix, delimiter, *start),
            Begin::Version(key, id) => {
                let rest = bucket.keys.before_version(key, id);
                let newest_is_latest = bucket.keys.current(key).map(|current| current.id)
                    == rest.last().map(|v| v.id.clone());
                if !self.add(key, &rest, newest_is_latest) {
                    return;
                }
                bucket
                    .keys
                    .walk_versions(prefix, delimiter, Start::After(key))
            }
        };
        for row in rows {
            match row {
                Row::Prefix(common) => {
                    if !self.has_room() {
                        return;
                    }
                    self.prefixes.push(self.spelling.common_prefix(common));
                    self.last = Some((common.to_owned(), None));
                }
                Row::Key(key, entry) => {
                    if !self.add(key, &entry.versions(key), true) {
                        return;
                    }
                }
            }
        }
    }
}

/// Where a page begins.
enum Begin<'a> {
    Row(Start<'a>),
    /// Within the versions of a key, after one of them.
    Version(&'a str, VersionId),
}

impl<'a> Begin<'a> {
    fn markers(
        key: Option<&'a str>,
        version_id: Option<&str>,
        prefix: &str,
        delimiter: Option<&str>,
    ) -> S3Result<Self> {
        let key = key.filter(|key| !key.is_empty());
        let version_id = version_id.filter(|id| !id.is_empty());
        match (key, version_id) {
            (None, None) => Ok(Self::Row(Start::Beginning)),
            (None, Some(_)) => Err(s3_error!(
                InvalidArgument,
                "A version-id marker cannot be specified without a key marker."
            )),
            (Some(key), None) => Ok(Self::Row(Start::after_marker(key, prefix, delimiter))),
            (Some(key), Some(id)) => match Start::after_marker(key, prefix, delimiter) {
                // The key's versions were rolled up or are outside of what is asked for.
                start @ Start::AfterPrefix(_) => Ok(Self::Row(start)),
                start if !key.starts_with(prefix) => Ok(Self::Row(start)),
                _ => Ok(Self::Version(key, VersionId::parse(id))),
            },
        }
    }
}

/// Lists versions and delete markers, keys in order and the versions of a key newest first.
///
/// # Errors
/// `NoSuchBucket`, `InvalidArgument`.
pub(crate) async fn list_object_versions(
    backend: &Backend,
    req: S3Request<ListObjectVersionsInput>,
) -> S3Result<S3Response<ListObjectVersionsOutput>> {
    let ignores_start = meets(&req, Fault::IgnoreStart);
    let repeats_token = meets(&req, Fault::RepeatToken);
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    let (max_keys, count) = wire::page_size(input.max_keys).ok_or_else(|| negative("max-keys"))?;
    let spelling = Spelling::of(input.encoding_type.as_ref());
    let prefix = input.prefix.as_deref().unwrap_or_default();
    let delimiter = input.delimiter.as_deref();
    let (key_marker, id_marker) = (&input.key_marker, &input.version_id_marker);
    let start = Begin::markers(
        key_marker
            .as_deref()
            .filter(|_| !ignores_start || id_marker.is_some()),
        id_marker.as_deref(),
        prefix,
        delimiter,
    )?;
    let mut page = Page {
        count,
        spelling,
        owner: &backend.owner(),
        restore_status: wire::wants_restore_status(input.optional_object_attributes.as_ref()),
        now: Moment::now(),
        entries: Vec::new(),
        prefixes: Vec::new(),
        rows: 0,
        last: None,
        truncated: false,
    };
    backend.store.read(&input.bucket, |bucket| {
        page.fill(bucket, prefix, delimiter, &start);
        Ok(())
    })?;
    if repeats_token && let Some(key) = key_marker {
        page.last = Some((key.clone(), id_marker.clone()));
    }
    let (next_key, next_version) = page.last.filter(|_| page.truncated).unzip();
    let output = ListObjectVersionsOutput {
        is_truncated: Some(page.truncated),
        versions: None,
        delete_markers: None,
        common_prefixes: Some(page.prefixes),
        next_key_marker: next_key.map(|key| spelling.write(&key)),
        next_version_id_marker: next_version.flatten(),
        key_marker: Some(spelling.write(input.key_marker.as_deref().unwrap_or_default())),
        version_id_marker: Some(input.version_id_marker.unwrap_or_default()),
        max_keys: Some(max_keys),
        prefix: Some(spelling.write(prefix)),
        delimiter: spelling.write_opt(input.delimiter.as_ref()),
        encoding_type: input.encoding_type,
        name: Some(input.bucket),
        request_charged: None,
    };
    let document = document_of(&output, &page.entries).map_err(S3Error::internal_error)?;
    let mut response = S3Response::new(output);
    response.extensions.insert(BodyOverride(document));
    Ok(response)
}

fn document_of(
    head: &ListObjectVersionsOutput,
    entries: &[Entry],
) -> Result<Vec<u8>, s3s::xml::SerError> {
    let mut document = Vec::with_capacity(512 * (entries.len() + 1));
    let mut writer = Serializer::new(&mut document);
    writer.decl()?;
    writer.element_with_ns("ListVersionsResult", wire::NAMESPACE, |writer| {
        head.serialize_content(writer)?;
        entries.iter().try_for_each(|entry| entry.write(writer))
    })?;
    Ok(document)
}
