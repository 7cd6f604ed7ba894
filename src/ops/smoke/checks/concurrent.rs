//! Concurrent uploads all succeed, each with its own data.

use std::time::Instant;

use futures::{StreamExt, stream};

use super::large_object::bytes;
use crate::ops::smoke::check::{Broken, Failing, Outcome};
use crate::ops::smoke::context::CheckContext;

/// Large enough to differ, small enough to be sent at once.
const SIZE: u64 = 4096;

pub(super) async fn run(context: &CheckContext<'_>) -> Outcome {
    let many = context.plan.options.concurrency;
    let size = SIZE.min(context.most().unwrap_or(SIZE));
    let mut pairs = Vec::with_capacity(many);
    for _ in 0..many {
        pairs.push((context.key("concurrent")?, bytes(size)));
    }
    let begun = Instant::now();
    let sent: Vec<Result<(), Broken>> = stream::iter(&pairs)
        .map(async |(key, body)| {
            let exchange = context.upload(key, body.clone()).await?;
            exchange.success("an upload").map(|_| ())
        })
        .buffer_unordered(many)
        .collect()
        .await;
    let took = begun.elapsed();
    let mut failures: Vec<Broken> = sent.into_iter().filter_map(Result::err).collect();
    let (refused, mut lost) = (failures.len(), 0);
    if refused == 0 {
        let read: Vec<Result<(), Broken>> = stream::iter(&pairs)
            .map(async |(key, body)| context.same_bytes(key, body).await.map(|_| ()))
            .buffer_unordered(many)
            .collect()
            .await;
        failures.extend(read.into_iter().filter_map(Result::err));
        lost = failures.len();
    }
    let Some(first) = failures.into_iter().next() else {
        return Ok(format!(
            "{many} uploads in {took:.1?}, and each came back with its own bytes"
        ));
    };
    let message = if refused > 0 {
        format!("{refused} of {many} uploads at the same time failed")
    } else {
        format!(
            "{lost} of {many} uploads at the same time were answered with success and did not come back"
        )
    };
    Err(match first {
        Broken::Fail(failing) => Broken::Fail(Box::new(Failing {
            cause: format!("{}; the first one: {}", failing.cause, failing.message),
            message,
            ..*failing
        })),
        skip @ Broken::Skip(_) => skip,
    })
}
