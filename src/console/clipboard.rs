//! Copies text through the terminal with OSC 52, which also works over ssh.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The maximum text length that terminals are known to accept for OSC 52, in bytes before encoding.
const LONGEST: usize = 74_994;

/// Sends a text to the terminal's clipboard. Returns what was sent, or why it was not. A terminal does not confirm it.
pub(super) fn copy(terminal: &mut impl Write, text: &str) -> Result<String, String> {
    if text.len() > LONGEST {
        return Err(format!(
            "not copied: {} bytes are more than terminals take ({LONGEST})",
            text.len()
        ));
    }
    write(terminal, text)
        .map_err(|why| format!("not copied: the terminal could not be written to ({why})"))?;
    Ok(format!("{} characters", text.chars().count()))
}

fn write(terminal: &mut impl Write, text: &str) -> io::Result<()> {
    write!(terminal, "\x1b]52;c;{}\x07", STANDARD.encode(text))?;
    terminal.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_exact_and_cannot_break_out_of_its_escape_sequence() {
        let mut sent = Vec::new();
        copy(&mut sent, "a\x07\x1b]b\u{202e}").unwrap();
        let sent = String::from_utf8(sent).unwrap();
        let inside = sent
            .strip_prefix("\x1b]52;c;")
            .unwrap()
            .strip_suffix('\x07')
            .unwrap();
        assert_eq!(
            STANDARD.decode(inside).unwrap(),
            "a\x07\x1b]b\u{202e}".as_bytes()
        );
    }

    #[test]
    fn a_text_that_terminals_would_cut_is_not_sent_at_all() {
        let mut sent = Vec::new();
        assert!(copy(&mut sent, &"x".repeat(LONGEST + 1)).is_err());
        assert!(sent.is_empty());
    }
}
