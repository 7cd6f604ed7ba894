//! Makes a plan and keeps it, or reads one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{PurgeArgs, gate};
use crate::aws::Aws;
use crate::cli::Failure;
use crate::cli::session::Session;
use crate::config::private;
use crate::domain::OwnerId;
use crate::domain::blueprint::Blueprint;
use crate::domain::change::{Existence, Plan};
use crate::ops::Meter;
use crate::ops::change::blockers::Blockers;
use crate::ops::change::store::Store;
use crate::ops::change::{PlanRequest, PlanningError, make_plan};
use crate::ops::find::Found;

/// A plan that can be looked at, or carried out.
pub(super) struct Prepared {
    pub(super) plan: Plan,
    pub(super) sha256: String,
    pub(super) file: PathBuf,
    pub(super) blueprint: Blueprint,
    pub(super) records: Option<BTreeSet<String>>,
    pub(super) existence: Existence,
    /// What was found and what stands against it, where the plan was made just now.
    pub(super) fresh: Option<(Found, Blockers)>,
}

pub(super) async fn prepare(
    args: &PurgeArgs,
    session: &Session,
    aws: &Aws,
    store: &Store,
    blueprint: Blueprint,
    meter: &Meter,
) -> Result<Prepared, Failure> {
    match args.plan.as_ref().or(args.resume.as_ref()) {
        Some(file) => read(args, store, file, blueprint),
        None => make(args, session, aws, store, blueprint, meter).await,
    }
}

async fn make(
    args: &PurgeArgs,
    session: &Session,
    aws: &Aws,
    store: &Store,
    blueprint: Blueprint,
    meter: &Meter,
) -> Result<Prepared, Failure> {
    let Some(owner) = args.owner.clone() else {
        return Err(Failure::usage("there is nobody to plan for").advising("give the user's id"));
    };
    let (records, existence) = (None, Existence::NotChecked);
    let request = PlanRequest {
        blueprint: blueprint.clone(),
        owner,
        records: records.clone(),
        existence: existence.clone(),
        in_flight: session.settings.jobs,
    };
    let planned = Box::pin(make_plan(aws, request, &session.stop, meter)).await;
    let planned = planned.map_err(|error| match error {
        PlanningError::Problem(problem) => Failure::from(problem),
        error @ PlanningError::Random(_) => Failure::failed(error),
    })?;
    let case = &planned.plan.header.case;
    let file = args
        .plan_out
        .clone()
        .unwrap_or_else(|| store.plan_file(case));
    let mut sha256 = String::new();
    if !planned.plan.items.is_empty() {
        private::replace(&file, |to| {
            sha256 = planned.plan.write(to)?;
            Ok(())
        })
        .map_err(|error| {
            Failure::failed(format!(
                "could not write the plan {}: {error}",
                file.display()
            ))
        })?;
    }
    Ok(Prepared {
        plan: planned.plan,
        sha256,
        file,
        blueprint,
        records,
        existence,
        fresh: Some((planned.found, planned.blockers)),
    })
}

/// Reads a plan that anybody may have touched since.
fn read(
    args: &PurgeArgs,
    store: &Store,
    file: &Path,
    blueprint: Blueprint,
) -> Result<Prepared, Failure> {
    let cannot = |why: &dyn std::fmt::Display| {
        let message = format!("could not take the plan {}: {why}", file.display());
        gate::refused(message)
            .advising("make a new plan with `s3warden purge USER`; nothing was touched")
    };
    let text = store.read_untrusted(file).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::usage(format!(
            "could not read the plan {}: there is no such file",
            file.display()
        ))
        .advising("a plan goes when everything in it was found gone; its receipt is in the state folder"),
        _ => cannot(&error),
    })?;
    let (plan, sha256) = Plan::read(&text).map_err(|error| cannot(&error))?;
    let user = plan.header.user.as_str();
    if let Some(owner) = args.owner.as_ref().map(OwnerId::as_str)
        && owner != user
    {
        return Err(cannot(&format!(
            "it is for {user:?}, and not for {owner:?}"
        )));
    }
    if args.is_carried_out() {
        gate::confirms(args, user)?;
    }
    Ok(Prepared {
        plan,
        sha256,
        file: file.to_owned(),
        blueprint,
        records: None,
        existence: Existence::NotChecked,
        fresh: None,
    })
}
