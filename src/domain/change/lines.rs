//! How an item stands in a file: one flat JSON object a line, which begins with where it is.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Claim, Item, What, Why};
use crate::domain::{BucketName, ByteSize, ObjectKey, StorageClass, VersionId};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ItemLine {
    bucket: BucketName,
    key: ObjectKey,
    kind: Kind,
    id: String,
    #[serde(default, skip_serializing_if = "is_false")]
    latest: bool,
    size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    class: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    written: Option<DateTime<Utc>>,
    why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Version,
    Marker,
    Upload,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over references"
)]
fn is_false(value: &bool) -> bool {
    !value
}

impl From<Item> for ItemLine {
    fn from(item: Item) -> Self {
        let (id, latest) = (item.id().to_owned(), item.is_latest());
        let Claim { bucket, key, why } = Arc::unwrap_or_clone(item.claim);
        Self {
            bucket,
            key,
            kind: match item.what {
                What::Version { .. } => Kind::Version,
                What::Marker { .. } => Kind::Marker,
                What::Upload { .. } => Kind::Upload,
            },
            id,
            latest,
            size: item.size.bytes(),
            etag: item.etag,
            class: item.class.0,
            written: item.written,
            why,
        }
    }
}

impl From<ItemLine> for Item {
    fn from(line: ItemLine) -> Self {
        let is_latest = line.latest;
        let id = VersionId(line.id);
        let what = match line.kind {
            Kind::Version => What::Version { id, is_latest },
            Kind::Marker => What::Marker { id, is_latest },
            Kind::Upload => What::Upload { id: id.0 },
        };
        Self {
            claim: Arc::new(Claim {
                bucket: line.bucket,
                key: line.key,
                why: line.why,
            }),
            what,
            size: ByteSize(line.size),
            etag: line.etag,
            class: StorageClass(line.class),
            written: line.written,
        }
    }
}

/// A claim that others share, as if it were alone.
pub(super) mod shared {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Claim;

    pub(in super::super) fn serialize<S: Serializer>(
        claim: &Arc<Claim>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        (**claim).serialize(to)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Arc<Claim>, D::Error> {
        Claim::deserialize(from).map(Arc::new)
    }
}
