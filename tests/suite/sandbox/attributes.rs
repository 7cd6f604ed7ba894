//! What is kept beside the bytes: encryption, tags, access control lists, attributes.

use std::collections::BTreeMap;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    ObjectAttributes, ObjectCannedAcl, Permission, ServerSideEncryption, Tag, Tagging,
};
use s3warden::facade::sandbox::world::{SeedObject, Sse};

use super::support::{bucket, code, put, seed_object, start};

const KMS_DEFAULT: &str = r#"<ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
    <Rule>
        <ApplyServerSideEncryptionByDefault>
            <SSEAlgorithm>aws:kms</SSEAlgorithm>
            <KMSMasterKeyID>arn:aws:kms:us-east-1:123456789012:key/bucket</KMSMasterKeyID>
        </ApplyServerSideEncryptionByDefault>
        <BucketKeyEnabled>true</BucketKeyEnabled>
    </Rule>
</ServerSideEncryptionConfiguration>"#;

#[tokio::test]
async fn an_object_is_encrypted_as_its_request_says_else_as_its_bucket_says() {
    let mut kms = bucket("kms");
    kms.configuration
        .insert("encryption".into(), KMS_DEFAULT.into());
    let running = start(vec![bucket("media"), kms]).await;
    let s3 = &running.s3;

    put(s3, "media", "k", "x").await;
    let head = s3
        .head_object()
        .bucket("media")
        .key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(
        head.server_side_encryption(),
        Some(&ServerSideEncryption::Aes256)
    );

    put(s3, "kms", "default", "x").await;
    let head = s3
        .head_object()
        .bucket("kms")
        .key("default")
        .send()
        .await
        .unwrap();
    assert_eq!(
        head.server_side_encryption(),
        Some(&ServerSideEncryption::AwsKms)
    );
    assert_eq!(
        head.ssekms_key_id(),
        Some("arn:aws:kms:us-east-1:123456789012:key/bucket")
    );
    assert_eq!(head.bucket_key_enabled(), Some(true));

    let own = s3
        .put_object()
        .bucket("kms")
        .key("own")
        .server_side_encryption(ServerSideEncryption::AwsKms)
        .send()
        .await
        .unwrap();
    assert_eq!(
        own.ssekms_key_id(),
        Some("arn:aws:kms:us-east-1:123456789012:alias/aws/s3")
    );

    let alone = s3
        .put_object()
        .bucket("media")
        .key("k")
        .ssekms_key_id("1234")
        .send()
        .await;
    assert_eq!(code(alone), "InvalidArgument");
}

#[tokio::test]
async fn a_seeded_object_may_be_unencrypted_and_replicated() {
    let mut media = bucket("media");
    let object = |sse| SeedObject {
        sse,
        replication_status: Some("COMPLETED".into()),
        ..SeedObject::default()
    };
    media.versions = vec![
        seed_object("old", object(Sse::None)),
        seed_object(
            "kms",
            object(Sse::Kms("arn:aws:kms:eu-west-1:1:key/k".into())),
        ),
    ];
    let running = start(vec![media]).await;
    let s3 = &running.s3;
    let head = s3
        .head_object()
        .bucket("media")
        .key("old")
        .send()
        .await
        .unwrap();
    assert_eq!(head.server_side_encryption(), None);
    assert_eq!(head.replication_status().unwrap().as_str(), "COMPLETED");
    let head = s3
        .head_object()
        .bucket("media")
        .key("kms")
        .send()
        .await
        .unwrap();
    assert_eq!(head.ssekms_key_id(), Some("arn:aws:kms:eu-west-1:1:key/k"));
}

#[tokio::test]
async fn tags_come_with_the_object_or_later() {
    let mut media = bucket("media");
    let object = SeedObject {
        tags: BTreeMap::from([("seeded".into(), "yes".into())]),
        ..SeedObject::default()
    };
    media.versions.push(seed_object("seeded", object));
    let running = start(vec![media]).await;
    let s3 = &running.s3;
    let tags = async |key: &str| {
        let got = s3
            .get_object_tagging()
            .bucket("media")
            .key(key)
            .send()
            .await
            .unwrap();
        let pairs = got.tag_set.into_iter().map(|tag| (tag.key, tag.value));
        pairs.collect::<Vec<(String, String)>>()
    };
    assert_eq!(tags("seeded").await, [("seeded".into(), "yes".into())]);

    s3.put_object()
        .bucket("media")
        .key("k")
        .tagging("a=1&b=c%20d")
        .send()
        .await
        .unwrap();
    assert_eq!(
        tags("k").await,
        [("a".into(), "1".into()), ("b".into(), "c d".into())]
    );
    let got = s3
        .get_object()
        .bucket("media")
        .key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(got.tag_count(), Some(2));

    let tagging = |key: &str| {
        let tag = Tag::builder().key(key).value("v").build().unwrap();
        let tagging = Tagging::builder().tag_set(tag).build().unwrap();
        s3.put_object_tagging()
            .bucket("media")
            .key("k")
            .tagging(tagging)
    };
    tagging("new").send().await.unwrap();
    assert_eq!(tags("k").await, [("new".into(), "v".into())]);
    assert_eq!(code(tagging("aws:reserved").send().await), "InvalidTag");

    s3.delete_object_tagging()
        .bucket("media")
        .key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(tags("k").await, []);
    let missing = s3
        .get_object_tagging()
        .bucket("media")
        .key("no")
        .send()
        .await;
    assert_eq!(code(missing), "NoSuchKey");
}

#[tokio::test]
async fn an_object_is_its_owners_unless_its_acl_says_more() {
    let running = start(vec![bucket("media")]).await;
    let s3 = &running.s3;
    put(s3, "media", "k", "x").await;
    let grants = async || {
        let acl = s3
            .get_object_acl()
            .bucket("media")
            .key("k")
            .send()
            .await
            .unwrap();
        assert_eq!(acl.owner.unwrap().id.unwrap().len(), 64);
        let grants = acl
            .grants
            .unwrap()
            .into_iter()
            .map(|grant| (grant.permission.unwrap(), grant.grantee.unwrap().uri));
        grants.collect::<Vec<_>>()
    };
    assert_eq!(grants().await, [(Permission::FullControl, None)]);
    s3.put_object_acl()
        .bucket("media")
        .key("k")
        .acl(ObjectCannedAcl::PublicRead)
        .send()
        .await
        .unwrap();
    let everybody = "http://acs.amazonaws.com/groups/global/AllUsers".to_owned();
    assert_eq!(
        grants().await,
        [
            (Permission::FullControl, None),
            (Permission::Read, Some(everybody))
        ]
    );

    // A bucket that is made today has no ACLs.
    s3.create_bucket()
        .bucket("new-bucket")
        .send()
        .await
        .unwrap();
    let public = s3
        .put_object()
        .bucket("new-bucket")
        .key("k")
        .acl(ObjectCannedAcl::PublicRead)
        .send()
        .await;
    assert_eq!(code(public), "AccessControlListNotSupported");
}

#[tokio::test]
async fn attributes_are_told_as_they_are_asked_for() {
    let running = start(vec![bucket("media")]).await;
    let s3 = &running.s3;
    s3.put_object()
        .bucket("media")
        .key("k")
        .body(ByteStream::from_static(b"hello"))
        .send()
        .await
        .unwrap();
    let got = s3
        .get_object_attributes()
        .bucket("media")
        .key("k")
        .object_attributes(ObjectAttributes::ObjectSize)
        .object_attributes(ObjectAttributes::StorageClass)
        .send()
        .await
        .unwrap();
    assert_eq!(got.object_size(), Some(5));
    assert_eq!(got.storage_class().unwrap().as_str(), "STANDARD");
    assert_eq!(got.e_tag(), None);
}
