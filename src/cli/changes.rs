//! Output about a change, shared by purge and acts on orphans.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};

use serde::Serialize;
use tokio::sync::watch;

use super::find::ItemRow;
use super::formats::{Column, Document, Note, Record};
use super::session::Session;
use super::{ExitStatus, Failure};
use crate::domain::change::plan::NotSearched;
use crate::domain::change::{Act, Item, Plan};
use crate::domain::receipt::{Outcome, Receipt, SealedItem};
use crate::domain::size::{grouped, whole};
use crate::domain::words;
use crate::ops::change::{Progress, Stopped, Verified, WhyStopped};

/// An item of the plan with its outcome.
#[derive(Debug, Serialize)]
struct ChangeRow<'a> {
    #[serde(flatten)]
    item: ItemRow<'a>,
    outcome: &'static str,
    reason: Option<&'a str>,
}

impl<'a> ChangeRow<'a> {
    /// A row for an item; `sealed` is its entry in the receipt, if there is one.
    fn of(act: &Act, item: &'a Item, sealed: Option<&'a SealedItem>) -> Self {
        Self {
            item: ItemRow::of(item),
            outcome: sealed.map_or("planned", |sealed| sealed.outcome.word(act)),
            reason: sealed.and_then(|sealed| sealed.reason.as_deref()),
        }
    }
}

impl Record for ChangeRow<'_> {
    const FIELDS: &'static [&'static str] = ItemRow::FIELDS_AND_OUTCOME;
    const COLUMNS: &'static [Column] = &[
        Column::words("OUTCOME", 12),
        Column::words("WHAT", 16),
        Column::numbers("BYTES", 10),
        Column::words("OBJECT", 60),
        Column::words("WHY", 0),
    ];

    fn cells(&self) -> Vec<String> {
        self.item.outcome_cells(self.outcome, self.reason)
    }
}

/// Reports what the verification could not list. Gaps of the plan itself were already reported.
pub(super) fn say_not_searched(session: &Session, plan: &Plan, receipt: &Receipt) {
    for gap in beyond(&plan.header.not_searched, &receipt.not_searched) {
        let words = format!("{}: {}", gap.what, gap.why);
        session.reporter().incomplete(&words);
    }
}

/// The gaps of the verification that the plan did not have.
fn beyond<'r>(
    planned: &'r [NotSearched],
    verified: &'r [NotSearched],
) -> impl Iterator<Item = &'r NotSearched> {
    verified.iter().filter(|gap| !planned.contains(gap))
}

/// Prints the items of a plan, with their outcomes if there is a receipt, and then the totals. `left_out` has items
/// that are not in the plan.
pub(super) fn print<W: Write, T: Serialize>(
    session: &Session,
    schema: &'static str,
    (plan, receipt): (&Plan, Option<&Receipt>),
    left_out: &[Note],
    totals: &T,
    output: W,
) -> Result<(), Failure> {
    let mut document = Document::begin::<ChangeRow<'_>>(session.look(), schema, output)?;
    for (at, item) in plan.items.iter().enumerate() {
        let sealed = receipt.and_then(|receipt| receipt.items.get(at));
        document.item(&ChangeRow::of(&plan.header.act, item, sealed))?;
    }
    document.end(totals, &[left_out, &notes(plan, receipt)].concat())?;
    Ok(())
}

/// Why a result is incomplete: what could not be searched and, according to the receipt, what is left and what
/// appeared. There are no notes exactly if the receipt [is whole](Receipt::is_whole).
pub(super) fn notes(plan: &Plan, receipt: Option<&Receipt>) -> Vec<Note> {
    let gaps = receipt.map_or(&plan.header.not_searched, |receipt| &receipt.not_searched);
    let note = |gap: &NotSearched| Note {
        what: gap.what.clone(),
        why: gap.why.clone(),
    };
    let mut notes: Vec<Note> = gaps.iter().map(note).collect();
    let Some(receipt) = receipt else {
        return notes;
    };
    for (why, count) in receipt.left() {
        notes.push(Note {
            what: format!("{} left", words::counted_are(count, "thing")),
            why: why.to_owned(),
        });
    }
    if receipt.appeared > 0 {
        notes.push(Note {
            what: appeared(receipt),
            why: "the plan does not hold them: make a new plan".to_owned(),
        });
    }
    notes
}

/// Describes the new items that are not in the plan.
pub(super) fn appeared(receipt: &Receipt) -> String {
    let found = words::counted_were(receipt.appeared, "thing");
    format!("{found} found beside the plan, and left alone")
}

/// Shows the progress on a terminal until the change ends. `done` is the past participle, such as `deleted`.
pub(super) async fn progress(
    session: &Session,
    done: &str,
    progress: &mut watch::Receiver<Progress>,
) {
    let shows = !session.settings.quiet && std::io::stderr().is_terminal();
    while progress.changed().await.is_ok() {
        let now = *progress.borrow_and_update();
        if shows {
            let words = format!(
                "{} of {} {done}, {} failed",
                grouped(now.deleted),
                grouped(now.planned),
                grouped(now.failed)
            );
            let _ = write!(std::io::stderr(), "\r{words}\x1b[K");
        }
    }
    if shows {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
}

/// Counts of items by outcome, in the words of the act.
pub(super) fn outcomes(receipt: &Receipt) -> BTreeMap<&'static str, u64> {
    let mut outcomes = BTreeMap::new();
    for item in &receipt.items {
        *outcomes.entry(item.outcome.word(&receipt.act)).or_default() += 1;
    }
    outcomes
}

/// The exit status for a receipt; `is_whole` is false if something was left out before.
pub(super) fn status(receipt: &Receipt, is_whole: bool) -> ExitStatus {
    if receipt.count(Outcome::StillThere) > 0 {
        return ExitStatus::Failed;
    }
    if is_whole && receipt.is_whole() {
        ExitStatus::Done
    } else {
        ExitStatus::Found
    }
}

/// Reports that the plan was kept, with its path; `whose` keys it contains.
pub(super) fn kept(session: &Session, verified: &Verified, plan: &std::path::Path, whose: &str) {
    if !verified.plan_removed {
        session.reporter().note(&format!(
            "the plan is kept, and holds {whose}: {}",
            plan.display()
        ));
    }
    let removed = whole(verified.other_plans.removed.len());
    if removed > 0 {
        session.reporter().note(&format!(
            "removed {} of the same user from the state folder",
            words::counted(removed, "other plan")
        ));
    }
    for plan in &verified.other_plans.left {
        session.reporter().warning(&format!(
            "another plan of the same user is still there, and holds {whose}: {}; remove it",
            plan.display()
        ));
    }
}

/// Reports how far a stopped change got, why it stopped, and the command that resumes it.
pub(super) fn stopped(
    session: &Session,
    stopped: &Stopped,
    (so_far, last): (&str, &str),
    again: String,
) -> Result<ExitStatus, Failure> {
    session.reporter().incomplete(&format!(
        "{so_far}, {} failed, {} in doubt, and {last}",
        words::counted(stopped.progress.failed, "thing"),
        words::counted_are(stopped.in_doubt, "thing")
    ));
    match &stopped.why {
        WhyStopped::Interrupted => {
            session.reporter().note(&again);
            Ok(ExitStatus::Interrupted)
        }
        WhyStopped::Problem(problem) => Err(Failure::from(problem).advising(again)),
        WhyStopped::File(why) => Err(Failure::failed(why).advising(again)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_was_not_searched_the_verification_adds_what_the_plan_did_not_say() {
        let gap = |what: &str, why: &str| NotSearched {
            what: what.to_owned(),
            why: why.to_owned(),
        };
        let planned = [gap("media", "access was denied"), gap("logs", "gone")];
        let verified = [
            gap("media", "access was denied"),
            gap("media", "the listing broke off"),
            gap("previews", "access was denied"),
        ];
        let said: Vec<_> = beyond(&planned, &verified).collect();
        assert_eq!(said, [&verified[1], &verified[2]]);
        assert_eq!(beyond(&verified, &verified).count(), 0);
    }
}
