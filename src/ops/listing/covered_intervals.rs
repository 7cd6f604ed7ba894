//! The proof that a listing is complete: which parts of the key space were answered for.

use std::collections::BTreeMap;

/// Where a part of the key space ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum EndBound {
    /// With this key, which belongs to it.
    Key(String),
    /// With the last key there could be.
    Last,
}

impl EndBound {
    /// Whether a key is not beyond the end.
    pub(super) fn admits(&self, key: &str) -> bool {
        match self {
            Self::Key(last) => key <= last.as_str(),
            Self::Last => true,
        }
    }

    /// Whether a part that begins after this key follows without a gap, or overlaps.
    fn reaches(&self, after: Option<&str>) -> bool {
        after.is_none_or(|after| self.admits(after))
    }
}

/// A part of the key space: keys after `after`, which is not in it, up to `until`, which is. Without an `after` it
/// begins with the first key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Interval {
    pub after: Option<String>,
    pub until: EndBound,
}

impl Interval {
    pub(super) fn whole() -> Self {
        Self {
            after: None,
            until: EndBound::Last,
        }
    }

    pub(super) fn holds(&self, key: &str) -> bool {
        self.after.as_deref().is_none_or(|after| key > after) && self.until.admits(key)
    }

    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let begins_within = |a: &Self, b: &Self| match (&a.after, &b.until) {
            (Some(after), EndBound::Key(until)) => after < until,
            _ => true,
        };
        begins_within(self, other) && begins_within(other, self)
    }

    /// What lies in both. Where nothing does, it ends before it begins, and covers nothing.
    pub(super) fn meet(&self, other: &Self) -> Self {
        Self {
            after: self.after.clone().max(other.after.clone()),
            until: self.until.clone().min(other.until.clone()),
        }
    }

    /// In words, for people; keys as they would stand in a program, for they may hold anything.
    pub(super) fn words(&self) -> String {
        match (&self.after, &self.until) {
            (None, EndBound::Last) => "all keys".to_owned(),
            (None, EndBound::Key(until)) => format!("keys up to {until:?}"),
            (Some(after), EndBound::Last) => format!("keys after {after:?}"),
            (Some(after), EndBound::Key(until)) => format!("keys after {after:?} up to {until:?}"),
        }
    }
}

/// The parts that were answered for, disjoint and with gaps between them.
#[derive(Debug, Clone, Default)]
pub(super) struct CoveredIntervals {
    /// `after` to `until`.
    covered: BTreeMap<Option<String>, EndBound>,
}

impl CoveredIntervals {
    /// Records that every key of the part was told.
    pub(super) fn cover(&mut self, part: &Interval) {
        let (after, until) = (part.after.as_deref(), &part.until);
        if after.is_some_and(|after| matches!(until, EndBound::Key(key) if key.as_str() <= after)) {
            return;
        }
        let mut part = Interval {
            after: after.map(str::to_owned),
            until: until.clone(),
        };
        let before = self.covered.range(..=part.after.clone()).next_back();
        if let Some((start, end)) = before
            && end.reaches(after)
        {
            part.after.clone_from(start);
            part.until = part.until.max(end.clone());
        }
        while let Some((start, end)) = self.covered.range(part.after.clone()..).next() {
            if !part.until.reaches(start.as_deref()) {
                break;
            }
            part.until = part.until.max(end.clone());
            let start = start.clone();
            self.covered.remove(&start);
        }
        self.covered.insert(part.after, part.until);
    }

    /// Whether nothing was answered for.
    pub(super) fn is_empty(&self) -> bool {
        self.covered.is_empty()
    }

    /// Whether every key that there could be was answered for.
    pub(super) fn is_whole(&self) -> bool {
        self.covered.get(&None) == Some(&EndBound::Last)
    }

    /// What was not.
    pub(super) fn gaps(&self) -> Vec<Interval> {
        let mut gaps = Vec::new();
        let mut from = None;
        for (start, end) in &self.covered {
            if let Some(start) = start {
                gaps.push(Interval {
                    after: from.take(),
                    until: EndBound::Key(start.clone()),
                });
            }
            match end {
                EndBound::Key(end) => from = Some(end.clone()),
                EndBound::Last => return gaps,
            }
        }
        gaps.push(Interval {
            after: from,
            until: EndBound::Last,
        });
        gaps
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn until(key: &str) -> EndBound {
        if key == "z" {
            EndBound::Last
        } else {
            EndBound::Key(key.to_owned())
        }
    }

    proptest! {
        #[test]
        fn the_certificate_holds_exactly_the_keys_that_were_covered(
            parts in proptest::collection::vec(("[a-h]", "[a-h]|z"), 0..9),
        ) {
            let mut certificate = CoveredIntervals::default();
            let mut covered = Vec::new();
            for (after, end) in &parts {
                let after = (after != "a").then_some(after.as_str());
                let part = Interval { after: after.map(str::to_owned), until: until(end) };
                certificate.cover(&part);
                covered.push(part);
            }
            for key in ["A", "a", "a!", "b", "c", "c/", "d", "e", "f", "g", "g~", "h", "z", "~"] {
                let expected = covered.iter().any(|part| part.holds(key));
                let missing = certificate.gaps().iter().filter(|gap| gap.holds(key)).count();
                prop_assert_eq!(missing, usize::from(!expected), "{}", key);
            }
            prop_assert_eq!(certificate.is_whole(), certificate.gaps().is_empty());
        }
    }

    proptest! {
        #[test]
        fn a_key_lies_where_two_parts_meet_when_it_lies_in_both(
            (a, b) in ("[a-h]", "[a-h]|z"),
            (c, d) in ("[a-h]", "[a-h]|z"),
            key in "[a-h]x?",
        ) {
            let one = Interval { after: Some(a), until: until(&b) };
            let other = Interval { after: (c != "a").then_some(c), until: until(&d) };
            prop_assert_eq!(one.meet(&other).holds(&key), one.holds(&key) && other.holds(&key));
        }
    }

    #[test]
    fn parts_that_touch_make_one_and_a_missing_key_between_two_does_not() {
        let mut certificate = CoveredIntervals::default();
        let part = |after: Option<&str>, until: &str| Interval {
            after: after.map(str::to_owned),
            until: self::until(until),
        };
        certificate.cover(&part(Some("m"), "z"));
        certificate.cover(&part(None, "c"));
        assert!(!certificate.is_whole());
        assert_eq!(
            certificate.gaps()[0].words(),
            "keys after \"c\" up to \"m\""
        );
        certificate.cover(&part(Some("c"), "l\u{10ffff}"));
        assert!(!certificate.is_whole(), "\"m\" itself was not listed");
        certificate.cover(&part(Some("l"), "m"));
        assert!(certificate.is_whole());
    }
}
