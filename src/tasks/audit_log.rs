//! The audit log on its way to the screen: read from beginning to end, told newest first, page by page.

use super::runner::{Outbox, Shared};
use super::scan::on_a_thread;
use super::work::Update;
use crate::aws::{Problem, ProblemKind};
use crate::domain::advice::advice;
use crate::ops::change::audit::Audit;
use crate::ops::change::audit_log::{self, Line};
use tokio_util::sync::CancellationToken;

/// Lines that go to the screen together.
const PAGE: usize = 2_000;

/// What the reading of the audit log says.
#[derive(Debug)]
pub(crate) enum AuditNews {
    /// The whole log was read and its chain checked.
    Checked {
        /// Where it is.
        file: String,
        /// How many lines it has.
        lines: usize,
        /// The numbers of the lines at which the chain does not hold, oldest first.
        broken: Vec<u64>,
    },
    /// More of its lines, newest first.
    Lines(Vec<Line>),
}

/// Reads the log and checks its chain.
pub(super) async fn read(
    shared: &Shared,
    out: &Outbox,
    token: CancellationToken,
) -> Result<(), Problem> {
    let problem = |target: String, why: &str| {
        Problem::new(
            "read the audit log",
            target,
            ProblemKind::Configuration,
            why,
            advice!("the log is audit.jsonl in the XDG state folder, and has to belong to you"),
        )
    };
    let Some(folder) = shared.state().map(std::path::Path::to_owned) else {
        return Err(problem(String::new(), "there is no home folder"));
    };
    let shown = folder.display().to_string();
    let reading = move || {
        let log = Audit::of(&folder)?;
        audit_log::read(&log, &|| token.is_cancelled())
    };
    let log = on_a_thread(reading)
        .await?
        .map_err(|error| problem(shown, &error.to_string()))?;
    let checked = AuditNews::Checked {
        file: log.file,
        lines: log.lines.len(),
        broken: log.broken,
    };
    out.send(Update::AuditLog(checked)).await;
    let mut lines = log.lines.into_iter();
    loop {
        let page: Vec<Line> = lines.by_ref().take(PAGE).collect();
        if page.is_empty() {
            return Ok(());
        }
        out.send(Update::AuditLog(AuditNews::Lines(page))).await;
    }
}
