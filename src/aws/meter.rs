//! Request counters: requests, retries, objects, bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use crate::domain::ByteSize;

/// A shared set of counters: clones share their values. Every function that sends a request takes one.
///
/// Requests are counted per attempt, when they are sent, as on a bill or in a server log. Retries are the attempts
/// after the first of each call.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    requests: AtomicU64,
    retries: AtomicU64,
    objects: AtomicU64,
    bytes: AtomicU64,
}

impl Meter {
    /// Counters at zero.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Requests sent so far, including retries.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.0.requests.load(Ordering::Relaxed)
    }

    /// Retries so far.
    #[must_use]
    pub fn retries(&self) -> u64 {
        self.0.retries.load(Ordering::Relaxed)
    }

    /// Listed objects, versions and uploads.
    #[must_use]
    pub fn objects(&self) -> u64 {
        self.0.objects.load(Ordering::Relaxed)
    }

    /// The total size of listed objects, not the data transferred.
    #[must_use]
    pub fn bytes(&self) -> ByteSize {
        ByteSize(self.0.bytes.load(Ordering::Relaxed))
    }

    /// Adds the contents of a page.
    pub(crate) fn listed(&self, objects: usize, bytes: ByteSize) {
        self.0.objects.fetch_add(objects as u64, Ordering::Relaxed);
        self.0.bytes.fetch_add(bytes.bytes(), Ordering::Relaxed);
    }

    /// Counts a request that is sent without the SDK.
    pub(crate) fn sent(&self) {
        self.0.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a retry that is unknown to the SDK.
    pub(crate) fn repeats(&self) {
        self.0.retries.fetch_add(1, Ordering::Relaxed);
    }

    /// The interceptor that counts the attempts of a call.
    pub(crate) fn counting(&self) -> CountAttempts {
        CountAttempts(self.clone())
    }
}

/// Counts the attempts of one call.
#[derive(Debug)]
pub(crate) struct CountAttempts(Meter);

impl Intercept for CountAttempts {
    fn name(&self) -> &'static str {
        "CountAttempts"
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let counters = &self.0.0;
        counters.requests.fetch_add(1, Ordering::Relaxed);
        if cfg
            .load::<RequestAttempts>()
            .is_some_and(|attempts| attempts.attempts() > 1)
        {
            counters.retries.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}
