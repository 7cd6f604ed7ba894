//! Purges through the wire: what goes is exactly what is the user's, whatever happens on the way.

pub mod bench;
mod child;
mod command;
mod crashes;
mod exactness;
mod faults;
mod finding;
pub mod oracle;
mod property;
mod refusals;
