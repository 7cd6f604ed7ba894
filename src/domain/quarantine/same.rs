//! Compares a copy with its original.

/// What is compared: the data, by the digests that S3 reports, and everything that a copy carries over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Likeness {
    pub size: u64,
    /// The ETag without quotation marks.
    pub etag: Option<String>,
    /// Whether the ETag is a digest of the data. It is not for a multipart upload or with a KMS key.
    pub etag_is_digest: bool,
    /// Checksums of the whole object by algorithm; composite checksums of parts are left out.
    pub checksums: Vec<(&'static str, String)>,
    pub class: String,
    /// Algorithm, key id and whether an S3 Bucket Key is used.
    pub encryption: Option<(String, Option<String>, bool)>,
    /// Content headers and the website redirect, by name.
    pub headers: Vec<(&'static str, String)>,
    pub metadata: Vec<(String, String)>,
    /// Tags in any order.
    pub tags: Vec<(String, String)>,
    /// Annotations: name, size, and the ETag if it is a digest.
    pub annotations: Vec<(String, u64, Option<String>)>,
}

/// The error if nothing can prove that a copy has the same data.
pub(crate) const UNPROVABLE: &str = "neither entity tag nor checksum can prove that a copy's bytes are the same: it was uploaded in \
     parts, or lies under a KMS key, without a checksum of the whole";

/// Describes how a copy differs; `None` if it is the same.
///
/// The data counts as equal only if the ETags are digests and equal, or if a checksum of the whole object is equal.
/// Equal sizes prove nothing.
#[must_use]
pub(crate) fn difference(original: &Likeness, copy: &Likeness) -> Option<&'static str> {
    if original.size != copy.size {
        return Some("its size is another");
    }
    let by_etag = original.etag_is_digest && copy.etag_is_digest && original.etag.is_some();
    let shared = original
        .checksums
        .iter()
        .filter_map(|(name, value)| {
            let other = copy.checksums.iter().find(|(other, _)| other == name)?;
            Some(*value == other.1)
        })
        .collect::<Vec<_>>();
    if by_etag && original.etag != copy.etag {
        return Some("its entity tag is another");
    }
    if shared.contains(&false) {
        return Some("its checksum is another");
    }
    if !by_etag && shared.is_empty() {
        return Some(UNPROVABLE);
    }
    if original.class != copy.class {
        return Some("its storage class is another");
    }
    if original.encryption != copy.encryption {
        return Some("it is encrypted in another way");
    }
    if original.headers != copy.headers {
        return Some("its content headers are others");
    }
    if original.metadata != copy.metadata {
        return Some("its metadata are others");
    }
    if !super::tags::are_same(&original.tags, &copy.tags) {
        return Some("its tags are others");
    }
    let sorted = |likeness: &Likeness| {
        let mut all = likeness.annotations.clone();
        all.sort();
        all
    };
    if sorted(original) != sorted(copy) {
        return Some("its annotations are others");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn original() -> Likeness {
        Likeness {
            size: 3,
            etag: Some("abc".to_owned()),
            etag_is_digest: true,
            checksums: vec![("CRC64NVME", "x".to_owned())],
            class: "STANDARD".to_owned(),
            encryption: Some(("AES256".to_owned(), None, false)),
            headers: vec![("content-type", "image/jpeg".to_owned())],
            metadata: vec![("a".to_owned(), "1".to_owned())],
            tags: vec![
                ("t".to_owned(), "1".to_owned()),
                ("u".to_owned(), "2".to_owned()),
            ],
            annotations: vec![("labels".to_owned(), 9, Some("d".to_owned()))],
        }
    }

    type Damage = fn(&mut Likeness);

    #[test]
    fn whatever_a_copy_lost_is_named() {
        assert_eq!(difference(&original(), &original()), None);
        let damages: [(Damage, &str); 9] = [
            (|copy| copy.size = 4, "size"),
            (|copy| copy.etag = Some("other".to_owned()), "entity tag"),
            (
                |copy| copy.checksums = vec![("CRC64NVME", "y".to_owned())],
                "checksum",
            ),
            (|copy| copy.class = "STANDARD_IA".to_owned(), "class"),
            (|copy| copy.encryption = None, "encrypted"),
            (|copy| copy.headers.clear(), "headers"),
            (|copy| copy.metadata.clear(), "metadata"),
            (|copy| copy.tags.truncate(1), "tags"),
            (|copy| copy.annotations.clear(), "annotations"),
        ];
        for (damage, word) in damages {
            let mut copy = original();
            damage(&mut copy);
            let why = difference(&original(), &copy).unwrap();
            assert!(why.contains(word), "{why}");
        }
    }

    #[test]
    fn bytes_that_only_their_number_speaks_for_are_not_proven_the_same() {
        let in_parts = Likeness {
            etag: Some("abc-2".to_owned()),
            etag_is_digest: false,
            checksums: Vec::new(),
            ..original()
        };
        assert!(
            difference(&in_parts, &original())
                .unwrap()
                .contains("prove")
        );
        let with_checksum = Likeness {
            checksums: original().checksums,
            ..in_parts
        };
        assert_eq!(difference(&with_checksum, &original()), None);
    }

    #[test]
    fn the_order_of_tags_means_nothing() {
        let mut copy = original();
        copy.tags.reverse();
        assert_eq!(difference(&original(), &copy), None);
    }
}
