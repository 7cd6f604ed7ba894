//! One conclusion from every kind of claim.

use super::*;
use crate::domain::registry::{Intake, Row, Subject};

const SYSTEM: &str = r#"
[[bucket]]
name = "media"

[[bucket.layout]]
id = "upload"
key = "users/{user}/{file...}"
owner = "user"

[[bucket.layout]]
id = "blob"
key = "blobs/{id}"
owner_from = "registry"

[[bucket.layout]]
id = "share"
key = "shares/{id}"
owner_from = "metadata:owner"

[[bucket.derived]]
id = "preview"
from = ["upload", "blob"]
to_bucket = "previews"
regex = '^(.+)\.([^.]+)$'
replace = '$1.jpg'

[[bucket.derived]]
id = "shared"
from = "upload"
to_bucket = "previews"
regex = '^users/[^/]+/(.+)$'
replace = 'shared/$1'

[[bucket.derived]]
id = "small"
from = "upload"
to_bucket = "media"
regex = '^(.+)(\..+?)$'
replace = '$1-small$2'

[[bucket]]
name = "previews"
"#;

fn records() -> Registry {
    let mut rows = Intake::new(Subject::Keys, "a test", chrono::DateTime::UNIX_EPOCH);
    for (key, owner) in [
        ("blobs/1.png", Some("ada")),
        ("blobs/2.png", Some("ada")),
        ("blobs/2.png", Some("bob")),
        ("blobs/3.png", None),
        ("users/ada/agreed.png", Some("ada")),
        ("users/ada/sold.png", Some("bob")),
        ("shared/known.png", Some("ada")),
        ("users/ada/gone.jpg", Some("bob")),
    ] {
        let (ids, malformed) = ([key], false);
        let row = Row {
            ids: &ids,
            owner,
            malformed,
        };
        rows.row(&row).unwrap();
    }
    rows.finish().unwrap()
}

/// An object, its sources, its metadata, and the expected owner.
type Case = (
    &'static str,
    &'static str,
    Vec<Source>,
    Option<&'static str>,
    Verdict,
);

fn check(cases: Vec<Case>) {
    let (system, records) = (blueprint(SYSTEM), records());
    let ownership = Ownership::new(&system.buckets, Some(&records));
    for (bucket, key, sources, metadata, verdict) in cases {
        let seen = Seen {
            sources: &sources,
            metadata,
            entry: None,
        };
        let answer = ownership.whose(&name(bucket), key, &seen);
        assert_eq!(answer.verdict, verdict, "{bucket}/{key}: {answer:?}");
        // Every owner in the verdict has a claim with evidence.
        for owner in answer.verdict.owners() {
            assert!(answer.is_claimed_by(&owner), "{bucket}/{key}: {answer:?}");
        }
    }
}

fn unknown(why: Unknown) -> Verdict {
    Verdict::Unknown(why)
}

#[test]
fn a_key_and_a_record_that_disagree_make_it_contested() {
    let both = || several(&["ada", "bob"]);
    check(vec![
        ("media", "users/ada/1.png", vec![], None, one("ada")),
        ("media", "users/ada/agreed.png", vec![], None, one("ada")),
        ("media", "users/ada/sold.png", vec![], None, both()),
        (
            "media",
            "elsewhere.png",
            vec![],
            None,
            unknown(Unknown::NothingExplains),
        ),
    ]);
}

#[test]
fn a_layout_may_leave_the_owner_to_records_or_metadata() {
    let both = || several(&["ada", "bob"]);
    check(vec![
        ("media", "blobs/1.png", vec![], None, one("ada")),
        ("media", "blobs/2.png", vec![], None, both()),
        (
            "media",
            "blobs/3.png",
            vec![],
            None,
            unknown(Unknown::NoRecord),
        ),
        (
            "media",
            "shares/1",
            vec![],
            None,
            unknown(Unknown::MetadataNotRead),
        ),
        (
            "media",
            "shares/1",
            vec![],
            Some(""),
            unknown(Unknown::MetadataSilent),
        ),
        ("media", "shares/1", vec![], Some("ada"), one("ada")),
        // Metadata do not count if the layout does not use them.
        ("media", "users/ada/1.png", vec![], Some("bob"), one("ada")),
    ]);
}

#[test]
fn an_existing_source_decides_whatever_the_key_says() {
    let from = |key: &str, whose: Verdict| Source {
        bucket: name("media"),
        key: key.to_owned(),
        rule: "preview".to_owned(),
        whose,
    };
    let adas = || from("users/ada/1.png", one("ada"));
    let bobs = || from("users/ada/1.gif", one("bob"));
    let nobodys = || from("blobs/9.png", unknown(Unknown::NoRecord));
    let both = || several(&["ada", "bob"]);
    let untold = || unknown(Unknown::UntoldSource);
    check(vec![
        (
            "media",
            "users/bob/1-small.png",
            vec![adas()],
            None,
            one("ada"),
        ),
        (
            "previews",
            "users/ada/1.jpg",
            vec![adas()],
            None,
            one("ada"),
        ),
        (
            "previews",
            "users/ada/1.jpg",
            vec![bobs()],
            None,
            one("bob"),
        ),
        (
            "previews",
            "users/ada/1.jpg",
            vec![adas(), bobs()],
            None,
            both(),
        ),
        ("previews", "shared/1.png", vec![adas()], None, one("ada")),
        ("previews", "blobs/9.jpg", vec![nobodys()], None, untold()),
        (
            "previews",
            "blobs/9.jpg",
            vec![nobodys(), adas()],
            None,
            untold(),
        ),
    ]);
}

#[test]
fn without_a_source_those_count_that_there_may_have_been() {
    let lost = unknown(Unknown::RuleLosesOwner {
        rule: "shared".to_owned(),
        from: name("media"),
    });
    let both = || several(&["ada", "bob"]);
    let nothing = || unknown(Unknown::NothingExplains);
    let named_and_made = several(&["ada-small.l", "ada.l"]);
    check(vec![
        ("previews", "users/ada/1.jpg", vec![], None, one("ada")),
        ("previews", "users/ada/gone.jpg", vec![], None, both()),
        ("previews", "shared/1.png", vec![], None, lost),
        ("previews", "shared/known.png", vec![], None, one("ada")),
        ("previews", "elsewhere.jpg", vec![], None, nothing()),
        ("media", "users/ada-small.l/1", vec![], None, named_and_made),
    ]);
}

#[test]
fn a_copy_in_quarantine_is_its_originals_owners() {
    let copy = "s3warden-quarantine/users/ada/1.png";
    let twice = "s3warden-quarantine/s3warden-quarantine/blobs/1.png";
    let long = "s3warden-quarantine-long/00";
    check(vec![
        ("media", copy, vec![], None, one("ada")),
        ("media", twice, vec![], None, one("ada")),
        ("media", long, vec![], None, unknown(Unknown::UnprovenCopy)),
    ]);
}

#[test]
fn a_thumbnail_of_a_thumbnail_that_is_gone_is_the_first_sources() {
    let system = blueprint(SYSTEM);
    let ownership = Ownership::new(&system.buckets, None);
    let answer = ownership.whose(
        &name("media"),
        "users/ada-small-small.l/1",
        &Seen::default(),
    );
    assert_eq!(
        answer.verdict,
        several(&["ada-small-small.l", "ada-small.l", "ada.l"])
    );
}

fn one(id: &str) -> Verdict {
    Verdict::One(owner(id))
}

fn several(ids: &[&str]) -> Verdict {
    Verdict::Contested(ids.iter().map(|id| owner(id)).collect())
}
