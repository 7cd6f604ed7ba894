//! What cannot be had: permissions, faults, limits, and endpoints without CloudWatch.

use chrono::Utc;
use s3warden::facade::aws::wire::cloudwatch::{self, Metric, MetricsFilter, QUERIES, Query};
use s3warden::facade::aws::{Aws, ConnectOptions, Meter, ProblemKind, StaticCredentials};
use s3warden::facade::domain::Region;
use s3warden::facade::ops::Fact;
use s3warden::facade::sandbox::{Fault, FaultRule, SandboxOptions};

use super::{daily, midnight, of, start, storage, unknown};
use crate::ops::stub::{Answer, Stub};
use crate::ops::world::{bucket, name};

fn here() -> Region {
    Region("us-east-1".to_owned())
}

#[tokio::test]
async fn each_permission_that_is_missing_leaves_the_metrics_unknown_and_is_named() {
    for action in ["cloudwatch:ListMetrics", "cloudwatch:GetMetricData"] {
        let media = bucket("media");
        let histories = vec![daily(&media, "StandardStorage", [30, 1], 5.0)];
        let options = SandboxOptions {
            denied: vec![action.to_owned()],
            ..SandboxOptions::default()
        };
        let (_sandbox, aws) = start(options, vec![media], of(histories)).await;
        let problem = unknown(&storage(&aws, &["media"], 30).await, "media");
        assert_eq!(problem.kind, ProblemKind::Denied, "{problem}");
        assert_eq!(problem.permission, Some(action));
        assert!(problem.advice.contains(action), "{problem}");
        assert!(problem.request_id.is_some());
    }
}

#[tokio::test]
async fn a_service_that_asks_to_slow_down_is_asked_again() {
    let media = bucket("media");
    let histories = vec![daily(&media, "StandardStorage", [30, 1], 5.0)];
    let (sandbox, aws) = start(SandboxOptions::default(), vec![media], of(histories)).await;
    for fault in [Fault::SlowDown, Fault::InternalError, Fault::Drop] {
        sandbox.set_faults(vec![FaultRule::new(fault).on("GetMetricData").times(1)]);
        sandbox.requests().reset();
        let found = storage(&aws, &["media"], 30).await;
        assert!(found["media"].storage.value().is_some(), "{fault:?}");
        assert_eq!(sandbox.requests().of("GetMetricData"), 2, "{fault:?}");
    }
}

#[tokio::test]
async fn a_second_page_that_fails_leaves_nothing_half_told() {
    let buckets: Vec<_> = (0..300).map(|n| bucket(&format!("media-{n:03}"))).collect();
    let histories = buckets
        .iter()
        .map(|bucket| daily(bucket, "StandardStorage", [364, 1], 5.0));
    let histories = histories.collect();
    let (sandbox, aws) = start(SandboxOptions::default(), buckets, of(histories)).await;
    let denied = FaultRule {
        every: 2.try_into().unwrap(),
        ..FaultRule::new(Fault::AccessDenied).on("GetMetricData")
    };
    sandbox.set_faults(vec![denied]);
    let names: Vec<String> = (0..300).map(|n| format!("media-{n:03}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let found = storage(&aws, &names, 365).await;
    // The first page told all points of the first buckets; which is not known before the last.
    assert!(
        found
            .values()
            .all(|one| matches!(one.storage, Fact::Unknown(_)))
    );
}

#[tokio::test]
async fn the_sandbox_takes_five_hundred_queries_and_no_more() {
    let (_sandbox, aws) = start(SandboxOptions::default(), vec![], of(vec![])).await;
    let query = Query {
        metric: Metric {
            name: "BucketSizeBytes".to_owned(),
            dimensions: Vec::new(),
        },
        statistic: "Average",
        period: 86_400,
    };
    let window = [midnight(5), Utc::now()];
    let meter = Meter::new();
    let ask = async |queries: usize| {
        let queries = vec![query.clone(); queries];
        cloudwatch::points(&aws, &here(), &queries, window, None, &meter).await
    };
    assert_eq!(ask(QUERIES).await.unwrap().rows.len(), 500);
    let problem = ask(QUERIES + 1).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Invalid, "{problem}");
    assert!(problem.to_string().contains("500"), "{problem}");
    // A token that nobody gave.
    let queries = [query.clone()];
    let problem = cloudwatch::points(&aws, &here(), &queries, window, Some("x"), &meter)
        .await
        .unwrap_err();
    assert_eq!(problem.code.as_deref(), Some("InvalidNextToken"));
}

#[tokio::test]
async fn a_server_without_cloudwatch_is_told_as_such_and_never_as_empty() {
    let listing = "<?xml version=\"1.0\"?><ListBucketResult></ListBucketResult>";
    for answer in [
        Answer::error(405, "MethodNotAllowed", "not here"),
        Answer::error(403, "AccessDenied", "no"),
        Answer::error(404, "NoSuchBucket", "service"),
        Answer::xml(200, listing),
        Answer::Http(
            200,
            "content-type: text/html\r\n",
            "<html></html>".to_owned(),
        ),
        Answer::Http(204, "", String::new()),
    ] {
        let stub = Stub::start(vec![answer]).await;
        let aws = stub.connect().await;
        let meter = Meter::new();
        let filter = MetricsFilter::default();
        let problem = cloudwatch::metrics(&aws, &here(), filter, None, &meter)
            .await
            .unwrap_err();
        assert_eq!(problem.kind, ProblemKind::NotSupported, "{problem}");
        assert!(
            problem
                .to_string()
                .contains("this endpoint does not have CloudWatch"),
            "{problem}"
        );
        assert_eq!(meter.requests(), 1, "it is not asked again");
    }
}

#[tokio::test]
async fn a_request_that_is_signed_with_another_key_is_not_let_in() {
    let (sandbox, _) = start(SandboxOptions::default(), vec![], of(vec![])).await;
    for (access_key, secret_key) in [
        (sandbox.access_key(), "another-secret"),
        ("NOBODYSKEY", sandbox.secret_key()),
    ] {
        let aws = Aws::connect(ConnectOptions {
            endpoint_url: Some(sandbox.endpoint_url()),
            region: Some("us-east-1".to_owned()),
            credentials: Some(StaticCredentials {
                access_key: access_key.to_owned(),
                secret_key: secret_key.to_owned(),
                session_token: None,
            }),
            ..ConnectOptions::default()
        })
        .await
        .unwrap();
        let meter = Meter::new();
        let filter = MetricsFilter {
            bucket: Some(&name("media")),
            ..MetricsFilter::default()
        };
        let problem = cloudwatch::metrics(&aws, &here(), filter, None, &meter)
            .await
            .unwrap_err();
        assert_eq!(problem.kind, ProblemKind::BadCredentials, "{problem}");
    }
}
