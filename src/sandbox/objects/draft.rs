//! What a request says about an object to be made, whichever of the three ways it is made in.

use s3s::dto::{Metadata, ObjectLockLegalHoldStatus, ObjectLockMode, StorageClass, Timestamp};
use s3s::{S3Result, s3_error};

use super::acl::Granted;
use super::encryption::Asked;
use super::{event_hold, lock, tagging};
use crate::sandbox::store::{Attributes, Backend, Bucket, Object};

/// What a PUT, a copy or a multipart upload says about its object, its bytes apart.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) attributes: Attributes,
    pub(super) storage_class: Option<StorageClass>,
    pub(super) tagging: Option<String>,
    pub(super) encryption: Asked,
    pub(super) acl: Granted,
    pub(super) lock_mode: Option<ObjectLockMode>,
    pub(super) lock_until: Option<Timestamp>,
    pub(super) legal_hold: Option<ObjectLockLegalHoldStatus>,
    pub(super) event_hold: event_hold::Asked,
}

/// Takes what `PutObjectInput`, `CopyObjectInput` and `CreateMultipartUploadInput` have in common out of one of them, and
/// what s3s does not know from the headers.
macro_rules! said {
    ($input:ident, $headers:expr) => {
        $crate::sandbox::objects::draft::Said {
            attributes: $crate::sandbox::store::Attributes {
                content_type: $input.content_type.take(),
                cache_control: $input.cache_control.take(),
                content_disposition: $input.content_disposition.take(),
                content_encoding: $input.content_encoding.take(),
                content_language: $input.content_language.take(),
                expires: $input.expires.take(),
                website_redirect: $input.website_redirect_location.take(),
                metadata: $input.metadata.take().unwrap_or_default(),
            },
            storage_class: $input.storage_class.take(),
            tagging: $input.tagging.take(),
            encryption: $crate::sandbox::objects::encryption::Asked {
                algorithm: $input.server_side_encryption.take(),
                key: $input.ssekms_key_id.take(),
                bucket_key: $input.bucket_key_enabled,
                customer_key: $input.sse_customer_algorithm.is_some()
                    || $input.sse_customer_key.is_some(),
            },
            acl: $crate::sandbox::objects::acl::Granted {
                canned: $input.acl.take().map(|acl| acl.as_str().to_owned()),
                full_control: $input.grant_full_control.take(),
                read: $input.grant_read.take(),
                read_acp: $input.grant_read_acp.take(),
                write_acp: $input.grant_write_acp.take(),
            },
            lock_mode: $input.object_lock_mode.take(),
            lock_until: $input.object_lock_retain_until_date.take(),
            legal_hold: $input.object_lock_legal_hold_status.take(),
            event_hold: $crate::sandbox::objects::event_hold::Asked::of_headers($headers),
        }
    };
}
pub(super) use said;

impl Said {
    /// The object as far as it can be made without its bytes.
    ///
    /// # Errors
    /// Whatever S3 finds wrong with a header: `InvalidStorageClass`, `MetadataTooLarge`, `InvalidTag`, `InvalidArgument`,
    /// `AccessControlListNotSupported`, `InvalidRequest`.
    pub(super) fn draft(self, backend: &Backend, bucket: &Bucket) -> S3Result<Object> {
        check_metadata(&self.attributes.metadata)?;
        let tags = self.tagging.as_deref().map(tagging::parse_header);
        Ok(Object {
            storage_class: storage_class(self.storage_class.as_ref())?,
            encryption: self.encryption.decide(bucket, &backend.account_id)?,
            tags: tags.transpose()?.unwrap_or_default(),
            acl: self.acl.decide(backend, bucket)?,
            lock: lock::of_new_object(
                bucket,
                self.lock_mode.as_ref(),
                self.lock_until.as_ref(),
                self.legal_hold.as_ref(),
                &self.event_hold,
            )?,
            attributes: self.attributes,
            ..Object::default()
        })
    }
}

/// The classes that a request can name.
const CLASSES: [&str; 8] = [
    StorageClass::STANDARD,
    StorageClass::REDUCED_REDUNDANCY,
    StorageClass::STANDARD_IA,
    StorageClass::ONEZONE_IA,
    StorageClass::INTELLIGENT_TIERING,
    StorageClass::GLACIER_IR,
    StorageClass::GLACIER,
    StorageClass::DEEP_ARCHIVE,
];

fn storage_class(class: Option<&StorageClass>) -> S3Result<Option<Box<str>>> {
    match class.map(StorageClass::as_str) {
        None | Some(StorageClass::STANDARD) => Ok(None),
        Some(class) if CLASSES.contains(&class) => Ok(Some(class.into())),
        Some(class) => Err(s3_error!(
            InvalidStorageClass,
            "The storage class you specified is not valid: {class}"
        )),
    }
}

/// User metadata, names and values together, may have 2 KB.
fn check_metadata(metadata: &Metadata) -> S3Result {
    const MOST: usize = 2048;
    let size: usize = metadata
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    if size > MOST {
        return Err(s3_error!(
            MetadataTooLarge,
            "Your metadata headers exceed the maximum allowed metadata size: {size} of {MOST} bytes"
        ));
    }
    Ok(())
}
