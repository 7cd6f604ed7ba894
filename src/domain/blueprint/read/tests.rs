use super::*;
use crate::domain::blueprint::values::Span;

fn fault(body: &str) -> String {
    let text = format!("version = 1\nname = \"t\"\n{body}");
    read("my.toml", &text).unwrap_err().to_string()
}

const BUCKET: &str = "[[bucket]]\nname = \"bbb\"\n";

#[test]
fn an_error_names_the_file_the_line_and_what_was_expected() {
    let layout = |lines: &str| fault(&format!("{BUCKET}[[bucket.layout]]\nid = \"l\"\n{lines}"));
    for (error, line, words) in [
        (fault("nme = 1"), 3, "unknown field `nme`"),
        (fault("[[bucket]]\nname = \"x\""), 4, "3 to 255"),
        (fault(&format!("{BUCKET}{BUCKET}")), 6, "occurs twice"),
        (
            fault("extends = \"pilotfarce\""),
            3,
            "expected one of game, ",
        ),
        (
            layout("key = \"{user\"\nowner = \"user\""),
            7,
            "never closed",
        ),
        (
            layout("key = \"{user}/x\"\nowner = \"usr\""),
            8,
            "expected one of \"user\"",
        ),
        (
            layout("key = \"x/{user}.png\"\nowner = \"user\""),
            8,
            "with a '/' after it",
        ),
        (
            layout("key = \"x/{user...}\"\nowner = \"user\""),
            8,
            "with a '/' after it",
        ),
        (layout("key = \"{user}/x\""), 6, "no owner"),
        (
            layout("key = \"{user}/x\"\nowner = \"user\"\nowner_from = \"registry\""),
            6,
            "both owner",
        ),
        (
            layout("key = \"{user}/x\"\nowner_from = \"meta:x\""),
            8,
            "metadata:NAME",
        ),
        (
            layout("key = \"{user}/x\"\nowner = \"user\"\nshape = { user = \"guid\" }"),
            9,
            "\"uuid\"",
        ),
        (
            layout("key = \"{user}/x\"\nowner = \"user\"\nshape = { user = 7 }"),
            9,
            "a list of allowed values",
        ),
        (
            layout("key = \"{user}/x\"\nowner = \"user\"\nshape = { user = [] }"),
            9,
            "at least one",
        ),
        (
            layout("key = \"{user}/x\"\nowner = \"user\"\nshape = { user = [\"a/b\"] }"),
            9,
            "no '/'",
        ),
        (
            layout("key = \"{user}/x\"\nowner = \"user\"\nshape = { id = \"hex\" }"),
            9,
            "does not have",
        ),
        (
            fault(&format!("{BUCKET}[bucket.expect]\nversioning = \"on\"")),
            6,
            "`enabled`",
        ),
        (
            fault(&format!("{BUCKET}[bucket.presign.put]\nexpires = \"soon\"")),
            6,
            "15m",
        ),
        (
            fault("[registry.owners]\nsource = \"ldap\""),
            4,
            "`dynamodb`",
        ),
        (
            fault("[[alarm]]\nname = \"a\""),
            3,
            "missing field `metric`",
        ),
        (fault("name = "), 3, ""),
    ] {
        assert!(
            error.starts_with(&format!("my.toml, line {line}: ")),
            "line {line}: {error}"
        );
        assert!(error.contains(words), "{words}: {error}");
    }
}

#[test]
fn a_version_of_the_future_is_refused() {
    let error = read("my.toml", "version = 2\nname = \"t\"")
        .unwrap_err()
        .to_string();
    assert!(error.contains("expected version = 1"), "{error}");
}

#[test]
fn every_fault_is_reported_not_only_the_first() {
    let error = read(
        "my.toml",
        "version = 1\nname = \"t\"\n[[bucket]]\nname = \"b b\"\n[[bucket]]\nname = \"bbb\"\n\
         [[bucket.layout]]\nid = \"l\"\nkey = \"{a}{b}\"\nowner = \"a\"\n",
    )
    .unwrap_err();
    assert_eq!(
        error.faults.iter().map(|f| f.line).collect::<Vec<_>>(),
        [Some(4), Some(9)]
    );
}

#[test]
fn a_derived_rule_is_checked_before_it_is_used() {
    let derived = |lines: &str| {
        fault(&format!(
            "{BUCKET}[[bucket.layout]]\nid = \"l\"\nkey = \"{{user}}/{{f}}\"\nowner = \"user\"\n[[bucket.derived]]\n{lines}"
        ))
    };
    for (lines, words) in [
        (
            "from = \"k\"\nsteps = [{ append = \"x\" }]",
            "expected one of l",
        ),
        (
            "from = \"l\"\nregex = \"(\"\nreplace = \"x\"",
            "does not compile",
        ),
        ("from = \"l\"\nregex = \"(a)\"\nreplace = \"$2\"", "has 1"),
        ("from = \"l\"", "regex and replace"),
        (
            "from = \"l\"\nregex = \"a\"\nreplace = \"b\"\nsteps = []",
            "regex and replace",
        ),
        (
            "from = \"l\"\nsteps = [{ append = \"x\", with = \"y\" }]",
            "a step is",
        ),
        (
            "from = \"l\"\nsteps = [{ replace_all = \"\", with = \"y\" }]",
            "a step is",
        ),
        (
            "from = \"l\"\nto_bucket = \"b b\"\nsteps = [{ append = \"x\" }]",
            "not a bucket name",
        ),
    ] {
        assert!(derived(lines).contains(words), "{}", derived(lines));
    }
}

#[test]
fn a_file_extends_a_built_in_by_what_it_says_and_no_more() {
    let base = Blueprint::builtin("pilotforce").unwrap();
    let mine = read(
        "my.toml",
        "version = 1\nname = \"mine\"\nextends = \"pilotforce\"\n\
         [registry.keys]\ntable = \"PilotForce-Assets\"\n\
         [[bucket]]\nname = \"pilotforce-user-uploads\"\n\
         [bucket.presign.put]\nexpires = \"1m\"\n\
         [[bucket.layout]]\nid = \"import\"\nkey = \"imports/{batch}/{user}/{f...}\"\nowner = \"user\"\n\
         [[bucket]]\nname = \"mine-alone\"\n",
    )
    .unwrap();
    let uploads = &mine.buckets[1];
    assert_eq!(
        (mine.name.as_str(), mine.extends.as_deref()),
        ("mine", Some("pilotforce"))
    );
    assert_eq!(mine.buckets.len(), base.buckets.len() + 1);
    assert_eq!(
        uploads.layouts.iter().map(Layout::id).collect::<Vec<_>>(),
        ["upload", "import"]
    );
    assert_eq!(uploads.derived, base.buckets[1].derived);
    assert_eq!(uploads.expect, base.buckets[1].expect);
    let put = uploads.presign.put.clone().unwrap();
    assert_eq!(put.expires.map(|Span(time)| time.as_secs()), Some(60));
    assert_eq!(put.content_types, Some(Vec::new()));
    let keys = mine.registry.keys.unwrap();
    assert_eq!(keys.table.as_deref(), Some("PilotForce-Assets"));
    assert!(keys.gaps().is_empty());
}
