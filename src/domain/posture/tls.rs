//! tls-not-required and tls-version-low.

use super::advice;
use super::case::Case;
use super::finding::{Finding, Severity};
use crate::domain::advice::advice;
use crate::domain::policy::Truth;

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    let Ok(policy) = case.configuration.policy.known() else {
        return;
    };
    let bucket = case.bucket().as_str();
    let Some(policy) = policy else {
        found.push(not_required(case, "there is no bucket policy".to_owned()));
        return;
    };
    let tls = policy.tls(case.setting());
    match tls.refuses_plain_http {
        Truth::No => found.push(not_required(
            case,
            format!(
                "some request without TLS gets past every Deny: none denies Principal \"*\" the Action \"s3:*\" on arn:aws:s3:::{bucket} and arn:aws:s3:::{bucket}/* whenever aws:SecureTransport is false"
            ),
        )),
        Truth::Unknown => found.push(
            case.finding(
                "unknown-permission",
                Severity::Info,
                "Whether the policy refuses requests without TLS is not known.",
            )
            .evidence(
                policy
                    .doubts()
                    .into_iter()
                    .map(|doubt| format!("not known here: {doubt}")),
            )
            .why("What depends on it is neither right nor wrong: it is not known.")
            .advise(advice!("write the Deny with the condition Bool aws:SecureTransport false alone")),
        ),
        Truth::Yes if tls.refuses_old_versions.is_no() => found.push(
            case.finding(
                "tls-version-low",
                case.if_wanted(Severity::Low),
                "Requests over TLS 1.0 and 1.1 are not refused by the policy.",
            )
            .evidence(["no Deny applies to every request with an s3:TlsVersion below 1.2".to_owned()])
            .why("Old versions of TLS can be broken; an endpoint that still speaks them lets clients use them.")
            .advise(advice::add_statements(case, vec![old_versions(bucket)], "denies requests over TLS 1.0 and 1.1")),
        ),
        Truth::Yes => {}
    }
}

fn not_required(case: &Case<'_>, evidence: String) -> Finding {
    let bucket = case.bucket().as_str();
    case.finding(
        "tls-not-required",
        Severity::Medium,
        "Requests without TLS are not refused.",
    )
    .evidence([evidence])
    .why("Media and signed URLs can then cross the network in clear text.")
    // A policy that refuses requests without TLS is asked next about old versions of it.
    .advise(advice::add_statements(
        case,
        vec![plain_http(bucket), old_versions(bucket)],
        "deny requests without TLS and over TLS 1.0 and 1.1",
    ))
}

fn plain_http(bucket: &str) -> String {
    denial(bucket, "\"Bool\":{\"aws:SecureTransport\":\"false\"}")
}

fn old_versions(bucket: &str) -> String {
    denial(bucket, "\"NumericLessThan\":{\"s3:TlsVersion\":\"1.2\"}")
}

fn denial(bucket: &str, condition: &str) -> String {
    format!(
        "{{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":[\"arn:aws:s3:::{bucket}\",\"arn:aws:s3:::{bucket}/*\"],\"Condition\":{{{condition}}}}}"
    )
}
