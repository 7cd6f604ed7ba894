//! Surveys everything again, determines what happened to each item, and writes the receipt and its accompanying files.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use rayon::prelude::*;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::current_state::{Present, Today};
use super::execute::Run;
use super::journal::Made;
use super::marker_cleanup;
use super::planning::{first_problem, not_searched};
use super::{
    ChangeRequest, Ended, Point, Progress, Stopped, Tools, Verified, WhyStopped, now, plans, reach,
    survey,
};
use crate::config::private;
use crate::domain::VersionId;
use crate::domain::change::markers::{self, Marker};
use crate::domain::change::{Act, Item};
use crate::domain::receipt::invalidation::Invalidation;
use crate::domain::receipt::{
    Beside, BucketCounts, Outcome, Receipt, SCHEMA, SealedItem, canonical, page,
};
use crate::domain::size::whole;
use crate::ops::find;

const DELETE_WINDOW: &str = "objects written without versioning have no id of their own: some were looked at right before \
     they were deleted, and one that was overwritten between the two requests would have been deleted in its newer form";

const MARK_WINDOW: &str = "some objects were looked at right before they were hidden, and one that was written between the \
     two requests would have been hidden, too";

pub(super) async fn settle(tools: Tools<'_>, request: &ChangeRequest<'_>, run: Run) -> Ended {
    let mut present = survey::look(tools, request).await;
    if let Some(problem) = first_problem(&present.coverage) {
        return stopped(&run, WhyStopped::Problem(problem));
    }
    if let Some(refused) = &present.refused {
        return stopped(&run, WhyStopped::Problem(refused.to_problem()));
    }
    if request.grounds.attest().existence.is_some() {
        // Like the survey, a user who cancelled the purge still wants to know this.
        let cancel = CancellationToken::new();
        let unexplained = find::unexplained(
            tools.aws,
            request.blueprint,
            request.in_flight,
            &cancel,
            tools.meter,
        );
        let unexplained = Box::pin(unexplained).await.into_iter();
        present.unexplained = unexplained.map(|(bucket, _)| bucket).collect();
    }
    reach(request, Point::Verified).await;
    match write(tools, request, &run, &present) {
        Ok(mut verified) => {
            reach(request, Point::Receipted).await;
            let nothing_left = verified
                .receipt
                .items
                .iter()
                .all(|item| item.outcome.is_settled());
            if nothing_left && !request.keep_plan {
                let plan = std::fs::remove_file(&request.plan_file);
                verified.plan_removed = plan.is_ok() && run.journal.remove().is_ok();
            }
            if nothing_left {
                if !request.keep_plan {
                    verified.other_plans =
                        plans::forget_others(tools.store, &run.checked.secret, request.plan)
                            .unwrap_or_default();
                }
                let forgotten = marker_cleanup::lists_of_markers(
                    tools.store,
                    &run.checked.secret,
                    request.plan,
                );
                // A list that cannot be removed stays visible; the purge is still verified.
                verified.lists_removed = forgotten.unwrap_or_default();
            }
            Ended::Verified(Box::new(verified))
        }
        Err(error) => stopped(
            &run,
            WhyStopped::File(format!("could not write the receipt: {error}")),
        ),
    }
}

fn stopped(run: &Run, why: WhyStopped) -> Ended {
    Ended::Stopped(Stopped {
        progress: Progress {
            planned: whole(run.checked.wanted.len()),
            deleted: whole(run.sent.len().saturating_sub(run.failed.len())),
            failed: whole(run.failed.len()),
        },
        in_doubt: 0,
        why,
    })
}

fn write(
    tools: Tools<'_>,
    request: &ChangeRequest<'_>,
    run: &Run,
    present: &Present,
) -> io::Result<Verified> {
    let case = &request.plan.header.case;
    let audit = tools.store.audit();
    let items = sealed_items(request, run, present);
    let invalidation = write_invalidation(tools, request, &items)?;
    let markers = write_markers(tools, request, run, present, &items)?;
    let receipt = Receipt {
        markers,
        invalidation,
        ..receipt(request, run, present, items, audit.head()?)
    };
    let receipt = receipt
        .sealed(&run.checked.secret)
        .map_err(io::Error::from)?;
    let (receipt_file, page_file) = tools.store.receipt_files(case);
    let text = receipt.text()?;
    private::replace(&receipt_file, |to| to.write_all(text.as_bytes()))?;
    let page = page::page(&receipt);
    private::replace(&page_file, |to| to.write_all(page.as_bytes()))?;
    let event = format!("{}-verified", request.plan.header.act.event());
    audit.append(case, &event, json!({ "receipt": receipt.digest }))?;
    Ok(Verified {
        receipt,
        receipt_file,
        page_file,
        plan_removed: false,
        lists_removed: Vec::new(),
        other_plans: plans::OtherPlans::default(),
    })
}

/// Writes the paths of objects that are no longer readable but may be cached by a CDN.
fn write_invalidation(
    tools: Tools<'_>,
    request: &ChangeRequest<'_>,
    items: &[SealedItem],
) -> io::Result<Option<Beside>> {
    let plan = request.plan;
    let owner = plan.owner().ok().flatten();
    let mut all = Invalidation::new(&plan.header.case);
    for (item, sealed) in plan.items.iter().zip(items) {
        let is_unreadable = match plan.header.act {
            Act::Delete | Act::Mark | Act::CopyAside => {
                matches!(sealed.outcome, Outcome::Deleted | Outcome::Done)
            }
            Act::Unmark { .. } | Act::Tag { .. } | Act::Untag | Act::CopyBack => false,
        };
        if is_unreadable && item.kind() == "version" {
            let rules = request.blueprint.bucket(&item.claim.bucket);
            all.add(item, rules, owner.as_ref());
        }
    }
    if all.paths() == 0 {
        return Ok(None);
    }
    let text = all.text()?;
    let file = tools.store.invalidation_file(&plan.header.case);
    private::replace(&file, |to| to.write_all(text.as_bytes()))?;
    Ok(Some(beside(&file, all.paths(), canonical::digest(&text))))
}

/// Writes the delete markers that were created. A marker that no response named counts as ours if it is the only one
/// above an object that we asked to hide.
fn write_markers(
    tools: Tools<'_>,
    request: &ChangeRequest<'_>,
    run: &Run,
    present: &Present,
    items: &[SealedItem],
) -> io::Result<Option<Beside>> {
    let plan = request.plan;
    let of_item = |(at, (item, sealed)): (usize, (&Item, &SealedItem))| {
        if sealed.outcome != Outcome::Done {
            return None;
        }
        let made = run.made.get(&at).cloned().or_else(|| {
            let id = present.hidden_by.get(&at)?.id().to_owned();
            Some(Made { id, assumed: true })
        })?;
        Some(Marker {
            marker: VersionId(made.id),
            assumed: made.assumed,
            hides: item.clone(),
        })
    };
    let pairs = plan.items.iter().zip(items).enumerate();
    let markers: Vec<Marker> = pairs.filter_map(of_item).collect();
    if plan.header.act != Act::Mark || markers.is_empty() {
        return Ok(None);
    }
    let file = tools.store.markers_file(&plan.header.case);
    let mut sha256 = String::new();
    private::replace(&file, |to| {
        sha256 = markers::write(&plan.header.case, &markers, to)?;
        Ok(())
    })?;
    Ok(Some(beside(&file, markers.len(), sha256)))
}

fn beside(file: &Path, entries: usize, sha256: String) -> Beside {
    let name = file.file_name().unwrap_or_default();
    Beside {
        file: name.to_string_lossy().into_owned(),
        entries: whole(entries),
        sha256,
    }
}

fn sealed_items(request: &ChangeRequest<'_>, run: &Run, present: &Present) -> Vec<SealedItem> {
    let act = &request.plan.header.act;
    let items = request.plan.items.par_iter().zip(&present.today);
    // Computes one HMAC per item, on all cores.
    let sealed = items.enumerate().map(|(at, (item, today))| {
        let (outcome, reason) = run.outcome(act, at, today, present.done.contains(&at));
        SealedItem {
            bucket: item.claim.bucket.as_str().to_owned(),
            kind: item.kind().to_owned(),
            bytes: item.size.bytes(),
            outcome,
            reason,
            hmac: run.checked.secret.item(item),
        }
    });
    sealed.collect()
}

fn receipt(
    request: &ChangeRequest<'_>,
    run: &Run,
    present: &Present,
    items: Vec<SealedItem>,
    audit_head: String,
) -> Receipt {
    let header = &request.plan.header;
    let checked = &run.checked;
    let attested = request.grounds.attest();
    let regions = header.regions.iter().map(|(bucket, region)| {
        let counts = BucketCounts {
            region: region.clone(),
            ..BucketCounts::default()
        };
        (bucket.clone(), counts)
    });
    let window = match header.act {
        Act::Mark => MARK_WINDOW,
        _ => DELETE_WINDOW,
    };
    Receipt {
        schema: SCHEMA.to_owned(),
        case: header.case.clone(),
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        operator: checked.operator.clone(),
        endpoint: header.endpoint.clone(),
        blueprint: header.blueprint.clone(),
        blueprint_sha256: header.blueprint_sha256.clone(),
        act: header.act.clone(),
        subject: header.subject.nameless(),
        subject_hmac: checked.secret.subject(&header.subject),
        subject_as_given: attested.subject_as_given,
        key_id: String::new(),
        existence: attested.existence,
        owner_still_exists: attested.owner_still_exists,
        planned_at: header.made_at,
        began_at: run.began,
        verified_at: now(),
        seen_at: Some(checked.seen_at),
        buckets: regions.collect::<BTreeMap<_, _>>(),
        items,
        merkle_root: String::new(),
        appeared: whole(present.appeared.len()),
        not_searched: not_searched(&present.coverage),
        contested: present.contested_in.clone(),
        other_buckets: present.other_buckets.clone(),
        unexplained: present.unexplained.clone(),
        annotations: header.annotations.clone(),
        conditions: run.conditions.clone(),
        window: run.had_window.then(|| window.to_owned()),
        markers: None,
        invalidation: None,
        audit_head,
        digest: String::new(),
        seal: String::new(),
    }
}

impl Run {
    /// What happened to an item, according to the second survey.
    fn outcome(
        &self,
        act: &Act,
        at: usize,
        today: &Today,
        is_done: bool,
    ) -> (Outcome, Option<String>) {
        match act {
            Act::Delete | Act::Unmark { .. } => self.outcome_of_deletion(at, today),
            Act::Mark => self.outcome_of_hiding(at, today, is_done),
            Act::Tag { .. } | Act::Untag | Act::CopyAside | Act::CopyBack => {
                self.outcome_of_act(at, today, act, is_done)
            }
        }
    }

    fn outcome_of_hiding(
        &self,
        at: usize,
        today: &Today,
        is_done: bool,
    ) -> (Outcome, Option<String>) {
        let reason = self.checked.retained.get(&at).cloned();
        match today {
            Today::Present(_) if is_done && self.sent.contains(&at) => (Outcome::Done, None),
            Today::Present(_) if is_done => (Outcome::GoneBefore, None),
            Today::Gone => (Outcome::GoneBefore, None),
            Today::Changed => {
                let newer = "something newer was written under its key, and is left";
                let why = reason.unwrap_or_else(|| newer.to_owned());
                (Outcome::Retained, Some(why))
            }
            Today::Present(_) => {
                if reason.is_some() {
                    return (Outcome::Retained, reason);
                }
                let failed = self.failed.get(&at).cloned();
                let why = failed.unwrap_or_else(|| {
                    "the service said that it was hidden, and lists it all the same".to_owned()
                });
                (Outcome::StillThere, Some(why))
            }
        }
    }

    /// What happened to an item that was to be quarantined or restored, according to the second survey.
    fn outcome_of_act(
        &self,
        at: usize,
        today: &Today,
        act: &Act,
        is_done: bool,
    ) -> (Outcome, Option<String>) {
        let has_vanished = *today == Today::Gone;
        let reason = self.checked.retained.get(&at).cloned();
        match reason {
            Some(reason) if !has_vanished => return (Outcome::Retained, Some(reason)),
            _ if is_done => return (Outcome::Done, None),
            _ => {}
        }
        let was_sent = self.sent.contains(&at);
        if has_vanished && !(was_sent && act.takes_away()) {
            return (Outcome::GoneBefore, None);
        }
        let why = self.failed.get(&at).cloned().unwrap_or_else(|| {
            let why = if has_vanished {
                "it is gone from its place, and what was to be made of it is not where it should be"
            } else {
                "the service took the change, and does not show it"
            };
            why.to_owned()
        });
        (Outcome::StillThere, Some(why))
    }

    fn outcome_of_deletion(&self, at: usize, today: &Today) -> (Outcome, Option<String>) {
        let reason = self.checked.retained.get(&at).cloned();
        let is_there = match today {
            Today::Present(_) => true,
            // A newer object is in its place. If that was there before, the item was left.
            Today::Changed => reason.is_some(),
            Today::Gone => false,
        };
        match (is_there, reason) {
            (true, Some(reason)) => (Outcome::Retained, Some(reason)),
            (true, None) => {
                let why = self.failed.get(&at).cloned();
                let why = why.unwrap_or_else(|| {
                    "the service said that it was deleted, and lists it all the same".to_owned()
                });
                (Outcome::StillThere, Some(why))
            }
            (false, _) if self.sent.contains(&at) => (Outcome::Deleted, None),
            (false, _) => (Outcome::GoneBefore, None),
        }
    }
}
