//! All storage metrics of one bucket.

use chrono::NaiveDate;

use super::{Counts, Series, StorageType};
use crate::domain::ByteSize;

/// How many days a type's newest point may lie behind another's and still be late rather than the last for ever.
/// Points of storage metrics appear a day or two after their day.
const LATE: u32 = 3;

/// The size of one storage type, day by day.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeSeries {
    /// The type.
    pub storage_type: StorageType,
    /// Its bytes.
    pub series: Series,
}

/// What CloudWatch knows of a bucket. Sizes include noncurrent versions and the parts of incomplete uploads; the
/// number of objects includes both, and delete markers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Storage {
    /// The types that have any points, the largest first.
    pub types: Vec<TypeSeries>,
    /// The number of objects.
    pub objects: Series,
}

impl Storage {
    /// Gathers what was found; types without a point are left out.
    #[must_use]
    pub fn new(types: Vec<TypeSeries>, objects: Series) -> Self {
        let mut types = types;
        types.retain(|one| !one.series.is_empty());
        let size = |one: &TypeSeries| one.series.last().map_or(0.0, |(_, bytes)| bytes);
        types.sort_by(|a, b| {
            size(b)
                .total_cmp(&size(a))
                .then_with(|| a.storage_type.cmp(&b.storage_type))
        });
        Self { types, objects }
    }

    /// Whether CloudWatch has nothing on the bucket: it is new, or empty, or somebody else's.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.types.is_empty() && self.objects.is_empty()
    }

    /// All types together, day by day, overheads and unknown types among them: it is what is billed.
    #[must_use]
    pub fn total(&self) -> Series {
        Series::sum(self.types.iter().map(|one| &one.series), LATE)
    }

    /// The size on the newest day that has all of its types.
    #[must_use]
    pub fn size(&self) -> Option<(NaiveDate, ByteSize)> {
        let (day, bytes) = self.total().last()?;
        Some((day, byte_size(bytes)))
    }

    /// The number of objects on its newest day.
    #[must_use]
    pub fn count(&self) -> Option<(NaiveDate, u64)> {
        let (day, objects) = self.objects.last()?;
        Some((day, whole(objects)))
    }

    /// The newest size of each type that is still there: those that ended before the total's day are left out.
    pub fn latest(&self) -> impl Iterator<Item = (&StorageType, ByteSize)> {
        let newest = self
            .types
            .iter()
            .filter_map(|one| one.series.last())
            .map(|(day, _)| day)
            .max();
        self.types.iter().filter_map(move |one| {
            let (day, bytes) = one.series.last()?;
            let is_there = (newest? - day).num_days() <= i64::from(LATE);
            is_there.then(|| (&one.storage_type, byte_size(bytes)))
        })
    }

    /// The bytes that nobody uploaded and that are billed.
    #[must_use]
    pub fn overhead(&self) -> ByteSize {
        self.latest()
            .filter(|(one, _)| one.counts() == Counts::Overhead)
            .map(|(_, size)| size)
            .sum()
    }
}

/// A number of CloudWatch's as whole bytes.
#[must_use]
pub(crate) fn byte_size(number: f64) -> ByteSize {
    ByteSize(whole(number))
}

/// A number of CloudWatch's as a whole number, at least 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and no bucket is below zero"
)]
#[must_use]
pub(crate) fn whole(number: f64) -> u64 {
    number.round() as u64
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;

    fn of(name: &str, days: &[(i64, f64)]) -> TypeSeries {
        let start = DateTime::from_timestamp(1_760_054_400, 0).unwrap();
        TypeSeries {
            storage_type: StorageType::new(name),
            series: Series::of_points(
                days.iter()
                    .map(|(n, value)| (start + TimeDelta::days(*n), *value)),
            ),
        }
    }

    #[test]
    fn the_size_is_that_of_all_types_with_overheads_told_apart() {
        let storage = Storage::new(
            vec![
                of("GlacierObjectOverhead", &[(0, 32.0)]),
                of("StandardStorage", &[(0, 1000.0)]),
                of("NewStorage", &[(0, 7.0)]),
            ],
            Series::default(),
        );
        assert_eq!(storage.size().unwrap().1, ByteSize(1039));
        assert_eq!(storage.overhead(), ByteSize(32));
        assert_eq!(storage.types[0].storage_type.as_str(), "StandardStorage");
    }

    #[test]
    fn a_class_that_was_emptied_is_history_and_no_longer_part_of_the_size() {
        let storage = Storage::new(
            vec![
                of("StandardStorage", &[(0, 10.0), (20, 10.0)]),
                of("StandardIAStorage", &[(0, 5.0), (4, 5.0)]),
            ],
            Series::default(),
        );
        assert_eq!(storage.size().unwrap().1, ByteSize(10));
        assert_eq!(storage.latest().count(), 1);
        assert_eq!(storage.total().first().map(|(_, bytes)| bytes), Some(15.0));
    }

    #[test]
    fn a_bucket_without_points_has_no_size_rather_than_none() {
        let storage = Storage::new(vec![of("StandardStorage", &[])], Series::default());
        assert!(storage.is_empty());
        assert_eq!((storage.size(), storage.count()), (None, None));
    }
}
