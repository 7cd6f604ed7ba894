//! Decides which checks apply to a bucket, and whether test objects may be written at all.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::check::Check;
use super::keys::{KeyMaker, new_run};
use crate::aws::wire::configuration as asked;
use crate::aws::{Aws, Meter, Problem, ProblemKind};
use crate::domain::BucketName;
use crate::domain::advice::{Action, Advice, advice};
use crate::domain::blueprint::expect::PublicIntent;
use crate::domain::blueprint::{Blueprint, BucketBlueprint, PresignRule, ServiceLevels};
use crate::domain::configuration::{Encryption, Logging, Notifications, ObjectLocking};
use crate::ops::Fact;

/// The options of a run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Only these checks, and the removal; empty for all.
    pub only: Vec<Check>,
    /// The number of concurrent uploads, 1 to 256.
    pub concurrency: usize,
    /// Whether objects may be created even if that sends events.
    pub allow_events: bool,
    /// How long to wait for the application's derived objects.
    pub patience: Duration,
    /// The state folder.
    pub state: PathBuf,
}

impl Options {
    /// All checks, 32 concurrent uploads, half a minute for derived objects.
    #[must_use]
    pub fn new(state: PathBuf) -> Self {
        Self {
            only: Vec::new(),
            concurrency: 32,
            allow_events: false,
            patience: Duration::from_secs(30),
            state,
        }
    }
}

/// Why no test objects may be written. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// New objects would be locked against deletion.
    Locked(String),
    /// It is unknown whether new objects would be locked.
    LockUnknown(Problem),
    /// Creating or removing objects would send events.
    Events(Vec<String>),
    /// It is unknown whether events would be sent.
    EventsUnknown(Problem),
    /// No key can be made from the blueprint's layouts.
    Keys(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked(how) => write!(
                f,
                "the bucket locks every new object ({how}): what a test creates there could not be removed"
            ),
            Self::LockUnknown(problem) => write!(
                f,
                "it is not known whether the bucket locks new objects: {problem}"
            ),
            Self::Events(told) => write!(f, "test objects would set off {}", told.join(", ")),
            Self::EventsUnknown(problem) => {
                write!(f, "it is not known whom new objects are told to: {problem}")
            }
            Self::Keys(why) => write!(f, "no test keys can be made: {why}"),
        }
    }
}

impl Refusal {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Locked(_) => {
                advice!("test another bucket with the same rules and no default retention")
            }
            Self::LockUnknown(_) => advice!("ask for s3:GetBucketObjectLockConfiguration"),
            Self::Events(_) => Action::AllowEvents.into(),
            Self::EventsUnknown(_) => {
                advice!("ask for s3:GetBucketNotification; or").then(Action::AllowEvents)
            }
            Self::Keys(_) => Action::UseBlueprint.into(),
        }
    }
}

/// A check, with the reason if it is skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The check.
    pub check: Check,
    /// Why it is skipped; `None` if it runs.
    pub skip: Option<String>,
}

/// A run, ready to start.
pub struct Plan {
    /// The name of the run.
    pub run: String,
    /// The bucket's blueprint.
    pub bucket: BucketBlueprint,
    /// The application's service levels.
    pub levels: ServiceLevels,
    /// The checks, in order.
    pub checks: Vec<Planned>,
    /// Remarks to show before the run.
    pub remarks: Vec<String>,
    pub(super) options: Options,
    pub(super) keys: KeyMaker,
    pub(super) surroundings: Surroundings,
}

/// The relevant configuration of the bucket.
#[derive(Debug)]
pub(super) struct Surroundings {
    pub(super) encryption: Fact<Encryption>,
    pub(super) logging: Fact<Logging>,
    pub(super) notifications: Fact<Notifications>,
}

/// Inspects a bucket. It only reads.
///
/// # Errors
/// Why no test objects may be written.
pub async fn plan(
    aws: &Aws,
    name: &BucketName,
    blueprint: Option<&Blueprint>,
    options: Options,
    meter: &Meter,
) -> Result<Plan, Refusal> {
    let bucket = blueprint
        .and_then(|blueprint| blueprint.bucket(name).cloned())
        .unwrap_or_else(|| BucketBlueprint::unknown(name.clone()));
    let levels = blueprint.map_or_else(ServiceLevels::default, |b| b.service_levels.clone());
    let run = new_run();
    let keys = KeyMaker::of_bucket(&bucket, &run).map_err(Refusal::Keys)?;
    let (lock, encryption, logging, notifications) = futures::join!(
        asked::object_lock(aws, name, meter),
        asked::encryption(aws, name, meter),
        asked::logging(aws, name, meter),
        asked::notifications(aws, name, meter),
    );
    refuse_lock(&Fact::from_answer(lock.map(|answer| answer.value)))?;
    let surroundings = Surroundings {
        encryption: Fact::from_answer(encryption.map(|answer| answer.value)),
        logging: Fact::from_answer(logging.map(|answer| answer.value)),
        notifications: Fact::from_answer(notifications.map(|answer| answer.value)),
    };
    if !options.allow_events {
        let mut samples = samples(&bucket, &keys, &run);
        samples.dedup();
        refuse_events(&surroundings.notifications, &samples)?;
    }
    let mut remarks = vec![keys.words()];
    if let Some(derived) = super::checks::derived::source(&bucket, &run) {
        let words = derived.words();
        if !remarks.contains(&words) {
            remarks.push(words);
        }
    }
    Ok(Plan {
        checks: Check::ALL
            .into_iter()
            .filter(|check| {
                options.only.is_empty() || options.only.contains(check) || *check == Check::Removed
            })
            .map(|check| Planned {
                check,
                skip: why_not(check, &bucket),
            })
            .collect(),
        run,
        levels,
        bucket,
        remarks,
        options,
        keys,
        surroundings,
    })
}

fn refuse_lock(lock: &Fact<ObjectLocking>) -> Result<(), Refusal> {
    match lock {
        Fact::NotSet => Ok(()),
        Fact::Set(lock) => match (&lock.default_retention, &lock.default_event_hold) {
            (None, None) => Ok(()),
            (None, Some(hold)) => Err(Refusal::Locked(format!("an event hold, {}", hold.words()))),
            (Some(retention), _) => Err(Refusal::Locked(format!(
                "{} for {}",
                retention.mode,
                retention.words()
            ))),
        },
        // An endpoint without Object Lock locks nothing.
        Fact::Unknown(problem) if problem.kind == ProblemKind::NotSupported => Ok(()),
        Fact::Unknown(problem) => Err(Refusal::LockUnknown(problem.clone())),
    }
}

/// Sample keys of the checks, to find the events they would cause.
fn samples(bucket: &BucketBlueprint, keys: &KeyMaker, run: &str) -> Vec<String> {
    let of = |maker: &KeyMaker| {
        let made = ["jpg", "png"].map(|extension| maker.key("sample", extension));
        made.into_iter()
            .flatten()
            .map(|key| key.as_str().to_owned())
            .collect::<Vec<_>>()
    };
    let mut samples = of(keys);
    if let Some(derived) = super::checks::derived::source(bucket, run) {
        samples.extend(of(&derived));
    }
    samples
}

/// The events that a run may cause.
const EVENTS: [&str; 4] = [
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
];

fn refuse_events(notifications: &Fact<Notifications>, samples: &[String]) -> Result<(), Refusal> {
    let notifications = match notifications {
        Fact::NotSet => return Ok(()),
        Fact::Set(notifications) => notifications,
        Fact::Unknown(problem) if problem.kind == ProblemKind::NotSupported => return Ok(()),
        Fact::Unknown(problem) => return Err(Refusal::EventsUnknown(problem.clone())),
    };
    let mut told: Vec<String> = notifications
        .notifications
        .iter()
        .filter(|notification| {
            EVENTS
                .iter()
                .any(|event| samples.iter().any(|key| notification.hears(event, key)))
        })
        .map(|notification| format!("{} ({})", notification.id, notification.to))
        .collect();
    if notifications.event_bridge {
        told.push("EventBridge".to_owned());
    }
    if told.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Events(told))
    }
}

/// Whether uploads only use forms: the blueprint has a rule for forms and none for PUT.
pub(super) fn uploads_by_form(bucket: &BucketBlueprint) -> bool {
    bucket.presign.post.is_some() && bucket.presign.put.is_none()
}

fn why_not(check: Check, bucket: &BucketBlueprint) -> Option<String> {
    let presign = &bucket.presign;
    let by_form = uploads_by_form(bucket);
    let sizes = |rule: &Option<PresignRule>| rule.as_ref().and_then(|rule| rule.max_size);
    let why = match check {
        Check::FormUpload | Check::OversizeForm if presign.post.is_none() => {
            "the blueprint has no rule for a form"
        }
        Check::OversizeForm if sizes(&presign.post).is_none() => {
            "the blueprint sets no maximum for a form"
        }
        Check::WrongLength if by_form => "uploads are by a form, whose policy has the sizes",
        Check::WrongLength
            if !presign
                .put
                .as_ref()
                .and_then(|put| put.sign_length)
                .unwrap_or(false) =>
        {
            "the blueprint's PUT signs no length"
        }
        Check::MissingHeader if by_form => "uploads are by a form, whose fields are in its policy",
        Check::PlainHttp if bucket.expect.tls_only != Some(true) => {
            "the blueprint does not require TLS"
        }
        Check::CorsPreflight | Check::CorsForeignOrigin if origins(bucket).next().is_none() => {
            "the blueprint names no origin; one of your own that extends it can"
        }
        Check::CorsForeignOrigin if origins(bucket).any(|origin| origin == "*") => {
            "the blueprint allows any origin"
        }
        Check::DerivedAppears if bucket.derived.is_empty() => {
            "the blueprint derives nothing from uploads"
        }
        Check::AccessLog if bucket.expect.logging.is_none() => {
            "the blueprint names no access log for this bucket"
        }
        Check::AnonymousGet if bucket.expect.public.is_none() => {
            "the blueprint does not say whether anyone may read"
        }
        _ => return None,
    };
    Some(why.to_owned())
}

/// The origins in the blueprint.
pub(super) fn origins(bucket: &BucketBlueprint) -> impl Iterator<Item = &str> {
    let rules = bucket.expect.cors.iter().flatten();
    rules.flat_map(|rule| rule.origins.iter().map(String::as_str))
}

/// Whether anyone is meant to read.
pub(super) fn is_public(bucket: &BucketBlueprint) -> bool {
    bucket.expect.public == Some(PublicIntent::Read)
}
