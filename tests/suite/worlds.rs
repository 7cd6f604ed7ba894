//! The worlds: what they plant is really there.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_s3::Client;
use chrono::{DateTime, Utc};
use s3warden::facade::domain::BucketName;
use s3warden::facade::domain::blueprint::{Blueprint, BucketBlueprint, Location};
use s3warden::facade::sandbox::world::{
    SeedKind, SeedVersion, Sse, Versioning, World, WorldBucket,
};
use s3warden::facade::sandbox::{Sandbox, SandboxOptions};

fn worlds() -> Vec<World> {
    let load = |name: &&str| World::builtin(name).unwrap_or_else(|error| panic!("{error}"));
    World::builtin_names().iter().map(load).collect()
}

fn bucket<'w>(world: &'w World, name: &str) -> &'w WorldBucket {
    world
        .buckets
        .iter()
        .find(|bucket| bucket.name == name)
        .unwrap()
}

fn blueprint_of(bucket: &WorldBucket) -> BucketBlueprint {
    let name = BucketName::new(bucket.name.as_str()).unwrap();
    let blueprint =
        Blueprint::for_bucket(&name).unwrap_or_else(|| panic!("no blueprint names {name}"));
    blueprint.bucket(&name).unwrap().clone()
}

/// The newest version of each key.
fn current(bucket: &WorldBucket) -> BTreeMap<&str, &SeedVersion> {
    bucket
        .versions
        .iter()
        .map(|version| (version.key.as_str(), version))
        .collect()
}

fn owner_of(blueprint: &BucketBlueprint, key: &str) -> Option<String> {
    match blueprint.locate(key) {
        Location::Owned { owner, .. } => Some(owner.as_str().to_owned()),
        _ => None,
    }
}

#[test]
fn a_world_is_the_same_each_time() {
    let now = DateTime::parse_from_rfc3339("2026-03-01T12:00:00Z")
        .unwrap()
        .with_timezone(&Utc);
    for (name, text) in [
        (
            "pilotforce",
            include_str!("../../assets/worlds/pilotforce.toml"),
        ),
        ("game", include_str!("../../assets/worlds/game.toml")),
        (
            "infinite",
            include_str!("../../assets/worlds/infinite.toml"),
        ),
        (
            "leadfactory",
            include_str!("../../assets/worlds/leadfactory.toml"),
        ),
        ("quikapp", include_str!("../../assets/worlds/quikapp.toml")),
    ] {
        let first = World::parse_at(name, text, now).unwrap();
        assert_eq!(first, World::parse_at(name, text, now).unwrap());
        // A year later everything is as old as it was, and only logs, whose keys are dates, have other keys.
        let later = World::parse_at(name, text, now + chrono::Duration::days(365)).unwrap();
        for (a, b) in first.buckets.iter().zip(&later.buckets) {
            let keys = |bucket: &WorldBucket| -> BTreeSet<String> {
                let keys = bucket.versions.iter().map(|version| version.key.clone());
                keys.filter(|_| !bucket.name.contains("-logs")).collect()
            };
            assert_eq!(keys(a), keys(b), "{}", a.name);
            assert_eq!(a.versions.len(), b.versions.len(), "{}", a.name);
        }
    }
}

#[test]
fn every_world_has_two_thousand_objects_and_forty_users_of_several_shapes() {
    for world in worlds() {
        let objects: usize = world.buckets.iter().map(|b| current(b).len()).sum();
        assert!(objects >= 2_000, "{} has {objects} keys", world.name);
        let mut owners = BTreeSet::new();
        for bucket in &world.buckets {
            let blueprint = blueprint_of(bucket);
            owners.extend(
                bucket
                    .versions
                    .iter()
                    .filter_map(|v| owner_of(&blueprint, &v.key)),
            );
        }
        assert!(
            owners.len() >= 40,
            "{} has {} users",
            world.name,
            owners.len()
        );
        for id in [
            "user-1",
            "user-2",
            "user-10",
            "user-100",
            "ünal@example.org",
        ] {
            assert!(owners.contains(id), "{} lacks {id}", world.name);
        }
        let like = |wanted: fn(&str) -> bool| owners.iter().any(|id| wanted(id));
        assert!(
            like(|id| id != "user-1" && id.eq_ignore_ascii_case("user-1")),
            "one that differs by case"
        );
        assert!(
            like(|id| id.chars().any(|c| ('\u{590}'..='\u{6ff}').contains(&c))),
            "one written from the right"
        );
        assert!(
            like(|id| id.len() == 36 && id.matches('-').count() == 4),
            "a UUID"
        );
        assert!(like(|id| id.ends_with("@example.com")), "an address");
    }
}

#[test]
fn what_is_planted_below_user_1_is_user_1s_and_nothing_else_is() {
    for (world, bucket_name, depth) in [
        ("pilotforce", "pilotforce-user-uploads", 1),
        ("game", "elimination-profile-pictures", 1),
        ("game", "elimination-verifications", 2),
        ("infinite", "infinite-images", 1),
        ("leadfactory", "leadshop-assets", 1),
        ("quikapp", "quikapp-media-prod", 2),
    ] {
        let world = World::builtin(world).unwrap();
        let bucket = bucket(&world, bucket_name);
        let blueprint = blueprint_of(bucket);
        let mut of_user_1 = 0;
        for version in &bucket.versions {
            let folders: Vec<&str> = version.key.split('/').collect();
            let depth = depth + usize::from(folders[0] == "dm");
            let planted = folders.get(depth) == Some(&"user-1")
                && folders.len() > depth + 1
                && !folders[0].is_empty()
                && (world.name != "quikapp" || folders[depth - 1] == "avatars");
            let located = owner_of(&blueprint, &version.key).as_deref() == Some("user-1");
            assert_eq!(located, planted, "{:?}", version.key);
            of_user_1 += usize::from(located);
        }
        assert!(of_user_1 > 5, "{bucket_name}: {of_user_1}");
    }
}

#[test]
fn the_plan_for_an_owner_covers_all_that_is_the_owners() {
    for world in worlds() {
        for bucket in &world.buckets {
            let blueprint = blueprint_of(bucket);
            for version in &bucket.versions {
                if let Location::Owned { owner, anchor, .. } = blueprint.locate(&version.key) {
                    assert!(version.key.starts_with(anchor) && anchor.ends_with('/'));
                    let plan = blueprint.owner_plan(&owner);
                    assert!(
                        plan.walks.iter().any(|walk| walk.covers(&version.key)),
                        "{:?}",
                        version.key
                    );
                }
            }
        }
    }
}

#[test]
fn keys_are_as_hostile_as_people_make_them() {
    for world in worlds() {
        let keys: Vec<&str> = world
            .buckets
            .iter()
            .flat_map(|b| &b.versions)
            .map(|v| v.key.as_str())
            .collect();
        for part in [
            "//", "+", "%", "%2F", "\u{1}", "\n", "\u{202e}", "../", "\u{301}",
        ] {
            assert!(
                keys.iter().any(|key| key.contains(part)),
                "{}: no key with {part:?}",
                world.name
            );
        }
        assert!(keys.iter().any(|key| key.ends_with(' ')), "{}", world.name);
        assert!(keys.iter().any(|key| key.len() == 1024), "{}", world.name);
        assert!(
            keys.iter().all(|key| (1..=1024).contains(&key.len())),
            "{}",
            world.name
        );
    }
}

#[test]
fn every_world_has_old_and_new_objects_classes_versions_markers_and_uploads() {
    for world in worlds() {
        let versions: Vec<&SeedVersion> = world.buckets.iter().flat_map(|b| &b.versions).collect();
        let objects: Vec<_> = versions
            .iter()
            .filter_map(|v| match &v.kind {
                SeedKind::Object(object) => Some(object),
                _ => None,
            })
            .collect();
        for class in ["STANDARD", "GLACIER", "DEEP_ARCHIVE", "INTELLIGENT_TIERING"] {
            assert!(
                objects.iter().any(|o| o.storage_class == class),
                "{}: {class}",
                world.name
            );
        }
        assert!(
            objects.iter().any(|o| o.sse == Sse::None)
                && objects.iter().any(|o| o.sse == Sse::Aes256)
        );
        assert!(
            objects.iter().any(|o| matches!(o.sse, Sse::Kms(_))),
            "{}",
            world.name
        );
        assert!(
            objects.iter().any(|o| !o.tags.is_empty())
                && objects.iter().any(|o| !o.metadata.is_empty())
        );
        assert!(
            objects
                .iter()
                .any(|o| o.body.is_some() && o.content_type.as_deref() == Some("image/png"))
        );
        assert!(
            objects
                .iter()
                .any(|o| o.restored_until.is_some_and(|until| until > Utc::now()))
        );
        assert!(objects.iter().all(|o| {
            o.body
                .as_ref()
                .is_none_or(|body| body.len() as u64 == o.size)
        }));
        let ages = || {
            versions
                .iter()
                .map(|v| (Utc::now() - v.last_modified).num_days())
        };
        assert!(
            ages().max() > Some(365) && ages().min() < Some(2),
            "{}",
            world.name
        );
        assert!(
            versions.iter().all(|v| v.last_modified <= Utc::now()),
            "{}: from the future",
            world.name
        );

        let kept = world
            .buckets
            .iter()
            .filter(|b| b.versioning != Versioning::Off);
        let (mut hidden, mut only_marker, mut several) = (0, 0, 0);
        for bucket in kept {
            for of_key in bucket.versions.chunk_by(|a, b| a.key == b.key) {
                let marker = of_key.last().unwrap().kind == SeedKind::DeleteMarker;
                hidden += usize::from(marker && of_key.len() > 1);
                only_marker += usize::from(of_key.iter().all(|v| v.kind == SeedKind::DeleteMarker));
                several += usize::from(of_key.len() > 2);
                assert!(
                    of_key
                        .windows(2)
                        .all(|pair| pair[0].last_modified <= pair[1].last_modified)
                );
            }
        }
        assert!(
            hidden > 5 && only_marker > 3 && several > 5,
            "{}: {hidden} {only_marker} {several}",
            world.name
        );
        assert!(
            world
                .buckets
                .iter()
                .flat_map(|b| &b.uploads)
                .any(|upload| upload.parts.len() > 1),
            "{}",
            world.name
        );
        assert!(
            world
                .buckets
                .iter()
                .any(|b| b.uploads.len() > 1 || !b.uploads.is_empty())
        );
    }
}

#[test]
fn verification_photos_are_archived_after_thirty_days() {
    let world = World::builtin("game").unwrap();
    let mut archived = 0;
    for version in &bucket(&world, "elimination-verifications").versions {
        let SeedKind::Object(object) = &version.kind else {
            panic!("a marker without versioning")
        };
        let days = (Utc::now() - version.last_modified).num_days();
        // What is below 128 KiB stays where it is: that is S3's rule, not the application's.
        if days > 31 && object.size >= 128 * 1024 {
            assert_ne!(
                object.storage_class, "STANDARD",
                "{:?} after {days} days",
                version.key
            );
            archived += usize::from(object.storage_class == "GLACIER");
        } else if days < 30 {
            assert_eq!(
                object.storage_class, "STANDARD",
                "{:?} after {days} days",
                version.key
            );
        }
    }
    assert!(archived > 1000, "{archived}");
    assert_eq!(
        bucket(&world, "elimination-verifications").region,
        "eu-west-1"
    );
    assert_eq!(
        bucket(&world, "elimination-profile-pictures").region,
        "us-east-1"
    );
}

#[test]
fn thumbnails_are_where_the_applications_rule_puts_them() {
    let world = World::builtin("pilotforce").unwrap();
    let uploads = bucket(&world, "pilotforce-user-uploads");
    let blueprint = blueprint_of(uploads);
    let keys: BTreeSet<&str> = uploads.versions.iter().map(|v| v.key.as_str()).collect();
    let has_thumbnail = |key: &str| {
        blueprint
            .derived_of(key)
            .iter()
            .any(|made| keys.contains(made.key.as_str()))
    };
    let made = keys
        .iter()
        .filter(|key| !key.contains("-thumbnail") && has_thumbnail(key))
        .count();
    assert!(made > 200, "{made}");
    // The rule takes a dot of the owner's id for the extension's.
    assert!(
        keys.iter()
            .any(|key| key.starts_with("uploads/ada-thumbnail.l/"))
    );
    // Without any dot the thumbnail overwrites its source.
    let scan = uploads
        .versions
        .iter()
        .filter(|v| v.key.ends_with("-scan"))
        .count();
    assert_eq!(scan, 2);
}

/// Every object of a bucket by its key and its version id.
fn objects(
    bucket: &WorldBucket,
) -> BTreeMap<(&str, Option<&str>), &s3warden::facade::sandbox::world::SeedObject> {
    let versions = bucket.versions.iter();
    versions
        .filter_map(|version| match &version.kind {
            SeedKind::Object(object) => Some((
                (version.key.as_str(), version.version_id.as_deref()),
                object.as_ref(),
            )),
            _ => None,
        })
        .collect()
}

#[test]
fn a_chats_media_is_found_in_both_tails_and_only_avatars_name_their_owner() {
    let world = World::builtin("quikapp").unwrap();
    let media = bucket(&world, "quikapp-media-prod");
    let blueprint = blueprint_of(media);
    let mut by_layout: BTreeMap<String, usize> = BTreeMap::new();
    for version in &media.versions {
        let layout = match blueprint.locate(&version.key) {
            Location::Owned { layout, .. } => {
                assert!(layout.ends_with("avatar"), "{:?}", version.key);
                layout
            }
            Location::Unnamed { layout } => layout,
            Location::Unreadable => "nobody's",
        };
        *by_layout.entry(layout.to_owned()).or_default() += 1;
    }
    // In the service's tail the world has photos and files; its videos and voice notes are all in the other.
    let other_tail = |id: &str| id.ends_with("video-upload") || id.ends_with("voice-upload");
    let layouts = blueprint.layouts.iter();
    for layout in layouts.filter(|layout| !other_tail(layout.id())) {
        let found = by_layout.get(layout.id()).copied().unwrap_or_default();
        assert!(found > 10, "{}: {found}", layout.id());
    }
}

#[test]
fn what_the_service_writes_has_the_accounts_key_and_not_the_buckets() {
    let world = World::builtin("quikapp").unwrap();
    let media = bucket(&world, "quikapp-media-prod");
    let (mut account, mut own) = (0, 0);
    for object in objects(media).values() {
        match &object.sse {
            Sse::Kms(key) if key.is_empty() => account += 1,
            Sse::Kms(key) => {
                assert!(media.configuration["encryption"].contains(key.as_str()));
                own += 1;
            }
            _ => {}
        }
    }
    assert!(account > 400 && own > 400, "{account} {own}");
}

#[test]
fn replicas_have_their_sources_ids_and_lag_behind_them() {
    let world = World::builtin("quikapp").unwrap();
    let media = bucket(&world, "quikapp-media-prod");
    let statuses: BTreeSet<_> = objects(media)
        .values()
        .map(|object| object.replication_status.clone().unwrap_or_default())
        .collect();
    let all = ["COMPLETED", "FAILED", "PENDING"].map(str::to_owned);
    assert_eq!(statuses, BTreeSet::from(all));
    let keys: BTreeSet<&str> = media.versions.iter().map(|v| v.key.as_str()).collect();
    let (eu, apac) = (
        bucket(&world, "quikapp-media-prod-eu"),
        bucket(&world, "quikapp-media-prod-apac"),
    );
    for replica in [eu, apac] {
        assert!(replica.versions.len() > 1500 && replica.versions.len() < media.versions.len());
        assert!(
            replica
                .versions
                .iter()
                .all(|v| keys.contains(v.key.as_str()) && v.version_id.is_some())
        );
        let replicas = objects(replica);
        assert!(
            replicas
                .values()
                .all(|o| o.replication_status.as_deref() == Some("REPLICA"))
        );
    }
    // Delete markers reach the EU only.
    let hidden = |bucket: &WorldBucket| {
        let key =
            "dm/conv-1-2/photos/direct/msg-4/a5c914b8-f4a7-44b6-9709-b9cae8e6f504_private.jpg.enc";
        current(bucket)[key].kind == SeedKind::DeleteMarker
    };
    assert_eq!([media, eu, apac].map(hidden), [true, true, false]);
}

#[test]
fn thumbnails_in_another_bucket_are_where_the_rule_puts_them() {
    let world = World::builtin("quikapp").unwrap();
    let blueprint = blueprint_of(bucket(&world, "quikapp-media-prod"));
    let thumbnails = bucket(&world, "quikapp-thumbnails-prod");
    let expected: BTreeSet<String> = bucket(&world, "quikapp-media-prod")
        .versions
        .iter()
        .flat_map(|version| blueprint.derived_of(&version.key))
        .map(|made| made.key)
        .collect();
    let found = current(thumbnails);
    assert!(found.len() > 20, "{}", found.len());
    assert!(found.keys().all(|key| expected.contains(*key)));
    // The workspace's name is replaced as well.
    assert!(
        found
            .keys()
            .any(|key| key.starts_with("team-thumbnails/large/thumbnails/large/"))
    );
}

#[test]
fn access_logs_are_there_and_every_line_names_its_bucket() {
    let world = World::builtin("pilotforce").unwrap();
    let logs = bucket(&world, "pilotforce-access-logs");
    assert!(logs.versions.len() > 100);
    for version in &logs.versions {
        let SeedKind::Object(object) = &version.kind else {
            panic!()
        };
        let text = String::from_utf8(object.body.clone().unwrap().to_vec()).unwrap();
        let of = match version.key.split_once('/') {
            Some(("assets-logs", _)) => "pilotforce-assets",
            Some(("uploads-logs", _)) => "pilotforce-user-uploads",
            other => panic!("{other:?}"),
        };
        assert!(!text.is_empty() && text.lines().all(|line| line.split(' ').nth(1) == Some(of)));
    }
}

#[test]
fn a_world_that_is_not_there_is_answered_with_those_that_are() {
    let error = World::builtin("nowhere").unwrap_err().to_string();
    assert!(
        error.contains("game, infinite, leadfactory, pilotforce, quikapp, game-fixed, "),
        "{error}"
    );
}

#[test]
fn a_wrong_world_is_answered_with_the_line() {
    let head = "version = 1\nname = \"w\"\nseed = 1\n[[bucket]]\nname = \"bbb\"\nregion = \"us-east-1\"\ncreated_days_ago = 1\n";
    for (body, line, words) in [
        ("colour = 1", 8, "unknown field `colour`"),
        ("versioning = \"on\"", 8, "\"suspended\""),
        (
            "[[bucket.object]]\nkey = \"\"\nversions = [{ days_ago = 1 }]",
            8,
            "1 to 1,024",
        ),
        (
            "[[bucket.object]]\nkey = \"a\"\nversions = []",
            8,
            "at least one",
        ),
        (
            "[[bucket.object]]\nkey = \"a\"\nversions = [{ days_ago = 1, marker = true }]",
            8,
            "without versioning",
        ),
        (
            "[[bucket.object]]\nkey = \"a\"\nversions = [{ days_ago = 1, sse = \"rot13\" }]",
            10,
            "no encryption",
        ),
        (
            "[[bucket.object]]\nkey = \"a\"\nderive = \"x\"\nversions = [{ days_ago = 1 }]",
            8,
            "derived rule",
        ),
        (
            "[[bucket.bulk]]\nid = \"b\"\nkey = \"{who}\"\ncount = 1\ndays_ago = [1, 2]\nsize = [1, 2]",
            8,
            "{who}",
        ),
        (
            "[[bucket.bulk]]\nid = \"b\"\nkey = \"k\"\ndays_ago = [1, 2]\nsize = [1, 2]",
            8,
            "per_owner",
        ),
        (
            "[[bucket.logs]]\nof = \"x\"\nprefix = \"\"\ndays_ago = [1, 2]\ncount = 1\nlines = [1, 2]",
            8,
            "no bucket above",
        ),
    ] {
        let error = World::parse("w.toml", &format!("{head}{body}"))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with(&format!("w.toml, line {line}: ")) && error.contains(words),
            "{body}\n{error}"
        );
    }
}

/// A client of the sandbox, made of the SDK alone.
fn client(sandbox: &Sandbox) -> Client {
    use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
    let credentials = Credentials::new(
        sandbox.access_key(),
        sandbox.secret_key(),
        None,
        None,
        "test",
    );
    Client::from_conf(
        aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(sandbox.endpoint_url())
            .region(Region::new("us-east-1"))
            .credentials_provider(credentials)
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .force_path_style(true)
            .build(),
    )
}

#[tokio::test]
async fn a_world_is_listed_through_the_wire_exactly_as_it_was_planted() {
    for world in worlds() {
        let options = SandboxOptions {
            worlds: vec![world.clone()],
            ..SandboxOptions::default()
        };
        let sandbox = Sandbox::start(options)
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        let client = client(&sandbox);
        for bucket in world
            .buckets
            .iter()
            .filter(|bucket| bucket.region == "us-east-1")
        {
            let mut found = Vec::new();
            let mut pages = client
                .list_objects_v2()
                .bucket(&bucket.name)
                .encoding_type(aws_sdk_s3::types::EncodingType::Url)
                .into_paginator()
                .send();
            while let Some(page) = pages.next().await {
                let page = page.unwrap_or_else(|error| panic!("{}: {error:?}", bucket.name));
                found.extend(
                    page.contents()
                        .iter()
                        .map(|object| decoded(object.key().unwrap())),
                );
            }
            let planted: Vec<&str> = current(bucket)
                .into_iter()
                .filter(|(_, version)| version.kind != SeedKind::DeleteMarker)
                .map(|(key, _)| key)
                .collect();
            assert_eq!(found, planted, "{}", bucket.name);
        }
    }
}

fn decoded(key: &str) -> String {
    percent_encoding::percent_decode_str(&key.replace('+', " "))
        .decode_utf8()
        .unwrap()
        .into_owned()
}
