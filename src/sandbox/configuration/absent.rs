//! S3's answers for what was never configured: each sub-resource has an error of its own.

use hyper::StatusCode;
use s3s::{S3Error, S3ErrorCode};

/// 404 with a code and a message.
fn not_found(code: &'static str, message: &'static str) -> S3Error {
    let code = S3ErrorCode::from_bytes(code.as_bytes()).unwrap_or(S3ErrorCode::InternalError);
    let mut error = S3Error::with_message(code, message);
    error.set_status_code(StatusCode::NOT_FOUND);
    error
}

macro_rules! answers {
    ($($name:ident => $code:literal, $message:literal;)*) => {
        $(pub(super) fn $name() -> S3Error {
            not_found($code, $message)
        })*
    };
}

answers! {
    lifecycle => "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist";
    cors => "NoSuchCORSConfiguration", "The CORS configuration does not exist";
    policy => "NoSuchBucketPolicy", "The bucket policy does not exist";
    public_access_block => "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found";
    tags => "NoSuchTagSet", "The TagSet does not exist";
    replication => "ReplicationConfigurationNotFoundError", "The replication configuration was not found";
    ownership => "OwnershipControlsNotFoundError", "The bucket ownership controls were not found";
    object_lock => "ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket";
    website => "NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration";
    by_id => "NoSuchConfiguration", "The specified configuration does not exist.";
}
