//! Small systems made by hand, each a file in `tests/systems/`: an application's rules, what lies in its buckets, and the
//! truth, which is whose each thing is.
//!
//! A system is filled into a server, asked for orphans, and purged of a user, by the program itself. What is left
//! afterwards is held against the truth in the file, never against what the program says. The same files run against the
//! sandbox in `cargo test` and against servers that others wrote in `tests/interop`: see [`on_another_server`].
//!
//! `file` reads a system, `server` fills and lists a server, and what follows here carries a system out.

mod file;
mod server;

use std::collections::BTreeSet;

use serde_json::Value;

use self::file::{Purge, State, System, Thing};
use self::server::Server;
use crate::cli::support::{Program, Ran};

/// Every system, against the sandbox.
#[test]
fn every_system_is_judged_and_purged_by_the_truth() {
    let server = Server::sandbox();
    let systems = System::all();
    assert!(systems.len() >= 12, "only {} systems", systems.len());
    for system in &systems {
        carry_out(system, &server);
    }
}

/// Every system that the server can hold, against a server that somebody else wrote. `tests/interop/systems.py` starts it,
/// and says in the environment where it is: `SYSTEMS_SERVER` (its name, as the files' `unfit` has it), `SYSTEMS_ENDPOINT`,
/// `SYSTEMS_ACCESS_KEY`, `SYSTEMS_SECRET_KEY` and, where it cannot tell who asks, `SYSTEMS_OPERATOR`.
#[test]
#[ignore = "needs a server that others wrote: tests/interop/run starts them"]
fn on_another_server() {
    let server = Server::from_environment();
    let mut fit = 0;
    for system in &System::all() {
        if let Some(why) = system.unfit.get(server.name()) {
            println!("{} is left out on {}: {why}", system.name, server.name());
            continue;
        }
        carry_out(system, &server);
        fit += 1;
    }
    assert!(fit >= 6, "{} can hold {fit} systems only", server.name());
}

fn carry_out(system: &System, server: &Server) {
    for purge in &system.purges {
        purged(system, server, purge);
    }
    if system.orphans.is_some() {
        orphans_deleted(system, server);
    }
}

/// Fills the server, and gives a program that has the system's rules and lists.
fn filled(system: &System, server: &Server) -> Program {
    server.fill(system);
    let program = server.program();
    program.write("blueprint.toml", &system.blueprint);
    for (name, text) in &system.lists {
        program.write(name, text);
    }
    program
}

/// A purge takes what is the user's by the truth, and nothing else; a dry run before it changes nothing.
fn purged(system: &System, server: &Server, purge: &Purge) {
    let program = filled(system, server);
    let user = purge.user.as_str();
    let what = format!("{} on {}, purge of {user:?}", system.name, server.name());
    let before = server.things(system);
    let dry = run(
        server,
        &program,
        &["purge", user, "--blueprint", "blueprint.toml"],
    );
    assert_eq!(dry.status, purge.status, "{what}, planned: {dry:#?}");
    assert_eq!(
        server.things(system),
        before,
        "{what}: a plan changes nothing"
    );
    let ran = run(
        server,
        &program,
        &[
            "purge",
            user,
            "--blueprint",
            "blueprint.toml",
            "--format",
            "json",
            "--write",
            "--execute",
            "--confirm",
            user,
        ],
    );
    assert_eq!(ran.status, purge.status, "{what}: {ran:#?}");
    let is_left = |place: &str| purge.leaves.iter().any(|left| left == place);
    let expected: BTreeSet<_> = before
        .iter()
        .filter(|thing| system.owner_of(&thing.0) != Some(user) || is_left(&thing.0))
        .cloned()
        .collect();
    assert_same(&what, &server.things(system), &expected);
    for words in &purge.says {
        let said = ran.err.contains(words.as_str()) || ran.out.contains(words.as_str());
        assert!(said, "{what}: nothing says {words:?}: {ran:#?}");
    }
    let document: Value =
        serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{what}: {error}: {ran:#?}"));
    let is_whole = purge.status == 0;
    assert_eq!(document["complete"], is_whole, "{what}: {document:#}");
}

/// The orphans are those of the truth, and deleting them takes them and nothing of anybody else.
fn orphans_deleted(system: &System, server: &Server) {
    let Some(orphans) = &system.orphans else {
        return;
    };
    let program = filled(system, server);
    let what = format!("{} on {}, orphans", system.name, server.name());
    let before = server.things(system);
    let mut arguments = vec![
        "orphans",
        "--blueprint",
        "blueprint.toml",
        "--format",
        "json",
    ];
    let args: Vec<&str> = orphans.args.iter().map(String::as_str).collect();
    arguments.extend([
        "--min-age",
        "0s",
        "--max-share",
        "100",
        "--min-explained",
        "0",
    ]);
    arguments.extend(&args);
    let ran = run(server, &program, &arguments);
    assert_eq!(ran.status, orphans.status, "{what}: {ran:#?}");
    let document: Value =
        serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{what}: {error}: {ran:#?}"));
    let expected: BTreeSet<(String, String)> = system
        .things
        .iter()
        .filter_map(|thing| Some((thing.orphan.clone()?, thing.place.clone())))
        .chain(orphans.also.iter().cloned())
        .collect();
    assert_same(&what, &items(&document), &expected);
    for bucket in &orphans.delete {
        let mut acting = arguments.clone();
        acting.extend([bucket.as_str(), "--act", "delete"]);
        let planned = run(server, &program, &acting);
        let planned: Value = serde_json::from_str(&planned.out)
            .unwrap_or_else(|error| panic!("{what}: {error}: {planned:#?}"));
        let Some(typed) = planned["summary"]["confirm"].as_str() else {
            panic!("{what}: nothing to type for {bucket}: {planned:#}");
        };
        acting.extend(["--write", "--confirm", typed]);
        let acted = run(server, &program, &acting);
        assert!(matches!(acted.status, 0 | 3), "{what}: {acted:#?}");
    }
    if orphans.delete.is_empty() {
        return;
    }
    let after = server.things(system);
    let is_taken = |thing: &&Thing| {
        let kind = thing.orphan.as_deref();
        let in_bucket = orphans.delete.iter().any(|bucket| thing.bucket() == bucket);
        // What only has versions is deleted as well: the files ask for it by name.
        in_bucket && kind.is_some_and(|kind| kind.ends_with("-gone") || kind == "versions-only")
    };
    let taken: BTreeSet<&str> = system
        .things
        .iter()
        .filter(is_taken)
        .map(|thing| thing.place.as_str())
        .filter(|place| !orphans.leaves.iter().any(|left| left == place))
        .collect();
    let expected: BTreeSet<_> = before
        .iter()
        .filter(|thing| !taken.contains(thing.0.as_str()))
        .cloned()
        .collect();
    assert_same(&format!("{what}, deleted"), &after, &expected);
}

fn items(document: &Value) -> BTreeSet<(String, String)> {
    let text = |item: &Value, field: &str| item[field].as_str().unwrap_or_default().to_owned();
    let items = document["items"].as_array().into_iter().flatten();
    items
        .map(|item| {
            let place = format!("{}/{}", text(item, "bucket"), text(item, "key"));
            (text(item, "kind"), place)
        })
        .collect()
}

fn run(server: &Server, program: &Program, arguments: &[&str]) -> Ran {
    let mut all = arguments.to_vec();
    if let Some(operator) = server.operator()
        && (arguments.contains(&"purge") || arguments.contains(&"--act"))
    {
        all.extend(["--operator", operator]);
    }
    program.run(&all)
}

#[track_caller]
fn assert_same<T: Ord + std::fmt::Debug>(what: &str, found: &BTreeSet<T>, expected: &BTreeSet<T>) {
    let missing: Vec<_> = expected.difference(found).collect();
    let too_many: Vec<_> = found.difference(expected).collect();
    assert!(
        missing.is_empty() && too_many.is_empty(),
        "{what}:\n  missing  {missing:#?}\n  too many {too_many:#?}"
    );
}

impl Thing {
    fn is_listed(&self) -> bool {
        self.state != State::Gone
    }
}
