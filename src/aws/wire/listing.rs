//! Current objects and prefixes: ListObjectsV2.

use std::borrow::Cow;

use aws_sdk_s3::client::customize::CustomizableOperation;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::operation::list_objects_v2::{ListObjectsV2, ListObjectsV2Output};
use aws_sdk_s3::types::EncodingType;
use aws_smithy_runtime_api::client::interceptors::context::Output;
use aws_smithy_runtime_api::client::runtime_plugin::RuntimePlugin as _;

use super::encoding::{Decoder, NotUtf8};
use super::list_body::{self, Body, Of, Row, Tap};
use super::reading::{self, Answer, Listed, What};
use super::{etag, size, time};
use crate::aws::explain::Call;
use crate::aws::{Aws, Meter, Problem, ProblemKind, operations};
use crate::domain::advice::advice;
use crate::domain::{BucketName, ByteSize, ObjectKey, ObjectSummary, StorageClass};

/// The start of a listing; `N` is the type of the position of the next page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Start<N = Next> {
    /// At the first key.
    #[default]
    Beginning,
    /// After this key and everything below it, or after any text, in byte order.
    After(String),
    /// At the position from the previous page.
    Next(N),
}

/// The position of the next page. Only the server that returned it understands it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Next {
    token: String,
}

#[cfg(test)]
impl Next {
    /// A position for tests.
    #[must_use]
    pub fn for_tests(token: &str) -> Self {
        Self {
            token: token.to_owned(),
        }
    }
}

/// A request to list objects, or with another `N` versions or uploads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRequest<N = Next> {
    /// The bucket.
    pub bucket: BucketName,
    /// The key prefix; an empty one means all keys.
    pub prefix: String,
    /// Whether to group keys with a further `/` after the prefix into common prefixes.
    pub delimiter: bool,
    /// Where to begin.
    pub start: Start<N>,
    /// The maximum number of items and prefixes per page, 1 to 1,000; `None` for the server's default.
    pub max_keys: Option<u16>,
    /// Whether the ETags of objects are needed. Without them, parsing is faster.
    pub etags: bool,
}

impl<N> ListRequest<N> {
    /// The first page of everything below a prefix.
    #[must_use]
    pub fn flat(bucket: BucketName, prefix: impl Into<String>) -> Self {
        Self {
            bucket,
            prefix: prefix.into(),
            delimiter: false,
            start: Start::Beginning,
            max_keys: None,
            etags: true,
        }
    }

    /// The first page of the direct children of a prefix.
    #[must_use]
    pub fn folder(bucket: BucketName, prefix: impl Into<String>) -> Self {
        Self {
            delimiter: true,
            ..Self::flat(bucket, prefix)
        }
    }
}

/// One page of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// The common prefixes, with a trailing `/`.
    pub prefixes: Vec<String>,
    /// The objects.
    pub objects: Vec<ObjectSummary>,
    /// The position of the next page; `None` on the last page.
    pub next: Option<Next>,
    /// The number of keys and prefixes with unknown encoding. The real ones may differ.
    pub undecided: usize,
}

/// Requests one page, with retries.
pub(crate) async fn page(aws: &Aws, request: &ListRequest, meter: &Meter) -> Result<Page, Problem> {
    ask(aws, request, meter, Builder::new()).await
}

/// Requests one page without retries, for a caller that limits and retries its requests itself.
pub(crate) async fn page_once(
    aws: &Aws,
    request: &ListRequest,
    meter: &Meter,
) -> Result<Page, Problem> {
    ask(aws, request, meter, once()).await
}

async fn ask(
    aws: &Aws,
    request: &ListRequest,
    meter: &Meter,
    overrides: Builder,
) -> Result<Page, Problem> {
    let call = Call::on(&operations::LIST_OBJECTS, &request.bucket, &request.prefix);
    let (after, token) = match &request.start {
        Start::Beginning => (None, None),
        Start::After(key) => (Some(key.as_str()), None),
        Start::Next(next) => (None, Some(next.token.as_str())),
    };
    let tap = aws.reads_listings().then(|| {
        let empty = || Output::erase(ListObjectsV2Output::builder().build());
        Tap::new(call.operation, empty, || ListObjectsV2::new().config())
    });
    let answer = aws
        .on_bucket(&call, &request.bucket, |s3| {
            let send = s3
                .list_objects_v2()
                .bucket(request.bucket.as_str())
                .set_prefix((!request.prefix.is_empty()).then(|| request.prefix.clone()))
                .set_delimiter(request.delimiter.then(|| "/".to_owned()))
                .set_start_after(after.map(str::to_owned))
                .set_continuation_token(token.map(str::to_owned))
                .set_max_keys(request.max_keys.map(i32::from))
                .encoding_type(EncodingType::Url)
                .customize()
                .config_override(overrides.clone())
                .interceptor(meter.counting());
            tapped(send, tap.as_ref()).send()
        })
        .await?;
    let page = if let Some(body) = tap.and_then(|tap| tap.take()) {
        let bytes = body.bytes().unwrap_or_default();
        let mut body = list_body::read(bytes, Of::Objects, call.operation.root)
            .map_err(|why| why.problem(aws, &call))?;
        if !request.etags {
            body.rows.iter_mut().for_each(|row| row.etag = None);
        }
        let raw = Answer::of_body((&request.bucket, &request.prefix), Of::Objects, &body);
        let decided = reading::decide(aws, &raw, meter).await;
        let page = from_body(decided.decoder, &call, body)?;
        Page {
            undecided: decided.undecided,
            ..page
        }
    } else {
        let raw = sdk_answer(request, &answer);
        let decided = reading::decide(aws, &raw, meter).await;
        let page = decode(decided.decoder, &call, &answer)?;
        Page {
            undecided: decided.undecided,
            ..page
        }
    };
    moves_on(&call, &request.start, page.next.as_ref())?;
    let first = page.objects.first().map(|object| object.key.as_str());
    heeds_start(&call, &request.start, first, &page.prefixes)?;
    let bytes: ByteSize = page.objects.iter().map(|object| object.size).sum();
    meter.listed(page.objects.len(), bytes);
    Ok(page)
}

/// Checks that a page starts after the requested key. A common prefix that contains this key is valid, because it may
/// contain later keys.
pub(super) fn heeds_start<N>(
    call: &Call<'_>,
    start: &Start<N>,
    first: Option<&str>,
    prefixes: &[String],
) -> Result<(), Problem> {
    let Start::After(after) = start else {
        return Ok(());
    };
    let prefix = prefixes.first().map(String::as_str);
    if first.is_some_and(|key| key <= after.as_str())
        || prefix.is_some_and(|prefix| prefix <= after.as_str() && !after.starts_with(prefix))
    {
        return Err(call.failed(
            ProblemKind::NotSupported,
            "the server ignores where the listing is to start and began with the first key again",
            advice!("list it from the beginning on this endpoint"),
        ));
    }
    Ok(())
}

/// The key and id after which a page of versions or uploads starts.
pub(super) fn markers<'s, N>(
    start: &'s Start<N>,
    of: impl Fn(&'s N) -> (&'s str, Option<&'s str>),
) -> (Option<String>, Option<String>) {
    match start {
        Start::Beginning => (None, None),
        Start::After(key) => (Some(key.clone()), None),
        Start::Next(next) => {
            let (key, id) = of(next);
            (Some(key.to_owned()), id.map(str::to_owned))
        }
    }
}

/// Rejects a position that leads to itself.
pub(super) fn moves_on<N: PartialEq>(
    call: &Call<'_>,
    start: &Start<N>,
    next: Option<&N>,
) -> Result<(), Problem> {
    match (start, next) {
        (Start::Next(before), Some(next)) if before == next => Err(call.failed(
            ProblemKind::Malformed,
            "the server gave the same marker twice: the listing would never end",
            advice!("the listing is incomplete; list a longer prefix instead"),
        )),
        _ => Ok(()),
    }
}

/// Disables the SDK's retries. All clients of a process share the SDK's retry budget, which a long listing with many
/// requests would use up.
pub(super) fn once() -> Builder {
    Builder::new().retry_config(RetryConfig::disabled())
}

/// The call, with the tap if there is one.
pub(super) fn tapped<T, E, B>(
    call: CustomizableOperation<T, E, B>,
    tap: Option<&Tap>,
) -> CustomizableOperation<T, E, B> {
    match tap {
        Some(tap) => call.interceptor(tap.clone()),
        None => call,
    }
}

/// Builds the page from a body.
pub(super) fn from_body(
    decoder: Decoder,
    call: &Call<'_>,
    body: Body<'_>,
) -> Result<Page, Problem> {
    let next = next(call, body.is_truncated, body.next.as_deref())?;
    let prefixes = body.folders.iter();
    let prefixes = prefixes
        .map(|folder| text(call, decoder, folder))
        .collect::<Result<_, _>>()?;
    let objects = body.rows.into_iter();
    Ok(Page {
        prefixes,
        objects: objects
            .map(|row| object(call, decoder, row))
            .collect::<Result<_, _>>()?,
        next,
        undecided: 0,
    })
}

/// Builds the object from a row.
pub(super) fn object(
    call: &Call<'_>,
    decoder: Decoder,
    row: Row<'_>,
) -> Result<ObjectSummary, Problem> {
    Ok(ObjectSummary {
        key: key(call, decoder, row.key.as_deref())?,
        size: size(row.size),
        last_modified: row.at,
        storage_class: class(row.class),
        etag: row.etag.map(list_body::unquoted),
    })
}

/// The storage class; STANDARD if missing.
pub(super) fn class(name: Option<Cow<'_, str>>) -> StorageClass {
    name.map_or_else(StorageClass::default, |name| StorageClass::new(&name))
}

/// The strings of a response that the SDK parsed.
fn sdk_answer<'a>(request: &'a ListRequest, answer: &'a ListObjectsV2Output) -> Answer<'a> {
    let keys = answer.contents().iter().filter_map(|object| object.key());
    let folders = answer.common_prefixes().iter();
    Answer {
        bucket: &request.bucket,
        of: Of::Objects,
        is_encoded: answer.encoding_type() == Some(&EncodingType::Url),
        prefix: &request.prefix,
        listed: keys
            .map(|raw| Listed {
                raw,
                what: What::Object,
            })
            .chain(reading::folders(
                folders.filter_map(|folder| folder.prefix()),
            ))
            .collect(),
    }
}

/// Builds the page from a response that the SDK parsed.
pub(super) fn decode(
    decoder: Decoder,
    call: &Call<'_>,
    answer: &ListObjectsV2Output,
) -> Result<Page, Problem> {
    let folders = answer
        .common_prefixes()
        .iter()
        .filter_map(|folder| folder.prefix());
    let mut objects = Vec::with_capacity(answer.contents().len());
    for object in answer.contents() {
        objects.push(ObjectSummary {
            key: key(call, decoder, object.key())?,
            size: size(object.size()),
            last_modified: time(object.last_modified()),
            storage_class: object
                .storage_class()
                .map_or_else(StorageClass::default, |class| {
                    StorageClass::new(class.as_str())
                }),
            etag: etag(object.e_tag()),
        });
    }
    let prefixes = folders
        .map(|folder| text(call, decoder, folder))
        .collect::<Result<_, _>>()?;
    let token = answer.next_continuation_token();
    let next = next(call, answer.is_truncated(), token)?;
    Ok(Page {
        prefixes,
        objects,
        next,
        undecided: 0,
    })
}

/// The token of the next page. A page that is not the last one must have a token; if a page does not say, a token means
/// that there is more.
fn next(
    call: &Call<'_>,
    is_truncated: Option<bool>,
    token: Option<&str>,
) -> Result<Option<Next>, Problem> {
    let token = token.filter(|token| !token.is_empty());
    if !is_truncated.unwrap_or(token.is_some()) {
        return Ok(None);
    }
    let token = token.ok_or_else(|| unfinished(call))?.to_owned();
    Ok(Some(Next { token }))
}

/// The decoded key and id for the next page of versions or uploads, with the same rules.
pub(super) fn next_markers(
    call: &Call<'_>,
    decoder: Decoder,
    is_truncated: Option<bool>,
    (key, id): (Option<&str>, Option<&str>),
) -> Result<Option<(String, Option<String>)>, Problem> {
    let key = key.filter(|key| !key.is_empty());
    if !is_truncated.unwrap_or(key.is_some()) {
        return Ok(None);
    }
    let key = text(call, decoder, key.ok_or_else(|| unfinished(call))?)?;
    let id = id.filter(|id| !id.is_empty()).map(str::to_owned);
    Ok(Some((key, id)))
}

/// The error of a page that is not the last one but has no position.
fn unfinished(call: &Call<'_>) -> Problem {
    call.failed(
        ProblemKind::Malformed,
        "the server says that there is more and not where to go on",
        advice!("the listing is incomplete; list a longer prefix instead"),
    )
}

/// Decodes a key.
pub(super) fn key(
    call: &Call<'_>,
    decoder: Decoder,
    raw: Option<&str>,
) -> Result<ObjectKey, Problem> {
    let plain = text(call, decoder, raw.unwrap_or_default())?;
    ObjectKey::new(plain).map_err(|invalid| {
        call.failed(
            ProblemKind::Malformed,
            &format!("the listing holds a key that S3 does not allow: {invalid}"),
            advice!("list a prefix that does not hold it"),
        )
    })
}

/// Decodes a prefix or key.
pub(super) fn text(call: &Call<'_>, decoder: Decoder, raw: &str) -> Result<String, Problem> {
    decoder.decode(raw).map_err(|NotUtf8(raw)| {
        call.failed(
            ProblemKind::Malformed,
            &format!("the listing holds a key that is not UTF-8: {raw:?}"),
            advice!("list a prefix that does not hold it"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heeds(after: &str, first: Option<&str>, prefixes: &[&str]) -> bool {
        let bucket = BucketName::new("media").unwrap();
        let call = Call::on(&operations::LIST_OBJECTS, &bucket, "");
        let prefixes: Vec<String> = prefixes.iter().map(|&p| p.to_owned()).collect();
        let start: Start = Start::After(after.to_owned());
        heeds_start(&call, &start, first, &prefixes).is_ok()
    }

    #[test]
    fn a_page_that_begins_at_or_before_its_start_shows_that_the_start_was_ignored() {
        assert!(!heeds("b", Some("a"), &[]));
        assert!(!heeds("b", Some("b"), &[]));
        assert!(!heeds("b", None, &["a/"]));
        assert!(heeds("b", Some("c"), &["d/"]));
        assert!(heeds("b", None, &[]));
    }

    #[test]
    fn the_prefix_that_the_start_lies_in_may_come_again() {
        assert!(heeds("b/x", None, &["b/"]));
    }
}
