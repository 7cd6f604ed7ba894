//! A form's policy has a maximum size: a file one byte larger must be rejected.

use super::large_object::bytes;
use crate::domain::ByteSize;
use crate::ops::smoke::check::{Broken, Outcome};
use crate::ops::smoke::context::CheckContext;

const TOO_LARGE: [(u16, &str); 2] = [(400, "EntityTooLarge"), (413, "EntityTooLarge")];

/// A larger maximum is not tested, because it would cost too much.
const MOST: u64 = 256 << 20;

pub(super) async fn run(context: &CheckContext<'_>) -> Outcome {
    let rule = context.plan.bucket.presign.post.as_ref();
    let most = rule.and_then(|rule| rule.max_size).map_or(0, |size| size.0);
    if most > MOST {
        return Err(Broken::Skip(format!(
            "the maximum is {}: too much to send only to see it refused",
            ByteSize(most)
        )));
    }
    let key = context.key("oversize")?;
    let signed = context.sign_form(&key)?;
    let exchange = context.post(&signed, &bytes(most + 1)).await;
    exchange.refused(
        &format!("a file of one byte more than {}", ByteSize(most)),
        &TOO_LARGE,
        "the endpoint does not look at content-length-range: anybody with a form can upload any size",
    )
}
