//! What costs time between two frames and a key: whose a key is, putting a long list in order, and what a scan does with
//! its pages, its groups and its file.

#![allow(
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot be set up has nothing to say"
)]

use std::hint::black_box;

use chrono::{DateTime, TimeDelta, Utc};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use s3warden::facade::app::rows::Entry;
use s3warden::facade::app::table::{Arranged, Table};
use s3warden::facade::aws::{Aws, ConnectOptions, StaticCredentials};
use s3warden::facade::domain::blueprint::{Blueprint, ReferenceList};
use s3warden::facade::domain::columns::file::{self, Header};
use s3warden::facade::domain::columns::group::{By, Grouping};
use s3warden::facade::domain::columns::{Arrangement, Assembly, Child, Columns, Etags, SortBy};
use s3warden::facade::domain::orphans::{Ground, Join, Kind, Kinds, Living};
use s3warden::facade::domain::presign::{Draft, Method};
use s3warden::facade::domain::registry::judge::{Circumstances, judge};
use s3warden::facade::domain::registry::{
    Intake, Purpose, Registry, Requirements, Row, Subject, TrustedList,
};
use s3warden::facade::domain::{
    BucketName, ByteSize, Needle, ObjectKey, ObjectSummary, StorageClass, text,
};

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

/// From what somebody asked for to the URL, and to a form: what each press of a key costs that changes either.
fn signing(c: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let name = BucketName::new("pilotforce-user-uploads").expect("a bucket's name");
    let signer = runtime.block_on(async {
        let options = ConnectOptions {
            region: Some("us-east-1".to_owned()),
            credentials: Some(StaticCredentials {
                access_key: "key".to_owned(),
                secret_key: "secret".to_owned(),
                session_token: None,
            }),
            ..ConnectOptions::default()
        };
        let aws = Aws::connect(options).await.expect("a connection");
        aws.signer(&name, None).await.expect("a signer")
    });
    let mut group = c.benchmark_group("sign");
    for method in [Method::Get, Method::Put, Method::Post] {
        let key = ObjectKey::new(key(7)).expect("a key");
        let draft = Draft::new(method, name.clone(), key);
        group.bench_function(method.word(), |b| {
            b.iter(|| {
                let request = draft.complete(None).expect("a request");
                black_box(
                    signer
                        .sign(&request, Utc::now(), None)
                        .expect("a signature"),
                )
            });
        });
    }
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
    group.bench_function(
        "filter 1,000,000 rows by letters with others between",
        |b| {
            b.iter(|| match table.clone().set_filter("~usr77 jpg") {
                Arranged::Later(work) => work.make(&|| false).map_or(0, |order| order.len()),
                Arranged::Now => panic!("a million rows were filtered at once"),
            });
        },
    );
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

/// Segments that a listing has under way at once, and objects a page.
const SEGMENTS: usize = 64;
const PAGE: usize = 1_000;

/// A million objects of 5,000 users in key order, as a listing tells them.
fn objects() -> Vec<ObjectSummary> {
    let mut objects: Vec<ObjectSummary> = (0..ROWS)
        .map(|number| {
            let n = number as u64;
            let mix = n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29) ^ n;
            ObjectSummary {
                key: ObjectKey::new(key(number)).expect("a key"),
                size: ByteSize(mix % 10_000_000),
                last_modified: chrono::DateTime::from_timestamp(
                    1_700_000_000 + i64::try_from(mix % 60_000_000).expect("it is small"),
                    0,
                ),
                storage_class: StorageClass::default(),
                etag: Some(format!("{mix:016x}{n:016x}")),
            }
        })
        .collect();
    objects.sort_by(|a, b| a.key.cmp(&b.key));
    objects
}

/// Pages of segments side by side, one page of each in turn.
fn assembly(objects: &[ObjectSummary]) -> Assembly {
    let mut assembly = Assembly::new(Etags::Keep);
    let segments: Vec<&[ObjectSummary]> = objects.chunks(ROWS / SEGMENTS).collect();
    for page in 0..(ROWS / SEGMENTS).div_ceil(PAGE) {
        for (number, segment) in (0..).zip(&segments) {
            if let Some(page) = segment.chunks(PAGE).nth(page) {
                assembly.add(number, page);
            }
        }
    }
    assembly
}

fn scan(c: &mut Criterion) {
    let objects = objects();
    let mut group = c.benchmark_group("scan of 1,000,000 objects");
    group.sample_size(10);
    group.throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("take the pages in", |b| {
        b.iter(|| assembly(&objects).finish());
    });
    let mut under_way = assembly(&objects);
    group.bench_function("a snapshot when every segment has grown", |b| {
        b.iter_batched(
            || under_way.clone(),
            |mut grown| grown.snapshot(),
            criterion::BatchSize::PerIteration,
        );
    });
    group.bench_function("a snapshot when none has", |b| {
        b.iter(|| under_way.snapshot());
    });
    let columns = assembly(&objects).finish();
    drop((objects, under_way));
    println!(
        "an object takes {:.1} bytes with its entity tag",
        columns.memory() as f64 / ROWS as f64
    );
    questions(&mut group, &columns);
    files(&mut group, &columns);
    group.finish();
}

type Group<'c> = criterion::BenchmarkGroup<'c, criterion::measurement::WallTime>;

fn questions(group: &mut Group<'_>, columns: &Columns) {
    let arrange = |by, filter: Option<&dyn Fn(&str) -> bool>| {
        let what = Arrangement {
            rows: 0..columns.len(),
            filter,
            by,
            descending: true,
        };
        columns.arrange(&what, &|| false).expect("nobody stops it")
    };
    let needle = Needle::new("user-77/");
    group.bench_function("sort by size", |b| b.iter(|| arrange(SortBy::Size, None)));
    group.bench_function("sort by time", |b| {
        b.iter(|| arrange(SortBy::Modified, None));
    });
    group.bench_function("filter", |b| {
        b.iter(|| arrange(SortBy::Key, Some(&|key| needle.is_in(key))));
    });
    let name = BucketName::new("pilotforce-user-uploads").expect("a bucket's name");
    let blueprint = Blueprint::builtin("pilotforce").expect("a built-in");
    let bucket = blueprint
        .bucket(&name)
        .expect("a bucket of the built-in")
        .clone();
    for (what, by) in [
        ("group by owner", By::Owner(Box::new(bucket))),
        ("group by class", By::Class),
    ] {
        group.bench_function(what, |b| {
            b.iter(|| {
                let mut grouping = Grouping::new(by.clone());
                grouping.add_all(columns);
                grouping.finish().len()
            });
        });
    }
    group.bench_function("the 5,000 folders of a prefix, with their totals", |b| {
        b.iter(|| {
            columns
                .children("uploads/")
                .map(|child| match child {
                    Child::Folder { rows, .. } => columns.tally(rows).objects,
                    Child::Object { .. } => 1,
                })
                .sum::<u64>()
        });
    });
}

fn files(group: &mut Group<'_>, columns: &Columns) {
    let at = chrono::DateTime::from_timestamp(1_760_000_000, 0).expect("a time");
    let header = Header {
        endpoint: None,
        bucket: "media".to_owned(),
        prefixes: vec![String::new()],
        started: at,
        finished: at,
        complete: true,
        incomplete: Vec::new(),
    };
    let mut bytes = Vec::new();
    file::write(&mut bytes, &header, columns).expect("memory takes anything");
    group.bench_function("write the file, to memory", |b| {
        b.iter(|| {
            bytes.clear();
            file::write(&mut bytes, &header, columns)
        });
    });
    group.bench_function("open the file, from memory", |b| {
        b.iter(|| file::read(&mut bytes.as_slice()).expect("it was written"));
    });
}

/// A list that the judge has nothing against.
fn trusted(list: Registry) -> TrustedList {
    let circumstances = Circumstances {
        list: &ReferenceList::default(),
        purpose: Purpose::Look,
        before: &[],
        now: list.read_at,
    };
    judge(list, &Requirements::default(), &circumstances).expect("a whole list")
}

/// A million objects against a million living keys and the five thousand owners: once with nothing derived, once with the
/// thumbnail rule, whose images have to be made of every source.
fn orphans(c: &mut Criterion) {
    let at = DateTime::from_timestamp(1_760_000_000, 0).expect("a time");
    let mut keys = Intake::new(Subject::Keys, "a bench", at);
    let mut owners = Intake::new(Subject::Owners, "a bench", at);
    let row = |intake: &mut Intake, id: &str| {
        let ids = [id];
        let row = Row {
            ids: &ids,
            owner: None,
            malformed: false,
        };
        intake.row(&row).expect("a row");
    };
    // In the order of a listing: what comes out of order is kept apart, one run an object.
    let listed = objects();
    for object in &listed {
        row(&mut keys, object.key.as_str());
    }
    let objects = assembly(&listed).finish();
    drop(listed);
    for user in 0..5_000 {
        row(&mut owners, &format!("user-{user}"));
    }
    let (owners, keys) = (
        trusted(owners.finish().expect("owners")),
        trusted(keys.finish().expect("keys")),
    );
    println!(
        "the lists take {} MiB",
        (owners.memory() + keys.memory()) >> 20
    );
    let blueprint = Blueprint::builtin("pilotforce").expect("a built-in");
    let name = BucketName::new("pilotforce-user-uploads").expect("a bucket's name");
    let rules = blueprint.bucket(&name).expect("a bucket of the built-in");
    let ground = |derived: bool| {
        let mut rules = rules.clone();
        if !derived {
            rules.derived.clear();
        }
        [Ground {
            rules,
            objects: objects.clone(),
            hidden: Some(Vec::new()),
            stated: None,
            wanted: true,
        }]
    };
    let mut group = c.benchmark_group("orphans");
    group.sample_size(10);
    group.throughput(Throughput::Elements(ROWS as u64));
    for (what, derived) in [("nothing derived", false), ("thumbnails", true)] {
        let grounds = ground(derived);
        let join = Join {
            grounds: &grounds,
            buckets: &blueprint.buckets,
            replication: &[],
            living: Living {
                owners: Some(&owners),
                keys: Some(&keys),
            },
            kinds: Kinds::all().without(Kind::DerivedMissing),
            before: at + TimeDelta::hours(1),
            now: at + TimeDelta::hours(49),
            threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        };
        group.bench_function(format!("1,000,000 objects, 1,000,000 keys, {what}"), |b| {
            b.iter(|| join.run(&|| false).expect("nobody stops it").verdicts.len());
        });
    }
    group.finish();
}

criterion_group!(benches, whose, arrange, show, scan, signing, orphans);
criterion_main!(benches);
