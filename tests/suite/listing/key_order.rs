//! What is wanted in key order is not held back in any amount.

use std::time::Duration;

use s3warden::facade::aws::Meter;
use s3warden::facade::ops::listing::ListingRequest;
use s3warden::facade::sandbox::{Fault, FaultRule, Latency};

use super::support::{everything, list};
use super::users;
use crate::ops::world::{holding, name, sandbox};

#[tokio::test]
async fn segments_run_ahead_of_a_slow_first_one_by_so_much_and_no_more() {
    let folders = || ('a'..='h').map(|folder| format!("{folder}/"));
    let keys = folders().flat_map(|folder| (0..200).map(move |n| format!("{folder}{n:03}")));
    let (sandbox, aws) = sandbox(vec![holding("media", keys.clone())]).await;
    let slow = Fault::Slow(Duration::from_millis(1));
    sandbox.set_faults(vec![FaultRule::new(slow).at("*", "a/")]);
    let request = ListingRequest {
        page: Some(10),
        ahead: Some(120),
        in_flight: 4,
        ..ListingRequest::of_prefixes(name("media"), folders().collect())
    };
    let listed = list(&aws, request, &Meter::new()).await;
    assert!(listed.summary.coverage.is_complete());
    assert_eq!(listed.ordered_keys(), keys.collect::<Vec<_>>());
    assert!(
        (1..=120).contains(&listed.held),
        "{} were held back",
        listed.held
    );
}

#[tokio::test]
async fn a_listing_in_key_order_is_cut_near_its_beginning_and_costs_few_more_requests_than_pages() {
    let (sandbox, aws) = sandbox(vec![holding("media", users())]).await;
    sandbox.set_latency(Latency::uniform(Duration::from_millis(2)));
    let request = ListingRequest {
        ahead: Some(600),
        ..everything(Some(20))
    };
    let listed = list(&aws, request, &Meter::new()).await;
    let mut expected = users();
    expected.sort();
    assert_eq!(listed.ordered_keys(), expected);
    assert!(listed.held <= 600, "{} were held back", listed.held);
    assert!(listed.segments > 8, "{} segments", listed.segments);
    let requests = sandbox.requests().of("ListObjectsV2");
    assert!(
        (151..=330).contains(&requests),
        "{requests} requests for 151 pages"
    );
}

#[tokio::test]
async fn the_first_segment_goes_on_even_when_nothing_may_be_held_back() {
    let (_sandbox, aws) = sandbox(vec![holding("media", users())]).await;
    let request = ListingRequest {
        ahead: Some(0),
        ..everything(Some(100))
    };
    let listed = list(&aws, request, &Meter::new()).await;
    assert!(listed.summary.coverage.is_complete());
    assert_eq!((listed.ordered.len(), listed.held), (3_010, 0));
}
