//! The lines of the form: what they are called, how they are filled in, and which of them a kind of request has.

use std::borrow::Cow;

use crate::domain::presign::Method;

/// A line of the form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Field {
    /// The kind of request.
    Method,
    Bucket,
    /// Whether the key is typed, or made from a layout and from which.
    KeyFrom,
    /// A part of the layout, by its name.
    Part(String),
    /// The key, typed.
    Key,
    /// Which of the blueprint's rules for downloads.
    Rule,
    /// The multipart upload's id.
    UploadId,
    /// The part's number.
    PartNumber,
    /// How long it is to be good for.
    Expires,
    /// The content type of an upload.
    ContentType,
    /// The exact length.
    Length,
    /// The least bytes of a form.
    MinSize,
    /// The most bytes of a form.
    MaxSize,
    /// What a form is answered with.
    Success,
    /// Encryption.
    Sse,
    KmsKey,
    /// Whether a bucket key is used.
    BucketKey,
    /// Metadata that the blueprint's rule wants signed, by its name.
    Meta(String),
    /// Further metadata.
    Metadata,
    StorageClass,
    /// A checksum of the content.
    Checksum,
    /// One version.
    Version,
    /// `response-content-type`.
    AnswerType,
    /// `response-content-disposition`.
    AnswerDisposition,
    /// `response-cache-control`.
    AnswerCache,
    /// `response-content-encoding`.
    AnswerEncoding,
    /// `response-content-language`.
    AnswerLanguage,
    /// `response-expires`.
    AnswerExpires,
}

impl Field {
    /// What it is called on the form.
    #[must_use]
    pub(crate) fn label(&self) -> Cow<'_, str> {
        Cow::Borrowed(match self {
            Self::Method => "method",
            Self::Bucket => "bucket",
            Self::KeyFrom => "key from",
            Self::Part(name) => return Cow::Owned(format!("· {name}")),
            Self::Key => "key",
            Self::Rule => "rule",
            Self::UploadId => "upload id",
            Self::PartNumber => "part number",
            Self::Expires => "expires in",
            Self::ContentType => "content type",
            Self::Length => "exact length",
            Self::MinSize => "least bytes",
            Self::MaxSize => "most bytes",
            Self::Success => "answered with",
            Self::Sse => "encryption",
            Self::KmsKey => "KMS key",
            Self::BucketKey => "bucket key",
            Self::Meta(name) => return Cow::Owned(format!("meta {name}")),
            Self::Metadata => "metadata",
            Self::StorageClass => "storage class",
            Self::Checksum => "checksum",
            Self::Version => "version",
            Self::AnswerType => "answer: type",
            Self::AnswerDisposition => "· disposition",
            Self::AnswerCache => "· cache-control",
            Self::AnswerEncoding => "· encoding",
            Self::AnswerLanguage => "· language",
            Self::AnswerExpires => "· expires",
        })
    }

    /// Whether it is chosen from a list rather than typed.
    #[must_use]
    pub(crate) fn is_choice(&self) -> bool {
        matches!(
            self,
            Self::Method
                | Self::KeyFrom
                | Self::Rule
                | Self::Success
                | Self::Sse
                | Self::BucketKey
                | Self::StorageClass
        )
    }

    /// What may be typed there, for who does not know.
    #[must_use]
    pub(crate) fn example(&self) -> &'static str {
        match self {
            Self::Expires => "300s, 15m, 12h or 7d; at most 7 days",
            Self::ContentType => "image/png; a form takes image/* as well",
            Self::Length | Self::MinSize | Self::MaxSize => "5 MB, 5 MiB, or bytes: 5000000",
            Self::KmsKey => "the key's id or ARN",
            Self::Metadata => "name=value; name=value",
            Self::Checksum => "sha256=BASE64, or crc32, crc32c, crc64nvme, sha1",
            Self::PartNumber => "1 to 10000",
            Self::AnswerDisposition => "attachment; filename=\"a.pdf\"",
            Self::AnswerExpires => "an HTTP date",
            _ => "",
        }
    }
}

/// The lines that a kind of request has below method, bucket and key, those that depend on what was chosen left out.
pub(super) fn of_method(method: Method) -> &'static [Field] {
    match method {
        Method::Get => &[
            Field::Rule,
            Field::Expires,
            Field::Version,
            Field::AnswerType,
            Field::AnswerDisposition,
            Field::AnswerCache,
            Field::AnswerEncoding,
            Field::AnswerLanguage,
            Field::AnswerExpires,
        ],
        Method::Head | Method::Delete => &[Field::Expires, Field::Version],
        Method::Put => &[
            Field::Expires,
            Field::ContentType,
            Field::Length,
            Field::Sse,
            Field::KmsKey,
            Field::BucketKey,
            Field::Metadata,
            Field::StorageClass,
            Field::Checksum,
        ],
        Method::Post => &[
            Field::Expires,
            Field::ContentType,
            Field::MinSize,
            Field::MaxSize,
            Field::Success,
            Field::Sse,
            Field::KmsKey,
            Field::BucketKey,
            Field::Metadata,
            Field::StorageClass,
            Field::Checksum,
        ],
        Method::Part => &[
            Field::UploadId,
            Field::PartNumber,
            Field::Expires,
            Field::Length,
            Field::Checksum,
        ],
    }
}
