//! Computes the monthly cost of sizes.

use super::PriceTable;
use crate::domain::metrics::{Counts, StorageType};
use crate::domain::{ByteSize, StorageClass};

/// An estimate of the storage cost of a month.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Estimate {
    /// The parts of the estimate, in the order of the input.
    pub lines: Vec<Line>,
}

/// The cost of one kind of data.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    pub storage_type: StorageType,
    /// The part of the storage class; `None` if the size comes from CloudWatch, which does not tell.
    pub part: Option<Part>,
    pub size: ByteSize,
    /// The monthly cost; `None` if the table has no price for the type.
    pub cost: Option<f64>,
    /// The minimum storage duration of the class in days; 0 if there is none.
    pub minimum_days: u32,
}

/// A part of a storage class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// Current objects.
    Current,
    /// Noncurrent versions, which are charged for, too.
    Noncurrent,
    /// Parts of incomplete uploads.
    IncompleteUploads,
}

/// The size of one storage class according to a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassBytes {
    /// The class, as S3 spells it.
    pub class: StorageClass,
    /// The part of the class.
    pub part: Part,
    /// The size.
    pub size: ByteSize,
}

impl PriceTable {
    /// The cost of sizes by storage type, of one bucket or all buckets together. Price tiers apply to the total.
    #[must_use]
    pub(crate) fn estimate<'s>(
        &self,
        sizes: impl IntoIterator<Item = (&'s StorageType, ByteSize)>,
    ) -> Estimate {
        let lines = sizes
            .into_iter()
            .filter(|(storage_type, _)| storage_type.counts() != Counts::Everything)
            .map(|(storage_type, size)| self.line(storage_type.clone(), None, size));
        Estimate {
            lines: lines.collect(),
        }
    }

    /// The cost of a scan, with separate lines for noncurrent versions and incomplete uploads.
    #[must_use]
    pub(crate) fn estimate_scan(&self, bytes: &[ClassBytes]) -> Estimate {
        let lines = bytes.iter().map(|one| {
            let storage_type = storage_type(&one.class, one.part);
            self.line(storage_type, Some(one.part), one.size)
        });
        Estimate {
            lines: lines.collect(),
        }
    }

    fn line(&self, storage_type: StorageType, part: Option<Part>, size: ByteSize) -> Line {
        Line {
            cost: self.cost(&storage_type, size),
            minimum_days: storage_type.minimum_days(),
            storage_type,
            part,
            size,
        }
    }
}

impl Estimate {
    /// The total of all known prices.
    #[must_use]
    pub(crate) fn total(&self) -> f64 {
        self.sum(|_| true)
    }

    /// The total of one part.
    #[must_use]
    pub(crate) fn of(&self, part: Part) -> f64 {
        self.sum(|line| line.part == Some(part))
    }

    /// The cost of noncurrent versions and incomplete uploads.
    #[must_use]
    pub(crate) fn overhead(&self) -> f64 {
        self.sum(|line| line.storage_type.counts() == Counts::Overhead)
    }

    /// The cost of storage classes with a minimum storage duration.
    #[must_use]
    pub(crate) fn with_minimum_stay(&self) -> f64 {
        self.sum(|line| line.minimum_days > 0)
    }

    /// Types with a size but without a price: the total is then "at least".
    pub(crate) fn not_priced(&self) -> impl Iterator<Item = &StorageType> {
        self.lines
            .iter()
            .filter(|line| line.cost.is_none() && line.size.bytes() > 0)
            .map(|line| &line.storage_type)
    }

    /// Whether every type with a size has a price.
    #[must_use]
    pub(crate) fn is_complete(&self) -> bool {
        self.not_priced().next().is_none()
    }

    fn sum(&self, counts: impl Fn(&Line) -> bool) -> f64 {
        // The sum of an empty sequence would otherwise be negative zero.
        0.0 + self
            .lines
            .iter()
            .filter(|line| counts(line))
            .filter_map(|line| line.cost)
            .sum::<f64>()
    }
}

/// The storage type under which a class is billed. An unknown class keeps its name, for which no table has a price.
fn storage_type(class: &StorageClass, part: Part) -> StorageType {
    let name = match (class.as_str(), part) {
        ("STANDARD" | "", _) => "StandardStorage",
        ("REDUCED_REDUNDANCY", _) => "ReducedRedundancyStorage",
        ("STANDARD_IA", _) => "StandardIAStorage",
        ("ONEZONE_IA", _) => "OneZoneIAStorage",
        ("INTELLIGENT_TIERING", _) => "IntelligentTieringFAStorage",
        ("GLACIER_IR", _) => "GlacierInstantRetrievalStorage",
        ("GLACIER", Part::IncompleteUploads) => "GlacierStagingStorage",
        ("GLACIER", _) => "GlacierStorage",
        ("DEEP_ARCHIVE", Part::IncompleteUploads) => "DeepArchiveStagingStorage",
        ("DEEP_ARCHIVE", _) => "DeepArchiveStorage",
        ("EXPRESS_ONEZONE", _) => "ExpressOneZoneStorage",
        (other, _) => other,
    };
    StorageType::new(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HUNDRED_GIB: ByteSize = ByteSize(100 << 30);

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found} {expected}");
    }

    #[test]
    fn an_unknown_type_is_not_priced_and_said_so() {
        let table = PriceTable::built_in().unwrap();
        let (known, new) = (
            StorageType::new("StandardStorage"),
            StorageType::new("NewStorage"),
        );
        let count = StorageType::new("AllStorageTypes");
        let estimate = table.estimate([
            (&known, HUNDRED_GIB),
            (&new, HUNDRED_GIB),
            (&count, ByteSize(12)),
        ]);
        near(estimate.total(), 2.3);
        assert!(!estimate.is_complete());
        assert_eq!(estimate.not_priced().collect::<Vec<_>>(), [&new]);
        assert_eq!(estimate.lines.len(), 2, "a number of objects costs nothing");
    }

    #[test]
    fn what_nobody_sees_is_told_apart() {
        let table = PriceTable::built_in().unwrap();
        let bytes = |class: &str, part| ClassBytes {
            class: StorageClass::new(class),
            part,
            size: HUNDRED_GIB,
        };
        let estimate = table.estimate_scan(&[
            bytes("STANDARD", Part::Current),
            bytes("STANDARD", Part::Noncurrent),
            bytes("STANDARD_IA", Part::Noncurrent),
            // Parts are stored in STANDARD until the upload is complete.
            bytes("GLACIER", Part::IncompleteUploads),
        ]);
        near(estimate.of(Part::Current), 2.3);
        near(estimate.of(Part::Noncurrent), 2.3 + 1.25);
        near(estimate.of(Part::IncompleteUploads), 2.3);
        near(estimate.total(), 3.0 * 2.3 + 1.25);
        assert!(estimate.is_complete());
    }

    #[test]
    fn overheads_and_minimum_stays_are_part_of_the_total() {
        let table = PriceTable::built_in().unwrap();
        let (archive, index) = (
            StorageType::new("DeepArchiveStorage"),
            StorageType::new("DeepArchiveS3ObjectOverhead"),
        );
        let estimate = table.estimate([(&archive, HUNDRED_GIB), (&index, HUNDRED_GIB)]);
        near(estimate.overhead(), 2.3);
        near(estimate.with_minimum_stay(), estimate.total());
        assert_eq!(estimate.lines[0].minimum_days, 180);
    }
}
