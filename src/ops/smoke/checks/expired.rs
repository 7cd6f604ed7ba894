//! A URL is valid until it expires; the check waits for that.

use std::time::Duration;

use crate::aws::raw::RawRequest;
use crate::ops::smoke::check::{Broken, Outcome};
use crate::ops::smoke::context::CheckContext;

const LASTS: Duration = Duration::from_secs(2);

/// Signatures count seconds, so one more second is certainly past the end.
const AFTERWARDS: Duration = Duration::from_millis(1500);

const ENDED: [(u16, &str); 3] = [
    (403, "AccessDenied"),
    (403, "ExpiredPresignRequest"),
    (400, "ExpiredPresignRequest"),
];

pub(super) async fn run(context: &CheckContext<'_>) -> Outcome {
    let key = context.sample().await?;
    let signed = context.sign_get(key, LASTS)?;
    let begun = tokio::time::Instant::now();
    let words = format!("signed for {} seconds", LASTS.as_secs());
    let before = context
        .send(RawRequest::new("GET", &signed.url), &words)
        .await;
    if before.success("the download in time").is_err() {
        return Err(Broken::Skip(
            "the URL was not good before its end either: the clocks differ, or downloads fail"
                .to_owned(),
        ));
    }
    tokio::time::sleep_until(begun + LASTS + AFTERWARDS).await;
    let words = format!("{words}, sent {:.1?} later", begun.elapsed());
    let exchange = context
        .send(RawRequest::new("GET", &signed.url), &words)
        .await;
    exchange.refused(
        "a URL past its end",
        &ENDED,
        "the endpoint does not look at the expiry, a cache answers in its place, or its clock is behind",
    )
}
