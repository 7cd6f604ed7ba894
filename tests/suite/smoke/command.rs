//! `s3warden smoke` as scripts see it.

use s3warden::facade::sandbox::SandboxOptions;
use s3warden::facade::sandbox::world::World;

use super::bench::{LEADS, options};
use crate::cli::support::{Endpoint, column};

fn endpoint() -> Endpoint {
    Endpoint::with(SandboxOptions {
        worlds: vec![World::builtin("leadfactory").unwrap()],
        ..options()
    })
}

#[test]
fn the_command_needs_write_and_tells_scripts_what_failed() {
    let endpoint = endpoint();
    let program = endpoint.program();
    let refused = program.run(&["smoke", LEADS]);
    assert_eq!(refused.status, 4, "{refused:#?}");
    assert!(refused.err.contains("--write"), "{refused:#?}");
    assert_eq!(endpoint.sandbox.requests().total(), 0);

    let fine = [
        "smoke",
        LEADS,
        "--write",
        "--format",
        "json",
        "--only",
        "small-upload",
    ];
    let document = program.run(&fine).json(0);
    assert_eq!(document["schema"], "s3warden/smoke/1");
    assert_eq!(column(&document, "name"), ["small-upload", "removed"]);
    assert_eq!(column(&document, "outcome"), ["pass", "pass"]);

    program.write(
        "strict.toml",
        "version = 1\nname = \"strict\"\nextends = \"leadfactory\"\n[service_levels]\npresign = { within = \"0s\" }\n",
    );
    let strict = [
        "smoke",
        LEADS,
        "--write",
        "--blueprint",
        "strict.toml",
        "--only",
        "sign-in-time",
        "--format",
        "json",
    ];
    let document = program.run(&strict).json(3);
    assert_eq!(document["complete"], true);
    assert_eq!(document["items"][0]["outcome"], "fail");
    assert!(document["items"][0]["cause"].is_string(), "{document:#}");

    let unknown = program.run(&["smoke", LEADS, "--write", "--only", "everything"]);
    assert_eq!(unknown.status, 2, "{unknown:#?}");
    let nothing = program.run(&["smoke", LEADS, "--write", "--clean-up"]);
    assert_eq!(nothing.status, 0, "{nothing:#?}");
    assert!(nothing.err.contains("nothing behind"), "{nothing:#?}");
}
