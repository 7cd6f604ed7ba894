//! The operations on buckets, objects, versions and uploads: one function each, named as S3 names it.
//!
//! Every function takes the [`Backend`] and a request that was authenticated and authorized, and answers as S3 does;
//! `service` delegates to them one to one. What they share:
//! `find` says which version a request means and why it cannot have it, `conditions` are the `If-` headers,
//! `draft` is what a request says about an object to be made, `wire` is how rows are written into answers.
//! Start with `get` and `put`.

mod acl;
mod attributes;
mod buckets;
mod checksums;
mod conditions;
mod copy;
mod delete;
mod delete_many;
mod draft;
mod encryption;
mod event_hold;
mod expiration;
mod find;
mod get;
mod incoming;
mod list;
mod list_uploads;
mod list_versions;
mod lock;
mod multipart;
mod parts;
mod put;
mod restore;
mod rows;
mod tagging;
mod wire;

pub(crate) use acl::{get_object_acl, put_object_acl};
pub(crate) use attributes::get_object_attributes;
pub(crate) use buckets::{
    create_bucket, delete_bucket, get_bucket_location, get_bucket_versioning, head_bucket,
    list_buckets, put_bucket_versioning,
};
pub(crate) use copy::copy_object;
pub(crate) use delete::delete_object;
pub(crate) use delete_many::delete_objects;
pub(crate) use event_hold::{default_of as default_event_hold, written as written_hold_time};
pub(crate) use get::{get_object, head_object};
pub(crate) use list::{list_objects, list_objects_v2};
pub(crate) use list_uploads::{list_multipart_uploads, list_parts};
pub(crate) use list_versions::list_object_versions;
pub(crate) use lock::{
    get_object_legal_hold, get_object_retention, put_object_legal_hold, put_retention_document,
};
pub(crate) use multipart::{
    abort_multipart_upload, complete_multipart_upload, create_multipart_upload,
};
pub(crate) use parts::{upload_part, upload_part_copy};
pub(crate) use put::put_object;
pub(crate) use restore::restore_object;
pub(crate) use tagging::{delete_object_tagging, get_object_tagging, put_object_tagging};
pub(crate) use wire::{BodyOverride, StatusOverride};

use std::sync::Arc;

use s3s::{S3Result, s3_error};

use super::store::{Backend, Bucket, Object};

/// The object that a request reads.
///
/// # Errors
/// `NoSuchKey` and its like.
pub(super) fn find_object(
    bucket: &Bucket,
    key: &str,
    version_id: Option<&str>,
) -> S3Result<Arc<Object>> {
    find::object(bucket, key, version_id).map(|found| found.object)
}

/// Changes what is kept beside an object's bytes, unless the change fails.
///
/// # Errors
/// `NoSuchKey` and its like, and the change's own.
pub(super) fn change_object(
    bucket: &mut Bucket,
    key: &str,
    version_id: Option<&str>,
    change: impl FnOnce(&mut Object) -> S3Result,
) -> S3Result {
    let found = find::object(bucket, key, version_id)?;
    let mut done = Ok(());
    bucket
        .keys
        .change(key, &found.id, |object| done = change(object));
    done
}

impl Backend {
    /// Holds a request to what it says about the bucket's owner.
    ///
    /// # Errors
    /// `AccessDenied` when the request expects another account.
    pub(super) fn expect_owner(&self, expected: Option<&String>) -> S3Result {
        match expected {
            Some(account) if *account != self.account_id => Err(s3_error!(
                AccessDenied,
                "The bucket belongs to account {}, not to {account}",
                self.account_id
            )),
            _ => Ok(()),
        }
    }
}
