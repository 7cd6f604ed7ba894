//! Which S3 operation a request is, told from its method, host, path and query alone.
//!
//! s3s decides this for itself, but after the body and the signature, and without telling. Faults, latency and counts
//! have to know before. [`access`](super::access) refuses a request that the two do not agree on.

use hyper::header::{HOST, HeaderMap};
use hyper::{Method, Uri};
use percent_encoding::percent_decode_str;

use super::host;
use super::sub_resources::{OF_BUCKET, OF_BUCKET_BY_ID, OF_OBJECT, PARAMETERS, SubResource};

/// What a request asks for, and of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// The operation's name as in the S3 API.
    pub(super) operation: &'static str,
    /// The bucket that is named.
    pub(super) bucket: Option<String>,
    /// The object that is named.
    pub(super) key: Option<String>,
    /// Whether the bucket stands in the host name rather than in the path.
    pub(super) virtual_hosted: bool,
    /// The query's parameters, decoded.
    pub(super) query: Vec<(String, String)>,
    /// Why this cannot be answered, where s3s would take it for something else.
    pub(super) unanswerable: Option<Unanswerable>,
}

/// A request that falls through to the bare operation on several servers: `DELETE ?acl` would delete the bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unanswerable {
    /// The sub-resource exists, and not for this method.
    MethodNotAllowed,
    /// The sub-resource is not known here.
    NotImplemented,
}

impl Target {
    /// Reads a request's target.
    pub(super) fn of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Self {
        let query = parameters(uri.query().unwrap_or_default());
        let path = percent_decode_str(uri.path()).decode_utf8_lossy();
        let path = path.strip_prefix('/').unwrap_or(&path);
        let host_bucket = headers
            .get(HOST)
            .and_then(|host| host.to_str().ok())
            .and_then(host::bucket);
        let virtual_hosted = host_bucket.is_some();
        let (bucket, key) = match host_bucket {
            Some(bucket) => (bucket.to_owned(), path.to_owned()),
            None => match path.split_once('/') {
                Some((bucket, key)) => (bucket.to_owned(), key.to_owned()),
                None => (path.to_owned(), String::new()),
            },
        };
        let level = match (bucket.is_empty(), key.is_empty()) {
            (true, _) => Level::Service,
            (false, true) => Level::Bucket,
            (false, false) => Level::Object,
        };
        let request = Request {
            method,
            headers,
            query: &query,
        };
        let operation = request.operation(level);
        let unanswerable = request.unanswerable(level, operation);
        Self {
            operation,
            bucket: Some(bucket).filter(|bucket| !bucket.is_empty()),
            key: Some(key).filter(|key| !key.is_empty()),
            virtual_hosted,
            query,
            unanswerable,
        }
    }

    /// The first value of a query parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        first(&self.query, name)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Service,
    Bucket,
    Object,
}

struct Request<'r> {
    method: &'r Method,
    headers: &'r HeaderMap,
    query: &'r [(String, String)],
}

impl Request<'_> {
    fn has(&self, name: &str) -> bool {
        self.query.iter().any(|(parameter, _)| parameter == name)
    }

    fn operation(&self, level: Level) -> &'static str {
        let operation = match level {
            Level::Service => self.of_service(),
            Level::Bucket => self.of_bucket(),
            Level::Object => self.of_object(),
        };
        operation.unwrap_or("Unknown")
    }

    fn of_service(&self) -> Option<&'static str> {
        match *self.method {
            Method::GET if first(self.query, "x-id") == Some("ListDirectoryBuckets") => {
                Some("ListDirectoryBuckets")
            }
            Method::GET => Some("ListBuckets"),
            Method::POST => Some("GetCallerIdentity"),
            _ => None,
        }
    }

    fn of_bucket(&self) -> Option<&'static str> {
        if let Some(operation) = self
            .of_bucket_by_id()
            .or_else(|| self.sub_resource(OF_BUCKET))
        {
            return Some(operation);
        }
        match *self.method {
            Method::HEAD => Some("HeadBucket"),
            Method::GET if first(self.query, "list-type") == Some("2") => Some("ListObjectsV2"),
            Method::GET => Some("ListObjects"),
            Method::PUT => Some("CreateBucket"),
            Method::DELETE => Some("DeleteBucket"),
            Method::POST if self.has("metadataTable") => {
                Some("CreateBucketMetadataTableConfiguration")
            }
            Method::POST if self.has("delete") => Some("DeleteObjects"),
            Method::POST if self.is_form() => Some("PostObject"),
            Method::POST if self.headers.contains_key("x-amz-request-route") => {
                Some("WriteGetObjectResponse")
            }
            Method::OPTIONS => Some("Options"),
            _ => None,
        }
    }

    fn of_bucket_by_id(&self) -> Option<&'static str> {
        let (_, [list, get, put, delete]) =
            OF_BUCKET_BY_ID.iter().find(|(name, _)| self.has(name))?;
        match *self.method {
            Method::GET if self.has("id") => Some(get),
            Method::GET => Some(list),
            Method::PUT => Some(put),
            Method::DELETE => Some(delete),
            _ => None,
        }
    }

    fn of_object(&self) -> Option<&'static str> {
        let is_part = self.has("partNumber") && self.has("uploadId");
        let is_copy = self.headers.contains_key("x-amz-copy-source");
        if let Some(operation) = self.sub_resource(OF_OBJECT) {
            let names_one = operation == "ListObjectAnnotations" && self.has("annotationName");
            return Some(if names_one {
                "GetObjectAnnotation"
            } else {
                operation
            });
        }
        match *self.method {
            Method::HEAD => Some("HeadObject"),
            Method::GET => Some("GetObject"),
            Method::PUT if is_part && is_copy => Some("UploadPartCopy"),
            Method::PUT if is_part => Some("UploadPart"),
            Method::PUT if is_copy => Some("CopyObject"),
            Method::PUT => Some("PutObject"),
            Method::DELETE => Some("DeleteObject"),
            Method::POST if self.has("select") => Some("SelectObjectContent"),
            Method::POST if self.has("uploads") => Some("CreateMultipartUpload"),
            Method::POST if self.has("restore") => Some("RestoreObject"),
            Method::POST if self.has("uploadId") => Some("CompleteMultipartUpload"),
            Method::OPTIONS => Some("Options"),
            _ => None,
        }
    }

    fn sub_resource(&self, table: &[SubResource]) -> Option<&'static str> {
        table
            .iter()
            .filter(|(name, ..)| self.has(name))
            .map(|&(_, get, put, delete)| match *self.method {
                Method::GET => get,
                Method::PUT => put,
                Method::DELETE => delete,
                _ => "",
            })
            .find(|operation| !operation.is_empty())
    }

    /// Whether s3s would carry out the bare operation although the query asks for something else.
    fn unanswerable(&self, level: Level, operation: &str) -> Option<Unanswerable> {
        let is_bare = matches!(
            operation,
            "ListObjects"
                | "ListObjectsV2"
                | "CreateBucket"
                | "DeleteBucket"
                | "GetObject"
                | "PutObject"
                | "CopyObject"
                | "DeleteObject"
        );
        if !is_bare {
            return None;
        }
        let knows = |name: &str| match level {
            Level::Service => false,
            Level::Bucket => {
                name == "delete"
                    || OF_BUCKET.iter().any(|(known, ..)| *known == name)
                    || OF_BUCKET_BY_ID.iter().any(|(known, _)| *known == name)
            }
            Level::Object => {
                matches!(name, "uploads" | "restore" | "select")
                    || OF_OBJECT.iter().any(|(known, ..)| *known == name)
            }
        };
        let changes_bucket = level == Level::Bucket && *self.method != Method::GET;
        self.query.iter().find_map(|(name, value)| {
            let lower = name.to_ascii_lowercase();
            if knows(name) {
                Some(Unanswerable::MethodNotAllowed)
            } else if PARAMETERS.contains(&name.as_str())
                || lower.starts_with("x-amz-")
                || lower.starts_with("response-")
                || (!changes_bucket && !value.is_empty())
            {
                // S3 passes over parameters it does not know. What a change of a bucket might mean by them is another
                // matter.
                None
            } else {
                Some(Unanswerable::NotImplemented)
            }
        })
    }

    fn is_form(&self) -> bool {
        self.headers
            .get(hyper::header::CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().starts_with(b"multipart/form-data"))
    }
}

fn parameters(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text).decode_utf8_lossy().into_owned()
    };
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(name), decode(value))
        })
        .collect()
}

fn first<'q>(query: &'q [(String, String)], name: &str) -> Option<&'q str> {
    query
        .iter()
        .find(|(parameter, _)| parameter == name)
        .map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(method: &Method, host: &str, uri: &str) -> Target {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        Target::of(method, &uri.parse().unwrap(), &headers)
    }

    fn operation(method: &Method, uri: &str) -> &'static str {
        target(method, "127.0.0.1:9000", uri).operation
    }

    #[test]
    fn operations_are_told_by_method_path_and_query() {
        for (method, uri, expected) in [
            (Method::GET, "/", "ListBuckets"),
            (Method::GET, "/b?list-type=2&prefix=a%2F", "ListObjectsV2"),
            (Method::GET, "/b/", "ListObjects"),
            (Method::GET, "/b?versions", "ListObjectVersions"),
            (Method::GET, "/b?metrics", "ListBucketMetricsConfigurations"),
            (
                Method::GET,
                "/b?metrics&id=x",
                "GetBucketMetricsConfiguration",
            ),
            (
                Method::DELETE,
                "/b?metrics&id=x",
                "DeleteBucketMetricsConfiguration",
            ),
            (Method::PUT, "/b?policy", "PutBucketPolicy"),
            (Method::HEAD, "/b", "HeadBucket"),
            (Method::HEAD, "/b/k", "HeadObject"),
            (Method::GET, "/b/a//b", "GetObject"),
            (Method::GET, "/b/k?uploadId=1", "ListParts"),
            (Method::GET, "/b/k?annotation", "ListObjectAnnotations"),
            (
                Method::GET,
                "/b/k?annotation&annotationName=n",
                "GetObjectAnnotation",
            ),
            (
                Method::PUT,
                "/b/k?annotation&annotationName=n",
                "PutObjectAnnotation",
            ),
            (Method::PUT, "/b/k?uploadId=1&partNumber=2", "UploadPart"),
            (Method::DELETE, "/b/k?uploadId=1", "AbortMultipartUpload"),
            (Method::POST, "/b/k?uploads", "CreateMultipartUpload"),
            (Method::POST, "/b?delete", "DeleteObjects"),
            (Method::OPTIONS, "/b/k", "Options"),
            (Method::PATCH, "/b/k", "Unknown"),
        ] {
            assert_eq!(operation(&method, uri), expected, "{method} {uri}");
        }
    }

    #[test]
    fn keys_are_decoded_and_slashes_kept() {
        let target = target(
            &Method::GET,
            "127.0.0.1:9000",
            "/b//a%2Fb%20+%25?versionId=1",
        );
        assert_eq!(target.bucket.as_deref(), Some("b"));
        assert_eq!(target.key.as_deref(), Some("/a/b +%"));
        assert_eq!(target.parameter("versionId"), Some("1"));
    }

    #[test]
    fn a_bucket_may_stand_in_the_host_name() {
        for host in ["media.localhost:9000", "media.s3.localhost"] {
            let target = target(&Method::GET, host, "/a/b");
            assert_eq!(
                (target.bucket.as_deref(), target.key.as_deref()),
                (Some("media"), Some("a/b"))
            );
            assert!(target.virtual_hosted);
        }
        for host in [
            "localhost:9000",
            "s3.localhost",
            "127.0.0.1",
            "media.example.com",
        ] {
            assert_eq!(
                target(&Method::GET, host, "/b").bucket.as_deref(),
                Some("b"),
                "{host}"
            );
        }
    }

    #[test]
    fn what_would_fall_through_to_the_bare_operation_is_told() {
        use Unanswerable::{MethodNotAllowed, NotImplemented};
        for (method, uri, expected) in [
            (Method::DELETE, "/b?acl", Some(MethodNotAllowed)),
            (Method::DELETE, "/b?logging", Some(MethodNotAllowed)),
            (Method::DELETE, "/b?abac", Some(NotImplemented)),
            (Method::DELETE, "/b?surprise=1", Some(NotImplemented)),
            (Method::GET, "/b?metadataConfiguration", None),
            (
                Method::DELETE,
                "/b?metadataConfiguration",
                Some(MethodNotAllowed),
            ),
            (Method::GET, "/b?unknown=1", None),
            (Method::GET, "/b?list-type=2&prefix=&delimiter=/", None),
            (Method::DELETE, "/b", None),
            (Method::DELETE, "/b?x-id=DeleteBucket", None),
            (Method::PUT, "/b/k?renameObject", Some(NotImplemented)),
            (Method::PUT, "/b/k?content-type=text%2Fplain", None),
            (Method::PUT, "/b/k?X-Amz-Signature=0&x-id=PutObject", None),
        ] {
            let target = target(&method, "127.0.0.1", uri);
            assert_eq!(target.unanswerable, expected, "{method} {uri}");
        }
    }
}
