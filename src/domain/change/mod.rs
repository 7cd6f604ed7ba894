//! A change to a bucket before, while and after it is made: what is meant, by whose authority, and what became of it.
//!
//! Nothing here sends a request. [`item`] is one thing that can be deleted, with the [`Claim`] that says why it belongs to
//! the user. Start there.

pub mod item;

pub use item::{Claim, Item, What, Why};
