//! Tables of policies and their verdicts (one TOML file per test), single requests, and a comparison of the evaluator
//! with a second, naive one.

mod naive;
mod outsiders;
mod public;
mod requests;
mod tls;

use super::*;

const OWN: &str = "123456789012";

fn setting() -> Setting<'static> {
    Setting {
        bucket: "b",
        account: Some(OWN),
        region: Some("us-east-1"),
        now: "2026-06-01T12:00:00Z".parse().unwrap(),
    }
}

/// A policy from its document, its statements or a single statement.
fn policy(text: &str) -> Policy {
    let value: serde_json::Value = serde_json::from_str(text).expect(text);
    let document = if value.get("Statement").is_some() {
        value
    } else {
        serde_json::json!({ "Statement": value })
    };
    Policy::parse(&document.to_string()).expect(text)
}

/// The cases of a table, each with its name.
fn table<T: serde::de::DeserializeOwned>(text: &str) -> Vec<T> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Table<T> {
        case: Vec<T>,
    }
    toml::from_str::<Table<T>>(text).unwrap().case
}
