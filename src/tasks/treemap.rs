//! What lies at a spot of the map of where the bytes are, read out of a scan on a thread of its own.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::reading::ranges;
use super::runner::Outbox;
use super::scan::on_a_thread;
use super::work::Update;
use crate::aws::Problem;
use crate::domain::blueprint::BucketBlueprint;
use crate::domain::columns::Columns;
use crate::domain::treemap::{Map, Spot};

/// What is to be read.
#[derive(Debug, Clone)]
pub(crate) struct MapWork {
    /// The objects of the scan.
    pub columns: Columns,
    /// Of everything below these.
    pub prefixes: Vec<String>,
    /// Whose everything is, where that is known.
    pub rules: Option<Arc<BucketBlueprint>>,
    /// Where one stands.
    pub spot: Spot,
}

pub(super) async fn read(
    work: MapWork,
    out: &Outbox,
    token: CancellationToken,
) -> Result<(), Problem> {
    let looking = move || look(&work, &|| token.is_cancelled());
    if let Some(map) = on_a_thread(looking).await? {
        out.send(Update::Mapped(Box::new(map))).await;
    }
    Ok(())
}

/// See [`read`].
pub(crate) fn look(work: &MapWork, stop: &dyn Fn() -> bool) -> Option<Map> {
    let rows = ranges(&work.columns, &work.prefixes);
    Map::of(
        &work.columns,
        &rows,
        work.rules.as_deref(),
        &work.spot,
        stop,
    )
}
