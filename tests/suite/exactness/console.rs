//! The search as a person makes it: in a terminal, with every verdict exported, and the counts read off the screen.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use s3warden::facade::domain::blueprint::Blueprint;
use s3warden::facade::domain::orphans::Kind;
use s3warden::facade::sandbox::Sandbox;

use super::expected::Found;
use crate::terminal::Terminal;

const ENTER: &str = "\r";
const DOWN: &str = "\x1b[B";
const LEFT: &str = "\x1b[D";

/// By the console, with limits of its first page set: the words of their lines, and what is typed.
pub fn found(
    sandbox: &Sandbox,
    blueprint: &Blueprint,
    folder: &Path,
    limits: &[(&str, &str)],
) -> BTreeSet<Found> {
    let file = folder.join("blueprint.toml");
    let arguments = ["--blueprint", file.to_str().unwrap()];
    let endpoint = sandbox.endpoint_url();
    let env = [
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ("AWS_ACCESS_KEY_ID", sandbox.access_key()),
        ("AWS_SECRET_ACCESS_KEY", sandbox.secret_key()),
        ("AWS_REGION", sandbox.region()),
    ];
    let mut terminal = Terminal::start(folder, (160, 50), &arguments, &env);
    choose_all(&mut terminal, blueprint);
    for (label, value) in limits {
        set(&mut terminal, label, value);
    }
    terminal.send("s");
    terminal.wait("all passed");
    let shown = terminal.wait("searched ");
    let file = folder.join("found.ndjson");
    terminal.send("x\x15");
    terminal.wait("write to");
    terminal.send(&format!("{}{ENTER}", file.display()));
    terminal.wait("written to");
    let found = exported(&file);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (kind, ..) in &found {
        *counts.entry(kind).or_default() += 1;
    }
    for kind in Kind::ALL {
        let expected = counts.get(kind.word()).copied().unwrap_or_default();
        assert_eq!(count(&shown, kind), expected, "{kind} in\n{shown}");
    }
    found
}

/// Goes to the first page and chooses all buckets of the blueprint.
fn choose_all(terminal: &mut Terminal, blueprint: &Blueprint) {
    let with_layouts = blueprint
        .buckets
        .iter()
        .filter(|one| !one.layouts.is_empty());
    let names: Vec<String> = with_layouts.map(|one| one.name.to_string()).collect();
    let wanted = match names.as_slice() {
        [only] => format!("‹ {only} (blueprint"),
        all => format!("‹ all {} buckets of blueprint", all.len()),
    };
    for name in &names {
        terminal.wait(name);
    }
    terminal.send("4");
    let mut shown = terminal.wait("✓ owner-gone");
    for _ in 0..=names.len() {
        let now = line(&shown, "buckets");
        if now.contains(&wanted) {
            return;
        }
        terminal.send(LEFT);
        shown = terminal.wait_until("another choice", |text| line(text, "buckets") != now);
    }
    panic!("there is no choice {wanted}:\n{shown}");
}

/// Types a limit into its line.
fn set(terminal: &mut Terminal, label: &str, value: &str) {
    loop {
        let shown = terminal.text();
        if line(&shown, label).contains('▌') {
            break;
        }
        terminal.send(DOWN);
        terminal.wait_until("the next line", |text| marked(text) != marked(&shown));
    }
    terminal.send(ENTER);
    terminal.wait("the limit:");
    terminal.send(&format!("{value}{ENTER}"));
    terminal.wait_until(value, |text| line(text, label).contains(value));
}

fn marked(text: &str) -> Option<&str> {
    text.lines().find(|line| line.contains('▌'))
}

/// The line with this label.
fn line(text: &str, label: &str) -> String {
    let is_it = |line: &&str| line.trim_start_matches([' ', '▌']).starts_with(label);
    text.lines().find(is_it).unwrap_or_default().to_owned()
}

/// How many verdicts of a kind the screen tells of.
fn count(shown: &str, kind: Kind) -> usize {
    let line = line(shown, kind.word());
    let mut words = line.trim_start_matches([' ', '▌']).split_whitespace();
    let items = words
        .nth(1)
        .unwrap_or_else(|| panic!("no {kind} in\n{shown}"));
    if items == "–" {
        return 0;
    }
    let digits = items.trim_start_matches('≥').replace(',', "");
    digits
        .parse()
        .unwrap_or_else(|_| panic!("{items} {kind} in\n{shown}"))
}

fn exported(file: &Path) -> BTreeSet<Found> {
    let text = std::fs::read_to_string(file).unwrap();
    let mut lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let end = lines.pop().unwrap();
    assert_eq!(end["complete"], true, "{end}");
    let field = |item: &serde_json::Value, name: &str| item[name].as_str().unwrap().to_owned();
    let found: Vec<Found> = lines
        .iter()
        .map(|item| {
            (
                field(item, "kind"),
                field(item, "bucket"),
                field(item, "key"),
            )
        })
        .collect();
    let set: BTreeSet<Found> = found.iter().cloned().collect();
    assert_eq!(set.len(), found.len(), "something is told twice");
    set
}
