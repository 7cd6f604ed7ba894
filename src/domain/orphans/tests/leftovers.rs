//! Versions without a current object, and incomplete uploads.

use super::*;
use crate::domain::orphans::non_current::{self, Versions};
use crate::domain::ownership::Ownership;
use crate::domain::{ObjectVersion, Upload, VersionId};

fn version(key: &str, hours: i64, is_latest: bool, is_delete_marker: bool) -> ObjectVersion {
    ObjectVersion {
        object: object(key, hours),
        version_id: VersionId(format!("{key}{hours}")),
        is_latest,
        is_delete_marker,
    }
}

#[test]
fn older_versions_are_counted_where_the_metadata_of_each_names_its_owner() {
    const RULES: &str = r#"
version = 1
name = "stated"
[[bucket]]
name = "media"
[[bucket.layout]]
id = "blob"
key = "blobs/{id}"
owner_from = "metadata:uid"
[[bucket.layout]]
id = "user"
key = "users/{user}/{file...}"
owner = "user"
"#;
    let blueprint = Blueprint::parse("test", RULES).unwrap();
    let mut versions = Versions::of(&blueprint.buckets[0]);
    for one in [
        version("blobs/1", 100, true, false),
        version("blobs/1", 200, false, false),
        version("blobs/2", 100, true, false),
        version("blobs/3", 100, true, true),
        version("blobs/3", 200, false, false),
        version("users/ada/1", 100, true, false),
        version("users/ada/1", 200, false, false),
        version("other", 100, true, false),
        version("other", 200, false, false),
    ] {
        versions.add(0, &one);
    }
    let older = versions.older_of_others();
    assert_eq!(older.iter().collect::<Vec<_>>(), [(&"blob".to_owned(), &1)]);
}

#[test]
fn only_keys_without_a_current_object_are_versions_only() {
    let (hidden, current) = (photo("u", "hidden.jpg"), photo("u", "current.jpg"));
    let (lately, marker) = (photo("u", "lately.jpg"), photo("u", "marker.jpg"));
    let mut versions = Versions::default();
    for one in [
        version(&current, 100, true, false),
        version(&current, 200, false, false),
        version(&hidden, 100, true, true),
        version(&hidden, 200, false, false),
        version(&hidden, 300, false, false),
        version(&lately, 1, true, true),
        version(&lately, 300, false, false),
        version(&marker, 100, true, true),
    ] {
        versions.add(0, &one);
    }
    let ground = uploads(&[&current]);
    let before = now() - TimeDelta::hours(48);
    let blueprint = Blueprint::builtin("pilotforce").unwrap();
    let ownership = Ownership::new(&blueprint.buckets, None);
    let (found, young) = versions.finish(&ground.rules, &ground.objects, &ownership, before);
    assert_eq!(young, 1, "of what was written lately, age leaves out");
    let found: Vec<_> = found
        .iter()
        .map(|one| (one.key.as_str(), one.size.unwrap().bytes(), one.words()))
        .collect();
    let words = |what: &str| format!("there is no current object, only {what}");
    assert_eq!(
        found,
        [
            (
                hidden.as_str(),
                2_000,
                words("2 versions and 1 delete marker")
            ),
            (marker.as_str(), 0, words("1 delete marker")),
        ]
    );
}

#[test]
fn an_upload_is_abandoned_after_what_the_blueprint_allows_else_after_a_week() {
    let media = ground::<&str>("quikapp", MEDIA, &[]).rules;
    let uploads = uploads::<&str>(&[]).rules;
    let judge = |rules: &BucketBlueprint, key: &str, hours: i64| {
        let upload = Upload {
            key: ObjectKey::new(key).unwrap(),
            upload_id: "id".to_owned(),
            initiated: Some(now() - TimeDelta::hours(hours)),
            storage_class: StorageClass::default(),
        };
        let before = now() - TimeDelta::hours(48);
        let ownership = Ownership::new(std::slice::from_ref(rules), None);
        non_current::upload(rules, &upload, &ownership, now(), before)
    };
    // The blueprint allows a day, but nothing younger than two days is judged.
    assert!(judge(&media, &message("photos", ".a.enc"), 47).is_none());
    let found = judge(&media, &message("photos", ".a.enc"), 49).unwrap();
    assert_eq!(
        found.words(),
        "the upload was begun more than 2 days ago and never completed"
    );
    assert!(judge(&uploads, &photo("u", "a.jpg"), 24 * 7).is_none());
    let found = judge(&uploads, &photo("u", "a.jpg"), 24 * 7 + 1).unwrap();
    assert_eq!(found.owner.as_deref(), Some("u"));
}
