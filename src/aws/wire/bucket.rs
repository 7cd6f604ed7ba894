//! What is asked about buckets: which there are, where they live and how they are configured.

use chrono::{DateTime, Utc};

use super::time;
use crate::aws::explain::{Call, explain, region_in, region_named};
use crate::aws::{Aws, Meter, Problem, ProblemKind, operations};
use crate::domain::{BucketName, Region};

/// Buckets a page of the fleet; S3's own maximum is 10,000.
const BUCKETS_A_PAGE: i32 = 1000;

/// A bucket as the account's list tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketEntry {
    /// Its name.
    pub name: BucketName,
    /// Where it lives; older servers leave it out.
    pub region: Option<Region>,
    /// When it was made.
    pub created: Option<DateTime<Utc>>,
}

/// One page of the account's buckets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketPage {
    /// The buckets, sorted by name.
    pub buckets: Vec<BucketEntry>,
    /// What continues the list.
    pub next: Option<String>,
}

/// Asks for one page of the account's buckets, and remembers the Regions it tells.
pub async fn list(aws: &Aws, token: Option<&str>, meter: &Meter) -> Result<BucketPage, Problem> {
    let call = Call::new(&operations::LIST_BUCKETS, "");
    let answer = aws
        .s3()
        .list_buckets()
        .max_buckets(BUCKETS_A_PAGE)
        .set_continuation_token(token.map(str::to_owned))
        .customize()
        .interceptor(meter.counting())
        .send()
        .await
        .map_err(|error| explain(aws, &call, &error))?;
    let mut buckets = Vec::with_capacity(answer.buckets().len());
    for bucket in answer.buckets() {
        let name = BucketName::new(bucket.name().unwrap_or_default()).map_err(|invalid| {
            call.problem(
                ProblemKind::Malformed,
                &invalid.to_string(),
                "the server keeps buckets under names that S3 does not have; give one by name instead",
            )
        })?;
        let region = bucket.bucket_region().and_then(region_named);
        if let Some(region) = &region {
            aws.learn_region(&name, region.clone());
        }
        buckets.push(BucketEntry {
            name,
            region,
            created: time(bucket.creation_date()),
        });
    }
    Ok(BucketPage {
        buckets,
        next: answer
            .continuation_token()
            .filter(|token| !token.is_empty())
            .map(str::to_owned),
    })
}

/// Learns the Region of a bucket, which S3 tells in a header even to those who may not list it.
///
/// A server that answers for the bucket and names no Region has it where it was asked, in the configured one; that is
/// taken for the answer and not remembered, so that a later redirect is believed. A refusal says nothing: requests
/// then go to the configured Region all the same, and the bucket's own stays unknown.
pub async fn region(aws: &Aws, bucket: &BucketName, meter: &Meter) -> Result<Region, Problem> {
    if let Some(known) = aws.known_region(bucket) {
        return Ok(known);
    }
    let call = Call::on(&operations::HEAD_BUCKET, bucket, "");
    let answer = aws
        .s3()
        .head_bucket()
        .bucket(bucket.as_str())
        .customize()
        .interceptor(meter.counting())
        .send()
        .await;
    let named = match &answer {
        Ok(head) => head.bucket_region().and_then(region_named),
        Err(error) => region_in(error),
    };
    if let Some(region) = named {
        aws.learn_region(bucket, region.clone());
        return Ok(region);
    }
    match answer {
        Ok(_) => Ok(aws.region().clone()),
        Err(error) => Err(explain(aws, &call, &error)),
    }
}

/// Whether a bucket keeps versions. "Never enabled" is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versioning {
    /// Whether versions are kept now, or were once and are no longer made.
    pub state: VersioningState,
    /// Whether deleting a version needs a second factor.
    pub mfa_delete: bool,
}

/// The two states of a bucket that ever had versioning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersioningState {
    /// Each write makes a version.
    Enabled,
    /// Old versions stay, new writes replace the `null` version.
    Suspended,
}

/// Asks whether a bucket keeps versions; `None` when it never did.
pub async fn versioning(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
) -> Result<Option<Versioning>, Problem> {
    use aws_sdk_s3::types::{BucketVersioningStatus as Status, MfaDeleteStatus};
    let call = Call::on(&operations::GET_BUCKET_VERSIONING, bucket, "");
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.get_bucket_versioning()
                .bucket(bucket.as_str())
                .customize()
                .interceptor(meter.counting())
                .send()
        })
        .await?;
    let state = match answer.status() {
        None => return Ok(None),
        Some(Status::Enabled) => VersioningState::Enabled,
        Some(Status::Suspended) => VersioningState::Suspended,
        Some(other) => {
            return Err(call.problem(
                ProblemKind::Malformed,
                &format!("the service says {:?}", other.as_str()),
                "neither Enabled nor Suspended: the state stays unknown",
            ));
        }
    };
    Ok(Some(Versioning {
        state,
        mfa_delete: answer.mfa_delete() == Some(&MfaDeleteStatus::Enabled),
    }))
}

/// How new objects of a bucket are encrypted when the request does not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encryption {
    /// `AES256`, `aws:kms` or `aws:kms:dsse`, as the service spells it.
    pub algorithm: String,
    /// The key's id or ARN; `None` with `aws:kms` means the account's `aws/s3` key.
    pub key_id: Option<String>,
    /// Whether one data key serves many objects. It means nothing with `AES256`.
    pub bucket_key: bool,
}

/// Asks how a bucket encrypts; `None` when it has no rule.
pub async fn encryption(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
) -> Result<Option<Encryption>, Problem> {
    let call = Call::on(&operations::GET_BUCKET_ENCRYPTION, bucket, "");
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.get_bucket_encryption()
                .bucket(bucket.as_str())
                .customize()
                .interceptor(meter.counting())
                .send()
        })
        .await?;
    let rules = answer
        .server_side_encryption_configuration()
        .map(aws_sdk_s3::types::ServerSideEncryptionConfiguration::rules)
        .unwrap_or_default();
    // There is one rule at most; one without a default only sets the bucket key.
    Ok(rules.iter().find_map(|rule| {
        let default = rule.apply_server_side_encryption_by_default()?;
        Some(Encryption {
            algorithm: default.sse_algorithm().as_str().to_owned(),
            key_id: default.kms_master_key_id().map(str::to_owned),
            bucket_key: rule.bucket_key_enabled().unwrap_or(false),
        })
    }))
}

/// What public access a bucket blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "S3's own four switches, each with a meaning of its own"
)]
pub struct PublicAccess {
    /// New public ACLs are refused.
    pub block_public_acls: bool,
    /// Public ACLs that exist have no effect.
    pub ignore_public_acls: bool,
    /// New public policies are refused.
    pub block_public_policy: bool,
    /// A public policy lets only the account's own principals and AWS services through.
    pub restrict_public_buckets: bool,
}

impl PublicAccess {
    /// Whether all four switches are on, so that nothing in the bucket can be public.
    #[must_use]
    pub fn blocks_everything(self) -> bool {
        self.block_public_acls
            && self.ignore_public_acls
            && self.block_public_policy
            && self.restrict_public_buckets
    }
}

/// Asks what public access a bucket blocks; `None` when it has no block of its own (the account's may apply).
pub async fn public_access(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
) -> Result<Option<PublicAccess>, Problem> {
    let call = Call::on(&operations::GET_PUBLIC_ACCESS_BLOCK, bucket, "");
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.get_public_access_block()
                .bucket(bucket.as_str())
                .customize()
                .interceptor(meter.counting())
                .send()
        })
        .await?;
    Ok(answer
        .public_access_block_configuration()
        .map(|block| PublicAccess {
            block_public_acls: block.block_public_acls().unwrap_or(false),
            ignore_public_acls: block.ignore_public_acls().unwrap_or(false),
            block_public_policy: block.block_public_policy().unwrap_or(false),
            restrict_public_buckets: block.restrict_public_buckets().unwrap_or(false),
        }))
}
