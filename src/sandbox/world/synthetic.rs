//! Worlds of many keys and nothing else, for what has to be fast on large buckets.
//!
//! A key depends on its number alone. Every field in it has a fixed width, so that keys are in order when their
//! [`Place`]s are: numbers are sorted, not a million strings, and a folder's name is written once for all its keys.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{DateTime, Datelike, Duration, Timelike, Utc};

use super::{SeedKind, SeedVersion, Versioning, World, WorldBucket, WorldError};

/// More would not fit into the memory of the machines that this is for.
const MOST: u64 = 50_000_000;

/// Where an object is: the number of its folder, and a name within that no other object has.
type Place = (u64, u64);

struct Shape {
    name: &'static str,
    /// The folder of the object with this number in a world of so many.
    folder_of: fn(n: u64, number: u64) -> u64,
    /// Writes the name of this folder with its trailing `/`.
    write_folder: fn(&mut String, u64),
    extension: &'static str,
}

const SHAPES: [Shape; 5] = [
    // No folders at all.
    Shape {
        name: "flat",
        folder_of: |_, _| 0,
        write_folder: |_, _| {},
        extension: ".jpg",
    },
    // `users/{id}/…`: a hundred objects a user on the average.
    Shape {
        name: "users",
        folder_of: |n, number| mix(n ^ 0xabcd) % (number / 100 + 1),
        write_folder: |key, user| {
            let _ = write!(key, "users/user-{user:06}/");
        },
        extension: ".jpg",
    },
    // `workspace/type/channel/message/…`: deep, with a folder for every second object.
    Shape {
        name: "chat",
        folder_of: message_of,
        write_folder: write_message,
        extension: ".enc",
    },
    // `YYYY/MM/DD/HH/…`: sixty objects an hour from 2024 on.
    Shape {
        name: "dates",
        folder_of: |n, _| n / 60,
        write_folder: write_hour,
        extension: ".json",
    },
    // Nine of ten keys under one prefix, the rest spread over a thousand.
    Shape {
        name: "skew",
        folder_of: |n, _| {
            if n % 10 == 9 {
                mix(n ^ 0x77) % 1000
            } else {
                1000
            }
        },
        write_folder: |key, tenant| {
            let _ = match tenant {
                1000 => write!(key, "tenant-main/"),
                small => write!(key, "tenant-{small:03}/"),
            };
        },
        extension: ".jpg",
    },
];

pub(super) fn world(spec: &str, now: DateTime<Utc>) -> Result<World, WorldError> {
    let wrong = |why: String| WorldError::Synthetic {
        spec: spec.to_owned(),
        why,
    };
    let (name, number) = spec
        .split_once(':')
        .ok_or_else(|| wrong("there is no ':'".to_owned()))?;
    let shape = SHAPES
        .iter()
        .find(|shape| shape.name == name)
        .ok_or_else(|| wrong(format!("there is no shape {name:?}")))?;
    let number: u64 = number
        .replace('_', "")
        .parse()
        .ok()
        .filter(|n| (1..=MOST).contains(n))
        .ok_or_else(|| wrong(format!("{number:?} is no number from 1 to {MOST}")))?;
    Ok(World {
        name: spec.to_owned(),
        buckets: vec![WorldBucket {
            name: format!("synthetic-{name}"),
            region: "us-east-1".to_owned(),
            created: now - Duration::days(700),
            versioning: Versioning::Off,
            configuration: BTreeMap::new(),
            configuration_lists: BTreeMap::new(),
            versions: versions(shape, number, now),
            uploads: Vec::new(),
        }],
        ..World::default()
    })
}

/// The objects in the order of their keys, as a store keeps them.
fn versions(shape: &Shape, number: u64, now: DateTime<Utc>) -> Vec<SeedVersion> {
    let mut places: Vec<Place> = (0..number)
        .map(|n| ((shape.folder_of)(n, number), mix(n)))
        .collect();
    places.sort_unstable();
    let mut folder = (None, String::new());
    places
        .into_iter()
        .map(|(of, name)| {
            if folder.0 != Some(of) {
                folder.0 = Some(of);
                folder.1.clear();
                (shape.write_folder)(&mut folder.1, of);
            }
            let mut key = String::with_capacity(folder.1.len() + 16 + shape.extension.len());
            key.push_str(&folder.1);
            push_hex(&mut key, name);
            key.push_str(shape.extension);
            SeedVersion {
                key,
                last_modified: now
                    - Duration::seconds(i64::try_from(name % (600 * 86_400)).unwrap_or_default()),
                // From 1 KiB to 16 MiB, as often below the middle of each doubling as above it.
                kind: SeedKind::Plain {
                    size: (1024 << (name >> 32 & 0xf).min(13)) + (name & 0x3ff),
                },
                version_id: None,
            }
        })
        .collect()
}

/// Workspace, type, channel and message in one number; two objects a message.
fn message_of(n: u64, _: u64) -> u64 {
    let message = n / 2;
    let luck = mix(message ^ 0xc4a7);
    let kind = match luck % 10 {
        0 | 1 => 0,
        2..=7 => 1,
        8 => 2,
        _ => 3,
    };
    (luck >> 8 & 0x1f) << 56 | kind << 48 | (luck >> 16 & 0x3f) << 40 | message
}

fn write_message(key: &mut String, folder: u64) {
    let kind = match folder >> 48 & 0xff {
        0 => "files",
        1 => "photos",
        2 => "videos",
        _ => "voice",
    };
    let (workspace, channel, message) =
        (folder >> 56, folder >> 40 & 0xff, folder & 0xff_ffff_ffff);
    let _ = write!(
        key,
        "ws-{workspace:02}/{kind}/ch-{channel:02}/msg-{message:08}/"
    );
}

fn write_hour(key: &mut String, hour: u64) {
    let start = DateTime::from_timestamp(1_704_067_200, 0).unwrap_or_default();
    let hour = start + Duration::hours(i64::try_from(hour).unwrap_or_default());
    let (year, month, day, hour) = (hour.year(), hour.month(), hour.day(), hour.hour());
    let _ = write!(key, "{year:04}/{month:02}/{day:02}/{hour:02}/");
}

fn push_hex(key: &mut String, number: u64) {
    for place in (0..16).rev() {
        let digit = u32::try_from(number >> (4 * place) & 0xf).unwrap_or_default();
        key.push(char::from_digit(digit, 16).unwrap_or('0'));
    }
}

/// The mixing step of `SplitMix64`: it takes no two numbers to the same one, so that no key occurs twice.
fn mix(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(spec: &str) -> Vec<String> {
        let world = World::synthetic(spec).unwrap_or_else(|error| panic!("{error}"));
        world
            .buckets
            .into_iter()
            .flat_map(|b| b.versions)
            .map(|v| v.key)
            .collect()
    }

    #[test]
    fn every_shape_makes_as_many_different_keys_as_were_asked_for() {
        for shape in SHAPES.iter().map(|shape| shape.name) {
            let made = keys(&format!("{shape}:20_000"));
            assert_eq!(made.len(), 20_000, "{shape}");
            assert!(
                made.windows(2).all(|pair| pair[0] < pair[1]),
                "{shape} is out of order or has a key twice"
            );
            assert_eq!(
                made,
                keys(&format!("{shape}:20000")),
                "{shape} differs from time to time"
            );
        }
    }

    #[test]
    fn the_shapes_are_what_they_are_called() {
        assert!(keys("flat:1000").iter().all(|key| !key.contains('/')));
        assert!(
            keys("users:1000")
                .iter()
                .all(|key| key.starts_with("users/user-") && key.matches('/').count() == 2)
        );
        assert!(
            keys("chat:1000")
                .iter()
                .all(|key| key.matches('/').count() == 4)
        );
        assert!(
            keys("dates:1000")
                .iter()
                .all(|key| key.starts_with("2024/01/01/") && key.matches('/').count() == 4)
        );
        let skewed = keys("skew:1000");
        assert_eq!(
            skewed
                .iter()
                .filter(|key| key.starts_with("tenant-main/"))
                .count(),
            900
        );
    }

    #[test]
    fn a_description_that_makes_no_sense_is_answered_with_the_shapes() {
        for spec in [
            "",
            "flat",
            "flat:",
            "flat:x",
            "flat:0",
            "flat:-1",
            "round:10",
            "flat:99999999999",
        ] {
            let error = World::synthetic(spec).unwrap_err().to_string();
            assert!(error.contains("flat, users, chat, dates, skew"), "{error}");
        }
    }
}
