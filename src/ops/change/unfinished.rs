//! Purges that were begun here and did not come to their end.

use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::journal;
use super::store::Store;
use crate::domain::change::{Act, Header};

/// Longer than any plan's first line.
const LONGEST_HEADER: u64 = 1 << 20;

/// A purge that can go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// Its plan.
    pub plan: PathBuf,
    /// The first line of it. Nothing in it is believed.
    pub header: Header,
    /// The user whom it is about.
    pub user: String,
    /// When it was begun.
    pub began: Option<DateTime<Utc>>,
    /// Things that were sent to be deleted, answered or not.
    pub sent: u64,
    /// Whether somebody is carrying it out at this moment.
    pub is_under_way: bool,
}

/// Looks through the state folder for journals whose plan has no receipt yet, the newest first. What cannot be read is no
/// purge that could go on; the plan itself is read, and believed or not, when somebody goes on with it.
///
/// # Errors
/// The folder cannot be read.
pub fn unfinished(store: &Store) -> io::Result<Vec<Unfinished>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(store.purges())? {
        let name = entry?.file_name();
        let case = name
            .to_str()
            .and_then(|name| name.strip_suffix(journal::ENDING));
        if let Some(case) = case
            && let Some(one) = look(store, case)
        {
            found.push(one);
        }
    }
    found.sort_by_key(|one| std::cmp::Reverse(one.began));
    Ok(found)
}

fn look(store: &Store, case: &str) -> Option<Unfinished> {
    let (receipt, _) = store.receipt_files(case);
    if receipt.exists() {
        return None;
    }
    let plan = store.plan_file(case);
    let file = store.open_untrusted(&plan).ok()?;
    let mut line = String::new();
    BufReader::new(io::Read::take(file, LONGEST_HEADER))
        .read_line(&mut line)
        .ok()?;
    let header: Header = serde_json::from_str(&line).ok()?;
    let user = header.subject.user()?.to_owned();
    if !matches!(header.act, Act::Delete | Act::Mark) {
        return None;
    }
    let journal = store.open_untrusted(&store.journal_file(case)).ok()?;
    let is_under_way = journal.try_lock_shared().is_err();
    let past = journal::past(&journal).ok()?;
    Some(Unfinished {
        plan,
        header,
        user,
        began: past.began,
        sent: u64::try_from(past.sent.len()).unwrap_or(u64::MAX),
        is_under_way,
    })
}
