//! How many round trips and requests a listing takes at each shape of keys.
//!
//! Time is made up: an answer takes one round trip, and the next one comes when everybody waits for answers. Nothing else
//! takes any time, so that the figures are the same on every machine.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::{Listed, ListingRequest, ListingUpdate, Portion, Summary, items};
use crate::aws::{Aws, ConnectOptions, Meter, Problem, StaticCredentials};
use crate::domain::{BucketName, ByteSize, Tally};
use crate::ops::browse::{ListRequest, Start};
use crate::sandbox::world::World;

/// How often everybody gets a turn before everybody is taken to wait: more often than a message goes from hand to hand.
const TURNS: usize = 256;

/// The bucket that is listed on this thread.
#[derive(Default)]
struct Shelf {
    keys: Vec<String>,
    requests: Cell<u64>,
    /// Round trips that have passed.
    now: Cell<u64>,
    /// Requests in flight, each with when its answer comes.
    flying: RefCell<VecDeque<(u64, oneshot::Sender<()>)>>,
    most: Cell<usize>,
}

thread_local! {
    static SHELF: RefCell<Shelf> = RefCell::default();
}

/// A key, and nothing under it.
#[derive(Debug, Clone)]
struct Key(String);

impl Shelf {
    /// Takes a request in; its answer can be made when the receiver is told.
    fn take(&self) -> oneshot::Receiver<()> {
        let (tell, told) = oneshot::channel();
        self.requests.set(self.requests.get() + 1);
        let mut flying = self.flying.borrow_mut();
        flying.push_back((self.now.get() + 1, tell));
        self.most.set(self.most.get().max(flying.len()));
        told
    }

    /// Lets time pass until the next answers come; false when nobody waits for one.
    fn pass(&self) -> bool {
        let mut flying = self.flying.borrow_mut();
        let Some(&(next, _)) = flying.front() else {
            return false;
        };
        self.now.set(next);
        while let Some((_, tell)) = flying.pop_front_if(|(due, _)| *due <= next) {
            let _ = tell.send(());
        }
        true
    }

    fn page(&self, request: &ListRequest<String>) -> Portion<Key> {
        let most = usize::from(request.max_keys.unwrap_or(1_000));
        let prefix = request.prefix.as_str();
        let after = match &request.start {
            Start::Beginning => None,
            Start::After(key) | Start::Next(key) => Some(key.as_str()),
        };
        let begin = self.keys.partition_point(|key| key.as_str() < prefix);
        let mut at = begin.max(after.map_or(0, |after| {
            self.keys.partition_point(|key| key.as_str() <= after)
        }));
        let mut portion = Portion {
            prefixes: Vec::new(),
            items: Vec::new(),
            next: None,
            undecided: 0,
        };
        let mut last = String::new();
        while let Some(key) = self.keys.get(at).filter(|key| key.starts_with(prefix)) {
            if portion.items.len() + portion.prefixes.len() == most {
                portion.next = Some(last);
                break;
            }
            let slash = key[prefix.len()..].find('/').filter(|_| request.delimiter);
            match slash {
                None => {
                    last.clone_from(key);
                    portion.items.push(Key(key.clone()));
                    at += 1;
                }
                Some(slash) => {
                    let folder = &key[..=prefix.len() + slash];
                    last = format!("{folder}\u{10ffff}");
                    portion.prefixes.push(folder.to_owned());
                    at += self.keys[at..].partition_point(|key| key.starts_with(folder));
                }
            }
        }
        portion
    }
}

impl Listed for Key {
    type Next = String;
    const SEVERAL_A_KEY: bool = false;
    const ATTEMPT: &'static str = "list the keys of";

    fn key(&self) -> &str {
        &self.0
    }

    fn id(&self) -> &'static str {
        ""
    }

    fn add_to(&self, tally: &mut Tally) {
        tally.count(ByteSize(0), None);
    }

    async fn page(
        _: &Aws,
        request: &ListRequest<String>,
        _: &Meter,
    ) -> Result<Portion<Self>, Problem> {
        let told = SHELF.with_borrow(Shelf::take);
        let _ = told.await;
        Ok(SHELF.with_borrow(|shelf| shelf.page(request)))
    }
}

/// What a listing took.
struct Took {
    round_trips: u64,
    requests: u64,
    most: usize,
    first_rows: u64,
}

/// Lists so many keys of this shape, and checks that each came once.
fn listing(spec: &str, of: impl Fn(ListingRequest) -> ListingRequest) -> Took {
    let world = World::synthetic(spec).unwrap();
    let versions = world.buckets.into_iter().flat_map(|bucket| bucket.versions);
    let keys: Vec<String> = versions.map(|version| version.key).collect();
    SHELF.replace(Shelf {
        keys,
        ..Shelf::default()
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let request = of(ListingRequest::new(BucketName::new("media").unwrap(), ""));
    let (first_rows, mut listed, summary) = runtime.block_on(run(request));
    assert!(summary.coverage.is_complete(), "{:?}", summary.coverage);
    listed.sort_unstable();
    SHELF.with_borrow(|shelf| {
        assert!(listed == shelf.keys, "another set of keys");
        let took = Took {
            round_trips: shelf.now.get(),
            requests: shelf.requests.get(),
            most: shelf.most.get(),
            first_rows,
        };
        println!(
            "{spec:<16} {:>4} round trips, {:>5} requests, {} in flight at most",
            took.round_trips, took.requests, took.most
        );
        took
    })
}

async fn run(request: ListingRequest) -> (u64, Vec<String>, Summary) {
    let options = ConnectOptions {
        region: Some("us-east-1".to_owned()),
        credentials: Some(StaticCredentials {
            access_key: "key".to_owned(),
            secret_key: "secret".to_owned(),
            session_token: None,
        }),
        ..ConnectOptions::default()
    };
    let aws = Aws::connect(options).await.unwrap();
    let (updates, mut inbox) = mpsc::channel(16);
    let work = items::<Key>(
        aws,
        request,
        CancellationToken::new(),
        Meter::new(),
        updates,
    );
    let work = tokio::spawn(work);
    let clock = tokio::spawn(async {
        loop {
            for _ in 0..TURNS {
                tokio::task::yield_now().await;
            }
            SHELF.with_borrow(Shelf::pass);
        }
    });
    let (mut listed, mut summary, mut first) = (Vec::new(), None, None);
    while let Some(update) = inbox.recv().await {
        match update {
            ListingUpdate::Page { objects, .. } => {
                first = first.or(Some(SHELF.with_borrow(|shelf| shelf.now.get())));
                listed.extend(objects.into_iter().map(|Key(key)| key));
            }
            ListingUpdate::Done(done) => summary = Some(done),
            ListingUpdate::Opened { .. } | ListingUpdate::Closed { .. } => {}
        }
    }
    work.await.unwrap();
    clock.abort();
    (first.unwrap(), listed, summary.unwrap())
}

const SHAPES: [&str; 5] = ["flat", "users", "chat", "dates", "skew"];

#[test]
fn two_hundred_pages_take_ten_round_trips_at_every_shape_and_few_more_requests_than_pages() {
    for shape in SHAPES {
        let took = listing(&format!("{shape}:200000"), |request| request);
        assert!(took.round_trips <= 10, "{shape}: {}", took.round_trips);
        assert!(
            took.requests <= 200 * 3 / 2 + 250,
            "{shape}: {}",
            took.requests
        );
        assert!(took.most <= 64, "{shape}: {} in flight", took.most);
        assert_eq!(took.first_rows, 1, "{shape}");
    }
}

#[test]
fn in_key_order_it_takes_few_round_trips_more() {
    for shape in SHAPES {
        let spec = format!("{shape}:200000");
        let took = listing(&spec, ListingRequest::in_key_order);
        assert!(took.round_trips <= 20, "{shape}: {}", took.round_trips);
    }
}

/// The larger half of the figures, for those who look: `cargo test --lib round_trips -- --ignored --nocapture`.
#[test]
#[ignore = "it takes a while without optimization"]
fn a_million_keys() {
    for shape in SHAPES {
        let spec = format!("{shape}:1000000");
        listing(&spec, |request| request);
        listing(&spec, ListingRequest::in_key_order);
    }
}
