//! Objects are returned byte for byte, and take no more memory than promised.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::file::{self, FileError, Header, Missing};
use super::*;

pub(super) fn key() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("/".to_owned()),
        Just("//".to_owned()),
        Just("user-1".to_owned()),
        Just("\u{1}".to_owned()),
        Just("\u{10ffff}".to_owned()),
        Just("é".to_owned()),
        "[a-c]{1,3}",
        "\\PC{1,4}",
    ];
    prop_oneof![
        9 => vec(part, 1..6).prop_map(|parts| parts.concat()),
        1 => ("[ab]", 1..=512_usize).prop_map(|(c, n)| format!("{c}{}", "é".repeat(n - 1))),
        1 => (1000..=1024_usize).prop_map(|n| "k".repeat(n)),
    ]
}

fn size() -> impl Strategy<Value = u64> {
    prop_oneof![
        0..10_000_000_u64,
        (1_u64 << 40) - 3..(1 << 40) + 3,
        Just(5 << 40),
        any::<u64>(),
    ]
}

fn time() -> impl Strategy<Value = Option<DateTime<Utc>>> {
    prop_oneof![
        4 => (0..u32::MAX).prop_map(|s| DateTime::from_timestamp(i64::from(s), 0)),
        1 => (0..u32::MAX, 0..1000_u32)
            .prop_map(|(s, ms)| DateTime::from_timestamp(i64::from(s), ms * 1_000_000)),
        1 => (-9_000_000_000_i64..9_000_000_000, 0..1_000_000_000_u32)
            .prop_map(|(s, ns)| DateTime::from_timestamp(s, ns)),
        1 => Just(DateTime::from_timestamp(i64::from(u32::MAX), 0)),
        1 => Just(None),
    ]
}

fn tag() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        4 => "[0-9a-f]{32}".prop_map(Some),
        2 => ("[0-9a-f]{32}", any::<u32>()).prop_map(|(sum, n)| Some(format!("{sum}-{n}"))),
        1 => "[0-9a-fA-F]{32}-0?[0-9]{1,11}".prop_map(Some),
        1 => ".{0,40}".prop_map(Some),
        1 => Just(None),
    ]
}

type Fields = (u64, Option<DateTime<Utc>>, String, Option<String>);

fn fields() -> impl Strategy<Value = Fields> {
    let class = prop_oneof!["STANDARD", "GLACIER", "[A-Z_]{0,9}"];
    (size(), time(), class, tag())
}

fn object(key: &str, (size, last_modified, class, etag): Fields) -> ObjectSummary {
    ObjectSummary {
        key: ObjectKey::new(key).unwrap(),
        size: ByteSize(size),
        last_modified,
        storage_class: StorageClass::new(&class),
        etag,
    }
}

pub(super) fn objects() -> impl Strategy<Value = Vec<ObjectSummary>> {
    btree_map(key(), fields(), 0..120).prop_map(of_map)
}

fn of_map(map: BTreeMap<String, Fields>) -> Vec<ObjectSummary> {
    map.into_iter()
        .map(|(key, fields)| object(&key, fields))
        .collect()
}

pub(super) fn columns_of(objects: &[ObjectSummary], etags: Etags) -> Columns {
    let mut builder = ColumnsBuilder::new(etags);
    for object in objects {
        builder.push(object).unwrap();
    }
    builder.finish()
}

fn header() -> Header {
    let at = DateTime::from_timestamp(1_760_000_000, 0).unwrap();
    Header {
        endpoint: Some("https://s3.example.org".to_owned()),
        bucket: "media".to_owned(),
        prefixes: vec!["a/\u{1}".to_owned()],
        started: at,
        finished: at + TimeDelta::seconds(9),
        complete: false,
        incomplete: vec![Missing {
            what: "keys after \"b\"".to_owned(),
            why: "cancelled".to_owned(),
        }],
    }
}

fn file_of(columns: &Columns) -> Vec<u8> {
    let mut bytes = Vec::new();
    file::write(&mut bytes, &header(), columns).unwrap();
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn what_goes_in_comes_out(objects in objects(), probe in key()) {
        let columns = columns_of(&objects, Etags::Keep);
        prop_assert_eq!(columns.len(), objects.len());
        prop_assert_eq!(&columns.iter().collect::<Vec<_>>(), &objects);
        let mut total = Tally::default();
        for (row, object) in objects.iter().enumerate() {
            total.add(object);
            let found = columns.get(row);
            prop_assert_eq!(found.as_ref(), Some(object));
            prop_assert_eq!(columns.find(object.key.as_str()), Ok(row));
            prop_assert_eq!(columns.size(row), Some(object.size));
            prop_assert_eq!(columns.last_modified(row), object.last_modified);
            prop_assert_eq!(columns.storage_class(row), Some(&object.storage_class));
        }
        prop_assert_eq!(columns.get(objects.len()), None);
        prop_assert_eq!(columns.total(), total);
        let place = objects.binary_search_by(|o| o.key.as_str().cmp(&probe));
        prop_assert_eq!(columns.find(&probe), place);
        let under: Vec<_> = objects.iter().enumerate().filter(|(_, o)| o.key.as_str().starts_with(&probe)).map(|(row, _)| row).collect();
        prop_assert_eq!(columns.under(&probe).collect::<Vec<_>>(), under);
    }

    #[test]
    fn a_file_is_read_as_it_was_written(objects in objects(), keep in any::<bool>()) {
        let etags = if keep { Etags::Keep } else { Etags::Leave };
        let columns = columns_of(&objects, etags);
        let bytes = file_of(&columns);
        let (read_header, read) = file::read(&mut bytes.as_slice()).unwrap();
        prop_assert_eq!(read_header, header());
        prop_assert_eq!(read.iter().collect::<Vec<_>>(), columns.iter().collect::<Vec<_>>());
        prop_assert_eq!(read.total(), columns.total());
    }

    #[test]
    fn no_damage_goes_unnoticed(objects in objects(), at in any::<prop::sample::Index>(), bit in 0..8) {
        let mut bytes = file_of(&columns_of(&objects, Etags::Keep));
        let at = at.index(bytes.len());
        prop_assert!(file::read(&mut &bytes[..at]).is_err());
        bytes[at] ^= 1_u8 << bit;
        prop_assert!(file::read(&mut bytes.as_slice()).is_err());
    }

    #[test]
    fn segments_come_together_in_key_order(
        objects in objects(),
        cuts in vec(any::<prop::sample::Index>(), 0..6),
        page in 1..40_usize,
    ) {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(objects.len() + 1)).collect();
        cuts.extend([0, objects.len()]);
        cuts.sort_unstable();
        let mut assembly = Assembly::new(Etags::Keep);
        // The last segment first.
        for (segment, ends) in (0..).zip(cuts.windows(2).rev()) {
            for page in objects[ends[0]..ends[1]].chunks(page) {
                assembly.add(segment, page);
                prop_assert!(assembly.snapshot().iter().is_sorted_by(|a, b| a.key < b.key));
            }
        }
        prop_assert_eq!(&assembly.snapshot().iter().collect::<Vec<_>>(), &objects);
        prop_assert_eq!(assembly.finish().iter().collect::<Vec<_>>(), objects);
    }

    #[test]
    fn what_comes_out_of_order_is_kept_all_the_same(
        pages in vec((0..3_u64, vec((key(), fields()), 0..12)), 0..8),
    ) {
        let mut assembly = Assembly::new(Etags::Keep);
        let mut expected: BTreeMap<String, Vec<Fields>> = BTreeMap::new();
        for (segment, page) in pages {
            let page: Vec<_> = page.into_iter().map(|(key, fields)| {
                expected.entry(key.clone()).or_default().push(fields.clone());
                object(&key, fields)
            }).collect();
            assembly.add(segment, &page);
        }
        let columns = assembly.finish();
        prop_assert_eq!(columns.len(), expected.len());
        for object in columns.iter() {
            let fields = (object.size.bytes(), object.last_modified, object.storage_class.to_string(), object.etag);
            prop_assert!(expected[object.key.as_str()].contains(&fields));
        }
    }
}

#[test]
fn of_one_key_in_two_parts_the_later_part_is_kept() {
    let at = |size| object("k", (size, None, String::new(), None));
    let parts = vec![
        columns_of(
            &[at(1), object("l", (3, None, String::new(), None))],
            Etags::Leave,
        ),
        columns_of(&[at(2)], Etags::Leave),
    ];
    let merged = Columns::merge(parts);
    assert_eq!(merged.len(), 2);
    assert_eq!(merged.get(0).unwrap().size, ByteSize(2));
}

#[test]
fn a_builder_takes_keys_in_order_alone() {
    let mut builder = ColumnsBuilder::new(Etags::Leave);
    let at = |key| object(key, (1, None, String::new(), None));
    builder.push(&at("b")).unwrap();
    for key in ["a", "b"] {
        assert_eq!(builder.push(&at(key)).unwrap_err().after, "b");
    }
    builder.push(&at("b/")).unwrap();
    assert_eq!(builder.finish().len(), 2);
}

#[test]
fn more_classes_than_a_byte_can_number_are_kept() {
    let objects: Vec<_> = (0..600)
        .map(|n| object(&format!("k{n:04}"), (n, None, format!("CLASS_{n}"), None)))
        .collect();
    let columns = columns_of(&objects, Etags::Leave);
    assert_eq!(columns.iter().collect::<Vec<_>>(), objects);
}

/// `uploads/user-1234/{uuid}-name.jpg`, in order.
pub(super) fn uploads(count: u64) -> Vec<ObjectSummary> {
    let mix = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31);
    let mut objects: Vec<_> = (0..count)
        .map(|n| {
            let (a, b) = (mix(n + 1), mix(mix(n + 7)));
            let key = format!(
                "uploads/user-{:04}/{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}-name.jpg",
                n / 100,
                a >> 32,
                a & 0xffff,
                a >> 16 & 0xfff,
                b & 0xfff,
                b >> 16,
            );
            let time = DateTime::from_timestamp(1_700_000_000 + i64::try_from(n).unwrap(), 0);
            let tag = format!("{a:016x}{b:016x}");
            object(&key, (n * 1000, time, "STANDARD".to_owned(), Some(tag)))
        })
        .collect();
    objects.sort_by(|a, b| a.key.cmp(&b.key));
    objects
}

#[test]
fn an_object_takes_at_most_80_bytes_with_its_etag_and_64_without() {
    let objects = uploads(100_000);
    let of_ten = |etags| columns_of(&objects, etags).memory() * 10 / objects.len();
    let (with, without) = (of_ten(Etags::Keep), of_ten(Etags::Leave));
    println!("ten objects: {with} bytes with their entity tags, {without} without");
    assert!(with <= 800 && without <= 640, "{with} {without}");
}

#[test]
fn rows_are_found_across_chunks() {
    let objects = uploads(10_000);
    let columns = columns_of(&objects, Etags::Keep);
    assert!(columns.chunks.len() > 2);
    for row in (0..objects.len()).step_by(97) {
        assert_eq!(columns.get(row).as_ref(), Some(&objects[row]));
        assert_eq!(columns.find(objects[row].key.as_str()), Ok(row));
    }
    let mut rows = columns.rows_in(4_000..4_200);
    for object in &objects[4_000..4_200] {
        assert_eq!(rows.advance().unwrap().to_object().as_ref(), Some(object));
    }
    assert!(rows.advance().is_none());
    assert_eq!(columns.under("uploads/user-0042/"), 4_200..4_300);
}

#[test]
fn many_small_segments_are_put_together_in_the_end() {
    let objects = uploads(5_000);
    let mut assembly = Assembly::new(Etags::Keep);
    for (segment, page) in (0..).zip(objects.chunks(10)) {
        assembly.add(segment, page);
    }
    let columns = assembly.finish();
    assert_eq!(columns.chunks.len(), 2);
    assert_eq!(columns.iter().collect::<Vec<_>>(), objects);
}

#[test]
fn what_is_no_scan_is_said_to_be_none() {
    let bytes = file_of(&Columns::default());
    assert!(matches!(
        file::read(&mut &b"PK"[..]),
        Err(FileError::NotAScan)
    ));
    assert!(matches!(
        file::read(&mut &b"PK\x03\x04zip or so"[..]),
        Err(FileError::NotAScan)
    ));
    let mut newer = bytes.clone();
    newer[8] = 9;
    assert!(matches!(
        file::read(&mut newer.as_slice()),
        Err(FileError::Version(9))
    ));
    assert!(matches!(
        file::read(&mut &bytes[..bytes.len() - 1]),
        Err(FileError::CutOff)
    ));
    let mut longer = bytes;
    longer.push(0);
    assert!(matches!(
        file::read(&mut longer.as_slice()),
        Err(FileError::Damaged(_))
    ));
}
