use std::fmt::Write;

use super::*;
use crate::domain::blueprint::Blueprint;

fn found(layouts: &[(&str, &str)]) -> Vec<Ambiguity> {
    let mut text = "version = 1\nname = \"t\"\n[[bucket]]\nname = \"bbb\"\n".to_owned();
    for (n, (key, rest)) in layouts.iter().enumerate() {
        write!(
            text,
            "[[bucket.layout]]\nid = \"l{n}\"\nkey = '{key}'\n{rest}\n"
        )
        .unwrap();
    }
    let blueprint = Blueprint::parse("t", &text).unwrap_or_else(|error| panic!("{error}"));
    ambiguities(&blueprint.buckets[0].layouts)
}

const OWNER: &str = "owner = \"user\"";

#[test]
fn layouts_that_can_give_one_key_to_two_owners_are_named_with_an_example() {
    let found = found(&[
        ("{user}/{x}/{file...}", OWNER),
        ("{dir}/{user}/{file...}", OWNER),
    ]);
    assert_eq!(
        found,
        [Ambiguity {
            first: "l0".into(),
            second: "l1".into(),
            example: Some("x/x/x".into())
        }]
    );
}

#[test]
fn a_folder_that_only_one_of_them_can_have_tells_them_apart() {
    assert!(found(&[("a/{user}/{f...}", OWNER), ("b/{x}/{user}/{f...}", OWNER)]).is_empty());
    assert!(
        found(&[
            ("dm/{x}/{user}/{f}", OWNER),
            (
                "{w}/{user}/{f}",
                "owner = \"user\"\nshape = { w = { not = [\"dm\"] } }"
            )
        ])
        .is_empty()
    );
    assert!(found(&[("u-{user}/{f}", OWNER), ("v-{x}/{user}/{f}", OWNER)]).is_empty());
    assert!(found(&[("{user}.pics/{f}", OWNER), ("{x}.docs/{user}/{f}", OWNER)]).is_empty());
}

#[test]
fn layouts_that_look_for_the_owner_in_the_same_place_agree() {
    assert!(
        found(&[
            ("{d}/{user}/{f...}", OWNER),
            ("uploads/{user}/{x}.jpg", OWNER)
        ])
        .is_empty()
    );
}

#[test]
fn a_layout_whose_keys_do_not_name_the_owner_disagrees_with_one_whose_keys_do() {
    let registry = "owner_from = \"registry\"";
    assert_eq!(
        found(&[("{user}/{f}", OWNER), ("{w}/{m}", registry)]).len(),
        1
    );
    assert!(found(&[("{w}/{x}/{m}", registry), ("{w}/{m}", registry)]).is_empty());
    // The second matches only keys of two segments. The anchor of the first (at least two folders) never does.
    assert!(found(&[("{a}/{user}/{f}", OWNER), ("{w}/{m}", registry)]).is_empty());
    assert_eq!(
        found(&[("{a}/{user}/{f}", OWNER), ("{w}/{m...}", registry)]).len(),
        1
    );
}

#[test]
fn the_order_of_the_file_settles_it_where_the_first_names_the_folder_that_the_second_takes_for_an_owner()
 {
    let (wide, narrow) = ("u/{user}/{f...}", "u/shared/{user}/{f...}");
    assert!(found(&[(narrow, OWNER), (wide, OWNER)]).is_empty());
    assert_eq!(found(&[(wide, OWNER), (narrow, OWNER)]).len(), 1);
    let listed = "owner = \"user\"\nshape = { d = [\"a\", \"b\"] }";
    assert!(found(&[("{d}/{user}/{f...}", listed), ("{user}/{f...}", OWNER)]).is_empty());
    // The records decide about the keys of the first. A missing record gives the key to nobody.
    let registry = "owner_from = \"registry\"";
    assert!(found(&[("blobs/{m}", registry), ("{user}/{f...}", OWNER)]).is_empty());
    assert_eq!(
        found(&[("{user}/{f...}", OWNER), ("blobs/{m}", registry)]).len(),
        1
    );
}
