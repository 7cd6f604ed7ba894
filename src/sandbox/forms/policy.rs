//! What was signed about a form: its end, and the conditions that its fields and its file have to meet.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use hyper::StatusCode;
use s3s::post_policy::{PostPolicy, PostPolicyCondition};

use super::parts::Form;
use super::{Refused, refusal};
use crate::sandbox::answer;
use crate::sandbox::store::Moment;

/// A policy as it was signed.
pub(super) struct Policy(PostPolicy);

impl Policy {
    pub(super) fn read(encoded: &str) -> Result<Self, Refused> {
        let malformed = |why: &str| {
            refusal(
                StatusCode::BAD_REQUEST,
                "InvalidPolicyDocument",
                &format!("Invalid Policy: {why}."),
            )
        };
        let json = BASE64_STANDARD
            .decode(encoded)
            .ok()
            .and_then(|json| String::from_utf8(json).ok())
            .ok_or_else(|| malformed("Invalid Base64"))?;
        PostPolicy::from_json(&json)
            .map(Self)
            .map_err(|error| malformed(&error.to_string()))
    }

    /// Holds a form to the policy. `key` has the file's name in it already.
    pub(super) fn judge(
        &self,
        form: &Form,
        bucket: &str,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<(), Refused> {
        let ended = Moment::from_timestamp(&self.0.expiration).is_none_or(|end| end <= now.into());
        if ended {
            return Err(broken("Policy expired."));
        }
        let value = |field: &str| match field {
            "bucket" => bucket,
            "key" => key,
            _ => form.field(field).unwrap_or_default(),
        };
        for condition in &self.0.conditions {
            match condition {
                PostPolicyCondition::Eq {
                    field,
                    value: wanted,
                } if value(field) != wanted => {
                    return Err(broken(&format!(
                        "Policy Condition failed: [\"eq\", \"${field}\", \"{wanted}\"]"
                    )));
                }
                PostPolicyCondition::StartsWith { field, prefix }
                    if !starts_with(field, value(field), prefix) =>
                {
                    return Err(broken(&format!(
                        "Policy Condition failed: [\"starts-with\", \"${field}\", \"{prefix}\"]"
                    )));
                }
                PostPolicyCondition::ContentLengthRange { min, max } => {
                    in_range(form.size(), *min, *max)?;
                }
                _ => {}
            }
        }
        match form.fields().find(|(name, _)| !self.covers(name)) {
            Some((name, _)) => Err(broken(&format!("Extra input fields: {name}"))),
            None => Ok(()),
        }
    }

    /// Whether a field may be there: a condition speaks of it, or none has to.
    fn covers(&self, name: &str) -> bool {
        matches!(name, "policy" | "x-amz-signature" | "submit")
            || name.starts_with("x-ignore-")
            || self.0.conditions.iter().any(|condition| match condition {
                PostPolicyCondition::Eq { field, .. }
                | PostPolicyCondition::StartsWith { field, .. } => field == name,
                PostPolicyCondition::ContentLengthRange { .. } => false,
            })
    }
}

/// A content type may be a list, each of which has to begin so.
fn starts_with(field: &str, value: &str, prefix: &str) -> bool {
    if field == "content-type" && value.contains(',') {
        return value.split(',').all(|one| one.trim().starts_with(prefix));
    }
    value.starts_with(prefix)
}

fn in_range(size: u64, min: u64, max: u64) -> Result<(), Refused> {
    let (code, bound, name) = if size > max {
        ("EntityTooLarge", max, "MaxSizeAllowed")
    } else if size < min {
        ("EntityTooSmall", min, "MinSizeAllowed")
    } else {
        return Ok(());
    };
    Err(Box::new(answer::error_with(
        StatusCode::BAD_REQUEST,
        code,
        answer::usual_message(code).unwrap_or_default(),
        &[
            ("ProposedSize", &size.to_string()),
            (name, &bound.to_string()),
        ],
    )))
}

fn broken(why: &str) -> Refused {
    refusal(
        StatusCode::FORBIDDEN,
        "AccessDenied",
        &format!("Invalid according to Policy: {why}"),
    )
}
