//! No more requests are under way at once than were asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::StreamExt;
use s3warden::facade::aws::{Aws, Meter};
use s3warden::facade::domain::OwnerId;
use s3warden::facade::domain::blueprint::BucketBlueprint;
use s3warden::facade::ops::audit::{self, AuditLimits, Inquiry, Target};
use s3warden::facade::ops::listing::{self, ListingRequest};
use s3warden::facade::ops::owners::{self, OwnerItems, OwnerLimits};
use s3warden::facade::ops::{Gate, bucket_facts, buckets};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::stub::{Answer, connect, read_request, write_answer};
use super::world::name;

/// Long enough for every request that may be under way to arrive before the first one is answered; a run in which
/// they come later finds fewer, never more.
const ANSWERED_AFTER: Duration = Duration::from_millis(30);

/// A server with ten folders at every level and nothing in them, which counts how many requests it has at once.
struct Busy {
    url: String,
    most: Arc<AtomicUsize>,
    server: JoinHandle<()>,
}

impl Busy {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::default());
        let seen = Arc::clone(&most);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&now), Arc::clone(&seen)));
            }
        });
        Self { url, most, server }
    }

    async fn connect(&self) -> Aws {
        connect(&self.url).await
    }

    fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(mut stream: TcpStream, now: Arc<AtomicUsize>, most: Arc<AtomicUsize>) {
    let request = read_request(&mut stream).await;
    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
    tokio::time::sleep(ANSWERED_AFTER).await;
    now.fetch_sub(1, Ordering::SeqCst);
    let folders: Vec<String> = (0..10)
        .map(|n| format!("<CommonPrefixes><Prefix>{{prefix}}user-{n}/</Prefix></CommonPrefixes>"))
        .collect();
    let prefix = request
        .split_once("prefix=")
        .map_or("", |(_, rest)| rest.split(['&', ' ']).next().unwrap())
        .replace("%2F", "/");
    let body = if request.contains("delimiter=") {
        folders.concat().replace("{prefix}", &prefix)
    } else {
        String::new()
    };
    let body = format!("<ListBucketResult>{body}</ListBucketResult>");
    write_answer(&mut stream, &Answer::xml(200, &body)).await;
}

fn limits(in_flight: usize) -> OwnerLimits {
    OwnerLimits {
        in_flight,
        ..OwnerLimits::default()
    }
}

#[tokio::test]
async fn facts_of_many_buckets_take_as_many_requests_at_once_as_there_are_jobs() {
    for jobs in [1, 5] {
        let busy = Busy::start().await;
        let aws = busy.connect().await;
        let meter = Meter::new();
        let fleet: Vec<_> = (0..6).map(|n| name(&format!("media-{n}"))).collect();
        let facts = bucket_facts::facts_of(&aws, fleet.clone(), jobs, &meter)
            .collect::<Vec<_>>()
            .await;
        assert_eq!(facts.len(), 24);
        assert!(busy.most() <= jobs, "{} at once", busy.most());

        let busy = Busy::start().await;
        let aws = busy.connect().await;
        let gate = Gate::new(jobs);
        let asked = fleet
            .iter()
            .map(|bucket| buckets::facts_through(&aws, bucket, &meter, &gate));
        futures::future::join_all(asked).await;
        assert!(busy.most() <= jobs, "{} at once", busy.most());
    }
}

#[tokio::test]
async fn an_audit_of_many_buckets_keeps_to_the_requests_that_may_be_under_way() {
    let busy = Busy::start().await;
    let aws = busy.connect().await;
    let targets = (0..4)
        .map(|n| Target::unknown(name(&format!("media-{n}"))))
        .collect();
    let (gate, meter) = (Gate::new(3), Meter::new());
    let inquiry = Inquiry::of_stranger(AuditLimits::default(), Vec::new());
    let audits = audit::of_buckets(&aws, targets, &inquiry, &gate, &meter);
    assert_eq!(audits.collect::<Vec<_>>().await.len(), 4);
    assert!(busy.most() <= 3, "{} at once", busy.most());
}

#[tokio::test]
async fn counting_all_owners_keeps_to_the_requests_that_may_be_under_way() {
    let busy = Busy::start().await;
    let (updates, mut inbox) = mpsc::channel(1);
    let bucket = BucketBlueprint::under_prefix(name("media"), "users/");
    let work = tokio::spawn(owners::stream(
        busy.connect().await,
        bucket,
        limits(2),
        CancellationToken::new(),
        Meter::new(),
        updates,
    ));
    while inbox.recv().await.is_some() {}
    work.await.unwrap();
    assert!(busy.most() <= 2, "{} at once", busy.most());
}

#[tokio::test]
async fn a_listing_keeps_to_the_requests_that_may_be_under_way() {
    for in_flight in [1, 5] {
        let busy = Busy::start().await;
        let (updates, mut inbox) = mpsc::channel(1);
        let prefixes = (0..20).map(|n| format!("user-{n}/")).collect();
        let request = ListingRequest {
            in_flight,
            ..ListingRequest::of_prefixes(name("media"), prefixes)
        };
        let work = tokio::spawn(listing::objects(
            busy.connect().await,
            request,
            CancellationToken::new(),
            Meter::new(),
            updates,
        ));
        while inbox.recv().await.is_some() {}
        work.await.unwrap();
        assert!(busy.most() <= in_flight, "{} at once", busy.most());
    }
}

#[tokio::test]
async fn listing_one_owner_keeps_to_the_requests_that_may_be_under_way() {
    let busy = Busy::start().await;
    let (pages, mut inbox) = mpsc::channel(1);
    let work = tokio::spawn(owners::objects_of(
        busy.connect().await,
        BucketBlueprint::by_depth(name("media"), 1),
        OwnerId::new("user-1").unwrap(),
        limits(2),
        CancellationToken::new(),
        Meter::new(),
        pages,
    ));
    while let Some(items) = inbox.recv().await {
        assert!(matches!(items, OwnerItems::Done(_)), "{items:?}");
    }
    work.await.unwrap();
    assert!(busy.most() <= 2, "{} at once", busy.most());
}
