//! What the application of a world says is alive: the lists that orphans are found with.
//!
//! The application knows its users, less those who left, and has a record for what it stored: the key, the key of what
//! it made from it in the same bucket, and the owner. Where the world's file says so it is wrong or late, as such lists
//! are: a record was lost, names its key as it came out of an event, stands for an object that is gone, or is not
//! written yet.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;

use super::build::blueprint_of;
use super::rng::{Rng, days_before};
use super::{SeedKind, SeedVersion, WorldBucket};
use crate::domain::BucketName;
use crate::domain::blueprint::{Blueprint, BucketBlueprint, Location};

/// What a world's application says is alive.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorldRegistry {
    /// The ids of its users.
    pub owners: Vec<String>,
    /// What it has stored.
    pub records: Vec<WorldRecord>,
}

/// A row of the application's table. One without a key is malformed: something else wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorldRecord {
    /// The object's key.
    pub key: Option<String>,
    /// The key of what was made from it.
    pub derived: Option<String>,
    /// Whose it is.
    pub owner: Option<String>,
}

/// The shape of `[registry]` in a world's file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RegistryFile {
    /// Users of the world who left: no list names them.
    #[serde(default)]
    pub gone: Vec<String>,
    /// Users whom the list calls something else than their keys do.
    #[serde(default)]
    pub renamed: BTreeMap<String, String>,
    /// The buckets whose current objects have records.
    #[serde(default)]
    pub recorded: Vec<String>,
    /// Records are written so many days after their object.
    #[serde(default)]
    pub late_days: f64,
    /// Objects whose record was lost.
    #[serde(default)]
    pub forgotten: Vec<String>,
    /// Objects whose record has another key.
    #[serde(default)]
    pub misspelt: BTreeMap<String, String>,
    /// Whose an object is, by key, where its key does not say so; luck decides of the others.
    #[serde(default)]
    pub owned: BTreeMap<String, String>,
    /// Records whose object is gone, by key, with the owner.
    #[serde(default)]
    pub dangling: BTreeMap<String, String>,
    /// So many rows without a key.
    #[serde(default)]
    pub malformed: usize,
}

/// What the application says, now that its buckets are filled.
pub(super) fn of(
    file: &RegistryFile,
    owners: &[String],
    buckets: &[WorldBucket],
    seed: u64,
    now: DateTime<Utc>,
) -> WorldRegistry {
    let living: Vec<String> = owners
        .iter()
        .filter(|owner| !file.gone.contains(owner))
        .map(|owner| file.renamed.get(owner).unwrap_or(owner).clone())
        .collect();
    let teller = Teller {
        file,
        living: &living,
        seed,
        written: days_before(now, file.late_days),
    };
    let mut records = Vec::new();
    for bucket in buckets {
        if file.recorded.contains(&bucket.name)
            && let Some(rules) = blueprint_of(&bucket.name)
        {
            teller.records(bucket, &rules, &mut records);
        }
    }
    let dangling = file.dangling.iter().map(|(key, owner)| WorldRecord {
        key: Some(key.clone()),
        derived: None,
        owner: Some(owner.clone()),
    });
    records.extend(dangling);
    records.extend((0..file.malformed).map(|_| WorldRecord::default()));
    WorldRegistry {
        owners: living,
        records,
    }
}

struct Teller<'f> {
    file: &'f RegistryFile,
    living: &'f [String],
    seed: u64,
    /// What is younger has no record yet.
    written: DateTime<Utc>,
}

impl Teller<'_> {
    /// The records of a bucket's current objects. What was made from another object has none of its own, for nobody
    /// uploaded it.
    fn records(
        &self,
        bucket: &WorldBucket,
        rules: &BucketBlueprint,
        records: &mut Vec<WorldRecord>,
    ) {
        let image = |key: &str| {
            let made = rules.derived_of(key).into_iter();
            made.filter(|made| made.bucket == rules.name && made.key != key)
                .map(|made| made.key)
                .next()
        };
        // Of all versions: a source that was deleted has left its derived object behind.
        let derived: BTreeSet<String> = bucket
            .versions
            .iter()
            .filter_map(|version| image(&version.key))
            .collect();
        let current: BTreeMap<&str, &SeedVersion> = bucket
            .versions
            .iter()
            .map(|version| (version.key.as_str(), version))
            .collect();
        let is_there = |key: &str| {
            let found = current.get(key);
            found.is_some_and(|version| version.kind != SeedKind::DeleteMarker)
        };
        for (key, version) in &current {
            if !is_there(key)
                || derived.contains(*key)
                || version.last_modified > self.written
                || self.file.forgotten.iter().any(|forgotten| forgotten == key)
            {
                continue;
            }
            let owner = match rules.locate(key) {
                Location::Owned { owner, .. } => owner.as_str().to_owned(),
                Location::Unnamed { .. } => self.owner(key),
                Location::Unreadable => continue,
            };
            let written = self.file.misspelt.get(*key);
            records.push(WorldRecord {
                key: Some(written.map_or(*key, String::as_str).to_owned()),
                // The Lambda that makes thumbnails does not always find the row that it should write to.
                derived: image(key).filter(|made| is_there(made) && self.happens(key, 0.8)),
                owner: Some(owner),
            });
        }
    }

    fn owner(&self, key: &str) -> String {
        if let Some(owner) = self.file.owned.get(key) {
            return owner.clone();
        }
        let mut rng = Rng::new(self.seed, &format!("record/{key}"));
        rng.one_of(self.living).cloned().unwrap_or_default()
    }

    fn happens(&self, key: &str, share: f64) -> bool {
        Rng::new(self.seed, &format!("thumbnail/{key}")).happens(share)
    }
}

impl WorldRegistry {
    /// The list of users: an id a line.
    #[must_use]
    pub fn owners_as_lines(&self) -> String {
        let mut lines = String::new();
        for owner in &self.owners {
            let _ = writeln!(lines, "{owner}");
        }
        lines
    }

    /// The records, as JSON Lines: `key`, `thumbnail`, `owner`.
    #[must_use]
    pub fn records_as_json(&self) -> String {
        let mut lines = String::new();
        for (number, record) in self.records.iter().enumerate() {
            let mut row = json!({ "id": number });
            let fields = [
                ("key", &record.key),
                ("thumbnail", &record.derived),
                ("owner", &record.owner),
            ];
            for (name, value) in fields {
                if let (Some(row), Some(value)) = (row.as_object_mut(), value) {
                    row.insert(name.to_owned(), value.as_str().into());
                }
            }
            let _ = writeln!(lines, "{row}");
        }
        lines
    }

    /// A blueprint that extends the built-in one of these buckets by the lists, in files at these paths. `None` when no
    /// built-in blueprint names the buckets, or there are no lists.
    #[must_use]
    pub fn blueprint(
        &self,
        buckets: &[WorldBucket],
        owners: &str,
        records: &str,
    ) -> Option<String> {
        let names = buckets
            .iter()
            .filter_map(|bucket| BucketName::new(bucket.name.as_str()).ok());
        let base = names
            .filter_map(|name| Blueprint::for_bucket(&name))
            .find(|_| !self.owners.is_empty())?;
        let quoted = |text: &str| toml::Value::from(text).to_string();
        let keyless = |record: &&WorldRecord| record.key.is_none() && record.derived.is_none();
        let malformed = self.records.iter().filter(keyless).count();
        Some(format!(
            "# Where this sandbox's application says who and what is alive.\n\
             version = 1\nname = {name}\nextends = {name}\n\n\
             [registry.owners]\nsource = \"file\"\npath = {owners}\nformat = \"lines\"\n\n\
             [registry.keys]\nsource = \"file\"\npath = {records}\nformat = \"ndjson\"\n\
             columns = [\"key\", \"thumbnail\"]\nowner_column = \"owner\"\n\
             # Rows of the application's own that have no key.\nmax_malformed = {malformed}\n",
            name = quoted(&base.name),
            owners = quoted(owners),
            records = quoted(records),
        ))
    }
}
