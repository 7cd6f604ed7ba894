//! The search for orphans, and what was found on its way into a file.

pub(super) mod act;
mod document;
pub(super) mod unfinished;

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::runner::{Outbox, Shared};
use super::scan::on_a_thread;
use super::work::Update;
use crate::aws::{Aws, Problem, ProblemKind};
use crate::domain::BucketName;
use crate::domain::advice::advice;
use crate::domain::blueprint::{Blueprint, ReferenceList};
use crate::domain::orphans::gates::Limits;
use crate::domain::orphans::{KindTotal, Verdict};
use crate::domain::registry::Purpose;
use crate::ops::Meter;
use crate::ops::change::unfinished::Unfinished;
use crate::ops::orphans::{self, OrphansRequest, OrphansUpdate, Progress, Report};

#[cfg(test)]
pub(crate) use act::ActOrigin;
pub(crate) use act::{ActDone, ActPlan, OrphanAction, PlanActWork, Way};
pub(crate) use document::{Format, document};
pub(crate) use unfinished::ReopenActWork;

/// How often progress is told.
const EVERY: Duration = Duration::from_millis(250);

/// Updates of a search that may wait for the screen: only the last one is worth anything.
const WAITING: usize = 2;

/// What to search.
#[derive(Debug, Clone)]
pub(crate) struct OrphansWork {
    /// Whose objects are whose.
    pub blueprint: Blueprint,
    /// Which buckets of it.
    pub buckets: Vec<BucketName>,
    /// The list of living owners.
    pub owners: Option<ReferenceList>,
    /// The list of living keys.
    pub keys: Option<ReferenceList>,
    /// Where the gates stand.
    pub limits: Limits,
}

/// What a search found.
#[derive(Debug, Clone)]
pub(crate) struct OrphansFound {
    /// The report; its verdicts are not in it but beside it.
    pub report: Report,
    /// The verdicts, in the report's order.
    pub verdicts: Vec<Arc<Verdict>>,
    /// What they come to, by kind.
    pub totals: Vec<KindTotal>,
}

/// Verdicts that are to be written into a file.
#[derive(Debug, Clone)]
pub(crate) struct ExportWork {
    /// Where to. There may be no such file.
    pub path: PathBuf,
    /// In which form.
    pub format: Format,
    /// What was found.
    pub found: Arc<OrphansFound>,
    /// Which of the verdicts, by their numbers.
    pub numbers: Vec<usize>,
}

/// What a search says, or the writing of what it found.
#[derive(Debug)]
pub(crate) enum OrphansNews {
    /// How far it is.
    Progress(Progress),
    /// What is to be done to orphans; nothing was.
    ActPlanned(Arc<ActPlan>),
    /// How far that is.
    ActProgress(crate::ops::change::Progress),
    /// What became of it.
    Acted(Arc<ActDone>),
    /// What was begun here, at this endpoint, and did not come to its end.
    Unfinished(Vec<Unfinished>),
    /// The end.
    Done(Arc<OrphansFound>),
    /// So many verdicts are in this file.
    Exported {
        /// How many.
        items: usize,
        /// The file.
        path: PathBuf,
    },
}

impl From<Report> for OrphansFound {
    fn from(mut report: Report) -> Self {
        let totals = report.totals();
        let verdicts = std::mem::take(&mut report.verdicts);
        Self {
            verdicts: verdicts.into_iter().map(Arc::new).collect(),
            totals,
            report,
        }
    }
}

/// Looks for orphans. Cancelled, it ends by itself and tells that it was.
pub(super) async fn search(
    aws: Aws,
    work: OrphansWork,
    shared: &Shared,
    meter: Meter,
    out: &Outbox,
    token: CancellationToken,
) {
    let request = OrphansRequest {
        blueprint: work.blueprint,
        buckets: work.buckets,
        owners: work.owners,
        keys: work.keys,
        kinds: None,
        limits: work.limits,
        purpose: Purpose::Look,
        jobs: shared.limits().in_flight,
        state: shared.state().map(Path::to_owned),
        every: EVERY,
    };
    let (updates, mut inbox) = mpsc::channel(WAITING);
    let searching = orphans::run(aws, request, token, meter, updates);
    let passing_on = async {
        while let Some(update) = inbox.recv().await {
            let news = match update {
                OrphansUpdate::Progress(progress) => OrphansNews::Progress(progress),
                OrphansUpdate::Done(report) => OrphansNews::Done(Arc::new((*report).into())),
            };
            out.send(Update::Orphans(news)).await;
        }
    };
    futures::join!(searching, passing_on);
}

/// Writes verdicts into a new file that only its owner can read: keys hold the ids of users.
pub(super) async fn export(work: ExportWork, out: &Outbox) -> Result<(), Problem> {
    let path = std::path::absolute(&work.path).unwrap_or_else(|_| work.path.clone());
    let (items, to) = (work.numbers.len(), path.clone());
    let written = on_a_thread(move || write(&work, &to)).await?;
    written.map_err(|why| {
        let advice = if why.kind() == std::io::ErrorKind::AlreadyExists {
            advice!("name another file: nothing that is there is written over")
        } else {
            advice!("name a file in a folder that you may write to")
        };
        let shown = path.display().to_string();
        Problem::new(
            "write the verdicts to",
            crate::domain::text::safe(&shown),
            ProblemKind::Other,
            &why.to_string(),
            advice,
        )
    })?;
    let news = OrphansNews::Exported { items, path };
    out.send(Update::Orphans(news)).await;
    Ok(())
}

fn write(work: &ExportWork, path: &Path) -> std::io::Result<()> {
    let text = document(&work.found, &work.numbers, work.format);
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
