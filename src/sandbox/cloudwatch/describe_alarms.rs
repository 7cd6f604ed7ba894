//! `DescribeAlarms`: the alarms of a Region, 50 a page unless more are asked for.

use super::value::{Value, or_null, record};
use super::{Refusal, Request, page};
use crate::sandbox::store::Backend;
use crate::sandbox::world::metrics::{WorldAlarm, WorldMetric, WorldQuery};

/// Alarms a page, by default and at most.
const PAGE: usize = 50;
const LONGEST_PAGE: usize = 100;

pub(super) fn answer(request: &Request<'_>) -> Result<Value, Refusal> {
    let input = &request.input;
    let most = input.count("MaxRecords").unwrap_or(PAGE);
    if !(1..=LONGEST_PAGE).contains(&most) {
        return Err(Refusal::invalid(format!(
            "MaxRecords must be 1 to {LONGEST_PAGE}."
        )));
    }
    let names = input.list("AlarmNames");
    let types = input.list("AlarmTypes");
    let wants_metric_alarms = types.is_empty() || types.contains(&Value::from("MetricAlarm"));
    let alarms: Vec<Value> = request
        .cloudwatch
        .metrics
        .alarms
        .iter()
        .filter(|alarm| wants_metric_alarms && alarm.region == request.region)
        .filter(|alarm| names.is_empty() || names.contains(&Value::from(alarm.name.as_str())))
        .filter(|alarm| {
            input
                .text("AlarmNamePrefix")
                .is_none_or(|prefix| alarm.name.starts_with(prefix))
        })
        .filter(|alarm| {
            input
                .text("StateValue")
                .is_none_or(|state| alarm.state == state)
        })
        .map(document)
        .collect();
    let (alarms, next) = page(alarms, request.start()?, most)?;
    Ok(record([
        ("MetricAlarms", Value::List(alarms)),
        ("CompositeAlarms", Value::List(Vec::new())),
        ("NextToken", or_null(next)),
    ]))
}

fn document(alarm: &WorldAlarm) -> Value {
    let mut fields = vec![
        ("AlarmName", Value::from(alarm.name.as_str())),
        (
            "AlarmArn",
            Value::from(format!(
                "arn:aws:cloudwatch:{}:{}:alarm:{}",
                alarm.region,
                Backend::ACCOUNT_ID,
                alarm.name
            )),
        ),
        ("AlarmDescription", or_null(alarm.description.as_deref())),
        ("ActionsEnabled", Value::Bool(!alarm.actions.is_empty())),
        (
            "AlarmActions",
            Value::List(
                alarm
                    .actions
                    .iter()
                    .map(|arn| Value::from(arn.as_str()))
                    .collect(),
            ),
        ),
        ("StateValue", Value::from(alarm.state.as_str())),
        ("StateReason", Value::from(alarm.reason.as_str())),
        ("StateUpdatedTimestamp", Value::Time(alarm.state_since)),
        ("EvaluationPeriods", Value::from(alarm.evaluation_periods)),
        ("DatapointsToAlarm", or_null(alarm.datapoints_to_alarm)),
        ("Threshold", Value::Number(alarm.threshold)),
        ("ComparisonOperator", Value::from(alarm.comparison.as_str())),
        ("TreatMissingData", or_null(alarm.treat_missing.as_deref())),
    ];
    match &alarm.metric {
        Some(metric) => fields.extend([
            ("Namespace", Value::from(metric.namespace.as_str())),
            ("MetricName", Value::from(metric.name.as_str())),
            ("Dimensions", dimensions(metric)),
            ("Statistic", Value::from(metric.statistic.as_str())),
            ("Period", Value::from(metric.period)),
        ]),
        None => fields.push((
            "Metrics",
            Value::List(alarm.queries.iter().map(query).collect()),
        )),
    }
    record(fields)
}

fn query(query: &WorldQuery) -> Value {
    let stat = query.metric.as_ref().map(|metric| {
        record([
            (
                "Metric",
                record([
                    ("Namespace", Value::from(metric.namespace.as_str())),
                    ("MetricName", Value::from(metric.name.as_str())),
                    ("Dimensions", dimensions(metric)),
                ]),
            ),
            ("Stat", Value::from(metric.statistic.as_str())),
            ("Period", Value::from(metric.period)),
        ])
    });
    record([
        ("Id", Value::from(query.id.as_str())),
        ("MetricStat", or_null(stat)),
        ("Expression", or_null(query.expression.as_deref())),
        ("ReturnData", Value::Bool(query.is_result)),
    ])
}

fn dimensions(metric: &WorldMetric) -> Value {
    let dimensions = metric.dimensions.iter().map(|(name, value)| {
        record([
            ("Name", Value::from(name.as_str())),
            ("Value", Value::from(value.as_str())),
        ])
    });
    Value::List(dimensions.collect())
}
