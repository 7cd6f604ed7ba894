//! One owner's URL must not give access to another owner's object.

use std::time::Duration;

use super::{NOT_VERIFIED, WRONG_SIGNATURE};
use crate::aws::raw::RawRequest;
use crate::ops::smoke::check::{Broken, Outcome};
use crate::ops::smoke::context::CheckContext;

pub(super) async fn run(context: &CheckContext<'_>) -> Outcome {
    let own = context.sample().await?;
    let foreign = context.foreign_key("foreign")?;
    let sent = context.upload(&foreign, context.picture()).await?;
    if sent.success("the other owner's upload").is_err() {
        return Err(Broken::Skip(
            "the other owner's object could not be uploaded".to_owned(),
        ));
    }
    let signed = context.sign_get(own, Duration::from_mins(5))?;
    let query = signed.url.split_once('?').map_or("", |(_, query)| query);
    let url = format!("{}?{query}", context.plain_url(&foreign)?);
    let exchange = context
        .send(
            RawRequest::new("GET", &url),
            "with the signature of one owner's URL",
        )
        .await;
    exchange.refused("another owner's object", &WRONG_SIGNATURE, NOT_VERIFIED)
}
