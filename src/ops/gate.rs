//! Limits the number of concurrent requests of a task.

use std::sync::Arc;

use tokio::sync::{Semaphore, SemaphorePermit};

/// Lets this many requests through at once; others wait in order. Clones share the gate.
#[derive(Debug, Clone)]
pub struct Gate {
    places: Arc<Semaphore>,
    width: usize,
}

impl Gate {
    /// A gate for this many concurrent requests, at least 1.
    #[must_use]
    pub fn new(width: usize) -> Self {
        let width = width.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            places: Arc::new(Semaphore::new(width)),
            width,
        }
    }

    /// The number of requests that it lets through at once.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Reserves places, at most as many as there are, until the result is dropped. For work that limits its own
    /// requests.
    pub(super) async fn hold(&self, places: usize) -> Held<'_> {
        let places = places.clamp(1, self.width);
        let wanted = u32::try_from(places).unwrap_or(u32::MAX);
        Held {
            places,
            _permit: self.places.acquire_many(wanted).await.ok(),
        }
    }

    /// Waits for a place, then runs a request and keeps the place until the response.
    pub(super) async fn pass<T>(&self, request: impl Future<Output = T>) -> T {
        // The semaphore is never closed, so there will be a permit.
        let _place = self.places.acquire().await;
        request.await
    }
}

/// Reserved places of a gate.
#[derive(Debug)]
pub(super) struct Held<'g> {
    pub places: usize,
    _permit: Option<SemaphorePermit<'g>>,
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn places_that_are_kept_are_nobody_elses_until_they_are_given_back() {
        let gate = Gate::new(3);
        let held = gate.hold(9).await;
        assert_eq!(held.places, 3);
        assert!(gate.pass(async {}).now_or_never().is_none());
        drop(held);
        assert!(gate.pass(async {}).now_or_never().is_some());
    }
}
