//! Requests that can create something and were not answered yet.
//!
//! A request that is dropped may be carried out all the same, after everything was listed and taken away. So a run that
//! is stopped begins no more of them, waits for those under way, and looks again where one was never answered.

use tokio::sync::watch;

/// The requests under way.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    state: watch::Sender<State>,
}

#[derive(Debug, Default, Clone, Copy)]
struct State {
    waiting: usize,
    in_doubt: bool,
}

/// One request; without [`Pending::settled`] it is in doubt what became of it.
pub(super) struct Pending<'u> {
    of: &'u InFlight,
    is_settled: bool,
}

impl InFlight {
    /// A request is about to be sent.
    pub(super) fn begin(&self) -> Pending<'_> {
        self.state.send_modify(|state| state.waiting += 1);
        Pending {
            of: self,
            is_settled: false,
        }
    }

    /// Waits until none is under way.
    pub(super) async fn none(&self) {
        // It fails only when the sender is gone, and that is `self`.
        let _ = self
            .state
            .subscribe()
            .wait_for(|state| state.waiting == 0)
            .await;
    }

    /// Whether a request was never answered, so that what it asked for may still happen.
    pub(super) fn in_doubt(&self) -> bool {
        self.state.borrow().in_doubt
    }
}

impl Pending<'_> {
    /// It is known what became of it.
    pub(super) fn settled(mut self) {
        self.is_settled = true;
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        self.of.state.send_modify(|state| {
            state.waiting -= 1;
            state.in_doubt |= !self.is_settled;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_is_waited_for_and_one_that_is_dropped_is_in_doubt() {
        let requests = InFlight::default();
        requests.none().await;
        let (first, second) = (requests.begin(), requests.begin());
        first.settled();
        let waiting = std::pin::pin!(requests.none());
        assert!(futures::poll!(waiting).is_pending());
        assert!(!requests.in_doubt());
        drop(second);
        requests.none().await;
        assert!(requests.in_doubt());
    }
}
