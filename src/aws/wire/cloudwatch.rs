//! CloudWatch requests: the existing metrics, their points, and alarms.

use aws_sdk_cloudwatch::types;
use aws_smithy_types::DateTime as SdkTime;
use chrono::{DateTime, Utc};

use super::time;
use crate::aws::cloudwatch::explain;
use crate::aws::explain::Call;
use crate::aws::{Aws, Meter, Problem, ProblemKind, operations};
use crate::domain::advice::advice;
use crate::domain::metrics::alarms::{Alarm, NAMESPACE, Watched};
use crate::domain::{BucketName, Region};

/// The maximum number of queries per call.
pub const QUERIES: usize = 500;

/// The page size of alarms, CloudWatch's maximum.
const ALARMS_A_PAGE: i32 = 100;

/// A metric of S3.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Metric {
    /// `BucketSizeBytes`, `NumberOfObjects`, or a request metric.
    pub name: String,
    /// Its dimensions.
    pub dimensions: Vec<(String, String)>,
}

impl Metric {
    /// The value of a dimension.
    #[must_use]
    pub fn dimension(&self, name: &str) -> Option<&str> {
        let found = self.dimensions.iter().find(|(own, _)| own == name)?;
        Some(&found.1)
    }
}

/// A filter for metrics; `None` matches everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct MetricsFilter<'f> {
    /// Of this name.
    pub name: Option<&'f str>,
    /// Of this bucket.
    pub bucket: Option<&'f BucketName>,
}

/// One page of items, with the token for the next one.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// What is on it.
    pub rows: Vec<T>,
    /// The token for the next page; `None` on the last page.
    pub next: Option<String>,
}

/// Requests one page of the metrics that S3 sent from a Region within the last two weeks.
pub async fn metrics(
    aws: &Aws,
    region: &Region,
    filter: MetricsFilter<'_>,
    token: Option<&str>,
    meter: &Meter,
) -> Result<Page<Metric>, Problem> {
    let call = Call::new(&operations::LIST_METRICS, region.as_str());
    let of_bucket = filter.bucket.map(|bucket| {
        types::DimensionFilter::builder()
            .name("BucketName")
            .value(bucket.as_str())
            .build()
    });
    let answer = aws
        .cloudwatch_in(region)
        .list_metrics()
        .namespace(NAMESPACE)
        .set_metric_name(filter.name.map(str::to_owned))
        .set_dimensions(of_bucket.map(|dimension| vec![dimension]))
        .set_next_token(token.map(str::to_owned))
        .customize()
        .interceptor(meter.counting())
        .send()
        .await
        .map_err(|error| explain(aws, &call, &error))?;
    let rows = answer.metrics().iter().map(|metric| Metric {
        name: metric.metric_name().unwrap_or_default().to_owned(),
        dimensions: dimensions(metric.dimensions()),
    });
    Ok(Page {
        rows: rows.collect(),
        next: next(answer.next_token()),
    })
}

/// A query for one metric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The metric.
    pub metric: Metric,
    /// `Average`, `Sum` and so on.
    pub statistic: &'static str,
    /// The period in seconds, a multiple of 60.
    pub period: i32,
}

/// The points of one query on a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Points {
    /// The index of the query, from 0.
    pub query: usize,
    /// The points, in no order.
    pub points: Vec<(DateTime<Utc>, f64)>,
    /// How complete they are.
    pub outcome: Outcome,
}

/// How complete the response to a query is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// All points were returned.
    Complete,
    /// The next page has more.
    Partial,
    /// The query failed, with the service's message.
    Failed(String),
}

/// Requests one page of the points of up to [`QUERIES`] metrics, from the start of `window` to before its end.
pub async fn points(
    aws: &Aws,
    region: &Region,
    queries: &[Query],
    window: [DateTime<Utc>; 2],
    token: Option<&str>,
    meter: &Meter,
) -> Result<Page<Points>, Problem> {
    let call = Call::new(&operations::GET_METRIC_DATA, region.as_str());
    let [start, end] = window.map(|time| SdkTime::from_secs(time.timestamp()));
    let asked = queries.iter().enumerate().map(|(at, query)| {
        let wanted = types::MetricStat::builder()
            .metric(sdk_metric(&query.metric))
            .stat(query.statistic)
            .period(query.period)
            .build();
        types::MetricDataQuery::builder()
            .id(format!("m{at}"))
            .metric_stat(wanted)
            .build()
    });
    let answer = aws
        .cloudwatch_in(region)
        .get_metric_data()
        .set_metric_data_queries(Some(asked.collect()))
        .start_time(start)
        .end_time(end)
        .set_next_token(token.map(str::to_owned))
        .customize()
        .interceptor(meter.counting())
        .send()
        .await
        .map_err(|error| explain(aws, &call, &error))?;
    let mut rows = Vec::with_capacity(answer.metric_data_results().len());
    for result in answer.metric_data_results() {
        let id = result.id().unwrap_or_default();
        let query = id
            .strip_prefix('m')
            .and_then(|number| number.parse().ok())
            .filter(|query| *query < queries.len());
        let (Some(query), true) = (query, result.timestamps().len() == result.values().len())
        else {
            return Err(call.failed(
                ProblemKind::Malformed,
                "the answer has values that belong to no question or no time",
                advice!("the metrics stay unknown; try again"),
            ));
        };
        let points = result
            .timestamps()
            .iter()
            .zip(result.values())
            .filter_map(|(at, value)| Some((time(Some(at))?, *value)));
        rows.push(Points {
            query,
            points: points.collect(),
            outcome: outcome(result),
        });
    }
    Ok(Page {
        rows,
        next: next(answer.next_token()),
    })
}

fn outcome(result: &types::MetricDataResult) -> Outcome {
    match result.status_code() {
        // If a server returns no status, the token decides whether there is more.
        None | Some(types::StatusCode::Complete) => Outcome::Complete,
        Some(types::StatusCode::PartialData) => Outcome::Partial,
        Some(other) => {
            let said = result
                .messages()
                .iter()
                .filter_map(types::MessageData::value);
            let said: Vec<&str> = said.collect();
            let reason = if said.is_empty() {
                other.as_str().to_owned()
            } else {
                format!("{}: {}", other.as_str(), said.join("; "))
            };
            Outcome::Failed(reason)
        }
    }
}

/// Requests one page of the metric alarms of a Region.
pub async fn alarms(
    aws: &Aws,
    region: &Region,
    token: Option<&str>,
    meter: &Meter,
) -> Result<Page<Alarm>, Problem> {
    let call = Call::new(&operations::DESCRIBE_ALARMS, region.as_str());
    let answer = aws
        .cloudwatch_in(region)
        .describe_alarms()
        .alarm_types(types::AlarmType::MetricAlarm)
        .max_records(ALARMS_A_PAGE)
        .set_next_token(token.map(str::to_owned))
        .customize()
        .interceptor(meter.counting())
        .send()
        .await
        .map_err(|error| explain(aws, &call, &error))?;
    let rows = answer.metric_alarms().iter();
    Ok(Page {
        rows: rows.map(|alarm| read_alarm(alarm, region)).collect(),
        next: next(answer.next_token()),
    })
}

fn read_alarm(alarm: &types::MetricAlarm, region: &Region) -> Alarm {
    let text = |field: Option<&str>| field.unwrap_or_default().to_owned();
    let mut metrics: Vec<Watched> = alarm
        .metrics()
        .iter()
        .filter_map(|query| {
            let stat = query.metric_stat()?;
            let metric = stat.metric()?;
            Some(Watched {
                namespace: text(metric.namespace()),
                name: text(metric.metric_name()),
                dimensions: dimensions(metric.dimensions()),
                statistic: text(stat.stat()),
                period: whole(stat.period()),
                unit: stat.unit().map(|unit| unit.as_str().to_owned()),
                account: query.account_id().map(str::to_owned),
            })
        })
        .collect();
    if let Some(name) = alarm.metric_name() {
        let statistic = alarm.statistic().map(types::Statistic::as_str);
        metrics.push(Watched {
            namespace: text(alarm.namespace()),
            name: name.to_owned(),
            dimensions: dimensions(alarm.dimensions()),
            statistic: text(statistic.or_else(|| alarm.extended_statistic())),
            period: whole(alarm.period()),
            unit: alarm.unit().map(|unit| unit.as_str().to_owned()),
            account: None,
        });
    }
    let expressions = alarm
        .metrics()
        .iter()
        .filter_map(types::MetricDataQuery::expression);
    Alarm {
        name: text(alarm.alarm_name()),
        region: region.clone(),
        state: text(alarm.state_value().map(types::StateValue::as_str)),
        reason: text(alarm.state_reason()),
        since: time(alarm.state_updated_timestamp()),
        metrics,
        expressions: expressions.map(str::to_owned).collect(),
        threshold: alarm.threshold(),
        comparison: text(
            alarm
                .comparison_operator()
                .map(types::ComparisonOperator::as_str),
        ),
        evaluation_periods: whole(alarm.evaluation_periods()),
        datapoints_to_alarm: alarm
            .datapoints_to_alarm()
            .and_then(|number| u32::try_from(number).ok()),
        has_actions: alarm.actions_enabled().unwrap_or(true)
            && !(alarm.alarm_actions().is_empty()
                && alarm.ok_actions().is_empty()
                && alarm.insufficient_data_actions().is_empty()),
    }
}

fn whole(number: Option<i32>) -> u32 {
    number
        .and_then(|number| u32::try_from(number).ok())
        .unwrap_or(0)
}

fn dimensions(found: &[types::Dimension]) -> Vec<(String, String)> {
    found
        .iter()
        .filter_map(|dimension| Some((dimension.name()?.to_owned(), dimension.value()?.to_owned())))
        .collect()
}

fn sdk_metric(metric: &Metric) -> types::Metric {
    let dimensions = metric
        .dimensions
        .iter()
        .map(|(name, value)| types::Dimension::builder().name(name).value(value).build());
    types::Metric::builder()
        .namespace(NAMESPACE)
        .metric_name(&metric.name)
        .set_dimensions(Some(dimensions.collect()))
        .build()
}

fn next(token: Option<&str>) -> Option<String> {
    token.filter(|token| !token.is_empty()).map(str::to_owned)
}
