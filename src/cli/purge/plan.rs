//! Makes and stores a plan, or reads one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{PurgeArgs, gate};
use crate::aws::Aws;
use crate::cli::Failure;
use crate::cli::session::Session;
use crate::config::private;
use crate::domain::blueprint::Blueprint;
use crate::domain::change::{Act, Existence, Plan};
use crate::domain::registry::Purpose;
use crate::domain::text;
use crate::domain::words::counted;
use crate::domain::{BucketName, OwnerId};
use crate::ops::Meter;
use crate::ops::change::annotated;
use crate::ops::change::blockers::Blockers;
use crate::ops::change::plans;
use crate::ops::change::store::Store;
use crate::ops::change::undo::SoftPurge;
use crate::ops::change::{PlanRequest, PlanningError, make_plan};
use crate::ops::find::{self, Found, Lists, Records, TrustedLists, Unexplained};

/// A plan to show or to carry out.
pub(super) struct Prepared {
    pub(super) plan: Plan,
    pub(super) sha256: String,
    pub(super) file: PathBuf,
    pub(super) blueprint: Blueprint,
    pub(super) records: Option<BTreeSet<String>>,
    pub(super) lists: TrustedLists,
    pub(super) existence: Existence,
    /// An active user with a similar id.
    pub(super) likeness: Option<String>,
    /// What a person should know of the lists, and of what was not searched, a sentence each.
    pub(super) remarks: Vec<String>,
    /// The list of unknown age on which no change may be based; as a clause.
    pub(super) undated: Option<String>,
    /// The soft purge to undo, if any.
    pub(super) undoes: Option<SoftPurge>,
    /// The search result and the obstacles, if the plan was just made.
    pub(super) fresh: Option<Fresh>,
}

/// What is known of a plan that was made just now.
pub(super) struct Fresh {
    pub(super) found: Found,
    pub(super) blockers: Blockers,
    /// What no layout explains, and was not searched, by bucket.
    pub(super) unexplained: Vec<(BucketName, Unexplained)>,
}

impl Prepared {
    /// The user of the plan.
    pub(super) fn user(&self) -> &str {
        self.plan.header.subject.user().unwrap_or_default()
    }
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
        Some(file) => read(args, session, (aws, store, meter), file, blueprint).await,
        None if args.undo.is_some() => undo(args, session, aws, store, blueprint, meter).await,
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
    let spoken = ask(args, session, aws, &blueprint, &owner, meter).await?;
    let (records, lists, existence) = (spoken.keys, spoken.lists, spoken.existence);
    let request = PlanRequest {
        blueprint: blueprint.clone(),
        owner,
        act: if args.soft { Act::Mark } else { Act::Delete },
        records: records.clone(),
        lists: lists.clone(),
        existence: existence.clone(),
        max_heads: args.max_heads,
        max_annotated: max_annotated(args),
        in_flight: session.settings.jobs,
    };
    let (planned, unexplained) = futures::join!(
        Box::pin(make_plan(aws, request, &session.stop, meter)),
        find::unexplained(aws, &blueprint, session.settings.jobs, &session.stop, meter)
    );
    let planned = planned.map_err(|error| match error {
        PlanningError::Problem(problem) => Failure::from(problem),
        PlanningError::Refused { why, advice } => {
            Failure::refused(format!("could not make the plan: {why}"))
                .advising(advice)
                .advising("nothing was touched")
        }
        error @ PlanningError::Random(_) => Failure::failed(error),
    })?;
    let (file, sha256) = keep(args, session, store, &planned.plan)?;
    Ok(Prepared {
        plan: planned.plan,
        sha256,
        file,
        blueprint,
        records,
        lists,
        existence,
        likeness: spoken.likeness,
        remarks: spoken.remarks,
        undated: spoken.undated,
        undoes: None,
        fresh: Some(Fresh {
            found: planned.found,
            blockers: planned.blockers,
            unexplained,
        }),
    })
}

/// Makes the plan that removes the delete markers of a soft purge.
async fn undo(
    args: &PurgeArgs,
    session: &Session,
    aws: &Aws,
    store: &Store,
    blueprint: Blueprint,
    meter: &Meter,
) -> Result<Prepared, Failure> {
    let Some(file) = &args.undo else {
        return Err(Failure::usage("there is nothing to undo").advising("give a receipt"));
    };
    let given = args.owner.as_ref().map(OwnerId::as_str);
    let Some(user) = given.or(args.confirm.as_deref()) else {
        return Err(Failure::usage("could not tell whose purge to undo")
            .advising("give the user's id; the receipt holds only its hash"));
    };
    let refused = |failure| gate::failure(user, failure);
    let soft = SoftPurge::read(store, file).map_err(refused)?;
    let owner = OwnerId::new(user).map_err(Failure::usage)?;
    soft.is_of(store, &owner).map_err(refused)?;
    let plan = soft.plan(aws, &blueprint, &owner, meter).await;
    let plan = plan.map_err(refused)?;
    let (file, sha256) = keep(args, session, store, &plan)?;
    Ok(Prepared {
        plan,
        sha256,
        file,
        blueprint,
        records: None,
        lists: TrustedLists::default(),
        existence: Existence::NotChecked,
        likeness: None,
        remarks: Vec::new(),
        undated: None,
        undoes: Some(soft),
        fresh: None,
    })
}

/// Writes a plan, and removes old ones that were never started. Returns its path and checksum.
fn keep(
    args: &PurgeArgs,
    session: &Session,
    store: &Store,
    plan: &Plan,
) -> Result<(PathBuf, String), Failure> {
    // Plans that cannot be removed now are tried again next time.
    let forgotten = store.forget_plans(SystemTime::now()).unwrap_or_default();
    if forgotten > 0 {
        session.reporter().note(&format!(
            "removed {} from the state folder: more than a week old, and never begun",
            counted(forgotten, "plan")
        ));
    }
    let file = args
        .plan_out
        .clone()
        .unwrap_or_else(|| store.plan_file(&plan.header.case));
    let mut sha256 = String::new();
    if !plan.items.is_empty() {
        private::replace(&file, |to| {
            sha256 = plan.write(to)?;
            Ok(())
        })
        .map_err(|error| {
            Failure::failed(format!(
                "could not write the plan {}: {error}",
                file.display()
            ))
        })?;
        // A plan elsewhere is recorded, so that a later purge can name it.
        if args.plan_out.is_some() {
            plans::remember(store, &plan.header, &file).map_err(|error| {
                Failure::failed(format!("could not write down where the plan is: {error}"))
            })?;
        }
    }
    Ok((file, sha256))
}

/// Reads a plan that others may have modified.
async fn read(
    args: &PurgeArgs,
    session: &Session,
    (aws, store, meter): (&Aws, &Store, &Meter),
    file: &Path,
    blueprint: Blueprint,
) -> Result<Prepared, Failure> {
    let cannot = |why: &dyn std::fmt::Display| {
        let message = format!("could not take the plan {}: {why}", file.display());
        Failure::refused(message)
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
    let Some(user) = plan.header.subject.user() else {
        return Err(cannot(&format!(
            "it is for {}, and not for a user's",
            plan.header.subject.words()
        )));
    };
    if let Some(owner) = args.owner.as_ref().map(OwnerId::as_str)
        && owner != user
    {
        return Err(cannot(&format!(
            "it is for {}, and not for {}",
            text::quoted(user),
            text::quoted(owner)
        )));
    }
    if args.is_carried_out() {
        gate::confirms(args, user)?;
    }
    let owner = OwnerId::new(user).map_err(|error| cannot(&error))?;
    if let Act::Unmark { case } = &plan.header.act {
        let receipt = args
            .undo
            .clone()
            .unwrap_or_else(|| store.receipt_files(case).0);
        let soft = SoftPurge::read(store, &receipt).and_then(|soft| {
            soft.is_of(store, &owner)?;
            Ok(soft)
        });
        return Ok(Prepared {
            undoes: Some(soft.map_err(|failure| gate::failure(user, failure))?),
            plan,
            sha256,
            file: file.to_owned(),
            blueprint,
            records: None,
            lists: TrustedLists::default(),
            existence: Existence::NotChecked,
            likeness: None,
            remarks: Vec::new(),
            undated: None,
            fresh: None,
        });
    }
    let spoken = ask(args, session, aws, &blueprint, &owner, meter).await?;
    Ok(Prepared {
        plan,
        sha256,
        file: file.to_owned(),
        blueprint,
        records: spoken.keys,
        lists: spoken.lists,
        existence: spoken.existence,
        likeness: spoken.likeness,
        remarks: spoken.remarks,
        undated: spoken.undated,
        undoes: None,
        fresh: None,
    })
}

/// Reads what the application's lists say about the user. An unreliable list is a refusal: no plan is based on a
/// partial list.
async fn ask(
    args: &PurgeArgs,
    session: &Session,
    aws: &Aws,
    blueprint: &Blueprint,
    owner: &OwnerId,
    meter: &Meter,
) -> Result<Records, Failure> {
    let lists = lists(args, session, blueprint)?;
    let asked = find::ask(aws, blueprint, &lists, owner, &session.stop, meter).await;
    asked.map_err(gate::refused_list)
}

/// The application's lists and their requirements.
pub(super) fn lists(
    args: &PurgeArgs,
    session: &Session,
    blueprint: &Blueprint,
) -> Result<Lists, Failure> {
    let purpose = if args.is_carried_out() {
        Purpose::Act
    } else {
        Purpose::Look
    };
    let state = session.state().map(Path::to_owned);
    args.lists.for_user(blueprint, purpose, state)
}

/// The maximum number of versions whose annotations are counted.
pub(super) fn max_annotated(args: &PurgeArgs) -> u64 {
    if args.count_annotations {
        u64::MAX
    } else {
        annotated::ASKED
    }
}
