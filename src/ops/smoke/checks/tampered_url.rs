//! A signature is valid only for its key and its signed values.

use std::time::Duration;

use super::{AGAINST_POLICY, NOT_VERIFIED, WRONG_SIGNATURE};
use crate::aws::raw::{RawBody, RawRequest};
use crate::ops::smoke::check::Outcome;
use crate::ops::smoke::context::{CheckContext, form_request, put_request};

/// Sends an upload to another key than the signed one.
pub(super) async fn path(context: &CheckContext<'_>) -> Outcome {
    let (signed_for, sent_to) = (context.key("signed")?, context.key("altered")?);
    let picture = context.picture();
    let what = "an upload to another key than the signed one";
    if context.by_form() {
        let mut signed = context.sign_form(&signed_for)?;
        for (name, value) in &mut signed.fields {
            if name == "key" {
                sent_to.as_str().clone_into(value);
            }
        }
        let request = form_request(&signed.url, &signed.fields, &picture);
        let exchange = context
            .send(request, "form with another key than its policy's")
            .await;
        let let_in = "the endpoint does not hold forms to their policy";
        return exchange.refused(what, &AGAINST_POLICY, let_in);
    }
    let signed = context.sign_put(&signed_for, picture.len() as u64)?;
    let elsewhere = context.sign_put(&sent_to, picture.len() as u64)?;
    let mut request = put_request(&signed, RawBody::Bytes(picture));
    let place = elsewhere.url.split('?').next().unwrap_or_default();
    let query = signed.url.split_once('?').map_or("", |(_, query)| query);
    request.url = format!("{place}?{query}");
    let exchange = context
        .send(request, "with the signature of another key")
        .await;
    exchange.refused(what, &WRONG_SIGNATURE, NOT_VERIFIED)
}

/// Sends a download with one changed digit in the signature.
pub(super) async fn signature(context: &CheckContext<'_>) -> Outcome {
    let key = context.sample().await?;
    let signed = context.sign_get(key, Duration::from_mins(5))?;
    let url = altered(&signed.url);
    let exchange = context
        .send(
            RawRequest::new("GET", &url),
            "with one digit of the signature changed",
        )
        .await;
    exchange.refused(
        "a download with an altered signature",
        &WRONG_SIGNATURE,
        NOT_VERIFIED,
    )
}

/// Changes the last digit of a URL's signature.
fn altered(url: &str) -> String {
    const NAME: &str = "X-Amz-Signature=";
    let Some((before, rest)) = url.split_once(NAME) else {
        return url.to_owned();
    };
    let (signature, after) = match rest.split_once('&') {
        Some((signature, after)) => (signature, format!("&{after}")),
        None => (rest, String::new()),
    };
    let mut digits: Vec<char> = signature.chars().collect();
    if let Some(last) = digits.last_mut() {
        *last = if *last == '0' { '1' } else { '0' };
    }
    let signature: String = digits.into_iter().collect();
    format!("{before}{NAME}{signature}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_digit_of_the_signature_changes_and_nothing_else() {
        assert_eq!(
            altered("u?X-Amz-Signature=ab0&b=1"),
            "u?X-Amz-Signature=ab1&b=1"
        );
        assert_eq!(
            altered("u?a=1&X-Amz-Signature=abc"),
            "u?a=1&X-Amz-Signature=ab0"
        );
    }
}
