//! What is being done to orphans: a plan, how far it is carried out, what became of it.

use std::sync::Arc;

use crate::ops::change::Progress;
use crate::tasks::{ActDone, ActPlan};

/// How far acting on orphans is.
#[derive(Debug, Clone, Default)]
pub enum Acting {
    /// Nothing is to be done.
    #[default]
    None,
    /// A plan is being made.
    Planning,
    /// There is a plan, to be looked at. Nothing was changed.
    Planned(Arc<ActPlan>),
    /// It is being carried out.
    Running(Arc<ActPlan>, Progress),
    /// It has ended, however that was.
    Ended(Arc<ActDone>),
}

impl Acting {
    /// Whether something is under way.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        matches!(self, Self::Planning | Self::Running(..))
    }

    /// The plan that is shown, while nothing was changed by it.
    #[must_use]
    pub fn plan(&self) -> Option<&Arc<ActPlan>> {
        match self {
            Self::Planned(plan) => Some(plan),
            Self::None | Self::Planning | Self::Running(..) | Self::Ended(_) => None,
        }
    }
}
