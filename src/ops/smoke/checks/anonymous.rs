//! Requests without a signature.

use crate::aws::raw::RawRequest;
use crate::ops::smoke::check::Outcome;
use crate::ops::smoke::context::CheckContext;
use crate::ops::smoke::plan::is_public;

const DENIED: [(u16, &str); 2] = [(403, "AccessDenied"), (401, "AccessDenied")];

pub(super) async fn get(context: &CheckContext<'_>) -> Outcome {
    let key = context.sample().await?;
    let url = context.plain_url(key)?;
    let exchange = context.send(RawRequest::new("GET", &url), "unsigned").await;
    if !is_public(&context.plan.bucket) {
        return exchange.refused(
            "a stranger's download",
            &DENIED,
            "the bucket's policy or an ACL lets everyone read, and no public access block takes it back",
        );
    }
    match &exchange.answer {
        Ok(answer) if !answer.is_success() => Err(exchange.failing(
            "a stranger cannot read, although the blueprint wants everyone to",
            "no policy lets everyone read, or a public access block takes it back",
        )),
        _ => {
            exchange.success("a stranger's download")?;
            Ok("everyone may read, as the blueprint wants".to_owned())
        }
    }
}

pub(super) async fn put(context: &CheckContext<'_>) -> Outcome {
    let key = context.key("anonymous")?;
    let url = context.plain_url(&key)?;
    let request = RawRequest::new("PUT", &url)
        .header("content-type", &context.content_type())
        .body(context.picture());
    let exchange = context.send(request, "unsigned").await;
    exchange.refused(
        "a stranger's upload",
        &DENIED,
        "the bucket's policy or an ACL lets everyone write, and no public access block takes it back",
    )
}
