//! What `purge` says and prints.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};

use serde::Serialize;
use tokio::sync::watch;

use super::plan::Prepared;
use crate::cli::args::Format;
use crate::cli::find::{GroupRow, ItemRow, about_id, table};
use crate::cli::formats::{Column, Document, Note, Record};
use crate::cli::session::Session;
use crate::cli::{ExitStatus, Failure};
use crate::domain::change::{Act, Item};
use crate::domain::receipt::{Outcome, Receipt, SealedItem};
use crate::domain::size::grouped;
use crate::domain::text::{self, shell_quote};
use crate::ops::change::elsewhere::Copy;
use crate::ops::change::{Progress, Stopped, Verified, WhyStopped};
use crate::ops::find;

const SCHEMA: &str = "s3warden/purge/1";

/// A thing of the plan and what became of it.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct PurgeRow<'a> {
    #[serde(flatten)]
    item: ItemRow<'a>,
    outcome: &'static str,
    reason: Option<&'a str>,
}

impl<'a> PurgeRow<'a> {
    /// A thing of a plan; `sealed` is what the receipt says of it, where there is one.
    pub(in crate::cli) fn of(act: &Act, item: &'a Item, sealed: Option<&'a SealedItem>) -> Self {
        Self {
            item: ItemRow::of(item),
            outcome: sealed.map_or("planned", |sealed| sealed.outcome.word(act)),
            reason: sealed.and_then(|sealed| sealed.reason.as_deref()),
        }
    }
}

impl Record for PurgeRow<'_> {
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

#[derive(Debug, Serialize)]
struct Totals<'a> {
    user: &'a str,
    case: &'a str,
    blueprint: &'a str,
    plan: Option<String>,
    existence: String,
    planned: u64,
    size: u64,
    outcomes: BTreeMap<&'static str, u64>,
    appeared: u64,
    receipt: Option<String>,
    receipt_page: Option<String>,
    groups: Vec<GroupRow<'a>>,
}

/// What stands against it, and what to know, before anything else.
pub(super) fn before(prepared: &Prepared, session: &Session) {
    let voice = session.voice();
    if let Some(soft) = &prepared.undoes {
        voice.note(&format!(
            "undoes the soft purge {} of {}, which made {}",
            soft.receipt.case,
            soft.receipt.verified_at.format("%Y-%m-%d %H:%M UTC"),
            markers(count(soft.markers.len()))
        ));
        return;
    }
    voice.note(&format!(
        "does the user still exist? {}",
        prepared.existence.words()
    ));
    if prepared.plan.header.act == Act::Mark {
        voice.note(
            "soft: current objects are hidden behind delete markers; nothing is deleted, and older versions and \
             uploads stay as they are",
        );
    }
    if let Some(living) = &prepared.likeness {
        voice.warning(&format!(
            "the list of users holds {living:?}, which looks like this id: make sure that this is whom you mean"
        ));
    }
    for gap in &prepared.plan.header.not_searched {
        voice.incomplete(&format!("{}: {}", gap.what, gap.why));
    }
    let Some((found, blockers)) = &prepared.fresh else {
        return;
    };
    if let Ok(Some(owner)) = prepared.plan.owner() {
        // The items stand in the plan.
        for words in about_id(&owner, found, prepared.plan.items.is_empty()) {
            voice.note(&words);
        }
    }
    for bucket in &blockers.mfa {
        voice.warning(&format!(
            "{bucket} wants a second factor for every deletion (MFA delete): the plan cannot be carried out"
        ));
    }
    let mut by_reason: BTreeMap<&str, u64> = BTreeMap::new();
    for why in blockers.locked.values() {
        *by_reason.entry(why).or_default() += 1;
    }
    for (why, count) in by_reason {
        voice.warning(&format!("{} will be left there: {why}", things(count)));
    }
    if blockers.lagging > 0 {
        voice.warning(&format!(
            "{} still being replicated: copies may appear later; look again with `s3warden find`",
            are(blockers.lagging)
        ));
    }
    for early in &blockers.early {
        let cost = early.estimate.map_or(String::new(), |cost| {
            format!(", about ${cost:.2} for the rest")
        });
        voice.note(&format!(
            "{} in {} ({}) younger than the {} days that are paid for{cost}",
            are(early.items),
            early.class,
            early.bytes,
            early.minimum_days
        ));
    }
    for gap in &blockers.unknown {
        voice.warning(&format!("{}: {}", gap.what, gap.why));
    }
}

/// Prints a plan that is not carried out, and says how it would be.
pub(super) fn plan<W: Write>(
    prepared: &Prepared,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    print(prepared, None, session, output)?;
    if prepared.plan.items.is_empty() {
        let done = prepared.plan.header.act.done();
        let words = if done == "deleted" {
            "there is nothing to delete".to_owned()
        } else {
            format!("there is nothing to be {done}")
        };
        session.voice().note(&words);
        return Ok(ExitStatus::Done);
    }
    let words = format!(
        "planned: {} to be {}, {}; nothing was changed. The plan, which holds the user's keys, is {}; never begun, it is \
         removed after a week",
        things(count(prepared.plan.items.len())),
        prepared.plan.header.act.done(),
        prepared.plan.bytes(),
        prepared.file.display()
    );
    session.voice().note(&words);
    session.voice().note(&format!(
        "to carry it out: s3warden purge --plan {} --blueprint {} --write --execute --confirm={}",
        shell_quote(&prepared.file.to_string_lossy()),
        shell_quote(session.settings.blueprint.as_deref().unwrap_or_default()),
        shell_quote(prepared.user())
    ));
    Ok(ExitStatus::Done)
}

/// Says how far it came, on a terminal, until it has ended.
pub(super) async fn progress(
    session: &Session,
    act: &Act,
    progress: &mut watch::Receiver<Progress>,
) {
    let shows = !session.settings.quiet && std::io::stderr().is_terminal();
    while progress.changed().await.is_ok() {
        let now = *progress.borrow_and_update();
        if shows {
            let words = format!(
                "{} of {} {}, {} failed",
                grouped(now.deleted),
                grouped(now.planned),
                act.done(),
                grouped(now.failed)
            );
            let _ = write!(std::io::stderr(), "\r{words}\x1b[K");
        }
    }
    if shows {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
}

/// Prints what became of everything.
pub(super) fn verified<W: Write>(
    prepared: &Prepared,
    verified: &Verified,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    print(prepared, Some(verified), session, output)?;
    let voice = session.voice();
    let receipt = &verified.receipt;
    let of = |outcome: Outcome| {
        let items = receipt.items.iter();
        count(items.filter(|item| item.outcome == outcome).count())
    };
    let before = grouped(of(Outcome::GoneBefore));
    voice.note(&match receipt.act {
        Act::Delete => format!(
            "{} deleted and listed again: gone; {before} gone before",
            things(of(Outcome::Deleted))
        ),
        Act::Mark => format!(
            "{} hidden and listed again: still stored, each behind a delete marker; {before} gone or hidden before",
            things(of(Outcome::Done))
        ),
        Act::Unmark { .. } => format!(
            "{} taken away and listed again: gone; {before} gone before",
            markers(of(Outcome::Deleted))
        ),
        Act::Tag { .. } | Act::Untag | Act::CopyAside | Act::CopyBack => format!(
            "{} {} and looked at again; {before} before",
            things(of(Outcome::Done)),
            receipt.act.done()
        ),
    });
    let mut left: BTreeMap<&str, u64> = BTreeMap::new();
    for item in &receipt.items {
        if matches!(item.outcome, Outcome::Retained | Outcome::StillThere) {
            *left
                .entry(item.reason.as_deref().unwrap_or_default())
                .or_default() += 1;
        }
    }
    for (why, count) in &left {
        voice.warning(&format!("{} still there: {why}", are(*count)));
    }
    if receipt.appeared > 0 {
        voice.warning(&format!(
            "{} there that the plan does not hold: make a new plan",
            are(receipt.appeared)
        ));
    }
    voice.note(&format!("receipt: {}", verified.receipt_file.display()));
    if receipt.markers.is_some() {
        voice.note(&format!(
            "to undo it: s3warden purge {} --undo {} --blueprint {} --write --execute --confirm={}",
            shell_quote(prepared.user()),
            shell_quote(&verified.receipt_file.to_string_lossy()),
            shell_quote(session.settings.blueprint.as_deref().unwrap_or_default()),
            shell_quote(prepared.user())
        ));
    }
    for note in receipt
        .conditions
        .iter()
        .filter_map(|note| note.left.as_ref())
    {
        voice.warning(&format!(
            "an object of our own could not be taken away again: {note}"
        ));
    }
    for (file, what) in [
        (&receipt.markers, "delete markers that were made"),
        (&receipt.invalidation, "paths that a CDN may still answer"),
    ] {
        if let Some(file) = file {
            voice.note(&format!(
                "beside it {} {what}, which are the user's keys: {}",
                grouped(file.entries),
                verified.receipt_file.with_file_name(&file.file).display()
            ));
        }
    }
    if !verified.plan_removed {
        voice.note(&format!(
            "the plan is kept, and holds the user's keys: {}",
            prepared.file.display()
        ));
    }
    if of(Outcome::StillThere) > 0 {
        return Ok(ExitStatus::Failed);
    }
    let is_all = left.is_empty() && receipt.appeared == 0 && receipt.not_searched.is_empty();
    Ok(if is_all {
        ExitStatus::Done
    } else {
        ExitStatus::Found
    })
}

/// Says how far a purge came that stopped on the way.
pub(super) fn stopped(
    prepared: &Prepared,
    stopped: &Stopped,
    session: &Session,
) -> Result<ExitStatus, Failure> {
    let progress = stopped.progress;
    session.voice().incomplete(&format!(
        "the service said of {} that they are {}, {} failed, {} are in doubt, and nothing was listed again",
        things(progress.deleted),
        prepared.plan.header.act.done(),
        grouped(progress.failed),
        grouped(stopped.in_doubt)
    ));
    let again = format!(
        "to go on: s3warden purge --resume {} --blueprint {} --write --confirm={}",
        shell_quote(&prepared.file.to_string_lossy()),
        shell_quote(session.settings.blueprint.as_deref().unwrap_or_default()),
        shell_quote(prepared.user())
    );
    match &stopped.why {
        WhyStopped::Interrupted => {
            session.voice().note(&again);
            Ok(ExitStatus::Interrupted)
        }
        WhyStopped::Problem(problem) => Err(Failure::from(problem).advising(again)),
        WhyStopped::File(why) => Err(Failure::failed(why).advising(again)),
    }
}

/// Says where the copy of the receipt is.
pub(super) fn copied(to: &Copy, session: &Session) {
    let key = text::safe(to.key.as_str()).into_owned();
    session.voice().note(&format!(
        "a copy of the receipt is s3://{}/{key}, read back and the same",
        to.bucket
    ));
}

fn print<W: Write>(
    prepared: &Prepared,
    verified: Option<&Verified>,
    session: &Session,
    output: W,
) -> Result<(), Failure> {
    let items = &prepared.plan.items;
    let header = &prepared.plan.header;
    let groups = find::groups(items);
    let receipt = verified.map(|verified| &verified.receipt);
    let kept = !items.is_empty() && verified.is_none_or(|verified| !verified.plan_removed);
    let totals = Totals {
        user: prepared.user(),
        case: &header.case,
        blueprint: &header.blueprint,
        plan: kept.then(|| prepared.file.display().to_string()),
        existence: prepared.existence.words(),
        planned: count(items.len()),
        size: prepared.plan.bytes().bytes(),
        outcomes: receipt.map(outcomes).unwrap_or_default(),
        appeared: receipt.map_or(0, |receipt| receipt.appeared),
        receipt: verified.map(|verified| verified.receipt_file.display().to_string()),
        receipt_page: verified.map(|verified| verified.page_file.display().to_string()),
        groups: groups.iter().map(GroupRow::of).collect(),
    };
    let gaps = receipt.map_or(&header.not_searched, |receipt| &receipt.not_searched);
    let notes: Vec<Note> = gaps
        .iter()
        .map(|gap| Note {
            what: gap.what.clone(),
            why: gap.why.clone(),
        })
        .collect();
    if session.settings.format == Format::Table {
        return table(&groups, session, output);
    }
    let mut document = Document::begin::<PurgeRow<'_>>(session.look(), SCHEMA, output)?;
    for (at, item) in items.iter().enumerate() {
        let sealed = receipt.and_then(|receipt| receipt.items.get(at));
        document.item(&PurgeRow::of(&header.act, item, sealed))?;
    }
    document.end(&totals, &notes)?;
    Ok(())
}

pub(in crate::cli) fn outcomes(receipt: &Receipt) -> BTreeMap<&'static str, u64> {
    let mut outcomes = BTreeMap::new();
    for item in &receipt.items {
        *outcomes.entry(item.outcome.word(&receipt.act)).or_default() += 1;
    }
    outcomes
}

/// `1 thing`, `1,204 things`.
fn things(count: u64) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} thing{plural}", grouped(count))
}

/// `1 delete marker`, `2 delete markers`.
fn markers(count: u64) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} delete marker{plural}", grouped(count))
}

/// `1 thing is`, `2 things are`.
fn are(count: u64) -> String {
    format!(
        "{} {}",
        things(count),
        if count == 1 { "is" } else { "are" }
    )
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
