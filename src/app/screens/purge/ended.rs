//! How a purge ended, in a few lines: for the screen, and for the terminal when the console was quit meanwhile.

use crate::domain::advice::{Advice, advice};
use crate::domain::command_line::{CommandLine, where_it_was_made};
use crate::domain::receipt::{Outcome, Receipt};
use crate::domain::text::safe;
use crate::domain::words::{counted, counted_are};
use crate::ops::change::{Ended, Failure, Progress, WhyStopped};
use crate::tasks::{PurgeEnd, PurgePlan};

/// What became of the things of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    /// Deleted by this purge, listed again and gone.
    pub deleted: u64,
    /// Gone before this purge came to them.
    pub gone_before: u64,
    /// Still there for a reason.
    pub retained: u64,
    /// Still there although their deletion was tried.
    pub still_there: u64,
}

impl Counts {
    /// Of a receipt.
    #[must_use]
    pub(crate) fn of(receipt: &Receipt) -> Self {
        let mut counts = Self::default();
        for item in &receipt.items {
            *match item.outcome {
                Outcome::Deleted | Outcome::Done => &mut counts.deleted,
                Outcome::GoneBefore => &mut counts.gone_before,
                Outcome::Retained => &mut counts.retained,
                Outcome::StillThere => &mut counts.still_there,
            } += 1;
        }
        counts
    }

    /// What is still there.
    #[must_use]
    pub(crate) fn left(self) -> u64 {
        self.retained + self.still_there
    }
}

/// How far a purge came that stopped on the way. Nothing of it was listed again.
#[must_use]
pub(crate) fn so_far(progress: Progress, in_doubt: u64) -> String {
    format!(
        "the service said that {} done; {} failed, {} in doubt, and nothing was listed again",
        counted_are(progress.deleted, "thing"),
        counted(progress.failed, "thing"),
        counted_are(in_doubt, "thing")
    )
}

/// The command that goes on with a purge that stopped.
#[must_use]
pub(crate) fn command_to_go_on(plan: &PurgePlan, end: &PurgeEnd) -> String {
    let header = &plan.plan.header;
    CommandLine::new("purge")
        .option("--resume", &end.plan_file.to_string_lossy())
        .option("--blueprint", &plan.blueprint.name)
        .given(where_it_was_made(
            header.endpoint.as_deref(),
            &header.operator,
        ))
        .given(end.again.clone())
        .word("--write")
        .joined("--confirm", plan.user())
        .to_string()
}

/// What became of the copy of the receipt, and whether there is one.
#[must_use]
pub(crate) fn copy_words(copy: &Result<String, String>) -> (String, bool) {
    match copy {
        Ok(to) => (
            format!(
                "a copy of the receipt is {}, read back and the same",
                safe(to)
            ),
            true,
        ),
        Err(why) => (
            format!(
                "there is no copy of the receipt: {}; the receipt itself is safe",
                safe(why)
            ),
            false,
        ),
    }
}

/// The end in a few lines.
#[must_use]
pub(crate) fn words(plan: &PurgePlan, end: &PurgeEnd) -> Vec<String> {
    let user = safe(plan.user());
    let what = if plan.is_undo() {
        "undo of the soft purge"
    } else {
        "purge"
    };
    match &end.ended {
        Ok(Ended::Verified(verified)) => {
            let counts = Counts::of(&verified.receipt);
            let left = match counts.left() {
                0 => "nothing of the plan is left".to_owned(),
                left => format!("{} still there", counted_are(left, "thing")),
            };
            let mut lines = vec![
                format!(
                    "{what} of {user}: {} {} and listed again, {left}",
                    counted(counts.deleted, "thing"),
                    verified.receipt.act.done()
                ),
                format!("receipt: {}", verified.receipt_file.display()),
            ];
            lines.extend(end.copy.as_ref().map(|copy| copy_words(copy).0));
            lines
        }
        Ok(Ended::Stopped(stopped)) => {
            let why = match &stopped.why {
                WhyStopped::Interrupted => "it was stopped".to_owned(),
                WhyStopped::Problem(problem) => problem.on_command_line(),
                WhyStopped::File(why) => safe(why).into_owned(),
            };
            vec![
                format!("{what} of {user}: {why}"),
                so_far(stopped.progress, stopped.in_doubt),
                format!(
                    "to go on: 5 Purge in the console offers it, or {}",
                    command_to_go_on(plan, end)
                ),
            ]
        }
        Err(failure) => {
            let (why, advice) = refusal(failure);
            vec![
                format!("{what} of {user}: {why}; nothing was touched"),
                advice.command_line(),
            ]
        }
    }
}

/// Why nothing was touched, and what to do, in the words of the screen.
#[must_use]
pub(crate) fn refusal(failure: &Failure) -> (String, Advice) {
    match failure {
        Failure::Refused { why, advice } => (safe(why).into_owned(), advice.clone()),
        Failure::Problem(problem) => (problem.without_advice(), problem.advice.clone()),
        Failure::File(why) => (
            safe(why).into_owned(),
            advice!("nothing is deleted that cannot be written down first"),
        ),
    }
}
