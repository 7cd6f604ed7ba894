//! The progress of a scan: count, rate and estimate of the rest.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::remaining::{KeySpace, Left};
use crate::aws::Meter;
use crate::domain::{ByteSize, ObjectSummary, Tally};
use crate::ops::listing::SegmentId;

/// The progress of a scan.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanProgress {
    /// Objects so far.
    pub objects: u64,
    /// Their total size.
    pub bytes: ByteSize,
    /// Requests, including retries.
    pub requests: u64,
    /// Retries.
    pub retries: u64,
    /// Time since the start.
    pub elapsed: Duration,
    /// Objects per second over the last seconds; for a finished scan, over its whole duration.
    pub rate: f64,
    /// The estimated rest; `None` if unknown, and when the scan has ended.
    pub left: Option<Left>,
}

/// The time window of the rate.
const LATELY: Duration = Duration::from_secs(5);

/// The interval of samples for the rate.
const SAMPLE: Duration = Duration::from_millis(200);

/// Measures the progress of a scan.
pub(super) struct Pulse {
    meter: Meter,
    began: Instant,
    space: KeySpace,
    /// Object counts with their times, oldest first.
    samples: VecDeque<(Instant, u64)>,
}

impl Pulse {
    pub(super) fn new(prefixes: Vec<String>, meter: Meter, now: Instant) -> Self {
        Self {
            meter,
            began: now,
            space: KeySpace::new(prefixes),
            samples: VecDeque::from([(now, 0)]),
        }
    }

    pub(super) fn opened(&mut self, segment: SegmentId, start: String) {
        self.space.opened(segment, start);
    }

    pub(super) fn closed(&mut self, segment: SegmentId) {
        self.space.closed(segment);
    }

    pub(super) fn page(
        &mut self,
        segment: SegmentId,
        objects: &[ObjectSummary],
        total: Tally,
        now: Instant,
    ) {
        self.space.page(segment, objects);
        let last = self.samples.back().map(|(at, _)| *at);
        if last.is_none_or(|last| now.duration_since(last) >= SAMPLE) {
            self.samples.push_back((now, total.objects));
        }
    }

    pub(super) fn progress(&mut self, total: Tally, now: Instant) -> ScanProgress {
        let rate = self.rate(total.objects, now);
        ScanProgress {
            objects: total.objects,
            bytes: total.bytes,
            requests: self.meter.requests(),
            retries: self.meter.retries(),
            elapsed: now.duration_since(self.began),
            rate,
            left: self.space.left(rate),
        }
    }

    fn rate(&mut self, objects: u64, now: Instant) -> f64 {
        // The newest of the expired samples stays, so that the rate covers the whole window.
        while let Some((at, _)) = self.samples.get(1)
            && now.duration_since(*at) >= LATELY
        {
            self.samples.pop_front();
        }
        self.samples.front().map_or(0.0, |(at, then)| {
            a_second(objects - then, now.duration_since(*at))
        })
    }
}

impl ScanProgress {
    /// The progress of a finished scan.
    pub(super) fn over(self) -> Self {
        Self {
            rate: a_second(self.objects, self.elapsed),
            left: None,
            ..self
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a rate is a rough figure")]
fn a_second(objects: u64, time: Duration) -> f64 {
    let seconds = time.as_secs_f64();
    if seconds > 0.0 {
        objects as f64 / seconds
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let began = Instant::now();
        let mut pulse = Pulse::new(vec![String::new()], Meter::new(), began);
        let at = |seconds: u64| began + Duration::from_secs(seconds);
        let mut objects = 0;
        let mut tally = |more: u64| {
            objects += more;
            Tally {
                objects,
                ..Tally::default()
            }
        };
        for second in 1..=10 {
            pulse.page(SegmentId(1), &[], tally(1_000), at(second));
        }
        let quick = pulse.progress(tally(0), at(10)).rate;
        assert!((999.0..1_001.0).contains(&quick), "{quick}");
        // Nothing more arrives.
        let slower = pulse.progress(tally(0), at(13)).rate;
        assert!((1.0..900.0).contains(&slower), "{slower}");
        let stopped = pulse.progress(tally(0), at(30));
        assert!(stopped.rate < 1.0, "{}", stopped.rate);
        assert_eq!(stopped.elapsed, Duration::from_secs(30));
        let over = stopped.over();
        assert!((333.0..334.0).contains(&over.rate), "{}", over.rate);
    }
}
