//! Checks that the pages of a listing are in order. A server that repeats pages under new tokens would otherwise cause
//! an endless listing, or too high a count.

use std::cmp::Ordering;

use super::{BucketName, ObjectVersion, VersionId};

/// The last entries of the listing, which the next page must follow.
///
/// S3 sorts by the bytes of keys. Servers that store keys as files sort folder by folder: `a/b` before `a.txt`. A
/// listing must use one of the two orders from start to end; either is accepted.
#[derive(Debug, Clone)]
pub(crate) struct ListingOrder {
    orders: Vec<Sorted>,
    versions: Ends,
}

/// The first and the last version of a page.
type Ends = Option<(String, VersionId, String, VersionId)>;

#[derive(Debug, Clone)]
struct Sorted {
    compare: fn(&str, &str) -> Ordering,
    last: Option<String>,
}

impl ListingOrder {
    /// For a listing of this bucket from its start. Directory buckets are not sorted and therefore not checked.
    #[must_use]
    pub(crate) fn of(bucket: &BucketName) -> Self {
        let sorted = |compare| Sorted {
            compare,
            last: None,
        };
        let orders = if bucket.as_str().ends_with("--x-s3") {
            Vec::new()
        } else {
            vec![sorted(by_bytes), sorted(by_folder)]
        };
        Self {
            orders,
            versions: None,
        }
    }

    /// For a listing in folder order that has reached this key, if any.
    #[must_use]
    pub(crate) fn folder_by_folder(last: Option<&str>) -> Self {
        let order = Sorted {
            compare: by_folder,
            last: last.map(str::to_owned),
        };
        Self {
            orders: vec![order],
            versions: None,
        }
    }

    /// For a listing without order, which is not checked.
    #[must_use]
    pub(crate) fn none() -> Self {
        Self {
            orders: Vec::new(),
            versions: None,
        }
    }

    /// Whether this page follows the previous pages, or continues with their last key.
    #[must_use]
    pub(crate) fn goes_on_within_keys<'k>(&mut self, keys: impl Iterator<Item = &'k str>) -> bool {
        let keys: Vec<&str> = keys.collect();
        self.go_on(&[], &keys)
    }

    /// Whether this page follows the previous pages.
    #[must_use]
    pub(crate) fn goes_on<'k>(
        &mut self,
        prefixes: &'k [String],
        keys: impl Iterator<Item = &'k str>,
    ) -> bool {
        let mut names: Vec<&str> = prefixes.iter().map(String::as_str).collect();
        names.extend(keys);
        self.go_on(&names, &[])
    }

    /// Like [`ListingOrder::goes_on`]; the versions of one key may span several pages.
    #[must_use]
    pub(crate) fn goes_on_with_versions(
        &mut self,
        prefixes: &[String],
        page: &[ObjectVersion],
    ) -> bool {
        let names: Vec<&str> = prefixes.iter().map(String::as_str).collect();
        let keys: Vec<&str> = page.iter().map(|v| v.object.key.as_str()).collect();
        if !self.go_on(&names, &keys) {
            return false;
        }
        let (Some(first), Some(last)) = (page.first(), page.last()) else {
            return true;
        };
        let is = |key: &str, id: &VersionId, version: &ObjectVersion| {
            version.object.key.as_str() == key && version.version_id == *id
        };
        let repeats =
            self.versions
                .as_ref()
                .is_some_and(|(first_key, first_id, last_key, last_id)| {
                    is(first_key, first_id, first) || is(last_key, last_id, first)
                });
        self.versions = Some((
            first.object.key.as_str().to_owned(),
            first.version_id.clone(),
            last.object.key.as_str().to_owned(),
            last.version_id.clone(),
        ));
        !repeats || self.orders.is_empty()
    }

    /// `new` must follow everything before; `more` may also repeat the last name.
    fn go_on(&mut self, new: &[&str], more: &[&str]) -> bool {
        if self.orders.is_empty() {
            return true;
        }
        self.orders.retain_mut(|order| order.go_on(new, more));
        !self.orders.is_empty()
    }
}

impl Sorted {
    fn go_on(&mut self, new: &[&str], more: &[&str]) -> bool {
        let compare = self.compare;
        if let Some(last) = &self.last {
            let follows = new.iter().all(|name| compare(name, last).is_gt())
                && more.iter().all(|name| compare(name, last).is_ge());
            if !follows {
                return false;
            }
        }
        let names = new.iter().chain(more).copied();
        if let Some(last) = names.max_by(|a, b| compare(a, b)) {
            self.last = Some(last.to_owned());
        }
        true
    }
}

fn by_bytes(a: &str, b: &str) -> Ordering {
    a.cmp(b)
}

fn by_folder(a: &str, b: &str) -> Ordering {
    a.split('/').cmp(b.split('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ByteSize, ObjectKey, ObjectSummary, StorageClass};

    fn goes_on(bucket: &str, pages: &[&[&str]]) -> bool {
        let mut order = ListingOrder::of(&BucketName::new(bucket).unwrap());
        pages
            .iter()
            .all(|page| order.goes_on(&[], page.iter().copied()))
    }

    fn version(key: &str, id: &str) -> ObjectVersion {
        ObjectVersion {
            object: ObjectSummary {
                key: ObjectKey::new(key).unwrap(),
                size: ByteSize(0),
                last_modified: None,
                storage_class: StorageClass::default(),
                etag: None,
            },
            version_id: VersionId(id.to_owned()),
            is_latest: false,
            is_delete_marker: false,
        }
    }

    fn versions_go_on(pages: &[&[(&str, &str)]]) -> bool {
        let mut order = ListingOrder::of(&BucketName::new("media").unwrap());
        pages.iter().all(|page| {
            let page: Vec<_> = page.iter().map(|(key, id)| version(key, id)).collect();
            order.goes_on_with_versions(&[], &page)
        })
    }

    #[test]
    fn pages_follow_one_another_by_bytes_or_folder_by_folder_but_not_by_both_in_turn() {
        assert!(goes_on("media", &[&["a", "b"], &[], &["c"]]));
        assert!(goes_on("media", &[&["a.txt"], &["a/b"], &["b"]]));
        assert!(goes_on("media", &[&["a/b"], &["a.txt"], &["b"]]));
        assert!(!goes_on("media", &[&["a/b"], &["a.txt"], &["a/b"]]));
    }

    #[test]
    fn a_page_that_repeats_or_goes_back_is_noticed() {
        assert!(!goes_on("media", &[&["a", "b"], &["a", "b"]]));
        assert!(!goes_on("media", &[&["a", "b"], &["b", "c"]]));
        assert!(!goes_on("media", &[&["b"], &[], &["a"]]));
        let mut order = ListingOrder::of(&BucketName::new("media").unwrap());
        let prefixes = ["a/".to_owned()];
        assert!(order.goes_on(&prefixes, std::iter::empty()));
        assert!(!order.goes_on(&prefixes, std::iter::empty()));
    }

    #[test]
    fn a_directory_bucket_is_not_sorted() {
        assert!(goes_on("media--use1-az4--x-s3", &[&["b"], &["a"]]));
    }

    #[test]
    fn the_versions_of_a_key_may_fill_pages_but_not_come_again() {
        assert!(versions_go_on(&[&[("a", "2"), ("a", "1")], &[("a", "0")]]));
        assert!(!versions_go_on(&[&[("a", "2")], &[("a", "2")]]));
        assert!(!versions_go_on(&[
            &[("a", "2"), ("a", "1")],
            &[("a", "2"), ("a", "1")]
        ]));
        assert!(!versions_go_on(&[&[("b", "1")], &[("a", "1")]]));
    }
}
