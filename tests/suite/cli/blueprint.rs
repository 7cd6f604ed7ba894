//! `blueprint`: the built-in ones, and a check of one's own.

use super::support::{Program, column};

#[test]
fn the_five_systems_are_built_in() {
    let ran = Program::new().run(&["blueprint", "list", "--format", "json"]);
    assert_eq!(
        column(&ran.json(0), "name"),
        ["game", "infinite", "leadfactory", "pilotforce", "quikapp"]
    );
}

#[test]
fn a_good_file_exits_with_0_a_doubtful_one_with_3_and_a_wrong_one_with_2() {
    let program = Program::new();
    program.write(
        "good.toml",
        "version = 1\nname = 'good'\nextends = 'game'\n",
    );
    program.write("doubtful.toml", "version = 1\nname = 'doubtful'\n");
    program.write("wrong.toml", "version = 1\nname = 'wrong'\nbuckets = 3\n");
    assert_eq!(program.run(&["blueprint", "check", "good.toml"]).status, 0);
    let doubtful = program
        .run(&["blueprint", "check", "doubtful.toml", "--format", "json"])
        .json(3);
    assert_eq!(column(&doubtful, "severity"), ["warning"]);
    let wrong = program
        .run(&["blueprint", "check", "wrong.toml", "--format", "json"])
        .json(2);
    assert_eq!(wrong["items"][0]["line"], 3);
    assert_eq!(column(&wrong, "severity"), ["error"]);
    let missing = program.run(&["blueprint", "check", "missing.toml"]);
    assert_eq!(missing.status, 2);
    assert!(
        missing
            .out
            .contains("missing.toml: error: it cannot be read"),
        "{missing:#?}"
    );
}
