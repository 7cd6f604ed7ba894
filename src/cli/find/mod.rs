//! `s3warden find`: everything of one user in every bucket of the blueprint. It changes nothing.
//!
//! `place` selects buckets and blueprints. `rows` has the output: one row per group for people, or one item per
//! version, delete marker or upload for programs.

mod place;
mod rows;
mod words;

use std::io::Write;

use clap::Args;

pub(super) use self::place::{Searched, search};
pub(super) use self::rows::{GroupRow, ItemRow, Totals, UnexplainedRow};
pub(super) use self::words::{about_id, incomplete_notes};
use super::args::Format;
use super::formats::Document;
use super::lists::ListArgs;
use super::session::Session;
use super::{ExitStatus, Failure};
use crate::domain::orphans::Limits;
use crate::domain::search::{OtherBuckets, contested_in_words};
use crate::domain::{InvalidName, OwnerId};
use crate::ops::find::{self, Found, Group};

/// Whose things are looked for.
#[derive(Debug, Clone, Args)]
pub struct FindArgs {
    /// The user's id, exactly as it stands in keys; no character in it is a wildcard
    #[arg(value_name = "USER", value_parser = owner, allow_hyphen_values = true)]
    pub owner: OwnerId,

    /// The most objects that are asked one by one for an owner who stands in their metadata, at a HEAD request each
    #[arg(long, value_name = "N", default_value_t = Limits::default().heads)]
    pub max_heads: u64,

    /// The lists.
    #[command(flatten)]
    pub lists: ListArgs,
}

const SCHEMA: &str = "s3warden/find/1";

/// Parses a user id, exactly as typed.
pub(super) fn owner(text: &str) -> Result<OwnerId, InvalidName> {
    OwnerId::new(text)
}

pub(super) async fn run<W: Write>(
    args: &FindArgs,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    let searched = Box::pin(search(session, args)).await?;
    print(&args.owner, &searched, session, output)?;
    conclude(&args.owner, &searched, session)
}

/// Prints one row per group for people. The totals are printed separately.
pub(super) fn table<W: Write>(
    groups: &[Group],
    session: &Session,
    output: W,
) -> Result<(), Failure> {
    let mut look = session.look();
    let names = groups.iter().map(|group| group.bucket.as_str().len());
    look.first_column = names.max().unwrap_or(0);
    let mut document = Document::begin::<GroupRow<'_>>(look, SCHEMA, output)?;
    for group in groups {
        document.item(&GroupRow::of(group))?;
    }
    document.end(&(), &[])?;
    Ok(())
}

fn print<W: Write>(
    owner: &OwnerId,
    searched: &Searched,
    session: &Session,
    output: W,
) -> Result<(), Failure> {
    let found = &searched.found;
    let groups = find::groups(&found.items);
    let totals = Totals::of(owner, &groups, searched);
    let notes = incomplete_notes(&found.coverage);
    if session.settings.format == Format::Table {
        table(&groups, session, output)?;
    } else {
        let mut document = Document::begin::<ItemRow<'_>>(session.look(), SCHEMA, output)?;
        for item in &found.items {
            document.item(&ItemRow::of(item))?;
        }
        document.end(&totals, &notes)?;
    }
    Ok(())
}

/// Prints the totals and determines the exit status. A failed search does not count as "nothing found".
fn conclude(
    owner: &OwnerId,
    searched: &Searched,
    session: &Session,
) -> Result<ExitStatus, Failure> {
    let Searched { found, .. } = searched;
    let reporter = session.reporter();
    for words in
        searched
            .remarks
            .iter()
            .cloned()
            .chain(about_id(owner, found, found.items.is_empty()))
    {
        reporter.note(&words);
    }
    reporter.note(&total_words(found));
    if let Some(words) = found.other_buckets.as_ref().and_then(OtherBuckets::words) {
        reporter.note(&words);
    }
    for (bucket, unexplained) in &searched.unexplained {
        reporter.note(&unexplained.words(bucket));
    }
    let mut failed = None;
    for gap in found.coverage.gaps() {
        match &gap.problem {
            Some(problem) if failed.is_none() => failed = Some(problem.clone()),
            _ => reporter.incomplete(&format!("{}: {}", gap.what, gap.why)),
        }
    }
    for words in contested_in_words(&found.contested) {
        reporter.note(&format!("contested: {words}"));
    }
    if session.stop.is_cancelled() && !found.coverage.is_complete() {
        return Ok(ExitStatus::Interrupted);
    }
    match (failed, &searched.refused) {
        (Some(_), Some(refused)) => Err(refused.clone()),
        (Some(problem), None) => Err(Failure::from(problem)),
        (None, _) => Ok(ExitStatus::Done),
    }
}

/// Formats as `12 versions, 3 markers and 1 upload in 2 buckets, 1.2 MiB`.
fn total_words(found: &Found) -> String {
    let groups = find::groups(&found.items);
    let totals = words::Sum::of(&groups);
    let at_least = if found.coverage.is_complete() {
        ""
    } else {
        "at least "
    };
    format!("{at_least}{}", totals.words())
}
