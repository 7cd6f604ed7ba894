//! What the program says without credentials, with broken ones and with profiles that are not there.
//!
//! The environment belongs to the process, so these run the program itself, with an environment of their own.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

const CONFIG: &str = "[default]\nregion = eu-west-1\n\
    [profile sso]\nsso_start_url = https://x.invalid/start\nsso_region = eu-west-1\n\
    sso_account_id = 123456789012\nsso_role_name = ops\n\
    [profile process]\ncredential_process = /bin/false\n\
    [profile role]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = gone\n\
    [profile instance]\nrole_arn = arn:aws:iam::1:role/x\ncredential_source = Ec2InstanceMetadata\n\
    [profile assumed]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = keys\n\
    [profile keys]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = topsecret\n";

fn home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    std::fs::write(home.path().join(".aws/config"), CONFIG).unwrap();
    home
}

/// Runs `s3warden buckets` with nothing in the environment but what is given; gives back what it said.
fn buckets(home: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_s3warden"))
        .arg("buckets")
        .args(arguments)
        .env_clear()
        .env("HOME", home)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        !said.contains("topsecret") && !said.contains("AKIAIOSFODNN7EXAMPLE"),
        "{said}"
    );
    said
}

#[test]
fn without_any_credentials_it_says_how_to_get_some() {
    let home = tempfile::tempdir().unwrap();
    let said = buckets(home.path(), &[], &[]);
    for words in [
        "there are no credentials",
        "--profile",
        "AWS_ACCESS_KEY_ID",
        "aws sso login",
        "s3warden demo",
    ] {
        assert!(said.contains(words), "{words} is not in {said}");
    }
}

#[test]
fn a_metadata_service_that_never_answers_is_asked_once() {
    let home = tempfile::tempdir().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let said = buckets(home.path(), &[], &metadata_at(&url(&silent)));
    assert!(said.contains("there are no credentials"), "{said}");
    // The system keeps the connections that nobody took: they can be counted afterwards.
    silent.set_nonblocking(true).unwrap();
    assert!(silent.accept().is_ok(), "it was not asked");
    let further = silent.accept().map(drop).map_err(|error| error.kind());
    assert_eq!(further, Err(ErrorKind::WouldBlock), "it was asked again");
}

#[test]
fn a_metadata_service_that_fails_is_told_from_one_that_is_closed() {
    let home = home();
    for (status, arguments, words) in [
        (403, &[] as &[&str], "there are no credentials: none"),
        (404, &[], "there are no credentials: none"),
        (
            500,
            &[],
            "no credentials found: the instance's metadata service did not give any",
        ),
        (
            403,
            &["--profile", "instance"],
            "metadata service, from which the profile instance takes them, did not give any",
        ),
    ] {
        let url = metadata_that_answers(status);
        let said = buckets(home.path(), arguments, &metadata_at(&url));
        assert!(said.contains(words), "{status} {arguments:?}: {said}");
        assert!(said.contains("AWS_ACCESS_KEY_ID"), "{said}");
        assert!(!said.contains("no way to get any"), "{said}");
    }
}

fn url(listener: &TcpListener) -> String {
    format!("http://{}", listener.local_addr().unwrap())
}

fn metadata_at(url: &str) -> [(&'static str, &str); 2] {
    [
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", url),
    ]
}

/// A metadata service that hands out a token and then answers with this status; with 403 it refuses the token, too.
fn metadata_that_answers(status: u16) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = url(&listener);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let read = stream.read(&mut request).unwrap_or(0);
            let answer = if request[..read].starts_with(b"PUT") && status != 403 {
                "200 OK\r\nx-aws-ec2-metadata-token-ttl-seconds: 60\r\ncontent-length: 5\r\nconnection: close\r\n\r\ntoken".to_owned()
            } else {
                format!("{status} Whatever\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            };
            let _ = stream.write_all(format!("HTTP/1.1 {answer}").as_bytes());
        }
    });
    url
}

#[test]
fn each_way_in_which_a_profile_fails_is_told_apart() {
    let home = home();
    for (profile, words, advice) in [
        (
            "nope",
            "no such profile",
            "assumed, default, instance, keys, process, role, sso",
        ),
        ("sso", "SSO session", "aws sso login --profile sso"),
        ("process", "credential_process failed", "by hand"),
        ("role", "gone", "~/.aws/config"),
        ("default", "holds no credentials", "aws sso login"),
    ] {
        let said = buckets(home.path(), &["--profile", profile], &[]);
        assert!(said.contains(words), "{profile}: {said}");
        assert!(said.contains(advice), "{profile}: {said}");
    }
}

#[test]
fn a_profile_that_was_asked_for_outranks_credentials_in_the_environment() {
    let home = home();
    let environment = [
        ("AWS_ACCESS_KEY_ID", "AKIDENV"),
        ("AWS_SECRET_ACCESS_KEY", "env"),
    ];
    let said = buckets(home.path(), &["--profile", "default"], &environment);
    assert!(
        said.contains("the profile default holds no credentials"),
        "{said}"
    );
}

#[test]
fn an_endpoint_in_the_environment_is_used() {
    let home = home();
    // A port that only an administrator can open: no other test takes it in between.
    let url = "http://127.0.0.1:1";
    for variable in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"] {
        let environment = [(variable, url), ("AWS_PROFILE", "keys")];
        let said = buckets(home.path(), &[], &environment);
        assert!(
            said.contains(&format!("{url} refused the connection")),
            "{said}"
        );
    }
}

#[test]
fn a_proxy_is_not_asked_for_what_is_on_this_computer() {
    let home = tempfile::tempdir().unwrap();
    let (proxy, through_proxy) = listener_that_hangs_up();
    let (container, directly) = listener_that_hangs_up();
    let environment = [
        ("HTTP_PROXY", proxy.as_str()),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.as_str()),
    ];
    buckets(home.path(), &[], &environment);
    assert!(!directly.lock().unwrap().is_empty());
    assert_eq!(*through_proxy.lock().unwrap(), Vec::<String>::new());
}

#[test]
fn an_endpoint_on_this_computer_keeps_the_proxy_for_what_is_not() {
    let home = home();
    let (proxy, through_proxy) = listener_that_hangs_up();
    let (endpoint, _) = listener_that_hangs_up();
    buckets(
        home.path(),
        &["--profile", "assumed", "--endpoint-url", &endpoint],
        &[("HTTPS_PROXY", &proxy)],
    );
    let asked = through_proxy.lock().unwrap();
    assert!(
        asked
            .first()
            .is_some_and(|line| line.starts_with("CONNECT sts.")),
        "{asked:?}"
    );
}

/// A listener that hangs up on everybody, and the first lines of what it was asked.
fn listener_that_hangs_up() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (url, lines) = (url(&listener), Arc::<Mutex<Vec<String>>>::default());
    let seen = Arc::clone(&lines);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut request = [0; 4096];
            let read = stream.unwrap().read(&mut request).unwrap_or(0);
            let text = String::from_utf8_lossy(&request[..read]);
            let line = text.lines().next().unwrap_or_default();
            seen.lock().unwrap().push(line.to_owned());
        }
    });
    (url, lines)
}

#[test]
fn a_configuration_file_that_cannot_be_read_is_named_with_the_line() {
    let home = home();
    std::fs::write(home.path().join(".aws/config"), "[profile x\n").unwrap();
    let said = buckets(home.path(), &[], &[]);
    assert!(
        said.contains(".aws/config") && said.contains("line 1"),
        "{said}"
    );
}
