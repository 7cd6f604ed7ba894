//! Creates pre-signed requests, following the rules of a blueprint if there is one.
//!
//! [`sign`] resolves credentials and Region and signs; [`Signing`] is its context. [`check`] tests a URL that somebody
//! else signed.

pub mod check;

use chrono::{DateTime, Utc};

use super::Meter;
use crate::aws::{Aws, Problem, SignError, Signer, WritePermit, wire};
use crate::domain::blueprint::BucketBlueprint;
use crate::domain::presign::{PresignRequest, RegionSource, Signed};
use crate::domain::{BucketName, Region};

/// The context of a signature.
#[derive(Debug, Clone, Copy, Default)]
pub struct Signing<'a> {
    /// The bucket's blueprint, if any.
    pub blueprint: Option<&'a BucketBlueprint>,
    /// The Region, if the user specified it.
    pub region: Option<&'a Region>,
    /// The write permit that signing a DELETE requires.
    pub permit: Option<&'a WritePermit>,
}

/// Why nothing was signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SigningFailure {
    /// There are no credentials, or the endpoint is invalid.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// The request cannot be signed.
    #[error(transparent)]
    Request(#[from] SignError),
}

/// Prepares signing many requests for one bucket. [`Signer::sign`] then needs neither a network nor a runtime.
///
/// # Errors
/// If there are no credentials, or the endpoint does not support such a bucket name.
pub async fn signer(
    aws: &Aws,
    bucket: &BucketName,
    signing: Signing<'_>,
) -> Result<Signer, Problem> {
    aws.signer(bucket, region_of(aws, bucket, signing)).await
}

/// Signs one request. It sends nothing if the credentials are available locally.
///
/// # Errors
/// If there are no credentials, the endpoint does not support such a bucket name, or S3 would reject the request.
pub async fn sign(
    aws: &Aws,
    request: &PresignRequest,
    signing: Signing<'_>,
    now: DateTime<Utc>,
) -> Result<Signed, SigningFailure> {
    let signer = signer(aws, &request.bucket, signing).await?;
    Ok(signer.sign(request, now, signing.permit)?)
}

/// Requests the bucket's Region from S3 and caches it.
///
/// # Errors
/// If the bucket does not exist, or nothing answers.
pub async fn resolve_region(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
) -> Result<Region, Problem> {
    wire::bucket::region(aws, bucket, meter).await
}

/// The bucket's Region without a request: as specified, as cached, as in the blueprint. `None` leaves it to the
/// connection.
fn region_of(
    aws: &Aws,
    bucket: &BucketName,
    signing: Signing<'_>,
) -> Option<(Region, RegionSource)> {
    let asked = signing
        .region
        .map(|region| (region.clone(), RegionSource::Asked));
    let learnt = || Some((aws.known_region(bucket)?, RegionSource::Learnt));
    let wanted = || {
        let region = signing.blueprint?.expect.region.clone()?;
        Some((Region(region), RegionSource::Blueprint))
    };
    asked.or_else(learnt).or_else(wanted)
}
