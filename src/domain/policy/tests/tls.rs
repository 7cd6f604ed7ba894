//! Tests of whether plain HTTP and old TLS versions are denied.

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    policy: String,
    plain: Refused,
    old: Refused,
}

#[derive(Deserialize, Debug, PartialEq, Eq, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Refused {
    Yes,
    No,
    Unknown,
}

impl From<Truth> for Refused {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::Yes => Self::Yes,
            Truth::No => Self::No,
            Truth::Unknown => Self::Unknown,
        }
    }
}

#[test]
fn tls_is_required_exactly_where_no_request_gets_past_without_it() {
    let cases: Vec<Case> = table(include_str!("tls.toml"));
    assert!(cases.len() >= 30);
    let wrong: Vec<String> = cases
        .iter()
        .map(|case| {
            let tls = policy(&case.policy).tls(setting());
            let found: (Refused, Refused) = (
                tls.refuses_plain_http.into(),
                tls.refuses_old_versions.into(),
            );
            (case, found)
        })
        .filter(|(case, found)| (case.plain, case.old) != *found)
        .map(|(case, found)| {
            format!(
                "{}: {found:?}, should be {:?}",
                case.name,
                (case.plain, case.old)
            )
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
