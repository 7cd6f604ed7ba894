//! Signs requests for others to send, by the rules of a blueprint where there is one.
//!
//! [`sign`] resolves what has to be resolved and signs; [`Signing`] says with what. [`check`] tries a URL that somebody
//! else signed.

pub mod check;

use chrono::{DateTime, Utc};

use super::Meter;
use crate::aws::{Aws, Problem, SignError, Signer, WritePermit, wire};
use crate::domain::blueprint::BucketBlueprint;
use crate::domain::presign::{PresignRequest, RegionSource, Signed};
use crate::domain::{BucketName, Region};

/// With what a request is signed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Signing<'a> {
    /// What is known of the bucket.
    pub blueprint: Option<&'a BucketBlueprint>,
    /// The Region, where it was asked for by name.
    pub region: Option<&'a Region>,
    /// What a DELETE needs to be signed.
    pub permit: Option<&'a WritePermit>,
}

/// Why nothing was signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SigningFailure {
    /// There are no credentials, or no such endpoint.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// The request cannot be signed.
    #[error(transparent)]
    Request(#[from] SignError),
}

/// Gets ready to sign many requests to one bucket: [`Signer::sign`] then needs neither a network nor a runtime.
///
/// # Errors
/// There are no credentials, or the endpoint cannot have such a bucket.
pub async fn signer(
    aws: &Aws,
    bucket: &BucketName,
    signing: Signing<'_>,
) -> Result<Signer, Problem> {
    aws.signer(bucket, region_of(aws, bucket, signing)).await
}

/// Signs one request. Contacts nobody when the credentials are at hand.
///
/// # Errors
/// There are no credentials, the endpoint cannot have such a bucket, or S3 would refuse the request.
pub async fn sign(
    aws: &Aws,
    request: &PresignRequest,
    signing: Signing<'_>,
    now: DateTime<Utc>,
) -> Result<Signed, SigningFailure> {
    let signer = signer(aws, &request.bucket, signing).await?;
    Ok(signer.sign(request, now, signing.permit)?)
}

/// Asks S3 for the bucket's Region; what it answers is used from then on.
///
/// # Errors
/// The bucket does not exist, or nothing answers.
pub async fn resolve_region(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
) -> Result<Region, Problem> {
    wire::bucket::region(aws, bucket, meter).await
}

/// Where the bucket is, without asking anybody: as asked, as S3 said in this run, as the blueprint says. `None` leaves
/// it to the connection.
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
