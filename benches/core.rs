//! What costs time between two frames and a key: whose a key is, and putting a long list in order.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot be set up has nothing to say"
)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use s3warden::app::rows::Entry;
use s3warden::app::table::{Arranged, Table};
use s3warden::domain::blueprint::Blueprint;
use s3warden::domain::{BucketName, ByteSize, ObjectKey, ObjectSummary, StorageClass, text};

const ROWS: usize = 1_000_000;

fn key(number: usize) -> String {
    format!(
        "uploads/user-{}/{number:08x}-0000-4000-8000-000000000000-photo {number}.jpg",
        number % 5_000
    )
}

fn whose(c: &mut Criterion) {
    let name = BucketName::new("pilotforce-user-uploads").expect("a bucket's name");
    let blueprint = Blueprint::builtin("pilotforce").expect("a built-in");
    let bucket = blueprint.bucket(&name).expect("a bucket of the built-in");
    let keys: Vec<String> = (0..1_000).map(key).collect();
    let mut group = c.benchmark_group("locate");
    group.throughput(Throughput::Elements(keys.len() as u64));
    group.bench_function("1,000 keys of pilotforce", |b| {
        b.iter(|| {
            for key in &keys {
                black_box(bucket.locate(key));
            }
        });
    });
    group.finish();
}

fn rows() -> Table<Entry> {
    let mut table = Table::default();
    for chunk in 0..ROWS / 1_000 {
        let rows = (0..1_000)
            .map(|row| {
                let number = chunk * 1_000 + row;
                Entry::Object(ObjectSummary {
                    key: ObjectKey::new(key(number)).expect("a key"),
                    size: ByteSize((number as u64).wrapping_mul(2_654_435_761) % 10_000_000),
                    last_modified: None,
                    storage_class: StorageClass::default(),
                    etag: None,
                })
            })
            .collect();
        let Arranged::Now = table.push(rows) else {
            panic!("rows in order of arrival need no order");
        };
    }
    table
}

/// The order itself, which the task layer computes; on the screen's thread asking for it costs next to nothing.
fn arrange(c: &mut Criterion) {
    let table = rows();
    let mut group = c.benchmark_group("arrange");
    group.sample_size(10);
    group.throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("filter 1,000,000 rows", |b| {
        b.iter(|| match table.clone().set_filter("user-77/") {
            Arranged::Later(work) => work.make(&|| false).map_or(0, |order| order.len()),
            Arranged::Now => panic!("a million rows were filtered at once"),
        });
    });
    group.bench_function("sort 1,000,000 rows by size", |b| {
        b.iter(|| {
            let mut table = table.clone();
            // By name upwards, by name downwards, by size upwards.
            let _ = (table.sort_next(), table.sort_next());
            match table.sort_next() {
                Arranged::Later(work) => work.make(&|| false).map_or(0, |order| order.len()),
                Arranged::Now => panic!("a million rows were sorted at once"),
            }
        });
    });
    group.finish();
}

fn show(c: &mut Criterion) {
    let hostile = "archive/user-1/na\u{202e}me \u{1}日本語 עומר.jpg";
    let plain = key(7);
    let mut group = c.benchmark_group("show a key");
    group.bench_function("plain", |b| {
        b.iter(|| text::fit_middle(black_box(&plain), 60));
    });
    group.bench_function("hostile", |b| {
        b.iter(|| text::fit_middle(black_box(hostile), 60));
    });
    group.finish();
}

criterion_group!(benches, whose, arrange, show);
criterion_main!(benches);
