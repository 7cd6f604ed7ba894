//! Sends one batch: in one request what can go together, one by one what cannot.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::stream::{self, StreamExt};
use tokio::time::Instant;

use crate::aws::wire::removal::{self, Answered};
use crate::aws::{Problem, ProblemKind, wire};
use crate::domain::change::order::Batch;
use crate::domain::change::{Act, Item, What};
use crate::domain::{BucketName, ObjectKey, VersionId};
use crate::ops::change::present::is_same;
use crate::ops::change::{Tools, blockers, now};
use crate::ops::find::exact;
use crate::ops::quarantine::tagging::{self, Way};
use crate::ops::quarantine::{Step, Target, copying, destination};

/// Keys a second to begin with. S3 takes 3,500 a second and prefix, and batches are spread over all of them.
const KEYS_A_SECOND: f64 = 100_000.0;

/// Keys a second at least, however often the service asks to slow down.
const SLOWEST: f64 = 500.0;

/// How often what may succeed a little later is tried.
const TRIES: u32 = 5;

/// What came of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sent {
    /// The service says that it is deleted.
    Deleted {
        /// Whether it was looked at right before, for want of a condition.
        checked: bool,
    },
    /// It was overwritten, and left alone.
    Changed,
    /// Something holds it.
    Retained(String),
    /// It could not be deleted.
    Failed(String),
    /// Nothing was said of it.
    InDoubt,
}

/// Lets so many keys a second through: half as many each time the service asks to slow down, and a little more with each
/// batch that it takes. Clones are one.
#[derive(Clone)]
pub(super) struct Governor(Arc<Mutex<Pace>>);

struct Pace {
    free_at: Instant,
    keys_a_second: f64,
}

impl Governor {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Pace {
            free_at: Instant::now(),
            keys_a_second: KEYS_A_SECOND,
        })))
    }

    /// Waits until so many keys may be sent.
    pub(super) async fn admit(&self, keys: usize) {
        let keys = u32::try_from(keys).unwrap_or(u32::MAX);
        let from = {
            let mut pace = self.pace();
            let takes = Duration::from_secs_f64(f64::from(keys) / pace.keys_a_second);
            let from = pace.free_at.max(Instant::now());
            pace.free_at = from + takes;
            from
        };
        tokio::time::sleep_until(from).await;
    }

    fn took(&self) {
        let mut pace = self.pace();
        pace.keys_a_second = (pace.keys_a_second * 1.05).min(KEYS_A_SECOND);
    }

    fn slow_down(&self) {
        let mut pace = self.pace();
        pace.keys_a_second = (pace.keys_a_second / 2.0).max(SLOWEST);
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends batches.
pub(super) struct Sender<'a> {
    pub(super) tools: Tools<'a>,
    pub(super) items: Arc<Vec<Item>>,
    pub(super) in_flight: usize,
    pub(super) governor: Governor,
    pub(super) act: Act,
}

/// An answer, before anybody asked whether a lock explains it.
enum Answer {
    Sent(Sent),
    Problem(Problem),
}

impl Sender<'_> {
    /// Sends a batch. Gives an answer for each item, and what keeps the purge from going on.
    pub(super) async fn send(&self, batch: &Batch) -> (Vec<(usize, Sent)>, Option<Problem>) {
        let mut together = Vec::new();
        let mut alone = Vec::new();
        for at in &batch.items {
            let Some(item) = self.items.get(*at) else {
                continue;
            };
            let goes_together = self.act == Act::Delete
                && !matches!(item.what, What::Upload { .. })
                && !item.can_be_overwritten()
                && removal::fits_in_batch(&item.claim.key);
            if goes_together {
                together.push((*at, item));
            } else {
                alone.push(*at);
            }
        }
        let mut answers = self.together(&batch.bucket, together).await;
        let mut singles = stream::iter(alone)
            .map(|at| async move { Some((at, self.alone(self.items.get(at)?).await)) })
            .buffered(self.in_flight.max(1));
        while let Some(single) = singles.next().await {
            answers.extend(single);
        }
        drop(singles);
        self.explain(answers).await
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
        mut left: Vec<(usize, &Item)>,
    ) -> Vec<(usize, Answer)> {
        let mut answers = Vec::with_capacity(left.len());
        for attempt in 1..=TRIES {
            if left.is_empty() {
                break;
            }
            let named: Vec<(ObjectKey, VersionId)> = left
                .iter()
                .map(|(_, item)| (item.claim.key.clone(), VersionId(item.id().to_owned())))
                .collect();
            let (permit, meter) = (self.tools.permit, self.tools.meter);
            let asked = removal::delete_batch(self.tools.aws, bucket, &named, permit, meter).await;
            let mut again = Vec::new();
            match asked {
                Ok(said) => {
                    self.governor.took();
                    for ((at, item), answer) in left.into_iter().zip(said) {
                        match answer {
                            Answered::Deleted => {
                                let sent = Sent::Deleted { checked: false };
                                answers.push((at, Answer::Sent(sent)));
                            }
                            Answered::InDoubt => answers.push((at, Answer::Sent(Sent::InDoubt))),
                            Answered::Failed(problem) if may_pass(&problem, attempt) => {
                                again.push((at, item));
                            }
                            Answered::Failed(problem) => {
                                answers.push((at, Answer::Problem(problem)));
                            }
                        }
                    }
                }
                Err(problem) if may_pass(&problem, attempt) => again = left,
                Err(problem) => {
                    let all = left.into_iter();
                    answers.extend(all.map(|(at, _)| (at, Answer::Problem(problem.clone()))));
                }
            }
            left = again;
            if !left.is_empty() {
                self.governor.slow_down();
                pause(attempt).await;
            }
        }
        answers
    }

    /// A request of its own: an upload, a key that XML cannot carry, or what may have been overwritten.
    async fn alone(&self, item: &Item) -> Answer {
        let mut attempt = 1;
        loop {
            match self.once(item).await {
                Ok(sent) => return Answer::Sent(sent),
                Err(problem) if may_pass(&problem, attempt) => pause(attempt).await,
                Err(problem) => return Answer::Problem(problem),
            }
            attempt += 1;
        }
    }

    async fn once(&self, item: &Item) -> Result<Sent, Problem> {
        let Tools {
            aws, permit, meter, ..
        } = self.tools;
        let (bucket, key) = (&item.claim.bucket, &item.claim.key);
        let id = match &item.what {
            What::Upload { id } => {
                removal::abort_upload(aws, bucket, key, id, permit, meter).await?;
                return Ok(Sent::Deleted { checked: false });
            }
            What::Version { id, .. } | What::Marker { id, .. } => id,
        };
        if let Some(target) = Target::of(item).filter(|_| self.act != Act::Delete) {
            return self.put_or_bring(item, target).await;
        }
        let checked = item.can_be_overwritten();
        if checked {
            let versions = exact::versions(aws, bucket, key, meter).await?;
            let now = versions.iter().find(|version| version.version_id == *id);
            match now.map(|now| Item::of_version(item.claim.clone(), now)) {
                None => return Ok(Sent::Deleted { checked: false }),
                Some(now) if !is_same(item, &now) => return Ok(Sent::Changed),
                Some(_) => {}
            }
        }
        removal::delete_version(aws, bucket, key, id, permit, meter).await?;
        Ok(Sent::Deleted { checked })
    }
}

impl Sender<'_> {
    /// Puts an object aside, or brings it back.
    async fn put_or_bring(&self, item: &Item, target: Target<'_>) -> Result<Sent, Problem> {
        let Tools {
            aws, permit, meter, ..
        } = self.tools;
        let step = match &self.act {
            Act::Tag { day } => {
                tagging::step(aws, target, Way::Aside(*day), permit, meter).await?
            }
            Act::Untag => tagging::step(aws, target, Way::Back, permit, meter).await?,
            Act::CopyAside | Act::CopyBack => {
                let copied = match (&self.act, destination(item)) {
                    (Act::CopyAside, _) => copying::aside(aws, target, permit, meter).await?,
                    (_, Some(to)) => copying::back(aws, target, &to, permit, meter).await?,
                    (_, None) => Step::Left("nothing tells where it belongs".to_owned()),
                };
                if matches!(copied, Step::Done { .. }) {
                    return self.take_away(item, target).await;
                }
                copied
            }
            Act::Delete => Step::Changed,
        };
        Ok(match step {
            Step::Done { checked } => Sent::Deleted { checked },
            Step::Already => Sent::Deleted { checked: false },
            Step::Changed => Sent::Changed,
            Step::Left(why) => Sent::Retained(why),
        })
    }

    /// Deletes what was copied, and was compared with its copy, where it is still the same.
    async fn take_away(&self, item: &Item, target: Target<'_>) -> Result<Sent, Problem> {
        let Tools {
            aws, permit, meter, ..
        } = self.tools;
        if item.can_be_overwritten() && !copying::is_as_judged(aws, target, meter).await? {
            return Ok(Sent::Changed);
        }
        let id = VersionId(item.id().to_owned());
        removal::delete_version(aws, target.bucket, target.key, &id, permit, meter).await?;
        Ok(Sent::Deleted {
            checked: item.can_be_overwritten(),
        })
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
fn words(problem: &Problem) -> String {
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
