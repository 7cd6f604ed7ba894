//! A request to sign: a method, a bucket, a key and settings.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::checksum::Checksum;
use super::error::PresignError;
use super::form::Form;
use crate::domain::{BucketName, ObjectKey, StorageClass, VersionId};

/// The operation of a pre-signed request. A multipart part is a PUT with two more parameters, but users ask for it by
/// name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// Downloads an object.
    Get,
    /// Reads an object's headers.
    Head,
    /// Uploads an object.
    Put,
    /// Uploads an object by a form with a policy, the only kind that can sign a maximum size.
    Post,
    /// Uploads one part of a multipart upload.
    Part,
    /// Deletes an object, or one version of it.
    Delete,
}

impl Method {
    /// All operations, in the order in which they are offered.
    pub const ALL: [Self; 6] = [
        Self::Get,
        Self::Put,
        Self::Post,
        Self::Head,
        Self::Part,
        Self::Delete,
    ];

    /// Its name on the command line and on screen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Head => "head",
            Self::Put => "put",
            Self::Post => "post",
            Self::Part => "part",
            Self::Delete => "delete",
        }
    }

    /// The HTTP method.
    #[must_use]
    pub fn http(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Put | Self::Part => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A request to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresignRequest {
    /// The bucket.
    pub bucket: BucketName,
    /// The exact key. A form's key may contain `${filename}` once.
    pub key: ObjectKey,
    /// The lifetime in whole seconds: 1 second to 7 days.
    pub expires: Duration,
    /// The operation.
    pub action: Action,
}

/// An operation, with the settings that it supports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A download.
    Get(Download),
    /// An object's headers.
    Head(Option<VersionId>),
    /// An upload.
    Put(Box<Upload>),
    /// An upload by a form.
    Post(Box<Form>),
    /// A part of a multipart upload.
    Part(Part),
    /// A deletion of the object, or of one version.
    Delete(Option<VersionId>),
}

/// A download.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Download {
    /// The version; `None` for the current one.
    pub version: Option<VersionId>,
    /// Response headers that replace those of the object.
    pub overrides: Overrides,
}

/// Response headers of a GET that replace those of the object. S3 accepts them only in signed requests.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overrides {
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Content-Disposition`.
    pub content_disposition: Option<String>,
    /// `Content-Encoding`.
    pub content_encoding: Option<String>,
    /// `Content-Language`.
    pub content_language: Option<String>,
    /// `Cache-Control`.
    pub cache_control: Option<String>,
    /// `Expires`, an HTTP date.
    pub expires: Option<String>,
}

impl Overrides {
    /// The query parameters that are set, as S3 spells them.
    pub fn parameters(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("response-cache-control", &self.cache_control),
            ("response-content-disposition", &self.content_disposition),
            ("response-content-encoding", &self.content_encoding),
            ("response-content-language", &self.content_language),
            ("response-content-type", &self.content_type),
            ("response-expires", &self.expires),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
    }
}

/// An upload by PUT.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Upload {
    /// The required content type; `None` lets the sender choose.
    pub content_type: Option<String>,
    /// The exact length in bytes; `None` lets the sender choose. A PUT cannot have a maximum.
    pub length: Option<u64>,
    /// The settings of the object.
    pub object: ObjectSettings,
}

/// The settings of an uploaded object, for every kind of upload.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ObjectSettings {
    /// The requested encryption; `None` uses the bucket's default.
    pub sse: Option<Sse>,
    /// User metadata, names without `x-amz-meta-`.
    pub metadata: BTreeMap<String, String>,
    /// The storage class; `None` is STANDARD.
    pub storage_class: Option<StorageClass>,
    /// A required checksum.
    pub checksum: Option<Checksum>,
    /// Further headers with fixed values, such as `cache-control` or `x-amz-tagging`; names in lower case.
    pub headers: BTreeMap<String, String>,
}

/// The server-side encryption that a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sse {
    /// `AES256`: SSE-S3.
    S3,
    /// `aws:kms`, or `aws:kms:dsse` with two layers.
    Kms {
        /// The KMS key's id or ARN. Without it, S3 uses the account's `aws/s3` key, not the bucket's default key.
        key: Option<String>,
        /// Whether an S3 Bucket Key is used; `None` uses the bucket's setting.
        bucket_key: Option<bool>,
        /// Whether two layers of encryption are used.
        two_layers: bool,
    },
}

impl Sse {
    /// The algorithm as S3 spells it.
    #[must_use]
    pub fn algorithm(&self) -> &'static str {
        match self {
            Self::S3 => "AES256",
            Self::Kms {
                two_layers: true, ..
            } => "aws:kms:dsse",
            Self::Kms { .. } => "aws:kms",
        }
    }
}

/// One part of a multipart upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The upload's id.
    pub upload_id: String,
    /// The part's number, 1 to 10,000.
    pub number: u16,
    /// The exact length in bytes; `None` lets the sender choose.
    pub length: Option<u64>,
    /// A required checksum.
    pub checksum: Option<Checksum>,
}

impl ObjectSettings {
    /// The headers, or form fields, for these settings; names in lower case, sorted.
    ///
    /// A setting takes precedence over the same header in [`headers`](Self::headers).
    #[must_use]
    pub fn headers(&self) -> BTreeMap<String, String> {
        let mut headers = self.headers.clone();
        let mut set = |name: &str, value: &str| headers.insert(name.to_owned(), value.to_owned());
        if let Some(sse) = &self.sse {
            set("x-amz-server-side-encryption", sse.algorithm());
            if let Sse::Kms {
                key, bucket_key, ..
            } = sse
            {
                if let Some(key) = key {
                    set("x-amz-server-side-encryption-aws-kms-key-id", key);
                }
                if let Some(on) = bucket_key {
                    set(
                        "x-amz-server-side-encryption-bucket-key-enabled",
                        if *on { "true" } else { "false" },
                    );
                }
            }
        }
        if let Some(class) = &self.storage_class {
            set("x-amz-storage-class", class.as_str());
        }
        if let Some(checksum) = &self.checksum {
            set(checksum.algorithm.header(), &checksum.value);
        }
        for (name, value) in &self.metadata {
            set(&format!("x-amz-meta-{}", name.to_ascii_lowercase()), value);
        }
        headers
    }

    /// Whether it uses KMS without a key id, which means the account's `aws/s3` key instead of the bucket's.
    #[must_use]
    pub fn takes_default_kms_key(&self) -> bool {
        let headers = self.headers();
        headers
            .get("x-amz-server-side-encryption")
            .is_some_and(|algorithm| algorithm.starts_with("aws:kms"))
            && !headers.contains_key("x-amz-server-side-encryption-aws-kms-key-id")
    }
}

impl Action {
    /// Which kind it is.
    #[must_use]
    pub fn method(&self) -> Method {
        match self {
            Self::Get(_) => Method::Get,
            Self::Head(_) => Method::Head,
            Self::Put(_) => Method::Put,
            Self::Post(_) => Method::Post,
            Self::Part(_) => Method::Part,
            Self::Delete(_) => Method::Delete,
        }
    }
}

impl PresignRequest {
    /// The maximum lifetime of a Signature Version 4: seven days.
    pub const LONGEST: Duration = Duration::from_hours(7 * 24);

    /// A plain download.
    #[must_use]
    pub fn get(bucket: BucketName, key: ObjectKey, expires: Duration) -> Self {
        Self {
            bucket,
            key,
            expires,
            action: Action::Get(Download::default()),
        }
    }

    /// Which kind of request it is.
    #[must_use]
    pub fn method(&self) -> Method {
        self.action.method()
    }

    /// The query parameters without those of the signature, in the order of the URL.
    #[must_use]
    pub fn parameters(&self) -> Vec<(String, String)> {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        match &self.action {
            Action::Get(download) => {
                let version = download.version.as_ref();
                version
                    .map(|version| pair("versionId", version.as_str()))
                    .into_iter()
                    .chain(download.overrides.parameters().map(|(n, v)| pair(n, v)))
                    .collect()
            }
            Action::Head(version) | Action::Delete(version) => version
                .iter()
                .map(|version| pair("versionId", version.as_str()))
                .collect(),
            Action::Part(part) => vec![
                pair("partNumber", &part.number.to_string()),
                pair("uploadId", &part.upload_id),
            ],
            Action::Put(_) | Action::Post(_) => Vec::new(),
        }
    }

    /// The signed headers besides `host`, which must be sent exactly; names in lower case, sorted.
    #[must_use]
    pub fn signed_headers(&self) -> BTreeMap<String, String> {
        let length = |headers: &mut BTreeMap<String, String>, length: Option<u64>| {
            if let Some(length) = length {
                headers.insert("content-length".to_owned(), length.to_string());
            }
        };
        match &self.action {
            Action::Put(upload) => {
                let mut headers = upload.object.headers();
                if let Some(content_type) = &upload.content_type {
                    headers.insert("content-type".to_owned(), content_type.clone());
                }
                length(&mut headers, upload.length);
                headers
            }
            Action::Part(part) => {
                let mut headers = BTreeMap::new();
                if let Some(checksum) = &part.checksum {
                    headers.insert(
                        checksum.algorithm.header().to_owned(),
                        checksum.value.clone(),
                    );
                }
                length(&mut headers, part.length);
                headers
            }
            Action::Get(_) | Action::Head(_) | Action::Post(_) | Action::Delete(_) => {
                BTreeMap::new()
            }
        }
    }

    /// Checks that S3 can accept it; a request that S3 certainly rejects is not signed.
    ///
    /// # Errors
    /// The first reason for a rejection.
    pub fn check(&self) -> Result<(), PresignError> {
        if self.expires < Duration::from_secs(1) || self.expires > Self::LONGEST {
            return Err(PresignError::Expiry {
                seconds: self.expires.as_secs(),
            });
        }
        if let Action::Part(part) = &self.action {
            if !(1..=10_000).contains(&part.number) {
                return Err(PresignError::PartNumber(part.number));
            }
            if part.upload_id.is_empty() {
                return Err(PresignError::NoUploadId);
            }
        }
        match &self.action {
            Action::Post(form) => form.check(self.key.as_str())?,
            _ => {
                for (name, value) in self.signed_headers() {
                    check_header(&name, &value)?;
                }
            }
        }
        let object = match &self.action {
            Action::Put(upload) => &upload.object,
            Action::Post(form) => &form.object,
            _ => return Ok(()),
        };
        object.check()
    }
}

/// S3's limit for a single upload request: 5 GiB.
pub(crate) const MOST_IN_ONE: u64 = 5 << 30;

/// S3's limit on the names and values of user metadata in bytes.
const MOST_METADATA: usize = 2048;

impl ObjectSettings {
    fn check(&self) -> Result<(), PresignError> {
        let reserved = [
            "host",
            "x-amz-date",
            "x-amz-security-token",
            "authorization",
        ];
        for name in self.headers.keys() {
            if reserved.contains(&name.as_str()) || !is_token(name) {
                return Err(PresignError::HeaderName(name.clone()));
            }
        }
        if let Some(name) = self.metadata.keys().find(|name| !is_token(name)) {
            return Err(PresignError::MetadataName(name.clone()));
        }
        let bytes = self.metadata.iter().map(|(n, v)| n.len() + v.len()).sum();
        if bytes > MOST_METADATA {
            return Err(PresignError::Metadata { bytes });
        }
        self.checksum.as_ref().map_or(Ok(()), Checksum::check)
    }
}

/// Checks that HTTP and the signature can represent a header's value. S3 folds runs of spaces before signing, but some
/// clients and servers do not. A value that folding would change is therefore rejected.
fn check_header(name: &str, value: &str) -> Result<(), PresignError> {
    let refused = |why| PresignError::HeaderValue {
        name: name.to_owned(),
        why,
    };
    if !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Err(refused(
            "it may hold printable ASCII alone; encode other letters, for example as percent escapes",
        ));
    }
    if value.trim() != value || value.contains("  ") {
        return Err(refused(
            "blanks at its ends and runs of blanks are folded before signing, by some and not by others",
        ));
    }
    Ok(())
}

/// Whether a text is an HTTP token, and thus a valid header name.
fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}
