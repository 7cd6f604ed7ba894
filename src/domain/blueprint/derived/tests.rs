use proptest::prelude::*;

use super::*;
use crate::domain::blueprint::Blueprint;

const UUID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

fn rule(blueprint: &str, bucket: &str, id: &str) -> DerivedRule {
    let blueprint = Blueprint::builtin(blueprint).unwrap();
    let bucket = blueprint.bucket(&BucketName::new(bucket).unwrap()).unwrap();
    bucket
        .derived
        .iter()
        .find(|rule| rule.id == id)
        .unwrap()
        .clone()
}

/// The effect of `key.replace(/^(.+)(\..+?)$/, '$1-thumbnail$2')` in JavaScript, without a regular expression. The last
/// dot with text on both sides splits the key, unless the key contains a line break.
fn in_javascript(key: &str) -> String {
    if key.contains(['\n', '\r', '\u{2028}', '\u{2029}']) {
        return key.to_owned();
    }
    let dot = key
        .char_indices()
        .rev()
        .find(|(at, c)| *c == '.' && *at > 0 && at + 1 < key.len());
    match dot {
        Some((at, _)) => format!("{}-thumbnail{}", &key[..at], &key[at..]),
        None => key.to_owned(),
    }
}

#[test]
fn pilotforces_thumbnails_are_where_its_lambda_puts_them() {
    let rule = rule("pilotforce", "pilotforce-user-uploads", "thumbnail");
    for (key, thumbnail) in [
        (
            format!("uploads/user-1/{UUID}-a.tar.gz"),
            format!("uploads/user-1/{UUID}-a.tar-thumbnail.gz"),
        ),
        // The file name has no dot: the rule finds the dot in the owner's id.
        (
            format!("uploads/ada.l/{UUID}-photo"),
            format!("uploads/ada-thumbnail.l/{UUID}-photo"),
        ),
        // No dot at all: the thumbnail overwrites its source.
        (
            format!("uploads/user-1/{UUID}-photo"),
            format!("uploads/user-1/{UUID}-photo"),
        ),
        // A dot at the very end does not count.
        (
            format!("uploads/u/{UUID}-a.b."),
            format!("uploads/u/{UUID}-a-thumbnail.b."),
        ),
        ("a\r.jpg".to_owned(), "a\r.jpg".to_owned()),
    ] {
        assert_eq!(rule.apply(&key), Some(thumbnail), "{key}");
    }
}

proptest! {
    #[test]
    fn pilotforces_rule_does_what_its_javascript_does(
        key in prop_oneof!["[a./\\n\\r-]{1,12}", "\\PC{1,20}", "(.|\\n|\u{2028}|\\.){1,10}"],
    ) {
        let rule = rule("pilotforce", "pilotforce-user-uploads", "thumbnail");
        prop_assert_eq!(rule.apply(&key), Some(in_javascript(&key)));
    }

    #[test]
    fn quikapps_rule_does_what_its_python_does(key in prop_oneof!["(photos/|[a./-]){1,12}", "\\PC{1,20}"]) {
        let rule = rule("quikapp", "quikapp-media-prod", "medium");
        let replaced = key.replace("photos/", "thumbnails/medium/");
        let in_python = format!("{}.webp", replaced.rsplit_once('.').map_or(replaced.as_str(), |(head, _)| head));
        prop_assert_eq!(rule.apply(&key), Some(in_python));
    }
}

#[test]
fn quikapps_rule_replaces_every_photos_in_the_key() {
    let rule = rule("quikapp", "quikapp-media-prod", "small");
    assert_eq!(
        rule.apply(&format!("myphotos/photos/c/m/{UUID}.jpg.enc")),
        Some(format!(
            "mythumbnails/small/thumbnails/small/c/m/{UUID}.jpg.webp"
        ))
    );
}

#[test]
fn a_key_that_still_holds_what_a_rule_replaces_everywhere_was_not_made_by_it() {
    let blueprint = Blueprint::builtin("quikapp").unwrap();
    let media = BucketName::new("quikapp-media-prod").unwrap();
    let media = blueprint.bucket(&media).unwrap();
    let rule = rule("quikapp", "quikapp-media-prod", "small");
    let may_be_made = |folder: &str| {
        let key = format!("acme/thumbnails/small/general/{folder}/{UUID}.webp");
        rule.may_have_made(media, &key)
    };
    assert!(may_be_made("msg-1"));
    assert!(!may_be_made("photos"));
    // The replaced text starts at the very end here, and may continue in the part that was cut off.
    assert!(rule.may_have_made(
        media,
        &format!("acme/thumbnails/small/general/msg-1/{UUID}_photos.webp")
    ));
}

#[test]
fn a_key_that_s3_could_not_hold_is_not_made() {
    let rule = rule("pilotforce", "pilotforce-user-uploads", "thumbnail");
    let longest = format!("{}.jpg", "x".repeat(1020 - "-thumbnail".len()));
    assert_eq!(rule.apply(&longest).map(|key| key.len()), Some(1024));
    assert_eq!(rule.apply(&format!("x{longest}")), None);
}

#[test]
fn a_replacement_is_read_as_other_languages_read_it() {
    let replace = |regex: &str, with: &str| {
        Replacement::new(regex, with)
            .unwrap()
            .apply("a-b".to_owned())
    };
    assert_eq!(replace("(.)-(.)", "$2_$1"), "b_a");
    assert_eq!(replace("(.)-(.)", "${1}0$$"), "a0$");
    assert_eq!(replace("-(?<tail>.)", "+${tail}"), "a+b");
    assert_eq!(replace("-", ""), "ab");
    assert_eq!(replace("x", "y"), "a-b");
}

#[test]
fn a_replacement_that_names_no_group_is_refused() {
    for (regex, with, words) in [
        ("(.)", "$2", "has 1"),
        ("(.)", "$10", "${1}0"),
        ("(.)", "${tail}", "\"tail\""),
        ("(.)", "cost: $", "$$"),
        ("(.)", "${1", "never closed"),
        ("(.", "$1", "does not compile"),
    ] {
        let error = Replacement::new(regex, with).unwrap_err();
        assert!(error.contains(words), "{error}");
    }
}
