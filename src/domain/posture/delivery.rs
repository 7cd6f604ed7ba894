//! Whether a bucket's policy lets the logging service deliver: the policy is evaluated for the request that the service makes.
//!
//! After *Permissions for log delivery* in the user guide: the service puts an object below the prefix, over TLS, for a source
//! bucket of an account. What the request would have for another condition key is not known, and so neither is the outcome.

use crate::domain::policy::{Caller, Context, Policy, Request, Statement, Truth};

/// The service that delivers access logs.
pub(super) const SERVICE: &str = "logging.s3.amazonaws.com";

/// Keys that the request does not have: the service calls for itself, so there is no user behind it and no network of a
/// customer, and it encrypts with SSE-S3 alone.
const ABSENT: [&str; 11] = [
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:SourceIp",
    "aws:VpcSourceIp",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:MultiFactorAuthPresent",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:x-amz-server-side-encryption-customer-algorithm",
];

/// A delivery.
#[derive(Debug, Clone, Copy)]
pub(super) struct Delivery<'a> {
    /// The bucket that is logged.
    pub source: &'a str,
    /// Its account, where it is known.
    pub account: Option<&'a str>,
    /// The bucket that the log goes to.
    pub target: &'a str,
    /// What the log's keys begin with.
    pub prefix: &'a str,
}

/// What a policy says of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It lets it happen.
    Allowed,
    /// A statement denies it: the statement's name.
    Denied(String),
    /// No statement allows it. With what stands in the way of those that are about it.
    NotAllowed(Vec<String>),
    /// It depends on what is not known.
    Unknown,
}

/// Evaluates a policy for a delivery.
pub(super) fn judge(policy: &Policy, delivery: Delivery<'_>) -> Verdict {
    // A pattern may go on with what a log's key begins with: a year.
    let resource = format!(
        "arn:aws:s3:::{}/{}2026-01-01-00-00-00-0123456789ABCDEF",
        delivery.target, delivery.prefix
    );
    let caller = Caller::Service(SERVICE.to_owned());
    // Logs are encrypted with SSE-S3. Whether a header asks for it or S3 does it by default is not documented.
    let ways = [
        context(delivery).without("s3:x-amz-server-side-encryption"),
        context(delivery).with("s3:x-amz-server-side-encryption", "AES256"),
    ];
    let requests = ways.each_ref().map(|context| Request {
        caller: &caller,
        action: "s3:PutObject",
        resource: &resource,
        context,
    });
    let both = |ask: &dyn Fn(&Request<'_>) -> Truth| {
        let [one, other] = requests.each_ref().map(ask);
        if one == other { one } else { Truth::Unknown }
    };
    let of = |allow: bool| policy.statements.iter().filter(move |s| s.allow == allow);
    let applies = |statement: &Statement| both(&|request| policy.applies(statement, request));
    if let Some(statement) = of(false).find(|statement| applies(statement).is_yes()) {
        return Verdict::Denied(policy.name_of(statement));
    }
    if both(&|request| policy.evaluate(request).denied).is_yes() {
        return Verdict::Denied("one or another statement".to_owned());
    }
    let allowed = both(&|request| policy.evaluate(request).allowed);
    if allowed.is_no() {
        let near = of(true).filter(|statement| {
            let mut bare = (*statement).clone();
            bare.conditions.clear();
            applies(&bare).is_yes()
        });
        return Verdict::NotAllowed(near.map(|statement| unmet(policy, statement)).collect());
    }
    match both(&|request| policy.evaluate(request).lets_through()) {
        Truth::Yes => Verdict::Allowed,
        Truth::No | Truth::Unknown => Verdict::Unknown,
    }
}

fn unmet(policy: &Policy, statement: &Statement) -> String {
    let conditions = statement.conditions.iter();
    let words: Vec<String> = conditions
        .map(|c| format!("{} {} {}", c.operator, c.key, c.values.join(", ")))
        .collect();
    format!(
        "{} allows it under conditions that do not hold: {}",
        policy.name_of(statement),
        words.join("; ")
    )
}

fn context(delivery: Delivery<'_>) -> Context {
    let context = Context::open()
        .with("aws:SecureTransport", "true")
        .with("aws:PrincipalIsAWSService", "true")
        .with("aws:PrincipalServiceName", SERVICE)
        .with("aws:SourceArn", format!("arn:aws:s3:::{}", delivery.source));
    let context = match delivery.account {
        Some(account) => context.with("aws:SourceAccount", account),
        None => context,
    };
    ABSENT
        .iter()
        .fold(context, |context, key| context.without(key))
}
