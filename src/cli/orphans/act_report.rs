//! The output of `orphans --act`.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;

use super::OrphansArgs;
use super::act::Prepared;
use super::act_args::{ActWord, By};
use crate::cli::formats::Note;
use crate::cli::session::Session;
use crate::cli::{ExitStatus, Failure, changes, next, purge};
use crate::domain::change::Act;
use crate::domain::quarantine::rule;
use crate::domain::receipt::Outcome;
use crate::domain::size::{grouped, whole};
use crate::domain::text::safe;
use crate::domain::words;
use crate::ops::change::{Ended, Stopped, Verified};
use crate::ops::quarantine::rules::Installed;
use crate::ops::quarantine::{self, Acted};

const SCHEMA: &str = "s3warden/orphans-act/1";

/// The number of left-out keys to name; the rest are counted.
const MOST_NAMED: usize = 10;

#[derive(Debug, Serialize)]
struct Totals<'a> {
    bucket: &'a str,
    act: &'static str,
    case: &'a str,
    blueprint: &'a str,
    /// The confirmation to type.
    confirm: String,
    orphans: u64,
    planned: u64,
    size: u64,
    rule: Option<String>,
    outcomes: BTreeMap<&'static str, u64>,
    appeared: u64,
    receipt: Option<String>,
    receipt_page: Option<String>,
    left_out: Vec<Left<'a>>,
    /// Orphans that are only deleted if their kind is named, by kind.
    only_by_name: BTreeMap<&'static str, ByName>,
}

#[derive(Debug, Serialize)]
struct ByName {
    items: u64,
    size: u64,
}

#[derive(Debug, Serialize)]
struct Left<'a> {
    kind: &'static str,
    key: &'a str,
    why: &'a str,
}

/// Prints remarks and warnings first.
pub(super) fn before(prepared: &Prepared, session: &Session) {
    let reporter = session.reporter();
    for remark in &prepared.remarks {
        reporter.note(remark);
    }
    for left in prepared.left_out.iter().take(MOST_NAMED) {
        let key = safe(left.key.as_str());
        reporter.warning(&format!("left out: {key}: {}", left.why));
    }
    if let Some(more) = prepared.left_out.len().checked_sub(MOST_NAMED + 1) {
        reporter.warning(&format!("left out: {} more", grouped(more + 1)));
    }
    if let Some(annotations) = &prepared.plan.header.annotations {
        reporter.note(&safe(&annotations.words()));
        if annotations.unknown > 0 && annotations.asked == 0 {
            reporter.note("--count-annotations counts them, a request for each version");
        }
    }
    if let Some(rule) = &prepared.rule {
        reporter.note(&format!(
            "the bucket's lifecycle gets a rule beside those it has, {}",
            rule::words(rule)
        ));
    }
}

/// Prints a plan that is not carried out, and how to carry it out.
pub(super) fn plan<W: Write>(
    prepared: &Prepared,
    args: &OrphansArgs,
    word: ActWord,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    print(prepared, None, session, output)?;
    let reporter = session.reporter();
    let count = quarantine::things(&prepared.plan);
    if count == 0 {
        reporter.note("there is nothing to act on");
        return Ok(if prepared.left_out.is_empty() {
            ExitStatus::Done
        } else {
            ExitStatus::Found
        });
    }
    let what = match (word, args.act.by) {
        (ActWord::Quarantine, By::Tag) => "would be tagged and stay where they are",
        (ActWord::Quarantine, By::Copy) => {
            "would be copied under s3warden-quarantine/ and deleted in their place; what comes back from there is a new version with a new time"
        }
        (ActWord::Delete, _) => "would be deleted for good, with every version",
        (ActWord::Restore, By::Tag) => "would lose the quarantine's tag",
        (ActWord::Restore, By::Copy) => {
            "would be copied back to their own keys, as new versions with new times"
        }
    };
    reporter.note(&format!(
        "a dry run: {}, {}, {what}; nothing was changed",
        words::counted(count, "orphan"),
        prepared.plan.bytes()
    ));
    if let Some(obstacle) = purge::undated(prepared.undated.as_deref()) {
        reporter.warning(&format!(
            "it would be refused: {}; {}",
            obstacle.why, obstacle.advice
        ));
        return Ok(ExitStatus::Found);
    }
    let typed = format!("{}:{count}", prepared.bucket);
    if session.settings.write {
        return Err(Failure::refused(format!(
            "could not act on {}: it was not confirmed",
            prepared.bucket
        ))
        .advising(format!("give --confirm {typed}; nothing was touched")));
    }
    reporter.note(&format!(
        "to carry it out, give the same again with: --write --confirm {typed}"
    ));
    Ok(ExitStatus::Done)
}

/// Prints the results.
pub(super) fn acted<W: Write>(
    prepared: &Prepared,
    args: &OrphansArgs,
    acted: &Acted,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    let reporter = session.reporter();
    match (acted.rule, &prepared.rule) {
        (Some(Installed::Added), Some(rule)) => reporter.note(&format!(
            "the lifecycle rule {} was added, and read back as it was given",
            rule.id
        )),
        (Some(Installed::Already), Some(rule)) => {
            reporter.note(&format!("the lifecycle rule {} is there already", rule.id));
        }
        _ => {}
    }
    for id in &acted.rules_gone {
        reporter.note(&format!(
            "nothing is left for the lifecycle rule {} to end: it was taken out",
            safe(id)
        ));
    }
    if let Some(why) = &acted.rule_stays {
        reporter.warning(&format!(
            "nothing is left in quarantine, and the lifecycle rule that would end it is still there: {why}"
        ));
    }
    match &acted.ended {
        Ended::Verified(verified) => write_report(prepared, verified, session, output),
        Ended::Stopped(stopped) => stop(prepared, args, stopped, session),
    }
}

/// Prints the results.
fn write_report<W: Write>(
    prepared: &Prepared,
    verified: &Verified,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    print(prepared, Some(verified), session, output)?;
    let reporter = session.reporter();
    let receipt = &verified.receipt;
    let (done, deleted) = (
        receipt.count(Outcome::Done),
        receipt.count(Outcome::Deleted),
    );
    let before = words::counted(receipt.count(Outcome::GoneBefore), "thing");
    let deleted = words::counted(deleted, "thing");
    reporter.note(&match receipt.act {
        Act::Delete => format!("{deleted} deleted and listed again: gone; {before} gone before"),
        Act::Untag if receipt.count(Outcome::Deleted) > 0 => format!(
            "{} {}, {deleted} that hid them deleted; all were looked at again; {before} gone or done before",
            words::counted(done, "thing"),
            receipt.act.done()
        ),
        _ => format!(
            "{} {} and looked at again; {before} gone or done before",
            words::counted(done, "thing"),
            receipt.act.done()
        ),
    });
    if receipt.act == Act::CopyBack && done > 0 {
        reporter.note(
            "what came back is a new version with a new time; bytes, metadata, tags and class were compared and are the same",
        );
    }
    for (why, count) in receipt.left() {
        let left = words::counted_were(count, "thing");
        reporter.warning(&format!("{left} left: {why}"));
    }
    changes::say_not_searched(session, &prepared.plan, receipt);
    if receipt.appeared > 0 {
        reporter.warning(&changes::appeared(receipt));
    }
    reporter.note(&format!("receipt: {}", verified.receipt_file.display()));
    changes::kept(session, verified, &prepared.file, "keys");
    Ok(changes::status(receipt, prepared.left_out.is_empty()))
}

/// Reports how far a stopped act got.
fn stop(
    prepared: &Prepared,
    args: &OrphansArgs,
    stopped: &Stopped,
    session: &Session,
) -> Result<ExitStatus, Failure> {
    let word = match args.act.act {
        Some(ActWord::Delete) => "delete",
        Some(ActWord::Restore) => "restore",
        Some(ActWord::Quarantine) | None => "quarantine",
    };
    let owner = args
        .act
        .owner
        .as_ref()
        .map(|owner| owner.as_str().to_owned());
    let days = args.act.expire_after.map(|days| days.to_string());
    let of_act = [("--owner", owner), ("--expire-after", days)];
    let of_act = of_act
        .into_iter()
        .filter_map(|(name, value)| Some((name, Some(value?))));
    let confirmation = format!("{}:{}", prepared.bucket, quarantine::things(&prepared.plan));
    let command = next::command(session, "orphans")
        .word(prepared.bucket.as_str())
        .option("--act", word)
        .option("--by", &args.act.by.method().to_string())
        .option("--resume", &prepared.file.to_string_lossy())
        .given(of_act)
        .given(args.again())
        .word("--write")
        .option("--confirm", &confirmation);
    let again = format!("to go on: {command}");
    let so_far = format!(
        "the service took {}",
        words::counted(stopped.progress.deleted, "change")
    );
    let last = "nothing was looked at again";
    changes::stopped(session, stopped, (&so_far, last), again)
}

fn print<W: Write>(
    prepared: &Prepared,
    verified: Option<&Verified>,
    session: &Session,
    output: W,
) -> Result<(), Failure> {
    let header = &prepared.plan.header;
    let receipt = verified.map(|verified| &verified.receipt);
    let count = quarantine::things(&prepared.plan);
    let totals = Totals {
        bucket: prepared.bucket.as_str(),
        act: header.act.event(),
        case: &header.case,
        blueprint: &header.blueprint,
        confirm: format!("{}:{count}", prepared.bucket),
        orphans: count,
        planned: whole(prepared.plan.items.len()),
        size: prepared.plan.bytes().bytes(),
        rule: prepared.rule.as_ref().map(rule::words),
        outcomes: receipt.map(changes::outcomes).unwrap_or_default(),
        appeared: receipt.map_or(0, |receipt| receipt.appeared),
        receipt: verified.map(|verified| verified.receipt_file.display().to_string()),
        receipt_page: verified.map(|verified| verified.page_file.display().to_string()),
        left_out: prepared
            .left_out
            .iter()
            .map(|left| Left {
                kind: left.kind.word(),
                key: left.key.as_str(),
                why: &left.why,
            })
            .collect(),
        only_by_name: prepared
            .by_name
            .iter()
            .map(|total| {
                let by_name = ByName {
                    items: total.tally.objects,
                    size: total.tally.bytes.bytes(),
                };
                (total.kind.word(), by_name)
            })
            .collect(),
    };
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for left in &prepared.left_out {
        *reasons.entry(&left.why).or_default() += 1;
    }
    let left_out: Vec<Note> = reasons
        .into_iter()
        .map(|(why, count)| Note {
            what: format!("{} left out", words::counted_were(count, "orphan")),
            why: why.to_owned(),
        })
        .collect();
    let of = (&prepared.plan, receipt);
    changes::print(session, SCHEMA, of, &left_out, &totals, output)
}
