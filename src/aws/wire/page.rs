//! One page of a listing, whatever is listed: [`objects`](super::objects), [`versions`](super::versions) or
//! [`uploads`](super::uploads).
//!
//! Those three say how S3 is asked and what a row of the answer is ([`Paged`]); the rest is the same and is here: reading the body,
//! learning how its keys are encoded, and holding the page to what was asked for.

use std::fmt::Debug;

use aws_sdk_s3::client::customize::CustomizableOperation;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::config::retry::RetryConfig;

use super::encoding::{Decoder, NotUtf8};
use super::list_body::{self, Body, Of, Row, Tap};
use super::objects::Next;
use super::reading::{self, Answer};
use crate::aws::explain::Call;
use crate::aws::operations::Operation;
use crate::aws::{Aws, Meter, Problem, ProblemKind};
use crate::domain::advice::advice;
use crate::domain::{BucketName, ByteSize, ObjectKey, ObjectSummary};

/// The start of a listing; `N` is the type of the position of the next page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Start<N = Next> {
    /// At the first key.
    #[default]
    Beginning,
    /// After this key and everything below it, or after any text, in byte order.
    After(String),
    /// Where the page before it ended.
    Next(N),
}

/// What to list: objects, or with another `N` versions or uploads.
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

    /// The first page of what lies directly under a prefix.
    #[must_use]
    pub fn folder(bucket: BucketName, prefix: impl Into<String>) -> Self {
        Self {
            delimiter: true,
            ..Self::flat(bucket, prefix)
        }
    }

    /// The prefix as S3 takes it: none for the whole bucket.
    pub(super) fn prefix_sent(&self) -> Option<String> {
        (!self.prefix.is_empty()).then(|| self.prefix.clone())
    }

    /// The delimiter as S3 takes it.
    pub(super) fn delimiter_sent(&self) -> Option<String> {
        self.delimiter.then(|| "/".to_owned())
    }
}

/// One page of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T = ObjectSummary, N = Next> {
    /// The prefixes that keys were rolled up into, with their trailing `/`.
    pub prefixes: Vec<String>,
    /// What is listed, in the server's order: by key; versions of one key the newest first, uploads of one key the oldest first.
    pub items: Vec<T>,
    /// Where to go on; `None` on the last page.
    pub next: Option<N>,
    /// Keys and prefixes for which it stays unknown whether the server encoded them: they may differ from what is given here.
    pub undecided: usize,
}

impl<T, N> Default for Page<T, N> {
    fn default() -> Self {
        Self {
            prefixes: Vec::new(),
            items: Vec::new(),
            next: None,
            undecided: 0,
        }
    }
}

/// What S3 lists in pages.
pub(crate) trait Paged: Sized + Send {
    /// Where a page ended.
    type Next: Clone + Debug + PartialEq + Send + Sync;

    const OF: Of;
    const OPERATION: &'static Operation;

    /// Sends the request, [prepared](Sending::prepare), and leaves the body of the answer in the tap. The three calls have nothing
    /// in common but the names of their setters.
    fn ask(
        aws: &Aws,
        call: &Call<'_>,
        request: &ListRequest<Self::Next>,
        sending: &Sending<'_>,
    ) -> impl Future<Output = Result<(), Problem>> + Send;

    /// What keeps the body of such a call from the SDK's parser.
    fn tap() -> Tap;

    /// What a row of the answer describes.
    fn of_row(call: &Call<'_>, decoder: Decoder, row: Row<'_>) -> Result<Self, Problem>;

    /// Where the page ended, if it is not the last one.
    fn next(
        call: &Call<'_>,
        decoder: Decoder,
        body: &Body<'_>,
    ) -> Result<Option<Self::Next>, Problem>;

    /// How to sort the items, where the rows show that the server sent them in another order.
    fn order_of(_body: &Body<'_>) -> Option<fn(&mut [Self])> {
        None
    }

    fn key(&self) -> &str;

    /// The size that the listing gives for it.
    fn bytes(&self) -> ByteSize;
}

/// What goes along with a call of any kind.
pub(crate) struct Sending<'a> {
    overrides: Builder,
    tap: Tap,
    meter: &'a Meter,
}

impl Sending<'_> {
    /// The call with all that goes along with it.
    pub(super) fn prepare<T, E, B>(
        &self,
        call: CustomizableOperation<T, E, B>,
    ) -> CustomizableOperation<T, E, B> {
        call.config_override(self.overrides.clone())
            .interceptor(self.meter.counting())
            .interceptor(self.tap.clone())
    }
}

/// Asks for one page, several times when that may help.
pub(crate) async fn page<T: Paged>(
    aws: &Aws,
    request: &ListRequest<T::Next>,
    meter: &Meter,
) -> Result<Page<T, T::Next>, Problem> {
    ask(aws, request, meter, Builder::new()).await
}

/// Asks for one page, once: for a caller that paces and repeats its requests itself.
pub(crate) async fn page_once<T: Paged>(
    aws: &Aws,
    request: &ListRequest<T::Next>,
    meter: &Meter,
) -> Result<Page<T, T::Next>, Problem> {
    ask(aws, request, meter, once()).await
}

/// What makes a call that is not repeated by the SDK. All clients of a process share the SDK's budget of retries, and a long
/// listing with many requests in flight would use it up.
pub(super) fn once() -> Builder {
    Builder::new().retry_config(RetryConfig::disabled())
}

async fn ask<T: Paged>(
    aws: &Aws,
    request: &ListRequest<T::Next>,
    meter: &Meter,
    overrides: Builder,
) -> Result<Page<T, T::Next>, Problem> {
    let call = Call::on(T::OPERATION, &request.bucket, &request.prefix);
    let sending = Sending {
        overrides,
        tap: T::tap(),
        meter,
    };
    T::ask(aws, &call, request, &sending).await?;
    let body = sending.tap.take().ok_or_else(|| unread(&call))?;
    let bytes = body.bytes().unwrap_or_default();
    let mut body = list_body::read(bytes, T::OF, call.operation.root)
        .map_err(|why| why.problem(aws, &call))?;
    if !request.etags {
        body.rows.iter_mut().for_each(|row| row.etag = None);
    }
    let raw = Answer::of_body((&request.bucket, &request.prefix), T::OF, &body);
    let decided = reading::decide(aws, &raw, meter).await;
    let page = Page {
        undecided: decided.undecided,
        ..from_body::<T>(decided.decoder, &call, body)?
    };
    moves_on(&call, &request.start, page.next.as_ref())?;
    let first = page.items.first().map(T::key);
    heeds_start(&call, &request.start, first, &page.prefixes)?;
    let bytes: ByteSize = page.items.iter().map(T::bytes).sum();
    meter.listed(page.items.len(), bytes);
    Ok(page)
}

/// The page that a body holds.
pub(super) fn from_body<T: Paged>(
    decoder: Decoder,
    call: &Call<'_>,
    body: Body<'_>,
) -> Result<Page<T, T::Next>, Problem> {
    let next = T::next(call, decoder, &body)?;
    let prefixes = body.folders.iter();
    let prefixes = prefixes
        .map(|folder| text(call, decoder, folder))
        .collect::<Result<_, _>>()?;
    let order = T::order_of(&body);
    let rows = body.rows.into_iter();
    let mut items = rows
        .map(|row| T::of_row(call, decoder, row))
        .collect::<Result<Vec<T>, _>>()?;
    if let Some(order) = order {
        order(&mut items);
    }
    Ok(Page {
        prefixes,
        items,
        next,
        undecided: 0,
    })
}

/// Holds a page to the key that it was to start after. A prefix that this key lies in is legitimate: more of its keys
/// may follow.
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

/// The key and the id that the next page of versions or uploads starts after, decoded, on the same terms.
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

/// A successful answer that is no listing, and that the SDK took for one.
fn unread(call: &Call<'_>) -> Problem {
    call.failed(
        ProblemKind::Malformed,
        "the answer is no listing",
        advice!("this endpoint does not have this operation"),
    )
}

/// A page that is neither the last one nor says how to go on.
pub(super) fn unfinished(call: &Call<'_>) -> Problem {
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
        let call = Call::on(&crate::aws::operations::LIST_OBJECTS, &bucket, "");
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
