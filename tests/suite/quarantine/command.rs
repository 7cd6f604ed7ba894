//! The command: its gates, what it says, and a user who comes back.

use std::collections::BTreeMap;

use s3warden::facade::sandbox::store::{Content, Moment};
use s3warden::facade::sandbox::world::{SeedKind, Versioning, WorldBucket};
use s3warden::facade::sandbox::{Fault, FaultRule, SandboxOptions};

use super::snapshot;
use crate::cli::support::{Endpoint, Program, Ran, bucket, options, seed};
use crate::orphans::support::{UPLOADS, all_but, document, program, uploads};

/// With the built-in blueprint and a list in which `user-1` is missing, in JSON.
pub fn act(program: &Program, more: &[&str]) -> Ran {
    let fixed = [
        "orphans",
        UPLOADS,
        "--blueprint",
        "pilotforce",
        "--format",
        "json",
        "--registry",
        "users.txt",
    ];
    program.run(&[&fixed[..], more].concat())
}

/// The same, allowed and confirmed.
pub fn confirmed(program: &Program, count: u64, more: &[&str]) -> Ran {
    let typed = format!("{UPLOADS}:{count}");
    act(program, &[more, &["--write", "--confirm", &typed]].concat())
}

fn of_user(number: u32) -> String {
    document(&format!("user-{number}"), "a.pdf")
}

/// Users of whom `gone` are missing from the list.
pub fn without(program: &Program, gone: &[u32]) {
    let users = (1..=20).filter(|n| !gone.contains(n));
    let list = users.fold(String::new(), |list, n| list + &format!("user-{n}\n"));
    program.write("users.txt", &list);
}

#[test]
fn a_dry_run_changes_nothing_and_says_what_to_type() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let program = program(&endpoint);
    let before = snapshot::of(&endpoint.sandbox);
    for word in ["quarantine", "delete"] {
        let ran = act(&program, &["--act", word]);
        let planned = ran.json(0);
        assert_eq!(planned["summary"]["confirm"], format!("{UPLOADS}:1"));
        assert_eq!(planned["items"][0]["outcome"], "planned");
        assert!(ran.err.contains("a dry run: 1 orphan,"), "{}", ran.err);
        assert!(
            ran.err.contains(&format!("--confirm {UPLOADS}:1")),
            "{}",
            ran.err
        );
    }
    assert_eq!(snapshot::of(&endpoint.sandbox), before);
}

#[test]
fn nothing_is_touched_unless_it_is_allowed_and_confirmed_to_the_number() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let program = program(&endpoint);
    let before = snapshot::of(&endpoint.sandbox);
    let right = format!("{UPLOADS}:1");
    let wrong = format!("{UPLOADS}:2");
    for (more, status, why) in [
        (vec!["--act", "delete", "--confirm", &right], 4, "read-only"),
        (vec!["--act", "delete", "--write"], 4, "not confirmed"),
        (
            vec!["--act", "delete", "--write", "--confirm", &wrong],
            4,
            "--confirm says 2",
        ),
        (
            vec!["--act", "delete", "--write", "--confirm", "another:1"],
            4,
            "--confirm says another",
        ),
        (
            vec!["--act", "delete", "--write", "--confirm", "1"],
            2,
            "BUCKET:COUNT",
        ),
        (
            vec!["--act", "delete", "--by", "copy"],
            2,
            "puts nothing aside",
        ),
        (
            vec!["--act", "quarantine", "--owner", "user-1"],
            2,
            "--act restore",
        ),
        (
            vec!["--act", "restore", "--expire-after", "3"],
            2,
            "--act quarantine",
        ),
        (vec!["--confirm", &right], 2, "--act"),
    ] {
        let ran = act(&program, &more);
        assert_eq!(ran.status, status, "{more:?} {ran:#?}");
        assert!(ran.err.contains(why), "{more:?} {}", ran.err);
    }
    // A share that no one believes is refused here as in the report.
    without(&program, &[1, 2, 3, 4]);
    let ran = confirmed(&program, 4, &["--act", "delete"]);
    assert_eq!(ran.status, 4, "{ran:#?}");
    assert!(ran.err.contains("--max-share"), "{}", ran.err);
    let unnamed = [
        "orphans",
        UPLOADS,
        "--registry",
        "users.txt",
        "--act",
        "quarantine",
    ];
    let ran = program.run(&unnamed);
    assert_eq!(ran.status, 2, "{ran:#?}");
    assert!(ran.err.contains("no blueprint was named"), "{}", ran.err);
    assert_eq!(snapshot::of(&endpoint.sandbox), before);
}

#[test]
fn a_user_who_comes_back_gets_their_own_media_back_and_nobody_elses() {
    for method in ["tag", "copy"] {
        let endpoint = Endpoint::serving(vec![uploads()]);
        let program = program(&endpoint);
        let before = snapshot::of(&endpoint.sandbox);
        without(&program, &[1, 10]);
        let by = ["--by", method];
        confirmed(&program, 2, &[&["--act", "quarantine"], &by[..]].concat()).json(0);
        let aside = snapshot::of(&endpoint.sandbox);
        assert_ne!(aside, before);
        let back = [&["--act", "restore", "--owner", "user-1"], &by[..]].concat();
        confirmed(&program, 1, &back).json(0);
        let after = snapshot::without_versions(&snapshot::of(&endpoint.sandbox));
        let (before, aside) = (
            snapshot::without_versions(&before),
            snapshot::without_versions(&aside),
        );
        let place = |key: String| (UPLOADS.to_owned(), key);
        assert_eq!(
            after[&place(of_user(1))],
            before[&place(of_user(1))],
            "{method}"
        );
        let held = match method {
            "tag" => of_user(10),
            _ => format!("s3warden-quarantine/{}", of_user(10)),
        };
        assert_eq!(after[&place(held.clone())], aside[&place(held)], "{method}");
        assert_eq!(after.len(), before.len(), "{method}");
    }
}

#[test]
fn an_object_with_ten_tags_is_left_with_the_reason_and_the_others_are_put_aside() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let program = program(&endpoint);
    without(&program, &[1, 2]);
    let ten: Vec<(String, String)> = (0..10).map(|n| (format!("k{n}"), "v".to_owned())).collect();
    tag(&endpoint, &of_user(1), &ten);
    tag(&endpoint, &of_user(2), &ten[..9]);
    let ran = confirmed(&program, 2, &["--act", "quarantine"]);
    let acted = ran.json(3);
    assert!(ran.err.contains("no eleventh"), "{}", ran.err);
    assert_eq!(acted["summary"]["outcomes"]["quarantined"], 1);
    assert_eq!(acted["summary"]["outcomes"]["retained"], 1);
    assert_eq!(
        snapshot::tagged(&snapshot::of(&endpoint.sandbox)),
        [of_user(2)]
    );
}

fn tag(endpoint: &Endpoint, key: &str, tags: &[(String, String)]) {
    let changed = endpoint.sandbox.store().write(UPLOADS, |bucket| {
        let id = bucket.keys.current(key).unwrap().id;
        bucket
            .keys
            .change(key, &id, |object| object.tags = tags.to_vec());
        Ok(())
    });
    changed.unwrap();
}

#[test]
fn what_the_lifecycle_hid_by_now_comes_back_from_under_its_marker() {
    let versioned = WorldBucket {
        versioning: Versioning::Enabled,
        ..uploads()
    };
    let endpoint = Endpoint::serving(vec![versioned]);
    let program = program(&endpoint);
    let before = snapshot::of(&endpoint.sandbox);
    confirmed(&program, 1, &["--act", "quarantine"]).json(0);
    // As a lifecycle rule does in a bucket that keeps versions.
    hide(&endpoint, &of_user(1));
    assert_eq!(snapshot::of(&endpoint.sandbox).len(), before.len() + 1);
    confirmed(&program, 1, &["--act", "restore"]).json(0);
    assert_eq!(snapshot::of(&endpoint.sandbox), before);
}

fn hide(endpoint: &Endpoint, key: &str) {
    let hidden = endpoint.sandbox.store().write(UPLOADS, |bucket| {
        let id = bucket.next_version_id();
        bucket
            .keys
            .add(key, id, Moment::now(), Content::DeleteMarker);
        Ok(())
    });
    hidden.unwrap();
}

#[test]
fn dangling_records_go_to_a_file_and_to_no_database() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let program = program(&endpoint);
    program.write(
        "keys.txt",
        &format!("{}\n{}\n", of_user(2), document("user-3", "never.pdf")),
    );
    let ran = act(
        &program,
        &[
            "--registry",
            "keys=keys.txt",
            "--max-share",
            "100",
            "--act",
            "quarantine",
            "--dangling-out",
            "out.ndjson",
        ],
    );
    assert_eq!(ran.status, 0, "{ran:#?}");
    let text = std::fs::read_to_string(program.home.path().join("out.ndjson")).unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let keys: Vec<&str> = lines
        .iter()
        .map(|line| line["key"].as_str().unwrap())
        .collect();
    assert_eq!(keys, [document("user-3", "never.pdf")]);
}

/// More than a batch and a page take, both on the way there and on the way back.
#[test]
fn a_wrong_quarantine_of_more_than_a_batch_is_undone_in_one_step() {
    let most = 1_010;
    let mut keys: Vec<String> = (0..most)
        .map(|n| document("user-1", &format!("{n}.pdf")))
        .collect();
    keys.push(of_user(2));
    let endpoint = Endpoint::serving(vec![bucket(UPLOADS, keys)]);
    let program = program(&endpoint);
    program.write("users.txt", &all_but("user-1"));
    let before = snapshot::of(&endpoint.sandbox);
    let more = ["--act", "quarantine", "--max-share", "100", "--jobs", "64"];
    confirmed(&program, most, &more).json(0);
    let tagged = snapshot::of(&endpoint.sandbox);
    assert_eq!(snapshot::tagged(&tagged).len() as u64, most);
    confirmed(&program, most, &["--act", "restore", "--jobs", "64"]).json(0);
    assert_eq!(snapshot::of(&endpoint.sandbox), before);
}

#[test]
fn a_copy_leaves_no_marker_where_versions_are_kept_and_what_differs_is_said() {
    let versioned = WorldBucket {
        versioning: Versioning::Enabled,
        ..uploads()
    };
    let endpoint = Endpoint::serving(vec![versioned]);
    let program = program(&endpoint);
    dress(&endpoint, &of_user(1), 2);
    let before = snapshot::of(&endpoint.sandbox);
    confirmed(&program, 1, &["--act", "quarantine", "--by", "copy"]).json(0);
    // Neither a version nor a marker is left in its place.
    let aside = snapshot::keys(&snapshot::of(&endpoint.sandbox), UPLOADS);
    assert!(!aside.contains(&of_user(1)));
    let ran = confirmed(&program, 1, &["--act", "restore", "--by", "copy"]);
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert!(
        ran.err.contains("a new version with a new time"),
        "{}",
        ran.err
    );
    let after = snapshot::of(&endpoint.sandbox);
    assert_ne!(after, before);
    assert_eq!(
        snapshot::without_versions(&after),
        snapshot::without_versions(&before)
    );
}

#[test]
fn hostile_keys_and_all_that_an_object_carries_survive_a_copy_and_its_way_back() {
    let hostile = [
        "a b+c%20.pdf",
        "u\u{308}\u{202e}gpj.pdf",
        "..//x",
        "👩.pdf",
        "tab\u{9}.pdf",
        "quote\"'.pdf",
        &"l".repeat(950),
        &"m".repeat(900),
    ]
    .map(|name| document("user-1", name));
    let mut seeds: Vec<_> = hostile
        .iter()
        .map(|key| seed(key, SeedKind::Plain { size: 10 }))
        .collect();
    seeds.extend((2..=20).map(|n| seed(&of_user(n), SeedKind::Plain { size: 10 })));
    let endpoint = Endpoint::with(SandboxOptions {
        ..options(vec![WorldBucket {
            versions: seeds,
            configuration: BTreeMap::new(),
            ..bucket(UPLOADS, Vec::<String>::new())
        }])
    });
    for (key, n) in hostile.iter().zip(0..) {
        dress(&endpoint, key, n);
    }
    let program = program(&endpoint);
    let before = snapshot::of(&endpoint.sandbox);
    let count = hostile.len() as u64;
    let more = ["--act", "quarantine", "--by", "copy", "--max-share", "100"];
    confirmed(&program, count, &more).json(0);
    let aside = snapshot::keys(&snapshot::of(&endpoint.sandbox), UPLOADS);
    assert!(hostile.iter().all(|key| !aside.contains(key)));
    confirmed(&program, count, &["--act", "restore", "--by", "copy"]).json(0);
    let after = snapshot::of(&endpoint.sandbox);
    assert_eq!(
        snapshot::without_versions(&after),
        snapshot::without_versions(&before)
    );
}

/// Gives an object metadata, headers, tags and a class.
fn dress(endpoint: &Endpoint, key: &str, n: usize) {
    let changed = endpoint.sandbox.store().write(UPLOADS, |bucket| {
        let id = bucket.keys.current(key).unwrap().id;
        bucket.keys.change(key, &id, |object| {
            object.tags = vec![("kept".to_owned(), format!("é {n}"))];
            object.storage_class = n.is_multiple_of(2).then(|| "STANDARD_IA".into());
            object.attributes.content_type = Some("image/jpeg".to_owned());
            object.attributes.cache_control = Some("max-age=60".to_owned());
            object.attributes.content_disposition = Some("inline; filename=\"x\"".to_owned());
            object
                .attributes
                .metadata
                .insert("name".to_owned(), "value".to_owned());
        });
        Ok(())
    });
    changed.unwrap();
}

#[test]
fn the_last_sentence_of_a_deletion_counts_what_went_by_it() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let ran = confirmed(&program(&endpoint), 1, &["--act", "delete"]);
    assert_eq!(ran.status, 0, "{ran:#?}");
    let sentence = "1 thing deleted and listed again: gone; 0 things gone before";
    assert!(ran.err.contains(sentence), "{}", ran.err);
}

#[test]
fn without_sts_the_owner_of_the_buckets_puts_aside_and_brings_back() {
    for method in ["tag", "copy"] {
        let no_sts = FaultRule::new(Fault::AccessDenied).on("GetCallerIdentity");
        let endpoint = Endpoint::with(SandboxOptions {
            faults: vec![no_sts],
            ..options(vec![uploads()])
        });
        let program = program(&endpoint);
        let before = snapshot::without_versions(&snapshot::of(&endpoint.sandbox));
        for act in ["quarantine", "restore"] {
            let done = confirmed(&program, 1, &["--act", act, "--by", method]).json(0);
            let receipt = done["summary"]["receipt"].as_str().unwrap();
            let receipt = std::fs::read_to_string(receipt).unwrap();
            assert!(
                receipt.contains("\"source\":\"list-buckets\""),
                "{act} by {method}: {receipt}"
            );
            let now = snapshot::without_versions(&snapshot::of(&endpoint.sandbox));
            assert_eq!(now == before, act == "restore", "{act} by {method}");
        }
    }
}
