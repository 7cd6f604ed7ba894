//! Every failure a person can meet is explained: what was tried, on what, why it failed, what to do.

use futures::future::join_all;
use s3warden::facade::aws::{Meter, Problem, ProblemKind};
use s3warden::facade::domain::{BucketName, ObjectKey, VersionId};
use s3warden::facade::ops::browse::{self, ListRequest};
use s3warden::facade::ops::{Fact, buckets, inspect};

use super::stub::{Answer, Stub, connect};

fn media() -> BucketName {
    BucketName::new("media").unwrap()
}

async fn list_at(url: &str) -> Problem {
    let aws = connect(url).await;
    browse::page(&aws, &ListRequest::flat(media(), "a/"), &Meter::new())
        .await
        .unwrap_err()
}

async fn list(answer: Answer) -> Problem {
    let stub = Stub::start(vec![answer]).await;
    list_at(stub.url()).await
}

async fn head(answer: Answer) -> Problem {
    let stub = Stub::start(vec![answer]).await;
    let aws = stub.connect().await;
    let key = ObjectKey::new("a/b").unwrap();
    let version = VersionId("v1".to_owned());
    let detail = inspect::object(&aws, &media(), &key, Some(&version), &Meter::new()).await;
    detail.head.problem().expect("a problem").clone()
}

/// What holds for every problem, whatever it is about.
fn assert_told_well(problem: &Problem) {
    let line = problem.to_string();
    assert!(!line.contains('\n'), "{line}");
    assert!(line.starts_with("could not "), "{line}");
    assert!(!problem.advice.is_empty(), "{line}");
    assert!(!problem.message.is_empty(), "{line}");
    for leak in [
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI",
        "SdkError",
        "Unhandled",
        "ServiceError",
    ] {
        assert!(
            !format!("{line} {problem:?}").contains(leak),
            "{leak} in {line}"
        );
    }
}

#[tokio::test]
async fn each_code_of_the_service_has_its_kind_and_advice() {
    use ProblemKind as Kind;
    let codes = [
        (403, "AccessDenied", Kind::Denied, "s3:ListBucket"),
        (
            403,
            "SignatureDoesNotMatch",
            Kind::BadCredentials,
            "secret access key",
        ),
        (
            403,
            "InvalidAccessKeyId",
            Kind::BadCredentials,
            "credentials",
        ),
        (403, "NotSignedUp", Kind::BadCredentials, "credentials"),
        (400, "ExpiredToken", Kind::ExpiredCredentials, "credentials"),
        (403, "RequestTimeTooSkewed", Kind::ClockSkew, "clock"),
        (
            400,
            "AuthorizationHeaderMalformed",
            Kind::WrongRegion,
            "--region",
        ),
        (301, "PermanentRedirect", Kind::WrongRegion, "--region"),
        (404, "NoSuchBucket", Kind::NotFound, "name"),
        (404, "NoSuchKey", Kind::NotFound, "list it again"),
        (403, "InvalidObjectState", Kind::Archived, "restore"),
        (400, "EntityTooLarge", Kind::Invalid, "5 GiB"),
        (412, "PreconditionFailed", Kind::Changed, "again"),
        (503, "SlowDown", Kind::Throttled, "wait"),
        (500, "InternalError", Kind::Unavailable, "request id"),
        (501, "NotImplemented", Kind::NotSupported, "127.0.0.1"),
        (405, "MethodNotAllowed", Kind::NotSupported, "127.0.0.1"),
    ];
    // Boxed, for so many calls side by side are too large for a test's stack.
    let lists = codes.into_iter().map(|(status, code, kind, word)| {
        Box::pin(async move {
            let problem = list(Answer::error(status, code, "As the service says")).await;
            assert_told_well(&problem);
            assert_eq!(problem.kind, kind, "{code}: {problem}");
            assert_eq!(problem.code.as_deref(), Some(code));
            assert!(
                problem.advice.command_line().contains(word),
                "{code}: {problem}"
            );
            assert_eq!(problem.target, "s3://media/a/");
        })
    });
    join_all(lists).await;
}

#[tokio::test]
async fn a_denied_call_names_the_permission_that_is_missing() {
    let problem = list(Answer::error(403, "AccessDenied", "Access Denied")).await;
    assert_eq!(problem.permission, Some("s3:ListBucket"));
}

#[tokio::test]
async fn an_unknown_code_is_told_in_the_services_own_words() {
    let problem = list(Answer::error(400, "BrandNewCode", "The moon is full")).await;
    assert_told_well(&problem);
    assert!(problem.message.contains("The moon is full"), "{problem}");
    assert_eq!(problem.code.as_deref(), Some("BrandNewCode"));
}

#[tokio::test]
async fn a_head_answer_without_a_body_is_explained_by_its_status() {
    let bare = |status| Answer::Http(status, "", String::new());
    for (answer, kind, word) in [
        (bare(403), ProblemKind::Denied, "no such key"),
        (bare(404), ProblemKind::NotFound, "no such key"),
        (bare(400), ProblemKind::Invalid, "HEAD"),
        (bare(503), ProblemKind::Throttled, "slow down"),
        (
            Answer::Http(405, "x-amz-delete-marker: true\r\n", String::new()),
            ProblemKind::NotFound,
            "delete marker",
        ),
    ] {
        let problem = head(answer).await;
        assert_told_well(&problem);
        assert_eq!(problem.kind, kind, "{problem}");
        assert!(problem.message.contains(word), "{problem}");
    }
}

#[tokio::test]
async fn a_web_page_is_not_taken_for_an_answer() {
    for status in [200, 403, 404] {
        let page = "<!DOCTYPE html><html><body>Welcome</body></html>".to_owned();
        let problem = list(Answer::Http(status, "content-type: text/html\r\n", page)).await;
        assert_told_well(&problem);
        assert_eq!(problem.kind, ProblemKind::Malformed, "{status}: {problem}");
        assert!(problem.advice.command_line().contains("port"), "{problem}");
    }
}

#[tokio::test]
async fn an_empty_success_is_not_an_empty_bucket() {
    let problem = list(Answer::Http(200, "", String::new())).await;
    assert_told_well(&problem);
    assert_eq!(problem.kind, ProblemKind::Malformed, "{problem}");
}

#[tokio::test]
async fn a_listing_in_place_of_a_configuration_leaves_it_unknown() {
    let stub = Stub::start(vec![Answer::xml(
        200,
        "<ListBucketResult><Name>media</Name></ListBucketResult>",
    )])
    .await;
    let facts = buckets::facts(&stub.connect().await, &media(), &Meter::new()).await;
    for problem in [
        facts.versioning.problem(),
        facts.encryption.problem(),
        facts.publicity.problem(),
    ] {
        let problem = problem.expect("unknown, not off");
        assert_told_well(problem);
        assert_eq!(problem.kind, ProblemKind::Malformed, "{problem}");
    }
}

#[tokio::test]
async fn each_fact_of_a_bucket_fails_by_itself_with_its_own_permission() {
    let stub = Stub::start(vec![Answer::error(403, "AccessDenied", "no")]).await;
    let facts = buckets::facts(&stub.connect().await, &media(), &Meter::new()).await;
    let permission = |problem: Option<&Problem>| problem.and_then(|p| p.permission);
    assert_eq!(
        permission(facts.versioning.problem()),
        Some("s3:GetBucketVersioning")
    );
    assert_eq!(
        permission(facts.encryption.problem()),
        Some("s3:GetEncryptionConfiguration")
    );
    assert_eq!(
        permission(facts.publicity.problem()),
        Some("s3:GetBucketPolicyStatus")
    );
}

#[tokio::test]
async fn what_is_not_configured_is_not_set_rather_than_unknown() {
    let stub = Stub::start(vec![Answer::error(404, "NoSuchBucketPolicy", "x")]).await;
    let facts = buckets::facts(&stub.connect().await, &media(), &Meter::new()).await;
    assert_eq!(facts.publicity, Fact::NotSet);
}

#[tokio::test]
async fn nothing_listening_is_told_with_the_endpoint() {
    // A port that only an administrator can open: no other test takes it in between.
    let url = "http://127.0.0.1:1";
    let problem = list_at(url).await;
    assert_told_well(&problem);
    assert_eq!(problem.kind, ProblemKind::Network, "{problem}");
    assert!(problem.message.contains(url), "{problem}");
    assert!(problem.message.contains("refused"), "{problem}");
}

#[tokio::test]
async fn a_host_that_does_not_exist_is_told_as_such() {
    let problem = list_at("http://no-such-host.invalid:9000").await;
    assert_told_well(&problem);
    // Where the network drops questions about names, no answer comes at all.
    assert!(
        matches!(problem.kind, ProblemKind::Network | ProblemKind::TimedOut),
        "{problem}"
    );
    assert!(
        problem.message.contains("no-such-host.invalid"),
        "{problem}"
    );
}

#[tokio::test]
async fn https_to_a_port_that_speaks_http_is_told_as_such() {
    let stub = Stub::start(vec![Answer::Gibberish]).await;
    let problem = list_at(&stub.url().replace("http://", "https://")).await;
    assert_told_well(&problem);
    assert_eq!(problem.kind, ProblemKind::Network, "{problem}");
    assert!(problem.message.contains("secure"), "{problem}");
}

#[tokio::test]
async fn what_is_no_http_is_told_as_such() {
    let problem = list(Answer::Gibberish).await;
    assert_told_well(&problem);
    assert_eq!(problem.kind, ProblemKind::Malformed, "{problem}");
}

#[tokio::test]
async fn a_dropped_connection_is_tried_again_and_then_told() {
    for answer in [Answer::Drop, Answer::CutOff] {
        let stub = Stub::start(vec![answer]).await;
        let problem = list_at(stub.url()).await;
        assert_told_well(&problem);
        assert_eq!(problem.kind, ProblemKind::Network, "{problem}");
        assert_eq!(stub.requests().len(), 4, "{problem}");
    }
}

#[tokio::test]
async fn a_failure_that_passes_is_tried_again_and_counted() {
    let stub = Stub::start(vec![
        Answer::error(503, "SlowDown", "Please reduce your request rate."),
        Answer::Drop,
        Answer::xml(
            200,
            "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>",
        ),
    ])
    .await;
    let meter = Meter::new();
    let aws = stub.connect().await;
    let page = browse::page(&aws, &ListRequest::flat(media(), ""), &meter).await;
    assert!(page.is_ok());
    assert_eq!((meter.requests(), meter.retries()), (3, 2));
}

#[tokio::test]
async fn a_bucket_in_another_region_is_found_there_and_remembered() {
    let done = || Answer::xml(200, "<ListBucketResult></ListBucketResult>");
    for (status, headers, body) in [
        (301, "x-amz-bucket-region: eu-west-1\r\n", ""),
        (400, "x-amz-bucket-region: eu-west-1\r\n", ""),
        (
            400,
            "",
            "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>",
        ),
    ] {
        let away = Answer::Http(status, headers, body.to_owned());
        let stub = Stub::start(vec![away, done()]).await;
        let aws = stub.connect().await;
        let request = ListRequest::flat(media(), "");
        for _ in 0..2 {
            browse::page(&aws, &request, &Meter::new()).await.unwrap();
        }
        let regions: Vec<String> = stub
            .requests()
            .iter()
            .map(|r| r.rsplit(' ').next().unwrap().to_owned())
            .collect();
        assert_eq!(regions, ["us-east-1", "eu-west-1", "eu-west-1"], "{status}");
    }
}

#[tokio::test]
async fn a_redirect_without_a_region_is_followed_by_asking_for_it() {
    let stub = Stub::start(vec![
        Answer::error(301, "PermanentRedirect", "elsewhere"),
        Answer::Http(200, "x-amz-bucket-region: ap-south-1\r\n", String::new()),
        Answer::xml(200, "<ListBucketResult></ListBucketResult>"),
    ])
    .await;
    let aws = stub.connect().await;
    browse::page(&aws, &ListRequest::flat(media(), ""), &Meter::new())
        .await
        .unwrap();
    let requests = stub.requests();
    assert!(requests[1].starts_with("HEAD /media"), "{requests:?}");
    assert!(requests[2].ends_with("ap-south-1"), "{requests:?}");
}

#[tokio::test]
async fn a_token_that_comes_twice_ends_the_listing_with_an_error() {
    let page = "<ListBucketResult><IsTruncated>true</IsTruncated>\
        <NextContinuationToken>again</NextContinuationToken></ListBucketResult>";
    let stub = Stub::start(vec![Answer::xml(200, page)]).await;
    let aws = stub.connect().await;
    let mut request = ListRequest::flat(media(), "");
    let first = browse::page(&aws, &request, &Meter::new()).await.unwrap();
    request.start = browse::Start::Next(first.next.unwrap());
    let problem = browse::page(&aws, &request, &Meter::new())
        .await
        .unwrap_err();
    assert_told_well(&problem);
    assert_eq!(problem.kind, ProblemKind::Malformed);
}

#[tokio::test]
async fn a_server_that_ignores_start_after_is_found_out() {
    let page = "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>";
    let stub = Stub::start(vec![Answer::xml(200, page)]).await;
    let aws = stub.connect().await;
    let mut request = ListRequest::flat(media(), "");
    request.start = browse::Start::After("m".to_owned());
    let problem = browse::page(&aws, &request, &Meter::new())
        .await
        .unwrap_err();
    assert_told_well(&problem);
    assert_eq!(problem.kind, ProblemKind::NotSupported);
}

#[tokio::test]
async fn a_server_that_ignores_bucket_paging_neither_loops_nor_doubles_nor_passes_for_complete() {
    let page = "<ListAllMyBucketsResult><Buckets><Bucket><Name>media</Name></Bucket></Buckets>\
        <ContinuationToken>t</ContinuationToken></ListAllMyBucketsResult>";
    let stub = Stub::start(vec![Answer::xml(200, page)]).await;
    let aws = stub.connect().await;
    let listed = buckets::list(&aws, &Meter::new()).await;
    assert_eq!(listed.buckets.len(), 1);
    let problem = listed.problem.expect("there is more, it said");
    assert_told_well(&problem);
    assert_eq!(problem.kind, ProblemKind::Malformed);
    assert_eq!(stub.requests().len(), 2);
}

#[tokio::test]
async fn buckets_that_were_listed_before_a_page_failed_are_kept() {
    let page = "<ListAllMyBucketsResult><Buckets><Bucket><Name>media</Name></Bucket></Buckets>\
        <ContinuationToken>t</ContinuationToken></ListAllMyBucketsResult>";
    let denied = Answer::error(403, "AccessDenied", "no");
    let stub = Stub::start(vec![Answer::xml(200, page), denied]).await;
    let listed = buckets::list(&stub.connect().await, &Meter::new()).await;
    assert_eq!(listed.buckets.len(), 1);
    let problem = listed.problem.expect("it was cut");
    assert_told_well(&problem);
    assert_eq!(problem.kind, ProblemKind::Denied);
}

#[tokio::test]
async fn a_refused_head_leaves_the_region_unknown_even_on_an_endpoint_of_one_region() {
    let stub = Stub::start(vec![Answer::Http(403, "", String::new())]).await;
    let aws = stub.connect().await;
    let facts = buckets::facts(&aws, &media(), &Meter::new()).await;
    let problem = facts.region.problem().expect("unknown, not us-east-1");
    assert_told_well(problem);
    assert_eq!(problem.kind, ProblemKind::Denied, "{problem}");
    // Requests go to the configured Region all the same.
    let requests = stub.requests();
    assert_eq!(requests.len(), 5);
    assert!(
        requests.iter().all(|r| r.ends_with(" us-east-1")),
        "{requests:?}"
    );
}

#[tokio::test]
async fn a_head_that_names_no_region_is_no_reason_to_remember_one() {
    let stub = Stub::start(vec![Answer::Http(200, "", String::new())]).await;
    let aws = stub.connect().await;
    let facts = buckets::facts(&aws, &media(), &Meter::new()).await;
    assert_eq!(facts.region.value(), Some(aws.region()));
    assert_eq!(aws.known_region(&media()), None);
}

#[tokio::test]
async fn connecting_contacts_nobody() {
    let stub = Stub::start(vec![Answer::Drop]).await;
    let aws = stub.connect().await;
    assert_eq!(aws.endpoint(), Some(stub.url()));
    assert_eq!(aws.region().as_str(), "us-east-1");
    assert!(stub.requests().is_empty());
}
