//! One row per metric of a bucket.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::aws::Problem;
use crate::cli::formats::{Column, Record};
use crate::domain::ByteSize;
use crate::domain::metrics::{Counts, Growth, Series, StorageType, sparkline, whole};
use crate::domain::prices::{PriceTable, money};
use crate::ops::metrics::{BucketStorage, RequestSeries};

/// The width of a history in columns.
const SPARK: usize = 24;

/// A metric of a bucket. A bucket without any data has a row without a metric, and a note.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    bucket: String,
    region: Option<String>,
    metric: Option<String>,
    storage_type: Option<String>,
    filter_id: Option<String>,
    /// Times and values; a day without a point is `null`, not zero.
    points: Option<Vec<(String, Option<f64>)>>,
    last: Option<f64>,
    last_at: Option<String>,
    /// The growth from the first to the last value, as a share of the first.
    growth: Option<f64>,
    growth_days: Option<u32>,
    /// An estimate in the currency of the price table.
    monthly_cost: Option<f64>,
    #[serde(skip)]
    cells: Vec<String>,
}

impl Record for Row {
    const FIELDS: &'static [&'static str] = &[
        "bucket",
        "region",
        "metric",
        "storage_type",
        "filter_id",
        "points",
        "last",
        "last_at",
        "growth",
        "growth_days",
        "monthly_cost",
    ];
    const COLUMNS: &'static [Column] = &[
        Column::words("BUCKET", 20),
        Column::words("STORAGE TYPE", 34),
        Column::numbers("LAST", 11),
        Column::words("ON", 10),
        Column::numbers("GROWTH", 18),
        Column::words("HISTORY", SPARK),
        Column::numbers("ABOUT A MONTH", 13),
    ];

    fn cells(&self) -> Vec<String> {
        self.cells.clone()
    }
}

/// A metric's name with its dimensions.
struct Named<'n> {
    metric: &'n str,
    storage_type: Option<&'n StorageType>,
    filter_id: Option<&'n str>,
}

/// The rows of a bucket: number of objects, each storage type, each request metric, with the growth over `days`.
pub(super) fn of(
    one: &BucketStorage,
    requests: Option<&Result<Vec<RequestSeries>, Problem>>,
    prices: &PriceTable,
    days: u32,
) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(storage) = one.storage.value() {
        let all = StorageType::new(StorageType::ALL);
        let named = |metric, storage_type| Named {
            metric,
            storage_type: Some(storage_type),
            filter_id: None,
        };
        rows.push(row(
            one,
            &named("NumberOfObjects", &all),
            &storage.objects,
            days,
            prices,
        ));
        for known in &storage.types {
            let named = named("BucketSizeBytes", &known.storage_type);
            rows.push(row(one, &named, &known.series, days, prices));
        }
    } else {
        rows.push(unknown(one));
    }
    let sent = requests.into_iter().flatten().flatten();
    // A request metric without any points, such as errors, is not printed.
    for known in sent.filter(|known| !known.series.is_empty()) {
        let named = Named {
            metric: known.metric,
            storage_type: None,
            filter_id: Some(&known.filter),
        };
        rows.push(row(one, &named, &known.series, days, prices));
    }
    rows
}

fn row(
    one: &BucketStorage,
    named: &Named<'_>,
    series: &Series,
    window: u32,
    prices: &PriceTable,
) -> Row {
    let last = series.last();
    let growth = series.growth(window);
    let is_size = named.metric == "BucketSizeBytes";
    let size = last.map(|(_, value)| whole(value));
    let cost = match (named.storage_type, size) {
        (Some(storage_type), Some(size)) if is_size => prices.cost(storage_type, ByteSize(size)),
        _ => None,
    };
    let shown = match size {
        None => "?".to_owned(),
        Some(bytes) if is_size => ByteSize(bytes).to_string(),
        Some(number) => number.to_string(),
    };
    Row {
        bucket: one.bucket.to_string(),
        region: one.region.as_ref().map(ToString::to_string),
        metric: Some(named.metric.to_owned()),
        storage_type: named.storage_type.map(ToString::to_string),
        filter_id: named.filter_id.map(str::to_owned),
        points: Some(
            series
                .points()
                .iter()
                .map(|point| (time(point.time()), point.value))
                .collect(),
        ),
        last: last.map(|(_, value)| value),
        last_at: series.points().last().map(|point| time(point.time())),
        growth: growth.map(|growth| growth.share),
        growth_days: growth.map(|growth| growth.days),
        monthly_cost: cost.map(cents),
        cells: vec![
            one.bucket.to_string(),
            label(named),
            shown,
            last.map_or_else(|| "?".to_owned(), |(day, _)| day.to_string()),
            growth.map_or_else(|| "?".to_owned(), Growth::words_in_days),
            padded(&sparkline(series, SPARK)),
            match cost {
                Some(cost) => money(cost, &prices.currency),
                None if is_size => "no price".to_owned(),
                None => String::new(),
            },
        ],
    }
}

/// The label of a row in a table.
fn label(named: &Named<'_>) -> String {
    match (named.storage_type, named.filter_id) {
        (Some(one), _) if one.counts() == Counts::Everything => "objects".to_owned(),
        (Some(one), _) => match one.counts() {
            Counts::Overhead => format!("{one} (overhead)"),
            Counts::Unknown => format!("{one} (not known)"),
            _ => one.to_string(),
        },
        (None, Some(filter)) => format!("{} of {filter}", named.metric),
        (None, None) => named.metric.to_owned(),
    }
}

fn unknown(one: &BucketStorage) -> Row {
    Row {
        bucket: one.bucket.to_string(),
        region: one.region.as_ref().map(ToString::to_string),
        metric: None,
        storage_type: None,
        filter_id: None,
        points: None,
        last: None,
        last_at: None,
        growth: None,
        growth_days: None,
        monthly_cost: None,
        cells: [one.bucket.as_str(), "?", "?", "?", "?", "", "?"]
            .map(str::to_owned)
            .to_vec(),
    }
}

/// Pads a history to the width of its column. Table cells are escaped, which would print a space at the end as `\x20`;
/// a gap in a history is another kind of blank.
fn padded(line: &str) -> String {
    line.replace(' ', "·")
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Rounds an amount to cents, which is precise enough for an estimate.
pub(in crate::cli) fn cents(amount: f64) -> f64 {
    (amount * 100.0).round() / 100.0
}
