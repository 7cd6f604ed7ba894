//! Reads the audit log for display: every line, newest first, with the state of the chain.
//!
//! [`Audit::check`](super::audit::Audit::check) checks the whole chain. This module also reads a damaged log: a changed
//! line, a line after removed lines, a line truncated by a power failure.

use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::OpenOptionsExt;

use chrono::{DateTime, Utc};

use super::audit::{Audit, Entry, NOTHING};
use crate::domain::receipt::canonical;

/// Number of lines between two checks for cancellation.
const BETWEEN_QUESTIONS: u64 = 1_000;

/// The error in the chain at a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The line was changed: its own hash does not match.
    Changed,
    /// It does not follow the previous line: a line was removed, inserted or changed.
    Torn,
    /// It is not an entry: truncated or damaged.
    Unreadable,
}

impl Fault {
    /// Describes the error.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Changed => "this line was changed after it was written",
            Self::Torn => {
                "it does not follow the line before it: lines were taken out, put in or changed there"
            }
            Self::Unreadable => "this line cannot be read: it was cut short or damaged",
        }
    }
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1 for the oldest.
    pub number: u64,
    /// The time; `None` if unreadable.
    pub at: Option<DateTime<Utc>>,
    /// The case id of the change.
    pub case: String,
    /// The event.
    pub event: String,
    /// Buckets and numbers, as JSON.
    pub detail: String,
    /// The hash that the line contains.
    pub hash: String,
    /// The error, if any.
    pub fault: Option<Fault>,
}

/// The log, read once from start to end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trail {
    /// The lines, newest first.
    pub lines: Vec<Line>,
    /// The numbers of the lines where the chain is broken, oldest first.
    pub broken: Vec<u64>,
    /// The path of the log.
    pub file: String,
}

/// Reads the log as it is now; lines appended later are not included. `stop` is called from time to time.
///
/// # Errors
/// I/O errors. A log that does not exist has no lines.
pub fn read(audit: &Audit, stop: &dyn Fn() -> bool) -> io::Result<Trail> {
    let path = audit.path();
    let mut trail = Trail {
        file: path.display().to_string(),
        ..Trail::default()
    };
    let opened = std::fs::OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC)
        .open(path);
    let file = match opened {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(trail),
        opened => opened?,
    };
    // While nobody holds the lock, all lines are complete. Existing lines never change.
    file.lock_shared()?;
    let length = file.metadata()?.len();
    file.unlock()?;
    let mut head = NOTHING.to_owned();
    for (bytes, number) in BufReader::new(file.take(length)).split(b'\n').zip(1..) {
        if u64::is_multiple_of(number, BETWEEN_QUESTIONS) && stop() {
            break;
        }
        let (line, next) = judge(number, &bytes?, &head);
        head = next;
        if line.fault.is_some() {
            trail.broken.push(number);
        }
        trail.lines.push(line);
    }
    trail.lines.reverse();
    Ok(trail)
}

/// Checks a line. Also returns the hash that the next line must contain.
fn judge(number: u64, bytes: &[u8], head: &str) -> (Line, String) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(entry) = serde_json::from_str::<Entry>(&text) else {
        let line = Line {
            number,
            at: None,
            case: String::new(),
            event: String::new(),
            detail: text.chars().take(200).collect(),
            hash: String::new(),
            fault: Some(Fault::Unreadable),
        };
        return (line, canonical::digest(&text));
    };
    let is_own = entry
        .clone()
        .hashed()
        .is_ok_and(|again| again.hash == entry.hash);
    let fault = if !is_own {
        Some(Fault::Changed)
    } else if entry.previous != head {
        Some(Fault::Torn)
    } else {
        None
    };
    let line = Line {
        number,
        at: Some(entry.at),
        detail: serde_json::to_string(&entry.detail).unwrap_or_default(),
        case: entry.case,
        event: entry.event,
        hash: entry.hash.clone(),
        fault,
    };
    (line, entry.hash)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn log() -> (tempfile::TempDir, Audit) {
        let home = tempfile::tempdir().unwrap();
        let audit = Audit::of(home.path()).unwrap();
        for n in 0..4 {
            let event = if n % 2 == 0 { "sent" } else { "answered" };
            audit.append("case", event, json!({ "items": n })).unwrap();
        }
        (home, audit)
    }

    fn faults(audit: &Audit) -> Vec<(u64, Fault)> {
        let trail = read(audit, &|| false).unwrap();
        let faults: Vec<_> = trail
            .lines
            .iter()
            .rev()
            .filter_map(|line| Some((line.number, line.fault?)))
            .collect();
        let numbers: Vec<u64> = faults.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, trail.broken);
        faults
    }

    #[test]
    fn the_newest_line_comes_first_and_a_whole_chain_has_no_faults() {
        let (_home, audit) = log();
        let trail = read(&audit, &|| false).unwrap();
        let numbers: Vec<u64> = trail.lines.iter().map(|line| line.number).collect();
        assert_eq!(numbers, [4, 3, 2, 1]);
        assert_eq!(trail.lines[0].detail, "{\"items\":3}");
        assert_eq!(trail.lines[0].hash, audit.head().unwrap());
        assert!(trail.broken.is_empty());
    }

    #[test]
    fn a_log_that_was_never_begun_has_no_lines_and_reading_it_makes_none() {
        let home = tempfile::tempdir().unwrap();
        let audit = Audit::of(home.path()).unwrap();
        assert_eq!(read(&audit, &|| false).unwrap().lines, []);
        assert!(!audit.path().exists());
    }

    #[test]
    fn each_kind_of_damage_is_told_at_its_line_and_the_rest_is_told_all_the_same() {
        use Fault::{Changed, Torn, Unreadable};
        let (_home, audit) = log();
        let whole = std::fs::read_to_string(audit.path()).unwrap();
        let lines: Vec<&str> = whole.lines().collect();
        for (damaged, expected) in [
            (
                whole.replace("\"items\":1", "\"items\":7"),
                vec![(2, Changed)],
            ),
            ([lines[0], lines[2], lines[3]].join("\n"), vec![(2, Torn)]),
            ([lines[0], lines[0], lines[1]].join("\n"), vec![(2, Torn)]),
            (
                [lines[0], "{\"at\":", lines[1]].join("\n"),
                vec![(2, Unreadable), (3, Torn)],
            ),
        ] {
            std::fs::write(audit.path(), format!("{}\n", damaged.trim_end())).unwrap();
            assert_eq!(faults(&audit), expected);
        }
    }

    #[test]
    fn what_the_power_cut_short_is_the_only_fault_of_a_log_that_went_on() {
        let (_home, audit) = log();
        let mut text = std::fs::read_to_string(audit.path()).unwrap();
        text.push_str("{\"at\":\"2026");
        std::fs::write(audit.path(), text).unwrap();
        audit.append("case", "went-on", json!({})).unwrap();
        assert_eq!(faults(&audit), [(5, Fault::Unreadable)]);
    }
}
