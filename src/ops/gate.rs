//! How many requests of one piece of work may be under way at the same time.

use std::sync::Arc;

use tokio::sync::{Semaphore, SemaphorePermit};

/// Lets so many requests through at once; the others wait in the order in which they came. Clones are one gate.
#[derive(Debug, Clone)]
pub struct Gate {
    places: Arc<Semaphore>,
    width: usize,
}

impl Gate {
    /// A gate for this many requests at the same time, at least 1.
    #[must_use]
    pub fn new(width: usize) -> Self {
        let width = width.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            places: Arc::new(Semaphore::new(width)),
            width,
        }
    }

    /// How many requests it lets through at once.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Keeps several places for work that paces its own requests, until what is given back is dropped. At most as many
    /// as there are.
    pub(super) async fn hold(&self, places: usize) -> Held<'_> {
        let places = places.clamp(1, self.width);
        let wanted = u32::try_from(places).unwrap_or(u32::MAX);
        Held {
            places,
            _permit: self.places.acquire_many(wanted).await.ok(),
        }
    }

    /// Sends a request as soon as there is a place for it, and keeps the place until the answer is there.
    pub(super) async fn pass<T>(&self, request: impl Future<Output = T>) -> T {
        // Nobody closes the semaphore: there is always a permit to wait for.
        let _place = self.places.acquire().await;
        request.await
    }
}

/// Places of a gate that are kept.
#[derive(Debug)]
pub(super) struct Held<'g> {
    /// How many.
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
