//! tls-not-required and tls-version-low.

use super::case::Case;
use super::finding::{Finding, Severity};
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
            .fix("write the Deny with the condition Bool aws:SecureTransport false alone"),
        ),
        Truth::Yes if tls.refuses_old_versions.is_no() => found.push(
            case.finding(
                "tls-version-low",
                case.if_wanted(Severity::Low),
                "Requests over TLS 1.0 and 1.1 are not refused by the policy.",
            )
            .evidence(["no Deny applies to every request with an s3:TlsVersion below 1.2".to_owned()])
            .why("Old versions of TLS can be broken; an endpoint that still speaks them lets clients use them.")
            .fix(format!(
                "add to the policy: {}",
                denial(bucket, "\"NumericLessThan\":{\"s3:TlsVersion\":\"1.2\"}")
            )),
        ),
        Truth::Yes => {}
    }
}

fn not_required(case: &Case<'_>, evidence: String) -> Finding {
    case.finding(
        "tls-not-required",
        Severity::Medium,
        "Requests without TLS are not refused.",
    )
    .evidence([evidence])
    .why("Media and signed URLs can then cross the network in clear text.")
    .fix(format!(
        "add to the policy: {}",
        denial(
            case.bucket().as_str(),
            "\"Bool\":{\"aws:SecureTransport\":\"false\"}"
        )
    ))
}

fn denial(bucket: &str, condition: &str) -> String {
    format!(
        "{{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":[\"arn:aws:s3:::{bucket}\",\"arn:aws:s3:::{bucket}/*\"],\"Condition\":{{{condition}}}}}"
    )
}
