//! The table against a plain list: whatever is pushed, sorted, filtered and moved, it shows what the list would.

use std::cmp::Ordering;

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Item {
    name: String,
    size: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Name,
    Size,
}

impl Row for Item {
    type Column = By;

    type Rows = Chunks<Self>;

    const COLUMNS: &'static [By] = &[By::Name, By::Size];

    fn id(&self) -> &str {
        &self.name
    }

    fn matches(&self, needle: &Needle) -> bool {
        needle.is_in(&self.name)
    }

    fn compare(&self, other: &Self, column: By) -> Ordering {
        match column {
            By::Name => self.name.cmp(&other.name),
            By::Size => self.size.cmp(&other.size),
        }
    }
}

fn item(name: &str, size: u32) -> Item {
    Item {
        name: name.to_owned(),
        size,
    }
}

/// Puts rows in order at once, whoever was to do it.
fn settle(table: &mut Table<Item>, mut arranged: Arranged) {
    while let Arranged::Later(work) = arranged {
        arranged = table.set_order(work.make(&|| false).unwrap());
    }
}

fn shown(table: &Table<Item>) -> Vec<String> {
    (0..table.shown())
        .map(|line| table.line(line).unwrap().name.clone())
        .collect()
}

fn many(number: u32) -> Vec<Item> {
    (0..number)
        .map(|n| item(&format!("k{n:06}"), n % 7))
        .collect()
}

#[test]
fn the_cursor_stays_on_its_row_when_rows_arrive_before_it() {
    let mut table = Table::sorted_by(By::Name, false);
    table.set_height(10);
    let arranged = table.push(vec![item("m", 1), item("z", 2)]);
    settle(&mut table, arranged);
    table.move_to_end();
    let arranged = table.push(vec![item("a", 3), item("b", 4)]);
    settle(&mut table, arranged);
    assert_eq!(shown(&table), ["a", "b", "m", "z"]);
    assert_eq!(table.current().unwrap().name, "z");
}

#[test]
fn after_a_refresh_the_cursor_returns_to_its_row_when_that_arrives() {
    let mut table = Table::default();
    let arranged = table.push(vec![item("a", 1), item("b", 2), item("c", 3)]);
    settle(&mut table, arranged);
    table.move_to(1);
    table.restart();
    assert!(table.is_empty());
    let arranged = table.push(vec![item("a", 1)]);
    settle(&mut table, arranged);
    let arranged = table.push(vec![item("aa", 9), item("b", 2)]);
    settle(&mut table, arranged);
    assert_eq!(table.current().unwrap().name, "b");
}

#[test]
fn a_move_after_a_refresh_is_not_taken_back_by_a_late_row() {
    let mut table = Table::default();
    let _ = table.push(vec![item("a", 1), item("b", 2)]);
    table.move_to(1);
    table.restart();
    let _ = table.push(vec![item("a", 1)]);
    table.move_by(0);
    let _ = table.push(vec![item("b", 2)]);
    assert_eq!(table.current().unwrap().name, "a");
}

#[test]
fn a_filter_that_hides_the_cursors_row_leaves_it_on_a_row_that_is_shown() {
    let mut table = Table::default();
    let _ = table.push(vec![item("apple", 1), item("pear", 2), item("grape", 3)]);
    table.move_to(2);
    let arranged = table.set_filter("pp");
    settle(&mut table, arranged);
    assert_eq!(table.current().unwrap().name, "apple");
    let arranged = table.set_filter("");
    settle(&mut table, arranged);
    assert_eq!(table.shown(), 3);
}

#[test]
fn long_lists_are_put_in_order_elsewhere_and_nothing_moves_until_they_are() {
    let mut table = Table::default();
    let _ = table.push(many(30_000));
    let arranged = table.set_filter("k00001");
    let Arranged::Later(work) = arranged else {
        panic!("30,000 rows were filtered between two frames");
    };
    assert_eq!(table.shown(), 30_000);
    settle(&mut table, Arranged::Later(work));
    assert_eq!(table.shown(), 10);
}

#[test]
fn rows_that_arrive_while_an_order_is_made_are_put_in_order_after_it() {
    let mut table = Table::sorted_by(By::Size, true);
    let first = table.push(many(20_000));
    assert!(matches!(first, Arranged::Later(_)));
    let second = table.push(vec![item("huge", 99)]);
    assert!(
        matches!(second, Arranged::Now),
        "a second order was asked for besides the first"
    );
    settle(&mut table, first);
    assert_eq!(shown(&table)[0], "huge");
    assert_eq!(table.shown(), 20_001);
}

#[test]
fn an_abandoned_order_is_asked_for_again() {
    let mut table = Table::sorted_by(By::Size, true);
    drop(table.push(many(20_000)));
    let again = table.resume();
    assert!(matches!(again, Arranged::Later(_)));
    settle(&mut table, again);
    assert!(matches!(table.resume(), Arranged::Now));
}

#[test]
fn sorting_goes_through_every_column_in_both_directions_and_back() {
    let mut table: Table<Item> = Table::default();
    let mut seen = Vec::new();
    for _ in 0..5 {
        let _ = table.sort_next();
        seen.push(table.sort().map(|sort| (sort.column, sort.descending)));
    }
    assert_eq!(
        seen,
        [
            Some((By::Name, false)),
            Some((By::Name, true)),
            Some((By::Size, false)),
            Some((By::Size, true)),
            None
        ]
    );
    let _ = table.sort_previous();
    assert_eq!(table.sort().map(|sort| sort.descending), Some(true));
}

proptest! {
    #[test]
    fn the_table_shows_what_a_plain_list_would(
        chunks in prop::collection::vec(prop::collection::vec(("[abc]{1,3}", 0u32..5), 0..6), 0..6),
        filter in "[ab]{0,2}",
        sorts in 0usize..5,
        height in 1usize..8,
        moves in prop::collection::vec(-9isize..9, 0..6),
    ) {
        let mut table = Table::default();
        table.set_height(height);
        let mut plain = Vec::new();
        for chunk in chunks {
            let rows: Vec<Item> = chunk.iter().map(|(name, size)| item(name, *size)).collect();
            plain.extend(rows.clone());
            let arranged = table.push(rows);
            settle(&mut table, arranged);
        }
        for _ in 0..sorts {
            let arranged = table.sort_next();
            settle(&mut table, arranged);
        }
        let arranged = table.set_filter(&filter);
        settle(&mut table, arranged);
        plain.retain(|row| row.name.contains(&filter));
        if let Some(sort) = table.sort() {
            plain.sort_by(|a, b| {
                let by = a.compare(b, sort.column);
                if sort.descending { by.reverse() } else { by }
            });
        }
        let names: Vec<&str> = plain.iter().map(|row| row.name.as_str()).collect();
        prop_assert_eq!(shown(&table), names);
        for by in moves {
            table.move_by(by);
            let visible: Vec<usize> = table.visible().map(|(line, _)| line).collect();
            prop_assert!(visible.len() <= height);
            prop_assert!(plain.is_empty() || visible.contains(&table.cursor()));
            // A screenful is never left half empty while there are rows for it.
            prop_assert_eq!(visible.len(), height.min(plain.len()));
        }
    }
}

#[test]
fn rows_that_are_replaced_keep_the_cursor_on_its_id_and_on_its_line_of_the_screen() {
    let mut table = Table::default();
    table.set_height(10);
    let arranged = table.push(many(100));
    settle(&mut table, arranged);
    table.move_to(50);
    table.move_by(-4);
    let line_on_screen = table.cursor() - table.top();
    let mut newer: Chunks<Item> = Chunks::default();
    newer.push((0..30).map(|n| item(&format!("a{n}"), 0)).collect());
    newer.push(many(100));
    let arranged = table.replace(newer);
    settle(&mut table, arranged);
    assert_eq!(table.current().unwrap().name, "k000046");
    assert_eq!(table.cursor() - table.top(), line_on_screen);
}

#[test]
fn rows_that_are_replaced_stay_in_their_old_order_until_there_is_a_new_one() {
    let mut table = Table::sorted_by(By::Size, true);
    let arranged = table.push(many(20_000));
    settle(&mut table, arranged);
    let newer = |name: &str| {
        let mut rows: Chunks<Item> = Chunks::default();
        rows.push(vec![item(name, 99)]);
        rows.push(many(20_000));
        rows
    };
    let first = table.replace(newer("huge"));
    assert!(matches!(first, Arranged::Later(_)));
    assert_eq!(table.len(), 20_000);
    assert_eq!(table.line(0).unwrap().size, 6);
    assert!(
        matches!(table.replace(newer("newest")), Arranged::Now),
        "a second order was asked for besides the first"
    );
    let Arranged::Later(work) = first else {
        unreachable!()
    };
    let second = table.set_order(work.make(&|| false).unwrap());
    assert_eq!(table.line(0).unwrap().name, "huge");
    assert!(matches!(second, Arranged::Later(_)));
    settle(&mut table, second);
    assert_eq!(table.line(0).unwrap().name, "newest");
}

#[test]
fn an_order_that_is_no_longer_asked_for_changes_nothing() {
    let mut table = Table::default();
    let _ = table.push(many(20_000));
    let Arranged::Later(work) = table.set_filter("k00001") else {
        panic!("20,000 rows were filtered between two frames");
    };
    let late = work.make(&|| false).unwrap();
    let arranged = table.set_filter("");
    settle(&mut table, arranged);
    let arranged = table.set_order(late);
    settle(&mut table, arranged);
    assert_eq!(table.shown(), 20_000);
}

#[test]
fn typing_a_beginning_goes_to_its_first_line_in_any_order() {
    let mut table = Table::sorted_by(By::Name, true);
    let arranged = table.push(many(100));
    settle(&mut table, arranged);
    assert!(table.move_to_beginning("k00001"));
    assert_eq!(table.current().unwrap().name, "k000019");
    assert!(!table.move_to_beginning("z"));
    assert_eq!(table.current().unwrap().name, "k000019");
}
