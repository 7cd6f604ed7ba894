//! The file format of an item: one flat JSON object per line, which starts with bucket and key.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, Serializer};

use super::{Claim, Item, What, Why};
use crate::domain::{BucketName, ByteSize, ObjectKey, StorageClass, VersionId};

/// It borrows its fields when writing, because plans have hundreds of thousands of items.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ItemLine<'i> {
    bucket: Cow<'i, BucketName>,
    key: Cow<'i, ObjectKey>,
    kind: Kind,
    id: Cow<'i, str>,
    #[serde(default, skip_serializing_if = "is_false")]
    latest: bool,
    size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    etag: Option<Cow<'i, str>>,
    class: Cow<'i, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    written: Option<DateTime<Utc>>,
    why: Cow<'i, Why>,
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

impl<'i> From<&'i Item> for ItemLine<'i> {
    fn from(item: &'i Item) -> Self {
        Self {
            bucket: Cow::Borrowed(&item.claim.bucket),
            key: Cow::Borrowed(&item.claim.key),
            kind: match item.what {
                What::Version { .. } => Kind::Version,
                What::Marker { .. } => Kind::Marker,
                What::Upload { .. } => Kind::Upload,
            },
            id: Cow::Borrowed(item.id()),
            latest: item.is_latest(),
            size: item.size.bytes(),
            etag: item.etag.as_deref().map(Cow::Borrowed),
            class: Cow::Borrowed(item.class.as_str()),
            written: item.written,
            why: Cow::Borrowed(&item.claim.why),
        }
    }
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        ItemLine::from(self).serialize(to)
    }
}

impl From<ItemLine<'_>> for Item {
    fn from(line: ItemLine<'_>) -> Self {
        let is_latest = line.latest;
        let id = VersionId(line.id.into_owned());
        let what = match line.kind {
            Kind::Version => What::Version { id, is_latest },
            Kind::Marker => What::Marker { id, is_latest },
            Kind::Upload => What::Upload { id: id.0 },
        };
        Self {
            claim: Arc::new(Claim {
                bucket: line.bucket.into_owned(),
                key: line.key.into_owned(),
                why: line.why.into_owned(),
            }),
            what,
            size: ByteSize(line.size),
            etag: line.etag.map(Cow::into_owned),
            class: StorageClass::new(&line.class),
            written: line.written,
        }
    }
}

/// Serialises a shared claim by value.
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
