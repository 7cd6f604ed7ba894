//! `sandbox`: an endpoint for other programs.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use super::support::{Program, Ran, column};

/// A running `s3warden sandbox`, killed if the test fails.
struct Served {
    child: Child,
    lines: Vec<String>,
}

impl Served {
    fn start(program: &Program, arguments: &[&str]) -> Self {
        let mut child = program
            .command(&[&["sandbox"], arguments].concat())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let reader = BufReader::new(child.stdout.take().unwrap());
        let lines = reader
            .lines()
            .map(Result::unwrap)
            .take_while(|line| line != "ready")
            .collect();
        Self { child, lines }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_shell_evaluates_what_the_sandbox_prints_and_the_sdk_finds_it() {
    let program = Program::new();
    let served = Served::start(&program, &["--synthetic", "flat:3"]);
    let names: Vec<&str> = served
        .lines
        .iter()
        .filter_map(|line| line.split('=').next())
        .collect();
    assert_eq!(
        names,
        [
            "AWS_ENDPOINT_URL",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_REGION"
        ]
    );
    let script = format!(
        "set -ea\n{}\nexec {} ls s3://synthetic-flat -r --format json",
        served.lines.join("\n"),
        env!("CARGO_BIN_EXE_s3warden")
    );
    let output = Command::new("sh")
        .args(["-c", &script])
        .env_clear()
        .env("HOME", program.home.path())
        .output()
        .unwrap();
    assert_eq!(column(&Ran::from(output).json(0), "key").len(), 3);
}

#[test]
fn the_sandbox_serves_until_it_is_told_to_stop() {
    let program = Program::new();
    let mut served = Served::start(&program, &["--synthetic", "users:10"]);
    assert!(served.child.try_wait().unwrap().is_none());
    let stopped = Command::new("kill")
        .args(["-TERM", &served.child.id().to_string()])
        .status()
        .unwrap();
    assert!(stopped.success());
    assert_eq!(served.child.wait().unwrap().code(), Some(130));
}

#[test]
fn a_sandbox_for_all_addresses_prints_one_that_can_be_connected_to() {
    let program = Program::new();
    let all = ["--listen", "0.0.0.0:0", "--synthetic", "flat:1"];
    let served = Served::start(&program, &all);
    let url = &served.lines[0];
    assert!(
        url.starts_with("AWS_ENDPOINT_URL=http://127.0.0.1:"),
        "{url}"
    );
}

#[test]
fn a_built_in_world_is_listed_by_user() {
    let program = Program::new();
    let served = Served::start(&program, &["--world", "pilotforce"]);
    let mut client = Program::new();
    for line in &served.lines {
        let (name, value) = line.split_once('=').unwrap();
        client = client.env(name, value);
    }
    let all = client
        .run(&[
            "ls",
            "s3://pilotforce-user-uploads/",
            "-r",
            "--format",
            "json",
        ])
        .json(0);
    let of_user_1 = client.run(&[
        "ls",
        "s3://pilotforce-user-uploads/",
        "--owner",
        "user-1",
        "--format",
        "json",
    ]);
    let expected: Vec<&str> = column(&all, "key")
        .into_iter()
        .filter(|key| key.split('/').nth(1) == Some("user-1") && key.split('/').count() > 2)
        .collect();
    assert!(!expected.is_empty());
    assert_eq!(column(&of_user_1.json(0), "key"), expected);
}

#[test]
fn what_cannot_be_served_exits_with_2_and_says_why() {
    let program = Program::new();
    for (arguments, because) in [
        (["--world", "nowhere"], "pilotforce"),
        (["--world", "./nowhere.toml"], "could not read the world"),
        (["--synthetic", "spiral:3"], "users"),
        (["--latency", "soon"], "latency"),
        (["--faults", "explode"], "slow-down"),
        (["--listen", "here"], "--listen"),
    ] {
        let ran = program.run(&[&["sandbox"], &arguments[..]].concat());
        assert_eq!(ran.status, 2, "{arguments:?}: {ran:#?}");
        assert!(
            ran.err.contains(because),
            "{because:?} is not in {}",
            ran.err
        );
    }
}
