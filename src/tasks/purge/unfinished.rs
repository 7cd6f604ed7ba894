//! What the state folder has of earlier purges: those that can go on, and those that can be undone.

use super::{PurgeNews, store};
use crate::aws::{Aws, Problem};
use crate::ops::change::undoable::undoable;
use crate::ops::change::unfinished::unfinished;
use crate::tasks::runner::{Outbox, Shared};
use crate::tasks::scan::on_a_thread;
use crate::tasks::work::Update;

/// Looks for what was begun at this endpoint and did not come to its end, and for what was hidden and can be shown again.
pub(in crate::tasks) async fn left_open(
    aws: Aws,
    shared: &Shared,
    out: &Outbox,
) -> Result<(), Problem> {
    let store = store(shared)?;
    let endpoint = aws.endpoint().map(str::to_owned);
    let looking = move || {
        let mut begun = unfinished(&store).unwrap_or_default();
        begun.retain(|one| one.user().is_some() && one.header.endpoint == endpoint);
        let mut soft = undoable(&store).unwrap_or_default();
        soft.retain(|one| one.endpoint == endpoint);
        (begun, soft)
    };
    let (begun, soft) = on_a_thread(looking).await?;
    for news in [PurgeNews::Unfinished(begun), PurgeNews::Undoable(soft)] {
        out.send(Update::Purge(news)).await;
    }
    Ok(())
}
