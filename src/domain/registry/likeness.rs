//! Different ids that were probably meant to be one.
//!
//! An application that trims, folds, composes or decodes ids in one place and not in another writes keys whose owner its
//! own list does not name. The media are somebody's all the same.

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};

use percent_encoding::percent_decode_str;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::index::Index;
use super::texts::Texts;

/// A living id that a missing one resembles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likeness {
    /// The living one, exactly as the list has it.
    pub living: String,
    /// In what they differ.
    pub by: Difference,
}

/// In what two ids differ that may have been meant to be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Difference {
    /// White space at an end.
    Spaces,
    /// Capital and small letters.
    Case,
    /// Letters with marks, written as one character or as several (Unicode's NFC).
    Composition,
    /// Percent-encoding, or `+` for a space.
    Encoding,
    /// More than one of these.
    Several,
    /// The list's last line has no end, and may have been longer.
    CutShort,
}

impl Difference {
    /// In words that follow "they differ in"; for [`Self::CutShort`], what is in doubt.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Spaces => "white space at an end",
            Self::Case => "capital and small letters",
            Self::Composition => "how letters with marks are composed (NFC)",
            Self::Encoding => "percent-encoding",
            Self::Several => "several of white space, capitals, composition and percent-encoding",
            Self::CutShort => "how much of the list's last line is there: it has no line end",
        }
    }
}

/// What is left of an id when everything by which alike ones differ is taken away. Two ids are alike when this is the
/// same of both.
///
/// Decoding comes first and is repeated, so that an id that was encoded twice is still like itself.
#[must_use]
pub fn core(id: &str) -> Cow<'_, str> {
    if is_core(id) {
        return Cow::Borrowed(id);
    }
    let mut text = id.to_owned();
    // Each round undoes what the one before it brought to light. Decoding and trimming shorten the text, folding and
    // composing settle: it ends, and long before the bound, which is there for what Unicode may yet think of.
    for _ in 0..=id.len() {
        let next = folded(&decoded(&text).nfc().collect::<String>())
            .nfc()
            .collect::<String>();
        let next = next.trim();
        if next == text {
            break;
        }
        next.clone_into(&mut text);
    }
    Cow::Owned(text)
}

/// Whether nothing can be taken away: the common case, told without copying.
fn is_core(id: &str) -> bool {
    id.bytes()
        .all(|byte| matches!(byte, b'!'..=b'~' | b' ') && !byte.is_ascii_uppercase())
        && !id.contains(['%', '+'])
        && !id.starts_with(' ')
        && !id.ends_with(' ')
}

/// Percent-decoded as forms are, `+` being a space; as it is where that would not be UTF-8.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let spaced = text.replace('+', " ");
    match percent_decode_str(&spaced).decode_utf8() {
        Ok(decoded) => Cow::Owned(decoded.into_owned()),
        Err(_) => Cow::Borrowed(text),
    }
}

/// Capital letters made small by way of their capitals, character by character, so that `ß` and `SS`, or the three sigmas,
/// come out the same wherever they stand in a word.
fn folded(text: &str) -> String {
    text.chars()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect()
}

/// In what two ids with the same [`core()`] differ.
fn difference(one: &str, other: &str) -> Difference {
    let composed = |text: &str| -> String {
        if is_nfc(text) {
            text.to_owned()
        } else {
            text.nfc().collect()
        }
    };
    if one.trim() == other.trim() {
        Difference::Spaces
    } else if folded(one) == folded(other) {
        Difference::Case
    } else if composed(one) == composed(other) {
        Difference::Composition
    } else if decoded(one) == decoded(other) || decoded(one) == other || one == decoded(other) {
        Difference::Encoding
    } else {
        Difference::Several
    }
}

/// Finds ids by their cores. Only those that are not their own core are kept here: the others are found as they are.
#[derive(Debug, Default)]
pub(super) struct Alike {
    index: Index,
    numbers: Vec<u32>,
    keyed: RandomState,
}

impl Alike {
    /// Takes note of an id that the list names, by its number. `None` when the numbers have run out.
    pub fn add(&mut self, id: &str, number: u32) -> Option<()> {
        let core = core(id);
        if core != id {
            self.index.add(self.keyed.hash_one(&*core))?;
            self.numbers.push(number);
        }
        Some(())
    }

    /// The first living id that is like this one and not the same.
    pub fn find(&self, ids: &Texts, id: &str) -> Option<Likeness> {
        let wanted = core(id);
        let itself = ids.find(&wanted).and_then(|number| ids.get(number));
        let others = self
            .index
            .with(self.keyed.hash_one(&*wanted))
            .filter_map(|item| ids.get(*self.numbers.get(super::number(item))?))
            .filter(|living| core(living) == wanted);
        let living = itself
            .into_iter()
            .chain(others)
            .find(|living| *living != id)?;
        Some(Likeness {
            living: living.to_owned(),
            by: difference(id, living),
        })
    }

    /// Gives back what it has reserved and not used.
    pub fn shrink(&mut self) {
        self.index.shrink();
        self.numbers.shrink_to_fit();
    }

    /// In bytes.
    pub fn memory(&self) -> usize {
        self.index.memory() + self.numbers.capacity() * size_of::<u32>()
    }
}
