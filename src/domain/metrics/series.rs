//! One metric day by day.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};

/// The value of one day, or a gap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The day (UTC).
    pub day: NaiveDate,
    /// What it was; `None` where CloudWatch has nothing for the day.
    pub value: Option<f64>,
}

impl Point {
    /// The midnight (UTC) at which the day begins, which is how CloudWatch dates it.
    #[must_use]
    pub fn time(&self) -> DateTime<Utc> {
        self.day.and_time(NaiveTime::MIN).and_utc()
    }
}

/// The days of a metric from its first point to its last, without a day left out: what is missing in between is a gap.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    points: Vec<Point>,
}

/// How much something grew.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Growth {
    /// The share by which the last value exceeds the first: 0.09 is 9 percent more, −1 is nothing left.
    pub share: f64,
    /// The days between the two.
    pub days: u32,
}

impl Growth {
    /// From one value to another; `None` when nothing can be said of it, because it began with nothing.
    #[must_use]
    pub fn between(first: f64, last: f64, days: u32) -> Option<Self> {
        (first > 0.0).then(|| Self {
            share: last / first - 1.0,
            days,
        })
    }

    /// As a percentage with its sign, and the days that it took: `+35 % in 59 days`.
    #[must_use]
    pub fn words_in_days(self) -> String {
        let s = if self.days == 1 { "" } else { "s" };
        format!("{} in {} day{s}", self.words(), self.days)
    }

    /// As a percentage with its sign: `+9 %`, `-0.4 %`.
    #[must_use]
    pub fn words(self) -> String {
        let percent = self.share * 100.0;
        if percent.abs() < 9.95 && percent.abs() >= 0.05 {
            format!("{percent:+.1} %")
        } else if percent.abs() < 0.05 {
            "+0 %".to_owned()
        } else {
            format!("{percent:+.0} %")
        }
    }
}

impl Series {
    /// Days from points in any order. Of two points of one day the later counts; what is no number is no point.
    #[must_use]
    pub fn of_points(points: impl IntoIterator<Item = (DateTime<Utc>, f64)>) -> Self {
        let mut known: BTreeMap<NaiveDate, (DateTime<Utc>, f64)> = BTreeMap::new();
        for (time, value) in points {
            let day = known.entry(time.date_naive()).or_insert((time, value));
            if value.is_finite() && time >= day.0 {
                *day = (time, value);
            }
        }
        known.retain(|_, (_, value)| value.is_finite());
        Self::of_days(known.into_iter().map(|(day, (_, value))| (day, value)))
    }

    /// Days from the known ones, in order.
    fn of_days(known: impl IntoIterator<Item = (NaiveDate, f64)>) -> Self {
        let mut points: Vec<Point> = Vec::new();
        for (day, value) in known {
            while let Some(next) = points
                .last()
                .and_then(|last| last.day.checked_add_days(Days::new(1)))
                && next < day
            {
                points.push(Point {
                    day: next,
                    value: None,
                });
            }
            points.push(Point {
                day,
                value: Some(value),
            });
        }
        Self { points }
    }

    /// All days, oldest first; the first and the last one have a value.
    #[must_use]
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Whether there is no point at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The newest day and its value.
    #[must_use]
    pub fn last(&self) -> Option<(NaiveDate, f64)> {
        known(self.points.last()?)
    }

    /// The oldest day and its value.
    #[must_use]
    pub fn first(&self) -> Option<(NaiveDate, f64)> {
        known(self.points.first()?)
    }

    /// The value of a day, when it has one.
    #[must_use]
    pub fn on(&self, day: NaiveDate) -> Option<f64> {
        let first = self.points.first()?.day;
        let at = usize::try_from((day - first).num_days()).ok()?;
        self.points.get(at)?.value
    }

    /// The last `days` days, counted from the newest point.
    #[must_use]
    pub fn latest(&self, days: u32) -> Self {
        let skipped = self.points.len().saturating_sub(days as usize);
        let points = self.points.get(skipped..).unwrap_or_default();
        // A series begins with a value.
        let gaps = points
            .iter()
            .take_while(|point| point.value.is_none())
            .count();
        Self {
            points: points.get(gaps..).unwrap_or_default().to_vec(),
        }
    }

    /// How many days have no point.
    #[must_use]
    pub fn gaps(&self) -> usize {
        self.points
            .iter()
            .filter(|point| point.value.is_none())
            .count()
    }

    /// How it grew over a window of so many days, from its first point to its last. `None` when its points span less
    /// than half of the window, for a week's growth says nothing of a quarter; or when it began with nothing.
    #[must_use]
    pub fn growth(&self, window: u32) -> Option<Growth> {
        let ((first, from), (last, to)) = (self.first()?, self.last()?);
        let days = u32::try_from((last - first).num_days()).ok()?;
        if days == 0 || days < window / 2 {
            return None;
        }
        Growth::between(from, to, days)
    }

    /// The sum of several series, day by day. A day has a sum when every series that has begun by then has a value;
    /// one whose last point is more than `late` days before the newest of all has ended and counts as nothing since.
    #[must_use]
    pub fn sum<'s>(series: impl IntoIterator<Item = &'s Self>, late: u32) -> Self {
        let all: Vec<&Self> = series.into_iter().filter(|one| !one.is_empty()).collect();
        let spans: Vec<(NaiveDate, NaiveDate)> = all
            .iter()
            .filter_map(|one| Some((one.first()?.0, one.last()?.0)))
            .collect();
        let begins = spans.iter().map(|(first, _)| *first).min();
        let Some((begins, newest)) = begins.zip(spans.iter().map(|(_, last)| *last).max()) else {
            return Self::default();
        };
        let on = |day: NaiveDate| {
            let mut sum = 0.0;
            for (one, (first, last)) in all.iter().zip(&spans) {
                let has_ended = (newest - *last).num_days() > i64::from(late) && day > *last;
                if day >= *first && !has_ended {
                    sum += one.on(day)?;
                }
            }
            Some((day, sum))
        };
        Self::of_days(
            begins
                .iter_days()
                .take_while(|day| *day <= newest)
                .filter_map(on),
        )
    }
}

fn known(point: &Point) -> Option<(NaiveDate, f64)> {
    Some((point.day, point.value?))
}

/// The eighths of a column that a sparkline is drawn with.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A series in so many columns, from its least value to its greatest; a column without any value is blank. Each column
/// shows the last value of its days, so that the end is what it is now.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the share is held between 0 and 1"
)]
pub fn sparkline(series: &Series, columns: usize) -> String {
    let points = series.points();
    let values = || points.iter().filter_map(|point| point.value);
    let least = values().fold(f64::INFINITY, f64::min);
    let span = values().fold(f64::NEG_INFINITY, f64::max) - least;
    let columns = columns.min(points.len());
    let bar = |value: f64| {
        // What does not change is neither high nor low.
        let share = if span > 0.0 {
            (value - least) / span
        } else {
            0.5
        };
        let height = (share.clamp(0.0, 1.0) * 7.0).round() as usize;
        BARS.get(height).copied().unwrap_or(' ')
    };
    (0..columns)
        .map(|column| {
            let (from, until) = (
                column * points.len() / columns,
                (column + 1) * points.len() / columns,
            );
            let days = points.get(from..until).unwrap_or_default();
            days.iter().rev().find_map(|day| day.value).map_or(' ', bar)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(n: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 1).unwrap() + Days::new(n)
    }

    fn series(points: &[(u64, f64)]) -> Series {
        Series::of_points(
            points
                .iter()
                .map(|(n, value)| (day(*n).and_time(NaiveTime::MIN).and_utc(), *value)),
        )
    }

    #[test]
    fn a_day_without_a_point_stays_a_gap_and_is_never_zero() {
        let series = series(&[(3, 7.0), (0, 5.0)]);
        let values: Vec<_> = series.points().iter().map(|point| point.value).collect();
        assert_eq!(values, [Some(5.0), None, None, Some(7.0)]);
        assert_eq!((series.gaps(), series.on(day(1))), (2, None));
        assert_eq!(series.last(), Some((day(3), 7.0)));
        assert_eq!(sparkline(&series, 4), "▁  █");
    }

    #[test]
    fn growth_is_from_the_first_point_to_the_last() {
        let growth = series(&[(0, 100.0), (45, 3.0), (90, 109.0)])
            .growth(90)
            .unwrap();
        assert!((growth.share - 0.09).abs() < 1e-9);
        assert_eq!((growth.days, growth.words().as_str()), (90, "+9.0 %"));
    }

    #[test]
    fn too_few_days_or_a_beginning_with_nothing_give_no_growth() {
        assert_eq!(series(&[(0, 100.0), (44, 200.0)]).growth(90), None);
        assert!(series(&[(0, 100.0), (45, 200.0)]).growth(90).is_some());
        assert_eq!(series(&[(0, 0.0), (90, 200.0)]).growth(90), None);
        assert_eq!(series(&[(0, 5.0)]).growth(1), None);
        assert_eq!(Series::default().growth(90), None);
    }

    #[test]
    fn growth_is_told_with_a_sign_and_no_more_digits_than_it_has_meaning() {
        for (share, words) in [
            (0.0, "+0 %"),
            (0.004, "+0.4 %"),
            (-0.04, "-4.0 %"),
            (1.5, "+150 %"),
            (-1.0, "-100 %"),
        ] {
            assert_eq!(Growth { share, days: 1 }.words(), words);
        }
    }

    #[test]
    fn a_sum_has_a_gap_where_one_of_its_parts_has_one() {
        let sum = Series::sum(
            [
                &series(&[(0, 1.0), (1, 1.0), (2, 1.0)]),
                &series(&[(0, 10.0), (2, 10.0)]),
            ],
            3,
        );
        let values: Vec<_> = sum.points().iter().map(|point| point.value).collect();
        assert_eq!(values, [Some(11.0), None, Some(11.0)]);
    }

    #[test]
    fn a_part_that_is_a_day_late_does_not_look_like_a_fall() {
        let sum = Series::sum(
            [
                &series(&[(0, 1.0), (1, 1.0), (2, 1.0)]),
                &series(&[(0, 10.0), (1, 10.0)]),
            ],
            3,
        );
        assert_eq!(sum.last(), Some((day(1), 11.0)));
    }

    #[test]
    fn a_part_that_began_later_or_ended_long_ago_counts_as_nothing_then() {
        let long: Vec<(u64, f64)> = (0..10).map(|n| (n, 1.0)).collect();
        let sum = Series::sum([&series(&long), &series(&[(2, 5.0), (3, 5.0)])], 3);
        assert_eq!(sum.on(day(1)), Some(1.0));
        assert_eq!(sum.on(day(3)), Some(6.0));
        assert_eq!(sum.last(), Some((day(9), 1.0)));
    }

    #[test]
    fn the_latest_days_begin_with_a_value() {
        let all = series(&[(0, 1.0), (4, 2.0), (5, 3.0)]);
        let latest = all.latest(4);
        assert_eq!(latest.first(), Some((day(4), 2.0)));
        assert_eq!(all.latest(100), all);
    }

    proptest! {
        #[test]
        fn every_day_between_the_first_and_the_last_is_there_once(
            days in prop::collection::btree_map(0_u64..300, 0.0..1e12_f64, 1..60)
        ) {
            let points: Vec<(u64, f64)> = days.clone().into_iter().collect();
            let series = series(&points);
            let follows = |pair: &[Point]| (pair[1].day - pair[0].day).num_days() == 1;
            prop_assert!(series.points().windows(2).all(follows));
            for (n, value) in &days {
                prop_assert_eq!(series.on(day(*n)), Some(*value));
            }
            prop_assert_eq!(series.points().len() - series.gaps(), days.len());
        }

        #[test]
        fn a_sparkline_has_the_columns_it_was_given_and_no_more(
            values in prop::collection::vec(-1e9..1e9_f64, 1..120), columns in 0_usize..40
        ) {
            let points: Vec<(u64, f64)> = (0..).zip(values).collect();
            let line = sparkline(&series(&points), columns);
            prop_assert_eq!(line.chars().count(), columns.min(points.len()));
        }
    }
}
