//! What becomes of objects: encryption, lifecycle, Object Lock, tags, acceleration and who pays.

use std::collections::BTreeSet;

use s3s::dto::{
    DeleteBucketEncryptionInput, DeleteBucketEncryptionOutput, DeleteBucketLifecycleInput,
    DeleteBucketLifecycleOutput, DeleteBucketTaggingInput, DeleteBucketTaggingOutput,
    GetBucketAccelerateConfigurationInput, GetBucketAccelerateConfigurationOutput,
    GetBucketEncryptionInput, GetBucketEncryptionOutput, GetBucketLifecycleConfigurationInput,
    GetBucketLifecycleConfigurationOutput, GetBucketRequestPaymentInput,
    GetBucketRequestPaymentOutput, GetBucketTaggingInput, GetBucketTaggingOutput,
    GetObjectLockConfigurationInput, GetObjectLockConfigurationOutput, LifecycleRule,
    LifecycleRuleFilter, LifecycleRules, ObjectLockConfiguration, Payer,
    PutBucketAccelerateConfigurationInput, PutBucketAccelerateConfigurationOutput,
    PutBucketEncryptionInput, PutBucketEncryptionOutput, PutBucketLifecycleConfigurationInput,
    PutBucketLifecycleConfigurationOutput, PutBucketRequestPaymentInput,
    PutBucketRequestPaymentOutput, PutBucketTaggingInput, PutBucketTaggingOutput,
    ServerSideEncryption, ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration,
    ServerSideEncryptionRule, TransitionDefaultMinimumObjectSize,
};
use s3s::xml::{SerError, Serializer};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::{Answer, absent, change, look};
use crate::sandbox::defect::Defect;
use crate::sandbox::objects::{BodyOverride, written_hold_time};
use crate::sandbox::store::{Backend, HoldTime};
use crate::sandbox::world::Versioning;

pub(crate) fn get_bucket_encryption(
    backend: &Backend,
    req: S3Request<GetBucketEncryptionInput>,
) -> Answer<GetBucketEncryptionOutput> {
    let (encryption, blocked) = backend.store.read(&req.input.bucket, |bucket| {
        let configuration = &bucket.configuration;
        Ok((
            configuration
                .encryption
                .clone()
                .unwrap_or_else(s3_managed_keys),
            configuration.blocked_encryption.clone(),
        ))
    })?;
    let document = blocked.map(|blocked| with_blocked(&encryption, &blocked));
    let mut response = S3Response::new(GetBucketEncryptionOutput {
        server_side_encryption_configuration: Some(encryption),
    });
    if let Some(document) = document {
        let document = document.map_err(|_| s3_error!(InternalError))?;
        response.extensions.insert(BodyOverride(document));
    }
    Ok(response)
}

/// The document with the element that s3s does not know.
fn with_blocked(
    encryption: &ServerSideEncryptionConfiguration,
    blocked: &[String],
) -> Result<Vec<u8>, SerError> {
    let mut document = Vec::new();
    Serializer::new(&mut document).content("ServerSideEncryptionConfiguration", encryption)?;
    let types = blocked.iter().fold(String::new(), |types, kind| {
        types + "<EncryptionType>" + kind + "</EncryptionType>"
    });
    let types = format!("<BlockedEncryptionTypes>{types}</BlockedEncryptionTypes></Rule>");
    let document = String::from_utf8_lossy(&document).replace("</Rule>", &types);
    Ok(document.into_bytes())
}

/// What every bucket has had since January 2023, configured or not.
fn s3_managed_keys() -> ServerSideEncryptionConfiguration {
    ServerSideEncryptionConfiguration {
        rules: vec![ServerSideEncryptionRule {
            apply_server_side_encryption_by_default: Some(ServerSideEncryptionByDefault {
                kms_master_key_id: None,
                sse_algorithm: ServerSideEncryption::from_static(ServerSideEncryption::AES256),
            }),
            bucket_key_enabled: Some(false),
        }],
    }
}

/// For what s3s still hands over itself; see [`put_encryption_document`].
pub(crate) fn put_bucket_encryption(
    backend: &Backend,
    req: S3Request<PutBucketEncryptionInput>,
) -> Answer<PutBucketEncryptionOutput> {
    let encryption = req.input.server_side_encryption_configuration;
    put_encryption(backend, &req.input.bucket, encryption, None)?;
    Ok(S3Response::new(PutBucketEncryptionOutput::default()))
}

/// The default encryption as it goes over the wire, with the types of encryption that writes may not use.
///
/// # Errors
/// `MalformedXML` for what S3 would refuse, and what finding the bucket answers.
pub(crate) fn put_encryption_document(backend: &Backend, bucket: &str, document: &str) -> S3Result {
    let (encryption, blocked) =
        super::documents::encryption(document).map_err(|_| s3_error!(MalformedXML))?;
    // The documented values; NONE allows all of them.
    let is_known = |kind: &String| matches!(kind.as_str(), "NONE" | "SSE-C");
    if blocked.iter().flatten().any(|kind| !is_known(kind)) {
        return Err(s3_error!(MalformedXML));
    }
    put_encryption(backend, bucket, encryption, blocked)
}

fn put_encryption(
    backend: &Backend,
    bucket: &str,
    encryption: ServerSideEncryptionConfiguration,
    blocked: Option<Vec<String>>,
) -> S3Result {
    let [rule] = encryption.rules.as_slice() else {
        return Err(s3_error!(MalformedXML));
    };
    if let Some(default) = &rule.apply_server_side_encryption_by_default {
        let is_kms = match default.sse_algorithm.as_str() {
            ServerSideEncryption::AES256 => false,
            ServerSideEncryption::AWS_KMS | ServerSideEncryption::AWS_KMS_DSSE => true,
            _ => return Err(s3_error!(MalformedXML)),
        };
        if default.kms_master_key_id.is_some() && !is_kms {
            return Err(s3_error!(
                InvalidArgument,
                "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse"
            ));
        }
    }
    backend.store.write(bucket, |bucket| {
        bucket.configuration.blocked_encryption = blocked;
        bucket.configuration.encryption = Some(encryption);
        Ok(())
    })
}

pub(crate) fn delete_bucket_encryption(
    backend: &Backend,
    req: S3Request<DeleteBucketEncryptionInput>,
) -> Answer<DeleteBucketEncryptionOutput> {
    change(backend, &req.input.bucket, |bucket| {
        bucket.configuration.blocked_encryption = None;
        bucket.configuration.encryption = None;
        Ok(())
    })
}

pub(crate) fn get_bucket_lifecycle_configuration(
    backend: &Backend,
    req: S3Request<GetBucketLifecycleConfigurationInput>,
) -> Answer<GetBucketLifecycleConfigurationOutput> {
    look(backend, &req.input.bucket, |configuration| {
        let lifecycle = configuration
            .lifecycle
            .clone()
            .ok_or_else(absent::lifecycle)?;
        Ok(GetBucketLifecycleConfigurationOutput {
            rules: Some(lifecycle.rules),
            transition_default_minimum_object_size: Some(
                configuration
                    .transition_minimum
                    .clone()
                    .unwrap_or_else(usual_minimum),
            ),
        })
    })
}

/// What S3 has assumed since September 2024 when nobody says otherwise.
fn usual_minimum() -> TransitionDefaultMinimumObjectSize {
    TransitionDefaultMinimumObjectSize::from_static(
        TransitionDefaultMinimumObjectSize::ALL_STORAGE_CLASSES_128K,
    )
}

pub(crate) fn put_bucket_lifecycle_configuration(
    backend: &Backend,
    req: S3Request<PutBucketLifecycleConfigurationInput>,
) -> Answer<PutBucketLifecycleConfigurationOutput> {
    let mut lifecycle = req
        .input
        .lifecycle_configuration
        .ok_or_else(|| s3_error!(MalformedXML))?;
    check_rules(&mut lifecycle.rules)?;
    if backend.defects.has(Defect::WidensFilters) {
        lifecycle.rules.iter_mut().for_each(widen);
    }
    let minimum = req.input.transition_default_minimum_object_size;
    backend.store.write(&req.input.bucket, |bucket| {
        bucket.configuration.lifecycle = Some(lifecycle);
        bucket.configuration.transition_minimum.clone_from(&minimum);
        Ok(())
    })?;
    Ok(S3Response::new(PutBucketLifecycleConfigurationOutput {
        transition_default_minimum_object_size: Some(minimum.unwrap_or_else(usual_minimum)),
    }))
}

/// Leaves of a filter what the laxest servers keep: the prefix.
fn widen(rule: &mut LifecycleRule) {
    if let Some(filter) = &mut rule.filter {
        let all = filter.and.take();
        let prefix = filter.prefix.take().or(all.and_then(|all| all.prefix));
        *filter = LifecycleRuleFilter {
            prefix: Some(prefix.unwrap_or_default()),
            ..LifecycleRuleFilter::default()
        };
    }
}

/// Refuses what S3 refuses of a set of rules, and names the rules that came without an id, as S3 does.
fn check_rules(rules: &mut LifecycleRules) -> S3Result {
    if rules.is_empty() || rules.len() > 1000 {
        return Err(s3_error!(MalformedXML));
    }
    let mut ids = BTreeSet::new();
    for (rule, number) in rules.iter_mut().zip(1..) {
        if !matches!(rule.status.as_str(), "Enabled" | "Disabled") {
            return Err(s3_error!(MalformedXML));
        }
        if rule.filter.is_some() == rule.prefix.is_some() {
            return Err(s3_error!(MalformedXML));
        }
        let acts = rule.expiration.is_some()
            || rule.abort_incomplete_multipart_upload.is_some()
            || rule.noncurrent_version_expiration.is_some()
            || rule
                .transitions
                .as_ref()
                .is_some_and(|list| !list.is_empty())
            || rule
                .noncurrent_version_transitions
                .as_ref()
                .is_some_and(|list| !list.is_empty());
        if !acts {
            return Err(s3_error!(
                InvalidRequest,
                "At least one action needs to be specified in a rule"
            ));
        }
        let id = rule.id.get_or_insert_with(|| format!("rule-{number}"));
        if id.len() > 255 {
            return Err(s3_error!(
                InvalidArgument,
                "ID length should not exceed allowed limit of 255"
            ));
        }
        if !ids.insert(id.clone()) {
            return Err(s3_error!(
                InvalidArgument,
                "Rule ID must be unique. Found same ID for more than one rule"
            ));
        }
    }
    Ok(())
}

pub(crate) fn delete_bucket_lifecycle(
    backend: &Backend,
    req: S3Request<DeleteBucketLifecycleInput>,
) -> Answer<DeleteBucketLifecycleOutput> {
    change(backend, &req.input.bucket, |bucket| {
        bucket.configuration.lifecycle = None;
        bucket.configuration.transition_minimum = None;
        Ok(())
    })
}

pub(crate) fn get_object_lock_configuration(
    backend: &Backend,
    req: S3Request<GetObjectLockConfigurationInput>,
) -> Answer<GetObjectLockConfigurationOutput> {
    let (object_lock, hold) = backend.store.read(&req.input.bucket, |bucket| {
        let configuration = &bucket.configuration;
        let object_lock = configuration.object_lock.clone();
        Ok((
            object_lock.ok_or_else(absent::object_lock)?,
            configuration.default_event_hold,
        ))
    })?;
    let document = hold.map(|hold| with_event_hold(&object_lock, hold));
    let mut response = S3Response::new(GetObjectLockConfigurationOutput {
        object_lock_configuration: Some(object_lock),
    });
    if let Some(document) = document {
        let document = document.map_err(|_| s3_error!(InternalError))?;
        response.extensions.insert(BodyOverride(document));
    }
    Ok(response)
}

/// The document with the element that s3s does not know.
fn with_event_hold(lock: &ObjectLockConfiguration, hold: HoldTime) -> Result<Vec<u8>, SerError> {
    let mut document = Vec::new();
    Serializer::new(&mut document).content("ObjectLockConfiguration", lock)?;
    let hold = written_hold_time(hold);
    let element = format!("<DefaultEventHold>{hold}</DefaultEventHold></DefaultRetention>");
    let document = String::from_utf8_lossy(&document).replace("</DefaultRetention>", &element);
    Ok(document.into_bytes())
}

/// The Object Lock configuration as it goes over the wire, with the default event hold.
///
/// # Errors
/// `MalformedXML` for what S3 would refuse, `InvalidBucketState` where the bucket keeps no versions.
pub(crate) fn put_object_lock_document(
    backend: &Backend,
    bucket: &str,
    document: &str,
) -> S3Result {
    let (lock, hold) =
        super::documents::object_lock(document).map_err(|_| s3_error!(MalformedXML))?;
    // Object Lock is for ever: a configuration that does not say "Enabled" would turn it off.
    if lock
        .object_lock_enabled
        .as_ref()
        .is_none_or(|enabled| enabled.as_str() != "Enabled")
    {
        return Err(s3_error!(MalformedXML));
    }
    backend.store.write(bucket, |bucket| {
        if bucket.versioning != Versioning::Enabled {
            return Err(s3_error!(
                InvalidBucketState,
                "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
            ));
        }
        bucket.configuration.object_lock = Some(lock);
        bucket.configuration.default_event_hold = hold;
        Ok(())
    })
}

pub(crate) fn get_bucket_tagging(
    backend: &Backend,
    req: S3Request<GetBucketTaggingInput>,
) -> Answer<GetBucketTaggingOutput> {
    look(backend, &req.input.bucket, |configuration| {
        if configuration.tags.is_empty() {
            return Err(absent::tags());
        }
        Ok(GetBucketTaggingOutput {
            tag_set: configuration.tags.clone(),
        })
    })
}

pub(crate) fn put_bucket_tagging(
    backend: &Backend,
    req: S3Request<PutBucketTaggingInput>,
) -> Answer<PutBucketTaggingOutput> {
    let tags = req.input.tagging.tag_set;
    if tags.len() > 50 {
        return Err(s3_error!(InvalidTag, "A bucket can have at most 50 tags"));
    }
    let keys: BTreeSet<_> = tags.iter().map(|tag| tag.key.as_deref()).collect();
    if keys.contains(&None) {
        return Err(s3_error!(MalformedXML));
    }
    if keys.len() != tags.len() {
        return Err(s3_error!(
            InvalidTag,
            "Cannot provide multiple Tags with the same key"
        ));
    }
    change(backend, &req.input.bucket, |bucket| {
        bucket.configuration.tags = tags;
        Ok(())
    })
}

pub(crate) fn delete_bucket_tagging(
    backend: &Backend,
    req: S3Request<DeleteBucketTaggingInput>,
) -> Answer<DeleteBucketTaggingOutput> {
    change(backend, &req.input.bucket, |bucket| {
        bucket.configuration.tags.clear();
        Ok(())
    })
}

pub(crate) fn get_bucket_accelerate_configuration(
    backend: &Backend,
    req: S3Request<GetBucketAccelerateConfigurationInput>,
) -> Answer<GetBucketAccelerateConfigurationOutput> {
    look(backend, &req.input.bucket, |configuration| {
        Ok(GetBucketAccelerateConfigurationOutput {
            request_charged: None,
            status: configuration
                .accelerate
                .as_ref()
                .and_then(|accelerate| accelerate.status.clone()),
        })
    })
}

pub(crate) fn put_bucket_accelerate_configuration(
    backend: &Backend,
    req: S3Request<PutBucketAccelerateConfigurationInput>,
) -> Answer<PutBucketAccelerateConfigurationOutput> {
    let accelerate = req.input.accelerate_configuration;
    let status = accelerate
        .status
        .as_ref()
        .map(s3s::dto::BucketAccelerateStatus::as_str);
    if !matches!(status, Some("Enabled" | "Suspended")) {
        return Err(s3_error!(MalformedXML));
    }
    if req.input.bucket.contains('.') {
        return Err(s3_error!(
            InvalidRequest,
            "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names"
        ));
    }
    change(backend, &req.input.bucket, |bucket| {
        bucket.configuration.accelerate = Some(accelerate);
        Ok(())
    })
}

pub(crate) fn get_bucket_request_payment(
    backend: &Backend,
    req: S3Request<GetBucketRequestPaymentInput>,
) -> Answer<GetBucketRequestPaymentOutput> {
    look(backend, &req.input.bucket, |configuration| {
        let owner = || Payer::from_static(Payer::BUCKET_OWNER);
        Ok(GetBucketRequestPaymentOutput {
            payer: Some(configuration.payer.clone().unwrap_or_else(owner)),
        })
    })
}

pub(crate) fn put_bucket_request_payment(
    backend: &Backend,
    req: S3Request<PutBucketRequestPaymentInput>,
) -> Answer<PutBucketRequestPaymentOutput> {
    let payer = req.input.request_payment_configuration.payer;
    if !matches!(payer.as_str(), Payer::BUCKET_OWNER | Payer::REQUESTER) {
        return Err(s3_error!(MalformedXML));
    }
    change(backend, &req.input.bucket, |bucket| {
        bucket.configuration.payer = Some(payer);
        Ok(())
    })
}
