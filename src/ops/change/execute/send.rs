//! Sends one batch: in one request if possible, otherwise one request per item.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, StreamExt};
use tokio::time::Instant;

use super::probe::Heeds;
use super::rate_limit::RateLimit;
use crate::aws::wire::removal::{self, Answered, Named, Took};
use crate::aws::{Problem, ProblemKind, wire};
use crate::domain::change::order::Batch;
use crate::domain::change::{Act, Item, What};
use crate::domain::{BucketName, VersionId};
use crate::ops::change::current_state::is_same;
use crate::ops::change::journal::Made;
use crate::ops::change::{Tools, blockers, now};
use crate::ops::find::exact;
use crate::ops::quarantine::tagging::{self, Way};
use crate::ops::quarantine::{Step, Target, copying, destination};

/// The number of attempts for errors that may be temporary.
const TRIES: u32 = 5;

/// The result for one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sent {
    /// The service reports success.
    Done {
        /// Whether the item was checked directly before, because no condition was possible.
        checked: bool,
        /// The delete marker that now hides it.
        marker: Option<Made>,
    },
    /// It was gone before the request arrived: somebody else deleted it after the survey.
    GoneBefore,
    /// A newer object is in its place, and was not touched.
    Changed,
    /// A lock prevents the deletion.
    Retained(String),
    /// The request failed.
    Failed(String),
    /// There was no response.
    InDoubt,
}

impl Sent {
    /// Success, either with a condition or without needing one.
    fn done(marker: Option<VersionId>) -> Self {
        Self::Done {
            checked: false,
            marker: marker.map(created_version),
        }
    }
}

/// A delete marker that a response named.
fn created_version(id: VersionId) -> Made {
    Made {
        id: id.0,
        assumed: false,
    }
}

pub(super) struct Sender<'a> {
    pub(super) tools: Tools<'a>,
    pub(super) act: &'a Act,
    pub(super) items: Arc<Vec<Item>>,
    pub(super) in_flight: usize,
    pub(super) rate_limit: RateLimit,
    /// The conditions that the bucket honours.
    pub(super) heeds: Heeds,
}

/// A response, before a denial is checked against locks.
enum Answer {
    Sent(Sent),
    Problem(Problem),
}

/// The condition of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition<'i> {
    /// None is needed.
    Free,
    /// The object must have this ETag.
    Etag(&'i str),
    /// The service does not support one: the object is checked directly before.
    Look,
}

impl Sender<'_> {
    /// Sends a batch. Returns a result for each item, and the error that stops the change, if any.
    pub(super) async fn send(&self, batch: &Batch) -> (Vec<(usize, Sent)>, Option<Problem>) {
        let mut together = Vec::new();
        let mut alone = Vec::new();
        for at in &batch.items {
            let Some(item) = self.items.get(*at) else {
                continue;
            };
            let goes_together = self.goes_in_batches()
                && !matches!(item.what, What::Upload { .. })
                && removal::fits_in_batch(&item.claim.key);
            match self.condition(item, self.heeds.together) {
                Condition::Free if goes_together => together.push((*at, item, None)),
                Condition::Etag(etag) if goes_together => together.push((*at, item, Some(etag))),
                _ => alone.push(*at),
            }
        }
        let (mut answers, doubtful) = match self.act {
            Act::Mark => self.hide_together(&batch.bucket, together).await,
            _ => (self.together(&batch.bucket, together).await, Vec::new()),
        };
        let doubtful: BTreeSet<usize> = doubtful.into_iter().collect();
        let (items, doubted) = (&self.items, &doubtful);
        let mut singles = stream::iter(alone.into_iter().chain(doubtful.iter().copied()))
            .map(|at| async move {
                let item = items.get(at)?;
                Some((at, self.alone(item, doubted.contains(&at)).await))
            })
            .buffered(self.in_flight.max(1));
        while let Some(single) = singles.next().await {
            answers.extend(single);
        }
        drop(singles);
        self.explain(answers).await
    }

    /// Whether S3 supports the act in a multi-object request.
    fn goes_in_batches(&self) -> bool {
        matches!(self.act, Act::Delete | Act::Mark | Act::Unmark { .. })
    }

    fn condition<'i>(&self, item: &'i Item, is_heeded: bool) -> Condition<'i> {
        if !self.act.needs_condition(item) {
            return Condition::Free;
        }
        match &item.etag {
            // S3 compares the condition only with the current version.
            Some(etag) if is_heeded && item.is_latest() => Condition::Etag(etag),
            _ => Condition::Look,
        }
    }

    /// Checks whether a lock explains a denial; any other denial ends the purge.
    async fn explain(
        &self,
        answers: Vec<(usize, Answer)>,
    ) -> (Vec<(usize, Sent)>, Option<Problem>) {
        let mut explained = Vec::with_capacity(answers.len());
        let mut halting = None;
        for (at, answer) in answers {
            let sent = match answer {
                Answer::Sent(sent) => sent,
                Answer::Problem(problem) => {
                    let held = match (problem.kind, self.items.get(at)) {
                        (ProblemKind::Denied, Some(item)) => self.lock_of(item).await,
                        _ => None,
                    };
                    match held {
                        Some(why) => Sent::Retained(why),
                        // It no longer has the ETag in the condition.
                        None if problem.kind == ProblemKind::Changed => Sent::Changed,
                        None if is_per_key(&problem) => Sent::Failed(words(&problem)),
                        None => {
                            let sent = if problem.kind == ProblemKind::Denied {
                                Sent::Failed(words(&problem))
                            } else {
                                Sent::InDoubt
                            };
                            halting.get_or_insert(problem);
                            sent
                        }
                    }
                }
            };
            explained.push((at, sent));
        }
        (explained, halting)
    }

    async fn lock_of(&self, item: &Item) -> Option<String> {
        let What::Version { id, .. } = &item.what else {
            return None;
        };
        let (bucket, key) = (&item.claim.bucket, &item.claim.key);
        let head = wire::object::head(self.tools.aws, bucket, key, Some(id), self.tools.meter);
        let head = head.await.ok()?;
        blockers::lock_words(&head.lock, now())
    }

    /// Sends one request, and repeats it for temporary errors.
    async fn together(
        &self,
        bucket: &BucketName,
        mut left: Vec<(usize, &Item, Option<&str>)>,
    ) -> Vec<(usize, Answer)> {
        let mut answers = Vec::with_capacity(left.len());
        for attempt in 1..=TRIES {
            if left.is_empty() {
                break;
            }
            let named: Vec<(Named, VersionId)> = left
                .iter()
                .map(|(_, item, etag)| (named(item, *etag), VersionId(item.id().to_owned())))
                .collect();
            let (permit, meter) = (self.tools.permit, self.tools.meter);
            let sent_at = Instant::now();
            let asked = removal::delete_batch(self.tools.aws, bucket, &named, permit, meter).await;
            let mut again = Vec::new();
            match asked {
                Ok(said) => {
                    self.rate_limit.took();
                    for ((at, item, etag), answer) in left.into_iter().zip(said) {
                        match answer {
                            Answered::Done { .. } => {
                                answers.push((at, Answer::Sent(Sent::done(None))));
                            }
                            Answered::InDoubt => answers.push((at, Answer::Sent(Sent::InDoubt))),
                            Answered::Failed(problem) if may_pass(&problem, attempt) => {
                                self.rate_limit.met(&problem, sent_at);
                                again.push((at, item, etag));
                            }
                            Answered::Failed(problem) => {
                                answers.push((at, Answer::Problem(problem)));
                            }
                        }
                    }
                }
                Err(problem) if may_pass(&problem, attempt) => {
                    self.rate_limit.met(&problem, sent_at);
                    again = left;
                }
                Err(problem) => {
                    let all = left.into_iter();
                    answers.extend(all.map(|(at, ..)| (at, Answer::Problem(problem.clone()))));
                }
            }
            left = again;
            if !left.is_empty() {
                pause(attempt).await;
                self.rate_limit.admit(left.len()).await;
            }
        }
        answers
    }

    /// Sends one request that hides many objects. It is not repeated: items with an unknown or temporary result are
    /// returned, to be checked first.
    async fn hide_together(
        &self,
        bucket: &BucketName,
        items: Vec<(usize, &Item, Option<&str>)>,
    ) -> (Vec<(usize, Answer)>, Vec<usize>) {
        let (mut answers, mut doubtful) = (Vec::new(), Vec::new());
        if items.is_empty() {
            return (answers, doubtful);
        }
        let objects: Vec<Named> = items
            .iter()
            .map(|(_, item, etag)| named(item, *etag))
            .collect();
        let (permit, meter) = (self.tools.permit, self.tools.meter);
        let sent_at = Instant::now();
        match removal::hide_batch(self.tools.aws, bucket, &objects, permit, meter).await {
            Ok(said) => {
                self.rate_limit.took();
                for ((at, ..), answer) in items.into_iter().zip(said) {
                    match answer {
                        Answered::Done { marker } => {
                            answers.push((at, Answer::Sent(Sent::done(marker))));
                        }
                        Answered::InDoubt => doubtful.push(at),
                        Answered::Failed(problem) if may_pass(&problem, 1) => {
                            self.rate_limit.met(&problem, sent_at);
                            doubtful.push(at);
                        }
                        Answered::Failed(problem) => answers.push((at, Answer::Problem(problem))),
                    }
                }
            }
            Err(problem) if may_pass(&problem, 1) => {
                self.rate_limit.met(&problem, sent_at);
                doubtful = items.into_iter().map(|(at, ..)| at).collect();
            }
            Err(problem) => {
                let all = items.into_iter();
                answers.extend(all.map(|(at, ..)| (at, Answer::Problem(problem.clone()))));
            }
        }
        if !doubtful.is_empty() {
            pause(1).await;
            self.rate_limit.admit(doubtful.len()).await;
        }
        (answers, doubtful)
    }

    /// Sends a single request: for an upload, a key that XML cannot represent, an object that may have been
    /// overwritten, or a `doubtful` one that was sent before without a response.
    async fn alone(&self, item: &Item, doubtful: bool) -> Answer {
        let mut attempt = 1;
        loop {
            let once = match self.act {
                Act::Mark => self.hide_once(item, doubtful || attempt > 1).await,
                Act::Delete | Act::Unmark { .. } => self.delete_once(item, attempt > 1).await,
                Act::Tag { .. } | Act::Untag | Act::CopyAside | Act::CopyBack => {
                    match Target::of(item) {
                        Some(target) => self.put_or_bring(item, target).await,
                        None => self.delete_once(item, attempt > 1).await,
                    }
                }
            };
            match once {
                Ok(sent) => return Answer::Sent(sent),
                Err(problem) if may_pass(&problem, attempt) => pause(attempt).await,
                Err(problem) => return Answer::Problem(problem),
            }
            attempt += 1;
        }
    }

    /// Deletes one item. If it does not exist, somebody else deleted it, or an earlier request (`before`) without a
    /// response did.
    async fn delete_once(&self, item: &Item, before: bool) -> Result<Sent, Problem> {
        let not_there = || {
            if before {
                Sent::done(None)
            } else {
                Sent::GoneBefore
            }
        };
        let Tools {
            aws, permit, meter, ..
        } = self.tools;
        let (bucket, key) = (&item.claim.bucket, &item.claim.key);
        let id = match &item.what {
            What::Upload { id } => {
                let took = removal::abort_upload_once(aws, bucket, key, id, permit, meter).await?;
                return Ok(match took {
                    Took::It => Sent::done(None),
                    Took::Nothing => not_there(),
                });
            }
            What::Version { id, .. } | What::Marker { id, .. } => id,
        };
        let condition = self.condition(item, self.heeds.alone);
        if condition == Condition::Look {
            let versions = exact::versions(aws, bucket, key, meter).await?;
            let now = versions.iter().find(|version| version.version_id == *id);
            match now.map(|now| Item::of_version(item.claim.clone(), now)) {
                None => return Ok(not_there()),
                Some(now) if !is_same(item, &now) => return Ok(Sent::Changed),
                Some(_) => {}
            }
        }
        let etag = match condition {
            Condition::Etag(etag) => Some(etag),
            Condition::Free | Condition::Look => None,
        };
        removal::delete_version(aws, bucket, key, id, etag, permit, meter).await?;
        Ok(Sent::Done {
            checked: condition == Condition::Look,
            marker: None,
        })
    }

    /// Hides one object. If it may be hidden already, or conditions are not honoured, it is checked first.
    async fn hide_once(&self, item: &Item, doubtful: bool) -> Result<Sent, Problem> {
        let Tools {
            aws, permit, meter, ..
        } = self.tools;
        let (bucket, key) = (&item.claim.bucket, &item.claim.key);
        let condition = self.condition(item, self.heeds.alone);
        let etag = match condition {
            Condition::Etag(etag) => Some(etag),
            Condition::Free | Condition::Look => None,
        };
        if doubtful || etag.is_none() {
            let versions = exact::versions(aws, bucket, key, meter).await?;
            let place = versions
                .iter()
                .position(|version| version.version_id.as_str() == item.id());
            match place {
                Some(0) => {}
                // Exactly one delete marker is above it: the one that was requested.
                Some(1) if doubtful && versions.first().is_some_and(|v| v.is_delete_marker) => {
                    let marker = versions.first().map(|marker| Made {
                        id: marker.version_id.as_str().to_owned(),
                        assumed: true,
                    });
                    return Ok(Sent::Done {
                        checked: false,
                        marker,
                    });
                }
                _ => return Ok(Sent::Changed),
            }
        }
        let marker = removal::hide(aws, bucket, key, etag, permit, meter).await?;
        Ok(Sent::Done {
            checked: condition == Condition::Look,
            marker: marker.map(created_version),
        })
    }
}

impl Sender<'_> {
    /// Quarantines or restores an object.
    async fn put_or_bring(&self, item: &Item, target: Target<'_>) -> Result<Sent, Problem> {
        let Tools {
            aws, permit, meter, ..
        } = self.tools;
        let step = match self.act {
            Act::Tag { day } => tagging::step(aws, target, Way::Aside(*day), permit, meter).await?,
            Act::Untag => tagging::step(aws, target, Way::Back, permit, meter).await?,
            Act::CopyAside | Act::CopyBack => {
                let copied = match (self.act, destination(item)) {
                    (Act::CopyAside, _) => copying::aside(aws, target, permit, meter).await?,
                    (_, Some(to)) => copying::back(aws, target, &to, permit, meter).await?,
                    (_, None) => Step::Left("nothing tells where it belongs".to_owned()),
                };
                if matches!(copied, Step::Done { .. }) {
                    return self.take_away(item, target).await;
                }
                copied
            }
            Act::Delete | Act::Mark | Act::Unmark { .. } => Step::Changed,
        };
        Ok(match step {
            Step::Done { checked } => Sent::Done {
                checked,
                marker: None,
            },
            Step::Already => Sent::done(None),
            Step::Changed => Sent::Changed,
            Step::Left(why) => Sent::Retained(why),
        })
    }

    /// Deletes an object that was copied and compared with its copy, if it is still the same.
    async fn take_away(&self, item: &Item, target: Target<'_>) -> Result<Sent, Problem> {
        let Tools {
            aws, permit, meter, ..
        } = self.tools;
        let checked = item.can_be_overwritten();
        if checked && !copying::is_as_judged(aws, target, meter).await? {
            return Ok(Sent::Changed);
        }
        let id = VersionId(item.id().to_owned());
        let (bucket, key) = (target.bucket, target.key);
        removal::delete_version(aws, bucket, key, &id, None, permit, meter).await?;
        Ok(Sent::Done {
            checked,
            marker: None,
        })
    }
}

fn named(item: &Item, etag: Option<&str>) -> Named {
    Named {
        key: item.claim.key.clone(),
        etag: etag.map(str::to_owned),
    }
}

fn may_pass(problem: &Problem, attempt: u32) -> bool {
    // An internal error for one key of a batch is not in the table of request errors.
    let is_transient = problem.is_transient()
        || matches!(
            problem.code.as_deref(),
            Some("InternalError" | "OperationAborted" | "RequestTimeout" | "SlowDown")
        );
    is_transient && attempt < TRIES
}

/// Whether an error concerns only one key.
fn is_per_key(problem: &Problem) -> bool {
    matches!(
        problem.kind,
        ProblemKind::Invalid | ProblemKind::Changed | ProblemKind::NotFound | ProblemKind::Other
    ) || (problem.is_transient() && problem.code.is_some())
}

/// The reason without the key: it outlives the user's keys.
pub(super) fn words(problem: &Problem) -> String {
    let code = problem.code.as_deref().unwrap_or_default();
    if code.is_empty() || problem.message.contains(code) {
        problem.message.clone()
    } else {
        format!("{} ({code})", problem.message)
    }
}

async fn pause(attempt: u32) {
    tokio::time::sleep(Duration::from_millis(100) * 2_u32.pow(attempt)).await;
}
