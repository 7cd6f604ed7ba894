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

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn every_kind_of_claim_comes_to_one_conclusion() {
    let system = blueprint(SYSTEM);
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
        rows.row(&Row {
            ids: &ids,
            owner,
            malformed,
        })
        .unwrap();
    }
    let records = rows.finish().unwrap();
    let ownership = Ownership::new(&system.buckets, Some(&records));
    let from = |key: &str, whose: Verdict| Source {
        bucket: name("media"),
        key: key.to_owned(),
        rule: "preview".to_owned(),
        whose,
    };
    let adas = || from("users/ada/1.png", one("ada"));
    let bobs = || from("users/ada/1.gif", one("bob"));
    let nobodys = || from("blobs/9.png", Verdict::Unknown(Unknown::NoRecord));
    let lost = Verdict::Unknown(Unknown::RuleLosesOwner {
        rule: "shared".to_owned(),
        from: name("media"),
    });
    for (bucket, key, sources, metadata, verdict) in [
        // The key, and a record that agrees or does not.
        ("media", "users/ada/1.png", vec![], None, one("ada")),
        ("media", "users/ada/agreed.png", vec![], None, one("ada")),
        (
            "media",
            "users/ada/sold.png",
            vec![],
            None,
            several(&["ada", "bob"]),
        ),
        (
            "media",
            "elsewhere.png",
            vec![],
            None,
            Verdict::Unknown(Unknown::NothingExplains),
        ),
        // A layout that leaves the owner to records or metadata.
        ("media", "blobs/1.png", vec![], None, one("ada")),
        (
            "media",
            "blobs/2.png",
            vec![],
            None,
            several(&["ada", "bob"]),
        ),
        (
            "media",
            "blobs/3.png",
            vec![],
            None,
            Verdict::Unknown(Unknown::NoRecord),
        ),
        (
            "media",
            "shares/1",
            vec![],
            None,
            Verdict::Unknown(Unknown::MetadataNotRead),
        ),
        (
            "media",
            "shares/1",
            vec![],
            Some(""),
            Verdict::Unknown(Unknown::MetadataSilent),
        ),
        ("media", "shares/1", vec![], Some("ada"), one("ada")),
        // Metadata say nothing where the layout does not ask them.
        ("media", "users/ada/1.png", vec![], Some("bob"), one("ada")),
        // An existing source decides, whatever the key says.
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
            several(&["ada", "bob"]),
        ),
        ("previews", "shared/1.png", vec![adas()], None, one("ada")),
        (
            "previews",
            "blobs/9.jpg",
            vec![nobodys()],
            None,
            Verdict::Unknown(Unknown::SourceUnknown),
        ),
        (
            "previews",
            "blobs/9.jpg",
            vec![nobodys(), adas()],
            None,
            Verdict::Unknown(Unknown::SourceUnknown),
        ),
        // Without one: the sources that there may have been.
        ("previews", "users/ada/1.jpg", vec![], None, one("ada")),
        (
            "previews",
            "users/ada/gone.jpg",
            vec![],
            None,
            several(&["ada", "bob"]),
        ),
        ("previews", "shared/1.png", vec![], None, lost),
        ("previews", "shared/known.png", vec![], None, one("ada")),
        (
            "previews",
            "elsewhere.jpg",
            vec![],
            None,
            Verdict::Unknown(Unknown::NothingExplains),
        ),
        // A key that names one user and may have been made of another's.
        (
            "media",
            "users/ada-small.l/1",
            vec![],
            None,
            several(&["ada-small.l", "ada.l"]),
        ),
        // A copy in quarantine is its original's owner's.
        (
            "media",
            "s3warden-quarantine/users/ada/1.png",
            vec![],
            None,
            one("ada"),
        ),
        (
            "media",
            "s3warden-quarantine/s3warden-quarantine/blobs/1.png",
            vec![],
            None,
            one("ada"),
        ),
        (
            "media",
            "s3warden-quarantine-long/00",
            vec![],
            None,
            Verdict::Unknown(Unknown::UnprovenCopy),
        ),
    ] {
        let seen = Seen {
            sources: &sources,
            are_sources_known: true,
            metadata,
            entry: None,
        };
        let answer = ownership.whose(&name(bucket), key, &seen);
        assert_eq!(answer.verdict, verdict, "{bucket}/{key}: {answer:?}");
        // Whoever is named has a claim that says why.
        for owner in answer.verdict.owners() {
            assert!(answer.is_claimed_by(&owner), "{bucket}/{key}: {answer:?}");
        }
    }
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
