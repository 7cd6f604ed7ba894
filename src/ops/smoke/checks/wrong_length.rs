//! The exact length is signed: a longer body must be rejected.

use super::{NOT_VERIFIED, WRONG_SIGNATURE};
use crate::aws::raw::RawBody;
use crate::ops::smoke::check::Outcome;
use crate::ops::smoke::context::{CheckContext, put_request};

pub(super) async fn run(context: &CheckContext<'_>) -> Outcome {
    let key = context.key("wrong-length")?;
    let picture = context.picture();
    let signed = context.sign_put(&key, picture.len() as u64)?;
    let longer = [&picture[..], b"."].concat();
    let length = longer.len();
    let mut request = put_request(&signed, RawBody::Bytes(longer.into()));
    // Send the body's own length.
    request.headers.retain(|(name, _)| name != "content-length");
    let words = format!("signed for {} bytes, sent with {length}", picture.len());
    let exchange = context.send(request, &words).await;
    exchange.refused(
        "an upload of another length",
        &WRONG_SIGNATURE,
        NOT_VERIFIED,
    )
}
