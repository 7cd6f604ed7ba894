//! The alarms on buckets, through the wire.

use chrono::Utc;
use futures::StreamExt;
use s3warden::facade::aws::{Aws, Meter, ProblemKind};
use s3warden::facade::ops::metrics::{self, Alarms};
use s3warden::facade::ops::{Fact, Gate};
use s3warden::facade::sandbox::SandboxOptions;
use s3warden::facade::sandbox::world::metrics::{
    WorldAlarm, WorldMetric, WorldMetrics, WorldQuery,
};

use super::{daily, start};
use crate::ops::world::{bucket, name};

fn size_of(bucket: &str, storage_type: &str) -> WorldMetric {
    WorldMetric {
        namespace: "AWS/S3".to_owned(),
        name: "BucketSizeBytes".to_owned(),
        dimensions: vec![
            ("BucketName".to_owned(), bucket.to_owned()),
            ("StorageType".to_owned(), storage_type.to_owned()),
        ],
        statistic: "Average".to_owned(),
        period: 86_400,
    }
}

fn requests_of(bucket: &str, filter: &str) -> WorldMetric {
    WorldMetric {
        name: "AllRequests".to_owned(),
        dimensions: vec![
            ("BucketName".to_owned(), bucket.to_owned()),
            ("FilterId".to_owned(), filter.to_owned()),
        ],
        statistic: "Sum".to_owned(),
        period: 300,
        ..size_of(bucket, "")
    }
}

fn alarm(name: &str, metric: Option<WorldMetric>) -> WorldAlarm {
    WorldAlarm {
        name: name.to_owned(),
        region: "us-east-1".to_owned(),
        description: None,
        metric,
        queries: Vec::new(),
        threshold: 1000.0,
        comparison: "GreaterThanThreshold".to_owned(),
        evaluation_periods: 1,
        datapoints_to_alarm: None,
        treat_missing: None,
        state: "OK".to_owned(),
        reason: String::new(),
        state_since: Utc::now(),
        actions: Vec::new(),
    }
}

async fn alarms(aws: &Aws, buckets: &[&str]) -> Alarms {
    let (gate, meter) = (Gate::new(4), Meter::new());
    let names = buckets.iter().map(|bucket| name(bucket)).collect();
    let stored: Vec<_> = metrics::storage(aws, names, 30, gate.clone(), &meter)
        .collect()
        .await;
    metrics::alarms(aws, &stored, &gate, &meter).await
}

#[tokio::test]
async fn the_alarms_of_a_bucket_are_found_on_all_pages_and_by_what_an_expression_is_made_of() {
    let media = bucket("media");
    let mut world = WorldMetrics {
        histories: vec![daily(&media, "StandardStorage", [30, 1], 5.0)],
        alarms: (0..250)
            .map(|n| {
                let other = size_of("media-eu", "StandardStorage");
                alarm(&format!("other-{n:03}"), Some(other))
            })
            .collect(),
    };
    let query = |id: &str, metric, expression: Option<&str>| WorldQuery {
        id: id.to_owned(),
        metric,
        expression: expression.map(str::to_owned),
        is_result: expression.is_some(),
    };
    let mut sum = alarm("sum", None);
    sum.queries = vec![
        query("m1", Some(size_of("media", "StandardStorage")), None),
        query("m2", Some(size_of("media", "GlacierStorage")), None),
        query("all", None, Some("m1+m2")),
    ];
    world.alarms.push(sum);
    let (sandbox, aws) = start(SandboxOptions::default(), vec![media], world).await;
    let found = alarms(&aws, &["media"]).await;
    let own = found.buckets[0].alarms.value().unwrap();
    assert_eq!(own.len(), 1);
    assert_eq!(own[0].words(), "the expression m1+m2, above 1000 B");
    assert_eq!(found.buckets[0].findings, []);
    assert_eq!(
        sandbox.requests().of("DescribeAlarms"),
        3,
        "a hundred a page"
    );
}

#[tokio::test]
async fn an_alarm_on_a_filter_that_is_not_there_never_has_data_unless_that_is_not_known() {
    let world = || WorldMetrics {
        histories: Vec::new(),
        alarms: vec![alarm("busy", Some(requests_of("media", "all")))],
    };
    let (_sandbox, aws) = start(SandboxOptions::default(), vec![bucket("media")], world()).await;
    let found = alarms(&aws, &["media"]).await;
    assert_eq!(found.buckets[0].findings[0].id, "alarm-never-has-data");

    let options = SandboxOptions {
        denied: vec!["s3:GetMetricsConfiguration".to_owned()],
        ..SandboxOptions::default()
    };
    let (_sandbox, aws) = start(options, vec![bucket("media")], world()).await;
    let found = alarms(&aws, &["media"]).await;
    assert_eq!(found.buckets[0].findings, []);
    let why = found.buckets[0].not_judged.as_ref().unwrap();
    assert_eq!(why.permission, Some("s3:GetMetricsConfiguration"));
}

#[tokio::test]
async fn alarms_that_may_not_be_listed_are_unknown_and_sizes_are_known_all_the_same() {
    let media = bucket("media");
    let world = WorldMetrics {
        histories: vec![daily(&media, "StandardStorage", [30, 1], 5.0)],
        alarms: Vec::new(),
    };
    let options = SandboxOptions {
        denied: vec!["cloudwatch:DescribeAlarms".to_owned()],
        ..SandboxOptions::default()
    };
    let (_sandbox, aws) = start(options, vec![media], world).await;
    let found = alarms(&aws, &["media"]).await;
    let Fact::Unknown(problem) = &found.buckets[0].alarms else {
        panic!("{found:?}");
    };
    assert_eq!(problem.kind, ProblemKind::Denied);
    assert_eq!(problem.permission, Some("cloudwatch:DescribeAlarms"));
}

#[tokio::test]
async fn an_alarm_that_names_no_bucket_is_told_once_however_many_buckets_there_are() {
    let mut errors = requests_of("media", "all");
    errors.dimensions.clear();
    let world = WorldMetrics {
        histories: Vec::new(),
        alarms: vec![alarm("errors", Some(errors))],
    };
    let buckets = vec![bucket("media"), bucket("other")];
    let (_sandbox, aws) = start(SandboxOptions::default(), buckets, world).await;
    let found = alarms(&aws, &["media", "other"]).await;
    assert!(found.buckets.iter().all(|one| one.alarms == Fact::NotSet));
    assert_eq!(found.adrift.len(), 1);
}
