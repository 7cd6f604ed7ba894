//! Objects, versions and uploads of any shape, under any fault, with writers beside: each once, or a partial result.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;
use std::time::Duration;

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use s3warden::facade::aws::{Aws, Meter, WriteMode};
use s3warden::facade::domain::{ObjectSummary, ObjectVersion, Upload};
use s3warden::facade::ops::browse::{self, ListRequest, Start, UploadsRequest, VersionsRequest};
use s3warden::facade::ops::listing::{Listed, ListingRequest};
use s3warden::facade::sandbox::world::{
    SeedKind, SeedUpload, SeedVersion, Versioning, WorldBucket,
};
use s3warden::facade::sandbox::{Fault, FaultRule, Latency};

use super::support::{Outcome, everything, list_of};
use crate::ops::world::{bucket, day, holding, name, sandbox, version};

/// A key, and the version's or upload's id.
type Name = (String, String);

/// What a listing of each kind is compared with: the plain one, page after page by the server's own markers.
trait Kind: Listed {
    const OPERATION: &'static str;

    /// A bucket in which each of the keys has as many as told.
    fn world(keys: &BTreeMap<String, usize>) -> WorldBucket;

    async fn plain(aws: &Aws) -> Vec<Name>;
}

impl Kind for ObjectSummary {
    const OPERATION: &'static str = "ListObjectsV2";

    fn world(keys: &BTreeMap<String, usize>) -> WorldBucket {
        holding("media", keys.keys())
    }

    async fn plain(aws: &Aws) -> Vec<Name> {
        let mut request = ListRequest::flat(name("media"), "");
        let mut names = Vec::new();
        loop {
            let page = browse::page(aws, &request, &Meter::new()).await.unwrap();
            names.extend(page.items.iter().map(name_of));
            match page.next {
                Some(next) => request.start = Start::Next(next),
                None => return names,
            }
        }
    }
}

impl Kind for ObjectVersion {
    const OPERATION: &'static str = "ListObjectVersions";

    /// Every third version is a delete marker.
    fn world(keys: &BTreeMap<String, usize>) -> WorldBucket {
        let mut media = bucket("media");
        media.versioning = Versioning::Enabled;
        let each = keys
            .iter()
            .flat_map(|(key, &count)| (0..count).map(move |n| (key, n)));
        let seed = |(key, n): (&String, usize)| -> SeedVersion {
            let kind = match n % 3 {
                2 => SeedKind::DeleteMarker,
                _ => SeedKind::Plain { size: 1 },
            };
            version(key, day(1), kind, None)
        };
        media.versions = each.map(seed).collect();
        media
    }

    async fn plain(aws: &Aws) -> Vec<Name> {
        let mut request = VersionsRequest::flat(name("media"), "");
        let mut names = Vec::new();
        loop {
            let page = browse::versions(aws, &request, &Meter::new())
                .await
                .unwrap();
            names.extend(page.items.iter().map(name_of));
            match page.next {
                Some(next) => request.start = Start::Next(next),
                None => return names,
            }
        }
    }
}

impl Kind for Upload {
    const OPERATION: &'static str = "ListMultipartUploads";

    fn world(keys: &BTreeMap<String, usize>) -> WorldBucket {
        let mut media = bucket("media");
        let each = keys
            .iter()
            .flat_map(|(key, &count)| (0..count).map(move |_| key));
        let seed = |key: &String| SeedUpload {
            key: key.clone(),
            initiated: day(1),
            parts: Vec::new(),
            storage_class: "STANDARD".to_owned(),
        };
        media.uploads = each.map(seed).collect();
        media
    }

    async fn plain(aws: &Aws) -> Vec<Name> {
        let mut request = UploadsRequest::flat(name("media"), "");
        let mut names = Vec::new();
        loop {
            let page = browse::uploads(aws, &request, &Meter::new()).await.unwrap();
            names.extend(page.items.iter().map(name_of));
            match page.next {
                Some(next) => request.start = Start::Next(next),
                None => return names,
            }
        }
    }
}

fn name_of<T: Listed>(item: &T) -> Name {
    (item.key().to_owned(), item.id().to_owned())
}

/// A part of a name that several keys share.
fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[ab]",
        2 => Just("/".to_owned()),
        1 => Just("//".to_owned()),
        1 => Just("\u{1}".to_owned()),
        1 => Just("~".to_owned()),
        1 => Just("é+ %".to_owned()),
        1 => Just("\u{10ffff}".to_owned()),
    ]
}

/// Keys with shared prefixes, one giant prefix, runs of `/`, of 1 to 1,024 bytes, not of ASCII alone, with 0x01; each
/// with how many versions or uploads it has, so that pages end within a key.
fn keys() -> impl Strategy<Value = BTreeMap<String, usize>> {
    let key = prop_oneof![
        6 => vec(part(), 1..7).prop_map(|parts| parts.concat()),
        3 => "giant/[a-d]/[a-z]{1,3}",
        2 => "user-[0-9]{2}/x",
        1 => (1..=512_usize).prop_map(|n| "é".repeat(n)),
        1 => (1000..=1024_usize).prop_map(|n| format!("{}{}", "d/".repeat(250), "k".repeat(n - 500))),
    ];
    let count = prop_oneof![5 => Just(1_usize), 3 => 2..5_usize, 1 => 5..30_usize];
    (btree_set(key, 0..90), vec(count, 90), side_by_side()).prop_map(|(keys, counts, many)| {
        let many = many.into_iter().map(|key| (key, 1));
        keys.into_iter().zip(counts).chain(many).collect()
    })
}

/// Many keys without a folder between them, which are cut where it is guessed: hexadecimal names, counters that use up
/// little of their room or begin anywhere in it, names in two alphabets, names beyond ASCII, after the last character that
/// there is; and folders that are called alike, of which some are missing.
fn side_by_side() -> impl Strategy<Value = Vec<String>> {
    let named = |prefix: &'static str, name: fn(u32) -> String| {
        (40..160_u32)
            .prop_map(move |many| (0..many).map(|n| prefix.to_owned() + &name(n)).collect())
    };
    prop_oneof![
        2 => Just(Vec::new()),
        1 => named("", |n| format!("{:08x}.jpg", n.wrapping_mul(0x9e37_79b1))),
        1 => named("giant/main/", |n| format!("{:04x}", n * 7)),
        1 => named("obj-", |n| format!("{n:07}")),
        1 => named("photo-", |n| format!("{}", 9_900 + n * 13)),
        1 => named("ä/", |n| format!("{}{n}", if n % 3 == 0 { "Ünal-" } else { "z" })),
        1 => named("日/", |n| char::from_u32(0x4e00 + n * 37).into_iter().collect()),
        1 => named("\u{10ffff}", |n| format!("{:05x}", n.wrapping_mul(0x9e37_79b1) >> 12)),
        1 => named("p\u{10ffff}", |n| format!("{n:04}")),
        2 => named("ws-", |n| format!("{:02}/{}/ch-{}/{n:03}", n / 40, ["files", "photos"][n as usize / 20 % 2], n % 7)),
    ]
}

/// What goes wrong, how often, and how many times at most.
fn faults() -> impl Strategy<Value = Vec<(Fault, u64, Option<u64>)>> {
    let passing = prop_oneof![
        Just(Fault::SlowDown),
        Just(Fault::ServiceUnavailable),
        Just(Fault::InternalError),
        Just(Fault::Drop),
        Just(Fault::Truncate),
        Just(Fault::AccessDenied),
        Just(Fault::RepeatToken),
    ];
    let some = (passing, 2..12_u64, (1..6_u64).prop_map(Some));
    // A server that does not know where to start never does, or one of several behind the same name does not.
    let ignoring = (
        Just(Fault::IgnoreStart),
        prop_oneof![2 => Just(1_u64), 1 => 2..6_u64],
        Just(None),
    );
    vec(prop_oneof![5 => some, 2 => ignoring], 0..3)
}

/// Puts and deletes keys while a listing runs: the store is behind the wire and changes between two pages.
#[derive(Debug, Clone)]
enum Change {
    Put(String),
    Delete(prop::sample::Index),
    /// The last so many keys, so that what was cut off is empty when it is listed.
    DeleteTail(usize),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = prop_oneof![
        vec(part(), 1..5).prop_map(|parts| Change::Put(parts.concat())),
        any::<prop::sample::Index>().prop_map(Change::Delete),
        (1..40_usize).prop_map(Change::DeleteTail),
    ];
    prop_oneof![1 => Just(Vec::new()), 2 => vec(change, 0..6)]
}

/// Gives the keys that were written, deleted, or that an upload was begun for.
async fn apply(aws: &Aws, change: &Change, keys: &[&String]) -> Vec<String> {
    let client = aws.s3_for(&name("media"));
    let permit = || WriteMode::from_flag(true).permit().unwrap();
    let gone: Vec<String> = match change {
        Change::Put(key) => {
            let put = client.put_object().bucket("media").key(key);
            put.customize().interceptor(permit()).send().await.unwrap();
            let begin = client.create_multipart_upload().bucket("media").key(key);
            let begin = begin.customize().interceptor(permit());
            // It is begun even where the answer cannot be read: XML cannot carry every key.
            let _ = begin.send().await;
            return vec![key.clone()];
        }
        Change::Delete(at) => vec![(*at.get(keys)).clone()],
        Change::DeleteTail(many) => {
            let tail = keys.iter().rev().take(*many);
            tail.map(|key| (*key).clone()).collect()
        }
    };
    for key in &gone {
        let delete = client.delete_object().bucket("media").key(key);
        let delete = delete.customize().interceptor(permit());
        delete.send().await.unwrap();
    }
    gone
}

#[derive(Debug, Clone)]
struct Case {
    keys: BTreeMap<String, usize>,
    page: u16,
    in_flight: usize,
    latency: u64,
    faults: Vec<(Fault, u64, Option<u64>)>,
    changes: Vec<Change>,
    one_by_one: bool,
    ahead: Option<usize>,
    /// What is listed below.
    prefix: &'static str,
}

/// Mostly everything; else what is below a folder, a part of a name, or what ends in the last character that there is.
fn prefix() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        8 => Just(""),
        1 => Just("giant/"),
        1 => Just("ws-0"),
        1 => Just("日/"),
        1 => Just("\u{10ffff}"),
        1 => Just("p\u{10ffff}"),
        1 => Just("a"),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let how = (
        1..20_u16,
        1..24_usize,
        prop_oneof![3 => Just(0_u64), 1 => 1..3_u64],
        prop::bool::weighted(0.1),
        prop_oneof![Just(None), (0..100_usize).prop_map(Some)],
    );
    (keys(), faults(), changes(), how, prefix()).prop_map(|(keys, faults, changes, how, prefix)| {
        let (page, in_flight, latency, one_by_one, ahead) = how;
        Case {
            keys,
            page,
            in_flight,
            latency,
            faults,
            changes,
            one_by_one,
            ahead,
            prefix,
        }
    })
}

/// Lists under the faults while the writer writes. Gives the plain listing from before and the keys that were written,
/// too.
async fn run<T: Kind>(case: &Case) -> (Vec<Name>, Outcome<T>, BTreeSet<String>) {
    let (sandbox, aws) = sandbox(vec![T::world(&case.keys)]).await;
    let mut plain = T::plain(&aws).await;
    plain.retain(|(key, _)| key.starts_with(case.prefix));
    sandbox.set_latency(Latency::uniform(Duration::from_millis(case.latency)));
    let rules = case.faults.iter().map(|&(fault, every, times)| FaultRule {
        every: NonZeroU64::new(every).unwrap(),
        times,
        ..FaultRule::new(fault).on(T::OPERATION)
    });
    sandbox.set_faults(rules.collect());
    let request = ListingRequest {
        in_flight: case.in_flight,
        tries: 6,
        one_by_one: case.one_by_one,
        ahead: case.ahead,
        prefixes: vec![case.prefix.to_owned()],
        ..everything(Some(case.page))
    };
    let keys: Vec<&String> = case.keys.keys().collect();
    let writer = async {
        let mut changed = BTreeSet::new();
        for change in &case.changes {
            if !keys.is_empty() || matches!(change, Change::Put(_)) {
                changed.extend(apply(&aws, change, &keys).await);
            }
        }
        changed
    };
    let meter = Meter::new();
    let (listed, changed) = tokio::join!(list_of::<T>(&aws, request, &meter), writer);
    (plain, listed, changed)
}

fn holds<T: Kind>(case: &Case) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let (plain, listed, changed) = runtime.block_on(run::<T>(case));
    let mut times: BTreeMap<Name, usize> = BTreeMap::new();
    for item in listed.items() {
        *times.entry(name_of(item)).or_default() += 1;
    }
    prop_assert!(
        times.values().all(|&times| times == 1),
        "something came twice: {:?}",
        times
    );
    let known: BTreeSet<&Name> = plain.iter().collect();
    let is_known = |name: &&Name| known.contains(*name) || changed.contains(&name.0);
    prop_assert!(
        times.keys().all(|name| is_known(&name)),
        "something was made up"
    );
    prop_assert_eq!(
        listed.summary.total.objects,
        times.values().sum::<usize>() as u64
    );
    let stayed = |name: &&&Name| !changed.contains(&name.0);
    let missed: Vec<&&Name> = known
        .iter()
        .filter(stayed)
        .filter(|name| !times.contains_key(**name))
        .collect();
    if listed.summary.coverage.is_complete() {
        prop_assert!(
            missed.is_empty(),
            "complete, and yet {:?} is missing",
            missed
        );
    } else {
        prop_assert!(
            !case.faults.is_empty(),
            "partial without a reason: {:?}",
            listed.summary.coverage
        );
    }
    let ignores_start = case
        .faults
        .iter()
        .any(|(fault, ..)| *fault == Fault::IgnoreStart);
    if let Some(ahead) = case.ahead
        && !ignores_start
    {
        prop_assert!(listed.held <= ahead, "{} held back", listed.held);
    }
    let ordered = listed.ordered_names();
    prop_assert_eq!(ordered.len(), times.len());
    let told: Vec<&Name> = ordered
        .iter()
        .filter(|name| !changed.contains(&name.0))
        .collect();
    let expected: Vec<&Name> = plain
        .iter()
        .filter(|name| times.contains_key(*name) && !changed.contains(&name.0))
        .collect();
    prop_assert_eq!(told, expected, "not in the server's order");
    prop_assert!(listed.ordered_keys().is_sorted(), "not in key order");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 32,
        failure_persistence: None,
        max_shrink_iters: 64,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_object_is_listed_once_or_the_result_is_partial(case in case()) {
        holds::<ObjectSummary>(&case)?;
    }

    #[test]
    fn every_version_is_listed_once_or_the_result_is_partial(case in case()) {
        holds::<ObjectVersion>(&case)?;
    }

    #[test]
    fn every_upload_is_listed_once_or_the_result_is_partial(case in case()) {
        holds::<Upload>(&case)?;
    }
}
