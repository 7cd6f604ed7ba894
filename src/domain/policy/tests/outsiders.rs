//! Tests of access from outside the account.

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    policy: String,
    /// "kind name" of each.
    outsiders: Vec<String>,
}

fn words(outsider: &Outsider) -> String {
    let kind = match outsider {
        Outsider::Account(_) => "account",
        Outsider::Organization(_) => "organization",
        Outsider::Service(_) => "service",
        Outsider::Provider(_) => "provider",
        Outsider::Canonical(_) => "canonical",
    };
    format!("{kind} {}", outsider.name())
}

#[test]
fn whoever_is_let_in_from_outside_is_named_and_nobody_else() {
    let cases: Vec<Case> = table(include_str!("outsiders.toml"));
    assert!(cases.len() >= 20);
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let policy = policy(&case.policy);
            let found = policy.outsiders(setting(), Some("own-canonical-id"));
            let found: Vec<String> = found.iter().map(|(one, _)| words(one)).collect();
            (found != case.outsiders)
                .then(|| format!("{}: {found:?}, should be {:?}", case.name, case.outsiders))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn without_knowing_the_account_no_account_is_called_a_stranger() {
    let policy = policy(
        r#"{"Effect":"Allow","Principal":{"AWS":"999999999999","CanonicalUser":"x"},"Action":"s3:*","Resource":"*"}"#,
    );
    let setting = Setting {
        account: None,
        ..setting()
    };
    assert_eq!(policy.outsiders(setting, None), []);
}
