//! Tracks requests that can create something and have no response yet.
//!
//! A dropped request may still be carried out after the final listing and cleanup. A cancelled run therefore starts no
//! further requests, waits for those in flight, and lists again if one never got a response.

use tokio::sync::watch;

#[derive(Debug, Default)]
pub(super) struct InFlight {
    state: watch::Sender<State>,
}

#[derive(Debug, Default, Clone, Copy)]
struct State {
    waiting: usize,
    in_doubt: bool,
}

/// One request. Without [`Pending::settled`], its result is unknown.
pub(super) struct Pending<'u> {
    of: &'u InFlight,
    is_settled: bool,
}

impl InFlight {
    /// Registers a request that is about to be sent.
    pub(super) fn begin(&self) -> Pending<'_> {
        self.state.send_modify(|state| state.waiting += 1);
        Pending {
            of: self,
            is_settled: false,
        }
    }

    /// Waits until no request is in flight.
    pub(super) async fn none(&self) {
        // It fails only if the sender is gone, which is `self`.
        let _ = self
            .state
            .subscribe()
            .wait_for(|state| state.waiting == 0)
            .await;
    }

    /// Whether a request never got a response, so that its effect may still occur.
    pub(super) fn in_doubt(&self) -> bool {
        self.state.borrow().in_doubt
    }
}

impl Pending<'_> {
    /// Marks the request as answered.
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
