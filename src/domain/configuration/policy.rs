//! The bucket policy, read into statements, and what S3 itself says of it.
//!
//! After the *Grammar of the IAM JSON policy language*: each element may be one value or a list, principals may be `"*"`
//! or a map by kind. What does not fit is an error, never a statement with something missing.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Concern;
use super::words::count;

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// Its statements, in the order of the document.
    pub statements: Vec<Statement>,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// Its id.
    pub sid: Option<String>,
    /// Whether it allows; otherwise it denies.
    pub allow: bool,
    /// Whom it is about.
    pub principals: Principals,
    /// Which actions.
    pub actions: Matching,
    /// On which resources, as ARNs.
    pub resources: Matching,
    /// Under which conditions, all of which have to hold.
    pub conditions: Vec<Condition>,
}

/// Whom a statement is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Principals {
    /// These.
    Only(Vec<Principal>),
    /// Everybody but these (`NotPrincipal`).
    Except(Vec<Principal>),
}

/// Somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Principal {
    /// Anyone: `*`.
    Anyone,
    /// An account, role or user, as an ARN or an account's number.
    Aws(String),
    /// An AWS service: `logging.s3.amazonaws.com`.
    Service(String),
    /// An identity provider.
    Federated(String),
    /// An account by its canonical id.
    Canonical(String),
}

/// Patterns with `*` and `?`, or everything but them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Matching {
    /// What one of these matches.
    Only(Vec<String>),
    /// What none of these matches (`NotAction`, `NotResource`).
    Except(Vec<String>),
}

/// One condition: an operator, a key and values of which one has to match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// `StringEquals`, `Bool`, `ForAnyValue:StringLike`, …
    pub operator: String,
    /// `aws:SecureTransport`, …
    pub key: String,
    /// The values.
    pub values: Vec<String>,
}

impl Policy {
    /// Reads a policy document.
    ///
    /// # Errors
    /// What is wrong with it, as the end of "the policy cannot be read: …".
    pub fn parse(text: &str) -> Result<Self, String> {
        let document: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let statements = document
            .as_object()
            .and_then(|document| document.get("Statement"))
            .ok_or("it has no Statement")?;
        let statements = match statements {
            Value::Array(statements) => statements.iter().map(statement).collect(),
            one => statement(one).map(|one| vec![one]),
        }?;
        Ok(Self { statements })
    }
}

fn statement(value: &Value) -> Result<Statement, String> {
    let fields = value.as_object().ok_or("a Statement is no object")?;
    let sid = fields.get("Sid").and_then(Value::as_str).map(str::to_owned);
    let allow = match fields.get("Effect").and_then(Value::as_str) {
        Some("Allow") => true,
        Some("Deny") => false,
        _ => return Err("a statement's Effect is neither Allow nor Deny".to_owned()),
    };
    Ok(Statement {
        sid,
        allow,
        principals: principals(fields)?,
        actions: matching(fields, "Action", "NotAction")?,
        resources: matching(fields, "Resource", "NotResource")?,
        conditions: conditions(fields.get("Condition"))?,
    })
}

fn principals(fields: &Map<String, Value>) -> Result<Principals, String> {
    match (fields.get("Principal"), fields.get("NotPrincipal")) {
        (Some(only), None) => Ok(Principals::Only(principal_list(only)?)),
        (None, Some(except)) => Ok(Principals::Except(principal_list(except)?)),
        _ => Err("a statement needs one of Principal and NotPrincipal".to_owned()),
    }
}

fn principal_list(value: &Value) -> Result<Vec<Principal>, String> {
    if value.as_str() == Some("*") {
        return Ok(vec![Principal::Anyone]);
    }
    let by_kind = value
        .as_object()
        .ok_or("a Principal is neither \"*\" nor an object")?;
    let mut found = Vec::new();
    for (kind, names) in by_kind {
        for name in strings(names, "a Principal")? {
            found.push(match (kind.as_str(), name.as_str()) {
                ("AWS", "*") => Principal::Anyone,
                ("AWS", _) => Principal::Aws(name),
                ("Service", _) => Principal::Service(name),
                ("Federated", _) => Principal::Federated(name),
                ("CanonicalUser", _) => Principal::Canonical(name),
                (kind, _) => return Err(format!("a Principal is of the unknown kind {kind:?}")),
            });
        }
    }
    Ok(found)
}

fn matching(fields: &Map<String, Value>, only: &str, except: &str) -> Result<Matching, String> {
    match (fields.get(only), fields.get(except)) {
        (Some(value), None) => Ok(Matching::Only(strings(value, only)?)),
        (None, Some(value)) => Ok(Matching::Except(strings(value, except)?)),
        _ => Err(format!("a statement needs one of {only} and {except}")),
    }
}

fn conditions(value: Option<&Value>) -> Result<Vec<Condition>, String> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for (operator, keys) in value.as_object().ok_or("a Condition is no object")? {
        for (key, values) in keys.as_object().ok_or("a Condition's test is no object")? {
            found.push(Condition {
                operator: operator.clone(),
                key: key.clone(),
                values: strings(values, "a Condition's value")?,
            });
        }
    }
    Ok(found)
}

/// One string or a list of them; booleans and numbers are taken as their words, as IAM does.
fn strings(value: &Value, what: &str) -> Result<Vec<String>, String> {
    let one = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        _ => Err(format!("{what} is no text")),
    };
    match value {
        Value::Array(values) => values.iter().map(one).collect(),
        value => one(value).map(|one| vec![one]),
    }
}

impl Concern for Policy {
    const NAME: &'static str = "policy";
    const TITLE: &'static str = "Policy";
    const NOT_SET: &'static str = "There is no bucket policy.";

    fn sentence(&self) -> String {
        let allows = self.statements.iter().filter(|s| s.allow).count();
        let denies = self.statements.len() - allows;
        let anyone = self
            .statements
            .iter()
            .filter(|s| s.allow && s.principals == Principals::Only(vec![Principal::Anyone]))
            .count();
        let open = match anyone {
            0 => "none names everybody".to_owned(),
            n if n == allows => "all of which name everybody".to_owned(),
            n => format!("{n} of which name everybody"),
        };
        format!(
            "The policy has {} that {} ({open}) and {} that {}.",
            count(allows, "statement"),
            if allows == 1 { "allows" } else { "allow" },
            denies,
            if denies == 1 { "denies" } else { "deny" },
        )
    }
}

/// What S3 says of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PolicyStatus {
    /// Whether S3 calls it public; it says so whether or not a public access block makes it void.
    pub is_public: bool,
}

impl Concern for PolicyStatus {
    const NAME: &'static str = "policy-status";
    const TITLE: &'static str = "Policy status";
    const NOT_SET: &'static str = "There is no bucket policy that could be public.";

    fn sentence(&self) -> String {
        if self.is_public {
            "S3 calls the policy public.".to_owned()
        } else {
            "S3 does not call the policy public.".to_owned()
        }
    }
}
