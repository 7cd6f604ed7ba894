//! The progress line of a scan on standard error.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use crossterm::terminal;

use crate::domain::text;
use crate::domain::words::counted;
use crate::ops::scan::ScanProgress;

/// The interval of updates on a terminal and elsewhere.
const ON_TERMINAL: Duration = Duration::from_millis(200);
const IN_A_LOG: Duration = Duration::from_secs(10);

/// Shows progress: on a terminal in a line that changes, elsewhere in a new line from time to time.
pub(in crate::cli) struct ProgressLine {
    kind: Kind,
    shown: bool,
    last: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Silent,
    Changing,
    Lines,
}

impl ProgressLine {
    pub(crate) fn new(quiet: bool) -> Self {
        let kind = match (quiet, io::stderr().is_terminal()) {
            (true, _) => Kind::Silent,
            (false, true) => Kind::Changing,
            (false, false) => Kind::Lines,
        };
        Self {
            kind,
            shown: false,
            last: Instant::now(),
        }
    }

    /// The interval of updates.
    pub(crate) fn every(&self) -> Duration {
        match self.kind {
            Kind::Changing => ON_TERMINAL,
            Kind::Lines | Kind::Silent => IN_A_LOG,
        }
    }

    pub(crate) fn show(&mut self, progress: &ScanProgress) {
        self.show_words(&words(progress));
    }

    /// The same for any work. Text that fits on a line is escaped here.
    pub(crate) fn show_words(&mut self, words: &str) {
        // If standard error is gone, nobody can be informed.
        let _ = match self.kind {
            Kind::Silent => Ok(()),
            Kind::Lines => self.next_line(words),
            Kind::Changing => {
                self.shown = true;
                let line = text::clip(words, usable_columns());
                write!(io::stderr(), "\r{line}\x1b[K")
            }
        };
    }

    fn next_line(&mut self, words: &str) -> io::Result<()> {
        if self.last.elapsed() < IN_A_LOG {
            return Ok(());
        }
        self.last = Instant::now();
        writeln!(io::stderr(), "{}", text::safe(words))
    }

    /// Removes the line.
    pub(crate) fn end(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// All columns except one, because a terminal may wrap after the last one. Some terminals do not report their width.
fn usable_columns() -> usize {
    let columns = terminal::size().map_or(0, |(columns, _)| columns);
    usize::from(if columns == 0 { 80 } else { columns }) - 1
}

/// Formats as `120000 objects, 1.2 GiB, 45000/s, about 62% done, 12 s left, 3 retries`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate in whole objects and a share in whole percents"
)]
fn words(progress: &ScanProgress) -> String {
    let mut words = vec![
        counted(progress.objects, "object"),
        progress.bytes.to_string(),
        format!("{}/s", progress.rate as u64),
    ];
    if let Some(left) = &progress.left {
        words.push(format!("about {}% done", (left.done * 100.0) as u64));
        let time = left.time.map(|time| format!("{} left", duration(time)));
        words.extend(time);
    }
    if progress.retries > 0 {
        words.push(counted(progress.retries, "retry"));
    }
    words.join(", ")
}

/// A duration in one or two units, which is precise enough for an estimate.
fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ByteSize;
    use crate::ops::scan::Left;

    #[test]
    fn what_is_left_is_said_when_it_can_be_told() {
        let mut progress = ScanProgress {
            objects: 120_000,
            bytes: ByteSize(5 << 30),
            requests: 130,
            retries: 0,
            elapsed: Duration::from_secs(3),
            rate: 45_000.7,
            left: None,
        };
        assert_eq!(words(&progress), "120,000 objects, 5.0 GiB, 45000/s");
        progress.retries = 3;
        progress.left = Some(Left {
            done: 0.629,
            objects: 70_000,
            time: Some(Duration::from_secs(3_725)),
        });
        assert_eq!(
            words(&progress),
            "120,000 objects, 5.0 GiB, 45000/s, about 62% done, 1 h 2 min left, 3 retries"
        );
    }
}
