//! The key of a quarantined copy, and how to recover the original key.
//!
//! The copy's key is the prefix plus the exact original key. It is readable, and no two originals share a copy. S3
//! limits a key to 1,024 bytes. If the prefix would make the key too long, the copy's key is the SHA-256 of the
//! original key, and the copy's metadata contains the original key.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::domain::ObjectKey;
use crate::domain::hex::hex;

/// The prefix of quarantined copies.
pub const PREFIX: &str = "s3warden-quarantine/";

/// The prefix of copies whose original keys are too long for [`PREFIX`]. It is not below [`PREFIX`], where it could be
/// the copy of another key.
pub const LONG_PREFIX: &str = "s3warden-quarantine-long/";

/// The name of the metadata entry, without `x-amz-meta-`, that contains a long key in base64.
pub const KEY_ENTRY: &str = "s3warden-key";

/// S3's limit on an object's user metadata, names and values together, in bytes.
pub const MOST_METADATA: usize = 2048;

/// Where a copy is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The copy's key.
    pub key: ObjectKey,
    /// The value of [`KEY_ENTRY`] in its metadata, if the copy's key does not contain the original key.
    pub entry: Option<String>,
}

/// Where the copy of a key is stored.
#[must_use]
pub fn of(key: &ObjectKey) -> Option<Place> {
    if let Ok(plain) = ObjectKey::new(format!("{PREFIX}{}", key.as_str())) {
        return Some(Place {
            key: plain,
            entry: None,
        });
    }
    let digest = hex(&Sha256::digest(key.as_str().as_bytes()));
    Some(Place {
        key: ObjectKey::new(format!("{LONG_PREFIX}{digest}")).ok()?,
        entry: Some(URL_SAFE_NO_PAD.encode(key.as_str())),
    })
}

/// Whether a key belongs to a quarantined copy.
#[must_use]
pub fn is_place(key: &str) -> bool {
    key.starts_with(PREFIX) || key.starts_with(LONG_PREFIX)
}

/// Whether the original key must be read from the copy's metadata.
#[must_use]
pub fn needs_entry(place: &str) -> bool {
    place.starts_with(LONG_PREFIX)
}

/// The original key of a copy. `entry` is the value of [`KEY_ENTRY`] in its metadata.
///
/// `None` if the key is not that of a copy, or if the entry does not match the key: anybody who can write to the bucket
/// can write there.
#[must_use]
pub fn original(place: &ObjectKey, entry: Option<&str>) -> Option<ObjectKey> {
    if let Some(key) = place.as_str().strip_prefix(PREFIX) {
        return ObjectKey::new(key).ok();
    }
    if !needs_entry(place.as_str()) {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(entry?).ok()?;
    let key = ObjectKey::new(String::from_utf8(bytes).ok()?).ok()?;
    (of(&key)?.key == *place).then_some(key)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(text: impl Into<String>) -> ObjectKey {
        ObjectKey::new(text).unwrap()
    }

    fn there_and_back(text: &str) {
        let place = of(&key(text)).unwrap();
        assert!(is_place(place.key.as_str()));
        assert_eq!(
            original(&place.key, place.entry.as_deref()),
            Some(key(text))
        );
    }

    #[test]
    fn hostile_keys_come_back_to_the_byte() {
        for text in [
            " ",
            "/",
            "//",
            "..",
            "../x",
            "a//b/",
            "a\u{1}b",
            "%2F",
            "+",
            "a b+c%20",
            "u\u{308}",
            "\u{202e}gpj",
            "s3warden-quarantine/a",
            "s3warden-quarantine-long/a",
            "👩‍👩‍👧",
        ] {
            there_and_back(text);
        }
        for bytes in [1003, 1004, 1005, 1023, 1024] {
            there_and_back(&"k".repeat(bytes));
            there_and_back(&format!("{}é", "k".repeat(bytes - 2)));
        }
    }

    #[test]
    fn a_long_key_that_the_metadata_do_not_prove_is_not_believed() {
        let place = of(&key("k".repeat(1024))).unwrap();
        let another = URL_SAFE_NO_PAD.encode("l".repeat(1024));
        for entry in [None, Some(""), Some("?"), Some(another.as_str())] {
            assert_eq!(original(&place.key, entry), None);
        }
        assert_eq!(original(&key("uploads/a"), None), None);
    }

    proptest! {
        #[test]
        fn no_two_keys_share_a_place(one in ".{1,40}", other in ".{1,40}", long in 0_usize..2) {
            let stretch = |text: &str| key(text.to_owned() + &"x".repeat(long * (1020 - text.len())));
            let (one, other) = (stretch(&one), stretch(&other));
            let same = of(&one).unwrap().key == of(&other).unwrap().key;
            prop_assert_eq!(same, one == other);
        }
    }
}
