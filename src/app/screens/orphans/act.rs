//! What is being done to orphans: a plan, how far it is carried out, what became of it.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::app::change_progress::ChangeProgress;
use crate::aws::Problem;
use crate::domain::change::Act;
use crate::domain::command_line::{CommandLine, Given, where_it_was_made};
use crate::domain::quarantine::Method;
use crate::domain::receipt::Receipt;
use crate::domain::registry::Subject;
use crate::domain::size::grouped;
use crate::domain::text::safe;
use crate::domain::words::{counted, counted_are};
use crate::ops::change::{Ended, WhyStopped};
use crate::tasks::{ActDone, ActPlan, OrphansWork};

/// How far acting on orphans is.
#[derive(Debug, Clone, Default)]
pub(crate) enum Acting {
    /// Nothing is to be done.
    #[default]
    None,
    /// A plan is being made, or read.
    Planning,
    /// There is a plan, to be looked at. Nothing was changed.
    Planned(Arc<ActPlan>),
    /// It is being carried out.
    Running(Running),
    /// It has ended, however that was.
    Ended(Arc<ActDone>),
    /// There is no plan, or it was refused before anything was changed, or it broke off.
    Failed(Arc<Problem>),
}

/// A plan that is being carried out.
#[derive(Debug, Clone)]
pub(crate) struct Running {
    pub plan: Arc<ActPlan>,
    /// Since when.
    pub since: DateTime<Utc>,
    /// How far it is.
    pub progress: ChangeProgress,
    /// Whether somebody asked it to stop.
    pub stopping: bool,
}

impl Acting {
    /// Whether something is under way.
    #[must_use]
    pub(crate) fn is_under_way(&self) -> bool {
        matches!(self, Self::Planning | Self::Running(_))
    }

    /// The plan that is shown, while nothing was changed by it.
    #[must_use]
    pub(crate) fn plan(&self) -> Option<&Arc<ActPlan>> {
        match self {
            Self::Planned(plan) => Some(plan),
            Self::None | Self::Planning | Self::Running(_) | Self::Ended(_) | Self::Failed(_) => {
                None
            }
        }
    }

    /// What was carried out and stopped on the way.
    #[must_use]
    pub(crate) fn stopped(&self) -> Option<&Arc<ActDone>> {
        match self {
            Self::Ended(done) if matches!(done.acted.ended, Ended::Stopped(_)) => Some(done),
            _ => None,
        }
    }

    /// The receipt of what was carried out to its end.
    #[must_use]
    pub(crate) fn receipt(&self) -> Option<&Receipt> {
        match self {
            Self::Ended(done) => match &done.acted.ended {
                Ended::Verified(verified) => Some(&verified.receipt),
                Ended::Stopped(_) => None,
            },
            _ => None,
        }
    }
}

/// Why it stopped.
#[must_use]
pub(crate) fn why_stopped(why: &WhyStopped) -> String {
    match why {
        WhyStopped::Interrupted => "it was stopped".to_owned(),
        WhyStopped::Problem(problem) => problem.to_string(),
        WhyStopped::File(why) => safe(why).into_owned(),
    }
}

/// The command that goes on with an act that stopped. It is judged by the same lists and limits.
#[must_use]
pub(crate) fn command_to_go_on(done: &ActDone) -> String {
    let plan = &done.plan;
    let (word, method) = match plan.plan.header.act {
        Act::Delete => ("delete", None),
        Act::CopyAside => ("quarantine", Some(Method::Copy)),
        Act::Untag => ("restore", Some(Method::Tag)),
        Act::CopyBack => ("restore", Some(Method::Copy)),
        Act::Tag { .. } | Act::Mark | Act::Unmark { .. } => ("quarantine", Some(Method::Tag)),
    };
    let made_by = &plan.made_of.work;
    let header = &plan.plan.header;
    let by = method.map(|method| ("--by", Some(method.to_string())));
    CommandLine::new("orphans")
        .word(plan.made_of.bucket.as_str())
        .option("--act", word)
        .given(by)
        .option("--resume", &done.plan_file.to_string_lossy())
        .option("--blueprint", &made_by.blueprint.name)
        .given(where_it_was_made(
            header.endpoint.as_deref(),
            &header.operator,
        ))
        .given(lists(made_by))
        .given(made_by.limits.options())
        .word("--write")
        .option("--confirm", &plan.confirmation())
        .to_string()
}

/// The files that were typed on the form in place of the blueprint's lists.
fn lists(work: &OrphansWork) -> Vec<Given> {
    let stated = &work.blueprint.registry;
    let both = [
        (Subject::Owners, &work.owners, &stated.owners),
        (Subject::Keys, &work.keys, &stated.keys),
    ];
    let typed = both.into_iter().filter_map(|(subject, list, stated)| {
        let path = list.as_ref()?.path.as_ref()?;
        let is_stated = stated.as_ref().and_then(|stated| stated.path.as_ref()) == Some(path);
        let given = format!("{}={}", subject.plural(), path.display());
        (!is_stated).then_some(("--registry", Some(given)))
    });
    typed.collect()
}

/// The end in a few lines, for the terminal when the console was quit meanwhile.
#[must_use]
pub(crate) fn words(done: &ActDone) -> Vec<String> {
    let bucket = &done.plan.made_of.bucket;
    match &done.acted.ended {
        Ended::Verified(verified) => vec![
            format!("orphans of {bucket}: everything of the plan was tried and looked at again"),
            format!("receipt: {}", verified.receipt_file.display()),
        ],
        Ended::Stopped(stopped) => vec![
            format!("orphans of {bucket}: {}", why_stopped(&stopped.why)),
            format!(
                "the service took {}, {} failed, {} in doubt, and nothing was looked at again",
                counted(stopped.progress.deleted, "change"),
                grouped(stopped.progress.failed),
                counted_are(stopped.in_doubt, "thing")
            ),
            format!(
                "to go on: 4 Orphans in the console offers it, or {}",
                command_to_go_on(done)
            ),
        ],
    }
}
