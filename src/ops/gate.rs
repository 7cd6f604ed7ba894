//! How many requests of one piece of work may be under way at the same time.

use std::sync::Arc;

use tokio::sync::Semaphore;

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

    /// Sends a request as soon as there is a place for it, and keeps the place until the answer is there.
    pub(super) async fn pass<T>(&self, request: impl Future<Output = T>) -> T {
        // Nobody closes the semaphore: there is always a permit to wait for.
        let _place = self.places.acquire().await;
        request.await
    }
}
