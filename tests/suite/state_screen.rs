//! The State screen, in a pseudo-terminal, on a world through the wire.

use tempfile::TempDir;

use crate::terminal::Terminal;

const ENTER: &str = "\r";
const ESC: &str = "\x1b";
const RIGHT: &str = "\x1b[C";

#[test]
fn the_state_of_a_bucket_is_told_tab_by_tab() {
    let home = TempDir::new().unwrap();
    let mut terminal = Terminal::start(
        home.path(),
        (160, 50),
        &["demo", "--world", "quikapp"],
        &[("NO_COLOR", "1")],
    );
    terminal.wait("quikapp-media-prod-eu");
    terminal.send(&format!(":s3://quikapp-media-prod{ENTER}"));
    terminal.wait("quikapp-media-prod › by owner");
    terminal.send("s");
    let shown = terminal.wait_until("the configuration, contents and sizes", |text| {
        text.contains("New objects are encrypted with KMS key")
            && text.contains("every version, listed")
            && text.contains("Estimate: ")
    });
    assert!(shown.contains("DEEP_ARCHIVE"), "{shown}");
    terminal.send(RIGHT);
    let shown = terminal.wait("no key begins with photos/: keys begin with {workspace}/");
    assert!(
        shown.contains("IA 30 d → GLACIER 90 d → delete 365 d"),
        "{shown}"
    );
    terminal.send(RIGHT);
    let shown = terminal.wait_until("the alarms", |text| {
        text.contains("QuikApp-S3-Requests-High") && text.contains("StandardStorage")
    });
    assert!(shown.contains("alarm-never-has-data"), "{shown}");
    terminal.send(RIGHT);
    terminal.wait("lifecycle-rule-matches-nothing");
    terminal.send("y");
    terminal.wait("sent to the terminal's clipboard");
    terminal.send(RIGHT);
    terminal.wait("<ServerSideEncryptionConfiguration>");
    terminal.send("7");
    let tasks = terminal.wait("ask CloudWatch");
    assert!(tasks.contains("audit"), "{tasks}");
    terminal.send("3");
    terminal.wait("<ServerSideEncryptionConfiguration>");
    terminal.send(ESC);
    terminal.wait("quikapp-media-prod › by owner");
}

#[test]
fn a_scan_takes_the_place_of_cloudwatchs_figures() {
    let home = TempDir::new().unwrap();
    let mut terminal = Terminal::start(
        home.path(),
        (120, 36),
        &["demo", "--world", "leadfactory"],
        &[],
    );
    terminal.wait("leadshop-assets");
    terminal.send(&format!("/leadshop-assets{ENTER}"));
    terminal.wait("only rows that hold");
    terminal.send("s");
    terminal.wait("every version, listed");
    terminal.send("S");
    terminal.wait("every current object, scanned");
}
