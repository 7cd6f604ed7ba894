//! What listing takes apart from waiting: the engine on keys of every shape, and one page
//! after the other.
//!
//!     cargo bench --bench listing
//!
//! The sandbox answers at once and lives in the same process: what it takes to answer is in every figure, and the same in
//! figures of one shape. `benches/listing.py` keeps it apart, has it wait, and runs other tools beside.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot be set up has nothing to say"
)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use s3warden::facade::aws::{Aws, ConnectOptions, Meter, StaticCredentials};
use s3warden::facade::domain::BucketName;
use s3warden::facade::ops::listing::{self, ListingRequest, ListingUpdate};
use s3warden::facade::sandbox::world::World;
use s3warden::facade::sandbox::{Sandbox, SandboxOptions};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

const KEYS: usize = 20_000;

/// The shapes that listings are hard on in different ways.
const SHAPES: [&str; 5] = ["flat", "users", "chat", "dates", "skew"];

/// A bucket of one shape, and a connection to it.
struct Served {
    _sandbox: Sandbox,
    aws: Aws,
    bucket: BucketName,
}

impl Served {
    async fn start(shape: &str) -> Self {
        let world = World::synthetic(&format!("{shape}:{KEYS}")).expect("a world");
        let bucket = world.buckets.first().expect("a bucket").name.clone();
        let options = SandboxOptions {
            worlds: vec![world],
            ..SandboxOptions::default()
        };
        let sandbox = Sandbox::start(options).await.expect("a sandbox");
        let aws = Aws::connect(ConnectOptions {
            region: Some(sandbox.region().to_owned()),
            endpoint_url: Some(sandbox.endpoint_url()),
            credentials: Some(StaticCredentials {
                access_key: sandbox.access_key().to_owned(),
                secret_key: sandbox.secret_key().to_owned(),
                session_token: None,
            }),
            ..ConnectOptions::default()
        });
        Self {
            aws: aws.await.expect("a connection"),
            bucket: BucketName::new(&bucket).expect("a bucket's name"),
            _sandbox: sandbox,
        }
    }

    /// Lists all of it, and makes sure that it was all.
    async fn list(&self, one_by_one: bool) {
        let (updates, mut arriving) = mpsc::channel(16);
        let request = ListingRequest {
            one_by_one,
            ..ListingRequest::new(self.bucket.clone(), "")
        };
        let (cancel, meter) = (CancellationToken::new(), Meter::new());
        let listing = listing::objects(self.aws.clone(), request, cancel, meter, updates);
        let counting = async {
            let mut keys = 0;
            while let Some(update) = arriving.recv().await {
                if let ListingUpdate::Page { objects, .. } = update {
                    keys += objects.len();
                }
            }
            keys
        };
        let ((), keys) = futures::join!(listing, counting);
        assert_eq!(keys, KEYS, "the listing is not whole");
    }
}

fn engine(c: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let mut group = c.benchmark_group("listing");
    group.sample_size(20);
    group.throughput(Throughput::Elements(KEYS as u64));
    for shape in SHAPES {
        let served = runtime.block_on(Served::start(shape));
        group.bench_function(shape, |b| b.iter(|| runtime.block_on(served.list(false))));
    }
    group.finish();
}

fn pages(c: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let mut group = c.benchmark_group("listing, one page after another");
    group.sample_size(20);
    group.throughput(Throughput::Elements(KEYS as u64));
    let served = runtime.block_on(Served::start("users"));
    group.bench_function("users", |b| {
        b.iter(|| runtime.block_on(served.list(true)));
    });
    group.finish();
}

criterion_group!(benches, engine, pages);
criterion_main!(benches);
