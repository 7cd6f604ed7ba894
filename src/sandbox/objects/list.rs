//! Listing the objects of a bucket, in the newer and the older form.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use s3s::dto::{
    CommonPrefix, ListObjectsInput, ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output,
};
use s3s::xml::{SerializeContent, Serializer};
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

use super::rows::Rows;
use super::wire::{self, BodyOverride, Spelling};
use crate::sandbox::faults::Fault;
use crate::sandbox::store::listing::{Row, Start};
use crate::sandbox::store::{Backend, Bucket, Moment};

/// What both forms ask for.
struct Query<'a> {
    prefix: &'a str,
    delimiter: Option<&'a str>,
    start: Start<'a>,
    count: usize,
    spelling: Spelling,
    /// The owner's id, where it is asked for.
    owner: Option<String>,
    /// When it is, where restored copies are asked for.
    now: Option<Moment>,
}

/// One page.
struct Page {
    rows: Rows,
    prefixes: Vec<CommonPrefix>,
    /// Where the next page starts; `None` when this is the last.
    next: Option<Place>,
}

/// The last row of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Key(String),
    Prefix(String),
}

impl Query<'_> {
    fn page(&self, bucket: &Bucket) -> Page {
        let mut page = Page {
            rows: Rows::new(self.count, self.spelling, self.owner.clone(), self.now),
            prefixes: Vec::new(),
            next: None,
        };
        if self.count == 0 {
            return page;
        }
        let mut last = None;
        let walk = bucket.keys.walk(self.prefix, self.delimiter, self.start);
        for (row, place) in walk.zip(0_usize..) {
            if place == self.count {
                page.next = last;
                break;
            }
            match row {
                Row::Prefix(prefix) => {
                    page.prefixes.push(self.spelling.common_prefix(prefix));
                    if place + 1 == self.count {
                        last = Some(Place::Prefix(prefix.to_owned()));
                    }
                }
                Row::Key(key, entry) => {
                    page.rows.add(key, entry);
                    if place + 1 == self.count {
                        last = Some(Place::Key(key.to_owned()));
                    }
                }
            }
        }
        page
    }
}

impl Place {
    /// The place as an opaque token. It names a place among all keys there could be, so that it holds even when the key
    /// is deleted between two pages.
    fn token(&self) -> String {
        let (kind, text) = match self {
            Self::Key(key) => ('k', key),
            Self::Prefix(prefix) => ('p', prefix),
        };
        BASE64_URL_SAFE_NO_PAD.encode(format!("{kind}{text}"))
    }

    fn of_token(token: &str) -> S3Result<Self> {
        let bad = || {
            s3_error!(
                InvalidArgument,
                "The continuation token provided is incorrect"
            )
        };
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| bad())?;
        let text = String::from_utf8(bytes).map_err(|_| bad())?;
        if let Some(key) = text.strip_prefix('k') {
            Ok(Self::Key(key.to_owned()))
        } else if let Some(prefix) = text.strip_prefix('p') {
            Ok(Self::Prefix(prefix.to_owned()))
        } else {
            Err(bad())
        }
    }

    fn start(&self) -> Start<'_> {
        match self {
            Self::Key(key) => Start::After(key),
            Self::Prefix(prefix) => Start::AfterPrefix(prefix),
        }
    }

    fn into_text(self) -> String {
        match self {
            Self::Key(text) | Self::Prefix(text) => text,
        }
    }
}

/// Whether a page meets this fault.
pub(super) fn meets<T>(req: &S3Request<T>, fault: Fault) -> bool {
    req.extensions.get() == Some(&fault)
}

pub(super) fn negative(name: &str) -> S3Error {
    s3_error!(
        InvalidArgument,
        "Argument {name} must be an integer between 0 and 2147483647"
    )
}

/// Lists the objects of a bucket, a page at a time.
///
/// # Errors
/// `NoSuchBucket`, `InvalidArgument`.
pub(crate) async fn list_objects_v2(
    backend: &Backend,
    req: S3Request<ListObjectsV2Input>,
) -> S3Result<S3Response<ListObjectsV2Output>> {
    let ignores_start = meets(&req, Fault::IgnoreStart);
    let repeats_token = meets(&req, Fault::RepeatToken);
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    let (max_keys, count) = wire::page_size(input.max_keys).ok_or_else(|| negative("max-keys"))?;
    let spelling = Spelling::of(input.encoding_type.as_ref());
    let prefix = input.prefix.as_deref().unwrap_or_default();
    let delimiter = input.delimiter.as_deref();
    let resumed = input
        .continuation_token
        .as_deref()
        .map(Place::of_token)
        .transpose()?;
    let query = Query {
        prefix,
        delimiter,
        start: match (&resumed, input.start_after.as_deref()) {
            (Some(place), _) => place.start(),
            (None, Some(after)) if !ignores_start => Start::after_marker(after, prefix, delimiter),
            (None, _) => Start::Beginning,
        },
        count,
        spelling,
        owner: input
            .fetch_owner
            .unwrap_or(false)
            .then(|| backend.canonical_id()),
        now: wire::wants_restore_status(input.optional_object_attributes.as_ref())
            .then(Moment::now),
    };
    let mut page = backend
        .store
        .read(&input.bucket, |bucket| Ok(query.page(bucket)))?;
    if repeats_token && page.next.is_some() {
        page.next = resumed.clone().or(page.next);
    }
    let output = ListObjectsV2Output {
        key_count: i32::try_from(page.rows.count() + page.prefixes.len()).ok(),
        is_truncated: Some(page.next.is_some()),
        next_continuation_token: page.next.as_ref().map(Place::token),
        contents: None,
        common_prefixes: Some(page.prefixes),
        max_keys: Some(max_keys),
        prefix: Some(spelling.write(prefix)),
        delimiter: spelling.write_opt(input.delimiter.as_ref()),
        start_after: spelling.write_opt(input.start_after.as_ref()),
        continuation_token: input.continuation_token,
        encoding_type: input.encoding_type,
        name: Some(input.bucket),
        request_charged: None,
    };
    with_rows(output, &page.rows)
}

/// An answer with its rows in the document.
fn with_rows<T: SerializeContent>(output: T, rows: &Rows) -> S3Result<S3Response<T>> {
    let mut document = Vec::with_capacity(rows.document().len() + 1024);
    let mut writer = Serializer::new(&mut document);
    let written = writer.decl().and_then(|()| {
        writer.element_with_ns("ListBucketResult", wire::NAMESPACE, |writer| {
            output.serialize_content(writer)?;
            writer.write_raw_text(rows.document())
        })
    });
    written.map_err(S3Error::internal_error)?;
    let mut response = S3Response::new(output);
    response.extensions.insert(BodyOverride(document));
    Ok(response)
}

/// Lists the objects of a bucket in the older form, where the last row is the next marker.
///
/// # Errors
/// `NoSuchBucket`, `InvalidArgument`.
pub(crate) async fn list_objects(
    backend: &Backend,
    req: S3Request<ListObjectsInput>,
) -> S3Result<S3Response<ListObjectsOutput>> {
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    let (max_keys, count) = wire::page_size(input.max_keys).ok_or_else(|| negative("max-keys"))?;
    let spelling = Spelling::of(input.encoding_type.as_ref());
    let prefix = input.prefix.as_deref().unwrap_or_default();
    let delimiter = input.delimiter.as_deref();
    let query = Query {
        prefix,
        delimiter,
        start: input.marker.as_deref().map_or(Start::Beginning, |marker| {
            Start::after_marker(marker, prefix, delimiter)
        }),
        count,
        spelling,
        owner: Some(backend.canonical_id()),
        now: wire::wants_restore_status(input.optional_object_attributes.as_ref())
            .then(Moment::now),
    };
    let page = backend
        .store
        .read(&input.bucket, |bucket| Ok(query.page(bucket)))?;
    let is_truncated = page.next.is_some();
    let output = ListObjectsOutput {
        is_truncated: Some(is_truncated),
        contents: None,
        common_prefixes: Some(page.prefixes),
        // Told only with a delimiter: without one the last key says it.
        next_marker: page
            .next
            .filter(|_| delimiter.is_some())
            .map(|place| spelling.write(&place.into_text())),
        max_keys: Some(max_keys),
        marker: Some(spelling.write(input.marker.as_deref().unwrap_or_default())),
        prefix: Some(spelling.write(prefix)),
        delimiter: spelling.write_opt(input.delimiter.as_ref()),
        encoding_type: input.encoding_type,
        name: Some(input.bucket),
        request_charged: None,
    };
    with_rows(output, &page.rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_a_place_whatever_is_in_the_key() {
        for place in [Place::Key("a b\u{1}/é".into()), Place::Prefix("p/".into())] {
            assert_eq!(Place::of_token(&place.token()).unwrap(), place);
        }
        for bad in ["", "!", "eA"] {
            let error = Place::of_token(bad).unwrap_err();
            assert_eq!(error.code().as_str(), "InvalidArgument");
        }
    }
}
