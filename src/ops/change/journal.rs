//! The journal of a change: it records each step on disk before the change continues.
//!
//! Each case has one JSON Lines file. The first line identifies the plan; then each batch has a line before it is sent
//! and one after the response. Lines of several batches may be written together ([`Writer`]). The file is locked while
//! a change uses it, so a second run of the same plan is refused. Numbers are indices into the plan.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Failure;
use super::store::{Create, append_lines, open_log};
use crate::domain::BucketName;
use crate::domain::advice::{Action, PlanOf, advice};

/// The file name suffix.
pub(super) const ENDING: &str = ".journal.jsonl";

/// A line of the journal.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "lowercase")]
pub(super) enum Line {
    /// The first line.
    Began {
        plan_sha256: String,
        at: DateTime<Utc>,
    },
    /// A batch is about to be sent.
    Sent { batch: u64, items: Vec<usize> },
    /// The results of a batch.
    Answered {
        batch: u64,
        done: Vec<usize>,
        /// The errors of failed items.
        failed: BTreeMap<usize, String>,
        /// Items that were gone before the request arrived.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        gone: Vec<usize>,
        /// The delete markers that were created.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        made: BTreeMap<usize, Made>,
    },
    /// A test object is about to be written to a bucket, to find out which conditions it honours.
    Probe { bucket: BucketName },
    /// The test object is completely removed.
    ProbeGone { bucket: BucketName },
}

/// A delete marker that was created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Made {
    pub(super) id: String,
    /// Whether it was found above the object after a request without a response, instead of being named in one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) assumed: bool,
}

/// The results of a batch.
#[derive(Debug, Clone, Default)]
pub(super) struct Answers {
    pub(super) done: Vec<usize>,
    pub(super) failed: BTreeMap<usize, String>,
    pub(super) gone: Vec<usize>,
    pub(super) made: BTreeMap<usize, Made>,
}

/// The journal of a change in progress.
pub(super) struct Journal {
    pub(super) path: PathBuf,
    file: File,
    next_batch: u64,
    pub(super) past: Past,
}

/// What earlier runs did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Past {
    /// When the change began.
    pub(super) began: Option<DateTime<Utc>>,
    /// Items that were sent, with or without a response, except those that were already gone.
    pub(super) sent: BTreeSet<usize>,
    /// The delete markers that were created.
    pub(super) made: BTreeMap<usize, Made>,
    /// Buckets that may still contain a test object.
    pub(super) probes: BTreeSet<BucketName>,
}

impl Journal {
    /// Creates the journal of a plan that was never started.
    pub(super) fn begin(
        path: &Path,
        plan_sha256: &str,
        at: DateTime<Utc>,
    ) -> Result<Self, Failure> {
        let opened = open_log(path, Create::New);
        let mut file = opened.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => {
                Failure::refused("this plan was begun before", Action::ResumePlan)
            }
            _ => unusable(path, &error),
        })?;
        lock(path, &file)?;
        let line = Line::Began {
            plan_sha256: plan_sha256.to_owned(),
            at,
        };
        write(&mut file, &line).map_err(|error| unusable(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            next_batch: 0,
            past: Past {
                began: Some(at),
                ..Past::default()
            },
        })
    }

    /// Opens the journal of a plan that was started before.
    pub(super) fn resume(path: &Path, plan_sha256: &str) -> Result<Self, Failure> {
        let opened = open_log(path, Create::Never);
        let file = opened.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Failure::refused(
                "this plan was never begun, or everything in it was found gone",
                Action::BeginPlan,
            ),
            _ => unusable(path, &error),
        })?;
        lock(path, &file)?;
        let (past, batches) = read(&file, Some(plan_sha256)).map_err(|why| match why {
            Unreadable::Io(error) => unusable(path, &error),
            Unreadable::OfAnotherPlan => Failure::refused(
                "the plan is not the one that was begun: it was changed since",
                advice!("find out who changed it").then(Action::MakePlanAgain(PlanOf::Purge)),
            ),
        })?;
        Ok(Self {
            path: path.to_owned(),
            file,
            next_batch: batches,
            past,
        })
    }

    /// Returns the number of the next batch. Numbers are never reused.
    pub(super) fn number(&mut self) -> u64 {
        let batch = self.next_batch;
        self.next_batch += 1;
        batch
    }

    /// A writer for another thread. The lock is held until both are dropped.
    pub(super) fn writer(&self) -> io::Result<Writer> {
        self.file.try_clone().map(Writer)
    }

    /// Records that a test object is about to be written to a bucket.
    pub(super) fn will_probe(&mut self, bucket: &BucketName) -> io::Result<()> {
        let bucket = bucket.clone();
        write(&mut self.file, &Line::Probe { bucket })
    }

    /// Records that no test object is left in a bucket.
    pub(super) fn probe_gone(&mut self, bucket: &BucketName) -> io::Result<()> {
        let bucket = bucket.clone();
        write(&mut self.file, &Line::ProbeGone { bucket })
    }

    /// Removes the journal after a complete change.
    pub(super) fn remove(self) -> io::Result<()> {
        std::fs::remove_file(&self.path)
    }
}

/// Writes lines about batches to a journal.
pub(super) struct Writer(File);

impl Writer {
    /// Appends lines and syncs them to disk.
    pub(super) fn append<'l>(
        &mut self,
        lines: impl IntoIterator<Item = &'l Line>,
    ) -> io::Result<()> {
        let lines = lines.into_iter().map(serde_json::to_string);
        append_lines(&mut self.0, &lines.collect::<Result<Vec<_>, _>>()?)
    }
}

impl Line {
    pub(super) fn answered(batch: u64, answers: Answers) -> Self {
        let Answers {
            done,
            failed,
            gone,
            made,
        } = answers;
        Self::Answered {
            batch,
            done,
            failed,
            gone,
            made,
        }
    }
}

fn write(file: &mut File, line: &Line) -> io::Result<()> {
    append_lines(file, &[serde_json::to_string(line)?])
}

fn lock(path: &Path, file: &File) -> Result<(), Failure> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => Failure::refused(
            "another purge is carrying out this plan",
            advice!("wait until it has ended"),
        ),
        TryLockError::Error(error) => unusable(path, &error),
    })
}

fn unusable(path: &Path, error: &io::Error) -> Failure {
    Failure::File(format!(
        "could not keep the journal {}: {error}",
        path.display()
    ))
}

enum Unreadable {
    Io(io::Error),
    OfAnotherPlan,
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads what was done, for any plan.
pub(super) fn past(file: &File) -> io::Result<Past> {
    match read(file, None) {
        Ok((past, _)) => Ok(past),
        Err(Unreadable::Io(error)) => Err(error),
        Err(Unreadable::OfAnotherPlan) => Ok(Past::default()),
    }
}

/// Reads what was done, and the number of batches. The last line may be truncated by a crash.
fn read(file: &File, plan_sha256: Option<&str>) -> Result<(Past, u64), Unreadable> {
    let mut past = Past::default();
    let mut batches = 0;
    for line in BufReader::new(file).lines() {
        match serde_json::from_str(&line?) {
            Ok(Line::Began {
                plan_sha256: of,
                at,
            }) => {
                if plan_sha256.is_some_and(|wanted| of != wanted) {
                    return Err(Unreadable::OfAnotherPlan);
                }
                past.began = Some(at);
            }
            Ok(Line::Sent { batch, items }) => {
                past.sent.extend(items);
                batches = batches.max(batch + 1);
            }
            Ok(Line::Answered { made, gone, .. }) => {
                past.made.extend(made);
                // Somebody else deleted it, so no later run may claim it either.
                for at in gone {
                    past.sent.remove(&at);
                }
            }
            Ok(Line::Probe { bucket }) => drop(past.probes.insert(bucket)),
            Ok(Line::ProbeGone { bucket }) => drop(past.probes.remove(&bucket)),
            // Truncated: the batch was not sent, because its line comes first.
            Err(_) => {}
        }
    }
    Ok((past, batches))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_760_000_000, 0).unwrap()
    }

    /// Records that a batch is about to be sent.
    fn will_send(journal: &mut Journal, items: &[usize]) -> u64 {
        let (batch, items) = (journal.number(), items.to_vec());
        let line = Line::Sent { batch, items };
        journal.writer().unwrap().append([&line]).unwrap();
        batch
    }

    #[test]
    fn of_lines_that_were_written_together_those_that_are_whole_count() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("journal");
        let journal = Journal::begin(&path, "a", at()).unwrap();
        let sent = |batch: u64, items: &[usize]| Line::Sent {
            batch,
            items: items.to_vec(),
        };
        let lines = [sent(0, &[1]), sent(1, &[2]), sent(2, &[3])];
        journal.writer().unwrap().append(&lines).unwrap();
        drop(journal);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, &text[..text.len() - 4]).unwrap();
        let mut again = Journal::resume(&path, "a").unwrap();
        assert_eq!(again.past.sent, BTreeSet::from([1, 2]));
        assert_eq!(will_send(&mut again, &[3]), 2);
        drop(again);
        let again = Journal::resume(&path, "a").unwrap();
        assert_eq!(again.past.sent, BTreeSet::from([1, 2, 3]));
    }

    #[test]
    fn a_plan_is_begun_once_and_carried_out_by_one() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("journal");
        assert!(matches!(
            Journal::resume(&path, "a"),
            Err(Failure::Refused { .. })
        ));
        let mut journal = Journal::begin(&path, "a", at()).unwrap();
        let batch = will_send(&mut journal, &[3, 1]);
        let answers = Answers {
            done: vec![3],
            ..Answers::default()
        };
        let answered = Line::answered(batch, answers);
        journal.writer().unwrap().append([&answered]).unwrap();
        will_send(&mut journal, &[2]);
        let refusal = |of| match of {
            Err(Failure::Refused { why, .. }) => why,
            _ => panic!("it was not refused"),
        };
        let busy = refusal(Journal::resume(&path, "a").map(|_| ()));
        assert!(busy.contains("another purge"), "{busy}");
        drop(journal);
        let begun = refusal(Journal::begin(&path, "a", at()).map(|_| ()));
        assert!(begun.contains("begun before"), "{begun}");
        let changed = refusal(Journal::resume(&path, "b").map(|_| ()));
        assert!(changed.contains("changed"), "{changed}");
        let again = Journal::resume(&path, "a").unwrap();
        assert_eq!(again.past.sent, BTreeSet::from([1, 2, 3]));
        assert_eq!((again.past.began, again.next_batch), (Some(at()), 2));
    }

    #[test]
    fn a_line_that_was_cut_short_was_never_acted_on() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("journal");
        let mut journal = Journal::begin(&path, "a", at()).unwrap();
        will_send(&mut journal, &[1]);
        drop(journal);
        let mut text = std::fs::read_to_string(&path).unwrap();
        text.push_str("{\"line\":\"sent\",\"batch\":1,\"ite");
        std::fs::write(&path, text).unwrap();
        let mut again = Journal::resume(&path, "a").unwrap();
        assert_eq!(again.past.sent, BTreeSet::from([1]));
        will_send(&mut again, &[5]);
        drop(again);
        let again = Journal::resume(&path, "a").unwrap();
        assert_eq!(again.past.sent, BTreeSet::from([1, 5]));
    }
}
