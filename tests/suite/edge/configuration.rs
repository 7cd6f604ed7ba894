//! Every configuration: what S3 answers before it is put, what comes back after, and that a delete ends it.

use aws_sdk_s3::types::*;

use super::support::{client, code, start};

#[tokio::test]
async fn encryption_is_s3s_own_until_another_is_put() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let get = client.get_bucket_encryption().bucket("media");
    let told = get
        .clone()
        .send()
        .await
        .unwrap()
        .server_side_encryption_configuration
        .unwrap();
    let default = told.rules()[0]
        .apply_server_side_encryption_by_default()
        .unwrap();
    assert_eq!(default.sse_algorithm(), &ServerSideEncryption::Aes256);

    let default = built!(
        ServerSideEncryptionByDefault
            .sse_algorithm(ServerSideEncryption::AwsKms)
            .kms_master_key_id("arn:aws:kms:us-east-1:123456789012:key/1")
    )
    .unwrap();
    let rule = built!(
        ServerSideEncryptionRule
            .apply_server_side_encryption_by_default(default)
            .bucket_key_enabled(true)
    );
    let put = built!(ServerSideEncryptionConfiguration.rules(rule)).unwrap();
    let request = client.put_bucket_encryption().bucket("media");
    request
        .server_side_encryption_configuration(put.clone())
        .send()
        .await
        .unwrap();
    assert_eq!(
        get.clone()
            .send()
            .await
            .unwrap()
            .server_side_encryption_configuration,
        Some(put)
    );

    let blocked = |kind: &str| {
        let blocked = built!(BlockedEncryptionTypes.encryption_type(EncryptionType::from(kind)));
        let default =
            built!(ServerSideEncryptionByDefault.sse_algorithm(ServerSideEncryption::Aes256));
        let rule = built!(
            ServerSideEncryptionRule
                .apply_server_side_encryption_by_default(default.unwrap())
                .blocked_encryption_types(blocked)
        );
        built!(ServerSideEncryptionConfiguration.rules(rule)).unwrap()
    };
    let put = |configuration| {
        let request = client.put_bucket_encryption().bucket("media");
        request
            .server_side_encryption_configuration(configuration)
            .send()
    };
    put(blocked("SSE-C")).await.unwrap();
    let answer = get.clone().send().await.unwrap();
    let rules = answer.server_side_encryption_configuration.unwrap().rules;
    let types = rules[0].blocked_encryption_types.as_ref().unwrap();
    assert_eq!(types.encryption_type(), [EncryptionType::from("SSE-C")]);
    assert!(put(blocked("ROT13")).await.is_err());

    client
        .delete_bucket_encryption()
        .bucket("media")
        .send()
        .await
        .unwrap();
    assert_eq!(
        get.send()
            .await
            .unwrap()
            .server_side_encryption_configuration,
        Some(told)
    );
}

#[tokio::test]
async fn lifecycle_round_trips_with_every_kind_of_rule() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let get = client.get_bucket_lifecycle_configuration().bucket("media");
    assert_eq!(
        code(get.clone().send().await),
        "NoSuchLifecycleConfiguration"
    );

    let tag = built!(Tag.key("kind").value("draft")).unwrap();
    let and = built!(
        LifecycleRuleAndOperator
            .prefix("a/")
            .tags(tag)
            .object_size_greater_than(1024)
    );
    let rules = [
        built!(
            LifecycleRule
                .id("all")
                .status(ExpirationStatus::Enabled)
                .filter(built!(LifecycleRuleFilter.and(and)))
                .transitions(built!(
                    Transition
                        .days(30)
                        .storage_class(TransitionStorageClass::StandardIa)
                ))
                .expiration(built!(LifecycleExpiration.days(365)))
                .noncurrent_version_expiration(built!(
                    NoncurrentVersionExpiration
                        .noncurrent_days(7)
                        .newer_noncurrent_versions(3)
                ))
        )
        .unwrap(),
        built!(
            LifecycleRule
                .id("uploads")
                .status(ExpirationStatus::Disabled)
                .filter(built!(LifecycleRuleFilter.prefix("")))
                .abort_incomplete_multipart_upload(built!(
                    AbortIncompleteMultipartUpload.days_after_initiation(7)
                ))
        )
        .unwrap(),
    ];
    let put = built!(BucketLifecycleConfiguration.set_rules(Some(rules.to_vec()))).unwrap();
    let request = client
        .put_bucket_lifecycle_configuration()
        .bucket("media")
        .lifecycle_configuration(put);
    request
        .transition_default_minimum_object_size(
            TransitionDefaultMinimumObjectSize::VariesByStorageClass,
        )
        .send()
        .await
        .unwrap();
    let told = get.clone().send().await.unwrap();
    assert_eq!(told.rules(), rules);
    assert_eq!(
        told.transition_default_minimum_object_size(),
        Some(&TransitionDefaultMinimumObjectSize::VariesByStorageClass)
    );
    client
        .delete_bucket_lifecycle()
        .bucket("media")
        .send()
        .await
        .unwrap();
    assert_eq!(code(get.send().await), "NoSuchLifecycleConfiguration");
}

#[tokio::test]
async fn a_lifecycle_that_does_nothing_is_refused() {
    let sandbox = start().await;
    let rule = built!(
        LifecycleRule
            .status(ExpirationStatus::Enabled)
            .filter(built!(LifecycleRuleFilter.prefix("")))
    )
    .unwrap();
    let put = built!(BucketLifecycleConfiguration.rules(rule)).unwrap();
    let client = client(&sandbox);
    let request = client
        .put_bucket_lifecycle_configuration()
        .bucket("media")
        .lifecycle_configuration(put);
    assert_eq!(code(request.send().await), "InvalidRequest");
}

#[tokio::test]
async fn cors_round_trips() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let get = client.get_bucket_cors().bucket("media");
    assert_eq!(code(get.clone().send().await), "NoSuchCORSConfiguration");
    let rule = built!(
        CorsRule
            .id("app")
            .allowed_origins("https://example.com")
            .allowed_methods("GET")
            .allowed_headers("*")
            .expose_headers("ETag")
            .max_age_seconds(60)
    )
    .unwrap();
    let put = client.put_bucket_cors().bucket("media");
    let rules = built!(CorsConfiguration.cors_rules(rule.clone())).unwrap();
    put.clone().cors_configuration(rules).send().await.unwrap();
    assert_eq!(get.clone().send().await.unwrap().cors_rules(), [rule]);
    let patch = built!(CorsRule.allowed_origins("*").allowed_methods("PATCH")).unwrap();
    let rules = built!(CorsConfiguration.cors_rules(patch)).unwrap();
    assert_eq!(
        code(put.cors_configuration(rules).send().await),
        "InvalidRequest"
    );
    client
        .delete_bucket_cors()
        .bucket("media")
        .send()
        .await
        .unwrap();
    assert_eq!(code(get.send().await), "NoSuchCORSConfiguration");
}

#[tokio::test]
async fn logging_is_empty_until_it_is_put_and_names_a_bucket_that_exists() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let get = client.get_bucket_logging().bucket("media");
    assert_eq!(get.clone().send().await.unwrap().logging_enabled(), None);
    let enabled = |bucket: &str| {
        built!(LoggingEnabled.target_bucket(bucket).target_prefix("media/")).unwrap()
    };
    let put = |enabled| {
        let status = built!(BucketLoggingStatus.logging_enabled(enabled));
        client
            .put_bucket_logging()
            .bucket("media")
            .bucket_logging_status(status)
            .send()
    };
    assert_eq!(
        code(put(enabled("no-such-bucket")).await),
        "InvalidTargetBucketForLogging"
    );
    assert_eq!(
        code(put(enabled("elsewhere")).await),
        "CrossLocationLoggingProhibited"
    );
    put(enabled("logs")).await.unwrap();
    assert_eq!(
        get.clone().send().await.unwrap().logging_enabled,
        Some(enabled("logs"))
    );
    let off = client
        .put_bucket_logging()
        .bucket("media")
        .bucket_logging_status(built!(BucketLoggingStatus));
    off.send().await.unwrap();
    assert_eq!(get.send().await.unwrap().logging_enabled(), None);
}

#[tokio::test]
async fn bucket_tags_round_trip() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let get = client.get_bucket_tagging().bucket("media");
    assert_eq!(code(get.clone().send().await), "NoSuchTagSet");
    let tag = |key: &str| built!(Tag.key(key).value("v & <w>")).unwrap();
    let put = |tags: Vec<Tag>| {
        let tagging = built!(Tagging.set_tag_set(Some(tags))).unwrap();
        client
            .put_bucket_tagging()
            .bucket("media")
            .tagging(tagging)
            .send()
    };
    assert_eq!(code(put(vec![tag("a"), tag("a")]).await), "InvalidTag");
    put(vec![tag("a"), tag("b")]).await.unwrap();
    assert_eq!(
        get.clone().send().await.unwrap().tag_set(),
        [tag("a"), tag("b")]
    );
    client
        .delete_bucket_tagging()
        .bucket("media")
        .send()
        .await
        .unwrap();
    assert_eq!(code(get.send().await), "NoSuchTagSet");
}

#[tokio::test]
async fn replication_round_trips_where_versions_are_kept() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let get = client.get_bucket_replication().bucket("versioned");
    assert_eq!(
        code(get.clone().send().await),
        "ReplicationConfigurationNotFoundError"
    );
    let rule = built!(
        ReplicationRule
            .id("all")
            .priority(1)
            .status(ReplicationRuleStatus::Enabled)
            .filter(built!(ReplicationRuleFilter.prefix("")))
            .delete_marker_replication(built!(
                DeleteMarkerReplication.status(DeleteMarkerReplicationStatus::Disabled)
            ))
            .destination(
                built!(
                    Destination
                        .bucket("arn:aws:s3:::elsewhere")
                        .storage_class(StorageClass::StandardIa)
                )
                .unwrap()
            )
    )
    .unwrap();
    let rules = built!(
        ReplicationConfiguration
            .role("arn:aws:iam::123456789012:role/r")
            .rules(rule)
    )
    .unwrap();
    let put = |bucket: &str| {
        client
            .put_bucket_replication()
            .bucket(bucket)
            .replication_configuration(rules.clone())
            .send()
    };
    assert_eq!(code(put("media").await), "InvalidRequest");
    put("versioned").await.unwrap();
    assert_eq!(
        get.clone().send().await.unwrap().replication_configuration,
        Some(rules.clone())
    );
    client
        .delete_bucket_replication()
        .bucket("versioned")
        .send()
        .await
        .unwrap();
    assert_eq!(
        code(get.send().await),
        "ReplicationConfigurationNotFoundError"
    );
}

#[tokio::test]
async fn notifications_are_empty_until_they_are_put() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let get = client
        .get_bucket_notification_configuration()
        .bucket("media");
    let told = get.clone().send().await.unwrap();
    assert!(
        told.lambda_function_configurations().is_empty() && told.queue_configurations().is_empty()
    );
    let suffix = built!(FilterRule.name(FilterRuleName::Suffix).value(".jpg"));
    let filter =
        built!(NotificationConfigurationFilter.key(built!(S3KeyFilter.filter_rules(suffix))));
    let lambda = built!(
        LambdaFunctionConfiguration
            .id("thumbnails")
            .lambda_function_arn("arn:aws:lambda:us-east-1:123456789012:function:t")
            .events(Event::S3ObjectCreated)
            .filter(filter)
    )
    .unwrap();
    let put = built!(
        NotificationConfiguration
            .lambda_function_configurations(lambda.clone())
            .event_bridge_configuration(built!(EventBridgeConfiguration))
    );
    let request = client
        .put_bucket_notification_configuration()
        .bucket("media");
    request
        .notification_configuration(put)
        .send()
        .await
        .unwrap();
    let told = get.send().await.unwrap();
    assert_eq!(told.lambda_function_configurations(), [lambda]);
    assert!(told.event_bridge_configuration().is_some());
}

#[tokio::test]
async fn object_lock_round_trips_where_versions_are_kept_and_stays() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let get = client.get_object_lock_configuration().bucket("versioned");
    assert_eq!(
        code(get.clone().send().await),
        "ObjectLockConfigurationNotFoundError"
    );
    let retention = built!(
        DefaultRetention
            .mode(ObjectLockRetentionMode::Governance)
            .days(30)
    );
    let lock = built!(
        ObjectLockConfiguration
            .object_lock_enabled(ObjectLockEnabled::Enabled)
            .rule(built!(ObjectLockRule.default_retention(retention)))
    );
    let put = |bucket: &str, lock: &ObjectLockConfiguration| {
        let request = client.put_object_lock_configuration().bucket(bucket);
        request.object_lock_configuration(lock.clone()).send()
    };
    assert_eq!(code(put("media", &lock).await), "InvalidBucketState");
    put("versioned", &lock).await.unwrap();
    assert_eq!(
        get.send().await.unwrap().object_lock_configuration.as_ref(),
        Some(&lock)
    );
    assert_eq!(
        code(put("versioned", &built!(ObjectLockConfiguration)).await),
        "MalformedXML"
    );
}

#[tokio::test]
async fn a_website_round_trips() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let get = client.get_bucket_website().bucket("media");
    assert_eq!(code(get.clone().send().await), "NoSuchWebsiteConfiguration");
    let index = built!(IndexDocument.suffix("index.html")).unwrap();
    let error = built!(ErrorDocument.key("error.html")).unwrap();
    let put = built!(
        WebsiteConfiguration
            .index_document(index.clone())
            .error_document(error.clone())
    );
    client
        .put_bucket_website()
        .bucket("media")
        .website_configuration(put)
        .send()
        .await
        .unwrap();
    let told = get.clone().send().await.unwrap();
    assert_eq!(
        (told.index_document(), told.error_document()),
        (Some(&index), Some(&error))
    );
    client
        .delete_bucket_website()
        .bucket("media")
        .send()
        .await
        .unwrap();
    assert_eq!(code(get.send().await), "NoSuchWebsiteConfiguration");
}

#[tokio::test]
async fn acceleration_is_unset_until_it_is_put() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let get = client.get_bucket_accelerate_configuration().bucket("media");
    assert_eq!(get.clone().send().await.unwrap().status(), None);
    let on = built!(AccelerateConfiguration.status(BucketAccelerateStatus::Enabled));
    let put = client.put_bucket_accelerate_configuration().bucket("media");
    put.accelerate_configuration(on).send().await.unwrap();
    assert_eq!(
        get.send().await.unwrap().status(),
        Some(&BucketAccelerateStatus::Enabled)
    );
}

#[tokio::test]
async fn the_owner_pays_until_it_is_put_otherwise() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let get = client.get_bucket_request_payment().bucket("media");
    assert_eq!(
        get.clone().send().await.unwrap().payer(),
        Some(&Payer::BucketOwner)
    );
    let requester = built!(RequestPaymentConfiguration.payer(Payer::Requester)).unwrap();
    let put = client.put_bucket_request_payment().bucket("media");
    put.request_payment_configuration(requester)
        .send()
        .await
        .unwrap();
    assert_eq!(get.send().await.unwrap().payer(), Some(&Payer::Requester));
}

#[tokio::test]
async fn a_bucket_that_is_not_there_has_no_configuration() {
    let sandbox = start().await;
    let client = client(&sandbox);
    assert_eq!(
        code(client.get_bucket_cors().bucket("none-such").send().await),
        "NoSuchBucket"
    );
    assert_eq!(
        code(
            client
                .get_bucket_encryption()
                .bucket("none-such")
                .send()
                .await
        ),
        "NoSuchBucket"
    );
    assert_eq!(
        code(
            client
                .delete_bucket_policy()
                .bucket("none-such")
                .send()
                .await
        ),
        "NoSuchBucket"
    );
    assert_eq!(
        code(
            client
                .list_bucket_metrics_configurations()
                .bucket("none-such")
                .send()
                .await
        ),
        "NoSuchBucket"
    );
}
