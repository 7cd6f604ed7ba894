//! The folders that pages pass through: how many begin in a page, and how many rows those held that were seen whole.

/// Folders deeper than this are not counted.
const DEEPEST: usize = 16;

/// The folders of one segment, by how many `/` their names have.
#[derive(Debug)]
pub(super) struct Folders {
    /// How many began.
    began: [usize; DEEPEST],
    /// The row with which the one began that the last row lies in; `None` where that was before the segment.
    since: [Option<usize>; DEEPEST],
    /// The most rows that one had of those that were seen from their beginning to their end.
    longest: [usize; DEEPEST],
    rows: usize,
    /// How many `/` the last key has.
    depth: usize,
}

impl Folders {
    /// Those of a segment that begins after this key.
    pub(super) fn after(key: Option<&str>) -> Self {
        let mut since = [None; DEEPEST];
        // A folder's own name is a place just before all that is in it.
        let begins = match key {
            None => Some(0),
            Some(folder) if folder.ends_with('/') => Some(depth_of(folder)),
            Some(_) => None,
        };
        if let Some(begins) = begins {
            since.iter_mut().skip(begins).for_each(|at| *at = Some(0));
        }
        Self {
            began: [0; DEEPEST],
            since,
            longest: [0; DEEPEST],
            rows: 0,
            depth: key.map_or(0, depth_of),
        }
    }

    /// Goes on from the last key, the one that it begins after at first, to the next one.
    pub(super) fn pass(&mut self, before: &str, key: &str) {
        let same = before.bytes().zip(key.bytes());
        let same = same.take_while(|(old, new)| old == new).count();
        // Neighbours share most of their names: only where they differ is looked through.
        let left = slashes(before.as_bytes().get(same..).unwrap_or_default());
        let entered = slashes(key.as_bytes().get(same..).unwrap_or_default());
        let stays = self.depth.saturating_sub(left);
        self.depth = stays + entered;
        for depth in stays + 1..=stays + left.max(entered) {
            let (Some(since), Some(longest), Some(began)) = (
                self.since.get_mut(depth),
                self.longest.get_mut(depth),
                self.began.get_mut(depth),
            ) else {
                break;
            };
            if depth <= stays + left
                && let Some(since) = *since
            {
                *longest = (*longest).max(self.rows - since);
            }
            *since = Some(self.rows);
            *began += usize::from(depth <= stays + entered);
        }
        self.rows += 1;
    }

    /// How many folders as deep have begun.
    pub(super) fn began(&self, depth: usize) -> usize {
        self.began.get(depth).copied().unwrap_or(0)
    }

    /// How many rows the folder has so far that the last row lies in; `None` where its beginning was not seen.
    pub(super) fn rows_in(&self, depth: usize) -> Option<usize> {
        let since = self.since.get(depth).copied().flatten()?;
        Some(self.rows - since)
    }

    /// The longest of the folders as deep that were seen whole, by this segment or by others.
    pub(super) fn longest(&self, depth: usize) -> usize {
        self.longest.get(depth).copied().unwrap_or(0)
    }

    /// Adds what others have seen whole.
    pub(super) fn learn(&mut self, other: &Self) {
        for (longest, of_other) in self.longest.iter_mut().zip(&other.longest) {
            *longest = (*longest).max(*of_other);
        }
    }
}

/// How many `/` a name has.
pub(super) fn depth_of(key: &str) -> usize {
    slashes(key.as_bytes())
}

fn slashes(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'/', bytes).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(after: Option<&str>, keys: &[&str]) -> Folders {
        let mut folders = Folders::after(after);
        let mut before = after.unwrap_or_default();
        for key in keys {
            folders.pass(before, key);
            before = key;
        }
        folders
    }

    #[test]
    fn folders_are_counted_where_they_begin() {
        let folders = through(None, &["a/x/1", "a/x/2", "a/y/1", "b/x/1", "c"]);
        assert_eq!((folders.began(1), folders.began(2)), (2, 3));
        assert_eq!((folders.began(0), folders.began(99)), (0, 0));
    }

    #[test]
    fn a_folder_that_was_seen_whole_tells_how_long_one_is() {
        let keys = ["a/x/1", "a/x/2", "a/y/1", "b/x/1", "b/x/2"];
        let folders = through(None, &keys);
        assert_eq!((folders.longest(1), folders.longest(2)), (3, 2));
        assert_eq!((folders.rows_in(1), folders.rows_in(2)), (Some(2), Some(2)));
    }

    #[test]
    fn a_folder_whose_beginning_or_end_was_not_seen_tells_nothing() {
        let folders = through(Some("a/x/1"), &["a/x/2", "a/y/1", "a/y/2"]);
        assert_eq!((folders.longest(1), folders.longest(2)), (0, 0));
        assert_eq!((folders.rows_in(1), folders.rows_in(2)), (None, Some(2)));
        let folders = through(Some("a/x/1"), &["b/1", "b/2", "c/1"]);
        assert_eq!((folders.longest(1), folders.longest(2)), (2, 0));
    }

    #[test]
    fn a_segment_that_begins_with_a_folder_sees_it_whole() {
        let folders = through(Some("a/"), &["a/x/1", "a/x/2", "b/x/1"]);
        assert_eq!((folders.longest(1), folders.longest(2)), (2, 2));
        assert_eq!(folders.rows_in(1), Some(1));
        let mut others = through(None, &["a/1", "b/1"]);
        others.learn(&folders);
        assert_eq!((others.longest(1), others.longest(2)), (2, 2));
    }
}
