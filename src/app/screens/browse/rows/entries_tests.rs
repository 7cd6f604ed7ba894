//! Entries against entries kept as they are: whatever arrives, they show, order and find the same.

use chrono::DateTime;
use proptest::prelude::*;

use super::*;
use crate::app::table::Table;
use crate::domain::{ByteSize, ObjectKey, StorageClass};

fn entry() -> impl Strategy<Value = Entry> {
    let key = prop_oneof!["[ab]{1,3}", "[ab]/[abé]{1,2}", "a\\.t"];
    let class = prop::sample::select(vec!["STANDARD", "GLACIER", "NEW"]);
    let time = prop::option::of(-5i64..5);
    let object = (key, 0u64..4, time, class).prop_map(|(key, size, time, class)| {
        Entry::Object(ObjectSummary {
            key: ObjectKey::new(key).unwrap(),
            size: ByteSize(size),
            last_modified: time.and_then(|seconds| DateTime::from_timestamp(seconds, 0)),
            storage_class: StorageClass::new(class),
            etag: None,
        })
    });
    let folder = "[ab]{1,2}/".prop_map(Entry::folder);
    prop_oneof![3 => object, 1 => folder]
}

/// Pages as a server may send them: in order, or not; no path twice.
fn pages() -> impl Strategy<Value = Vec<Vec<Entry>>> {
    let pages = prop::collection::vec(prop::collection::vec(entry(), 0..8), 0..5);
    (pages, any::<bool>()).prop_map(|(mut pages, in_order)| {
        let mut seen = std::collections::HashSet::new();
        for page in &mut pages {
            page.retain(|entry| seen.insert(entry.path().to_owned()));
        }
        if in_order {
            let lengths: Vec<usize> = pages.iter().map(Vec::len).collect();
            let mut all: Vec<Entry> = pages.into_iter().flatten().collect();
            all.sort_by(|a, b| a.path().cmp(b.path()));
            let mut all = all.into_iter();
            pages = lengths
                .into_iter()
                .map(|length| all.by_ref().take(length).collect())
                .collect();
        }
        pages
    })
}

/// The same rows as plain as can be: folders of a page before its objects.
fn plain(pages: &[Vec<Entry>], sizes: &FolderSizes) -> Vec<Entry> {
    let filled = |entry: &Entry| match entry {
        Entry::Folder { prefix, .. } => Entry::Folder {
            prefix: prefix.clone(),
            holds: sizes
                .iter()
                .find(|(known, _)| known == prefix)
                .map(|known| known.1),
        },
        object @ Entry::Object(_) => object.clone(),
    };
    let mut rows = Vec::new();
    for page in pages {
        let (folders, objects): (Vec<_>, Vec<_>) =
            page.iter().partition(|entry| entry.object().is_none());
        rows.extend(folders.into_iter().chain(objects).map(filled));
    }
    rows
}

fn entries(pages: &[Vec<Entry>], sizes: &FolderSizes) -> Entries {
    let mut entries = Entries::default();
    for page in pages {
        entries.push(page.clone());
    }
    entries.set_sizes(Some(Arc::new(sizes.clone())));
    entries
}

fn holds(objects: u64) -> Tally {
    Tally {
        objects,
        bytes: ByteSize(objects),
        ..Tally::default()
    }
}

proptest! {
    #[test]
    fn entries_come_back_as_they_were_and_in_the_order_that_a_plain_list_would_have(
        pages in pages(),
        folders in prop::collection::btree_map("[ab]{1,2}/", 0u64..4, 0..4),
        filter in "[ab]{0,2}",
        column in prop::sample::select(Entry::COLUMNS.to_vec()),
        descending in any::<bool>(),
    ) {
        let sizes: FolderSizes = folders.into_iter().map(|(folder, n)| (folder, holds(n))).collect();
        let entries = entries(&pages, &sizes);
        let mut plain = plain(&pages, &sizes);
        let back: Vec<Entry> = (0..entries.len()).map(|n| entries.get(n).unwrap().into_owned()).collect();
        prop_assert_eq!(&back, &plain);
        for (number, entry) in plain.iter().enumerate() {
            prop_assert_eq!(entries.find(entry.path(), 0), Some(number));
            prop_assert_eq!(entries.find(entry.path(), number + 1), None);
        }
        let begin: Vec<usize> = entries.beginning(&filter).into_iter().flatten().collect();
        let expected: Vec<usize> = plain.iter().enumerate()
            .filter(|(_, entry)| entry.path().starts_with(&filter)).map(|(number, _)| number).collect();
        prop_assert_eq!(begin, expected);

        let needle = Needle::new(&filter);
        let sort = Some(Sort { column, descending });
        let order = entries.order(&needle, sort, &|| false).unwrap();
        let ordered: Vec<Entry> = order.iter().map(|n| entries.get(*n as usize).unwrap().into_owned()).collect();
        plain.retain(|entry| entry.path().contains(&filter));
        plain.sort_by(|a, b| {
            let by = a.compare(b, column);
            if descending { by.reverse() } else { by }
        });
        prop_assert_eq!(ordered, plain);
    }
}

fn page_of(keys: std::ops::Range<u32>) -> Vec<Entry> {
    keys.map(|number| {
        let key = format!("uploads/user-{}/{number:08x}-photo.jpg", number % 50);
        Entry::Object(ObjectSummary {
            key: ObjectKey::new(key).unwrap(),
            size: ByteSize(u64::from(number)),
            last_modified: DateTime::from_timestamp(i64::from(number), 0),
            storage_class: StorageClass::default(),
            etag: Some("9b2cf535f27731c974343645a3985328".into()),
        })
    })
    .collect()
}

#[test]
fn an_object_of_a_listing_takes_no_more_than_sixty_bytes() {
    let mut keys = page_of(0..50_000);
    keys.sort_by(|a, b| a.path().cmp(b.path()));
    let mut entries = Entries::default();
    for page in keys.chunks(1_000) {
        entries.push(page.to_vec());
    }
    let each = entries.memory() / entries.len();
    assert!(each <= 60, "{each} bytes an object");
}

#[test]
fn an_order_that_nobody_wants_any_more_comes_to_nothing() {
    let mut entries = Entries::default();
    entries.push(page_of(0..3_000));
    entries.push(page_of(3_000..6_000));
    let asked = std::cell::Cell::new(0);
    let stop = || {
        asked.set(asked.get() + 1);
        true
    };
    for column in Entry::COLUMNS {
        let sort = Some(Sort {
            column: *column,
            descending: false,
        });
        assert_eq!(
            entries.order(&Needle::new(""), sort, &stop),
            None,
            "{column:?}"
        );
    }
    assert_eq!(entries.order(&Needle::new("x"), None, &stop), None);
    assert!(asked.get() >= Entry::COLUMNS.len());
}

#[test]
fn a_folder_stands_among_objects_by_its_size_once_that_is_known() {
    let mut table: Table<Entry> = Table::sorted_by(EntryColumn::Size, true);
    let mut rows = page_of(10..12);
    rows.push(Entry::folder("uploads/"));
    let _ = table.push(rows);
    let shown = |table: &Table<Entry>| -> Vec<u64> {
        (0..table.shown())
            .map(|line| match &*table.line(line).unwrap() {
                Entry::Folder { holds, .. } => holds.map_or(0, |tally| tally.objects),
                Entry::Object(object) => object.size.bytes(),
            })
            .collect()
    };
    assert_eq!(shown(&table), [11, 10, 0], "an unknown size is not large");
    let sizes = Arc::new(vec![("uploads/".to_owned(), holds(99))]);
    let _ = table.update_rows(|rows| rows.set_sizes(Some(sizes)));
    assert_eq!(shown(&table), [99, 11, 10]);
}

#[test]
fn a_scans_columns_are_shown_below_a_prefix_alone() {
    let mut columns = ColumnsBuilder::new(Etags::Leave);
    for key in ["a", "b/1", "b/2", "b0", "c"] {
        columns
            .push(&ObjectSummary {
                key: ObjectKey::new(key).unwrap(),
                size: ByteSize(1),
                last_modified: None,
                storage_class: StorageClass::default(),
                etag: None,
            })
            .unwrap();
    }
    let entries = Entries::below(&columns.finish(), &["b/".to_owned()]);
    let paths: Vec<String> = (0..entries.len())
        .map(|row| entries.get(row).unwrap().path().to_owned())
        .collect();
    assert_eq!(paths, ["b/1", "b/2"]);
    assert!(entries.get(2).is_none(), "a row beyond the prefix is shown");
    assert_eq!(entries.find("b/2", 0), Some(1));
    assert_eq!(entries.find("b0", 0), None);
    assert!(entries.beginning("").into_iter().flatten().eq(0..2));
}
