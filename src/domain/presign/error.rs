//! Errors for requests that S3 would certainly reject, and that are therefore not signed.

use thiserror::Error;

/// Why a request is not signed. `Display` also says what would work.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PresignError {
    /// The expiry is zero or longer than seven days.
    #[error(
        "{seconds} seconds cannot be signed: S3 takes 1 second to 7 days (604800 seconds), whoever signs"
    )]
    Expiry {
        /// The requested lifetime.
        seconds: u64,
    },
    /// A part's number is out of range.
    #[error("part {0} does not exist: parts are numbered 1 to 10000")]
    PartNumber(u16),
    /// A part without an upload.
    #[error("a part belongs to an upload: give the upload's id")]
    NoUploadId,
    /// The checksum has an unknown form.
    #[error(
        "{0:?} is no checksum: expected sha256=BASE64 (crc32, crc32c, crc64nvme, sha1, sha256)"
    )]
    ChecksumForm(String),
    /// The checksum's value has the wrong length for its algorithm.
    #[error("a {algorithm} checksum is the base64 of {bytes} bytes")]
    Checksum {
        /// The algorithm.
        algorithm: &'static str,
        /// Its length in bytes.
        bytes: usize,
    },
    /// The header name is invalid, or reserved for the signature.
    #[error("{0:?} cannot be a header of the request")]
    HeaderName(String),
    /// HTTP or the signature cannot represent the header's value.
    #[error("the value of {name} cannot be signed: {why}")]
    HeaderValue {
        /// The header's name.
        name: String,
        /// The reason.
        why: &'static str,
    },
    /// The metadata name cannot be part of a header name.
    #[error("{0:?} cannot be the name of metadata: letters, digits and '-' can")]
    MetadataName(String),
    /// The metadata exceeds S3's limit.
    #[error("the metadata has {bytes} bytes, names included, and S3 keeps at most 2048")]
    Metadata {
        /// Its size in bytes.
        bytes: usize,
    },
    /// `${filename}` more than once.
    #[error("the key holds ${{filename}} more than once")]
    FilenameTwice,
    /// The size range of a form is empty.
    #[error("no size is at least {min} and at most {max} bytes")]
    SizeRange {
        /// The minimum.
        min: u64,
        /// The maximum.
        max: u64,
    },
    /// S3 does not support this success status of a form.
    #[error("a form is answered with 200, 201 or 204, not with {0}")]
    SuccessStatus(u16),
    /// The signing library refused the request.
    #[error("the request could not be signed: {0}")]
    Signing(String),
}
