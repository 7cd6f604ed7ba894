//! Derived objects: those whose source is gone, and those that were never made.

use super::*;

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
    // The rule takes the dot in the id for the dot of the extension.
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
    // No event is sent for keys below documents/, although the trigger is meant for the whole layout. That is why they
    // are missing.
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
