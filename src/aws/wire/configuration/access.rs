//! Access to a bucket: public access block, policy, ACL, ownership, CORS, website.

use aws_sdk_s3::types;

use super::document::{Answer, Document};
use crate::aws::explain::Call;
use crate::aws::shape::root_element;
use crate::aws::{Aws, Meter, Problem, ProblemKind, operations};
use crate::domain::BucketName;
use crate::domain::advice::advice;
use crate::domain::configuration::{
    AccessControl, Cors, CorsRule, Grant, Grantee, Ownership, Permission, Policy, PolicyStatus,
    PublicAccess, Website,
};

/// Requests a bucket's own public access block (the account's block applies in addition). On a server other than AWS
/// that does not support the operation, the result is "no block", not "unknown".
pub(crate) async fn public_access(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
) -> Result<Answer<PublicAccess>, Problem> {
    let call = Call::on(&operations::GET_PUBLIC_ACCESS_BLOCK, bucket, "");
    let document = Document::default();
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.get_public_access_block()
                .bucket(bucket.as_str())
                .customize()
                .interceptor(meter.counting())
                .interceptor(document.keeping())
                .send()
        })
        .await;
    match answer {
        Ok(answer) => {
            let block = answer.public_access_block_configuration();
            Ok(document.answers(block.map(public_access_of)))
        }
        Err(problem) if !aws.is_of_aws() => elsewhere(problem, document.text()),
        Err(problem) => Err(problem),
    }
}

/// Interprets the response of a server other than AWS.
fn elsewhere(problem: Problem, document: Option<String>) -> Result<Answer<PublicAccess>, Problem> {
    let nothing = Answer {
        value: None,
        raw: None,
    };
    match (problem.kind, document) {
        (ProblemKind::NotSupported, _) => Ok(nothing),
        (ProblemKind::Malformed, Some(document)) => {
            match root_element(document.as_bytes()).as_deref() {
                // Ceph 16 supports the operation, with another document name.
                Some("BlockPublicAccessBlockConfiguration") => Ok(Answer {
                    value: Some(switches(&document)),
                    raw: Some(document),
                }),
                _ => Err(problem),
            }
        }
        _ => Err(problem),
    }
}

/// The settings in a document that the SDK does not accept.
fn switches(document: &str) -> PublicAccess {
    let is_on = |name: &str| {
        let value = document.split_once(&format!("<{name}>"));
        let value = value.and_then(|(_, rest)| rest.split_once('<'));
        value.is_some_and(|(value, _)| value.trim().eq_ignore_ascii_case("true"))
    };
    PublicAccess {
        block_public_acls: is_on("BlockPublicAcls"),
        ignore_public_acls: is_on("IgnorePublicAcls"),
        block_public_policy: is_on("BlockPublicPolicy"),
        restrict_public_buckets: is_on("RestrictPublicBuckets"),
    }
}

/// A block of a bucket or an account. A missing setting is off.
pub(in crate::aws) fn public_access_of(
    block: &types::PublicAccessBlockConfiguration,
) -> PublicAccess {
    PublicAccess {
        block_public_acls: block.block_public_acls().unwrap_or(false),
        ignore_public_acls: block.ignore_public_acls().unwrap_or(false),
        block_public_policy: block.block_public_policy().unwrap_or(false),
        restrict_public_buckets: block.restrict_public_buckets().unwrap_or(false),
    }
}

/// Requests the bucket policy. It is JSON, so its shape is checked here instead of by its root element.
pub(crate) async fn policy(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
) -> Result<Answer<Policy>, Problem> {
    let call = Call::on(&operations::GET_BUCKET_POLICY, bucket, "");
    let document = Document::default();
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.get_bucket_policy()
                .bucket(bucket.as_str())
                .customize()
                .interceptor(meter.counting())
                .interceptor(document.keeping())
                .send()
        })
        .await?;
    let text = answer.policy().unwrap_or_default();
    let policy = Policy::parse(text).map_err(|why| {
        call.failed(
            ProblemKind::Malformed,
            &format!("the policy cannot be read: {why}"),
            advice!("what it allows stays unknown; look at the document itself with aws s3api get-bucket-policy"),
        )
    })?;
    Ok(document.answers(Some(policy)))
}

/// Requests whether S3 reports the policy as public.
pub(crate) async fn policy_status(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
) -> Result<Answer<PolicyStatus>, Problem> {
    let call = Call::on(&operations::GET_BUCKET_POLICY_STATUS, bucket, "");
    let document = Document::default();
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.get_bucket_policy_status()
                .bucket(bucket.as_str())
                .customize()
                .interceptor(meter.counting())
                .interceptor(document.keeping())
                .send()
        })
        .await?;
    let status = answer
        .policy_status()
        .and_then(types::PolicyStatus::is_public);
    let is_public = status.ok_or_else(|| {
        call.failed(
            ProblemKind::Malformed,
            "the answer does not say whether the policy is public",
            advice!("it stays unknown; judge by the policy itself"),
        )
    })?;
    Ok(document.answers(Some(PolicyStatus { is_public })))
}

pub(crate) async fn acl(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
) -> Result<Answer<AccessControl>, Problem> {
    let call = Call::on(&operations::GET_BUCKET_ACL, bucket, "");
    let document = Document::default();
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.get_bucket_acl()
                .bucket(bucket.as_str())
                .customize()
                .interceptor(meter.counting())
                .interceptor(document.keeping())
                .send()
        })
        .await?;
    Ok(document.answers(Some(access_control(answer.owner(), answer.grants()))))
}

/// Parses the ACL of a bucket or object.
pub(in crate::aws::wire) fn access_control(
    owner: Option<&types::Owner>,
    grants: &[types::Grant],
) -> AccessControl {
    AccessControl {
        owner: owner.and_then(types::Owner::id).map(str::to_owned),
        grants: grants.iter().map(grant).collect(),
    }
}

fn grant(grant: &types::Grant) -> Grant {
    use types::Permission as Sdk;
    let to = grant.grantee().map_or_else(
        || Grantee::Other("nobody named".to_owned()),
        |to| match (to.uri(), to.id(), to.email_address()) {
            (Some(uri), ..) => group(uri),
            (None, Some(id), _) => Grantee::Account(id.to_owned()),
            (None, None, Some(mail)) => Grantee::Other(mail.to_owned()),
            (None, None, None) => Grantee::Other("nobody named".to_owned()),
        },
    );
    let permission = match grant.permission() {
        Some(Sdk::FullControl) => Permission::FullControl,
        Some(Sdk::Read) => Permission::Read,
        Some(Sdk::Write) => Permission::Write,
        Some(Sdk::ReadAcp) => Permission::ReadAcp,
        Some(Sdk::WriteAcp) => Permission::WriteAcp,
        other => Permission::Other(other.map_or_else(String::new, |p| p.as_str().to_owned())),
    };
    Grant { to, permission }
}

/// Groups have fixed URIs. Compatible servers use another host, so the end decides.
fn group(uri: &str) -> Grantee {
    match uri.rsplit('/').next() {
        Some("AllUsers") => Grantee::AllUsers,
        Some("AuthenticatedUsers") => Grantee::AuthenticatedUsers,
        Some("LogDelivery") => Grantee::LogDelivery,
        _ => Grantee::Other(uri.to_owned()),
    }
}

/// Requests the Object Ownership setting.
pub(crate) async fn ownership(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
) -> Result<Answer<Ownership>, Problem> {
    use types::ObjectOwnership as Sdk;
    let call = Call::on(&operations::GET_BUCKET_OWNERSHIP_CONTROLS, bucket, "");
    let document = Document::default();
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.get_bucket_ownership_controls()
                .bucket(bucket.as_str())
                .customize()
                .interceptor(meter.counting())
                .interceptor(document.keeping())
                .send()
        })
        .await?;
    let rule = answer.ownership_controls().and_then(|c| c.rules().first());
    Ok(
        document.answers(rule.map(|rule| match rule.object_ownership() {
            Sdk::BucketOwnerEnforced => Ownership::BucketOwnerEnforced,
            Sdk::BucketOwnerPreferred => Ownership::BucketOwnerPreferred,
            Sdk::ObjectWriter => Ownership::ObjectWriter,
            other => Ownership::Other(other.as_str().to_owned()),
        })),
    )
}

/// Requests the CORS rules.
pub(crate) async fn cors(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
) -> Result<Answer<Cors>, Problem> {
    let call = Call::on(&operations::GET_BUCKET_CORS, bucket, "");
    let document = Document::default();
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.get_bucket_cors()
                .bucket(bucket.as_str())
                .customize()
                .interceptor(meter.counting())
                .interceptor(document.keeping())
                .send()
        })
        .await?;
    let rules: Vec<CorsRule> = answer.cors_rules().iter().map(cors_rule).collect();
    Ok(document.answers((!rules.is_empty()).then_some(Cors { rules })))
}

fn cors_rule(rule: &types::CorsRule) -> CorsRule {
    CorsRule {
        origins: rule.allowed_origins().to_vec(),
        methods: rule.allowed_methods().to_vec(),
        headers: rule.allowed_headers().to_vec(),
        expose: rule.expose_headers().to_vec(),
        max_age_seconds: rule.max_age_seconds().and_then(|n| u32::try_from(n).ok()),
    }
}

/// Requests the website configuration.
pub(crate) async fn website(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
) -> Result<Answer<Website>, Problem> {
    let call = Call::on(&operations::GET_BUCKET_WEBSITE, bucket, "");
    let document = Document::default();
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.get_bucket_website()
                .bucket(bucket.as_str())
                .customize()
                .interceptor(meter.counting())
                .interceptor(document.keeping())
                .send()
        })
        .await?;
    Ok(document.answers(Some(Website {
        index: answer.index_document().map(|d| d.suffix().to_owned()),
        error: answer.error_document().map(|d| d.key().to_owned()),
        redirect_all_to: answer
            .redirect_all_requests_to()
            .map(|to| to.host_name().to_owned()),
        routing_rules: answer.routing_rules().len(),
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(kind: ProblemKind) -> Problem {
        Problem::new(
            "read the public access block",
            "s3://b",
            kind,
            "no",
            advice!(""),
        )
    }

    #[test]
    fn a_server_without_the_operation_blocks_nothing_and_one_that_cannot_be_read_is_unknown() {
        let answer = elsewhere(problem(ProblemKind::NotSupported), None);
        assert_eq!(answer.unwrap().value, None);
        let listing = "<?xml version=\"1.0\"?><ListBucketResult/>";
        for (kind, document) in [
            (ProblemKind::Malformed, Some("<html/>")),
            (ProblemKind::Malformed, Some(listing)),
            (ProblemKind::Malformed, None),
            (ProblemKind::Denied, None),
            (ProblemKind::Unavailable, None),
        ] {
            let answer = elsewhere(problem(kind), document.map(str::to_owned));
            assert_eq!(answer.unwrap_err().kind, kind);
        }
    }

    #[test]
    fn the_block_of_ceph_16_is_read_under_its_own_name() {
        let document = "<BlockPublicAccessBlockConfiguration><BlockPublicAcls>FALSE</BlockPublicAcls>\
            <IgnorePublicAcls>TRUE</IgnorePublicAcls><RestrictPublicBuckets>true</RestrictPublicBuckets>\
            </BlockPublicAccessBlockConfiguration>";
        let answer = elsewhere(problem(ProblemKind::Malformed), Some(document.to_owned()));
        let block = answer.unwrap().value.unwrap();
        assert!(block.ignore_public_acls && block.restrict_public_buckets);
        assert!(!block.block_public_acls && !block.block_public_policy);
    }
}
