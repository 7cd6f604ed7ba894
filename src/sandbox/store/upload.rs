//! Multipart uploads that are under way.

use std::collections::BTreeMap;

use s3s::dto::{Checksum, ChecksumAlgorithm, ChecksumType};

use super::listing::{Keys, Start, Walk};
use super::{Body, Moment, Object, ids};

/// An upload that was begun and neither completed nor aborted.
#[derive(Debug, Clone)]
pub struct Upload {
    /// When it was begun.
    pub initiated: Moment,
    /// What the object will be, its bytes apart.
    pub draft: Object,
    /// The checksum that the client said its parts would have.
    pub checksum_algorithm: Option<ChecksumAlgorithm>,
    /// Whether the object's checksum is over all bytes or over the parts' checksums.
    pub checksum_type: Option<ChecksumType>,
    /// Parts that arrived, by number (1 to 10,000).
    pub parts: BTreeMap<i32, Part>,
}

/// One part of an upload.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its bytes.
    pub body: Body,
    /// The MD5 of them.
    pub digest: [u8; 16],
    /// When it arrived.
    pub modified: Moment,
    /// Checksums that the client sent.
    pub checksums: Option<Box<Checksum>>,
}

/// The uploads of one key by id, which is the order they were begun in.
pub(crate) type UploadsOfKey = BTreeMap<Box<str>, Upload>;

/// The uploads of a bucket.
#[derive(Debug, Default)]
pub struct Uploads {
    keys: Keys<UploadsOfKey>,
    begun: u64,
}

impl Uploads {
    /// Begins an upload and gives it an id.
    pub fn begin(&mut self, key: &str, upload: Upload) -> Box<str> {
        self.begun += 1;
        let id = ids::new_upload_id(upload.initiated, self.begun);
        self.add(key, id, upload)
    }

    /// Begins an upload of a world, under the id that it has in every sandbox.
    pub fn begin_seeded(&mut self, bucket: &str, key: &str, upload: Upload) -> Box<str> {
        self.begun += 1;
        let id = ids::seeded_upload_id(bucket, key, upload.initiated, self.begun);
        self.add(key, id, upload)
    }

    fn add(&mut self, key: &str, id: Box<str>, upload: Upload) -> Box<str> {
        self.keys
            .entry(key.into())
            .or_default()
            .insert(id.clone(), upload);
        id
    }

    /// The upload with this key and id.
    #[must_use]
    pub fn get(&self, key: &str, id: &str) -> Option<&Upload> {
        self.keys.get(key)?.get(id)
    }

    /// The same, to put a part in.
    pub fn get_mut(&mut self, key: &str, id: &str) -> Option<&mut Upload> {
        self.keys.get_mut(key)?.get_mut(id)
    }

    /// Ends an upload.
    pub fn remove(&mut self, key: &str, id: &str) -> Option<Upload> {
        let of_key = self.keys.get_mut(key)?;
        let upload = of_key.remove(id)?;
        if of_key.is_empty() {
            self.keys.remove(key);
        }
        Some(upload)
    }

    /// Whether no upload is under way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Walks through the keys that have uploads.
    #[must_use]
    pub fn walk<'a>(
        &'a self,
        prefix: &'a str,
        delimiter: Option<&'a str>,
        start: Start<'_>,
    ) -> Walk<'a, UploadsOfKey> {
        Walk::new(&self.keys, prefix, delimiter, start, |_| true)
    }
}
