//! A version of an object, or a delete marker.

use std::sync::Arc;

use super::{Moment, Object};

/// The id of a version.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VersionId {
    /// Written while the bucket kept no versions: at most one a key.
    Null,
    /// Written while it did.
    Id(Box<str>),
}

impl VersionId {
    /// How the protocol spells [`VersionId::Null`].
    pub const NULL: &'static str = "null";

    /// Reads an id as it stands in a request.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text == Self::NULL {
            Self::Null
        } else {
            Self::Id(text.into())
        }
    }

    /// The id as it stands in an answer.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Null => Self::NULL,
            Self::Id(id) => id,
        }
    }

    /// Whether S3 could have made such an id. One that it could have made and that is not there means that the
    /// version is gone; any other is a mistake of the caller's.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Id(id) => {
                id.len() == super::ids::VERSION_ID_LENGTH
                    && id
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
            }
        }
    }
}

/// One version of an object. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Version {
    /// Its id.
    pub id: VersionId,
    /// Its place in the bucket's history: a version written later has a larger one.
    pub order: u64,
    /// When it was written.
    pub modified: Moment,
    /// What it is.
    pub content: Content,
}

/// What a version is.
#[derive(Debug, Clone)]
pub enum Content {
    /// An object.
    Object(Arc<Object>),
    /// A marker that hides the versions before it.
    DeleteMarker,
}

impl Version {
    /// The object, unless this is a delete marker.
    #[must_use]
    pub fn object(&self) -> Option<&Arc<Object>> {
        match &self.content {
            Content::Object(object) => Some(object),
            Content::DeleteMarker => None,
        }
    }

    /// Whether this is a delete marker.
    #[must_use]
    pub fn is_delete_marker(&self) -> bool {
        matches!(self.content, Content::DeleteMarker)
    }
}
