//! The plan for all users of a batch: a JSON document with its own checksum. It contains user ids, but no keys.
//!
//! As with a plan, nothing in it is trusted: each user's plan is checked against its checksum here, and then proved.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::config::private;
use crate::domain::ByteSize;
use crate::domain::change::Operator;
use crate::domain::change::plan::{AnnotationCount, NotSearched};
use crate::domain::receipt::canonical;
use crate::domain::search::OtherBuckets;
use crate::domain::size::whole;
use crate::ops::change::store::Store;

/// The format id.
pub(super) const FORMAT: &str = "s3warden/purge-batch/1";

/// The file name suffix.
const ENDING: &str = ".batch.json";

/// The users of a batch and their plans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// `s3warden/purge-batch/1`.
    pub format: String,
    /// The batch id: 32 random hexadecimal digits.
    pub batch: String,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// The operator whose credentials made the plans.
    pub operator: Operator,
    /// The endpoint, if it is not AWS.
    pub endpoint: Option<String>,
    /// The blueprint's name.
    pub blueprint: String,
    /// The hash of the blueprint.
    pub blueprint_sha256: String,
    /// The source of the list of owners; `None` if no list was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_list: Option<String>,
    /// The source of the list of keys; `None` if no list was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_list: Option<String>,
    /// The buckets of the account that were not searched, because the blueprint gives no owner for their objects.
    /// `None` if the account was not asked for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_buckets: Option<OtherBuckets>,
    /// The number of requests. It exceeds the number of users if several are for the same user. 0 in older documents.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub requests: u64,
    /// The users, in the order of the requests.
    pub users: Vec<BatchUser>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over references"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// One user of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchUser {
    /// The user's id.
    pub user: String,
    /// The number or name of the erasure request.
    pub reference: Option<String>,
    /// The plan; absent if the user is skipped, or has no objects.
    pub plan: Option<Planned>,
    /// Why the user is skipped.
    pub left: Option<String>,
    /// What could not be searched for this user, and why.
    pub not_searched: Vec<NotSearched>,
}

/// The plan of one user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planned {
    /// Its case id.
    pub case: String,
    /// The checksum in its last line.
    pub sha256: String,
    /// The number of its items.
    pub items: u64,
    /// Their total size in bytes.
    pub bytes: u64,
    /// The annotations that are deleted with its versions; absent in older documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Box<AnnotationCount>>,
}

/// The file: the document and its checksum.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    batch: Batch,
    sha256: String,
}

impl Batch {
    /// The users to purge: all who are not skipped.
    pub fn to_purge(&self) -> impl Iterator<Item = &BatchUser> {
        self.users.iter().filter(|user| user.left.is_none())
    }

    /// The number of users to purge, which the operator must confirm.
    #[must_use]
    pub fn count(&self) -> usize {
        self.to_purge().count()
    }

    /// The confirmation to type: `users:COUNT`.
    #[must_use]
    pub fn confirmation(&self) -> String {
        format!("users:{}", self.count())
    }

    /// The number of requests for a user who already has another request.
    #[must_use]
    pub fn doubled(&self) -> u64 {
        let users = whole(self.users.len());
        self.requests.saturating_sub(users)
    }

    /// Whether no user is skipped, and everything was searched for every user.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let is_whole = |user: &BatchUser| user.left.is_none() && user.not_searched.is_empty();
        self.users.iter().all(is_whole)
    }

    /// The number of items in all plans.
    #[must_use]
    pub fn items(&self) -> u64 {
        let plans = self.users.iter().filter_map(|user| user.plan.as_ref());
        plans.map(|plan| plan.items).sum()
    }

    /// The annotations in all plans; `None` if none were counted.
    #[must_use]
    pub fn annotations(&self) -> Option<AnnotationCount> {
        let plans = self.users.iter().filter_map(|user| user.plan.as_ref());
        AnnotationCount::sum(plans.filter_map(|plan| plan.annotations.as_deref()))
    }

    /// The total size of all plans.
    #[must_use]
    pub fn bytes(&self) -> ByteSize {
        let plans = self.users.iter().filter_map(|user| user.plan.as_ref());
        ByteSize(plans.map(|plan| plan.bytes).sum())
    }
}

/// Writes the document with access for its owner only.
///
/// # Errors
/// I/O errors.
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

/// Reads a document. `None` if the file has another format, such as a single user's plan.
///
/// # Errors
/// I/O errors, or a description of what is invalid.
pub fn read(store: &Store, file: &Path) -> io::Result<Option<Batch>> {
    let text = store.read_untrusted(file)?;
    if !is_one(&text) {
        return Ok(None);
    }
    parse(&text).map(Some).map_err(io::Error::other)
}

/// Whether a text is a batch, as opposed to a plan.
fn is_one(text: &str) -> bool {
    let head = text.get(..200.min(text.len()));
    // A plan has one object per line; a batch is one object that starts with its member `batch`.
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
    // The ids become part of file names.
    let is_case = |case: &str| case.len() == 32 && case.bytes().all(|b| b.is_ascii_hexdigit());
    let plans = batch.users.iter().filter_map(|user| user.plan.as_ref());
    if !is_case(&batch.batch) || !plans.map(|plan| &plan.case).all(|case| is_case(case)) {
        return Err("a case in it is not 32 hexadecimal digits".to_owned());
    }
    Ok(batch)
}

/// Removes the documents of batches that were made before the age limit and never started, because they contain user
/// ids. Returns their number.
///
/// # Errors
/// I/O errors of the folder; a document that cannot be removed is skipped.
pub(in crate::ops::change) fn forget_idle(
    store: &Store,
    now: SystemTime,
    after: Duration,
) -> io::Result<usize> {
    let mut forgotten = 0;
    for (file, batch) in documents(store)? {
        let made = file.metadata().and_then(|metadata| metadata.modified());
        let age = made.ok().and_then(|made| now.duration_since(made).ok());
        let is_old = age.is_some_and(|age| age > after);
        if is_old && !is_begun(store, &batch) && std::fs::remove_file(&file).is_ok() {
            forgotten += 1;
        }
    }
    Ok(forgotten)
}

/// The cases of batches that were started: their skipped users can be retried with their plans.
///
/// # Errors
/// I/O errors of the folder.
pub(in crate::ops::change) fn cases_kept(store: &Store) -> io::Result<BTreeSet<String>> {
    let batches = documents(store)?.into_iter();
    let begun = batches.filter(|(_, batch)| is_begun(store, batch));
    let cases = begun.flat_map(|(_, batch)| {
        let plans = batch.users.into_iter().filter_map(|user| user.plan);
        plans.map(|plan| plan.case)
    });
    Ok(cases.collect())
}

/// The readable documents in the state folder, with their paths.
fn documents(store: &Store) -> io::Result<Vec<(PathBuf, Batch)>> {
    let mut documents = Vec::new();
    for entry in std::fs::read_dir(store.purges())? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.ends_with(ENDING))
            && let Ok(Some(batch)) = read(store, &entry.path())
        {
            documents.push((entry.path(), batch));
        }
    }
    Ok(documents)
}

/// Whether a batch was started: it is complete, or one of its users is in progress or purged. A user's journal is
/// removed after the purge; the receipt stays.
fn is_begun(store: &Store, batch: &Batch) -> bool {
    let is_there = |file: PathBuf| file.symlink_metadata().is_ok();
    let plans = batch.users.iter().filter_map(|user| user.plan.as_ref());
    let mut cases = plans.map(|plan| plan.case.as_str());
    is_there(store.batch_summary_file(&batch.batch))
        || cases
            .any(|case| is_there(store.journal_file(case)) || is_there(store.receipt_files(case).0))
}

impl Store {
    /// The default path of a batch document.
    #[must_use]
    pub fn batch_file(&self, batch: &str) -> PathBuf {
        self.purges().join(format!("{batch}{ENDING}"))
    }

    /// The path of a batch summary. It contains no user ids unless the operator asked for them.
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
                annotations: None,
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
            owner_list: None,
            record_list: None,
            other_buckets: None,
            requests: 3,
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

    type Left = fn(&Store, &str, &str) -> Option<PathBuf>;

    #[test]
    fn only_a_batch_that_was_never_begun_is_forgotten_and_only_when_it_is_old() {
        let week = Duration::from_hours(7 * 24);
        let case = "a".repeat(32);
        let id = batch().batch;
        // Existing files, whether they are old, and whether they are removed.
        let table: [(&str, Left, bool); 5] = [
            ("a plan", |store, case, _| Some(store.plan_file(case)), true),
            ("nothing", |_, _, _| None, true),
            (
                "a journal",
                |store, case, _| Some(store.journal_file(case)),
                false,
            ),
            (
                "a receipt",
                |store, case, _| Some(store.receipt_files(case).0),
                false,
            ),
            (
                "a summary",
                |store, _, id| Some(store.batch_summary_file(id)),
                false,
            ),
        ];
        for (left, file, goes) in table {
            for (age, is_old) in [(week / 2, false), (week * 2, true)] {
                let home = tempfile::tempdir().unwrap();
                let store = Store::open(home.path()).unwrap();
                let document = store.batch_file(&id);
                write(&batch(), &document).unwrap();
                if let Some(file) = file(&store, &case, &id) {
                    std::fs::write(file, "x").unwrap();
                }
                let now = SystemTime::now() + age;
                let forgotten = forget_idle(&store, now, week).unwrap();
                assert_eq!(forgotten == 1, goes && is_old, "{left} {age:?}");
                assert_eq!(document.exists(), forgotten == 0, "{left} {age:?}");
            }
        }
    }

    #[test]
    fn the_plans_of_a_batch_that_was_begun_are_kept_with_it() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).unwrap();
        let case = "a".repeat(32);
        write(&batch(), &store.batch_file(&batch().batch)).unwrap();
        std::fs::write(store.plan_file(&case), "x").unwrap();
        std::fs::write(store.batch_summary_file(&batch().batch), "x").unwrap();
        let later = SystemTime::now() + Duration::from_hours(30 * 24);
        assert_eq!(store.forget_plans(later).unwrap(), 0);
        assert!(store.plan_file(&case).exists());
        std::fs::remove_file(store.batch_summary_file(&batch().batch)).unwrap();
        assert_eq!(store.forget_plans(later).unwrap(), 2);
    }
}
