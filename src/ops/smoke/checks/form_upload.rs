//! A form upload, as a browser sends it.

use crate::ops::smoke::check::Outcome;
use crate::ops::smoke::context::CheckContext;

pub(super) async fn run(context: &CheckContext<'_>) -> Outcome {
    let key = context.key("form")?;
    let signed = context.sign_form(&key)?;
    let picture = context.picture();
    let exchange = context.post(&signed, &picture).await;
    let status = exchange.success("the form")?.status;
    context.same_bytes(&key, &picture).await?;
    Ok(format!(
        "answered {status}, and the file came back byte for byte"
    ))
}
