//! The metadata that S3 returns for an object uploaded like the application does it.

use crate::domain::blueprint::PresignRule;
use crate::domain::blueprint::expect::Algorithm;
use crate::ops::Fact;
use crate::ops::smoke::check::{Broken, Failing, Outcome};
use crate::ops::smoke::context::CheckContext;

const SSE: &str = "x-amz-server-side-encryption";
const KEY: &str = "x-amz-server-side-encryption-aws-kms-key-id";
const CLASS: &str = "x-amz-storage-class";

pub(super) async fn run(context: &CheckContext<'_>) -> Outcome {
    let key = context.sample().await?;
    let head = context
        .head(context.bucket(), key)
        .await
        .map_err(|problem| {
            Broken::because(
                format!("the object could not be looked at: {}", problem.message),
                problem.advice.to_string(),
            )
        })?;
    let presign = &context.plan.bucket.presign;
    let rule = if context.by_form() {
        presign.post.as_ref()
    } else {
        presign.put.as_ref()
    };
    let mut seen = vec![format!(
        "type {}",
        head.content_type.as_deref().unwrap_or("none")
    )];
    let mut differences = Vec::new();
    let mut compare = |what: &str, wanted: &str, found: &str| {
        if wanted != found {
            differences.push(format!("{what} is {found}, not {wanted}"));
        }
    };
    compare(
        "the content type",
        &context.content_type(),
        head.content_type.as_deref().unwrap_or("none"),
    );
    compare(
        "the storage class",
        header(rule, CLASS).unwrap_or("STANDARD"),
        head.storage_class.as_str(),
    );
    let signing = context.signing(rule, 0);
    for (name, wanted) in &signing.settings.metadata {
        let found = head.metadata.get(name).map_or("missing", String::as_str);
        compare(&format!("the metadata {name}"), wanted, found);
    }
    let encryption = head.encryption.as_ref();
    let algorithm = encryption.map_or("none", |found| found.algorithm.as_str());
    seen.push(format!("encryption {algorithm}"));
    if let Some(wanted) = algorithm_wanted(context, rule) {
        compare("the encryption", wanted, algorithm);
    }
    let key_id = encryption.and_then(|found| found.key_id.as_deref());
    if let Some(wanted) = key_wanted(context, rule) {
        compare("the KMS key", &wanted, key_id.unwrap_or("none"));
    }
    if differences.is_empty() {
        return Ok(seen.join(", "));
    }
    let cause = if differences.iter().any(|one| one.starts_with("the KMS key")) {
        "an upload that asks for aws:kms and names no key gets the account's aws/s3 key: the application has to send the key's id, too, or no encryption header at all"
    } else {
        "the bucket's defaults, or what the application signs, differ from the blueprint"
    };
    Err(Broken::Fail(Box::new(Failing {
        message: differences.join("; "),
        request: format!("HEAD s3://{}/{}", context.bucket(), key.as_str()),
        answer: seen.join(", "),
        cause: cause.to_owned(),
    })))
}

fn header<'r>(rule: Option<&'r PresignRule>, name: &str) -> Option<&'r str> {
    let headers = rule?.headers.as_ref()?;
    let found = headers
        .iter()
        .find(|(found, _)| found.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

fn algorithm_wanted<'r>(
    context: &'r CheckContext<'_>,
    rule: Option<&'r PresignRule>,
) -> Option<&'r str> {
    let of_bucket = context.plan.bucket.expect.encryption.as_ref();
    header(rule, SSE).or_else(|| {
        of_bucket.map(|wanted| match wanted.algorithm {
            Algorithm::Aes256 => "AES256",
            Algorithm::Kms => "aws:kms",
            Algorithm::KmsDsse => "aws:kms:dsse",
        })
    })
}

/// The key in the request or in the blueprint. A bucket's "own" key is that of its configuration.
fn key_wanted(context: &CheckContext<'_>, rule: Option<&PresignRule>) -> Option<String> {
    if let Some(key) = header(rule, KEY) {
        return Some(key.to_owned());
    }
    let wanted = context
        .plan
        .bucket
        .expect
        .encryption
        .as_ref()?
        .key
        .as_deref()?;
    if wanted != "own" {
        return Some(wanted.to_owned());
    }
    match &context.plan.surroundings.encryption {
        Fact::Set(encryption) => encryption.key_id.clone(),
        Fact::NotSet | Fact::Unknown(_) => None,
    }
}
