//! Every bucket is in one Region, and a request for it has to be signed for that Region.
//!
//! This endpoint stands in for all Regions at once. What Region a client addressed is told by its signature: a
//! path-style request went to that Region's endpoint, which redirects; a virtual-hosted one was taken to the bucket
//! by its name, where the signature turns out to be for elsewhere.

use hyper::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use hyper::{Method, StatusCode};
use s3s::HttpResponse;

use super::answer::{self, BUCKET_REGION};
use super::operation::Target;
use super::store::Store;

/// The Region whose endpoint answers for buckets everywhere.
const EVERYWHERE: &str = "us-east-1";

/// The answer to a request that is signed for another Region than its bucket's; `None`: it may go on.
pub(super) fn redirect(
    store: &Store,
    target: &Target,
    method: &Method,
    headers: &HeaderMap,
) -> Option<HttpResponse> {
    let bucket = target.bucket.as_deref()?;
    let (signed_for, in_query) = signed_region(target, headers)?;
    let region = of_bucket(store, bucket)?;
    let goes_anywhere = target.operation == "CreateBucket"
        || (target.operation == "GetBucketLocation" && signed_for == EVERYWHERE);
    if signed_for == region || goes_anywhere {
        return None;
    }
    let mut answer = if !target.virtual_hosted {
        let endpoint = format!("{bucket}.s3.{region}.amazonaws.com");
        answer::error_with(
            StatusCode::MOVED_PERMANENTLY,
            "PermanentRedirect",
            "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all \
             future requests to this endpoint.",
            &[
                ("Endpoint", &endpoint),
                ("Bucket", bucket),
                ("Region", &region),
            ],
        )
    } else if in_query {
        answer::error_with(
            StatusCode::BAD_REQUEST,
            "AuthorizationQueryParametersError",
            &format!(
                "Error parsing the X-Amz-Credential parameter; the region '{signed_for}' is wrong; expecting '{region}'"
            ),
            &[("Region", &region)],
        )
    } else {
        answer::error_with(
            StatusCode::BAD_REQUEST,
            "AuthorizationHeaderMalformed",
            &format!(
                "The authorization header is malformed; the region '{signed_for}' is wrong; expecting '{region}'"
            ),
            &[("Region", &region)],
        )
    };
    if *method == Method::HEAD {
        answer = answer.map(|_| s3s::Body::empty());
    }
    tell(&mut answer, &region);
    Some(answer)
}

/// Where a bucket is.
pub(super) fn of_bucket(store: &Store, bucket: &str) -> Option<String> {
    store.read(bucket, |bucket| Ok(bucket.region.clone())).ok()
}

/// Puts the bucket's Region on an answer.
pub(super) fn tell(answer: &mut HttpResponse, region: &str) {
    if let Ok(region) = HeaderValue::from_str(region) {
        answer.headers_mut().insert(BUCKET_REGION, region);
    }
}

/// The Region in a `SigV4` credential scope, and whether it stood in the query; `None` for what is not signed so.
fn signed_region<'r>(target: &'r Target, headers: &'r HeaderMap) -> Option<(&'r str, bool)> {
    let header = || headers.get(AUTHORIZATION)?.to_str().ok();
    let (credential, in_query) = match target.parameter("X-Amz-Credential") {
        Some(credential) => (credential, true),
        None => (answer::between(header()?, "Credential=", ",")?, false),
    };
    // KEY/DATE/REGION/s3/aws4_request, told from the end because a key may hold a slash.
    credential
        .rsplit('/')
        .nth(2)
        .map(|region| (region, in_query))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_is_read_from_the_header_or_the_query() {
        let mut headers = HeaderMap::new();
        let value = "AWS4-HMAC-SHA256 Credential=K/EY/20240101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0";
        headers.insert(AUTHORIZATION, value.parse().unwrap());
        let target = Target::of(&Method::GET, &"/b".parse().unwrap(), &headers);
        assert_eq!(signed_region(&target, &headers), Some(("eu-west-1", false)));

        let uri = "/b?X-Amz-Credential=KEY%2F20240101%2Fus-west-2%2Fs3%2Faws4_request";
        let target = Target::of(&Method::GET, &uri.parse().unwrap(), &HeaderMap::new());
        assert_eq!(
            signed_region(&target, &HeaderMap::new()),
            Some(("us-west-2", true))
        );
    }

    #[test]
    fn what_is_not_signed_has_no_region() {
        let target = Target::of(&Method::GET, &"/b".parse().unwrap(), &HeaderMap::new());
        assert_eq!(signed_region(&target, &HeaderMap::new()), None);
    }
}
