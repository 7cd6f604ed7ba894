//! What is known of a request besides who asks for what: the condition keys and their values.

use std::collections::BTreeMap;

use super::keys::{self, Nature};

/// The condition keys of a request. Keys compare without letter case. A key that was never mentioned is absent when IAM
/// has such a key, and unknown otherwise: a name that nobody knows may mean anything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Context {
    values: BTreeMap<String, Given>,
    /// What holds of keys that were not mentioned.
    is_open: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Given {
    Values(Vec<String>),
    Absent,
    Unknown,
}

/// What a request has under a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'c> {
    /// These values; most keys have one.
    Values(&'c [String]),
    /// The request does not have the key.
    Absent,
    /// It is not known whether it has.
    Unknown,
}

impl Context {
    /// A request that has no keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A request of which nothing is known but what is added.
    #[must_use]
    pub fn open() -> Self {
        Self {
            is_open: true,
            ..Self::default()
        }
    }

    /// A request that sends no more than it must: no optional header or parameter, through no access point, and for
    /// nobody else. Of all other keys nothing is known. `named` are the keys that policies ask for.
    #[must_use]
    pub fn plain<'k>(named: impl Iterator<Item = &'k str>) -> Self {
        let mut context = Self::open();
        let known = keys::names().map(str::to_owned);
        for key in known.chain(named.map(str::to_ascii_lowercase)) {
            let is_optional = key.starts_with("s3:");
            match keys::nature(&key) {
                Some(Nature::Chosen | Nature::Service | Nature::Never) => context.set(&key, None),
                Some(Nature::Owned) if is_optional => context.set(&key, None),
                Some(Nature::False) => context.set(&key, Some(vec!["false".to_owned()])),
                _ => {}
            }
        }
        context
    }

    /// The same with a value for a key.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.set(key, Some(vec![value.into()]));
        self
    }

    /// The same without the key.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        self.set(key, None);
        self
    }

    /// The same with a key of which it is not known whether the request has it.
    #[must_use]
    pub fn with_unknown(mut self, key: &str) -> Self {
        self.values.insert(key.to_ascii_lowercase(), Given::Unknown);
        self
    }

    /// Gives a key its values, or says that it is absent (`None`, or no value at all).
    pub fn set(&mut self, key: &str, values: Option<Vec<String>>) {
        let given = match values {
            Some(values) if !values.is_empty() => Given::Values(values),
            _ => Given::Absent,
        };
        self.values.insert(key.to_ascii_lowercase(), given);
    }

    /// Forgets what was said of a key.
    pub(super) fn forget(&mut self, key: &str) {
        self.values.remove(&key.to_ascii_lowercase());
    }

    /// What the request has under a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Found<'_> {
        let key = key.to_ascii_lowercase();
        match self.values.get(&key) {
            Some(Given::Values(values)) => Found::Values(values),
            Some(Given::Unknown) => Found::Unknown,
            None if self.is_open || !keys::is_known(&key) => Found::Unknown,
            Some(Given::Absent) | None => Found::Absent,
        }
    }
}

impl<K: AsRef<str>, V: Into<String>> FromIterator<(K, V)> for Context {
    /// A key that comes several times has several values.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut context = Self::new();
        for (key, value) in pairs {
            let given = context
                .values
                .entry(key.as_ref().to_ascii_lowercase())
                .or_insert(Given::Absent);
            match given {
                Given::Values(values) => values.push(value.into()),
                Given::Absent | Given::Unknown => *given = Given::Values(vec![value.into()]),
            }
        }
        context
    }
}
