//! How many keys a second are sent.
//!
//! S3 takes 3,500 writes a second below each of the prefixes that it keeps apart, each key of a batch counts as one, and
//! how many such prefixes a bucket has nobody is told: only the answers tell what it takes. So nothing is held back until
//! the service asks to slow down. Then keys are governed at that rate, more with every batch that is taken, half as many
//! each time the service asks again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::aws::{Problem, ProblemKind};

/// Keys a second when the service has asked to slow down for the first time: what S3 takes below one prefix at least.
const SLOWED_DOWN: f64 = 3_500.0;

/// Keys a second at least, however often the service asks to slow down.
const SLOWEST: f64 = 500.0;

/// By how much the rate grows with each batch that is taken.
const GROWTH: f64 = 1.05;

/// Lets so many keys a second through. Clones are one.
#[derive(Clone)]
pub(super) struct RateLimit(Arc<Mutex<Pace>>);

struct Pace {
    /// `None` until the service asks to slow down.
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

    /// Waits until so many keys may be sent.
    pub(super) async fn admit(&self, keys: usize) {
        if let Some(from) = self.turn(keys, Instant::now()) {
            tokio::time::sleep_until(from).await;
        }
    }

    /// When so many keys may be sent for which somebody asks now; `None` for at once.
    fn turn(&self, keys: usize, now: Instant) -> Option<Instant> {
        let keys = u32::try_from(keys).unwrap_or(u32::MAX);
        let mut pace = self.pace();
        let rate = pace.keys_a_second?;
        let from = pace.free_at.max(now);
        pace.free_at = from + Duration::from_secs_f64(f64::from(keys) / rate);
        Some(from)
    }

    /// A batch was taken.
    pub(super) fn took(&self) {
        let mut pace = self.pace();
        pace.keys_a_second = pace.keys_a_second.map(|rate| rate * GROWTH);
    }

    /// What was sent at a time met with a problem. Of many that are under way together each may be told to slow down: that
    /// is said once.
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

    /// How long the last of so many batches of a thousand keys waits that ask at one time.
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
        // Asked again and again, it falls to the slowest and no further.
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
