//! A bucket and everything in it.

use super::keyspace::id_of_a_write;
use super::{Keyspace, Moment, Uploads, VersionId};
use crate::sandbox::configuration::BucketConfiguration;
use crate::sandbox::world::Versioning;

/// A bucket.
#[derive(Debug)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// The Region where it is.
    pub region: String,
    /// When it was made.
    pub created: Moment,
    /// Whether it keeps versions.
    pub versioning: Versioning,
    /// Whether a version cannot be deleted without a second factor.
    pub mfa_delete: bool,
    /// What is configured on it.
    pub configuration: BucketConfiguration,
    /// Its keys.
    pub keys: Keyspace,
    /// Uploads under way.
    pub uploads: Uploads,
}

impl Bucket {
    /// An empty bucket that keeps no versions.
    #[must_use]
    pub fn new(
        name: &str,
        region: &str,
        created: Moment,
        configuration: BucketConfiguration,
    ) -> Self {
        Self {
            name: name.to_owned(),
            region: region.to_owned(),
            created,
            versioning: Versioning::Off,
            mfa_delete: false,
            configuration,
            keys: Keyspace::default(),
            uploads: Uploads::default(),
        }
    }

    /// The id that the next write gets.
    #[must_use]
    pub fn next_version_id(&self) -> VersionId {
        id_of_a_write(self.versioning == Versioning::Enabled)
    }

    /// A version's id as an answer tells it: not at all by a bucket that never kept versions.
    #[must_use]
    pub fn told_id(&self, id: &VersionId) -> Option<String> {
        (self.versioning != Versioning::Off).then(|| id.as_str().to_owned())
    }

    /// Whether versions can be locked.
    #[must_use]
    pub fn has_object_lock(&self) -> bool {
        self.configuration
            .object_lock
            .as_ref()
            .is_some_and(|lock| lock.object_lock_enabled.is_some())
    }
}
