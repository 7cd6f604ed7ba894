//! The lifecycle configuration: rules that move and delete objects as they age. `domain::lifecycle` works out what they
//! do to an object.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Concern;
use super::words::{count, days, list};
use crate::domain::{ByteSize, StorageClass};

/// The rules of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Lifecycle {
    /// In the order of the document, which has no meaning.
    pub rules: Vec<Rule>,
    /// From which size on objects change their class, where no rule says otherwise.
    pub minimum_size: MinimumSize,
}

/// `TransitionDefaultMinimumObjectSize`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MinimumSize {
    /// No object under 128 KB changes its class; the default since September 2024.
    #[default]
    #[serde(rename = "all_storage_classes_128K")]
    AllClasses128K,
    /// `GLACIER` and `DEEP_ARCHIVE` take objects of any size, the other classes from 128 KB on.
    VariesByStorageClass,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Rule {
    /// Its id; S3 makes one up where none was given.
    pub id: String,
    /// Whether it does anything.
    pub enabled: bool,
    /// Which objects it is about.
    pub filter: Filter,
    /// Changes of class of current objects.
    pub transitions: Vec<Transition>,
    /// The end of current objects.
    pub expiration: Option<Expiration>,
    /// Changes of class of versions that are no longer current.
    pub noncurrent_transitions: Vec<NoncurrentTransition>,
    /// The end of versions that are no longer current.
    pub noncurrent_expiration: Option<NoncurrentExpiration>,
    /// Days after which an incomplete upload is aborted.
    pub abort_uploads_days: Option<u32>,
}

/// Which objects a rule is about: all conditions have to hold, and an empty filter matches all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Filter {
    /// What the key begins with; empty is all.
    pub prefix: String,
    /// Tags that the object has, all of them.
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
    /// So many days after the object was written.
    Days(u32),
    /// From this day on, whenever the object was written.
    Date(DateTime<Utc>),
}

/// A change of class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Transition {
    /// When.
    pub when: When,
    /// To which class.
    #[serde(serialize_with = "class")]
    pub class: StorageClass,
}

/// The end of a current object, or of a delete marker that hides nothing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expiration {
    /// The object expires.
    At(When),
    /// A delete marker goes that has no versions behind it.
    ExpiredDeleteMarker,
}

/// A change of class of noncurrent versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoncurrentTransition {
    /// Days after the version was superseded.
    pub days: u32,
    /// To which class.
    #[serde(serialize_with = "class")]
    pub class: StorageClass,
    /// So many newer noncurrent versions are kept as they are; 0 for none.
    pub newer_versions: u32,
}

/// The end of noncurrent versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct NoncurrentExpiration {
    /// Days after the version was superseded.
    pub days: u32,
    /// So many newer noncurrent versions are kept; 0 for none.
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

    /// Whether it matches keys that begin so, of whatever size and tags.
    #[must_use]
    pub fn is_prefix_alone(&self) -> bool {
        self.tags.is_empty() && self.larger_than.is_none() && self.smaller_than.is_none()
    }

    /// The filter in words.
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
    /// What it does, in words.
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
