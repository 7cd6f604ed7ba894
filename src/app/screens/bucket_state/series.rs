//! The rows of the Metrics tab: histories, which the chart shows, and alarms.

use std::cmp::Ordering;
use std::sync::Arc;

use super::BucketState;
use crate::app::table::{Chunks, Row};
use crate::domain::Needle;
use crate::domain::metrics::{Counts, Series, StorageType};
use crate::domain::posture::Finding;
use crate::ops::metrics::{Alarm, RequestSeries};

/// What a row is.
#[derive(Debug, Clone)]
pub(crate) enum SeriesKind {
    /// The bytes of all storage types together.
    Total,
    /// The number of objects.
    Objects,
    /// The bytes of one storage type.
    Type(StorageType),
    /// A request metric, which a person has switched on.
    Requests,
    /// An alarm, what is wrong with it, and whether it names the bucket at all.
    Alarm(Arc<Alarm>, Vec<Arc<Finding>>, bool),
}

/// One history or alarm.
#[derive(Debug, Clone)]
pub(crate) struct SeriesRow {
    /// What it is called, and what makes it the same after a refresh.
    pub name: String,
    /// What it is.
    pub kind: SeriesKind,
    /// What is said beside its name.
    pub remark: &'static str,
    /// Its history as far back as it was asked for.
    pub series: Arc<Series>,
}

/// Histories can be sorted by nothing: the largest are first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SeriesColumn {}

impl SeriesRow {
    /// Whether its numbers are bytes.
    #[must_use]
    pub(crate) fn is_bytes(&self) -> bool {
        matches!(self.kind, SeriesKind::Total | SeriesKind::Type(_))
    }
}

impl Row for SeriesRow {
    type Column = SeriesColumn;

    type Rows = Chunks<Self>;

    const COLUMNS: &'static [SeriesColumn] = &[];

    fn id(&self) -> &str {
        &self.name
    }

    fn matches(&self, needle: &Needle) -> bool {
        needle.is_in(&self.name) || needle.is_in(self.remark)
    }

    fn compare(&self, _: &Self, column: SeriesColumn) -> Ordering {
        match column {}
    }
}

/// The rows of what is known.
pub(super) fn rows(state: &BucketState) -> Vec<SeriesRow> {
    let mut rows = Vec::new();
    let row = |name: String, kind, remark, series: Series| SeriesRow {
        name,
        kind,
        remark,
        series: Arc::new(series),
    };
    if let Some(storage) = state
        .storage
        .value
        .as_ref()
        .and_then(|one| one.storage.value())
    {
        rows.push(row(
            "all bytes".into(),
            SeriesKind::Total,
            "",
            storage.total(),
        ));
        let objects = storage.objects.clone();
        rows.push(row(
            "objects".into(),
            SeriesKind::Objects,
            "versions, markers and parts too",
            objects,
        ));
        for one in &storage.types {
            let remark = match one.storage_type.counts() {
                Counts::Overhead => "overhead",
                Counts::Parts => "parts of uploads",
                Counts::Unknown => "not known to s3warden",
                Counts::Objects | Counts::Everything => "",
            };
            let kind = SeriesKind::Type(one.storage_type.clone());
            let name = one.storage_type.to_string();
            rows.push(row(name, kind, remark, one.series.clone()));
        }
    }
    let requests = state.requests.value.iter().flatten().flatten();
    // A request metric that was never sent, such as errors where there were none, is no news.
    for known in requests.filter(|known| !known.series.is_empty()) {
        let RequestSeries {
            filter,
            metric,
            series,
        } = known;
        let name = format!("{metric} of {filter}");
        rows.push(row(name, SeriesKind::Requests, "a day", series.clone()));
    }
    if let Some(alarms) = &state.alarms.value {
        let of_bucket = alarms.buckets.iter().flat_map(|one| {
            let alarms = one.alarms.value().into_iter().flatten();
            alarms.map(|alarm| (alarm, one.findings.as_slice(), true))
        });
        let adrift = alarms.adrift.iter().map(|alarm| (alarm, &[][..], false));
        for (alarm, findings, names_bucket) in of_bucket.chain(adrift) {
            // The linter's sentences name the alarm that they are about.
            let about: Vec<Arc<Finding>> = findings
                .iter()
                .filter(|finding: &&Finding| finding.message.contains(&format!("{} ", alarm.name)))
                .map(|finding| Arc::new(finding.clone()))
                .collect();
            let kind = SeriesKind::Alarm(Arc::new(alarm.clone()), about, names_bucket);
            rows.push(row(alarm.name.clone(), kind, "alarm", Series::default()));
        }
    }
    rows
}
