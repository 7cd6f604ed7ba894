//! Who may do what: policies, ACLs, the public access block, and permissions that a user lacks.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{
    BucketCannedAcl, Delete, ObjectCannedAcl, ObjectIdentifier, ObjectOwnership, OwnershipControls,
    OwnershipControlsRule, PublicAccessBlockConfiguration,
};
use s3warden::facade::sandbox::identity::Denial;
use s3warden::facade::sandbox::{Sandbox, SandboxOptions};

use super::support::{client, client_as, code, get, message, options, send, start};

fn allow(action: &str, resource: &str) -> String {
    statement("Allow", action, resource, "{}")
}

fn statement(effect: &str, action: &str, resource: &str, condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Principal":"*","Action":"{action}",
            "Resource":"arn:aws:s3:::{resource}","Condition":{condition}}}]}}"#
    )
}

async fn put_policy(client: &Client, policy: &str) {
    client
        .put_bucket_policy()
        .bucket("media")
        .policy(policy)
        .send()
        .await
        .unwrap();
}

async fn put_block(client: &Client, block: PublicAccessBlockConfiguration) {
    let put = client.put_public_access_block().bucket("media");
    put.public_access_block_configuration(block)
        .send()
        .await
        .unwrap();
}

fn block() -> aws_sdk_s3::types::builders::PublicAccessBlockConfigurationBuilder {
    PublicAccessBlockConfiguration::builder()
}

async fn put_ownership(client: &Client, ownership: ObjectOwnership) {
    let rule = OwnershipControlsRule::builder()
        .object_ownership(ownership)
        .build()
        .unwrap();
    let controls = OwnershipControls::builder().rules(rule).build().unwrap();
    client
        .put_bucket_ownership_controls()
        .bucket("media")
        .ownership_controls(controls)
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn strangers_get_nothing_of_a_private_bucket() {
    let sandbox = start().await;
    for (method, target) in [
        ("GET", "/"),
        ("GET", "/media"),
        ("GET", "/media/open/a.txt"),
        ("GET", "/media?policy"),
        ("PUT", "/media/new"),
        ("DELETE", "/media/open/a.txt"),
        ("PUT", "/brand-new-bucket"),
    ] {
        let answer = send(&sandbox, method, target, &[], "").await;
        assert_eq!(answer.status, 403, "{method} {target}: {answer:?}");
        assert!(
            answer.body.contains("<Code>AccessDenied</Code>"),
            "{answer:?}"
        );
        assert!(
            !answer.body.contains("arn:"),
            "a stranger learns nothing: {answer:?}"
        );
    }
    assert_eq!(get(&sandbox, "/no-such-bucket").await.status, 404);
}

#[tokio::test]
async fn a_policy_lets_strangers_read_until_the_public_access_block_takes_it_back() {
    let sandbox = start().await;
    let client = client(&sandbox);
    put_policy(&client, &allow("s3:GetObject", "media/open/*")).await;
    let answer = get(&sandbox, "/media/open/a.txt").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "hello"));
    assert_eq!(get(&sandbox, "/media/closed/b.txt").await.status, 403);
    assert_eq!(get(&sandbox, "/media").await.status, 403);
    assert_eq!(
        send(&sandbox, "DELETE", "/media/open/a.txt", &[], "")
            .await
            .status,
        403
    );

    put_block(&client, block().block_public_policy(true).build()).await;
    assert_eq!(
        get(&sandbox, "/media/open/a.txt").await.status,
        200,
        "a block of new policies leaves the old one"
    );
    put_block(&client, block().restrict_public_buckets(true).build()).await;
    assert_eq!(get(&sandbox, "/media/open/a.txt").await.status, 403);
    client
        .get_object()
        .bucket("media")
        .key("open/a.txt")
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_public_policy_is_refused_where_it_is_blocked_and_another_is_not() {
    let sandbox = start().await;
    let client = client(&sandbox);
    put_block(&client, block().block_public_policy(true).build()).await;
    let put = client.put_bucket_policy().bucket("media");
    let public = put
        .clone()
        .policy(allow("s3:GetObject", "media/*"))
        .send()
        .await;
    assert_eq!(code(public), "AccessDenied");
    let here_alone = r#"{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}"#;
    let narrow = statement("Allow", "s3:GetObject", "media/*", here_alone);
    put.policy(narrow).send().await.unwrap();
    assert_eq!(get(&sandbox, "/media/open/a.txt").await.status, 200);
}

#[tokio::test]
async fn an_object_shared_by_acl_is_read_until_acls_are_off_or_ignored() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let share = client
        .put_object_acl()
        .bucket("media")
        .key("open/a.txt")
        .acl(ObjectCannedAcl::PublicRead);
    share.clone().send().await.unwrap();
    assert_eq!(get(&sandbox, "/media/open/a.txt").await.status, 200);
    assert_eq!(get(&sandbox, "/media/closed/b.txt").await.status, 403);

    put_block(&client, block().ignore_public_acls(true).build()).await;
    assert_eq!(get(&sandbox, "/media/open/a.txt").await.status, 403);
    put_block(&client, block().ignore_public_acls(false).build()).await;
    assert_eq!(get(&sandbox, "/media/open/a.txt").await.status, 200);

    put_ownership(&client, ObjectOwnership::BucketOwnerEnforced).await;
    assert_eq!(get(&sandbox, "/media/open/a.txt").await.status, 403);
    assert_eq!(code(share.send().await), "AccessControlListNotSupported");
}

#[tokio::test]
async fn public_acls_are_refused_where_they_are_blocked() {
    let sandbox = start().await;
    let client = client(&sandbox);
    put_block(&client, block().block_public_acls(true).build()).await;
    let put = |acl| {
        client
            .put_object()
            .bucket("media")
            .key("new")
            .acl(acl)
            .send()
    };
    assert_eq!(code(put(ObjectCannedAcl::PublicRead).await), "AccessDenied");
    put(ObjectCannedAcl::Private).await.unwrap();
    let share = client.put_bucket_acl().bucket("media");
    assert_eq!(
        code(share.clone().acl(BucketCannedAcl::PublicRead).send().await),
        "AccessDenied"
    );
    share.acl(BucketCannedAcl::Private).send().await.unwrap();
}

#[tokio::test]
async fn a_bucket_shared_by_acl_is_listed_and_tells_what_is_not_there() {
    let sandbox = start().await;
    let client = client(&sandbox);
    assert_eq!(
        get(&sandbox, "/media/none").await.status,
        403,
        "absence is nobody's business"
    );
    client
        .put_bucket_acl()
        .bucket("media")
        .acl(BucketCannedAcl::PublicRead)
        .send()
        .await
        .unwrap();
    let listing = get(&sandbox, "/media?list-type=2").await;
    assert!(
        listing.body.contains("<Key>open/a.txt</Key>"),
        "{listing:?}"
    );
    assert_eq!(get(&sandbox, "/media/none").await.status, 404);
    assert_eq!(
        get(&sandbox, "/media/open/a.txt").await.status,
        403,
        "the object itself was not shared"
    );
    assert_eq!(
        send(&sandbox, "PUT", "/media/new", &[], "x").await.status,
        403
    );
    client
        .put_bucket_acl()
        .bucket("media")
        .acl(BucketCannedAcl::PublicReadWrite)
        .send()
        .await
        .unwrap();
    assert_eq!(
        send(&sandbox, "PUT", "/media/new", &[], "x").await.status,
        200
    );
}

#[tokio::test]
async fn an_explicit_deny_holds_for_the_owner_too() {
    let sandbox = start().await;
    let client = client(&sandbox);
    put_policy(
        &client,
        &statement("Deny", "s3:GetObject", "media/closed/*", "{}"),
    )
    .await;
    let told = message(
        client
            .get_object()
            .bucket("media")
            .key("closed/b.txt")
            .send()
            .await,
    );
    assert!(
        told.contains("explicit deny in a resource-based policy"),
        "{told}"
    );
    client
        .get_object()
        .bucket("media")
        .key("open/a.txt")
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_policy_for_tls_alone_locks_out_only_who_is_seen_without_it() {
    let plain_http = statement(
        "Deny",
        "s3:*",
        "media/*",
        r#"{"Bool":{"aws:SecureTransport":"false"}}"#,
    );
    for (secure_transport, is_let_in) in [(true, true), (false, false)] {
        let sandbox = Sandbox::start(SandboxOptions {
            secure_transport,
            ..options()
        })
        .await
        .unwrap();
        let client = client(&sandbox);
        put_policy(&client, &plain_http).await;
        let answer = client
            .get_object()
            .bucket("media")
            .key("open/a.txt")
            .send()
            .await;
        assert_eq!(answer.is_ok(), is_let_in);
    }
}

#[tokio::test]
async fn deleting_many_is_judged_key_by_key() {
    let sandbox = start().await;
    let client = client(&sandbox);
    put_policy(
        &client,
        &statement("Deny", "s3:DeleteObject", "media/closed/*", "{}"),
    )
    .await;
    let key = |key: &str| ObjectIdentifier::builder().key(key).build().unwrap();
    let both = Delete::builder()
        .objects(key("open/a.txt"))
        .objects(key("closed/b.txt"))
        .build()
        .unwrap();
    let answer = client
        .delete_objects()
        .bucket("media")
        .delete(both)
        .send()
        .await
        .unwrap();
    let deleted: Vec<_> = answer
        .deleted()
        .iter()
        .filter_map(|deleted| deleted.key())
        .collect();
    assert_eq!(deleted, ["open/a.txt"]);
    let [error] = answer.errors() else {
        panic!("one key was denied: {answer:?}");
    };
    assert_eq!(
        (error.key(), error.code()),
        (Some("closed/b.txt"), Some("AccessDenied"))
    );
    client
        .head_object()
        .bucket("media")
        .key("closed/b.txt")
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_missing_permission_is_named_and_can_be_given_back() {
    let sandbox = Sandbox::start(SandboxOptions {
        denied: vec![
            "s3:GetBucketVersioning@media".to_owned(),
            "s3:GetEncryptionConfiguration".to_owned(),
        ],
        ..options()
    })
    .await
    .unwrap();
    let client = client(&sandbox);
    let ask = client.get_bucket_versioning().bucket("media");
    assert_eq!(
        message(ask.clone().send().await),
        "User: arn:aws:iam::123456789012:user/demo is not authorized to perform: s3:GetBucketVersioning on resource: \
         \"arn:aws:s3:::media\" because no identity-based policy allows the s3:GetBucketVersioning action"
    );
    client
        .get_bucket_versioning()
        .bucket("logs")
        .send()
        .await
        .unwrap();
    assert_eq!(
        code(client.get_bucket_encryption().bucket("logs").send().await),
        "AccessDenied"
    );

    sandbox.owner().deny(Vec::new());
    ask.send().await.unwrap();
    sandbox
        .owner()
        .deny(Denial::parse_all(&["s3:ListAllMyBuckets"]).unwrap());
    assert_eq!(code(client.list_buckets().send().await), "AccessDenied");
    assert_eq!(sandbox.requests().refused("ListBuckets"), 1);
}

#[tokio::test]
async fn without_permission_to_list_a_missing_object_is_denied_rather_than_missing() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let read = client.get_object().bucket("media").key("none");
    assert_eq!(code(read.clone().send().await), "NoSuchKey");
    sandbox
        .owner()
        .deny(Denial::parse_all(&["s3:ListBucket"]).unwrap());
    assert_eq!(code(read.send().await), "AccessDenied");
}

#[tokio::test]
async fn the_second_user_lacks_what_the_first_has() {
    let sandbox = Sandbox::start(SandboxOptions {
        limited: Some(vec!["s3:Put*".to_owned()]),
        ..options()
    })
    .await
    .unwrap();
    let user = sandbox.limited().unwrap();
    let limited = client_as(&sandbox, &user.access_key, &user.secret_key, "us-east-1");
    limited
        .get_object()
        .bucket("media")
        .key("open/a.txt")
        .send()
        .await
        .unwrap();
    let told = message(limited.put_object().bucket("media").key("new").send().await);
    assert!(
        told.contains("user/limited is not authorized to perform: s3:PutObject"),
        "{told}"
    );
    client(&sandbox)
        .put_object()
        .bucket("media")
        .key("new")
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_copy_needs_to_read_its_source() {
    let sandbox = start().await;
    let client = client(&sandbox);
    put_policy(
        &client,
        &statement("Deny", "s3:GetObject", "media/closed/*", "{}"),
    )
    .await;
    let copy = |source: &str| {
        client
            .copy_object()
            .bucket("logs")
            .key("copy")
            .copy_source(source)
    };
    assert_eq!(
        code(copy("media/closed/b.txt").send().await),
        "AccessDenied"
    );
    copy("media/open/a.txt").send().await.unwrap();
}

#[tokio::test]
async fn a_request_that_expects_another_owner_is_refused() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let ask = client.get_bucket_versioning().bucket("media");
    ask.clone()
        .expected_bucket_owner("123456789012")
        .send()
        .await
        .unwrap();
    assert_eq!(
        code(ask.expected_bucket_owner("999999999999").send().await),
        "AccessDenied"
    );
}

#[tokio::test]
async fn a_form_writes_where_strangers_may_write() {
    let sandbox = start().await;
    let form = "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nfrom/form.txt\r\n--b\r\nContent-Disposition: \
                form-data; name=\"file\"; filename=\"f\"\r\nContent-Type: text/plain\r\n\r\nposted\r\n--b--\r\n";
    let content_type = [("Content-Type", "multipart/form-data; boundary=b")];
    let answer = send(&sandbox, "POST", "/media", &content_type, form).await;
    assert_eq!(answer.status, 403, "{answer:?}");

    let client = client(&sandbox);
    client
        .put_bucket_acl()
        .bucket("media")
        .acl(BucketCannedAcl::PublicReadWrite)
        .send()
        .await
        .unwrap();
    let answer = send(&sandbox, "POST", "/media", &content_type, form).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    let written = client
        .get_object()
        .bucket("media")
        .key("from/form.txt")
        .send()
        .await
        .unwrap();
    assert_eq!(written.body.collect().await.unwrap().to_vec(), b"posted");
}
