//! What the command line says of a change that is carried out: of a purge as of an act on orphans.

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
use crate::domain::size::grouped;
use crate::ops::change::{Progress, Stopped, Verified, WhyStopped};

/// A thing of the plan and what became of it.
#[derive(Debug, Serialize)]
struct ChangeRow<'a> {
    #[serde(flatten)]
    item: ItemRow<'a>,
    outcome: &'static str,
    reason: Option<&'a str>,
}

impl<'a> ChangeRow<'a> {
    /// A thing of a plan; `sealed` is what the receipt says of it, where there is one.
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

/// Prints a plan thing by thing, with what became of each where there is a receipt, and then what it comes to.
pub(super) fn print<W: Write, T: Serialize>(
    session: &Session,
    schema: &'static str,
    (plan, receipt): (&Plan, Option<&Receipt>),
    totals: &T,
    output: W,
) -> Result<(), Failure> {
    let mut document = Document::begin::<ChangeRow<'_>>(session.look(), schema, output)?;
    for (at, item) in plan.items.iter().enumerate() {
        let sealed = receipt.and_then(|receipt| receipt.items.get(at));
        document.item(&ChangeRow::of(&plan.header.act, item, sealed))?;
    }
    document.end(totals, &notes(plan, receipt))?;
    Ok(())
}

/// What could not be searched: by the receipt, or by the plan while there is none.
fn notes(plan: &Plan, receipt: Option<&Receipt>) -> Vec<Note> {
    let gaps = receipt.map_or(&plan.header.not_searched, |receipt| &receipt.not_searched);
    let note = |gap: &NotSearched| Note {
        what: gap.what.clone(),
        why: gap.why.clone(),
    };
    gaps.iter().map(note).collect()
}

/// Says how far it came, on a terminal, until it has ended. `done` is what has become of a thing: `deleted`.
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

/// Things by what became of them, in the words of the act.
pub(super) fn outcomes(receipt: &Receipt) -> BTreeMap<&'static str, u64> {
    let mut outcomes = BTreeMap::new();
    for item in &receipt.items {
        *outcomes.entry(item.outcome.word(&receipt.act)).or_default() += 1;
    }
    outcomes
}

/// Why things are still as they were, and how many.
pub(super) fn left(receipt: &Receipt) -> BTreeMap<&str, u64> {
    let mut left = BTreeMap::new();
    for item in &receipt.items {
        if matches!(item.outcome, Outcome::Retained | Outcome::StillThere) {
            let why = item.reason.as_deref().unwrap_or_default();
            *left.entry(why).or_default() += 1;
        }
    }
    left
}

/// How the program exits by a receipt; `is_whole` is false where something was left out before.
pub(super) fn status(receipt: &Receipt, is_whole: bool) -> ExitStatus {
    let is_tried = |outcome| outcome == Outcome::StillThere;
    if receipt.items.iter().any(|item| is_tried(item.outcome)) {
        return ExitStatus::Failed;
    }
    let is_clear = receipt.appeared == 0 && receipt.not_searched.is_empty();
    if is_whole && is_clear && left(receipt).is_empty() {
        ExitStatus::Done
    } else {
        ExitStatus::Found
    }
}

/// Says that the plan is still there, where it is; `whose` keys it holds.
pub(super) fn kept(session: &Session, verified: &Verified, plan: &std::path::Path, whose: &str) {
    if !verified.plan_removed {
        session.voice().note(&format!(
            "the plan is kept, and holds {whose}: {}",
            plan.display()
        ));
    }
}

/// Says how far a change came that stopped on the way, why, and with which command it goes on.
pub(super) fn stopped(
    session: &Session,
    stopped: &Stopped,
    (so_far, last): (&str, &str),
    again: String,
) -> Result<ExitStatus, Failure> {
    session.voice().incomplete(&format!(
        "{so_far}, {} failed, {} are in doubt, and {last}",
        grouped(stopped.progress.failed),
        grouped(stopped.in_doubt)
    ));
    match &stopped.why {
        WhyStopped::Interrupted => {
            session.voice().note(&again);
            Ok(ExitStatus::Interrupted)
        }
        WhyStopped::Problem(problem) => Err(Failure::from(problem).advising(again)),
        WhyStopped::File(why) => Err(Failure::failed(why).advising(again)),
    }
}

/// A number of things in memory.
pub(super) fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
