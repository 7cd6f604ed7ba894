//! Owners that are named in the metadata of objects.

use super::*;
use crate::domain::orphans::metadata_owner::Asked;

const RULES: &str = "version = 1
name = \"loose\"

[[bucket]]
name = \"loose\"

[[bucket.layout]]
id = \"file\"
key = \"loose/{file}\"
owner_from = \"metadata:Owner-Id\"

[[bucket.layout]]
id = \"thumbnail\"
key = \"thumbnails/{user}/{file}\"
owner = \"user\"

[[bucket.derived]]
from = \"file\"
to_bucket = \"loose\"
regex = '^loose/(.+)$'
replace = 'thumbnails/nobody/$1'
";

fn blueprint() -> Blueprint {
    Blueprint::parse("a test", RULES).unwrap()
}

/// Objects a month old with this metadata.
fn told(all: &[(&str, Option<&str>)]) -> Ground {
    let mut columns = Assembly::new(Etags::Keep);
    let objects: Vec<_> = all.iter().map(|(key, _)| object(key, 24 * 30)).collect();
    columns.add(0, &objects);
    let mut ground = Ground {
        rules: blueprint().buckets.remove(0),
        objects: columns.finish(),
        hidden: Some(Vec::new()),
        stated: None,
        wanted: true,
    };
    let asked: Vec<Asked> = ground.to_ask(now()).collect();
    let mut stated = MetadataOwners::default();
    for asked in &asked {
        let (_, says) = all
            .iter()
            .find(|(key, _)| *key == asked.key.as_str())
            .unwrap();
        assert_eq!(asked.name, "owner-id");
        stated.enter(asked, *says);
    }
    ground.stated = Some(stated);
    ground
}

fn judge(ground: Ground, living: &TrustedList) -> Findings {
    let grounds = [ground];
    let blueprint = blueprint();
    let join = Join {
        grounds: &grounds,
        buckets: &blueprint.buckets,
        replication: &[],
        living: Living {
            owners: Some(living),
            keys: None,
        },
        kinds: Kinds::all(),
        before: now() - TimeDelta::hours(48),
        now: now(),
        threads: 1,
    };
    join.run(&|| false).unwrap()
}

#[test]
fn what_an_object_says_of_its_owner_is_compared_whole_by_bytes() {
    let ground = told(&[
        ("loose/alive", Some("user-10")),
        ("loose/case", Some("User-10")),
        ("loose/encoded", Some("=?UTF-8?Q?J=C3=BCrgen?=")),
        ("loose/gone", Some("user-1")),
        ("loose/silent", None),
    ]);
    let found = judge(ground, &owners(&["user-10"]));
    assert_eq!(
        verdicts(&found),
        [
            (Kind::Suspect, "loose/case"),
            (Kind::OwnerGone, "loose/gone"),
        ]
    );
    let gone = &found
        .verdicts
        .iter()
        .find(|one| one.kind == Kind::OwnerGone);
    let gone = gone.unwrap();
    assert_eq!(gone.owner.as_deref(), Some("user-1"));
    assert_eq!(
        gone.evidence(),
        ["its metadata x-amz-meta-owner-id names the owner"]
    );
    // Objects that name no owner are counted, without a verdict.
    let untold = &found.untold[0];
    assert_eq!((untold.kind, &*untold.layout), (Kind::OwnerGone, "file"));
    assert!(untold.why.contains("2 of its objects"), "{}", untold.why);
}

#[test]
fn what_was_made_from_it_is_its_owners_and_nobodys_when_it_does_not_tell() {
    let ground = told(&[
        ("loose/alive", Some("ada")),
        ("loose/gone", Some("bob")),
        ("loose/silent", None),
        ("thumbnails/nobody/alive", None),
        ("thumbnails/nobody/gone", None),
        ("thumbnails/nobody/silent", None),
    ]);
    let found = judge(ground, &owners(&["ada"]));
    assert_eq!(
        verdicts(&found),
        [
            (Kind::OwnerGone, "loose/gone"),
            (Kind::OwnerGone, "thumbnails/nobody/gone"),
        ]
    );
    assert_eq!(found.verdicts[1].owner.as_deref(), Some("bob"));
}

#[test]
fn what_is_too_young_to_be_judged_is_not_asked() {
    let ground = told(&[("loose/a", None), ("other/b", None)]);
    let month = TimeDelta::hours(24 * 30);
    let keys = |before| -> Vec<String> {
        let asked = ground.to_ask(before);
        asked.map(|one| one.key.as_str().to_owned()).collect()
    };
    assert_eq!(keys(now() - month), [""; 0]);
    assert_eq!(keys(now() - month + TimeDelta::seconds(1)), ["loose/a"]);
}

#[test]
fn an_owner_whom_nobody_asked_for_is_untold() {
    let mut ground = told(&[("loose/gone", Some("bob"))]);
    ground.stated = None;
    let found = judge(ground, &owners(&["ada"]));
    assert_eq!(verdicts(&found), []);
    assert!(found.untold[0].why.contains("was not asked for"));
}
