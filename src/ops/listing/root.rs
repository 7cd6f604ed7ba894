//! One prefix that is listed: what of it is proved, where it may be cut, what went wrong.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::ops::Bound;

use super::certificate::{Certificate, Part, Until};
use super::segment::Segment;
use crate::aws::Problem;
use crate::domain::BucketName;
use crate::ops::browse::{Page, Start};
use crate::ops::coverage::{Coverage, Gap};

/// A look for places to cut at: a page with a delimiter below a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lead {
    pub folder: String,
    pub start: Start,
}

/// A prefix.
#[derive(Debug)]
pub(super) struct Root {
    pub prefix: String,
    pub certificate: Certificate,
    /// Whether it is listed in several segments.
    pub can_be_cut: bool,
    /// Whether it was ever cut.
    pub was_cut: bool,
    /// Whether the server lists it in byte order, as far as was seen.
    pub in_order: bool,
    /// Folders: places to cut at.
    cuts: BTreeSet<String>,
    /// Folders that were looked into.
    looked: HashSet<String>,
    leads: VecDeque<Lead>,
    failures: Vec<(Part, Problem)>,
}

impl Root {
    pub fn new(prefix: String, can_be_cut: bool) -> Self {
        Self {
            prefix,
            certificate: Certificate::default(),
            can_be_cut,
            was_cut: false,
            in_order: true,
            cuts: BTreeSet::new(),
            looked: HashSet::new(),
            leads: VecDeque::new(),
            failures: Vec::new(),
        }
    }

    /// The look that goes beside the very first page.
    pub fn first_lead(&mut self) -> Lead {
        self.looked.insert(self.prefix.clone());
        Lead {
            folder: self.prefix.clone(),
            start: Start::Beginning,
        }
    }

    /// A look that was begun and not finished.
    pub fn open_lead(&mut self) -> Option<Lead> {
        self.leads.pop_front()
    }

    /// A look into the uppermost folder on the way to where a segment is that nobody looked into.
    pub fn lead_for(&mut self, segment: &Segment) -> Option<Lead> {
        let cursor = segment.cursor.as_deref()?;
        let below = cursor.strip_prefix(self.prefix.as_str())?;
        let folders = below.match_indices('/').map(|(at, _)| at + 1);
        let folder = std::iter::once(0)
            .chain(folders)
            .filter_map(|length| cursor.get(..self.prefix.len() + length))
            .find(|folder| !self.looked.contains(*folder))?;
        self.looked.insert(folder.to_owned());
        Some(Lead {
            folder: folder.to_owned(),
            start: Start::After(cursor.to_owned()),
        })
    }

    /// What a look found.
    pub fn found(&mut self, lead: Lead, page: Page) {
        // Where a page finds no folder, a thousand keys lie side by side and more looking would list them all.
        let useful = self.can_be_cut && !page.prefixes.is_empty();
        self.cuts.extend(page.prefixes);
        if let Some(next) = page.next
            && useful
        {
            self.leads.push_back(Lead {
                start: Start::Next(next),
                ..lead
            });
        }
    }

    /// Stops cutting.
    pub fn keep_whole(&mut self) {
        self.can_be_cut = false;
        self.cuts.clear();
        self.leads.clear();
    }

    /// How many places to cut at lie ahead of a segment.
    pub fn cuts_in(&self, segment: &Segment) -> usize {
        self.cuts_of(segment).count()
    }

    /// At most `most` places to cut a segment at, with about as many folders between them.
    pub fn choose_cuts(&self, segment: &Segment, most: usize) -> Vec<String> {
        let count = self.cuts_in(segment);
        let most = most.min(count);
        let mut chosen: BTreeSet<usize> = (1..=most).map(|i| i * count / (most + 1)).collect();
        chosen.retain(|&at| at < count);
        self.cuts_of(segment)
            .zip(0..)
            .filter(|(_, at)| chosen.contains(at))
            .map(|(cut, _)| cut.clone())
            .collect()
    }

    fn cuts_of(&self, segment: &Segment) -> impl Iterator<Item = &String> {
        let after = match segment.cursor.as_deref() {
            Some(cursor) => Bound::Excluded(cursor),
            None => Bound::Unbounded,
        };
        let until = match &segment.part.until {
            Until::Key(until) => Bound::Excluded(until.as_str()),
            Until::Last => Bound::Unbounded,
        };
        // A range that ends before it begins is a panic: a segment never reaches beyond its end.
        let sound = !matches!((after, until), (Bound::Excluded(a), Bound::Excluded(u)) if a >= u);
        sound
            .then(|| self.cuts.range::<str, _>((after, until)))
            .into_iter()
            .flatten()
    }

    /// Records that a part could not be listed.
    pub fn fail(&mut self, part: Part, problem: Problem) {
        self.failures.push((part, problem));
    }

    /// What is missing, by the certificate alone; failures say why.
    pub fn report(&self, bucket: &BucketName, cancelled: bool, coverage: &mut Coverage) {
        if self.certificate.is_whole() {
            return;
        }
        let place = format!("s3://{bucket}/{}", self.prefix.escape_debug());
        for gap in self.certificate.gaps() {
            let what = format!("{} of {place}", gap.words());
            let failure = self.failures.iter().find(|(part, _)| part.overlaps(&gap));
            coverage.miss(match failure {
                Some((_, problem)) => Gap::failed(what, problem.clone()),
                None if cancelled => Gap::cancelled(what),
                None => Gap::new(what, "it was not listed"),
            });
        }
    }
}

/// Prefixes in byte order, none within another.
pub(super) fn disjoint(mut prefixes: Vec<String>) -> Vec<String> {
    prefixes.sort_unstable();
    // Whatever lies within a prefix follows it before anything else does.
    prefixes.dedup_by(|next, kept| next.starts_with(kept.as_str()));
    prefixes
}

#[cfg(test)]
mod tests {
    use super::super::segment::Kind;
    use super::*;

    fn root_with(cuts: &[&str]) -> Root {
        let mut root = Root::new(String::new(), true);
        let lead = root.first_lead();
        let page = Page {
            prefixes: cuts.iter().map(|&cut| cut.to_owned()).collect(),
            ..Page::default()
        };
        root.found(lead, page);
        root
    }

    #[test]
    fn prefixes_within_others_add_nothing() {
        let given = ["b/", "a/x/", "a/", "a", "b/", "c"].map(str::to_owned);
        assert_eq!(disjoint(given.to_vec()), ["a", "b/", "c"]);
        assert_eq!(disjoint(vec!["b".to_owned(), String::new()]), [""]);
    }

    #[test]
    fn cuts_are_spread_over_the_folders_ahead() {
        let root = root_with(&["a/", "b/", "c/", "d/", "e/", "f/", "g/"]);
        let part = Part {
            after: Some("b/x".to_owned()),
            until: Until::Key("g/".to_owned()),
        };
        let segment = Segment::new(0, 0, part, Kind::Ordered);
        assert_eq!(root.cuts_in(&segment), 4);
        assert_eq!(root.choose_cuts(&segment, 1), ["e/"]);
        assert_eq!(root.choose_cuts(&segment, 2), ["d/", "e/"]);
        assert_eq!(root.choose_cuts(&segment, 9), ["c/", "d/", "e/", "f/"]);
        assert!(root.choose_cuts(&segment, 0).is_empty());
    }

    #[test]
    fn folders_are_looked_into_from_the_top_and_once() {
        let mut root = root_with(&[]);
        let mut segment = Segment::new(0, 0, Part::whole(), Kind::Ordered);
        assert_eq!(root.lead_for(&segment), None);
        segment.cursor = Some("a/b/c".to_owned());
        assert_eq!(root.lead_for(&segment).unwrap().folder, "a/");
        assert_eq!(root.lead_for(&segment).unwrap().folder, "a/b/");
        assert_eq!(root.lead_for(&segment), None);
    }
}
