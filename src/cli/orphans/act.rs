//! `orphans --act`: quarantines, deletes or restores orphans.
//!
//! Without `--write` and `--confirm` it shows what would be done, and what to type. Otherwise it makes the report
//! again, compares it with the confirmation, makes a plan, judges everything again, and runs the change engine.
//! `act_report` prints the result.

use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::Utc;
use tokio::sync::watch;

use super::act_args::{ActArgs, ActWord, By, Confirmation};
use super::{OrphansArgs, act_report, conclude, request, say, search};
use crate::aws::{Aws, WriteMode, WritePermit};
use crate::cli::session::Session;
use crate::cli::{ExitStatus, Failure, changes, choice, purge};
use crate::config::private;
use crate::domain::blueprint::Blueprint;
use crate::domain::change::{Act, Plan};
use crate::domain::configuration::Rule;
use crate::domain::orphans::{ExactVerdict, Kind, KindTotal, Verdict};
use crate::domain::prices::PriceTable;
use crate::domain::quarantine::{Method, rule};
use crate::domain::registry::{Date, Purpose};
use crate::domain::size::grouped;
use crate::domain::words::{are, counted};
use crate::domain::{BucketName, text};
use crate::ops::Meter;
use crate::ops::change::annotated;
use crate::ops::change::authorization::Authorization;
use crate::ops::change::store::Store;
use crate::ops::change::{self, Begin, PlanningError, Progress, Tools};
use crate::ops::find;
use crate::ops::orphans::{Ended, Report};
use crate::ops::quarantine::{
    self, ActRequest, HeldRequest, LeftOut, Orphans, PlanRequest, QuarantineContents, Wanted, act,
    brings_back_all, plan_of, plan_restore,
};

/// A plan, with what to print before it runs.
pub(super) struct Prepared {
    pub(super) bucket: BucketName,
    pub(super) plan: Plan,
    pub(super) sha256: String,
    pub(super) file: PathBuf,
    pub(super) left_out: Vec<LeftOut>,
    /// The lifecycle rule that is wanted, or would be.
    pub(super) rule: Option<Rule>,
    pub(super) begin: Begin,
    /// Remarks, one sentence each.
    pub(super) remarks: Vec<String>,
    /// Orphans that are only deleted if their kind is named.
    pub(super) by_name: Vec<KindTotal>,
    /// The list of unknown age on which no change may be based; as a clause.
    pub(super) undated: Option<String>,
}

/// The context of an act.
struct Scene<'a> {
    args: &'a OrphansArgs,
    session: &'a Session,
    blueprint: &'a Blueprint,
    bucket: &'a BucketName,
    aws: &'a Aws,
    meter: &'a Meter,
}

pub(super) async fn run<W: Write>(
    args: &OrphansArgs,
    word: ActWord,
    prices: &PriceTable,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    check(args, word)?;
    let blueprint = blueprint(session)?;
    let bucket = bucket(args, &blueprint)?;
    if args.act.confirm.is_some() && !session.settings.write {
        return Err(read_only());
    }
    let store = purge::store(session)?;
    let aws = session.connect().await?;
    let meter = Meter::new();
    let scene = Scene {
        args,
        session,
        blueprint: &blueprint,
        bucket: &bucket,
        aws: &aws,
        meter: &meter,
    };
    let prepared = match (&args.act.resume, word) {
        (Some(file), _) => read(&scene, &store, file, word)?,
        (None, ActWord::Restore) => scene.of_held().await?,
        (None, ActWord::Quarantine | ActWord::Delete) => {
            match Box::pin(scene.of_report(word, prices)).await? {
                Ok(prepared) => prepared,
                Err(report) => return conclude(session, &report, prices),
            }
        }
    };
    act_report::before(&prepared, session);
    let permit = WriteMode::from_flag(session.settings.write).permit();
    let (Some(permit), Some(typed)) = (permit, &args.act.confirm) else {
        return act_report::plan(&prepared, args, word, session, output);
    };
    confirms(typed, &prepared)?;
    if prepared.plan.items.is_empty() {
        return act_report::plan(&prepared, args, word, session, output);
    }
    carry_out(&scene, &store, &permit, prepared, output).await
}

/// Checks that clap does not support.
fn check(args: &OrphansArgs, word: ActWord) -> Result<(), Failure> {
    let ActArgs {
        owner,
        expire_after,
        by,
        count_annotations,
        ..
    } = &args.act;
    if owner.is_some() && word != ActWord::Restore {
        return Err(Failure::usage("--owner goes with --act restore").advising(
            "whose media is an orphan's is for the lists to say, not for the command line",
        ));
    }
    if expire_after.is_some() && word != ActWord::Quarantine {
        return Err(Failure::usage("--expire-after goes with --act quarantine"));
    }
    if *count_annotations && word != ActWord::Delete {
        return Err(Failure::usage("--count-annotations goes with --act delete"));
    }
    if *by == By::Copy && word == ActWord::Delete {
        return Err(Failure::usage(
            "--by says how orphans are put aside, and --act delete puts nothing aside",
        ));
    }
    if args.lists.reads_standard_input() {
        return Err(Failure::usage(
            "with --act the lists are read twice, and standard input can be read once",
        )
        .advising("put the list into a file"));
    }
    Ok(())
}

/// Changes require a blueprint that the user named.
fn blueprint(session: &Session) -> Result<Blueprint, Failure> {
    choice::named(&session.settings)?.ok_or_else(|| {
        Failure::usage("could not tell what an orphan is: no blueprint was named").advising(
            "give --blueprint NAME or FILE; `s3warden blueprint list` shows the built-in ones",
        )
    })
}

/// The only bucket of the act.
fn bucket(args: &OrphansArgs, blueprint: &Blueprint) -> Result<BucketName, Failure> {
    let typed = args.act.confirm.as_ref().map(|typed| &typed.bucket);
    let bucket = match (args.buckets.as_slice(), typed) {
        ([one], None) | ([], Some(one)) => one,
        ([one], Some(typed)) if one == typed => one,
        ([one], Some(typed)) => {
            return Err(Failure::refused(format!(
                "could not act on {one}: --confirm says {typed}"
            ))
            .advising("nothing was touched"));
        }
        ([], None) => {
            return Err(Failure::usage("could not tell on which bucket to act")
                .advising("name it: s3warden orphans BUCKET --act …"));
        }
        _ => {
            return Err(Failure::usage(
                "acts on one bucket at a time, and several were named",
            ));
        }
    };
    if blueprint.bucket(bucket).is_none() {
        return Err(Failure::usage(format!(
            "could not act on {bucket}: the blueprint {} does not name it",
            blueprint.name
        )));
    }
    Ok(bucket.clone())
}

impl Scene<'_> {
    /// Makes the report again and plans for its orphans. Returns the report itself if it is not credible.
    async fn of_report(
        &self,
        word: ActWord,
        prices: &PriceTable,
    ) -> Result<Result<Prepared, Box<Report>>, Failure> {
        let request = self.request()?;
        let report = Box::pin(search(self.session, self.aws, request)).await?;
        if report.ended != Ended::Judged {
            return Ok(Err(report));
        }
        say(self.session.reporter(), &report, prices);
        self.export_dangling(&report)?;
        let day = Utc::now().date_naive();
        let method = self.args.act.by.method();
        let wanted = match word {
            ActWord::Delete => Wanted::Delete,
            ActWord::Quarantine | ActWord::Restore => Wanted::Aside(method, day),
        };
        let asked = self.args.kinds();
        let (taken, for_names): (Vec<Verdict>, Vec<Verdict>) =
            report.verdicts.iter().cloned().partition(|one| {
                let by_name = word == ActWord::Delete && one.kind.is_deleted_by_name_alone();
                !by_name || asked.is_some_and(|asked| asked.has(one.kind))
            });
        let by_name = KindTotal::of(&for_names);
        let request = PlanRequest {
            blueprint: self.blueprint,
            bucket: self.bucket,
            verdicts: &taken,
            wanted,
            max_annotated: if self.args.act.count_annotations {
                u64::MAX
            } else {
                annotated::ASKED
            },
            in_flight: self.session.settings.jobs,
        };
        let planned = plan_of(self.aws, request, &self.session.stop, self.meter).await;
        let planned = planned.map_err(planning)?;
        let mut remarks = Vec::new();
        let not_taken = report.verdicts.iter();
        let not_taken = not_taken.filter(|one| one.kind.is_orphan() && !wanted.takes(one.kind));
        match not_taken.count() {
            0 => {}
            count => remarks.push(format!(
                "{count} abandoned uploads and leftovers without a current object cannot be put aside: --act delete takes them"
            )),
        }
        remarks.extend(by_name.iter().map(|total| {
            let (verb, pronoun) = if total.tally.objects == 1 {
                ("is", "it")
            } else {
                ("are", "them")
            };
            format!(
                "{} {} ({}) {verb} not deleted: a user who is alive may still want them back; --kind {} takes {pronoun}",
                grouped(total.tally.objects),
                total.kind,
                total.tally.bytes,
                total.kind
            )
        }));
        let days = self.args.act.expire_after;
        Ok(Ok(Prepared {
            bucket: self.bucket.clone(),
            plan: planned.plan,
            sha256: String::new(),
            file: PathBuf::new(),
            left_out: planned.left_out,
            rule: days.map(|days| rule::of(method, day, days)),
            begin: Begin::First,
            remarks,
            by_name,
            undated: self.undated(&report),
        }))
    }

    fn request(&self) -> Result<crate::ops::orphans::OrphansRequest, Failure> {
        let mut request = request(self.args, self.session, self.blueprint.clone())?;
        request.buckets = vec![self.bucket.clone()];
        request.purpose = self.purpose();
        Ok(request)
    }

    /// The list on which no change may be based, unless the user allowed it.
    fn undated(&self, report: &Report) -> Option<String> {
        let mut lists = report.registries.iter();
        let list = lists.find(|list| list.date() != Date::Known)?;
        (!self.args.lists.allow_undated_registry).then(|| find::undated(list.subject, &list.stated))
    }

    /// Whether to change something, or only to show it.
    fn purpose(&self) -> Purpose {
        if self.args.act.confirm.is_some() {
            Purpose::Act
        } else {
            Purpose::Look
        }
    }

    /// Exports records without an object, which the application must fix.
    fn export_dangling(&self, report: &Report) -> Result<(), Failure> {
        let Some(file) = &self.args.act.dangling_out else {
            return Ok(());
        };
        let dangling = report.verdicts.iter();
        let dangling: Vec<_> = dangling.filter(|one| one.kind == Kind::Dangling).collect();
        let written = private::replace(file, |to| {
            for verdict in &dangling {
                serde_json::to_writer(&mut *to, &ExactVerdict::from(*verdict))?;
                to.write_all(b"\n")?;
            }
            Ok(())
        });
        written.map_err(|error| {
            Failure::failed(format!("could not write {}: {error}", file.display()))
        })?;
        self.session.reporter().note(&format!(
            "{} dangling records are in {}; no database was written to",
            dangling.len(),
            file.display()
        ));
        Ok(())
    }

    /// Whether a plan restores the whole quarantine. A resumed plan does not say whether it was for one user.
    async fn is_everything(&self, prepared: &Prepared) -> Result<bool, Failure> {
        let method = match (prepared.begin, &prepared.plan.header.act) {
            (Begin::Again, Act::Untag) => Method::Tag,
            (Begin::Again, Act::CopyBack) => Method::Copy,
            _ => return Ok(self.args.act.owner.is_none()),
        };
        let request = HeldRequest {
            blueprint: self.blueprint,
            bucket: self.bucket,
            method,
            owner: None,
            records: None,
            max_heads: 0,
            in_flight: self.session.settings.jobs,
        };
        let (plan, stop) = (&prepared.plan, &self.session.stop);
        let asked = brings_back_all(self.aws, request, plan, stop, self.meter).await;
        asked.map_err(planning)
    }

    /// Reads the contents of the quarantine from the bucket.
    async fn of_held(&self) -> Result<Prepared, Failure> {
        let args = &self.args.act;
        let records = match &args.owner {
            None => None,
            Some(owner) => {
                let state = self.session.state().map(Path::to_owned);
                let lists = self
                    .args
                    .lists
                    .for_user(self.blueprint, self.purpose(), state)?;
                let (aws, stop) = (self.aws, &self.session.stop);
                let asked = find::ask(aws, self.blueprint, &lists, owner, stop, self.meter).await;
                asked.map_err(purge::refused_list)?.keys
            }
        };
        let request = HeldRequest {
            blueprint: self.blueprint,
            bucket: self.bucket,
            method: args.by.method(),
            owner: args.owner.as_ref(),
            records: records.as_ref(),
            max_heads: self.args.max_heads,
            in_flight: self.session.settings.jobs,
        };
        let held = plan_restore(self.aws, request, &self.session.stop, self.meter).await;
        let held = held.map_err(planning)?;
        let mut remarks = vec![format!(
            "{} of {} that were asked {} in quarantine",
            held.objects,
            counted(held.asked, "object"),
            are(held.objects)
        )];
        for key in &held.unknown {
            remarks.push(format!(
                "nothing tells where {} belongs; it is left",
                text::safe(key.as_str())
            ));
        }
        Ok(Prepared {
            bucket: self.bucket.clone(),
            plan: held.plan,
            sha256: String::new(),
            file: PathBuf::new(),
            left_out: Vec::new(),
            rule: None,
            begin: Begin::First,
            remarks,
            by_name: Vec::new(),
            undated: None,
        })
    }
}

/// Reads the plan of a stopped act. Others may have modified it.
fn read(scene: &Scene<'_>, store: &Store, file: &Path, word: ActWord) -> Result<Prepared, Failure> {
    let cannot = |why: &dyn std::fmt::Display| {
        Failure::refused(format!("could not take the plan {}: {why}", file.display()))
            .advising("make a new one by leaving --resume out; nothing was touched")
    };
    let text = store.read_untrusted(file).map_err(|error| cannot(&error))?;
    let (plan, sha256) = Plan::read(&text).map_err(|error| cannot(&error))?;
    let is_it = match plan.header.act {
        Act::Tag { .. } | Act::CopyAside => word == ActWord::Quarantine,
        Act::Untag | Act::CopyBack => word == ActWord::Restore,
        _ => plan.header.act == Act::Delete && word == ActWord::Delete,
    };
    if !is_it {
        return Err(cannot(&"it is the plan of another act"));
    }
    Ok(Prepared {
        bucket: scene.bucket.clone(),
        plan,
        sha256,
        file: file.to_owned(),
        left_out: Vec::new(),
        rule: None,
        begin: Begin::Again,
        remarks: Vec::new(),
        by_name: Vec::new(),
        undated: None,
    })
}

fn planning(error: PlanningError) -> Failure {
    match error {
        PlanningError::Refused { why, advice } => Failure::refused(why).advising(advice),
        PlanningError::Problem(problem) => Failure::from(problem),
        error @ PlanningError::Random(_) => Failure::failed(error),
    }
}

/// Whether the typed number is that of the report.
fn confirms(typed: &Confirmation, prepared: &Prepared) -> Result<(), Failure> {
    let count = quarantine::things(&prepared.plan);
    if typed.count == count {
        return Ok(());
    }
    Err(Failure::refused(format!(
        "could not act on {}: there are {count} to act on now, and --confirm says {}",
        prepared.bucket, typed.count
    ))
    .advising("look at the report again; nothing was touched"))
}

async fn carry_out<W: Write>(
    scene: &Scene<'_>,
    store: &Store,
    permit: &WritePermit,
    mut prepared: Prepared,
    output: W,
) -> Result<ExitStatus, Failure> {
    if prepared.begin == Begin::First {
        let file = store.plan_file(&prepared.plan.header.case);
        private::replace(&file, |to| {
            prepared.sha256 = prepared.plan.write(to)?;
            Ok(())
        })
        .map_err(|error| {
            Failure::failed(format!(
                "could not write the plan {}: {error}",
                file.display()
            ))
        })?;
        prepared.file = file;
    }
    let (orphans, held);
    let grounds: &dyn Authorization = match prepared.plan.header.act {
        Act::Untag | Act::CopyBack => {
            held = QuarantineContents::of(prepared.bucket.clone());
            &held
        }
        _ => {
            orphans = Orphans::new(prepared.bucket.clone(), scene.request()?);
            &orphans
        }
    };
    let is_everything = scene.is_everything(&prepared).await?;
    let request = ActRequest {
        bucket: &prepared.bucket,
        plan: &prepared.plan,
        plan_sha256: &prepared.sha256,
        plan_file: prepared.file.clone(),
        blueprint: scene.blueprint,
        grounds,
        rule: prepared.rule.as_ref(),
        is_everything,
        begin: prepared.begin,
        in_flight: scene.session.settings.jobs,
        at_point: None,
    };
    let (sender, mut receiver) = watch::channel(Progress::default());
    let request = &request;
    let acting = async move {
        let tools = Tools {
            aws: scene.aws,
            store,
            permit,
            stop: &scene.session.stop,
            meter: scene.meter,
            progress: &sender,
        };
        // The sender is dropped with the block, which ends the progress output.
        Box::pin(act(tools, request)).await
    };
    let telling = changes::progress(scene.session, "done", &mut receiver);
    let (acted, ()) = futures::join!(acting, telling);
    let acted = acted.map_err(|why| {
        if prepared.begin == Begin::First {
            // Nothing was changed: a plan that was never started is useless, and contains keys.
            let _ = std::fs::remove_file(&prepared.file);
        }
        failure(&prepared.bucket, why)
    })?;
    act_report::acted(&prepared, scene.args, &acted, scene.session, output)
}

fn read_only() -> Failure {
    Failure::refused("could not change anything: the program is read-only")
        .advising("give --write to allow it; nothing was touched")
}

/// Why nothing was changed.
fn failure(bucket: &BucketName, failure: change::Failure) -> Failure {
    match failure {
        change::Failure::Refused { why, advice } => Failure::refused(format!(
            "could not act on the orphans of {bucket}: {}",
            text::safe(&why)
        ))
        .advising(advice)
        .advising("no object was touched"),
        change::Failure::Problem(problem) => Failure::from(problem),
        change::Failure::File(why) => Failure::failed(why),
    }
}
