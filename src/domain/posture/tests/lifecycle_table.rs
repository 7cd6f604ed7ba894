//! Every row of `tests/tables/lifecycle-findings.toml`: which findings about a lifecycle a bucket deserves.

use serde::Deserialize;

use super::*;
use crate::domain::Upload;
use crate::domain::lifecycle::tests::notation;

const ABOUT: [&str; 10] = [
    "delete-markers-useless",
    "incomplete-uploads-never-abort",
    "lifecycle-minimum-stay",
    "lifecycle-missing",
    "lifecycle-object-uncovered",
    "lifecycle-rule-matches-nothing",
    "lifecycle-too-small",
    "lifecycle-transition-overdue",
    "noncurrent-never-expire",
    "versioning-off",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    row: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    /// Without any there is no lifecycle configuration.
    rules: Vec<String>,
    #[serde(default)]
    versioning: Option<String>,
    /// `KEY current|noncurrent|marker|old-marker|upload DAYS [BYTES [CLASS]]`, in the order of a listing.
    #[serde(default)]
    holds: Vec<String>,
    #[serde(default)]
    is_cut: bool,
    /// What the blueprint expects.
    #[serde(default)]
    expect: Option<String>,
    /// The findings, the most severe first.
    findings: Vec<String>,
}

fn versioning(text: Option<&str>) -> Stated<Versioning> {
    let of = |state| {
        set(Versioning {
            state,
            mfa_delete: false,
        })
    };
    match text {
        None | Some("never") => known(Fact::NotSet),
        Some("enabled") => of(VersioningState::Enabled),
        Some("suspended") => of(VersioningState::Suspended),
        Some("unknown") => known(Fact::Unknown(denied())),
        Some(other) => panic!("{other} is no state of versioning"),
    }
}

fn add(builder: &mut Builder<'_>, words: &str) {
    let words: Vec<&str> = words.split_whitespace().collect();
    let days: i64 = words[2].parse().unwrap();
    let size = words.get(3).map_or(1 << 20, |size| size.parse().unwrap());
    let mut found = version(words[0], size, days);
    if let Some(class) = words.get(4) {
        found.object.storage_class = StorageClass::new(class);
    }
    match words[1] {
        "current" => {}
        "noncurrent" => found.is_latest = false,
        "marker" => found.is_delete_marker = true,
        "old-marker" => (found.is_delete_marker, found.is_latest) = (true, false),
        "upload" => {
            builder.add_upload(&upload(words[0], days));
            return;
        }
        other => panic!("{other} is nothing that a bucket holds"),
    }
    builder.add(&found);
}

fn upload(key: &str, days_ago: i64) -> Upload {
    Upload {
        key: ObjectKey::new(key).unwrap(),
        upload_id: "u".to_owned(),
        initiated: Some(now() - TimeDelta::days(days_ago)),
        storage_class: StorageClass::default(),
    }
}

#[test]
fn every_bucket_of_the_table_has_the_findings_that_it_deserves_and_no_others() {
    let text = include_str!("../../../../tests/tables/lifecycle-findings.toml");
    let table: Table = toml::from_str(text).unwrap();
    assert!(table.row.len() >= 30, "{} rows", table.row.len());
    let mut wrong = Vec::new();
    for row in &table.row {
        let rules = notation::lifecycle(&row.rules, false);
        let configuration = Configuration {
            versioning: versioning(row.versioning.as_deref()),
            lifecycle: if row.rules.is_empty() {
                known(Fact::NotSet)
            } else {
                set(rules)
            },
            ..sound()
        };
        let wants = row
            .expect
            .as_ref()
            .map(|expect| blueprint(&format!("[bucket.expect]\n{expect}\n")));
        let mut builder = Builder::new(
            configuration.lifecycle.value(),
            Kept::of_answer(configuration.versioning.known()),
            wants.as_ref(),
            None,
            now(),
        );
        for held in &row.holds {
            add(&mut builder, held);
        }
        let contents = builder.finish(!row.is_cut);
        let mut found = said(&Case {
            contents: (!row.holds.is_empty()).then_some(&contents),
            blueprint: wants.as_ref(),
            ..case(&configuration)
        });
        found.retain(|said| ABOUT.iter().any(|id| said.ends_with(id)));
        if found != row.findings {
            wrong.push(format!(
                "{}: {found:?} and not {:?}",
                row.name, row.findings
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
