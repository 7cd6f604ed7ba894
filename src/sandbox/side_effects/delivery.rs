//! The service that delivers access logs: it gathers lines for a while and writes them as one object, where the target
//! bucket lets it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::Utc;
use hyper::body::Bytes;
use md5::{Digest, Md5};

use super::write;
use crate::domain::hex::hex;
use crate::domain::policy::{Caller, Context, Decision, Request};
use crate::sandbox::access_log::{LogLine, object_name};
use crate::sandbox::store::{Attributes, Backend, Body, Bucket, Object};

/// The service that writes the logs.
const SERVICE: &str = "logging.s3.amazonaws.com";

/// Lines that wait to be delivered, by the bucket that they are of.
pub(super) struct Delivery {
    backend: Backend,
    after: Duration,
    waiting: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Delivery {
    pub(super) fn new(backend: Backend, after: Duration) -> Self {
        Self {
            backend,
            after,
            waiting: Arc::default(),
        }
    }

    /// Takes a line; the first one that waits sees to it that all are delivered.
    pub(super) fn take(&self, line: &LogLine) {
        let bucket = line.bucket.clone();
        let logged = self
            .backend
            .store
            .read(&bucket, |bucket| Ok(bucket.configuration.logging.is_some()));
        if !logged.unwrap_or(false) {
            return;
        }
        let is_first = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let lines = waiting.entry(bucket.clone()).or_default();
            let is_first = lines.is_empty();
            // Writing to a String cannot fail.
            let _ = write!(lines, "{line}");
            is_first
        };
        if is_first {
            let (backend, waiting, after) =
                (self.backend.clone(), Arc::clone(&self.waiting), self.after);
            tokio::spawn(async move {
                tokio::time::sleep(after).await;
                let lines = waiting
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .remove(&bucket);
                deliver(&backend, &bucket, lines.unwrap_or_default());
            });
        }
    }
}

fn deliver(backend: &Backend, source: &str, lines: String) {
    let logging = backend
        .store
        .read(source, |bucket| Ok(bucket.configuration.logging.clone()));
    let Ok(Some(logging)) = logging else {
        return;
    };
    let unique = format!("{:016X}", fastrand::u64(..));
    let key = format!(
        "{}{}",
        logging.target_prefix,
        object_name(Utc::now(), &unique)
    );
    let lets_in = backend.store.read(&logging.target_bucket, |target| {
        Ok(may_write(target, source, &key))
    });
    if !lets_in.unwrap_or(false) {
        return;
    }
    let body = Bytes::from(lines);
    let object = Object {
        etag: hex(&Md5::digest(&body)).into(),
        body: Body::kept(body),
        attributes: Attributes {
            content_type: Some("text/plain".to_owned()),
            ..Attributes::default()
        },
        ..Object::default()
    };
    write(backend, &logging.target_bucket, &key, object);
}

/// With ACLs off only the policy can let the service in.
fn may_write(target: &Bucket, source: &str, key: &str) -> bool {
    let context = Context::new()
        .with("aws:SecureTransport", "true")
        .with("aws:PrincipalIsAWSService", "true")
        .with("aws:PrincipalServiceName", SERVICE)
        .with("aws:SourceAccount", Backend::ACCOUNT_ID)
        .with("aws:SourceArn", format!("arn:aws:s3:::{source}"));
    let decided = target.configuration.policy.as_ref().map(|policy| {
        policy.decide(&Request {
            caller: &Caller::Service(SERVICE.to_owned()),
            action: "s3:PutObject",
            resource: &format!("arn:aws:s3:::{}/{key}", target.name),
            context: &context,
        })
    });
    match decided {
        Some(Decision::Allow) => true,
        Some(Decision::Deny) => false,
        Some(Decision::Silent | Decision::Unknown) | None => !target.configuration.acls_are_off(),
    }
}
