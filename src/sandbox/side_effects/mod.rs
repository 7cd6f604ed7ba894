//! What happens after an answer, elsewhere and later: the application reacts to new objects, and the access log is
//! delivered. Both are stand-ins for services beside S3, and off unless the sandbox's options say when.
//!
//! `triggers` makes what the application makes, `delivery` writes logs. Neither's own writes have an aftermath: a
//! thumbnail whose key matches the trigger again would go on for ever.

mod delivery;
mod triggers;

use std::sync::Arc;
use std::time::Duration;

use self::delivery::Delivery;
use super::SandboxOptions;
use super::access_log::LogLine;
use super::identity::Identities;
use super::store::{Backend, Bucket, Content, Moment, Object};

/// What follows on requests.
pub(super) struct SideEffects {
    backend: Backend,
    identities: Arc<Identities>,
    application: Option<Duration>,
    delivery: Option<Delivery>,
}

impl SideEffects {
    pub(super) fn new(
        backend: &Backend,
        identities: &Arc<Identities>,
        options: &SandboxOptions,
    ) -> Self {
        Self {
            backend: backend.clone(),
            identities: Arc::clone(identities),
            application: options.application,
            delivery: options
                .access_logs
                .map(|after| Delivery::new(backend.clone(), after)),
        }
    }

    /// An object was written.
    pub(super) fn written(&self, operation: &str, bucket: &str, key: &str) {
        if let Some(after) = self.application {
            triggers::fire(&self.backend, after, operation, bucket, key);
        }
    }

    /// Whether anybody wants to know of requests.
    pub(super) fn keeps_logs(&self) -> bool {
        self.delivery.is_some()
    }

    /// The ARN of whoever has this access key.
    pub(super) fn requester(&self, access_key: &str) -> Option<String> {
        Some(self.identities.find(access_key)?.arn())
    }

    /// The Region of a bucket, for its log.
    pub(super) fn region(&self, bucket: &str) -> Option<String> {
        let region = |bucket: &Bucket| Ok(bucket.region.clone());
        self.backend.store.read(bucket, region).ok()
    }

    /// A request was answered.
    pub(super) fn answered(&self, line: &LogLine) {
        if let Some(delivery) = &self.delivery {
            delivery.take(line);
        }
    }
}

/// Writes an object as somebody else's service does.
fn write(backend: &Backend, bucket: &str, key: &str, object: Object) {
    // A bucket that is not there any more has no use for it.
    let _ = backend.store.write(bucket, |bucket| {
        let id = bucket.next_version_id();
        bucket
            .keys
            .add(key, id, Moment::now(), Content::Object(object.into()));
        Ok(())
    });
}
