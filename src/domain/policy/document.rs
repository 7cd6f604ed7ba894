//! Parses a policy document into statements.
//!
//! Source: *Grammar of the IAM JSON policy language*. Each element may be one value or a list; principals may be `"*"`
//! or a map by type. Anything else is an error: a statement is never returned with a part missing.

use serde::Serialize;
use serde_json::{Map, Value};

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// Its statements, in the order of the document.
    pub statements: Vec<Statement>,
    /// Whether `${…}` is a variable: only in version 2012-10-17.
    #[serde(skip)]
    pub(super) has_variables: bool,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// Its id.
    pub sid: Option<String>,
    /// Whether the effect is Allow; otherwise it is Deny.
    pub allow: bool,
    /// Its principals. In an identity-based policy, the identity itself.
    pub principals: Principals,
    /// Its actions.
    pub actions: Matching,
    /// Its resources, as ARNs.
    pub resources: Matching,
    /// Its conditions, all of which must be met.
    pub conditions: Vec<Condition>,
}

/// The principals of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Principals {
    /// These.
    Only(Vec<Principal>),
    /// Everybody except these (`NotPrincipal`).
    Except(Vec<Principal>),
}

/// A principal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Principal {
    /// Anyone: `*`.
    Anyone,
    /// An account, role or user, as an ARN or an account number.
    Aws(String),
    /// An AWS service, such as `logging.s3.amazonaws.com`.
    Service(String),
    /// An identity provider.
    Federated(String),
    /// An account by its canonical id.
    Canonical(String),
}

/// Patterns with `*` and `?`, or everything except them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Matching {
    /// Anything that one of these matches.
    Only(Vec<String>),
    /// Anything that none of these matches (`NotAction`, `NotResource`).
    Except(Vec<String>),
}

/// One condition: an operator, a key, and values of which one must match.
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
    /// Parses a bucket policy.
    ///
    /// # Errors
    /// What is wrong, to complete "the policy cannot be read: …".
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::read(text, principals)
    }

    /// Parses the policy of a role or user. It names no principal: it applies to the identity that has it.
    ///
    /// # Errors
    /// As [`Policy::parse`].
    pub fn parse_of_identity(text: &str) -> Result<Self, String> {
        Self::read(text, |fields| {
            if fields.contains_key("Principal") || fields.contains_key("NotPrincipal") {
                return Err("the policy of an identity names no Principal".to_owned());
            }
            Ok(Principals::Only(vec![Principal::Anyone]))
        })
    }

    fn read(
        text: &str,
        principals: impl Fn(&Map<String, Value>) -> Result<Principals, String>,
    ) -> Result<Self, String> {
        let document: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let document = document.as_object().ok_or("it is no object")?;
        let statements = document.get("Statement").ok_or("it has no Statement")?;
        let statement = |value| statement(value, &principals);
        let statements = match statements {
            Value::Array(statements) => statements.iter().map(statement).collect(),
            one => statement(one).map(|one| vec![one]),
        }?;
        Ok(Self {
            statements,
            has_variables: document.get("Version").and_then(Value::as_str) == Some("2012-10-17"),
        })
    }

    /// Describes a statement: its name, effect and conditions.
    #[must_use]
    pub fn words_of(&self, statement: &Statement) -> String {
        let effect = if statement.allow { "Allow" } else { "Deny" };
        let who: Vec<&str> = statement
            .principals
            .named()
            .iter()
            .map(Principal::words)
            .collect();
        let who = match &statement.principals {
            Principals::Only(_) => few(&who),
            Principals::Except(_) => format!("everybody but {}", few(&who)),
        };
        let conditions = match statement.conditions.as_slice() {
            [] => String::new(),
            some => {
                let words: Vec<String> = some.iter().map(Condition::words).collect();
                format!(" if {}", words.join(" and "))
            }
        };
        format!(
            "{}: {effect} {who} {} on {}{conditions}",
            self.name_of(statement),
            statement.actions.words(),
            statement.resources.words(),
        )
    }

    /// A statement's id, or its position as a text.
    #[must_use]
    pub fn name_of(&self, statement: &Statement) -> String {
        statement.sid.clone().unwrap_or_else(|| {
            let at = self.statements.iter().position(|s| s == statement);
            format!("statement {}", at.map_or(0, |at| at + 1))
        })
    }
}

fn statement(
    value: &Value,
    principals: impl Fn(&Map<String, Value>) -> Result<Principals, String>,
) -> Result<Statement, String> {
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
                // IAM treats {"AWS": "*"} like "*".
                ("AWS" | "*", "*") => Principal::Anyone,
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

/// A string or a list of strings. Booleans and numbers are converted to text, as in IAM.
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

impl Matching {
    /// The patterns, whether they include or exclude.
    #[must_use]
    pub fn patterns(&self) -> &[String] {
        match self {
            Self::Only(patterns) | Self::Except(patterns) => patterns,
        }
    }

    fn words(&self) -> String {
        let patterns: Vec<&str> = self.patterns().iter().map(String::as_str).collect();
        match self {
            Self::Only(_) => few(&patterns),
            Self::Except(_) => format!("all but {}", few(&patterns)),
        }
    }
}

fn few(names: &[&str]) -> String {
    match names {
        [first, second, third, rest @ ..] if !rest.is_empty() => {
            format!("{first}, {second}, {third} and {} more", rest.len())
        }
        few => few.join(", "),
    }
}

impl Principal {
    fn words(&self) -> &str {
        match self {
            Self::Anyone => "*",
            Self::Aws(name)
            | Self::Service(name)
            | Self::Federated(name)
            | Self::Canonical(name) => name,
        }
    }
}

impl Principals {
    /// The principals, whether they are included or excluded.
    #[must_use]
    pub fn named(&self) -> &[Principal] {
        match self {
            Self::Only(named) | Self::Except(named) => named,
        }
    }

    /// Whether anyone is included: `*`, or everybody except some.
    #[must_use]
    pub fn are_everyone(&self) -> bool {
        match self {
            Self::Only(named) => named.contains(&Principal::Anyone),
            Self::Except(named) => !named.contains(&Principal::Anyone),
        }
    }
}

impl Condition {
    /// The condition as in a policy, shortened.
    #[must_use]
    pub fn words(&self) -> String {
        let values = match self.values.as_slice() {
            [one] => one.clone(),
            [first, rest @ ..] => format!("{first} and {} more", rest.len()),
            [] => "nothing".to_owned(),
        };
        format!("{} {} {values}", self.operator, self.key)
    }
}
