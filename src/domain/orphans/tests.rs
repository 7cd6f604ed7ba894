use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::leftovers::{self, Versions};
use super::*;
use crate::domain::blueprint::Blueprint;
use crate::domain::columns::{Assembly, Etags};
use crate::domain::registry::{Intake, Row, Subject};
use crate::domain::{
    BucketName, ByteSize, ObjectKey, ObjectSummary, ObjectVersion, StorageClass, Upload, VersionId,
};

const UUID: &str = "6f9619ff-8b86-4011-b42d-00c04fc964ff";
const UPLOADS: &str = "pilotforce-user-uploads";
const MEDIA: &str = "quikapp-media-prod";
const THUMBNAILS: &str = "quikapp-thumbnails-prod";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000, 0).unwrap()
}

fn object(key: &str, hours: i64) -> ObjectSummary {
    ObjectSummary {
        key: ObjectKey::new(key).unwrap(),
        size: ByteSize(1_000),
        last_modified: Some(now() - TimeDelta::hours(hours)),
        storage_class: StorageClass::default(),
        etag: None,
    }
}

/// A bucket with objects of these ages in hours.
fn aged(blueprint: &str, bucket: &str, objects: &[(String, i64)]) -> Ground {
    let mut columns = Assembly::new(Etags::Keep);
    let objects: Vec<_> = objects.iter().map(|(key, age)| object(key, *age)).collect();
    columns.add(0, &objects);
    let blueprint = Blueprint::builtin(blueprint).unwrap();
    let name = BucketName::new(bucket).unwrap();
    Ground {
        rules: blueprint.bucket(&name).unwrap().clone(),
        objects: columns.finish(),
        wanted: true,
    }
}

/// A bucket with old objects.
fn ground<K: AsRef<str>>(blueprint: &str, bucket: &str, keys: &[K]) -> Ground {
    let objects: Vec<_> = keys
        .iter()
        .map(|key| (key.as_ref().to_owned(), 24 * 30))
        .collect();
    aged(blueprint, bucket, &objects)
}

fn uploads<K: AsRef<str>>(keys: &[K]) -> Ground {
    ground("pilotforce", UPLOADS, keys)
}

fn owners(ids: &[&str]) -> Registry {
    let mut intake = Intake::new(Subject::Owners, "a test", now());
    for id in ids {
        let ids = [*id];
        let row = Row {
            ids: &ids,
            owner: None,
            malformed: false,
        };
        intake.row(&row).unwrap();
    }
    intake.finish(None).unwrap()
}

fn keys<K: AsRef<str>>(records: &[(K, Option<&str>)]) -> Registry {
    let mut intake = Intake::new(Subject::Keys, "a test", now());
    for (key, owner) in records {
        let ids = [key.as_ref()];
        let row = Row {
            ids: &ids,
            owner: *owner,
            malformed: false,
        };
        intake.row(&row).unwrap();
    }
    intake.finish(None).unwrap()
}

fn findings(
    blueprint: &str,
    grounds: &[Ground],
    owners: Option<&Registry>,
    keys: Option<&Registry>,
) -> Findings {
    let blueprint = Blueprint::builtin(blueprint).unwrap();
    let join = |threads| {
        let join = Join {
            grounds,
            buckets: &blueprint.buckets,
            living: Living { owners, keys },
            kinds: Kinds::all(),
            before: now() - TimeDelta::hours(48),
            now: now(),
            threads,
        };
        join.run(&|| false).unwrap()
    };
    let findings = join(1);
    assert_eq!(findings, join(3), "threads make a difference");
    findings
}

/// Kind and key of every verdict but `derived-missing`, which the tests that are about it look at themselves.
fn verdicts(findings: &Findings) -> Vec<(Kind, &str)> {
    let verdicts = findings.verdicts.iter();
    verdicts
        .map(|verdict| (verdict.kind, verdict.key.as_str()))
        .filter(|(kind, _)| *kind != Kind::DerivedMissing)
        .collect()
}

fn photo(user: &str, name: &str) -> String {
    format!("uploads/{user}/{UUID}-{name}")
}

#[test]
fn user_1_is_gone_and_user_10_and_whoever_is_like_a_living_user_are_not() {
    let ground = uploads(&[
        photo("user-1", "a.jpg"),
        photo("user-10", "a.jpg"),
        photo("User-10", "a.jpg"),
        photo("lin+test", "a+b.jpg"),
    ]);
    let living = owners(&["user-10", "lin test"]);
    let found = findings("pilotforce", &[ground], Some(&living), None);
    assert_eq!(
        verdicts(&found),
        [
            (Kind::Suspect, photo("User-10", "a.jpg").as_str()),
            (Kind::Suspect, photo("lin+test", "a+b.jpg").as_str()),
            (Kind::OwnerGone, photo("user-1", "a.jpg").as_str()),
        ]
    );
    let gone = &found.verdicts[2];
    assert_eq!(gone.owner.as_deref(), Some("user-1"));
    assert_eq!(gone.layout.as_deref(), Some("upload"));
    assert_eq!(
        gone.words(),
        "the owner user-1 is not in the list of owners"
    );
    assert!(found.verdicts[0].words().contains("capital"));
    assert_eq!((found.judged[0].objects, found.judged[0].inferred), (4, 1));
}

#[test]
fn a_key_whose_tail_does_not_parse_can_lose_its_owner_and_nothing_else() {
    let ground = uploads(&[
        "uploads/user-1/no-uuid.jpg".to_owned(),
        "uploads/user-2/no-uuid-thumbnail.jpg".to_owned(),
        photo("user-2", "named.jpg"),
        "loose".to_owned(),
    ]);
    let living = owners(&["user-2"]);
    let records = keys(&[(photo("user-2", "named.jpg"), None)]);
    let found = findings("pilotforce", &[ground], Some(&living), Some(&records));
    assert_eq!(
        verdicts(&found),
        [
            (Kind::Unreadable, "loose"),
            (Kind::OwnerGone, "uploads/user-1/no-uuid.jpg"),
        ]
    );
    assert_eq!(found.judged[0].explained, 3);
}

#[test]
fn what_is_young_or_undated_is_nobodys_orphan() {
    let mut ground = aged(
        "pilotforce",
        UPLOADS,
        &[
            (photo("gone", "minute.jpg"), 0),
            (photo("gone", "day.jpg"), 47),
            (photo("gone", "old.jpg"), 49),
        ],
    );
    let mut columns = Assembly::new(Etags::Leave);
    let all: Vec<_> = ground.objects.iter().collect();
    columns.add(0, &all);
    let undated = ObjectSummary {
        last_modified: None,
        ..object(&photo("gone", "undated.jpg"), 0)
    };
    columns.add(1, &[undated]);
    ground.objects = columns.finish();
    let found = findings("pilotforce", &[ground], Some(&owners(&["x"])), None);
    assert_eq!(
        verdicts(&found),
        [(Kind::OwnerGone, photo("gone", "old.jpg").as_str())]
    );
    assert_eq!(found.judged[0].young, 3);
}

#[test]
fn a_thumbnail_outlives_its_source_and_a_thumbnail_of_a_thumbnail_that_one() {
    let ground = uploads(&[
        photo("u", "a.jpg"),
        photo("u", "a-thumbnail.jpg"),
        photo("u", "a-thumbnail-thumbnail.jpg"),
        photo("u", "b-thumbnail.jpg"),
        photo("u", "b-thumbnail-thumbnail.jpg"),
        photo("u", "c.jpg"),
        photo("u", "c-thumbnail-thumbnail.jpg"),
    ]);
    let found = findings("pilotforce", &[ground], Some(&owners(&["u"])), None);
    assert_eq!(
        verdicts(&found),
        [
            (Kind::SourceGone, photo("u", "b-thumbnail.jpg").as_str()),
            (
                Kind::SourceGone,
                photo("u", "c-thumbnail-thumbnail.jpg").as_str()
            ),
        ]
    );
}

#[test]
fn a_thumbnail_is_its_sources_owners_wherever_the_rule_puts_it() {
    // The dot of the id is what the rule takes for that of the extension.
    let source = format!("uploads/ada.l/{UUID}-photo");
    let thumbnail = format!("uploads/ada-thumbnail.l/{UUID}-photo");
    let ground = || uploads(&[&source, &thumbnail]);
    let alive = findings("pilotforce", &[ground()], Some(&owners(&["ada.l"])), None);
    assert_eq!(verdicts(&alive), []);
    let gone = findings("pilotforce", &[ground()], Some(&owners(&["x"])), None);
    assert_eq!(
        verdicts(&gone),
        [
            (Kind::OwnerGone, thumbnail.as_str()),
            (Kind::OwnerGone, source.as_str()),
        ]
    );
    assert_eq!(gone.verdicts[0].owner.as_deref(), Some("ada.l"));
    let other = owners(&["ada-thumbnail.l"]);
    let other = findings("pilotforce", &[ground()], Some(&other), None);
    assert_eq!(
        verdicts(&other),
        [
            (Kind::Suspect, thumbnail.as_str()),
            (Kind::OwnerGone, source.as_str()),
        ]
    );
}

#[test]
fn what_overwrites_its_own_source_is_neither_derived_nor_missing() {
    let ground = uploads(&[format!("uploads/user/{UUID}-nodot")]);
    let found = findings("pilotforce", &[ground], Some(&owners(&["user"])), None);
    assert_eq!(found.verdicts, []);
}

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
            // A record speaks for it, although what it looks to have been made from is gone.
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
fn an_owner_who_is_gone_outranks_everything() {
    let ground = uploads(&[photo("gone", "b-thumbnail.jpg"), photo("u", "a.jpg")]);
    let records = keys(&[(photo("u", "a.jpg"), None)]);
    let found = findings(
        "pilotforce",
        &[ground],
        Some(&owners(&["u"])),
        Some(&records),
    );
    assert_eq!(
        verdicts(&found),
        [(Kind::OwnerGone, photo("gone", "b-thumbnail.jpg").as_str())]
    );
}

fn message(kind: &str, name: &str) -> String {
    format!("ws-1/{kind}/ch-1/m-1/{UUID}{name}")
}

#[test]
fn records_name_the_owner_where_keys_do_not() {
    let alive = message("photos", ".jpg.enc");
    let gone = message("videos", ".mp4.enc");
    let nobody = message("photos", "_other.enc");
    let avatar = format!("ws-1/avatars/lin/{UUID}.webp");
    let contested = message("voice", ".opus.enc");
    let media = ground(
        "quikapp",
        MEDIA,
        &[&alive, &gone, &nobody, &avatar, &contested],
    );
    let records = keys(&[
        (&alive, Some("ada")),
        (&gone, Some("bob")),
        (&contested, Some("bob")),
        (&contested, Some("ada")),
        (&message("photos", "_missing.enc"), Some("ada")),
    ]);
    let living = owners(&["ada", "lin"]);
    let found = findings("quikapp", &[media], Some(&living), Some(&records));
    assert_eq!(
        verdicts(&found),
        [
            (Kind::Dangling, message("photos", "_missing.enc").as_str()),
            (Kind::RecordGone, nobody.as_str()),
            (Kind::OwnerGone, gone.as_str()),
        ]
    );
    assert_eq!(found.verdicts[2].owner.as_deref(), Some("bob"));
    // Records of messages say nothing of avatars.
    let untold: Vec<_> = found
        .untold
        .iter()
        .map(|one| (one.kind, &*one.layout))
        .collect();
    assert_eq!(untold, [(Kind::RecordGone, "avatar")]);
}

#[test]
fn thumbnails_in_another_bucket_follow_their_sources() {
    let source = message("photos", ".jpg.enc");
    let of = |size: &str, name: &str| format!("ws-1/thumbnails/{size}/ch-1/m-1/{UUID}{name}.webp");
    let media = ground("quikapp", MEDIA, &[&source]);
    let thumbnails = ground(
        "quikapp",
        THUMBNAILS,
        &[
            of("small", ".jpg"),
            of("large", ".jpg"),
            of("small", ".png"),
        ],
    );
    let records = keys(&[(&source, Some("ada"))]);
    let grounds = [media, thumbnails];
    let alive = findings("quikapp", &grounds, Some(&owners(&["ada"])), Some(&records));
    assert_eq!(
        verdicts(&alive),
        [(Kind::SourceGone, of("small", ".png").as_str())]
    );
    let gone = findings("quikapp", &grounds, Some(&owners(&["x"])), Some(&records));
    assert_eq!(
        verdicts(&gone),
        [
            (Kind::OwnerGone, source.as_str()),
            (Kind::OwnerGone, of("large", ".jpg").as_str()),
            (Kind::OwnerGone, of("small", ".jpg").as_str()),
            (Kind::SourceGone, of("small", ".png").as_str()),
        ]
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
    assert_eq!(verdicts(&found), []);
}

#[test]
fn a_source_lacks_what_the_trigger_should_have_made_of_it() {
    let old = 24 * 30;
    let ground = aged(
        "pilotforce",
        UPLOADS,
        &[
            (photo("u", "a.jpg"), old),
            (photo("u", "b.jpg"), old),
            (photo("u", "b-thumbnail.jpg"), old),
            (photo("u", "c.png"), old),
            (photo("u", "new.jpg"), 1),
            (format!("documents/u/{UUID}-d.jpg"), old),
            (photo("gone", "e.jpg"), old),
        ],
    );
    let found = findings("pilotforce", &[ground], Some(&owners(&["u"])), None);
    let missing: Vec<_> = found
        .verdicts
        .iter()
        .filter(|verdict| verdict.kind == Kind::DerivedMissing)
        .map(|verdict| (verdict.key.as_str(), verdict.evidence()))
        .collect();
    let thumbnail = format!("missing: s3://{UPLOADS}/{}", photo("u", "a-thumbnail.jpg"));
    // Nobody is told of what is below documents/, though the trigger is meant for the whole layout: that is why they lack.
    let document = format!("documents/u/{UUID}-d");
    let another = format!("missing: s3://{UPLOADS}/{document}-thumbnail.jpg");
    assert_eq!(
        missing,
        [
            (format!("{document}.jpg").as_str(), vec![another]),
            (photo("u", "a.jpg").as_str(), vec![thumbnail]),
        ]
    );
}

#[test]
fn thumbnails_that_have_expired_are_not_missing() {
    let fresh = message("photos", ".a.enc");
    let old = message("photos", ".b.enc");
    let media = aged("quikapp", MEDIA, &[(fresh.clone(), 24 * 5), (old, 24 * 8)]);
    let thumbnails = ground::<&str>("quikapp", THUMBNAILS, &[]);
    let found = findings("quikapp", &[media, thumbnails], None, None);
    let missing: Vec<_> = found.verdicts.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(missing, [fresh.as_str()]);
    assert_eq!(found.verdicts[0].evidence().len(), 3);
}

fn version(key: &str, hours: i64, is_latest: bool, is_delete_marker: bool) -> ObjectVersion {
    ObjectVersion {
        object: object(key, hours),
        version_id: VersionId(format!("{key}{hours}")),
        is_latest,
        is_delete_marker,
    }
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
    let found = versions.finish(&ground.rules, &ground.objects, Living::default(), before);
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
        leftovers::upload(rules, &upload, Living::default(), now(), before)
    };
    // A day by the blueprint, but nothing is judged that is younger than two.
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

fn judged(objects: u64, explained: u64, inferred: u64) -> Judged {
    Judged {
        bucket: BucketName::new("media").unwrap(),
        objects,
        bytes: ByteSize(objects * 10),
        explained,
        young: 0,
        inferred,
        inferred_bytes: ByteSize(inferred * 10),
    }
}

#[test]
fn gates_trip_above_their_limits_and_not_at_them() {
    let limits = Limits {
        count: 100,
        ..Limits::default()
    };
    let tripped = |judged| -> Vec<Gate> {
        let tripped = limits.of_bucket(&judged).into_iter();
        tripped.map(|one| one.gate).collect()
    };
    assert_eq!(tripped(judged(1_000, 900, 100)), []);
    assert_eq!(tripped(judged(1_000, 899, 100)), [Gate::Layouts]);
    assert_eq!(tripped(judged(1_000, 900, 101)), [Gate::Share, Gate::Count]);
    assert_eq!(tripped(judged(0, 0, 0)), []);
    let heavy = Judged {
        inferred_bytes: ByteSize(1_001),
        ..judged(1_000, 1_000, 1)
    };
    let why = limits.of_bucket(&heavy);
    assert_eq!(
        why[0].why,
        "1 of 1000 objects (0.1 %) and 1001 B of 9.8 KiB (10 %) would be orphans, and at most 10 % may be"
    );
    assert!(why[0].advice().contains("--max-share"));
}

#[test]
fn a_list_may_shrink_and_age_as_far_as_the_limits_say() {
    let limits = Limits::default();
    let bucket = BucketName::new("media").unwrap();
    let size = |now, before| limits.of_size(&bucket, Subject::Owners, now, before);
    assert_eq!(size(80, 100), None);
    assert_eq!(size(200, 100), None);
    assert!(size(79, 100).unwrap().why.contains("21 %"));
    let list = owners(&["a"]);
    let age = |hours, stated: Option<u64>| {
        let stated = stated.map(|hours| std::time::Duration::from_secs(hours * 3_600));
        limits.of_age(&list, TimeDelta::hours(hours), stated)
    };
    assert_eq!(age(24, None), None);
    assert!(age(25, None).unwrap().why.contains("25 hours"));
    assert_eq!(age(25, Some(48)), None);
    assert!(age(3, Some(2)).is_some());
    // A clock that runs ahead makes no list old.
    assert_eq!(age(-5, Some(0)), None);
}

#[test]
fn nothing_can_overrule_the_gates_that_guard_against_not_knowing() {
    for gate in [Gate::Listing, Gate::Registry, Gate::RegistryElsewhere] {
        assert_eq!(gate.overruled_by(), None, "{gate}");
    }
}

/// Few names, so that they meet: owners that are prefixes of one another, names that look like thumbnails.
fn any_key() -> impl Strategy<Value = String> {
    let owner = prop::sample::select(vec!["u", "u1", "u10", "U1", "a.b", "a-thumbnail.b"]);
    let name = prop::sample::select(vec![
        "a.jpg",
        "a-thumbnail.jpg",
        "a-thumbnail-thumbnail.jpg",
        "b",
        "b-thumbnail.jpg",
    ]);
    (owner, name, any::<bool>()).prop_map(|(owner, name, parses)| {
        let uuid = if parses { UUID } else { "no" };
        format!("uploads/{owner}/{uuid}-{name}")
    })
}

proptest! {
    #[test]
    fn a_living_owners_media_are_never_called_ownerless_and_a_gone_ones_always(
        all in prop::collection::btree_set(any_key(), 1..12),
        living in prop::sample::subsequence(vec!["u", "u1", "u10", "a.b", "x"], 1..5),
    ) {
        let all: Vec<String> = all.into_iter().collect();
        let registry = owners(&living);
        let found = findings("pilotforce", &[uploads(&all)], Some(&registry), None);
        let blueprint = Blueprint::builtin("pilotforce").unwrap();
        let bucket = blueprint.bucket(&BucketName::new(UPLOADS).unwrap()).unwrap();
        for key in &all {
            let of_key: Vec<_> = found.verdicts.iter().filter(|v| v.key.as_str() == key).collect();
            prop_assert!(of_key.len() <= 1, "{key} has {of_key:?}");
            let kind = of_key.first().map(|verdict| verdict.kind);
            let owner = key.split('/').nth(1).unwrap();
            let sources: Vec<&str> = all
                .iter()
                .filter(|source| bucket.derived_of(source).iter().any(|made| made.key == *key))
                .filter(|source| *source != key)
                .map(|source| source.split('/').nth(1).unwrap())
                .collect();
            let alive = |owner: &str| living.contains(&owner);
            if alive(owner) || sources.iter().any(|source| alive(source)) {
                prop_assert_ne!(kind, Some(Kind::OwnerGone), "{}", key);
            } else if registry.likeness(owner).is_none()
                && sources.iter().all(|source| registry.likeness(source).is_none())
            {
                prop_assert_eq!(kind, Some(Kind::OwnerGone), "{}", key);
            }
            if kind == Some(Kind::SourceGone) {
                prop_assert!(sources.is_empty(), "{key} has a source");
            }
        }
    }
}
