//! The fleet: buckets of several Regions, and facts that fail each by itself.

use s3warden::facade::aws::{Meter, ProblemKind};
use s3warden::facade::ops::Fact;
use s3warden::facade::ops::browse::{self, ListRequest};
use s3warden::facade::ops::buckets::{self, VersioningState};
use s3warden::facade::sandbox::SandboxOptions;
use s3warden::facade::sandbox::world::Versioning;

use super::world::{bucket, holding, name, sandbox, sandbox_with};

const KMS: &str = "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
    <SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>key-1</KMSMasterKeyID>\
    </ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule>\
    </ServerSideEncryptionConfiguration>";
const BLOCK: &str = "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls>\
    <IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy>\
    <RestrictPublicBuckets>false</RestrictPublicBuckets></PublicAccessBlockConfiguration>";

#[tokio::test]
async fn all_buckets_are_listed_with_their_regions_over_several_pages() {
    let mut fleet: Vec<_> = (0..1_003)
        .map(|n| bucket(&format!("media-{n:04}")))
        .collect();
    fleet[1_002].region = "eu-west-1".to_owned();
    let (_sandbox, aws) = sandbox(fleet).await;
    let meter = Meter::new();
    let listed = buckets::list(&aws, &meter).await;
    assert_eq!(listed.problem, None);
    let buckets = listed.buckets;
    assert_eq!(buckets.len(), 1_003);
    assert!(buckets.is_sorted_by_key(|bucket| bucket.name.clone()));
    assert_eq!(
        buckets[1_002].region.as_ref().unwrap().as_str(),
        "eu-west-1"
    );
    assert!(buckets[0].created.is_some());
    assert_eq!(meter.requests(), 2);
}

#[tokio::test]
async fn facts_of_a_bucket_are_read_as_they_are_configured() {
    let mut media = bucket("media");
    media.region = "eu-west-1".to_owned();
    media.versioning = Versioning::Suspended;
    media
        .configuration
        .insert("encryption".to_owned(), KMS.to_owned());
    media
        .configuration
        .insert("publicAccessBlock".to_owned(), BLOCK.to_owned());
    let (_sandbox, aws) = sandbox(vec![media]).await;
    let facts = buckets::facts(&aws, &name("media"), &Meter::new()).await;
    assert_eq!(facts.region.value().unwrap().as_str(), "eu-west-1");
    let versioning = facts.versioning.value().unwrap();
    assert_eq!(versioning.state, VersioningState::Suspended);
    let encryption = facts.encryption.value().unwrap();
    assert_eq!(encryption.algorithm, "aws:kms");
    assert_eq!(encryption.key_id.as_deref(), Some("key-1"));
    assert!(encryption.bucket_key);
    assert_eq!(facts.publicity, Fact::NotSet, "there is no policy");
}

#[tokio::test]
async fn versioning_that_was_never_on_and_a_policy_that_is_not_there_are_not_set() {
    let (_sandbox, aws) = sandbox(vec![bucket("media")]).await;
    let facts = buckets::facts(&aws, &name("media"), &Meter::new()).await;
    assert_eq!(facts.versioning, Fact::NotSet);
    assert_eq!(facts.publicity, Fact::NotSet);
}

#[tokio::test]
async fn a_permission_that_is_missing_on_one_bucket_leaves_one_fact_unknown() {
    let options = SandboxOptions {
        denied: vec!["s3:GetEncryptionConfiguration@media".to_owned()],
        ..SandboxOptions::default()
    };
    let (_sandbox, aws) = sandbox_with(options, vec![bucket("media"), bucket("other")]).await;
    let facts = buckets::facts(&aws, &name("media"), &Meter::new()).await;
    let problem = facts.encryption.problem().expect("denied");
    assert_eq!(problem.kind, ProblemKind::Denied);
    assert_eq!(problem.permission, Some("s3:GetEncryptionConfiguration"));
    assert_eq!(facts.versioning, Fact::NotSet, "the others are answered");
    let other = buckets::facts(&aws, &name("other"), &Meter::new()).await;
    assert!(other.encryption.problem().is_none());
}

#[tokio::test]
async fn a_bucket_in_another_region_is_reached_without_being_told_where_it_is() {
    let mut away = holding("away", ["k"]);
    away.region = "eu-west-1".to_owned();
    let (sandbox, aws) = sandbox(vec![away]).await;
    let request = ListRequest::flat(name("away"), "");
    let page = browse::page(&aws, &request, &Meter::new()).await.unwrap();
    assert_eq!(page.items.len(), 1);
    assert_eq!(
        aws.known_region(&name("away")).unwrap().as_str(),
        "eu-west-1"
    );
    sandbox.requests().reset();
    browse::page(&aws, &request, &Meter::new()).await.unwrap();
    assert_eq!(sandbox.requests().total(), 1, "it was remembered");
}

#[tokio::test]
async fn the_caller_is_told() {
    let (_sandbox, aws) = sandbox(vec![]).await;
    let identity = aws.identity(&Meter::new()).await.unwrap();
    assert!(!identity.account.is_empty());
    assert!(identity.arn.starts_with("arn:"));
}
