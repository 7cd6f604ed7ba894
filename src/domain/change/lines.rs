//! How an item stands in a plan's file: one JSON object a line.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Claim, Item, What, Why};
use crate::domain::{BucketName, ByteSize, InvalidName, ObjectKey, StorageClass, VersionId};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ItemLine {
    bucket: String,
    key: String,
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
    why: WhyLine,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Version,
    Marker,
    Upload,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "lowercase", deny_unknown_fields)]
enum WhyLine {
    Key {
        layout: String,
        tail_parses: bool,
    },
    Record {
        layout: String,
    },
    Metadata {
        layout: String,
        name: String,
    },
    Derived {
        rule: String,
        source: Box<SourceLine>,
    },
    Replica {
        source: Box<SourceLine>,
    },
    Orphan {
        kind: crate::domain::orphans::Kind,
    },
    Held {
        original: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceLine {
    bucket: String,
    key: String,
    why: WhyLine,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over references"
)]
fn is_false(value: &bool) -> bool {
    !value
}

impl ItemLine {
    pub(super) fn of(item: &Item) -> Self {
        Self {
            bucket: item.claim.bucket.as_str().to_owned(),
            key: item.claim.key.as_str().to_owned(),
            kind: match item.what {
                What::Version { .. } => Kind::Version,
                What::Marker { .. } => Kind::Marker,
                What::Upload { .. } => Kind::Upload,
            },
            id: item.id().to_owned(),
            latest: item.is_latest(),
            size: item.size.bytes(),
            etag: item.etag.clone(),
            class: item.class.as_str().to_owned(),
            written: item.written,
            why: WhyLine::of(&item.claim.why),
        }
    }

    pub(super) fn item(self) -> Result<Item, InvalidName> {
        let is_latest = self.latest;
        let what = match self.kind {
            Kind::Version => What::Version {
                id: VersionId(self.id),
                is_latest,
            },
            Kind::Marker => What::Marker {
                id: VersionId(self.id),
                is_latest,
            },
            Kind::Upload => What::Upload { id: self.id },
        };
        Ok(Item {
            claim: claim(self.bucket, self.key, self.why)?,
            what,
            size: ByteSize(self.size),
            etag: self.etag,
            class: StorageClass(self.class),
            written: self.written,
        })
    }
}

impl WhyLine {
    fn of(why: &Why) -> Self {
        match why.clone() {
            Why::Key {
                layout,
                tail_parses,
            } => Self::Key {
                layout,
                tail_parses,
            },
            Why::Record { layout } => Self::Record { layout },
            Why::Metadata { layout, name } => Self::Metadata { layout, name },
            Why::Orphan { kind } => Self::Orphan { kind },
            Why::Held { original } => Self::Held {
                original: original.as_str().to_owned(),
            },
            Why::Derived { rule, source } => Self::Derived {
                rule,
                source: Box::new(SourceLine::of(&source)),
            },
            Why::Replica { source } => Self::Replica {
                source: Box::new(SourceLine::of(&source)),
            },
        }
    }

    fn why(self) -> Result<Why, InvalidName> {
        Ok(match self {
            Self::Key {
                layout,
                tail_parses,
            } => Why::Key {
                layout,
                tail_parses,
            },
            Self::Record { layout } => Why::Record { layout },
            Self::Metadata { layout, name } => Why::Metadata { layout, name },
            Self::Orphan { kind } => Why::Orphan { kind },
            Self::Held { original } => Why::Held {
                original: ObjectKey::new(original)?,
            },
            Self::Derived { rule, source } => Why::Derived {
                rule,
                source: source.claim()?,
            },
            Self::Replica { source } => Why::Replica {
                source: source.claim()?,
            },
        })
    }
}

impl SourceLine {
    fn of(claim: &Claim) -> Self {
        Self {
            bucket: claim.bucket.as_str().to_owned(),
            key: claim.key.as_str().to_owned(),
            why: WhyLine::of(&claim.why),
        }
    }

    fn claim(self) -> Result<Arc<Claim>, InvalidName> {
        claim(self.bucket, self.key, self.why)
    }
}

fn claim(bucket: String, key: String, why: WhyLine) -> Result<Arc<Claim>, InvalidName> {
    Ok(Arc::new(Claim {
        bucket: BucketName::new(bucket)?,
        key: ObjectKey::new(key)?,
        why: why.why()?,
    }))
}
