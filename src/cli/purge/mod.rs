//! `s3warden purge`: plans to delete everything of a user. With `--execute`, `--write` and the user id as a
//! confirmation, it carries out the plan.
//!
//! The gates that need no request come first (`gate`). Then a plan is made or read (`plan`), carried out, and reported
//! (`report`). Files of requests and batch plans are handled by `from`.

mod args;
mod from;
mod gate;
mod plan;
mod report;

use std::io::Write;

use tokio::sync::watch;

pub(super) use self::args::PurgeArgs;
pub(super) use self::gate::{refused_list, store, undated};
use self::plan::Prepared;
use super::session::Session;
use super::{ExitStatus, Failure, changes};
use crate::aws::{Aws, WriteMode, WritePermit};
use crate::ops::Meter;
use crate::ops::change::store::Store;
use crate::ops::change::{self, Begin, Bounds, Ended, Progress, PurgeRequest, Tools, receipt_copy};

/// The default limits of a deletion: 10,000 items and 100 GiB.
const MOST_OBJECTS: u64 = 10_000;
const MOST_BYTES: u64 = 100 << 30;

pub(super) async fn run<W: Write>(
    args: &PurgeArgs,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    let blueprint = gate::blueprint(session)?;
    let store = gate::store(session)?;
    gate::confirmation(args, session)?;
    gate::receipt_to(args, &blueprint)?;
    if let Some(file) = &args.from {
        return from::make(args, session, (&store, blueprint), file, output).await;
    }
    if let Some(file) = args.plan.as_ref().or(args.resume.as_ref())
        && let Some(batch) = from::read(&store, file)?
    {
        let opened = from::Opened::new(batch, file.clone());
        return from::go_on(args, session, (&store, blueprint), opened, output).await;
    }
    let aws = session.connect().await?;
    let meter = Meter::new();
    let prepared = plan::prepare(args, session, &aws, &store, blueprint, &meter).await?;
    report::before(&prepared, session);
    if !args.is_carried_out() || prepared.plan.items.is_empty() {
        return report::plan(&prepared, args, session, output);
    }
    let Some(permit) = WriteMode::from_flag(session.settings.write).permit() else {
        return Err(gate::read_only());
    };
    let with = (&aws, &store, &permit, &meter);
    let ended = carry_out(args, session, with, &prepared).await;
    let verified = match ended.map_err(|failure| gate::failure(args.subject(&prepared), failure))? {
        Ended::Verified(verified) => verified,
        Ended::Stopped(stopped) => return report::stopped(&prepared, args, &stopped, session),
    };
    let status = report::verified(&prepared, &verified, session, output)?;
    let Some(to) = &args.receipt_to else {
        return Ok(status);
    };
    let place = receipt_copy::place(to, &prepared.blueprint, &verified.receipt.case);
    let place = place.map_err(|why| gate::no_copy(to, why))?;
    let copying = receipt_copy::copy((&aws, &store), &place, &verified.receipt, &permit, &meter);
    copying.await.map_err(|why| {
        gate::no_copy(to, why).advising(format!(
            "the receipt itself is safe: {}",
            verified.receipt_file.display()
        ))
    })?;
    report::copied(&place, session);
    Ok(status)
}

/// Carries out the plan and shows the progress.
async fn carry_out(
    args: &PurgeArgs,
    session: &Session,
    (aws, store, permit, meter): (&Aws, &Store, &WritePermit, &Meter),
    prepared: &Prepared,
) -> Result<Ended, change::Failure> {
    let (sender, mut receiver) = watch::channel(Progress::default());
    let request = &request(args, session, prepared);
    let carrying_out = async move {
        let tools = Tools {
            aws,
            store,
            permit,
            stop: &session.stop,
            meter,
            progress: &sender,
        };
        // The sender is dropped with the block, which ends the progress output.
        match &prepared.undoes {
            Some(soft) => Box::pin(change::perform(tools, &request.on(soft))).await,
            None => Box::pin(change::purge(tools, request)).await,
        }
    };
    let done = prepared.plan.header.act.done();
    let telling = changes::progress(session, done, &mut receiver);
    let (ended, ()) = futures::join!(carrying_out, telling);
    ended
}

fn request<'a>(args: &PurgeArgs, session: &Session, prepared: &'a Prepared) -> PurgeRequest<'a> {
    // The default limits apply only if a plan is made and carried out in one run: a plan from a file was already
    // checked.
    let is_one_go = args.plan.is_none() && args.resume.is_none();
    let bounds = Bounds {
        objects: args.max_objects.or(is_one_go.then_some(MOST_OBJECTS)),
        bytes: args
            .max_bytes
            .or(is_one_go.then_some(crate::domain::ByteSize(MOST_BYTES))),
        heads: Some(args.max_heads),
    };
    PurgeRequest {
        plan: &prepared.plan,
        plan_sha256: &prepared.sha256,
        plan_file: prepared.file.clone(),
        blueprint: &prepared.blueprint,
        records: prepared.records.clone(),
        lists: prepared.lists.clone(),
        existence: prepared.existence.clone(),
        owner_still_exists: args.owner_still_exists.clone(),
        subject_as_given: args.subject_as_given,
        bounds,
        begin: if args.resume.is_some() {
            Begin::Again
        } else {
            Begin::First
        },
        keep_plan: args.keep_plan,
        in_flight: session.settings.jobs,
        at_point: None,
    }
}
