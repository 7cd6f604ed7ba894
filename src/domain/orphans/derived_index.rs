//! Index of the derived objects that should exist for the existing sources.
//!
//! s3warden applies the application's own transformation to each source. It stores a fingerprint of the resulting key
//! with the row of the source: sixteen bytes. A match is confirmed by computing the key again, so no result depends on
//! a fingerprint alone.

use std::hash::{BuildHasher, RandomState};

use super::Ground;
use super::rows::{ROWS_A_LOOK, in_parts};
use crate::domain::blueprint::{BucketBlueprint, DerivedRule};

/// Maps derived keys to their sources.
pub(super) struct DerivedIndex {
    rules: Vec<Way>,
    /// In ascending order of fingerprint.
    all: Vec<Image>,
    /// The first entry for each value of the first fingerprint bits.
    starts: Vec<usize>,
    keyed: RandomState,
}

/// Average entries per start. A binary search over all entries would take about twenty steps, each a cache miss.
const A_START: usize = 8;

/// A rule from one listed bucket to another.
pub(super) struct Way {
    /// Index of the source bucket in the grounds.
    pub from: usize,
    /// Index of the target bucket in the grounds.
    pub to: usize,
    rule: DerivedRule,
}

/// A rule that can certainly produce a key.
pub(super) struct Maker<'a> {
    pub rule: &'a str,
    /// Index of the source bucket in the grounds.
    pub from: usize,
    /// Whether an original is unlikely to have such a key: the rule adds text of its own and drops nothing.
    pub is_marked: bool,
}

#[derive(Clone, Copy)]
struct Image {
    fingerprint: u64,
    row: u32,
    rule: u16,
}

/// An object from which another was derived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    /// Index of its bucket in the grounds.
    pub ground: usize,
    /// Its row in that bucket.
    pub row: usize,
    pub key: String,
    /// The number of the index entry that led to it.
    pub image: usize,
}

impl DerivedIndex {
    /// Builds the index over all sources; `None` if `stop` returned true.
    pub(super) fn of(
        grounds: &[Ground],
        threads: usize,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Option<Self> {
        let mut derived_index = Self {
            rules: rules(grounds),
            all: Vec::new(),
            starts: Vec::new(),
            keyed: RandomState::new(),
        };
        let mut all = Vec::new();
        for (from, ground) in grounds.iter().enumerate() {
            let rules: Vec<(u16, &Way)> = (0..)
                .zip(&derived_index.rules)
                .filter(|(_, rule)| rule.from == from)
                .collect();
            if rules.is_empty() {
                continue;
            }
            let parts = in_parts(ground.objects.len(), threads, |rows| {
                let mut found = Vec::new();
                let first = rows.start;
                let mut objects = ground.objects.rows_in(rows);
                let mut row = first;
                while let Some(key) = objects.advance_key() {
                    if row.is_multiple_of(ROWS_A_LOOK) && stop() {
                        return None;
                    }
                    derived_index.add(&mut found, &ground.rules, &rules, key, row);
                    row += 1;
                }
                Some(found)
            });
            for part in parts {
                all.append(&mut part?);
            }
        }
        all.sort_unstable_by_key(|image: &Image| image.fingerprint);
        derived_index.starts = starts(&all);
        derived_index.all = all;
        Some(derived_index)
    }

    /// Whether any rule derives objects into this bucket.
    pub(super) fn lead_to(&self, ground: usize) -> bool {
        self.rules.iter().any(|rule| rule.to == ground)
    }

    /// The existing objects from which this key is derived.
    pub(super) fn sources(&self, grounds: &[Ground], to: usize, key: &str) -> Vec<Source> {
        let fingerprint = self.fingerprint(to, key);
        let start = first_bits(fingerprint, self.starts.len());
        let start = self.starts.get(start).copied().unwrap_or(0);
        let same = self.all.iter().enumerate().skip(start);
        let same = same.skip_while(|(_, image)| image.fingerprint < fingerprint);
        same.take_while(|(_, image)| image.fingerprint == fingerprint)
            .filter_map(|(number, image)| {
                let rule = self.rules.get(usize::from(image.rule))?;
                let row = image.row as usize;
                let source = grounds.get(rule.from)?.objects.key(row)?;
                let made = rule.rule.apply(source.as_str())?;
                (rule.to == to && made == key).then(|| Source {
                    ground: rule.from,
                    row,
                    key: source.as_str().to_owned(),
                    image: number,
                })
            })
            .collect()
    }

    /// A rule that can have produced this key from some valid source key, whether or not that source exists. A rule
    /// that leaves the key unchanged did not produce it.
    pub(super) fn maker(&self, grounds: &[Ground], to: usize, key: &str) -> Option<Maker<'_>> {
        let ways = self.rules.iter().filter(|way| way.to == to);
        let mut makers = ways.filter_map(|way| {
            let witness = way.rule.witness(&grounds.get(way.from)?.rules, key)?;
            Some(Maker {
                rule: &way.rule.id,
                from: way.from,
                is_marked: witness.is_whole && way.rule.leaves_mark(),
            })
        });
        makers.next()
    }

    /// The id of the rule behind an index entry.
    pub(super) fn rule_of(&self, image: usize) -> Option<&str> {
        let image = self.all.get(image)?;
        let way = self.rules.get(usize::from(image.rule))?;
        Some(&way.rule.id)
    }

    /// The index entries that matched no object: ground and row of the source, and the rule. `met` tells which entries
    /// matched.
    pub(super) fn missing(
        &self,
        met: impl Fn(usize) -> bool,
    ) -> impl Iterator<Item = (usize, usize, &DerivedRule)> {
        let derived_index = self.all.iter().enumerate();
        derived_index
            .filter(move |(number, _)| !met(*number))
            .filter_map(|(_, image)| {
                let rule = self.rules.get(usize::from(image.rule))?;
                Some((rule.from, image.row as usize, &rule.rule))
            })
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    fn add(
        &self,
        found: &mut Vec<Image>,
        bucket: &BucketBlueprint,
        rules: &[(u16, &Way)],
        key: &str,
        row: usize,
    ) {
        let readings = bucket.readings(key);
        let Ok(row) = u32::try_from(row) else {
            return;
        };
        for (number, rule) in rules {
            if !rule.rule.takes(&readings) {
                continue;
            }
            // If a rule writes over its own source, the result is the source.
            let made = rule.rule.apply(key);
            if let Some(made) = made.filter(|made| rule.from != rule.to || made != key) {
                found.push(Image {
                    fingerprint: self.fingerprint(rule.to, &made),
                    row,
                    rule: *number,
                });
            }
        }
    }

    fn fingerprint(&self, to: usize, key: &str) -> u64 {
        self.keyed.hash_one((to, key))
    }
}

/// For every value of the first bits, the first entry with that value.
fn starts(all: &[Image]) -> Vec<usize> {
    let many = (all.len() / A_START).next_power_of_two();
    let mut starts = vec![all.len(); many];
    for (at, image) in all.iter().enumerate().rev() {
        if let Some(start) = starts.get_mut(first_bits(image.fingerprint, many)) {
            *start = at;
        }
    }
    starts
}

/// The first bits of a fingerprint, enough to tell `values` (a power of two) apart.
fn first_bits(fingerprint: u64, values: usize) -> usize {
    let bits = fingerprint
        .checked_shr(u64::BITS - values.trailing_zeros())
        .unwrap_or(0);
    usize::try_from(bits).unwrap_or(usize::MAX)
}

fn rules(grounds: &[Ground]) -> Vec<Way> {
    let mut rules = Vec::new();
    for (from, ground) in grounds.iter().enumerate() {
        for rule in &ground.rules.derived {
            let to = grounds
                .iter()
                .position(|ground| ground.rules.name == rule.to_bucket);
            if let Some(to) = to {
                rules.push(Way {
                    from,
                    to,
                    rule: rule.clone(),
                });
            }
        }
    }
    // Rules beyond the range of the entry's number are ignored.
    rules.truncate(usize::from(u16::MAX));
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_has_the_same_first_bits_begins_at_one_start() {
        let image = |fingerprint| Image {
            fingerprint,
            row: 0,
            rule: 0,
        };
        let mut all: Vec<Image> = (0..1_000_u64)
            .map(|n| image(n.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
            .chain([image(0), image(u64::MAX)])
            .collect();
        all.sort_unstable_by_key(|image| image.fingerprint);
        for some in [0, 1, 8, 17, all.len()] {
            let some = &all[all.len() - some..];
            let starts = starts(some);
            assert!(starts.len().is_power_of_two());
            for image in some {
                let start = starts[first_bits(image.fingerprint, starts.len())];
                let first = some.partition_point(|one| one.fingerprint < image.fingerprint);
                assert!(start <= first && first - start < 4 * A_START);
            }
        }
    }
}
