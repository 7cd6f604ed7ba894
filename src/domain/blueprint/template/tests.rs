use proptest::prelude::*;

use super::*;

fn template(text: &str) -> Template {
    Template::parse(text, &shapes()).unwrap_or_else(|error| panic!("{error}"))
}

fn shapes() -> BTreeMap<String, Shape> {
    let list = |values: &[&str]| Shape::OneOf(values.iter().map(ToString::to_string).collect());
    BTreeMap::from([
        ("uuid".to_owned(), Shape::Uuid),
        ("n".to_owned(), Shape::Digits),
        ("ext".to_owned(), list(&["jpg", "png"])),
        (
            "code".to_owned(),
            Shape::from_word("/[a-z]{2}-[0-9]+/").unwrap(),
        ),
    ])
}

fn parts(pairs: &[(&str, &str)]) -> Parts {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

const UUID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

#[test]
fn a_uuid_is_told_from_the_dashes_around_it() {
    let upload = template("{directory}/{user}/{uuid}-{filename...}");
    assert_eq!(
        upload.read(&format!("uploads/user-1/{UUID}-a-b/c.jpg")),
        Some(parts(&[
            ("directory", "uploads"),
            ("user", "user-1"),
            ("uuid", UUID),
            ("filename", "a-b/c.jpg")
        ]))
    );
    assert_eq!(upload.read("uploads/user-1/not-a-uuid.jpg"), None);
    assert_eq!(
        upload.read(&format!("uploads//{UUID}-a")),
        None,
        "a part has at least one byte"
    );
    assert_eq!(upload.read(&format!("uploads/user-1/{UUID}-")), None);
    assert_eq!(upload.read(&format!("uploads/user-1/x/{UUID}-a")), None);
}

#[test]
fn of_several_readings_the_one_with_the_shortest_first_part_is_taken_if_the_shapes_allow_it() {
    assert_eq!(
        template("{a}-{b}").read("x-y-z"),
        Some(parts(&[("a", "x"), ("b", "y-z")]))
    );
    assert_eq!(
        template("{a}-{n}").read("x-y-7"),
        Some(parts(&[("a", "x-y"), ("n", "7")]))
    );
    assert_eq!(
        template("{a}-{code}-{b}").read("q-r-ab-1-2"),
        Some(parts(&[("a", "q-r"), ("code", "ab-1"), ("b", "2")]))
    );
    assert_eq!(
        template("{a}--{b}").read("x---y"),
        Some(parts(&[("a", "x"), ("b", "-y")]))
    );
    assert_eq!(
        template("{a}--{n}").read("x---7"),
        Some(parts(&[("a", "x-"), ("n", "7")]))
    );
    assert_eq!(
        template("{user}-pics").read("a-pics-pics"),
        Some(parts(&[("user", "a-pics")]))
    );
}

#[test]
fn a_hostile_name_does_not_make_reading_slow() {
    // Without memoising failures, this would take 1,000 choose 5 attempts.
    let many = template("{a}-{b}-{c}-{d}-{e}-{n}");
    assert_eq!(many.read(&"-".repeat(1024)), None);
}

#[test]
fn braces_in_a_key_are_written_twice() {
    let braces = template("{{x}}/{user}/{file...}");
    assert_eq!(
        braces.read("{x}/u/f"),
        Some(parts(&[("user", "u"), ("file", "f")]))
    );
    assert_eq!(
        Template::of_folders(&["a{b}", ""], 1, "owner").as_str(),
        "a{{b}}//{p1}/{owner}/{rest...}"
    );
}

#[test]
fn a_template_that_is_wrong_is_answered_with_the_place_and_what_was_expected() {
    for (text, offset, words) in [
        ("", 0, "empty"),
        ("{user", 0, "never closed"),
        ("a/user}/x", 6, "closes nothing"),
        ("{us{er}/x", 3, "inside a part's name"),
        ("{a/b}/x", 2, "inside a part's name"),
        ("{}/x", 0, "no name for a part"),
        ("{us er}/x", 0, "no name for a part"),
        ("{...}", 0, "no name for a part"),
        ("{a}/{a}", 4, "occurs twice"),
        ("{a}{b}/x", 3, "put a literal between"),
        ("{a...}/x", 6, "takes the rest"),
        ("{a...}.enc", 6, "takes the rest"),
        ("ü/{a}/", 6, "ends in '/'"),
    ] {
        let error = Template::parse(text, &BTreeMap::new()).unwrap_err();
        assert_eq!(error.offset, offset, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn parts_that_would_be_read_as_others_make_no_key() {
    let dashed = template("{a}-{b}/{file...}");
    let with = |a: &str, b: &str| dashed.write(&parts(&[("a", a), ("b", b), ("file", "f")]));
    assert_eq!(with("x", "y-z"), Ok("x-y-z/f".to_owned()));
    assert!(matches!(
        with("x-y", "z"),
        Err(FormatError::NotReadBack { .. })
    ));
    assert!(matches!(
        with("x/y", "z"),
        Err(FormatError::NotReadBack { .. })
    ));
    assert!(matches!(
        with("", "z"),
        Err(FormatError::NotReadBack { .. })
    ));
    assert_eq!(
        dashed.write(&parts(&[("a", "x")])),
        Err(FormatError::Missing("b".into()))
    );
    assert_eq!(
        dashed.write(&parts(&[("q", "x")])),
        Err(FormatError::Unknown("q".into()))
    );
}

const TEMPLATES: [&str; 7] = [
    "{directory}/{user}/{uuid}-{filename...}",
    "profiles/{user}/{uuid}.{ext}",
    "p_{user}-pics/{a}.{b}/{rest...}",
    "{a}-{b}-{n}/{file}",
    "{user}/{code}_{x}.enc",
    "{a}--{b}/{{{c}}}/%2F+{d...}",
    "x/{only}",
];

/// Values with characters that break templates and careless code.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[-._a-c%+{}]{1,8}",
        "\\PC{1,6}",
        Just(UUID.to_owned()),
        Just("ab-12".to_owned()),
        Just("jpg".to_owned()),
        Just("é\u{301}\u{202e}".to_owned()),
        "[0-9]{1,4}",
    ]
}

proptest! {
    #[test]
    fn a_key_that_is_read_is_written_back_byte_by_byte(
        which in 0..TEMPLATES.len(),
        key in prop_oneof!["[-._a-c/%+{}0-9]{1,30}", "\\PC{1,20}"],
    ) {
        let template = template(TEMPLATES[which]);
        if let Some(parts) = template.read(&key) {
            prop_assert_eq!(template.write(&parts), Ok(key));
        }
    }

    #[test]
    fn parts_that_are_written_are_read_back_and_none_are_refused_without_reason(
        which in 0..TEMPLATES.len(),
        values in prop::collection::vec(value(), 5),
    ) {
        let template = template(TEMPLATES[which]);
        let parts: Parts = template.parts().zip(&values).map(|(p, v)| (p.name.clone(), v.clone())).collect();
        match template.write(&parts) {
            Ok(key) => prop_assert_eq!(template.read(&key), Some(parts)),
            Err(FormatError::NotReadBack { .. }) => {
                // If no value contains the character of a literal, and all shapes match, nothing is ambiguous.
                let clean = template.parts().all(|part| {
                    let value = &parts[&part.name];
                    part.admits(value) && !value.contains(['-', '.', '_', '/', '%', '{', '}', '+'])
                });
                prop_assert!(!clean, "refused {:?}", parts);
            }
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn a_value_without_the_literal_after_it_is_always_kept(user in "[^/.-]{1,12}", file in "\\PC{1,12}") {
        let template = template("{directory}/{user}/{uuid}-{filename...}");
        let parts = parts(&[("directory", "d"), ("user", &user), ("uuid", UUID), ("filename", &file)]);
        let key = template.write(&parts).unwrap();
        prop_assert_eq!(key, format!("d/{user}/{UUID}-{file}"));
    }
}
