//! CORS preflight requests: each origin, method and header of the blueprint, and an unknown origin.

use crate::aws::raw::{RawAnswer, RawRequest};
use crate::domain::blueprint::expect::WantedCors;
use crate::ops::smoke::check::{Broken, Outcome};
use crate::ops::smoke::context::CheckContext;
use crate::ops::smoke::exchange::{Exchange, brief};

/// An origin of no application.
const FOREIGN: &str = "https://s3warden-smoke.invalid";

pub(super) async fn preflight(context: &CheckContext<'_>) -> Outcome {
    let url = context.plain_url(&context.plan.keys.key("cors", "jpg").map_err(Broken::Skip)?)?;
    let rules = context.plan.bucket.expect.cors.iter().flatten();
    let mut asked = 0;
    let mut refused: Vec<String> = Vec::new();
    let mut first: Option<Exchange> = None;
    for rule in rules {
        let headers = headers(context, rule);
        for origin in rule
            .origins
            .iter()
            .map(|origin| origin.replace('*', "smoke"))
        {
            for method in &rule.methods {
                for header in &headers {
                    let exchange = ask(context, &url, &origin, method, header).await;
                    asked += 1;
                    let why = match &exchange.answer {
                        Ok(answer) => what_is_missing(answer, &origin, method, header),
                        Err(problem) => Some(problem.message.clone()),
                    };
                    if let Some(why) = why {
                        refused.push(format!("{origin} {method} {header}: {why}"));
                        first.get_or_insert(exchange);
                    }
                }
            }
        }
    }
    match first {
        None => Ok(format!(
            "{asked} preflights were answered as browsers want it"
        )),
        Some(exchange) => {
            let shown: Vec<&str> = refused.iter().take(3).map(String::as_str).collect();
            Err(exchange.failing(
                format!(
                    "{} of {asked} preflights were refused: {}",
                    refused.len(),
                    shown.join("; ")
                ),
                "the bucket has no CORS rule for that origin, method and header together",
            ))
        }
    }
}

pub(super) async fn foreign_origin(context: &CheckContext<'_>) -> Outcome {
    let url = context.plain_url(&context.plan.keys.key("cors", "jpg").map_err(Broken::Skip)?)?;
    let methods = context.plan.bucket.expect.cors.iter().flatten();
    let mut methods: Vec<&str> = methods
        .flat_map(|rule| rule.methods.iter().map(String::as_str))
        .collect();
    methods.sort_unstable();
    methods.dedup();
    for method in &methods {
        let exchange = ask(context, &url, FOREIGN, method, "content-type").await;
        let answer = match &exchange.answer {
            Ok(answer) => answer,
            Err(problem) => {
                let message = format!("a preflight got no answer: {}", problem.message);
                return Err(exchange.failing(message, problem.advice.to_string()));
            }
        };
        if let Some(allowed) = answer.header("access-control-allow-origin")
            && answer.is_success()
            && (allowed == "*" || allowed == FOREIGN)
        {
            return Err(exchange.failing(
                format!("a page of {FOREIGN} may send {method}"),
                "a CORS rule allows any origin: scripts of any page can use URLs that they come by",
            ));
        }
    }
    Ok(format!("refused for {}", methods.join(", ")))
}

async fn ask(
    context: &CheckContext<'_>,
    url: &str,
    origin: &str,
    method: &str,
    header: &str,
) -> Exchange {
    let request = RawRequest::new("OPTIONS", url)
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", header);
    let words = format!("Origin: {origin}, for {method} with {header}");
    context.send(request, &words).await
}

/// The headers to request: those of the rule, or the application's signed headers if the rule allows any.
fn headers(context: &CheckContext<'_>, rule: &WantedCors) -> Vec<String> {
    if !rule.headers.is_empty() && rule.headers.iter().all(|header| header != "*") {
        return rule
            .headers
            .iter()
            .map(|header| header.to_ascii_lowercase())
            .collect();
    }
    let signed = context.signing(context.plan.bucket.presign.put.as_ref(), 0);
    let mut headers: Vec<String> = signed.settings.headers().into_keys().collect();
    headers.insert(0, "content-type".to_owned());
    headers
}

/// Why a browser would stop.
fn what_is_missing(answer: &RawAnswer, origin: &str, method: &str, header: &str) -> Option<String> {
    if !answer.is_success() {
        return Some(brief(answer));
    }
    let lists = |name: &str, wanted: &str| {
        answer.header(name).is_some_and(|list| {
            list.split(',')
                .map(str::trim)
                .any(|one| one == "*" || one.eq_ignore_ascii_case(wanted))
        })
    };
    if !lists("access-control-allow-origin", origin) {
        Some("the answer does not allow the origin".to_owned())
    } else if !lists("access-control-allow-methods", method) {
        Some("the answer does not allow the method".to_owned())
    } else if !lists("access-control-allow-headers", header) {
        Some("the answer does not allow the header".to_owned())
    } else {
        None
    }
}
