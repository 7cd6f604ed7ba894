//! What `purge` says and prints.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;

use super::plan::Prepared;
use crate::cli::args::Format;
use crate::cli::find::{GroupRow, about_id, table};
use crate::cli::session::Session;
use crate::cli::{ExitStatus, Failure, changes};
use crate::domain::change::Act;
use crate::domain::receipt::Outcome;
use crate::domain::search::OtherBuckets;
use crate::domain::size::grouped;
use crate::domain::text::{self, shell_quote};
use crate::ops::change::elsewhere::Copy;
use crate::ops::change::{Stopped, Verified};
use crate::ops::find;

const SCHEMA: &str = "s3warden/purge/1";

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
            markers(changes::count(soft.markers.len()))
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
    for remark in &prepared.remarks {
        voice.warning(&crate::domain::text::safe(remark));
    }
    if let Some(living) = &prepared.likeness {
        voice.warning(&format!(
            "the list of users holds {living:?}, which looks like this id: make sure that this is whom you mean"
        ));
    }
    for gap in &prepared.plan.header.not_searched {
        voice.incomplete(&format!("{}: {}", gap.what, gap.why));
    }
    let other_buckets = prepared.plan.header.other_buckets.as_ref();
    if let Some(words) = other_buckets.and_then(OtherBuckets::words) {
        voice.note(&words);
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
        things(changes::count(prepared.plan.items.len())),
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
        changes::count(items.filter(|item| item.outcome == outcome).count())
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
    for (why, count) in changes::left(receipt) {
        voice.warning(&format!("{} still there: {why}", are(count)));
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
    for list in &verified.lists_removed {
        voice.note(&format!(
            "removed the list of an earlier --soft purge, for what it names is gone: {}; that receipt stays, and cannot be undone any more",
            list.display()
        ));
    }
    changes::kept(session, verified, &prepared.file, "the user's keys");
    Ok(changes::status(receipt, true))
}

/// Says how far a purge came that stopped on the way.
pub(super) fn stopped(
    prepared: &Prepared,
    stopped: &Stopped,
    session: &Session,
) -> Result<ExitStatus, Failure> {
    let again = format!(
        "to go on: s3warden purge --resume {} --blueprint {} --write --confirm={}",
        shell_quote(&prepared.file.to_string_lossy()),
        shell_quote(session.settings.blueprint.as_deref().unwrap_or_default()),
        shell_quote(prepared.user())
    );
    let so_far = format!(
        "the service said of {} that they are {}",
        things(stopped.progress.deleted),
        prepared.plan.header.act.done()
    );
    let last = "nothing was listed again";
    changes::stopped(session, stopped, (&so_far, last), again)
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
        planned: changes::count(items.len()),
        size: prepared.plan.bytes().bytes(),
        outcomes: receipt.map(changes::outcomes).unwrap_or_default(),
        appeared: receipt.map_or(0, |receipt| receipt.appeared),
        receipt: verified.map(|verified| verified.receipt_file.display().to_string()),
        receipt_page: verified.map(|verified| verified.page_file.display().to_string()),
        groups: groups.iter().map(GroupRow::of).collect(),
    };
    if session.settings.format == Format::Table {
        return table(&groups, session, output);
    }
    changes::print(session, SCHEMA, (&prepared.plan, receipt), &totals, output)
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
