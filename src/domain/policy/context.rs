//! The condition keys of a request and their values.

use std::collections::BTreeMap;

use super::keys::{self, Nature};

/// The condition keys of a request, compared without case. A key that was not set is absent if IAM knows the key.
/// Otherwise it is unknown, because an unknown name may mean anything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Context {
    values: BTreeMap<String, Given>,
    /// Whether keys that were not set are unknown.
    is_open: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Given {
    Values(Vec<String>),
    Absent,
    Unknown,
}

/// The value of a condition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'c> {
    /// The key's values; most keys have one.
    Values(&'c [String]),
    /// The request does not have the key.
    Absent,
    /// Unknown.
    Unknown,
}

impl Context {
    /// A context without keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A context in which everything is unknown that is not set.
    #[must_use]
    pub fn open() -> Self {
        Self {
            is_open: true,
            ..Self::default()
        }
    }

    /// A context of a minimal request: no optional header or parameter, no access point, and not on behalf of anyone.
    /// Other keys are unknown. `named` are the keys in the policies.
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

    /// Sets a key to a value.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.set(key, Some(vec![value.into()]));
        self
    }

    /// Sets a key to absent.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        self.set(key, None);
        self
    }

    /// Sets a key to unknown.
    #[must_use]
    pub fn with_unknown(mut self, key: &str) -> Self {
        self.values.insert(key.to_ascii_lowercase(), Given::Unknown);
        self
    }

    /// Sets the values of a key; `None` or an empty list means absent.
    pub fn set(&mut self, key: &str, values: Option<Vec<String>>) {
        let given = match values {
            Some(values) if !values.is_empty() => Given::Values(values),
            _ => Given::Absent,
        };
        self.values.insert(key.to_ascii_lowercase(), given);
    }

    /// Removes what was set for a key.
    pub(super) fn forget(&mut self, key: &str) {
        self.values.remove(&key.to_ascii_lowercase());
    }

    /// The value of a key.
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
    /// A key that occurs several times gets several values.
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
