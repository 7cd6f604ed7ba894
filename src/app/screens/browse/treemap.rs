//! The map of where the bytes are, in place of Browse's list: where one stands, what lies there, what the cursor is on.

use crate::domain::treemap::squares::{Square, squares};
use crate::domain::treemap::{By, Map, Spot, Tile, What};
use crate::tasks::Ticket;

/// Lines above the map: where one stands, and what it comes to.
pub(crate) const HEAD_LINES: u16 = 2;

/// Which way the cursor goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Up,
    Down,
    Left,
    Right,
}

/// The map.
#[derive(Debug, Clone)]
pub(crate) struct Treemap {
    /// Of everything below these.
    pub prefixes: Vec<String>,
    /// Where one went. The map may be of a spot further in, where there was only one way to go on: for now, as long as
    /// the scan finds no other.
    pub spot: Spot,
    /// Where one came from, the nearest last, and what the cursor was on there.
    pub back: Vec<(Spot, Option<What>)>,
    /// What lies there; none before it was read out of a scan.
    pub map: Option<Map>,
    /// What the cursor is on, by its number.
    pub cursor: usize,
    /// What the cursor is to be put on as soon as it is there.
    pub awaited: Option<What>,
    /// What was read last, or is being read.
    pub asked: Option<Asked>,
    /// Whether it is being read.
    pub is_reading: bool,
}

/// What is read out of a scan: the same is not read twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Which scan.
    pub scan: Ticket,
    /// How many objects it had.
    pub objects: usize,
    /// Where one stood.
    pub spot: Spot,
}

impl Treemap {
    /// A map before anything was read.
    #[must_use]
    pub(crate) fn new(prefixes: Vec<String>) -> Self {
        Self {
            prefixes,
            spot: Spot::default(),
            back: Vec::new(),
            map: None,
            cursor: 0,
            awaited: None,
            asked: None,
            is_reading: false,
        }
    }

    /// What the map can begin by, in the order in which it is gone through.
    #[must_use]
    pub(crate) fn ways_to_begin(has_layouts: bool) -> &'static [By] {
        if has_layouts {
            &[By::Prefix, By::Owner, By::Layout]
        } else {
            &[By::Prefix]
        }
    }

    /// What the cursor is on.
    #[must_use]
    pub(crate) fn current(&self) -> Option<&Tile> {
        self.map.as_ref()?.tiles.get(self.cursor)
    }

    /// Goes to another spot, of which nothing is known yet.
    pub(crate) fn go(&mut self, spot: Spot, awaited: Option<What>) {
        self.spot = spot;
        self.awaited = awaited;
        self.map = None;
        self.cursor = 0;
        self.is_reading = false;
    }

    /// Takes what lies here. The cursor stays on what it was on, or goes to what it was on the last time.
    pub(crate) fn take(&mut self, map: Map) {
        let before = self.awaited.take();
        let on = before.or_else(|| self.current().map(|tile| tile.what.clone()));
        let at = on.and_then(|on| map.tiles.iter().position(|tile| tile.what == on));
        self.cursor = at.unwrap_or(0);
        self.map = Some(map);
    }

    /// Where everything lies on an area of so many columns and lines, in the order of the parts.
    #[must_use]
    pub(crate) fn squares(&self, width: u16, height: u16) -> Vec<Square> {
        let tiles = self.map.as_ref().map(|map| map.tiles.as_slice());
        let weights: Vec<u64> = tiles
            .unwrap_or_default()
            .iter()
            .map(|tile| tile.tally.bytes.bytes())
            .collect();
        squares(&weights, width, height)
    }

    /// Moves the cursor to the nearest part that lies that way, where one does.
    pub(crate) fn step(&mut self, way: Way, width: u16, height: u16) {
        let all = self.squares(width, height);
        let Some(here) = all.get(self.cursor).copied() else {
            return;
        };
        let others = all.iter().enumerate().filter(|(_, one)| !one.is_empty());
        let nearest = others
            .filter_map(|(number, one)| Some((distance(here, *one, way)?, number)))
            .min();
        if let Some((_, number)) = nearest {
            self.cursor = number;
        }
    }
}

/// How far a part lies in a direction: how far away its edge is first, then how far beside; none where it does not.
fn distance(here: Square, there: Square, way: Way) -> Option<(u16, u16)> {
    let (away, beside) = match way {
        Way::Right => (
            there.x.checked_sub(here.x + here.width),
            across(here, there),
        ),
        Way::Left => (
            here.x.checked_sub(there.x + there.width),
            across(here, there),
        ),
        Way::Down => (
            there.y.checked_sub(here.y + here.height),
            along(here, there),
        ),
        Way::Up => (
            here.y.checked_sub(there.y + there.height),
            along(here, there),
        ),
    };
    let away = away?;
    // What lies beside the part and not behind it is further away than anything behind it.
    let is_behind = beside.1;
    let away = if is_behind {
        away
    } else {
        away.saturating_add(1_000)
    };
    Some((away, beside.0))
}

/// How far apart two middles are from top to bottom, doubled, and whether the two share a line.
fn across(a: Square, b: Square) -> (u16, bool) {
    let middle = |one: Square| 2 * one.y + one.height;
    let share = a.y < b.y + b.height && b.y < a.y + a.height;
    (middle(a).abs_diff(middle(b)), share)
}

/// How far apart two middles are from left to right, doubled, and whether the two share a column.
fn along(a: Square, b: Square) -> (u16, bool) {
    let middle = |one: Square| 2 * one.x + one.width;
    let share = a.x < b.x + b.width && b.x < a.x + a.width;
    (middle(a).abs_diff(middle(b)), share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ByteSize, Tally};

    fn treemap(weights: &[u64]) -> Treemap {
        let tiles = weights.iter().enumerate().map(|(number, weight)| Tile {
            what: What::Object(number.to_string()),
            tally: Tally {
                objects: 1,
                bytes: ByteSize(*weight),
                ..Tally::default()
            },
        });
        let mut treemap = Treemap::new(vec![String::new()]);
        treemap.take(Map {
            spot: Spot::default(),
            total: Tally::default(),
            tiles: tiles.collect(),
        });
        treemap
    }

    fn walked(treemap: &mut Treemap, ways: &[Way]) -> Vec<usize> {
        let step = |way: &Way| {
            treemap.step(*way, 60, 20);
            treemap.cursor
        };
        ways.iter().map(step).collect()
    }

    #[test]
    fn the_cursor_goes_to_the_neighbour_and_stays_where_there_is_none() {
        // Two of 30 by 10 one above the other on the left; the others on the right.
        let mut treemap = treemap(&[6, 6, 4, 3, 2, 2, 1]);
        assert_eq!(
            walked(&mut treemap, &[Way::Left, Way::Down, Way::Down, Way::Up]),
            [0, 1, 1, 0]
        );
        let right = walked(&mut treemap, &[Way::Right])[0];
        assert!(right > 1, "{right}");
        assert!(walked(&mut treemap, &[Way::Left])[0] <= 1);
    }

    #[test]
    fn every_part_can_be_reached() {
        let weights = [60, 50, 40, 30, 20, 20, 10, 10, 9, 8, 7, 6, 5, 4, 3];
        let mut seen = vec![false; weights.len()];
        let mut open = vec![0];
        while let Some(from) = open.pop() {
            if std::mem::replace(&mut seen[from], true) {
                continue;
            }
            for way in [Way::Up, Way::Down, Way::Left, Way::Right] {
                let mut treemap = treemap(&weights);
                treemap.cursor = from;
                treemap.step(way, 100, 30);
                open.push(treemap.cursor);
            }
        }
        assert!(seen.iter().all(|seen| *seen), "{seen:?}");
    }

    #[test]
    fn the_cursor_stays_on_what_it_was_on_when_a_scan_goes_on() {
        let mut treemap = treemap(&[6, 5, 4]);
        treemap.cursor = 1;
        let mut map = treemap.map.clone().unwrap();
        map.tiles.swap(0, 1);
        treemap.take(map);
        assert_eq!(treemap.cursor, 0);
        assert_eq!(treemap.current().unwrap().what, What::Object("1".into()));
    }
}
