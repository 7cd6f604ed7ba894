//! One part of the key space while it is listed.

use std::collections::HashSet;

use super::certificate::{Part, Until};
use crate::domain::ObjectSummary;
use crate::ops::browse::{Next, Page, Start};

/// How a segment is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// In byte order from a key on. It can be cut.
    Ordered,
    /// From the beginning by tokens, for a server that does not list in byte order: complete when the chain is.
    Chain,
    /// In byte order from the beginning, for a server that cannot begin anywhere else: only what lies in one of these
    /// parts, each under its own number, was not told before.
    Again(Vec<(u64, Part)>),
}

/// A segment under way.
#[derive(Debug)]
pub(super) struct Segment {
    pub id: u64,
    pub root: usize,
    pub part: Part,
    pub kind: Kind,
    /// Everything up to here is told; where it begins before the first page.
    pub cursor: Option<String>,
    next: Option<Next>,
    /// Pages that were answered.
    pub pages: u64,
    /// How often the next page was asked for in vain.
    pub failed: u32,
    /// Tokens that were given. One that comes again would lead in a circle.
    seen: HashSet<Next>,
}

/// What is wrong with a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Its keys are not in byte order, or not after those before it.
    OutOfOrder,
    /// Its token was given before.
    Circle,
}

/// A page, taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Taken {
    /// What lies in the segment.
    pub objects: Vec<ObjectSummary>,
    /// The part that it answers for.
    pub after: Option<String>,
    /// The end of that part.
    pub until: Until,
    /// Whether that was all.
    pub finished: bool,
}

impl Segment {
    pub fn new(id: u64, root: usize, part: Part, kind: Kind) -> Self {
        Self {
            id,
            root,
            cursor: part.after.clone(),
            part,
            kind,
            next: None,
            pages: 0,
            failed: 0,
            seen: HashSet::new(),
        }
    }

    /// Where its next page starts.
    pub fn start(&self) -> Start {
        match (&self.next, &self.cursor) {
            (Some(next), _) => Start::Next(next.clone()),
            (None, Some(cursor)) if self.kind == Kind::Ordered => Start::After(cursor.clone()),
            (None, _) => Start::Beginning,
        }
    }

    /// Whether it knows where it is and goes on from there, so that cutting it is worth a request.
    pub fn can_be_cut(&self) -> bool {
        self.kind == Kind::Ordered && self.pages > 0
    }

    /// What of it was not told yet.
    pub fn rest(&self) -> Part {
        Part {
            after: self.cursor.clone(),
            until: self.part.until.clone(),
        }
    }

    /// Takes a page in.
    pub fn take(&mut self, page: Page) -> Result<Taken, Fault> {
        if self.kind != Kind::Chain && !self.follows(&page.objects) {
            return Err(Fault::OutOfOrder);
        }
        self.pages += 1;
        self.failed = 0;
        if let Some(next) = &page.next
            && !self.seen.insert(next.clone())
        {
            return Err(Fault::Circle);
        }
        Ok(self.clip(page.objects, page.next))
    }

    fn clip(&mut self, mut objects: Vec<ObjectSummary>, next: Option<Next>) -> Taken {
        let after = self.cursor.clone();
        if self.kind == Kind::Chain {
            let finished = next.is_none();
            self.next = next;
            let until = Until::Last;
            return Taken {
                objects,
                after,
                until,
                finished,
            };
        }
        let last = objects.last().map(|object| object.key.as_str().to_owned());
        let inside = objects.partition_point(|object| self.part.until.admits(object.key.as_str()));
        objects.truncate(inside);
        let end = Until::Key(last.unwrap_or_default());
        let finished = next.is_none() || end >= self.part.until;
        self.next = next;
        if finished {
            let until = self.part.until.clone();
            return Taken {
                objects,
                after,
                until,
                finished,
            };
        }
        if let Until::Key(last) = &end
            && !last.is_empty()
        {
            self.cursor = Some(last.clone());
        }
        // An empty page in the middle answers for nothing: its part ends where it begins.
        let until = Until::Key(self.cursor.clone().unwrap_or_default());
        Taken {
            objects,
            after,
            until,
            finished,
        }
    }

    /// Whether objects are in byte order, after what was told before.
    pub fn follows(&self, objects: &[ObjectSummary]) -> bool {
        let first = objects.first().map(|object| object.key.as_str());
        objects.is_sorted_by(|a, b| a.key < b.key)
            && first.is_none_or(|first| self.cursor.as_deref().is_none_or(|cursor| first > cursor))
    }

    /// Cuts it: it ends with this key, and what comes after is another one's.
    pub fn cut(&mut self, id: u64, at: &str) -> Self {
        let until = std::mem::replace(&mut self.part.until, Until::Key(at.to_owned()));
        let part = Part {
            after: Some(at.to_owned()),
            until,
        };
        Self::new(id, self.root, part, Kind::Ordered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ByteSize, ObjectKey, StorageClass};

    fn page(keys: &[&str]) -> Page {
        let object = |key: &&str| ObjectSummary {
            key: ObjectKey::new(*key).unwrap(),
            size: ByteSize(0),
            last_modified: None,
            storage_class: StorageClass::default(),
            etag: None,
        };
        Page {
            objects: keys.iter().map(object).collect(),
            ..Page::default()
        }
    }

    fn segment(after: Option<&str>, until: Until) -> Segment {
        let part = Part {
            after: after.map(str::to_owned),
            until,
        };
        Segment::new(0, 0, part, Kind::Ordered)
    }

    #[test]
    fn a_page_is_cut_off_at_the_end_of_the_segment() {
        let mut segment = segment(Some("a"), Until::Key("c".to_owned()));
        let taken = segment.take(page(&["b", "c", "d"])).unwrap();
        assert_eq!(taken.objects.len(), 2);
        assert_eq!(
            (taken.finished, taken.until),
            (true, Until::Key("c".to_owned()))
        );
    }

    #[test]
    fn a_segment_that_is_cut_leaves_what_comes_after_to_the_other() {
        let mut first = segment(None, Until::Last);
        let mut second = first.cut(1, "b/");
        assert_eq!(second.start(), Start::After("b/".to_owned()));
        assert_eq!(
            first.take(page(&["a", "b/", "b/x"])).unwrap().objects.len(),
            2
        );
        let taken = second.take(page(&["b/x"])).unwrap();
        assert_eq!((taken.objects.len(), taken.until), (1, Until::Last));
    }

    #[test]
    fn keys_that_do_not_follow_are_noticed() {
        let mut segment = segment(Some("b"), Until::Last);
        for keys in [&["a"][..], &["b"], &["d", "c"], &["c", "c"]] {
            assert_eq!(segment.take(page(keys)), Err(Fault::OutOfOrder), "{keys:?}");
        }
        assert!(segment.take(page(&[])).unwrap().finished);
    }
}
