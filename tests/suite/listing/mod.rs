//! The listing engine through the wire: every key once, or a result that says that it is partial.

mod directory;
mod key_order;
mod kinds;
mod property;
mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use s3warden::facade::aws::{Meter, ProblemKind};
use s3warden::facade::domain::ObjectSummary;
use s3warden::facade::ops::listing::{self, ListingRequest};
use s3warden::facade::sandbox::world::World;
use s3warden::facade::sandbox::{Fault, FaultRule, Latency, Sandbox};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::ops::stub::{Answer, Stub};
use super::ops::world::{holding, name, sandbox};
use support::{Outcome, everything, list, list_while};

/// 3,000 objects of 60 users below one folder, and ten beside it.
fn users() -> Vec<String> {
    let owned = (0..3_000).map(|n| format!("uploads/user-{:03}/{n:05}.jpg", n % 60));
    let loose = (0..10).map(|n| format!("zz-loose-{n}"));
    owned.chain(loose).collect()
}

#[tokio::test]
async fn a_small_bucket_takes_one_page_and_one_look_for_folders() {
    let (sandbox, aws) = sandbox(vec![holding("media", ["a/1", "a/2", "b"])]).await;
    let meter = Meter::new();
    let listed = list(&aws, everything(None), &meter).await;
    assert_eq!(listed.keys(), ["a/1", "a/2", "b"]);
    assert!(listed.summary.coverage.is_complete());
    assert_eq!(listed.summary.total.objects, 3);
    assert_eq!(listed.summary.total.bytes.bytes(), 6);
    assert!(sandbox.requests().of("ListObjectsV2") <= 2);
}

#[tokio::test]
async fn an_empty_bucket_is_complete() {
    let (_sandbox, aws) = sandbox(vec![holding("media", Vec::<String>::new())]).await;
    let listed = list(&aws, everything(None), &Meter::new()).await;
    assert!(listed.summary.coverage.is_complete() && listed.pages.is_empty());
}

#[tokio::test]
async fn a_bucket_with_folders_is_listed_in_segments_with_few_more_requests_than_pages() {
    let (sandbox, aws) = sandbox(vec![holding("media", users())]).await;
    sandbox.set_latency(Latency::uniform(Duration::from_millis(2)));
    let listed = list(&aws, everything(Some(20)), &Meter::new()).await;
    let mut expected = users();
    expected.sort();
    assert_eq!(listed.ordered_keys(), expected);
    assert!(listed.summary.coverage.is_complete() && listed.summary.in_order);
    assert!(listed.segments > 8, "{} segments", listed.segments);
    let requests = sandbox.requests().of("ListObjectsV2");
    assert!(
        (151..=330).contains(&requests),
        "{requests} requests for 151 pages"
    );
    let keys: Vec<_> = listed
        .columns()
        .iter()
        .map(|o| o.key.as_str().to_owned())
        .collect();
    assert_eq!(keys, expected);
}

#[tokio::test]
async fn many_prefixes_are_listed_in_one_go_and_each_key_once() {
    let (_sandbox, aws) = sandbox(vec![holding("media", users())]).await;
    let prefixes = [
        "uploads/user-002/",
        "uploads/user-01",
        "uploads/user-010/",
        "nothing/",
    ];
    let request = ListingRequest {
        page: Some(7),
        ..ListingRequest::of_prefixes(name("media"), prefixes.map(str::to_owned).to_vec())
    };
    let listed = list(&aws, request, &Meter::new()).await;
    let mut expected = users();
    expected.retain(|key| prefixes.iter().any(|prefix| key.starts_with(prefix)));
    expected.sort();
    assert_eq!(listed.ordered_keys(), expected);
    assert!(listed.summary.coverage.is_complete());
}

#[tokio::test]
async fn no_prefix_at_all_asks_for_nothing() {
    let (sandbox, aws) = sandbox(vec![holding("media", ["a"])]).await;
    let request = ListingRequest::of_prefixes(name("media"), Vec::new());
    let listed = list(&aws, request, &Meter::new()).await;
    assert!(listed.pages.is_empty() && listed.summary.coverage.is_complete());
    assert_eq!(sandbox.requests().total(), 0);
}

#[tokio::test]
async fn a_denied_prefix_makes_the_result_partial_and_names_it() {
    let (sandbox, aws) = sandbox(vec![holding("media", users())]).await;
    sandbox.set_faults(vec![
        FaultRule::new(Fault::AccessDenied).at("*", "uploads/user-002/"),
    ]);
    let prefixes = ["uploads/user-001/", "uploads/user-002/"].map(str::to_owned);
    let request = ListingRequest::of_prefixes(name("media"), prefixes.to_vec());
    let listed = list(&aws, request, &Meter::new()).await;
    assert_eq!(listed.items().count(), 50);
    let [gap] = listed.summary.coverage.gaps() else {
        panic!("{:?}", listed.summary.coverage);
    };
    assert_eq!(gap.what, "all keys of s3://media/uploads/user-002/");
    assert_eq!(gap.problem.as_ref().unwrap().kind, ProblemKind::Denied);
}

#[tokio::test]
async fn slow_downs_are_sent_again_by_the_engine_and_not_by_the_sdk() {
    let (sandbox, aws) = sandbox(vec![holding("media", ["a"])]).await;
    sandbox.set_faults(vec![FaultRule::new(Fault::SlowDown).times(2)]);
    let meter = Meter::new();
    let request = ListingRequest {
        in_flight: 1,
        ..everything(None)
    };
    let listed = list(&aws, request.clone(), &meter).await;
    assert!(listed.summary.coverage.is_complete());
    assert_eq!((meter.requests(), meter.retries()), (3, 2));

    sandbox.set_faults(vec![FaultRule::new(Fault::SlowDown)]);
    sandbox.requests().reset();
    let listed = list(
        &aws,
        ListingRequest {
            tries: 3,
            ..request
        },
        &Meter::new(),
    )
    .await;
    let gaps = listed.summary.coverage.gaps();
    assert_eq!(
        gaps[0].problem.as_ref().unwrap().kind,
        ProblemKind::Throttled
    );
    assert_eq!(sandbox.requests().of("ListObjectsV2"), 3);
}

#[tokio::test]
async fn cancelling_stops_asking_and_says_what_was_not_reached() {
    let (sandbox, aws) = sandbox(vec![holding("media", users())]).await;
    let cancel = CancellationToken::new();
    let stop = cancel.clone();
    let at_page = move |page| {
        if page == 3 {
            stop.cancel();
        }
    };
    let request = everything(Some(10));
    let listed: Outcome<ObjectSummary> =
        list_while(&aws, request, &Meter::new(), &cancel, at_page).await;
    assert!(!listed.summary.coverage.is_complete());
    assert!(listed.summary.coverage.gaps()[0].why.contains("cancelled"));
    assert_eq!(listed.summary.total.objects, listed.items().count() as u64);
    assert!(sandbox.requests().of("ListObjectsV2") < 100);

    let before = sandbox.requests().total();
    let listed: Outcome<ObjectSummary> =
        list_while(&aws, everything(None), &Meter::new(), &cancel, |_| {}).await;
    assert!(!listed.summary.coverage.is_complete() && listed.pages.is_empty());
    assert_eq!(
        sandbox.requests().total(),
        before,
        "nothing is sent when it is too late"
    );
}

#[tokio::test]
async fn a_reader_that_goes_away_ends_the_listing() {
    let (_sandbox, aws) = sandbox(vec![holding("media", users())]).await;
    let (updates, inbox) = mpsc::channel(1);
    drop(inbox);
    let cancel = CancellationToken::new();
    listing::objects(aws, everything(Some(10)), cancel, Meter::new(), updates).await;
}

fn result(keys: &[&str], next: Option<&str>) -> Answer {
    Answer::xml(200, &document(keys, &[], next))
}

fn document(keys: &[&str], folders: &[&str], next: Option<&str>) -> String {
    let contents = keys
        .iter()
        .map(|key| format!("<Contents><Key>{key}</Key><Size>1</Size></Contents>"));
    let prefixes = folders
        .iter()
        .map(|folder| format!("<CommonPrefixes><Prefix>{folder}</Prefix></CommonPrefixes>"));
    let rows: Vec<String> = contents.chain(prefixes).collect();
    let truncated = next.is_some();
    let token = next.map_or(String::new(), |token| {
        format!("<NextContinuationToken>{token}</NextContinuationToken>")
    });
    format!(
        "<ListBucketResult><IsTruncated>{truncated}</IsTruncated>{token}{}</ListBucketResult>",
        rows.concat()
    )
}

/// A server that begins with the first key whatever `start-after` says; five rows a page.
async fn forgetful(keys: Vec<String>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let keys = keys.clone();
            tokio::spawn(async move {
                let mut head = [0; 8192];
                let length = stream.read(&mut head).await.unwrap();
                let head = String::from_utf8_lossy(&head[..length]).into_owned();
                let body = forgetful_page(&keys, head.lines().next().unwrap());
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            });
        }
    });
    url
}

fn forgetful_page(keys: &[String], line: &str) -> String {
    let mut query = line.split(['?', '&', ' ']);
    if line.contains("delimiter=") {
        let folders: BTreeSet<&str> = keys
            .iter()
            .map(|key| &key[..=key.find('/').unwrap()])
            .collect();
        return document(&[], &Vec::from_iter(folders), None);
    }
    let from: usize = query
        .find_map(|word| word.strip_prefix("continuation-token="))
        .map_or(0, |token| token.parse().unwrap());
    let page: Vec<&str> = keys.iter().skip(from).take(5).map(String::as_str).collect();
    let next = (from + 5 < keys.len()).then(|| (from + 5).to_string());
    document(&page, &[], next.as_deref())
}

#[tokio::test]
async fn a_server_that_ignores_start_after_is_listed_one_page_after_the_other() {
    // An object stands at the very place of each folder, which is where a listing is cut.
    let keys = (0..100).map(|n| match n % 4 {
        0 => format!("{:02}/", n / 4),
        _ => format!("{:02}/{n:03}", n / 4),
    });
    let keys: Vec<String> = keys.collect();
    let aws = super::ops::stub::connect(&forgetful(keys.clone()).await).await;
    let listed = list(&aws, everything(None), &Meter::new()).await;
    assert!(
        listed.summary.coverage.is_complete(),
        "{:?}",
        listed.summary
    );
    assert!(listed.segments > 1, "it was tried");
    assert_eq!(listed.ordered_keys(), keys);
    assert_eq!(listed.items().count(), keys.len());
}

/// One request at a time, so that answers are given in turn.
fn in_turn() -> ListingRequest {
    ListingRequest {
        in_flight: 1,
        ..everything(None)
    }
}

#[tokio::test]
async fn tokens_that_lead_in_a_circle_end_the_listing_as_partial() {
    let stub = Stub::start(vec![
        result(&["a"], Some("one")),
        result(&["b"], Some("two")),
        result(&["c"], Some("one")),
        result(&["b"], Some("two")),
    ])
    .await;
    let request = ListingRequest {
        one_by_one: true,
        ..in_turn()
    };
    let listed = list(&stub.connect().await, request, &Meter::new()).await;
    assert!(!listed.summary.coverage.is_complete());
    assert!(listed.summary.coverage.gaps()[0].why.contains("twice"));
    assert_eq!(stub.requests().len(), 3);
}

#[tokio::test]
async fn a_server_that_lists_folder_by_folder_is_listed_to_its_end_all_the_same() {
    let pages = vec![result(&["a/b", "a.txt"], Some("one")), result(&["b"], None)];
    let stub = Stub::start(pages).await;
    let listed = list(&stub.connect().await, in_turn(), &Meter::new()).await;
    assert_eq!(listed.keys(), ["a/b", "a.txt", "b"]);
    assert!(listed.summary.coverage.is_complete());
    assert!(!listed.summary.in_order);
}

#[tokio::test]
async fn a_server_in_no_order_is_listed_when_that_was_asked_for_and_believed_never_otherwise() {
    let pages = || vec![result(&["b", "A"], Some("one")), result(&["a"], None)];
    let stub = Stub::start(pages()).await;
    let listed = list(&stub.connect().await, in_turn(), &Meter::new()).await;
    assert!(listed.summary.coverage.gaps()[0].why.contains("went back"));

    let stub = Stub::start(pages()).await;
    let request = ListingRequest {
        one_by_one: true,
        ..in_turn()
    };
    let listed = list(&stub.connect().await, request, &Meter::new()).await;
    assert_eq!(listed.keys(), ["b", "A", "a"]);
    assert!(listed.summary.coverage.is_complete());
}

#[tokio::test]
async fn a_server_that_repeats_its_pages_under_new_tokens_is_not_listed_for_ever() {
    for one_by_one in [false, true] {
        let pages = ["one", "two", "three", "four"].map(|token| result(&["a", "b"], Some(token)));
        let stub = Stub::start(pages.to_vec()).await;
        let request = ListingRequest {
            one_by_one,
            ..in_turn()
        };
        let listed = list(&stub.connect().await, request, &Meter::new()).await;
        assert_eq!(listed.keys(), ["a", "b"], "{one_by_one}");
        assert!(listed.summary.coverage.gaps()[0].why.contains("went back"));
    }
}

/// What the shapes of real buckets cost; printed for the curious, asserted with room. With as many requests at once as the
/// program sends by default: many more would be free while a busy machine answers late, and each free one looks for a place to
/// cut.
#[tokio::test]
async fn twenty_thousand_keys_cost_little_more_than_twice_their_pages() {
    for shape in ["flat", "users", "dates", "skew"] {
        let world = World::synthetic(&format!("{shape}:20000")).unwrap();
        let bucket = world.buckets[0].name.clone();
        let (sandbox, aws) = sandbox(world.buckets).await;
        let request = ListingRequest {
            in_flight: 16,
            ..ListingRequest::new(name(&bucket), "")
        };
        let listed = list(&aws, request, &Meter::new()).await;
        assert!(listed.summary.coverage.is_complete());
        assert_eq!(listed.items().count(), 20_000);
        let requests = lists(&sandbox);
        println!(
            "{shape}: {requests} LISTs for 20,000 keys, {} segments",
            listed.segments
        );
        assert!(requests <= 60, "{shape}: {requests}");
    }
}

fn lists(sandbox: &Sandbox) -> u64 {
    sandbox.requests().of("ListObjectsV2")
}
