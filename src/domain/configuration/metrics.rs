//! Request metrics: CloudWatch has them only for these configurations.

use serde::Serialize;

use super::Concern;
use super::words::list;

/// All metrics configurations of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct MetricsConfigurations(pub Vec<MetricsConfiguration>);

/// A configuration. Its id is the dimension `FilterId` of the metrics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MetricsConfiguration {
    /// Its id.
    pub id: String,
    /// A description of its filter; `None` for the whole bucket.
    pub filter: Option<String>,
}

impl Concern for MetricsConfigurations {
    const NAME: &'static str = "request-metrics";
    const TITLE: &'static str = "Request metrics";
    const NOT_SET: &'static str = "Requests are not measured: CloudWatch has no request metrics.";

    fn sentence(&self) -> String {
        let all: Vec<String> = self
            .0
            .iter()
            .map(|c| match &c.filter {
                None => format!("{} for all objects", c.id),
                Some(filter) => format!("{} for {filter}", c.id),
            })
            .collect();
        format!("CloudWatch measures requests as {}.", list(&all))
    }
}
