//! The console, in a pseudo-terminal: what a person sees, and that the terminal is given back.

use std::process::Command;

use tempfile::TempDir;

use crate::cli::support::{Endpoint, bucket};
use crate::terminal::Terminal;

const ESC: &str = "\x1b";
const ENTER: &str = "\r";
const DOWN: &str = "\x1b[B";

fn demo(size: (u16, u16), more: &[&str], env: &[(&str, &str)]) -> (TempDir, Terminal) {
    let home = TempDir::new().unwrap();
    let mut arguments = vec!["demo", "--world", "pilotforce"];
    arguments.extend(more);
    let terminal = Terminal::start(home.path(), size, &arguments, env);
    (home, terminal)
}

/// Leaves the console and checks that the terminal is as it was.
fn quits(mut terminal: Terminal) {
    terminal.send("q");
    // Work may still be running, and then it asks.
    terminal.wait_until("the end", |text| {
        text.contains("Quit?") || !text.contains("READ-ONLY")
    });
    if terminal.text().contains("Quit?") {
        terminal.send("q");
    }
    assert_eq!(terminal.ended().exit_code(), 0);
    assert_given_back(&terminal);
}

fn assert_given_back(terminal: &Terminal) {
    assert!(!terminal.on_alternate_screen());
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    let last = |code: &str| raw.rfind(code);
    assert!(
        last("\x1b[?25h") > last("\x1b[?25l"),
        "the cursor stays hidden"
    );
    assert!(
        last("\x1b[?2004l") > last("\x1b[?2004h"),
        "bracketed paste stays on"
    );
}

#[test]
fn the_demo_shows_buckets_then_owners_then_an_owners_prefixes_then_an_object() {
    let (_home, mut terminal) = demo((120, 36), &[], &[]);
    let buckets = terminal.wait("pilotforce-user-uploads");
    assert!(buckets.contains("READ-ONLY"));
    terminal.wait("123456789012");
    terminal.send(&format!("/uploads{ENTER}"));
    terminal.wait("only rows that hold");
    terminal.send(ENTER);
    terminal.wait_until("all owners counted", |text| {
        text.contains("137ffefb-2c22-49bb-b820-943959f70a33")
            && !text.contains("so far")
            && !text.contains("at least")
            && !text.contains("loading")
    });
    terminal.send(&format!("fuser-1{ENTER}"));
    let owner = terminal.wait_until("the prefixes of user-1", |text| {
        text.contains("uploads/user-1/")
    });
    assert!(
        !owner.contains("user-10/"),
        "the neighbour is shown:\n{owner}"
    );
    terminal.send(ENTER);
    terminal.wait("MODIFIED");
    terminal.wait("tax-2019.zip");
    terminal.send("d");
    let detail = terminal.wait("has to be restored");
    assert!(detail.contains("etag"), "{detail}");
    assert!(detail.contains("encryption"), "{detail}");
    terminal.wait("Nothing: no rule moves or ends it");
    terminal.send("JJJJJJJJJJ");
    terminal.wait("Versions");
    quits(terminal);
}

#[test]
fn raw_prefixes_can_be_walked_and_gone_back_from() {
    let (_home, mut terminal) = demo((100, 30), &[], &[]);
    terminal.wait("pilotforce-user-uploads");
    terminal.send(&format!("/uploads{ENTER}"));
    terminal.wait("only rows that hold");
    terminal.send(ENTER);
    terminal.wait("by owner");
    terminal.send("v");
    terminal.wait("all prefixes");
    let top = terminal.wait("uploads/");
    assert!(top.contains("documents/"), "{top}");
    terminal.send(&format!("fuploads/{ENTER}"));
    terminal.wait("› uploads/");
    terminal.wait("%75ser-1/");
    terminal.send(ESC);
    terminal.wait("documents/");
    quits(terminal);
}

#[test]
fn tasks_and_help_tell_what_ran_and_which_keys_there_are() {
    let (_home, mut terminal) = demo((80, 24), &[], &[]);
    terminal.wait("pilotforce-user-uploads");
    terminal.send("7");
    terminal.wait("list buckets");
    terminal.send("?");
    let help = terminal.wait("cancel this task");
    assert!(help.contains("Tasks"), "{help}");
    terminal.send("x");
    terminal.wait_until("the help to close", |text| {
        !text.contains("cancel this task")
    });
    quits(terminal);
}

#[test]
fn the_screen_follows_the_terminals_size() {
    let (_home, mut terminal) = demo((120, 36), &[], &[]);
    terminal.wait("pilotforce-user-uploads");
    terminal.resize((80, 24));
    let shown = terminal.wait_until("24 lines", |text| {
        text.lines().count() == 24
            && text
                .lines()
                .last()
                .is_some_and(|line| line.contains("quit"))
    });
    assert!(shown.contains("pilotforce-user-uploads"), "{shown}");
    terminal.resize((50, 10));
    terminal.wait("needs 60 columns");
    terminal.resize((160, 50));
    terminal.wait_until("the wide screen", |text| text.contains("CREATED"));
    quits(terminal);
}

#[test]
fn without_colour_no_colour_is_ever_sent_and_the_current_row_can_still_be_told() {
    for (more, env) in [
        (&[][..], &[("NO_COLOR", "1")][..]),
        (&["--no-color"][..], &[][..]),
    ] {
        let (_home, mut terminal) = demo((100, 30), more, env);
        terminal.wait("pilotforce-user-uploads");
        terminal.send(DOWN);
        assert!(terminal.wait("▌").contains("READ-ONLY"));
        terminal.send(":");
        terminal.wait("Palette");
        terminal.send(ESC);
        terminal.wait_until("the palette to close", |text| !text.contains("Palette"));
        let raw = terminal.raw();
        quits(terminal);
        assert!(!sends_colour(&raw), "colour was sent with {more:?} {env:?}");
        assert!(
            sends(&raw, |code| code == "7"),
            "no reverse video: {more:?} {env:?}"
        );
    }
}

#[test]
fn with_colour_colour_is_sent() {
    let (_home, terminal) = demo((100, 30), &[], &[]);
    terminal.wait("pilotforce-user-uploads");
    assert!(sends_colour(&terminal.raw()));
    quits(terminal);
}

/// Whether any SGR sequence holds a code that sets a colour (39 and 49 only take one back).
fn sends_colour(raw: &[u8]) -> bool {
    sends(raw, |code| {
        matches!(
            code.parse::<u16>(),
            Ok(30..=38 | 40..=48 | 90..=97 | 100..=107)
        )
    })
}

fn sends(raw: &[u8], wanted: impl Fn(&str) -> bool) -> bool {
    let text = String::from_utf8_lossy(raw);
    text.split("\x1b[").skip(1).any(|rest| {
        let end = rest
            .find(|c: char| !(c.is_ascii_digit() || c == ';'))
            .unwrap_or(rest.len());
        rest[end..].starts_with('m') && rest[..end].split(';').any(&wanted)
    })
}

#[test]
fn ctrl_c_and_sigterm_give_the_terminal_back_and_exit_with_130() {
    let (_home, mut terminal) = demo((100, 30), &[], &[]);
    terminal.wait("pilotforce-user-uploads");
    terminal.send("\x03");
    assert_eq!(terminal.ended().exit_code(), 130);
    assert_given_back(&terminal);

    let (_home, mut terminal) = demo((100, 30), &[], &[]);
    terminal.wait("pilotforce-user-uploads");
    let killed = Command::new("kill")
        .args(["-TERM", &terminal.pid().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    assert_eq!(terminal.ended().exit_code(), 130);
    assert_given_back(&terminal);
}

#[test]
fn a_wrong_endpoint_is_explained_on_the_screen() {
    let home = TempDir::new().unwrap();
    let credentials = [
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ];
    // Port 1 is reserved and nobody listens there.
    let arguments = ["--endpoint-url", "http://127.0.0.1:1"];
    let mut terminal = Terminal::start(home.path(), (120, 36), &arguments, &credentials);
    terminal.wait("Could not list the buckets");
    terminal.send("e");
    let explained = terminal.wait("What went wrong");
    assert!(explained.contains("127.0.0.1:1"), "{explained}");
    assert!(!explained.contains("AKIDEXAMPLE"), "{explained}");
    terminal.send("x");
    quits(terminal);
}

#[test]
fn a_copy_reaches_the_terminals_clipboard_exactly() {
    let (_home, mut terminal) = demo((100, 30), &[], &[]);
    terminal.wait("pilotforce-user-uploads");
    terminal.send(&format!("/uploads{ENTER}"));
    terminal.wait("only rows that hold");
    terminal.send("Y");
    terminal.wait("sent to the terminal's clipboard");
    let sent = String::from_utf8_lossy(&terminal.raw()).into_owned();
    // "s3://pilotforce-user-uploads" in base64.
    assert!(sent.contains("\x1b]52;c;czM6Ly9waWxvdGZvcmNlLXVzZXItdXBsb2Fkcw==\x07"));
    quits(terminal);
}

#[test]
fn a_scan_of_the_demos_bucket_counts_its_owners_and_shows_where_the_bytes_are() {
    let (_home, mut terminal) = demo((120, 36), &[], &[]);
    terminal.wait("pilotforce-user-uploads");
    terminal.send(&format!("/uploads{ENTER}"));
    terminal.wait("only rows that hold");
    terminal.send(ENTER);
    let owners = terminal.wait_until("all owners counted", |text| {
        text.contains("137ffefb-2c22-49bb-b820-943959f70a33") && !text.contains("at least")
    });
    let counted = |text: &str| {
        let rule = text.lines().nth(2)?;
        let parts: Vec<&str> = rule.split(" · ").collect();
        let objects = parts.iter().find(|part| part.contains("objects"))?;
        Some((*objects).to_owned())
    };
    let by_listing = counted(&owners).expect("a count");
    terminal.send("S");
    let scanned = terminal.wait_until("the scan to be over", |text| {
        text.contains(", complete") && text.contains("scanned: ")
    });
    assert_eq!(counted(&scanned), Some(by_listing), "{scanned}");
    terminal.send("b");
    let bars = terminal.wait("Where the bytes are, by owner");
    assert!(bars.contains('█'), "{bars}");
    terminal.send("bbb");
    terminal.wait("by age");
    terminal.send(ESC);
    terminal.wait_until("the bars to close", |text| {
        !text.contains("Where the bytes are")
    });
    terminal.send("v");
    terminal.wait_until("what is in the folders", |text| {
        text.contains("OBJECTS") && text.contains("uploads/") && text.contains(", complete")
    });
    terminal.send("a");
    terminal.wait("all objects");
    terminal.send(&format!("/tax-2019{ENTER}"));
    terminal.wait("only rows that hold");
    terminal.wait("1 shown of");
    // Its letters with others between them, the best match first.
    terminal.send(&format!("/\x15~tx2019{ENTER}"));
    let fuzzy = terminal.wait("the letters of \"tx2019\"");
    let first = fuzzy.lines().find(|line| line.contains('▌'));
    assert!(
        first.is_some_and(|line| line.contains("tax-2019")),
        "{fuzzy}"
    );
    terminal.send(ESC);
    terminal.wait_until("all rows again", |text| !text.contains("the letters of"));
    terminal.send("t");
    let map = terminal.wait_until("the map", |text| {
        text.contains("Where the bytes are, by prefix") && text.contains('╔')
    });
    assert!(map.contains("uploads/"), "{map}");
    terminal.send("t");
    terminal.wait_until("the owners", |text| {
        text.contains("Where the bytes are, by owner") && text.contains('╔')
    });
    terminal.send(ENTER);
    terminal.wait_until("one owner", |text| text.contains("by owner  › "));
    terminal.send("\x7f");
    terminal.wait_until("all owners", |text| !text.contains("by owner  › "));
    terminal.send("\x7f");
    terminal.wait_until("the list", |text| !text.contains("Where the bytes are"));
    quits(terminal);
}

#[test]
fn a_scan_is_there_again_in_the_next_session_with_its_date() {
    let keys = (0..1_500).map(|number| format!("media/{number:04}.jpg"));
    let endpoint = Endpoint::serving(vec![bucket("plain-bucket", keys)]);
    let home = TempDir::new().unwrap();
    let url = endpoint.sandbox.endpoint_url();
    let env = [
        ("AWS_ENDPOINT_URL", url.as_str()),
        ("AWS_ACCESS_KEY_ID", endpoint.sandbox.access_key()),
        ("AWS_SECRET_ACCESS_KEY", endpoint.sandbox.secret_key()),
        ("AWS_REGION", endpoint.sandbox.region()),
    ];
    let console = || Terminal::start(home.path(), (120, 36), &["s3://plain-bucket/"], &env);
    let mut terminal = console();
    terminal.wait("media/");
    terminal.send("S");
    terminal.wait_until("what is in the folder", |text| {
        text.contains("1,500") && text.contains(", complete")
    });
    terminal.wait_until("the scan to be kept", |text| !text.contains(" running"));
    quits(terminal);
    let terminal = console();
    // The rows come with the listing, the counts with the scan that was kept.
    terminal.wait_until("the scan of before", |text| {
        text.contains(", complete") && text.contains("1,500")
    });
    quits(terminal);
}
