//! Limits the number of keys sent per second.
//!
//! S3 accepts 3,500 writes per second for each of its internal partitions (prefixes), and each key of a batch counts as
//! one. The number of partitions is not known; only the responses show the limit. There is no limit until S3 returns a
//! slow-down error. From then on, the rate grows with every accepted batch, and halves with every further slow-down
//! error.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::aws::{Problem, ProblemKind};

/// The rate after the first slow-down error: what S3 accepts for one partition.
const SLOWED_DOWN: f64 = 3_500.0;

/// The minimum rate.
const SLOWEST: f64 = 500.0;

/// The growth of the rate with each accepted batch.
const GROWTH: f64 = 1.05;

/// A rate limiter. Clones share their state.
#[derive(Clone)]
pub(super) struct RateLimit(Arc<Mutex<Pace>>);

struct Pace {
    /// `None` until the first slow-down error.
    keys_a_second: Option<f64>,
    free_at: Instant,
    fell_at: Instant,
}

impl RateLimit {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self(Arc::new(Mutex::new(Pace {
            keys_a_second: None,
            free_at: now,
            fell_at: now,
        })))
    }

    /// Waits until this many keys may be sent.
    pub(super) async fn admit(&self, keys: usize) {
        if let Some(from) = self.turn(keys, Instant::now()) {
            tokio::time::sleep_until(from).await;
        }
    }

    /// When this many keys may be sent; `None` for immediately.
    fn turn(&self, keys: usize, now: Instant) -> Option<Instant> {
        let keys = u32::try_from(keys).unwrap_or(u32::MAX);
        let mut pace = self.pace();
        let rate = pace.keys_a_second?;
        let from = pace.free_at.max(now);
        pace.free_at = from + Duration::from_secs_f64(f64::from(keys) / rate);
        Some(from)
    }

    /// Records that a batch was accepted.
    pub(super) fn took(&self) {
        let mut pace = self.pace();
        pace.keys_a_second = pace.keys_a_second.map(|rate| rate * GROWTH);
    }

    /// Records an error on a request sent at this time. Several concurrent requests may receive a slow-down error; it
    /// counts only once.
    pub(super) fn met(&self, problem: &Problem, sent_at: Instant) {
        self.met_at(problem, sent_at, Instant::now());
    }

    fn met_at(&self, problem: &Problem, sent_at: Instant, now: Instant) {
        let is_load = matches!(
            problem.kind,
            ProblemKind::Throttled | ProblemKind::Unavailable | ProblemKind::TimedOut
        );
        let mut pace = self.pace();
        if !is_load || sent_at < pace.fell_at {
            return;
        }
        pace.keys_a_second = Some(match pace.keys_a_second {
            None => SLOWED_DOWN,
            Some(rate) => (rate / 2.0).max(SLOWEST),
        });
        pace.fell_at = now;
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::advice::advice;

    fn problem(kind: ProblemKind) -> Problem {
        Problem::new("delete", "s3://media", kind, "no", advice!(""))
    }

    /// How long the last of several batches of a thousand keys waits, if all start at once.
    fn waits(rate_limit: &RateLimit, batches: u32, now: Instant) -> f64 {
        let turns = (0..batches).filter_map(|_| rate_limit.turn(1000, now));
        let turns: Vec<Instant> = turns.collect();
        turns.last().map_or(0.0, |turn| (*turn - now).as_secs_f64())
    }

    #[test]
    fn nothing_is_held_back_until_the_service_asks_to_slow_down() {
        let rate_limit = RateLimit::new();
        let now = Instant::now();
        rate_limit.met_at(&problem(ProblemKind::Denied), now, now);
        assert!(waits(&rate_limit, 1000, now) == 0.0);
        rate_limit.met_at(&problem(ProblemKind::Throttled), now, now);
        let slowed = waits(&rate_limit, 8, now);
        assert!((1.9..2.1).contains(&slowed), "{slowed}");
    }

    #[test]
    fn what_was_sent_before_the_pace_fell_does_not_make_it_fall_again() {
        let rate_limit = RateLimit::new();
        let before = Instant::now();
        let later = before + Duration::from_millis(1);
        for _ in 0..64 {
            rate_limit.met_at(&problem(ProblemKind::Throttled), before, later);
        }
        let once = waits(&rate_limit, 8, later);
        assert!((1.9..2.1).contains(&once), "{once}");
        // With repeated errors, the rate falls to the minimum and no further.
        let mut now = later + Duration::from_mins(1);
        for _ in 0..64 {
            let sent_at = now;
            now += Duration::from_millis(1);
            rate_limit.met_at(&problem(ProblemKind::Throttled), sent_at, now);
        }
        let slowest = waits(&rate_limit, 8, now);
        assert!((13.9..14.1).contains(&slowest), "{slowest}");
        for _ in 0..50 {
            rate_limit.took();
        }
        let grown = waits(&rate_limit, 8, now + Duration::from_mins(1));
        assert!(grown < 2.0, "{grown}");
    }
}
