//! Differences from the blueprint.

use super::*;

#[test]
fn a_difference_from_the_blueprint_shows_what_was_wanted_and_what_was_found() {
    let wants = blueprint(
        "[bucket.expect]\nregion = 'eu-west-1'\nownership = 'ObjectWriter'\ntags = { team = 'media' }\n\
         logging = { bucket = 'logs', prefix = 'other/' }\n",
    );
    let configuration = sound();
    let judged = Case {
        blueprint: Some(&wants),
        ..case(&configuration)
    };
    let found = findings(&judged);
    assert_eq!(found.len(), 4, "{found:#?}");
    assert!(found.iter().all(|f| f.id == "blueprint-drift"));
    let region = found.iter().find(|f| f.message.contains("Region")).unwrap();
    assert_eq!(region.evidence, ["wanted: eu-west-1", "found: us-east-1"]);
}

#[test]
fn patterns_match_as_iam_reads_them() {
    use super::policy::wild;
    for (pattern, text, matches) in [
        ("*", "", true),
        ("a*c", "abc", true),
        ("a*c", "ac", true),
        ("a*c", "abd", false),
        ("a?c", "abc", true),
        ("a?c", "ac", false),
        ("a*b*c", "aXbYbZc", true),
        ("", "a", false),
        ("a", "A", false),
    ] {
        assert_eq!(wild(pattern, text), matches, "{pattern} {text}");
    }
}
