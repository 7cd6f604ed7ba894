//! What goes wrong, in words, and the exit status that scripts see.

use serde_json::Value;

use super::support::{Endpoint, Program, bucket};

#[track_caller]
fn refuses(program: &Program, arguments: &[&str], because: &str) {
    let ran = program.run(arguments);
    assert_eq!(ran.status, 2, "{arguments:?}: {ran:#?}");
    assert!(
        ran.err.contains(because),
        "{because:?} is not in {}",
        ran.err
    );
    assert_eq!(ran.out, "");
}

#[test]
fn what_cannot_be_asked_for_exits_with_2_and_says_what_was_expected() {
    let program = Program::new();
    refuses(&program, &["--nonsense"], "--nonsense");
    refuses(&program, &["lss"], "neither a command");
    refuses(&program, &["ls"], "s3://BUCKET[/PREFIX]");
    refuses(&program, &["ls", "bucket/key"], "write s3://bucket/key");
    refuses(&program, &["ls", "s3://a_b c/"], "is not a bucket name");
    refuses(
        &program,
        &["ls", "s3://bucket", "--owner", ""],
        "cannot be empty",
    );
    refuses(
        &program,
        &["ls", "s3://bucket", "--format", "xml"],
        "ndjson",
    );
    refuses(&program, &["ls", "s3://bucket", "--jobs", "0"], "1..=256");
    refuses(
        &program,
        &["--endpoint-url", "localhost:9000", "buckets"],
        "http://",
    );
    refuses(
        &program,
        &["--region", "not a region", "buckets"],
        "eu-west-1",
    );
    refuses(
        &program,
        &["s3://bucket", "ls", "s3://bucket"],
        "after the command",
    );
    refuses(
        &program,
        &["ls", "s3://bucket", "--blueprint", "nobody"],
        "pilotforce",
    );
    refuses(
        &program,
        &["ls", "s3://bucket", "--blueprint", "./nobody.toml"],
        "could not read",
    );
    refuses(
        &program,
        &["buckets", "--config", "nowhere.toml"],
        "nowhere.toml",
    );
    refuses(&program, &["buckets", "--profile", "nobody"], "nobody");
}

#[test]
fn writing_can_be_allowed_on_the_command_line_alone() {
    let program = Program::new();
    program.write("with-write.toml", "write = true\n");
    refuses(
        &program,
        &["buckets", "--config", "with-write.toml"],
        "on the command line alone",
    );
    let help = program.run(&["--help"]);
    assert_eq!(help.status, 0);
    assert!(
        help.out.contains("--write") && !help.out.contains("S3WARDEN_WRITE"),
        "{}",
        help.out
    );
    for option in [
        "PROFILE",
        "REGION",
        "ENDPOINT_URL",
        "BLUEPRINT",
        "CONFIG",
        "FORMAT",
        "NO_COLOR",
        "LOG_FILE",
        "JOBS",
        "QUIET",
        "VERBOSE",
    ] {
        assert!(
            help.out.contains(&format!("[env: S3WARDEN_{option}]")),
            "{option}"
        );
    }
}

#[test]
fn options_come_from_the_command_line_then_the_environment_then_the_file() {
    let endpoint = Endpoint::serving(vec![bucket("some-bucket", ["a"])]);
    let program = endpoint.program();
    program.write(".config/s3warden/config.toml", "format = 'csv'\n");
    let first_line = |program: &Program, arguments: &[&str]| {
        let ran = program.run(&[&["ls", "s3://some-bucket/"], arguments].concat());
        ran.out.lines().next().unwrap_or_default().to_owned()
    };
    assert!(first_line(&program, &[]).starts_with("bucket,prefix,key"));
    let program = program.env("S3WARDEN_FORMAT", "ndjson");
    assert!(first_line(&program, &[]).starts_with("{\"bucket\""));
    assert!(first_line(&program, &["--format", "table"]).starts_with("MODIFIED"));
}

#[test]
fn options_stand_before_or_after_the_command() {
    let endpoint = Endpoint::serving(vec![bucket("some-bucket", ["a"])]);
    let program = endpoint.program();
    let before = program.run(&["--format", "json", "ls", "s3://some-bucket/"]);
    let after = program.run(&["ls", "s3://some-bucket/", "--format", "json"]);
    assert_eq!(before.json(0)["items"], after.json(0)["items"]);
}

#[test]
fn without_credentials_one_message_says_what_to_do() {
    // A proxy that refuses at once stands in for a network on which no metadata service answers.
    let program = Program::new().env("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1");
    let ran = program.run(&["buckets", "--format", "json"]);
    let document = ran.json(1);
    assert_eq!(document["complete"], false);
    assert!(
        ran.err.starts_with("error: could not list the buckets"),
        "{}",
        ran.err
    );
    for words in [
        "no credentials",
        "--profile",
        "AWS_ACCESS_KEY_ID",
        "aws sso login",
    ] {
        assert!(ran.err.contains(words), "{words} is not in {}", ran.err);
    }
    assert!(ran.err.lines().count() <= 3, "{}", ran.err);
}

#[test]
fn an_endpoint_at_which_nobody_listens_is_named() {
    let program = Program::new()
        .env("AWS_ACCESS_KEY_ID", "a")
        .env("AWS_SECRET_ACCESS_KEY", "b");
    let ran = program.run(&[
        "--endpoint-url",
        "http://127.0.0.1:1",
        "ls",
        "s3://some-bucket/",
    ]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert!(ran.err.contains("127.0.0.1:1"), "{}", ran.err);
}

#[test]
fn a_wrong_secret_is_not_printed() {
    let endpoint = Endpoint::serving(vec![bucket("some-bucket", ["a"])]);
    let program = endpoint
        .program()
        .env("AWS_SECRET_ACCESS_KEY", "wrong-and-secret")
        .env("AWS_SESSION_TOKEN", "session-and-secret");
    let ran = program.run(&["ls", "s3://some-bucket/", "-vv"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    let log = std::fs::read_to_string(
        program
            .home
            .path()
            .join(".local/state/s3warden/s3warden.log"),
    );
    let log = log.unwrap();
    assert!(log.contains("ListObjectsV2"), "{log}");
    let signature = regex::Regex::new("Signature=[0-9a-f]").unwrap();
    for text in [&ran.err, &log] {
        assert!(!text.contains("wrong-and-secret"), "{text}");
        assert!(!text.contains("session-and-secret"), "{text}");
        assert!(!text.contains(endpoint.sandbox.access_key()), "{text}");
        assert!(!signature.is_match(text), "{text}");
    }
}

#[test]
fn an_endpoint_with_a_password_is_refused_wherever_it_comes_from_and_is_not_repeated() {
    const URL: &str = "http://user:pass-word@127.0.0.1:1";
    let refuses = |program: &Program, arguments: &[&str]| {
        let ran = program.run(&[&["buckets"], arguments].concat());
        assert_eq!(ran.status, 2, "{ran:#?}");
        assert!(ran.err.contains("a password"), "{}", ran.err);
        assert!(!ran.err.contains("pass-word"), "{}", ran.err);
    };
    let keys = || {
        Program::new()
            .env("AWS_ACCESS_KEY_ID", "a")
            .env("AWS_SECRET_ACCESS_KEY", "b")
    };
    refuses(&keys(), &["--endpoint-url", URL]);
    refuses(&keys().env("S3WARDEN_ENDPOINT_URL", URL), &[]);
    refuses(&keys().env("AWS_ENDPOINT_URL", URL), &[]);
    refuses(&keys().env("AWS_ENDPOINT_URL_S3", URL), &[]);
    let in_files = keys();
    in_files.write("config.toml", &format!("endpoint_url = '{URL}'\n"));
    refuses(&in_files, &["--config", "config.toml"]);
    in_files.write(".aws/config", &format!("[default]\nendpoint_url = {URL}\n"));
    refuses(&in_files, &[]);
}

#[test]
fn a_value_of_the_configuration_file_is_held_to_what_the_command_line_takes() {
    let program = Program::new();
    for (line, because) in [
        ("region = 'eu west'", "eu-west-1"),
        ("endpoint_url = 'localhost:9000'", "http://"),
    ] {
        program.write("config.toml", line);
        refuses(&program, &["buckets", "--config", "config.toml"], because);
    }
}

#[test]
fn a_bucket_that_is_not_there_is_said_to_be_so() {
    let endpoint = Endpoint::serving(vec![bucket("some-bucket", ["a"])]);
    let ran = endpoint.program().run(&["ls", "s3://another-bucket/"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert!(ran.err.contains("another-bucket"), "{}", ran.err);
}

#[test]
fn a_listing_that_fails_on_its_way_says_so_in_every_format() {
    let keys: Vec<String> = (0..1500).map(|n| format!("key-{n:04}")).collect();
    for format in ["table", "json", "ndjson", "csv"] {
        let endpoint = Endpoint::serving(vec![bucket("some-bucket", &keys)]);
        let denied = "access-denied operation=ListObjectsV2 every=2"
            .parse()
            .unwrap();
        endpoint.sandbox.set_faults(vec![denied]);
        let ran = endpoint
            .program()
            .run(&["ls", "s3://some-bucket/", "--format", format]);
        assert_eq!(ran.status, 1, "{format}: {}", ran.err);
        assert!(
            ran.err.contains("error: could not list"),
            "{format}: {}",
            ran.err
        );
        assert!(ran.out.contains("key-0999") && !ran.out.contains("key-1000"));
        let complete = match format {
            "json" => serde_json::from_str::<Value>(&ran.out).unwrap()["complete"].clone(),
            "ndjson" => {
                serde_json::from_str::<Value>(ran.out.lines().last().unwrap()).unwrap()["complete"]
                    .clone()
            }
            _ => Value::Bool(false),
        };
        assert_eq!(complete, false, "{format}");
    }
}
