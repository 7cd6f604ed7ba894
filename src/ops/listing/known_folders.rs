//! What folders are called elsewhere: a bucket that has `ws-00/photos/` most likely has `ws-01/photos/`.
//!
//! A look tells the folders of one folder. Where they are few and those of its neighbours are called alike, others as deep
//! are supposed to have the same. Like every guess such a folder is a place to cut at and no more: where there is none, the
//! cut lies between two that there are.

use std::collections::BTreeSet;

use super::folders::depth_of;
use super::kind::Listed;
use super::segment::Segment;

/// More folders than this in one folder have names of their own rather than ones that come again and again.
const MOST_NAMES: usize = 256;

/// Places that are supposed at a time for one segment.
const MOST_PLACES: usize = 2_048;

/// The names of folders, by how many `/` stand before them.
#[derive(Debug, Default)]
pub(super) struct KnownFolders {
    levels: Vec<Level>,
    learnt: u64,
}

#[derive(Debug, Default)]
struct Level {
    names: BTreeSet<String>,
    /// Whether names as deep turned out to be different from folder to folder.
    differ: bool,
}

impl KnownFolders {
    /// Goes up with each thing that was learnt.
    pub(super) fn learnt(&self) -> u64 {
        self.learnt
    }

    /// Learns what a folder has in it, as far as one page tells; `is_all` when there is no other page.
    pub(super) fn learn(&mut self, folder: &str, inside: &[String], is_all: bool) {
        let depth = depth_of(folder);
        if self.levels.len() <= depth {
            self.levels.resize_with(depth + 1, Level::default);
        }
        let Some(level) = self.levels.get_mut(depth) else {
            return;
        };
        let names: BTreeSet<&str> = inside
            .iter()
            .filter_map(|name| name.strip_prefix(folder))
            .collect();
        if names.is_empty() || level.differ {
            return;
        }
        // A look may begin in the middle of its folder, and a folder may lack some: a third in common is alike.
        let common = names.iter().filter(|name| level.names.contains(**name));
        let fewer = names.len().min(level.names.len());
        let before = level.names.len();
        level.differ = !is_all || common.count() * 3 < fewer || names.len() > MOST_NAMES;
        level.names.extend(names.into_iter().map(str::to_owned));
        if level.names.len() > before && !level.differ {
            self.learnt += 1;
        }
    }

    /// The folders that may lie ahead of a segment below this prefix, from where it is to its end.
    pub(super) fn predict<T: Listed>(&self, prefix: &str, segment: &Segment<T>) -> Vec<String> {
        let Some(front) = segment.front.as_deref() else {
            return Vec::new();
        };
        let top = prefix.rfind('/').map_or(0, |at| at + 1);
        let below = front.get(top..).unwrap_or_default();
        let parents = below.match_indices('/').map(|(at, _)| top + at + 1);
        let mut fresh: Vec<String> = std::iter::once(top)
            .chain(parents)
            .filter_map(|length| front.get(..length))
            .flat_map(|folder| self.inside(folder, segment))
            .collect();
        // What lies in several looks alike, and so on: level by level, for as long as they are not too many.
        let mut places = Vec::new();
        while !fresh.is_empty() && places.len() + fresh.len() <= MOST_PLACES {
            let next = fresh
                .iter()
                .flat_map(|folder| self.inside(folder, segment))
                .collect();
            places.append(&mut fresh);
            fresh = next;
        }
        places
    }

    /// The folders that a folder may have between where the segment is and its end.
    fn inside<T: Listed>(&self, folder: &str, segment: &Segment<T>) -> Vec<String> {
        let depth = depth_of(folder);
        // Where a page holds several such folders, cutting through one of them is not worth a request.
        let is_small = depth > 0 && segment.folders_a_page(depth) > 1;
        let (front, end) = (segment.front.as_deref().unwrap_or_default(), segment.end());
        let level = self.levels.get(depth);
        let names = level.filter(|level| !level.differ && !is_small);
        names
            .into_iter()
            .flat_map(|level| &level.names)
            .map(|name| [folder, name].concat())
            .filter(|place| place.as_str() > front && end.is_none_or(|end| place.as_str() < end))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::covered_intervals::{EndBound, Interval};
    use super::super::segment::Kind;
    use super::*;
    use crate::domain::ObjectSummary;

    fn names(looks: &[(&str, &[&str])]) -> KnownFolders {
        let mut names = KnownFolders::default();
        for (folder, inside) in looks {
            let inside: Vec<String> = inside.iter().map(|name| [*folder, name].concat()).collect();
            names.learn(folder, &inside, true);
        }
        names
    }

    fn supposed(names: &KnownFolders, front: &str, end: Option<&str>) -> Vec<String> {
        let part = Interval {
            after: None,
            until: end.map_or(EndBound::Last, |end| EndBound::Key(end.to_owned())),
        };
        let mut segment: Segment<ObjectSummary> = Segment::new(0, 0, part, Kind::Ordered);
        segment.front = Some(front.to_owned());
        names.predict("", &segment)
    }

    #[test]
    fn folders_are_supposed_to_be_called_as_they_are_elsewhere() {
        let names = names(&[
            ("", &["a/", "b/"]),
            ("a/", &["x/", "y/"]),
            ("a/x/", &["1/"]),
        ]);
        assert_eq!(
            supposed(&names, "b/x/0", None),
            ["b/y/", "b/x/1/", "b/y/1/"]
        );
        assert_eq!(
            supposed(&names, "a/x/0", Some("b/")),
            ["a/y/", "a/x/1/", "a/y/1/"]
        );
        assert!(supposed(&names, "b/y/2", None).is_empty());
    }

    #[test]
    fn names_that_differ_from_folder_to_folder_are_not_supposed_anywhere() {
        let names = names(&[("a/", &["1/", "2/", "3/"]), ("b/", &["4/", "5/", "6/"])]);
        assert!(supposed(&names, "c/0", None).is_empty());
    }

    #[test]
    fn names_of_a_folder_that_goes_on_are_its_own() {
        let mut names = KnownFolders::default();
        names.learn("a/", &["a/1/".to_owned()], false);
        assert!(supposed(&names, "b/0", None).is_empty());
    }

    #[test]
    fn nothing_is_learnt_from_the_same_names_again() {
        let mut names = names(&[("a/", &["1/", "2/"])]);
        let learnt = names.learnt();
        names.learn("b/", &["b/1/".to_owned(), "b/2/".to_owned()], true);
        assert_eq!(names.learnt(), learnt);
    }
}
