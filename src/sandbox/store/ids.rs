//! Ids that the store makes.

use md5::{Digest, Md5};

use super::Moment;

/// Length of a version id, as S3 makes them.
pub(super) const VERSION_ID_LENGTH: usize = 32;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";

/// A version id of its own.
#[must_use]
pub(super) fn new_version_id() -> Box<str> {
    spell(|| fastrand::u8(..))
}

/// The version id of a world's `ordinal`-th version: the same in every sandbox, so that what one printed finds the
/// same version in another.
#[must_use]
pub(crate) fn seeded_version_id(bucket: &str, key: &str, ordinal: u64) -> Box<str> {
    let mut digests = [0_u8, 1].into_iter().flat_map(|half| {
        let mut hasher = Md5::new();
        for part in [bucket.as_bytes(), &[0], key.as_bytes(), &[half]] {
            hasher.update(part);
        }
        hasher.update(ordinal.to_be_bytes());
        <[u8; 16]>::from(hasher.finalize())
    });
    spell(|| digests.next().unwrap_or_default())
}

/// The upload id of a world's upload: the same in every sandbox, as [`seeded_version_id`] is.
#[must_use]
pub(super) fn seeded_upload_id(
    bucket: &str,
    key: &str,
    initiated: Moment,
    ordinal: u64,
) -> Box<str> {
    upload_id(initiated, ordinal, &seeded_version_id(bucket, key, ordinal))
}

/// An upload id. Ids of one key sort by when the upload was begun, which is the order that S3 lists them in.
#[must_use]
pub(super) fn new_upload_id(initiated: Moment, ordinal: u64) -> Box<str> {
    upload_id(initiated, ordinal, &spell(|| fastrand::u8(..)))
}

fn upload_id(initiated: Moment, ordinal: u64, rest: &str) -> Box<str> {
    let begun = initiated.seconds().max(0);
    format!("{begun:010x}.{ordinal:08x}.{rest}").into()
}

fn spell(mut next: impl FnMut() -> u8) -> Box<str> {
    let letters: String = (0..VERSION_ID_LENGTH)
        .filter_map(|_| ALPHABET.get(usize::from(next() & 63)))
        .map(|&letter| char::from(letter))
        .collect();
    letters.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::store::VersionId;

    #[test]
    fn ids_are_well_formed_and_differ() {
        let ids = [
            new_version_id(),
            new_version_id(),
            seeded_version_id("b", "k", 0),
            seeded_version_id("b", "k", 1),
            seeded_version_id("b", "l", 0),
        ];
        for (at, id) in ids.iter().enumerate() {
            assert!(VersionId::Id(id.clone()).is_well_formed(), "{id}");
            assert!(!ids[..at].contains(id));
        }
        assert_eq!(ids[2], seeded_version_id("b", "k", 0));
    }

    #[test]
    fn uploads_sort_by_when_they_were_begun() {
        let early = new_upload_id(Moment::from_seconds(99), 7);
        let late = new_upload_id(Moment::from_seconds(100), 1);
        assert!(early < late);
        assert!(late < new_upload_id(Moment::from_seconds(100), 2));
    }
}
