//! Alarms in an audit, through the wire: those that are there, those that a blueprint wants, and what may not be asked.

use s3warden::facade::aws::Aws;
use s3warden::facade::ops::audit::{self, AuditLimits, Audited, Inquiry, Target};
use s3warden::facade::ops::{Gate, Meter};
use s3warden::facade::sandbox::world::World;
use s3warden::facade::sandbox::{Sandbox, SandboxOptions};

use crate::ops::world::{name, serving};

/// A world whose buckets hold little: alarms are judged by what CloudWatch has, which stays as it was.
fn world(world: &str) -> World {
    let mut world = World::builtin(world).unwrap();
    for bucket in &mut world.buckets {
        bucket.versions.truncate(10);
        bucket.uploads.clear();
    }
    world
}

async fn start(world: World, denied: &[&str]) -> (Sandbox, Aws) {
    serving(SandboxOptions {
        worlds: vec![world],
        denied: denied.iter().map(|p| (*p).to_owned()).collect(),
        ..SandboxOptions::default()
    })
    .await
}

async fn audit_of(world: World, bucket: &str, denied: &[&str]) -> Audited {
    let (_sandbox, aws) = start(world, denied).await;
    let (gate, meter) = (Gate::new(8), Meter::new());
    let inquiry = Inquiry::begin(&aws, AuditLimits::default(), Vec::new(), &gate, &meter).await;
    audit::of_bucket(
        &aws,
        &Target::of(name(bucket), None),
        &inquiry,
        &gate,
        &meter,
    )
    .await
}

/// Id and message of what is said of alarms.
fn said(audited: &Audited) -> Vec<(&'static str, &str)> {
    let mut said: Vec<_> = audited
        .findings
        .iter()
        .filter(|finding| finding.id.starts_with("alarm-") || finding.message.contains(" alarm "))
        .map(|finding| (finding.id, finding.message.as_str()))
        .collect();
    said.sort_unstable();
    said
}

#[track_caller]
fn says(audited: &Audited, id: &str, alarm: &str) {
    let said = said(audited);
    let found = said
        .iter()
        .any(|(of, text)| *of == id && text.contains(alarm));
    assert!(found, "no {id} of {alarm} among {said:?}");
}

#[tokio::test]
async fn request_alarms_without_a_filter_can_never_have_data() {
    let audited = audit_of(world("quikapp"), "quikapp-media-prod", &[]).await;
    says(&audited, "alarm-never-has-data", "QuikApp-S3-Requests-High");
    // It names no bucket, and is said where the blueprint begins.
    says(&audited, "alarm-never-has-data", "QuikApp-S3-4xx-Errors");
    assert_eq!(said(&audited).len(), 2, "{:?}", said(&audited));
    let other = audit_of(world("quikapp"), "quikapp-exports-prod", &[]).await;
    assert_eq!(said(&other), []);
}

#[tokio::test]
async fn a_size_alarm_that_counts_one_class_is_said_with_what_it_misses() {
    let audited = audit_of(world("pilotforce"), "pilotforce-user-uploads", &[]).await;
    says(
        &audited,
        "alarm-counts-one-class",
        "PilotForce-UserUploads-BucketSize",
    );
}

#[tokio::test]
async fn a_query_without_a_storage_type_has_no_data_and_a_bill_is_no_bucket() {
    let audited = audit_of(world("leadfactory"), "leadshop-assets", &[]).await;
    says(&audited, "alarm-never-has-data", "leadshop-assets-size");
    says(&audited, "alarm-on-billing", "cost-above-40-dollars");
}

#[tokio::test]
async fn an_alarm_that_the_blueprint_wants_and_nobody_made_is_drift() {
    let mut without = world("pilotforce");
    without.metrics.alarms.clear();
    let audited = audit_of(without, "pilotforce-user-uploads", &[]).await;
    says(
        &audited,
        "blueprint-drift",
        "PilotForce-UserUploads-BucketSize",
    );
}

#[tokio::test]
async fn alarms_that_may_not_be_listed_are_neither_there_nor_missing() {
    let mut without = world("pilotforce");
    without.metrics.alarms.clear();
    let denied = ["cloudwatch:DescribeAlarms"];
    let audited = audit_of(without, "pilotforce-user-uploads", &denied).await;
    assert_eq!(said(&audited), []);
    let unknown = audited
        .findings
        .iter()
        .find(|finding| finding.evidence[0].contains("cloudwatch:DescribeAlarms"));
    assert_eq!(
        unknown.map(|finding| finding.id),
        Some("unknown-permission")
    );
    assert!(!audited.coverage.is_complete());
}

#[tokio::test]
async fn sizes_that_may_not_be_read_leave_one_verdict_open_and_the_others_as_they_are() {
    for permission in ["cloudwatch:ListMetrics", "cloudwatch:GetMetricData"] {
        let audited = audit_of(world("quikapp"), "quikapp-media-prod", &[permission]).await;
        says(&audited, "alarm-never-has-data", "QuikApp-S3-Requests-High");
        // With the permission it is said: see above.
        let uploads = "pilotforce-user-uploads";
        let audited = audit_of(world("pilotforce"), uploads, &[permission]).await;
        let said = said(&audited);
        let one_class = said.iter().any(|(id, _)| *id == "alarm-counts-one-class");
        assert!(!one_class, "without {permission}: {said:?}");
        let named = audited
            .findings
            .iter()
            .any(|f| f.id == "unknown-permission" && f.evidence[0].contains(permission));
        assert!(named, "{permission} is not named");
    }
}

/// The world of leadfactory with an alarm on this bucket in this Region.
fn with_alarm(bucket: &str, region: &str) -> World {
    let mut world = world("leadfactory");
    let mut alarm = world.metrics.alarms[0].clone();
    "astray".clone_into(&mut alarm.name);
    region.clone_into(&mut alarm.region);
    let metric = alarm.metric.as_mut().unwrap();
    metric.dimensions = vec![
        ("BucketName".to_owned(), bucket.to_owned()),
        ("StorageType".to_owned(), "StandardStorage".to_owned()),
    ];
    metric.period = 86_400;
    world.metrics.alarms.push(alarm);
    // A bucket there, by which the Region is one to look in.
    if let Some(other) = world.buckets.last_mut() {
        region.clone_into(&mut other.region);
    }
    world
}

#[tokio::test]
async fn an_alarm_in_another_region_than_its_bucket_is_found() {
    let world = with_alarm("leadshop-assets", "eu-west-1");
    let audited = audit_of(world, "leadshop-assets", &[]).await;
    says(&audited, "alarm-other-region", "astray");
}

#[tokio::test]
async fn an_alarm_on_a_bucket_that_does_not_exist_is_found_once_for_the_account() {
    let (_sandbox, aws) = start(with_alarm("gone-bucket", "us-east-1"), &[]).await;
    let (gate, meter) = (Gate::new(8), Meter::new());
    let inquiry = Inquiry::begin(&aws, AuditLimits::default(), Vec::new(), &gate, &meter).await;
    let (findings, _, coverage) = audit::of_missing_buckets(&aws, &inquiry, &gate, &meter).await;
    let found: Vec<_> = findings
        .iter()
        .map(|finding| (finding.id, finding.bucket.as_str()))
        .collect();
    assert_eq!(found, [("alarm-without-bucket", "gone-bucket")]);
    assert!(coverage.is_complete());
}
