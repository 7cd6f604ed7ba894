//! Form uploads: a policy says what may be sent; the browser sends the fields and the file.
//!
//! S3 checks the policy against the fields when the file arrives. Each field must have a condition, except `policy`,
//! the signature, `file` and fields that start with `x-ignore-`. Source: *Creating a POST policy* in the Amazon S3 API
//! reference.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::error::PresignError;
use super::request::ObjectSettings;

/// S3 replaces this by the name of the uploaded file.
pub(crate) const FILENAME: &str = "${filename}";

/// A form.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Form {
    /// The content type; `None` lets the sender choose.
    pub content_type: Option<TypeRule>,
    /// The allowed sizes; `None` allows up to 5 GiB.
    pub size: Option<SizeRange>,
    /// The response after the upload; `None` means status 204.
    pub success: Option<Success>,
    /// The settings of the object.
    pub object: ObjectSettings,
}

/// The allowed content types of a form. A policy cannot allow a list of types, so each type needs its own form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeRule {
    /// Exactly this type.
    Exact(String),
    /// Types with this prefix, such as `image/`.
    Prefix(String),
}

/// A range of sizes in bytes, inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeRange {
    /// The minimum.
    pub min: u64,
    /// The maximum.
    pub max: u64,
}

/// S3's response after the upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Success {
    /// A status: 200, 201 (with an XML document about the object) or 204.
    Status(u16),
    /// A redirect to this URL, with bucket, key and ETag in the query.
    Redirect(String),
}

/// A condition of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The field has exactly this value.
    Eq(String, String),
    /// The field starts with this; an empty one matches everything.
    StartsWith(String, String),
    /// The file's size.
    Length(SizeRange),
}

impl Form {
    pub(super) fn check(&self, key: &str) -> Result<(), PresignError> {
        if key.matches(FILENAME).count() > 1 {
            return Err(PresignError::FilenameTwice);
        }
        if let Some(SizeRange { min, max }) = self.size
            && min > max
        {
            return Err(PresignError::SizeRange { min, max });
        }
        match self.success {
            Some(Success::Status(status)) if !matches!(status, 200 | 201 | 204) => {
                Err(PresignError::SuccessStatus(status))
            }
            _ => Ok(()),
        }
    }

    /// The form's fields before those of the signature, in order, and their conditions. `bucket` has a condition but no
    /// field, because it is in the URL.
    #[must_use]
    pub fn fields_and_conditions(
        &self,
        bucket: &str,
        key: &str,
    ) -> (Vec<(String, String)>, Vec<Condition>) {
        let mut fields = Vec::new();
        let mut conditions = vec![Condition::Eq("bucket".to_owned(), bucket.to_owned())];
        let mut field = |name: &str, value: &str, condition: Condition| {
            fields.push((name.to_owned(), value.to_owned()));
            conditions.push(condition);
        };
        let eq = |name: &str, value: &str| Condition::Eq(name.to_owned(), value.to_owned());
        let starts =
            |name: &str, value: &str| Condition::StartsWith(name.to_owned(), value.to_owned());

        match key.split_once(FILENAME) {
            Some((before, _)) => field("key", key, starts("key", before)),
            None => field("key", key, eq("key", key)),
        }
        match &self.content_type {
            Some(TypeRule::Exact(exact)) => {
                field("Content-Type", exact, eq("Content-Type", exact));
            }
            // Only an example: the sender replaces it by the file's own type.
            Some(TypeRule::Prefix(prefix)) => {
                let example = example_type(prefix);
                field("Content-Type", example, starts("Content-Type", prefix));
            }
            None => {}
        }
        match &self.success {
            Some(Success::Status(status)) => {
                let status = status.to_string();
                field(
                    "success_action_status",
                    &status,
                    eq("success_action_status", &status),
                );
            }
            Some(Success::Redirect(to)) => field(
                "success_action_redirect",
                to,
                eq("success_action_redirect", to),
            ),
            None => {}
        }
        for (name, value) in self.object.headers() {
            field(&name, &value, eq(&name, &value));
        }
        if let Some(range) = self.size {
            conditions.push(Condition::Length(range));
        }
        (fields, conditions)
    }
}

/// The policy as the JSON that is signed. Characters beyond ASCII are escaped, as S3's documentation requires.
#[must_use]
pub(crate) fn policy_document(expires_at: DateTime<Utc>, conditions: &[Condition]) -> String {
    let conditions: Vec<Value> = conditions
        .iter()
        .map(|condition| match condition {
            Condition::Eq(name, value) => {
                let mut object = serde_json::Map::new();
                object.insert(name.clone(), json!(value));
                Value::Object(object)
            }
            Condition::StartsWith(name, value) => {
                json!(["starts-with", format!("${name}"), value])
            }
            Condition::Length(range) => json!(["content-length-range", range.min, range.max]),
        })
        .collect();
    let document = json!({
        "expiration": expires_at.to_rfc3339_opts(SecondsFormat::Millis, true),
        "conditions": conditions,
    });
    ascii(&document.to_string())
}

/// The policy in base64, for the form.
#[must_use]
pub(crate) fn policy_base64(document: &str) -> String {
    STANDARD.encode(document)
}

/// Converts JSON to ASCII. Other characters occur only inside strings, where an escape has the same meaning.
fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() && c != '\u{7f}' {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

/// An example of a content type with this prefix.
fn example_type(prefix: &str) -> &str {
    match prefix {
        "" => "application/octet-stream",
        "image/" => "image/jpeg",
        "video/" => "video/mp4",
        "audio/" => "audio/mpeg",
        "text/" => "text/plain",
        prefix => prefix,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conditions(form: &Form, key: &str) -> (Vec<(String, String)>, String) {
        let (fields, conditions) = form.fields_and_conditions("media", key);
        let at = "2026-01-02T03:04:05Z".parse().unwrap();
        (fields, policy_document(at, &conditions))
    }

    #[test]
    fn a_policy_says_what_the_form_may_send() {
        let form = Form {
            content_type: Some(TypeRule::Prefix("image/".to_owned())),
            size: Some(SizeRange { min: 1, max: 5 }),
            success: Some(Success::Status(201)),
            ..Form::default()
        };
        let (fields, policy) = conditions(&form, "u/${filename}");
        assert_eq!(
            policy,
            r#"{"conditions":[{"bucket":"media"},["starts-with","$key","u/"],["starts-with","$Content-Type","image/"],{"success_action_status":"201"},["content-length-range",1,5]],"expiration":"2026-01-02T03:04:05.000Z"}"#
        );
        let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["key", "Content-Type", "success_action_status"]);
    }

    #[test]
    fn every_field_is_in_a_condition() {
        let mut form = Form::default();
        form.object
            .metadata
            .insert("Channel".to_owned(), "7".to_owned());
        form.object.storage_class = Some(crate::domain::StorageClass::new("STANDARD_IA"));
        let (fields, policy) = conditions(&form, "k");
        assert_eq!(fields.len(), 3);
        for (name, _) in fields {
            assert!(
                policy.contains(&format!("\"{name}\"")),
                "{name} in {policy}"
            );
        }
    }

    #[test]
    fn a_policy_is_ascii_and_means_the_same() {
        let (_, policy) = conditions(&Form::default(), "é👩\u{1}\"\\");
        assert!(policy.is_ascii(), "{policy}");
        let read: Value = serde_json::from_str(&policy).unwrap();
        assert_eq!(read["conditions"][1]["key"], "é👩\u{1}\"\\");
    }

    #[test]
    fn what_no_form_can_do_is_refused() {
        let form = |size, status| Form {
            size: Some(size),
            success: Some(Success::Status(status)),
            ..Form::default()
        };
        let range = SizeRange { min: 0, max: 1 };
        assert!(form(range, 201).check("k").is_ok());
        assert!(form(range, 302).check("k").is_err());
        assert!(form(SizeRange { min: 2, max: 1 }, 201).check("k").is_err());
        assert!(form(range, 201).check("${filename}/${filename}").is_err());
    }
}
