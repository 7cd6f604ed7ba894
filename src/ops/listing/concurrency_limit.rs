//! How many requests may be in flight, and how often a failed one is sent again.

use std::time::{Duration, Instant};

/// Requests in flight at the beginning: at 50 ms each a quarter of what one prefix of S3 takes. A short listing has no use
/// for them and sends fewer.
const FIRST: usize = 64;

/// Rounds without a gain after which more is tried again.
const PATIENCE: u32 = 4;

/// The first back-off; it doubles from try to try.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// The longest back-off.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The number of requests that may be in flight: one more an answer at first, which doubles it in a round trip, then an
/// eighth more a round, for as long as more of them bring more answers a second. Halved when the service asks to slow
/// down; where it had grown again since the last time, what the service takes is near, and a quarter less will do.
///
/// A round in which there was less to send than might have been says nothing about how much the service can take.
#[derive(Debug)]
pub(super) struct ConcurrencyLimit {
    limit: usize,
    most: usize,
    doubling: bool,
    /// Goes up with each halving. What was sent before one says nothing about the pace after it.
    window: u64,
    answers: usize,
    /// Answers that make a round: as many as requests fitted in flight when it began.
    round: usize,
    /// Whether there was always as much in flight as there may be.
    was_full: bool,
    since: Instant,
    /// The best round so far, in answers a thousand seconds.
    best: u128,
    /// Full rounds without a gain.
    still: u32,
    /// Whether it has grown since the service last asked to slow down.
    has_grown: bool,
}

impl ConcurrencyLimit {
    pub(super) fn new(most: usize, now: Instant) -> Self {
        let most = most.max(1);
        let limit = FIRST.min(most);
        Self {
            limit,
            round: limit,
            was_full: true,
            most,
            doubling: true,
            window: 0,
            answers: 0,
            since: now,
            best: 0,
            still: 0,
            has_grown: false,
        }
    }

    /// How many requests may be in flight.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// To be handed back with the answer of what is sent now.
    pub(super) fn window(&self) -> u64 {
        self.window
    }

    /// A request was answered; `in_flight` more are under way.
    pub(super) fn answered(&mut self, in_flight: usize, now: Instant) {
        let is_full = in_flight + 1 >= self.limit;
        self.answers += 1;
        self.was_full &= is_full;
        if self.doubling && is_full {
            self.limit = (self.limit + 1).min(self.most);
        }
        if self.answers < self.round {
            return;
        }
        let nanos = now.duration_since(self.since).as_nanos().max(1);
        let rate = self.answers as u128 * 1_000_000_000_000 / nanos;
        let gained = rate > self.best + self.best / 20;
        if gained {
            self.best = rate;
        }
        if self.was_full && !gained {
            // What was added meanwhile was of no use.
            self.limit = self.limit.min(self.round);
            self.doubling = false;
            self.still += 1;
        }
        if self.was_full && !self.doubling && (gained || self.still >= PATIENCE) {
            self.limit = (self.limit + (self.limit / 8).max(1)).min(self.most);
            self.still = 0;
            self.has_grown = true;
        }
        self.begin_round(now);
    }

    fn begin_round(&mut self, now: Instant) {
        self.round = self.limit;
        self.was_full = true;
        self.answers = 0;
        self.since = now;
    }

    /// The service asked to slow down, in answer to a request that was sent in this window.
    pub(super) fn slowed(&mut self, window: u64, now: Instant) {
        if window != self.window {
            return;
        }
        self.window += 1;
        let less = if self.has_grown { 4 } else { 2 };
        self.limit -= self.limit.div_ceil(less).min(self.limit - 1);
        self.doubling = false;
        self.has_grown = false;
        self.still = 0;
        self.best = 0;
        self.begin_round(now);
    }
}

/// How many failed requests of a whole listing are sent again: two for each that cannot be helped by waiting would
/// not stop a service that is down, so each success earns half of one, up to a limit.
#[derive(Debug)]
pub(super) struct Retries {
    left: u32,
}

impl Retries {
    const FULL: u32 = 256;
    const COST: u32 = 2;

    pub(super) fn new() -> Self {
        Self { left: Self::FULL }
    }

    pub(super) fn succeeded(&mut self) {
        self.left = (self.left + 1).min(Self::FULL);
    }

    /// Whether one more may be sent.
    pub(super) fn take(&mut self) -> bool {
        match self.left.checked_sub(Self::COST) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }
}

/// How long to wait before the try after this one, 1 being the first: doubled each time, and somewhere between half
/// of that and all of it, so that many do not come back at once.
pub(super) fn back_off(tries: u32) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(1 << tries.saturating_sub(1).min(16));
    let longest = doubled.min(LONGEST_WAIT);
    longest.mul_f64(0.5 + fastrand::f64() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets rounds pass, each as long as told, and says what the limit is after each.
    fn limits(
        pace: &mut ConcurrencyLimit,
        mut now: Instant,
        rounds: &[u64],
    ) -> (Instant, Vec<usize>) {
        let mut limits = Vec::new();
        for &milliseconds in rounds {
            now += Duration::from_millis(milliseconds);
            for _ in 0..pace.limit() {
                pace.answered(pace.limit(), now);
            }
            limits.push(pace.limit());
        }
        (now, limits)
    }

    #[test]
    fn the_pace_doubles_while_it_gains_and_then_stays() {
        let start = Instant::now();
        let mut pace = ConcurrencyLimit::new(256, start);
        let (_, limits) = limits(&mut pace, start, &[50, 50, 100, 100]);
        // 256 in 100 ms are as many a second as 128 in 50 ms.
        assert_eq!(limits, [128, 256, 256, 256]);
    }

    #[test]
    fn a_round_with_less_to_send_than_might_be_says_nothing() {
        let start = Instant::now();
        let mut pace = ConcurrencyLimit::new(256, start);
        for n in 1..100 {
            pace.answered(1, start + Duration::from_millis(n * 50));
        }
        assert_eq!(pace.limit(), FIRST);
        assert_eq!(limits(&mut pace, start, &[50_000, 50]).1.last(), Some(&256));
    }

    #[test]
    fn the_pace_never_exceeds_what_was_asked_for() {
        let start = Instant::now();
        let mut pace = ConcurrencyLimit::new(20, start);
        assert_eq!(limits(&mut pace, start, &[50, 50, 50]).1, [20, 20, 20]);
        assert_eq!(ConcurrencyLimit::new(0, start).limit(), 1);
        assert_eq!(ConcurrencyLimit::new(3, start).limit(), 3);
    }

    #[test]
    fn a_burst_of_slow_downs_halves_the_pace_once() {
        let start = Instant::now();
        let mut pace = ConcurrencyLimit::new(64, start);
        let (now, _) = limits(&mut pace, start, &[50, 50]);
        let window = pace.window();
        for _ in 0..10 {
            pace.slowed(window, now);
        }
        assert_eq!(pace.limit(), 32);
        pace.slowed(pace.window(), now);
        assert_eq!(pace.limit(), 16);
        let (now, limits) = limits(&mut pace, now, &[50, 50]);
        assert_eq!(limits, [18, 20], "then an eighth more a round");
        pace.slowed(pace.window(), now);
        assert_eq!(pace.limit(), 15, "it had grown: a quarter less");
    }

    /// Requests of which each is answered after 50 ms, and refused beyond so many a second of which a tenth may come at
    /// once: how many were answered a second, in the long run.
    fn kept_up(a_second: u32, seconds: u64) -> u64 {
        let (start, apart) = (Instant::now(), Duration::from_secs(1) / a_second);
        let mut pace = ConcurrencyLimit::new(64, start);
        let (mut now, mut free_at, mut answered) = (start, start, 0);
        // When each request in flight is answered, and the window it was sent in; a refused one rests before it is sent.
        let mut flying: Vec<(Instant, u64)> = Vec::new();
        while now < start + Duration::from_secs(seconds) {
            while flying.len() < pace.limit() {
                flying.push((now + Duration::from_millis(50), pace.window()));
            }
            let first = flying.iter().enumerate().min_by_key(|(_, (due, _))| *due);
            let (at, _) = first.unwrap();
            let (due, window) = flying.swap_remove(at);
            now = due;
            let next = free_at.max(now) + apart;
            if next - now > Duration::from_millis(100) {
                pace.slowed(window, now);
                let rested = now + Duration::from_millis(38);
                flying.push((rested + Duration::from_millis(50), pace.window()));
            } else {
                free_at = next;
                answered += 1;
                pace.answered(flying.len(), now);
            }
        }
        answered / seconds
    }

    #[test]
    fn what_a_service_takes_is_used_whatever_it_is() {
        for a_second in [40, 150, 400, 900] {
            let used = kept_up(a_second, 20);
            println!("{used} of {a_second} a second");
            assert!(
                used * 100 >= u64::from(a_second) * 85,
                "{used} of {a_second}"
            );
        }
    }

    #[test]
    fn a_service_that_is_down_is_not_asked_for_ever_and_one_that_stumbles_is() {
        let mut down = Retries::new();
        assert_eq!((0..1_000).filter(|_| down.take()).count(), 128);
        let mut stumbles = Retries::new();
        for _ in 0..10_000 {
            assert!(stumbles.take());
            stumbles.succeeded();
            stumbles.succeeded();
        }
    }

    #[test]
    fn waits_grow_to_a_limit() {
        for tries in 1..40 {
            let wait = back_off(tries);
            assert!(wait >= FIRST_WAIT / 2 && wait <= LONGEST_WAIT, "{wait:?}");
        }
        assert!(back_off(30) >= LONGEST_WAIT / 2);
    }
}
