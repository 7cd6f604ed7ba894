//! The output of `find` and `purge` about a user's objects.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::place::Searched;
use super::words::Sum;
use crate::cli::formats::{Column, Record};
use crate::domain::change::{Item, What};
use crate::domain::search::OtherBuckets;
use crate::domain::{BucketName, OwnerId};
use crate::ops::find::{Group, Unexplained};

/// A version, a delete marker or an upload.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct ItemRow<'a> {
    bucket: &'a str,
    key: &'a str,
    kind: &'static str,
    version_id: Option<&'a str>,
    upload_id: Option<&'a str>,
    is_latest: Option<bool>,
    size: u64,
    storage_class: Option<&'a str>,
    last_modified: Option<String>,
    etag: Option<&'a str>,
    group: String,
}

impl<'a> ItemRow<'a> {
    pub(in crate::cli) fn of(item: &'a Item) -> Self {
        let is_upload = matches!(item.what, What::Upload { .. });
        let is_marker = matches!(item.what, What::Marker { .. });
        Self {
            bucket: item.claim.bucket.as_str(),
            key: item.claim.key.as_str(),
            kind: item.kind(),
            version_id: (!is_upload).then(|| item.id()),
            upload_id: is_upload.then(|| item.id()),
            is_latest: (!is_upload).then(|| item.is_latest()),
            size: item.size.bytes(),
            storage_class: (!is_marker).then(|| item.class.as_str()),
            last_modified: item.written.map(rfc3339),
            etag: item.etag.as_deref(),
            group: item.claim.group(),
        }
    }
}

impl ItemRow<'_> {
    /// The cells of a row with an outcome.
    pub(in crate::cli) fn outcome_cells(&self, outcome: &str, reason: Option<&str>) -> Vec<String> {
        vec![
            outcome.to_owned(),
            self.group.clone(),
            self.size.to_string(),
            format!("s3://{}/{}", self.bucket, self.key),
            reason.unwrap_or_default().to_owned(),
        ]
    }

    /// The fields, followed by those of a purge: outcome and reason.
    pub(in crate::cli) const FIELDS_AND_OUTCOME: &'static [&'static str] = &[
        "bucket",
        "key",
        "kind",
        "version_id",
        "upload_id",
        "is_latest",
        "size",
        "storage_class",
        "last_modified",
        "etag",
        "group",
        "outcome",
        "reason",
    ];
}

impl Record for ItemRow<'_> {
    const FIELDS: &'static [&'static str] = Self::FIELDS_AND_OUTCOME.split_at(11).0;
    const COLUMNS: &'static [Column] = &[
        Column::words("BUCKET", 20),
        Column::words("KIND", 7),
        Column::words("VERSION OR UPLOAD", 32),
        Column::numbers("BYTES", 10),
        Column::words("KEY", 0),
    ];

    fn cells(&self) -> Vec<String> {
        let id = self.version_id.or(self.upload_id).unwrap_or_default();
        vec![
            self.bucket.to_owned(),
            self.kind.to_owned(),
            id.to_owned(),
            self.size.to_string(),
            self.key.to_owned(),
        ]
    }
}

/// The items of one bucket with the same reason.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct GroupRow<'a> {
    bucket: &'a str,
    group: &'a str,
    versions: u64,
    markers: u64,
    uploads: u64,
    size: u64,
    storage_classes: BTreeMap<&'a str, ClassRow>,
    oldest: Option<String>,
    newest: Option<String>,
    #[serde(skip)]
    shown_size: String,
}

/// The items of one storage class.
#[derive(Debug, Serialize)]
struct ClassRow {
    objects: u64,
    size: u64,
}

impl<'a> GroupRow<'a> {
    pub(in crate::cli) fn of(group: &'a Group) -> Self {
        let classes = group.classes.iter().map(|(class, (objects, size))| {
            let row = ClassRow {
                objects: *objects,
                size: size.bytes(),
            };
            (class.as_str(), row)
        });
        Self {
            bucket: group.bucket.as_str(),
            group: &group.why,
            versions: group.versions,
            markers: group.markers,
            uploads: group.uploads,
            size: group.bytes.bytes(),
            storage_classes: classes.collect(),
            oldest: group.oldest.map(rfc3339),
            newest: group.newest.map(rfc3339),
            shown_size: group.bytes.to_string(),
        }
    }
}

impl Record for GroupRow<'_> {
    const FIELDS: &'static [&'static str] = &[
        "bucket", "group", "versions", "markers", "uploads", "size", "oldest", "newest",
    ];
    const COLUMNS: &'static [Column] = &[
        Column::words("BUCKET", 20),
        Column::numbers("VERSIONS", 8),
        Column::numbers("MARKERS", 7),
        Column::numbers("UPLOADS", 7),
        Column::numbers("SIZE", 10),
        Column::words("OLDEST", 10),
        Column::words("NEWEST", 10),
        Column::words("CLASSES", 18),
        Column::words("WHY", 0),
    ];

    fn cells(&self) -> Vec<String> {
        let day = |time: &Option<String>| {
            let day = time.as_deref().and_then(|time| time.split('T').next());
            day.unwrap_or("–").to_owned()
        };
        let classes: Vec<&str> = self.storage_classes.keys().copied().collect();
        vec![
            self.bucket.to_owned(),
            self.versions.to_string(),
            self.markers.to_string(),
            self.uploads.to_string(),
            self.shown_size.clone(),
            day(&self.oldest),
            day(&self.newest),
            classes.join(", "),
            self.group.to_owned(),
        ]
    }
}

/// The totals.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Totals<'a> {
    user: &'a str,
    blueprints: &'a [String],
    buckets_searched: Vec<&'a str>,
    versions: u64,
    markers: u64,
    uploads: u64,
    size: u64,
    groups: Vec<GroupRow<'a>>,
    contested: Vec<ContestedRow<'a>>,
    other_buckets: Option<&'a OtherBuckets>,
    unexplained: Vec<UnexplainedRow<'a>>,
}

/// What no layout explains in one bucket, and was not searched.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct UnexplainedRow<'a> {
    bucket: &'a str,
    /// The folders at its top with such keys; none where they could not be listed.
    folders: Option<&'a [String]>,
    /// How many such keys are in no folder.
    keys_in_no_folder: Option<u64>,
    /// How many incomplete uploads would become such keys.
    uploads: Option<u64>,
    /// Whether everything at its top was looked at.
    complete: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

impl<'a> UnexplainedRow<'a> {
    pub(in crate::cli) fn of((bucket, unexplained): &'a (BucketName, Unexplained)) -> Self {
        let (folders, [keys_in_no_folder, uploads], complete, problem) = match unexplained {
            Unexplained::Keys {
                folders,
                at_top,
                uploads,
                is_whole,
            } => {
                let counts = [Some(*at_top), Some(*uploads)];
                (Some(folders.as_slice()), counts, *is_whole, None)
            }
            Unexplained::NotListed(problem) => (None, [None; 2], false, Some(problem.to_string())),
        };
        Self {
            bucket: bucket.as_str(),
            folders,
            keys_in_no_folder,
            uploads,
            complete,
            problem,
        }
    }
}

/// An item that may belong to other users, too.
#[derive(Debug, Serialize)]
struct ContestedRow<'a> {
    #[serde(flatten)]
    item: ItemRow<'a>,
    why: &'a str,
}

impl<'a> Totals<'a> {
    pub(in crate::cli) fn of(
        owner: &'a OwnerId,
        groups: &'a [Group],
        searched: &'a Searched,
    ) -> Self {
        let found = &searched.found;
        let sum = Sum::of(groups);
        Self {
            user: owner.as_str(),
            blueprints: &searched.blueprints,
            buckets_searched: found.searched.keys().map(BucketName::as_str).collect(),
            versions: sum.versions,
            markers: sum.markers,
            uploads: sum.uploads,
            size: sum.bytes.bytes(),
            groups: groups.iter().map(GroupRow::of).collect(),
            contested: found
                .contested
                .iter()
                .map(|one| ContestedRow {
                    item: ItemRow::of(&one.item),
                    why: &one.why,
                })
                .collect(),
            other_buckets: found.other_buckets.as_ref(),
            unexplained: searched
                .unexplained
                .iter()
                .map(UnexplainedRow::of)
                .collect(),
        }
    }
}

fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
