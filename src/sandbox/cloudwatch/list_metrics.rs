//! `ListMetrics`: which metrics there are, 500 a page.

use chrono::{Duration, Utc};

use super::data::{dimensions, is_listed, metric};
use super::value::{Value, or_null, record};
use super::{Refusal, Request, page};
use crate::sandbox::world::metrics::{Course, History};

/// Metrics a page.
const PAGE: usize = 500;

pub(super) fn answer(request: &Request<'_>) -> Result<Value, Refusal> {
    let input = &request.input;
    let of_other_services = input
        .text("Namespace")
        .is_some_and(|namespace| namespace != "AWS/S3");
    let recently = match input.text("RecentlyActive") {
        None => false,
        Some("PT3H") => true,
        Some(_) => return Err(Refusal::invalid("RecentlyActive can be PT3H alone")),
    };
    let now = Utc::now();
    let metrics: Vec<Value> = request
        .histories()
        .filter(|_| !of_other_services)
        .filter(|history| is_listed(history, now))
        .filter(|history| {
            !recently
                || match &history.course {
                    Course::EveryMinute { .. } => true,
                    Course::Daily(points) => points
                        .last()
                        .is_some_and(|(day, _)| now - *day <= Duration::hours(3)),
                }
        })
        .filter(|history| {
            input
                .text("MetricName")
                .is_none_or(|name| history.metric == name)
        })
        .filter(|history| {
            input
                .list("Dimensions")
                .iter()
                .all(|filter| passes(history, filter))
        })
        .map(metric)
        .collect();
    let (metrics, next) = page(metrics, request.start()?, PAGE)?;
    Ok(record([
        ("Metrics", Value::List(metrics)),
        ("NextToken", or_null(next)),
    ]))
}

/// Whether a history has the dimension, with the value where one is named.
fn passes(history: &History, filter: &Value) -> bool {
    dimensions(history).iter().any(|(name, value)| {
        filter.text("Name") == Some(name)
            && filter.text("Value").is_none_or(|asked| asked == *value)
    })
}
