use std::fmt::Write;

use proptest::prelude::*;

use super::*;

const UUID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

fn bucket(layouts: &[(&str, &str)]) -> BucketBlueprint {
    let mut text = "version = 1\nname = \"t\"\n[[bucket]]\nname = \"bbb\"\n".to_owned();
    for (n, (key, rest)) in layouts.iter().enumerate() {
        write!(
            text,
            "[[bucket.layout]]\nid = \"l{n}\"\nkey = '{key}'\n{rest}\n"
        )
        .unwrap();
    }
    Blueprint::parse("t", &text)
        .unwrap_or_else(|error| panic!("{error}"))
        .buckets
        .remove(0)
}

fn of_builtin(bucket: &str) -> BucketBlueprint {
    let name = BucketName::new(bucket).unwrap();
    Blueprint::for_bucket(&name)
        .unwrap()
        .bucket(&name)
        .unwrap()
        .clone()
}

fn id(id: &str) -> OwnerId {
    OwnerId::new(id).unwrap()
}

fn owner_of(bucket: &BucketBlueprint, key: &str) -> Option<String> {
    match bucket.locate(key) {
        Location::Owned { owner, .. } => Some(owner.as_str().to_owned()),
        _ => None,
    }
}

const OWNER: &str = "owner = \"user\"";

#[test]
fn the_anchor_alone_decides_whose_a_key_is() {
    let uploads = of_builtin("pilotforce-user-uploads");
    let key = format!("documents/user-1/{UUID}-a.pdf");
    assert_eq!(
        uploads.locate(&key),
        Location::Owned {
            layout: "upload",
            owner: id("user-1"),
            anchor: "documents/user-1/",
            tail_parses: true
        }
    );
    assert_eq!(
        uploads.locate("documents/user-1/whatever/../x"),
        Location::Owned {
            layout: "upload",
            owner: id("user-1"),
            anchor: "documents/user-1/",
            tail_parses: false
        }
    );
    assert_eq!(
        owner_of(&uploads, "documents/user-1/").as_deref(),
        Some("user-1"),
        "the folder's own marker"
    );
    for unreadable in [
        "documents/user-1",
        "documents",
        "documents//x",
        "/user-1/x",
        "//",
        "/",
    ] {
        assert_eq!(
            uploads.locate(unreadable),
            Location::Unreadable,
            "{unreadable}"
        );
    }
}

#[test]
fn ids_are_compared_byte_by_byte() {
    let uploads = of_builtin("pilotforce-user-uploads");
    for owner in [
        "User-1",
        "user-1 ",
        "u\u{308}nal",
        "ünal",
        "%75ser-1",
        "שלום",
        "a+b@x.org",
        "..",
        "user-10",
    ] {
        assert_eq!(
            owner_of(&uploads, &format!("uploads/{owner}/x")).as_deref(),
            Some(owner)
        );
        let plan = uploads.owner_plan(&id("user-1"));
        assert!(
            !plan
                .walks
                .iter()
                .any(|w| w.covers(&format!("uploads/{owner}/x"))),
            "{owner}"
        );
    }
}

#[test]
fn a_layout_that_explains_the_whole_key_comes_before_one_that_explains_its_anchor() {
    let both = bucket(&[
        (
            "{user}/{n}.jpg",
            "owner = \"user\"\nshape = { n = \"digits\" }",
        ),
        ("{d}/{user}/{f}", OWNER),
    ]);
    assert_eq!(owner_of(&both, "a/7.jpg").as_deref(), Some("a"));
    assert_eq!(owner_of(&both, "a/b/c").as_deref(), Some("b"));
    assert_eq!(
        owner_of(&both, "a/b/c/d").as_deref(),
        Some("a"),
        "no tail parses: the first anchor in the file"
    );
}

#[test]
fn only_avatars_name_their_user_at_quikapp() {
    let media = of_builtin("quikapp-media-prod");
    assert_eq!(
        owner_of(&media, &format!("acme/avatars/user-1/{UUID}.webp")).as_deref(),
        Some("user-1")
    );
    assert_eq!(
        owner_of(&media, &format!("dm/c-9/avatars/user-1/{UUID}.webp")).as_deref(),
        Some("user-1")
    );
    for (key, layout) in [
        (format!("acme/photos/c/m/{UUID}.jpg.enc"), "photos"),
        (
            format!("acme/photos/c/m/{UUID}_my.photo.jpg.enc"),
            "photo-upload",
        ),
        (format!("acme/files/c/m/{UUID}_a_b.enc"), "file-upload"),
        (format!("dm/c-9/voice/c/m/{UUID}.opus.enc"), "dm-voice"),
    ] {
        assert_eq!(media.locate(&key), Location::Unnamed { layout }, "{key}");
    }
    assert_eq!(media.locate("acme/photos/c/m/x"), Location::Unreadable);
    let plan = media.owner_plan(&id("user-1"));
    assert_eq!(plan.unnamed.len(), 14);
    assert_eq!(media.owners_plan().unnamed.len(), 14);
    assert_eq!(plan.walks.len(), 2);
}

#[test]
fn an_owner_is_reached_by_name_where_the_folders_above_are_known() {
    let plan = of_builtin("elimination-profile-pictures").owner_plan(&id("user-1"));
    assert_eq!(
        plan.walks[0].known_prefixes(),
        Some(vec!["profiles/user-1/".to_owned()])
    );

    let listed = bucket(&[(
        "{d}/{user}/{f...}",
        "owner = \"user\"\nshape = { d = [\"images\", \"videos\"] }",
    )]);
    let plan = listed.owner_plan(&id("user-1"));
    assert_eq!(
        plan.walks[0].known_prefixes(),
        Some(vec![
            "images/user-1/".to_owned(),
            "videos/user-1/".to_owned()
        ])
    );
}

#[test]
fn a_free_folder_before_the_owner_has_to_be_listed() {
    let plan = of_builtin("elimination-verifications").owner_plan(&id("user-1"));
    let [walk] = plan.walks.as_slice() else {
        panic!("{plan:?}")
    };
    assert_eq!(walk.known_prefixes(), None);
    assert_eq!(
        walk.levels[0],
        Level::Known(vec!["verifications/".to_owned()])
    );
    assert!(matches!(&walk.levels[1], Level::Expand { starts_with, .. } if starts_with.is_empty()));
    assert_eq!(walk.levels[2], Level::Known(vec!["user-1/".to_owned()]));
    assert!(walk.levels[1].admits("game-7") && !walk.levels[1].admits(""));
    assert!(walk.levels[2].admits("user-1") && !walk.levels[2].admits("user-10"));
}

#[test]
fn an_owner_amid_other_text_is_found() {
    let plan = bucket(&[("profile_{user}/{f}", OWNER)]).owner_plan(&id("user-1"));
    assert_eq!(
        plan.walks[0].known_prefixes(),
        Some(vec!["profile_user-1/".to_owned()])
    );

    let numbered = bucket(&[(
        "{user}-{n}/{f}",
        "owner = \"user\"\nshape = { n = \"digits\" }",
    )]);
    let plan = numbered.owner_plan(&id("user-1"));
    let [Level::Expand { starts_with, .. }] = plan.walks[0].levels.as_slice() else {
        panic!("{plan:?}")
    };
    assert_eq!(starts_with, "user-1-");
    let level = &plan.walks[0].levels[0];
    assert!(level.admits("user-1-7") && !level.admits("user-1-x") && !level.admits("user-1-2-7"));

    let owners = numbered.owners_plan();
    assert_eq!(owners.walks[0].owner_of("user-1-7"), Some(id("user-1")));
    assert_eq!(owners.walks[0].owner_of("user-1"), Some(id("user")));
    assert_eq!(owners.walks[0].owner_of("user"), None);
}

#[test]
fn a_plan_says_where_an_owner_cannot_have_anything() {
    let shaped = bucket(&[
        (
            "a/{user}/{f}",
            "owner = \"user\"\nshape = { user = \"uuid\" }",
        ),
        ("b/{user}/{f}", OWNER),
    ]);
    let plan = shaped.owner_plan(&id("user-1"));
    assert_eq!(plan.walks.len(), 1);
    assert_eq!(plan.impossible[0].layout, "l0");
    assert!(plan.impossible[0].why.contains("a UUID"), "{plan:?}");
    let unshaped = plan.impossible[0].walk.as_ref().unwrap();
    assert_eq!(unshaped.known_prefixes().unwrap(), ["a/user-1/"]);

    let plan = shaped.owner_plan(&id("a/b"));
    assert!(plan.walks.is_empty() && plan.impossible.len() == 2);
    assert!(plan.impossible[0].why.contains('/'));
    assert_eq!(plan.impossible[0].walk, None);
}

#[test]
fn layouts_of_one_anchor_share_a_walk() {
    let many = bucket(&[
        ("uploads/{user}/{a}.jpg", OWNER),
        ("uploads/{user}/{b}.pdf", OWNER),
        ("{d}/{user}/{f}", OWNER),
    ]);
    let plan = many.owner_plan(&id("user-1"));
    assert_eq!(plan.walks.len(), 1, "{plan:?}");
    assert_eq!(
        (plan.walks[0].layout.as_str(), plan.walks[0].others.len()),
        ("l2", 2)
    );
    assert_eq!(many.owners_plan().walks.len(), 1);
}

#[test]
fn without_a_blueprint_owners_are_folders_of_a_depth_or_below_a_prefix() {
    let name = || BucketName::new("bbb").unwrap();
    assert_eq!(
        owner_of(&BucketBlueprint::by_depth(name(), 0), "user-1/x").as_deref(),
        Some("user-1")
    );
    assert_eq!(
        owner_of(&BucketBlueprint::by_depth(name(), 2), "a/b/user-1/x/y").as_deref(),
        Some("user-1")
    );
    let below = BucketBlueprint::under_prefix(name(), "a{b}//c/");
    assert_eq!(
        owner_of(&below, "a{b}//c/user-1/x").as_deref(),
        Some("user-1")
    );
    assert_eq!(owner_of(&below, "a{b}/c/user-1/x"), None);
    let prefixes = below.owner_plan(&id("user-1")).walks[0].known_prefixes();
    assert_eq!(prefixes, Some(vec!["a{b}//c/user-1/".to_owned()]));
    assert_eq!(
        owner_of(&BucketBlueprint::under_prefix(name(), ""), "user-1/x").as_deref(),
        Some("user-1")
    );
    assert_eq!(
        owner_of(&BucketBlueprint::under_prefix(name(), "/"), "/user-1/x").as_deref(),
        Some("user-1")
    );
}

#[test]
fn a_bucket_is_found_by_its_exact_name() {
    let name = |name: &str| BucketName::new(name).unwrap();
    assert_eq!(
        Blueprint::for_bucket(&name("quikapp-media-prod-eu"))
            .unwrap()
            .name,
        "quikapp"
    );
    assert_eq!(Blueprint::for_bucket(&name("quikapp-media")), None);
    assert!(Blueprint::builtin("nothing").is_none());
}

#[test]
fn thumbnails_are_made_of_a_layouts_objects_only() {
    let uploads = of_builtin("pilotforce-user-uploads");
    let [thumbnail] = &uploads.derived_of(&format!("uploads/u/{UUID}-a.jpg"))[..] else {
        panic!()
    };
    assert_eq!(thumbnail.key, format!("uploads/u/{UUID}-a-thumbnail.jpg"));
    assert!(uploads.derived_of("nobodys.jpg").is_empty());
    let media = of_builtin("quikapp-media-prod");
    assert_eq!(
        media
            .derived_of(&format!("w/photos/c/m/{UUID}.jpg.enc"))
            .len(),
        3
    );
    assert!(
        media
            .derived_of(&format!("w/voice/c/m/{UUID}.opus.enc"))
            .is_empty()
    );
}

proptest! {
    #[test]
    fn a_plan_covers_exactly_what_locate_gives_to_the_owner(
        key in prop_oneof!["[ab1-]{1,3}/[ab1-]{1,4}/[ab1/-]{0,4}", "p_[ab1-]{1,4}-pics/[ab1]{1,2}"],
        owner in "[ab1-]{1,4}",
    ) {
        for layouts in [
            vec![("{d}/{user}/{f...}", OWNER)],
            vec![("p_{user}-pics/{f...}", OWNER)],
            vec![("{user}-{n}/{f...}", "owner = \"user\"\nshape = { n = \"digits\" }")],
            vec![("{d}/{user}/{f...}", "owner = \"user\"\nshape = { d = [\"a\", \"b\"] }")],
            vec![("{x}-{user}/{f...}", OWNER)],
        ] {
            let bucket = bucket(&layouts);
            let owners = bucket.owners_plan();
            let found = owner_of(&bucket, &key);
            for owner in found.clone().into_iter().chain([owner.clone()]) {
                let plan = bucket.owner_plan(&id(&owner));
                let covered = plan.walks.iter().any(|walk| walk.covers(&key));
                prop_assert_eq!(covered, found.as_ref() == Some(&owner), "{} of {} in {:?}", key, owner, layouts);
            }
            prop_assert_eq!(owners.walks.iter().any(|walk| walk.covers(&key)), found.is_some());
        }
    }
}
