//! Why a request is not signed: what S3 would certainly refuse.

use thiserror::Error;

/// What is wrong with a request to sign. `Display` says what, and what would do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PresignError {
    /// The expiry is zero or longer than seven days.
    #[error(
        "{seconds} seconds cannot be signed: S3 takes 1 second to 7 days (604800 seconds), whoever signs"
    )]
    Expiry {
        /// What was asked for.
        seconds: u64,
    },
    /// A part's number is out of range.
    #[error("part {0} does not exist: parts are numbered 1 to 10000")]
    PartNumber(u16),
    /// A part without an upload.
    #[error("a part belongs to an upload: give the upload's id")]
    NoUploadId,
    /// A checksum of an unknown form.
    #[error(
        "{0:?} is no checksum: expected sha256=BASE64 (crc32, crc32c, crc64nvme, sha1, sha256)"
    )]
    ChecksumForm(String),
    /// A checksum whose value is not one of that algorithm.
    #[error("a {algorithm} checksum is the base64 of {bytes} bytes")]
    Checksum {
        /// The algorithm.
        algorithm: &'static str,
        /// How many bytes it has.
        bytes: usize,
    },
    /// The name of a header that cannot be one, or that belongs to the signature.
    #[error("{0:?} cannot be a header of the request")]
    HeaderName(String),
    /// A header's value that HTTP or the signature cannot carry.
    #[error("the value of {name} cannot be signed: {why}")]
    HeaderValue {
        /// The header's name.
        name: String,
        /// Why.
        why: &'static str,
    },
    /// The name of a piece of metadata that no header's name can be made of.
    #[error("{0:?} cannot be the name of metadata: letters, digits and '-' can")]
    MetadataName(String),
    /// More metadata than S3 keeps.
    #[error("the metadata has {bytes} bytes, names included, and S3 keeps at most 2048")]
    Metadata {
        /// How many there are.
        bytes: usize,
    },
    /// `${filename}` more than once.
    #[error("the key holds ${{filename}} more than once")]
    FilenameTwice,
    /// A form's size range that no size is in.
    #[error("no size is at least {min} and at most {max} bytes")]
    SizeRange {
        /// The least.
        min: u64,
        /// The most.
        max: u64,
    },
    /// A form's success status that S3 does not give.
    #[error("a form is answered with 200, 201 or 204, not with {0}")]
    SuccessStatus(u16),
    /// The signing library refused the request.
    #[error("the request could not be signed: {0}")]
    Signing(String),
}
