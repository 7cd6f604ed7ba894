//! What a purge is about to do and what came of it, on the disk before it goes on.
//!
//! One file a case, JSON Lines: a line that says of which plan it is, then for each batch one before it is sent and one
//! when it is answered. Lines of several batches may be written together ([`Writer`]). The file is locked while a purge
//! has it: a second purge of the same plan is refused. Numbers are places in the plan.

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

/// What the names of journals end with.
pub(super) const ENDING: &str = ".journal.jsonl";

/// A line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "lowercase")]
pub(super) enum Line {
    /// The first.
    Began {
        plan_sha256: String,
        at: DateTime<Utc>,
    },
    /// A batch is about to be sent.
    Sent { batch: u64, items: Vec<usize> },
    /// What came of a batch.
    Answered {
        batch: u64,
        done: Vec<usize>,
        /// Why it could not be done to the others.
        failed: BTreeMap<usize, String>,
        /// What was gone when the request came.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        gone: Vec<usize>,
        /// The delete markers that were made.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        made: BTreeMap<usize, Made>,
    },
    /// Our own object is about to be put into a bucket, to learn whether conditions are heeded there.
    Probe { bucket: BucketName },
    /// Nothing of it is there any more.
    ProbeGone { bucket: BucketName },
}

/// A delete marker that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Made {
    pub(super) id: String,
    /// Whether it was found above the object after a request that was not answered, rather than named in an answer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) assumed: bool,
}

/// What came of a batch.
#[derive(Debug, Clone, Default)]
pub(super) struct Answers {
    pub(super) done: Vec<usize>,
    pub(super) failed: BTreeMap<usize, String>,
    pub(super) gone: Vec<usize>,
    pub(super) made: BTreeMap<usize, Made>,
}

/// The journal of a purge under way.
pub(super) struct Journal {
    pub(super) path: PathBuf,
    file: File,
    next_batch: u64,
    pub(super) past: Past,
}

/// What was done before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Past {
    /// When it was begun.
    pub(super) began: Option<DateTime<Utc>>,
    /// What was sent, answered or not, without what was gone by then.
    pub(super) sent: BTreeSet<usize>,
    /// The delete markers that were made.
    pub(super) made: BTreeMap<usize, Made>,
    /// Buckets in which an object of our own may be left.
    pub(super) probes: BTreeSet<BucketName>,
}

impl Journal {
    /// Begins the journal of a plan that was never begun.
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

    /// Goes on with the journal of a plan that was begun before.
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

    /// The number of the next batch. It is not used a second time.
    pub(super) fn number(&mut self) -> u64 {
        let batch = self.next_batch;
        self.next_batch += 1;
        batch
    }

    /// What writes lines while others wait for something else. The lock is held for as long as one of the two is there.
    pub(super) fn writer(&self) -> io::Result<Writer> {
        self.file.try_clone().map(Writer)
    }

    /// Writes down that an object of our own is about to be put into a bucket.
    pub(super) fn will_probe(&mut self, bucket: &BucketName) -> io::Result<()> {
        let bucket = bucket.clone();
        write(&mut self.file, &Line::Probe { bucket })
    }

    /// Writes down that nothing of it is there.
    pub(super) fn probe_gone(&mut self, bucket: &BucketName) -> io::Result<()> {
        let bucket = bucket.clone();
        write(&mut self.file, &Line::ProbeGone { bucket })
    }

    /// Everything is done: the journal goes.
    pub(super) fn remove(self) -> io::Result<()> {
        std::fs::remove_file(&self.path)
    }
}

/// Writes lines about batches into a journal.
pub(super) struct Writer(File);

impl Writer {
    /// Appends lines, all of them on the disk when it returns.
    pub(super) fn append<'l>(
        &mut self,
        lines: impl IntoIterator<Item = &'l Line>,
    ) -> io::Result<()> {
        let lines = lines.into_iter().map(serde_json::to_string);
        append_lines(&mut self.0, &lines.collect::<Result<Vec<_>, _>>()?)
    }
}

impl Line {
    /// What came of a batch.
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

/// What was done, whichever plan it is of.
pub(super) fn past(file: &File) -> io::Result<Past> {
    match read(file, None) {
        Ok((past, _)) => Ok(past),
        Err(Unreadable::Io(error)) => Err(error),
        Err(Unreadable::OfAnotherPlan) => Ok(Past::default()),
    }
}

/// What was done, and how many batches were sent. The last line may be cut short by whatever ended the purge.
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
                // Somebody else took it away: it is not claimed, by a later run either.
                for at in gone {
                    past.sent.remove(&at);
                }
            }
            Ok(Line::Probe { bucket }) => drop(past.probes.insert(bucket)),
            Ok(Line::ProbeGone { bucket }) => drop(past.probes.remove(&bucket)),
            // Cut short: what was to be sent next was not sent, for the line comes before it.
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

    /// Writes down that a batch is about to be sent.
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
