//! What is configured on a bucket.

use s3s::dto::{ObjectLockConfiguration, ServerSideEncryptionConfiguration};

use super::world::WorldBucket;

/// The configuration of one bucket.
#[derive(Debug, Clone, Default)]
pub struct BucketConfiguration {
    /// How objects are encrypted when a request does not say.
    pub encryption: Option<ServerSideEncryptionConfiguration>,
    /// Object Lock and the retention that new objects get.
    pub object_lock: Option<ObjectLockConfiguration>,
}

impl BucketConfiguration {
    /// Reads a world's documents.
    ///
    /// # Errors
    /// Which document cannot be read, and why.
    pub fn of_world(_bucket: &WorldBucket) -> Result<Self, String> {
        Ok(Self::default())
    }
}
