//! The application's functions: where a bucket's notification tells one of a new object, what the blueprint derives from
//! it appears.

use std::time::Duration;

use hyper::body::Bytes;
use md5::{Digest, Md5};
use s3s::dto::{LambdaFunctionConfiguration, NotificationConfigurationFilter};

use super::write;
use crate::domain::BucketName;
use crate::domain::blueprint::Blueprint;
use crate::domain::hex::hex;
use crate::sandbox::store::{Attributes, Backend, Body, Object};
use crate::sandbox::world::bodies;

/// Lets the functions that are told of a write do their work, a while later.
pub(super) fn fire(backend: &Backend, after: Duration, operation: &str, bucket: &str, key: &str) {
    let event = match operation {
        "CopyObject" => "s3:ObjectCreated:Copy",
        "CompleteMultipartUpload" => "s3:ObjectCreated:CompleteMultipartUpload",
        "PostObject" => "s3:ObjectCreated:Post",
        _ => "s3:ObjectCreated:Put",
    };
    let told = backend.store.read(bucket, |bucket| {
        let notification = bucket.configuration.notification.as_ref();
        let functions = notification.and_then(|all| all.lambda_function_configurations.as_ref());
        Ok(functions.is_some_and(|functions| functions.iter().any(|one| is_told(one, event, key))))
    });
    if !told.unwrap_or(false) {
        return;
    }
    let (backend, bucket, key) = (backend.clone(), bucket.to_owned(), key.to_owned());
    tokio::spawn(async move {
        tokio::time::sleep(after).await;
        derive(&backend, &bucket, &key);
    });
}

fn is_told(function: &LambdaFunctionConfiguration, event: &str, key: &str) -> bool {
    let of_event = function
        .events
        .iter()
        .map(AsRef::as_ref)
        .any(|wanted: &str| wanted == "s3:ObjectCreated:*" || wanted == event);
    of_event
        && function
            .filter
            .as_ref()
            .is_none_or(|filter| passes(filter, key))
}

fn passes(filter: &NotificationConfigurationFilter, key: &str) -> bool {
    let rules = filter
        .key
        .iter()
        .flat_map(|key| key.filter_rules.iter().flatten());
    rules.into_iter().all(|rule| {
        let value = rule.value.as_deref().unwrap_or_default();
        match &rule.name {
            Some(name) if name.as_str().eq_ignore_ascii_case("suffix") => key.ends_with(value),
            _ => key.starts_with(value),
        }
    })
}

/// Makes what is derived from an object; nothing, when that is gone before the function reads it.
fn derive(backend: &Backend, bucket: &str, key: &str) {
    let is_there = backend.store.read(bucket, |bucket| {
        let current = bucket.keys.current(key);
        Ok(current.is_some_and(|version| !version.is_delete_marker()))
    });
    let name = BucketName::new(bucket).ok();
    let known = name.and_then(|name| Blueprint::for_bucket(&name)?.bucket(&name).cloned());
    let (true, Some(known)) = (is_there.unwrap_or(false), known) else {
        return;
    };
    for made in known.derived_of(key) {
        let body: Bytes = bodies::png([90, 120, 150]);
        let object = Object {
            etag: hex(&Md5::digest(&body)).into(),
            body: Body::kept(body),
            attributes: Attributes {
                content_type: Some(bodies::type_of(&made.key).to_owned()),
                ..Attributes::default()
            },
            ..Object::default()
        };
        write(backend, made.bucket.as_str(), &made.key, object);
    }
}
