//! Alarms that a blueprint wants: whether they are there, and whether they could ever have data.

use super::lint::{Known, lint};
use super::{Alarm, NAMESPACE, Watched};
use crate::domain::advice::{Action, Advice, advice};
use crate::domain::blueprint;
use crate::domain::blueprint::registry::Statistic;
use crate::domain::posture::{Finding, Severity};
use crate::domain::{BucketName, Region};

/// The namespace of the metrics of a bill.
const BILLING: &str = "AWS/Billing";

/// Judges an alarm that the blueprint of a bucket wants. `there` are all alarms of the bucket's Region, `None` where
/// they are not known. An alarm that is there and looks at the bucket is judged by [`lint`], and not here again.
#[must_use]
pub(crate) fn lint_wanted(
    wanted: &blueprint::Alarm,
    bucket: &BucketName,
    there: Option<&[Alarm]>,
    known: Known<'_>,
) -> Vec<Finding> {
    let of_name = |alarms: &[Alarm]| {
        let mut same = alarms.iter().filter(|alarm| alarm.name == wanted.name);
        same.next().cloned()
    };
    if wanted.namespace == BILLING {
        return vec![on_billing(wanted, bucket)];
    }
    match there.map(of_name) {
        Some(Some(found)) if found.is_adrift() => vec![adrift(&found, bucket)],
        Some(Some(_)) => Vec::new(),
        not_there => {
            let is_missing = not_there.is_some();
            let as_wanted = as_alarm(wanted, is_missing);
            let mut findings = lint(&as_wanted, bucket, known);
            if as_wanted.is_adrift() {
                findings.push(adrift(&as_wanted, bucket));
            }
            if is_missing {
                findings.push(missing(&as_wanted, bucket));
            }
            findings
        }
    }
}

/// The alarm as it would be if somebody made it.
fn as_alarm(wanted: &blueprint::Alarm, is_missing: bool) -> Alarm {
    let dimension = |name: &str, value: Option<&str>| Some((name.to_owned(), value?.to_owned()));
    let dimensions = [
        dimension("BucketName", wanted.bucket.as_ref().map(BucketName::as_str)),
        dimension("StorageType", wanted.storage_type.as_deref()),
        dimension("FilterId", wanted.filter_id.as_deref()),
    ];
    let state = if is_missing {
        "not there, for nobody made it"
    } else {
        "not known"
    };
    Alarm {
        name: wanted.name.clone(),
        region: Region(String::new()),
        state: state.to_owned(),
        reason: String::new(),
        since: None,
        metrics: vec![Watched {
            namespace: wanted.namespace.clone(),
            name: wanted.metric.clone(),
            dimensions: dimensions.into_iter().flatten().collect(),
            statistic: statistic(wanted.statistic).to_owned(),
            period: wanted.period_seconds,
            unit: None,
            account: None,
        }],
        expressions: Vec::new(),
        threshold: Some(wanted.above),
        comparison: "GreaterThanThreshold".to_owned(),
        evaluation_periods: wanted.evaluation_periods,
        datapoints_to_alarm: None,
        has_actions: true,
    }
}

fn statistic(wanted: Statistic) -> &'static str {
    match wanted {
        Statistic::Average => "Average",
        Statistic::Maximum => "Maximum",
        Statistic::Minimum => "Minimum",
        Statistic::Sum => "Sum",
        Statistic::SampleCount => "SampleCount",
    }
}

/// An alarm on a metric of S3 that does not say of which bucket.
fn adrift(alarm: &Alarm, bucket: &BucketName) -> Finding {
    let watched = alarm.metrics.first();
    Finding {
        id: "alarm-never-has-data",
        severity: Severity::High,
        bucket: bucket.clone(),
        message: format!(
            "The alarm {} can never have data: it looks at a metric of S3 and does not say of which bucket.",
            alarm.name
        ),
        evidence: vec![format!(
            "{NAMESPACE} {} without the dimension BucketName; the alarm's state is {}",
            watched.map_or("", |watched| watched.name.as_str()),
            alarm.state
        )],
        why: "An alarm without data never goes off, and looks like one that has nothing to tell.",
        advice: advice!(
            "add the dimension BucketName, and FilterId or StorageType as the metric has it"
        ),
        references: &[],
    }
}

/// An alarm on the bill, which knows of no bucket.
fn on_billing(wanted: &blueprint::Alarm, bucket: &BucketName) -> Finding {
    Finding {
        id: "alarm-on-billing",
        severity: Severity::Info,
        bucket: bucket.clone(),
        message: format!(
            "The alarm {} is on the account's bill, not on this bucket.",
            wanted.name
        ),
        evidence: vec![format!(
            "wanted: {} {}, {} of {} seconds, above {}",
            wanted.namespace,
            wanted.metric,
            statistic(wanted.statistic),
            wanted.period_seconds,
            wanted.above
        )],
        why: "Billing metrics are in us-east-1 alone, some hours late, and count everything that the account uses: a bucket that grows hides behind what else is paid for.",
        advice: Advice::from(Action::ReadMetrics {
            bucket: bucket.clone(),
        })
        .then(advice!("watch its BucketSizeBytes for growth")),
        references: &[],
    }
}

fn missing(alarm: &Alarm, bucket: &BucketName) -> Finding {
    Finding {
        id: "blueprint-drift",
        severity: Severity::Medium,
        bucket: bucket.clone(),
        message: format!(
            "The alarm {} that the blueprint wants is not there.",
            alarm.name
        ),
        evidence: vec![
            format!("wanted: {}", alarm.words()),
            "found: no alarm of this name in the bucket's Region".to_owned(),
        ],
        why: "Nobody is notified of what the application wants to be woken for.",
        advice: Advice::from(Action::CreateAlarm {
            name: alarm.name.clone(),
        })
        .then(advice!("or take it out of the blueprint")),
        references: &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::blueprint::Blueprint;
    use crate::domain::metrics::alarms::tests::{alarm, watched};

    fn wanted(blueprint: &str, name: &str) -> blueprint::Alarm {
        let blueprint = Blueprint::builtin(blueprint).unwrap();
        let mut alarms = blueprint.alarms.into_iter();
        alarms.find(|alarm| alarm.name == name).unwrap()
    }

    fn judged(
        wanted: &blueprint::Alarm,
        bucket: &str,
        there: Option<&[Alarm]>,
    ) -> Vec<&'static str> {
        let bucket = BucketName::new(bucket).unwrap();
        let findings = lint_wanted(wanted, &bucket, there, Known::default());
        assert!(findings.iter().all(|f| !f.evidence.is_empty()));
        findings.iter().map(|finding| finding.id).collect()
    }

    #[test]
    fn a_wanted_alarm_that_nobody_made_is_drift_and_its_own_faults_are_told_besides() {
        let right = wanted("pilotforce", "PilotForce-UserUploads-BucketSize");
        let bucket = "pilotforce-user-uploads";
        assert_eq!(judged(&right, bucket, Some(&[])), ["blueprint-drift"]);
        // What is not known is neither there nor missing.
        assert!(judged(&right, bucket, None).is_empty());
        let without_filter = wanted("quikapp", "QuikApp-S3-Requests-High");
        assert_eq!(
            judged(&without_filter, "quikapp-media-prod", None),
            ["alarm-never-has-data"]
        );
    }

    #[test]
    fn an_alarm_that_is_there_is_judged_as_it_is_and_not_as_it_was_wanted() {
        let wanted = wanted("quikapp", "QuikApp-S3-4xx-Errors");
        let bucket = "quikapp-media-prod";
        let named = |metric| Alarm {
            name: wanted.name.clone(),
            ..alarm(vec![metric])
        };
        let adrift = [named(watched("4xxErrors", &[]))];
        assert_eq!(
            judged(&wanted, bucket, Some(&adrift)),
            ["alarm-never-has-data"]
        );
        let mended = [named(watched(
            "4xxErrors",
            &[("BucketName", bucket), ("FilterId", "EntireBucket")],
        ))];
        assert!(judged(&wanted, bucket, Some(&mended)).is_empty());
    }

    #[test]
    fn an_alarm_on_the_bill_is_called_one() {
        let bill = wanted("leadfactory", "cost-above-40-dollars");
        for there in [None, Some(&[][..])] {
            assert_eq!(
                judged(&bill, "leadshop-assets", there),
                ["alarm-on-billing"]
            );
        }
    }
}
