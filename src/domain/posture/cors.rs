//! cors-missing-origin, cors-wildcard.

use super::advice;
use super::case::Case;
use super::finding::{Finding, Severity};
use crate::domain::advice::action::BlueprintSetting;
use crate::domain::advice::{Action, Advice};

/// Methods that change something.
pub(super) const WRITES: [&str; 3] = ["PUT", "POST", "DELETE"];

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    let Ok(cors) = case.configuration.cors.known() else {
        return;
    };
    let refused: Vec<String> = case
        .expect()
        .and_then(|expect| expect.cors.as_deref())
        .into_iter()
        .flatten()
        .flat_map(|wanted| {
            let headers: Vec<Option<&str>> = if wanted.headers.is_empty() {
                vec![None]
            } else {
                wanted.headers.iter().map(|h| Some(h.as_str())).collect()
            };
            let mut asked = Vec::new();
            for origin in &wanted.origins {
                for method in &wanted.methods {
                    for header in &headers {
                        asked.push((origin.as_str(), method.as_str(), *header));
                    }
                }
            }
            asked
        })
        .filter(|(origin, method, header)| {
            cors.is_none_or(|cors| cors.allowing(origin, method, *header).is_none())
        })
        .map(|(origin, method, header)| {
            let header = header.map_or_else(String::new, |h| format!(" with header {h}"));
            format!("{method} from {origin}{header}")
        })
        .collect();
    if !refused.is_empty() {
        found.push(
            case.finding(
                "cors-missing-origin",
                Severity::Medium,
                format!(
                    "CORS refuses {} of what the application needs.",
                    refused.len()
                ),
            )
            .evidence(refused.into_iter().take(5))
            .why("The browser stops the request before it is sent: uploads from the page fail.")
            .advise(advice::allow_origins(case)),
        );
    }
    let open: Vec<String> = cors
        .into_iter()
        .flat_map(|cors| &cors.rules)
        .filter(|rule| rule.origins.iter().any(|origin| origin == "*"))
        .filter(|rule| rule.methods.iter().any(|m| WRITES.contains(&m.as_str())))
        .map(|rule| format!("origin * may send {}", rule.methods.join(", ")))
        .collect();
    if !open.is_empty() {
        let (severity, advice) = if advice::wants_every_origin(case) {
            let setting = BlueprintSetting::Cors;
            (Severity::Info, Action::KeepAsWanted { setting }.into())
        } else {
            (Severity::Low, Advice::from(advice::narrow_origins(case)))
        };
        found.push(
            case.finding(
                "cors-wildcard",
                severity,
                "Pages of every origin may send requests that write.",
            )
            .evidence(open)
            .why("A page of anybody can use a signed URL that it came by.")
            .advise(advice),
        );
    }
}
