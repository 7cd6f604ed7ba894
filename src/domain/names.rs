//! Names in S3 and its applications, each with its own type.
//!
//! Constructors validate what the service guarantees, and no more: a key is any UTF-8 text of 1 to 1,024 bytes. Nothing
//! here normalizes, trims or folds a name, because two names that differ in one byte are different.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The error for a name that S3 does not allow.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidName {
    /// The bucket name breaks the service's naming rule.
    #[error("{name:?} is not a bucket name: {why}")]
    Bucket {
        /// The invalid name.
        name: String,
        /// The violated rule.
        why: &'static str,
    },
    /// The key is empty or longer than 1,024 bytes.
    #[error("a key has 1 to 1,024 bytes, this one has {bytes}")]
    Key {
        /// Its length in bytes.
        bytes: usize,
    },
    /// The owner id is empty.
    #[error("a user's id cannot be empty")]
    EmptyOwner,
}

/// The name of a bucket: 3 to 255 bytes of letters, digits, `.`, `-` and `_`.
///
/// New names have at most 63 bytes and no capital letters. Buckets created before 2018 in us-east-1 may have up to 255
/// bytes, capital letters and underscores, and s3warden must support them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BucketName(String);

impl TryFrom<String> for BucketName {
    type Error = InvalidName;

    fn try_from(name: String) -> Result<Self, InvalidName> {
        Self::new(name)
    }
}

impl From<BucketName> for String {
    fn from(name: BucketName) -> Self {
        name.0
    }
}

impl BucketName {
    /// Validates the name by S3's older rule.
    ///
    /// # Errors
    /// [`InvalidName::Bucket`] with the violated rule.
    pub fn new(name: impl Into<String>) -> Result<Self, InvalidName> {
        let name = name.into();
        let why = if !(3..=255).contains(&name.len()) {
            "it must have 3 to 255 characters"
        } else if !name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        {
            "only letters, digits, '.', '-' and '_' can occur in it"
        } else {
            return Ok(Self(name));
        };
        Err(InvalidName::Bucket { name, why })
    }

    /// The exact name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An object's key: UTF-8, 1 to 1,024 bytes, compared byte by byte.
///
/// It does not implement `Display`, because a key may contain control and bidirectional characters. The caller must
/// choose between the exact text ([`ObjectKey::as_str`]) and a safe rendering.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectKey(String);

impl TryFrom<String> for ObjectKey {
    type Error = InvalidName;

    fn try_from(name: String) -> Result<Self, InvalidName> {
        Self::new(name)
    }
}

impl From<ObjectKey> for String {
    fn from(name: ObjectKey) -> Self {
        name.0
    }
}

impl ObjectKey {
    /// S3's limit for a key, in bytes.
    pub const MAX_BYTES: usize = 1024;

    /// Validates the length.
    ///
    /// # Errors
    /// [`InvalidName::Key`] if it is empty or too long.
    pub fn new(key: impl Into<String>) -> Result<Self, InvalidName> {
        let key = key.into();
        if (1..=Self::MAX_BYTES).contains(&key.len()) {
            Ok(Self(key))
        } else {
            Err(InvalidName::Key { bytes: key.len() })
        }
    }

    /// The exact key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The id of the user who owns media, as in object keys: never normalized, compared byte by byte.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OwnerId(String);

impl OwnerId {
    /// Takes an id unchanged.
    ///
    /// # Errors
    /// [`InvalidName::EmptyOwner`]: an empty id would result in a prefix that contains every user.
    pub fn new(id: impl Into<String>) -> Result<Self, InvalidName> {
        let id = id.into();
        if id.is_empty() {
            Err(InvalidName::EmptyOwner)
        } else {
            Ok(Self(id))
        }
    }

    /// The exact id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The id of a version of an object; `null` for objects written without versioning.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VersionId(pub String);

impl VersionId {
    /// The id as S3 returned it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An AWS Region, such as `eu-west-1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region(pub String);

impl Region {
    /// The Region's code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_name_has_the_characters_that_a_host_name_or_an_old_bucket_may_have() {
        for good in ["abc", "my.bucket-1", "Old_Bucket"] {
            assert_eq!(BucketName::new(good).unwrap().as_str(), good);
        }
        for bad in ["", "ab", "a/b", "a b c", "ünal", "../etc"] {
            assert!(BucketName::new(bad).is_err(), "{bad:?} was taken");
        }
    }

    #[test]
    fn a_key_has_1_to_1024_bytes_not_characters() {
        assert!(ObjectKey::new("").is_err());
        assert!(ObjectKey::new("é".repeat(512)).is_ok());
        assert!(ObjectKey::new("é".repeat(513)).is_err());
    }

    #[test]
    fn an_empty_owner_is_nobody() {
        assert_eq!(OwnerId::new(""), Err(InvalidName::EmptyOwner));
    }
}
