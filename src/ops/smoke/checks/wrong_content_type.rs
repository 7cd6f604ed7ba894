//! The content type is signed: another one must be rejected.

use super::{AGAINST_POLICY, NOT_VERIFIED, WRONG_SIGNATURE};
use crate::aws::raw::RawBody;
use crate::ops::smoke::check::Outcome;
use crate::ops::smoke::context::{CheckContext, form_request, put_request};

pub(super) async fn run(context: &CheckContext<'_>) -> Outcome {
    let key = context.key("wrong-type")?;
    let picture = context.picture();
    let what = "an upload of another content type";
    if context.by_form() {
        let mut signed = context.sign_form(&key)?;
        for (name, value) in &mut signed.fields {
            if name.eq_ignore_ascii_case("content-type") {
                CheckContext::wrong_type().clone_into(value);
            }
        }
        let request = form_request(&signed.url, &signed.fields, &picture);
        let exchange = context
            .send(request, "form with another content type than its policy's")
            .await;
        let let_in = "the endpoint does not hold forms to their policy";
        return exchange.refused(what, &AGAINST_POLICY, let_in);
    }
    let signed = context.sign_put(&key, picture.len() as u64)?;
    let mut request = put_request(&signed, RawBody::Bytes(picture));
    for (name, value) in &mut request.headers {
        if name == "content-type" {
            CheckContext::wrong_type().clone_into(value);
        }
    }
    let exchange = context
        .send(
            request,
            "signed, with another content type than the signed one",
        )
        .await;
    exchange.refused(what, &WRONG_SIGNATURE, NOT_VERIFIED)
}
