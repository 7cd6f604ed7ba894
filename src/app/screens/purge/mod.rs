//! The Purge screen: whose things, what was found, the last question, the carrying out, the receipt.
//!
//! Five pages, one behind the other: [`setup`] (the user's id and the rules, what was begun before, what can be undone), the plan by bucket and reason, the items of
//! one group, the question that only the user's id answers, and the run with what came of it. What keeps a plan from being
//! carried out is decided in one place, [`obstacle`]. Start with [`Purge`].

pub(crate) mod batch;
pub(crate) mod ended;
pub(crate) mod obstacle;
mod row;
pub(crate) mod run;
pub(crate) mod setup;
pub(crate) mod texts;
pub(crate) mod update;

pub(crate) use row::{PurgeColumn, PurgeRow};

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tui_input::Input;

use crate::app::table::{Arranged, Table};
use crate::aws::Problem;
use crate::ops::find::Group;
use crate::tasks::{PurgePlan, PurgeStage};
use batch::Many;
use run::Run;
use setup::Setup;

/// The screen.
pub(super) struct PurgeScreen;

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Page {
    /// Whose things, by which rules.
    #[default]
    Setup,
    /// The plan by bucket and reason, or how far the search is.
    Plan,
    /// The items of the group under the cursor.
    Items,
    /// The last question.
    Confirm,
    /// The purge, and what came of it.
    Run,
    /// The receipt as a page.
    Receipt,
    /// Many users at once: the plan, the run, and what came of it.
    Many,
    /// The question for many users.
    ManyConfirm,
}

/// The Purge screen.
#[derive(Debug, Default)]
pub(crate) struct Purge {
    /// What is shown.
    pub page: Page,
    /// What was typed and chosen.
    pub setup: Setup,
    /// The search, the last one.
    pub search: Search,
    /// The line of the cursor among the groups.
    pub group: usize,
    /// The items of one group.
    pub items: Table<PurgeRow>,
    /// Whether it is told beside the list why an item is the user's.
    pub pane: bool,
    /// The first line of the text that is shown.
    pub scroll: u16,
    /// What was typed to the last question.
    pub confirm: Input,
    /// The purge of this session, the last one.
    pub run: Run,
    /// Many users at once, the last time.
    pub many: Many,
}

/// How far the search is.
#[derive(Debug, Default)]
pub(crate) enum Search {
    /// Nobody asked.
    #[default]
    None,
    /// It runs.
    Running {
        /// Whose things are looked for.
        user: String,
        /// Since when.
        since: DateTime<Utc>,
        /// What is going on.
        stage: PurgeStage,
    },
    /// There is a plan.
    Ready(Arc<PurgePlan>),
    /// It broke off.
    Failed(Arc<Problem>),
}

/// How what was typed compares with what has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Typed {
    /// It is the beginning of the id, or nothing yet.
    Beginning,
    /// It is the id, byte for byte.
    Whole,
    /// It is another.
    Different,
}

impl Purge {
    /// The plan, once there is one.
    #[must_use]
    pub(crate) fn plan(&self) -> Option<&Arc<PurgePlan>> {
        match &self.search {
            Search::Ready(plan) => Some(plan),
            Search::None | Search::Running { .. } | Search::Failed(_) => None,
        }
    }

    /// Whether a search runs.
    #[must_use]
    pub(crate) fn is_searching(&self) -> bool {
        matches!(self.search, Search::Running { .. }) || matches!(self.many, Many::Planning { .. })
    }

    /// Whether a purge runs.
    #[must_use]
    pub(crate) fn is_running(&self) -> bool {
        matches!(self.run, Run::Running(_)) || matches!(self.many, Many::Running(_))
    }

    /// Whether keys go into a line rather than to the key map.
    #[must_use]
    pub(crate) fn is_typing(&self) -> bool {
        match self.page {
            Page::Setup => self.setup.typing,
            Page::Confirm | Page::ManyConfirm => true,
            Page::Plan | Page::Items | Page::Run | Page::Receipt | Page::Many => false,
        }
    }

    /// How what was typed to the last question compares with the user's id.
    #[must_use]
    pub(crate) fn typed(&self) -> Typed {
        let typed = self.confirm.value();
        let wanted = if self.page == Page::ManyConfirm {
            self.many.plan().map(|plan| plan.batch.confirmation())
        } else {
            self.plan().map(|plan| plan.user().to_owned())
        };
        let Some(wanted) = wanted else {
            return Typed::Different;
        };
        if typed == wanted {
            Typed::Whole
        } else if wanted.starts_with(typed) {
            Typed::Beginning
        } else {
            Typed::Different
        }
    }

    /// The group under the cursor.
    #[must_use]
    pub(crate) fn current_group(&self) -> Option<&Group> {
        self.plan()?.groups.get(self.group)
    }

    /// Fills the list with the items of the group under the cursor.
    pub(crate) fn list_group(&mut self) -> Arranged {
        let plan = self.plan().cloned();
        self.items = Table::default();
        let Some(plan) = plan else {
            return Arranged::Now;
        };
        let members = plan.members.get(self.group).map(Vec::as_slice);
        let rows = members.unwrap_or_default().iter().map(|at| PurgeRow {
            plan: Arc::clone(&plan),
            at: *at,
        });
        self.items.push(rows.collect())
    }

    /// Forgets what was found. A purge that runs, and what came of the last one, stay.
    pub(crate) fn forget(&mut self) {
        self.search = Search::None;
        self.items = Table::default();
        self.confirm.reset();
        self.scroll = 0;
        self.group = 0;
    }
}
