//! Holds the layers of `docs/architecture.md`: which folder of `src` may use which other.
//!
//! One crate has no walls between its modules, so this reads the sources. Code of tests may use more and is left out: modules
//! and items under `#[cfg(test)]`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Every layer, and the layers that it uses. The façade and the program put everything together.
const LAYERS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("config", &["domain"]),
    ("sandbox", &["domain"]),
    ("aws", &["domain"]),
    ("ops", &["aws", "config", "domain"]),
    ("tasks", &["aws", "config", "domain", "ops"]),
    ("app", &["aws", "domain", "ops", "tasks"]),
    ("ui", &["app", "aws", "domain", "ops", "tasks"]),
    ("console", &["app", "aws", "domain", "ops", "tasks", "ui"]),
    (
        "cli",
        &["aws", "config", "console", "domain", "ops", "sandbox"],
    ),
    (
        "program",
        &["aws", "cli", "config", "console", "domain", "ops"],
    ),
];

/// Crates that only these layers use. So the rules in `domain`, the state in `app` and the drawing in `ui` start no request and
/// no thread, and the SDK is behind `aws`.
const CRATES: &[(&str, &[&str])] = &[
    ("aws_sdk_cloudwatch", &["aws"]),
    ("aws_sdk_dynamodb", &["aws"]),
    ("aws_sdk_s3", &["aws"]),
    ("aws_sdk_sts", &["aws"]),
    ("aws_config", &["aws"]),
    ("clap", &["cli"]),
    ("crossterm", &["app", "cli", "console"]),
    ("ratatui", &["console", "ui"]),
    ("rusqlite", &["ops"]),
    ("s3s", &["sandbox"]),
    (
        "tokio",
        &[
            "aws", "cli", "console", "ops", "program", "sandbox", "tasks",
        ],
    ),
    ("tokio_postgres", &["ops"]),
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every file below a folder, but modules of tests.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            files(&entry, found);
        } else if entry.extension().is_some_and(|of| of == "rs") {
            found.push(entry);
        }
    }
}

/// The modules that a file declares for tests alone, as paths without an extension.
fn test_modules(file: &Path, text: &str) -> Vec<PathBuf> {
    let is_root = file
        .file_name()
        .is_some_and(|name| name == "mod.rs" || name == "lib.rs");
    let folder = if is_root {
        file.parent().unwrap().to_owned()
    } else {
        file.with_extension("")
    };
    let mut modules = Vec::new();
    let mut is_for_tests = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[cfg(") {
            is_for_tests = line.contains("test");
            continue;
        }
        let declared = line
            .strip_suffix(';')
            .and_then(|line| line.split_once("mod "));
        if let Some((_, name)) = declared.filter(|_| is_for_tests) {
            modules.push(folder.join(name));
        }
        if !line.starts_with("#[") {
            is_for_tests = false;
        }
    }
    modules
}

/// The code of a file without comments, and without the items that are compiled for tests alone.
fn code(text: &str) -> String {
    let mut code = Vec::new();
    let mut is_for_tests = false;
    for line in text.lines() {
        is_for_tests |= line.starts_with("#[cfg(") && line.contains("test");
        if is_for_tests {
            // An item of a file ends where its last line is not indented.
            is_for_tests = !(line == "}" || line.ends_with(';') && !line.starts_with(' '));
            continue;
        }
        code.push(line.split("//").next().unwrap_or_default());
    }
    code.join("\n")
}

/// The words that follow `before` in a text.
fn words_after<'t>(text: &'t str, before: &'t str) -> impl Iterator<Item = &'t str> {
    text.match_indices(before).map(|(at, _)| {
        let rest = &text[at + before.len()..];
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        &rest[..end.unwrap_or(rest.len())]
    })
}

/// The code of each layer, by file.
fn layers() -> BTreeMap<String, Vec<(PathBuf, String)>> {
    let mut all = Vec::new();
    files(&source(), &mut all);
    let texts: Vec<(PathBuf, String)> = all
        .into_iter()
        .map(|file| (file.clone(), fs::read_to_string(file).unwrap()))
        .collect();
    let for_tests: BTreeSet<PathBuf> = texts
        .iter()
        .flat_map(|(file, text)| test_modules(file, text))
        .collect();
    let mut layers: BTreeMap<String, Vec<(PathBuf, String)>> = BTreeMap::new();
    for (file, text) in texts {
        let is_for_tests = file
            .ancestors()
            .any(|path| for_tests.contains(&path.with_extension("")));
        if is_for_tests {
            continue;
        }
        let relative = file.strip_prefix(source()).unwrap().to_owned();
        let first = relative.components().next().unwrap();
        let layer = first.as_os_str().to_str().unwrap();
        let layer = layer.trim_end_matches(".rs").to_owned();
        layers
            .entry(layer)
            .or_default()
            .push((relative, code(&text)));
    }
    layers
}

#[test]
fn each_layer_uses_only_those_that_it_may() {
    let layers = layers();
    let known: BTreeSet<&str> = LAYERS.iter().map(|(layer, _)| *layer).collect();
    let unknown: Vec<&String> = layers
        .keys()
        .filter(|layer| !known.contains(layer.as_str()))
        .filter(|layer| !matches!(layer.as_str(), "facade" | "lib" | "main"))
        .collect();
    assert!(unknown.is_empty(), "no layer is said for {unknown:?}");
    let mut wrong = Vec::new();
    for (layer, allowed) in LAYERS {
        for (file, code) in layers.get(*layer).into_iter().flatten() {
            assert!(
                !code.contains("use crate::{"),
                "{}: one `use` a layer, so that it can be read here",
                file.display()
            );
            let used: BTreeSet<&str> = words_after(code, "crate::").collect();
            let used = used.into_iter().filter(|used| known.contains(used));
            for used in used.filter(|used| used != layer && !allowed.contains(used)) {
                wrong.push(format!("{} uses {used}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn crates_of_the_outside_world_stay_where_they_belong() {
    let mut wrong = Vec::new();
    for (layer, files) in layers() {
        for (file, code) in files {
            for (name, of) in CRATES {
                let is_used = words_after(&code, "use ").any(|used| used == *name)
                    || code.contains(&format!("{name}::"));
                if is_used && !of.contains(&layer.as_str()) {
                    wrong.push(format!("{} uses {name}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_read_is_code_and_not_tests() {
    let text = "//! crate::cli\nuse crate::aws; // crate::ui\n#[cfg(test)]\nmod tests {\n    use crate::sandbox;\n}\n\
                #[cfg(all(test, unix))]\nmod more;\nuse crate::ops;\n";
    assert_eq!(code(text), "\nuse crate::aws; \nuse crate::ops;");
    let declared = "mod a;\n#[cfg(all(test, feature = \"x\"))]\nmod b;\nmod c;\n";
    assert_eq!(
        test_modules(Path::new("src/ops/mod.rs"), declared),
        [PathBuf::from("src/ops/b")]
    );
    assert_eq!(
        test_modules(Path::new("src/ops/x.rs"), declared),
        [PathBuf::from("src/ops/x/b")]
    );
    let used: Vec<&str> = words_after("crate::aws::x, crate::ops;", "crate::").collect();
    assert_eq!(used, ["aws", "ops"]);
}
