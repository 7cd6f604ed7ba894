//! Lists everything again, says what is gone and what is not, and writes the receipt.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::json;

use super::carry::Run;
use super::planning::{first_problem, not_searched};
use super::present::{Present, Today};
use super::{
    ChangeRequest, Ended, Point, Progress, Stopped, Tools, Verified, WhyStopped, now, reach,
};
use crate::config::private;
use crate::domain::change::Act;
use crate::domain::receipt::{BucketCounts, Outcome, Receipt, SCHEMA, SealedItem, page};

const WINDOW: &str = "objects written without versioning have no id of their own: each was looked at right before it was \
     deleted, and one that was overwritten between the two requests would have been deleted in its newer form";

pub(super) async fn settle(tools: Tools<'_>, request: &ChangeRequest<'_>, run: Run) -> Ended {
    let look = request.grounds.look(tools, request.plan, request.in_flight);
    let present = look.await;
    if let Some(problem) = first_problem(&present.coverage) {
        return stopped(&run, WhyStopped::Problem(problem));
    }
    reach(request, Point::Verified).await;
    match write(tools, request, &run, &present) {
        Ok((receipt, mut verified)) => {
            reach(request, Point::Receipted).await;
            let nothing_left = receipt
                .items
                .iter()
                .all(|item| matches!(item.outcome, Outcome::Deleted | Outcome::Done | Outcome::GoneBefore));
            if nothing_left && !request.keep_plan {
                let plan = std::fs::remove_file(&request.plan_file);
                verified.plan_removed = plan.is_ok() && run.journal.remove().is_ok();
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
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    Ended::Stopped(Stopped {
        progress: Progress {
            planned: count(run.checked.wanted.len()),
            deleted: count(run.sent.len().saturating_sub(run.failed.len())),
            failed: count(run.failed.len()),
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
) -> io::Result<(Receipt, Verified)> {
    let case = &request.plan.header.case;
    let audit = tools.store.audit();
    let receipt = receipt(request, run, present, audit.head()?)
        .sealed(&run.checked.secret)
        .map_err(io::Error::from)?;
    let (receipt_file, page_file) = tools.store.receipt_files(case);
    let text = receipt.text()?;
    private::replace(&receipt_file, |to| to.write_all(text.as_bytes()))?;
    let page = page::page(&receipt);
    private::replace(&page_file, |to| to.write_all(page.as_bytes()))?;
    let event = format!("{}-verified", request.plan.header.act.event());
    audit.append(case, &event, json!({ "receipt": receipt.digest }))?;
    let verified = Verified {
        receipt: receipt.clone(),
        receipt_file,
        page_file,
        plan_removed: false,
    };
    Ok((receipt, verified))
}

fn receipt(
    request: &ChangeRequest<'_>,
    run: &Run,
    present: &Present,
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
    let items = request.plan.items.iter().zip(&present.today).enumerate();
    let items = items.map(|(at, (item, today))| {
        let (outcome, reason) = match header.act {
            Act::Delete => run.outcome(at, today),
            _ => run.outcome_of_act(at, today, &header.act, present.done.contains(&at)),
        };
        SealedItem {
            bucket: item.claim.bucket.as_str().to_owned(),
            kind: item.kind().to_owned(),
            bytes: item.size.bytes(),
            outcome,
            reason,
            hmac: checked.secret.item(item),
        }
    });
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
        key_id: String::new(),
        existence: attested.existence,
        owner_still_exists: attested.owner_still_exists,
        planned_at: header.made_at,
        began_at: run.began,
        verified_at: now(),
        buckets: regions.collect::<BTreeMap<_, _>>(),
        items: items.collect(),
        merkle_root: String::new(),
        appeared: u64::try_from(present.appeared.len()).unwrap_or(u64::MAX),
        not_searched: not_searched(&present.coverage),
        window: run.had_window.then(|| WINDOW.to_owned()),
        audit_head,
        digest: String::new(),
        seal: String::new(),
    }
}

impl Run {
    /// What became of an item, as the listing says.
    fn outcome(&self, at: usize, today: &Today) -> (Outcome, Option<String>) {
        let reason = self.checked.retained.get(&at).cloned();
        let is_there = match today {
            Today::Present(_) => true,
            // Something newer stands in its place. Where the newer one was there before, it was left alone.
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

    /// What became of an item that was to be put aside or brought back, as the second look says.
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
}
