//! How often each operation was asked for, so that a test can say "that took one request" and mean it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The requests that arrived, by the name of their operation; cheap to clone, all clones count together.
#[derive(Debug, Clone, Default)]
pub struct RequestCounts {
    tally: Arc<Mutex<Tally>>,
}

#[derive(Debug, Default)]
struct Tally {
    arrived: BTreeMap<&'static str, u64>,
    refused: BTreeMap<&'static str, u64>,
    non_read: Vec<&'static str>,
}

impl RequestCounts {
    /// How often `operation` arrived, answered or refused.
    #[must_use]
    pub fn of(&self, operation: &str) -> u64 {
        self.tally()
            .arrived
            .get(operation)
            .copied()
            .unwrap_or_default()
    }

    /// How often `operation` was answered with an error, or with nothing at all.
    #[must_use]
    pub fn refused(&self, operation: &str) -> u64 {
        self.tally()
            .refused
            .get(operation)
            .copied()
            .unwrap_or_default()
    }

    /// All requests that arrived.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.tally().arrived.values().sum()
    }

    /// The requests that arrived, by operation.
    #[must_use]
    pub fn by_operation(&self) -> BTreeMap<&'static str, u64> {
        self.tally().arrived.clone()
    }

    /// The operations that arrived and could change something, one entry a request, in order of arrival: all but
    /// Get, List, Head, Describe and the CORS preflight.
    #[must_use]
    pub fn non_read(&self) -> Vec<&'static str> {
        self.tally().non_read.clone()
    }

    /// Begins to count anew.
    pub fn reset(&self) {
        *self.tally() = Tally::default();
    }

    pub(super) fn arrived(&self, operation: &'static str) {
        let mut tally = self.tally();
        *tally.arrived.entry(operation).or_default() += 1;
        if !is_read(operation) {
            tally.non_read.push(operation);
        }
    }

    pub(super) fn was_refused(&self, operation: &'static str) {
        *self.tally().refused.entry(operation).or_default() += 1;
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        // Counters are whole after any panic elsewhere: a poisoned lock tells nothing about them.
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_read(operation: &str) -> bool {
    ["Get", "List", "Head", "Describe", "Options"]
        .iter()
        .any(|verb| operation.starts_with(verb))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_change_something_is_listed_in_order() {
        let counts = RequestCounts::default();
        for operation in [
            "GetObject",
            "PutObject",
            "HeadBucket",
            "DeleteObjects",
            "PutObject",
        ] {
            counts.arrived(operation);
        }
        counts.was_refused("PutObject");
        assert_eq!(
            counts.non_read(),
            ["PutObject", "DeleteObjects", "PutObject"]
        );
        assert_eq!(
            (counts.of("PutObject"), counts.refused("PutObject")),
            (2, 1)
        );
        assert_eq!(counts.total(), 5);
    }

    #[test]
    fn all_clones_count_together_and_reset_together() {
        let counts = RequestCounts::default();
        counts.clone().arrived("GetObject");
        assert_eq!(counts.of("GetObject"), 1);
        counts.clone().reset();
        assert_eq!((counts.total(), counts.non_read().len()), (0, 0));
    }
}
