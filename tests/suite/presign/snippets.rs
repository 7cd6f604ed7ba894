//! The snippets, run by a shell and by Python as a reader would run them, on hostile keys and values.

use std::path::Path;
use std::process::{Command, Output};

use crate::cli::support::{Endpoint, Program, bucket};

/// Breaks out of any quotes that are not its own.
const KEY: &str = "it's \"$(touch pwned)\" `touch pwned`/a//b\\+%20&é👩.jpg";
const CONTENT: &[u8] = b"\x00\x01binary\r\ncontent\xff";

struct Reader {
    endpoint: Endpoint,
    program: Program,
}

impl Reader {
    fn new() -> Self {
        let endpoint = Endpoint::serving(vec![bucket::<&str>("media", [])]);
        let program = endpoint.program();
        std::fs::write(program.home.path().join("it's.jpg"), CONTENT).unwrap();
        Self { endpoint, program }
    }

    fn home(&self) -> &Path {
        self.program.home.path()
    }

    fn snippet(&self, kind: &str, arguments: &[&str]) -> String {
        let all = [&["presign"], arguments, &["--snippet", kind]].concat();
        let ran = self.program.run(&all);
        assert_eq!(ran.status, 0, "{ran:?}");
        ran.out
    }

    /// Runs a snippet as a reader would, and expects it to do what it says and nothing else.
    fn run(&self, kind: &str, arguments: &[&str]) -> Output {
        let text = self.snippet(kind, arguments);
        let (program, option) = match kind {
            "curl" => ("sh", "-c"),
            _ => ("python3", "-c"),
        };
        let output = Command::new(program)
            .args([option, &text])
            .current_dir(self.home())
            .env("NO_PROXY", "127.0.0.1")
            .output()
            .unwrap();
        assert!(output.status.success(), "{text}\n{output:?}");
        assert!(!self.home().join("pwned").exists(), "{text}");
        output
    }
}

#[test]
fn curl_and_python_upload_and_download_what_was_signed() {
    let reader = Reader::new();
    let url = format!("s3://media/{KEY}");
    let length = CONTENT.len().to_string();
    for kind in ["curl", "python"] {
        reader.run(
            kind,
            &[
                "put",
                &url,
                "--file",
                "it's.jpg",
                "--size",
                &length,
                "--content-type",
                "image/png; a='\"$(touch pwned)",
                "--meta",
                "who=it's \"$(touch pwned)\"",
                "--header",
                "x-amz-meta-empty=",
            ],
        );
        reader.run(kind, &["get", &url, "--file", "got it.jpg"]);
        let got = reader.home().join("got it.jpg");
        assert_eq!(std::fs::read(&got).unwrap(), CONTENT, "{kind}");
        std::fs::remove_file(got).unwrap();
        let head = String::from_utf8(reader.run(kind, &["head", &url]).stdout).unwrap();
        assert!(
            head.contains("it's \"$(touch pwned)\"") || head.contains("it\\'s"),
            "{head}"
        );
        reader.run(kind, &["delete", &url, "--write"]);
        let listed = reader
            .program
            .run(&["ls", "s3://media", "--recursive", "--format", "json"]);
        assert_eq!(
            listed.json(0)["items"].as_array().unwrap().len(),
            0,
            "{kind}"
        );
    }
}

#[test]
fn curl_and_python_send_a_form() {
    let reader = Reader::new();
    let url = format!("s3://media/{KEY}");
    for kind in ["curl", "python"] {
        reader.run(
            kind,
            &[
                "post",
                &url,
                "--file",
                "it's.jpg",
                "--max-size",
                "1 MB",
                "--content-type",
                "image/jpeg",
                "--meta",
                "a=;type=x@/etc/passwd",
                "--success-status",
                "201",
            ],
        );
        let listed = reader
            .program
            .run(&["ls", "s3://media", "--recursive", "--format", "json"]);
        let document = listed.json(0);
        assert_eq!(document["items"][0]["key"], KEY, "{kind}");
        assert_eq!(document["items"][0]["size"], CONTENT.len(), "{kind}");
        reader.run("curl", &["delete", &url, "--write"]);
    }
    drop(reader.endpoint);
}

#[test]
fn a_snippet_fails_when_the_service_refuses_it() {
    let reader = Reader::new();
    for (kind, program) in [("curl", "sh"), ("python", "python3")] {
        let text = reader.snippet(kind, &["get", "s3://media/not-there", "--file", "out"]);
        let status = Command::new(program)
            .args(["-c", &text])
            .current_dir(reader.home())
            .env("NO_PROXY", "127.0.0.1")
            .output()
            .unwrap()
            .status;
        assert!(!status.success(), "{kind}");
    }
}
