//! Every row of `tests/tables/alarms.toml`: what is to be said of an alarm on the bucket `media` in `us-east-1`.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde::Deserialize;

use super::tests::alarm;
use super::*;
use crate::domain::configuration::ReplicationRule;
use crate::domain::metrics::{Series, Storage, StorageType, TypeSeries};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    row: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    /// `METRIC STATISTIC PERIOD`.
    metric: String,
    /// `NAME=VALUE`.
    dimensions: Vec<String>,
    #[serde(default = "here")]
    region: String,
    #[serde(default)]
    unit: Option<String>,
    #[serde(default)]
    account: Option<String>,
    /// `TYPE BYTES`; not known without it.
    #[serde(default)]
    storage: Option<Vec<String>>,
    /// Ids of metrics configurations; not known without it.
    #[serde(default)]
    filters: Option<Vec<String>>,
    /// Classes that lifecycle rules move objects to.
    #[serde(default)]
    arriving: Option<Vec<String>>,
    /// `ID DESTINATION`, then `on` or `off` and `metrics` or `none`; not known without it.
    #[serde(default)]
    replication: Option<Vec<String>>,
    /// Whether all buckets of the account are known.
    #[serde(default)]
    is_whole: bool,
    findings: Vec<String>,
}

fn here() -> String {
    "us-east-1".to_owned()
}

fn storage(types: &[String]) -> Storage {
    let day = DateTime::from_timestamp(1_760_054_400, 0).unwrap();
    let types = types.iter().map(|words| {
        let (name, bytes) = words.split_once(' ').unwrap();
        TypeSeries {
            storage_type: StorageType::new(name),
            series: Series::of_points([(day, bytes.parse().unwrap())]),
        }
    });
    Storage::new(types.collect(), Series::default())
}

fn rule(words: &str) -> ReplicationRule {
    let words: Vec<&str> = words.split(' ').collect();
    ReplicationRule {
        id: words[0].to_owned(),
        enabled: words[2] == "on",
        prefix: String::new(),
        tags: Vec::new(),
        to: words[1].to_owned(),
        class: None,
        delete_markers: false,
        kms_encrypted: false,
        priority: None,
        within_minutes: None,
        metrics: words[3] == "metrics",
        late_after_minutes: None,
        existing_objects: false,
        replica_modifications: false,
        replica_key: None,
        account: None,
        replica_owner: None,
    }
}

#[test]
fn every_alarm_of_the_table_is_judged_by_what_s3_sends() {
    let text = include_str!("../../../../tests/tables/alarms.toml");
    let table: Table = toml::from_str(text).unwrap();
    assert!(table.row.len() >= 25, "{} rows", table.row.len());
    let mut wrong = Vec::new();
    for row in &table.row {
        let words: Vec<&str> = row.metric.split(' ').collect();
        let watched = Watched {
            namespace: NAMESPACE.to_owned(),
            name: words[0].to_owned(),
            dimensions: row
                .dimensions
                .iter()
                .map(|pair| pair.split_once('=').unwrap())
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            statistic: words[1].to_owned(),
            period: words[2].parse().unwrap(),
            unit: row.unit.clone(),
            account: row.account.clone(),
        };
        let judged = Alarm {
            region: Region(row.region.clone()),
            ..alarm(vec![watched])
        };
        let replication = row.replication.as_ref();
        let replication: Option<Vec<_>> =
            replication.map(|rules| rules.iter().map(|words| rule(words)).collect());
        let storage = row.storage.as_deref().map(storage);
        let known = Known {
            filters: row.filters.as_deref(),
            storage: storage.as_ref(),
            arriving: row.arriving.as_deref(),
            replication: replication.as_deref(),
        };
        let media = BucketName::new("media").unwrap();
        let places = Places {
            buckets: BTreeMap::from([(media.clone(), Some(Region(here())))]),
            is_whole: row.is_whole,
            account: Some("123456789012".to_owned()),
        };
        let found: Vec<String> = lint(&judged, &media, known)
            .into_iter()
            .chain(astray(&judged, &places))
            .map(|finding| format!("{} {}", finding.severity.as_str(), finding.id))
            .collect();
        if found != row.findings {
            wrong.push(format!(
                "{}: {found:?} and not {:?}",
                row.name, row.findings
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
