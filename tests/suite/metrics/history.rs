//! What is found, and how many requests it takes.

use s3warden::facade::aws::Meter;
use s3warden::facade::domain::metrics::Counts;
use s3warden::facade::ops::{Fact, Gate, metrics};
use s3warden::facade::sandbox::SandboxOptions;
use s3warden::facade::sandbox::world::metrics::{Course, History};

use super::{daily, midnight, of, start, storage, unknown};
use crate::ops::world::{bucket, name};

const METRICS: &str = "<MetricsConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Id>all</Id>\
    </MetricsConfiguration>";

#[tokio::test]
async fn five_hundred_and_one_series_of_a_year_take_two_calls_one_of_them_with_two_pages() {
    let buckets: Vec<_> = (0..167).map(|n| bucket(&format!("media-{n:03}"))).collect();
    let types = ["StandardStorage", "StandardIAStorage", "GlacierStorage"];
    let histories = buckets
        .iter()
        .flat_map(|bucket| types.map(|one| daily(bucket, one, [364, 1], 1000.0)));
    let histories: Vec<_> = histories.collect();
    assert_eq!(histories.len(), 501);
    let names: Vec<String> = buckets.iter().map(|bucket| bucket.name.clone()).collect();
    let (sandbox, aws) = start(SandboxOptions::default(), buckets, of(histories)).await;
    // So that no request is about where a bucket is.
    s3warden::facade::ops::buckets::list(&aws, &Meter::new()).await;
    sandbox.requests().reset();

    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let found = storage(&aws, &names, 365).await;
    assert_eq!(found.len(), 167);
    for one in found.values() {
        let known = one.storage.value().expect("known");
        assert_eq!(known.types.len(), 3, "{}", one.bucket);
        for of_type in &known.types {
            assert_eq!(of_type.series.points().len(), 364);
            assert_eq!(of_type.series.gaps(), 0);
            assert_eq!(of_type.series.first().map(|(_, size)| size), Some(1000.0));
            assert_eq!(of_type.series.last().map(|(_, size)| size), Some(1363.0));
        }
    }
    let requests = sandbox.requests();
    // 501 metrics are two pages; the numbers of objects, of which there are none, a third request.
    assert_eq!(requests.of("ListMetrics"), 3);
    // 500 series of 364 points are more than the 100,800 of one answer; the last series has a call of its own.
    assert_eq!(requests.of("GetMetricData"), 3);
    assert_eq!(requests.total(), 6);
}

#[tokio::test]
async fn a_day_without_a_point_is_a_gap_and_the_newest_point_is_found_though_it_is_late() {
    let media = bucket("media");
    let mut series = daily(&media, "StandardStorage", [30, 2], 100.0);
    if let Course::Daily(points) = &mut series.course {
        points.retain(|(day, _)| *day != midnight(10));
    }
    let (_sandbox, aws) = start(SandboxOptions::default(), vec![media], of(vec![series])).await;
    let found = storage(&aws, &["media"], 7).await;
    let total = found["media"].storage.value().unwrap().total();
    assert_eq!(total.last().unwrap().0, midnight(2).date_naive());
    assert_eq!(total.points().len(), 8, "seven days are eight points");
    let found = storage(&aws, &["media"], 30).await;
    let total = found["media"].storage.value().unwrap().total();
    assert_eq!(
        (total.gaps(), total.on(midnight(10).date_naive())),
        (1, None)
    );
}

#[tokio::test]
async fn metrics_are_asked_for_in_the_region_of_the_bucket() {
    let mut away = bucket("away");
    away.region = "eu-west-1".to_owned();
    let here = bucket("here");
    let mut misplaced = daily(&here, "StandardStorage", [30, 1], 5.0);
    misplaced.region = "eu-west-1".to_owned();
    let histories = vec![daily(&away, "StandardStorage", [30, 1], 5.0), misplaced];
    let (_sandbox, aws) = start(SandboxOptions::default(), vec![away, here], of(histories)).await;
    let found = storage(&aws, &["away", "here"], 30).await;
    assert_eq!(found["away"].region.as_ref().unwrap().as_str(), "eu-west-1");
    assert!(found["away"].storage.value().is_some());
    assert_eq!(
        found["here"].storage,
        Fact::NotSet,
        "its Region has nothing of it"
    );
}

#[tokio::test]
async fn an_unknown_type_is_shown_as_it_is_and_an_overhead_told_from_objects() {
    let media = bucket("media");
    let histories = ["QuantumStorage", "GlacierObjectOverhead", "StandardStorage"];
    let histories = histories.map(|one| daily(&media, one, [30, 1], 100.0));
    let (_sandbox, aws) = start(
        SandboxOptions::default(),
        vec![media],
        of(histories.to_vec()),
    )
    .await;
    let found = storage(&aws, &["media"], 30).await;
    let known = found["media"].storage.value().unwrap();
    let mut types: Vec<_> = known
        .types
        .iter()
        .map(|one| (one.storage_type.as_str(), one.storage_type.counts()))
        .collect();
    types.sort_unstable_by_key(|(name, _)| *name);
    assert_eq!(
        types,
        [
            ("GlacierObjectOverhead", Counts::Overhead),
            ("QuantumStorage", Counts::Unknown),
            ("StandardStorage", Counts::Objects),
        ]
    );
    assert_eq!(known.overhead().bytes(), 129);
    assert_eq!(known.size().unwrap().1.bytes(), 3 * 129);
}

#[tokio::test]
async fn a_bucket_that_cloudwatch_has_nothing_of_is_not_set_rather_than_empty() {
    let media = bucket("media");
    // Of another bucket whose name begins alike, and one that stopped three weeks ago.
    let mut stopped = bucket("media-2");
    stopped.region = "us-east-1".to_owned();
    let histories = vec![daily(&stopped, "StandardStorage", [60, 21], 5.0)];
    let (_sandbox, aws) = start(
        SandboxOptions::default(),
        vec![media, stopped],
        of(histories),
    )
    .await;
    let found = storage(&aws, &["media", "media-2"], 90).await;
    assert_eq!(found["media"].storage, Fact::NotSet);
    assert_eq!(
        found["media-2"].storage,
        Fact::NotSet,
        "it is no longer listed"
    );
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_unknown_and_the_others_are_known() {
    let media = bucket("media");
    let histories = vec![daily(&media, "StandardStorage", [30, 1], 5.0)];
    let (_sandbox, aws) = start(SandboxOptions::default(), vec![media], of(histories)).await;
    let found = storage(&aws, &["gone", "media"], 30).await;
    assert!(
        unknown(&found, "gone")
            .to_string()
            .contains("no such bucket")
    );
    assert!(found["media"].storage.value().is_some());
}

#[tokio::test]
async fn request_metrics_are_there_only_where_a_metrics_configuration_is() {
    let requests = |bucket: &str| History {
        bucket: bucket.to_owned(),
        region: "us-east-1".to_owned(),
        metric: "AllRequests".to_owned(),
        storage_type: None,
        filter_id: Some("all".to_owned()),
        course: Course::EveryMinute {
            since: midnight(15),
            mean: 10.0,
        },
    };
    let mut sending = bucket("sending");
    sending.configuration_lists.insert(
        "metrics".to_owned(),
        vec![("all".to_owned(), METRICS.to_owned())],
    );
    let histories = vec![requests("sending"), requests("silent")];
    let (sandbox, aws) = start(
        SandboxOptions::default(),
        vec![sending, bucket("silent")],
        of(histories),
    )
    .await;
    let (gate, meter) = (Gate::new(4), Meter::new());
    let sent = metrics::requests(&aws, &name("sending"), 7, &gate, &meter)
        .await
        .unwrap();
    assert_eq!(sent.len(), 3, "all requests, and two kinds of errors");
    let all = &sent[0];
    assert_eq!((all.metric, all.filter.as_str()), ("AllRequests", "all"));
    // Ten a minute are 14,400 a day; S3 sends them as best it can.
    let yesterday = all
        .series
        .points()
        .iter()
        .rev()
        .nth(1)
        .unwrap()
        .value
        .unwrap();
    assert!((12_000.0..16_000.0).contains(&yesterday), "{yesterday}");
    assert!(sent[1].series.is_empty(), "nobody sends errors");

    sandbox.requests().reset();
    let none = metrics::requests(&aws, &name("silent"), 7, &gate, &meter).await;
    assert_eq!(none, Ok(Vec::new()));
    assert_eq!(sandbox.requests().of("GetMetricData"), 0);
}

#[tokio::test]
async fn reading_metrics_changes_nothing() {
    let media = bucket("media");
    let histories = vec![daily(&media, "StandardStorage", [30, 1], 5.0)];
    let (sandbox, aws) = start(SandboxOptions::default(), vec![media], of(histories)).await;
    storage(&aws, &["media"], 30).await;
    assert_eq!(sandbox.requests().non_read(), Vec::<&str>::new());
}
