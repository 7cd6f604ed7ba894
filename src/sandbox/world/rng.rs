//! Luck that is the same each time.

use chrono::{DateTime, Duration, Utc};

/// A seeded source of numbers. Every section of a world has its own, so that a change in one moves no key in another.
pub(crate) struct Rng(fastrand::Rng);

impl Rng {
    /// For the section of this name in a world with this seed.
    pub(crate) fn new(seed: u64, section: &str) -> Self {
        // FNV-1a: the standard library's hash may differ from one compiler to the next.
        let hash = section
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        Self(fastrand::Rng::with_seed(seed ^ hash))
    }

    /// A whole number from a range, both ends included.
    pub(crate) fn between(&mut self, [least, most]: [u64; 2]) -> u64 {
        self.0.u64(least..=most.max(least))
    }

    /// A size from a range, small ones as often as large ones are large.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sizes of media are far below 2^52"
    )]
    pub(crate) fn size(&mut self, [least, most]: [u64; 2]) -> u64 {
        let (low, high) = (
            (least.max(1) as f64).ln(),
            (most.max(least).max(1) as f64).ln(),
        );
        (low + (high - low) * self.0.f64()).exp() as u64
    }

    /// Whether something of this probability happens.
    pub(crate) fn happens(&mut self, share: f64) -> bool {
        self.0.f64() < share
    }

    pub(crate) fn one_of<'a, T>(&mut self, values: &'a [T]) -> Option<&'a T> {
        if values.is_empty() {
            return None;
        }
        values.get(self.0.usize(..values.len()))
    }

    /// A moment between so many days ago and so many days ago.
    pub(crate) fn moment(&mut self, now: DateTime<Utc>, [least, most]: [f64; 2]) -> DateTime<Utc> {
        days_before(now, least + (most - least) * self.0.f64())
    }

    pub(crate) fn uuid(&mut self) -> String {
        let (a, b) = (self.0.u64(..), self.0.u64(..));
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            a >> 32,
            a >> 16 & 0xffff,
            a & 0xfff,
            (b >> 48 & 0x3fff) | 0x8000,
            b & 0xffff_ffff_ffff
        )
    }

    /// So many hexadecimal digits, at most 16.
    pub(crate) fn hex(&mut self, digits: usize) -> String {
        let mut hex = format!("{:016X}", self.0.u64(..));
        hex.truncate(digits);
        hex
    }
}

/// So many days before now, to the second.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a world's days are a few thousand at most"
)]
pub(super) fn days_before(now: DateTime<Utc>, days: f64) -> DateTime<Utc> {
    now - Duration::seconds((days * 86_400.0) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luck_depends_on_the_seed_and_the_section_only() {
        let throw = |seed, section: &str| Rng::new(seed, section).uuid();
        assert_eq!(throw(1, "a"), throw(1, "a"));
        assert_ne!(throw(1, "a"), throw(2, "a"));
        assert_ne!(throw(1, "a"), throw(1, "b"));
    }

    #[test]
    fn a_made_up_uuid_has_the_shape_of_one() {
        use crate::domain::blueprint::Shape;
        let mut rng = Rng::new(7, "uuid");
        assert!((0..100).all(|_| Shape::Uuid.admits(&rng.uuid())));
    }

    #[test]
    fn sizes_and_moments_stay_within_their_range() {
        let (mut rng, now) = (Rng::new(7, "sizes"), Utc::now());
        for _ in 0..1000 {
            assert!((10..=5000).contains(&rng.size([10, 5000])));
            let ago = now - rng.moment(now, [2.0, 3.0]);
            assert!((Duration::days(2)..=Duration::days(3)).contains(&ago));
        }
    }
}
