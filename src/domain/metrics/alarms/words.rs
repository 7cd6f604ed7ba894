//! What an alarm looks at, as a sentence.

use super::{Alarm, Watched};
use crate::domain::metrics::series::Growth;
use crate::domain::metrics::storage::byte_size;
use crate::domain::words::counted;

impl Alarm {
    /// The threshold in words: `BucketSizeBytes of StandardStorage, Maximum of 1 day, above 5.0 GiB`.
    #[must_use]
    pub fn words(&self) -> String {
        let what = match (self.metrics.as_slice(), self.expressions.first()) {
            ([metric], None) => metric.words(),
            (_, Some(expression)) => format!("the expression {expression}"),
            (metrics, None) => counted(metrics.len(), "metric"),
        };
        let compared = match self.comparison.as_str() {
            "GreaterThanThreshold" => "above",
            "GreaterThanOrEqualToThreshold" => "at or above",
            "LessThanThreshold" => "below",
            "LessThanOrEqualToThreshold" => "at or below",
            other => other,
        };
        let threshold = self
            .threshold
            .map_or_else(|| "its band".to_owned(), |number| self.amount(number));
        let periods = match (self.datapoints_to_alarm, self.evaluation_periods) {
            (Some(some), all) if some < all => format!(", in {some} of {all} periods"),
            (_, all) if all > 1 => format!(", in {all} periods"),
            _ => String::new(),
        };
        format!("{what}, {compared} {threshold}{periods}")
    }

    /// A number in the unit of what is looked at.
    fn amount(&self, number: f64) -> String {
        let is_bytes = !self.metrics.is_empty()
            && self
                .metrics
                .iter()
                .all(|metric| metric.name.contains("Bytes") && metric.statistic != "SampleCount");
        if is_bytes && number >= 0.0 {
            return byte_size(number).to_string();
        }
        if number.fract() == 0.0 {
            return grouped(number);
        }
        number.to_string()
    }
}

impl Watched {
    /// The metric in words: `AllRequests of filter EntireBucket, Sum of 5 minutes`.
    #[must_use]
    pub fn words(&self) -> String {
        let of = self
            .dimension("StorageType")
            .map(str::to_owned)
            .or_else(|| Some(format!("filter {}", self.dimension("FilterId")?)));
        let of = of.map_or_else(String::new, |of| format!(" of {of}"));
        format!(
            "{}{of}, {} of {}",
            self.name,
            self.statistic,
            lasting(self.period)
        )
    }
}

/// A period in words.
pub(super) fn lasting(seconds: u32) -> String {
    let (number, unit) = if seconds.is_multiple_of(86_400) {
        (seconds / 86_400, "day")
    } else if seconds.is_multiple_of(3600) {
        (seconds / 3600, "hour")
    } else if seconds.is_multiple_of(60) {
        (seconds / 60, "minute")
    } else {
        (seconds, "second")
    };
    counted(number, unit)
}

/// A whole number with its thousands set apart.
fn grouped(number: f64) -> String {
    let digits = format!("{:.0}", number.abs());
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if number < 0.0 {
        grouped.insert(0, '-');
    }
    grouped
}

/// A share as a percentage without a sign: `64 %`.
pub(super) fn percent(share: f64) -> String {
    Growth { share, days: 0 }
        .words()
        .trim_start_matches('+')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{alarm, watched};

    #[test]
    fn a_threshold_on_bytes_is_told_as_a_size() {
        let mut size = watched("BucketSizeBytes", &[("StorageType", "StandardStorage")]);
        size.statistic = "Maximum".to_owned();
        assert_eq!(
            alarm(vec![size]).words(),
            "BucketSizeBytes of StandardStorage, Maximum of 1 day, above 5.0 GiB"
        );
    }

    #[test]
    fn a_threshold_on_requests_is_told_as_a_number_with_its_periods() {
        let mut requests = watched("AllRequests", &[("FilterId", "EntireBucket")]);
        requests.statistic = "Sum".to_owned();
        requests.period = 300;
        let mut alarm = alarm(vec![requests]);
        alarm.threshold = Some(100_000.0);
        alarm.evaluation_periods = 3;
        assert_eq!(
            alarm.words(),
            "AllRequests of filter EntireBucket, Sum of 5 minutes, above 100,000, in 3 periods"
        );
        alarm.datapoints_to_alarm = Some(2);
        assert!(alarm.words().ends_with("in 2 of 3 periods"));
    }
}
