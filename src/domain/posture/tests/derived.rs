//! What an application derives from objects.

use super::*;

const SIZES: &str = "[[bucket.derived]]\nid = 'small'\nfrom = 'upload'\nto_bucket = 'thumbs'\n\
    steps = [{ replace_all = 'uploads/', with = 'small/' }]\n\
    [[bucket.derived]]\nid = 'large'\nfrom = 'upload'\nto_bucket = 'thumbs'\n\
    steps = [{ replace_all = 'u/', with = 'large/' }]\n";

/// The collisions among what is derived from these objects.
fn collisions(rules: &str, versions: &[ObjectVersion]) -> Vec<String> {
    let blueprint = blueprint(rules);
    contents(&sound(), Some(&blueprint), versions)
        .collisions
        .examples
}

#[test]
fn two_rules_that_make_one_key_of_a_source_overwrite_each_other() {
    let good = [version("uploads/u/a", 1, 1)];
    assert_eq!(collisions(SIZES, &good), [""; 0]);
    let rules = SIZES
        .replace("'u/'", "'uploads/'")
        .replace("'large/'", "'small/'");
    let found = collisions(&rules, &good);
    assert!(
        found[0].contains("overwrites another thing that is derived from it"),
        "{found:?}"
    );
}

#[test]
fn nothing_is_derived_from_a_folder_marker() {
    let rules = "[[bucket.derived]]\nid = 'thumbnail'\nfrom = 'upload'\nto_bucket = 'media'\n\
                 regex = '(\\.[^.]+)$'\nreplace = '-t$1'\n";
    assert_eq!(collisions(rules, &[version("uploads/u/", 0, 1)]), [""; 0]);
    // With a body it is an object like any other, and no dot in its key is a mistake.
    assert_eq!(collisions(rules, &[version("uploads/u/", 7, 1)]).len(), 1);
}

#[test]
fn a_bucket_from_which_something_is_derived_is_told_where_it_stays() {
    let configuration = sound();
    let wants = blueprint(SIZES);
    let judged = Case {
        blueprint: Some(&wants),
        ..case(&configuration)
    };
    assert_eq!(said(&judged), ["info derived-leaves-copies"]);
    let found = findings(&judged);
    assert_eq!(found[0].evidence, ["small: in thumbs", "large: in thumbs"]);
}
