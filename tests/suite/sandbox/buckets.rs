//! Buckets themselves.

use aws_sdk_s3::types::{
    BucketLocationConstraint, BucketVersioningStatus, CreateBucketConfiguration,
    VersioningConfiguration,
};
use s3warden::facade::sandbox::world::WorldBucket;

use super::support::{bucket, client, code, put, refusal, start};

fn fleet() -> Vec<WorldBucket> {
    [
        ("alpha", "us-east-1"),
        ("beta", "eu-west-1"),
        ("beta-2", "eu-west-1"),
        ("gamma", "us-east-1"),
    ]
    .map(|(name, region)| WorldBucket {
        region: region.into(),
        ..bucket(name)
    })
    .into()
}

#[tokio::test]
async fn buckets_are_listed_by_name_with_their_dates() {
    let running = start(fleet()).await;
    let s3 = &running.s3;
    let answer = s3.list_buckets().send().await.unwrap();
    let names: Vec<_> = answer
        .buckets()
        .iter()
        .map(|row| row.name().unwrap())
        .collect();
    assert_eq!(names, ["alpha", "beta", "beta-2", "gamma"]);
    let first = &answer.buckets()[0];
    assert_eq!(
        first.creation_date().unwrap().to_string(),
        "2024-01-15T10:30:00Z"
    );
    assert_eq!(first.bucket_region(), None);
    assert_eq!(answer.owner().unwrap().id().unwrap().len(), 64);
}

#[tokio::test]
async fn buckets_are_listed_in_pages_by_prefix_and_by_region() {
    let running = start(fleet()).await;
    let s3 = &running.s3;
    let mut token = None;
    let mut names = Vec::new();
    loop {
        let page = s3
            .list_buckets()
            .max_buckets(3)
            .set_continuation_token(token)
            .send()
            .await
            .unwrap();
        names.extend(
            page.buckets()
                .iter()
                .map(|row| row.name().unwrap().to_owned()),
        );
        token = page.continuation_token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(names, ["alpha", "beta", "beta-2", "gamma"]);
    let answer = s3.list_buckets().prefix("beta").send().await.unwrap();
    assert_eq!(answer.buckets().len(), 2);
    assert_eq!(answer.buckets()[0].bucket_region(), Some("eu-west-1"));
    let answer = s3
        .list_buckets()
        .bucket_region("us-east-1")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.buckets().len(), 2);
}

#[tokio::test]
async fn a_bucket_is_made_where_it_is_wanted_and_removed_when_it_is_empty() {
    let running = start(vec![]).await;
    let s3 = client(&running.sandbox, "us-east-1");
    let region = CreateBucketConfiguration::builder()
        .location_constraint(BucketLocationConstraint::EuWest1)
        .build();
    let create = s3
        .create_bucket()
        .bucket("made-here")
        .create_bucket_configuration(region);
    create.send().await.unwrap();
    let eu = client(&running.sandbox, "eu-west-1");
    let location = eu
        .get_bucket_location()
        .bucket("made-here")
        .send()
        .await
        .unwrap();
    assert_eq!(
        location.location_constraint(),
        Some(&BucketLocationConstraint::EuWest1)
    );
    let head = eu.head_bucket().bucket("made-here").send().await.unwrap();
    assert_eq!(head.bucket_region(), Some("eu-west-1"));

    put(&eu, "made-here", "k", "x").await;
    let delete = || eu.delete_bucket().bucket("made-here").send();
    assert_eq!(refusal(delete().await), (409, "BucketNotEmpty".into()));
    eu.delete_object()
        .bucket("made-here")
        .key("k")
        .send()
        .await
        .unwrap();
    delete().await.unwrap();
    let head = eu.head_bucket().bucket("made-here").send().await;
    assert_eq!(refusal(head).0, 404);
}

#[tokio::test]
async fn a_bucket_in_us_east_1_says_nothing_of_its_location() {
    let running = start(vec![bucket("alpha")]).await;
    let s3 = &running.s3;
    let location = s3
        .get_bucket_location()
        .bucket("alpha")
        .send()
        .await
        .unwrap();
    assert!(
        location
            .location_constraint()
            .is_none_or(|region| region.as_str().is_empty())
    );
    // Its oldest Region takes a second request for a repetition of the first.
    s3.create_bucket().bucket("alpha").send().await.unwrap();
}

#[tokio::test]
async fn versioning_is_told_once_it_was_set() {
    let running = start(vec![bucket("alpha")]).await;
    let s3 = &running.s3;
    let status = async || {
        let answer = s3
            .get_bucket_versioning()
            .bucket("alpha")
            .send()
            .await
            .unwrap();
        answer.status
    };
    assert_eq!(status().await, None);
    for state in [
        BucketVersioningStatus::Enabled,
        BucketVersioningStatus::Suspended,
    ] {
        let configuration = VersioningConfiguration::builder()
            .status(state.clone())
            .build();
        let put = s3
            .put_bucket_versioning()
            .bucket("alpha")
            .versioning_configuration(configuration);
        put.send().await.unwrap();
        assert_eq!(status().await, Some(state));
    }
    let nothing = VersioningConfiguration::builder().build();
    let put = s3
        .put_bucket_versioning()
        .bucket("alpha")
        .versioning_configuration(nothing)
        .send()
        .await;
    assert_eq!(code(put), "IllegalVersioningConfigurationException");
}

#[tokio::test]
async fn a_bucket_with_nothing_but_a_marker_is_not_empty() {
    let running = start(vec![super::support::versioned("alpha")]).await;
    let s3 = &running.s3;
    put(s3, "alpha", "k", "x").await;
    let deleted = s3
        .delete_object()
        .bucket("alpha")
        .key("k")
        .send()
        .await
        .unwrap();
    let versions = s3
        .list_object_versions()
        .bucket("alpha")
        .send()
        .await
        .unwrap();
    let id = versions.versions()[0].version_id().unwrap();
    s3.delete_object()
        .bucket("alpha")
        .key("k")
        .version_id(id)
        .send()
        .await
        .unwrap();
    assert_eq!(
        code(s3.delete_bucket().bucket("alpha").send().await),
        "BucketNotEmpty"
    );
    let marker = deleted.version_id.unwrap();
    s3.delete_object()
        .bucket("alpha")
        .key("k")
        .version_id(marker)
        .send()
        .await
        .unwrap();
    s3.delete_bucket().bucket("alpha").send().await.unwrap();
}

#[tokio::test]
async fn a_request_that_expects_another_owner_is_refused() {
    let running = start(vec![bucket("alpha")]).await;
    let s3 = &running.s3;
    let head = s3
        .head_bucket()
        .bucket("alpha")
        .expected_bucket_owner("999999999999")
        .send()
        .await;
    assert_eq!(refusal(head).0, 403);
    let list = s3
        .list_objects_v2()
        .bucket("alpha")
        .expected_bucket_owner("123456789012")
        .send()
        .await;
    assert!(list.is_ok());
}
