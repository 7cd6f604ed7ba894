//! `s3://BUCKET/PREFIX` URIs.

use std::fmt;
use std::str::FromStr;

use super::{BucketName, InvalidName};

/// A bucket and a prefix, which may be empty.
///
/// Everything after the bucket's `/` is used unchanged: a key may contain `//`, `?`, `%` and spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Uri {
    /// The bucket.
    pub bucket: BucketName,
    /// The prefix, at most 1,024 bytes; an empty one means the whole bucket.
    pub prefix: String,
}

/// Why a text is not an `s3://` URI.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUri {
    /// It does not start with `s3://`.
    #[error("it does not begin with s3://")]
    Scheme,
    /// The bucket's name is invalid.
    #[error(transparent)]
    Bucket(#[from] InvalidName),
    /// The prefix is longer than any key.
    #[error("a key has at most 1,024 bytes, this prefix has {bytes}")]
    Prefix {
        /// Length of the prefix, in bytes.
        bytes: usize,
    },
}

impl FromStr for S3Uri {
    type Err = InvalidUri;

    fn from_str(text: &str) -> Result<Self, InvalidUri> {
        let rest = text.strip_prefix("s3://").ok_or(InvalidUri::Scheme)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if prefix.len() > super::ObjectKey::MAX_BYTES {
            return Err(InvalidUri::Prefix {
                bytes: prefix.len(),
            });
        }
        Ok(Self {
            bucket: BucketName::new(bucket)?,
            prefix: prefix.to_owned(),
        })
    }
}

/// The exact URI: call [safe](super::text::safe) before display.
impl fmt::Display for S3Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_bucket_is_the_prefix_byte_for_byte() {
        for (text, bucket, prefix) in [
            ("s3://abc", "abc", ""),
            ("s3://abc/", "abc", ""),
            ("s3://abc/a//b?c%20 ", "abc", "a//b?c%20 "),
            ("s3://abc//", "abc", "/"),
        ] {
            let uri: S3Uri = text.parse().unwrap();
            assert_eq!((uri.bucket.as_str(), uri.prefix.as_str()), (bucket, prefix));
        }
    }

    #[test]
    fn what_is_no_uri_is_refused_with_the_reason() {
        assert_eq!("abc/d".parse::<S3Uri>(), Err(InvalidUri::Scheme));
        assert!(matches!(
            "s3://".parse::<S3Uri>(),
            Err(InvalidUri::Bucket(_))
        ));
        assert!(matches!(
            "s3:///key".parse::<S3Uri>(),
            Err(InvalidUri::Bucket(_))
        ));
        assert_eq!(
            format!("s3://abc/{}", "k".repeat(1025)).parse::<S3Uri>(),
            Err(InvalidUri::Prefix { bytes: 1025 })
        );
    }
}
