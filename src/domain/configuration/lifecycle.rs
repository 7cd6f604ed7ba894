//! The lifecycle configuration: rules that move and delete objects as they age. `domain::lifecycle` simulates their
//! effect on an object.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Concern;
use super::words::{count, days, list};
use crate::domain::{ByteSize, StorageClass};

/// The rules of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Lifecycle {
    /// The rules in the order of the document, which has no meaning.
    pub rules: Vec<Rule>,
    /// The default minimum size for transitions.
    pub minimum_size: MinimumSize,
}

/// `TransitionDefaultMinimumObjectSize`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MinimumSize {
    /// No object smaller than 128 KB is moved; the default since September 2024.
    #[default]
    #[serde(rename = "all_storage_classes_128K")]
    AllClasses128K,
    /// `GLACIER` and `DEEP_ARCHIVE` accept objects of any size, the other classes only from 128 KB.
    VariesByStorageClass,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Rule {
    /// Its id; S3 generates one if there is none.
    pub id: String,
    /// Whether it is enabled.
    pub enabled: bool,
    /// The objects that it applies to.
    pub filter: Filter,
    /// Transitions of current objects.
    pub transitions: Vec<Transition>,
    /// Expiration of current objects.
    pub expiration: Option<Expiration>,
    /// Transitions of noncurrent versions.
    pub noncurrent_transitions: Vec<NoncurrentTransition>,
    /// Expiration of noncurrent versions.
    pub noncurrent_expiration: Option<NoncurrentExpiration>,
    /// Days until an incomplete upload is aborted.
    pub abort_uploads_days: Option<u32>,
}

/// The filter of a rule: all conditions must match, and an empty filter matches everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Filter {
    /// The key prefix; an empty one matches all keys.
    pub prefix: String,
    /// Tags, all of which the object must have.
    pub tags: Vec<(String, String)>,
    /// Only objects larger than this, in bytes.
    pub larger_than: Option<u64>,
    /// Only objects smaller than this, in bytes.
    pub smaller_than: Option<u64>,
}

/// When a rule acts on a current object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// This many days after the object was written.
    Days(u32),
    /// From this day on, for objects of any age.
    Date(DateTime<Utc>),
}

/// A transition to another storage class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Transition {
    /// When the object moves.
    pub when: When,
    /// The target class.
    #[serde(serialize_with = "class")]
    pub class: StorageClass,
}

/// The expiration of a current object, or of a delete marker without versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expiration {
    /// The object expires.
    At(When),
    /// A delete marker without versions is removed.
    ExpiredDeleteMarker,
}

/// A transition of noncurrent versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoncurrentTransition {
    /// Days after the version became noncurrent.
    pub days: u32,
    /// The target class.
    #[serde(serialize_with = "class")]
    pub class: StorageClass,
    /// The number of newer noncurrent versions that are not moved; 0 for none.
    pub newer_versions: u32,
}

/// The expiration of noncurrent versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct NoncurrentExpiration {
    /// Days after the version became noncurrent.
    pub days: u32,
    /// The number of newer noncurrent versions to retain; 0 for none.
    pub newer_versions: u32,
}

fn class<S: serde::Serializer>(class: &StorageClass, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(class.as_str())
}

impl Lifecycle {
    /// The storage classes that enabled rules move objects and versions to.
    #[must_use]
    pub fn classes(&self) -> Vec<String> {
        let enabled = || self.rules.iter().filter(|rule| rule.enabled);
        let current = enabled().flat_map(|rule| rule.transitions.iter().map(|t| &t.class));
        let old = enabled().flat_map(|rule| rule.noncurrent_transitions.iter().map(|t| &t.class));
        current.chain(old).map(ToString::to_string).collect()
    }
}

impl Filter {
    /// Whether it matches everything.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it filters only by prefix, not by size or tags.
    #[must_use]
    pub fn is_prefix_alone(&self) -> bool {
        self.tags.is_empty() && self.larger_than.is_none() && self.smaller_than.is_none()
    }

    /// Describes the filter.
    #[must_use]
    pub fn words(&self) -> String {
        let mut parts = Vec::new();
        if !self.prefix.is_empty() {
            parts.push(format!("with keys that begin with {}", self.prefix));
        }
        for (key, value) in &self.tags {
            parts.push(format!("tagged {key}={value}"));
        }
        if let Some(size) = self.larger_than {
            parts.push(format!("larger than {}", ByteSize(size)));
        }
        if let Some(size) = self.smaller_than {
            parts.push(format!("smaller than {}", ByteSize(size)));
        }
        if parts.is_empty() {
            "all objects".to_owned()
        } else {
            format!("objects {}", list(&parts))
        }
    }
}

impl When {
    fn words(self) -> String {
        match self {
            Self::Days(n) => format!("after {}", days(n)),
            Self::Date(date) => format!("from {} on", date.format("%Y-%m-%d")),
        }
    }
}

impl Rule {
    /// Describes the actions.
    #[must_use]
    pub fn actions(&self) -> Vec<String> {
        let mut actions: Vec<String> = self
            .transitions
            .iter()
            .map(|t| format!("{} {}", t.class, t.when.words()))
            .collect();
        match self.expiration {
            Some(Expiration::At(when)) => actions.push(format!("expire {}", when.words())),
            Some(Expiration::ExpiredDeleteMarker) => {
                actions.push("remove delete markers that hide nothing".to_owned());
            }
            None => {}
        }
        for t in &self.noncurrent_transitions {
            actions.push(format!(
                "noncurrent versions to {} after {}",
                t.class,
                days(t.days)
            ));
        }
        if let Some(end) = self.noncurrent_expiration {
            let keep = if end.newer_versions > 0 {
                format!(" beyond the newest {}", end.newer_versions)
            } else {
                String::new()
            };
            actions.push(format!(
                "delete noncurrent versions{keep} after {}",
                days(end.days)
            ));
        }
        if let Some(n) = self.abort_uploads_days {
            actions.push(format!("abort incomplete uploads after {}", days(n)));
        }
        actions
    }
}

impl Concern for Lifecycle {
    const NAME: &'static str = "lifecycle";
    const TITLE: &'static str = "Lifecycle";
    const NOT_SET: &'static str = "Nothing moves or deletes objects as they age.";

    fn sentence(&self) -> String {
        if let [rule] = self.rules.as_slice()
            && rule.enabled
        {
            return format!("For {}: {}.", rule.filter.words(), list(&rule.actions()));
        }
        let enabled: Vec<&str> = self
            .rules
            .iter()
            .filter(|rule| rule.enabled)
            .map(|rule| rule.id.as_str())
            .collect();
        let disabled = self.rules.len() - enabled.len();
        let off = match disabled {
            0 => String::new(),
            n => format!("; {} disabled", count(n, "rule")),
        };
        match enabled.len() {
            0 => format!("{} and none enabled.", count(self.rules.len(), "rule")),
            n => format!("{} enabled: {}{off}.", count(n, "rule"), list(&enabled)),
        }
    }
}
