//! The State screen, in a pseudo-terminal, on a world.

use tempfile::TempDir;

use crate::terminal::Terminal;

const ENTER: &str = "\r";
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
    terminal.wait("quikapp-media-prod");
    terminal.send("/quikapp-media-prod");
    terminal.wait("only rows that hold");
    terminal.send(ENTER);
    terminal.send("gg");
    terminal.send("s");
    terminal.wait("19 set");
    terminal.send("q");
}
