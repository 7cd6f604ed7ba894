//! A change to a bucket before, while and after it is made: what is meant, by whose authority, and what became of it.
//!
//! Nothing here sends a request. [`item`] is one thing that can be changed, with the [`Claim`] that says why it belongs to
//! the user; [`subject`] says what a plan is about and what it does to it; [`plan`] is a file of items, which is untrusted input when it is read again; [`proof`] holds each claim
//! against the blueprint once more; [`order`] says what is deleted before what. What is left to show for it is a
//! [`receipt`](super::receipt). Start with [`item`].

pub(crate) mod item;
mod lines;
pub(crate) mod markers;
pub(crate) mod order;
pub(crate) mod plan;
pub(crate) mod proof;
pub(crate) mod requests;
pub(crate) mod subject;

pub(crate) use item::{Claim, Why};
pub use item::{Item, What};
pub use plan::{Existence, Plan};
pub(crate) use plan::{Header, Operator, OperatorSource};
pub use subject::{Act, Subject};
