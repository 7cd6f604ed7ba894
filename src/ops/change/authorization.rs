//! On what grounds the items of a plan are acted on: the seam between the engine and those who know why.
//!
//! The engine believes nothing that a plan says. Whoever wants something done hands it an [`Authorization`], which looks at what is
//! there now and proves each item again: [`OfUser`](super::user::OfUser) by the blueprint and the records, others by a
//! verdict of their own. The same look tells afterwards what has become of everything.

use std::collections::BTreeMap;

use futures::future::BoxFuture;

use super::current_state::Present;
use super::{Failure, Tools};
use crate::domain::change::{Existence, Plan};

/// Why items may be acted on.
pub trait Authorization: Sync {
    /// Says no to a plan before anything is asked of the service.
    ///
    /// # Errors
    /// [`Failure::Refused`] with what speaks against it.
    fn precheck(&self, plan: &Plan) -> Result<(), Failure>;

    /// Looks at what is there: of each item of the plan, and beside it. Before anything is changed, and again when
    /// everything was tried. `in_flight` is the most requests at a time.
    fn look<'l>(
        &'l self,
        tools: Tools<'l>,
        plan: &'l Plan,
        in_flight: usize,
    ) -> BoxFuture<'l, Present>;

    /// Proves each item anew. Gives the places in the plan of those that are to be left alone, and why.
    ///
    /// # Errors
    /// [`Failure::Refused`] where one that cannot be proven makes the whole plan one that nobody can believe.
    fn verify(&self, plan: &Plan, present: &Present) -> Result<BTreeMap<usize, String>, Failure>;

    /// What the receipt says of the subject.
    fn attest(&self) -> Attested;
}

/// What a receipt says of a plan's subject.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attested {
    /// Whether the user still exists; `None` where it is about no user.
    pub existence: Option<Existence>,
    /// Why it was done although the user exists.
    pub owner_still_exists: Option<String>,
    /// The user's id as it was given, where the receipt is to hold it.
    pub subject_as_given: Option<String>,
}
