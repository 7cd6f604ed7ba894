//! Whether every member of S3's answers is read, or left out for a reason.
//!
//! `tests/tables/s3-model.txt` has the members, as `tests/tables/s3-model.py` finds them in the SDK. A member counts as read
//! where the code that talks to S3 names it. After an update of the SDK the list has to be written again; a new member fails here
//! until somebody has read it or has said in `tests/tables/s3-model-left-out.toml` why not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LeftOut {
    left_out: Vec<Reason>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    because: String,
    members: Vec<String>,
}

/// All words that follow a `.` or a `:` in the sources below a folder.
fn named(folder: &Path, words: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            named(&path, words);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let parts =
                text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | ':')));
            for part in parts {
                words.extend(part.split(['.', ':']).skip(1).map(str::to_owned));
            }
        }
    }
}

/// The list without its first line, which names the version of the SDK that it was taken from.
fn members(model: &str) -> (&str, impl Iterator<Item = &str>) {
    let (version, members) = model.split_once('\n').unwrap();
    (version, members.lines())
}

#[derive(Deserialize)]
struct Locked {
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
}

#[test]
fn the_members_are_those_of_the_sdk_that_is_locked() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let model = fs::read_to_string(root.join("tests/tables/s3-model.txt")).unwrap();
    let text = fs::read_to_string(root.join("Cargo.lock")).unwrap();
    let locked: Locked = toml::from_str(&text).unwrap();
    let mut packages = locked.package.iter();
    let sdk = packages.find(|one| one.name == "aws-sdk-s3").unwrap();
    assert_eq!(
        members(&model).0,
        format!("# aws-sdk-s3 {}", sdk.version),
        "run tests/tables/s3-model.py"
    );
}

#[test]
fn every_member_of_an_answer_is_read_or_left_out_for_a_reason() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tables = root.join("tests/tables");
    let model = fs::read_to_string(tables.join("s3-model.txt")).unwrap();
    let text = fs::read_to_string(tables.join("s3-model-left-out.toml")).unwrap();
    let left_out: LeftOut = toml::from_str(&text).unwrap();
    let mut reasons: BTreeMap<&str, &str> = BTreeMap::new();
    for reason in &left_out.left_out {
        assert!(!reason.because.is_empty());
        for member in &reason.members {
            assert_eq!(reasons.insert(member, &reason.because), None, "{member}");
        }
    }
    let mut words = BTreeSet::new();
    named(&root.join("src/aws"), &mut words);
    let (mut unread, mut read_after_all) = (Vec::new(), Vec::new());
    for line in members(&model).1 {
        let (_, member) = line.split_once(' ').unwrap();
        match (words.contains(member), reasons.remove(line)) {
            (false, None) => unread.push(line),
            (true, Some(_)) => read_after_all.push(line),
            (true, None) | (false, Some(_)) => {}
        }
    }
    assert!(unread.is_empty(), "neither read nor left out: {unread:#?}");
    assert!(
        read_after_all.is_empty(),
        "left out, and yet read: {read_after_all:#?}"
    );
    assert!(reasons.is_empty(), "no longer in the model: {reasons:#?}");
}
