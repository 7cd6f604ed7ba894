//! What CloudWatch tells of a bucket's size, as it stands in its row.

use chrono::NaiveDate;

use crate::domain::ByteSize;
use crate::domain::metrics::{Growth, Storage, sparkline};

/// How many days the growth is told of.
pub(crate) const TREND_DAYS: u32 = 90;

/// Columns that the days are drawn in.
pub(crate) const TREND_COLUMNS: usize = 7;

/// A bucket's size and how it came about. Old versions, delete markers and the parts of incomplete uploads are in it, as
/// they are in what is billed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measured {
    /// The day of the newest size, or of the number of objects where there is no size.
    pub day: NaiveDate,
    /// Bytes of all storage types.
    pub size: Option<ByteSize>,
    /// Objects, versions, markers and uploads.
    pub objects: Option<u64>,
    /// The last [`TREND_DAYS`] days in up to [`TREND_COLUMNS`] columns; gaps are blank.
    pub trend: String,
    /// How the size grew over these days; none where its points span less than half of them.
    pub growth: Option<Growth>,
}

impl Measured {
    /// Reads it out of the series; `None` when they have no point.
    #[must_use]
    pub(crate) fn of(storage: &Storage) -> Option<Self> {
        let (size, count) = (storage.size(), storage.count());
        let day = size.map(|(day, _)| day).or(count.map(|(day, _)| day))?;
        // From the first of so many days to the last are so many steps.
        let total = storage.total().latest(TREND_DAYS + 1);
        Some(Self {
            day,
            size: size.map(|(_, size)| size),
            objects: count.map(|(_, objects)| objects),
            trend: sparkline(&total, TREND_COLUMNS),
            growth: total.growth(TREND_DAYS),
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::domain::metrics::{Series, StorageType, TypeSeries};

    fn series(days: &[(i64, f64)]) -> Series {
        let start = DateTime::from_timestamp(1_760_054_400, 0).unwrap();
        Series::of_points(
            days.iter()
                .map(|(n, value)| (start + TimeDelta::days(*n), *value)),
        )
    }

    fn storage(sizes: &[(i64, f64)], counts: &[(i64, f64)]) -> Storage {
        let standard = TypeSeries {
            storage_type: StorageType::new("StandardStorage"),
            series: series(sizes),
        };
        Storage::new(vec![standard], series(counts))
    }

    #[test]
    fn the_growth_is_that_of_the_last_quarter_and_not_of_all_that_is_known() {
        let days: Vec<(i64, f64)> = (0..=200)
            .map(|day| (day, if day < 110 { 1.0 } else { 1000.0 }))
            .collect();
        let measured = Measured::of(&storage(&days, &[(200, 12.0)])).unwrap();
        assert_eq!(measured.size, Some(ByteSize(1000)));
        assert_eq!(measured.objects, Some(12));
        assert!(measured.growth.unwrap().share.abs() < 1e-9);
        assert_eq!(measured.trend.chars().count(), TREND_COLUMNS);
    }

    #[test]
    fn a_bucket_of_a_week_has_a_size_and_no_growth() {
        let measured = Measured::of(&storage(&[(0, 5.0), (7, 10.0)], &[])).unwrap();
        assert_eq!(measured.growth, None);
        assert_eq!(
            (measured.size, measured.objects),
            (Some(ByteSize(10)), None)
        );
    }

    #[test]
    fn a_bucket_without_points_was_not_measured() {
        assert_eq!(Measured::of(&storage(&[], &[])), None);
    }
}
