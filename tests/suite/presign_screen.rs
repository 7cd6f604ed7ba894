//! The Presign screen, in a pseudo-terminal: what it signs works for others, and the smoke test runs from it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

use crate::terminal::Terminal;

const ENTER: &str = "\r";
const ESC: &str = "\x1b";

fn demo(size: (u16, u16), more: &[&str], env: &[(&str, &str)]) -> (TempDir, Terminal) {
    let home = TempDir::new().unwrap();
    let mut arguments = vec!["demo"];
    arguments.extend(more);
    let terminal = Terminal::start(home.path(), size, &arguments, env);
    (home, terminal)
}

/// The text that was last sent to the terminal's clipboard.
fn copied(terminal: &Terminal) -> String {
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    let (_, rest) = raw.rsplit_once("\x1b]52;c;").expect("nothing was copied");
    let (text, _) = rest.split_once('\x07').unwrap();
    String::from_utf8(STANDARD.decode(text).unwrap()).unwrap()
}

/// Head and body of the answer to a GET, by nothing but a socket.
fn get(url: &str) -> (String, String) {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

#[test]
fn a_url_signed_for_a_row_of_browse_gets_exactly_that_object() {
    let (_home, mut terminal) = demo((120, 36), &["--world", "pilotforce"], &[]);
    terminal.wait("pilotforce-user-uploads");
    terminal.send(&format!(":s3://pilotforce-user-uploads/READ{ENTER}"));
    terminal.wait("README.txt");
    terminal.send("p");
    terminal.wait("ready to be signed");
    terminal.send("s");
    terminal.wait("left, until");
    let shown = terminal.text();
    terminal.send("y");
    terminal.wait("sent to the terminal's clipboard");
    let url = copied(&terminal);
    let (head, body) = get(&url);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(body, "nobody's");
    let (altered, _) = get(&url.replace("README", "READ"));
    assert!(altered.starts_with("HTTP/1.1 403"), "{altered}");
    assert!(
        shown.contains("GET           s3://pilotforce-user-uploads/README.txt"),
        "{shown}"
    );
    // Neither the title nor the tasks nor what follows shows it.
    let signature = url.rsplit_once("X-Amz-Signature=").unwrap().1;
    terminal.send("7");
    let tasks = terminal.wait("GET s3://pilotforce-user-uploads/README.txt");
    assert!(!tasks.contains(&signature[..16]), "{tasks}");
    // A URL that is pasted back is explained, without its signature.
    terminal.send("6i");
    terminal.wait("Explains any pre-signed URL");
    terminal.send(&format!("{ESC}[200~{url}{ESC}[201~"));
    let explained = terminal.wait("still good");
    assert!(explained.contains("AWS Signature Version 4"), "{explained}");
    assert!(!explained.contains(&signature[..16]), "{explained}");
    terminal.send("c");
    terminal.wait("it works");
    terminal.send("q");
    assert_eq!(terminal.ended().exit_code(), 0);
}

#[test]
fn the_smoke_test_runs_in_the_demo_and_removes_what_it_created() {
    let (_home, mut terminal) = demo(
        (120, 40),
        &["--world", "leadfactory", "--write"],
        &[("NO_COLOR", "1")],
    );
    terminal.wait("leadshop-assets");
    terminal.send("/assets");
    terminal.wait("leadshop-assets");
    terminal.send(ENTER);
    terminal.wait("only rows that hold");
    terminal.send("p");
    terminal.wait("key from");
    terminal.send("t");
    terminal.wait("checks planned");
    terminal.send("s");
    let asked = terminal.wait("Test leadshop-assets?");
    assert!(asked.contains("Cancel (Enter, Esc)"), "{asked}");
    terminal.send(ENTER);
    terminal.wait_until("the question to go away", |text| {
        !text.contains("Test leadshop-assets?")
    });
    assert!(terminal.text().contains("checks planned"));
    terminal.send("s");
    terminal.wait("Test leadshop-assets?");
    terminal.send("y");
    terminal.wait("to come");
    let done = terminal.wait_until("the end of the test", |text| {
        text.contains("removed, and listed again: nothing is left")
    });
    assert!(!done.contains(" fail "), "{done}");
    terminal.wait_until("the work to end", |text| !text.contains("to come"));
    terminal.send("q");
    terminal.wait_until("the end", |text| {
        text.contains("Quit?") || !text.contains("Presign")
    });
    if terminal.text().contains("Quit?") {
        terminal.send("q");
    }
    assert_eq!(terminal.ended().exit_code(), 0);
}
