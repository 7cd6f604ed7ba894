//! Owners of objects, and the verdicts when an owner is gone.

use super::*;

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
            (Kind::Suspect, contested.as_str()),
        ]
    );
    assert_eq!(found.verdicts[2].owner.as_deref(), Some("bob"));
    // Records of messages do not cover avatars.
    let untold: Vec<_> = found
        .untold
        .iter()
        .map(|one| (one.kind, &*one.layout))
        .collect();
    assert_eq!(untold, [(Kind::RecordGone, "avatar")]);
}
