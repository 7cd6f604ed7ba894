//! The keys of a bucket and the versions under each.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::ids;
use super::listing::{Keys, Start, Walk};
use super::{Content, Moment, Object, Version, VersionId};

/// What is kept under one key.
///
/// Worlds of a million keys are made of objects that have nothing but a size and a date. Those are kept as just that,
/// 24 bytes beside the key, and unfolded when somebody looks.
#[derive(Debug)]
pub enum Entry {
    /// One object with version id `null` and nothing out of the ordinary.
    Plain {
        /// Size of the made-up body in bytes.
        size: u64,
        /// When it was written.
        modified: Moment,
    },
    /// All versions, oldest first; never empty.
    Versions(Vec<Version>),
}

impl Entry {
    /// All versions, oldest first.
    #[must_use]
    pub fn versions(&self, key: &str) -> Cow<'_, [Version]> {
        match self {
            Self::Plain { size, modified } => Cow::Owned(vec![unfold(key, *size, *modified)]),
            Self::Versions(versions) => Cow::Borrowed(versions),
        }
    }

    /// The version that counts when none is named.
    #[must_use]
    pub fn current(&self, key: &str) -> Option<Version> {
        match self {
            Self::Plain { size, modified } => Some(unfold(key, *size, *modified)),
            Self::Versions(versions) => versions.last().cloned(),
        }
    }

    /// Whether there is an object when no version is named.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        match self {
            Self::Plain { .. } => true,
            Self::Versions(versions) => versions.last().is_some_and(|v| !v.is_delete_marker()),
        }
    }

    /// The order of the current version.
    fn newest(&self) -> u64 {
        match self {
            Self::Plain { .. } => 0,
            Self::Versions(versions) => versions.last().map_or(0, |version| version.order),
        }
    }

    fn unfolded(&mut self, key: &str) -> &mut Vec<Version> {
        if let Self::Plain { size, modified } = *self {
            *self = Self::Versions(vec![unfold(key, size, modified)]);
        }
        match self {
            Self::Versions(versions) => versions,
            Self::Plain { .. } => unreachable!("it was unfolded above"),
        }
    }
}

fn unfold(key: &str, size: u64, modified: Moment) -> Version {
    Version {
        id: VersionId::Null,
        order: 0,
        modified,
        content: Content::Object(Arc::new(Object::plain(key, size))),
    }
}

/// All keys of a bucket.
#[derive(Debug, Default)]
pub struct Keyspace {
    entries: Keys<Entry>,
    /// Where versions stood that are gone from a key that has others: a listing of versions that was at one of them
    /// goes on from there.
    gone: HashMap<Box<str>, u64>,
    written: u64,
}

impl Keyspace {
    /// Keys with what is under them.
    #[must_use]
    pub fn of_entries(entries: Vec<(Box<str>, Entry)>) -> Self {
        let written = entries.iter().map(|(_, entry)| entry.newest()).max();
        Self {
            // Builds the tree from its leaves, which for a million sorted keys takes a tenth of inserting them.
            entries: entries.into_iter().collect(),
            written: written.unwrap_or_default(),
            ..Self::default()
        }
    }

    /// Whether there is nothing, not even a delete marker.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Number of keys that have any version.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The version that counts when none is named, be it a delete marker.
    #[must_use]
    pub fn current(&self, key: &str) -> Option<Version> {
        self.entries.get(key)?.current(key)
    }

    /// The version with this id.
    #[must_use]
    pub fn version(&self, key: &str, id: &VersionId) -> Option<Version> {
        let versions = self.entries.get(key)?.versions(key);
        versions.iter().find(|version| version.id == *id).cloned()
    }

    /// Adds a version, which becomes the current one. A `null` version takes the place of the one before it.
    pub fn add(&mut self, key: &str, id: VersionId, modified: Moment, content: Content) {
        self.written += 1;
        let version = Version {
            id,
            order: self.written,
            modified,
            content,
        };
        match self.entries.get_mut(key) {
            Some(entry) => {
                let versions = entry.unfolded(key);
                if version.id == VersionId::Null {
                    versions.retain(|other| other.id != VersionId::Null);
                }
                versions.push(version);
            }
            None => {
                self.entries
                    .insert(key.into(), Entry::Versions(vec![version]));
            }
        }
    }

    /// Removes a version for good.
    pub fn remove(&mut self, key: &str, id: &VersionId) -> Option<Version> {
        let versions = self.entries.get_mut(key)?.unfolded(key);
        let at = versions.iter().position(|version| version.id == *id)?;
        let removed = versions.remove(at);
        if versions.is_empty() {
            self.entries.remove(key);
        } else if let VersionId::Id(id) = &removed.id {
            self.gone.insert(id.clone(), removed.order);
        }
        Some(removed)
    }

    /// Changes what is kept beside the bytes of a version. Readers that have it keep what they saw.
    pub fn change<T>(
        &mut self,
        key: &str,
        id: &VersionId,
        change: impl FnOnce(&mut Object) -> T,
    ) -> Option<T> {
        let versions = self.entries.get_mut(key)?.unfolded(key);
        let version = versions.iter_mut().find(|version| version.id == *id)?;
        match &mut version.content {
            Content::Object(object) => Some(change(Arc::make_mut(object))),
            Content::DeleteMarker => None,
        }
    }

    /// What a listing of versions that stopped at a version has still to tell of its key, oldest first.
    #[must_use]
    pub fn before_version(&self, key: &str, id: &VersionId) -> Vec<Version> {
        let Some(entry) = self.entries.get(key) else {
            return Vec::new();
        };
        let versions = entry.versions(key);
        let place = versions
            .iter()
            .position(|version| version.id == *id)
            .or_else(|| {
                let order = self.gone.get(id.as_str())?;
                Some(versions.partition_point(|version| version.order < *order))
            });
        // Of a version nobody has heard of, everything is still to tell: better twice than never.
        versions
            .iter()
            .take(place.unwrap_or(versions.len()))
            .cloned()
            .collect()
    }

    /// Walks through the keys that have an object now.
    #[must_use]
    pub fn walk<'a>(
        &'a self,
        prefix: &'a str,
        delimiter: Option<&'a str>,
        start: Start<'_>,
    ) -> Walk<'a, Entry> {
        Walk::new(&self.entries, prefix, delimiter, start, Entry::is_visible)
    }

    /// Walks through all keys, those behind a delete marker too.
    #[must_use]
    pub fn walk_versions<'a>(
        &'a self,
        prefix: &'a str,
        delimiter: Option<&'a str>,
        start: Start<'_>,
    ) -> Walk<'a, Entry> {
        Walk::new(&self.entries, prefix, delimiter, start, |_| true)
    }
}

/// The id that a write gets: one of its own, or `null` where the bucket does not keep versions.
#[must_use]
pub(super) fn id_of_a_write(keeps_versions: bool) -> VersionId {
    if keeps_versions {
        VersionId::Id(ids::new_version_id())
    } else {
        VersionId::Null
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> VersionId {
        VersionId::parse(text)
    }

    fn object() -> Content {
        Content::Object(Arc::new(Object::default()))
    }

    fn ids_under(keys: &Keyspace, key: &str) -> Vec<String> {
        keys.entries.get(key).map_or_else(Vec::new, |entry| {
            let versions = entry.versions(key);
            versions.iter().map(|v| v.id.as_str().to_owned()).collect()
        })
    }

    #[test]
    fn a_null_version_takes_the_place_of_the_null_version_and_of_no_other() {
        let mut keys = Keyspace::default();
        for version in ["null", "a", "null"] {
            keys.add("k", id(version), Moment::from_seconds(1), object());
        }
        assert_eq!(ids_under(&keys, "k"), ["a", "null"]);
    }

    #[test]
    fn an_entry_of_a_plain_object_is_small_and_unfolds_when_it_is_written_to() {
        assert!(size_of::<(Box<str>, Entry)>() <= 40);
        let modified = Moment::from_seconds(5);
        let mut keys = Keyspace::of_entries(vec![("k".into(), Entry::Plain { size: 3, modified })]);
        keys.change("k", &VersionId::Null, |object| {
            object.tags = vec![("a".into(), "b".into())];
        });
        keys.add("k", id("v2"), modified, object());
        assert_eq!(ids_under(&keys, "k"), ["null", "v2"]);
        let first = keys.version("k", &VersionId::Null).unwrap();
        assert_eq!(first.object().unwrap().tags.len(), 1);
        assert_eq!(first.object().unwrap().body.length(), 3);
    }

    #[test]
    fn the_last_version_takes_its_key_with_it() {
        let mut keys = Keyspace::default();
        keys.add("k", id("a"), Moment::now(), Content::DeleteMarker);
        assert!(keys.remove("k", &id("b")).is_none());
        assert!(keys.remove("k", &id("a")).is_some());
        assert!(keys.is_empty());
    }

    #[test]
    fn a_listing_goes_on_after_a_version_that_was_deleted_meanwhile() {
        let mut keys = Keyspace::default();
        for version in ["1", "2", "3", "4"] {
            keys.add("k", id(version), Moment::now(), object());
        }
        keys.remove("k", &id("3"));
        let left = |marker: &str| -> Vec<String> {
            let versions = keys.before_version("k", &id(marker));
            versions.iter().map(|v| v.id.as_str().to_owned()).collect()
        };
        assert_eq!(left("3"), ["1", "2"]);
        assert_eq!(left("2"), ["1"]);
        assert_eq!(left("never heard of"), ["1", "2", "4"]);
    }
}
