//! What the console asks of the task layer, and what comes back.
//!
//! A [`Job`] is one piece of work in one [`Slot`] with one [`Ticket`]. Tickets are unique for as long as the console
//! runs, so a ticket also names the task on the Tasks screen.

use std::fmt;
use std::sync::Arc;

use super::all_buckets::{AuditWork, BucketAudit};
use super::audit_log::AuditNews;
use super::bucket_state::{CoverWork, StateNews};
use super::orphans::{ActPlan, ExportWork, OrphansNews, OrphansWork, PlanActWork, ReopenActWork};
use super::presign::SignWork;
use super::purge::{
    BatchSearch, BatchWork, PurgeNews, PurgeReopening, PurgeSearch, PurgeUndoing, PurgeWork,
};
use super::reading::{Read, Reading};
use super::scan::{ScanNews, ScanWork};
use super::smoke::{SmokeNews, SmokePlan, SmokeTarget};
use super::treemap::MapWork;
use crate::aws::{Identity, Problem};
use crate::domain::blueprint::{Blueprint, BucketBlueprint};
use crate::domain::columns::Columns;
use crate::domain::presign::Signed;
use crate::domain::presign::inspect::Inspection;
use crate::domain::treemap::Map;
use crate::domain::words;
use crate::domain::{BucketName, ObjectKey, OwnerId, VersionId};
use crate::ops::Coverage;
use crate::ops::audit::Target;
use crate::ops::browse::{ListRequest, Page};
use crate::ops::bucket_facts::BucketFact;
use crate::ops::buckets::BucketEntry;
use crate::ops::explain;
use crate::ops::inspect::ObjectDetail;
use crate::ops::lifecycle_forecast::Rules;
use crate::ops::metrics::BucketStorage;
use crate::ops::owners::{OwnerPrefixes, OwnersUpdate, Tally};
use crate::ops::presign::check::Checked;
use crate::ops::scan::Scan;

/// A place in the console that shows one result at a time: new work in a slot cancels the work before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Slot {
    /// The connection: profile, Region, endpoint.
    Connection,
    /// Who we are, by STS.
    Identity,
    /// The profiles to choose from.
    Profiles,
    /// The list of buckets.
    Buckets,
    /// The configuration cells of the Buckets screen.
    Facts,
    /// The sizes of the buckets by CloudWatch.
    Storage,
    /// The audit of all buckets. It goes on wherever one looks.
    FleetAudit,
    /// The blueprints that the demo brings along.
    Blueprints,
    /// The search for orphans. It goes on wherever one looks.
    Orphans,
    /// The order of what it found.
    ArrangeOrphans,
    /// What is done to orphans. It goes on wherever one looks.
    Act,
    /// What is written into a file.
    Export,
    /// The search for everything of a user.
    PurgePlan,
    /// The purge. It goes on wherever one looks.
    Purge,
    /// Who acts, as they state it.
    Operator,
    /// Purges that were begun and did not end, and those that can be undone.
    UnfinishedPurges,
    /// Acts on orphans that were begun and did not end.
    UnfinishedActs,
    /// The order of what a plan holds.
    ArrangePurge,
    AuditLog,
    /// The order of its lines.
    ArrangeAuditLog,
    /// The rows of the Browse screen, whatever they are.
    Listing,
    /// The pane beside them.
    Detail,
    /// What the lifecycle of the bucket that is browsed says.
    Rules,
    /// The order of the buckets under a filter or a sort, when there are too many to arrange between two frames.
    ArrangeBuckets,
    /// The same for the rows of the Browse screen.
    ArrangeListing,
    /// The scan. It goes on wherever one looks.
    Scan,
    /// What the place that is shown wants to know of a scan.
    Reading,
    /// What the map of where the bytes are wants to know of one.
    Treemap,
    /// The request that is being signed.
    Sign,
    /// The URL of others that is being tried.
    CheckUrl,
    /// The scan of an earlier session.
    Kept,
    /// What prepares a smoke test, and clears up after one that was killed.
    SmokeLook,
    /// The smoke test. It goes on wherever one looks.
    Smoke,
    /// Why a request is allowed or refused.
    Explain,
    /// The configuration of the bucket of the State screen, and what is wrong with it.
    Audit,
    /// What CloudWatch knows of that bucket.
    Metrics,
    /// What its lifecycle rules do to a scan.
    Coverage,
    /// A scan of it of an earlier session.
    KeptOfBucket,
}

/// The number of one piece of work. An update with a ticket that is not its slot's current one is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Ticket(pub u64);

/// One piece of work, ready to run.
#[derive(Debug)]
pub(crate) struct Job {
    /// Where its result is shown.
    pub slot: Slot,
    /// Its number.
    pub ticket: Ticket,
    /// What to do.
    pub work: Work,
}

/// How many pages a listing may fetch before it stops and waits to be asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pages {
    /// One page: the first rows, or the next ones while somebody scrolls.
    One,
    /// All that there are.
    All,
}

/// What can be done. Each is a use case of `ops`; none of them decides anything.
#[derive(Debug)]
pub(crate) enum Work {
    /// Read the configuration of a profile and make clients of it.
    Connect {
        /// The profile, or none for the default one.
        profile: Option<String>,
    },
    /// Ask STS who we are.
    Identity,
    /// Read the names of the profiles.
    Profiles,
    /// List the buckets.
    Buckets,
    /// Read the configuration cells of these buckets, each call on its own failure.
    Facts(Vec<BucketName>),
    /// Ask CloudWatch for the sizes of these buckets over the last so many days.
    Storage {
        buckets: Vec<BucketName>,
        /// How many days back.
        days: u32,
    },
    /// Look for what is wrong with buckets.
    FleetAudit(Box<AuditWork>),
    /// Read the blueprints that the demo brings along.
    Blueprints,
    /// Look for media that nobody alive has a claim on.
    Orphans(Box<OrphansWork>),
    /// Plan what is to be done to orphans.
    PlanAct(Box<PlanActWork>),
    /// Do it.
    Act(Arc<ActPlan>),
    /// Read the plan of an act that was begun before.
    ReopenAct(Box<ReopenActWork>),
    /// Look for acts on orphans that were begun and did not end.
    UnfinishedActs,
    /// Write what was found into a file.
    Export(Box<ExportWork>),
    /// Find everything of a user and make a plan of it.
    PurgeSearch(Box<PurgeSearch>),
    /// Read a plan that was begun before.
    PurgeReopening(Box<PurgeReopening>),
    /// Make the plan that undoes a soft purge.
    PurgeUndoing(Box<PurgeUndoing>),
    /// Look for purges that were begun and did not end, and for those that can be undone.
    UnfinishedPurges,
    /// Delete what a plan holds.
    Purge(Box<PurgeWork>),
    /// Make a plan over a file of erasure requests, or read one.
    BatchSearch(Box<BatchSearch>),
    /// Delete what a plan over many users holds.
    Batch(Box<BatchWork>),
    /// Take note of who acts, as they state it.
    StateOperator(Option<String>),
    /// Read the audit log and check its chain.
    AuditLog,
    /// List a prefix from where the request says.
    List {
        /// What to list, and from where.
        request: ListRequest,
        /// How far to go on.
        pages: Pages,
    },
    /// Find the owners of a bucket, then count what they have.
    Owners(Box<BucketBlueprint>),
    /// Find the prefixes that belong to one owner.
    Owner {
        /// The bucket and its layouts.
        bucket: Box<BucketBlueprint>,
        /// Whose prefixes.
        owner: OwnerId,
    },
    /// Everything about one object.
    Detail {
        bucket: BucketName,
        key: ObjectKey,
        /// One version of it, or the current one.
        version: Option<VersionId>,
    },
    /// What decides what becomes of a bucket's objects.
    Rules(BucketName),
    /// Put rows in order off the screen's thread.
    Arrange(Arrange),
    /// List every object below some prefixes.
    Scan(ScanWork),
    /// Tell the owners that a scan found.
    OwnersOfScan {
        /// The objects of the scan.
        columns: Columns,
        /// Whose they are.
        layouts: Arc<BucketBlueprint>,
        /// How far the scan came; none while it goes on.
        coverage: Option<Coverage>,
    },
    /// Read out of a scan what a place wants to know.
    Read(Box<Reading>),
    /// Read out of a scan what lies at a spot of the map.
    Map(Box<MapWork>),
    /// Sign a request.
    Sign(Box<SignWork>),
    /// Try a URL that somebody else signed, with harmless requests.
    CheckUrl(Box<Inspection>),
    /// Open the scan of an earlier session, of the first of these places of which there is one.
    OpenKept {
        bucket: BucketName,
        /// The places: the prefixes of each.
        places: Vec<Vec<String>>,
    },
    /// Look at a bucket that is to be tested.
    SmokeLook(Box<SmokeTarget>),
    /// Test it.
    Smoke(Box<SmokePlan>),
    /// Remove what earlier tests left.
    SmokeCleanUp(Box<SmokeTarget>),
    /// Read how a bucket is configured, and find what is wrong with it.
    Audit(Box<Target>),
    /// Ask CloudWatch about a bucket.
    Metrics(BucketName),
    /// Read all that decides about a request, and explain it.
    Explain(Box<explain::Inquiry>),
    /// Try lifecycle rules on the objects of a scan.
    Cover(Box<CoverWork>),
}

impl Work {
    /// What is done and on what, in the words of the Tasks screen; none for work that never leaves the process.
    #[must_use]
    pub(crate) fn describe(&self) -> Option<(&'static str, String)> {
        Some(match self {
            Self::Connect { profile } => (
                "connect",
                profile.clone().unwrap_or_else(|| "default profile".into()),
            ),
            Self::Identity => ("ask who we are", "STS".into()),
            Self::Profiles => ("read profiles", "the AWS configuration".into()),
            Self::Buckets => ("list buckets", "all Regions".into()),
            Self::Facts(buckets) => ("read configuration", of_buckets(buckets.len())),
            Self::Storage { buckets, .. } => ("read sizes", of_buckets(buckets.len())),
            Self::FleetAudit(work) => ("audit", of_buckets(work.buckets.len())),
            Self::List { request, pages } => (
                match pages {
                    Pages::One => "list a page",
                    Pages::All => "list all",
                },
                format!("s3://{}/{}", request.bucket, request.prefix),
            ),
            Self::Owners(bucket) => ("find owners", format!("s3://{}/", bucket.name)),
            Self::Owner { bucket, owner } => (
                "look for an owner",
                format!("{} in s3://{}/", owner.as_str(), bucket.name),
            ),
            Self::Detail { bucket, key, .. } => {
                ("inspect", format!("s3://{bucket}/{}", key.as_str()))
            }
            Self::Rules(bucket) => ("read lifecycle", format!("s3://{bucket}/")),
            Self::Orphans(work) => ("find orphans", of_buckets(work.buckets.len())),
            Self::PlanAct(work) => ("plan", format!("s3://{}/", work.bucket)),
            Self::Act(plan) => ("act on orphans", format!("s3://{}/", plan.made_of.bucket)),
            Self::Export(work) => ("export", work.path.display().to_string()),
            Self::PurgeSearch(work) => ("find all of", work.owner.as_str().to_owned()),
            Self::PurgeUndoing(work) => ("plan an undo for", work.owner.as_str().to_owned()),
            Self::ReopenAct(work) => ("read a plan", work.file.display().to_string()),
            Self::PurgeReopening(work) => ("read a plan", work.file.display().to_string()),
            Self::Purge(work) => ("purge", work.plan.user().to_owned()),
            Self::BatchSearch(work) => ("plan for", work.file.display().to_string()),
            Self::Batch(work) => ("purge", of_users(work.plan.batch.count())),
            Self::AuditLog => ("read audit log", "the state folder".to_owned()),
            Self::Sign(work) => ("sign", work.target()),
            Self::CheckUrl(url) => ("try a URL", url.host.clone()),
            Self::SmokeLook(target) => ("look before a test", format!("s3://{}/", target.bucket)),
            Self::Smoke(plan) => ("smoke test", format!("s3://{}/", plan.0.bucket.name)),
            Self::SmokeCleanUp(target) => {
                ("remove test objects", format!("s3://{}/", target.bucket))
            }
            Self::Scan(work) => ("scan", work.target()),
            Self::Audit(target) => ("audit", format!("s3://{}/", target.bucket)),
            Self::Metrics(bucket) => ("ask CloudWatch", format!("s3://{bucket}/")),
            Self::Explain(inquiry) => ("explain access", target_of(inquiry)),
            Self::Cover(_)
            | Self::Arrange(_)
            | Self::OwnersOfScan { .. }
            | Self::Read(_)
            | Self::Map(_)
            | Self::Blueprints
            | Self::UnfinishedPurges
            | Self::UnfinishedActs
            | Self::StateOperator(_)
            | Self::OpenKept { .. } => return None,
        })
    }
}

fn target_of(inquiry: &explain::Inquiry) -> String {
    let question = &inquiry.question;
    let key = question.key.as_deref().unwrap_or_default();
    format!("{} s3://{}/{key}", question.action.name, question.bucket)
}

fn of_users(number: usize) -> String {
    words::counted(u64::try_from(number).unwrap_or(u64::MAX), "user")
}

fn of_buckets(number: usize) -> String {
    match number {
        1 => "1 bucket".into(),
        n => format!("{n} buckets"),
    }
}

/// Makes an order, unless what it was given says that nobody wants it any more.
type MakeOrder = dyn FnOnce(&dyn Fn() -> bool) -> Option<Vec<u32>> + Send;

/// A computation that puts rows in order. It holds what it needs, so that it can run on another thread.
pub struct Arrange(pub Box<MakeOrder>);

impl Arrange {
    /// Puts the rows in order. It asks `stop` now and then, and comes to nothing as soon as that says yes.
    #[must_use]
    pub fn make(self, stop: &dyn Fn() -> bool) -> Option<Vec<u32>> {
        (self.0)(stop)
    }
}

impl fmt::Debug for Arrange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Arrange")
    }
}

/// What the console is connected to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Connection {
    /// The profile, if one was named.
    pub profile: Option<String>,
    /// The Region that calls without a bucket go to.
    pub region: String,
    /// The endpoint, when it is not AWS's own.
    pub endpoint: Option<String>,
}

/// What comes back from a job.
#[derive(Debug)]
pub(crate) enum Update {
    /// Clients are ready.
    Connected(Connection),
    /// Who we are.
    Identity(Identity),
    /// The names of the profiles.
    Profiles(Vec<String>),
    /// The buckets, all of them.
    Buckets(Vec<BucketEntry>),
    /// One configuration cell of one bucket.
    Fact(BucketName, BucketFact),
    /// What CloudWatch knows of one bucket's size.
    Storage(Box<BucketStorage>),
    /// What is wrong with one bucket.
    FleetAudited(Box<BucketAudit>),
    /// A page of a listing.
    Page(Page),
    /// Owners found or counted.
    Owners(OwnersUpdate),
    /// The prefixes of one owner.
    Prefixes(OwnerPrefixes),
    /// What a prefix of an owner was found to hold besides what was said before.
    Counted {
        prefix: String,
        /// What is in one page of it.
        tally: Tally,
    },
    /// The counting of an owner's prefixes has come to its end.
    AllCounted(Coverage),
    /// An object's detail.
    Detail(Box<ObjectDetail>),
    /// What becomes of a bucket's objects.
    Rules(Box<Rules>),
    /// The blueprints that the demo brings along.
    Blueprints(Vec<Blueprint>),
    /// How far the search for orphans is, or what came of it.
    Orphans(OrphansNews),
    /// How far a purge is, or what came of it.
    Purge(PurgeNews),
    /// What is in the audit log.
    AuditLog(AuditNews),
    /// Why a request is allowed or refused.
    Explained(Box<explain::Explanation>),
    /// The order of rows.
    Arranged(Vec<u32>),
    /// What a scan has come to.
    Scan(Box<ScanNews>),
    /// What was read out of a scan.
    Read(Box<Read>),
    /// What lies at a spot of the map.
    Mapped(Box<Map>),
    /// A signed request.
    Signed(Box<Signed>),
    /// What trying a URL has shown.
    UrlChecked(Box<Checked>),
    /// The scan of an earlier session.
    Kept(Box<Scan>),
    /// A smoke test, or what prepares one.
    Smoke(SmokeNews),
    /// A part of what is known of the bucket of the State screen.
    State(StateNews),
    /// How far a job is.
    Progress(Progress),
    /// The job has ended; nothing more comes under its ticket.
    Finished(Outcome),
}

/// An update on its way to the console.
#[derive(Debug)]
pub(crate) struct Envelope {
    /// The slot of the job that sent it.
    pub slot: Slot,
    /// The ticket of the job that sent it.
    pub ticket: Ticket,
    /// What it says.
    pub update: Update,
}

/// How far a job is: counts since it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Progress {
    /// Requests sent, retries not counted.
    pub requests: u64,
    /// Requests sent again.
    pub retries: u64,
    /// Objects, versions or buckets seen.
    pub objects: u64,
}

/// How a job ended.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// It did what it was asked to.
    Done,
    /// It was cancelled by a person, or by newer work in its slot.
    Cancelled,
    /// It failed, in words.
    Failed(Arc<Problem>),
    /// It panicked: a defect of s3warden. What the panic said.
    Panicked(String),
}
