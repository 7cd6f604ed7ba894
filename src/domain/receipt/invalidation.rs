//! The paths of deleted objects that a CDN may still cache, in the format of a `CloudFront` invalidation.
//!
//! The paths are keys, and a receipt contains none. They are in a file of their own, which the receipt names.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;

use crate::domain::blueprint::{BucketBlueprint, Location};
use crate::domain::change::{Item, Why};
use crate::domain::{BucketName, OwnerId};

/// The format id.
const SCHEMA: &str = "s3warden/invalidation/1";

/// The paths, by bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Invalidation {
    schema: &'static str,
    case: String,
    buckets: BTreeMap<BucketName, OfBucket>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
struct OfBucket {
    /// Whether the blueprint mentions a CDN for the bucket.
    cdn: Cdn,
    paths: BTreeSet<String>,
}

/// What the blueprint says about a CDN for a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Cdn {
    /// There is one.
    Stated,
    /// The blueprint does not say; there may be one.
    #[default]
    NotStated,
}

impl Invalidation {
    #[must_use]
    pub(crate) fn new(case: &str) -> Self {
        Self {
            schema: SCHEMA,
            case: case.to_owned(),
            buckets: BTreeMap::new(),
        }
    }

    /// Adds the path of an object that is no longer readable. If its key is in the user's own folder, adds the whole
    /// folder. If the blueprint says that the bucket has no CDN, adds nothing.
    pub(crate) fn add(
        &mut self,
        item: &Item,
        rules: Option<&BucketBlueprint>,
        owner: Option<&OwnerId>,
    ) {
        let Some(cdn) = rules.map_or(Some(Cdn::NotStated), stated) else {
            return;
        };
        let key = item.claim.key.as_str();
        let folder = match (&item.claim.why, rules.map(|rules| rules.locate(key))) {
            (
                Why::Key { .. },
                Some(Location::Owned {
                    owner: of, anchor, ..
                }),
            ) if owner == Some(&of) => Some(anchor),
            _ => None,
        };
        let path = match folder {
            Some(anchor) => path(anchor) + "*",
            None => path(key),
        };
        let of_bucket = self.buckets.entry(item.claim.bucket.clone()).or_default();
        of_bucket.cdn = cdn;
        of_bucket.paths.insert(path);
    }

    /// The number of paths.
    #[must_use]
    pub(crate) fn paths(&self) -> usize {
        self.buckets.values().map(|of| of.paths.len()).sum()
    }

    /// Serializes the file.
    ///
    /// # Errors
    /// A serde error; never in practice.
    pub(crate) fn text(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

/// What the blueprint says about a CDN; `None` if there is none.
fn stated(rules: &BucketBlueprint) -> Option<Cdn> {
    let presign = &rules.presign;
    let rules_of = [&presign.get, &presign.view_once];
    let by_cdn = rules_of
        .iter()
        .any(|rule| rule.as_ref().is_some_and(|rule| rule.cdn == Some(true)));
    match rules.expect.cdn {
        Some(true) => Some(Cdn::Stated),
        _ if by_cdn => Some(Cdn::Stated),
        Some(false) => None,
        None => Some(Cdn::NotStated),
    }
}

/// Encodes a key for a `CloudFront` invalidation. Only characters that RFC 1738 calls unsafe and characters outside
/// ASCII are encoded; otherwise the path would name another file. A `?` would start a query.
fn path(key: &str) -> String {
    let mut path = String::with_capacity(key.len() + 1);
    path.push('/');
    for byte in key.bytes() {
        let is_safe = byte.is_ascii_graphic()
            && !matches!(
                byte,
                b'"' | b'#'
                    | b'%'
                    | b'<'
                    | b'>'
                    | b'?'
                    | b'['
                    | b'\\'
                    | b']'
                    | b'^'
                    | b'`'
                    | b'{'
                    | b'|'
                    | b'}'
                    | b'~'
            );
        if is_safe {
            path.push(char::from(byte));
        } else {
            let _ = write!(path, "%{byte:02X}");
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::blueprint::Blueprint;
    use crate::domain::change::{Claim, What};
    use crate::domain::{ByteSize, ObjectKey, StorageClass, VersionId};

    #[test]
    fn what_is_unsafe_is_encoded_and_nothing_else() {
        for (key, expected) in [
            ("a/b.jpg", "/a/b.jpg"),
            ("a b+c&d=e;f@g:h,$!*'()", "/a%20b+c&d=e;f@g:h,$!*'()"),
            ("~x%2F?#é", "/%7Ex%252F%3F%23%C3%A9"),
            ("/lead", "//lead"),
            ("\u{1}", "/%01"),
        ] {
            assert_eq!(path(key), expected);
        }
    }

    fn item(bucket: &str, key: &str, why: Why) -> Item {
        Item {
            claim: Arc::new(Claim {
                bucket: BucketName::new(bucket).unwrap(),
                key: ObjectKey::new(key).unwrap(),
                why,
            }),
            what: What::Version {
                id: VersionId("null".to_owned()),
                is_latest: true,
            },
            size: ByteSize(1),
            etag: None,
            class: StorageClass::default(),
            written: None,
        }
    }

    #[test]
    fn a_folder_that_is_all_the_users_is_one_path() {
        let blueprint = Blueprint::builtin("game").unwrap();
        let rules = blueprint.buckets.first().unwrap();
        let owner = OwnerId::new("user 1").unwrap();
        let by_key = Why::Key {
            layout: "l".to_owned(),
            tail_parses: true,
        };
        let mut all = Invalidation::new("c");
        for name in ["a.jpg", "b.jpg"] {
            let key = format!("profiles/user 1/{name}");
            let item = item(rules.name.as_str(), &key, by_key.clone());
            all.add(&item, Some(rules), Some(&owner));
        }
        assert_eq!(all.paths(), 1);
        assert!(all.text().unwrap().contains("\"/profiles/user%201/*\""));
        let record = Why::Record {
            layout: "l".to_owned(),
        };
        let other = item("elsewhere", "k/1", record);
        all.add(&other, None, Some(&owner));
        assert!(all.text().unwrap().contains("\"/k/1\""));
        assert!(all.text().unwrap().contains("not-stated"));
    }
}
