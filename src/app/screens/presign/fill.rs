//! Filling the form in for what is under the cursor elsewhere.

use super::field::Field;
use super::form::Form;
use crate::domain::blueprint::OwnerSource;
use crate::domain::{BucketName, ObjectKey, OwnerId};

impl Form {
    /// A request for an object: the key as it is.
    pub(crate) fn take_object(&mut self, bucket: &BucketName, key: &ObjectKey) {
        self.take_bucket(bucket);
        self.set_text(Field::Key, key.as_str());
    }

    /// A request for something below a prefix.
    pub(crate) fn take_prefix(&mut self, bucket: &BucketName, prefix: &str) {
        self.take_bucket(bucket);
        self.set_text(Field::Key, prefix);
        self.cursor = Field::Key;
    }

    /// A request for an owner: the first layout whose keys name it, with its part filled in.
    pub(crate) fn take_owner(&mut self, bucket: &BucketName, owner: &OwnerId) {
        self.take_bucket(bucket);
        let found =
            self.layouts()
                .iter()
                .enumerate()
                .find_map(|(at, layout)| match layout.owner() {
                    OwnerSource::Part(part) => Some((at, part.clone())),
                    OwnerSource::Registry | OwnerSource::Metadata(_) => None,
                });
        if let Some((at, part)) = found {
            self.choose(Field::KeyFrom, at + 1);
            self.set_text(Field::Part(part), owner.as_str());
        }
    }

    /// A request for a bucket: made from its first layout, where it has any.
    pub(crate) fn take_bucket(&mut self, bucket: &BucketName) {
        let texts = [
            Field::Key,
            Field::Version,
            Field::UploadId,
            Field::PartNumber,
        ];
        self.texts
            .retain(|field, _| !texts.contains(field) && !matches!(field, Field::Part(_)));
        self.cursor = Field::Method;
        self.typing = false;
        self.set_text(Field::Bucket, bucket.as_str());
    }
}
