//! One part of the key space while it is listed.

use std::collections::HashSet;
use std::sync::OnceLock;

use super::covered_intervals::{EndBound, Interval};
use super::folders::Folders;
use super::kind::{Listed, Portion};
use super::split_estimator::{KeyDensity, PageSample};
use crate::domain::ListingOrder;
use crate::ops::browse::Start;

/// Items side by side in one folder that make it unlikely that there are folders between them.
const SIDE_BY_SIDE: usize = 32;

/// How a segment is listed.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// In byte order from a key on. It can be cut.
    Ordered,
    /// From the beginning page after page, for a server that does not list in byte order: complete when it comes to its
    /// end in whatever order it has.
    Chain(ListingOrder),
    /// In byte order from the beginning, for a server that cannot begin anywhere else: only what lies in one of these
    /// parts, each under its own number, was not told before.
    Again(Vec<(u64, Interval)>),
}

/// A segment under way.
#[derive(Debug)]
pub(super) struct Segment<T: Listed> {
    pub id: u64,
    pub scan: usize,
    pub part: Interval,
    pub kind: Kind,
    /// Everything up to here is told; where it begins before the first page.
    told: Option<String>,
    /// The last key that pages brought, under which there may be more; where it begins before the first page.
    pub front: Option<String>,
    /// The first and the last of what was told under that key.
    ends: Option<(String, String)>,
    next: Option<T::Next>,
    /// Pages that were answered.
    pub pages: u64,
    /// The folders that these pages passed through.
    pub folders: Folders,
    /// Whether its last page ended among many keys of one folder.
    side_by_side: bool,
    /// What was known of names when folders were last supposed for it.
    pub supposed_at: u64,
    /// How often the next page was asked for in vain.
    pub failed: u32,
    /// Its last page, to guess from what follows.
    pub sample: Option<PageSample>,
    /// What that says, once it was asked for.
    density: OnceLock<Option<KeyDensity>>,
    /// Whether it begins where a guess said, so that it may well be empty.
    pub is_guess: bool,
    /// Whether a spine was asked for, so that the next guess is a number.
    pub fathomed: bool,
    /// Markers and tokens that were given. One that comes again would lead in a circle.
    seen: HashSet<T::Next>,
    /// What pages of a chain began with. A page that begins so again is one that was there before.
    begun: HashSet<(String, String)>,
}

/// What is wrong with a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Its keys are not in byte order, or not after those before it.
    OutOfOrder,
    /// It goes back to what was told before.
    WentBack,
    /// Its token was given before.
    Circle,
}

/// A page, taken.
#[derive(Debug)]
pub(super) struct Taken<T> {
    /// What lies in the segment.
    pub items: Vec<T>,
    /// The part that it answers for.
    pub covered: Option<Interval>,
    /// Whether that was all.
    pub finished: bool,
}

impl<T: Listed> Segment<T> {
    pub(super) fn new(id: u64, scan: usize, part: Interval, kind: Kind) -> Self {
        Self {
            id,
            scan,
            told: part.after.clone(),
            front: part.after.clone(),
            ends: None,
            folders: Folders::after(part.after.as_deref()),
            part,
            kind,
            next: None,
            pages: 0,
            side_by_side: false,
            supposed_at: 0,
            failed: 0,
            sample: None,
            density: OnceLock::new(),
            is_guess: false,
            fathomed: false,
            seen: HashSet::new(),
            begun: HashSet::new(),
        }
    }

    /// Where its next page starts.
    pub(super) fn start(&self) -> Start<T::Next> {
        match (&self.next, &self.part.after) {
            (Some(next), _) => Start::Next(next.clone()),
            (None, Some(after)) => Start::After(after.clone()),
            (None, None) => Start::Beginning,
        }
    }

    /// Whether it knows where it is and goes on from there, so that cutting it is worth a request.
    pub(super) fn can_be_cut(&self) -> bool {
        matches!(self.kind, Kind::Ordered) && self.pages > 0
    }

    /// How many folders with so many `/` in their names begin in a page, at least 1, as far as its pages have shown.
    pub(super) fn folders_a_page(&self, depth: usize) -> usize {
        let pages = usize::try_from(self.pages).unwrap_or(usize::MAX);
        (self.folders.began(depth) / pages.max(1)).max(1)
    }

    /// Whether its last page ended among many keys that lie side by side in one folder: another folder in there is not to
    /// be expected.
    pub(super) fn ends_side_by_side(&self) -> bool {
        self.side_by_side
    }

    fn count_folders(&mut self, items: &[T]) {
        let mut before = self.front.as_deref().unwrap_or_default();
        for item in items {
            self.folders.pass(before, item.key());
            before = item.key();
        }
    }

    /// What of it was not told yet.
    pub(super) fn rest(&self) -> Interval {
        Interval {
            after: self.told.clone(),
            until: self.part.until.clone(),
        }
    }

    /// Takes a page in.
    pub(super) fn take(&mut self, page: Portion<T>) -> Result<Taken<T>, Fault> {
        if let Kind::Chain(order) = &mut self.kind {
            let first = page.items.first();
            let begins_anew = first.is_none_or(|item| {
                let start = (item.key().to_owned(), item.id().to_owned());
                self.begun.insert(start)
            });
            if !begins_anew || !order.goes_on_within_keys(page.items.iter().map(T::key)) {
                return Err(Fault::WentBack);
            }
        } else if !self.follows(&page.items) {
            return Err(Fault::OutOfOrder);
        }
        self.pages += 1;
        self.failed = 0;
        if let Some(next) = &page.next
            && !self.seen.insert(next.clone())
        {
            return Err(Fault::Circle);
        }
        Ok(match self.kind {
            Kind::Chain(_) => {
                self.next.clone_from(&page.next);
                Taken {
                    items: page.items,
                    covered: page.next.is_none().then(Interval::whole),
                    finished: page.next.is_none(),
                }
            }
            Kind::Ordered | Kind::Again(_) => self.clip(page),
        })
    }

    fn clip(&mut self, page: Portion<T>) -> Taken<T> {
        let Portion {
            mut items, next, ..
        } = page;
        let after = self.told.clone();
        let inside = items.partition_point(|item| self.part.until.admits(item.key()));
        self.count_folders(&items);
        self.side_by_side = end_side_by_side(&items);
        self.sample = PageSample::of(items.iter().map(T::key));
        self.density.take();
        let is_last = |item: &T| self.part.until == EndBound::Key(item.key().to_owned());
        let is_beyond =
            inside < items.len() || (!T::SEVERAL_A_KEY && items.last().is_some_and(is_last));
        let finished = next.is_none() || is_beyond;
        self.next = next;
        if !finished {
            self.advance(&items);
        }
        items.truncate(inside);
        let until = if finished {
            Some(self.part.until.clone())
        } else {
            self.told.clone().map(EndBound::Key)
        };
        Taken {
            items,
            covered: until.map(|until| Interval { after, until }),
            finished,
        }
    }

    /// Remembers where a page ended. More of its last key may follow, so that only the one before is told for certain.
    fn advance(&mut self, items: &[T]) {
        let Some(last) = items.last() else {
            return;
        };
        let of_last = items.partition_point(|item| item.key() < last.key());
        let of_earlier = items.get(..of_last).and_then(<[T]>::last);
        if !T::SEVERAL_A_KEY {
            self.told = Some(last.key().to_owned());
        } else if let Some(told) = of_earlier {
            self.told = Some(told.key().to_owned());
        } else if self.front.as_deref() != Some(last.key()) {
            self.told.clone_from(&self.front);
        }
        let first = match (&self.ends, items.get(of_last)) {
            (Some((first, _)), _) if self.front.as_deref() == Some(last.key()) => first.clone(),
            (_, first) => first.map_or(String::new(), |first| first.id().to_owned()),
        };
        self.front = Some(last.key().to_owned());
        self.ends = T::SEVERAL_A_KEY.then(|| (first, last.id().to_owned()));
    }

    /// Whether items are in byte order, after what was told before.
    pub(super) fn follows(&self, items: &[T]) -> bool {
        let sorted = items.is_sorted_by(|a, b| {
            a.key() < b.key() || T::SEVERAL_A_KEY && a.key() == b.key() && a.id() != b.id()
        });
        let goes_on = |first: &T| match (&self.front, &self.ends) {
            (None, _) => true,
            (Some(front), Some((a, b))) if first.key() == front => {
                ![a.as_str(), b.as_str()].contains(&first.id())
            }
            (Some(front), _) => first.key() > front.as_str(),
        };
        sorted && items.first().is_none_or(goes_on)
    }

    /// Where it ends, if that is known.
    pub(super) fn end(&self) -> Option<&str> {
        match &self.part.until {
            EndBound::Key(until) => Some(until),
            EndBound::Last => None,
        }
    }

    /// What lies ahead of it below a prefix, as far as its last page tells.
    pub(super) fn key_density(&self, prefix: &str) -> Option<&KeyDensity> {
        let sample = self.sample.as_ref()?;
        let density = || KeyDensity::new(sample, prefix, self.end());
        self.density.get_or_init(density).as_ref()
    }

    /// Cuts it: it ends with this key, and what comes after is another one's. `None` where it has passed the key already,
    /// or does not reach it: then nothing changes.
    pub(super) fn cut(&mut self, id: u64, at: &str) -> Option<Self> {
        let is_ahead = self.front.as_deref().is_none_or(|front| front < at);
        let is_inside = self.end().is_none_or(|end| at < end);
        if !is_ahead || !is_inside {
            return None;
        }
        self.density.take();
        let until = std::mem::replace(&mut self.part.until, EndBound::Key(at.to_owned()));
        let part = Interval {
            after: Some(at.to_owned()),
            until,
        };
        Some(Self::new(id, self.scan, part, Kind::Ordered))
    }

    /// Takes over parts of which nothing was told: it goes on as it is, beyond its own end, and tells what lies in them.
    pub(super) fn take_over(&mut self, parts: Vec<(u64, Interval)>) {
        let mut own = match std::mem::replace(&mut self.kind, Kind::Ordered) {
            Kind::Again(parts) => parts,
            Kind::Ordered | Kind::Chain(_) => vec![(self.id, self.part.clone())],
        };
        own.extend(parts);
        own.sort_by(|(_, a), (_, b)| a.after.cmp(&b.after));
        self.part = Interval::whole();
        self.kind = Kind::Again(own);
    }

    /// The parts among those it took over that it has come to the end of.
    pub(super) fn passed(&mut self) -> Vec<u64> {
        let told = &self.told;
        let Kind::Again(parts) = &mut self.kind else {
            return Vec::new();
        };
        let is_passed = |part: &Interval| match (&part.until, told) {
            (EndBound::Key(until), Some(told)) => until <= told,
            _ => false,
        };
        parts
            .extract_if(.., |(_, part)| is_passed(part))
            .map(|(id, _)| id)
            .collect()
    }
}

/// Whether so many items at the end lie directly in one folder.
fn end_side_by_side<T: Listed>(items: &[T]) -> bool {
    let folder = |item: &T| item.key().rfind('/').map_or(0, |at| at + 1);
    let Some(last) = items.last() else {
        return false;
    };
    let name = last.key().get(..folder(last)).unwrap_or_default();
    let is_beside = |item: &T| folder(item) == name.len() && item.key().starts_with(name);
    items.len() >= SIDE_BY_SIDE && items.iter().rev().take(SIDE_BY_SIDE).all(is_beside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        ByteSize, ObjectKey, ObjectSummary, ObjectVersion, StorageClass, VersionId,
    };
    use crate::ops::browse::{Next, VersionMarker};

    fn object(key: &str) -> ObjectSummary {
        ObjectSummary {
            key: ObjectKey::new(key).unwrap(),
            size: ByteSize(0),
            last_modified: None,
            storage_class: StorageClass::default(),
            etag: None,
        }
    }

    fn page<T: Listed>(items: Vec<T>, next: Option<T::Next>) -> Portion<T> {
        Portion {
            prefixes: Vec::new(),
            items,
            next,
            undecided: 0,
        }
    }

    fn last_page(keys: &[&str]) -> Portion<ObjectSummary> {
        page(keys.iter().map(|key| object(key)).collect(), None)
    }

    fn segment<T: Listed>(after: Option<&str>, until: EndBound) -> Segment<T> {
        let part = Interval {
            after: after.map(str::to_owned),
            until,
        };
        Segment::new(0, 0, part, Kind::Ordered)
    }

    /// Versions as `key id`; every page but the last ends with a marker of its own.
    fn versions(entries: &[&str], marker: Option<&str>) -> Portion<ObjectVersion> {
        let version = |entry: &&str| {
            let (key, id) = entry.split_once(' ').unwrap();
            ObjectVersion {
                object: object(key),
                version_id: VersionId(id.to_owned()),
                is_latest: false,
                is_delete_marker: false,
            }
        };
        let next = marker.map(VersionMarker::for_tests);
        page(entries.iter().map(version).collect(), next)
    }

    fn key(text: &str) -> EndBound {
        EndBound::Key(text.to_owned())
    }

    #[test]
    fn a_page_is_cut_off_at_the_end_of_the_segment() {
        let mut segment = segment(Some("a"), key("c"));
        let taken = segment.take(last_page(&["b", "c", "d"])).unwrap();
        assert_eq!(taken.items.len(), 2);
        assert!(taken.finished);
        assert_eq!(taken.covered.unwrap().until, key("c"));
    }

    #[test]
    fn a_segment_that_is_cut_leaves_what_comes_after_to_the_other() {
        let mut first = segment(None, EndBound::Last);
        let mut second = first.cut(1, "b/").unwrap();
        assert_eq!(second.start(), Start::<Next>::After("b/".to_owned()));
        let taken = first.take(last_page(&["a", "b/", "b/x"])).unwrap();
        assert_eq!(taken.items.len(), 2);
        let taken = second.take(last_page(&["b/x"])).unwrap();
        assert_eq!(taken.items.len(), 1);
        assert_eq!(taken.covered.unwrap().until, EndBound::Last);
    }

    #[test]
    fn a_segment_is_cut_neither_where_it_was_nor_beyond_its_end() {
        let until = EndBound::Key("m".to_owned());
        let mut segment = segment(Some("c"), until.clone());
        let next = Some(Next::for_tests("t"));
        segment
            .take(page(vec![object("d"), object("f")], next))
            .unwrap();
        for at in ["a", "c", "d", "f", "m", "z"] {
            assert!(segment.cut(1, at).is_none(), "{at}");
            assert_eq!(segment.part.until, until, "{at}");
        }
        assert_eq!(segment.cut(1, "g").unwrap().part.until, until);
        assert!(segment.cut(2, "h").is_none(), "it ends before that now");
    }

    #[test]
    fn keys_that_do_not_follow_are_noticed() {
        let mut segment = segment(Some("b"), EndBound::Last);
        for keys in [&["a"][..], &["b"], &["d", "c"], &["c", "c"]] {
            let fault = segment.take(last_page(keys)).unwrap_err();
            assert_eq!(fault, Fault::OutOfOrder, "{keys:?}");
        }
        assert!(segment.take(last_page(&[])).unwrap().finished);
    }

    #[test]
    fn folders_that_begin_are_counted_by_their_depth() {
        let mut segment = segment(None, EndBound::Last);
        let items = ["a/1/x", "a/1/y", "a/2/x", "b", "b/1/x", "b/1/x/"].map(object);
        let next = Some(Next::for_tests("t"));
        segment.take(page(items.to_vec(), next)).unwrap();
        assert_eq!(segment.folders_a_page(1), 2);
        assert_eq!(segment.folders_a_page(2), 3);
        let items = ["b/1/y", "b/2/x"].map(object);
        let next = Some(Next::for_tests("u"));
        segment.take(page(items.to_vec(), next)).unwrap();
        assert_eq!(segment.folders_a_page(2), 2, "four in two pages");
        assert_eq!(segment.folders_a_page(0), 1);
    }

    #[test]
    fn a_page_that_ends_within_a_key_does_not_answer_for_that_key() {
        let mut segment = segment(None, EndBound::Last);
        let taken = segment.take(versions(&["a 2", "a 1"], Some("m1"))).unwrap();
        assert!(taken.covered.is_none() && taken.items.len() == 2);
        let taken = segment.take(versions(&["a 0", "b 9"], Some("m2"))).unwrap();
        assert_eq!(taken.covered.unwrap().until, key("a"));
        let taken = segment.take(versions(&["b 8", "b 7"], Some("m3"))).unwrap();
        assert_eq!(taken.covered.unwrap().until, key("a"));
        let taken = segment.take(versions(&["c 1"], Some("m4"))).unwrap();
        assert_eq!(taken.covered.unwrap().until, key("b"));
        assert_eq!(segment.rest().after.as_deref(), Some("b"));
        assert_eq!(segment.front.as_deref(), Some("c"));
    }

    #[test]
    fn a_segment_ends_with_all_versions_of_its_last_key() {
        let mut segment = segment(None, key("b"));
        let taken = segment.take(versions(&["a 1", "b 2"], Some("m1"))).unwrap();
        assert!(!taken.finished);
        let taken = segment.take(versions(&["b 1", "c 1"], Some("m2"))).unwrap();
        assert!(taken.finished && taken.items.len() == 1);
        assert_eq!(taken.covered.unwrap().until, key("b"));
    }

    #[test]
    fn versions_that_come_again_are_noticed() {
        for again in [["a 3", "a 2"], ["a 1", "b 1"], ["b 1", "b 1"]] {
            let mut segment = segment(None, EndBound::Last);
            let first = versions(&["a 3", "a 2", "a 1"], Some("m1"));
            assert!(segment.take(first).is_ok());
            let fault = segment.take(versions(&again, None)).unwrap_err();
            assert_eq!(fault, Fault::OutOfOrder, "{again:?}");
        }
    }

    #[test]
    fn parts_that_were_taken_over_are_told_from_what_lies_between() {
        let mut first: Segment<ObjectSummary> = segment(None, key("c"));
        let part = |after: &str, until| Interval {
            after: Some(after.to_owned()),
            until,
        };
        first.take_over(vec![
            (2, part("x", EndBound::Last)),
            (1, part("m", key("p"))),
        ]);
        let next = Next::for_tests("t");
        let items = ["a", "q"].map(object).to_vec();
        assert!(!first.take(page(items, Some(next))).unwrap().finished);
        assert_eq!(first.passed(), [0, 1]);
        assert!(first.take(last_page(&["z"])).unwrap().finished);
    }
}
