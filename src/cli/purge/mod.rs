//! `s3warden purge`: plans to delete everything of a user; with `--execute`, `--write` and the user's id typed once more,
//! does it.
//!
//! The gates that need no request come first (`gate`); then a plan is made or read (`plan`), carried out, and told
//! (`told`).

mod args;
mod gate;
mod plan;
mod told;

use std::io::Write;

use tokio::sync::watch;

pub use self::args::PurgeArgs;
pub(super) use self::gate::store;
use self::plan::Prepared;
pub(super) use self::told::{PurgeRow, outcomes};
use super::session::Session;
use super::{ExitStatus, Failure};
use crate::aws::WriteMode;
use crate::ops::Meter;
use crate::ops::change::{self, Begin, Bounds, Ended, Progress, PurgeRequest, Tools};

/// What may be deleted without another word: 10,000 things and 100 GiB.
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
    let aws = session.connect().await?;
    let meter = Meter::new();
    let prepared = plan::prepare(args, session, &aws, &store, blueprint, &meter).await?;
    told::before(&prepared, session);
    if !args.is_carried_out() || prepared.plan.items.is_empty() {
        return told::plan(&prepared, session, output);
    }
    let Some(permit) = WriteMode::from_flag(session.settings.write).permit() else {
        return Err(gate::read_only());
    };
    let (sender, mut receiver) = watch::channel(Progress::default());
    let request = request(args, session, &prepared);
    let (aws, store, permit, meter, request) = (&aws, &store, &permit, &meter, &request);
    let purging = async move {
        let tools = Tools {
            aws,
            store,
            permit,
            stop: &session.stop,
            meter,
            progress: &sender,
        };
        // The sender goes with the block, which ends the telling.
        Box::pin(change::purge(tools, request)).await
    };
    let telling = told::progress(session, &mut receiver);
    let (ended, ()) = futures::join!(purging, telling);
    match ended.map_err(|failure| gate::failure(args.subject(&prepared), failure))? {
        Ended::Verified(verified) => told::verified(&prepared, &verified, session, output),
        Ended::Stopped(stopped) => told::stopped(&prepared, &stopped, session),
    }
}

fn request<'a>(args: &PurgeArgs, session: &Session, prepared: &'a Prepared) -> PurgeRequest<'a> {
    // A plan from a file was looked at; what is planned and carried out in one go was not.
    let is_one_go = args.plan.is_none() && args.resume.is_none();
    let bounds = Bounds {
        objects: args.max_objects.or(is_one_go.then_some(MOST_OBJECTS)),
        bytes: args
            .max_bytes
            .or(is_one_go.then_some(crate::domain::ByteSize(MOST_BYTES))),
    };
    PurgeRequest {
        plan: &prepared.plan,
        plan_sha256: &prepared.sha256,
        plan_file: prepared.file.clone(),
        blueprint: &prepared.blueprint,
        records: prepared.records.clone(),
        existence: prepared.existence.clone(),
        owner_still_exists: args.owner_still_exists.clone(),
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
