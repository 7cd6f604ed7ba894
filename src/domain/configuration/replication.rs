//! Replication: where copies of the objects go.

use serde::Serialize;

use super::Concern;
use super::words::{count, list};

/// The rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replication {
    /// The role that copies.
    pub role: String,
    /// The rules, in the order of the document.
    pub rules: Vec<ReplicationRule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReplicationRule {
    /// Its id.
    pub id: String,
    /// Whether it does anything.
    pub enabled: bool,
    /// What keys begin with; empty is all.
    pub prefix: String,
    /// Tags that it asks for.
    pub tags: Vec<(String, String)>,
    /// The name of the bucket that the copies go to.
    pub to: String,
    /// The copies' storage class, where it differs.
    pub class: Option<String>,
    /// Whether delete markers are copied.
    pub delete_markers: bool,
    /// Whether objects encrypted with KMS are copied.
    pub kms_encrypted: bool,
}

impl Concern for Replication {
    const NAME: &'static str = "replication";
    const TITLE: &'static str = "Replication";
    const NOT_SET: &'static str = "Objects are not copied elsewhere.";

    fn sentence(&self) -> String {
        let targets: Vec<String> = self
            .rules
            .iter()
            .filter(|rule| rule.enabled)
            .map(|rule| {
                let markers = if rule.delete_markers {
                    "with"
                } else {
                    "without"
                };
                format!("{} ({markers} delete markers)", rule.to)
            })
            .collect();
        if targets.is_empty() {
            return format!("{} and none enabled.", count(self.rules.len(), "rule"));
        }
        format!("Objects are copied to {}.", list(&targets))
    }
}
