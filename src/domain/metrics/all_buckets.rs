//! Several buckets together.

use super::{Growth, Storage};
use crate::domain::ByteSize;

/// What a fleet comes to. Buckets that are not known are counted apart and never as zero.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct AllBuckets {
    /// Buckets whose size is known.
    pub known: usize,
    /// Buckets whose size is not: the sums are then "at least".
    pub unknown: usize,
    /// The newest sizes together.
    pub size: ByteSize,
    /// Buckets whose number of objects is known.
    pub counted: usize,
    objects: u64,
    first: f64,
    last: f64,
    days: Option<(u32, u32)>,
    grown: usize,
}

impl AllBuckets {
    /// Adds a bucket; `None` for one that could not be learnt. Growth is counted over a window of so many days.
    pub fn add(&mut self, storage: Option<&Storage>, window: u32) {
        if let Some((_, objects)) = storage.and_then(Storage::count) {
            self.counted += 1;
            self.objects = self.objects.saturating_add(objects);
        }
        let Some((storage, (_, size))) = storage.and_then(|one| Some((one, one.size()?))) else {
            self.unknown += 1;
            return;
        };
        self.known += 1;
        self.size += size;
        let total = storage.total().latest(window.saturating_add(1));
        if let (Some(growth), Some((_, first)), Some((_, last))) =
            (total.growth(window), total.first(), total.last())
        {
            self.first += first;
            self.last += last;
            let (least, most) = self.days.unwrap_or((growth.days, growth.days));
            self.days = Some((least.min(growth.days), most.max(growth.days)));
            self.grown += 1;
        }
    }

    /// The newest numbers of objects together; `None` where no bucket's is known.
    #[must_use]
    pub fn objects(&self) -> Option<u64> {
        (self.counted > 0).then_some(self.objects)
    }

    /// The shortest and the longest time, in days, over which a bucket's growth is counted.
    #[must_use]
    pub fn growth_days(&self) -> Option<(u32, u32)> {
        self.growth().and(self.days)
    }

    /// Whether every bucket's size is known.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.unknown == 0
    }

    /// How the fleet grew; `None` unless every bucket has a growth of its own, for a bucket that is left out may be
    /// the one that grew.
    #[must_use]
    pub fn growth(&self) -> Option<Growth> {
        if self.grown == 0 || self.grown < self.known || !self.is_complete() {
            return None;
        }
        let (_, most) = self.days?;
        Growth::between(self.first, self.last, most)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::domain::metrics::{Series, StorageType, TypeSeries};

    fn bucket(from: f64, to: f64, days: i64) -> Storage {
        let start = DateTime::from_timestamp(1_760_054_400, 0).unwrap();
        let series = Series::of_points([(start, from), (start + TimeDelta::days(days), to)]);
        let storage_type = StorageType::new("StandardStorage");
        Storage::new(
            vec![TypeSeries {
                storage_type,
                series: series.clone(),
            }],
            series,
        )
    }

    #[test]
    fn a_fleet_grows_by_its_bytes_and_not_by_the_average_of_its_buckets() {
        let mut fleet = AllBuckets::default();
        fleet.add(Some(&bucket(1000.0, 1000.0, 90)), 90);
        fleet.add(Some(&bucket(1.0, 100.0, 90)), 90);
        let growth = fleet.growth().unwrap();
        assert!((growth.share - 99.0 / 1001.0).abs() < 1e-9);
        assert_eq!((fleet.size, fleet.objects()), (ByteSize(1100), Some(1100)));
        assert_eq!(fleet.growth_days(), Some((90, 90)));
    }

    #[test]
    fn a_number_of_objects_that_is_not_known_is_not_nothing() {
        let mut fleet = AllBuckets::default();
        let mut without_count = bucket(1.0, 2.0, 90);
        without_count.objects = Series::default();
        fleet.add(Some(&without_count), 90);
        assert_eq!((fleet.known, fleet.counted), (1, 0));
        assert_eq!(fleet.objects(), None);
        // A number without a size is one all the same.
        let mut without_size = bucket(1.0, 7.0, 90);
        without_size.types.clear();
        fleet.add(Some(&without_size), 90);
        assert_eq!((fleet.known, fleet.unknown), (1, 1));
        assert_eq!(fleet.objects(), Some(7));
    }

    #[test]
    fn growth_says_the_days_that_there_are() {
        let mut fleet = AllBuckets::default();
        fleet.add(Some(&bucket(100.0, 135.0, 59)), 90);
        assert_eq!(fleet.growth().map(|growth| growth.days), Some(59));
        fleet.add(Some(&bucket(100.0, 135.0, 88)), 90);
        assert_eq!(fleet.growth_days(), Some((59, 88)));
    }

    #[test]
    fn one_bucket_that_is_not_known_leaves_the_growth_unknown_and_the_size_at_least() {
        let mut fleet = AllBuckets::default();
        fleet.add(Some(&bucket(1.0, 2.0, 90)), 90);
        fleet.add(None, 90);
        assert_eq!((fleet.known, fleet.unknown), (1, 1));
        assert!(!fleet.is_complete());
        assert_eq!(fleet.growth(), None);
    }

    #[test]
    fn one_bucket_too_young_leaves_the_growth_unknown() {
        let mut fleet = AllBuckets::default();
        fleet.add(Some(&bucket(1.0, 2.0, 90)), 90);
        fleet.add(Some(&bucket(1.0, 2.0, 10)), 90);
        assert!(fleet.is_complete());
        assert_eq!(fleet.growth(), None);
    }
}
