//! Objects that rules derive: they match like any other key, belong to the owner of their source, and are orphans
//! without it.

use super::*;
use crate::domain::orphans::join::Untold;

/// Previews in a bucket without a layout, by a rule that drops the extension; films in the same folder as their
/// sources; and pages whose key contains only a file name.
const PREVIEWS: &str = r#"
version = 1
name = "previews"

[[bucket]]
name = "media"

[[bucket.layout]]
id = "upload"
key = "users/{user}/{file...}"
owner = "user"

[[bucket.layout]]
id = "blob"
key = "blobs/{id}"
owner_from = "registry"

[[bucket.derived]]
id = "preview"
from = ["upload", "blob"]
to_bucket = "previews"
regex = '^(.+)\.([^.]+)$'
replace = 'previews/$1.jpg'

[[bucket.derived]]
id = "encoded"
from = "upload"
to_bucket = "media"
regex = '^users/(.+)\.mov$'
replace = 'encoded/$1.mp4'

[[bucket.derived]]
id = "page"
from = "upload"
to_bucket = "previews"
regex = '^users/[^/]+/(.+)\.[^.]+$'
replace = 'pages/$1.html'

[[bucket.derived]]
id = "webp"
from = "upload"
to_bucket = "media"
steps = [{ append = ".webp" }]

[[bucket]]
name = "previews"
"#;

fn previews() -> Blueprint {
    Blueprint::parse("test", PREVIEWS).unwrap()
}

fn judged(
    media: &[&str],
    made: &[&str],
    living: &[&str],
    records: Option<&TrustedList>,
) -> Findings {
    let blueprint = previews();
    let old = |keys: &[&str]| -> Vec<(String, i64)> {
        keys.iter()
            .map(|key| ((*key).to_owned(), 24 * 30))
            .collect()
    };
    let grounds = [
        aged_by(&blueprint, "media", &old(media)),
        aged_by(&blueprint, "previews", &old(made)),
    ];
    findings_by(&blueprint, &grounds, Some(&owners(living)), records)
}

#[test]
fn a_rule_explains_keys_as_a_layout_does() {
    let found = judged(
        &[
            "users/ada/1.png",
            "users/ada/1.png.webp",
            "users/ada/2.mov",
            "encoded/ada/2.mp4",
        ],
        &[
            "previews/users/ada/1.jpg",
            "previews/users/ada/2.jpg",
            "stray.txt",
        ],
        &["ada"],
        None,
    );
    assert_eq!(verdicts(&found), [(Kind::Unreadable, "stray.txt")]);
    let explained: Vec<_> = found
        .judged
        .iter()
        .map(|one| (one.objects, one.explained))
        .collect();
    assert_eq!(explained, [(4, 4), (3, 2)]);
}

#[test]
fn what_was_made_from_a_gone_owners_media_is_gone_with_them_wherever_it_lies() {
    let found = judged(
        &["users/dead/2.mov", "encoded/dead/2.mp4", "users/ada/1.png"],
        &[
            "previews/users/dead/2.jpg",
            "previews/users/ada/1.jpg",
            "pages/2.html",
        ],
        &["ada"],
        None,
    );
    assert_eq!(
        verdicts(&found),
        [
            (Kind::OwnerGone, "encoded/dead/2.mp4"),
            (Kind::OwnerGone, "users/dead/2.mov"),
            (Kind::OwnerGone, "pages/2.html"),
            (Kind::OwnerGone, "previews/users/dead/2.jpg"),
        ]
    );
    let mut gone = found
        .verdicts
        .iter()
        .filter(|one| one.kind == Kind::OwnerGone);
    assert!(gone.all(|one| one.owner.as_deref() == Some("dead")));
}

#[test]
fn what_outlived_its_source_says_whose_it_was_where_the_rule_keeps_that() {
    let found = judged(
        &["users/ada/1.png", "encoded/ada/9.mp4", "encoded/dead/9.mp4"],
        &[
            "previews/users/ada/1.jpg",
            "previews/users/ada/9.jpg",
            "previews/users/dead/9.jpg",
            "pages/9.html",
        ],
        &["ada"],
        None,
    );
    assert_eq!(
        verdicts(&found),
        [
            (Kind::SourceGone, "encoded/ada/9.mp4"),
            (Kind::OwnerGone, "encoded/dead/9.mp4"),
            (Kind::SourceGone, "pages/9.html"),
            (Kind::SourceGone, "previews/users/ada/9.jpg"),
            (Kind::OwnerGone, "previews/users/dead/9.jpg"),
        ]
    );
    let of = |key: &str| {
        found
            .verdicts
            .iter()
            .find(|one| one.key.as_str() == key)
            .unwrap()
    };
    assert_eq!(of("pages/9.html").owner, None);
    assert_eq!(of("previews/users/ada/9.jpg").owner.as_deref(), Some("ada"));
}

#[test]
fn what_may_be_an_original_is_never_called_source_gone() {
    // A user uploaded `1.webp`; nothing says that it was derived from a deleted `1`.
    let found = judged(&["users/ada/1.webp"], &[], &["ada"], None);
    assert_eq!(verdicts(&found), []);
    let untold = found
        .untold
        .iter()
        .find(|one| one.kind == Kind::SourceGone)
        .unwrap();
    let Untold {
        bucket,
        layout,
        kind,
        why,
    } = untold;
    assert_eq!(
        (bucket.as_str(), layout.as_str(), *kind),
        ("media", "upload", Kind::SourceGone)
    );
    assert!(why.contains("the rule webp"), "{why}");
}

#[test]
fn what_a_rule_leaves_as_it_is_is_its_own_source() {
    let blueprint = Blueprint::parse(
        "test",
        "version = 1\nname = \"t\"\n[[bucket]]\nname = \"media\"\n[[bucket.layout]]\nid = \"u\"\nkey = \"{user}/{file...}\"\n\
         owner = \"user\"\n[[bucket.derived]]\nid = \"webp\"\nfrom = \"u\"\nto_bucket = \"media\"\nregex = '\\.[^.]+$'\n\
         replace = '.webp'",
    )
    .unwrap();
    let ground = aged_by(&blueprint, "media", &[("ada/1.webp".to_owned(), 1_000)]);
    let found = findings_by(&blueprint, &[ground], Some(&owners(&["ada"])), None);
    assert_eq!(verdicts(&found), []);
    assert_eq!(found.untold, []);
}

#[test]
fn what_is_made_of_the_media_of_a_living_and_a_gone_owner_is_contested() {
    let found = judged(
        &["users/ada/1.png", "users/dead/1.gif"],
        &["pages/1.html", "previews/users/ada/1.jpg"],
        &["ada"],
        None,
    );
    assert_eq!(
        verdicts(&found),
        [
            (Kind::OwnerGone, "users/dead/1.gif"),
            (Kind::Suspect, "pages/1.html")
        ]
    );
    let [contested] = found
        .verdicts
        .iter()
        .filter(|one| one.kind == Kind::Suspect)
        .collect::<Vec<_>>()[..]
    else {
        panic!("{:?}", found.verdicts);
    };
    assert_eq!(
        contested.words(),
        "it may be dead's, who is not in the list of owners, or ada's, who is"
    );
    assert_eq!(
        contested.evidence(),
        [
            "ada: made from s3://media/users/ada/1.png",
            "dead: made from s3://media/users/dead/1.gif"
        ]
    );
}

#[test]
fn a_record_that_names_somebody_else_than_the_key_makes_it_contested() {
    let records = keys(&[
        ("users/dead/kept.png", Some("ada")),
        ("users/ada/sold.png", Some("dead")),
        ("users/ada/own.png", Some("ada")),
        ("blobs/1.png", Some("dead")),
        ("blobs/1.png", Some("ada")),
        ("blobs/2.png", Some("dead")),
    ]);
    let found = judged(
        &[
            "users/dead/kept.png",
            "users/ada/sold.png",
            "users/ada/own.png",
            "blobs/1.png",
            "blobs/2.png",
        ],
        &["previews/blobs/2.jpg"],
        &["ada"],
        Some(&records),
    );
    assert_eq!(
        verdicts(&found),
        [
            (Kind::Suspect, "blobs/1.png"),
            (Kind::OwnerGone, "blobs/2.png"),
            (Kind::Suspect, "users/ada/sold.png"),
            (Kind::Suspect, "users/dead/kept.png"),
            (Kind::OwnerGone, "previews/blobs/2.jpg"),
        ]
    );
}

#[test]
fn a_record_in_another_form_that_names_a_living_owner_makes_it_suspect() {
    for form in [
        "/KEY",
        "./KEY",
        "s3://media/KEY",
        "https://cdn.example.org/KEY?v=1",
        "media/KEY",
        "KEY ",
        "KEY…",
    ] {
        for (key, exact) in [
            ("blobs/1.png", Some(("blobs/1.png", Some("dead")))),
            ("users/dead/1.png", None),
            ("users/dead/1.png", Some(("users/dead/1.png", Some("dead")))),
        ] {
            let preview = format!("previews/{}jpg", key.trim_end_matches("png"));
            let by = |owner| {
                let form = form.replace("KEY", key);
                let records: Vec<_> = exact
                    .into_iter()
                    .chain([(form.as_str(), Some(owner))])
                    .collect();
                let records = keys(&records);
                let found = judged(&[key], &[&preview], &["ada"], Some(&records));
                let kinds = found.verdicts.iter();
                let kinds = kinds.filter(|one| one.kind != Kind::Dangling);
                kinds.map(|one| one.kind).collect::<Vec<_>>()
            };
            assert_eq!(by("ada"), [Kind::Suspect; 2], "{form} {exact:?}");
            assert_eq!(by("dead"), [Kind::OwnerGone; 2], "{form} {exact:?}");
        }
        // It is no reason to doubt an exact record of an active user.
        let form = form.replace("KEY", "blobs/1.png");
        let records = keys(&[("blobs/1.png", Some("ada")), (form.as_str(), Some("dead"))]);
        let found = judged(
            &["blobs/1.png"],
            &["previews/blobs/1.jpg"],
            &["ada"],
            Some(&records),
        );
        assert!(
            found.verdicts.iter().all(|one| one.kind == Kind::Dangling),
            "{form}"
        );
    }
}

#[test]
fn an_owner_column_that_says_nothing_names_no_owner() {
    for nothing in [
        "NULL",
        "\\N",
        "null",
        "None",
        "nil",
        "undefined",
        "N/A",
        "",
        " ",
    ] {
        let records = keys(&[("blobs/1.png", Some(nothing))]);
        let found = judged(
            &["blobs/1.png"],
            &["previews/blobs/1.jpg"],
            &["ada"],
            Some(&records),
        );
        assert_eq!(verdicts(&found), [], "{nothing:?}");
    }
}

#[test]
fn what_has_no_record_goes_with_its_source_where_it_has_no_layout() {
    let records = keys(&[("users/ada/1.png", None), ("blobs/1.png", Some("ada"))]);
    let found = judged(
        &["users/ada/1.png", "users/ada/2.png", "blobs/1.png"],
        &[
            "previews/users/ada/1.jpg",
            "previews/users/ada/2.jpg",
            "previews/blobs/1.jpg",
        ],
        &["ada"],
        Some(&records),
    );
    assert_eq!(
        verdicts(&found),
        [
            (Kind::RecordGone, "users/ada/2.png"),
            (Kind::RecordGone, "previews/users/ada/2.jpg"),
        ]
    );
}

/// A rule that cannot be inverted to one key may still name the owner, or show that it may have produced the key.
#[test]
fn what_a_rule_made_that_cannot_be_turned_round_is_its_owners_or_said_to_be_made_perhaps() {
    let classes = (
        r"^users/([^/]+)/(.+)\.[jJ][pP][eE]?[gG]$",
        "thumbs/$1/$2.webp",
    );
    let folders = (r"^users/[^/]+/(?:[^/]+/)*([^/]+)\.\w+$", "thumbs/$1.webp");
    let deep = (
        r"^users/([^/]+)/(?:[^/]+/)+([^/]+)\.\w+$",
        "thumbs/$1/$2.webp",
    );
    let nothing = ("no layout and no rule", Kind::Unreadable, None);
    let perhaps = |owner| ("the rule thumb may have made it", Kind::Unreadable, owner);
    let cases = [
        (
            classes,
            "thumbs/dead/B.webp",
            ("not in the list", Kind::OwnerGone, Some("dead")),
        ),
        (
            classes,
            "thumbs/ada/B.webp",
            ("yields it from no object", Kind::SourceGone, Some("ada")),
        ),
        (
            deep,
            "thumbs/dead/B.webp",
            ("not in the list", Kind::OwnerGone, Some("dead")),
        ),
        (deep, "thumbs/ada/B.webp", perhaps(Some("ada"))),
        (
            classes,
            "thumbs/Ada/B.webp",
            ("capital", Kind::Suspect, Some("Ada")),
        ),
        (classes, "else/dead/B.webp", nothing),
        (classes, "thumbs/dead/B.png", nothing),
        (folders, "thumbs/lost.webp", perhaps(None)),
        (folders, "thumbs/lost.png", nothing),
    ];
    for ((regex, replace), key, (words, kind, owner)) in cases {
        let text = format!(
            "version = 1\nname = \"t\"\n[[bucket]]\nname = \"media\"\n[[bucket.layout]]\nid = \"u\"\nkey = \"users/{{user}}/{{file...}}\"\nowner = \"user\"\n[[bucket.derived]]\nid = \"thumb\"\nfrom = \"u\"\nto_bucket = \"made\"\nregex = '{regex}'\nreplace = '{replace}'\n[[bucket]]\nname = \"made\"\n"
        );
        let rules = Blueprint::parse("test", &text).unwrap();
        let grounds = [
            aged_by(&rules, "media", &[("users/ada/1.jpg".to_owned(), 24 * 30)]),
            aged_by(&rules, "made", &[(key.to_owned(), 24 * 30)]),
        ];
        let found = findings_by(&rules, &grounds, Some(&owners(&["ada"])), None);
        let of_key = found.verdicts.iter().find(|one| one.key.as_str() == key);
        let verdict = of_key.unwrap_or_else(|| panic!("nothing is said of {key}"));
        assert_eq!(
            (verdict.kind, verdict.owner.as_deref()),
            (kind, owner),
            "{regex} {key}"
        );
        assert!(
            verdict.words().contains(words),
            "{key}: {}",
            verdict.words()
        );
    }
}
