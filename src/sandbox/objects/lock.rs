//! Object Lock: legal holds, retention periods and event holds, and what they forbid.

use s3s::dto::{
    GetObjectLegalHoldInput, GetObjectLegalHoldOutput, GetObjectRetentionInput,
    GetObjectRetentionOutput, ObjectLockLegalHold, ObjectLockLegalHoldStatus, ObjectLockMode,
    ObjectLockRetention, ObjectLockRetentionMode, PutObjectLegalHoldInput,
    PutObjectLegalHoldOutput, Timestamp,
};
use s3s::xml::{Deserialize as _, Deserializer, Serializer};
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

use super::event_hold::{self, Asked, Wanted};
use super::find;
use super::wire::BodyOverride;
use crate::sandbox::store::{Backend, Bucket, Lock, Moment, Object, Retention, RetentionMode};

impl Lock {
    /// Whether the version may be deleted for good.
    ///
    /// # Errors
    /// `AccessDenied` while a hold or a period lasts; `bypass` ends a period in governance mode, with its event hold.
    pub(super) fn check_delete(&self, bypass: bool, now: Moment) -> S3Result {
        let why = if self.legal_hold == Some(true) {
            "it is under a legal hold"
        } else {
            match self.retention.filter(|retention| retention.end(now) > now) {
                None => return Ok(()),
                Some(retention) if retention.mode == RetentionMode::Governance && bypass => {
                    return Ok(());
                }
                Some(retention) if retention.event_hold.is_some() => "an event hold is on it",
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
/// `InvalidRequest` where the bucket has no Object Lock, `InvalidArgument` for a mode without a date or a date gone by, and
/// for an event hold without a mode or a duration.
pub(super) fn of_new_object(
    bucket: &Bucket,
    mode: Option<&ObjectLockMode>,
    until: Option<&Timestamp>,
    hold: Option<&ObjectLockLegalHoldStatus>,
    event_hold: &Asked,
) -> S3Result<Lock> {
    if mode.is_some() || until.is_some() || hold.is_some() || event_hold.is_some() {
        require_lock(bucket)?;
    }
    let now = Moment::now();
    let retention = match (mode, until, event_hold.wanted()?) {
        (None, None, None) => default_retention(bucket, now),
        (mode, until, wanted) => {
            let mode = mode.map(ObjectLockMode::as_str);
            let asked = Change::of(mode, until, wanted, now)?;
            match asked {
                Change::Set(retention) => Some(retention),
                Change::Remove | Change::Release(..) => {
                    return Err(s3_error!(
                        InvalidArgument,
                        "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied"
                    ));
                }
            }
        }
    };
    Ok(Lock {
        legal_hold: hold.map(|status| status.as_str() == ObjectLockLegalHoldStatus::ON),
        retention,
    })
}

fn default_retention(bucket: &Bucket, now: Moment) -> Option<Retention> {
    let configuration = &bucket.configuration;
    let rule = configuration.object_lock.as_ref()?.rule.as_ref()?;
    let default = rule.default_retention.as_ref()?;
    let days = default
        .days
        .or_else(|| default.years.map(|years| years.saturating_mul(365)));
    let event_hold = configuration.default_event_hold;
    if days.is_none() && event_hold.is_none() {
        return None;
    }
    let seconds = i64::from(days.unwrap_or_default()).saturating_mul(86_400);
    Some(Retention {
        mode: mode(default.mode.as_ref()?.as_str()).ok()?,
        until: Moment::from_seconds(now.seconds().saturating_add(seconds)),
        event_hold,
    })
}

/// What a request wants of a version's retention.
enum Change {
    /// End it.
    Remove,
    /// Put this one in its place.
    Set(Retention),
    /// Release the event hold; with a mode and a date, if the request gives them.
    Release(Option<RetentionMode>, Option<Moment>),
}

impl Change {
    /// Reads what a request says.
    ///
    /// # Errors
    /// `InvalidArgument` for a date gone by, a mode without a date, and an event hold without a mode.
    fn of(
        mode_text: Option<&str>,
        until: Option<&Timestamp>,
        wanted: Option<Wanted>,
        now: Moment,
    ) -> S3Result<Self> {
        let mode = mode_text.map(mode).transpose()?;
        let until = until.map(|until| date(until, now)).transpose()?;
        let set = |mode, until, event_hold| {
            Ok(Self::Set(Retention {
                mode,
                until,
                event_hold,
            }))
        };
        match (mode, until, wanted) {
            (None, None, None) => Ok(Self::Remove),
            (Some(mode), Some(until), None) => set(mode, until, None),
            // S3 works out the date.
            (Some(mode), until, Some(Wanted::Hold(time))) => {
                set(mode, until.unwrap_or(now), Some(time))
            }
            (None, _, Some(Wanted::Hold(_))) => Err(s3_error!(
                InvalidArgument,
                "An event hold requires a retention mode"
            )),
            (mode, until, Some(Wanted::Release)) => Ok(Self::Release(mode, until)),
            (_, _, None) => Err(s3_error!(
                InvalidArgument,
                "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied"
            )),
        }
    }

    /// What becomes of the retention that is there.
    ///
    /// # Errors
    /// `InvalidArgument` for a release where there is neither a hold nor a date.
    fn of_retention(self, there: Option<Retention>, now: Moment) -> S3Result<Option<Retention>> {
        match self {
            Self::Remove => Ok(None),
            Self::Set(wanted) => Ok(Some(Retention {
                until: there
                    .filter(|_| wanted.event_hold.is_some())
                    .map_or(wanted.until, |there| wanted.until.max(there.until)),
                // A date alone says nothing about the hold, which only `OFF` releases.
                event_hold: wanted.event_hold.or(there.and_then(|one| one.event_hold)),
                ..wanted
            })),
            Self::Release(mode, until) => {
                let held = there.filter(|there| there.event_hold.is_some());
                let end = held.map(|held| held.end(now));
                let (mode, until) = mode
                    .or(held.map(|held| held.mode))
                    .zip(until.max(end))
                    .ok_or_else(|| {
                        s3_error!(
                            InvalidArgument,
                            "A version without an event hold requires a retention mode and a retain until date"
                        )
                    })?;
                Ok(Some(Retention {
                    mode,
                    until,
                    event_hold: None,
                }))
            }
        }
    }
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

fn date(until: &Timestamp, now: Moment) -> S3Result<Moment> {
    Moment::from_timestamp(until)
        .filter(|until| *until > now)
        .ok_or_else(|| {
            s3_error!(
                InvalidArgument,
                "The retain until date must be in the future!"
            )
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
    let found = lock.retention.ok_or_else(not_configured)?;
    let retention = ObjectLockRetention {
        mode: Some(ObjectLockRetentionMode::from_static(mode_name(found.mode))),
        retain_until_date: Some(found.end(Moment::now()).to_timestamp()),
    };
    let mut document = Vec::new();
    if let Some(time) = found.event_hold {
        Serializer::new(&mut document)
            .content("Retention", &retention)
            .map_err(|_| s3_error!(InternalError))?;
        let elements = event_hold::elements(time) + "</Retention>";
        document = String::from_utf8_lossy(&document)
            .replace("</Retention>", &elements)
            .into_bytes();
    }
    let mut response = S3Response::new(GetObjectRetentionOutput {
        retention: Some(retention),
    });
    if !document.is_empty() {
        response.extensions.insert(BodyOverride(document));
    }
    Ok(response)
}

/// Says how long a version is retained, by a document as it goes over the wire. A period can be made longer; shorter only in
/// governance mode and with the bypass. The release of an event hold makes its end a fixed date.
///
/// # Errors
/// `MalformedXML`, `AccessDenied` for a shorter period, `InvalidArgument` for an event hold that S3 would refuse, and as
/// [`put_object_legal_hold`].
pub(crate) fn put_retention_document(
    backend: &Backend,
    bucket: &str,
    (key, version_id): (&str, Option<&str>),
    bypass: bool,
    document: &str,
) -> S3Result {
    let (document, event_hold) = Asked::of_retention(document);
    let said = ObjectLockRetention::deserialize(&mut Deserializer::new(document.as_bytes()))
        .map_err(|_| s3_error!(MalformedXML))?;
    let mode = said.mode.as_ref().map(ObjectLockRetentionMode::as_str);
    let wanted = event_hold.wanted()?;
    if wanted.is_none() && mode.is_some() != said.retain_until_date.is_some() {
        return Err(s3_error!(MalformedXML, "A retention has a mode and a date"));
    }
    let now = Moment::now();
    let change = Change::of(mode, said.retain_until_date.as_ref(), wanted, now)?;
    backend.store.write(bucket, |bucket| {
        require_lock(bucket)?;
        let found = find::object(bucket, key, version_id)?;
        let wanted = change.of_retention(found.object.lock.retention, now)?;
        check_change(&found.object, wanted, bypass, now)?;
        bucket.keys.change(key, &found.id, |object| {
            object.lock.retention = wanted;
        });
        Ok(())
    })
}

fn check_change(object: &Object, wanted: Option<Retention>, bypass: bool, now: Moment) -> S3Result {
    let Some(there) = object.lock.retention.filter(|there| there.end(now) > now) else {
        return Ok(());
    };
    let keeps = wanted.is_some_and(|wanted| {
        wanted.end(now) >= there.end(now)
            && (wanted.mode == there.mode || wanted.mode == RetentionMode::Compliance)
    });
    if keeps || (there.mode == RetentionMode::Governance && bypass) {
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
