//! A planned change to a bucket: the items, who authorised it, and the order of deletion.
//!
//! Nothing here sends a request. [`item`] is one thing to change, with the [`Claim`] that says why it belongs to the
//! user. [`subject`] says what a plan is about and what it does. [`plan`] is a file of items; it is untrusted input
//! when it is read again. [`proof`] checks each claim against the blueprint again. [`order`] decides what is deleted
//! first. The result is recorded in a [`receipt`](super::receipt). Start with [`item`].

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
