//! The output of `purge`.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;

use super::PurgeArgs;
use super::gate::{self, Obstacle};
use super::plan::{Fresh, Prepared};
use crate::cli::args::Format;
use crate::cli::find::{GroupRow, UnexplainedRow, about_id, table};
use crate::cli::session::Session;
use crate::cli::{ExitStatus, Failure, changes, next};
use crate::domain::change::plan::ContestedIn;
use crate::domain::change::{Act, Operator, OperatorSource};
use crate::domain::receipt::Outcome;
use crate::domain::search::{OtherBuckets, contested_in_words};
use crate::domain::size::whole;
use crate::domain::text;
use crate::domain::words;
use crate::ops::change::blockers::Blockers;
use crate::ops::change::receipt_copy::Copy;
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
    operator: &'a Operator,
    planned: u64,
    size: u64,
    outcomes: BTreeMap<&'static str, u64>,
    appeared: u64,
    receipt: Option<String>,
    receipt_page: Option<String>,
    groups: Vec<GroupRow<'a>>,
    /// Contested keys by bucket, which are not deleted.
    contested: &'a [ContestedIn],
    /// The buckets of the account that the blueprint does not mention.
    other_buckets: Option<&'a OtherBuckets>,
    /// What no layout explains, and was not searched; none where the plan was not made just now.
    unexplained: Option<Vec<UnexplainedRow<'a>>>,
}

/// Prints obstacles and remarks first.
pub(super) fn before(prepared: &Prepared, session: &Session) {
    let reporter = session.reporter();
    if let Some(soft) = &prepared.undoes {
        reporter.note(&format!(
            "undoes the soft purge {} of {}, which made {}",
            soft.receipt.case,
            soft.receipt.verified_at.format("%Y-%m-%d %H:%M UTC"),
            words::counted(soft.markers.len(), "delete marker")
        ));
        return;
    }
    reporter.note(&format!(
        "does the user still exist? {}",
        prepared.existence.words()
    ));
    if prepared.plan.header.act == Act::Mark {
        reporter.note(
            "soft: current objects are hidden behind delete markers; nothing is deleted, and older versions and \
             uploads stay as they are",
        );
    }
    for remark in &prepared.remarks {
        reporter.warning(remark);
    }
    if let Some(living) = &prepared.likeness {
        reporter.warning(&format!(
            "the list of users holds {}, which looks like this id: make sure that this is whom you mean",
            text::quoted(living)
        ));
    }
    let operator = &prepared.plan.header.operator;
    if operator.source != Some(OperatorSource::Sts) && operator.source.is_some() {
        reporter.note(&format!("who acts: {}", operator.words()));
    }
    for gap in &prepared.plan.header.not_searched {
        reporter.incomplete(&format!("{}: {}", gap.what, gap.why));
    }
    let other_buckets = prepared.plan.header.other_buckets.as_ref();
    if let Some(words) = other_buckets.and_then(OtherBuckets::words) {
        reporter.note(&words);
    }
    if let Some(annotations) = &prepared.plan.header.annotations {
        reporter.note(&text::safe(&annotations.words()));
        if annotations.unknown > 0 && annotations.asked == 0 {
            reporter.note("--count-annotations counts them, a request for each version");
        }
    }
    let Some(Fresh {
        found,
        blockers,
        unexplained,
    }) = &prepared.fresh
    else {
        return;
    };
    for (bucket, unexplained) in unexplained {
        reporter.note(&unexplained.words(bucket));
    }
    for words in contested_in_words(&found.contested) {
        reporter.note(&format!("contested: {words}"));
    }
    if let Ok(Some(owner)) = prepared.plan.owner() {
        // The items are in the plan.
        for words in about_id(&owner, found, prepared.plan.items.is_empty()) {
            reporter.note(&words);
        }
    }
    say_blockers(blockers, session);
}

/// Prints what stands against carrying a plan out, and what else to know of it.
fn say_blockers(blockers: &Blockers, session: &Session) {
    let reporter = session.reporter();
    for bucket in &blockers.mfa {
        reporter.warning(&format!(
            "{bucket} wants a second factor for every deletion (MFA delete): the plan cannot be carried out"
        ));
    }
    let mut by_reason: BTreeMap<&str, u64> = BTreeMap::new();
    for why in blockers.locked.values() {
        *by_reason.entry(why).or_default() += 1;
    }
    for (why, count) in by_reason {
        reporter.warning(&format!(
            "{} will be left there: {why}",
            words::counted(count, "thing")
        ));
    }
    if blockers.lagging > 0 {
        reporter.warning(&format!(
            "{} still being replicated: copies may appear later; look again with `s3warden find`",
            words::counted_are(blockers.lagging, "thing")
        ));
    }
    for early in &blockers.early {
        let cost = early.estimate.map_or(String::new(), |cost| {
            format!(", about ${cost:.2} for the rest")
        });
        reporter.note(&format!(
            "{} in {} ({}) younger than the {} days that are paid for{cost}",
            words::counted_are(early.items, "thing"),
            early.class,
            early.bytes,
            early.minimum_days
        ));
    }
    for gap in &blockers.unknown {
        reporter.warning(&format!("{}: {}", gap.what, gap.why));
    }
}

/// Prints a plan that is not carried out, and how to carry it out.
pub(super) fn plan<W: Write>(
    prepared: &Prepared,
    args: &PurgeArgs,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    print(prepared, None, session, output)?;
    // The exit status depends on what was not searched, not on whether there is something to delete or contested.
    let status = if prepared.plan.header.not_searched.is_empty() {
        ExitStatus::Done
    } else {
        ExitStatus::Found
    };
    if prepared.plan.items.is_empty() {
        let done = prepared.plan.header.act.done();
        let words = if done == "deleted" {
            "there is nothing to delete".to_owned()
        } else {
            format!("there is nothing to be {done}")
        };
        session.reporter().note(&words);
        return Ok(status);
    }
    let words = format!(
        "planned: {} to be {}, {}; nothing was changed. The plan, which holds the user's keys, is {}; never begun, it is \
         removed after a week",
        words::counted(prepared.plan.items.len(), "thing"),
        prepared.plan.header.act.done(),
        prepared.plan.bytes(),
        prepared.file.display()
    );
    session.reporter().note(&words);
    if let Some(Obstacle { why, advice }) = gate::obstacle(args, prepared) {
        session
            .reporter()
            .warning(&format!("it would be refused: {why}; {advice}"));
        return Ok(ExitStatus::Found);
    }
    let command = next::command(session, "purge")
        .option("--plan", &prepared.file.to_string_lossy())
        .given(args.again())
        .given([("--write", None), ("--execute", None)])
        .joined("--confirm", prepared.user());
    session.reporter().command("to carry it out", &command);
    Ok(status)
}

/// Prints the results.
pub(super) fn verified<W: Write>(
    prepared: &Prepared,
    verified: &Verified,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    print(prepared, Some(verified), session, output)?;
    let reporter = session.reporter();
    let receipt = &verified.receipt;
    let before = words::counted(receipt.count(Outcome::GoneBefore), "thing");
    let done = receipt.count(Outcome::Done);
    let deleted = receipt.count(Outcome::Deleted);
    reporter.note(&match receipt.act {
        Act::Delete => format!(
            "{} gone, as this purge asked and a new listing shows; {before} gone before",
            words::counted(deleted, "thing")
        ),
        Act::Mark => format!(
            "{} hidden and listed again: still stored, each behind a delete marker; {before} gone or hidden before",
            words::counted(done, "thing")
        ),
        Act::Unmark { .. } => format!(
            "{} taken away and listed again: gone; {before} gone before",
            words::counted(deleted, "delete marker")
        ),
        Act::Tag { .. } | Act::Untag | Act::CopyAside | Act::CopyBack => format!(
            "{} {} and looked at again; {before} gone or done before",
            words::counted(done, "thing"),
            receipt.act.done()
        ),
    });
    for (why, count) in receipt.left() {
        reporter.warning(&format!(
            "{} still there: {why}",
            words::counted_are(count, "thing")
        ));
    }
    changes::say_not_searched(session, &prepared.plan, receipt);
    if receipt.appeared > 0 {
        reporter.warning(&format!("{}: make a new plan", changes::appeared(receipt)));
    }
    reporter.note(&format!("receipt: {}", verified.receipt_file.display()));
    if receipt.markers.is_some() {
        let command = next::command(session, "purge")
            .joined("--undo", &verified.receipt_file.to_string_lossy())
            .given([("--write", None), ("--execute", None)])
            .joined("--confirm", prepared.user());
        reporter.command("to undo it", &command);
    }
    for note in receipt
        .conditions
        .iter()
        .filter_map(|note| note.left.as_ref())
    {
        reporter.warning(&format!(
            "an object of our own could not be taken away again: {note}"
        ));
    }
    for (file, noun, what) in [
        (&receipt.markers, "delete marker", "made by this purge"),
        (&receipt.invalidation, "path", "that a CDN may still answer"),
    ] {
        if let Some(file) = file {
            reporter.note(&format!(
                "beside the receipt a list of {} {what}; it holds the user's keys: {}",
                words::counted(file.entries, noun),
                verified.receipt_file.with_file_name(&file.file).display()
            ));
        }
    }
    for list in &verified.lists_removed {
        reporter.note(&format!(
            "removed the list of an earlier --soft purge, for what it names is gone: {}; that receipt stays, and cannot be undone any more",
            list.display()
        ));
    }
    changes::kept(session, verified, &prepared.file, "the user's keys");
    Ok(changes::status(receipt, true))
}

/// Reports how far a stopped purge got.
pub(super) fn stopped(
    prepared: &Prepared,
    args: &PurgeArgs,
    stopped: &Stopped,
    session: &Session,
) -> Result<ExitStatus, Failure> {
    let command = next::command(session, "purge")
        .option("--resume", &prepared.file.to_string_lossy())
        .given(args.again())
        .word("--write")
        .joined("--confirm", prepared.user());
    let again = format!("to go on: {command}");
    let so_far = format!(
        "the service said that {} {}",
        words::counted_are(stopped.progress.deleted, "thing"),
        prepared.plan.header.act.done()
    );
    let last = "nothing was listed again";
    changes::stopped(session, stopped, (&so_far, last), again)
}

/// Reports the place of the receipt's copy.
pub(super) fn copied(to: &Copy, session: &Session) {
    let key = to.key.as_str();
    session.reporter().note(&format!(
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
        operator: receipt.map_or(&header.operator, |receipt| &receipt.operator),
        planned: whole(items.len()),
        size: prepared.plan.bytes().bytes(),
        outcomes: receipt.map(changes::outcomes).unwrap_or_default(),
        appeared: receipt.map_or(0, |receipt| receipt.appeared),
        receipt: verified.map(|verified| verified.receipt_file.display().to_string()),
        receipt_page: verified.map(|verified| verified.page_file.display().to_string()),
        groups: groups.iter().map(GroupRow::of).collect(),
        contested: receipt.map_or(&header.contested, |receipt| &receipt.contested),
        other_buckets: match receipt {
            Some(receipt) => receipt.other_buckets.as_ref(),
            None => header.other_buckets.as_ref(),
        },
        unexplained: prepared.fresh.as_ref().map(|fresh| {
            let unexplained = fresh.unexplained.iter();
            unexplained.map(UnexplainedRow::of).collect()
        }),
    };
    if session.settings.format == Format::Table {
        return table(&groups, session, output);
    }
    changes::print(
        session,
        SCHEMA,
        (&prepared.plan, receipt),
        &[],
        &totals,
        output,
    )
}
