//! Purges through the wire: what goes is exactly what is the user's, whatever happens on the way.

mod afterwards;
mod aside;
pub mod bench;
mod child;
mod command;
mod conditions;
mod crashes;
mod exactness;
mod faults;
mod finding;
pub mod locks;
mod metadata;
mod next;
pub mod oracle;
mod property;
mod receipts;
mod refusals;
mod replicas;
mod requests;
mod sharing;
mod soft;
mod together;
