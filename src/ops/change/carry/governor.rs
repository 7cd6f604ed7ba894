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
pub(super) struct Governor(Arc<Mutex<Pace>>);

struct Pace {
    /// `None` until the service asks to slow down.
    keys_a_second: Option<f64>,
    free_at: Instant,
    fell_at: Instant,
}

impl Governor {
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
        let keys = u32::try_from(keys).unwrap_or(u32::MAX);
        let from = {
            let mut pace = self.pace();
            let Some(rate) = pace.keys_a_second else {
                return;
            };
            let from = pace.free_at.max(Instant::now());
            pace.free_at = from + Duration::from_secs_f64(f64::from(keys) / rate);
            from
        };
        tokio::time::sleep_until(from).await;
    }

    /// A batch was taken.
    pub(super) fn took(&self) {
        let mut pace = self.pace();
        pace.keys_a_second = pace.keys_a_second.map(|rate| rate * GROWTH);
    }

    /// What was sent at a time met with a problem. Of many that are under way together each may be told to slow down: that
    /// is said once.
    pub(super) fn met(&self, problem: &Problem, sent_at: Instant) {
        let is_load = matches!(
            problem.kind,
            ProblemKind::Throttled | ProblemKind::Unavailable | ProblemKind::TimedOut
        );
        let mut pace = self.pace();
        if !is_load || sent_at < pace.fell_at {
            return;
        }
        let now = Instant::now();
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

    fn problem(kind: ProblemKind) -> Problem {
        Problem::new("delete", "s3://media", kind, "no", "")
    }

    /// How long so many batches of a thousand keys wait, one after the other.
    async fn waits(governor: &Governor, batches: u32) -> Duration {
        let from = Instant::now();
        for _ in 0..batches {
            governor.admit(1000).await;
        }
        from.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_held_back_until_the_service_asks_to_slow_down() {
        let governor = Governor::new();
        governor.met(&problem(ProblemKind::Denied), Instant::now());
        assert_eq!(waits(&governor, 1000).await, Duration::ZERO);
        governor.met(&problem(ProblemKind::Throttled), Instant::now());
        let slowed = waits(&governor, 8).await.as_secs_f64();
        assert!((1.9..2.1).contains(&slowed), "{slowed}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_sent_before_the_pace_fell_does_not_make_it_fall_again() {
        let governor = Governor::new();
        let before = Instant::now();
        tokio::time::advance(Duration::from_millis(1)).await;
        for _ in 0..64 {
            governor.met(&problem(ProblemKind::Throttled), before);
        }
        let once = waits(&governor, 8).await.as_secs_f64();
        assert!((1.9..2.1).contains(&once), "{once}");
        for _ in 0..64 {
            governor.met(&problem(ProblemKind::Throttled), Instant::now());
        }
        waits(&governor, 1).await;
        let slowest = waits(&governor, 8).await.as_secs_f64();
        assert!((15.9..16.1).contains(&slowest), "{slowest}");
        for _ in 0..50 {
            governor.took();
        }
        waits(&governor, 1).await;
        assert!(waits(&governor, 8).await.as_secs_f64() < 2.0);
    }
}
