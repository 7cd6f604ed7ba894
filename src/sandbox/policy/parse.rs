//! What S3 refuses to store as a policy, though it may be one. What a policy means is not decided here.

use serde_json::{Map, Value};
use thiserror::Error;

use super::Policy;
use crate::domain::policy::{self, Pattern};

/// The longest bucket policy that S3 takes, in bytes.
const LONGEST: usize = 20 * 1024;

/// A policy that S3 refuses as malformed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct PolicyError(String);

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    /// [`PolicyError`] says, in the service's manner, which element is missing or wrong.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        if text.len() > LONGEST {
            return refuse(
                "Normalized policy document exceeds the maximum allowed size of 20480 bytes.",
            );
        }
        let document: Value = serde_json::from_str(text)
            .map_err(|error| PolicyError(format!("This policy contains invalid Json: {error}")))?;
        let Value::Object(document) = document else {
            return refuse("Policies must be valid JSON and the first byte must be '{'");
        };
        known(&document, &["Version", "Id", "Statement"])?;
        let version = document.get("Version").map(Value::as_str);
        if !matches!(version, None | Some(Some("2012-10-17" | "2008-10-17"))) {
            return refuse("The policy must contain a valid version string");
        }
        match document.get("Statement") {
            Some(Value::Array(statements)) if !statements.is_empty() => {
                statements.iter().try_for_each(statement)?;
            }
            Some(single @ Value::Object(_)) => statement(single)?,
            _ => return refuse("Missing required field Statement"),
        }
        Ok(Self {
            text: text.to_owned(),
            document: policy::Policy::parse(text).map_err(PolicyError)?,
        })
    }

    /// Refuses a policy that names another bucket, or objects of none.
    ///
    /// # Errors
    /// [`PolicyError`] when a resource lies outside the bucket.
    pub fn check_belongs_to(&self, bucket: &str) -> Result<(), PolicyError> {
        let bucket_arn = format!("arn:aws:s3:::{bucket}");
        let objects = format!("{bucket_arn}/");
        let outside = |resource: &&String| {
            let pattern = Pattern::new(resource);
            let could_be_here = *resource == "*"
                || resource.starts_with(&objects)
                || pattern.matches(&bucket_arn)
                || (resource.contains('*') && pattern.matches(&format!("{objects}x")));
            !could_be_here
        };
        let statements = self.document.statements.iter();
        let mut resources = statements.flat_map(|statement| statement.resources.patterns());
        match resources.by_ref().find(outside) {
            Some(_) => refuse("Policy has invalid resource"),
            None => Ok(()),
        }
    }
}

fn statement(value: &Value) -> Result<(), PolicyError> {
    let Value::Object(element) = value else {
        return refuse("Statement must be an object");
    };
    known(
        element,
        &[
            "Sid",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ],
    )?;
    match element.get("Effect").and_then(Value::as_str) {
        Some("Allow" | "Deny") => {}
        Some(other) => return refuse(format!("Invalid effect: {other}")),
        None => return refuse("Missing required field Effect"),
    }
    match element.get("Condition") {
        None => {}
        Some(Value::Object(operators)) => conditions(operators)?,
        Some(_) => return refuse("Condition must be an object"),
    }
    either(element, "Principal", "NotPrincipal", principals)?;
    either(element, "Action", "NotAction", |value| {
        strings("Action", value)
    })?;
    either(element, "Resource", "NotResource", |value| {
        strings("Resource", value)
    })
}

fn known(object: &Map<String, Value>, fields: &[&str]) -> Result<(), PolicyError> {
    match object.keys().find(|key| !fields.contains(&key.as_str())) {
        Some(unknown) => refuse(format!("Unknown field {unknown}")),
        None => Ok(()),
    }
}

/// An element that stands either plainly or negated, and not both ways.
fn either(
    element: &Map<String, Value>,
    plain: &str,
    negated: &str,
    check: impl Fn(&Value) -> Result<(), PolicyError>,
) -> Result<(), PolicyError> {
    match (element.get(plain), element.get(negated)) {
        (Some(value), None) | (None, Some(value)) => check(value),
        (Some(_), Some(_)) => refuse(format!(
            "{plain} and {negated} cannot stand in one statement"
        )),
        (None, None) => refuse(format!("Missing required field {plain}")),
    }
}

fn principals(value: &Value) -> Result<(), PolicyError> {
    match value {
        Value::String(star) if star == "*" => Ok(()),
        Value::Object(kinds) if !kinds.is_empty() => kinds.iter().try_for_each(|(kind, names)| {
            if !["AWS", "Service", "Federated", "CanonicalUser"].contains(&kind.as_str()) {
                return refuse("Invalid principal in policy");
            }
            strings("Principal", names)
        }),
        _ => refuse("Invalid principal in policy"),
    }
}

fn conditions(operators: &Map<String, Value>) -> Result<(), PolicyError> {
    for (operator, keys) in operators {
        let Value::Object(keys) = keys else {
            return refuse(format!("Condition {operator} must be an object"));
        };
        keys.values()
            .try_for_each(|values| strings("Condition", values))?;
    }
    Ok(())
}

/// A string or several; IAM lets conditions write numbers and booleans bare.
fn strings(element: &str, value: &Value) -> Result<(), PolicyError> {
    let one = |value: &Value| match value {
        Value::String(_) => Ok(()),
        Value::Bool(_) | Value::Number(_) if element == "Condition" => Ok(()),
        _ => refuse(format!("{element} must be a string or a list of strings")),
    };
    match value {
        Value::Array(values) if values.is_empty() => refuse(format!("{element} cannot be empty")),
        Value::Array(values) => values.iter().try_for_each(one),
        single => one(single),
    }
}

fn refuse<T>(why: impl Into<String>) -> Result<T, PolicyError> {
    Err(PolicyError(why.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(statement: &str) -> Result<Policy, PolicyError> {
        Policy::parse(&format!(
            r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#
        ))
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        for (statement, word) in [
            (
                r#"{"Principal":"*","Action":"s3:*","Resource":"*"}"#,
                "Effect",
            ),
            (
                r#"{"Effect":"Permit","Principal":"*","Action":"s3:*","Resource":"*"}"#,
                "Permit",
            ),
            (
                r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#,
                "Principal",
            ),
            (
                r#"{"Effect":"Allow","Principal":"me","Action":"s3:*","Resource":"*"}"#,
                "principal",
            ),
            (
                r#"{"Effect":"Allow","Principal":{"Some":"*"},"Action":"s3:*","Resource":"*"}"#,
                "principal",
            ),
            (
                r#"{"Effect":"Allow","Principal":"*","Resource":"*"}"#,
                "Action",
            ),
            (
                r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","NotAction":"s3:*","Resource":"*"}"#,
                "NotAction",
            ),
            (
                r#"{"Effect":"Allow","Principal":"*","Action":[],"Resource":"*"}"#,
                "Action",
            ),
            (
                r#"{"Effect":"Allow","Principal":"*","Action":"s3:*"}"#,
                "Resource",
            ),
            (
                r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*","When":1}"#,
                "When",
            ),
        ] {
            let error = policy(statement).unwrap_err().to_string();
            assert!(error.contains(word), "{statement}: {error}");
        }
        assert!(Policy::parse("[]").is_err());
        assert!(Policy::parse(r#"{"Version":"2012-10-17","Statement":[]}"#).is_err());
    }

    #[test]
    fn a_policy_speaks_of_its_own_bucket_alone() {
        let about = |resource: &str| {
            policy(&format!(
                r#"{{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"{resource}"}}"#
            ))
            .unwrap()
            .check_belongs_to("media")
        };
        for own in [
            "arn:aws:s3:::media",
            "arn:aws:s3:::media/a/*",
            "arn:aws:s3:::*",
            "*",
        ] {
            assert_eq!(about(own), Ok(()), "{own}");
        }
        for foreign in ["arn:aws:s3:::other/*", "arn:aws:s3:::media2", "media/*"] {
            assert!(about(foreign).is_err(), "{foreign}");
        }
    }
}
