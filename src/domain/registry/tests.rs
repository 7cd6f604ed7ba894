mod kinds;
pub(in crate::domain) mod unread;

use chrono::DateTime;

use super::*;

fn owners(ids: &[&str]) -> Registry {
    let mut intake = Intake::new(Subject::Owners, "a test", DateTime::UNIX_EPOCH);
    for id in ids {
        let ids = [*id];
        intake
            .row(&Row {
                ids: &ids,
                owner: None,
                malformed: false,
            })
            .unwrap();
    }
    intake.finish().unwrap()
}

fn keys(rows: &[(&[&str], Option<&str>)]) -> Registry {
    let mut intake = Intake::new(Subject::Keys, "a test", DateTime::UNIX_EPOCH);
    for (ids, owner) in rows {
        intake
            .row(&Row {
                ids,
                owner: *owner,
                malformed: false,
            })
            .unwrap();
    }
    intake.finish().unwrap()
}

#[test]
fn user_10_being_alive_says_nothing_of_user_1() {
    let registry = owners(&["user-10", "user-100", "xuser-1"]);
    assert!(registry.holds("user-10"));
    assert!(!registry.holds("user-1"));
    assert_eq!(registry.likeness("user-1"), None);
}

#[test]
fn an_id_that_differs_as_ids_do_by_mistake_is_like_the_living_one() {
    let registry = owners(&[
        "Ada",
        "ünal@example.org",
        "lin test",
        "50%off",
        "straße",
        "plain",
    ]);
    let by = |id: &str| {
        registry.likeness(id).map_or_else(
            || panic!("{id:?} is like nothing"),
            |alike| (alike.living, alike.by),
        )
    };
    let named = |name: &str, by| (name.to_owned(), by);
    assert_eq!(by("ada"), named("Ada", Difference::Case));
    assert_eq!(by(" Ada\t"), named("Ada", Difference::Spaces));
    assert_eq!(
        by("u\u{308}nal@example.org"),
        named("ünal@example.org", Difference::Composition)
    );
    assert_eq!(
        by("%C3%BCnal%40example.org"),
        named("ünal@example.org", Difference::Encoding)
    );
    assert_eq!(by("lin+test"), named("lin test", Difference::Encoding));
    assert_eq!(by("lin%20test"), named("lin test", Difference::Encoding));
    assert_eq!(by("50%25off"), named("50%off", Difference::Encoding));
    assert_eq!(by("50%2525off"), named("50%off", Difference::Several));
    assert_eq!(by("STRASSE"), named("straße", Difference::Case));
    assert_eq!(by("%20ADA "), named("Ada", Difference::Several));
    assert_eq!(by("Plain"), named("plain", Difference::Case));
    assert_eq!(registry.likeness("plane"), None);
}

#[test]
fn two_ids_that_differ_in_case_are_both_found_when_both_live() {
    let registry = owners(&["user-1", "User-1"]);
    assert!(registry.holds("user-1") && registry.holds("User-1"));
    assert_eq!(registry.likeness("USER-1").unwrap().living, "user-1");
    assert_eq!(registry.likeness("user-1").unwrap().living, "User-1");
}

#[test]
fn what_an_id_and_a_living_one_differ_in_is_said() {
    let registry = owners(&["a\u{200b}da", "zo?", "1-Mar", "auth0|7;Ann", "users/lin/"]);
    let by = |id: &str| registry.likeness(id).map(|alike| alike.by);
    assert_eq!(by("ada"), Some(Difference::Characters));
    assert_eq!(by("zoë"), Some(Difference::Garbled));
    assert_eq!(by("MARCH1"), Some(Difference::Date));
    assert_eq!(by("auth0|7"), Some(Difference::Within));
    assert_eq!(by("auth0|8"), None);
}

#[test]
fn what_stands_in_very_many_rows_is_suspect_and_what_stands_in_none_is_gone() {
    let rows: Vec<String> = (0..2_000).map(|n| format!("auth0|{n:06},a b")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let registry = owners(&rows);
    for id in ["auth0", "a b", "auth0|000000", "auth0|001999"] {
        assert_eq!(
            registry.likeness(id).map(|alike| alike.by),
            Some(Difference::Within),
            "{id}"
        );
    }
    assert_eq!(registry.likeness("auth0|002000"), None);
    assert_eq!(registry.likeness("auth1"), None);
}

#[test]
fn the_records_say_whose_a_key_is() {
    let registry = keys(&[
        (&["a/1.jpg", "a/1-small.jpg"], Some("ada")),
        (&["b/1.jpg"], Some("lin")),
        (&["c/1.jpg"], None),
        (&["a/1.jpg"], Some("ada")),
    ]);
    assert_eq!(registry.owner_of("a/1-small.jpg"), Some("ada"));
    assert_eq!(registry.owner_of("b/1.jpg"), Some("lin"));
    assert!(registry.holds("c/1.jpg"));
    assert_eq!(registry.owner_of("c/1.jpg"), None);
    assert_eq!(registry.owner_of("d/1.jpg"), None);
    let of_ada: Vec<&str> = registry.keys_of("ada").collect();
    assert_eq!(of_ada, ["a/1.jpg", "a/1-small.jpg"]);
    assert_eq!(registry.keys_of("nobody").count(), 0);
    assert_eq!((registry.rows, registry.len()), (4, 4));
    let records: Vec<_> = registry.records().collect();
    assert_eq!(records.last(), Some(&("c/1.jpg", None)));
}

#[test]
fn a_key_that_two_owners_claim_is_given_to_neither() {
    let registry = keys(&[
        (&["k"], Some("ada")),
        (&["k"], Some("lin")),
        (&["k"], Some("ada")),
    ]);
    assert!(registry.holds("k"));
    assert_eq!(registry.owner_of("k"), None);
    assert_eq!(registry.keys_of("ada").count(), 0);
    assert_eq!(registry.contested("k").collect::<Vec<_>>(), ["ada", "lin"]);
    assert_eq!(registry.contested("other").count(), 0);
}

#[test]
fn what_a_malformed_row_names_counts_as_alive() {
    let mut intake = Intake::new(Subject::Keys, "a test", DateTime::UNIX_EPOCH);
    let too_long = "x".repeat(Intake::LONGEST + 1);
    let rows: [(&[&str], bool); 5] = [
        (&["a"], false),
        (&["b"], true),
        (&[], false),
        (&["c", ""], false),
        (&[&too_long], false),
    ];
    for (ids, malformed) in rows {
        let owner = None;
        intake
            .row(&Row {
                ids,
                owner,
                malformed,
            })
            .unwrap();
    }
    let registry = intake.finish().unwrap();
    assert_eq!((registry.rows, registry.malformed), (5, 4));
    assert!(["a", "b", "c"].iter().all(|key| registry.holds(key)));
    assert_eq!(registry.len(), 3);
}

#[test]
fn a_list_that_names_nothing_is_none() {
    let row = Row {
        ids: &[],
        owner: None,
        malformed: false,
    };
    let mut empty = Intake::new(Subject::Owners, "a test", DateTime::UNIX_EPOCH);
    empty.row(&row).unwrap();
    assert_eq!(
        empty.finish().unwrap_err().to_string(),
        "it names no owners: 1 row, 1 of them malformed"
    );
}

#[test]
fn what_a_line_without_an_end_begins_is_not_missing() {
    let mut intake = Intake::new(Subject::Owners, "a test", DateTime::UNIX_EPOCH);
    for id in ["user-1", "user-2"] {
        intake
            .row(&Row {
                ids: &[id],
                owner: None,
                malformed: false,
            })
            .unwrap();
    }
    intake.unended("user-2");
    let registry = intake.finish().unwrap();
    assert!(registry.is_unended());
    assert_eq!(
        registry.likeness("user-22").unwrap().by,
        Difference::CutShort
    );
    assert_eq!(registry.likeness("user-11"), None);
}

#[test]
fn a_list_dates_from_when_it_was_made_and_never_from_the_future() {
    let read_at = DateTime::from_timestamp(1_000, 0).unwrap();
    let made = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
    let from = |made_at: Option<i64>| {
        let mut intake = Intake::new(Subject::Owners, "a test", read_at);
        intake
            .row(&Row {
                ids: &["a"],
                owner: None,
                malformed: false,
            })
            .unwrap();
        made_at
            .map(made)
            .into_iter()
            .for_each(|at| intake.made_at(at));
        intake.finish().unwrap().dates_from()
    };
    assert_eq!(from(None), read_at);
    assert_eq!(from(Some(400)), made(400));
    assert_eq!(from(Some(4_000)), read_at);
}
