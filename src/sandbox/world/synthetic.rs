//! Worlds of many keys and nothing else, for what has to be fast on large buckets.
//!
//! A key depends on its number alone, so that a world of N keys holds those of every smaller one.

use std::fmt::Write as _;

use chrono::{DateTime, Duration, Utc};

use super::{SeedKind, SeedVersion, Versioning, World, WorldBucket, WorldError};

/// More would not fit into the memory of the machines that this is for.
const MOST: u64 = 50_000_000;

const SHAPES: [(&str, fn(&mut String, u64)); 5] = [
    ("flat", flat),
    ("users", users),
    ("chat", chat),
    ("dates", dates),
    ("skew", skew),
];

pub fn world(spec: &str, now: DateTime<Utc>) -> Result<World, WorldError> {
    let wrong = |why: String| WorldError::Synthetic {
        spec: spec.to_owned(),
        why,
    };
    let (shape, number) = spec
        .split_once(':')
        .ok_or_else(|| wrong("there is no ':'".to_owned()))?;
    let (shape, key_of) = SHAPES
        .into_iter()
        .find(|(name, _)| *name == shape)
        .ok_or_else(|| wrong(format!("there is no shape {shape:?}")))?;
    let number: u64 = number
        .replace('_', "")
        .parse()
        .ok()
        .filter(|n| (1..=MOST).contains(n))
        .ok_or_else(|| wrong(format!("{number:?} is no number from 1 to {MOST}")))?;

    let mut versions: Vec<SeedVersion> = (0..number)
        .map(|n| {
            let mut key = String::with_capacity(96);
            key_of(&mut key, n);
            key.shrink_to_fit();
            let luck = mix(n ^ 0x5eed);
            SeedVersion {
                key,
                last_modified: now
                    - Duration::seconds(i64::try_from(luck % (600 * 86_400)).unwrap_or_default()),
                // Log-uniform from 1 KiB to 16 MiB: many small ones, few large ones, as media are.
                kind: SeedKind::Plain {
                    size: (1024 << (luck >> 32 & 0xf).min(13)) + (luck & 0x3ff),
                },
                version_id: None,
            }
        })
        .collect();
    // In listing order, as a store keeps them.
    versions.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    Ok(World {
        name: spec.to_owned(),
        buckets: vec![WorldBucket {
            name: format!("synthetic-{shape}"),
            region: "us-east-1".to_owned(),
            created: now - Duration::days(700),
            versioning: Versioning::Off,
            configuration: std::collections::BTreeMap::new(),
            configuration_lists: std::collections::BTreeMap::new(),
            versions,
            uploads: Vec::new(),
        }],
    })
}

/// No folders at all.
fn flat(key: &mut String, n: u64) {
    write_hex(key, n);
    key.push_str(".jpg");
}

/// `users/{id}/…`: a hundred objects a user on the average, ten thousand users in a million.
fn users(key: &mut String, n: u64) {
    let user = mix(n ^ 0xabcd) % (n / 100 + 1);
    let _ = write!(key, "users/user-{user}/");
    write_hex(key, n);
    key.push_str(".jpg");
}

/// `ws/type/channel/message/…`: deep, with a folder for nearly every object.
fn chat(key: &mut String, n: u64) {
    let luck = mix(n ^ 0xc4a7);
    let kind = match luck % 10 {
        0..=5 => "photos",
        6 | 7 => "files",
        8 => "voice",
        _ => "videos",
    };
    let (workspace, channel) = (luck >> 8 & 0x1f, luck >> 16 & 0x3f);
    let _ = write!(
        key,
        "ws-{workspace:02}/{kind}/ch-{channel:03}/msg-{:09}/",
        n / 2
    );
    write_hex(key, n);
    key.push_str(".enc");
}

/// `YYYY/MM/DD/HH/…`: sixty objects an hour from 2024 on.
fn dates(key: &mut String, n: u64) {
    let start = DateTime::from_timestamp(1_704_067_200, 0).unwrap_or_default();
    let hour = start + Duration::minutes(i64::try_from(n).unwrap_or_default());
    let _ = write!(key, "{}", hour.format("%Y/%m/%d/%H/"));
    write_hex(key, n);
    key.push_str(".json");
}

/// Nine of ten keys under one prefix, the rest spread over a thousand.
fn skew(key: &mut String, n: u64) {
    if n % 10 == 9 {
        let _ = write!(key, "tenant-{:03}/", mix(n ^ 0x77) % 1000);
    } else {
        key.push_str("tenant-main/");
    }
    write_hex(key, n);
    key.push_str(".jpg");
}

fn write_hex(key: &mut String, n: u64) {
    let _ = write!(key, "{:016x}", mix(n));
}

/// The mixing step of SplitMix64: it takes no two numbers to the same one, so that no key occurs twice.
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
        for (shape, _) in SHAPES {
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
