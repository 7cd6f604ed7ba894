//! Carries out a plan wave by wave. Each batch is written to the journal before it is sent and after the response.
//!
//! `flow` handles one batch from start to end, `send` sends its requests, and `ledger` writes the journal. `probe`
//! finds out beforehand which conditions a bucket honours.

mod flow;
mod ledger;
mod probe;
mod rate_limit;
mod send;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::stream::{FuturesUnordered, StreamExt};
use serde_json::json;
use tokio::sync::Mutex;

use self::flow::{Answered, Flow, Passed};
use self::ledger::Ledger;
use self::probe::{Heeds, Prober, Wants};
use self::rate_limit::RateLimit;
use self::send::Sent;
use super::check::{Checked, HIDES};
use super::journal::{Journal, Made};
use super::{Begin, ChangeRequest, Failure, Progress, Stopped, Tools, WhyStopped, now};
use crate::aws::Problem;
use crate::aws::wire::removal::fits_in_batch;
use crate::domain::BucketName;
use crate::domain::change::order::{Batch, Wave, waves};
use crate::domain::receipt::ConditionNote;
use crate::domain::size::whole;

/// The result of the execution.
pub(super) enum Carried {
    /// Everything was tried.
    All(Box<Run>),
    /// It stopped early.
    Stopped(Stopped),
}

/// A plan that was tried completely.
pub(super) struct Run {
    pub(super) checked: Checked,
    pub(super) journal: Journal,
    pub(super) began: DateTime<Utc>,
    /// Items that were sent, by this run and earlier ones.
    pub(super) sent: BTreeSet<usize>,
    /// Items that failed, and why.
    pub(super) failed: BTreeMap<usize, String>,
    /// The delete markers that were created, by this run and earlier ones.
    pub(super) made: BTreeMap<usize, Made>,
    /// The conditions that each bucket honours, according to tests.
    pub(super) conditions: Vec<ConditionNote>,
    /// Whether an item was checked directly before its change because no condition was possible.
    pub(super) had_window: bool,
}

/// Why a run ends early.
enum Halt {
    Stop,
    Problem(Problem),
    File(io::Error),
}

impl From<io::Error> for Halt {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

pub(super) async fn carry_out(
    tools: Tools<'_>,
    request: &ChangeRequest<'_>,
    checked: Checked,
) -> Result<Carried, Failure> {
    let path = tools.store.journal_file(&request.plan.header.case);
    let journal = match request.begin {
        Begin::First => Journal::begin(&path, request.plan_sha256, now())?,
        Begin::Again => Journal::resume(&path, request.plan_sha256)?,
    };
    let mut run = Run {
        began: journal.past.began.unwrap_or_else(now),
        sent: journal.past.sent.clone(),
        made: journal.past.made.clone(),
        conditions: Vec::new(),
        checked,
        journal,
        failed: BTreeMap::new(),
        had_window: false,
    };
    let mut progress = Progress {
        planned: whole(run.checked.wanted.len()),
        ..Progress::default()
    };
    let mut in_doubt = 0;
    let tried = run.all(tools, request, &mut progress, &mut in_doubt).await;
    let why = match tried {
        Ok(()) => return Ok(Carried::All(Box::new(run))),
        Err(Halt::Stop) => WhyStopped::Interrupted,
        Err(Halt::Problem(problem)) => WhyStopped::Problem(problem),
        Err(Halt::File(error)) => {
            WhyStopped::File(format!("could not write down what is done: {error}"))
        }
    };
    // Nothing more is changed, and all changes are recorded. Losing this entry loses no information.
    let _ = tools.store.audit().append(
        &request.plan.header.case,
        &format!("{}-stopped", request.plan.header.act.event()),
        json!({ "done": progress.deleted, "failed": progress.failed, "in_doubt": in_doubt }),
    );
    Ok(Carried::Stopped(Stopped {
        progress,
        in_doubt,
        why,
    }))
}

impl Run {
    async fn all(
        &mut self,
        tools: Tools<'_>,
        request: &ChangeRequest<'_>,
        progress: &mut Progress,
        in_doubt: &mut u64,
    ) -> Result<(), Halt> {
        let case = &request.plan.header.case;
        tools.store.audit().append(
            case,
            &format!("{}-began", request.plan.header.act.event()),
            json!({
                "operator": self.checked.operator.arn,
                "subject": self.checked.secret.subject(&request.plan.header.subject),
                "planned": progress.planned,
                "plan_sha256": request.plan_sha256,
            }),
        )?;
        let _ = tools.progress.send(*progress);
        let flow = Flow {
            heeds: self.learn_conditions(tools, request).await?,
            ledger: Ledger::open(&self.journal, tools.store.audit(), case)?,
            items: Arc::clone(&self.checked.items),
            rate_limit: RateLimit::new(),
            halted: tools.stop.child_token(),
            at_point: Mutex::default(),
            tools,
            request,
        };
        let wanted = self.checked.wanted.clone();
        for wave in waves(&self.checked.items, |at| wanted.contains(&at)) {
            self.wave(&flow, wave, progress, in_doubt).await?;
        }
        Ok(())
    }

    /// Carries out a wave, with as many concurrent batches as the limit allows.
    async fn wave(
        &mut self,
        flow: &Flow<'_>,
        wave: Wave,
        progress: &mut Progress,
        in_doubt: &mut u64,
    ) -> Result<(), Halt> {
        let mut waiting = wave.batches.into_iter();
        let mut under_way = FuturesUnordered::new();
        let mut halt = None;
        loop {
            while halt.is_none() && under_way.len() < flow.request.in_flight.max(1) {
                if flow.tools.stop.is_cancelled() {
                    halt = Some(Halt::Stop);
                    break;
                }
                let Some(batch) = waiting.next() else {
                    break;
                };
                let batch = if flow.request.plan.header.act.must_not_uncover() {
                    self.without_what_hides(batch)
                } else {
                    batch
                };
                if !batch.items.is_empty() {
                    under_way.push(flow.carry(self.journal.number(), batch));
                }
            }
            // Batches in progress are awaited, whatever prevents the others from being sent.
            let Some(passed) = under_way.next().await else {
                return halt.map_or(Ok(()), Err);
            };
            let against = match passed {
                Passed::Kept(None) => Some(Halt::Stop),
                Passed::Kept(Some(error)) => Some(Halt::File(error)),
                Passed::Sent(answered) => {
                    let against = self.take(*answered, progress, in_doubt);
                    let _ = flow.tools.progress.send(*progress);
                    against
                }
            };
            halt = halt.or(against);
            if halt.is_some() {
                flow.halted.cancel();
            }
        }
    }

    /// Tests in each bucket whether it honours the conditions that its items need.
    async fn learn_conditions(
        &mut self,
        tools: Tools<'_>,
        request: &ChangeRequest<'_>,
    ) -> io::Result<BTreeMap<BucketName, Heeds>> {
        let mut wants: BTreeMap<BucketName, Wants> = BTreeMap::new();
        let items = &self.checked.items;
        for item in self.checked.wanted.iter().filter_map(|at| items.get(*at)) {
            if request.plan.header.act.needs_condition(item) {
                let of_bucket = wants.entry(item.claim.bucket.clone()).or_default();
                let goes_together = fits_in_batch(&item.claim.key);
                of_bucket.together |= goes_together;
                of_bucket.alone |= !goes_together;
            }
        }
        let replicated = &self.checked.replicated;
        let prober = Prober { tools, request };
        let learning = prober.learn(&mut self.journal, wants, |from| replicated.contains(from));
        let (heeds, notes) = Box::pin(learning).await?;
        self.conditions = notes;
        Ok(heeds)
    }

    /// If an older version could not be deleted, the version that hides it is left, too.
    fn without_what_hides(&mut self, mut batch: Batch) -> Batch {
        let items = Arc::clone(&self.checked.items);
        let left: BTreeSet<_> = self
            .failed
            .keys()
            .filter_map(|at| items.get(*at))
            .filter(|item| item.kind() == "version" && !item.is_latest())
            .map(|item| (&item.claim.bucket, &item.claim.key))
            .collect();
        if left.is_empty() {
            return batch;
        }
        let hides = |at: &usize| {
            items.get(*at).is_some_and(|item| {
                item.is_latest() && left.contains(&(&item.claim.bucket, &item.claim.key))
            })
        };
        let (stays, goes): (Vec<usize>, Vec<usize>) = batch.items.iter().partition(|at| hides(at));
        for at in stays {
            self.checked.retained.insert(at, HIDES.to_owned());
        }
        batch.items = goes;
        batch
    }

    /// Records the result of a batch. Returns the reason not to send further batches, if any.
    fn take(
        &mut self,
        answered: Answered,
        progress: &mut Progress,
        in_doubt: &mut u64,
    ) -> Option<Halt> {
        for (at, answer) in answered.answers {
            if answer != Sent::GoneBefore {
                self.sent.insert(at);
            }
            match answer {
                Sent::GoneBefore => progress.planned = progress.planned.saturating_sub(1),
                Sent::Done { checked, .. } => self.had_window |= checked,
                Sent::Changed => {
                    let why = "it was overwritten after the plan was made; make a new plan";
                    self.checked.retained.insert(at, why.to_owned());
                }
                Sent::Retained(why) => {
                    self.checked.retained.insert(at, why.clone());
                    self.failed.insert(at, why);
                }
                Sent::Failed(why) => drop(self.failed.insert(at, why)),
                Sent::InDoubt => {
                    // It may still exist, so the version that hides it stays.
                    let why = "the service did not say what became of it".to_owned();
                    self.failed.insert(at, why);
                }
            }
        }
        progress.deleted += whole(answered.said.done.len());
        progress.failed += whole(answered.said.failed.len());
        *in_doubt += answered.in_doubt;
        self.made.extend(answered.said.made);
        let problem = answered.problem.map(Halt::Problem);
        problem.or(answered.written.err().map(Halt::File))
    }
}
