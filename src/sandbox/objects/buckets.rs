//! Buckets themselves: which there are, where they are and whether they keep versions.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use s3s::dto::{
    Bucket as BucketRow, BucketCannedACL, BucketLocationConstraint, BucketVersioningStatus,
    CreateBucketInput, CreateBucketOutput, DeleteBucketInput, DeleteBucketOutput,
    GetBucketLocationInput, GetBucketLocationOutput, GetBucketVersioningInput,
    GetBucketVersioningOutput, HeadBucketInput, HeadBucketOutput, ListBucketsInput,
    ListBucketsOutput, MFADelete, MFADeleteStatus, ObjectLockConfiguration, ObjectLockEnabled,
    OwnershipControls, OwnershipControlsRule, PutBucketVersioningInput, PutBucketVersioningOutput,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use crate::sandbox::configuration::BucketConfiguration;
use crate::sandbox::store::{Backend, Bucket, Moment};
use crate::sandbox::world::Versioning;

/// The Region that goes without saying.
const US_EAST_1: &str = "us-east-1";

/// Lists the account's buckets by name, in pages where the request wants them.
///
/// # Errors
/// `InvalidArgument` for a page of no size or a token that is none.
pub(crate) async fn list_buckets(
    backend: &Backend,
    req: S3Request<ListBucketsInput>,
) -> S3Result<S3Response<ListBucketsOutput>> {
    let input = req.input;
    // Regions are told to those who use the parameters that came with paging.
    let tells_region = input.max_buckets.is_some()
        || input.prefix.is_some()
        || input.bucket_region.is_some()
        || input.continuation_token.is_some();
    let most = match input.max_buckets.unwrap_or(10_000) {
        most @ 1..=10_000 => usize::try_from(most).unwrap_or(usize::MAX),
        _ => {
            return Err(s3_error!(
                InvalidArgument,
                "Argument max-buckets must be an integer between 1 and 10000"
            ));
        }
    };
    let after = input
        .continuation_token
        .as_deref()
        .filter(|token| !token.is_empty())
        .map(name_of_token)
        .transpose()?;
    let mut rows: Vec<BucketRow> = backend
        .store
        .each(|bucket| {
            let wanted = after.as_ref().is_none_or(|after| bucket.name > *after)
                && input
                    .prefix
                    .as_ref()
                    .is_none_or(|prefix| bucket.name.starts_with(prefix.as_str()))
                && input
                    .bucket_region
                    .as_ref()
                    .is_none_or(|region| bucket.region == *region);
            wanted.then(|| BucketRow {
                bucket_region: tells_region.then(|| bucket.region.clone()),
                creation_date: Some(bucket.created.to_timestamp()),
                name: Some(bucket.name.clone()),
            })
        })
        .into_iter()
        .flatten()
        .collect();
    let is_truncated = rows.len() > most;
    rows.truncate(most);
    let last = rows.last().and_then(|row| row.name.as_deref());
    Ok(S3Response::new(ListBucketsOutput {
        continuation_token: last
            .filter(|_| is_truncated)
            .map(|name| BASE64_URL_SAFE_NO_PAD.encode(name)),
        owner: Some(backend.owner()),
        prefix: input.prefix,
        buckets: Some(rows),
    }))
}

fn name_of_token(token: &str) -> S3Result<String> {
    BASE64_URL_SAFE_NO_PAD
        .decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| {
            s3_error!(
                InvalidArgument,
                "The continuation token provided is incorrect"
            )
        })
}

/// Makes a bucket as S3 makes them today: no ACLs, nothing public.
///
/// # Errors
/// `BucketAlreadyOwnedByYou`, `InvalidBucketName`, and what is wrong with the Region or the ACL that is asked for.
pub(crate) async fn create_bucket(
    backend: &Backend,
    req: S3Request<CreateBucketInput>,
) -> S3Result<S3Response<CreateBucketOutput>> {
    let endpoint_region = req
        .region
        .as_ref()
        .map_or(US_EAST_1, |region| region.as_str());
    let input = req.input;
    if !s3s::path::check_bucket_name(&input.bucket) {
        return Err(s3_error!(
            InvalidBucketName,
            "The specified bucket is not valid: {}",
            input.bucket
        ));
    }
    let constraint = input
        .create_bucket_configuration
        .as_ref()
        .and_then(|configuration| configuration.location_constraint.as_ref());
    let region = region(constraint, endpoint_region)?;
    let mut configuration = BucketConfiguration::of_new_bucket();
    if let Some(object_ownership) = input.object_ownership {
        configuration.ownership = Some(OwnershipControls {
            rules: vec![OwnershipControlsRule { object_ownership }],
        });
    }
    if input
        .acl
        .is_some_and(|acl| acl.as_str() != BucketCannedACL::PRIVATE)
    {
        return Err(if configuration.acls_are_off() {
            s3_error!(
                InvalidBucketAclWithObjectOwnership,
                "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
            )
        } else {
            s3_error!(
                AccessDenied,
                "A new bucket blocks public ACLs: change its public access block first"
            )
        });
    }
    let has_lock = input.object_lock_enabled_for_bucket.unwrap_or(false);
    if has_lock {
        configuration.object_lock = Some(ObjectLockConfiguration {
            object_lock_enabled: Some(ObjectLockEnabled::from_static(ObjectLockEnabled::ENABLED)),
            rule: None,
        });
    }
    let mut bucket = Bucket::new(&input.bucket, region, Moment::now(), configuration);
    if has_lock {
        bucket.versioning = Versioning::Enabled;
    }
    // In its oldest Region S3 takes a second request for the same bucket for a repetition of the first.
    if !backend.store.add_bucket(bucket) && endpoint_region != US_EAST_1 {
        return Err(s3_error!(
            BucketAlreadyOwnedByYou,
            "Your previous request to create the named bucket succeeded and you already own it."
        ));
    }
    Ok(S3Response::new(CreateBucketOutput {
        location: Some(format!("/{}", input.bucket)),
    }))
}

/// The Region that a new bucket gets, by the constraint it is given and the endpoint that is asked.
fn region<'a>(
    constraint: Option<&'a BucketLocationConstraint>,
    endpoint: &'a str,
) -> S3Result<&'a str> {
    match constraint
        .map(BucketLocationConstraint::as_str)
        .filter(|region| !region.is_empty())
    {
        None if endpoint == US_EAST_1 => Ok(US_EAST_1),
        None => Err(s3_error!(
            IllegalLocationConstraintException,
            "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to."
        )),
        Some(US_EAST_1) => Err(s3_error!(
            InvalidLocationConstraint,
            "The specified location-constraint is not valid: buckets in us-east-1 are made without one"
        )),
        Some(BucketLocationConstraint::EU) => Ok("eu-west-1"),
        Some(region) if region == endpoint || endpoint == US_EAST_1 => Ok(region),
        Some(region) => Err(s3_error!(
            IllegalLocationConstraintException,
            "The {region} location constraint is incompatible for the region specific endpoint this request was sent to."
        )),
    }
}

/// Removes an empty bucket.
///
/// # Errors
/// `NoSuchBucket`; `BucketNotEmpty`, also when there is nothing but delete markers or noncurrent versions.
pub(crate) async fn delete_bucket(
    backend: &Backend,
    req: S3Request<DeleteBucketInput>,
) -> S3Result<S3Response<DeleteBucketOutput>> {
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    backend.store.remove_bucket(&input.bucket, |bucket| {
        if bucket.keys.is_empty() {
            Ok(())
        } else if bucket.versioning == Versioning::Off {
            Err(s3_error!(BucketNotEmpty, "The bucket you tried to delete is not empty"))
        } else {
            Err(s3_error!(
                BucketNotEmpty,
                "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
            ))
        }
    })?;
    Ok(S3Response::new(DeleteBucketOutput {}))
}

/// Tells that a bucket is there, and in which Region.
///
/// # Errors
/// `NoSuchBucket`.
pub(crate) async fn head_bucket(
    backend: &Backend,
    req: S3Request<HeadBucketInput>,
) -> S3Result<S3Response<HeadBucketOutput>> {
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    let region = backend
        .store
        .read(&input.bucket, |bucket| Ok(bucket.region.clone()))?;
    Ok(S3Response::new(HeadBucketOutput {
        bucket_region: Some(region),
        ..HeadBucketOutput::default()
    }))
}

/// Tells a bucket's Region; of us-east-1 by saying nothing.
///
/// # Errors
/// `NoSuchBucket`.
pub(crate) async fn get_bucket_location(
    backend: &Backend,
    req: S3Request<GetBucketLocationInput>,
) -> S3Result<S3Response<GetBucketLocationOutput>> {
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    let region = backend
        .store
        .read(&input.bucket, |bucket| Ok(bucket.region.clone()))?;
    Ok(S3Response::new(GetBucketLocationOutput {
        location_constraint: (region != US_EAST_1).then(|| BucketLocationConstraint::from(region)),
    }))
}

/// Tells whether a bucket keeps versions; nothing where it never did.
///
/// # Errors
/// `NoSuchBucket`.
pub(crate) async fn get_bucket_versioning(
    backend: &Backend,
    req: S3Request<GetBucketVersioningInput>,
) -> S3Result<S3Response<GetBucketVersioningOutput>> {
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    backend.store.read(&input.bucket, |bucket| {
        let status = match bucket.versioning {
            Versioning::Off => None,
            Versioning::Enabled => Some(BucketVersioningStatus::ENABLED),
            Versioning::Suspended => Some(BucketVersioningStatus::SUSPENDED),
        };
        Ok(S3Response::new(GetBucketVersioningOutput {
            mfa_delete: bucket
                .mfa_delete
                .then(|| MFADeleteStatus::from_static(MFADeleteStatus::ENABLED)),
            status: status.map(BucketVersioningStatus::from_static),
        }))
    })
}

/// Makes a bucket keep versions from now on, or stops it.
///
/// # Errors
/// `NoSuchBucket`; `IllegalVersioningConfigurationException` without a state; `InvalidBucketState` where Object Lock needs
/// versions; `AccessDenied` for a change of MFA delete without the second factor.
pub(crate) async fn put_bucket_versioning(
    backend: &Backend,
    req: S3Request<PutBucketVersioningInput>,
) -> S3Result<S3Response<PutBucketVersioningOutput>> {
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    let configuration = input.versioning_configuration;
    let versioning = match configuration
        .status
        .as_ref()
        .map(BucketVersioningStatus::as_str)
    {
        Some(BucketVersioningStatus::ENABLED) => Versioning::Enabled,
        Some(BucketVersioningStatus::SUSPENDED) => Versioning::Suspended,
        _ => {
            return Err(s3_error!(
                IllegalVersioningConfigurationException,
                "The Versioning element must be specified: Enabled or Suspended"
            ));
        }
    };
    let mfa_delete = configuration
        .mfa_delete
        .map(|state| state.as_str() == MFADelete::ENABLED);
    backend.store.write(&input.bucket, |bucket| {
        if versioning == Versioning::Suspended && bucket.has_object_lock() {
            return Err(s3_error!(
                InvalidBucketState,
                "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
            ));
        }
        let changes_mfa = mfa_delete.is_some_and(|wanted| wanted != bucket.mfa_delete);
        if (changes_mfa || bucket.mfa_delete) && input.mfa.is_none() {
            return Err(s3_error!(
                AccessDenied,
                "Mfa Authentication must be used for this request"
            ));
        }
        bucket.versioning = versioning;
        bucket.mfa_delete = mfa_delete.unwrap_or(bucket.mfa_delete);
        Ok(())
    })?;
    Ok(S3Response::new(PutBucketVersioningOutput::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_bucket_is_made_depends_on_the_endpoint_and_the_constraint() {
        let constraint = |name: &str| BucketLocationConstraint::from(name.to_owned());
        let (eu, west, east) = (
            constraint("EU"),
            constraint("us-west-2"),
            constraint("us-east-1"),
        );
        assert_eq!(region(None, "us-east-1").unwrap(), "us-east-1");
        assert_eq!(region(Some(&eu), "us-east-1").unwrap(), "eu-west-1");
        assert_eq!(region(Some(&west), "us-east-1").unwrap(), "us-west-2");
        assert_eq!(region(Some(&west), "us-west-2").unwrap(), "us-west-2");
        assert!(region(None, "us-west-2").is_err());
        assert!(region(Some(&east), "us-east-1").is_err());
        assert!(region(Some(&west), "eu-west-1").is_err());
    }
}
