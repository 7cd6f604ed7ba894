//! Directory buckets: one page after the other, in no order, from the beginning alone.

use s3warden::facade::aws::Meter;
use s3warden::facade::ops::listing::ListingRequest;

use super::result;
use super::support::list;
use crate::ops::stub::{Answer, Stub};
use crate::ops::world::name;

const BUCKET: &str = "media--use1-az4--x-s3";

/// The credentials for a bucket that the SDK asks for before it talks to it.
fn session() -> Answer {
    Answer::xml(
        200,
        "<CreateSessionResult><Credentials><SessionToken>t</SessionToken><SecretAccessKey>s</SecretAccessKey>\
         <AccessKeyId>a</AccessKeyId><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></CreateSessionResult>",
    )
}

#[tokio::test]
async fn a_directory_bucket_is_listed_by_its_tokens_alone_in_whatever_order_it_has() {
    let stub = Stub::start(vec![
        session(),
        result(&["b/2", "a/1"], Some("one")),
        result(&["c/3", "a/0"], Some("two")),
        result(&["b/1"], None),
    ])
    .await;
    let request = ListingRequest::new(name(BUCKET), "").in_key_order();
    let listed = list(&stub.connect().await, request, &Meter::new()).await;
    assert!(
        listed.summary.coverage.is_complete(),
        "{:?}",
        listed.summary
    );
    assert!(!listed.summary.in_order);
    assert_eq!(listed.ordered_keys(), ["b/2", "a/1", "c/3", "a/0", "b/1"]);
    let requests = stub.requests();
    assert_eq!(requests.len(), 4, "{requests:?}");
    for request in &requests {
        let refused = ["start-after", "delimiter"];
        assert!(!refused.iter().any(|word| request.contains(word)));
    }
}

#[tokio::test]
async fn a_directory_bucket_that_comes_to_an_early_end_is_not_complete() {
    let stub = Stub::start(vec![
        session(),
        result(&["b/2", "a/1"], Some("one")),
        Answer::error(403, "AccessDenied", "no"),
    ])
    .await;
    let request = ListingRequest::new(name(BUCKET), "");
    let listed = list(&stub.connect().await, request, &Meter::new()).await;
    let [gap] = listed.summary.coverage.gaps() else {
        panic!("{:?}", listed.summary);
    };
    assert_eq!(gap.what, format!("all keys of s3://{BUCKET}/"));
    assert_eq!(listed.keys(), ["b/2", "a/1"]);
}
