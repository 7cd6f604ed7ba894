//! tls-not-required.

use super::case::Case;
use super::finding::{Finding, Severity};
use super::policy::requires_tls;

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    let Ok(policy) = case.configuration.policy.known() else {
        return;
    };
    let bucket = case.bucket().as_str();
    if policy.is_some_and(|policy| requires_tls(policy, bucket)) {
        return;
    }
    let evidence = match policy {
        None => "there is no bucket policy".to_owned(),
        Some(_) => format!(
            "no statement denies Principal \"*\" the Action \"s3:*\" on arn:aws:s3:::{bucket} and arn:aws:s3:::{bucket}/* when aws:SecureTransport is false"
        ),
    };
    found.push(
        case.finding(
            "tls-not-required",
            Severity::Medium,
            "Requests without TLS are not refused.",
        )
        .evidence([evidence])
        .why("Media and signed URLs can then cross the network in clear text.")
        .fix(format!(
            "add to the policy: {{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":[\"arn:aws:s3:::{bucket}\",\"arn:aws:s3:::{bucket}/*\"],\"Condition\":{{\"Bool\":{{\"aws:SecureTransport\":\"false\"}}}}}}"
        ))
        .references(&["FSBP S3.5", "CIS 2.1.1"]),
    );
}
