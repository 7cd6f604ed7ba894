//! Runs jobs: one tokio task each, one cancellation token a slot, progress four times a second.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::perform::perform;
use super::work::{Envelope, Job, Outcome, Progress, Slot, Ticket, Update, Work};
use crate::aws::{Aws, ConnectOptions, WriteMode};
use crate::ops::Meter;
use crate::ops::audit::Acceptance;
use crate::ops::owners::OwnerLimits;
use crate::ops::scan::Kept;

/// How many updates may wait for the screen. A page of a listing is one update of up to 1,000 rows: 64 of them are a
/// few megabytes, and more than the screen takes in between two frames.
const WAITING_UPDATES: usize = 64;

/// How often a running job says how far it is.
const PROGRESS_EVERY: Duration = Duration::from_millis(250);

/// What jobs may do besides reading, and where they keep things.
#[derive(Debug)]
pub(crate) struct Capabilities {
    /// Whether changes are allowed.
    pub write: WriteMode,
    /// Where scans are kept for the next time, if anywhere.
    pub kept: Option<Kept>,
    /// The folder for what outlives the program, such as the journal of test objects, if there is one.
    pub state: Option<PathBuf>,
    /// Findings that somebody accepts.
    pub accepted: Vec<Acceptance>,
    /// A folder whose folders hold a blueprint each, if there is one: what the demo's applications say.
    pub blueprints: Option<PathBuf>,
}

/// What jobs share: the clients in use and the options they were made with.
pub(super) struct Shared {
    options: ConnectOptions,
    jobs: usize,
    means: Capabilities,
    aws: RwLock<Option<Aws>>,
}

impl Shared {
    /// The clients in use, once there is a connection.
    pub(super) fn aws(&self) -> Option<Aws> {
        self.aws
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Whether changes are allowed.
    pub(super) fn write(&self) -> WriteMode {
        self.means.write
    }

    /// The folder for what outlives the program, if there is one.
    pub(super) fn state(&self) -> Option<&Path> {
        self.means.state.as_deref()
    }

    /// Findings that somebody accepts.
    pub(super) fn accepted(&self) -> &[Acceptance] {
        &self.means.accepted
    }

    /// A folder whose folders hold a blueprint each, if there is one.
    pub(super) fn blueprints(&self) -> Option<&Path> {
        self.means.blueprints.as_deref()
    }

    /// Takes the clients out of use: what is asked from now on may not go to the account before.
    pub(super) fn forget_aws(&self) {
        *self.aws.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Puts newly made clients to use.
    pub(super) fn set_aws(&self, aws: Aws) {
        *self.aws.write().unwrap_or_else(PoisonError::into_inner) = Some(aws);
    }

    /// Takes note of who acts, where somebody states it; what the program was started with stays otherwise.
    fn state_operator(&self, name: Option<&str>) {
        let name = name.or(self.options.operator.as_deref());
        let aws = self.aws.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(aws) = aws.as_ref() {
            aws.state_operator(name);
        }
    }

    /// Where scans are kept, if anywhere.
    pub(super) fn kept(&self) -> Option<Kept> {
        self.means.kept.clone()
    }

    /// How far work on owners goes, and how many of its requests may be under way at once.
    pub(super) fn limits(&self) -> OwnerLimits {
        OwnerLimits {
            in_flight: self.jobs,
            ..OwnerLimits::default()
        }
    }

    /// The options to connect with under another profile.
    pub(super) fn options(&self, profile: Option<String>) -> ConnectOptions {
        let mut options = self.options.clone();
        if profile.is_some() {
            options.profile = profile;
        }
        options
    }
}

/// The running jobs.
pub(crate) struct Tasks {
    shared: Arc<Shared>,
    updates: mpsc::Sender<Envelope>,
    slots: HashMap<Slot, (Ticket, CancellationToken)>,
    /// What changes buckets: it may not be dropped before it came to an end of its own.
    changing: Vec<Unended>,
}

/// Work that changes a bucket, and that ends by itself soon after it was cancelled.
#[derive(Debug)]
pub(crate) struct Unended {
    /// What it still does, for whoever waits.
    pub words: &'static str,
    /// The work.
    pub running: JoinHandle<()>,
}

impl Tasks {
    /// Makes a task layer without a connection whose jobs may each have this many requests under way, and the channel on which its updates arrive.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn new(options: ConnectOptions, jobs: usize) -> (Self, mpsc::Receiver<Envelope>) {
        let means = Capabilities {
            write: WriteMode::from_flag(false),
            kept: None,
            state: None,
            accepted: Vec::new(),
            blueprints: None,
        };
        Self::with(options, jobs, means)
    }

    /// The same for jobs that may do more than read.
    #[must_use]
    pub(crate) fn with(
        options: ConnectOptions,
        jobs: usize,
        means: Capabilities,
    ) -> (Self, mpsc::Receiver<Envelope>) {
        let (updates, inbox) = mpsc::channel(WAITING_UPDATES);
        let shared = Arc::new(Shared {
            options,
            jobs,
            means,
            aws: RwLock::new(None),
        });
        let tasks = Self {
            shared,
            updates,
            slots: HashMap::new(),
            changing: Vec::new(),
        };
        (tasks, inbox)
    }

    /// Runs a job on the current tokio runtime, cancelling what ran in its slot.
    pub(crate) fn run(&mut self, job: Job) {
        let token = CancellationToken::new();
        let before = self.slots.insert(job.slot, (job.ticket, token.clone()));
        if let Some((_, old)) = before {
            old.cancel();
        }
        let out = Outbox {
            slot: job.slot,
            ticket: job.ticket,
            updates: self.updates.clone(),
        };
        if let Work::StateOperator(name) = &job.work {
            // At once: what is asked for next already counts on it.
            self.shared.state_operator(name.as_deref());
        }
        let words = match &job.work {
            Work::Smoke(_) => Some(
                "removing the test objects of the smoke test; Ctrl-C leaves them to the next one",
            ),
            Work::Purge(_) | Work::Batch(_) => Some(
                "stopping the purge after the batches under way; Ctrl-C leaves them in doubt, and it can go on later all the same",
            ),
            Work::Act(_) => Some(
                "stopping what is done to orphans after what is under way; Ctrl-C leaves that in doubt, and it can go on later all the same",
            ),
            _ => None,
        };
        let running = tokio::spawn(supervise(job, Arc::clone(&self.shared), out, token));
        self.changing.retain(|one| !one.running.is_finished());
        if let Some(words) = words {
            self.changing.push(Unended { words, running });
        }
    }

    /// Cancels everything. What comes back has still to be waited for: what changes buckets is not left in the middle.
    #[must_use]
    pub(crate) fn end(mut self) -> Vec<Unended> {
        for (_, token) in self.slots.values() {
            token.cancel();
        }
        let mut changing = std::mem::take(&mut self.changing);
        changing.retain(|one| !one.running.is_finished());
        changing
    }

    /// Cancels what runs in a slot.
    pub(crate) fn cancel_slot(&mut self, slot: Slot) {
        if let Some((_, token)) = self.slots.get(&slot) {
            token.cancel();
        }
    }

    /// Cancels one job by its ticket, if it still runs.
    pub(crate) fn cancel(&mut self, ticket: Ticket) {
        for (running, token) in self.slots.values() {
            if *running == ticket {
                token.cancel();
            }
        }
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        for (_, token) in self.slots.values() {
            token.cancel();
        }
    }
}

/// The way back for one job.
#[derive(Clone)]
pub(super) struct Outbox {
    slot: Slot,
    ticket: Ticket,
    updates: mpsc::Sender<Envelope>,
}

impl Outbox {
    fn envelope(&self, update: Update) -> Envelope {
        Envelope {
            slot: self.slot,
            ticket: self.ticket,
            update,
        }
    }

    /// Sends an update and waits while the screen is behind. The console is gone only when it ends, and then
    /// nobody misses the update.
    pub(super) async fn send(&self, update: Update) {
        let _ = self.updates.send(self.envelope(update)).await;
    }

    /// Sends an update that the next one makes superfluous, unless the channel is full.
    fn offer(&self, update: Update) {
        let _ = self.updates.try_send(self.envelope(update));
    }
}

/// Runs one job to its end, whatever that is, and says how it ended.
async fn supervise(job: Job, shared: Arc<Shared>, out: Outbox, token: CancellationToken) {
    let meter = Meter::new();
    let ticket = job.ticket;
    let work = perform(job.work, shared, meter.clone(), out.clone(), token.clone());
    let mut work = std::pin::pin!(AssertUnwindSafe(work).catch_unwind());
    let mut ticks = tokio::time::interval(PROGRESS_EVERY);
    ticks.tick().await;
    let ended = loop {
        tokio::select! {
            ended = &mut work => break ended,
            _ = ticks.tick() => out.offer(Update::Progress(snapshot(&meter))),
        }
    };
    let outcome = match ended {
        _ if token.is_cancelled() => Outcome::Cancelled,
        Ok(Ok(())) => Outcome::Done,
        Ok(Err(problem)) => Outcome::Failed(Arc::new(problem)),
        Err(panic) => Outcome::Panicked(panic_words(panic.as_ref())),
    };
    note(ticket, &outcome);
    out.send(Update::Progress(snapshot(&meter))).await;
    out.send(Update::Finished(outcome)).await;
}

/// Notes in the log how a job ended. What it was about stays out of it: targets hold keys and user ids.
fn note(ticket: Ticket, outcome: &Outcome) {
    let Ticket(number) = ticket;
    match outcome {
        Outcome::Done | Outcome::Cancelled => {
            tracing::debug!(task = number, ?outcome, "task ended");
        }
        Outcome::Failed(problem) => tracing::warn!(
            task = number,
            attempted = problem.attempted,
            kind = ?problem.kind,
            code = problem.code,
            request_id = problem.request_id,
            "task failed"
        ),
        Outcome::Panicked(words) => tracing::error!(task = number, words, "task panicked"),
    }
}

fn snapshot(meter: &Meter) -> Progress {
    Progress {
        requests: meter.requests(),
        retries: meter.retries(),
        objects: meter.objects(),
    }
}

fn panic_words(panic: &(dyn std::any::Any + Send)) -> String {
    if let Some(words) = panic.downcast_ref::<&str>() {
        (*words).to_owned()
    } else if let Some(words) = panic.downcast_ref::<String>() {
        words.clone()
    } else {
        "it left no message".to_owned()
    }
}
