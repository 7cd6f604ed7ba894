//! Replication rules: where objects are copied.

use serde::Serialize;

use super::Concern;
use super::words::{count, list};

/// The replication configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replication {
    /// The role that S3 uses.
    pub role: String,
    /// The rules, in the order of the document.
    pub rules: Vec<ReplicationRule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own in S3's rule"
)]
pub struct ReplicationRule {
    /// Its id.
    pub id: String,
    /// Whether it is enabled.
    pub enabled: bool,
    /// The key prefix; an empty one matches all keys.
    pub prefix: String,
    /// Tags of the filter.
    pub tags: Vec<(String, String)>,
    /// The destination bucket.
    pub to: String,
    /// The storage class of the replicas, if it differs.
    pub class: Option<String>,
    /// Whether delete markers are replicated.
    pub delete_markers: bool,
    /// Whether objects encrypted with KMS are replicated.
    pub kms_encrypted: bool,
    /// The priority: if two rules copy an object to the same bucket, the one with the highest number applies.
    pub priority: Option<i32>,
    /// The time in minutes that S3 guarantees (Replication Time Control); `None` without a guarantee.
    pub within_minutes: Option<u32>,
    /// Whether replication metrics are enabled.
    pub metrics: bool,
    /// Minutes until S3 sends an event about an object that was not replicated.
    pub late_after_minutes: Option<u32>,
    /// Whether the rule includes existing objects. S3 no longer supports this.
    pub existing_objects: bool,
    /// Whether metadata changes of a replica are replicated, too.
    pub replica_modifications: bool,
    /// The KMS key of the replicas.
    pub replica_key: Option<String>,
    /// The account of the destination bucket, if the rule names it.
    pub account: Option<String>,
    /// The owner of the replicas, if it changes: `Destination`.
    pub replica_owner: Option<String>,
}

impl ReplicationRule {
    /// Whether this rule matches every object that the other matches, according to the filters.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.prefix.starts_with(&self.prefix)
            && self.tags.iter().all(|tag| other.tags.contains(tag))
    }

    /// Whether an object can match both rules.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let prefixes =
            self.prefix.starts_with(&other.prefix) || other.prefix.starts_with(&self.prefix);
        // A tag has only one value on an object.
        let tags_agree = self.tags.iter().all(|(name, value)| {
            other
                .tags
                .iter()
                .all(|(other_name, other_value)| name != other_name || value == other_value)
        });
        prefixes && tags_agree
    }

    /// A short description of the rule and its speed.
    fn words(&self) -> String {
        let with = |on: bool| if on { "with" } else { "without" };
        let mut parts = vec![
            format!("{} delete markers", with(self.delete_markers)),
            format!("{} objects under KMS keys", with(self.kms_encrypted)),
        ];
        if let Some(minutes) = self.within_minutes {
            parts.push(format!("within {minutes} minutes"));
        }
        parts.join(", ")
    }
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
            .map(|rule| format!("{} ({})", rule.to, rule.words()))
            .collect();
        if targets.is_empty() {
            return format!("{} and none enabled.", count(self.rules.len(), "rule"));
        }
        format!("Objects are copied to {}.", list(&targets))
    }
}
