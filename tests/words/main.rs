//! Texts that users read have the field's words: string literals of the program, the keymap, the documents, and the help
//! and manual page as the snapshots hold them. `forbidden.toml` lists the phrases, the better words, and what is allowed.
//!
//! Left out are the sandbox, which speaks S3's words, and whatever is compiled for tests only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

use std::{
    fs,
    path::{Path, PathBuf},
};

use regex::{Regex, RegexBuilder};
use serde::Deserialize;

mod literals;
mod plurals;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    phrase: Vec<Phrase>,
    #[serde(default)]
    allowed: Vec<Allowed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Phrase {
    say: String,
    better: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Allowed {
    file: String,
    text: String,
    because: String,
}

/// A text that users read, and the line that it begins at.
struct Text {
    line: usize,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rules() -> Rules {
    toml::from_str(include_str!("forbidden.toml")).expect("forbidden.toml is as this test reads it")
}

/// The phrase as whole words; a line may end within it.
fn pattern(say: &str) -> Regex {
    let words: Vec<String> = say.split_whitespace().map(regex::escape).collect();
    RegexBuilder::new(&format!(r"\b{}\b", words.join(r"\s+")))
        .case_insensitive(true)
        .build()
        .expect("an escaped phrase is a pattern")
}

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut folders = vec![root().join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries {
            let path = entry
                .expect("an entry of a folder of the repository can be read")
                .path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no file in {folder} ends in {ending}");
    found
}

fn is_for_tests(path: &Path) -> bool {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    name == "tests"
        || name.ends_with("_tests")
        || path.components().any(|part| part.as_os_str() == "tests")
}

/// The file's path in the repository and the texts in it.
fn texts() -> Vec<(String, Vec<Text>)> {
    let mut all = Vec::new();
    let mut add = |path: &Path, read: &dyn Fn(&str) -> Vec<Text>| {
        let content =
            fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = path.strip_prefix(root()).unwrap_or(path).to_string_lossy();
        all.push((name.into_owned(), read(&content)));
    };
    let whole = |content: &str| {
        vec![Text {
            line: 1,
            text: content.to_owned(),
        }]
    };
    for path in files("src", ".rs") {
        let inside = path.strip_prefix(root()).unwrap_or(&path);
        if !is_for_tests(inside) && !inside.starts_with("src/sandbox") {
            add(&path, &literals::in_source);
        }
    }
    for path in files("docs", ".md")
        .into_iter()
        .chain(files("tests/suite/cli/snapshots", ".snap"))
    {
        add(&path, &whole);
    }
    for name in ["README.md", "CHANGELOG.md", "assets/keymap.toml"] {
        add(&root().join(name), &whole);
    }
    all
}

fn faults(rules: &Rules, texts: &[(String, Vec<Text>)]) -> Vec<String> {
    let mut faults = Vec::new();
    for Phrase { say, better } in &rules.phrase {
        let pattern = pattern(say);
        for (file, texts) in texts {
            for text in texts {
                for hit in pattern.find_iter(&text.text) {
                    let line = text.line + text.text[..hit.start()].matches('\n').count();
                    let allowed = rules.allowed.iter().any(|allowed| {
                        allowed.file == *file
                            && text
                                .text
                                .match_indices(&allowed.text)
                                .any(|(start, found)| {
                                    start <= hit.start() && hit.end() <= start + found.len()
                                })
                    });
                    if !allowed {
                        faults.push(format!("{file}:{line}: {say:?}; write: {better}"));
                    }
                }
            }
        }
    }
    faults
}

#[test]
fn no_text_has_a_forbidden_phrase() {
    let faults = faults(&rules(), &texts());
    assert!(
        faults.is_empty(),
        "{} texts:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn the_check_finds_phrases_across_lines_and_heeds_the_allow_list() {
    let rules = Rules {
        phrase: vec![Phrase {
            say: "for ever".into(),
            better: "forever".into(),
        }],
        allowed: vec![Allowed {
            file: "a.md".into(),
            text: "\"for ever\"".into(),
            because: "a quotation".into(),
        }],
    };
    let a_text = |text: &str| {
        vec![(
            "a.md".to_owned(),
            vec![Text {
                line: 4,
                text: text.to_owned(),
            }],
        )]
    };
    let found = |text: &str| faults(&rules, &a_text(text));
    assert_eq!(
        found("kept\nFor\never"),
        ["a.md:5: \"for ever\"; write: forever"]
    );
    assert!(found("for every bucket, forever").is_empty());
    assert!(found("they wrote \"for ever\" once").is_empty());
    assert_eq!(found("they wrote \"for ever\" once, and for ever").len(), 1);
}

#[test]
fn what_is_allowed_is_still_there_and_says_why() {
    let texts = texts();
    for Allowed {
        file,
        text,
        because,
    } in rules().allowed
    {
        let there = texts.iter().any(|(name, texts)| {
            *name == file && texts.iter().any(|found| found.text.contains(&text))
        });
        assert!(
            there,
            "{file} has no {text:?} any more: remove the exception"
        );
        assert!(
            !because.trim().is_empty(),
            "{file}: {text:?} is allowed for no reason"
        );
    }
}

/// Who looks for the place of a change finds it by the documents: a file that they name, in whole or by its end, is there.
#[test]
fn files_that_the_documents_name_are_there() {
    let mut there: Vec<String> = Vec::new();
    for folder in ["src", "tests", "benches"] {
        there.extend(
            files(folder, ".rs")
                .iter()
                .map(|path| format!("/{}", path.strip_prefix(root()).unwrap().display())),
        );
    }
    let named = Regex::new(r"`([A-Za-z0-9_./-]+\.rs)`").unwrap();
    let mut documents = files("docs", ".md");
    documents.extend(["README.md", "CONTRIBUTING.md"].map(|name| root().join(name)));
    let mut missing = Vec::new();
    for document in documents {
        let text = fs::read_to_string(&document).unwrap();
        for name in named.captures_iter(&text).map(|found| found[1].to_owned()) {
            // `NAME` stands for any.
            let is_there = there.iter().any(|path| path.ends_with(&format!("/{name}")));
            if !is_there && !name.contains("NAME") {
                missing.push(format!("{}: {name}", document.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
