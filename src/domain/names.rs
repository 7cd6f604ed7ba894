//! The names S3 and its applications give to things, each a type of its own.
//!
//! Constructors validate what the service guarantees and no more: a key is any UTF-8 of 1 to 1,024 bytes,
//! and nothing here normalises, trims or folds it, for two names that differ in one byte are two things.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A name that S3 could not have given.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidName {
    /// The bucket name breaks the service's naming rule.
    #[error("{name:?} is not a bucket name: {why}")]
    Bucket {
        /// What was given.
        name: String,
        /// The rule it breaks.
        why: &'static str,
    },
    /// The key is empty or longer than 1,024 bytes.
    #[error("a key has 1 to 1,024 bytes, this one has {bytes}")]
    Key {
        /// Length of what was given, in bytes.
        bytes: usize,
    },
    /// The owner id is empty.
    #[error("a user's id cannot be empty")]
    EmptyOwner,
}

/// The name of a bucket: 3 to 255 bytes of letters, digits, `.`, `-` and `_`.
///
/// Names made today have at most 63 bytes and no capitals; buckets made before 2018 in us-east-1 may have up to
/// 255 bytes, capitals and underscores, and have to be reachable all the same.
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
    /// Checks the name against S3's rule, the older one.
    ///
    /// # Errors
    /// [`InvalidName::Bucket`] with the rule that is broken.
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

    /// The name as the service knows it.
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

/// An object's key: UTF-8, 1 to 1,024 bytes, compared by bytes.
///
/// There is no `Display`: a key may hold control and bidirectional characters, so whoever shows one has to choose
/// between the exact text ([`ObjectKey::as_str`]) and a safe rendering of it.
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
    /// The longest key that S3 takes, in bytes.
    pub const MAX_BYTES: usize = 1024;

    /// Checks the length.
    ///
    /// # Errors
    /// [`InvalidName::Key`] when it is empty or too long.
    pub fn new(key: impl Into<String>) -> Result<Self, InvalidName> {
        let key = key.into();
        if (1..=Self::MAX_BYTES).contains(&key.len()) {
            Ok(Self(key))
        } else {
            Err(InvalidName::Key { bytes: key.len() })
        }
    }

    /// The key, exactly.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The id of the user whose media something is, as it stands in keys: never normalised, compared by bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OwnerId(String);

impl OwnerId {
    /// Takes an id as it is.
    ///
    /// # Errors
    /// [`InvalidName::EmptyOwner`]: an empty id would make the prefix of every user.
    pub fn new(id: impl Into<String>) -> Result<Self, InvalidName> {
        let id = id.into();
        if id.is_empty() {
            Err(InvalidName::EmptyOwner)
        } else {
            Ok(Self(id))
        }
    }

    /// The id, exactly.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The id of one version of an object; `null` on objects written without versioning.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VersionId(pub String);

impl VersionId {
    /// The id as the service gave it.
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
