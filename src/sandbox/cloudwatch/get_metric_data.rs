//! `GetMetricData`: the points of up to 500 metrics, page by page where they are more than fit one answer.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::data::{dimensions, is_statistic, points};
use super::value::{Value, or_null, record};
use super::{Refusal, Request};
use crate::sandbox::world::metrics::History;

/// The most queries of one call.
const QUERIES: usize = 500;
/// The most points of one answer.
const POINTS: usize = 100_800;

/// One question: the points of a metric.
struct Query<'r> {
    id: &'r str,
    label: String,
    points: Vec<(DateTime<Utc>, f64)>,
    is_returned: bool,
}

pub(super) fn answer(request: &Request<'_>) -> Result<Value, Refusal> {
    let input = &request.input;
    let queries = input.list("MetricDataQueries");
    if queries.is_empty() || queries.len() > QUERIES {
        return Err(Refusal::invalid(format!(
            "The collection MetricDataQueries must have a size of 1 to {QUERIES}, and has {}.",
            queries.len()
        )));
    }
    let (Some(start), Some(end)) = (input.time("StartTime"), input.time("EndTime")) else {
        return Err(Refusal::invalid(
            "The parameters StartTime and EndTime are required.",
        ));
    };
    if start >= end {
        return Err(Refusal::invalid(
            "The parameter StartTime must be less than the parameter EndTime.",
        ));
    }
    let most = input.count("MaxDatapoints").unwrap_or(POINTS);
    if !(1..=POINTS).contains(&most) {
        return Err(Refusal::invalid(format!(
            "The parameter MaxDatapoints must be 1 to {POINTS}."
        )));
    }
    let descending = match input.text("ScanBy") {
        None | Some("TimestampDescending") => true,
        Some("TimestampAscending") => false,
        Some(other) => return Err(Refusal::invalid(format!("ScanBy cannot be {other}."))),
    };
    let histories: Vec<&History> = request.histories().collect();
    let mut ids = HashSet::new();
    let mut found = Vec::with_capacity(queries.len());
    for query in queries {
        let mut query = read(query, &histories, [start, end])?;
        if !ids.insert(query.id) {
            return Err(Refusal::invalid(format!(
                "The values for parameter id in MetricDataQueries are not unique: {}.",
                query.id
            )));
        }
        if descending {
            query.points.reverse();
        }
        found.push(query);
    }
    found.retain(|query| query.is_returned);
    Ok(page(&found, request.start()?, most))
}

fn read<'r>(
    query: &'r Value,
    histories: &[&History],
    window: [DateTime<Utc>; 2],
) -> Result<Query<'r>, Refusal> {
    let id = query.text("Id").unwrap_or_default();
    let is_name = id.starts_with(|c: char| c.is_ascii_lowercase())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !is_name {
        return Err(Refusal::invalid(format!(
            "The value {id} for parameter MetricDataQueries.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$."
        )));
    }
    let Some(asked) = query.get("MetricStat") else {
        return Err(Refusal::invalid(format!(
            "The query {id} has no MetricStat, and the sandbox does not compute expressions."
        )));
    };
    let statistic = asked.text("Stat").unwrap_or_default();
    let period = asked
        .count("Period")
        .and_then(|period| i64::try_from(period).ok());
    let Some(period) = period.filter(|period| *period >= 60 && period % 60 == 0) else {
        return Err(Refusal::invalid(format!(
            "The Period of the query {id} must be a multiple of 60."
        )));
    };
    if !is_statistic(statistic) {
        return Err(Refusal::invalid(format!(
            "The value {statistic} for parameter MetricDataQueries.MetricStat.Stat is no statistic."
        )));
    }
    let metric = asked.get("Metric").unwrap_or(&Value::Null);
    let history = histories.iter().find(|history| is_of(history, metric));
    Ok(Query {
        id,
        label: query
            .text("Label")
            .or_else(|| metric.text("MetricName"))
            .unwrap_or_default()
            .to_owned(),
        // A metric that nobody sends has no points, and asking for it is no mistake.
        points: history.map_or_else(Vec::new, |history| {
            points(history, window, period, statistic)
        }),
        is_returned: query.get("ReturnData") != Some(&Value::Bool(false)),
    })
}

/// Whether this is the metric that was asked for: by its name and by all its dimensions, not by some of them.
fn is_of(history: &History, metric: &Value) -> bool {
    let asked = metric.list("Dimensions");
    let own = dimensions(history);
    metric.text("Namespace") == Some("AWS/S3")
        && metric.text("MetricName") == Some(history.metric.as_str())
        && asked.len() == own.len()
        && own.iter().all(|(name, value)| {
            asked.iter().any(|dimension| {
                dimension.text("Name") == Some(name) && dimension.text("Value") == Some(value)
            })
        })
}

/// The points from the `start`th on, counted through all queries. A query whose points have not all been told yet is
/// partial, and the next page goes on with it.
fn page(queries: &[Query<'_>], start: usize, most: usize) -> Value {
    let end = start.saturating_add(most);
    let mut before = 0;
    let mut results = Vec::new();
    for query in queries {
        let (first, last) = (before, before + query.points.len());
        before = last;
        let told = query
            .points
            .iter()
            .skip(start.saturating_sub(first))
            .take(end.saturating_sub(first.max(start)));
        let (times, values): (Vec<_>, Vec<_>) = told
            .map(|(time, value)| (Value::Time(*time), Value::Number(*value)))
            .unzip();
        let status = if last <= end {
            "Complete"
        } else {
            "PartialData"
        };
        results.push(record([
            ("Id", Value::from(query.id)),
            ("Label", Value::from(query.label.as_str())),
            ("Timestamps", Value::List(times)),
            ("Values", Value::List(values)),
            ("StatusCode", Value::from(status)),
        ]));
    }
    let next = (before > end).then(|| Value::from(end.to_string()));
    record([
        ("MetricDataResults", Value::List(results)),
        ("NextToken", or_null(next)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(id: &str, points: i64) -> Query<'_> {
        let time = |n| DateTime::from_timestamp(n * 86_400, 0).unwrap();
        Query {
            id,
            label: String::new(),
            points: (0..points).map(|n| (time(n), 1.0)).collect(),
            is_returned: true,
        }
    }

    #[test]
    fn a_page_may_end_within_a_query_and_the_next_goes_on_there() {
        let queries = [query("a", 3), query("b", 3), query("c", 0)];
        let mut told = [0, 0, 0];
        let mut statuses = Vec::new();
        for start in [0, 2, 4] {
            let page = page(&queries, start, 2);
            for (sum, result) in told.iter_mut().zip(page.list("MetricDataResults")) {
                *sum += result.list("Values").len();
            }
            let of_a = &page.list("MetricDataResults")[0];
            statuses.push(of_a.text("StatusCode").unwrap().to_owned());
            assert_eq!(page.get("NextToken").is_some(), start < 4);
        }
        assert_eq!(told, [3, 3, 0]);
        assert_eq!(statuses, ["PartialData", "Complete", "Complete"]);
    }
}
