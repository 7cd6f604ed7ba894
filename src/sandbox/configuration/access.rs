//! Who may do what: the bucket policy, the public access block and object ownership.

use s3s::dto::{
    DeleteBucketOwnershipControlsInput, DeleteBucketOwnershipControlsOutput,
    DeleteBucketPolicyInput, DeleteBucketPolicyOutput, DeletePublicAccessBlockInput,
    DeletePublicAccessBlockOutput, GetBucketOwnershipControlsInput,
    GetBucketOwnershipControlsOutput, GetBucketPolicyInput, GetBucketPolicyOutput,
    GetBucketPolicyStatusInput, GetBucketPolicyStatusOutput, GetPublicAccessBlockInput,
    GetPublicAccessBlockOutput, ObjectOwnership, PolicyStatus, PublicAccessBlockConfiguration,
    PutBucketOwnershipControlsInput, PutBucketOwnershipControlsOutput, PutBucketPolicyInput,
    PutBucketPolicyOutput, PutPublicAccessBlockInput, PutPublicAccessBlockOutput,
};
use s3s::{S3Error, S3ErrorCode, S3Request, s3_error};

use super::{Answer, absent, acl, change, look};
use crate::sandbox::policy::Policy;
use crate::sandbox::store::Backend;

pub(crate) fn get_bucket_policy(
    backend: &Backend,
    req: S3Request<GetBucketPolicyInput>,
) -> Answer<GetBucketPolicyOutput> {
    look(backend, &req.input.bucket, |configuration| {
        let policy = configuration.policy.as_ref().ok_or_else(absent::policy)?;
        Ok(GetBucketPolicyOutput {
            policy: Some(policy.text().to_owned()),
        })
    })
}

pub(crate) fn put_bucket_policy(
    backend: &Backend,
    req: S3Request<PutBucketPolicyInput>,
) -> Answer<PutBucketPolicyOutput> {
    let malformed = |error| S3Error::with_message(S3ErrorCode::MalformedPolicy, format!("{error}"));
    let policy = Policy::parse(&req.input.policy).map_err(malformed)?;
    policy
        .check_belongs_to(&req.input.bucket)
        .map_err(malformed)?;
    change(backend, &req.input.bucket, |bucket| {
        if policy.is_public()
            && bucket
                .configuration
                .blocks(|block| block.block_public_policy)
        {
            return Err(s3_error!(
                AccessDenied,
                "The bucket policy allows public access, which the BlockPublicPolicy setting of its public access block \
                 prevents"
            ));
        }
        bucket.configuration.policy = Some(policy);
        Ok(())
    })
}

pub(crate) fn delete_bucket_policy(
    backend: &Backend,
    req: S3Request<DeleteBucketPolicyInput>,
) -> Answer<DeleteBucketPolicyOutput> {
    change(backend, &req.input.bucket, |bucket| {
        bucket.configuration.policy = None;
        Ok(())
    })
}

pub(crate) fn get_bucket_policy_status(
    backend: &Backend,
    req: S3Request<GetBucketPolicyStatusInput>,
) -> Answer<GetBucketPolicyStatusOutput> {
    look(backend, &req.input.bucket, |configuration| {
        let policy = configuration.policy.as_ref().ok_or_else(absent::policy)?;
        Ok(GetBucketPolicyStatusOutput {
            policy_status: Some(PolicyStatus {
                is_public: Some(policy.is_public()),
            }),
        })
    })
}

pub(crate) fn get_public_access_block(
    backend: &Backend,
    req: S3Request<GetPublicAccessBlockInput>,
) -> Answer<GetPublicAccessBlockOutput> {
    look(backend, &req.input.bucket, |configuration| {
        let block = configuration.public_access_block.clone();
        Ok(GetPublicAccessBlockOutput {
            public_access_block_configuration: Some(block.ok_or_else(absent::public_access_block)?),
        })
    })
}

pub(crate) fn put_public_access_block(
    backend: &Backend,
    req: S3Request<PutPublicAccessBlockInput>,
) -> Answer<PutPublicAccessBlockOutput> {
    let asked = req.input.public_access_block_configuration;
    // A switch that is left out is off, and S3 tells it so when it is asked.
    let block = PublicAccessBlockConfiguration {
        block_public_acls: Some(asked.block_public_acls.unwrap_or(false)),
        block_public_policy: Some(asked.block_public_policy.unwrap_or(false)),
        ignore_public_acls: Some(asked.ignore_public_acls.unwrap_or(false)),
        restrict_public_buckets: Some(asked.restrict_public_buckets.unwrap_or(false)),
    };
    change(backend, &req.input.bucket, |bucket| {
        bucket.configuration.public_access_block = Some(block);
        Ok(())
    })
}

pub(crate) fn delete_public_access_block(
    backend: &Backend,
    req: S3Request<DeletePublicAccessBlockInput>,
) -> Answer<DeletePublicAccessBlockOutput> {
    change(backend, &req.input.bucket, |bucket| {
        bucket.configuration.public_access_block = None;
        Ok(())
    })
}

pub(crate) fn get_bucket_ownership_controls(
    backend: &Backend,
    req: S3Request<GetBucketOwnershipControlsInput>,
) -> Answer<GetBucketOwnershipControlsOutput> {
    look(backend, &req.input.bucket, |configuration| {
        Ok(GetBucketOwnershipControlsOutput {
            ownership_controls: Some(
                configuration
                    .ownership
                    .clone()
                    .ok_or_else(absent::ownership)?,
            ),
        })
    })
}

pub(crate) fn put_bucket_ownership_controls(
    backend: &Backend,
    req: S3Request<PutBucketOwnershipControlsInput>,
) -> Answer<PutBucketOwnershipControlsOutput> {
    let controls = req.input.ownership_controls;
    let [rule] = controls.rules.as_slice() else {
        return Err(s3_error!(MalformedXML));
    };
    let turns_acls_off = match rule.object_ownership.as_str() {
        ObjectOwnership::BUCKET_OWNER_ENFORCED => true,
        ObjectOwnership::BUCKET_OWNER_PREFERRED | ObjectOwnership::OBJECT_WRITER => false,
        _ => return Err(s3_error!(MalformedXML)),
    };
    let owner = backend.canonical_id();
    change(backend, &req.input.bucket, |bucket| {
        let grants_to_others = bucket
            .configuration
            .acl
            .as_ref()
            .is_some_and(|granted| acl::reaches_beyond(granted, &owner));
        if turns_acls_off && grants_to_others {
            return Err(s3_error!(
                InvalidBucketAclWithObjectOwnership,
                "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
            ));
        }
        bucket.configuration.ownership = Some(controls);
        Ok(())
    })
}

pub(crate) fn delete_bucket_ownership_controls(
    backend: &Backend,
    req: S3Request<DeleteBucketOwnershipControlsInput>,
) -> Answer<DeleteBucketOwnershipControlsOutput> {
    change(backend, &req.input.bucket, |bucket| {
        bucket.configuration.ownership = None;
        Ok(())
    })
}
