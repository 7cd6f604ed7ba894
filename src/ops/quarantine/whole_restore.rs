//! Whether a way back that goes on brings back all that is in quarantine.
//!
//! When nothing is left in quarantine, the lifecycle rules that would end it are taken out. A plan that was made for one
//! user, stopped and picked up again does not say that it was for one user: what is still held does.

use std::collections::BTreeSet;

use tokio_util::sync::CancellationToken;

use super::contents::{HeldRequest, plan_restore};
use crate::aws::{Aws, Meter};
use crate::domain::ObjectKey;
use crate::domain::change::Plan;
use crate::ops::change::PlanningError;

/// Whether nothing is in quarantine, in the plan's way, that the plan does not bring back. Changes nothing.
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
