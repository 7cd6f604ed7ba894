//! What the program says to people while it works: on standard error, never mixed into results.

use std::io::Write;

use super::Failure;
use crate::domain::command_line::CommandLine;
use crate::domain::text;

/// Speaks on standard error. Whatever it is given is made safe to show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reporter {
    quiet: bool,
}

#[expect(
    clippy::unused_self,
    reason = "what is said whatever was asked for is said in the same way"
)]
impl Reporter {
    /// A voice that says everything, or errors only.
    #[must_use]
    pub(crate) fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    /// A remark that is left out when errors alone were asked for.
    pub(crate) fn note(self, remark: &str) {
        if !self.quiet {
            say("", remark);
        }
    }

    /// A command to type next, after what it is for. It is shown as it is.
    pub(crate) fn command(self, purpose: &str, command: &CommandLine) {
        if !self.quiet {
            let _ = writeln!(std::io::stderr(), "{}: {command}", text::safe(purpose));
        }
    }

    /// What results leave out, although the run did not fail. Said even when errors alone were asked for: without it
    /// they would look complete.
    pub(crate) fn incomplete(self, remark: &str) {
        say("incomplete: ", remark);
    }

    /// A doubt about what was done as asked. Said even when errors alone were asked for.
    pub(crate) fn warning(self, remark: &str) {
        say("warning: ", remark);
    }

    /// A failure, with its further lines.
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
    // Where standard error is gone, nobody is left to be told so.
    let _ = writeln!(std::io::stderr(), "{before}{}", text::safe(words));
}
