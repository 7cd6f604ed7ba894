use chrono::DateTime;

use super::super::tests::{alarm, watched};
use super::*;
use crate::domain::metrics::{Series, TypeSeries};

const MEDIA: (&str, &str) = ("BucketName", "media");
const STANDARD: (&str, &str) = ("StorageType", "StandardStorage");

fn media() -> BucketName {
    BucketName::new("media").unwrap()
}

fn judge(metric: Watched, known: Known<'_>) -> Vec<(&'static str, Severity, String)> {
    lint(&alarm(vec![metric]), &media(), known)
        .into_iter()
        .map(|finding| (finding.id, finding.severity, finding.message))
        .collect()
}

/// The one thing that is wrong.
#[track_caller]
fn no_data(metric: Watched, known: Known<'_>) -> String {
    let found = judge(metric, known);
    let [(id, severity, message)] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!((*id, *severity), ("alarm-never-has-data", Severity::High));
    message.clone()
}

fn requests(dimensions: &[(&str, &str)]) -> Watched {
    Watched {
        statistic: "Sum".to_owned(),
        period: 300,
        ..watched("AllRequests", dimensions)
    }
}

fn storage(types: &[(&str, f64)]) -> Storage {
    let day = DateTime::from_timestamp(1_760_054_400, 0).unwrap();
    let types = types.iter().map(|(name, bytes)| TypeSeries {
        storage_type: StorageType::new(*name),
        series: Series::of_points([(day, *bytes)]),
    });
    Storage::new(types.collect(), Series::default())
}

#[test]
fn an_alarm_as_the_documentation_has_it_is_not_found_fault_with() {
    assert_eq!(
        judge(
            watched("BucketSizeBytes", &[MEDIA, STANDARD]),
            Known::default()
        ),
        []
    );
    let all = ("StorageType", "AllStorageTypes");
    assert_eq!(
        judge(watched("NumberOfObjects", &[MEDIA, all]), Known::default()),
        []
    );
    let filter = ("FilterId", "EntireBucket");
    assert_eq!(judge(requests(&[MEDIA, filter]), Known::default()), []);
    let errors = Watched {
        name: "4xxErrors".to_owned(),
        statistic: "Average".to_owned(),
        ..requests(&[MEDIA, filter])
    };
    assert_eq!(judge(errors, Known::default()), []);
}

#[test]
fn a_size_without_a_storage_type_never_has_data() {
    let message = no_data(watched("BucketSizeBytes", &[MEDIA]), Known::default());
    assert!(
        message.contains("the dimension StorageType alone"),
        "{message}"
    );
}

#[test]
fn a_type_that_the_metric_does_not_have_never_has_data() {
    let all = ("StorageType", "AllStorageTypes");
    no_data(watched("BucketSizeBytes", &[MEDIA, all]), Known::default());
    no_data(
        watched("NumberOfObjects", &[MEDIA, STANDARD]),
        Known::default(),
    );
}

#[test]
fn a_request_metric_without_a_filter_never_has_data() {
    let message = no_data(requests(&[MEDIA]), Known::default());
    assert!(message.contains("FilterId"), "{message}");
}

#[test]
fn a_filter_without_a_metrics_configuration_never_has_data_and_an_unknown_one_is_no_verdict() {
    let metric = || requests(&[MEDIA, ("FilterId", "EntireBucket")]);
    let known = |filters| Known {
        filters,
        ..Known::default()
    };
    let message = no_data(metric(), known(Some(&[])));
    assert!(
        message.contains("no metrics configuration EntireBucket"),
        "{message}"
    );
    let other = ["Photos".to_owned()];
    assert!(no_data(metric(), known(Some(&other))).contains("Photos"));
    let there = ["EntireBucket".to_owned()];
    assert_eq!(judge(metric(), known(Some(&there))), []);
    assert_eq!(judge(metric(), known(None)), []);
}

#[test]
fn a_period_shorter_than_a_day_finds_no_point_of_a_storage_metric() {
    let mut metric = watched("BucketSizeBytes", &[MEDIA, STANDARD]);
    metric.period = 300;
    assert!(no_data(metric, Known::default()).contains("5 minutes"));
}

#[test]
fn a_dimension_that_the_metric_does_not_have_leaves_it_without_data() {
    let wrong = watched("BucketSizeBytes", &[("Bucket", "media"), STANDARD]);
    assert!(no_data(wrong, Known::default()).contains("BucketName"));
    let more = watched(
        "BucketSizeBytes",
        &[MEDIA, STANDARD, ("Region", "us-east-1")],
    );
    assert!(no_data(more, Known::default()).contains("Region besides"));
}

#[test]
fn a_metric_that_s3_does_not_send_never_has_data() {
    let metric = watched("bucketSizeBytes", &[MEDIA, STANDARD]);
    let found = lint(&alarm(vec![metric]), &media(), Known::default());
    assert_eq!(found[0].id, "alarm-never-has-data");
    assert!(
        found[0].advice.contains("to BucketSizeBytes"),
        "{:?}",
        found[0]
    );
}

#[test]
fn a_statistic_that_is_always_one_is_told() {
    let average = Watched {
        statistic: "Average".to_owned(),
        ..requests(&[MEDIA, ("FilterId", "all")])
    };
    let samples = Watched {
        statistic: "SampleCount".to_owned(),
        ..watched("BucketSizeBytes", &[MEDIA, STANDARD])
    };
    for metric in [average, samples] {
        let found = judge(metric, Known::default());
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            (found[0].0, found[0].1),
            ("alarm-wrong-statistic", Severity::Medium)
        );
    }
}

#[test]
fn the_greatest_of_one_point_a_day_is_the_point() {
    let maximum = Watched {
        statistic: "Maximum".to_owned(),
        ..watched("BucketSizeBytes", &[MEDIA, STANDARD])
    };
    assert_eq!(judge(maximum, Known::default()), []);
}

#[test]
fn an_alarm_on_one_class_is_told_when_more_than_a_tenth_is_in_others() {
    let metric = || watched("BucketSizeBytes", &[MEDIA, STANDARD]);
    let most = storage(&[("StandardStorage", 91.0), ("GlacierStorage", 9.0)]);
    let known = |storage| Known {
        storage: Some(storage),
        ..Known::default()
    };
    assert_eq!(judge(metric(), known(&most)), []);
    let half = storage(&[("StandardStorage", 50.0), ("GlacierStorage", 50.0)]);
    let found = lint(&alarm(vec![metric()]), &media(), known(&half));
    assert_eq!(
        (found[0].id, found[0].severity),
        ("alarm-counts-one-class", Severity::Low)
    );
    assert!(found[0].message.contains("50 %"), "{}", found[0].message);
    assert_eq!(found[0].evidence[1], "not counted: GlacierStorage 50 B");
}

#[test]
fn an_expression_over_all_classes_counts_them_all() {
    let of = |name| watched("BucketSizeBytes", &[MEDIA, ("StorageType", name)]);
    let half = storage(&[("StandardStorage", 50.0), ("GlacierStorage", 50.0)]);
    let mut sum = alarm(vec![of("StandardStorage"), of("GlacierStorage")]);
    sum.expressions = vec!["m1+m2".to_owned()];
    let known = Known {
        storage: Some(&half),
        ..Known::default()
    };
    assert_eq!(lint(&sum, &media(), known), []);
}

#[test]
fn each_metric_of_an_expression_is_looked_at() {
    let mut sum = alarm(vec![
        watched("BucketSizeBytes", &[MEDIA, STANDARD]),
        watched("BucketSizeBytes", &[MEDIA]),
    ]);
    sum.expressions = vec!["m1+m2".to_owned()];
    assert_eq!(lint(&sum, &media(), Known::default()).len(), 1);
}

#[test]
fn an_alarm_on_another_bucket_is_none_of_this_ones_business() {
    let other = watched("BucketSizeBytes", &[("BucketName", "media-eu")]);
    assert_eq!(judge(other, Known::default()), []);
}
