//! The sandbox's memory: buckets, keys, versions and uploads, and how a listing walks through them.
//!
//! [`Store`] holds the buckets, each behind a lock of its own that is never held across an `await`. Everything that a
//! reader takes out (a [`Version`], an [`Object`], a [`Body`]) is shared and cheap to clone, so that bodies are sent
//! without a lock. What the operations of S3 make of it lives in [`super::objects`]. Start with [`Store`] and
//! [`Keyspace`]; the paging of every listing is [`listing::Walk`].

mod body;
mod bucket;
mod ids;
mod keyspace;
pub(crate) mod listing;
mod moment;
mod object;
mod seed;
mod upload;
mod version;

use std::collections::BTreeMap;
use std::collections::btree_map;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use s3s::{S3Result, s3_error};
use thiserror::Error;

pub(crate) use body::Body;
pub use bucket::Bucket;
pub(super) use ids::seeded_version_id;
pub(crate) use keyspace::{Entry, Keyspace};
pub use moment::Moment;
pub(crate) use object::{
    Annotation, Attributes, Encryption, HoldTime, Lock, Object, Retention, RetentionMode,
};
pub(crate) use upload::{Part, Upload, Uploads};
pub use version::Content;
pub(crate) use version::{Version, VersionId};

use crate::domain::configuration::PublicAccess;
use crate::sandbox::defect::Defects;
use crate::sandbox::world::World;

/// What answers the requests.
#[derive(Debug, Clone)]
pub(crate) struct Backend {
    /// Everything that is kept.
    pub store: Arc<Store>,
    /// The account that owns all buckets: 12 digits.
    pub account_id: String,
    /// What is not as S3 would have it.
    pub defects: Defects,
}

impl Backend {
    /// The account of a sandbox.
    pub(crate) const ACCOUNT_ID: &'static str = "123456789012";

    /// A backend on a store, in the sandbox's account.
    #[must_use]
    pub(crate) fn new(store: Arc<Store>) -> Self {
        Self {
            store,
            account_id: Self::ACCOUNT_ID.to_owned(),
            defects: Defects::default(),
        }
    }

    /// The key that stands in when a request wants KMS and names no key: the account's own `aws/s3` in that Region.
    #[must_use]
    pub(crate) fn default_kms_key(region: &str, account_id: &str) -> String {
        format!("arn:aws:kms:{region}:{account_id}:alias/aws/s3")
    }
}

/// A world that cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LoadError {
    /// Two buckets have one name.
    #[error(
        "world {world:?} has a bucket {bucket:?}, but there is one already: load worlds that share no bucket"
    )]
    Taken {
        /// The world being loaded.
        world: String,
        /// The name.
        bucket: String,
    },
    /// A bucket's configuration is no good.
    #[error("world {world:?}, bucket {bucket:?}: {why}")]
    Configuration {
        /// The world being loaded.
        world: String,
        /// The bucket.
        bucket: String,
        /// Which document, and what is wrong with it.
        why: String,
    },
}

/// All buckets.
#[derive(Debug, Default)]
pub struct Store {
    buckets: RwLock<BTreeMap<String, Arc<RwLock<Bucket>>>>,
    /// What the account blocks for each of them.
    account_block: RwLock<Option<PublicAccess>>,
}

impl Store {
    /// A store that holds a world.
    ///
    /// # Errors
    /// [`LoadError`] when a bucket's configuration cannot be read.
    pub fn load(world: &World) -> Result<Self, LoadError> {
        let store = Self::default();
        store.add_world(world)?;
        Ok(store)
    }

    /// Adds the buckets of a world.
    ///
    /// # Errors
    /// [`LoadError`] when a bucket is there already or its configuration cannot be read.
    pub fn add_world(&self, world: &World) -> Result<(), LoadError> {
        for seed in &world.buckets {
            let bucket = seed::bucket(seed).map_err(|why| LoadError::Configuration {
                world: world.name.clone(),
                bucket: seed.name.clone(),
                why,
            })?;
            if !self.add_bucket(bucket) {
                return Err(LoadError::Taken {
                    world: world.name.clone(),
                    bucket: seed.name.clone(),
                });
            }
        }
        Ok(())
    }

    /// Blocks public access to all buckets, those that are added from now on.
    pub fn block_public_access(&self, block: Option<PublicAccess>) {
        *write(&self.account_block) = block;
    }

    /// Adds a bucket; `false` when there is one of that name.
    pub fn add_bucket(&self, mut bucket: Bucket) -> bool {
        bucket.configuration.account_block = *read(&self.account_block);
        match write(&self.buckets).entry(bucket.name.clone()) {
            btree_map::Entry::Occupied(_) => false,
            btree_map::Entry::Vacant(place) => {
                place.insert(Arc::new(RwLock::new(bucket)));
                true
            }
        }
    }

    /// Removes a bucket if it is as `may_go` wants it.
    ///
    /// # Errors
    /// `NoSuchBucket`, or what `may_go` answers.
    pub fn remove_bucket(&self, name: &str, may_go: impl FnOnce(&Bucket) -> S3Result) -> S3Result {
        // Under the lock of the map, so that nothing is written between the look and the removal.
        let mut buckets = write(&self.buckets);
        let bucket = buckets.get(name).ok_or_else(|| no_such_bucket(name))?;
        may_go(&read(bucket))?;
        buckets.remove(name);
        Ok(())
    }

    /// Reads a bucket.
    ///
    /// # Errors
    /// `NoSuchBucket`, or what `look` answers.
    pub fn read<T>(&self, name: &str, look: impl FnOnce(&Bucket) -> S3Result<T>) -> S3Result<T> {
        let bucket = self.bucket(name)?;
        let bucket = read(&bucket);
        look(&bucket)
    }

    /// Changes a bucket.
    ///
    /// # Errors
    /// `NoSuchBucket`, or what `change` answers.
    pub fn write<T>(
        &self,
        name: &str,
        change: impl FnOnce(&mut Bucket) -> S3Result<T>,
    ) -> S3Result<T> {
        let bucket = self.bucket(name)?;
        let mut bucket = write(&bucket);
        change(&mut bucket)
    }

    /// What `look` makes of each bucket, in the order of their names.
    pub fn each<T>(&self, mut look: impl FnMut(&Bucket) -> T) -> Vec<T> {
        let buckets: Vec<_> = read(&self.buckets).values().cloned().collect();
        buckets.iter().map(|bucket| look(&read(bucket))).collect()
    }

    fn bucket(&self, name: &str) -> S3Result<Arc<RwLock<Bucket>>> {
        read(&self.buckets)
            .get(name)
            .cloned()
            .ok_or_else(|| no_such_bucket(name))
    }
}

fn no_such_bucket(name: &str) -> s3s::S3Error {
    s3_error!(NoSuchBucket, "The specified bucket does not exist: {name}")
}

// A request that panicked changed the store or did not; the others are answered all the same.
fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
