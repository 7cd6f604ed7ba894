//! Deleting an object, or one version of it for good.

use s3s::dto::{DeleteObjectInput, DeleteObjectOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::conditions::DeleteConditions;
use super::find;
use crate::sandbox::store::{Backend, Bucket, Content, Moment, VersionId};
use crate::sandbox::world::Versioning;

/// What a request wants deleted, and what it is entitled to.
#[derive(Debug, Default)]
pub(super) struct Wanted<'a> {
    pub(super) key: &'a str,
    pub(super) version_id: Option<&'a str>,
    pub(super) conditions: DeleteConditions,
    /// Ends retention in governance mode.
    pub(super) bypass_governance: bool,
    /// Brings a second factor.
    pub(super) mfa: bool,
}

/// What became of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// A marker was made, or a marker was removed.
    pub(super) delete_marker: bool,
    /// The version that was made or removed, where the bucket tells.
    pub(super) version_id: Option<String>,
}

/// Deletes. Without a version id nothing is lost where the bucket keeps versions: a marker hides them.
///
/// # Errors
/// `AccessDenied` for a locked version or a missing second factor, `PreconditionFailed`, `InvalidArgument` for an id that S3
/// cannot have made. That nothing is there is no error.
pub(super) fn delete(bucket: &mut Bucket, wanted: &Wanted<'_>) -> S3Result<Outcome> {
    match wanted.version_id {
        Some(id) => delete_version(bucket, wanted, &VersionId::parse(id)),
        None => hide(bucket, wanted),
    }
}

fn hide(bucket: &mut Bucket, wanted: &Wanted<'_>) -> S3Result<Outcome> {
    let current = bucket.keys.current(wanted.key);
    let object = current
        .as_ref()
        .and_then(|version| Some((&**version.object()?, version.modified)));
    wanted.conditions.check(object)?;
    if bucket.versioning == Versioning::Off {
        bucket.keys.remove(wanted.key, &VersionId::Null);
        return Ok(Outcome::default());
    }
    let id = bucket.next_version_id();
    if let Some(replaced) = bucket.keys.version(wanted.key, &id)
        && let Some(object) = replaced.object()
    {
        // Where versioning is suspended a marker takes the place of the null version, which then is gone.
        object
            .lock
            .check_delete(wanted.bypass_governance, Moment::now())?;
    }
    let version_id = bucket.told_id(&id);
    bucket
        .keys
        .add(wanted.key, id, Moment::now(), Content::DeleteMarker);
    Ok(Outcome {
        delete_marker: true,
        version_id,
    })
}

fn delete_version(bucket: &mut Bucket, wanted: &Wanted<'_>, id: &VersionId) -> S3Result<Outcome> {
    if bucket.mfa_delete && !wanted.mfa {
        return Err(s3_error!(
            AccessDenied,
            "Mfa Authentication must be used for this request"
        ));
    }
    let Some(version) = bucket.keys.version(wanted.key, id) else {
        // It may have been there and be gone, which is what the request wants; an id that S3 cannot have made is
        // a mistake.
        return if id.is_well_formed() {
            Ok(Outcome {
                delete_marker: false,
                version_id: Some(id.as_str().to_owned()),
            })
        } else {
            Err(find::missing(wanted.key, id))
        };
    };
    if let Some(object) = version.object() {
        wanted.conditions.check(Some((object, version.modified)))?;
        object
            .lock
            .check_delete(wanted.bypass_governance, Moment::now())?;
    }
    bucket.keys.remove(wanted.key, id);
    Ok(Outcome {
        delete_marker: version.is_delete_marker(),
        version_id: Some(id.as_str().to_owned()),
    })
}

/// Deletes an object, or one version of it for good.
///
/// # Errors
/// `NoSuchBucket`, `AccessDenied` for a locked version or a missing second factor, `PreconditionFailed`, `InvalidArgument`.
pub(crate) async fn delete_object(
    backend: &Backend,
    req: S3Request<DeleteObjectInput>,
) -> S3Result<S3Response<DeleteObjectOutput>> {
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    let wanted = Wanted {
        key: &input.key,
        version_id: input.version_id.as_deref(),
        conditions: DeleteConditions {
            if_match: input.if_match,
            modified: input.if_match_last_modified_time,
            size: input.if_match_size,
        }
        .heeded(&backend.defects),
        bypass_governance: input.bypass_governance_retention.unwrap_or(false),
        mfa: input.mfa.is_some(),
    };
    let outcome = backend
        .store
        .write(&input.bucket, |bucket| delete(bucket, &wanted))?;
    Ok(S3Response::new(DeleteObjectOutput {
        delete_marker: outcome.delete_marker.then_some(true),
        request_charged: None,
        version_id: outcome.version_id,
    }))
}
