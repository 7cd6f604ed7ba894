//! Two layouts that give a key to different owners: an owner that only one layout names is never reported as gone.

use super::*;

fn blueprint(layouts: &[(&str, &str)]) -> Blueprint {
    let layouts = layouts.iter().enumerate().map(|(n, (key, owner))| {
        format!("[[bucket.layout]]\nid = \"l{n}\"\nkey = \"{key}\"\n{owner}\n")
    });
    let layouts = layouts.collect::<String>();
    let text = format!("version = 1\nname = \"two\"\n[[bucket]]\nname = \"media\"\n{layouts}");
    Blueprint::parse("test", &text).unwrap()
}

const NAMED: &str = "owner = \"user\"";
const RECORDED: &str = "owner_from = \"registry\"";

#[test]
fn whoever_of_the_two_lives_keeps_the_object_and_when_both_are_gone_it_is_an_orphan() {
    for order in [
        [
            ("u/{user}/{f...}", NAMED),
            ("u/shared/{user}/{f...}", NAMED),
        ],
        [
            ("{kind}/{x}/{user}/{f...}", NAMED),
            ("u/{user}/{f...}", NAMED),
        ],
    ] {
        let rules = blueprint(&order);
        let cases: [(&[&str], Option<Kind>); 4] = [
            (&["ada", "shared"], None),
            (&["ada"], Some(Kind::Suspect)),
            (&["shared"], Some(Kind::Suspect)),
            (&["bob"], Some(Kind::OwnerGone)),
        ];
        for (living, expected) in cases {
            let key = "u/shared/ada/1".to_owned();
            let ground = aged_by(&rules, "media", &[(key, 24 * 30)]);
            let found = findings_by(&rules, &[ground], Some(&owners(living)), None);
            let kinds = verdicts(&found).into_iter().map(|(kind, _)| kind);
            let kinds: Vec<Kind> = kinds.collect();
            let expected: Vec<Kind> = expected.into_iter().collect();
            assert_eq!(
                kinds, expected,
                "{order:?} {living:?}: {:?}",
                found.verdicts
            );
            if expected == [Kind::Suspect] {
                let evidence = found.verdicts[0].evidence().join("; ");
                assert!(evidence.contains("by the layout l1"), "{evidence}");
            }
        }
    }
}

#[test]
fn what_one_layout_leaves_to_the_records_and_another_reads_from_the_key_is_suspect_without_a_record()
 {
    let rules = blueprint(&[("{w}/{m...}", RECORDED), ("{user}/{f...}", NAMED)]);
    let key = "ada/1.jpg";
    let record = |owner| keys(&[(key, Some(owner)), ("x/y", Some("bob"))]);
    let others = || keys(&[("x/y", Some("bob"))]);
    let cases = [
        (
            "no record, the key's owner lives",
            others(),
            &["ada"],
            Some(Kind::Suspect),
        ),
        (
            "no record, the key's owner is gone",
            others(),
            &["bob"],
            Some(Kind::Suspect),
        ),
        (
            "a record of the same owner, who lives",
            record("ada"),
            &["ada"],
            None,
        ),
        (
            "a record of the same owner, who is gone",
            record("ada"),
            &["bob"],
            Some(Kind::OwnerGone),
        ),
        (
            "a record of a living one",
            record("bob"),
            &["bob"],
            Some(Kind::Suspect),
        ),
    ];
    for (what, records, living, expected) in cases {
        let ground = aged_by(&rules, "media", &[(key.to_owned(), 24 * 30)]);
        let living = owners(&living[..]);
        let found = findings_by(&rules, &[ground], Some(&living), Some(&records));
        let of_key = found.verdicts.iter().filter(|one| one.key.as_str() == key);
        let kinds: Vec<Kind> = of_key.map(|one| one.kind).collect();
        assert_eq!(
            kinds,
            Vec::from_iter(expected),
            "{what}: {:?}",
            found.verdicts
        );
    }
}

/// The records cover keys of the second layout, for which the first layout decides, too. That does not make the other
/// keys of the first layout orphans.
#[test]
fn a_list_that_names_disputed_keys_alone_does_not_speak_of_the_layout_that_decides() {
    let rules = blueprint(&[("{user}/{f...}", NAMED), ("tmp/{id}", RECORDED)]);
    let objects = ["ada/1.jpg", "ada/2.jpg", "tmp/1", "tmp/2"];
    let ground = |keys: &[&str]| {
        let objects: Vec<_> = keys
            .iter()
            .map(|key| ((*key).to_owned(), 24 * 30))
            .collect();
        aged_by(&rules, "media", &objects)
    };
    let living = owners(&["ada", "tmp"]);
    for there in [&objects[..], &objects[..2]] {
        let records = keys(&[("tmp/1", Some("ada")), ("tmp/2", Some("ada"))]);
        let found = findings_by(&rules, &[ground(there)], Some(&living), Some(&records));
        let gone: Vec<_> = verdicts(&found)
            .into_iter()
            .filter(|(kind, _)| *kind == Kind::RecordGone)
            .collect();
        assert_eq!(gone, [], "{there:?}");
    }
    // A record of a key that only this layout explains shows that the list covers it.
    let records = keys(&[("ada/1.jpg", Some("ada")), ("tmp/1", Some("ada"))]);
    let found = findings_by(&rules, &[ground(&objects)], Some(&living), Some(&records));
    assert!(verdicts(&found).contains(&(Kind::RecordGone, "ada/2.jpg")));
}
