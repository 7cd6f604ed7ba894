//! One prefix that is listed: what of it is proved, where it may be cut, what went wrong.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::ops::Bound;

use super::covered_intervals::{CoveredIntervals, EndBound, Interval};
use super::folders::{Folders, depth_of};
use super::kind::{Listed, Portion};
use super::known_folders::KnownFolders;
use super::segment::Segment;
use super::split_estimator::count;
use crate::aws::Problem;
use crate::domain::BucketName;
use crate::ops::browse::Start;
use crate::ops::coverage::{Coverage, Gap};

/// A look for places to cut at: a page with a delimiter below a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DiscoveryRequest<N> {
    pub folder: String,
    pub start: Start<N>,
}

/// A prefix.
#[derive(Debug)]
pub(super) struct PrefixScan<T: Listed> {
    pub prefix: String,
    pub covered: CoveredIntervals,
    /// Whether it is listed in several segments.
    pub can_be_cut: bool,
    /// Whether it was ever cut.
    pub was_cut: bool,
    /// Whether the server lists it in byte order, as far as was seen.
    pub in_order: bool,
    /// Folders: places to cut at.
    cuts: BTreeSet<String>,
    /// Those among them that nobody has seen, only others like them.
    supposed: HashSet<String>,
    /// Folders that are the last of what is in the folder around them, when that was looked at.
    last: HashSet<String>,
    /// What folders are called, by how deep they lie.
    names: KnownFolders,
    /// How long folders are.
    folders: Folders,
    /// Folders that were looked into.
    looked: HashSet<String>,
    discoveries: VecDeque<DiscoveryRequest<T::Next>>,
    failures: Vec<(Interval, Problem)>,
}

impl<T: Listed> PrefixScan<T> {
    pub(super) fn new(prefix: String, can_be_cut: bool) -> Self {
        Self {
            prefix,
            covered: CoveredIntervals::default(),
            can_be_cut,
            was_cut: false,
            in_order: true,
            cuts: BTreeSet::new(),
            supposed: HashSet::new(),
            last: HashSet::new(),
            names: KnownFolders::default(),
            folders: Folders::after(None),
            looked: HashSet::new(),
            discoveries: VecDeque::new(),
            failures: Vec::new(),
        }
    }

    /// The look that goes beside the very first page.
    pub(super) fn first_discovery(&mut self) -> DiscoveryRequest<T::Next> {
        self.looked.insert(self.prefix.clone());
        DiscoveryRequest {
            folder: self.prefix.clone(),
            start: Start::Beginning,
        }
    }

    /// A look that was begun and not finished.
    pub(super) fn next_discovery(&mut self) -> Option<DiscoveryRequest<T::Next>> {
        self.discoveries.pop_front()
    }

    /// A look into the uppermost folder on the way to where a segment is that nobody looked into. Folders of which a page
    /// holds several are left out: cutting through one of them is not worth a request.
    pub(super) fn discovery_for(
        &mut self,
        segment: &Segment<T>,
    ) -> Option<DiscoveryRequest<T::Next>> {
        let front = segment.front.as_deref()?;
        let below = front.strip_prefix(self.prefix.as_str())?;
        let folders = below.match_indices('/').map(|(at, _)| at + 1);
        let mut folders: Vec<usize> = std::iter::once(0).chain(folders).collect();
        if segment.ends_side_by_side() {
            // A look would bring a page of keys and no folder.
            folders.pop();
        }
        let is_large =
            |folder: &&str| *folder == self.prefix || segment.folders_a_page(depth_of(folder)) == 1;
        let folder = folders
            .into_iter()
            .filter_map(|length| front.get(..self.prefix.len() + length))
            .take_while(is_large)
            .find(|folder| !self.looked.contains(*folder))?;
        self.looked.insert(folder.to_owned());
        Some(DiscoveryRequest {
            folder: folder.to_owned(),
            start: Start::After(front.to_owned()),
        })
    }

    /// What a look found.
    pub(super) fn found(&mut self, discovery: DiscoveryRequest<T::Next>, page: Portion<T>) {
        if !page.prefixes.is_sorted() {
            // A server that keeps folders as such: it does not list in byte order, and cannot be cut.
            self.keep_whole();
        }
        // Where a page finds no folder, a thousand keys lie side by side and more looking would list them all.
        let useful = self.can_be_cut && !page.prefixes.is_empty();
        if let Some(last) = page.prefixes.last()
            && page.next.is_none()
            && page
                .items
                .last()
                .is_none_or(|item| item.key() < last.as_str())
        {
            self.last.insert(last.clone());
        }
        if self.can_be_cut {
            self.names
                .learn(&discovery.folder, &page.prefixes, page.next.is_none());
            self.cuts.extend(page.prefixes);
        }
        if let Some(next) = page.next
            && useful
        {
            self.discoveries.push_back(DiscoveryRequest {
                start: Start::Next(next),
                ..discovery
            });
        }
    }

    /// What all that is left of a segment begins with, where it ends with the prefix: the deepest folder that it is in and
    /// that is the last one, as far as looks have shown.
    pub(super) fn rest_of<'s>(&'s self, segment: &'s Segment<T>) -> &'s str {
        let front = segment.front.as_deref().unwrap_or_default();
        let folders = front.rmatch_indices('/');
        folders
            .filter_map(|(at, _)| front.get(..=at))
            .find(|folder| self.last.contains(*folder))
            .unwrap_or(&self.prefix)
    }

    /// Learns from the pages of a segment how long folders are.
    pub(super) fn passed_through(&mut self, segment: &Segment<T>) {
        self.folders.learn(&segment.folders);
    }

    /// How many rows a segment has left at the most, where it ends with the folder that it is in and folders as deep were
    /// never longer; `None` where that cannot be told, or is no longer so.
    pub(super) fn rows_left(&self, segment: &Segment<T>) -> Option<usize> {
        let (front, end) = (segment.front.as_deref()?, segment.end()?);
        let parent = end.strip_suffix('/')?.rfind('/').map_or(0, |at| at + 1);
        let below = front.strip_prefix(end.get(..parent)?)?;
        let folder = front.get(..=parent + below.find('/')?)?;
        let ends_with_it = self.cuts.contains(folder)
            && self.cuts.contains(end)
            && self.cuts_of(segment).all(|cut| cut.starts_with(folder));
        let depth = depth_of(folder);
        let rows = segment.folders.rows_in(depth).filter(|_| ends_with_it)?;
        let left = self.folders.longest(depth).checked_sub(rows)?;
        (left > 0).then_some(left)
    }

    /// Stops cutting.
    pub(super) fn keep_whole(&mut self) {
        self.can_be_cut = false;
        self.cuts.clear();
        self.discoveries.clear();
    }

    /// Supposes folders ahead of a segment where others like those around it lie elsewhere; false when there are none to
    /// suppose, or none that were not supposed before.
    pub(super) fn predict_prefixes(&mut self, segment: &mut Segment<T>) -> bool {
        let known = self.names.learnt();
        if !self.can_be_cut || !segment.can_be_cut() || segment.supposed_at == known {
            return false;
        }
        segment.supposed_at = known;
        let mut any = false;
        for folder in self.names.predict(&self.prefix, segment) {
            if self.cuts.insert(folder.clone()) {
                self.supposed.insert(folder);
                any = true;
            }
        }
        any
    }

    /// Whether a place to cut at is one that nobody has seen.
    pub(super) fn is_predicted(&self, cut: &str) -> bool {
        self.supposed.contains(cut)
    }

    /// At most `most` places to cut a segment at, with about as many pages between them, as far as the folders tell; nearer
    /// together, and the last piece longer, where that would be more than `widest` pages.
    pub(super) fn choose_cuts(
        &self,
        segment: &Segment<T>,
        most: usize,
        widest: f64,
    ) -> Vec<String> {
        let weighed: Vec<(&String, f64)> = self.weighed(segment).collect();
        let all: f64 = weighed.iter().map(|(_, weight)| weight).sum();
        let step = if most < weighed.len() {
            (all / (count(most) + 1.0)).min(widest)
        } else {
            0.0
        };
        let (mut passed, mut next) = (0.0, step);
        let mut chosen = Vec::with_capacity(most.min(weighed.len()));
        for (cut, weight) in weighed {
            if passed + weight / 2.0 >= next && chosen.len() < most {
                chosen.push(cut.clone());
                next += step;
            }
            passed += weight;
        }
        chosen
    }

    /// Into how many pieces of a page or more a segment can be cut beside the first one, as far as its folders tell; no
    /// more are counted than `enough`.
    pub(super) fn pieces_of(&self, segment: &Segment<T>, enough: usize) -> usize {
        if !self.can_be_cut || !segment.can_be_cut() {
            return 0;
        }
        let (mut pages, mut places) = (0.0, 0);
        for (_, weight) in self.weighed(segment) {
            pages += weight;
            places += 1;
            if whole(pages) >= enough {
                break;
            }
        }
        whole(pages).min(places)
    }

    /// The places to cut a segment at, with how many pages the folder there takes at least. What a folder takes whose first
    /// place lies within it is told there: it is not counted twice.
    fn weighed<'a>(
        &'a self,
        segment: &'a Segment<T>,
    ) -> impl Iterator<Item = (&'a String, f64)> + 'a {
        let mut cuts = self.cuts_of(segment).peekable();
        std::iter::from_fn(move || {
            let cut = cuts.next()?;
            let is_told_within = cuts
                .peek()
                .is_some_and(|next| cut.ends_with('/') && next.starts_with(cut.as_str()));
            let weight = if is_told_within {
                0.0
            } else {
                1.0 / count(segment.folders_a_page(depth_of(cut)))
            };
            Some((cut, weight))
        })
    }

    fn cuts_of<'a>(&'a self, segment: &'a Segment<T>) -> impl Iterator<Item = &'a String> + 'a {
        let until = match &segment.part.until {
            EndBound::Key(until) => Some(until.as_str()),
            EndBound::Last => None,
        };
        let after = segment
            .front
            .as_deref()
            .map_or(Bound::Unbounded, Bound::Excluded);
        let until = until.map_or(Bound::Unbounded, Bound::Excluded);
        // A range that ends before it begins is a panic: a segment never reaches beyond its end.
        let sound = !matches!((after, until), (Bound::Excluded(a), Bound::Excluded(u)) if a >= u);
        sound
            .then(|| self.cuts.range::<str, _>((after, until)))
            .into_iter()
            .flatten()
    }

    /// Whether nothing at all is known of it, not even a failure.
    pub(super) fn is_untouched(&self) -> bool {
        self.failures.is_empty() && self.covered.is_empty()
    }

    /// Records that a part could not be listed.
    pub(super) fn fail(&mut self, part: Interval, problem: Problem) {
        self.failures.push((part, problem));
    }

    /// What is missing, by the certificate alone; failures say why.
    pub(super) fn report(&self, bucket: &BucketName, cancelled: bool, coverage: &mut Coverage) {
        if self.covered.is_whole() {
            return;
        }
        let place = format!("s3://{bucket}/{}", self.prefix.escape_debug());
        for gap in self.covered.gaps() {
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

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a positive number of pages, far below what a usize holds"
)]
fn whole(pages: f64) -> usize {
    // A sum of tenths is a little less than the whole that it should be.
    (pages + 1e-6) as usize
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
    use crate::domain::ObjectSummary;
    use crate::ops::browse::Next;

    fn root_with(cuts: &[&str]) -> PrefixScan<ObjectSummary> {
        let mut scan = PrefixScan::new(String::new(), true);
        let discovery = scan.first_discovery();
        let page = Portion {
            prefixes: cuts.iter().map(|&cut| cut.to_owned()).collect(),
            items: Vec::new(),
            next: None,
            undecided: 0,
        };
        scan.found(discovery, page);
        scan
    }

    #[test]
    fn prefixes_within_others_add_nothing() {
        let given = ["b/", "a/x/", "a/", "a", "b/", "c"].map(str::to_owned);
        assert_eq!(disjoint(given.to_vec()), ["a", "b/", "c"]);
        assert_eq!(disjoint(vec!["b".to_owned(), String::new()]), [""]);
    }

    #[test]
    fn cuts_are_spread_over_the_folders_ahead() {
        let scan = root_with(&["a/", "b/", "c/", "d/", "e/", "f/", "g/"]);
        let part = Interval {
            after: Some("b/x".to_owned()),
            until: EndBound::Key("g/".to_owned()),
        };
        let segment = Segment::new(0, 0, part, Kind::Ordered);
        assert_eq!(scan.cuts_of(&segment).count(), 4);
        assert_eq!(scan.choose_cuts(&segment, 1, f64::INFINITY), ["e/"]);
        assert_eq!(scan.choose_cuts(&segment, 2, f64::INFINITY), ["d/", "f/"]);
        assert_eq!(
            scan.choose_cuts(&segment, 9, f64::INFINITY),
            ["c/", "d/", "e/", "f/"]
        );
        assert!(scan.choose_cuts(&segment, 0, f64::INFINITY).is_empty());
        assert_eq!(scan.choose_cuts(&segment, 2, 1.0), ["d/", "e/"], "near");
    }

    #[test]
    fn folders_that_a_server_does_not_sort_by_bytes_are_no_places_to_cut_at() {
        let scan = root_with(&["user-1/", "user-1-b/"]);
        assert!(!scan.can_be_cut);
        let segment = Segment::new(0, 0, Interval::whole(), Kind::Ordered);
        assert_eq!(scan.cuts_of(&segment).count(), 0);
    }

    #[test]
    fn what_is_left_lies_in_the_last_folder_that_a_look_has_shown() {
        let mut scan = root_with(&["a/", "b/"]);
        let mut segment = Segment::new(0, 0, Interval::whole(), Kind::Ordered);
        let mut rest_at = |scan: &PrefixScan<ObjectSummary>, front: &str| {
            segment.front = Some(front.to_owned());
            scan.rest_of(&segment).to_owned()
        };
        assert_eq!(rest_at(&scan, "a/x/1"), "");
        assert_eq!(rest_at(&scan, "b/x/1"), "b/");
        let look = |scan: &mut PrefixScan<ObjectSummary>, prefixes: &[&str], next: bool| {
            let discovery = DiscoveryRequest {
                folder: "b/".to_owned(),
                start: Start::Beginning,
            };
            let page = Portion {
                prefixes: prefixes.iter().map(|&prefix| prefix.to_owned()).collect(),
                items: Vec::new(),
                next: next.then(|| Next::for_tests("more")),
                undecided: 0,
            };
            scan.found(discovery, page);
        };
        look(&mut scan, &["b/w/", "b/x/"], true);
        assert_eq!(rest_at(&scan, "b/x/1"), "b/", "the look was not at its end");
        look(&mut scan, &["b/y/"], false);
        assert_eq!(rest_at(&scan, "b/y/1"), "b/y/");
        assert_eq!(rest_at(&scan, "b/x/1"), "b/");
    }

    #[test]
    fn folders_are_looked_into_from_the_top_and_once() {
        let mut scan = root_with(&[]);
        let mut segment = Segment::new(0, 0, Interval::whole(), Kind::Ordered);
        assert_eq!(scan.discovery_for(&segment), None);
        segment.front = Some("a/b/c".to_owned());
        assert_eq!(scan.discovery_for(&segment).unwrap().folder, "a/");
        assert_eq!(scan.discovery_for(&segment).unwrap().folder, "a/b/");
        assert_eq!(scan.discovery_for(&segment), None);
    }
}
