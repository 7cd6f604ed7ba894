//! The counters that every use case takes along; they live with the requests they count.

pub use crate::aws::Meter;
