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
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own in S3's rule"
)]
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
    /// Which rule counts where two rules copy an object to the same bucket: the one with the highest number.
    pub priority: Option<i32>,
    /// Minutes in which S3 promises to copy (Replication Time Control); `None` where it promises nothing.
    pub within_minutes: Option<u32>,
    /// Whether CloudWatch gets metrics of the rule.
    pub metrics: bool,
    /// Minutes after which S3 sends an event about an object that is not copied yet.
    pub late_after_minutes: Option<u32>,
    /// Whether the rule asks for objects that were there before it. S3 no longer does that.
    pub existing_objects: bool,
    /// Whether changes to the metadata of a replica are copied, too.
    pub replica_modifications: bool,
    /// The KMS key of the copies.
    pub replica_key: Option<String>,
    /// The account of the target bucket, where the rule names it.
    pub account: Option<String>,
    /// Who owns the copies instead of the owner of the source: `Destination`.
    pub replica_owner: Option<String>,
}

impl ReplicationRule {
    /// Whether this rule takes every object that the other takes, as far as the filters tell.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.prefix.starts_with(&self.prefix)
            && self.tags.iter().all(|tag| other.tags.contains(tag))
    }

    /// Whether one object can be taken by both rules.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let prefixes =
            self.prefix.starts_with(&other.prefix) || other.prefix.starts_with(&self.prefix);
        // One object has one value under a tag's name.
        let tags_agree = self.tags.iter().all(|(name, value)| {
            other
                .tags
                .iter()
                .all(|(other_name, other_value)| name != other_name || value == other_value)
        });
        prefixes && tags_agree
    }

    /// What the rule copies and how fast, in a few words.
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
