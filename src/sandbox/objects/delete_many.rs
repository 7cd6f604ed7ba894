//! Deleting up to a thousand objects in one request, each with an answer of its own.

use std::sync::Arc;

use hyper::HeaderMap;
use s3s::dto::{
    DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, ETagCondition, Error, ObjectIdentifier,
};
use s3s::{S3ErrorCode, S3Request, S3Response, S3Result, s3_error};

use super::conditions::DeleteConditions;
use super::delete::{Outcome, Wanted, delete};
use crate::sandbox::defect::Defects;
use crate::sandbox::faults::Faults;
use crate::sandbox::store::{Backend, Bucket};

/// The most keys that a request may name.
const MOST_KEYS: usize = 1000;

/// Deletes what is named, one after the other; a key that cannot be deleted does not keep the others.
///
/// # Errors
/// Of the request as a whole: `NoSuchBucket`, `MalformedXML` for none or more than 1,000 keys, `InvalidRequest` without a digest of the
/// body, `AccessDenied` without the second factor where the bucket wants one for versions.
pub(crate) async fn delete_objects(
    backend: &Backend,
    req: S3Request<DeleteObjectsInput>,
) -> S3Result<S3Response<DeleteObjectsOutput>> {
    require_digest(&req.headers)?;
    let faults = req.extensions.get::<Arc<Faults>>().cloned();
    let struck = |bucket: &str, key: &str| faults.as_ref().and_then(|f| f.strike_key(bucket, key));
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    let named = input.delete.objects;
    if named.is_empty() || named.len() > MOST_KEYS {
        return Err(s3_error!(
            MalformedXML,
            "A request names 1 to {MOST_KEYS} keys, this one {}",
            named.len()
        ));
    }
    let bypass_governance = input.bypass_governance_retention.unwrap_or(false);
    let mfa = input.mfa.is_some();
    let quiet = input.delete.quiet.unwrap_or(false);
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    backend.store.write(&input.bucket, |bucket| {
        if bucket.mfa_delete && !mfa && named.iter().any(|one| one.version_id.is_some()) {
            return Err(s3_error!(
                AccessDenied,
                "Mfa Authentication must be used for this request"
            ));
        }
        for one in &named {
            if let Some((code, message)) = struck(&input.bucket, &one.key) {
                errors.push(refused(one, code, Some(message)));
                continue;
            }
            match delete_one(&backend.defects, bucket, one, bypass_governance, mfa) {
                Ok(outcome) => deleted.push(answer(one, outcome)),
                Err(error) => {
                    errors.push(refused(one, error.code().as_str(), error.message()));
                }
            }
        }
        Ok(())
    })?;
    if quiet {
        deleted.clear();
    }
    Ok(S3Response::new(DeleteObjectsOutput {
        deleted: Some(deleted),
        errors: Some(errors),
        request_charged: None,
    }))
}

/// S3 wants to know that the list arrived as it was sent.
fn require_digest(headers: &HeaderMap) -> S3Result {
    let has_digest = headers.keys().any(|name| {
        name == "content-md5"
            || (name.as_str().starts_with("x-amz-checksum-") && name != "x-amz-checksum-algorithm")
    });
    if has_digest {
        Ok(())
    } else {
        Err(s3_error!(
            InvalidRequest,
            "Missing required header for this request: Content-MD5 OR x-amz-checksum-*"
        ))
    }
}

fn delete_one(
    defects: &Defects,
    bucket: &mut Bucket,
    one: &ObjectIdentifier,
    bypass_governance: bool,
    mfa: bool,
) -> S3Result<Outcome> {
    if one.key.is_empty() {
        return Err(s3_error!(UserKeyMustBeSpecified, "A key is empty"));
    }
    if one.key.len() > 1024 {
        return Err(s3_error!(KeyTooLongError, "Your key is too long"));
    }
    let wanted = Wanted {
        key: &one.key,
        version_id: one.version_id.as_deref(),
        conditions: DeleteConditions {
            if_match: one.e_tag.clone().map(|tag| match tag.value() {
                "*" => ETagCondition::Any,
                _ => ETagCondition::ETag(tag),
            }),
            modified: one.last_modified_time.clone(),
            size: one.size,
        }
        .heeded(defects),
        bypass_governance,
        mfa,
    };
    delete(bucket, &wanted).map_err(|error| match error.code() {
        // In a batch an id that S3 cannot have made is told in the words for one that is not there.
        S3ErrorCode::InvalidArgument => {
            s3_error!(NoSuchVersion, "The specified version does not exist.")
        }
        _ => error,
    })
}

fn answer(one: &ObjectIdentifier, outcome: Outcome) -> DeletedObject {
    DeletedObject {
        key: Some(one.key.clone()),
        version_id: one.version_id.clone(),
        delete_marker: outcome.delete_marker.then_some(true),
        delete_marker_version_id: outcome.version_id.filter(|_| outcome.delete_marker),
    }
}

fn refused(one: &ObjectIdentifier, code: &str, message: Option<&str>) -> Error {
    Error {
        code: Some(code.to_owned()),
        key: Some(one.key.clone()),
        message: message.map(str::to_owned),
        version_id: one.version_id.clone(),
    }
}
