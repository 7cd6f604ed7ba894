//! Configurations of which a bucket has several.

use aws_sdk_s3::types::{
    AnalyticsConfiguration, IntelligentTieringAccessTier, IntelligentTieringConfiguration,
    IntelligentTieringStatus, InventoryConfiguration, InventoryDestination, InventoryFormat,
    InventoryFrequency, InventoryIncludedObjectVersions, InventoryOptionalField,
    InventoryS3BucketDestination, InventorySchedule, MetricsConfiguration, MetricsFilter,
    StorageClassAnalysis, Tiering,
};

use super::support::{client, code, start};

/// Puts one, reads it back by id and in the list, deletes it, and finds it gone.
macro_rules! round_trip {
    ($wanted:expr, $field:ident, $list_field:ident, $get:ident, $put:ident, $delete:ident, $list:ident) => {{
        let wanted = $wanted;
        let sandbox = start().await;
        let client = client(&sandbox);
        let get = client.$get().bucket("media").id("one");
        let list = client.$list().bucket("media");
        let delete = client.$delete().bucket("media").id("one");
        assert_eq!(code(get.clone().send().await), "NoSuchConfiguration");
        assert_eq!(code(delete.clone().send().await), "NoSuchConfiguration");
        assert!(list.clone().send().await.unwrap().$list_field().is_empty());

        let put = client.$put().bucket("media").$field(wanted.clone());
        assert_eq!(
            code(put.clone().id("another").send().await),
            "InvalidArgument"
        );
        put.id("one").send().await.unwrap();
        assert_eq!(
            get.clone().send().await.unwrap().$field,
            Some(wanted.clone())
        );
        let listed = list.clone().send().await.unwrap();
        assert_eq!(listed.$list_field(), [wanted]);
        assert_eq!(listed.is_truncated(), Some(false));

        delete.send().await.unwrap();
        assert_eq!(code(get.send().await), "NoSuchConfiguration");
        client.head_bucket().bucket("media").send().await.unwrap();
    }};
}

fn metrics(id: &str) -> MetricsConfiguration {
    let filter = MetricsFilter::Prefix("open/".to_owned());
    MetricsConfiguration::builder()
        .id(id)
        .filter(filter)
        .build()
        .unwrap()
}

#[tokio::test]
async fn metrics_round_trip() {
    round_trip!(
        metrics("one"),
        metrics_configuration,
        metrics_configuration_list,
        get_bucket_metrics_configuration,
        put_bucket_metrics_configuration,
        delete_bucket_metrics_configuration,
        list_bucket_metrics_configurations
    );
}

#[tokio::test]
async fn inventory_round_trips() {
    let destination = InventoryS3BucketDestination::builder()
        .bucket("arn:aws:s3:::logs")
        .format(InventoryFormat::Csv)
        .prefix("inventory")
        .build()
        .unwrap();
    let destination = InventoryDestination::builder()
        .s3_bucket_destination(destination)
        .build();
    let schedule = InventorySchedule::builder()
        .frequency(InventoryFrequency::Daily)
        .build()
        .unwrap();
    let inventory = InventoryConfiguration::builder()
        .id("one")
        .is_enabled(true)
        .included_object_versions(InventoryIncludedObjectVersions::All)
        .optional_fields(InventoryOptionalField::Size)
        .optional_fields(InventoryOptionalField::StorageClass)
        .destination(destination)
        .schedule(schedule)
        .build()
        .unwrap();
    round_trip!(
        inventory,
        inventory_configuration,
        inventory_configuration_list,
        get_bucket_inventory_configuration,
        put_bucket_inventory_configuration,
        delete_bucket_inventory_configuration,
        list_bucket_inventory_configurations
    );
}

#[tokio::test]
async fn intelligent_tiering_round_trips() {
    let tier = Tiering::builder()
        .days(90)
        .access_tier(IntelligentTieringAccessTier::ArchiveAccess)
        .build()
        .unwrap();
    let tiering = IntelligentTieringConfiguration::builder()
        .id("one")
        .status(IntelligentTieringStatus::Enabled)
        .tierings(tier)
        .build()
        .unwrap();
    round_trip!(
        tiering,
        intelligent_tiering_configuration,
        intelligent_tiering_configuration_list,
        get_bucket_intelligent_tiering_configuration,
        put_bucket_intelligent_tiering_configuration,
        delete_bucket_intelligent_tiering_configuration,
        list_bucket_intelligent_tiering_configurations
    );
}

#[tokio::test]
async fn analytics_round_trip() {
    let analysis = StorageClassAnalysis::builder().build();
    let analytics = AnalyticsConfiguration::builder()
        .id("one")
        .storage_class_analysis(analysis)
        .build()
        .unwrap();
    round_trip!(
        analytics,
        analytics_configuration,
        analytics_configuration_list,
        get_bucket_analytics_configuration,
        put_bucket_analytics_configuration,
        delete_bucket_analytics_configuration,
        list_bucket_analytics_configurations
    );
}

#[tokio::test]
async fn a_hundred_configurations_fill_a_page() {
    let sandbox = start().await;
    let client = client(&sandbox);
    for number in 0..101 {
        let id = format!("{number:03}");
        let put = client
            .put_bucket_metrics_configuration()
            .bucket("media")
            .id(&id);
        put.metrics_configuration(metrics(&id))
            .send()
            .await
            .unwrap();
    }
    let list = client.list_bucket_metrics_configurations().bucket("media");
    let first = list.clone().send().await.unwrap();
    assert_eq!(
        (
            first.metrics_configuration_list().len(),
            first.is_truncated()
        ),
        (100, Some(true))
    );
    let second = list
        .continuation_token(first.next_continuation_token().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(second.metrics_configuration_list()[0].id(), "100");
    assert_eq!(second.is_truncated(), Some(false));
}
