//! Owners of keys that several layouts match.

use super::*;
use crate::domain::registry::{Intake, Row, Subject};

const NAMED: &str = "owner = \"user\"";
const RECORDED: &str = "owner_from = \"registry\"";
const BY_METADATA: &str = "owner_from = \"metadata:uid\"";

/// The layouts in the order of the file, the key, the owner in a record (or in metadata, after `meta:`), and all
/// possible owners. Nobody if unknown.
type Case = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
    Option<&'static str>,
    &'static [&'static str],
);

const CASES: &[Case] = &[
    (
        "one layout",
        &[("u/{user}/{f...}", NAMED)],
        "u/ada/1",
        None,
        &["ada"],
    ),
    (
        "the wider one comes first",
        &[
            ("u/{user}/{f...}", NAMED),
            ("u/shared/{user}/{f...}", NAMED),
        ],
        "u/shared/ada/1",
        None,
        &["ada", "shared"],
    ),
    (
        "the narrower one comes first and names the folder",
        &[
            ("u/shared/{user}/{f...}", NAMED),
            ("u/{user}/{f...}", NAMED),
        ],
        "u/shared/ada/1",
        None,
        &["ada"],
    ),
    (
        "the narrower one comes first and lists the folders",
        &[
            (
                "{d}/{user}/{f...}",
                "owner = \"user\"\nshape = { d = [\"up\", \"down\"] }",
            ),
            ("{user}/{f...}", NAMED),
        ],
        "up/ada/1",
        None,
        &["ada"],
    ),
    (
        "what the narrower one does not explain is the wider one's alone",
        &[
            ("u/shared/{user}/{f...}", NAMED),
            ("u/{user}/{f...}", NAMED),
        ],
        "u/shared/1",
        None,
        &["shared"],
    ),
    (
        "any folder, and the owner in the first or in the second",
        &[("{kind}/{user}/{f...}", NAMED), ("{user}/{f...}", NAMED)],
        "x/ada/1",
        None,
        &["ada", "x"],
    ),
    (
        "both name the same owner",
        &[("{user}/{user2}/{f...}", NAMED), ("{user}/{f...}", NAMED)],
        "ada/ada/1",
        None,
        &["ada"],
    ),
    (
        "both read the same folder, and the names of files differ",
        &[("u/{user}/{f}.jpg", NAMED), ("u/{user}/{f...}", NAMED)],
        "u/ada/1.jpg",
        None,
        &["ada"],
    ),
    (
        "only the second explains the whole key: the tail decides nothing",
        &[("{kind}/{user}/{f}.jpg", NAMED), ("{user}/{f...}", NAMED)],
        "x/ada/1.png",
        None,
        &["ada", "x"],
    ),
    (
        "neither explains the whole key",
        &[
            ("{kind}/{user}/{f}.jpg", NAMED),
            ("{user}/{a}/{b}.jpg", NAMED),
        ],
        "x/ada/1.png",
        None,
        &["ada", "x"],
    ),
    (
        "three owners",
        &[
            ("{user}/{f...}", NAMED),
            ("{a}/{user}/{f...}", NAMED),
            ("{a}/{b}/{user}/{f...}", NAMED),
        ],
        "x/y/z/1",
        None,
        &["x", "y", "z"],
    ),
    (
        "the records tell, and do not",
        &[("{w}/{m...}", RECORDED), ("{user}/{f...}", NAMED)],
        "ada/1",
        None,
        &[],
    ),
    (
        "the records tell the same",
        &[("{w}/{m...}", RECORDED), ("{user}/{f...}", NAMED)],
        "ada/1",
        Some("ada"),
        &["ada"],
    ),
    (
        "the records tell another",
        &[("{w}/{m...}", RECORDED), ("{user}/{f...}", NAMED)],
        "ada/1",
        Some("bob"),
        &["ada", "bob"],
    ),
    (
        "the key tells, and the records would be asked as well",
        &[("{user}/{f...}", NAMED), ("{w}/{m...}", RECORDED)],
        "ada/1",
        None,
        &[],
    ),
    (
        "the records tell of a folder that is spelled out",
        &[("blobs/{m}", RECORDED), ("{user}/{f...}", NAMED)],
        "blobs/1",
        Some("bob"),
        &["bob"],
    ),
];

const MORE: &[Case] = &[
    (
        "the tail of the one that spells the folder out does not fit",
        &[
            ("u/shared/{user}/{f}.jpg", NAMED),
            ("u/{user}/{f...}", NAMED),
        ],
        "u/shared/ada/a/2.png",
        None,
        &["ada", "shared"],
    ),
    (
        "the one behind spells the folder out, and the tail of the first does not fit",
        &[
            ("up/{user}/{f}.jpg", NAMED),
            ("up/tmp/{user}/{f...}", NAMED),
        ],
        "up/tmp/ada/x",
        None,
        &["ada"],
    ),
    (
        "a folder that the first one names, where the second has any, and the owner elsewhere",
        &[
            ("users/{user}/{f...}", NAMED),
            ("{y}/{m}/{user}/{f...}", NAMED),
        ],
        "users/ada/trip/1",
        None,
        &["ada"],
    ),
    (
        "each names a folder that the other one leaves open",
        &[
            ("users/{user}/{f...}", NAMED),
            ("{d}/shared/{user}/{f...}", NAMED),
        ],
        "users/shared/ada/1",
        None,
        &["ada", "shared"],
    ),
    (
        "metadata would tell, and was not read",
        &[("{user}/{f...}", NAMED), ("{d}/{id}", BY_METADATA)],
        "ada/1",
        None,
        &[],
    ),
    (
        "metadata tells the same",
        &[("{user}/{f...}", NAMED), ("{d}/{id}", BY_METADATA)],
        "ada/1",
        Some("meta:ada"),
        &["ada"],
    ),
    (
        "metadata tells another",
        &[("{user}/{f...}", NAMED), ("{d}/{id}", BY_METADATA)],
        "ada/1",
        Some("meta:bob"),
        &["ada", "bob"],
    ),
    (
        "metadata is silent, and a record speaks",
        &[("{user}/{f...}", NAMED), ("{d}/{id}", BY_METADATA)],
        "ada/1",
        Some("ada"),
        &[],
    ),
    (
        "a folder for what metadata tells, spelled out in front",
        &[("inbox/{id}", BY_METADATA), ("{user}/{f...}", NAMED)],
        "inbox/1",
        Some("meta:bob"),
        &["bob"],
    ),
    (
        "the same behind",
        &[("{user}/{f...}", NAMED), ("inbox/{id}", BY_METADATA)],
        "inbox/1",
        Some("meta:bob"),
        &["bob", "inbox"],
    ),
    (
        "one file of the folder's owner, and another key",
        &[("{user}/logo.png", NAMED), ("{t}/{user}/{f...}", NAMED)],
        "acme/ada/1",
        None,
        &["ada"],
    ),
    (
        "the same behind",
        &[("{t}/{user}/{f...}", NAMED), ("{user}/logo.png", NAMED)],
        "acme/ada/1",
        None,
        &["ada"],
    ),
    (
        "the one file itself",
        &[("{t}/{user}/{f...}", NAMED), ("{user}/logo.png", NAMED)],
        "acme/logo.png",
        None,
        &["acme"],
    ),
    (
        "a file that both explain",
        &[
            ("{t}/{user}/{f...}", NAMED),
            ("{user}/brand/logo.png", NAMED),
        ],
        "acme/brand/logo.png",
        None,
        &["acme", "brand"],
    ),
    (
        "one file of the folder's owner, and a key that neither explains whole",
        &[("{t}/{user}/{f}.jpg", NAMED), ("{user}/logo.png", NAMED)],
        "acme/ada/1.mov",
        None,
        &["acme", "ada"],
    ),
    (
        "two names of metadata, of which one was read",
        &[
            ("m/{id}", BY_METADATA),
            ("m/{x}", "owner_from = \"metadata:owner\""),
        ],
        "m/1",
        Some("meta:bob"),
        &[],
    ),
];

fn rules(layouts: &[(&str, &str)]) -> Blueprint {
    let layouts = layouts.iter().enumerate().map(|(n, (key, owner))| {
        format!("[[bucket.layout]]\nid = \"l{n}\"\nkey = \"{key}\"\n{owner}\n")
    });
    let layouts: Vec<String> = layouts.collect();
    blueprint(&format!(
        "[[bucket]]\nname = \"media\"\n{}",
        layouts.join("")
    ))
}

fn records(key: &str, owner: Option<&str>) -> Registry {
    let mut rows = Intake::new(Subject::Keys, "a test", chrono::DateTime::UNIX_EPOCH);
    for (key, owner) in [(key, owner), ("nothing", Some("nobody"))] {
        if owner.is_some() {
            let ids = [key];
            let malformed = false;
            let row = Row {
                ids: &ids,
                owner,
                malformed,
            };
            rows.row(&row).unwrap();
        }
    }
    rows.finish().unwrap()
}

#[test]
fn where_layouts_give_a_key_to_several_owners_it_is_no_ones_alone() {
    for &(what, layouts, key, told, expected) in CASES.iter().chain(MORE) {
        let rules = rules(layouts);
        let metadata = told.and_then(|told| told.strip_prefix("meta:"));
        let record = told.filter(|_| metadata.is_none());
        let records = records(key, record);
        let ownership = Ownership::new(&rules.buckets, Some(&records));
        let seen = Seen {
            metadata,
            ..Seen::default()
        };
        let whose = ownership.whose(&name("media"), key, &seen);
        let owners = whose.verdict.owners();
        let owners: Vec<&str> = owners.iter().map(OwnerId::as_str).collect();
        assert_eq!(owners, expected, "{what}: {whose:?}");
        assert_eq!(whose.verdict.is_contested(), expected.len() > 1, "{what}");
        // Knowing only the key never gives a more definite result.
        if told.is_none() {
            let told = match by_key(&rules.buckets[0], key) {
                ByKey::Owner(owner) => Some(owner.as_str().to_owned()),
                ByKey::Contested(owners) => {
                    let owners: Vec<&str> = owners.iter().map(OwnerId::as_str).collect();
                    assert!(
                        expected.is_empty() || owners == expected,
                        "{what}: {owners:?}"
                    );
                    None
                }
                ByKey::Untold | ByKey::Unexplained => {
                    assert!(expected.len() < 2, "{what}");
                    None
                }
            };
            let only = expected.first().filter(|_| expected.len() == 1);
            assert_eq!(told.as_deref(), only.copied(), "{what}");
        }
    }
}

#[test]
fn a_rule_for_one_of_the_layouts_makes_something_of_a_key_that_another_decides_about() {
    let rules = blueprint(
        r#"
[[bucket]]
name = "media"
[[bucket.layout]]
id = "wide"
key = "{user}/{f...}"
owner = "user"
[[bucket.layout]]
id = "narrow"
key = "{kind}/{user}/{f...}"
owner = "user"
[[bucket.derived]]
id = "small"
from = "narrow"
to_bucket = "small"
regex = '^(.+)$'
replace = '$1.webp'
[[bucket]]
name = "small"
"#,
    );
    let [media, small] = &rules.buckets[..] else {
        panic!("two buckets")
    };
    let made = media.derived_of("x/ada/1");
    assert_eq!(made.len(), 1);
    // Without the source: everybody who may have had it.
    let ownership = Ownership::new(&rules.buckets, None);
    let whose = ownership.whose(&small.name, &made[0].key, &Seen::default());
    let owners = whose.verdict.owners();
    let owners: Vec<&str> = owners.iter().map(OwnerId::as_str).collect();
    assert_eq!(owners, ["ada", "x"]);
    // One folder fewer: only the wide layout matches, and nothing is derived from its keys.
    assert_eq!(media.derived_of("x/1"), []);
}
