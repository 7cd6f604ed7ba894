//! The dimension `StorageType` of S3's daily metrics.

use std::fmt;

use crate::domain::lifecycle::class::minimum_stay;

/// A storage type as CloudWatch names it. New ones appear from time to time: any name is one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StorageType(String);

/// What a storage type counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// The bytes of objects: every version, and the parts of incomplete uploads where they have no type of their own.
    Objects,
    /// Parts of incomplete uploads to an archive class.
    Parts,
    /// Bytes that nobody uploaded and that are billed: indexes of archived objects, or what small objects are short of
    /// the class's minimum size.
    Overhead,
    /// Objects, versions, delete markers and parts rather than bytes.
    Everything,
    /// A type that this program does not know.
    Unknown,
}

/// Name, storage class, what it counts. After the *Amazon S3 CloudWatch dimensions* page of the user guide.
const TABLE: &[(&str, &str, Counts)] = &[
    ("AllStorageTypes", "", Counts::Everything),
    ("StandardStorage", "STANDARD", Counts::Objects),
    (
        "ReducedRedundancyStorage",
        "REDUCED_REDUNDANCY",
        Counts::Objects,
    ),
    ("StandardIAStorage", "STANDARD_IA", Counts::Objects),
    ("StandardIASizeOverhead", "STANDARD_IA", Counts::Overhead),
    ("StandardIAObjectOverhead", "STANDARD_IA", Counts::Overhead),
    ("OneZoneIAStorage", "ONEZONE_IA", Counts::Objects),
    ("OneZoneIASizeOverhead", "ONEZONE_IA", Counts::Overhead),
    (
        "IntelligentTieringFAStorage",
        "INTELLIGENT_TIERING",
        Counts::Objects,
    ),
    (
        "IntelligentTieringIAStorage",
        "INTELLIGENT_TIERING",
        Counts::Objects,
    ),
    (
        "IntelligentTieringAAStorage",
        "INTELLIGENT_TIERING",
        Counts::Objects,
    ),
    (
        "IntelligentTieringAIAStorage",
        "INTELLIGENT_TIERING",
        Counts::Objects,
    ),
    (
        "IntelligentTieringDAAStorage",
        "INTELLIGENT_TIERING",
        Counts::Objects,
    ),
    (
        "IntAAObjectOverhead",
        "INTELLIGENT_TIERING",
        Counts::Overhead,
    ),
    (
        "IntAAS3ObjectOverhead",
        "INTELLIGENT_TIERING",
        Counts::Overhead,
    ),
    (
        "IntDAAObjectOverhead",
        "INTELLIGENT_TIERING",
        Counts::Overhead,
    ),
    (
        "IntDAAS3ObjectOverhead",
        "INTELLIGENT_TIERING",
        Counts::Overhead,
    ),
    (
        "GlacierInstantRetrievalStorage",
        "GLACIER_IR",
        Counts::Objects,
    ),
    ("GlacierIRSizeOverhead", "GLACIER_IR", Counts::Overhead),
    (
        "GlacierInstantRetrievalSizeOverhead",
        "GLACIER_IR",
        Counts::Overhead,
    ),
    ("GlacierStorage", "GLACIER", Counts::Objects),
    ("GlacierStagingStorage", "GLACIER", Counts::Parts),
    ("GlacierObjectOverhead", "GLACIER", Counts::Overhead),
    ("GlacierS3ObjectOverhead", "GLACIER", Counts::Overhead),
    ("DeepArchiveStorage", "DEEP_ARCHIVE", Counts::Objects),
    ("DeepArchiveStagingStorage", "DEEP_ARCHIVE", Counts::Parts),
    (
        "DeepArchiveObjectOverhead",
        "DEEP_ARCHIVE",
        Counts::Overhead,
    ),
    (
        "DeepArchiveS3ObjectOverhead",
        "DEEP_ARCHIVE",
        Counts::Overhead,
    ),
    ("ExpressOneZoneStorage", "EXPRESS_ONEZONE", Counts::Objects),
];

impl StorageType {
    /// The type of the number of objects.
    pub const ALL: &'static str = "AllStorageTypes";

    /// A type of this name, known or not.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name, as CloudWatch gave it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it counts.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.row().map_or(Counts::Unknown, |(_, _, counts)| *counts)
    }

    /// The storage class whose objects it counts; where a class has several types (Intelligent-Tiering's tiers), the
    /// one that objects arrive in. `None` for parts, overheads and what is not known.
    #[must_use]
    pub fn class(&self) -> Option<&'static str> {
        self.belongs_to().filter(|class| {
            self.counts() == Counts::Objects
                && (*class != "INTELLIGENT_TIERING" || self.0 == "IntelligentTieringFAStorage")
        })
    }

    /// The storage class that its bytes are billed with; `None` for the number of objects and what is not known.
    #[must_use]
    pub fn belongs_to(&self) -> Option<&'static str> {
        self.row()
            .map(|(_, class, _)| *class)
            .filter(|class| !class.is_empty())
    }

    /// The type that was meant by a name that is none: one in other letters, a storage class, or a name without its end.
    #[must_use]
    pub fn meant_by(name: &str) -> Option<&'static str> {
        let plain = |text: &str| text.replace(['_', '-'], "").to_ascii_lowercase();
        let wanted = plain(name);
        let is_meant = |&&(known, class, counts): &&(&'static str, &'static str, Counts)| {
            let objects = counts == Counts::Objects;
            let known = plain(known);
            known == wanted
                || (objects && (plain(class) == wanted || known == format!("{wanted}storage")))
        };
        TABLE.iter().find(is_meant).map(|(known, ..)| *known)
    }

    /// Days for which an object of its class is paid for at least; 0 where there is no such minimum.
    #[must_use]
    pub fn minimum_days(&self) -> u32 {
        minimum_stay(self.belongs_to().unwrap_or_default())
    }

    fn row(&self) -> Option<&'static (&'static str, &'static str, Counts)> {
        TABLE.iter().find(|(name, ..)| *name == self.0)
    }
}

impl fmt::Display for StorageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overhead_is_told_from_the_objects_it_comes_with() {
        let of = |name| StorageType::new(name).counts();
        assert_eq!(of("GlacierStorage"), Counts::Objects);
        assert_eq!(of("GlacierS3ObjectOverhead"), Counts::Overhead);
        assert_eq!(of("GlacierStagingStorage"), Counts::Parts);
        assert_eq!(of("AllStorageTypes"), Counts::Everything);
    }

    #[test]
    fn a_type_that_nobody_has_heard_of_keeps_its_name_and_is_no_class() {
        let new = StorageType::new("QuantumStorage");
        assert_eq!(new.to_string(), "QuantumStorage");
        assert_eq!((new.counts(), new.class()), (Counts::Unknown, None));
        assert_eq!(new.minimum_days(), 0);
    }

    #[test]
    fn a_name_that_is_no_type_leads_to_the_one_that_was_meant() {
        for (name, meant) in [
            ("Standard", Some("StandardStorage")),
            ("STANDARD", Some("StandardStorage")),
            ("standardstorage", Some("StandardStorage")),
            ("STANDARD_IA", Some("StandardIAStorage")),
            ("DeepArchive", Some("DeepArchiveStorage")),
            ("GLACIER", Some("GlacierStorage")),
            ("GLACIER_IR", Some("GlacierInstantRetrievalStorage")),
            ("INTELLIGENT_TIERING", Some("IntelligentTieringFAStorage")),
            ("allstoragetypes", Some("AllStorageTypes")),
            ("QuantumStorage", None),
            ("", None),
        ] {
            assert_eq!(StorageType::meant_by(name), meant, "{name}");
        }
    }

    #[test]
    fn no_type_stands_in_the_table_twice() {
        let mut names: Vec<_> = TABLE.iter().map(|(name, ..)| name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TABLE.len());
    }
}
