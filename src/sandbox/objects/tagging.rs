//! Object tags.

use std::borrow::Cow;

use hyper::StatusCode;
use percent_encoding::percent_decode_str;
use s3s::dto::{
    DeleteObjectTaggingInput, DeleteObjectTaggingOutput, GetObjectTaggingInput,
    GetObjectTaggingOutput, PutObjectTaggingInput, PutObjectTaggingOutput, Tag,
};
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result};

use super::find;
use crate::sandbox::store::Backend;

type Tags = Vec<(String, String)>;

/// Tells the tags of an object.
///
/// # Errors
/// `NoSuchBucket`, `NoSuchKey`, `NoSuchVersion`, `MethodNotAllowed`.
pub(crate) async fn get_object_tagging(
    backend: &Backend,
    req: S3Request<GetObjectTaggingInput>,
) -> S3Result<S3Response<GetObjectTaggingOutput>> {
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    let found = backend.store.read(&input.bucket, |bucket| {
        find::object(bucket, &input.key, input.version_id.as_deref())
    })?;
    let tag = |(name, value): &(String, String)| Tag {
        key: Some(name.clone()),
        value: Some(value.clone()),
    };
    Ok(S3Response::new(GetObjectTaggingOutput {
        tag_set: found.object.tags.iter().map(tag).collect(),
        version_id: found.told_id,
    }))
}

/// Replaces all tags of an object.
///
/// # Errors
/// `InvalidTag`, and as [`get_object_tagging`].
pub(crate) async fn put_object_tagging(
    backend: &Backend,
    req: S3Request<PutObjectTaggingInput>,
) -> S3Result<S3Response<PutObjectTaggingOutput>> {
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    let tags = input
        .tagging
        .tag_set
        .into_iter()
        .map(|tag| {
            Ok((
                tag.key.ok_or_else(|| bad_tag("a tag has no key"))?,
                tag.value.unwrap_or_default(),
            ))
        })
        .collect::<S3Result<Tags>>()?;
    let tags = check(tags)?;
    let version_id = replace(
        backend,
        &input.bucket,
        &input.key,
        input.version_id.as_deref(),
        tags,
    )?;
    Ok(S3Response::new(PutObjectTaggingOutput { version_id }))
}

/// Removes all tags of an object.
///
/// # Errors
/// As [`get_object_tagging`].
pub(crate) async fn delete_object_tagging(
    backend: &Backend,
    req: S3Request<DeleteObjectTaggingInput>,
) -> S3Result<S3Response<DeleteObjectTaggingOutput>> {
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    let version_id = replace(
        backend,
        &input.bucket,
        &input.key,
        input.version_id.as_deref(),
        Tags::new(),
    )?;
    Ok(S3Response::new(DeleteObjectTaggingOutput { version_id }))
}

fn replace(
    backend: &Backend,
    bucket: &str,
    key: &str,
    version_id: Option<&str>,
    tags: Tags,
) -> S3Result<Option<String>> {
    backend.store.write(bucket, |bucket| {
        let found = find::object(bucket, key, version_id)?;
        bucket
            .keys
            .change(key, &found.id, |object| object.tags = tags);
        Ok(found.told_id)
    })
}

/// Reads the tags that a PUT carries in a header, written as the query of a URL.
pub(super) fn parse_header(text: &str) -> S3Result<Tags> {
    let decode = |part: &str| {
        percent_decode_str(&part.replace('+', " "))
            .decode_utf8()
            .map(Cow::into_owned)
            .map_err(|_| bad_tag("the x-amz-tagging header is not UTF-8"))
    };
    let tags = text
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name)?, decode(value)?))
        })
        .collect::<S3Result<Tags>>()?;
    check(tags)
}

/// Holds tags to S3's limits.
fn check(tags: Tags) -> S3Result<Tags> {
    if tags.len() > 10 {
        let mut error = S3Error::with_message(
            S3ErrorCode::Custom("BadRequest".into()),
            "Object tags cannot be greater than 10",
        );
        error.set_status_code(StatusCode::BAD_REQUEST);
        return Err(error);
    }
    for (at, (name, value)) in tags.iter().enumerate() {
        if name.is_empty() || name.chars().count() > 128 {
            return Err(bad_tag(
                "The TagKey you have provided is invalid: it has 1 to 128 characters",
            ));
        }
        if value.chars().count() > 256 {
            return Err(bad_tag(
                "The TagValue you have provided is invalid: it has at most 256 characters",
            ));
        }
        if name.starts_with("aws:") {
            return Err(bad_tag("System tags cannot be added/updated by requester"));
        }
        if tags.iter().take(at).any(|(other, _)| other == name) {
            return Err(bad_tag("Cannot provide multiple Tags with the same key"));
        }
    }
    Ok(tags)
}

fn bad_tag(why: &'static str) -> S3Error {
    S3Error::with_message(S3ErrorCode::InvalidTag, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_in_a_header_are_written_as_a_query() {
        let tags = parse_header("a=1&b+c=%C3%A9%3D&d").unwrap();
        let expected = [("a", "1"), ("b c", "é="), ("d", "")];
        assert!(
            tags.iter()
                .map(|(n, v)| (n.as_str(), v.as_str()))
                .eq(expected)
        );
    }

    #[test]
    fn tags_beyond_the_limits_are_refused() {
        let many: Vec<String> = (0..11).map(|n| format!("k{n}=v")).collect();
        for bad in [
            many.join("&"),
            "a=1&a=2".into(),
            "=v".into(),
            format!("k={}", "v".repeat(257)),
        ] {
            assert!(parse_header(&bad).is_err(), "{bad}");
        }
    }
}
