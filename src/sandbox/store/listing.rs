//! Walking through keys as a listing does: under a prefix, rolled up at a delimiter, from any place on.
//!
//! A walk never looks at the keys that a common prefix stands for. It seeks the first key after them, so that a page
//! of a bucket with a million keys costs a thousand seeks and no more.

use std::collections::BTreeMap;
use std::collections::btree_map;
use std::ops::Bound;

/// Keys in the order of their UTF-8 bytes.
pub(crate) type Keys<V> = BTreeMap<Box<str>, V>;

/// One row of a listing.
#[derive(Debug, PartialEq, Eq)]
pub enum Row<'a, V> {
    /// A key and what is kept under it.
    Key(&'a str, &'a V),
    /// What all keys from the listing's prefix to the next delimiter have in common.
    Prefix(&'a str),
}

/// Where a walk begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start<'a> {
    /// With the first key.
    Beginning,
    /// With this key.
    At(&'a str),
    /// After this key.
    After(&'a str),
    /// After all keys that begin so.
    AfterPrefix(&'a str),
}

impl<'a> Start<'a> {
    /// Where a client's marker says to begin. A common prefix sorts before every key that it stands for, so that a
    /// marker among those keys is after it: the prefix is not told again.
    #[must_use]
    pub fn after_marker(marker: &'a str, prefix: &str, delimiter: Option<&str>) -> Self {
        match common_prefix(marker, prefix, delimiter) {
            Some(common) => Self::AfterPrefix(common),
            None => Self::After(marker),
        }
    }
}

/// A walk through the keys under a prefix.
#[derive(Debug)]
pub struct Walk<'a, V> {
    keys: &'a Keys<V>,
    prefix: &'a str,
    delimiter: Option<&'a str>,
    visible: fn(&V) -> bool,
    ahead: Option<btree_map::Range<'a, Box<str>, V>>,
}

impl<'a, V> Walk<'a, V> {
    /// A walk that tells of the visible keys that begin with `prefix`; an empty delimiter is none.
    #[must_use]
    pub fn new(
        keys: &'a Keys<V>,
        prefix: &'a str,
        delimiter: Option<&'a str>,
        start: Start<'_>,
        visible: fn(&V) -> bool,
    ) -> Self {
        let mut walk = Self {
            keys,
            prefix,
            delimiter: delimiter.filter(|delimiter| !delimiter.is_empty()),
            visible,
            ahead: None,
        };
        match start {
            Start::Beginning => walk.seek(Bound::Included(prefix)),
            Start::At(key) => walk.seek(Bound::Included(key.max(prefix))),
            Start::After(key) if key < prefix => walk.seek(Bound::Included(prefix)),
            Start::After(key) => walk.seek(Bound::Excluded(key)),
            Start::AfterPrefix(common) => match successor(common) {
                Some(next) => walk.seek(Bound::Included(next.as_str().max(prefix))),
                None => walk.ahead = None,
            },
        }
        walk
    }

    fn seek(&mut self, from: Bound<&str>) {
        self.ahead = Some(self.keys.range::<str, _>((from, Bound::Unbounded)));
    }
}

impl<'a, V> Iterator for Walk<'a, V> {
    type Item = Row<'a, V>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (key, value) = self.ahead.as_mut()?.next()?;
            let key: &'a str = key;
            if !key.starts_with(self.prefix) {
                self.ahead = None;
                return None;
            }
            if !(self.visible)(value) {
                continue;
            }
            let Some(common) = common_prefix(key, self.prefix, self.delimiter) else {
                return Some(Row::Key(key, value));
            };
            match successor(common) {
                Some(next) => self.seek(Bound::Included(next.as_str())),
                None => self.ahead = None,
            }
            return Some(Row::Prefix(common));
        }
    }
}

/// What `key` is rolled up to: everything up to and including the first delimiter after the prefix.
#[must_use]
pub(crate) fn common_prefix<'k>(
    key: &'k str,
    prefix: &str,
    delimiter: Option<&str>,
) -> Option<&'k str> {
    let delimiter = delimiter.filter(|delimiter| !delimiter.is_empty())?;
    let at = key.strip_prefix(prefix)?.find(delimiter)?;
    key.get(..prefix.len() + at + delimiter.len())
}

/// The first string after all that begin with `prefix`; `None` when there is none. Strings sort by their characters'
/// numbers as they do by their bytes, so that counting up the last character does it.
fn successor(prefix: &str) -> Option<String> {
    let mut next = prefix.to_owned();
    while let Some(last) = next.pop() {
        // Skips the surrogates, which no string has.
        if let Some(above) = (last..=char::MAX).nth(1) {
            next.push(above);
            return Some(next);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a listing has to tell, by the definition: roll up every key, drop what is not after the marker.
    fn naive(
        keys: &Keys<bool>,
        prefix: &str,
        delimiter: Option<&str>,
        start_after: Option<&str>,
    ) -> Vec<String> {
        let mut rows: Vec<String> = keys
            .iter()
            .filter(|(key, visible)| **visible && key.starts_with(prefix))
            .map(|(key, _)| {
                common_prefix(key, prefix, delimiter)
                    .unwrap_or(key)
                    .to_owned()
            })
            .filter(|row| start_after.is_none_or(|after| row.as_str() > after))
            .collect();
        rows.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
        rows.dedup();
        rows
    }

    /// The same through pages, each beginning where the one before said.
    fn paged(
        keys: &Keys<bool>,
        prefix: &str,
        delimiter: Option<&str>,
        start_after: Option<&str>,
        page: usize,
    ) -> Vec<String> {
        let mut told = Vec::new();
        let mut last: Option<(bool, String)> = None;
        loop {
            let start = match &last {
                Some((true, common)) => Start::AfterPrefix(common),
                Some((false, key)) => Start::After(key),
                None => start_after.map_or(Start::Beginning, |marker| {
                    Start::after_marker(marker, prefix, delimiter)
                }),
            };
            let rows: Vec<(bool, String)> = Walk::new(keys, prefix, delimiter, start, |v| *v)
                .take(page)
                .map(|row| match row {
                    Row::Key(key, _) => (false, key.to_owned()),
                    Row::Prefix(common) => (true, common.to_owned()),
                })
                .collect();
            if rows.is_empty() {
                return told;
            }
            told.extend(rows.iter().map(|(_, row)| row.clone()));
            last = rows.last().cloned();
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn pages_put_together_are_what_the_definition_says(
            keys in prop::collection::btree_map("[a-c/é\u{7f}\u{d7ff}\u{e000}\u{10ffff}]{1,5}", any::<bool>(), 0..40),
            prefix in prop_oneof![Just(String::new()), "[a-c/é]{0,2}"],
            delimiter in prop_oneof![
                Just(None), Just(Some("/")), Just(Some("b")), Just(Some("//")), Just(Some("\u{10ffff}")),
                Just(Some("\u{d7ff}")), Just(Some("é")), Just(Some(""))
            ],
            start_after in prop::option::of("[a-c/é]{1,3}"),
            page in 1_usize..7,
        ) {
            let keys: Keys<bool> = keys.into_iter().map(|(key, visible)| (key.into(), visible)).collect();
            prop_assert_eq!(
                paged(&keys, &prefix, delimiter, start_after.as_deref(), page),
                naive(&keys, &prefix, delimiter, start_after.as_deref())
            );
        }
    }

    #[test]
    fn a_walk_does_not_look_at_what_a_common_prefix_stands_for() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static LOOKS: AtomicUsize = AtomicUsize::new(0);
        let keys: Keys<bool> = (0..10_000)
            .map(|n| (format!("{}/{n:05}", n % 4).into(), true))
            .collect();
        let rows = Walk::new(&keys, "", Some("/"), Start::Beginning, |visible| {
            LOOKS.fetch_add(1, Ordering::Relaxed);
            *visible
        })
        .count();
        assert_eq!((rows, LOOKS.load(Ordering::Relaxed)), (4, 4));
    }

    #[test]
    fn after_the_last_character_there_is_nothing() {
        assert_eq!(successor("a/").as_deref(), Some("a0"));
        assert_eq!(successor("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(successor("\u{d7ff}").as_deref(), Some("\u{e000}"));
        assert_eq!(successor("\u{10ffff}"), None);
    }
}
