//! Keys with and without a record.

use super::*;

#[test]
fn no_record_names_it_unless_one_names_what_it_was_made_from() {
    let ground = uploads(&[
        photo("u", "a.jpg"),
        photo("u", "a-thumbnail.jpg"),
        photo("u", "b.jpg"),
        photo("u", "b-thumbnail.jpg"),
        photo("u", "C.jpg"),
        photo("u", "d-thumbnail.jpg"),
    ]);
    let records = keys(&[
        (photo("u", "a.jpg"), Some("u")),
        (photo("u", "c.jpg"), Some("u")),
        (photo("u", "d-thumbnail.jpg"), Some("u")),
    ]);
    let found = findings("pilotforce", &[ground], None, Some(&records));
    assert_eq!(
        verdicts(&found),
        [
            (Kind::Suspect, photo("u", "C.jpg").as_str()),
            (Kind::RecordGone, photo("u", "b-thumbnail.jpg").as_str()),
            (Kind::RecordGone, photo("u", "b.jpg").as_str()),
            (Kind::Dangling, photo("u", "c.jpg").as_str()),
            // A record names it, although its apparent source is gone.
            (Kind::Suspect, photo("u", "d-thumbnail.jpg").as_str()),
        ]
    );
    let dangling = &found.verdicts[3];
    assert_eq!(
        dangling.evidence(),
        [format!("there is an object {}", photo("u", "C.jpg"))]
    );
}

#[test]
fn a_record_is_not_dangling_when_any_bucket_that_was_listed_holds_its_key() {
    let (here, there) = (message("photos", ".a.enc"), message("photos", ".b.enc"));
    let media = ground("quikapp", MEDIA, &[&here]);
    let replica = ground("quikapp", "quikapp-media-prod-eu", &[&here, &there]);
    let records = keys(&[
        (here.as_str(), None),
        (there.as_str(), None),
        ("of/another/application", None),
        ("ws-1/thumbnails/small/c/m/x.webp", None),
    ]);
    let found = findings("quikapp", &[media, replica], None, Some(&records));
    assert_eq!(verdicts(&found), []);
    assert_eq!((found.records_elsewhere, found.records_unexplained), (1, 1));
}

#[test]
fn a_list_of_keys_of_something_else_is_noticed() {
    let ground = uploads(&[photo("u", "a.jpg"), photo("u", "b.jpg")]);
    let records = keys(&[(format!("/{}", photo("u", "a.jpg")), None)]);
    let found = findings("pilotforce", &[ground], None, Some(&records));
    assert!(found.keys_are_strange);
    // The key that the record may mean is suspect; the other cannot be judged.
    let meant = photo("u", "a.jpg");
    assert_eq!(verdicts(&found), [(Kind::Suspect, meant.as_str())]);
}

#[test]
fn a_record_without_an_object_protects_what_it_may_be_the_beginning_of() {
    let (key, short) = (photo("u", "long-name.jpg"), photo("u", "long.jpg"));
    let without_extension = photo("u", "long-name");
    let name = without_extension.rsplit('/').next().unwrap().to_owned();
    for (record, expected) in [
        (without_extension.clone(), Kind::Suspect),
        (photo("u", "long-na"), Kind::Suspect),
        (format!("/{without_extension}"), Kind::Suspect),
        (format!("s3://b/{without_extension}"), Kind::Suspect),
        (format!("b/{without_extension}"), Kind::Suspect),
        (photo("u", "LONG-NAME"), Kind::Suspect),
        (photo("u", "long-n…"), Kind::Suspect),
        (photo("u", "long-n..."), Kind::Suspect),
        (photo("u", "long-n…jpg"), Kind::Suspect),
        (name, Kind::Suspect),
        (photo("u", "name"), Kind::RecordGone),
        (photo("u", "long-n…png"), Kind::RecordGone),
        (photo("u", "long-name.jpg.orig"), Kind::RecordGone),
        (photo("v", "long-name"), Kind::RecordGone),
    ] {
        let ground = uploads(&[key.as_str(), short.as_str()]);
        let records = keys(&[(record.as_str(), Some("u")), (short.as_str(), Some("u"))]);
        let found = findings("pilotforce", &[ground], None, Some(&records));
        let of_key = found.verdicts.iter().find(|one| one.key.as_str() == key);
        assert_eq!(of_key.map(|one| one.kind), Some(expected), "{record}");
    }
    // The record belongs to one object, and says nothing about the other.
    let ground = uploads(&[key.as_str(), without_extension.as_str()]);
    let records = keys(&[(without_extension.as_str(), Some("u"))]);
    let found = findings("pilotforce", &[ground], None, Some(&records));
    assert_eq!(verdicts(&found), [(Kind::RecordGone, key.as_str())]);
}

/// The records give an object to a deleted user and its derived object to an active one. One record is wrong, and
/// nothing shows which.
#[test]
fn an_original_is_suspect_where_a_record_gives_what_is_made_of_it_to_a_living_user() {
    let rules = Blueprint::parse(
        "test",
        r#"
version = 1
name = "t"
[[bucket]]
name = "media"
[[bucket.layout]]
id = "blob"
key = "blobs/{id}.{ext}"
owner_from = "registry"
[[bucket.derived]]
id = "thumb"
from = "blob"
to_bucket = "media"
regex = '^blobs/(.+)\..+$'
replace = 'th/$1.webp'
"#,
    )
    .unwrap();
    let all = |made: Option<&str>| {
        let objects = ["blobs/x.jpg", "th/x.webp", "blobs/y.jpg"];
        let objects = objects.map(|key| (key.to_owned(), 24 * 30));
        let ground = aged_by(&rules, "media", &objects);
        let mut records = vec![("blobs/x.jpg", Some("dead")), ("blobs/y.jpg", Some("dead"))];
        records.extend(made.map(|owner| ("th/x.webp", Some(owner))));
        let found = findings_by(
            &rules,
            &[ground],
            Some(&owners(&["alive"])),
            Some(&keys(&records)),
        );
        let kinds = verdicts(&found).into_iter();
        kinds
            .map(|(kind, key)| (key.to_owned(), kind))
            .collect::<Vec<_>>()
    };
    let kinds = |x, made| {
        vec![
            ("blobs/x.jpg".to_owned(), x),
            ("blobs/y.jpg".to_owned(), Kind::OwnerGone),
            ("th/x.webp".to_owned(), made),
        ]
    };
    assert_eq!(all(None), kinds(Kind::OwnerGone, Kind::OwnerGone));
    assert_eq!(all(Some("dead")), kinds(Kind::OwnerGone, Kind::OwnerGone));
    assert_eq!(all(Some("alive")), kinds(Kind::Suspect, Kind::Suspect));
}
