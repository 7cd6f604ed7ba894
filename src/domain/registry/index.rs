//! A hash index: finds the numbers of items by their fingerprints.
//!
//! It uses open addressing with four bytes per slot and is at most three quarters full. The fingerprints (eight bytes
//! each) are stored separately, and resolve nearly all collisions of slots. Two items may have the same fingerprint:
//! the caller compares the items.

/// An empty slot.
const FREE: u32 = u32::MAX;

/// Numbers items from 0 in the order in which they are added.
#[derive(Debug, Default)]
pub(super) struct Index {
    fingerprints: Vec<u64>,
    /// Each number is in the first free slot from the position that its fingerprint gives. The length is a power of
    /// two.
    places: Vec<u32>,
}

impl Index {
    /// Adds an item. `None` if no number is left.
    pub(super) fn add(&mut self, fingerprint: u64) -> Option<u32> {
        let number = u32::try_from(self.fingerprints.len()).ok()?;
        // The two highest numbers mean "nobody" and "several" elsewhere.
        if number >= FREE - 1 {
            return None;
        }
        if (self.fingerprints.len() + 1) * 4 > self.places.len() * 3 {
            self.grow();
        }
        self.fingerprints.push(fingerprint);
        place(&mut self.places, fingerprint, number);
        Some(number)
    }

    /// The numbers of the items with this fingerprint.
    pub(super) fn with(&self, fingerprint: u64) -> impl Iterator<Item = u32> {
        let mask = self.places.len().wrapping_sub(1);
        let from = low_bits(fingerprint);
        (0..self.places.len())
            .map_while(move |step| self.places.get(from.wrapping_add(step) & mask).copied())
            .take_while(|&number| number != FREE)
            .filter(move |&number| {
                self.fingerprints.get(super::number(number)) == Some(&fingerprint)
            })
    }

    pub(super) fn len(&self) -> usize {
        self.fingerprints.len()
    }

    /// Frees unused memory.
    pub(super) fn shrink(&mut self) {
        self.fingerprints.shrink_to_fit();
    }

    /// Memory use in bytes.
    pub(super) fn memory(&self) -> usize {
        self.fingerprints.capacity() * size_of::<u64>() + self.places.capacity() * size_of::<u32>()
    }

    fn grow(&mut self) {
        let mut places = vec![FREE; (self.places.len() * 2).max(64)];
        for (number, &fingerprint) in (0..).zip(&self.fingerprints) {
            place(&mut places, fingerprint, number);
        }
        self.places = places;
    }
}

/// Puts a number into the first free slot from the position of its fingerprint. There always is a free slot.
fn place(places: &mut [u32], fingerprint: u64, number: u32) {
    let mask = places.len().wrapping_sub(1);
    let mut at = low_bits(fingerprint) & mask;
    while let Some(taken) = places.get_mut(at) {
        if *taken == FREE {
            *taken = number;
            return;
        }
        at = (at + 1) & mask;
    }
}

/// Truncates a fingerprint to the machine's word size; slots use fewer bits anyway.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the low bits are what is wanted"
)]
fn low_bits(fingerprint: u64) -> usize {
    fingerprint as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_that_share_a_fingerprint_or_a_place_are_all_found() {
        let mut index = Index::default();
        for fingerprint in [7, 7, 7 + 64, 8, 7] {
            index.add(fingerprint).unwrap();
        }
        let with = |fingerprint| index.with(fingerprint).collect::<Vec<_>>();
        assert_eq!(with(7), [0, 1, 4]);
        assert_eq!(with(7 + 64), [2]);
        assert_eq!(with(8), [3]);
        assert!(with(9).is_empty());
    }

    #[test]
    fn nothing_is_lost_when_it_grows() {
        let mut index = Index::default();
        // The worst case: all items have the same position.
        for number in 0..1_000_u64 {
            index.add(number << 40).unwrap();
        }
        for number in 0..1_000_u64 {
            let found: Vec<u32> = index.with(number << 40).collect();
            assert_eq!(found, [u32::try_from(number).unwrap()]);
        }
        assert_eq!(Index::default().with(0).count(), 0);
    }
}
