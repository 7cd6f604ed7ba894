use super::*;

fn warnings(text: &str) -> Vec<String> {
    let text = format!("version = 1\nname = \"t\"\n{text}");
    let blueprint = Blueprint::parse("t.toml", &text).unwrap_or_else(|error| panic!("{error}"));
    blueprint
        .warnings()
        .into_iter()
        .map(|problem| problem.message)
        .collect()
}

#[test]
fn the_built_ins_have_no_doubts_but_those_of_their_documents() {
    for name in Blueprint::builtin_names() {
        let warnings: Vec<String> = Blueprint::builtin(name)
            .unwrap()
            .warnings()
            .into_iter()
            .map(|w| w.message)
            .collect();
        let doubts: &[&str] = match *name {
            // A file name without a dot, and an id with one. The table applies to a file that extends another.
            "pilotforce" => &["a place of \"a-thumbnail.b\"", "needs table"],
            _ => &[],
        };
        assert_eq!(warnings.len(), doubts.len(), "{name}: {warnings:#?}");
        for (warning, doubt) in warnings.iter().zip(doubts) {
            assert!(warning.contains(doubt), "{name}: {warning}");
        }
    }
}

#[test]
fn ambiguous_layouts_are_reported_with_both_names() {
    let found = warnings(
        "[[bucket]]\nname = \"bbb\"\n\
         [[bucket.layout]]\nid = \"one\"\nkey = \"{user}/{x}/{f}\"\nowner = \"user\"\n\
         [[bucket.layout]]\nid = \"two\"\nkey = \"{x}/{user}/{f}\"\nowner = \"user\"\n",
    );
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(
        found[0].contains("\"one\"")
            && found[0].contains("\"two\"")
            && found[0].contains("\"x/x/x\"")
    );
}

#[test]
fn a_layout_that_never_has_a_say_is_doubtful() {
    let layout = |id: &str, key: &str| {
        format!("[[bucket.layout]]\nid = \"{id}\"\nkey = \"{key}\"\nowner = \"user\"\n")
    };
    let bucket = "[[bucket]]\nname = \"bbb\"\n";
    let found = warnings(&format!(
        "{bucket}{}{}",
        layout("one", "a/{user}/{f}"),
        layout("two", "a/{user}/{g}")
    ));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("\"two\" never has a say"), "{found:#?}");
    let apart = format!(
        "{bucket}{}{}",
        layout("one", "a/{user}/{f}.jpg"),
        layout("two", "a/{user}/{g}")
    );
    assert!(warnings(&apart).is_empty());
}

#[test]
fn an_owner_that_only_a_dash_ends_is_doubtful() {
    let text = |shape: &str| {
        format!(
            "[[bucket]]\nname = \"bbb\"\n[[bucket.layout]]\nid = \"one\"\nkey = \"{{user}}-{{n}}/{{f}}\"\nowner = \"user\"\n{shape}"
        )
    };
    assert!(warnings(&text(""))[0].contains("{user}"));
    assert!(warnings(&text("shape = { n = \"digits\" }")).is_empty());
}

#[test]
fn what_is_named_and_not_there_is_doubtful() {
    let found = warnings(
        "[[bucket]]\nname = \"bbb\"\n\
         [[bucket.layout]]\nid = \"one\"\nkey = \"{user}/{f}\"\nowner = \"user\"\n\
         [[bucket.derived]]\nfrom = \"one\"\nto_bucket = \"elsewhere\"\nsteps = [{ append = \"x\" }]\n\
         [[bucket.expect.lifecycle]]\nid = \"r\"\nlayouts = [\"two\"]\n\
         [bucket.presign.get]\nexpires = \"8d\"\n\
         [registry.owners]\nsource = \"sql\"\npath = \"x\"\n",
    );
    for words in [
        "elsewhere",
        "\"two\"",
        "8d",
        "path is for source = \"file\"",
        "needs query",
        "url_env",
    ] {
        assert!(
            found.iter().any(|w| w.contains(words)),
            "{words}: {found:#?}"
        );
    }
}

#[test]
fn a_rule_whose_keys_do_not_tell_the_owner_is_doubtful() {
    let with = |steps: &str| {
        warnings(&format!(
            "[[bucket]]\nname = \"media\"\n\
             [[bucket.layout]]\nid = \"u\"\nkey = \"users/{{user}}/{{file...}}\"\nowner = \"user\"\n\
             [[bucket.derived]]\nid = \"page\"\nfrom = \"u\"\nto_bucket = \"pages\"\nsteps = [{steps}]\n\
             [[bucket]]\nname = \"pages\"\n"
        ))
    };
    let lost = with("{ regex = '^users/[^/]+/(.+)$', replace = 'pages/$1' }");
    let [lost] = &lost[..] else {
        panic!("{lost:#?}");
    };
    assert!(
        lost.contains("\"page\" loses the owner: \"pages/x.jpg\""),
        "{lost}"
    );
    for kept in [
        r"{ regex = '^users/(.+)\.[^.]+$', replace = 'pages/$1.html' }",
        r#"{ cut_from_last = "." }, { append = ".html" }"#,
        r"{ regex = '^', replace = 'pages/' }",
    ] {
        assert!(with(kept).is_empty(), "{kept}");
    }
}
