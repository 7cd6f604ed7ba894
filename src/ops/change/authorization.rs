//! Authorization: why the items of a plan may be changed. It separates the engine from the rules.
//!
//! The engine trusts nothing that a plan says. The caller passes an [`Authorization`], which surveys the current state
//! and proves each item again. [`OfUser`](super::user::OfUser) uses the blueprint and the records; other
//! implementations have their own rules. The same survey later tells what happened to every item.

use std::collections::BTreeMap;

use futures::future::BoxFuture;

use super::current_state::Present;
use super::{Failure, Tools};
use crate::domain::change::{Existence, Plan};

/// Why items may be changed.
pub trait Authorization: Sync {
    /// Checks a plan before any request is sent.
    ///
    /// # Errors
    /// [`Failure::Refused`] with the reason.
    fn precheck(&self, plan: &Plan) -> Result<(), Failure>;

    /// Surveys the current state of each item of the plan, and finds new items. Called before the change and again
    /// after it. `in_flight` is the maximum number of concurrent requests.
    fn look<'l>(
        &'l self,
        tools: Tools<'l>,
        plan: &'l Plan,
        in_flight: usize,
    ) -> BoxFuture<'l, Present>;

    /// Proves each item again. Returns the indices of the items that must not be touched, and why.
    ///
    /// # Errors
    /// [`Failure::Refused`] if an item without proof makes the whole plan untrustworthy.
    fn verify(&self, plan: &Plan, present: &Present) -> Result<BTreeMap<usize, String>, Failure>;

    /// What the receipt says about the subject.
    fn attest(&self) -> Attested;
}

/// What a receipt says about a plan's subject.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attested {
    /// Whether the user still exists; `None` if the plan is not about a user.
    pub existence: Option<Existence>,
    /// The reason for the change although the user exists.
    pub owner_still_exists: Option<String>,
    /// The user's id in plain text, if the receipt is to contain it.
    pub subject_as_given: Option<String>,
}
