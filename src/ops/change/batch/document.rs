//! The plan over all users of a batch: a JSON document with its own checksum. It holds ids, and no keys.
//!
//! As with a plan, nothing in it is believed: the plan of each user is held against its checksum here, and then proven.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::config::private;
use crate::domain::ByteSize;
use crate::domain::change::Operator;
use crate::domain::change::plan::NotSearched;
use crate::domain::receipt::canonical;
use crate::ops::change::store::Store;

/// The form of the file.
pub(super) const FORMAT: &str = "s3warden/purge-batch/1";

/// What the names of the documents end with.
const ENDING: &str = ".batch.json";

/// What is to be done to whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// `s3warden/purge-batch/1`.
    pub format: String,
    /// 32 hexadecimal digits made for this batch.
    pub batch: String,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Whose credentials found everything.
    pub operator: Operator,
    /// The endpoint, where it is not AWS's.
    pub endpoint: Option<String>,
    /// The blueprint's name.
    pub blueprint: String,
    /// Its hash.
    pub blueprint_sha256: String,
    /// The users, in the order of the requests.
    pub users: Vec<BatchUser>,
}

/// One user of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchUser {
    /// The user's id.
    pub user: String,
    /// The number or name of the request.
    pub reference: Option<String>,
    /// The plan; nothing where the user is left, or has nothing.
    pub plan: Option<Planned>,
    /// Why the user is left.
    pub left: Option<String>,
    /// What could not be searched for this user, and why.
    pub not_searched: Vec<NotSearched>,
}

/// The plan of one user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planned {
    /// Its case.
    pub case: String,
    /// The checksum in its last line.
    pub sha256: String,
    /// How many things it holds.
    pub items: u64,
    /// How large they are together.
    pub bytes: u64,
}

/// The file: the document and its checksum.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    batch: Batch,
    sha256: String,
}

impl Batch {
    /// The users that are to be purged: all but those who are left.
    pub fn to_purge(&self) -> impl Iterator<Item = &BatchUser> {
        self.users.iter().filter(|user| user.left.is_none())
    }

    /// How many users are to be purged. This is what has to be confirmed.
    #[must_use]
    pub fn count(&self) -> usize {
        self.to_purge().count()
    }

    /// What has to be typed to carry it out: `users:COUNT`.
    #[must_use]
    pub fn confirmation(&self) -> String {
        format!("users:{}", self.count())
    }

    /// How many things all plans hold together.
    #[must_use]
    pub fn items(&self) -> u64 {
        let plans = self.users.iter().filter_map(|user| user.plan.as_ref());
        plans.map(|plan| plan.items).sum()
    }

    /// How large they are together.
    #[must_use]
    pub fn bytes(&self) -> ByteSize {
        let plans = self.users.iter().filter_map(|user| user.plan.as_ref());
        ByteSize(plans.map(|plan| plan.bytes).sum())
    }
}

/// Writes the document, for its owner alone.
///
/// # Errors
/// What the system says.
pub fn write(batch: &Batch, file: &Path) -> io::Result<()> {
    let sealed = Sealed {
        sha256: canonical::digest(&canonical::text(batch)?),
        batch: batch.clone(),
    };
    let text = serde_json::to_string_pretty(&sealed)?;
    private::replace(file, |to| {
        to.write_all(text.as_bytes())?;
        to.write_all(b"\n")
    })
}

/// Reads a document. `None` where the file is of another sort, such as the plan of one user.
///
/// # Errors
/// What the system says of the file, or what is wrong with it, in words.
pub fn read(store: &Store, file: &Path) -> io::Result<Option<Batch>> {
    let text = store.read_untrusted(file)?;
    if !is_one(&text) {
        return Ok(None);
    }
    parse(&text).map(Some).map_err(io::Error::other)
}

/// Whether a text is a batch at all, and not a plan.
fn is_one(text: &str) -> bool {
    let head = text.get(..200.min(text.len()));
    // A plan has one object a line; a batch begins with its member.
    let head: String = head
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    head.starts_with(r#"{"batch":{"#)
}

fn parse(text: &str) -> Result<Batch, String> {
    let sealed: Sealed =
        serde_json::from_str(text).map_err(|why| format!("it is not whole: {why}"))?;
    let Sealed { batch, sha256 } = sealed;
    if batch.format != FORMAT {
        return Err(format!(
            "its format is {:?}, and this program reads {FORMAT:?}",
            batch.format
        ));
    }
    let digest = canonical::text(&batch).map(|text| canonical::digest(&text));
    if digest.ok().as_deref() != Some(&sha256) {
        return Err("it was changed after it was made: its checksum is another".to_owned());
    }
    // They name files of ours.
    let is_case = |case: &str| case.len() == 32 && case.bytes().all(|b| b.is_ascii_hexdigit());
    let plans = batch.users.iter().filter_map(|user| user.plan.as_ref());
    if !is_case(&batch.batch) || !plans.map(|plan| &plan.case).all(|case| is_case(case)) {
        return Err("a case in it is not 32 hexadecimal digits".to_owned());
    }
    Ok(batch)
}

/// Removes the documents of batches of which no plan is left, and those that were made longer ago than `after` and never
/// begun: each holds users' ids. Gives how many there were.
///
/// # Errors
/// What the system says of the folder; a document that cannot be removed is left.
pub(in crate::ops::change) fn forget_spent(
    store: &Store,
    now: SystemTime,
    after: Duration,
) -> io::Result<usize> {
    let mut forgotten = 0;
    for entry in std::fs::read_dir(store.purges())? {
        let entry = entry?;
        let is_batch = entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.ends_with(ENDING));
        if !is_batch {
            continue;
        }
        let Ok(Some(batch)) = read(store, &entry.path()) else {
            continue;
        };
        let cases: Vec<&str> = batch
            .users
            .iter()
            .filter_map(|user| Some(user.plan.as_ref()?.case.as_str()))
            .collect();
        let is_there = |file: PathBuf| file.symlink_metadata().is_ok();
        let is_begun = cases.iter().any(|case| is_there(store.journal_file(case)));
        let has_plan = cases.iter().any(|case| is_there(store.plan_file(case)));
        let made = entry.metadata().and_then(|metadata| metadata.modified());
        let age = made.ok().and_then(|made| now.duration_since(made).ok());
        let is_old = age.is_some_and(|age| age > after);
        let is_spent = !cases.is_empty() && !has_plan;
        if !is_begun && (is_spent || is_old) && std::fs::remove_file(entry.path()).is_ok() {
            forgotten += 1;
        }
    }
    Ok(forgotten)
}

impl Store {
    /// Where the plan over all users of a batch is, when no other place was named.
    #[must_use]
    pub fn batch_file(&self, batch: &str) -> PathBuf {
        self.purges().join(format!("{batch}{ENDING}"))
    }

    /// Where the summary of a batch is written. It names nobody unless that was asked for.
    #[must_use]
    pub fn batch_summary_file(&self, batch: &str) -> PathBuf {
        self.receipts().join(format!("{batch}{ENDING}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::{Operator, OperatorSource};

    fn batch() -> Batch {
        let user = |user: &str, left: Option<&str>| BatchUser {
            user: user.to_owned(),
            reference: None,
            plan: left.is_none().then(|| Planned {
                case: "a".repeat(32),
                sha256: String::new(),
                items: 3,
                bytes: 10,
            }),
            left: left.map(str::to_owned),
            not_searched: Vec::new(),
        };
        Batch {
            format: FORMAT.to_owned(),
            batch: "0".repeat(32),
            made_at: DateTime::from_timestamp(1_780_000_000, 0).unwrap(),
            operator: Operator {
                account: "1".to_owned(),
                arn: "a".to_owned(),
                source: Some(OperatorSource::Stated),
            },
            endpoint: None,
            blueprint: "b".to_owned(),
            blueprint_sha256: String::new(),
            users: vec![
                user("ada", None),
                user("ben", Some("exists")),
                user("cy", None),
            ],
        }
    }

    #[test]
    fn a_batch_counts_those_who_are_to_be_purged_and_all_that_they_have() {
        let batch = batch();
        assert_eq!(batch.confirmation(), "users:2");
        assert_eq!((batch.items(), batch.bytes()), (6, ByteSize(20)));
    }

    #[test]
    fn a_batch_is_read_as_it_was_written_and_not_when_it_was_touched() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).unwrap();
        let file = store.batch_file(&batch().batch);
        write(&batch(), &file).unwrap();
        assert_eq!(read(&store, &file).unwrap(), Some(batch()));
        let text = std::fs::read_to_string(&file).unwrap();
        for touched in [
            text.replace("ada", "eve"),
            text.replace("exists", "gone"),
            text[..text.len() / 2].to_owned(),
            text.replace(&"a".repeat(32), "../../../../etc/passwd_000000000"),
        ] {
            std::fs::write(&file, touched).unwrap();
            assert!(read(&store, &file).is_err());
        }
        std::fs::write(&file, "{\"format\":\"s3warden/plan/2\"}\n").unwrap();
        assert_eq!(read(&store, &file).unwrap(), None);
    }
}
