//! Every signed header must be sent: an upload without one must be rejected.

use super::NOT_VERIFIED;
use crate::aws::raw::RawBody;
use crate::ops::smoke::check::{Broken, Outcome};
use crate::ops::smoke::context::{CheckContext, put_request};

const REFUSALS: [(u16, &str); 2] = [(403, "SignatureDoesNotMatch"), (403, "AccessDenied")];

pub(super) async fn run(context: &CheckContext<'_>) -> Outcome {
    let key = context.key("missing-header")?;
    let picture = context.picture();
    let signed = context.sign_put(&key, picture.len() as u64)?;
    let mut request = put_request(&signed, RawBody::Bytes(picture));
    // A client forgets headers that the application adds; the length cannot be left out.
    let amz = request
        .headers
        .iter()
        .position(|(name, _)| name.starts_with("x-amz-"));
    let any = request
        .headers
        .iter()
        .position(|(name, _)| name == "content-type");
    let Some(at) = amz.or(any) else {
        return Err(Broken::Skip("no header is signed".to_owned()));
    };
    let (left_out, _) = request.headers.remove(at);
    let exchange = context
        .send(request, &format!("signed, without {left_out}"))
        .await;
    exchange.refused(
        &format!("an upload without the signed {left_out}"),
        &REFUSALS,
        NOT_VERIFIED,
    )
}
