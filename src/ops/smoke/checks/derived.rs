//! The application's derived objects (thumbnails) of a new object appear.

use std::time::{Duration, Instant};

use futures::{StreamExt, stream};

use crate::aws::ProblemKind;
use crate::domain::blueprint::expect::Target;
use crate::domain::blueprint::{BucketBlueprint, DerivedObject};
use crate::domain::configuration::NotifiedKind;
use crate::domain::{BucketName, ObjectKey};
use crate::ops::Fact;
use crate::ops::smoke::check::{Broken, Check, CheckResult, Outcome, Verdict};
use crate::ops::smoke::context::CheckContext;
use crate::ops::smoke::keys::KeyMaker;

const AGAIN_AFTER: Duration = Duration::from_millis(200);

/// The keys of sources: those of the layout from which the first rule derives.
pub(in crate::ops::smoke) fn source(bucket: &BucketBlueprint, run: &str) -> Option<KeyMaker> {
    let layout = bucket.derived.first()?.from.first()?;
    KeyMaker::of_layout(bucket, bucket.layout(layout)?, run).ok()
}

pub(super) async fn run(context: &CheckContext<'_>) -> Outcome {
    let bucket = &context.plan.bucket;
    let triggers = bucket.expect.notification.iter().flatten();
    if !triggers
        .into_iter()
        .any(|trigger| trigger.to == Target::Lambda)
    {
        return Err(Broken::Skip(
            "the blueprint names no trigger that would make it".to_owned(),
        ));
    }
    let keys = source(bucket, &context.plan.run)
        .ok_or_else(|| Broken::Skip("no key of a source can be made".to_owned()))?;
    let key = context.noted(&keys, |keys, _| keys.key("source", "jpg"))?;
    let expected = bucket.derived_of(key.as_str());
    for made in &expected {
        if let Ok(made_key) = ObjectKey::new(made.key.as_str()) {
            context.note(&made.bucket, &made_key)?;
        }
    }
    let sent = context.upload(&key, context.picture()).await?;
    if sent.success("the upload of a source").is_err() {
        return Err(Broken::Skip("its source could not be uploaded".to_owned()));
    }
    let begun = Instant::now();
    let until = begun + context.plan.options.patience;
    let missing = wait_for(context, &expected, until).await?;
    if missing.is_empty() {
        return Ok(format!(
            "{} appeared {:.1?} after {}",
            expected
                .iter()
                .map(|made| made.rule.as_str())
                .collect::<Vec<_>>()
                .join(", "),
            begun.elapsed(),
            key.as_str()
        ));
    }
    Err(sent.failing(
        format!(
            "after {:.0?} there is no s3://{}{}",
            context.plan.options.patience,
            missing.first().map_or("", String::as_str),
            match missing.len() {
                0 | 1 => String::new(),
                n => format!(", nor {} others", n - 1),
            }
        ),
        cause(context, &key),
    ))
}

/// Waits until all exist; returns those that do not exist in time.
async fn wait_for(
    context: &CheckContext<'_>,
    expected: &[DerivedObject],
    until: Instant,
) -> Result<Vec<String>, Broken> {
    loop {
        let mut missing = Vec::new();
        for made in expected {
            if !is_there(context, &made.bucket, &made.key).await? {
                missing.push(format!("{}/{}", made.bucket, made.key));
            }
        }
        if missing.is_empty() || Instant::now() >= until {
            return Ok(missing);
        }
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

async fn is_there(
    context: &CheckContext<'_>,
    bucket: &BucketName,
    key: &str,
) -> Result<bool, Broken> {
    let key = ObjectKey::new(key).map_err(|error| Broken::Skip(error.to_string()))?;
    match context.head(bucket, &key).await {
        Ok(_) => Ok(true),
        Err(problem) if problem.kind == ProblemKind::NotFound => Ok(false),
        Err(problem) => Err(Broken::Skip(format!(
            "it is not known whether it is there: {}",
            problem.message
        ))),
    }
}

fn cause(context: &CheckContext<'_>, key: &ObjectKey) -> String {
    let notifications = match &context.plan.surroundings.notifications {
        Fact::NotSet => return "the bucket tells nobody of new objects".to_owned(),
        Fact::Unknown(problem) => {
            return format!(
                "whom the bucket tells of new objects is not known: {}",
                problem.message
            );
        }
        Fact::Set(notifications) => notifications,
    };
    let functions: Vec<_> = notifications
        .notifications
        .iter()
        .filter(|one| one.kind == NotifiedKind::Lambda)
        .collect();
    let event = if context.by_form() {
        "s3:ObjectCreated:Post"
    } else {
        "s3:ObjectCreated:Put"
    };
    if functions.iter().any(|one| one.hears(event, key.as_str())) {
        return "a function is told of the object: its own log says why it made nothing".to_owned();
    }
    let looked_at: Vec<String> = functions
        .iter()
        .map(|one| format!("{:?}…{:?}", one.prefix, one.suffix))
        .collect();
    if looked_at.is_empty() {
        return "the bucket tells no function of new objects".to_owned();
    }
    format!(
        "no function is told of {}: they are told of keys of the form {}",
        key.as_str(),
        looked_at.join(", ")
    )
}

/// If the trigger works, it also processes the uploads of the other checks. This waits for it; otherwise derived
/// objects would appear after the cleanup.
pub(in crate::ops::smoke) async fn settle(context: &CheckContext<'_>, results: &[CheckResult]) {
    let worked = results
        .iter()
        .find(|result| result.check == Check::DerivedAppears)
        .filter(|result| matches!(result.verdict, Verdict::Pass(_)));
    let Some(worked) = worked else {
        return;
    };
    let until = Instant::now() + (worked.took * 3).min(context.plan.options.patience);
    let Fact::Set(notifications) = &context.plan.surroundings.notifications else {
        return;
    };
    let heard = |key: &str| {
        notifications
            .notifications
            .iter()
            .any(|one| one.kind == NotifiedKind::Lambda && one.hears("s3:ObjectCreated:Put", key))
    };
    let sources = context.journal.places().into_iter().filter(|place| {
        place.bucket == *context.bucket()
            && heard(place.key.as_str())
            && !is_derived(context, place.key.as_str())
    });
    stream::iter(sources)
        .for_each_concurrent(16, async |place| {
            if context.head(&place.bucket, &place.key).await.is_ok() {
                let expected = context.plan.bucket.derived_of(place.key.as_str());
                let _ = wait_for(context, &expected, until).await;
            }
        })
        .await;
}

/// Whether a key in the journal is derived from another one.
fn is_derived(context: &CheckContext<'_>, key: &str) -> bool {
    let places = context.journal.places();
    places.iter().any(|place| {
        let made = context.plan.bucket.derived_of(place.key.as_str());
        place.key.as_str() != key && made.iter().any(|made| made.key == key)
    })
}
