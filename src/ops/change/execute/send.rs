//! Sends one batch: in one request what can go together, one by one what cannot.

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

/// How often what may succeed a little later is tried.
const TRIES: u32 = 5;

/// What came of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sent {
    /// The service says that it is done.
    Done {
        /// Whether it was looked at right before, for want of a condition.
        checked: bool,
        /// The delete marker that hides it now.
        marker: Option<Made>,
    },
    /// It was gone when the request came: somebody else took it away since it was looked at.
    GoneBefore,
    /// Something newer is in its place, and was left alone.
    Changed,
    /// Something holds it.
    Retained(String),
    /// It could not be done.
    Failed(String),
    /// Nothing was said of it.
    InDoubt,
}

impl Sent {
    /// Done in one request among others or alone, on a condition or without need of one.
    fn done(marker: Option<VersionId>) -> Self {
        Self::Done {
            checked: false,
            marker: marker.map(created_version),
        }
    }
}

/// A marker that an answer names.
fn created_version(id: VersionId) -> Made {
    Made {
        id: id.0,
        assumed: false,
    }
}

/// Sends batches.
pub(super) struct Sender<'a> {
    pub(super) tools: Tools<'a>,
    pub(super) act: &'a Act,
    pub(super) items: Arc<Vec<Item>>,
    pub(super) in_flight: usize,
    pub(super) rate_limit: RateLimit,
    /// What the bucket was shown to heed.
    pub(super) heeds: Heeds,
}

/// An answer, before anybody asked whether a lock explains it.
enum Answer {
    Sent(Sent),
    Problem(Problem),
}

/// The condition on which something is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition<'i> {
    /// None is needed.
    Free,
    /// It must have this entity tag.
    Etag(&'i str),
    /// The service cannot be asked for one: it is looked at right before.
    Look,
}

impl Sender<'_> {
    /// Sends a batch. Gives an answer for each item, and what keeps the change from going on.
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

    /// Whether the act is one that S3 takes for many keys at a time.
    fn goes_in_batches(&self) -> bool {
        matches!(self.act, Act::Delete | Act::Mark | Act::Unmark { .. })
    }

    fn condition<'i>(&self, item: &'i Item, is_heeded: bool) -> Condition<'i> {
        if !self.act.needs_condition(item) {
            return Condition::Free;
        }
        match &item.etag {
            // S3 holds the condition against what is current, and nothing else.
            Some(etag) if is_heeded && item.is_latest() => Condition::Etag(etag),
            _ => Condition::Look,
        }
    }

    /// Asks of what was denied whether a lock is why; any other denial ends the purge.
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
                        // It does not have the entity tag any more that was asked for.
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

    /// One request, and again for what may succeed a little later.
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

    /// One request that hides many. It is not repeated: what may have been hidden, and what may be tried again, is given
    /// back, to be looked at first.
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

    /// A request of its own: an upload, a key that XML cannot carry, what may have been overwritten, or what is
    /// `doubtful`: tried before, and not answered.
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

    /// Deletes one thing. What is not there was taken away by somebody else, or by a request that came `before` this one
    /// and was not answered.
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

    /// Hides one object. Where it may be hidden already, or no condition is heeded, it is looked at first.
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
                // Nothing but one marker is above it: the one that was asked for.
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
    /// Puts an object aside, or brings it back.
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

    /// Deletes what was copied, and was compared with its copy, where it is still the same.
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
    // An internal error of one key of a batch stands in no table of failures of requests.
    let is_transient = problem.is_transient()
        || matches!(
            problem.code.as_deref(),
            Some("InternalError" | "OperationAborted" | "RequestTimeout" | "SlowDown")
        );
    is_transient && attempt < TRIES
}

/// Whether a failure concerns one key and no other.
fn is_per_key(problem: &Problem) -> bool {
    matches!(
        problem.kind,
        ProblemKind::Invalid | ProblemKind::Changed | ProblemKind::NotFound | ProblemKind::Other
    ) || (problem.is_transient() && problem.code.is_some())
}

/// Why it failed, without the key: this is kept when the user's keys are gone.
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
