//! Determines the URL of a bucket with the SDK's own rules: host or path style, Regions, partitions, names with dots.

use aws_sdk_s3::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};

use crate::aws::Aws;
use crate::aws::explain::chain;
use crate::domain::{BucketName, Region};

/// The URL of a bucket without a trailing slash, exactly as the SDK's client would use it.
///
/// # Errors
/// If the rules do not support such a name.
pub(super) async fn of_bucket(
    aws: &Aws,
    bucket: &BucketName,
    region: &Region,
) -> Result<String, String> {
    let params = Params::builder()
        .bucket(bucket.as_str())
        .region(region.as_str())
        .set_endpoint(aws.endpoint().map(str::to_owned))
        .force_path_style(aws.path_style())
        .set_use_fips(aws.sdk().use_fips())
        .set_use_dual_stack(aws.sdk().use_dual_stack())
        .build()
        .map_err(|error| chain(&error))?;
    let endpoint = DefaultResolver::new()
        .resolve_endpoint(&params)
        .await
        .map_err(|error| chain(error.as_ref()))?;
    Ok(endpoint.url().trim_end_matches('/').to_owned())
}
