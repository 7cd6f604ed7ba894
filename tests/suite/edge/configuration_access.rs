//! Configuration that says who may do what: the public access block, the policy, ownership and the ACL.

use aws_sdk_s3::types::*;

use super::support::{client, code, message, start};

#[tokio::test]
async fn the_public_access_block_round_trips_with_all_four_switches() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let get = client.get_public_access_block().bucket("media");
    assert_eq!(
        code(get.clone().send().await),
        "NoSuchPublicAccessBlockConfiguration"
    );
    let put = client.put_public_access_block().bucket("media");
    let one = built!(PublicAccessBlockConfiguration.ignore_public_acls(true));
    put.public_access_block_configuration(one)
        .send()
        .await
        .unwrap();
    let told = get
        .clone()
        .send()
        .await
        .unwrap()
        .public_access_block_configuration
        .unwrap();
    assert_eq!(
        (
            told.block_public_acls(),
            told.ignore_public_acls(),
            told.block_public_policy(),
            told.restrict_public_buckets()
        ),
        (Some(false), Some(true), Some(false), Some(false))
    );
    client
        .delete_public_access_block()
        .bucket("media")
        .send()
        .await
        .unwrap();
    assert_eq!(
        code(get.send().await),
        "NoSuchPublicAccessBlockConfiguration"
    );
}

#[tokio::test]
async fn a_policy_round_trips_byte_for_byte_and_its_status_is_worked_out() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let get = client.get_bucket_policy().bucket("media");
    let status = client.get_bucket_policy_status().bucket("media");
    assert_eq!(code(get.clone().send().await), "NoSuchBucketPolicy");
    assert_eq!(code(status.clone().send().await), "NoSuchBucketPolicy");
    let put = client.put_bucket_policy().bucket("media");
    for (principal, is_public) in [("\"*\"", true), ("{\"AWS\":\"999999999999\"}", false)] {
        let policy = format!(
            "{{ \"Version\":\"2012-10-17\",\n \"Statement\":[{{\"Sid\":\"ünï\",\"Effect\":\"Allow\",\"Principal\":{principal},\
             \"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::media/*\"}}]}}"
        );
        put.clone().policy(&policy).send().await.unwrap();
        assert_eq!(
            get.clone().send().await.unwrap().policy(),
            Some(policy.as_str())
        );
        let told = status.clone().send().await.unwrap().policy_status.unwrap();
        assert_eq!(told.is_public(), Some(is_public));
    }
    assert_eq!(
        code(put.clone().policy("{}").send().await),
        "MalformedPolicy"
    );
    let foreign = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"arn:aws:s3:::logs"}}"#;
    assert_eq!(
        message(put.policy(foreign).send().await),
        "Policy has invalid resource"
    );
    client
        .delete_bucket_policy()
        .bucket("media")
        .send()
        .await
        .unwrap();
    assert_eq!(code(get.send().await), "NoSuchBucketPolicy");
}

#[tokio::test]
async fn ownership_controls_round_trip_and_do_not_go_with_a_shared_acl() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let get = client.get_bucket_ownership_controls().bucket("media");
    assert_eq!(
        code(get.clone().send().await),
        "OwnershipControlsNotFoundError"
    );
    let controls = |ownership| {
        let rule = built!(OwnershipControlsRule.object_ownership(ownership)).unwrap();
        built!(OwnershipControls.rules(rule)).unwrap()
    };
    let put = |ownership| {
        let request = client.put_bucket_ownership_controls().bucket("media");
        request.ownership_controls(controls(ownership)).send()
    };
    client
        .put_bucket_acl()
        .bucket("media")
        .acl(BucketCannedAcl::PublicRead)
        .send()
        .await
        .unwrap();
    let refused = put(ObjectOwnership::BucketOwnerEnforced).await;
    assert_eq!(code(refused), "InvalidBucketAclWithObjectOwnership");
    put(ObjectOwnership::BucketOwnerPreferred).await.unwrap();
    let told = get.clone().send().await.unwrap().ownership_controls;
    assert_eq!(told, Some(controls(ObjectOwnership::BucketOwnerPreferred)));
    client
        .delete_bucket_ownership_controls()
        .bucket("media")
        .send()
        .await
        .unwrap();
    assert_eq!(code(get.send().await), "OwnershipControlsNotFoundError");
}

#[tokio::test]
async fn an_acl_is_private_until_it_is_put_in_one_of_three_ways() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let get = client.get_bucket_acl().bucket("media");
    let private = get.clone().send().await.unwrap();
    let [grant] = private.grants() else {
        panic!("the owner has a grant: {private:?}");
    };
    assert_eq!(grant.permission(), Some(&Permission::FullControl));
    assert_eq!(grant.grantee().unwrap().id(), private.owner().unwrap().id());

    let put = client.put_bucket_acl().bucket("media");
    put.clone()
        .acl(BucketCannedAcl::PublicReadWrite)
        .send()
        .await
        .unwrap();
    assert_eq!(get.clone().send().await.unwrap().grants().len(), 3);

    let group = "uri=\"http://acs.amazonaws.com/groups/s3/LogDelivery\"";
    put.clone().grant_write(group).send().await.unwrap();
    let told = get.clone().send().await.unwrap();
    assert_eq!(told.grants()[0].permission(), Some(&Permission::Write));
    assert_eq!(told.grants()[0].grantee().unwrap().r#type(), &Type::Group);

    let document = built!(
        AccessControlPolicy
            .owner(private.owner().unwrap().clone())
            .set_grants(Some(private.grants().to_vec()))
    );
    put.clone()
        .access_control_policy(document)
        .send()
        .await
        .unwrap();
    assert_eq!(get.send().await.unwrap().grants(), private.grants());
    assert_eq!(code(put.send().await), "MissingSecurityHeader");
}

#[tokio::test]
async fn a_bucket_made_today_has_acls_off_and_all_public_access_blocked() {
    let sandbox = start().await;
    let client = client(&sandbox);
    client
        .create_bucket()
        .bucket("made-today")
        .send()
        .await
        .unwrap();
    let ownership = client
        .get_bucket_ownership_controls()
        .bucket("made-today")
        .send()
        .await
        .unwrap();
    let rule = &ownership.ownership_controls().unwrap().rules()[0];
    assert_eq!(
        rule.object_ownership(),
        &ObjectOwnership::BucketOwnerEnforced
    );
    let block = client
        .get_public_access_block()
        .bucket("made-today")
        .send()
        .await
        .unwrap();
    assert_eq!(
        block
            .public_access_block_configuration()
            .unwrap()
            .restrict_public_buckets(),
        Some(true)
    );
}
