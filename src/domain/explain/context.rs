//! The condition keys of the request in question.

use chrono::SecondsFormat;

use super::{Asker, Facts, Question};
use crate::domain::policy::{Context, Policy, account_of};

/// A plain request over TLS, made now. Its address, referer, user agent, tags, organization and MFA are unknown unless
/// they were given.
pub(super) fn of(question: &Question, facts: &Facts<'_>, policies: &[&Policy]) -> Context {
    let named: Vec<&str> = policies
        .iter()
        .flat_map(|policy| policy.condition_keys())
        .collect();
    let mut context = Context::plain(named.iter().copied())
        .with("aws:SecureTransport", "true")
        .with("s3:TlsVersion", "1.3")
        .with("aws:EpochTime", facts.now.timestamp().to_string())
        .with(
            "aws:CurrentTime",
            facts.now.to_rfc3339_opts(SecondsFormat::Secs, true),
        );
    // The caller can set these to any value.
    for key in ["aws:Referer", "aws:UserAgent"] {
        context = context.with_unknown(key);
    }
    let account = facts.account.value();
    if let Some(account) = account.filter(|account| account_of(account).is_some()) {
        context = context
            .with("aws:ResourceAccount", account)
            .with("s3:ResourceAccount", account);
    }
    if let Some(region) = facts.configuration.region.value() {
        context = context.with("aws:RequestedRegion", region.as_str());
    }
    if question.action.lists() {
        let prefix = question.key.clone().filter(|prefix| !prefix.is_empty());
        context.set("s3:prefix", prefix.map(|prefix| vec![prefix]));
    }
    context = with_tags(context, facts, &named);
    context = with_caller(context, &question.asker, &named);
    for (key, value) in facts.given {
        context.set(key, Some(vec![value.clone()]));
    }
    context
}

fn with_tags(mut context: Context, facts: &Facts<'_>, named: &[&str]) -> Context {
    const FAMILY: &str = "s3:existingobjecttag/";
    for key in named {
        let lower = key.to_ascii_lowercase();
        let (Some(_), Some(tag)) = (lower.strip_prefix(FAMILY), key.get(FAMILY.len()..)) else {
            continue;
        };
        match facts.object.tags.known() {
            Ok(tags) => {
                let tags = tags.into_iter().flatten();
                let mut values = tags.filter(|(name, _)| name == tag);
                context.set(key, values.next().map(|(_, value)| vec![value.clone()]));
            }
            Err(_) => context = context.with_unknown(key),
        }
    }
    context
}

fn with_caller(mut context: Context, asker: &Asker, named: &[&str]) -> Context {
    // Keys that only a signed request has.
    const OF_SIGNED: [&str; 18] = [
        "aws:EC2InstanceSourcePrivateIPv4",
        "aws:EC2InstanceSourceVPC",
        "aws:FederatedProvider",
        "aws:MultiFactorAuthAge",
        "aws:MultiFactorAuthPresent",
        "aws:PrincipalAccount",
        "aws:PrincipalArn",
        "aws:PrincipalIsAWSService",
        "aws:PrincipalOrgID",
        "aws:PrincipalOrgPaths",
        "aws:PrincipalServiceName",
        "aws:PrincipalServiceNamesList",
        "aws:SourceIdentity",
        "aws:TokenIssueTime",
        "aws:username",
        "s3:authType",
        "s3:signatureAge",
        "s3:signatureversion",
    ];
    let tags = named.iter().filter(|key| {
        let key = key.to_ascii_lowercase();
        key.starts_with("aws:principaltag/")
    });
    if matches!(asker, Asker::Anonymous) {
        for key in OF_SIGNED.iter().chain(tags) {
            context.set(key, None);
        }
        return context
            .with("aws:PrincipalType", "Anonymous")
            .with("aws:userid", "anonymous");
    }
    context = context
        .with("aws:PrincipalAccount", asker.account().unwrap_or_default())
        .with("aws:PrincipalIsAWSService", "false")
        .with("s3:signatureversion", "AWS4-HMAC-SHA256")
        .without("aws:PrincipalServiceName")
        .without("aws:PrincipalServiceNamesList");
    match asker {
        Asker::Anonymous | Asker::Account(_) => context,
        Asker::Root { arn, account } => context
            .with("aws:PrincipalType", "Account")
            .with("aws:PrincipalArn", arn)
            .with("aws:userid", account)
            .without("aws:username"),
        Asker::User { arn, .. } => {
            let name = arn.rsplit('/').next().unwrap_or_default();
            context
                .with("aws:PrincipalType", "User")
                .with("aws:PrincipalArn", arn)
                .with("aws:username", name)
        }
        Asker::Role { arn, .. } => context
            .with("aws:PrincipalType", "AssumedRole")
            .with("aws:PrincipalArn", arn)
            .without("aws:username"),
    }
}
