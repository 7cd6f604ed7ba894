//! Runs every row of `tests/tables/lifecycle-days.toml`, which gives the actions on an object and their days.

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    row: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    /// The source of the expectation.
    source: String,
    rules: Vec<String>,
    #[serde(default = "key")]
    key: String,
    #[serde(default = "mib")]
    size: u64,
    #[serde(default = "standard")]
    class: String,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default = "never")]
    versioning: String,
    /// Number of newer noncurrent versions; absent for a current version.
    newer: Option<u32>,
    #[serde(default)]
    is_null: bool,
    #[serde(default)]
    varies_by_class: bool,
    /// The actions, each with its day after the midnight that follows writing (or becoming noncurrent).
    days: Vec<String>,
}

fn key() -> String {
    "a".to_owned()
}

fn mib() -> u64 {
    MIB
}

fn standard() -> String {
    "STANDARD".to_owned()
}

fn never() -> String {
    "never".to_owned()
}

#[test]
fn every_object_of_the_table_goes_its_way_day_by_day() {
    let text = include_str!("../../../../tests/tables/lifecycle-days.toml");
    let table: Table = toml::from_str(text).unwrap();
    assert!(table.row.len() >= 50, "{} rows", table.row.len());
    let mut wrong = Vec::new();
    for row in &table.row {
        assert!(!row.source.is_empty(), "{}", row.name);
        let tags: Vec<_> = row.tags.iter().map(|tag| notation::pair(tag)).collect();
        let subject = Subject {
            tags: Some(&tags),
            version: match row.newer {
                None => VersionState::Current {
                    is_null: row.is_null,
                },
                Some(newer) => VersionState::Noncurrent {
                    since: written(),
                    newer,
                },
            },
            ..Subject::current(&row.key, row.size, &row.class, written())
        };
        let lifecycle = notation::lifecycle(&row.rules, row.varies_by_class);
        let start = calendar::midnight_after(written());
        let found: Vec<String> = timeline(&lifecycle, notation::kept(&row.versioning), &subject)
            .iter()
            .map(|step| {
                let effect = match &step.effect {
                    Effect::Transition(class) => class.to_string(),
                    other => format!("{other:?}"),
                };
                format!("{} {effect}", (step.at - start).num_days())
            })
            .collect();
        if found != row.days {
            wrong.push(format!("{}: {found:?} and not {:?}", row.name, row.days));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
