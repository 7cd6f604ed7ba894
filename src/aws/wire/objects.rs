//! Current objects and prefixes: ListObjectsV2.

use std::borrow::Cow;

use aws_sdk_s3::operation::list_objects_v2::{ListObjectsV2, ListObjectsV2Output};
use aws_sdk_s3::types::EncodingType;
use aws_smithy_runtime_api::client::interceptors::context::Output;
use aws_smithy_runtime_api::client::runtime_plugin::RuntimePlugin as _;

use super::encoding::Decoder;
use super::list_body::{self, Body, Of, Row, Tap};
use super::page::{ListRequest, Paged, Sending, Start, key, unfinished};
use super::size;
use crate::aws::explain::Call;
use crate::aws::operations::{self, Operation};
use crate::aws::{Aws, Problem};
use crate::domain::{ByteSize, ObjectSummary, StorageClass};

/// Where a page ended. Opaque: only the server that gave it understands it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Next {
    pub(super) token: String,
}

#[cfg(test)]
impl Next {
    /// Where a page ended that no server gave.
    #[must_use]
    pub fn for_tests(token: &str) -> Self {
        Self {
            token: token.to_owned(),
        }
    }
}

impl Paged for ObjectSummary {
    type Next = Next;
    const OF: Of = Of::Objects;
    const OPERATION: &'static Operation = &operations::LIST_OBJECTS;

    async fn ask(
        aws: &Aws,
        call: &Call<'_>,
        request: &ListRequest,
        sending: &Sending<'_>,
    ) -> Result<(), Problem> {
        let (after, token) = match &request.start {
            Start::Beginning => (None, None),
            Start::After(key) => (Some(key), None),
            Start::Next(next) => (None, Some(&next.token)),
        };
        let send = |s3: aws_sdk_s3::Client| {
            let call = s3
                .list_objects_v2()
                .bucket(request.bucket.as_str())
                .set_prefix(request.prefix_sent())
                .set_delimiter(request.delimiter_sent())
                .set_start_after(after.cloned())
                .set_continuation_token(token.cloned())
                .set_max_keys(request.max_keys.map(i32::from))
                .encoding_type(EncodingType::Url)
                .customize();
            sending.prepare(call).send()
        };
        aws.on_bucket(call, &request.bucket, send).await?;
        Ok(())
    }

    fn tap() -> Tap {
        let empty = || Output::erase(ListObjectsV2Output::builder().build());
        Tap::new(Self::OPERATION, empty, || ListObjectsV2::new().config())
    }

    fn of_row(call: &Call<'_>, decoder: Decoder, row: Row<'_>) -> Result<Self, Problem> {
        object(call, decoder, row)
    }

    fn next(call: &Call<'_>, _: Decoder, body: &Body<'_>) -> Result<Option<Next>, Problem> {
        next(call, body.is_truncated, body.next.as_deref())
    }

    fn key(&self) -> &str {
        self.key.as_str()
    }

    fn bytes(&self) -> ByteSize {
        self.size
    }
}

/// The object of a row.
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

/// A storage class, which is left out where it is the usual one.
pub(super) fn class(name: Option<Cow<'_, str>>) -> StorageClass {
    name.map_or_else(StorageClass::default, |name| StorageClass::new(&name))
}

/// The token of the next page. A page that says it is not the last one has to bring one; one that says nothing and brings
/// one means it.
pub(super) fn next(
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
