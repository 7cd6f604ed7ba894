//! Acts wave by wave. Each batch is written down before it is sent and when it is answered.

mod probe;
mod send;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::stream::{FuturesUnordered, StreamExt};
use serde_json::json;

use self::probe::{Heeds, Prober, Wants};
use self::send::{Governor, Sender, Sent};
use super::check::{Checked, HIDES};
use super::journal::{Answers, Journal, Made};
use super::{
    Begin, ChangeRequest, Failure, Point, Progress, Stopped, Tools, WhyStopped, now, reach,
};
use crate::aws::Problem;
use crate::aws::wire::removal::fits_in_batch;
use crate::domain::BucketName;
use crate::domain::change::order::{Batch, waves};
use crate::domain::receipt::ConditionNote;

/// What came of it.
pub(super) enum Carried {
    /// Everything was tried.
    All(Box<Run>),
    /// It stopped on the way.
    Stopped(Stopped),
}

/// A plan of which everything was tried.
pub(super) struct Run {
    pub(super) checked: Checked,
    pub(super) journal: Journal,
    pub(super) began: DateTime<Utc>,
    /// What was sent, by this run and those before it.
    pub(super) sent: BTreeSet<usize>,
    /// To what it could not be done, and why.
    pub(super) failed: BTreeMap<usize, String>,
    /// The delete markers that were made, by this run and those before it.
    pub(super) made: BTreeMap<usize, Made>,
    /// Which conditions each bucket was shown to heed.
    pub(super) conditions: Vec<ConditionNote>,
    /// Whether something was looked at right before it was changed, for want of a condition.
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
        planned: u64::try_from(run.checked.wanted.len()).unwrap_or(u64::MAX),
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
    // Nothing more is changed, and what was is written down: an entry that cannot be made loses nothing.
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
        let heeds = self.learn_conditions(tools, request).await?;
        let governor = Governor::new();
        let wanted = self.checked.wanted.clone();
        for wave in waves(&self.checked.items, |at| wanted.contains(&at)) {
            let mut waiting = wave.batches.into_iter();
            let mut under_way = FuturesUnordered::new();
            let mut halt = None;
            loop {
                while halt.is_none() && under_way.len() < request.in_flight.max(1) {
                    if tools.stop.is_cancelled() {
                        halt = Some(Halt::Stop);
                        break;
                    }
                    let Some(batch) = waiting.next() else {
                        break;
                    };
                    let batch = if request.plan.header.act.must_not_uncover() {
                        self.without_what_hides(batch)
                    } else {
                        batch
                    };
                    if batch.items.is_empty() {
                        continue;
                    }
                    governor.admit(batch.items.len()).await;
                    let number = match self.write_down(tools, case, &batch) {
                        Ok(number) => number,
                        Err(error) => {
                            halt = Some(Halt::File(error));
                            break;
                        }
                    };
                    reach(request, Point::WrittenDown).await;
                    let sender = Sender {
                        tools,
                        act: &request.plan.header.act,
                        items: Arc::clone(&self.checked.items),
                        in_flight: request.in_flight,
                        governor: governor.clone(),
                        heeds: heeds.get(&batch.bucket).copied().unwrap_or_default(),
                    };
                    under_way.push(async move { (number, sender.send(&batch).await) });
                }
                // What is under way is waited for, whatever keeps the rest from being sent.
                let Some((number, (answers, problem))) = under_way.next().await else {
                    break;
                };
                reach(request, Point::Answered).await;
                let settled = self.settle(tools, case, number, &answers, progress, in_doubt);
                reach(request, Point::Settled).await;
                let _ = tools.progress.send(*progress);
                halt = halt
                    .or(problem.map(Halt::Problem))
                    .or(settled.err().map(Halt::File));
            }
            if let Some(halt) = halt {
                return Err(halt);
            }
        }
        Ok(())
    }

    /// Tries out in each bucket whether the conditions are heeded that its items need.
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

    /// Where an older version could not be deleted, what hides it stays.
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

    fn write_down(&mut self, tools: Tools<'_>, case: &str, batch: &Batch) -> io::Result<u64> {
        let number = self.journal.will_send(&batch.items)?;
        self.sent.extend(&batch.items);
        tools.store.audit().append(
            case,
            "batch-sent",
            json!({ "batch": number, "bucket": batch.bucket.as_str(), "items": batch.items.len() }),
        )?;
        Ok(number)
    }

    fn settle(
        &mut self,
        tools: Tools<'_>,
        case: &str,
        number: u64,
        answers: &[(usize, Sent)],
        progress: &mut Progress,
        in_doubt: &mut u64,
    ) -> io::Result<()> {
        let mut said = Answers::default();
        let mut doubtful: u64 = 0;
        for (at, answer) in answers {
            match answer {
                Sent::Done { checked, marker } => {
                    self.had_window |= checked;
                    said.done.push(*at);
                    said.made.extend(marker.clone().map(|made| (*at, made)));
                }
                Sent::Changed => {
                    let why = "it was overwritten after the plan was made; make a new plan";
                    self.checked.retained.insert(*at, why.to_owned());
                }
                Sent::Retained(why) => {
                    self.checked.retained.insert(*at, why.clone());
                    self.failed.insert(*at, why.clone());
                    said.failed.insert(*at, why.clone());
                }
                Sent::Failed(why) => {
                    self.failed.insert(*at, why.clone());
                    said.failed.insert(*at, why.clone());
                }
                Sent::InDoubt => {
                    // Not known to be gone: what hides it stays.
                    let why = "the service did not say what became of it".to_owned();
                    self.failed.insert(*at, why);
                    doubtful += 1;
                }
            }
        }
        progress.deleted += u64::try_from(said.done.len()).unwrap_or(u64::MAX);
        progress.failed += u64::try_from(said.failed.len()).unwrap_or(u64::MAX);
        *in_doubt += doubtful;
        let detail = json!({
            "batch": number, "done": said.done.len(), "failed": said.failed.len(), "in_doubt": doubtful,
        });
        self.made.extend(said.made.clone());
        self.journal.answered(number, said)?;
        tools.store.audit().append(case, "batch-answered", detail)?;
        Ok(())
    }
}
