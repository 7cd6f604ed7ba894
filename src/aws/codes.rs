//! The meaning of S3's error codes, and what to do about each.
//!
//! Sources: the *Error responses* page of the S3 API reference, and the codes that compatible servers send instead. In
//! advice, `{permission}` and `{endpoint}` are filled in.

use aws_smithy_runtime_api::http::Headers;

use super::operations::Operation;
use super::problem::ProblemKind as Kind;
use crate::domain::advice::Template;

/// The meaning of an error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub kind: Kind,
    /// The reason; empty if the service's own message is better.
    pub words: &'static str,
    /// What to do.
    pub advice: &'static [Hint],
}

/// A step of advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hint {
    /// Text with gaps.
    Words(Template),
    /// Renew the credentials.
    SignIn,
    /// Use the Region of the bucket.
    UseRegion,
    /// Send fewer requests at a time.
    SendFewerRequests,
}

/// Text of advice, checked at compile time.
macro_rules! say {
    ($words:literal) => {{
        const SAID: &[Hint] = &[Hint::Words(Template::new($words))];
        SAID
    }};
}

const fn means(kind: Kind, words: &'static str, advice: &'static [Hint]) -> Meaning {
    Meaning {
        kind,
        words,
        advice,
    }
}

const DENIED: Meaning = means(
    Kind::Denied,
    "access was denied",
    say!(
        "ask for {permission}; when it is granted already, look for a Deny in the bucket's policy, an organisation's \
     policy, or a VPC endpoint's"
    ),
);
const DENIED_KMS: Meaning = means(
    Kind::Denied,
    "access to the encryption key was denied",
    say!("ask for kms:Decrypt on the key that encrypts it, in the key's own policy, too"),
);
const DENIED_BLOCK: Meaning = means(
    Kind::Denied,
    "access was denied by the public access block",
    say!(
        "use credentials that the bucket's policy names; the block refuses public access whatever the policy says"
    ),
);
const DENIED_EXPIRED: Meaning = means(
    Kind::ExpiredCredentials,
    "the signed request has expired",
    say!("sign a new one"),
);
const EXPIRED: Meaning = means(
    Kind::ExpiredCredentials,
    "the credentials have expired",
    &[Hint::SignIn],
);
const UNKNOWN_KEY: Meaning = means(
    Kind::BadCredentials,
    "the service does not know this access key",
    say!("check that the credentials belong to {endpoint} and were not deleted or deactivated"),
);
const WRONG_SECRET: Meaning = means(
    Kind::BadCredentials,
    "the signature is not the one that the service calculates",
    say!(
        "check the secret access key for a missing or an extra character; a proxy that changes the request or its host \
     name has the same effect"
    ),
);
const SKEWED: Meaning = means(
    Kind::ClockSkew,
    "this computer's clock and the service's differ by more than 15 minutes",
    say!("set the clock (and its time zone) right"),
);
const ELSEWHERE: Meaning = means(
    Kind::WrongRegion,
    "the bucket is in another Region than the request was signed for",
    &[Hint::UseRegion],
);
const THROTTLED: Meaning = means(
    Kind::Throttled,
    "the service asks to slow down, after several attempts",
    &[
        Hint::Words(Template::new("wait a little and try again")),
        Hint::SendFewerRequests,
    ],
);
const FAILING: Meaning = means(
    Kind::Unavailable,
    "the service failed, after several attempts",
    say!("try again in a moment; the request id helps its operators to find it"),
);
const HEAD_REFUSED: Meaning = means(
    Kind::Invalid,
    "the service refused the request and, to a HEAD, does not say why",
    &[
        Hint::Words(Template::new(
            "expired credentials and a wrong Region are the usual reasons",
        )),
        Hint::SignIn,
        Hint::Words(Template::new("or")),
        Hint::UseRegion,
    ],
);
const LACKS: Meaning = means(
    Kind::NotSupported,
    "this endpoint does not have the operation",
    say!("nothing can be done about it on {endpoint}: what it would tell stays unknown"),
);
const NOT_CONFIGURED: Meaning = means(
    Kind::NotConfigured,
    "nothing of the kind is configured",
    &[],
);
const ARCHIVED: Meaning = means(
    Kind::Archived,
    "the object is archived",
    say!("restore it first (a request to RestoreObject, minutes to 48 hours), then read it"),
);
const CHANGED: Meaning = means(
    Kind::Changed,
    "it is no longer what it was when it was looked at",
    say!("look at it again before going on"),
);
const TOO_LARGE: Meaning = means(
    Kind::Invalid,
    "it is larger than the service takes",
    say!(
        "one PUT carries at most 5 GiB, a form as much as its policy allows; larger objects go in parts"
    ),
);
const REFUSED_VALUE: Meaning = means(
    Kind::Invalid,
    "",
    say!(
        "correct the value that it names; when none of yours is named, report it with the request id"
    ),
);

/// The meaning of a code; the service's message decides if a code has several causes. `None` for an unknown code.
pub(crate) fn meaning(code: &str, said: &str) -> Option<Meaning> {
    let found = match code {
        "AccessDenied"
        | "AccessDeniedException"
        | "Forbidden"
        | "UnauthorizedAccess"
        | "AllAccessDisabled" => denied(said),
        "SignatureDoesNotMatch" | "IncompleteSignature" | "InvalidSignatureException" => {
            WRONG_SECRET
        }
        "InvalidAccessKeyId"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "NotSignedUp"
        | "InvalidToken"
        | "InvalidSecurity" => UNKNOWN_KEY,
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => EXPIRED,
        "RequestExpired" => DENIED_EXPIRED,
        "RequestTimeTooSkewed" | "RequestInTheFuture" => SKEWED,
        "AuthorizationHeaderMalformed"
        | "PermanentRedirect"
        | "TemporaryRedirect"
        | "Redirect"
        | "IllegalLocationConstraintException"
        | "IncorrectEndpoint" => ELSEWHERE,
        "NoSuchKey" => means(
            Kind::NotFound,
            "there is no such key",
            say!(
                "list it again: it may have been deleted meanwhile, or its current version is a delete marker"
            ),
        ),
        "NoSuchVersion" => means(
            Kind::NotFound,
            "there is no such version",
            say!("list the versions again"),
        ),
        "NoSuchUpload" => means(
            Kind::NotFound,
            "there is no such upload",
            say!("it was completed or aborted meanwhile: list the uploads again"),
        ),
        "NoSuchBucket" => means(
            Kind::NotFound,
            "there is no such bucket",
            say!("check its name, and that the profile and endpoint are those of its account"),
        ),
        "InvalidObjectState" => ARCHIVED,
        "EntityTooLarge" | "MaxMessageLengthExceeded" | "MaxPostPreDataLengthExceededError" => {
            TOO_LARGE
        }
        "PreconditionFailed"
        | "ConditionalRequestConflict"
        | "OperationAborted"
        | "BucketNotEmpty" => CHANGED,
        "SlowDown"
        | "SlowDownRead"
        | "SlowDownWrite"
        | "Throttling"
        | "ThrottlingException"
        | "ProvisionedThroughputExceededException"
        | "RequestLimitExceeded"
        | "ThrottledException"
        | "TooManyRequests"
        | "BandwidthLimitExceeded"
        | "RequestThrottled" => THROTTLED,
        "InternalError" | "ServiceUnavailable" | "InternalFailure" | "ServiceFailure" => FAILING,
        "RequestTimeout" | "RequestTimeoutException" => means(
            Kind::TimedOut,
            "the service waited in vain for the rest of the request",
            say!("try again; when it happens again, the connection is too slow or drops"),
        ),
        "NotImplemented"
        | "XNotImplemented"
        | "MethodNotAllowed"
        | "UnsupportedOperation"
        | "NotSupported"
        | "InvalidAction"
        | "UnknownOperationException" => LACKS,
        "KMS.DisabledException"
        | "KMS.NotFoundException"
        | "KMS.InvalidStateException"
        | "KMS.KMSInvalidStateException" => means(
            Kind::Denied,
            "the key that encrypts it is disabled, being deleted or gone",
            say!("without that key the object cannot be read: ask who runs it to enable it again"),
        ),
        _ if is_not_configured(code) => NOT_CONFIGURED,
        _ if code.starts_with("Invalid")
            || code.starts_with("Validation")
            || code.starts_with("Malformed")
            || code.ends_with("TooLong")
            || code.ends_with("TooSmall") =>
        {
            REFUSED_VALUE
        }
        _ => return None,
    };
    Some(found)
}

/// Whether the code says that a sub-resource is not configured. Each has its own name, after one of three patterns.
fn is_not_configured(code: &str) -> bool {
    (code.starts_with("NoSuch") && code.ends_with("Configuration"))
        || code.ends_with("ConfigurationNotFoundError")
        || matches!(
            code,
            "NoSuchBucketPolicy"
                | "NoSuchAccessPointPolicy"
                | "NoSuchTagSet"
                | "NoSuchTagSetError"
                | "OwnershipControlsNotFoundError"
                | "MetadataConfigurationNotFound"
                | "NoSuchResourcePolicy"
        )
}

/// The various reasons for `AccessDenied`, distinguished by the service's message.
fn denied(said: &str) -> Meaning {
    let lower = said.to_ascii_lowercase();
    if lower.contains("expired") {
        DENIED_EXPIRED
    } else if lower.contains("kms:") || lower.contains("kms key") || lower.contains("ciphertext") {
        DENIED_KMS
    } else if lower.contains("blockpublic") || lower.contains("public access block") {
        DENIED_BLOCK
    } else {
        DENIED
    }
}

/// The meaning of a status without a code: HEAD responses have no body.
pub(crate) fn of_status(status: u16, operation: &Operation, headers: &Headers) -> Meaning {
    let on_object = operation.name == "HeadObject";
    let is_marker = headers.get("x-amz-delete-marker") == Some("true");
    match status {
        301 | 307 | 308 => ELSEWHERE,
        400 => HEAD_REFUSED,
        401 => UNKNOWN_KEY,
        403 if on_object => means(
            Kind::Denied,
            "access was denied, or there is no such key: without s3:ListBucket the service does not tell which",
            say!(
                "ask for {permission} (s3:GetObjectVersion for a version), and for s3:ListBucket to learn whether it \
             exists"
            ),
        ),
        403 => DENIED,
        404 | 405 if is_marker => means(
            Kind::NotFound,
            "this version is a delete marker: it has no headers of its own",
            say!("look at the versions before it"),
        ),
        404 if on_object => means(
            Kind::NotFound,
            "there is no such key, or its current version is a delete marker",
            say!("list it again: it may have been deleted meanwhile"),
        ),
        404 => means(
            Kind::NotFound,
            "there is no such bucket",
            say!("check its name, and that the profile and endpoint are those of its account"),
        ),
        405 | 501 => LACKS,
        408 => means(
            Kind::TimedOut,
            "the service waited in vain for the rest of the request",
            say!("try again"),
        ),
        409 | 412 => CHANGED,
        413 => TOO_LARGE,
        429 | 503 => THROTTLED,
        500.. => FAILING,
        _ => means(
            Kind::Other,
            "",
            say!("when it happens again, report it with the request id"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(code: &str) -> Option<Kind> {
        meaning(code, "").map(|meaning| meaning.kind)
    }

    #[test]
    fn every_sub_resource_that_is_missing_means_not_configured() {
        for code in [
            "NoSuchLifecycleConfiguration",
            "NoSuchCORSConfiguration",
            "NoSuchWebsiteConfiguration",
            "NoSuchPublicAccessBlockConfiguration",
            "NoSuchBucketPolicy",
            "NoSuchTagSet",
            "NoSuchConfiguration",
            "ServerSideEncryptionConfigurationNotFoundError",
            "ReplicationConfigurationNotFoundError",
            "ObjectLockConfigurationNotFoundError",
            "OwnershipControlsNotFoundError",
        ] {
            assert_eq!(kind(code), Some(Kind::NotConfigured), "{code}");
        }
        for code in ["NoSuchKey", "NoSuchBucket", "NoSuchUpload", "NoSuchVersion"] {
            assert_eq!(kind(code), Some(Kind::NotFound), "{code}");
        }
    }

    #[test]
    fn one_code_for_denied_has_several_reasons() {
        assert_eq!(denied(""), DENIED);
        assert_eq!(denied("Request has expired"), DENIED_EXPIRED);
        assert_eq!(denied("not authorized to perform: kms:Decrypt"), DENIED_KMS);
        assert_eq!(
            denied("public policies are blocked by the BlockPublicPolicy setting"),
            DENIED_BLOCK
        );
    }

    #[test]
    fn an_unknown_code_is_not_given_a_meaning() {
        assert_eq!(kind("SomethingNew"), None);
    }
}
