//! What is configured on a bucket.

use std::collections::BTreeMap;

use s3s::dto::{ObjectLockConfiguration, OwnershipControls, ServerSideEncryptionConfiguration};

/// The configuration of one bucket.
#[derive(Debug, Clone, Default)]
pub struct BucketConfiguration {
    /// How objects are encrypted when a request does not say.
    pub encryption: Option<ServerSideEncryptionConfiguration>,
    /// Object Lock and the retention that new objects get.
    pub object_lock: Option<ObjectLockConfiguration>,
    /// Who owns what others write.
    pub ownership: Option<OwnershipControls>,
}

impl BucketConfiguration {
    /// Reads a world's documents.
    ///
    /// # Errors
    /// Which document cannot be read, and why.
    pub fn from_documents(
        _single: &BTreeMap<String, String>,
        _lists: &BTreeMap<String, Vec<(String, String)>>,
    ) -> Result<Self, String> {
        Ok(Self::default())
    }

    /// What S3 gives a bucket that is made today.
    #[must_use]
    pub fn of_new_bucket() -> Self {
        Self::default()
    }

    /// Whether ACLs are ignored altogether.
    #[must_use]
    pub fn acls_are_off(&self) -> bool {
        false
    }
}
