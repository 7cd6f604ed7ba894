//! `purge --from FILE`: makes a plan for many users, carries it out or resumes it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Serialize;
use tokio::sync::watch;

use super::{MOST_BYTES, MOST_OBJECTS, PurgeArgs, gate};
use crate::aws::{Aws, WriteMode, WritePermit};
use crate::cli::find::UnexplainedRow;
use crate::cli::formats::{Column, Document, Note, Record};
use crate::cli::session::Session;
use crate::cli::{ExitStatus, Failure, changes, next};
use crate::domain::blueprint::Blueprint;
use crate::domain::change::Operator;
use crate::domain::change::plan::AnnotationCount;
use crate::domain::search::OtherBuckets;
use crate::domain::size::{grouped, whole};
use crate::domain::text::{quoted, safe};
use crate::domain::words::{counted, counted_are};
use crate::domain::{BucketName, ByteSize};
use crate::ops::Meter;
use crate::ops::change::batch::{self, Batch, BatchEnd, BatchRequest, BatchRun, Outcome, UserEnd};
use crate::ops::change::store::Store;
use crate::ops::change::{self, Bounds, Progress, Tools, receipt_copy};
use crate::ops::find::{Lists, Unexplained};

const SCHEMA: &str = "s3warden/purge-from/1";

/// A batch plan with its path.
pub(super) struct Opened {
    batch: Batch,
    file: PathBuf,
    /// Whether it was just made, so that nobody has checked it.
    is_fresh: bool,
    /// The list of unknown age on which no change may be based; as a clause.
    undated: Option<String>,
    /// What no layout explains, and was not searched, by bucket; none where the plan was not made just now.
    unexplained: Option<Vec<(BucketName, Unexplained)>>,
}

impl Opened {
    pub(super) fn new(batch: Batch, file: PathBuf) -> Self {
        Self {
            batch,
            file,
            is_fresh: false,
            undated: None,
            unexplained: None,
        }
    }
}

/// A user as a row.
#[derive(Debug, Serialize)]
struct UserRow<'a> {
    user: &'a str,
    reference: Option<&'a str>,
    case: Option<&'a str>,
    outcome: &'static str,
    reason: Option<&'a str>,
    planned: u64,
    size: u64,
    deleted: Option<u64>,
    receipt: Option<String>,
}

impl Record for UserRow<'_> {
    const FIELDS: &'static [&'static str] = &[
        "user",
        "reference",
        "case",
        "outcome",
        "reason",
        "planned",
        "size",
        "deleted",
        "receipt",
    ];
    const COLUMNS: &'static [Column] = &[
        Column::words("OUTCOME", 14),
        Column::words("USER", 24),
        Column::words("REQUEST", 12),
        Column::numbers("PLANNED", 9),
        Column::numbers("SIZE", 10),
        Column::words("WHY", 0),
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.outcome.to_owned(),
            self.user.to_owned(),
            self.reference.unwrap_or_default().to_owned(),
            grouped(self.planned),
            ByteSize(self.size).to_string(),
            self.reason.unwrap_or_default().to_owned(),
        ]
    }
}

#[derive(Debug, Serialize)]
struct Totals<'a> {
    batch: &'a str,
    blueprint: &'a str,
    operator: &'a Operator,
    users: usize,
    /// The confirmation to type.
    confirm: String,
    planned: u64,
    size: u64,
    plan: Option<String>,
    summary: Option<String>,
    /// The number of requests in the file. It exceeds the number of users if several are for the same user.
    requests: u64,
    /// The buckets of the account that the blueprint does not mention.
    other_buckets: Option<&'a OtherBuckets>,
    /// What no layout explains, and was not searched; none where the plan was not made just now.
    unexplained: Option<Vec<UnexplainedRow<'a>>>,
    /// The annotations of all users' versions, as counted for the plans. S3 deletes them with their objects.
    annotations: Option<AnnotationCount>,
}

/// Reads a batch plan; `None` if it is a single user's plan, or cannot be opened, which is reported elsewhere.
pub(super) fn read(store: &Store, file: &Path) -> Result<Option<Batch>, Failure> {
    match batch::read(store, file) {
        Ok(read) => Ok(read),
        Err(error) if error.kind() == std::io::ErrorKind::Other && is_batch(file) => {
            Err(Failure::refused(format!(
                "could not take the plan {}: {error}",
                file.display()
            ))
            .advising("make a new plan with `s3warden purge --from FILE`; nothing was touched"))
        }
        Err(_) => Ok(None),
    }
}

fn is_batch(file: &Path) -> bool {
    let name = file.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.ends_with(".batch.json"))
}

/// Makes the plan for all requests of a file, and carries it out if requested.
pub(super) async fn make<W: Write>(
    args: &PurgeArgs,
    session: &Session,
    (store, blueprint): (&Store, Blueprint),
    file: &Path,
    output: W,
) -> Result<ExitStatus, Failure> {
    let cannot = |why: &dyn std::fmt::Display| {
        Failure::usage(format!(
            "could not read the requests {}: {why}",
            file.display()
        ))
        .advising("put it right: a request that cannot be read would be left out unseen")
    };
    let requests = batch::read_requests(file).map_err(|error| cannot(&error))?;
    let aws = session.connect().await?;
    let meter = Meter::new();
    // Plans that cannot be removed now are tried again next time.
    let _ = store.forget_plans(SystemTime::now());
    let request = BatchRequest {
        blueprint: blueprint.clone(),
        requests,
        lists: super::plan::lists(args, session, &blueprint)?,
        max_heads: args.max_heads,
        max_annotated: super::plan::max_annotated(args),
        in_flight: session.settings.jobs,
    };
    let told = |user: &batch::BatchUser| {
        for gap in &user.not_searched {
            let who = &user.user;
            session
                .reporter()
                .incomplete(&format!("{who}: {}: {}", gap.what, gap.why));
        }
    };
    let made = batch::make((&aws, store), &request, &session.stop, &meter, told).await;
    let batch::Made {
        batch,
        undated,
        unexplained,
    } = made.map_err(|error| match error {
        batch::NoBatch::Registry(none) => gate::refused_list(none),
        other => match change::Failure::from(other) {
            change::Failure::Refused { why, advice } => {
                Failure::refused(format!("could not make the plan: {why}"))
                    .advising(advice)
                    .advising("nothing was touched")
            }
            change::Failure::Problem(problem) => Failure::from(problem),
            change::Failure::File(why) => Failure::failed(why),
        },
    })?;
    for (bucket, unexplained) in &unexplained {
        session.reporter().note(&unexplained.words(bucket));
    }
    if let Some(annotations) = batch.annotations() {
        let reporter = session.reporter();
        reporter.note(&safe(&annotations.words()));
        if annotations.unknown > 0 && !args.count_annotations {
            reporter.note("--count-annotations counts them, a request for each version");
        }
    }
    let to = args.plan_out.clone();
    let to = to.unwrap_or_else(|| store.batch_file(&batch.batch));
    batch::write(&batch, &to).map_err(|error| {
        Failure::failed(format!(
            "could not write the plan {}: {error}",
            to.display()
        ))
    })?;
    let opened = Opened {
        batch,
        file: to,
        is_fresh: true,
        undated,
        unexplained: Some(unexplained),
    };
    if args.is_carried_out() {
        return carry_out(args, session, &aws, (store, blueprint), &opened, output).await;
    }
    planned(args, &opened, session, &request.lists, output)
}

/// Carries out or resumes a batch plan; without --execute, only prints it.
pub(super) async fn go_on<W: Write>(
    args: &PurgeArgs,
    session: &Session,
    (store, blueprint): (&Store, Blueprint),
    opened: Opened,
    output: W,
) -> Result<ExitStatus, Failure> {
    if args.owner.is_some() || args.soft || args.owner_still_exists.is_some() {
        return Err(Failure::usage(format!(
            "{} is a plan over many users: it takes no USER and no --owner-still-exists",
            opened.file.display()
        )));
    }
    if !args.is_carried_out() {
        let lists = super::plan::lists(args, session, &blueprint)?;
        return planned(args, &opened, session, &lists, output);
    }
    let aws = session.connect().await?;
    carry_out(args, session, &aws, (store, blueprint), &opened, output).await
}

/// Checks that the typed number is the number of users to purge.
fn confirms(args: &PurgeArgs, batch: &Batch) -> Result<(), Failure> {
    let wanted = batch.confirmation();
    if args.confirm.as_deref() == Some(wanted.as_str()) {
        return Ok(());
    }
    let users = counted(batch.count(), "user");
    let said = match &args.confirm {
        None => "it was not confirmed".to_owned(),
        Some(typed) => format!(
            "--confirm says {}, and the plan is for {users}",
            quoted(typed)
        ),
    };
    Err(
        Failure::refused(format!("could not delete the things of {users}: {said}")).advising(
            format!(
                "look at the plan; give --confirm {wanted} if it is right; nothing was touched"
            ),
        ),
    )
}

async fn carry_out<W: Write>(
    args: &PurgeArgs,
    session: &Session,
    aws: &Aws,
    (store, blueprint): (&Store, Blueprint),
    opened: &Opened,
    output: W,
) -> Result<ExitStatus, Failure> {
    let batch = &opened.batch;
    let discard = || {
        // Nothing was changed, and nobody has seen the plan, which was made only for this run.
        if opened.is_fresh {
            for plan in batch.users.iter().filter_map(|user| user.plan.as_ref()) {
                let _ = std::fs::remove_file(store.plan_file(&plan.case));
            }
            let _ = std::fs::remove_file(&opened.file);
        }
    };
    if let Err(failure) = confirms(args, batch) {
        discard();
        return Err(failure);
    }
    let Some(permit) = WriteMode::from_flag(session.settings.write).permit() else {
        discard();
        return Err(gate::read_only());
    };
    if let Some(to) = &args.receipt_to
        && !(to.prefix.is_empty() || to.prefix.ends_with('/'))
    {
        discard();
        return Err(Failure::usage(
            "--receipt-to needs a folder here, for there is a receipt for each user: end it with '/'",
        ));
    }
    let meter = Meter::new();
    let (sender, mut receiver) = watch::channel(Progress::default());
    let run = BatchRun {
        batch,
        file: opened.file.clone(),
        blueprint: &blueprint,
        lists: super::plan::lists(args, session, &blueprint)?,
        bounds: Bounds {
            objects: args.max_objects.or(opened.is_fresh.then_some(MOST_OBJECTS)),
            bytes: args
                .max_bytes
                .or(opened.is_fresh.then_some(ByteSize(MOST_BYTES))),
            heads: Some(args.max_heads),
        },
        subject_as_given: args.subject_as_given,
        keep_plan: args.keep_plan,
        in_flight: session.settings.jobs,
        at_point: None,
    };
    let (meter_ref, permit_ref, run_ref) = (&meter, &permit, &run);
    let acting = async move {
        let tools = Tools {
            aws,
            store,
            permit: permit_ref,
            stop: &session.stop,
            meter: meter_ref,
            progress: &sender,
        };
        // The table shows the rest.
        let told = |user: &UserEnd| {
            if user.receipt.is_some() {
                session.reporter().note(&user_words(user));
            }
        };
        // The sender is dropped with the block, which ends the progress output.
        Box::pin(batch::run(tools, run_ref, told)).await
    };
    let telling = changes::progress(session, "deleted", &mut receiver);
    let (ended, ()) = futures::join!(acting, telling);
    let end = ended.map_err(|failure| {
        discard();
        let whose = counted(batch.count(), "user");
        gate::failure_of(&format!("the things of {whose}"), failure)
    })?;
    copy_receipts(
        args,
        (aws, store),
        &blueprint,
        &end,
        (&permit, &meter),
        session,
    )
    .await?;
    finished(args, opened, &end, session, output)
}

/// The result for a user on one line.
fn user_words(user: &UserEnd) -> String {
    let who = &user.user;
    let why = user.why.as_deref().map(|why| format!(": {why}"));
    let why = why.unwrap_or_default();
    match user.outcome {
        Outcome::Purged => format!("{who}: {} deleted", counted(user.deleted, "thing")),
        Outcome::NothingFound => format!("{who}: nothing was found{why}"),
        Outcome::InPart => format!(
            "{who}: {} deleted, and not all is done{why}",
            counted(user.deleted, "thing")
        ),
        Outcome::StillThere => format!("{who}: the deletion did not succeed{why}"),
        Outcome::Left => format!("{who}: left, and nothing of this user was touched{why}"),
    }
}

/// Stores the requested copies of the receipts.
async fn copy_receipts(
    args: &PurgeArgs,
    (aws, store): (&Aws, &Store),
    blueprint: &Blueprint,
    end: &BatchEnd,
    (permit, meter): (&WritePermit, &Meter),
    session: &Session,
) -> Result<(), Failure> {
    let Some(to) = &args.receipt_to else {
        return Ok(());
    };
    for (receipt, file) in &end.receipts {
        let no_copy = |why| {
            gate::no_copy(to, why)
                .advising(format!("the receipt itself is safe: {}", file.display()))
        };
        let place = receipt_copy::place(to, blueprint, &receipt.case).map_err(no_copy)?;
        let copying = receipt_copy::copy((aws, store), &place, receipt, permit, meter);
        copying.await.map_err(no_copy)?;
        super::report::copied(&place, session);
    }
    Ok(())
}

/// Prints a plan that is not carried out, and how to carry it out.
fn planned<W: Write>(
    args: &PurgeArgs,
    opened: &Opened,
    session: &Session,
    lists: &Lists,
    output: W,
) -> Result<ExitStatus, Failure> {
    print(opened, None, session, output)?;
    let batch = &opened.batch;
    let reporter = session.reporter();
    about(batch, session);
    let left = whole(batch.users.len() - batch.count());
    if left > 0 {
        reporter.warning(&format!(
            "{} left out: the table says why",
            counted_are(left, "user")
        ));
    }
    let status = if batch.is_whole() {
        ExitStatus::Done
    } else {
        ExitStatus::Found
    };
    if batch.count() == 0 {
        reporter.note("there is nobody to purge; nothing was changed");
        return Ok(status);
    }
    reporter.note(&format!(
        "planned: {} of {} to be deleted, {}; nothing was changed. The plan, which names the users, is {}; never begun, it is \
         removed after a week",
        counted(batch.items(), "thing"),
        counted(batch.count(), "user"),
        batch.bytes(),
        opened.file.display()
    ));
    let read = [lists.owners.is_some(), lists.keys.is_some()];
    let planned = [&batch.owner_list, &batch.record_list];
    let obstacle = gate::not_judged_again(planned.map(Option::as_deref), read)
        .or_else(|| gate::undated(opened.undated.as_deref()))
        .or_else(|| gate::beyond(args, batch.items(), batch.bytes()));
    if let Some(obstacle) = obstacle {
        reporter.warning(&format!(
            "it would be refused: {}; {}",
            obstacle.why, obstacle.advice
        ));
        return Ok(ExitStatus::Found);
    }
    let command = next::command(session, "purge")
        .option("--plan", &opened.file.to_string_lossy())
        .given(args.again())
        .given([("--write", None), ("--execute", None)])
        .option("--confirm", &batch.confirmation());
    reporter.command("to carry it out", &command);
    Ok(status)
}

/// Prints remarks about all requests.
fn about(batch: &Batch, session: &Session) {
    let reporter = session.reporter();
    if batch.doubled() > 0 {
        reporter.note(&format!(
            "{} for {}: whoever is named again is purged once",
            counted_are(batch.requests, "request"),
            counted(batch.users.len(), "user")
        ));
    }
    let words = batch.other_buckets.as_ref().and_then(OtherBuckets::words);
    if let Some(words) = words {
        reporter.note(&words);
    }
}

/// Prints the result for every user, and the totals.
fn finished<W: Write>(
    args: &PurgeArgs,
    opened: &Opened,
    end: &BatchEnd,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    print(opened, Some(end), session, output)?;
    let reporter = session.reporter();
    let of = |outcome| {
        let users = end.users.iter().filter(|user| user.outcome == outcome);
        whole(users.count())
    };
    if let Some(stopped) = &end.stopped {
        let command = next::command(session, "purge")
            .option("--resume", &opened.file.to_string_lossy())
            .given(args.again())
            .word("--write")
            .option("--confirm", &opened.batch.confirmation());
        let again = format!("to go on: {command}");
        let so_far = format!(
            "{} of {} done; of the next one {}",
            end.users.len(),
            counted_are(opened.batch.users.len(), "user"),
            counted(stopped.progress.deleted, "thing")
        ) + " deleted by the word of the service";
        return changes::stopped(
            session,
            stopped,
            (&so_far, "it was not listed again"),
            again,
        );
    }
    about(&opened.batch, session);
    reporter.note(&format!(
        "{} purged, {} without anything to delete, {} purged in part, {} left untouched",
        counted(of(Outcome::Purged), "user"),
        grouped(of(Outcome::NothingFound)),
        grouped(of(Outcome::InPart) + of(Outcome::StillThere)),
        grouped(of(Outcome::Left))
    ));
    if let Some(summary) = &end.summary {
        reporter.note(&format!("summary: {}", summary.display()));
    }
    if !end.plan_removed {
        reporter.note(&format!(
            "the plan is kept, and names the users: {}",
            opened.file.display()
        ));
    }
    Ok(if of(Outcome::StillThere) > 0 {
        ExitStatus::Failed
    } else if end.is_whole() {
        ExitStatus::Done
    } else {
        ExitStatus::Found
    })
}

fn print<W: Write>(
    opened: &Opened,
    end: Option<&BatchEnd>,
    session: &Session,
    output: W,
) -> Result<(), Failure> {
    let batch = &opened.batch;
    let mut document = Document::begin::<UserRow<'_>>(session.look(), SCHEMA, output)?;
    let mut notes = Vec::new();
    for (at, user) in batch.users.iter().enumerate() {
        let ended = end.and_then(|end| end.users.get(at));
        let plan = user.plan.as_ref();
        let (outcome, reason) = match (ended, &user.left, plan) {
            (Some(ended), ..) => (ended.outcome.word(), ended.why.as_deref()),
            (None, Some(why), _) => (Outcome::Left.word(), Some(why.as_str())),
            (None, None, Some(_)) => ("planned", None),
            (None, None, None) => (Outcome::NothingFound.word(), None),
        };
        if let Some(why) = reason {
            notes.push(Note {
                what: format!("the user {}", user.user),
                why: why.to_owned(),
            });
        } else if let Some(gap) = user.not_searched.first() {
            notes.push(Note {
                what: format!("the user {}: {}", user.user, gap.what),
                why: gap.why.clone(),
            });
        } else if end.is_some() && ended.is_none() {
            notes.push(Note {
                what: format!("the user {}", user.user),
                why: "it was stopped before".to_owned(),
            });
        }
        document.item(&UserRow {
            user: &user.user,
            reference: user.reference.as_deref(),
            case: plan.map(|plan| plan.case.as_str()),
            outcome,
            reason,
            planned: plan.map_or(0, |plan| plan.items),
            size: plan.map_or(0, |plan| plan.bytes),
            deleted: ended.map(|ended| ended.deleted),
            receipt: ended
                .and_then(|ended| ended.receipt.as_ref())
                .map(|file| file.display().to_string()),
        })?;
    }
    let totals = Totals {
        batch: &batch.batch,
        blueprint: &batch.blueprint,
        operator: &batch.operator,
        users: batch.users.len(),
        confirm: batch.confirmation(),
        planned: batch.items(),
        size: batch.bytes().bytes(),
        plan: end
            .is_none_or(|end| !end.plan_removed)
            .then(|| opened.file.display().to_string()),
        summary: end
            .and_then(|end| end.summary.as_ref())
            .map(|file| file.display().to_string()),
        requests: batch.requests,
        other_buckets: batch.other_buckets.as_ref(),
        unexplained: opened
            .unexplained
            .as_ref()
            .map(|all| all.iter().map(UnexplainedRow::of).collect()),
        annotations: batch.annotations(),
    };
    document.end(&totals, &notes)?;
    Ok(())
}
