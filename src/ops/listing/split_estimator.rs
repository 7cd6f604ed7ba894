//! Where the rest of a segment may lie, when no folder tells.
//!
//! Keys are read as numbers: from the place on at which the last key of a page differs from the segment's end, each
//! character is a digit of the alphabet that its word is written in, as far as the page has shown (decimal, hexadecimal,
//! letters, both). How far the page reached then tells how many pages are left, and a number in between is written back
//! as a key that may or may not exist: what matters is that about as many keys stand before it as after it.
//!
//! A counter like `photo-000123` has room for a million, and how much of it is used nobody knows. There, one key is asked
//! for behind each of its digits (the spine): the answers show at which of them the keys go on.
//!
//! Every guess is a place to cut at and no more than that. A wrong one costs a request; nothing is missed by it.

use std::collections::BTreeSet;
use std::iter;

/// Stands after whatever else a key may go on with.
const BEHIND_ALL: char = char::MAX;

/// Keys of a page that are kept to guess from.
const SAMPLES: usize = 12;

/// Numbers are read until they are as fine as this.
const FINEST: f64 = 1e13;

/// Places of a key that are looked at, from the first that differs on.
const PLACES: usize = 64;

/// The last page of a segment, as far as it tells what the next ones are like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PageSample {
    first: Vec<char>,
    last: Vec<char>,
    keys: Vec<Vec<char>>,
    rows: usize,
}

impl PageSample {
    /// Of keys in byte order; `None` without any.
    pub(super) fn of<'a>(
        keys: impl DoubleEndedIterator<Item = &'a str> + ExactSizeIterator + Clone,
    ) -> Option<Self> {
        let rows = keys.len();
        let first = keys.clone().next()?.chars().collect();
        let last = keys.clone().next_back()?.chars().collect();
        let step = (rows / SAMPLES).max(1);
        Some(Self {
            first,
            last,
            keys: keys
                .step_by(step)
                .map(|key| key.chars().collect())
                .collect(),
            rows,
        })
    }

    /// The characters that keys may have at this place, in order, as far as the page tells; never empty within the last
    /// key.
    fn alphabet(&self, place: usize) -> Vec<char> {
        let is_word = |at: usize| self.last.get(at).is_some_and(char::is_ascii_alphanumeric);
        let mut seen: BTreeSet<char> = self.at(place).collect();
        if !is_word(place) {
            return seen.into_iter().collect();
        }
        let begin = (0..place).rev().take_while(|&at| is_word(at)).last();
        let begin = begin.unwrap_or(place);
        let after = (place..self.last.len()).find(|&at| !is_word(at));
        let word = begin..after.unwrap_or(self.last.len());
        let differs = word.clone().any(|at| {
            let mut there = self.at(at);
            let one = there.next();
            there.any(|other| Some(other) != one)
        });
        let of_word: BTreeSet<char> = word
            .flat_map(|at| self.at(at))
            .filter(char::is_ascii_alphanumeric)
            .collect();
        // A word that never changes is a name. A number that has not changed yet will.
        if differs || of_word.iter().all(char::is_ascii_digit) {
            seen.extend(alphabet_of(&of_word));
        }
        seen.into_iter().collect()
    }

    /// The characters at this place of the sampled keys.
    fn at(&self, place: usize) -> impl Iterator<Item = char> {
        let all = self.keys.iter().chain(iter::once(&self.last));
        all.filter_map(move |key| key.get(place).copied())
    }
}

/// The usual alphabet that all of these letters and digits are in.
fn alphabet_of(seen: &BTreeSet<char>) -> impl Iterator<Item = char> + use<> {
    let any = |of: fn(&char) -> bool| seen.iter().any(of);
    let (digits, lower, upper) = (
        any(char::is_ascii_digit),
        any(char::is_ascii_lowercase),
        any(char::is_ascii_uppercase),
    );
    let is_hex = digits && seen.iter().all(char::is_ascii_hexdigit) && lower != upper;
    let (last_lower, last_upper) = if is_hex { ('f', 'F') } else { ('z', 'Z') };
    let part = |used: bool, range: std::ops::RangeInclusive<char>| range.filter(move |_| used);
    part(digits, '0'..='9')
        .chain(part(upper, 'A'..=last_upper))
        .chain(part(lower, 'a'..=last_lower))
}

/// What lies ahead of a segment, read as numbers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct KeyDensity {
    /// What everything ahead begins with, as far as is known.
    base: Vec<char>,
    /// The characters at each place after that.
    alphabets: Vec<Vec<char>>,
    /// Where the page ended, and where the segment does.
    from: f64,
    to: f64,
    /// How far apart rows were in the page.
    a_row: f64,
    last: Vec<char>,
    end: Vec<char>,
}

impl KeyDensity {
    /// From the segment's last page to its end; with no end, to the end of its prefix. `None` where a page shows nothing
    /// to go by.
    pub(super) fn new(sample: &PageSample, prefix: &str, end: Option<&str>) -> Option<Self> {
        let end: Vec<char> = match end {
            Some(end) => end.chars().collect(),
            None => prefix.chars().chain(iter::once(BEHIND_ALL)).collect(),
        };
        let shared = common(&sample.last, &end);
        let base = sample.last.get(..shared)?.to_vec();
        let mut alphabets = Vec::new();
        let mut fineness = 1.0;
        for place in (shared..sample.last.len()).take(PLACES) {
            let alphabet = sample.alphabet(place);
            fineness *= size(&alphabet);
            alphabets.push(alphabet);
            if fineness >= FINEST {
                break;
            }
        }
        let number = |key: &[char]| number(key.get(shared..).unwrap_or_default(), &alphabets);
        let (from, to) = (number(&sample.last), number(&end));
        let begun = if sample.first.starts_with(&base) {
            number(&sample.first)
        } else {
            0.0
        };
        let a_row = (from - begun) / count(sample.rows);
        // Also false for what is no number.
        let tells = a_row > 0.0 && to > from;
        tells.then(|| Self {
            last: sample.last.clone(),
            base,
            alphabets,
            from,
            to,
            a_row,
            end,
        })
    }

    /// How many rows are left, if they lie as those of the page do.
    pub(super) fn rows_left(&self) -> f64 {
        (self.to - self.from) / self.a_row
    }

    /// At most so many places to cut at, in order, with about as many rows between any two of them, the first one not
    /// before this many rows; nearer together, and the last piece longer, where that would be more than `widest` rows.
    pub(super) fn cuts(&self, most: usize, skip: usize, widest: f64) -> Vec<String> {
        let from = self.from + self.a_row * count(skip);
        let step = ((self.to - from) / (count(most) + 1.0)).min(self.a_row * widest);
        if step <= 0.0 {
            return Vec::new();
        }
        let mut cuts: Vec<String> = (0..most)
            .map(|n| self.key(from + step * count(n + 1), step))
            .filter(|key| key.chars().gt(self.last.iter().copied()))
            .filter(|key| key.chars().lt(self.end.iter().copied()))
            .collect();
        cuts.dedup();
        cuts
    }

    /// A number as the beginning of a key, so fine that it is off by a small part of the step.
    fn key(&self, mut number: f64, step: f64) -> String {
        const CLOSE: f64 = 64.0;
        let mut key: String = self.base.iter().collect();
        let mut fineness = 1.0;
        for alphabet in &self.alphabets {
            let of = size(alphabet);
            let digit = digit(number * of, alphabet.len());
            key.extend(alphabet.get(digit));
            number = number * of - count(digit);
            fineness *= of;
            if fineness * step > CLOSE {
                break;
            }
        }
        key
    }
}

/// Keys to ask for what comes after, in order: one behind each digit of a counter that stayed the same all over the page,
/// and behind the places before it, down to where the segment's end differs. Empty where there is no such counter.
pub(super) fn digit_probes(sample: &PageSample, prefix: &str, end: Option<&str>) -> Vec<String> {
    let end: Vec<char> = end.unwrap_or(prefix).chars().collect();
    let shared = common(&sample.last, &end);
    let same = common(&sample.first, &sample.last);
    let is_digit = |at: usize| {
        let is = sample.last.get(at).is_some_and(char::is_ascii_digit);
        is && sample.alphabet(at).iter().all(char::is_ascii_digit)
    };
    let counter = (shared + 1..=same)
        .rev()
        .take_while(|&at| is_digit(at) && is_digit(at - 1));
    let mut places: Vec<usize> = counter.collect();
    if let Some(&begin) = places.last() {
        places.extend((shared + 1..begin).rev().take(1));
    }
    places
        .into_iter()
        .filter_map(|at| sample.last.get(..at))
        .map(|kept| kept.iter().copied().chain(iter::once(BEHIND_ALL)).collect())
        .collect()
}

/// Where to cut, by what was found behind each key of a spine: the next key, `None` when there is none before the
/// segment's end.
pub(super) fn cuts_of_probes(found: &[(String, Option<String>)]) -> Vec<String> {
    let mut cuts: Vec<String> = Vec::new();
    let mut before: Option<&Option<String>> = None;
    for (behind, next) in found {
        // Behind the next place begins what this one found already: nothing lies in between.
        if before != Some(next) {
            cuts.push(behind.clone());
        }
        before = Some(next);
    }
    cuts
}

/// A key as a number from 0 to 1.
fn number(key: &[char], alphabets: &[Vec<char>]) -> f64 {
    let (mut number, mut scale) = (0.0, 1.0);
    for (char, alphabet) in key.iter().zip(alphabets) {
        scale /= size(alphabet);
        let rank = alphabet.partition_point(|other| other < char);
        number += count(rank) * scale;
        if alphabet.get(rank) != Some(char) {
            break;
        }
    }
    number
}

fn common(a: &[char], b: &[char]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

fn size(alphabet: &[char]) -> f64 {
    count(alphabet.len().max(1))
}

/// A number of rows, pages or letters, to estimate with.
#[expect(
    clippy::cast_precision_loss,
    reason = "an estimate is no more exact than a float"
)]
pub(super) fn count(n: usize) -> f64 {
    n as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is cut off at both ends"
)]
fn digit(number: f64, of: usize) -> usize {
    (number.max(0.0) as usize).min(of.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(keys: &[String]) -> PageSample {
        PageSample::of(keys.iter().map(String::as_str)).unwrap()
    }

    fn hex(range: std::ops::Range<u64>) -> Vec<String> {
        // A thousand of every million, evenly.
        range.map(|n| format!("{:08x}.jpg", n << 16)).collect()
    }

    #[test]
    fn a_thousandth_of_the_hexadecimal_numbers_leaves_about_a_thousand_times_as_many() {
        let density = KeyDensity::new(&sample(&hex(0..64)), "", None).unwrap();
        let left = density.rows_left();
        assert!((65_000.0..68_000.0).contains(&left), "{left}");
        let cuts = density.cuts(3, 0, f64::INFINITY);
        let first: Vec<&str> = cuts.iter().map(|cut| cut.get(..1).unwrap()).collect();
        assert_eq!(first, ["4", "8", "c"]);
    }

    #[test]
    fn a_name_that_all_keys_of_a_page_share_is_not_counted_in() {
        let keys: Vec<String> = hex(0..64)
            .into_iter()
            .map(|name| format!("tenant-main/{name}"))
            .collect();
        let density = KeyDensity::new(&sample(&keys), "", None).unwrap();
        let cuts = density.cuts(1, 0, f64::INFINITY);
        assert!(
            cuts.first().unwrap().starts_with("tenant-main/8"),
            "{cuts:?}"
        );
    }

    #[test]
    fn cuts_lie_between_the_last_key_and_the_end_and_in_order() {
        let keys: Vec<String> = (100..200).map(|n| format!("ä/{n:03}")).collect();
        let density = KeyDensity::new(&sample(&keys), "ä/", Some("ä/7")).unwrap();
        let cuts = density.cuts(40, 20, f64::INFINITY);
        assert!(cuts.is_sorted() && cuts.len() > 20, "{cuts:?}");
        let inside = |cut: &String| cut.as_str() > "ä/199" && cut.as_str() < "ä/7";
        assert!(cuts.iter().all(inside), "{cuts:?}");
        assert!(cuts.first().unwrap().as_str() > "ä/21", "{cuts:?}");
        let near = density.cuts(3, 20, 10.0);
        assert!(near.last().unwrap().as_str() < "ä/26", "{near:?}");
    }

    #[test]
    fn a_page_of_one_key_tells_nothing() {
        assert!(PageSample::of(std::iter::empty()).is_none());
        let one = sample(&["a".to_owned()]);
        assert_eq!(KeyDensity::new(&one, "", None), None);
    }

    #[test]
    fn a_counter_is_asked_behind_each_digit_that_has_not_changed() {
        let keys: Vec<String> = (0..1000).map(|n| format!("obj-{n:08}")).collect();
        let behind = |kept: &str| format!("{kept}\u{10ffff}");
        assert_eq!(
            digit_probes(&sample(&keys), "", None),
            [
                "obj-00000",
                "obj-0000",
                "obj-000",
                "obj-00",
                "obj-0",
                "obj-"
            ]
            .map(behind)
        );
        assert!(digit_probes(&sample(&hex(0..64)), "", None).is_empty());
    }

    #[test]
    fn a_spine_is_cut_where_it_found_something_else_and_once_behind_the_last() {
        let found = |behind: &str, next: Option<&str>| (behind.to_owned(), next.map(str::to_owned));
        let cuts = cuts_of_probes(&[
            found("obj-00000~", Some("obj-00001000")),
            found("obj-0000~", Some("obj-00100000")),
            found("obj-000~", Some("obj-00100000")),
            found("obj-00~", None),
            found("obj-0~", None),
        ]);
        assert_eq!(cuts, ["obj-00000~", "obj-0000~", "obj-00~"]);
        assert_eq!(cuts_of_probes(&[found("a~", None)]), ["a~"]);
    }
}
