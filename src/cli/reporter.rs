//! Messages for people, on standard error, separate from results.

use std::io::Write;

use super::Failure;
use crate::domain::command_line::CommandLine;
use crate::domain::text;

/// Prints messages to standard error, escaped.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reporter {
    quiet: bool,
}

#[expect(
    clippy::unused_self,
    reason = "what is said whatever was asked for is said in the same way"
)]
impl Reporter {
    /// A reporter that prints everything, or only errors.
    #[must_use]
    pub(crate) fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    /// A remark, not printed with `--quiet`.
    pub(crate) fn note(self, remark: &str) {
        if !self.quiet {
            say("", remark);
        }
    }

    /// A command to type next, after its purpose. It is printed without escaping.
    pub(crate) fn command(self, purpose: &str, command: &CommandLine) {
        if !self.quiet {
            let _ = writeln!(std::io::stderr(), "{}: {command}", text::safe(purpose));
        }
    }

    /// A gap in the results without an error. Printed even with `--quiet`, because the results would otherwise look
    /// complete.
    pub(crate) fn incomplete(self, remark: &str) {
        say("incomplete: ", remark);
    }

    /// A warning, printed even with `--quiet`.
    pub(crate) fn warning(self, remark: &str) {
        say("warning: ", remark);
    }

    /// An error with its further lines.
    pub(crate) fn error(self, failure: &Failure) {
        if failure.message.is_empty() {
            return;
        }
        say("error: ", &failure.message);
        for line in &failure.lines {
            say("  ", line);
        }
    }
}

fn say(before: &str, words: &str) {
    // If standard error is gone, nobody can be informed.
    let _ = writeln!(std::io::stderr(), "{before}{}", text::safe(words));
}
