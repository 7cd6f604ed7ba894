//! Matches texts of which the list contains only pieces: truncated by a column or an ellipsis, or with U+FFFD for lost
//! characters.
//!
//! A program that prints a table truncates text that is wider than the column, with or without an ellipsis. U+FFFD may
//! replace any number of characters. Both are *gaps*: a text matches if it has the pieces in their places.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};

use super::super::index::Index;

/// The mark of a gap.
const GAP: char = char::REPLACEMENT_CHARACTER;

/// Up to this many texts with the same anchor are compared piece by piece. With more, the anchor alone decides.
const MOST_COMPARED: usize = 64;

/// The minimum length of a truncated text without a mark. Shorter texts are ids of their own.
const LEAST_CUT: usize = 12;

/// Usual widths of database columns in characters.
const WIDTHS: [usize; 13] = [16, 20, 25, 30, 32, 40, 45, 50, 60, 64, 100, 128, 255];

/// Whether a text contains something that may be a gap. This check is cheap and fails for nearly every id.
pub(super) fn has_gap(text: &str) -> bool {
    text.contains("...") || !text.is_ascii() && text.contains([GAP, '…'])
}

/// The pieces of a text between its gaps; the first and last may be empty. `None` if there is no gap.
fn pieces(text: &str) -> Option<Vec<String>> {
    if !has_gap(text) {
        return None;
    }
    let mut marked = text.replace('…', "...");
    for ellipsis in ["[...]", "(...)", "<...>"] {
        marked = marked.replace(ellipsis, "...");
    }
    let mut found: Vec<String> = Vec::new();
    let mut rest = marked.as_str();
    loop {
        let gap = rest.find(GAP).into_iter().chain(rest.find("...")).min();
        let (piece, behind) = gap
            .and_then(|at| rest.split_at_checked(at))
            .unwrap_or((rest, ""));
        found.push(piece.trim().to_owned());
        if gap.is_none() {
            return Some(found);
        }
        rest = behind.trim_start_matches([GAP, '.']);
    }
}

/// Whether a text has the pieces in their places.
fn fits(pieces: &[String], text: &str) -> bool {
    let Some((first, rest)) = pieces.split_first() else {
        return false;
    };
    let Some((last, middle)) = rest.split_last() else {
        return first == text;
    };
    let Some(text) = text.strip_prefix(first.as_str()) else {
        return false;
    };
    let Some(mut text) = text.strip_suffix(last.as_str()) else {
        return false;
    };
    for piece in middle {
        let Some((_, behind)) = text.split_once(piece.as_str()) else {
            return false;
        };
        text = behind;
    }
    true
}

/// Whether an unmarked text may be a truncated form of a longer one: its length is the usual width of a column, or it
/// ends within a word. If the longer text continues with a number or after a sign, it is another id: `acme-shop` and
/// `acme-shop-2`.
pub(super) fn may_be_cut(short: &str, long: &str) -> bool {
    let length = short.chars().count();
    let Some(rest) = long.strip_prefix(short) else {
        return false;
    };
    let last = short.chars().next_back();
    let is_within_word =
        last.is_some_and(char::is_alphabetic) && rest.starts_with(char::is_alphabetic);
    !rest.is_empty() && length >= LEAST_CUT && (is_within_word || WIDTHS.contains(&length))
}

/// The lengths of some texts in bytes. A text of another length need not be looked up.
#[derive(Debug, Clone, Default)]
pub(super) struct Lengths(BTreeSet<usize>);

impl Lengths {
    pub(super) fn note(&mut self, text: &str) {
        self.0.insert(text.len());
    }

    /// The proper prefixes of a text that have one of these lengths, longest first.
    pub(super) fn beginnings<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        self.0
            .range(1..text.len().max(1))
            .rev()
            .filter_map(|length| text.get(..*length))
    }
}

/// Texts with gaps, found by their longest end without a gap.
#[derive(Debug)]
pub(super) struct Gapped {
    index: Index,
    numbers: Vec<u32>,
    beginnings: Lengths,
    ends: BTreeSet<usize>,
    /// Texts with gaps at both ends.
    afloat: Vec<u32>,
    keyed: RandomState,
}

/// Whether a piece is at the start or end of a text.
#[derive(Hash)]
enum Anchor<'t> {
    Beginning(&'t str),
    End(&'t str),
}

impl Gapped {
    pub(super) fn new() -> Self {
        Self {
            index: Index::default(),
            numbers: Vec::new(),
            beginnings: Lengths::default(),
            ends: BTreeSet::new(),
            afloat: Vec::new(),
            keyed: RandomState::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.afloat.is_empty()
    }

    /// Adds a folded text by its number. `None` if no number is left.
    pub(super) fn add(&mut self, text: &str, number: u32) -> Option<()> {
        let pieces = pieces(text).filter(|pieces| pieces.iter().any(|piece| !piece.is_empty()));
        let Some(pieces) = pieces else {
            return Some(());
        };
        let anchor = match (pieces.first(), pieces.last()) {
            (Some(first), Some(last)) if first.is_empty() && last.is_empty() => {
                // One more than the limit shows that there are too many.
                if self.afloat.len() <= MOST_COMPARED {
                    self.afloat.push(number);
                }
                return Some(());
            }
            (Some(first), Some(last)) if last.len() > first.len() => {
                self.ends.insert(last.len());
                Anchor::End(last)
            }
            (Some(first), _) => {
                self.beginnings.note(first);
                Anchor::Beginning(first)
            }
            _ => return Some(()),
        };
        let fingerprint = self.keyed.hash_one(anchor);
        if self.index.with(fingerprint).nth(MOST_COMPARED).is_none() {
            self.index.add(fingerprint)?;
            self.numbers.push(number);
        }
        Some(())
    }

    /// The numbers of the texts that may stand for a folded text. `text_of` returns the folded text of a number.
    pub(super) fn find(&self, folded: &str, text_of: &dyn Fn(u32) -> Option<String>) -> Vec<u32> {
        let mut found = Vec::new();
        if self.is_empty() {
            return found;
        }
        let beginnings = self.beginnings.beginnings(folded).chain([folded]);
        let ends = self.ends.iter().filter_map(|length| {
            let at = folded.len().checked_sub(*length)?;
            folded.get(at..)
        });
        let anchors = beginnings
            .map(Anchor::Beginning)
            .chain(ends.map(Anchor::End));
        for anchor in anchors {
            let items = self.index.with(self.keyed.hash_one(anchor));
            let numbers =
                items.filter_map(|item| self.numbers.get(super::super::number(item)).copied());
            let numbers: Vec<u32> = numbers.collect();
            compare(&numbers, folded, text_of, &mut found);
        }
        compare(&self.afloat, folded, text_of, &mut found);
        found
    }

    pub(super) fn memory(&self) -> usize {
        self.index.memory() + (self.numbers.capacity() + self.afloat.capacity()) * size_of::<u32>()
    }
}

fn compare(
    numbers: &[u32],
    folded: &str,
    text_of: &dyn Fn(u32) -> Option<String>,
    found: &mut Vec<u32>,
) {
    if numbers.len() > MOST_COMPARED {
        found.extend(numbers.first());
        return;
    }
    let is_meant = |number: &u32| {
        let pieces = text_of(*number).and_then(|text| pieces(&text));
        pieces.is_some_and(|pieces| fits(&pieces, folded))
    };
    found.extend(numbers.iter().copied().filter(is_meant));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_mean_what_has_them_in_their_places() {
        for (text, meant, others) in [
            (
                "averylo…",
                vec!["averylong", "averylo"],
                vec!["averyla", "xaverylong"],
            ),
            ("averylo...", vec!["averylong"], vec!["average"]),
            (
                "a.jpg\u{fffd}",
                vec!["a.jpg", "a.jpgs"],
                vec!["b.jpg", "a.jp"],
            ),
            ("\u{fffd}da", vec!["ada", "da"], vec!["adam"]),
            (
                "bl\u{fffd}bs/a",
                vec!["blobs/a", "blobs/bs/a"],
                vec!["blobs/b", "blbx/a"],
            ),
            ("a [...] z", vec!["a to z"], vec!["a to y"]),
            ("…mid…", vec!["amidst", "mid"], vec!["mud"]),
            ("ab…ba", vec!["abba", "ab-ba"], vec!["aba"]),
        ] {
            let mut gapped = Gapped::new();
            gapped.add(text, 7).unwrap();
            let text_of = |_| Some(text.to_owned());
            for id in meant {
                assert_eq!(gapped.find(id, &text_of), [7], "{text} {id}");
            }
            for id in others {
                assert!(gapped.find(id, &text_of).is_empty(), "{text} {id}");
            }
        }
    }

    #[test]
    fn very_many_texts_with_one_beginning_mean_all_that_begin_so() {
        let mut gapped = Gapped::new();
        for number in 0..1_000 {
            gapped.add(&format!("user…{number}x"), number).unwrap();
        }
        let text_of = |number| Some(format!("user…{number}x"));
        assert!(!gapped.find("user-anybody", &text_of).is_empty());
        assert!(gapped.find("somebody", &text_of).is_empty());
        assert!(gapped.numbers.len() <= MOST_COMPARED + 1);
    }

    #[test]
    fn a_cut_in_a_word_or_at_the_width_of_a_column_is_told_from_another_id() {
        for (short, long) in [
            ("averyverylonguse", "averyverylongusername@example.org"),
            ("ann@example.or", "ann@example.org"),
            ("507f1f77bcf86cd79943", "507f1f77bcf86cd799439011"),
        ] {
            assert!(may_be_cut(short, long), "{short}");
        }
        for (short, long) in [
            ("user-1", "user-10"),
            ("acme-corporation", "acme-corporation"),
            ("acme-corporations", "acme-corporations-2"),
            ("customer-100000", "customer-1000001"),
            ("ada", "adam"),
        ] {
            assert!(!may_be_cut(short, long), "{short}");
        }
    }
}
