//! The `If-` headers: when to read, when to write, when to delete.

use hyper::HeaderMap;
use hyper::header::{ETAG, HeaderValue, LAST_MODIFIED};
use s3s::dto::{ETag, ETagCondition, Timestamp};
use s3s::{S3Error, S3Result, s3_error};

use super::find::{Found, no_such_key, with_headers};
use crate::sandbox::defect::{Defect, Defects};
use crate::sandbox::store::{Bucket, Moment, Object};

/// When a request wants an object.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_field_names,
    reason = "they are called as the headers are"
)]
pub(super) struct ReadConditions<'a> {
    pub(super) if_match: Option<&'a ETagCondition>,
    pub(super) if_none_match: Option<&'a ETagCondition>,
    pub(super) if_modified_since: Option<&'a Timestamp>,
    pub(super) if_unmodified_since: Option<&'a Timestamp>,
}

/// What the conditions come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Go,
    NotModified,
    Failed(&'static str),
}

impl ReadConditions<'_> {
    /// The order of RFC 9110, section 13.2.2: where an entity tag is given, the date beside it does not count.
    fn judge(&self, object: &Object, modified: Moment) -> Verdict {
        let since = |time: Option<&Timestamp>| time.and_then(Moment::from_timestamp);
        if let Some(condition) = self.if_match {
            if !names(condition, object) {
                return Verdict::Failed("If-Match");
            }
        } else if since(self.if_unmodified_since).is_some_and(|time| modified > time) {
            return Verdict::Failed("If-Unmodified-Since");
        }
        if let Some(condition) = self.if_none_match {
            if names(condition, object) {
                return Verdict::NotModified;
            }
        } else if since(self.if_modified_since).is_some_and(|time| modified <= time) {
            return Verdict::NotModified;
        }
        Verdict::Go
    }

    /// For GET and HEAD.
    ///
    /// # Errors
    /// `PreconditionFailed`, or `NotModified` with the headers that keep a cache going.
    pub(super) fn check(&self, found: &Found) -> S3Result {
        match self.judge(&found.object, found.modified) {
            Verdict::Go => Ok(()),
            Verdict::Failed(which) => Err(failed(which)),
            Verdict::NotModified => {
                let mut headers = HeaderMap::new();
                if let Ok(etag) = HeaderValue::try_from(format!("\"{}\"", found.object.etag)) {
                    headers.insert(ETAG, etag);
                }
                if let Ok(modified) = HeaderValue::try_from(found.modified.to_http_date()) {
                    headers.insert(LAST_MODIFIED, modified);
                }
                let error = s3_error!(NotModified, "Not Modified");
                Err(with_headers(error, headers))
            }
        }
    }

    /// For the source of a copy, where there is no cache to keep going.
    ///
    /// # Errors
    /// `PreconditionFailed`.
    pub(super) fn check_source(&self, found: &Found) -> S3Result {
        match self.judge(&found.object, found.modified) {
            Verdict::Go => Ok(()),
            Verdict::Failed(_) | Verdict::NotModified => Err(failed("x-amz-copy-source-if-")),
        }
    }
}

/// When a request may write.
#[derive(Debug, Default)]
pub(super) struct WriteConditions {
    pub(super) if_match: Option<ETagCondition>,
    pub(super) if_none_match: Option<ETagCondition>,
}

impl WriteConditions {
    /// From headers that the protocol library does not read for the operation.
    pub(super) fn of_headers(headers: &HeaderMap) -> S3Result<Self> {
        let read = |name: &str| {
            headers
                .get(name)
                .map(|value| ETagCondition::parse_http_header(value.as_bytes()))
                .transpose()
                .map_err(|_| s3_error!(InvalidArgument, "{name} is neither an entity tag nor *"))
        };
        Ok(Self {
            if_match: read("if-match")?,
            if_none_match: read("if-none-match")?,
        })
    }

    /// Judges by what is under the key now.
    ///
    /// # Errors
    /// `PreconditionFailed`; `NoSuchKey` where a match is wanted and nothing is there; `NotImplemented` for an entity tag in
    /// `If-None-Match`, which S3 does not take on a write.
    pub(super) fn check(&self, bucket: &Bucket, key: &str) -> S3Result {
        let current = bucket.keys.current(key);
        let object = current.as_ref().and_then(|version| version.object());
        match (&self.if_none_match, object) {
            (Some(ETagCondition::ETag(_)), _) => {
                return Err(s3_error!(
                    NotImplemented,
                    "A header you provided implies functionality that is not implemented: If-None-Match takes only *"
                ));
            }
            (Some(ETagCondition::Any), Some(_)) => return Err(failed("If-None-Match")),
            _ => {}
        }
        match (&self.if_match, object) {
            (Some(_), None) => Err(no_such_key(key)),
            (Some(condition), Some(object)) if !names(condition, object) => Err(failed("If-Match")),
            _ => Ok(()),
        }
    }
}

/// Which object a request wants deleted.
#[derive(Debug, Default)]
pub(super) struct DeleteConditions {
    pub(super) if_match: Option<ETagCondition>,
    pub(super) modified: Option<Timestamp>,
    pub(super) size: Option<i64>,
}

impl DeleteConditions {
    /// As the endpoint heeds them.
    pub(super) fn heeded(self, defects: &Defects) -> Self {
        if defects.has(Defect::IgnoresDeleteConditions) {
            Self::default()
        } else {
            self
        }
    }

    /// Judges by the object that would go. Where there is none there is nothing to be mistaken about.
    ///
    /// # Errors
    /// `PreconditionFailed`.
    pub(super) fn check(&self, object: Option<(&Object, Moment)>) -> S3Result {
        let Some((object, modified)) = object else {
            return Ok(());
        };
        if self.if_match.as_ref().is_some_and(|c| !names(c, object)) {
            return Err(failed("If-Match"));
        }
        if let Some(time) = &self.modified
            && Moment::from_timestamp(time) != Some(modified)
        {
            return Err(failed("x-amz-if-match-last-modified-time"));
        }
        if let Some(size) = self.size
            && u64::try_from(size) != Ok(object.body.length())
        {
            return Err(failed("x-amz-if-match-size"));
        }
        Ok(())
    }
}

fn names(condition: &ETagCondition, object: &Object) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(ETag::Strong(tag) | ETag::Weak(tag)) => **tag == *object.etag,
    }
}

fn failed(which: &str) -> S3Error {
    s3_error!(
        PreconditionFailed,
        "At least one of the pre-conditions you specified did not hold: {which}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEN: Moment = Moment::from_seconds(1_000);

    fn object() -> Object {
        Object {
            etag: "abc".into(),
            ..Object::default()
        }
    }

    fn tag(text: &str) -> ETagCondition {
        ETagCondition::ETag(ETag::Strong(text.into()))
    }

    #[test]
    fn a_matching_entity_tag_outweighs_a_date() {
        let (same, other) = (tag("abc"), tag("x"));
        let before = Moment::from_seconds(900).to_timestamp();
        let after = Moment::from_seconds(1_100).to_timestamp();
        let conditions = ReadConditions {
            if_match: Some(&same),
            if_unmodified_since: Some(&before),
            ..ReadConditions::default()
        };
        assert_eq!(conditions.judge(&object(), THEN), Verdict::Go);
        let conditions = ReadConditions {
            if_none_match: Some(&other),
            if_modified_since: Some(&after),
            ..ReadConditions::default()
        };
        assert_eq!(conditions.judge(&object(), THEN), Verdict::Go);
    }

    #[test]
    fn dates_count_to_the_second() {
        let then = THEN.to_timestamp();
        let conditions = ReadConditions {
            if_modified_since: Some(&then),
            ..ReadConditions::default()
        };
        assert_eq!(conditions.judge(&object(), THEN), Verdict::NotModified);
        let conditions = ReadConditions {
            if_unmodified_since: Some(&then),
            ..ReadConditions::default()
        };
        assert_eq!(conditions.judge(&object(), THEN), Verdict::Go);
    }
}
