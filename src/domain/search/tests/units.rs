//! Single systems, written by hand.

use super::store::Kind;
use super::*;
use crate::domain::search::OtherBuckets;

const PREVIEWS_OF_MEDIA: &str = r#"
version = 1
name = "previews"

[[bucket]]
name = "media"

[[bucket.layout]]
id = "users"
key = "users/{user}/{name...}"
owner = "user"

[[bucket.layout]]
id = "blobs"
key = "blobs/{name}"
owner_from = "registry"

[[bucket.derived]]
id = "preview"
from = "users"
to_bucket = "previews"
regex = '^(.+)\.([^.]+)$'
replace = 'previews/$1.jpg'

[[bucket.derived]]
id = "flat"
from = "users"
to_bucket = "flat"
regex = '^users/[^/]+/(.+)$'
replace = 'flat/$1'

[[bucket]]
name = "previews"

[[bucket]]
name = "flat"
"#;

fn store() -> Store {
    let mut store = Store::default();
    for bucket in ["media", "previews", "flat"] {
        store.add(bucket, Versioning::Off);
    }
    store
}

pub(super) fn list(records: &[(&str, &str)]) -> Registry {
    let mut intake = Intake::new(Names::Keys, "a test", DateTime::UNIX_EPOCH);
    for (key, owner) in records.iter().chain([&("nothing", "nobody")]) {
        let ids = [*key];
        let row = Row {
            ids: &ids,
            owner: Some(*owner),
            malformed: false,
        };
        intake.row(&row).unwrap();
    }
    intake.finish().unwrap()
}

fn owners(ids: &[&str]) -> Registry {
    let mut intake = Intake::new(Names::Owners, "a test", DateTime::UNIX_EPOCH);
    for id in ids {
        let row = Row {
            ids: &[*id],
            owner: None,
            malformed: false,
        };
        intake.row(&row).unwrap();
    }
    intake.finish().unwrap()
}

fn found(store: &Store, records: &[(&str, &str)], user: &str) -> Found<String> {
    let rules = Blueprint::parse("test", PREVIEWS_OF_MEDIA).unwrap();
    find(&rules, store, &list(records), user)
}

fn keys(found: &Found<String>) -> Vec<(&str, &str)> {
    let claims = found.items.iter().map(|item| &item.claim);
    claims
        .map(|claim| (claim.bucket.as_str(), claim.key.as_str()))
        .collect()
}

fn gaps(found: &Found<String>) -> Vec<&str> {
    let gaps = found.coverage.gaps().iter();
    gaps.map(|gap| gap.what.as_str()).collect()
}

#[test]
fn a_preview_is_found_although_its_original_is_gone_without_a_trace() {
    let mut store = store();
    store.put("previews", "previews/users/ada/1.jpg", "ada", None);
    store.put("previews", "previews/users/bob/1.jpg", "bob", None);
    store.begin("previews", "previews/users/ada/2.jpg", "ada");
    let found = found(&store, &[], "ada");
    assert_eq!(
        keys(&found),
        [
            ("previews", "previews/users/ada/1.jpg"),
            ("previews", "previews/users/ada/2.jpg")
        ]
    );
    assert!(found.items.iter().all(|item| item.claim.is_derived()));
    assert!(found.coverage.is_complete(), "{:?}", found.coverage);
}

#[test]
fn where_a_rule_loses_the_owner_what_no_original_makes_is_counted_and_told() {
    let mut store = store();
    store.put("media", "users/bob/2.png", "bob", None);
    store.put("flat", "flat/1.png", "ada", None);
    store.put("flat", "flat/2.png", "bob", None);
    let found = found(&store, &[], "ada");
    assert_eq!(keys(&found), []);
    assert_eq!(
        gaps(&found),
        ["flat: renditions of originals that are gone, 1 key"]
    );
}

#[test]
fn an_object_whose_metadata_names_nobody_may_be_the_users() {
    let by_metadata = r#"
        version = 1
        name = "test"
        [[bucket]]
        name = "media"
        [[bucket.layout]]
        id = "blobs"
        key = "blobs/{filename...}"
        owner_from = "metadata:owner"
        "#;
    let rules = Blueprint::parse("test", by_metadata).unwrap();
    let mut store = store();
    store.put("media", "blobs/1", "ada", Some("ada"));
    store.put("media", "blobs/2", "ada", None);
    store.put("media", "blobs/3", "bob", Some("bob"));
    let found = find(&rules, &store, &list(&[]), "ada");
    assert_eq!(keys(&found), [("media", "blobs/1")]);
    assert_eq!(gaps(&found), ["media: the owner of 1 object"]);
}

#[test]
fn records_that_cannot_be_read_may_give_keys_to_the_user() {
    let by_records = r#"
        version = 1
        name = "test"
        [[bucket]]
        name = "media"
        [[bucket.layout]]
        id = "blobs"
        key = "blobs/{filename...}"
        owner_from = "registry"
        "#;
    let rules = Blueprint::parse("test", by_records).unwrap();
    let mut intake = Intake::new(Names::Keys, "a test", DateTime::UNIX_EPOCH);
    for (key, malformed) in [("blobs/1", false), ("", true)] {
        let ids = [key];
        let row = Row {
            ids: &ids,
            owner: Some("ada"),
            malformed,
        };
        intake.row(&row).unwrap();
    }
    let mut store = store();
    store.put("media", "blobs/1", "ada", None);
    store.put("media", "blobs/2", "ada", None);
    let found = find(&rules, &store, &intake.finish().unwrap(), "ada");
    assert_eq!(keys(&found), [("media", "blobs/1")]);
    assert_eq!(gaps(&found), ["media: the layout blobs"]);
}

#[test]
fn an_upload_by_a_rule_that_loses_the_owner_is_told_although_anothers_source_is_there() {
    let mut store = store();
    store.put("media", "users/bob/1.png", "bob", None);
    store.begin("flat", "flat/1.png", "ada");
    let found = found(&store, &[], "ada");
    assert_eq!(keys(&found), []);
    assert_eq!(
        gaps(&found),
        ["flat: renditions of originals that are gone, 1 key"]
    );
}

#[test]
fn an_upload_that_another_may_have_begun_is_not_taken_with_what_the_users_own_source_makes() {
    let mut store = store();
    store.put("media", "users/ada/1.png", "ada", None);
    store.begin("flat", "flat/1.png", "bob");
    let found = found(&store, &[], "ada");
    assert_eq!(keys(&found), [("media", "users/ada/1.png")]);
    assert_eq!(gaps(&found), ["flat: the owner of 1 incomplete upload"]);
}

#[test]
fn what_two_users_media_become_is_contested_and_neither_ones() {
    let mut store = store();
    for user in ["ada", "bob"] {
        store.put("media", &format!("users/{user}/1.png"), user, None);
    }
    store.put("flat", "flat/1.png", "bob", None);
    let found = found(&store, &[], "ada");
    assert_eq!(keys(&found), [("media", "users/ada/1.png")]);
    let contested: Vec<&str> = found
        .contested
        .iter()
        .map(|one| one.item.claim.key.as_str())
        .collect();
    assert_eq!(contested, ["flat/1.png"]);
    assert_eq!(gaps(&found), ["flat: 1 key is contested"]);
}

#[test]
fn what_records_give_to_two_users_is_named_and_left() {
    let mut store = store();
    store.put("media", "blobs/1", "ada", None);
    store.put("media", "users/ada/1.png", "ada", None);
    let records = [
        ("blobs/1", "ada"),
        ("blobs/1", "bob"),
        ("users/ada/1.png", "bob"),
    ];
    for user in ["ada", "bob"] {
        let found = found(&store, &records, user);
        assert_eq!(keys(&found), [], "{user}");
        let contested: Vec<&str> = found
            .contested
            .iter()
            .map(|one| one.item.claim.key.as_str())
            .collect();
        assert_eq!(contested, ["blobs/1", "users/ada/1.png"], "{user}");
        assert_eq!(gaps(&found), ["media: 2 keys are contested"], "{user}");
    }
}

/// The forms in which a list may write `blobs/1.jpg`.
const FORMS: [&str; 14] = [
    "/blobs/1.jpg",
    "./blobs/1.jpg",
    "s3://media/blobs/1.jpg",
    "https://media.s3.amazonaws.com/blobs/1.jpg?X-Amz-Expires=1",
    "https://cdn.example.org/blobs/1.jpg",
    "arn:aws:s3:::media/blobs/1.jpg",
    "media/blobs/1.jpg",
    "1.jpg",
    "blobs%2F1.jpg",
    "BLOBS/1.JPG",
    "blobs/1.jpg ",
    "blobs/1.jpg?v=1",
    "s3://media/blobs/1",
    "blobs/1…",
];

#[test]
fn what_a_record_in_another_form_gives_to_another_user_is_contested() {
    for form in FORMS {
        let mut store = store();
        store.put("media", "blobs/1.jpg", "ada", None);
        store.put("media", "users/ada/2.jpg", "ada", None);
        let records = [("blobs/1.jpg", "ada"), (form, "bob")];
        let of_ada = found(&store, &records, "ada");
        let contested: Vec<&str> = of_ada
            .contested
            .iter()
            .map(|one| one.item.claim.key.as_str())
            .collect();
        assert_eq!(contested, ["blobs/1.jpg"], "{form}");
        assert_eq!(keys(&of_ada), [("media", "users/ada/2.jpg")], "{form}");
        // Such a record gives the user nothing, and the user's own record raises no doubt.
        let records = [("blobs/1.jpg", "ada"), (form, "ada")];
        let of_ada = found(&store, &records, "ada");
        assert!(of_ada.contested.is_empty(), "{form}");
        assert_eq!(of_ada.items.len(), 2, "{form}");
        let of_bob = found(&store, &[("blobs/1.jpg", "ada"), (form, "bob")], "bob");
        assert_eq!(keys(&of_bob), [], "{form}");
    }
}

#[test]
fn a_key_of_its_own_is_no_other_form_of_a_key() {
    let mut store = store();
    store.put("media", "users/ada/blobs/1.jpg", "ada", None);
    let records = [
        ("blobs/1.jpg", "bob"),
        ("blobs/1.jpg.bak", "bob"),
        ("users/ada/blobs/2.jpg", "bob"),
    ];
    let found = found(&store, &records, "ada");
    assert!(found.contested.is_empty());
    assert_eq!(keys(&found), [("media", "users/ada/blobs/1.jpg")]);
}

#[test]
fn a_record_of_the_user_that_no_layout_explains_is_said() {
    for form in FORMS {
        let mut store = store();
        store.put("media", "blobs/1.jpg", "ada", None);
        let found = found(&store, &[(form, "ada")], "ada");
        assert_eq!(keys(&found), [], "{form}");
        assert_eq!(
            gaps(&found),
            ["the object of 1 record of this user"],
            "{form}"
        );
        assert!(found.coverage.gaps()[0].why.contains("normalize"), "{form}");
    }
    // A rule produces one of them; a layout explains the other.
    let mut store = store();
    store.put("media", "users/ada/1.png", "ada", None);
    let records = [
        ("previews/users/ada/1.jpg", "ada"),
        ("users/ada/1.png", "ada"),
    ];
    assert_eq!(gaps(&found(&store, &records, "ada")), Vec::<&str>::new());
}

#[test]
fn an_upload_that_the_service_lists_and_does_not_know_stays_in_what_was_found() {
    let mut store = store();
    store.begin("media", "users/ada/100%25.bin", "ada");
    store.unknown_uploads = true;
    let found = found(&store, &[], "ada");
    assert_eq!(keys(&found), [("media", "users/ada/100%25.bin")]);
    assert_eq!(
        gaps(&found),
        ["the size of an upload of s3://media/users/ada/100%25.bin"]
    );
}

#[test]
fn an_upload_that_is_gone_when_uploads_are_listed_again_is_left_out() {
    let mut store = store();
    store.begin("media", "users/ada/1", "ada");
    let rules = Blueprint::parse("test", PREVIEWS_OF_MEDIA).unwrap();
    let (owner, list, records) = (OwnerId::new("ada").unwrap(), list(&[]), BTreeSet::new());
    let mut search: Search<'_, String> = Search::new(Subject {
        blueprint: &rules,
        owner: &owner,
        records: Some(&records),
        list: Some(&list),
        living: None,
        known: &[],
        max_heads: 0,
    });
    let mut questions = search.step(Vec::new());
    while !questions.is_empty() {
        // The upload is aborted before the search asks for its parts.
        if questions
            .iter()
            .any(|one| matches!(one, Question::Stored { .. }))
        {
            store
                .remove("media", "users/ada/1", Kind::Upload, "u1")
                .unwrap();
            store.unknown_uploads = true;
        }
        let answers = questions
            .iter()
            .map(|one| store.answer(one, &rules, &owner));
        questions = search.step(answers.collect());
    }
    let found = search.finish(false);
    assert_eq!(keys(&found), []);
    assert!(found.coverage.is_complete(), "{:?}", found.coverage);
}

#[test]
fn a_listing_of_originals_that_fails_leaves_what_hangs_on_it() {
    let mut store = store();
    store.put("media", "users/ada/1.png", "ada", None);
    store.put("flat", "flat/1.png", "ada", None);
    assert_eq!(
        keys(&found(&store, &[], "ada")),
        [("flat", "flat/1.png"), ("media", "users/ada/1.png")]
    );
    store.denied.insert("media".to_owned());
    let found = found(&store, &[], "ada");
    assert_eq!(keys(&found), [("media", "users/ada/1.png")], "{found:?}");
    assert_eq!(found.contested.len(), 1);
    assert!(!found.coverage.is_complete());
}

#[test]
fn buckets_that_the_blueprint_does_not_name_are_named_and_make_nothing_incomplete() {
    let mut store = store();
    store.add("another-application", Versioning::Off);
    let found = found(&store, &[], "ada");
    let OtherBuckets::Names(names) = found.other_buckets.unwrap() else {
        panic!("they were listed");
    };
    let names: Vec<&str> = names
        .iter()
        .map(crate::domain::BucketName::as_str)
        .collect();
    assert_eq!(names, ["another-application"]);
    assert!(found.coverage.is_complete());
}

#[test]
fn a_bucket_of_the_blueprint_of_which_nothing_says_whose_it_is_is_not_called_searched() {
    let rules = Blueprint::parse(
        "test",
        &format!("{PREVIEWS_OF_MEDIA}\n[[bucket]]\nname = \"exports\"\n"),
    );
    let rules = rules.unwrap();
    let mut store = store();
    store.add("exports", Versioning::Off);
    store.put("exports", "exports/ada.zip", "ada", None);
    let found = find(&rules, &store, &list(&[]), "ada");
    // Only rules lead to the other two.
    let searched: Vec<&str> = found
        .searched
        .keys()
        .map(crate::domain::BucketName::as_str)
        .collect();
    assert_eq!(searched, ["flat", "media", "previews"]);
    let exports = crate::domain::BucketName::new("exports").unwrap();
    assert_eq!(
        found.other_buckets,
        Some(OtherBuckets::Names(vec![exports]))
    );
}

#[test]
fn whole_buckets_are_asked_for_where_a_rule_needs_it_and_nowhere_else() {
    let rules = Blueprint::builtin("pilotforce").unwrap();
    let asked = |user: &str| {
        let owner = OwnerId::new(user).unwrap();
        let mut store = Store::default();
        for bucket in &rules.buckets {
            store.add(bucket.name.as_str(), Versioning::Off);
        }
        let mut search: Search<'_, String> = Search::new(Subject {
            blueprint: &rules,
            owner: &owner,
            records: None,
            list: None,
            living: None,
            known: &[],
            max_heads: 0,
        });
        let mut asked = 0;
        let mut questions = search.step(Vec::new());
        while !questions.is_empty() {
            asked += questions
                .iter()
                .filter(|one| matches!(one, Question::VersionsBelow { prefixes, .. } if prefixes == &[""]))
                .count();
            let answers = questions
                .iter()
                .map(|one| store.answer(one, &rules, &owner));
            questions = search.step(answers.collect());
        }
        asked
    };
    assert_eq!(asked("user-1"), 0);
    // The rule takes the dot in this id for the dot of a file name.
    assert_eq!(asked("ada.l"), 1);
}

/// The rule takes a dot in the id for the extension's dot, so the thumbnail is below another user's folder.
#[test]
fn what_was_made_of_the_users_media_where_a_living_user_has_theirs_is_contested() {
    const UUID: &str = "6f9619ff-8b86-4011-b42d-00c04fc964ff";
    const UPLOADS: &str = "pilotforce-user-uploads";
    let rules = Blueprint::builtin("pilotforce").unwrap();
    let photo = format!("uploads/ada.l/{UUID}-photo");
    let thumbnail = format!("uploads/ada-thumbnail.l/{UUID}-photo");
    let mut store = Store::default();
    for bucket in &rules.buckets {
        store.add(bucket.name.as_str(), Versioning::Off);
    }
    for key in [&photo, &thumbnail] {
        store.put(UPLOADS, key, "ada.l", None);
    }
    let list = list(&[]);
    let cases: [(Option<&[&str]>, usize); 5] = [
        (None, 0),
        (Some(&["somebody"]), 0),
        (Some(&["ada-thumbnail.l"]), 1),
        (Some(&["Ada-Thumbnail.L"]), 1),
        // The user being purged, for a stated reason.
        (Some(&["ada.l"]), 0),
    ];
    for (living, contested) in cases {
        let living = living.map(owners);
        let found = run_search(
            Subject {
                blueprint: &rules,
                owner: &OwnerId::new("ada.l").unwrap(),
                records: None,
                list: Some(&list),
                living: living.as_ref(),
                known: &[],
                max_heads: 0,
            },
            &store,
        );
        let names = |items: &mut dyn Iterator<Item = &Item>| -> Vec<String> {
            items
                .map(|item| item.claim.key.as_str().to_owned())
                .collect()
        };
        let left = names(&mut found.contested.iter().map(|one| &one.item));
        let taken = names(&mut found.items.iter());
        if contested == 0 {
            assert_eq!(taken, [thumbnail.clone(), photo.clone()], "{living:?}");
            assert!(found.coverage.is_complete(), "{:?}", found.coverage);
        } else {
            assert_eq!(
                (taken, left),
                (vec![photo.clone()], vec![thumbnail.clone()])
            );
            assert!(
                found.contested[0].why.contains("ada-thumbnail.l"),
                "{:?}",
                found.contested[0].why
            );
            assert!(!found.coverage.is_complete());
        }
    }
}

/// Two layouts that read different owners from the keys of three folders.
const TWO_LAYOUTS: &str = r#"
version = 1
name = "two"
[[bucket]]
name = "media"
[[bucket.layout]]
id = "wide"
key = "u/{user}/{name...}"
owner = "user"
[[bucket.layout]]
id = "narrow"
key = "u/shared/{user}/{name...}"
owner = "user"
"#;

#[test]
fn what_two_layouts_give_to_two_users_is_contested_for_both_and_the_layouts_are_named() {
    let rules = Blueprint::parse("test", TWO_LAYOUTS).unwrap();
    let mut store = store();
    for key in ["u/ada/1.jpg", "u/shared/ada/2.jpg", "u/shared/3.jpg"] {
        store.put("media", key, "ada", None);
    }
    for (user, own) in [("ada", "u/ada/1.jpg"), ("shared", "u/shared/3.jpg")] {
        let found = find(&rules, &store, &list(&[]), user);
        assert_eq!(keys(&found), [("media", own)]);
        let [contested] = &found.contested[..] else {
            panic!("{:?}", found.contested)
        };
        assert_eq!(contested.item.claim.key.as_str(), "u/shared/ada/2.jpg");
        assert_eq!(
            contested.why,
            "the layouts wide and narrow give its key to different owners, shared and ada"
        );
        assert_eq!(gaps(&found), ["media: 1 key is contested"]);
    }
}

#[test]
fn an_original_is_left_where_a_record_gives_what_was_made_of_it_to_somebody_else() {
    let mut store = store();
    for key in ["users/ada/1.png", "users/ada/2.png"] {
        store.put("media", key, "ada", None);
        let name = key.trim_end_matches(".png");
        store.put("previews", &format!("previews/{name}.jpg"), "ada", None);
    }
    let records = [("previews/users/ada/1.jpg", "bob")];
    let found = found(&store, &records, "ada");
    assert_eq!(
        keys(&found),
        [
            ("media", "users/ada/2.png"),
            ("previews", "previews/users/ada/2.jpg")
        ]
    );
    let contested = found.contested.iter();
    let contested: Vec<_> = contested
        .map(|one| (one.item.claim.key.as_str(), one.why.as_str()))
        .collect();
    assert_eq!(
        contested,
        [
            (
                "users/ada/1.png",
                "a record gives what was made from it to another user"
            ),
            (
                "previews/users/ada/1.jpg",
                "keys, rules or records give it to another user as well"
            )
        ]
    );
}

/// A record of a folder object names the user's own folder, which is searched in any case.
#[test]
fn a_record_of_the_users_own_folder_leads_somewhere_also_when_it_is_empty() {
    let mut store = store();
    store.put("media", "users/ada/", "ada", None);
    let records = [("users/ada/", "ada"), ("blobs/1", "ada")];
    let before = found(&store, &records, "ada");
    assert_eq!(keys(&before), [("media", "users/ada/")]);
    assert!(before.coverage.is_complete(), "{:?}", before.coverage);
    let after = found(&self::store(), &records, "ada");
    assert_eq!(keys(&after), []);
    assert!(after.coverage.is_complete(), "{:?}", after.coverage);
}
