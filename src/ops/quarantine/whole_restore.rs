//! Checks whether a resumed restore restores the whole quarantine.
//!
//! When nothing is left in quarantine, the lifecycle rules that end it are removed. A plan does not say whether it was
//! made for one user only. The remaining contents of the quarantine show it.

use std::collections::BTreeSet;

use tokio_util::sync::CancellationToken;

use super::contents::{HeldRequest, plan_restore};
use crate::aws::{Aws, Meter};
use crate::domain::ObjectKey;
use crate::domain::change::Plan;
use crate::ops::change::PlanningError;

/// Whether nothing is in quarantine, by the plan's method, that the plan does not restore. It changes nothing.
///
/// # Errors
/// As [`plan_restore`].
pub(crate) async fn brings_back_all(
    aws: &Aws,
    request: HeldRequest<'_>,
    plan: &Plan,
    cancel: &CancellationToken,
    meter: &Meter,
) -> Result<bool, PlanningError> {
    let everybodys = HeldRequest {
        owner: None,
        records: None,
        ..request
    };
    let held = plan_restore(aws, everybodys, cancel, meter).await?;
    let planned: BTreeSet<&ObjectKey> = plan.items.iter().map(|item| &item.claim.key).collect();
    let mut items = held.plan.items.iter();
    Ok(held.unknown.is_empty() && items.all(|item| planned.contains(&item.claim.key)))
}
