//! Keys that a rule produces from several owners' media: the one existing original need not be the source.

use super::*;

/// The rule keeps only the file name.
const PAGES: &str = r#"
version = 1
name = "pages"

[[bucket]]
name = "media"

[[bucket.layout]]
id = "upload"
key = "users/{user}/{file...}"
owner = "user"

[[bucket.derived]]
id = "page"
from = "upload"
to_bucket = "pages"
regex = '^users/[^/]+/(.+)\.[^.]+$'
replace = '$1.html'

[[bucket]]
name = "pages"
"#;

const ORIGINAL: &str = "users/dead/1.png";
const PAGE: &str = "1.html";

/// The verdict on a page that was derived some hours after its original, while delete markers hide these originals.
fn said(hours_after: i64, hidden: Option<&[&str]>) -> (Kind, Reason) {
    let blueprint = Blueprint::parse("test", PAGES).unwrap();
    let age = 24 * 30;
    let originals = [
        (ORIGINAL.to_owned(), age),
        ("users/ada/2.png".to_owned(), age),
    ];
    let mut media = aged_by(&blueprint, "media", &originals);
    media.hidden = hidden.map(|keys| {
        keys.iter()
            .map(|key| ObjectKey::new(*key).unwrap())
            .collect()
    });
    let pages = aged_by(&blueprint, "pages", &[(PAGE.to_owned(), age - hours_after)]);
    let found = findings_by(&blueprint, &[media, pages], Some(&owners(&["ada"])), None);
    let mut of_page = found
        .verdicts
        .into_iter()
        .filter(|one| one.key.as_str() == PAGE);
    let verdict = of_page.next().unwrap();
    assert_eq!(of_page.next(), None);
    assert_eq!(verdict.owner.as_deref(), Some("dead"));
    (verdict.kind, verdict.reason)
}

/// Name, hours between original and page, hidden originals, expected verdict.
type Case<'c> = (&'c str, i64, Option<&'c [&'c str]>, (Kind, Reason));

fn shared(why: Shared) -> (Kind, Reason) {
    let bucket = BucketName::new("media").unwrap();
    let key = ORIGINAL.to_owned();
    (Kind::Suspect, Reason::SharedKey { bucket, key, why })
}

#[test]
fn a_page_may_be_of_an_original_that_is_not_there_any_more() {
    let gone = || {
        let through = Through::Source {
            bucket: BucketName::new("media").unwrap(),
            key: ORIGINAL.to_owned(),
            is_shared: true,
        };
        (Kind::OwnerGone, Reason::NoOwner { through })
    };
    let cases: [Case<'_>; 9] = [
        ("made after the only original", 1, Some(&[]), gone()),
        ("made at the same time", 0, Some(&[]), gone()),
        (
            "older than the only original",
            -1,
            Some(&[]),
            shared(Shared::Older),
        ),
        (
            "a living user's original of the same name is hidden",
            1,
            Some(&["users/ada/1.jpg"]),
            shared(Shared::Hidden),
        ),
        (
            "an unknown user's is: they may be as dead, and nobody says so of this page",
            1,
            Some(&["users/bob/1.gif"]),
            shared(Shared::Hidden),
        ),
        (
            "the dead user's own other original is hidden",
            1,
            Some(&["users/dead/1.jpg"]),
            gone(),
        ),
        (
            "what is hidden has another name",
            1,
            Some(&["users/ada/11.jpg", "users/ada/1/x.jpg", "1.png"]),
            gone(),
        ),
        (
            "nobody knows what is hidden",
            1,
            None,
            shared(Shared::Unlisted),
        ),
        (
            "hidden and older: the first is said",
            -1,
            Some(&["users/ada/1.jpg"]),
            shared(Shared::Hidden),
        ),
    ];
    for (what, hours_after, hidden, expected) in cases {
        assert_eq!(said(hours_after, hidden), expected, "{what}");
    }
}

#[test]
fn a_rule_that_keeps_the_owner_shares_no_keys() {
    let original = photo("dead", "a.jpg");
    let page = photo("dead", "a-thumbnail.jpg");
    for hidden in [
        None,
        Some(vec![ObjectKey::new(photo("u", "a.jpg")).unwrap()]),
    ] {
        // Older than its original, which was written again later.
        let mut ground = aged(
            "pilotforce",
            UPLOADS,
            &[(original.clone(), 100), (page.clone(), 200)],
        );
        ground.hidden = hidden;
        let found = findings("pilotforce", &[ground], Some(&owners(&["u"])), None);
        assert_eq!(
            verdicts(&found),
            [
                (Kind::OwnerGone, page.as_str()),
                (Kind::OwnerGone, original.as_str()),
            ]
        );
    }
}
