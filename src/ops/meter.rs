//! The request counters that every use case takes; they are defined next to the requests they count.

pub use crate::aws::Meter;
