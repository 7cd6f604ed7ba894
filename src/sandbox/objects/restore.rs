//! Bringing an archived object back for a while. The sandbox does in no time what S3 needs hours for.

use hyper::StatusCode;
use s3s::dto::{RestoreObjectInput, RestoreObjectOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::{find, wire};
use crate::sandbox::store::{Backend, Moment};

/// Makes a copy that can be read for some days: 202 for a new one, 200 where there is one whose end is moved.
///
/// # Errors
/// `InvalidObjectState` for an object that is not archived, `MalformedXML` without a number of days, `NoSuchKey` and its like.
pub(crate) async fn restore_object(
    backend: &Backend,
    req: S3Request<RestoreObjectInput>,
) -> S3Result<S3Response<RestoreObjectOutput>> {
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    let request = input.restore_request.unwrap_or_default();
    if request.select_parameters.is_some() || request.output_location.is_some() {
        return Err(s3_error!(
            NotImplemented,
            "The sandbox restores objects and does not select from them"
        ));
    }
    let days = request
        .days
        .filter(|days| *days > 0)
        .ok_or_else(|| s3_error!(MalformedXML, "A restore names a number of days, 1 or more"))?;
    let now = Moment::now();
    let was_there = backend.store.write(&input.bucket, |bucket| {
        let found = find::object(bucket, &input.key, input.version_id.as_deref())?;
        if !found.object.is_archived() {
            return Err(s3_error!(
                InvalidObjectState,
                "Restore is not allowed for the object's current storage class: {}",
                found.object.class()
            ));
        }
        bucket.keys.change(&input.key, &found.id, |object| {
            object.restored_until = Some(now.midnight_after_days(i64::from(days)));
        });
        Ok(!found.object.needs_restore(now))
    })?;
    let output = RestoreObjectOutput::default();
    Ok(if was_there {
        S3Response::new(output)
    } else {
        wire::with_status(output, StatusCode::ACCEPTED)
    })
}
