//! The body of a request, taken in whole.

use futures::StreamExt;
use hyper::body::Bytes;
use md5::{Digest, Md5};
use s3s::dto::StreamingBlob;
use s3s::stream::ByteStream;
use s3s::{S3Result, s3_error};

use crate::sandbox::defect::Defect;
use crate::sandbox::store::Backend;

/// The most that one request may bring, in bytes: S3's own limit of a PUT and of a part.
pub(super) const MOST_BYTES: u64 = 5 * 1024 * 1024 * 1024;

/// Bytes that came in, and their MD5.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) bytes: Bytes,
    pub(super) md5: [u8; 16],
}

/// Reads a body to its end.
///
/// # Errors
/// `EntityTooLarge`, `IncompleteBody` when it is shorter than was said, or what the connection answers.
pub(super) async fn receive(
    backend: &Backend,
    body: Option<StreamingBlob>,
    announced: Option<i64>,
) -> S3Result<Received> {
    let takes_part = backend.defects.has(Defect::PartialObjects);
    let announced = announced.and_then(|length| u64::try_from(length).ok());
    if announced.is_some_and(|length| length > MOST_BYTES) {
        return Err(too_large());
    }
    let mut hasher = Md5::new();
    let mut bytes = Vec::new();
    if let Some(mut body) = body {
        // What the client says it will send is no reason to set that much aside at once.
        let expected = body.remaining_length().exact().unwrap_or_default();
        bytes.reserve(expected.min(8 * 1024 * 1024));
        while let Some(chunk) = body.next().await {
            if takes_part && chunk.is_err() {
                break;
            }
            let chunk = chunk.map_err(|error| {
                s3_error!(
                    IncompleteBody,
                    "The body could not be read to its end: {error}"
                )
            })?;
            hasher.update(&chunk);
            bytes.extend_from_slice(&chunk);
            if bytes.len() as u64 > MOST_BYTES {
                return Err(too_large());
            }
        }
    }
    if !takes_part && announced.is_some_and(|length| length != bytes.len() as u64) {
        return Err(s3_error!(
            IncompleteBody,
            "You did not provide the number of bytes specified by the Content-Length HTTP header"
        ));
    }
    Ok(Received {
        bytes: bytes.into(),
        md5: hasher.finalize().into(),
    })
}

fn too_large() -> s3s::S3Error {
    s3_error!(
        EntityTooLarge,
        "Your proposed upload exceeds the maximum allowed size of {MOST_BYTES} bytes"
    )
}
