//! So many requests a second.

use std::num::NonZeroU64;
use std::time::{Duration, Instant};

/// What may come at once, as a part of what a second allows: a tenth.
const AT_ONCE: u32 = 10;

/// A bucket that fills evenly and that each request takes one from.
#[derive(Debug)]
pub(super) struct Allowance {
    /// From one request to the next, when they come evenly.
    apart: Duration,
    /// When the bucket is full again, if nobody comes.
    full_at: Instant,
}

impl Allowance {
    /// A full one.
    pub(super) fn new(a_second: NonZeroU64, now: Instant) -> Self {
        let a_second = u32::try_from(a_second.get()).unwrap_or(u32::MAX);
        Self {
            apart: Duration::from_secs(1) / a_second,
            full_at: now,
        }
    }

    /// Whether a request that comes now is within it, and counts.
    pub(super) fn lets_pass(&mut self, now: Instant) -> bool {
        let full_at = self.full_at.max(now) + self.apart;
        let passes = full_at - now <= (Duration::from_secs(1) / AT_ONCE).max(self.apart);
        if passes {
            self.full_at = full_at;
        }
        passes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(allowance: &mut Allowance, at: Instant, requests: usize) -> usize {
        (0..requests).filter(|_| allowance.lets_pass(at)).count()
    }

    #[test]
    fn a_tenth_of_a_second_comes_at_once_and_the_rest_as_time_goes_by() {
        let begun = Instant::now();
        let mut allowance = Allowance::new(NonZeroU64::new(200).unwrap(), begun);
        assert_eq!(passed(&mut allowance, begun, 100), 20);
        let later = begun + Duration::from_millis(50);
        assert_eq!(passed(&mut allowance, later, 100), 10);
        let much_later = begun + Duration::from_mins(1);
        assert_eq!(passed(&mut allowance, much_later, 100), 20);
    }

    #[test]
    fn the_slowest_allowance_lets_one_pass() {
        let begun = Instant::now();
        let mut allowance = Allowance::new(NonZeroU64::MIN, begun);
        assert_eq!(passed(&mut allowance, begun, 9), 1);
        assert_eq!(passed(&mut allowance, begun + Duration::from_secs(1), 9), 1);
    }
}
