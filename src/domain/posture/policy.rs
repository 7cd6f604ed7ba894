//! What a bucket policy lets strangers do: the few questions that findings ask, not a whole evaluation.
//!
//! What AWS calls public is in *The meaning of "public"* of the S3 user guide: everybody is allowed, and no condition with a
//! fixed value says from where or for whom.

use crate::domain::configuration::{Condition, Matching, Policy, Principal, Principals, Statement};

/// Condition keys whose fixed values make a statement for everybody one for somebody.
const FIXING: [&str; 12] = [
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:principalorgid",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:userid",
    "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount",
];

/// Matches a pattern in which `*` stands for any text and `?` for one character; ASCII case counts as the caller decides.
#[must_use]
pub fn wild(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || text.get(t) == Some(c) => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((at, from)) = star else {
                    return false;
                };
                star = Some((at, from + 1));
                p = at + 1;
                t = from + 1;
            }
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

/// Whether a statement is about an action, whose case does not count.
#[must_use]
pub fn about_action(statement: &Statement, action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    let any = |patterns: &[String]| {
        patterns
            .iter()
            .any(|p| wild(&p.to_ascii_lowercase(), &action))
    };
    match &statement.actions {
        Matching::Only(patterns) => any(patterns),
        Matching::Except(patterns) => !any(patterns),
    }
}

/// The actions that let one read objects, and those that let one write or delete them.
pub const READING: [&str; 2] = ["s3:GetObject", "s3:GetObjectVersion"];
/// See [`READING`].
pub const WRITING: [&str; 4] = [
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutObjectAcl",
];

/// Whether a statement is about any object of a bucket.
fn about_objects(statement: &Statement, bucket: &str) -> bool {
    let begin = format!("arn:aws:s3:::{bucket}/");
    match &statement.resources {
        // The pattern may name a folder: it is about some object when it can begin like the bucket's.
        Matching::Only(patterns) => patterns.iter().any(|p| {
            let arn = neutral(p);
            arn.starts_with(&begin) || wild(&arn, &format!("{begin}x"))
        }),
        Matching::Except(patterns) => !patterns.iter().any(|p| covers_objects(&neutral(p), bucket)),
    }
}

/// `arn:aws-cn:…` as `arn:aws:…`: a partition has its own.
fn neutral(arn: &str) -> String {
    match arn.strip_prefix("arn:aws-") {
        Some(rest) => format!(
            "arn:aws:{}",
            rest.split_once(':').map_or(rest, |(_, rest)| rest)
        ),
        None => arn.to_owned(),
    }
}

/// Whether a pattern is about every object of a bucket.
fn covers_objects(pattern: &str, bucket: &str) -> bool {
    // Two keys that have nothing in common, the second with what only a star takes.
    let begin = format!("arn:aws:s3:::{bucket}/");
    wild(pattern, &format!("{begin}a")) && wild(pattern, &format!("{begin}\u{10ffff}/ \u{1}z"))
}

fn covers_bucket(pattern: &str, bucket: &str) -> bool {
    wild(pattern, &format!("arn:aws:s3:::{bucket}"))
}

/// Whether a statement names everybody.
#[must_use]
pub fn names_everybody(statement: &Statement) -> bool {
    match &statement.principals {
        Principals::Only(who) => who.contains(&Principal::Anyone),
        // Whoever is not named is allowed, which is everybody else.
        Principals::Except(_) => statement.allow,
    }
}

/// Whether a condition says by a fixed value from where or for whom.
fn fixes(condition: &Condition) -> bool {
    let operator = condition
        .operator
        .rsplit(':')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let positive = [
        "stringequals",
        "stringlike",
        "arnequals",
        "arnlike",
        "ipaddress",
    ]
    .iter()
    .any(|begin| operator == *begin || operator == format!("{begin}ignorecase"));
    positive
        && FIXING.contains(&condition.key.to_ascii_lowercase().as_str())
        && condition
            .values
            .iter()
            .all(|value| !matches!(value.as_str(), "*" | "0.0.0.0/0" | "::/0" | ""))
}

/// Whether a statement is for everybody, everywhere.
fn is_public(statement: &Statement) -> bool {
    statement.allow && names_everybody(statement) && !statement.conditions.iter().any(fixes)
}

/// The statements by which anyone may take one of these actions on some object, where no other denies it to everybody.
#[must_use]
pub fn public_statements<'p>(
    policy: &'p Policy,
    bucket: &str,
    actions: &[&str],
) -> Vec<&'p Statement> {
    let denied = |action: &str| {
        policy.statements.iter().any(|s| {
            !s.allow
                && s.conditions.is_empty()
                && denies_everybody(s)
                && about_action(s, action)
                && resources(s, |p| covers_objects(p, bucket))
        })
    };
    policy
        .statements
        .iter()
        .filter(|s| is_public(s) && about_objects(s, bucket))
        .filter(|s| {
            actions
                .iter()
                .any(|action| about_action(s, action) && !denied(action))
        })
        .collect()
}

/// Whether a denial is for all principals; one with exceptions is not.
fn denies_everybody(statement: &Statement) -> bool {
    matches!(&statement.principals, Principals::Only(who) if who.contains(&Principal::Anyone))
}

fn resources(statement: &Statement, covers: impl Fn(&str) -> bool) -> bool {
    match &statement.resources {
        Matching::Only(patterns) => patterns.iter().any(|p| covers(&neutral(p))),
        Matching::Except(_) => false,
    }
}

/// Whether everybody is denied every S3 action on the bucket and on its objects when the request is not over TLS.
#[must_use]
pub fn requires_tls(policy: &Policy, bucket: &str) -> bool {
    let denials: Vec<&Statement> = policy
        .statements
        .iter()
        .filter(|s| !s.allow && denies_everybody(s) && denies_every_action(s))
        .filter(|s| matches!(s.conditions.as_slice(), [only] if is_not_tls(only)))
        .collect();
    let some = |covers: fn(&str, &str) -> bool| {
        denials
            .iter()
            .any(|s| resources(s, |pattern| covers(pattern, bucket)))
    };
    some(covers_bucket) && some(covers_objects)
}

fn denies_every_action(statement: &Statement) -> bool {
    matches!(&statement.actions, Matching::Only(actions)
        if actions.iter().any(|a| a == "*" || a.eq_ignore_ascii_case("s3:*")))
}

fn is_not_tls(condition: &Condition) -> bool {
    matches!(
        condition.operator.to_ascii_lowercase().as_str(),
        "bool" | "boolifexists"
    ) && condition.key.eq_ignore_ascii_case("aws:SecureTransport")
        && matches!(condition.values.as_slice(), [value] if value.eq_ignore_ascii_case("false"))
}

/// The account in an ARN or an account's number.
#[must_use]
pub fn account_of(principal: &str) -> Option<&str> {
    let is_number = |text: &&str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    match principal.split(':').nth(4) {
        Some(account) => Some(account).filter(is_number),
        None => Some(principal).filter(is_number),
    }
}

/// Whether a statement is limited to what happens on behalf of an account, as the guard against confused deputies is.
#[must_use]
pub fn is_on_behalf_of(statement: &Statement, account: &str) -> bool {
    statement.conditions.iter().any(|condition| {
        let key = condition.key.to_ascii_lowercase();
        let positive = condition.operator.to_ascii_lowercase();
        let positive = positive.starts_with("string") || positive.starts_with("arn");
        positive
            && !condition.operator.to_ascii_lowercase().contains("not")
            && match key.as_str() {
                "aws:sourceaccount" => condition.values.iter().all(|value| value == account),
                "aws:sourcearn" => condition
                    .values
                    .iter()
                    .all(|value| account_of(value) == Some(account)),
                _ => false,
            }
    })
}

/// Whether a policy lets a service write objects below a prefix of a bucket.
#[must_use]
pub fn lets_service_write(policy: &Policy, bucket: &str, service: &str, prefix: &str) -> bool {
    let object = format!("arn:aws:s3:::{bucket}/{prefix}x");
    policy.statements.iter().any(|s| {
        let named = match &s.principals {
            Principals::Only(who) => who.iter().any(|p| match p {
                Principal::Service(name) => name == service,
                Principal::Anyone => true,
                _ => false,
            }),
            Principals::Except(_) => false,
        };
        s.allow
            && named
            && about_action(s, "s3:PutObject")
            && resources(s, |pattern| wild(pattern, &object))
    })
}

/// The statement's id, or its position in words.
#[must_use]
pub fn name_of(policy: &Policy, statement: &Statement) -> String {
    statement.sid.clone().unwrap_or_else(|| {
        let at = policy.statements.iter().position(|s| s == statement);
        format!("statement {}", at.map_or(0, |at| at + 1))
    })
}
