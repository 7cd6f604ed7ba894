//! Under what circumstances a request came: what policies' conditions look at, and the headers that permissions
//! depend on.

use std::net::IpAddr;

use chrono::{SecondsFormat, Utc};
use hyper::header::{AUTHORIZATION, HeaderMap, REFERER, USER_AGENT};
use percent_encoding::percent_decode_str;

use super::identity::Caller;
use super::operation::Target;
use super::store::Backend;

/// Headers that S3 has a condition key of the same name for.
const HEADER_KEYS: &[&str] = &[
    "x-amz-acl",
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
    "x-amz-metadata-directive",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
];

const GROUPS_OF_EVERYONE: [&str; 2] = ["/global/AllUsers", "/global/AuthenticatedUsers"];

/// What the endpoint knows of a request besides its operation.
#[derive(Debug, Clone)]
pub(super) struct RequestContext {
    pub(super) target: Target,
    pub(super) headers: HeaderMap,
    pub(super) peer: IpAddr,
    /// Whose request it is, where that was found out before s3s sees it: it comes without a signature of its own then.
    pub(super) vouched: Option<Vouched>,
}

/// Who signed a request, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Vouched {
    /// The access key; `None` for nobody.
    pub(super) access_key: Option<String>,
    /// As `s3:authType` tells it.
    pub(super) auth_type: &'static str,
}

/// The object that a copy reads.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CopySource {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) of_version: bool,
}

impl RequestContext {
    /// The text of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether the request is about one version of an object.
    pub(super) fn names_version(&self) -> bool {
        self.target.parameter("versionId").is_some()
    }

    /// Whether an ACL is given in headers, by its canned name or as grants.
    pub(super) fn sets_acl(&self) -> bool {
        self.header("x-amz-acl").is_some() || self.grants().next().is_some()
    }

    /// Whether an ACL is given in headers that reaches everyone, or every AWS account.
    pub(super) fn asks_for_public_acl(&self) -> bool {
        matches!(
            self.header("x-amz-acl"),
            Some("public-read" | "public-read-write" | "authenticated-read")
        ) || self
            .grants()
            .any(|grant| GROUPS_OF_EVERYONE.iter().any(|group| grant.contains(group)))
    }

    fn grants(&self) -> impl Iterator<Item = &str> {
        self.headers
            .iter()
            .filter(|(name, _)| name.as_str().starts_with("x-amz-grant-"))
            .filter_map(|(_, value)| value.to_str().ok())
    }

    /// What a copy reads; `None` when the request is no copy.
    pub(super) fn copy_source(&self) -> Option<CopySource> {
        let source = self.header("x-amz-copy-source")?;
        let (path, version) = match source.split_once("?versionId=") {
            Some((path, _)) => (path, true),
            None => (source, false),
        };
        let path = percent_decode_str(path).decode_utf8_lossy();
        let (bucket, key) = path.trim_start_matches('/').split_once('/')?;
        Some(CopySource {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            of_version: version,
        })
    }

    /// The condition keys that a policy can look at, as far as this sandbox knows them.
    pub(super) fn context(
        &self,
        caller: Caller<'_>,
        secure_transport: bool,
    ) -> Vec<(String, String)> {
        let now = Utc::now();
        let mut context = Vec::new();
        let mut add = |key: &str, value: String| context.push((key.to_owned(), value));
        // Behind something that ends TLS, the header tells how the request came to that.
        let secure = match self.header("x-forwarded-proto") {
            Some("http") => false,
            Some("https") => true,
            _ => secure_transport,
        };
        add("aws:SecureTransport", secure.to_string());
        if secure {
            add("s3:TlsVersion", "1.3".to_owned());
        }
        add("aws:ViaAWSService", "false".to_owned());
        add("aws:SourceIp", self.peer.to_string());
        add(
            "aws:CurrentTime",
            now.to_rfc3339_opts(SecondsFormat::Secs, true),
        );
        add("aws:EpochTime", now.timestamp().to_string());
        match caller {
            Caller::Anonymous => {
                add("aws:PrincipalType", "Anonymous".to_owned());
                add("aws:userid", "anonymous".to_owned());
            }
            Caller::User(user) => {
                let kind = if user.role.is_some() {
                    "AssumedRole"
                } else {
                    "User"
                };
                add("aws:PrincipalType", kind.to_owned());
                add("aws:PrincipalIsAWSService", "false".to_owned());
                add("aws:PrincipalAccount", Backend::ACCOUNT_ID.to_owned());
                add("aws:PrincipalArn", user.principal_arn());
                add("aws:userid", user.user_id());
                if user.role.is_none() {
                    add("aws:username", user.user.to_string());
                }
                add("s3:authType", self.auth_type().to_owned());
                add("s3:signatureversion", "AWS4-HMAC-SHA256".to_owned());
            }
        }
        add("aws:ResourceAccount", Backend::ACCOUNT_ID.to_owned());
        add("s3:ResourceAccount", Backend::ACCOUNT_ID.to_owned());
        for (key, name) in [("aws:UserAgent", USER_AGENT), ("aws:Referer", REFERER)] {
            if let Some(value) = self.header(name.as_str()) {
                add(key, value.to_owned());
            }
        }
        for name in HEADER_KEYS {
            if let Some(value) = self.header(name) {
                add(&format!("s3:{name}"), value.to_owned());
            }
        }
        for (key, parameter) in [
            ("s3:prefix", "prefix"),
            ("s3:delimiter", "delimiter"),
            ("s3:max-keys", "max-keys"),
            ("s3:VersionId", "versionId"),
        ] {
            if let Some(value) = self.target.parameter(parameter) {
                add(key, value.to_owned());
            }
        }
        context
    }

    fn auth_type(&self) -> &'static str {
        if let Some(vouched) = &self.vouched {
            vouched.auth_type
        } else if self.headers.contains_key(AUTHORIZATION) {
            "REST-HEADER"
        } else {
            "REST-QUERY-STRING"
        }
    }
}

#[cfg(test)]
mod tests {
    use hyper::Method;

    use super::*;

    fn request_context(header: (&'static str, &str)) -> RequestContext {
        let mut headers = HeaderMap::new();
        headers.insert(header.0, header.1.parse().unwrap());
        RequestContext {
            target: Target::of(&Method::PUT, &"/b/k".parse().unwrap(), &headers),
            headers,
            peer: [127, 0, 0, 1].into(),
            vouched: None,
        }
    }

    #[test]
    fn a_copy_source_is_a_path_that_may_name_a_version() {
        for (header, bucket, key, of_version) in [
            ("/src/a%2Fb%20c", "src", "a/b c", false),
            ("src/a?versionId=1", "src", "a", true),
        ] {
            let source = request_context(("x-amz-copy-source", header))
                .copy_source()
                .unwrap();
            assert_eq!(
                (
                    source.bucket.as_str(),
                    source.key.as_str(),
                    source.of_version
                ),
                (bucket, key, of_version)
            );
        }
    }

    #[test]
    fn a_public_acl_is_told_by_its_name_or_its_group() {
        let group = "uri=\"http://acs.amazonaws.com/groups/global/AllUsers\"";
        assert!(request_context(("x-amz-grant-read", group)).asks_for_public_acl());
        assert!(request_context(("x-amz-acl", "public-read")).asks_for_public_acl());
        let kept = request_context(("x-amz-acl", "bucket-owner-full-control"));
        assert!(kept.sets_acl() && !kept.asks_for_public_acl());
    }
}
