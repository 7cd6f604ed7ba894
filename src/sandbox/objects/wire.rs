//! How rows, names and times are written into answers.

use std::fmt::Write;

use hyper::StatusCode;
use md5::{Digest, Md5};
use s3s::S3Response;
use s3s::dto::{
    CommonPrefix, ETag, EncodingType, Initiator, OptionalObjectAttributes, Owner, RestoreStatus,
    StorageClass,
};

use crate::domain::hex::hex;
use crate::sandbox::store::{Backend, Moment, Object};

/// The namespace of S3's documents.
pub(super) const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// A status that the protocol library would not give an answer: it travels in the answer's extensions, and the server
/// puts it in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StatusOverride(pub StatusCode);

/// A document that the protocol library would not write: it travels like a [`StatusOverride`].
#[derive(Debug, Clone)]
pub(crate) struct BodyOverride(pub Vec<u8>);

/// An answer with another status than its operation's usual one.
pub(super) fn with_status<T>(output: T, status: StatusCode) -> S3Response<T> {
    let mut response = S3Response::with_status(output, status);
    response.extensions.insert(StatusOverride(status));
    response
}

/// The most rows that one page of any listing has.
const MOST_ROWS: i32 = 1000;

/// How many rows a page may have, as a listing repeats it and as a count; `None` when what was asked is negative.
pub(super) fn page_size(asked: Option<i32>) -> Option<(i32, usize)> {
    let size = asked.unwrap_or(MOST_ROWS).min(MOST_ROWS);
    usize::try_from(size).ok().map(|count| (size, count))
}

/// How a listing writes keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As they are, which XML 1.0 cannot do for every key.
    Plain,
    /// URL-encoded.
    Url,
}

impl Spelling {
    /// What a request asked for.
    pub(super) fn of(encoding: Option<&EncodingType>) -> Self {
        match encoding {
            Some(encoding) if encoding.as_str() == EncodingType::URL => Self::Url,
            _ => Self::Plain,
        }
    }

    /// A key or a part of one as the listing writes it.
    ///
    /// S3 encodes as HTML forms do: a space becomes `+`, and besides letters and digits `-`, `_`, `.`, `*` and `/`
    /// stay.
    pub(super) fn write(self, text: &str) -> String {
        if self == Self::Plain {
            return text.to_owned();
        }
        let mut written = String::with_capacity(text.len());
        push_encoded(&mut written, text);
        written
    }

    /// The same for what a request may leave out.
    pub(super) fn write_opt(self, text: Option<&String>) -> Option<String> {
        text.map(|text| self.write(text))
    }

    /// A row for keys that are rolled up.
    pub(super) fn common_prefix(self, prefix: &str) -> CommonPrefix {
        CommonPrefix {
            prefix: Some(self.write(prefix)),
        }
    }
}

/// Text as S3 encodes it.
pub(super) fn push_encoded(written: &mut String, text: &str) {
    let stays =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'*' | b'/');
    let mut rest = text;
    while let Some((before, after)) = rest
        .bytes()
        .position(|byte| !stays(byte))
        .and_then(|at| rest.split_at_checked(at))
    {
        written.push_str(before);
        let mut after = after.chars();
        match after.next() {
            Some(' ') => written.push('+'),
            Some(other) => {
                for byte in other.encode_utf8(&mut [0; 4]).bytes() {
                    // Writing to a String cannot fail.
                    let _ = write!(written, "%{byte:02X}");
                }
            }
            None => {}
        }
        rest = after.as_str();
    }
    written.push_str(rest);
}

/// An entity tag as answers carry it.
pub(super) fn etag(object: &Object) -> ETag {
    ETag::Strong(object.etag.to_string())
}

/// The storage class as HEAD and GET tell it: STANDARD goes without saying.
pub(super) fn told_class(object: &Object) -> Option<StorageClass> {
    object
        .storage_class
        .as_deref()
        .map(|class| StorageClass::from(class.to_owned()))
}

/// Whether a listing was asked to tell what is restored.
pub(super) fn wants_restore_status(asked: Option<&Vec<OptionalObjectAttributes>>) -> bool {
    asked
        .into_iter()
        .flatten()
        .any(|attribute| attribute.as_str() == OptionalObjectAttributes::RESTORE_STATUS)
}

/// What a listing tells of an object's restored copy.
pub(super) fn restore_status(object: &Object, now: Moment) -> Option<RestoreStatus> {
    let until = object.restored_until.filter(|until| *until > now)?;
    Some(RestoreStatus {
        is_restore_in_progress: Some(false),
        restore_expiry_date: Some(until.to_timestamp()),
    })
}

impl Backend {
    /// The canonical id of the account: 64 hexadecimal digits, made of its number.
    #[must_use]
    pub(crate) fn canonical_id(&self) -> String {
        let halves = [&b"1"[..], b"2"].map(|half| {
            let mut hasher = Md5::new();
            hasher.update(half);
            hasher.update(self.account_id.as_bytes());
            hex(&hasher.finalize())
        });
        halves.concat()
    }

    /// The owner of everything.
    #[must_use]
    pub(crate) fn owner(&self) -> Owner {
        Owner {
            display_name: None,
            id: Some(self.canonical_id()),
        }
    }

    pub(super) fn initiator(&self) -> Initiator {
        Initiator {
            display_name: None,
            id: Some(self.canonical_id()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_encoded_as_forms_encode_except_for_the_slash() {
        assert_eq!(
            Spelling::Url.write("a b/c+d%~é\u{1}(1).*-_"),
            "a+b/c%2Bd%25%7E%C3%A9%01%281%29.*-_"
        );
        assert_eq!(Spelling::Plain.write("a b\u{1}"), "a b\u{1}");
    }

    #[test]
    fn a_page_has_at_most_a_thousand_rows() {
        assert_eq!(page_size(None), Some((1000, 1000)));
        assert_eq!(page_size(Some(5000)), Some((1000, 1000)));
        assert_eq!(page_size(Some(0)), Some((0, 0)));
        assert_eq!(page_size(Some(-1)), None);
    }
}
