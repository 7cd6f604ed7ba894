//! A set of many texts, each stored once and found byte for byte.
//!
//! The texts are stored in blocks of one mebibyte, so growing copies nothing. Fingerprints use a random key: the author
//! of a list cannot choose ids that collide.

use std::hash::{BuildHasher, RandomState};

use super::index::Index;

/// Block size in bytes.
const BLOCK: usize = 1 << 20;

/// A set of texts, numbered in the order of insertion.
#[derive(Debug, Default)]
pub(super) struct Texts {
    blocks: Vec<String>,
    places: Vec<Place>,
    index: Index,
    keyed: RandomState,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    block: u32,
    start: u32,
    length: u32,
}

impl Texts {
    /// The number of a text, which is added if it is new. `None` if no number is left.
    pub(super) fn add(&mut self, text: &str) -> Option<u32> {
        let fingerprint = self.keyed.hash_one(text);
        if let Some(number) = self.with(fingerprint, text) {
            return Some(number);
        }
        if self
            .blocks
            .last()
            .is_none_or(|block| block.len() + text.len() > BLOCK)
        {
            self.blocks
                .push(String::with_capacity(BLOCK.max(text.len())));
        }
        let block = self.blocks.last_mut()?;
        let place = Place {
            start: u32::try_from(block.len()).ok()?,
            length: u32::try_from(text.len()).ok()?,
            block: u32::try_from(self.blocks.len() - 1).ok()?,
        };
        let number = self.index.add(fingerprint)?;
        self.blocks.last_mut()?.push_str(text);
        self.places.push(place);
        Some(number)
    }

    /// The number of exactly this text.
    pub(super) fn find(&self, text: &str) -> Option<u32> {
        self.with(self.keyed.hash_one(text), text)
    }

    pub(super) fn get(&self, number: u32) -> Option<&str> {
        self.at(*self.places.get(super::number(number))?)
    }

    /// All texts, by number.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.places.iter().filter_map(|&place| self.at(place))
    }

    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    /// Frees unused memory.
    pub(super) fn shrink(&mut self) {
        self.places.shrink_to_fit();
        self.index.shrink();
        if let Some(last) = self.blocks.last_mut() {
            last.shrink_to_fit();
        }
    }

    /// Memory use in bytes.
    pub(super) fn memory(&self) -> usize {
        self.blocks.iter().map(String::capacity).sum::<usize>()
            + self.places.capacity() * size_of::<Place>()
            + self.index.memory()
    }

    fn with(&self, fingerprint: u64, text: &str) -> Option<u32> {
        self.index
            .with(fingerprint)
            .find(|&number| self.get(number) == Some(text))
    }

    fn at(&self, place: Place) -> Option<&str> {
        let start = super::number(place.start);
        self.blocks
            .get(super::number(place.block))?
            .get(start..start + super::number(place.length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_once_and_found_byte_for_byte() {
        let mut texts = Texts::default();
        let numbers: Vec<_> = ["user-1", "user-10", "user-1", "User-1", "", "user-1 "]
            .map(|text| texts.add(text).unwrap())
            .into();
        assert_eq!(numbers, [0, 1, 0, 2, 3, 4]);
        assert_eq!(texts.find("user-10"), Some(1));
        assert_eq!(texts.find("user-100"), None);
        assert_eq!(texts.get(2), Some("User-1"));
        assert_eq!(
            texts.iter().collect::<Vec<_>>(),
            ["user-1", "user-10", "User-1", "", "user-1 "]
        );
    }

    #[test]
    fn texts_that_fill_many_blocks_are_all_there() {
        let mut texts = Texts::default();
        let long = "x".repeat(BLOCK / 3);
        for number in 0..10_u32 {
            assert_eq!(texts.add(&format!("{long}{number}")), Some(number));
        }
        assert_eq!(texts.blocks.len(), 5);
        for number in 0..10_u32 {
            assert_eq!(texts.find(&format!("{long}{number}")), Some(number));
        }
    }
}
