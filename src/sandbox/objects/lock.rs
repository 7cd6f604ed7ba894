//! Object Lock: legal holds and retention periods, and what they forbid.

use s3s::dto::{
    GetObjectLegalHoldInput, GetObjectLegalHoldOutput, GetObjectRetentionInput,
    GetObjectRetentionOutput, ObjectLockLegalHold, ObjectLockLegalHoldStatus, ObjectLockMode,
    ObjectLockRetention, ObjectLockRetentionMode, PutObjectLegalHoldInput,
    PutObjectLegalHoldOutput, PutObjectRetentionInput, PutObjectRetentionOutput, Timestamp,
};
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

use super::find;
use crate::sandbox::store::{Backend, Bucket, Lock, Moment, Object, Retention, RetentionMode};

impl Lock {
    /// Whether the version may be deleted for good.
    ///
    /// # Errors
    /// `AccessDenied` while a hold or a period lasts; `bypass` ends a period in governance mode.
    pub(super) fn check_delete(&self, bypass: bool, now: Moment) -> S3Result {
        let why = if self.legal_hold == Some(true) {
            "it is under a legal hold"
        } else {
            match self.retention.filter(|retention| retention.until > now) {
                None => return Ok(()),
                Some(retention) if retention.mode == RetentionMode::Governance && bypass => {
                    return Ok(());
                }
                Some(_) => "its retention period lasts",
            }
        };
        Err(s3_error!(
            AccessDenied,
            "Access Denied because object protected by object lock: {why}"
        ))
    }
}

/// The lock that a new object gets: what its request says, else what the bucket says.
///
/// # Errors
/// `InvalidRequest` where the bucket has no Object Lock, `InvalidArgument` for a mode without a date or a date gone by.
pub(super) fn of_new_object(
    bucket: &Bucket,
    mode: Option<&ObjectLockMode>,
    until: Option<&Timestamp>,
    hold: Option<&ObjectLockLegalHoldStatus>,
) -> S3Result<Lock> {
    if mode.is_some() || until.is_some() || hold.is_some() {
        require_lock(bucket)?;
    }
    let retention = match (mode, until) {
        (Some(mode), Some(until)) => Some(retention(mode.as_str(), until)?),
        (None, None) => default_retention(bucket),
        _ => {
            return Err(s3_error!(
                InvalidArgument,
                "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied"
            ));
        }
    };
    Ok(Lock {
        legal_hold: hold.map(|status| status.as_str() == ObjectLockLegalHoldStatus::ON),
        retention,
    })
}

fn default_retention(bucket: &Bucket) -> Option<Retention> {
    let rule = bucket.configuration.object_lock.as_ref()?.rule.as_ref()?;
    let default = rule.default_retention.as_ref()?;
    let days = default
        .days
        .or_else(|| default.years.map(|years| years.saturating_mul(365)))?;
    let seconds = i64::from(days).saturating_mul(86_400);
    Some(Retention {
        mode: mode(default.mode.as_ref()?.as_str()).ok()?,
        until: Moment::from_seconds(Moment::now().seconds().saturating_add(seconds)),
    })
}

fn mode(text: &str) -> S3Result<RetentionMode> {
    match text {
        ObjectLockRetentionMode::GOVERNANCE => Ok(RetentionMode::Governance),
        ObjectLockRetentionMode::COMPLIANCE => Ok(RetentionMode::Compliance),
        _ => Err(s3_error!(
            InvalidArgument,
            "Unknown wormMode directive: {text}"
        )),
    }
}

fn retention(mode_text: &str, until: &Timestamp) -> S3Result<Retention> {
    let until = Moment::from_timestamp(until)
        .filter(|until| *until > Moment::now())
        .ok_or_else(|| {
            s3_error!(
                InvalidArgument,
                "The retain until date must be in the future!"
            )
        })?;
    Ok(Retention {
        mode: mode(mode_text)?,
        until,
    })
}

fn require_lock(bucket: &Bucket) -> S3Result {
    if bucket.has_object_lock() {
        Ok(())
    } else {
        Err(s3_error!(
            InvalidRequest,
            "Bucket is missing Object Lock Configuration"
        ))
    }
}

fn not_configured() -> S3Error {
    s3_error!(
        NoSuchObjectLockConfiguration,
        "The specified object does not have a ObjectLock configuration"
    )
}

/// How a hold is written.
pub(super) fn hold_status(on: bool) -> ObjectLockLegalHoldStatus {
    ObjectLockLegalHoldStatus::from_static(if on {
        ObjectLockLegalHoldStatus::ON
    } else {
        ObjectLockLegalHoldStatus::OFF
    })
}

/// How a mode is written.
pub(super) fn mode_name(mode: RetentionMode) -> &'static str {
    match mode {
        RetentionMode::Governance => ObjectLockRetentionMode::GOVERNANCE,
        RetentionMode::Compliance => ObjectLockRetentionMode::COMPLIANCE,
    }
}

/// Tells whether a version is under a legal hold.
///
/// # Errors
/// `InvalidRequest` where the bucket has no Object Lock, `NoSuchObjectLockConfiguration` where none was ever put, and what
/// finding the version answers.
pub(crate) async fn get_object_legal_hold(
    backend: &Backend,
    req: S3Request<GetObjectLegalHoldInput>,
) -> S3Result<S3Response<GetObjectLegalHoldOutput>> {
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    let lock = locked(
        backend,
        &input.bucket,
        &input.key,
        input.version_id.as_deref(),
    )?;
    let on = lock.legal_hold.ok_or_else(not_configured)?;
    Ok(S3Response::new(GetObjectLegalHoldOutput {
        legal_hold: Some(ObjectLockLegalHold {
            status: Some(hold_status(on)),
        }),
    }))
}

/// Puts a version under a legal hold, or lifts it.
///
/// # Errors
/// `InvalidRequest` where the bucket has no Object Lock, `MalformedXML`, and what finding the version answers.
pub(crate) async fn put_object_legal_hold(
    backend: &Backend,
    req: S3Request<PutObjectLegalHoldInput>,
) -> S3Result<S3Response<PutObjectLegalHoldOutput>> {
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    let status = input.legal_hold.and_then(|hold| hold.status);
    let on = match status.as_ref().map(ObjectLockLegalHoldStatus::as_str) {
        Some(ObjectLockLegalHoldStatus::ON) => true,
        Some(ObjectLockLegalHoldStatus::OFF) => false,
        _ => return Err(s3_error!(MalformedXML, "A legal hold is ON or OFF")),
    };
    backend.store.write(&input.bucket, |bucket| {
        require_lock(bucket)?;
        let found = find::object(bucket, &input.key, input.version_id.as_deref())?;
        bucket.keys.change(&input.key, &found.id, |object| {
            object.lock.legal_hold = Some(on);
        });
        Ok(())
    })?;
    Ok(S3Response::new(PutObjectLegalHoldOutput::default()))
}

/// Tells how long a version is retained.
///
/// # Errors
/// As [`get_object_legal_hold`].
pub(crate) async fn get_object_retention(
    backend: &Backend,
    req: S3Request<GetObjectRetentionInput>,
) -> S3Result<S3Response<GetObjectRetentionOutput>> {
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    let lock = locked(
        backend,
        &input.bucket,
        &input.key,
        input.version_id.as_deref(),
    )?;
    let retention = lock.retention.ok_or_else(not_configured)?;
    Ok(S3Response::new(GetObjectRetentionOutput {
        retention: Some(ObjectLockRetention {
            mode: Some(ObjectLockRetentionMode::from_static(mode_name(
                retention.mode,
            ))),
            retain_until_date: Some(retention.until.to_timestamp()),
        }),
    }))
}

/// Says how long a version is retained. A period can be made longer; shorter only in governance mode and with the bypass.
///
/// # Errors
/// `AccessDenied` for a shorter period, and as [`put_object_legal_hold`].
pub(crate) async fn put_object_retention(
    backend: &Backend,
    req: S3Request<PutObjectRetentionInput>,
) -> S3Result<S3Response<PutObjectRetentionOutput>> {
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    let bypass = input.bypass_governance_retention.unwrap_or(false);
    let wanted = match input.retention {
        Some(ObjectLockRetention {
            mode: Some(mode),
            retain_until_date: Some(until),
        }) => Some(retention(mode.as_str(), &until)?),
        // An empty retention ends one in governance mode.
        Some(ObjectLockRetention {
            mode: None,
            retain_until_date: None,
        }) => None,
        _ => return Err(s3_error!(MalformedXML, "A retention has a mode and a date")),
    };
    backend.store.write(&input.bucket, |bucket| {
        require_lock(bucket)?;
        let found = find::object(bucket, &input.key, input.version_id.as_deref())?;
        check_change(&found.object, wanted, bypass)?;
        bucket.keys.change(&input.key, &found.id, |object| {
            object.lock.retention = wanted;
        });
        Ok(())
    })?;
    Ok(S3Response::new(PutObjectRetentionOutput::default()))
}

fn check_change(object: &Object, wanted: Option<Retention>, bypass: bool) -> S3Result {
    let Some(now) = object.lock.retention.filter(|r| r.until > Moment::now()) else {
        return Ok(());
    };
    let keeps = wanted.is_some_and(|wanted| {
        wanted.until >= now.until
            && (wanted.mode == now.mode || wanted.mode == RetentionMode::Compliance)
    });
    if keeps || (now.mode == RetentionMode::Governance && bypass) {
        return Ok(());
    }
    Err(s3_error!(
        AccessDenied,
        "Access Denied because object protected by object lock: its retention period cannot be made shorter"
    ))
}

fn locked(backend: &Backend, bucket: &str, key: &str, version_id: Option<&str>) -> S3Result<Lock> {
    backend.store.read(bucket, |bucket| {
        require_lock(bucket)?;
        Ok(find::object(bucket, key, version_id)?.object.lock.clone())
    })
}
