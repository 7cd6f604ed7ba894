//! A treemap of a scan: rectangles whose area is proportional to their size, which the user can enter.
//!
//! [`Spot`] is the current position: the grouping (prefix, owner or layout), and what the user has entered so far.
//! [`Map::of`] groups the rows of a scan at that position in one pass. [`squares`] computes the rectangles.

pub(crate) mod squares;

use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;

use super::blueprint::{BucketBlueprint, Location};
use super::columns::{Columns, Row};
use super::{OwnerId, Tally};
use crate::domain::size::whole;

/// The grouping at the top level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum By {
    /// By folder.
    #[default]
    Prefix,
    /// By owner.
    Owner,
    /// By layout.
    Layout,
}

impl By {
    /// Its name.
    #[must_use]
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Prefix => "prefix",
            Self::Owner => "owner",
            Self::Layout => "layout",
        }
    }
}

/// The content of a rectangle.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum What {
    /// Keys of this layout.
    Layout(String),
    /// Objects of this owner.
    Owner(OwnerId),
    /// Keys of a layout that does not name the owner.
    Unnamed,
    /// Keys that match no layout.
    Unreadable,
    /// Everything below this prefix, which ends in `/`.
    Folder(String),
    Object(String),
    /// This many other items, each too small to be shown.
    Rest(u64),
}

/// The current position.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Spot {
    /// The grouping at the top level.
    pub by: By,
    /// The layout and the owner that the user entered.
    pub within: Vec<What>,
    /// The prefix that the user entered.
    pub prefix: String,
}

/// The grouping at a position.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Question {
    Layouts,
    Owners,
    Folders,
}

impl Spot {
    /// The top level.
    #[must_use]
    pub(crate) fn new(by: By) -> Self {
        Self {
            by,
            ..Self::default()
        }
    }

    /// The position inside an item; `None` if it has no further structure.
    #[must_use]
    pub(crate) fn inside(&self, what: &What) -> Option<Self> {
        let mut spot = self.clone();
        match what {
            What::Folder(prefix) => spot.prefix.clone_from(prefix),
            What::Layout(_) | What::Owner(_) | What::Unnamed | What::Unreadable => {
                spot.within.push(what.clone());
            }
            What::Object(_) | What::Rest(_) => return None,
        }
        Some(spot)
    }

    fn question(&self) -> Question {
        match (self.by, self.within.as_slice()) {
            (By::Owner, []) | (By::Layout, [What::Layout(_)]) => Question::Owners,
            (By::Layout, []) => Question::Layouts,
            _ => Question::Folders,
        }
    }

    /// Whether an object with this key belongs to this position.
    fn holds(&self, key: &str, rules: Option<&BucketBlueprint>) -> bool {
        if self.within.is_empty() {
            return true;
        }
        let location = rules.map_or(Location::Unreadable, |rules| rules.locate(key));
        self.within.iter().all(|within| match within {
            What::Layout(id) => layout_of(&location) == Some(id),
            What::Owner(id) => matches!(&location, Location::Owned { owner, .. } if owner == id),
            What::Unnamed => matches!(location, Location::Unnamed { .. }),
            What::Unreadable => matches!(location, Location::Unreadable),
            What::Folder(_) | What::Object(_) | What::Rest(_) => true,
        })
    }
}

fn layout_of<'l>(location: &Location<'l>) -> Option<&'l str> {
    match location {
        Location::Owned { layout, .. } | Location::Unnamed { layout } => Some(layout),
        Location::Unreadable => None,
    }
}

/// The items at a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Map {
    /// The position. It is deeper than requested if there was only one item to enter.
    pub spot: Spot,
    /// The total.
    pub total: Tally,
    /// The items, largest first. Items without any bytes are left out.
    pub tiles: Vec<Tile>,
}

/// An item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tile {
    pub what: What,
    pub tally: Tally,
}

/// The maximum number of single items. No screen has room for more.
const MOST: usize = 150;

/// Rows between two checks for cancellation: about a millisecond of work.
const BETWEEN_QUESTIONS: usize = 4_096;

/// The maximum number of nested single folders to enter at once.
const DEEPEST: usize = 64;

impl Map {
    /// The items at a position for these rows; `None` if `stop` returned true.
    #[must_use]
    pub(crate) fn of(
        columns: &Columns,
        rows: &[Range<usize>],
        rules: Option<&BucketBlueprint>,
        spot: &Spot,
        stop: &dyn Fn() -> bool,
    ) -> Option<Self> {
        let mut spot = spot.clone();
        for _ in 0..DEEPEST {
            let mut parts = Parts::default();
            for range in rows {
                parts.add(columns, range.clone(), rules, &spot, stop)?;
            }
            let map = parts.finish(spot);
            match map.only_way() {
                Some(next) => spot = next,
                None => return Some(map),
            }
        }
        Some(Self {
            total: Tally::default(),
            tiles: Vec::new(),
            spot,
        })
    }

    /// The only folder, if everything is in it.
    fn only_way(&self) -> Option<Spot> {
        match self.tiles.as_slice() {
            [only] if matches!(only.what, What::Folder(_) | What::Unnamed) => {
                // Objects without any bytes count, too.
                let is_all = only.tally.objects == self.total.objects;
                self.spot.inside(&only.what).filter(|_| is_all)
            }
            _ => None,
        }
    }
}

/// Items while rows are processed.
#[derive(Default)]
struct Parts {
    total: Tally,
    tallies: HashMap<What, Tally>,
    /// The item of the previous row. Neighbours mostly share an item, which saves a look-up per row.
    open: Option<(What, Tally)>,
}

impl Parts {
    fn add(
        &mut self,
        columns: &Columns,
        rows: Range<usize>,
        rules: Option<&BucketBlueprint>,
        spot: &Spot,
        stop: &dyn Fn() -> bool,
    ) -> Option<()> {
        let below = columns.under(&spot.prefix);
        let rows = rows.start.max(below.start)..rows.end.min(below.end);
        if rows.is_empty() {
            return Some(());
        }
        let mut rows = columns.rows_in(rows);
        let mut seen = 0_usize;
        while let Some(row) = rows.advance() {
            if seen.is_multiple_of(BETWEEN_QUESTIONS) && stop() {
                return None;
            }
            seen += 1;
            if spot.holds(row.key, rules) {
                self.count(&row, rules, spot);
            }
        }
        Some(())
    }

    fn count(&mut self, row: &Row<'_>, rules: Option<&BucketBlueprint>, spot: &Spot) {
        self.total.count(row.size, row.last_modified);
        let question = spot.question();
        if let Some((What::Folder(prefix), tally)) = &mut self.open
            && question == Question::Folders
            && row.key.starts_with(prefix.as_str())
        {
            tally.count(row.size, row.last_modified);
            return;
        }
        let what = match question {
            Question::Folders => folder_of(row.key, &spot.prefix),
            Question::Owners => match locate(rules, row.key) {
                Location::Owned { owner, .. } => What::Owner(owner),
                Location::Unnamed { .. } => What::Unnamed,
                Location::Unreadable => What::Unreadable,
            },
            Question::Layouts => {
                let location = locate(rules, row.key);
                layout_of(&location).map_or(What::Unreadable, |id| What::Layout(id.to_owned()))
            }
        };
        if let Some((open, tally)) = &mut self.open
            && *open == what
        {
            tally.count(row.size, row.last_modified);
            return;
        }
        self.close();
        let mut tally = Tally::default();
        tally.count(row.size, row.last_modified);
        self.open = Some((what, tally));
    }

    fn close(&mut self) {
        if let Some((what, tally)) = self.open.take() {
            self.tallies.entry(what).or_default().merge(tally);
        }
    }

    fn finish(mut self, spot: Spot) -> Map {
        self.close();
        let tallies = self.tallies.into_iter();
        let mut tiles: Vec<Tile> = tallies
            .filter(|(_, tally)| tally.bytes.bytes() > 0)
            .map(|(what, tally)| Tile { what, tally })
            .collect();
        tiles.sort_by(larger_first);
        if tiles.len() > MOST {
            let others = tiles.split_off(MOST - 1);
            let mut tally = Tally::default();
            for other in &others {
                tally.merge(other.tally);
            }
            let what = What::Rest(whole(others.len()));
            tiles.push(Tile { what, tally });
            tiles.sort_by(larger_first);
        }
        Map {
            spot,
            total: self.total,
            tiles,
        }
    }
}

fn larger_first(a: &Tile, b: &Tile) -> Ordering {
    let by_bytes = b.tally.bytes.cmp(&a.tally.bytes);
    by_bytes.then_with(|| a.what.cmp(&b.what))
}

fn locate<'k>(rules: Option<&'k BucketBlueprint>, key: &'k str) -> Location<'k> {
    rules.map_or(Location::Unreadable, |rules| rules.locate(key))
}

/// The folder of a key directly below a prefix, or the object itself.
fn folder_of(key: &str, prefix: &str) -> What {
    let below = key.strip_prefix(prefix).unwrap_or(key);
    match below.split_once('/') {
        Some((name, _)) => What::Folder(format!("{prefix}{name}/")),
        None => What::Object(key.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::blueprint::Blueprint;
    use crate::domain::columns::{ColumnsBuilder, Etags};
    use crate::domain::{BucketName, ByteSize, ObjectKey, ObjectSummary, StorageClass};

    const UUID: &str = "6f9619ff-8b86-4011-b42d-00c04fc964ff";

    fn columns(objects: &[(String, u64)]) -> Columns {
        let mut objects = objects.to_vec();
        objects.sort();
        let mut columns = ColumnsBuilder::new(Etags::Leave);
        for (key, size) in objects {
            columns
                .push(&ObjectSummary {
                    key: ObjectKey::new(key).unwrap(),
                    size: ByteSize(size),
                    last_modified: None,
                    storage_class: StorageClass::default(),
                    etag: None,
                })
                .unwrap();
        }
        columns.finish()
    }

    fn media() -> Columns {
        columns(&[
            (format!("documents/user-1/{UUID}-a.pdf"), 10),
            (format!("uploads/user-1/{UUID}-b.jpg"), 500),
            (format!("uploads/user-1/{UUID}-c.jpg"), 100),
            (format!("uploads/user-10/{UUID}-d.jpg"), 30),
            ("loose".to_owned(), 7),
            ("empty/none".to_owned(), 0),
        ])
    }

    fn rules() -> BucketBlueprint {
        let name = BucketName::new("pilotforce-user-uploads").unwrap();
        let blueprint = Blueprint::builtin("pilotforce").unwrap();
        blueprint.bucket(&name).unwrap().clone()
    }

    fn map(columns: &Columns, spot: &Spot) -> Map {
        let all = 0..columns.len();
        let rows = std::slice::from_ref(&all);
        Map::of(columns, rows, Some(&rules()), spot, &|| false).unwrap()
    }

    fn told(map: &Map) -> Vec<(What, u64)> {
        let tiles = map.tiles.iter();
        tiles
            .map(|tile| (tile.what.clone(), tile.tally.bytes.bytes()))
            .collect()
    }

    fn folder(prefix: &str) -> What {
        What::Folder(prefix.to_owned())
    }

    fn owner(id: &str) -> What {
        What::Owner(OwnerId::new(id).unwrap())
    }

    #[test]
    fn folders_and_objects_are_told_by_their_bytes_the_largest_first() {
        let columns = media();
        let top = map(&columns, &Spot::new(By::Prefix));
        assert_eq!(
            told(&top),
            [
                (folder("uploads/"), 630),
                (folder("documents/"), 10),
                (What::Object("loose".to_owned()), 7),
            ]
        );
        assert_eq!((top.total.objects, top.total.bytes.bytes()), (6, 647));
        let uploads = map(&columns, &top.spot.inside(&folder("uploads/")).unwrap());
        assert_eq!(
            told(&uploads),
            [
                (folder("uploads/user-1/"), 600),
                (folder("uploads/user-10/"), 30),
            ]
        );
    }

    #[test]
    fn folders_without_anything_beside_them_are_walked_through() {
        let columns = media();
        let spot = Spot::new(By::Prefix).inside(&folder("documents/")).unwrap();
        let documents = map(&columns, &spot);
        assert_eq!(documents.spot.prefix, "documents/user-1/");
        assert_eq!(documents.tiles.len(), 1);
        assert_eq!(documents.spot.inside(&documents.tiles[0].what), None);
    }

    #[test]
    fn an_owner_is_one_part_whatever_folders_their_media_are_in() {
        let columns = media();
        let top = map(&columns, &Spot::new(By::Owner));
        assert_eq!(
            told(&top),
            [
                (owner("user-1"), 610),
                (owner("user-10"), 30),
                (What::Unreadable, 7),
            ]
        );
        let one = map(&columns, &top.spot.inside(&owner("user-1")).unwrap());
        assert_eq!(
            told(&one),
            [(folder("uploads/"), 600), (folder("documents/"), 10)]
        );
        let uploads = map(&columns, &one.spot.inside(&folder("uploads/")).unwrap());
        assert_eq!(uploads.spot.prefix, "uploads/user-1/");
        assert_eq!(uploads.total.bytes.bytes(), 600);
    }

    #[test]
    fn a_layout_is_told_by_its_owners() {
        let columns = media();
        let top = map(&columns, &Spot::new(By::Layout));
        let upload = What::Layout("upload".to_owned());
        assert_eq!(told(&top), [(upload.clone(), 640), (What::Unreadable, 7)]);
        let owners = map(&columns, &top.spot.inside(&upload).unwrap());
        assert_eq!(
            told(&owners),
            [(owner("user-1"), 610), (owner("user-10"), 30)]
        );
    }

    #[test]
    fn parts_without_number_are_told_together() {
        let many: Vec<_> = (0..1_000).map(|n| (format!("f{n:04}/x"), 1 + n)).collect();
        let columns = columns(&many);
        let top = map(&columns, &Spot::new(By::Prefix));
        assert_eq!(top.tiles.len(), MOST);
        let sum: u64 = top.tiles.iter().map(|tile| tile.tally.bytes.bytes()).sum();
        assert_eq!(sum, top.total.bytes.bytes());
        let rest = &top.tiles[0];
        assert_eq!(rest.what, What::Rest(1_000 - 149));
        assert_eq!(top.spot.inside(&rest.what), None);
    }

    #[test]
    fn only_the_rows_that_were_asked_for_are_looked_at_and_nobody_waits_for_what_is_unwanted() {
        let columns = media();
        let below = [columns.under("uploads/user-1/")];
        let spot = Spot::new(By::Prefix);
        let map = Map::of(&columns, &below, None, &spot, &|| false).unwrap();
        assert_eq!(map.total.bytes.bytes(), 600);
        assert_eq!(Map::of(&columns, &below, None, &spot, &|| true), None);
    }
}
