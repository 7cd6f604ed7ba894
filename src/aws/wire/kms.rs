//! KMS requests that explaining access needs: the policy of a key.

use serde_json::{Value, json};

use super::signed::{Question, Service, send};
use crate::aws::explain::Call;
use crate::aws::raw::RawAnswer;
use crate::aws::scrub::scrub;
use crate::aws::{Aws, Meter, Problem, ProblemKind, codes, operations};
use crate::domain::advice::{Advice, advice};

/// The API name in a request's target, which is older than the name KMS.
const TARGET: &str = "TrentService";

/// Requests the policy of a key by its ARN. KMS requires the Region of the key, and does not accept an alias.
///
/// # Errors
/// A [`Problem`].
pub(crate) async fn key_policy(aws: &Aws, arn: &str, meter: &Meter) -> Result<String, Problem> {
    let operation = &operations::GET_KEY_POLICY;
    let call = Call::new(operation, arn);
    let region = arn.split(':').nth(3).unwrap_or_default();
    let china = if region.starts_with("cn-") { ".cn" } else { "" };
    let address = format!("https://kms.{region}.amazonaws.com{china}");
    let service = Service {
        scope: "kms",
        id: "KMS",
        address: &address,
        region,
        code,
    };
    let body = json!({ "KeyId": arn, "PolicyName": "default" }).to_string();
    let headers = [
        ("content-type", "application/x-amz-json-1.1".to_owned()),
        ("x-amz-target", format!("{TARGET}.{}", operation.name)),
    ];
    let question = Question {
        method: "POST",
        path: "/",
        headers: &headers,
        body: &body,
    };
    let answer = send(aws, &call, &service, &question, meter).await?;
    read(aws, &call, &answer)
}

/// The policy in the response, or its error.
fn read(aws: &Aws, call: &Call<'_>, answer: &RawAnswer) -> Result<String, Problem> {
    let document: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = |name: &str| Some(document.get(name)?.as_str()?.to_owned());
    if answer.is_success()
        && !answer.is_cut
        && let Some(policy) = text("Policy")
    {
        return Ok(policy);
    }
    let Some(code) = code(answer).filter(|_| !answer.is_success()) else {
        if !aws.is_of_aws() {
            return Err(call.failed(
                ProblemKind::NotSupported,
                "this endpoint does not have KMS",
                Advice::default(),
            ));
        }
        return Err(call.failed(
            ProblemKind::Malformed,
            &format!("KMS answered {} and no policy", answer.status),
            advice!("try again"),
        ));
    };
    let said = scrub(
        &text("message")
            .or_else(|| text("Message"))
            .unwrap_or_default(),
    );
    let kind = match (code.as_str(), codes::meaning(&code, &said)) {
        ("NotFoundException", _) => ProblemKind::NotFound,
        ("AccessDeniedException", _) => ProblemKind::Denied,
        (_, Some(meaning)) => meaning.kind,
        _ => ProblemKind::Other,
    };
    let advice = match kind {
        ProblemKind::Denied => advice!("ask for {} on the key", call.operation.permission),
        ProblemKind::NotFound => advice!("check the key"),
        _ => advice!("try again"),
    };
    let message = if said.is_empty() { code.clone() } else { said };
    let mut problem = call.failed(kind, &message, advice);
    problem.code = Some(code);
    problem.permission = (kind == ProblemKind::Denied).then_some(call.operation.permission);
    Err(problem)
}

/// The code of an error: `com.amazonaws.kms#NotFoundException`, or only the part after the `#`.
fn code(answer: &RawAnswer) -> Option<String> {
    let document: Value = serde_json::from_slice(&answer.body).ok()?;
    let whole = document.get("__type")?.as_str()?;
    let code = whole.rsplit('#').next()?;
    let is_code = !code.is_empty() && code.bytes().all(|b| b.is_ascii_alphanumeric());
    is_code.then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_code_is_read_with_and_without_its_namespace() {
        for (body, expected) in [
            (
                r#"{"__type":"com.amazonaws.kms#NotFoundException"}"#,
                Some("NotFoundException"),
            ),
            (
                r#"{"__type":"AccessDeniedException","Message":"no"}"#,
                Some("AccessDeniedException"),
            ),
            ("<Error><Code>AccessDenied</Code></Error>", None),
            (r#"{"__type":"<script>"}"#, None),
            ("", None),
        ] {
            let answer = RawAnswer {
                status: 400,
                headers: Vec::new(),
                body: body.into(),
                is_cut: false,
                until_head: Duration::ZERO,
                until_end: Duration::ZERO,
            };
            assert_eq!(code(&answer).as_deref(), expected, "{body}");
        }
    }
}
