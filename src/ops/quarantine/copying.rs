//! Copies one object into quarantine or back. Neither deletes anything: the caller does so after the comparison.

use std::collections::BTreeMap;

use super::{Step, Target};
use crate::aws::wire::annotations::{self, Annotation};
use crate::aws::wire::copying::{self, Copy, MOST_BYTES};
use crate::aws::wire::object::{self, Head};
use crate::aws::wire::removal;
use crate::aws::{Aws, Meter, Problem, ProblemKind, WritePermit, operations};
use crate::domain::quarantine::place;
use crate::domain::quarantine::same::{self, Likeness, UNPROVABLE};
use crate::domain::{ByteSize, ObjectKey, VersionId};

/// Copies an object into quarantine and compares the copy.
pub(in crate::ops) async fn aside(
    aws: &Aws,
    target: Target<'_>,
    permit: &WritePermit,
    meter: &Meter,
) -> Result<Step, Problem> {
    let Some(place) = place::of(target.key) else {
        return Ok(Step::Left("its key has no place in quarantine".to_owned()));
    };
    let head = match look(aws, target, meter).await? {
        Ok(head) => head,
        Err(step) => return Ok(step),
    };
    let metadata = match &place.entry {
        None => None,
        Some(entry) => match with_entry(&head, entry) {
            Ok(metadata) => Some(metadata),
            Err(why) => return Ok(Step::Left(why.to_owned())),
        },
    };
    move_over(aws, target, &head, &place.key, metadata, permit, meter).await
}

/// Copies an object from quarantine to its original key and compares the copy. An object that is now under that key
/// stays.
pub(in crate::ops) async fn back(
    aws: &Aws,
    target: Target<'_>,
    to: &ObjectKey,
    permit: &WritePermit,
    meter: &Meter,
) -> Result<Step, Problem> {
    let head = match look(aws, target, meter).await? {
        Ok(head) => head,
        Err(step) => return Ok(step),
    };
    let metadata = place::needs_entry(target.key.as_str()).then(|| {
        let mut metadata = head.metadata.clone();
        metadata.remove(place::KEY_ENTRY);
        metadata
    });
    move_over(aws, target, &head, to, metadata, permit, meter).await
}

async fn move_over(
    aws: &Aws,
    target: Target<'_>,
    head: &Head,
    to: &ObjectKey,
    metadata: Option<BTreeMap<String, String>>,
    permit: &WritePermit,
    meter: &Meter,
) -> Result<Step, Problem> {
    if let Some(why) = cannot_be_copied(head) {
        return Ok(Step::Left(why));
    }
    let annotations = match annotations_of(aws, target, target.key, meter).await? {
        Ok(annotations) => annotations,
        Err(why) => return Ok(Step::Left(why)),
    };
    // Servers that do not support the condition would overwrite it.
    match object::head(aws, target.bucket, to, None, meter).await {
        Ok(there) => {
            let it = (head, annotations.as_slice());
            return finish(aws, target, it, to, &there, metadata.as_ref(), meter).await;
        }
        Err(problem) if problem.kind == ProblemKind::NotFound => {}
        Err(problem) => return Err(problem),
    }
    let copy = Copy {
        bucket: target.bucket,
        from: target.key,
        version: target.version(),
        etag: head.etag.as_deref().unwrap_or_default(),
        to,
        as_stored: head,
        metadata: metadata.as_ref(),
    };
    let made = match copying::copy(aws, &copy, permit, meter).await {
        Ok(made) => made,
        Err(problem) if problem.kind == ProblemKind::Changed => return Ok(Step::Changed),
        Err(problem) => return Err(problem),
    };
    let there = object::head(aws, target.bucket, to, None, meter).await?;
    let it = (head, annotations.as_slice());
    let step = finish(aws, target, it, to, &there, metadata.as_ref(), meter).await?;
    if let Step::Left(_) = step {
        // A copy that differs is useless.
        let id = made.unwrap_or_else(|| VersionId("null".to_owned()));
        removal::delete_version(aws, target.bucket, to, &id, None, permit, meter).await?;
    }
    Ok(step)
}

/// Compares the object under the target's key with the original: a new copy, or one from before s3warden was killed.
async fn finish(
    aws: &Aws,
    target: Target<'_>,
    (head, annotations): (&Head, &[Annotation]),
    to: &ObjectKey,
    there: &Head,
    metadata: Option<&BTreeMap<String, String>>,
    meter: &Meter,
) -> Result<Step, Problem> {
    let tags = object::tags(aws, target.bucket, target.key, target.version(), meter).await?;
    let copied = object::tags(aws, target.bucket, to, None, meter).await?;
    let mut original = likeness(head, tags);
    if let Some(metadata) = metadata {
        original.metadata = metadata.clone().into_iter().collect();
    }
    let mut copy = likeness(there, copied);
    // An object without annotations cannot lose any.
    if !annotations.is_empty() {
        let arrived = match annotations_of(aws, target, to, meter).await? {
            Ok(arrived) => arrived,
            Err(why) => return Ok(Step::Left(why)),
        };
        original.annotations = described(annotations, original.etag_is_digest);
        copy.annotations = described(&arrived, original.etag_is_digest);
    }
    Ok(match same::difference(&original, &copy) {
        None => Step::Done { checked: true },
        Some(why) => Step::Left(format!(
            "what lies under the key that it would be copied to is not the same, and was left: {why}"
        )),
    })
}

/// The annotations that a copy must have, or why they are unknown. An endpoint without annotations has none. If they
/// may not be listed, nobody could tell what a copy lost.
async fn annotations_of(
    aws: &Aws,
    target: Target<'_>,
    key: &ObjectKey,
    meter: &Meter,
) -> Result<Result<Vec<Annotation>, String>, Problem> {
    let version = if key == target.key {
        target.version()
    } else {
        None
    };
    match annotations::all(aws, target.bucket, key, version, meter).await {
        Ok(all) => Ok(Ok(all)),
        Err(problem) => match problem.kind {
            ProblemKind::NotSupported => Ok(Ok(Vec::new())),
            ProblemKind::Denied => Ok(Err(format!(
                "whether it has annotations, which a copy has to carry, is not known: ask for {}, or put it aside by tag",
                operations::LIST_ANNOTATIONS.permission
            ))),
            _ => Err(problem),
        },
    }
}

/// With a KMS key, the ETag of a copy differs.
fn described(annotations: &[Annotation], by_etag: bool) -> Vec<(String, u64, Option<String>)> {
    let one = |one: &Annotation| {
        let etag = one.etag.clone().filter(|_| by_etag);
        (one.name.clone(), one.size.bytes(), etag)
    };
    annotations.iter().map(one).collect()
}

/// Whether the object is still the one that was judged.
pub(in crate::ops) async fn is_as_judged(
    aws: &Aws,
    target: Target<'_>,
    meter: &Meter,
) -> Result<bool, Problem> {
    Ok(look(aws, target, meter).await?.is_ok())
}

async fn look(aws: &Aws, target: Target<'_>, meter: &Meter) -> Result<Result<Head, Step>, Problem> {
    let head = object::head(aws, target.bucket, target.key, target.version(), meter).await;
    match head {
        Ok(head) if target.is(&head) => Ok(Ok(head)),
        Ok(_) => Ok(Err(Step::Changed)),
        Err(problem) if problem.kind == ProblemKind::NotFound => Ok(Err(Step::Changed)),
        Err(problem) => Err(problem),
    }
}

/// Why an object cannot be copied exactly.
fn cannot_be_copied(head: &Head) -> Option<String> {
    if head.size.bytes() > MOST_BYTES {
        let most = ByteSize(MOST_BYTES);
        return Some(format!(
            "it has {}, and one request copies {most} at most: put it aside by tag",
            head.size
        ));
    }
    if head.storage_class.is_archived() || head.archive_status.is_some() {
        return Some(
            "it is archived, and would have to be restored before it can be copied: put it aside by tag"
                .to_owned(),
        );
    }
    if head
        .encryption
        .as_ref()
        .is_some_and(|sse| sse.algorithm == "SSE-C")
    {
        return Some("it is encrypted with a key that its writer keeps".to_owned());
    }
    if head.missing_metadata > 0 {
        return Some("it has metadata that no header can carry".to_owned());
    }
    let lock = &head.lock;
    if lock.mode.is_some() || lock.legal_hold || lock.event_hold.is_some() {
        return Some("it is locked, and could not be deleted in its place".to_owned());
    }
    let itself = likeness(head, Vec::new());
    if !itself.etag_is_digest && itself.checksums.is_empty() {
        return Some(format!("{UNPROVABLE}: put it aside by tag"));
    }
    head.etag
        .is_none()
        .then(|| "the service does not tell its entity tag".to_owned())
}

/// The object's metadata, with the original key if the copy's key does not contain it.
fn with_entry(head: &Head, entry: &str) -> Result<BTreeMap<String, String>, &'static str> {
    if head.expires.is_some() {
        return Err(
            "its key is too long for the quarantine's prefix, and a copy would lose its Expires header",
        );
    }
    let mut metadata = head.metadata.clone();
    metadata.insert(place::KEY_ENTRY.to_owned(), entry.to_owned());
    let bytes: usize = metadata
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    if bytes > place::MOST_METADATA {
        return Err(
            "its key is too long for the quarantine's prefix, and its metadata leave no room for it: put it aside by tag",
        );
    }
    Ok(metadata)
}

fn likeness(head: &Head, tags: Vec<(String, String)>) -> Likeness {
    let sse = head.encryption.as_ref();
    let under_kms = sse.is_some_and(|sse| sse.algorithm.starts_with("aws:kms"));
    let in_parts = head.etag.as_deref().is_some_and(|etag| etag.contains('-'));
    let headers = [
        ("content-type", &head.content_type),
        ("content-encoding", &head.content_encoding),
        ("content-disposition", &head.content_disposition),
        ("content-language", &head.content_language),
        ("cache-control", &head.cache_control),
        ("expires", &head.expires),
        ("redirect", &head.redirect),
    ];
    Likeness {
        size: head.size.bytes(),
        etag: head.etag.clone(),
        etag_is_digest: !under_kms && !in_parts,
        checksums: match head.checksum_type.as_deref() {
            Some("COMPOSITE") => Vec::new(),
            _ => head.checksums.clone(),
        },
        class: head.storage_class.as_str().to_owned(),
        encryption: sse.map(|sse| (sse.algorithm.clone(), sse.key_id.clone(), sse.bucket_key)),
        headers: headers
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.clone()?)))
            .collect(),
        metadata: head.metadata.clone().into_iter().collect(),
        tags,
        annotations: Vec::new(),
    }
}

/// Whether an object that is gone from its key is stored at the destination, with the same size and ETag.
pub(in crate::ops) async fn has_arrived(
    aws: &Aws,
    target: Target<'_>,
    to: &ObjectKey,
    meter: &Meter,
) -> Result<bool, Problem> {
    let there = match object::head(aws, target.bucket, to, None, meter).await {
        Err(problem) if problem.kind == ProblemKind::NotFound => return Ok(false),
        there => there?,
    };
    let in_parts = target.etag.is_some_and(|etag| etag.contains('-'));
    let under_kms = there
        .encryption
        .as_ref()
        .is_some_and(|sse| sse.algorithm.starts_with("aws:kms"));
    Ok(
        there.size == target.size
            && (in_parts || under_kms || there.etag.as_deref() == target.etag),
    )
}
