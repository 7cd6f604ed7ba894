//! A large object, up and down within the service levels.

use std::time::Duration;

use bytes::Bytes;

use crate::domain::ByteSize;
use crate::domain::blueprint::registry::ServiceLevel;
use crate::ops::smoke::check::Outcome;
use crate::ops::smoke::context::CheckContext;

/// Ten million bytes, if there is no service level.
const SIZE: u64 = 10_000_000;
const UP: Duration = Duration::from_secs(30);
const DOWN: Duration = Duration::from_secs(10);

pub(super) async fn run(context: &CheckContext<'_>) -> Outcome {
    let levels = &context.plan.levels;
    let size = levels.upload.as_ref().and_then(|level| level.size);
    let size = size
        .map_or(SIZE, |size| size.0)
        .min(context.most().unwrap_or(u64::MAX));
    let (up, down) = (
        within(levels.upload.as_ref(), UP),
        within(levels.download.as_ref(), DOWN),
    );
    let body = bytes(size);
    let key = context.key("large")?;
    let sent = context.upload(&key, body.clone()).await?;
    let took_up = sent.success("the upload")?.until_end;
    let received = context.same_bytes(&key, &body).await?;
    let took_down = received.success("the download")?.until_end;
    let size = ByteSize(size);
    let words =
        format!("{size} up in {took_up:.1?} of {up:.0?}, down in {took_down:.1?} of {down:.0?}");
    let slow = "the network or the endpoint is slower than the application promises; run it from where the users are";
    if took_up > up {
        return Err(sent.failing(format!("the upload is too slow: {words}"), slow));
    }
    if took_down > down {
        return Err(received.failing(format!("the download is too slow: {words}"), slow));
    }
    Ok(words)
}

fn within(level: Option<&ServiceLevel>, otherwise: Duration) -> Duration {
    level.map_or(otherwise, |level| level.within.0)
}

/// Data that cannot be compressed on the way.
pub(super) fn bytes(size: u64) -> Bytes {
    let mut random = fastrand::Rng::new();
    let mut bytes = vec![0; usize::try_from(size).unwrap_or_default()];
    random.fill(&mut bytes);
    bytes.into()
}
