//! What judging a million objects by a million living keys takes: time, and memory beyond the listing.
//!
//!     cargo bench --bench orphans
//!
//! A process of its own, because memory is what the kernel says that the process held at the most: its peak is set back
//! before each part (`/proc/self/clear_refs`, Linux alone), and what it held when the listing was there is taken off.
//! The list of keys is read from a file in the way the program reads one.
//!
//! One object in two hundred has no record, and one user in a thousand is gone: verdicts are made, and confirmed.

#![allow(
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot be set up has nothing to say"
)]

use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use s3warden::facade::aws::{Aws, ConnectOptions, Meter, StaticCredentials};
use s3warden::facade::domain::blueprint::registry::Source;
use s3warden::facade::domain::blueprint::{Blueprint, ReferenceList};
use s3warden::facade::domain::columns::{Columns, ColumnsBuilder, Etags};
use s3warden::facade::domain::orphans::{Ground, Join, Kind, Kinds, Living};
use s3warden::facade::domain::registry::{Purpose, Requirements, Subject, TrustedList};
use s3warden::facade::domain::{BucketName, ByteSize, ObjectKey, ObjectSummary, StorageClass};
use s3warden::facade::ops::registry::{Consulted, RowCount, trusted};
use tokio_util::sync::CancellationToken;

const OBJECTS: usize = 1_000_000;
const USERS: usize = 5_000;
/// One object in so many has no record.
const NO_RECORD: usize = 200;
/// One user in so many is gone.
const GONE: usize = 1_000;
/// How often a join is timed.
const TIMES: usize = 7;

fn main() {
    let at = DateTime::from_timestamp(1_760_000_000, 0).expect("a time");
    let folder = tempfile::tempdir().expect("a folder");
    let lists = Lists::write(folder.path());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let aws = runtime.block_on(connect());
    let objects = listing(at);
    println!(
        "{OBJECTS} objects of {USERS} users: the listing takes {:.0} MB, the process {:.0} MB",
        megabytes(objects.memory() as u64),
        megabytes(held())
    );
    let listing_alone = held();
    let read = |list: &ReferenceList, subject| {
        let begun = Instant::now();
        let (rows, cancel, meter) = (RowCount::new(), CancellationToken::new(), Meter::new());
        let consulted = Consulted {
            list,
            subject,
            requirements: &Requirements::default(),
            purpose: Purpose::Look,
            buckets: &[],
            state: None,
        };
        let reading = trusted(consulted, &aws, &rows, &meter, &cancel);
        let trusted = runtime.block_on(reading).expect("a list");
        (trusted.list, begun.elapsed())
    };
    set_peak_back();
    let (owners, _) = read(&lists.owners, Subject::Owners);
    let (keys, took) = read(&lists.keys, Subject::Keys);
    let beyond = |bytes: u64| megabytes(bytes.saturating_sub(listing_alone));
    println!(
        "read {} keys from a file of {:.0} MB: {:.2} s; the lists take {:.0} MB, at the most {:.0} MB beyond the listing",
        keys.len(),
        megabytes(lists.bytes),
        took.as_secs_f64(),
        megabytes((owners.memory() + keys.memory()) as u64),
        beyond(peak())
    );
    for derived in [false, true] {
        set_peak_back();
        let (times, verdicts) = join(&objects, &owners, &keys, at, derived);
        println!(
            "join, {}: {:.2} s (median of {TIMES}; {:.2} to {:.2}), {verdicts} verdicts, lists and join at the most {:.0} MB beyond the listing",
            if derived {
                "with thumbnails"
            } else {
                "nothing derived"
            },
            times.get(TIMES / 2).map_or(0.0, Duration::as_secs_f64),
            times.first().map_or(0.0, Duration::as_secs_f64),
            times.last().map_or(0.0, Duration::as_secs_f64),
            beyond(peak())
        );
    }
}

/// The key of an object; ascending.
fn key(number: usize) -> String {
    let user = number / (OBJECTS / USERS);
    format!("uploads/user-{user:04}/{number:08x}-0000-4000-8000-000000000000-photo {number}.jpg")
}

/// The lists of the application, in files.
struct Lists {
    owners: ReferenceList,
    keys: ReferenceList,
    bytes: u64,
}

impl Lists {
    fn write(folder: &Path) -> Self {
        let list = |name: &str, lines: &mut dyn Iterator<Item = String>| {
            let path = folder.join(name);
            let file = std::fs::File::create(&path).expect("a file");
            let mut file = BufWriter::new(file);
            lines.for_each(|line| writeln!(file, "{line}").expect("a line"));
            file.flush().expect("a file");
            ReferenceList {
                source: Some(Source::File),
                path: Some(path),
                ..ReferenceList::default()
            }
        };
        let alive = (0..USERS).filter(|user| user % GONE != 0);
        let owners = list(
            "owners.txt",
            &mut alive.map(|user| format!("user-{user:04}")),
        );
        // As many as there are objects: in the place of those that no record names, records of what is elsewhere.
        let keys = list(
            "keys.txt",
            &mut (0..OBJECTS).map(|number| {
                let mut key = key(number);
                if number.is_multiple_of(NO_RECORD) {
                    let _ = write!(key, ".moved");
                }
                key
            }),
        );
        let path = keys.path.as_deref().expect("it has one");
        let bytes = std::fs::metadata(path).expect("it is there").len();
        Self {
            owners,
            keys,
            bytes,
        }
    }
}

/// Files need no account, but reading a list takes a connection: it might be a table.
async fn connect() -> Aws {
    let options = ConnectOptions {
        region: Some("us-east-1".to_owned()),
        credentials: Some(StaticCredentials {
            access_key: "key".to_owned(),
            secret_key: "secret".to_owned(),
            session_token: None,
        }),
        ..ConnectOptions::default()
    };
    Aws::connect(options).await.expect("a connection")
}

fn listing(at: DateTime<Utc>) -> Columns {
    let mut columns = ColumnsBuilder::new(Etags::Keep);
    for number in 0..OBJECTS {
        let object = ObjectSummary {
            key: ObjectKey::new(key(number)).expect("a key"),
            size: ByteSize((number as u64).wrapping_mul(2_654_435_761) % 10_000_000),
            last_modified: Some(at),
            storage_class: StorageClass::default(),
            etag: Some(format!("{number:032x}")),
        };
        columns.push(&object).expect("keys ascend");
    }
    columns.finish()
}

/// Joins several times; the times ascending, and how many verdicts came of it.
fn join(
    objects: &Columns,
    owners: &TrustedList,
    keys: &TrustedList,
    at: DateTime<Utc>,
    derived: bool,
) -> (Vec<Duration>, usize) {
    let blueprint = Blueprint::builtin("pilotforce").expect("a built-in");
    let name = BucketName::new("pilotforce-user-uploads").expect("a bucket's name");
    let mut rules = blueprint
        .bucket(&name)
        .expect("a bucket of the built-in")
        .clone();
    if !derived {
        rules.derived.clear();
    }
    let grounds = [Ground {
        rules,
        objects: objects.clone(),
        hidden: Some(Vec::new()),
        stated: None,
        wanted: true,
    }];
    let join = Join {
        grounds: &grounds,
        buckets: &blueprint.buckets,
        replication: &[],
        living: Living {
            owners: Some(owners),
            keys: Some(keys),
        },
        kinds: Kinds::all().without(Kind::DerivedMissing),
        before: at + TimeDelta::hours(1),
        now: at + TimeDelta::hours(49),
        threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
    };
    let mut verdicts = 0;
    let mut times: Vec<Duration> = (0..TIMES)
        .map(|_| {
            let begun = Instant::now();
            let findings = join.run(&|| false).expect("nobody stops it");
            verdicts = findings.verdicts.len();
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    (times, verdicts)
}

/// The most that the process held since the last time that this was set back, in bytes.
fn peak() -> u64 {
    status("VmHWM:")
}

/// What the process holds now, in bytes.
fn held() -> u64 {
    status("VmRSS:")
}

/// Linux alone can do that; elsewhere, or where it may not, the peak stays that of the whole run.
fn set_peak_back() {
    if let Err(why) = std::fs::write("/proc/self/clear_refs", "5") {
        println!("the peak stays that of the whole run: {why}");
    }
}

/// A figure of `/proc/self/status`, which is in KiB; 0 where there is no such file.
fn status(name: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let figure = text.lines().find_map(|line| line.strip_prefix(name));
    let kib = figure.and_then(|figure| figure.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or_default() * 1024
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
