//! S3 Inventory: lists of objects that S3 writes daily or weekly.

use serde::Serialize;

use super::Concern;
use super::words::{count, list};

/// All inventory configurations of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Inventories(pub Vec<Inventory>);

/// An inventory configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inventory {
    /// Its id.
    pub id: String,
    /// Whether it is enabled.
    pub enabled: bool,
    /// `Daily` or `Weekly`.
    pub frequency: String,
    /// `CSV`, `ORC` or `Parquet`.
    pub format: String,
    /// The destination bucket.
    pub to: String,
    /// The prefix of its files.
    pub prefix: String,
    /// Whether it includes all versions.
    pub all_versions: bool,
}

impl Concern for Inventories {
    const NAME: &'static str = "inventory";
    const TITLE: &'static str = "Inventory";
    const NOT_SET: &'static str = "No inventory is written.";

    fn sentence(&self) -> String {
        let written: Vec<String> = self
            .0
            .iter()
            .filter(|i| i.enabled)
            .map(|i| {
                format!(
                    "{} ({}, {}) to {}",
                    i.id,
                    i.frequency.to_lowercase(),
                    i.format,
                    i.to
                )
            })
            .collect();
        if written.is_empty() {
            return format!("{} and none enabled.", count(self.0.len(), "configuration"));
        }
        format!("Inventories are written: {}.", list(&written))
    }
}
