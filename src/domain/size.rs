//! Sizes in bytes, and their display.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

use humansize::{BINARY, format_size};

/// A number of bytes, displayed in binary units (`1.2 GiB`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct ByteSize(pub u64);

impl ByteSize {
    /// The number of bytes.
    #[must_use]
    pub fn bytes(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Bytes have no decimals.
        let zeroes = u8::from(self.0 >= 1024).into();
        f.pad(&format_size(
            self.0,
            BINARY.decimal_places(1).decimal_zeroes(zeroes),
        ))
    }
}

// Sums saturate: if a total overflows, showing the maximum is better than showing a small number.
impl Add for ByteSize {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for ByteSize {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for ByteSize {
    fn sum<I: Iterator<Item = Self>>(sizes: I) -> Self {
        sizes.fold(Self(0), Add::add)
    }
}

/// Any count as a `u64`: a length on a machine of whatever width.
#[must_use]
pub(crate) fn whole(number: impl TryInto<u64>) -> u64 {
    number.try_into().unwrap_or(u64::MAX)
}

/// A number with all its digits, in groups of three: `1,204,000`.
#[must_use]
pub(crate) fn grouped(number: impl TryInto<u64>) -> String {
    let digits = whole(number).to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_shown_in_binary_units_with_one_decimal() {
        assert_eq!(ByteSize(0).to_string(), "0 B");
        assert_eq!(ByteSize(1536).to_string(), "1.5 KiB");
        assert_eq!(ByteSize(5 << 30).to_string(), "5.0 GiB");
        assert_eq!(format!("{:>9}", ByteSize(1536)), "  1.5 KiB");
    }
}
