//! Hostile keys, metadata and types in every snippet. Running the snippets is tested elsewhere, with real requests.

use std::collections::BTreeMap;
use std::time::Duration;

use super::*;
use crate::domain::presign::{
    Action, Form, ObjectSettings, PresignRequest, RegionSource, TypeRule, Upload, encode,
};
use crate::domain::{BucketName, ObjectKey, Region};

const HOSTILE: &str = "a'\"`$(touch x)${y}\\</script><img src=x onerror=alert(1)>\n--\r\u{2028}é";

fn signed(action: Action) -> Signed {
    let at = "2026-01-02T03:04:05Z".parse().unwrap();
    let request = PresignRequest {
        bucket: BucketName::new("media").unwrap(),
        key: ObjectKey::new(HOSTILE).unwrap(),
        expires: Duration::from_mins(1),
        action,
    };
    Signed {
        url: format!("https://h/{}?X-Amz-Signature=abc", encode::key(HOSTILE)),
        headers: request.signed_headers().into_iter().collect(),
        fields: vec![
            ("key".to_owned(), HOSTILE.to_owned()),
            ("x-amz-meta-a".to_owned(), HOSTILE.to_owned()),
        ],
        request,
        policy: None,
        signed_at: at,
        expires_at: at,
        credentials_expire_at: None,
        temporary: false,
        access_key_id: "AKIA".to_owned(),
        region: Region("us-east-1".to_owned()),
        region_source: RegionSource::Asked,
    }
}

fn put() -> Signed {
    signed(Action::Put(Box::new(Upload {
        content_type: Some("image/png; x='\"$(touch y)</script>".to_owned()),
        length: Some(7),
        object: ObjectSettings {
            metadata: BTreeMap::from([("a".to_owned(), "it's \"$(z)\"".to_owned())]),
            ..ObjectSettings::default()
        },
    })))
}

fn post() -> Signed {
    signed(Action::Post(Box::new(Form {
        content_type: Some(TypeRule::Exact("\"><script>".to_owned())),
        ..Form::default()
    })))
}

/// The words that a POSIX shell makes of a command.
fn shell_words(command: &str) -> Vec<String> {
    let mut words = vec![];
    let mut word: Option<String> = None;
    let mut chars = command.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' => {
                let inside: String = chars.by_ref().take_while(|c| *c != '\'').collect();
                word.get_or_insert_default().push_str(&inside);
            }
            '\\' => match chars.next() {
                Some('\n') | None => {}
                Some(c) => word.get_or_insert_default().push(c),
            },
            ' ' | '\n' => words.extend(word.take()),
            '$' | '`' | '"' | ';' | '&' | '|' | '<' | '>' | '(' | ')' => {
                panic!("{c} is read in {command}")
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[test]
fn the_shell_reads_each_value_as_one_word() {
    let snippet = Snippet::Curl.of(&put(), "it's $(x).png").unwrap();
    let (comment, command) = snippet.split_once('\n').unwrap();
    assert_eq!(comment, "# the file has to have exactly 7 bytes");
    let words = shell_words(command);
    assert!(words.contains(&"it's $(x).png".to_owned()), "{words:?}");
    assert!(
        words.contains(&"content-type: image/png; x='\"$(touch y)</script>".to_owned()),
        "{words:?}"
    );
    assert!(
        words.contains(&"x-amz-meta-a: it's \"$(z)\"".to_owned()),
        "{words:?}"
    );
    let words = shell_words(&Snippet::Curl.of(&post(), "a\"b;c.png").unwrap());
    assert!(words.contains(&format!("key={HOSTILE}")), "{words:?}");
    assert!(
        words.contains(&r#"file=@"a\"b;c.png""#.to_owned()),
        "{words:?}"
    );
}

#[test]
fn a_form_for_a_page_holds_nothing_but_its_own_elements() {
    let snippet = Snippet::Html.of(&post(), "f").unwrap();
    let elements: Vec<&str> = snippet
        .split('<')
        .skip(1)
        .map(|element| element.split([' ', '>']).next().unwrap())
        .collect();
    assert_eq!(
        elements,
        [
            "form", "input", "input", "input", "button", "/button", "/form"
        ]
    );
    assert!(
        snippet
            .lines()
            .all(|line| line.trim_start().starts_with('<')),
        "{snippet}"
    );
}

#[test]
fn no_script_is_ended_or_begun_by_a_value() {
    for signed in [put(), post()] {
        for snippet in [Snippet::JavaScript, Snippet::Python] {
            let text = snippet.of(&signed, "it's \"x\"").unwrap();
            assert!(text.is_ascii(), "{text}");
            let lines_with_values = text.lines().filter(|line| line.contains("touch"));
            for line in lines_with_values {
                // Outside of a literal: an even number of quotation marks without a backslash.
                let quotes = line
                    .replace("\\\\", "")
                    .replace("\\\"", "")
                    .matches('"')
                    .count();
                assert_eq!(quotes % 2, 0, "{line}");
            }
        }
    }
    let script = Snippet::JavaScript.of(&post(), "f").unwrap();
    assert!(
        !script.contains("</script") && !script.contains('<'),
        "{script}"
    );
}

#[test]
fn a_form_for_any_type_that_begins_so_is_given_the_files_own() {
    let form = Form {
        content_type: Some(TypeRule::Prefix("image/\n'\"".to_owned())),
        ..Form::default()
    };
    let mut signed = signed(Action::Post(Box::new(form)));
    signed
        .fields
        .push(("Content-Type".to_owned(), "image/jpeg".to_owned()));
    let text = |kind: Snippet| kind.of(&signed, "f").unwrap();
    assert!(text(Snippet::JavaScript).contains("form.append(\"Content-Type\", file.type);"));
    assert!(text(Snippet::Html).contains("this.files[0].type"));
    let comment = "# Content-Type may be any that begins with \"image/\\u000a'\\\"\": put the file's own there\n";
    for kind in [Snippet::Curl, Snippet::Python] {
        assert!(text(kind).contains(comment), "{}", text(kind));
    }
}

#[test]
fn only_a_form_is_offered_as_a_form() {
    assert_eq!(Snippet::Html.of(&put(), "f"), None);
    let all = Snippet::ALL
        .into_iter()
        .filter(|snippet| snippet.fits(Method::Post));
    assert_eq!(all.count(), 4);
}
