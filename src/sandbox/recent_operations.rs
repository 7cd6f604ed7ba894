//! Operations that S3 has had for less time than s3s knows it: object annotations, and the tables of S3 Metadata.
//!
//! s3s verifies the signature of such a request and hands it to this route. Tables are part of a world and cannot be changed;
//! annotations can. The default encryption, Object Lock and retention have elements that s3s refuses: they are read here as
//! well.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use chrono::SecondsFormat;
use hyper::http::Extensions;
use hyper::{HeaderMap, Method, StatusCode, Uri};
use s3s::route::S3Route;
use s3s::{Body, S3Error, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};

use super::access::Access;
use super::answer::escape;
use super::operation::Target;
use super::request_context::RequestContext;
use super::store::{Annotation, Moment};
use super::{configuration, objects};
use crate::domain::hex::hex;

/// The largest annotation, in bytes: 1 MiB.
const MOST_BYTES: usize = 1 << 20;

/// How many annotations an object can have.
const MOST: usize = 1_000;

/// Whether a query has one of these parameters.
fn has_parameter(uri: &Uri, names: &[&str]) -> bool {
    let query = uri.query().unwrap_or_default();
    query
        .split('&')
        .any(|part| names.contains(&part.split('=').next().unwrap_or(part)))
}

/// Answers for them.
pub(super) struct Newer {
    pub(super) access: Access,
}

#[async_trait::async_trait]
impl S3Route for Newer {
    fn is_match(&self, method: &Method, uri: &Uri, _: &HeaderMap, _: &mut Extensions) -> bool {
        Self::is_asked(method, uri)
    }

    async fn check_access(&self, request: &mut S3Request<Body>) -> S3Result<()> {
        self.access.may_go(request)
    }

    async fn call(&self, mut request: S3Request<Body>) -> S3Result<S3Response<Body>> {
        let request_context = request.extensions.get::<Arc<RequestContext>>().cloned();
        let request_context = request_context
            .ok_or_else(|| s3_error!(InternalError, "A request without circumstances"))?;
        let target = &request_context.target;
        match target.operation {
            "GetBucketMetadataConfiguration" => self.tables(target),
            "ListObjectAnnotations" => self.list(target),
            "GetObjectAnnotation" => self.get(target),
            "PutObjectAnnotation" => {
                let body = request.input.store_all_limited(MOST_BYTES).await;
                let body = body.map_err(|_| s3_error!(EntityTooLarge))?;
                let text = String::from_utf8(body.to_vec()).map_err(|_| {
                    custom(
                        StatusCode::UNSUPPORTED_MEDIA_TYPE,
                        "UnsupportedMediaType",
                        "The payload is not UTF-8",
                    )
                })?;
                self.put(target, text)
            }
            "DeleteObjectAnnotation" => self.delete(target),
            "PutBucketEncryption" | "PutObjectLockConfiguration" | "PutObjectRetention" => {
                let body = request.input.store_all_limited(MOST_BYTES).await;
                let body = body.map_err(|_| s3_error!(EntityTooLarge))?;
                let document = String::from_utf8(body.to_vec());
                let document = document.map_err(|_| s3_error!(MalformedXML))?;
                self.put_document(&request_context, &document)?;
                Ok(S3Response::new(Body::empty()))
            }
            _ => Err(s3_error!(NotImplemented)),
        }
    }
}

impl Newer {
    /// Whether a request is for one of these operations: they are sub-resources of their own.
    pub(super) fn is_asked(method: &Method, uri: &Uri) -> bool {
        let is_of_bucket = !uri.path().trim_matches('/').contains('/');
        let documents: &[&str] = if is_of_bucket {
            &["encryption", "object-lock"]
        } else {
            &["retention"]
        };
        has_parameter(uri, &["annotation", "metadataConfiguration"])
            || *method == Method::PUT && has_parameter(uri, documents)
    }

    /// Takes a document with an element that s3s would refuse.
    fn put_document(&self, request: &RequestContext, document: &str) -> S3Result {
        let backend = &self.access.backend;
        backend.expect_owner(
            request
                .header("x-amz-expected-bucket-owner")
                .map(str::to_owned)
                .as_ref(),
        )?;
        let target = &request.target;
        let (bucket, key) = names(target);
        match target.operation {
            "PutBucketEncryption" => {
                configuration::put_encryption_document(backend, bucket, document)
            }
            "PutObjectLockConfiguration" => {
                configuration::put_object_lock_document(backend, bucket, document)
            }
            _ => {
                let bypass = request.header("x-amz-bypass-governance-retention") == Some("true");
                let version = (key, target.parameter("versionId"));
                objects::put_retention_document(backend, bucket, version, bypass, document)
            }
        }
    }

    fn tables(&self, target: &Target) -> S3Result<S3Response<Body>> {
        let bucket = target.bucket.as_deref().unwrap_or_default();
        let tables = self.access.backend.store.read(bucket, |bucket| {
            Ok(bucket.configuration.metadata_tables.clone())
        })?;
        let tables = tables.ok_or_else(|| {
            custom(
                StatusCode::NOT_FOUND,
                "MetadataConfigurationNotFound",
                "The metadata configuration was not found",
            )
        })?;
        Ok(xml(format!(
            "<GetBucketMetadataConfigurationResult><MetadataConfigurationResult>{tables}\
             </MetadataConfigurationResult></GetBucketMetadataConfigurationResult>"
        )))
    }

    fn annotations(&self, target: &Target) -> S3Result<BTreeMap<String, Annotation>> {
        let (bucket, key) = names(target);
        self.access.backend.store.read(bucket, |bucket| {
            let found = objects::find_object(bucket, key, target.parameter("versionId"))?;
            Ok(found.annotations.clone())
        })
    }

    fn list(&self, target: &Target) -> S3Result<S3Response<Body>> {
        let (bucket, key) = names(target);
        let prefix = target.parameter("annotation-prefix").unwrap_or_default();
        let mut document = format!(
            "<ListObjectAnnotationsOutput><Bucket>{bucket}</Bucket><Key>{}</Key><Annotations>",
            escape(key)
        );
        let all = self.annotations(target)?;
        let listed = all.iter().filter(|(name, _)| name.starts_with(prefix));
        let mut count = 0;
        for (name, one) in listed {
            count += 1;
            let modified = one.modified.to_calendar();
            let _ = write!(
                document,
                "<AnnotationEntry><AnnotationName>{}</AnnotationName><LastModified>{}</LastModified>\
                 <ETag>&quot;{}&quot;</ETag><Size>{}</Size></AnnotationEntry>",
                escape(name),
                modified.to_rfc3339_opts(SecondsFormat::Millis, true),
                etag(&one.text),
                one.text.len()
            );
        }
        let _ = write!(
            document,
            "</Annotations><AnnotationCount>{count}</AnnotationCount></ListObjectAnnotationsOutput>"
        );
        Ok(xml(document))
    }

    fn get(&self, target: &Target) -> S3Result<S3Response<Body>> {
        let name = name(target)?;
        let mut all = self.annotations(target)?;
        let found = all.remove(name).ok_or_else(no_such)?;
        Ok(S3Response::new(Body::from(found.text)))
    }

    fn put(&self, target: &Target, text: String) -> S3Result<S3Response<Body>> {
        let name = name(target)?.to_owned();
        if text.is_empty() {
            return Err(s3_error!(
                InvalidRequest,
                "An annotation has at least a byte"
            ));
        }
        self.change(target, |all| {
            if all.len() >= MOST && !all.contains_key(&name) {
                return Err(custom(
                    StatusCode::BAD_REQUEST,
                    "AnnotationLimitExceeded",
                    "The object has a thousand annotations",
                ));
            }
            let modified = Moment::now();
            all.insert(name.clone(), Annotation { text, modified });
            Ok(())
        })?;
        Ok(xml(format!(
            "<PutObjectAnnotationOutput><AnnotationName>{}</AnnotationName></PutObjectAnnotationOutput>",
            escape(&name)
        )))
    }

    fn delete(&self, target: &Target) -> S3Result<S3Response<Body>> {
        let name = name(target)?;
        self.change(target, |all| all.remove(name).map(drop).ok_or_else(no_such))?;
        let mut response = S3Response::new(Body::empty());
        response.status = Some(StatusCode::NO_CONTENT);
        Ok(response)
    }

    fn change(
        &self,
        target: &Target,
        change: impl FnOnce(&mut BTreeMap<String, Annotation>) -> S3Result,
    ) -> S3Result {
        let (bucket, key) = names(target);
        let version = target.parameter("versionId");
        self.access.backend.store.write(bucket, |bucket| {
            objects::change_object(bucket, key, version, |object| {
                change(&mut object.annotations)
            })
        })
    }
}

fn names(target: &Target) -> (&str, &str) {
    (
        target.bucket.as_deref().unwrap_or_default(),
        target.key.as_deref().unwrap_or_default(),
    )
}

/// The name of the annotation that is asked for. AWS keeps names that begin with `aws` and `s3` to itself.
fn name(target: &Target) -> S3Result<&str> {
    let name = target.parameter("annotationName").unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    if name.is_empty() || lower.starts_with("aws") || lower.starts_with("s3") {
        return Err(custom(
            StatusCode::BAD_REQUEST,
            "InvalidAnnotationName",
            "The annotation name is not valid",
        ));
    }
    if name.len() > 512 {
        return Err(custom(
            StatusCode::BAD_REQUEST,
            "AnnotationNameTooLong",
            "The annotation name is longer than 512 bytes",
        ));
    }
    Ok(name)
}

fn no_such() -> S3Error {
    custom(
        StatusCode::NOT_FOUND,
        "NoSuchAnnotation",
        "The specified annotation does not exist",
    )
}

fn custom(status: StatusCode, code: &'static str, message: &'static str) -> S3Error {
    let mut error = S3Error::with_message(S3ErrorCode::Custom(code.into()), message);
    error.set_status_code(status);
    error
}

fn etag(text: &str) -> Box<str> {
    use md5::Digest;
    hex(&md5::Md5::digest(text.as_bytes())).into()
}

fn xml(document: String) -> S3Response<Body> {
    let mut response = S3Response::new(Body::from(document));
    let content_type = hyper::header::HeaderValue::from_static("application/xml");
    response
        .headers
        .insert(hyper::header::CONTENT_TYPE, content_type);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sub_resources_of_their_own_are_for_this_route() {
        for (method, uri, is_asked) in [
            (Method::GET, "/b/k?annotation&annotationName=n", true),
            (Method::GET, "/b?metadataConfiguration", true),
            (Method::GET, "/b?x-id=1&metadataConfiguration=", true),
            (Method::GET, "/b/k?annotations", false),
            (Method::GET, "/b/annotation", false),
            (Method::PUT, "/b?encryption", true),
            (Method::PUT, "/b/?encryption=", true),
            (Method::GET, "/b?encryption", false),
            (Method::PUT, "/b/k?encryption", false),
            (Method::PUT, "/b?object-lock", true),
            (Method::GET, "/b?object-lock", false),
            (Method::PUT, "/b/k?retention", true),
            (Method::PUT, "/b/k?versionId=1&retention", true),
            (Method::GET, "/b/k?retention", false),
            (Method::PUT, "/b/k?object-lock", false),
        ] {
            let found = Newer::is_asked(&method, &uri.parse().unwrap());
            assert_eq!(found, is_asked, "{method} {uri}");
        }
    }
}
