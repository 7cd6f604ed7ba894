//! A console without a terminal or a network, for tests: keys and answers in, commands and state out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, Utc};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::keymap::Keymap;
use super::screens::browse::Place;
use super::state::{Start, State};
use super::update::{Command, Message, begin, update};
use crate::aws::{Problem, ProblemKind};
use crate::domain::advice::advice;
use crate::domain::blueprint::Blueprint;
use crate::domain::change::plan::{FORMAT, NotSearched};
use crate::domain::change::{
    Act, Claim, Existence, Header, Item, Operator, Plan, Subject as ChangeSubject, What, Why,
};
use crate::domain::columns::{ColumnsBuilder, Etags};
use crate::domain::orphans::{Gate, Judged, Kind, KindTotal, Reason, Through, Tripped, Verdict};
use crate::domain::presign::{Action, PresignRequest, RegionSource, Signed};
use crate::domain::prices::PriceTable;
use crate::domain::registry::Subject;
use crate::domain::{
    BucketName, ByteSize, ObjectKey, ObjectSummary, OwnerId, StorageClass, VersionId,
};
use crate::ops::Coverage;
use crate::ops::browse::Page;
use crate::ops::buckets::BucketEntry;
use crate::ops::change::blockers::Blockers;
use crate::ops::change::undo::SoftPurge;
use crate::ops::change::unfinished::Unfinished;
use crate::ops::change::{Ended as ChangeEnded, Progress as ChangeProgress, Stopped, WhyStopped};
use crate::ops::find::{Records, TrustedLists};
use crate::ops::orphans::{BucketReport, Ended, NotJudged, RegistryFacts, Report, judgeable};
use crate::ops::owners::{OwnerFolder, Tally};
use crate::ops::quarantine::Acted;
use crate::ops::scan::{Left, ScanProgress};
use crate::tasks::{
    ActDone, ActOrigin, ActPlan, Connection, Envelope, Job, OrphanAction, OrphansFound, Outcome,
    PlanActWork, PurgeEnd, PurgeOrigin, PurgePlan, ScanEnd, ScanNews, Slot, Update, Work, reading,
    shares, treemap,
};

/// A console, and the jobs that it has asked for.
pub(crate) struct Console {
    pub(crate) state: State,
    pub(crate) jobs: Vec<Job>,
    pub(crate) others: Vec<Command>,
}

pub(crate) fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

impl Console {
    pub(crate) fn new() -> Self {
        let start = Start {
            size: (120, 36),
            now: noon(),
            offset: FixedOffset::east_opt(0).unwrap(),
            write: false,
            profile: None,
            blueprint: None,
            at: None,
            demo: false,
            log: None,
            prices: Some(Arc::new(PriceTable::built_in().unwrap())),
            seed: 7,
        };
        let mut console = Self {
            state: State::new(start, Arc::new(Keymap::builtin().unwrap())),
            jobs: Vec::new(),
            others: Vec::new(),
        };
        let commands = begin(&mut console.state);
        console.take(commands);
        console
    }

    /// A console that is connected and shows these buckets.
    pub(crate) fn with_buckets(names: &[&str]) -> Self {
        let mut console = Self::new();
        console.answer(
            Slot::Connection,
            Update::Connected(Connection {
                profile: None,
                region: "us-east-1".into(),
                endpoint: None,
            }),
        );
        let bucket = |name: &&str| BucketEntry {
            name: BucketName::new(*name).unwrap(),
            region: None,
            created: None,
        };
        console.answer(
            Slot::Buckets,
            Update::Buckets(names.iter().map(bucket).collect()),
        );
        console.end(Slot::Buckets, Outcome::Done);
        console.end(Slot::Storage, Outcome::Done);
        console
    }

    pub(crate) fn take(&mut self, commands: Vec<Command>) {
        for command in commands {
            match command {
                Command::Run(job) => self.jobs.push(job),
                other => self.others.push(other),
            }
        }
    }

    pub(crate) fn say(&mut self, message: Message) {
        let commands = update(&mut self.state, message);
        self.take(commands);
    }

    /// Presses keys: characters, or names in angle brackets as in `<Enter>`.
    pub(crate) fn press(&mut self, keys: &str) {
        let mut rest = keys;
        while let Some(first) = rest.chars().next() {
            let named = [
                ("<Enter>", KeyCode::Enter),
                ("<Esc>", KeyCode::Esc),
                ("<Down>", KeyCode::Down),
                ("<End>", KeyCode::End),
                ("<Up>", KeyCode::Up),
                ("<Left>", KeyCode::Left),
                ("<Right>", KeyCode::Right),
                ("<Tab>", KeyCode::Tab),
                ("<Del>", KeyCode::Delete),
            ];
            let found = named.iter().find(|(name, _)| rest.starts_with(name));
            let (code, taken) = found
                .map_or((KeyCode::Char(first), first.len_utf8()), |(name, code)| {
                    (*code, name.len())
                });
            rest = &rest[taken..];
            self.say(Message::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        }
    }

    pub(crate) fn last(&self, slot: Slot) -> &Job {
        self.jobs
            .iter()
            .rev()
            .find(|job| job.slot == slot)
            .expect("nothing was asked for in the slot")
    }

    /// An answer to the last job of a slot.
    pub(crate) fn answer(&mut self, slot: Slot, update: Update) {
        let ticket = self.last(slot).ticket;
        self.say(Message::Task(Envelope {
            slot,
            ticket,
            update,
        }));
    }

    pub(crate) fn end(&mut self, slot: Slot, outcome: Outcome) {
        self.answer(slot, Update::Finished(outcome));
    }

    /// Does what was asked for in the slot, as the task layer would, when it was to read out of a scan.
    pub(crate) fn read(&mut self) {
        let Work::Read(reading) = &self.last(Slot::Reading).work else {
            panic!("nothing was to be read")
        };
        let read = reading::look(reading, &|| false).unwrap();
        self.answer(Slot::Reading, Update::Read(Box::new(read)));
        self.end(Slot::Reading, Outcome::Done);
    }

    /// What lies at the spot of the map that was asked for last.
    pub(crate) fn read_map(&mut self) {
        let Work::Map(work) = &self.last(Slot::Treemap).work else {
            panic!("no map was to be read")
        };
        let map = treemap::look(work, &|| false).unwrap();
        self.answer(Slot::Treemap, Update::Mapped(Box::new(map)));
        self.end(Slot::Treemap, Outcome::Done);
    }

    pub(crate) fn place(&self) -> &Place {
        &self
            .state
            .browse
            .as_ref()
            .expect("no bucket is browsed")
            .place
    }

    /// The rows of the folder that is shown.
    pub(crate) fn paths(&self) -> Vec<String> {
        let Place::Folder(folder) = self.place() else {
            panic!("no folder is shown")
        };
        folder
            .table
            .rows()
            .map(|entry| entry.path().to_owned())
            .collect()
    }
}

pub(crate) fn object(key: &str, size: u64) -> ObjectSummary {
    ObjectSummary {
        key: ObjectKey::new(key).unwrap(),
        size: ByteSize(size),
        last_modified: Some(noon()),
        storage_class: StorageClass::default(),
        etag: None,
    }
}

pub(crate) fn page(prefixes: &[&str], keys: &[&str]) -> Page {
    Page {
        prefixes: prefixes.iter().map(|prefix| (*prefix).to_owned()).collect(),
        items: keys.iter().map(|key| object(key, 10)).collect(),
        next: None,
        undecided: 0,
    }
}

pub(crate) fn problem(kind: ProblemKind) -> Arc<Problem> {
    Arc::new(Problem::new(
        "list the objects of",
        "s3://b/",
        kind,
        "access was denied",
        advice!("ask for s3:ListBucket"),
    ))
}

pub(crate) fn folder_of(owner: &str) -> OwnerFolder {
    OwnerFolder {
        owner: OwnerId::new(owner).unwrap(),
        layout: "upload".into(),
        prefix: format!("uploads/{owner}/"),
    }
}

pub(crate) fn tally(objects: u64) -> Tally {
    Tally {
        objects,
        bytes: ByteSize(objects * 10),
        newest: Some(noon()),
        oldest: Some(noon()),
    }
}

/// What a scan has come to that found these objects; over when it is told how far it came.
pub(crate) fn scan_news(keys: &[(&str, u64)], over: Option<Coverage>) -> Update {
    let mut columns = ColumnsBuilder::new(Etags::Leave);
    let mut sorted = keys.to_vec();
    sorted.sort_unstable();
    for (key, size) in sorted {
        columns.push(&object(key, size)).unwrap();
    }
    let columns = columns.finish();
    let total = columns.total();
    let left = Left {
        done: 0.62,
        objects: 500_000,
        time: Some(Duration::from_secs(20)),
    };
    let progress = ScanProgress {
        objects: total.objects,
        bytes: total.bytes,
        requests: 812,
        retries: 0,
        elapsed: Duration::from_secs(20),
        rate: 41_200.0,
        left: over.is_none().then_some(left),
    };
    let layouts = crate::domain::blueprint::BucketBlueprint::by_depth(
        BucketName::new("pilotforce-user-uploads").unwrap(),
        1,
    );
    let everything = vec![String::new()];
    let shares = shares::below(&columns, &everything, Some(&layouts), noon(), &|| false);
    Update::Scan(Box::new(ScanNews {
        columns,
        total,
        progress,
        shares: shares.unwrap(),
        over: over.map(|coverage| ScanEnd {
            started: noon() - chrono::Duration::minutes(1),
            finished: noon(),
            coverage,
        }),
    }))
}

/// A signed GET, good for a quarter of an hour from noon on.
pub(crate) fn signed(bucket: &str, key: &str) -> Signed {
    let request = PresignRequest::get(
        BucketName::new(bucket).unwrap(),
        ObjectKey::new(key).unwrap(),
        std::time::Duration::from_mins(15),
    );
    signed_as(request)
}

/// A request as if it had been signed at noon, for snapshots: the signature is made up.
pub(crate) fn signed_as(request: PresignRequest) -> Signed {
    let expires_at = noon() + chrono::Duration::from_std(request.expires).unwrap();
    Signed {
        url: format!(
            "https://{}.s3.us-east-1.amazonaws.com/{}?X-Amz-Date=20260301T120000Z&X-Amz-Signature=5ec2e7",
            request.bucket,
            crate::domain::presign::encode::key(request.key.as_str())
        ),
        headers: request.signed_headers().into_iter().collect(),
        fields: match &request.action {
            Action::Post(form) => {
                let (fields, _) =
                    form.fields_and_conditions(request.bucket.as_str(), request.key.as_str());
                fields
            }
            _ => Vec::new(),
        },
        policy: None,
        signed_at: noon(),
        expires_at,
        credentials_expire_at: None,
        temporary: false,
        access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
        region: crate::domain::Region("us-east-1".into()),
        region_source: RegionSource::Learnt,
        request,
    }
}

/// What a search for orphans found: two objects of an owner who is gone, and a record whose object is missing. One that
/// was refused keeps them back.
pub(crate) fn found_orphans(ended: Ended) -> Arc<OrphansFound> {
    let bucket = BucketName::new("pilotforce-user-uploads").unwrap();
    let verdict = |kind: Kind, key: &str, size: Option<u64>, reason: Reason| Verdict {
        kind,
        bucket: bucket.clone(),
        key: ObjectKey::new(key).unwrap(),
        size: size.map(ByteSize),
        last_modified: size.map(|_| noon() - chrono::Duration::days(40)),
        storage_class: size.map(|_| StorageClass::default()),
        etag: None,
        upload_id: None,
        layout: Some("upload".into()),
        owner: Some("user-2".into()),
        reason,
    };
    let gone = || Reason::NoOwner {
        through: Through::Key,
    };
    let found = vec![
        verdict(
            Kind::OwnerGone,
            "documents/user-2/a+b.pdf",
            Some(4_096),
            gone(),
        ),
        verdict(
            Kind::OwnerGone,
            "uploads/user-2/x.jpg",
            Some(88_000),
            gone(),
        ),
        verdict(
            Kind::Dangling,
            "uploads/user-3/lost\u{202e}.jpg",
            None,
            Reason::NoObject { alike: None },
        ),
    ];
    let refused = ended == Ended::Refused;
    let tripped = refused.then(|| Tripped {
        gate: Gate::Share,
        bucket: Some(bucket.clone()),
        why: "31.0 % of the objects would be orphans, and 10 % may be".into(),
    });
    let report = Report {
        blueprint: "pilotforce".into(),
        started: noon(),
        finished: noon(),
        kinds: judgeable(true, true),
        judged_before: Some(noon() - chrono::Duration::hours(48)),
        registries: vec![RegistryFacts {
            subject: Subject::Owners,
            stated: "file owners.txt".into(),
            read_at: noon(),
            made_at: Some(noon() - chrono::Duration::hours(3)),
            ids: 12_402,
            rows: 12_405,
            malformed: 3,
            duplicates: 0,
            left_out: 0,
        }],
        buckets: vec![BucketReport {
            bucket: bucket.clone(),
            judged: Judged {
                bucket,
                objects: 1_204,
                bytes: ByteSize(88_000_000),
                explained: 1_200,
                young: 7,
                young_versions: 0,
                young_uploads: 0,
                inferred: 2,
                inferred_bytes: ByteSize(92_096),
            },
            totals: KindTotal::of(&found),
            withheld: refused,
        }],
        verdicts: if refused { Vec::new() } else { found },
        tripped: tripped.into_iter().collect(),
        not_judged: vec![NotJudged {
            kind: Kind::VersionsOnly,
            bucket: None,
            layout: None,
            why: "the role lacks s3:ListBucketVersions".into(),
        }],
        coverage: Coverage::Complete,
        records_elsewhere: 0,
        records_unexplained: 2,
        remarks: Vec::new(),
        requests: 12,
        retries: 0,
        ended,
    };
    Arc::new(report.into())
}

/// A plan for user-1 on two buckets: versions, a marker, an upload and something derived.
#[expect(clippy::too_many_lines, reason = "one plan, item by item")]
pub(crate) fn purge_plan(existence: Existence, blockers: Blockers) -> Arc<PurgePlan> {
    let claim = |bucket: &str, key: &str, why: Why| {
        Arc::new(Claim {
            bucket: BucketName::new(bucket).unwrap(),
            key: ObjectKey::new(key).unwrap(),
            why,
        })
    };
    let by_key = || Why::Key {
        layout: "upload".into(),
        tail_parses: true,
    };
    let source = claim(
        "pilotforce-user-uploads",
        "uploads/user-1/8d3f-take off.mov",
        by_key(),
    );
    let thumbnail = claim(
        "pilotforce-thumbnails",
        "uploads/user-1/8d3f-take off-thumbnail.mov",
        Why::Derived {
            rule: "rule 1".into(),
            source: Arc::clone(&source),
        },
    );
    let version = |id: &str, is_latest| What::Version {
        id: VersionId(id.into()),
        is_latest,
    };
    let upload = What::Upload {
        id: "upload-7".into(),
    };
    let marker = What::Marker {
        id: VersionId("v9".into()),
        is_latest: true,
    };
    let hidden = claim(
        "pilotforce-user-uploads",
        "uploads/user-1/\u{202e}gone.jpg",
        by_key(),
    );
    let items = [
        (&thumbnail, version("t1", true), 4_096),
        (&source, version("v2", true), 3_500_000),
        (&source, version("v1", false), 3_400_000),
        (&source, upload, 8_388_608),
        (&hidden, marker, 0),
    ];
    let items = items.map(|(claim, what, size)| Item {
        claim: Arc::clone(claim),
        what,
        size: ByteSize(size),
        etag: Some("9b2cf535f27731c974343645a3985328".into()),
        class: StorageClass::default(),
        written: Some(noon() - chrono::Duration::days(400)),
    });
    let header = Header {
        format: FORMAT.into(),
        case: "0123456789abcdef0123456789abcdef".into(),
        subject: ChangeSubject::User {
            id: "user-1".into(),
        },
        act: Act::Delete,
        made_at: noon(),
        tool: "0.1.0".into(),
        operator: Operator {
            account: "123456789012".into(),
            arn: "arn:aws:iam::123456789012:user/support".into(),
            source: None,
        },
        endpoint: None,
        blueprint: "pilotforce".into(),
        blueprint_sha256: String::new(),
        regions: BTreeMap::new(),
        existence: existence.clone(),
        contested: Vec::new(),
        other_buckets: None,
        annotations: None,
        record_list: None,
        not_searched: vec![NotSearched {
            what: "pilotforce-archive".into(),
            why: "no layout tells whose its objects are".into(),
        }],
    };
    let plan = Plan {
        header,
        items: items.to_vec(),
    };
    let records = Records {
        keys: None,
        lists: TrustedLists::default(),
        existence,
        likeness: Some("User-1".into()),
        remarks: Vec::new(),
        undated: None,
    };
    let origin = PurgeOrigin::Fresh { blockers };
    let blueprint = Blueprint::builtin("pilotforce").unwrap();
    Arc::new(PurgePlan::new(
        plan,
        origin,
        blueprint,
        &records,
        Vec::new(),
    ))
}

/// Things that stand against deleting what is in [`purge_plan`].
pub(crate) fn purge_blockers() -> Blockers {
    let why = "a legal hold is on it, which has to be lifted first";
    Blockers {
        locked: BTreeMap::from([(2, why.to_owned())]),
        lagging: 1,
        ..Blockers::default()
    }
}

/// The end of a purge that was stopped.
pub(crate) fn purge_stopped() -> Arc<PurgeEnd> {
    Arc::new(PurgeEnd {
        ended: Ok(ChangeEnded::Stopped(Stopped {
            progress: ChangeProgress {
                planned: 5,
                deleted: 1,
                failed: 0,
            },
            in_doubt: 2,
            why: WhyStopped::Interrupted,
        })),
        plan_file: "/home/ops/.local/state/s3warden/purge/0123.plan.jsonl".into(),
        copy: None,
        again: Vec::new(),
    })
}

/// A plan that undoes a soft purge of user-1, which hid two objects.
pub(crate) fn purge_undo_plan() -> Arc<PurgePlan> {
    let hidden = purge_plan(Existence::NotChecked, Blockers::default());
    let mut plan = hidden.plan.clone();
    plan.header.act = Act::Unmark {
        case: "fedcba9876543210fedcba9876543210".into(),
    };
    plan.header.not_searched.clear();
    plan.items
        .retain(|item| !matches!(item.what, What::Upload { .. }));
    plan.items.truncate(2);
    for (item, id) in plan.items.iter_mut().zip(["m1", "m2"]) {
        item.size = ByteSize(0);
        item.what = What::Marker {
            id: VersionId(id.into()),
            is_latest: true,
        };
    }
    let receipt = serde_json::json!({
        "schema": "s3warden/receipt/2", "case": "fedcba9876543210fedcba9876543210", "tool": "0.1.0",
        "operator": { "account": "123456789012", "arn": "arn:aws:iam::123456789012:user/support" },
        "endpoint": null, "blueprint": "pilotforce", "blueprint_sha256": "", "act": { "do": "mark" },
        "subject": "everything of a user", "subject_hmac": "", "subject_as_given": null, "key_id": "",
        "existence": null, "owner_still_exists": null, "planned_at": noon(), "began_at": noon(),
        "verified_at": noon() - chrono::Duration::days(2), "buckets": {}, "items": [], "merkle_root": "",
        "appeared": 0, "not_searched": [], "conditions": [], "window": null, "markers": null,
        "invalidation": null, "audit_head": "", "digest": "", "seal": "",
    });
    let soft = SoftPurge {
        receipt: serde_json::from_value(receipt).unwrap(),
        markers: Vec::new(),
    };
    let origin = PurgeOrigin::Fresh {
        blockers: Blockers::default(),
    };
    let made = PurgePlan::new(
        plan,
        origin,
        hidden.blueprint.clone(),
        &Records::unread(),
        Vec::new(),
    );
    Arc::new(made.undoing(soft))
}

/// What was begun and did not end: a change of this act to a user's things, or to the orphans of a bucket.
pub(crate) fn unfinished(subject: ChangeSubject, act: Act) -> Unfinished {
    let plan = purge_plan(Existence::NotChecked, Blockers::default());
    Unfinished {
        plan: "/home/ops/.local/state/s3warden/purge/4567.plan.jsonl".into(),
        header: Header {
            subject,
            act,
            ..plan.plan.header.clone()
        },
        began: Some(noon() - chrono::Duration::hours(3)),
        sent: 1_204,
        is_under_way: false,
    }
}

/// The plan that was asked for, with two objects of the owner who is gone.
pub(crate) fn act_plan(made_of: PlanActWork, origin: ActOrigin) -> Arc<ActPlan> {
    let bucket = made_of.bucket.clone();
    let item = |key: &str| Item {
        claim: Arc::new(Claim {
            bucket: bucket.clone(),
            key: ObjectKey::new(key).unwrap(),
            why: match made_of.deed {
                OrphanAction::Restore => Why::InQuarantine {
                    original: ObjectKey::new(key).unwrap(),
                },
                _ => Why::Orphan {
                    kind: Kind::OwnerGone,
                    generation: 0,
                },
            },
        }),
        what: What::Version {
            id: VersionId("v1".into()),
            is_latest: true,
        },
        size: ByteSize(46_048),
        etag: None,
        class: StorageClass::default(),
        written: Some(noon() - chrono::Duration::days(40)),
    };
    let long = format!("uploads/user-2/{}-holiday.jpg", "8d3f".repeat(24));
    let mut header = unfinished(
        ChangeSubject::Orphans {
            bucket: bucket.as_str().into(),
        },
        Act::Delete,
    )
    .header;
    header.act = match made_of.deed {
        OrphanAction::Restore => Act::Untag,
        OrphanAction::Quarantine(_) => Act::Tag {
            day: noon().date_naive(),
        },
        OrphanAction::Delete => Act::Delete,
    };
    Arc::new(ActPlan {
        plan: Plan {
            header,
            items: vec![item("documents/user-2/a+b.pdf"), item(&long)],
        },
        rule: None,
        left_out: Vec::new(),
        not_taken: 0,
        remarks: Vec::new(),
        origin,
        is_everything: made_of.owner.is_none(),
        made_of,
    })
}

/// The end of an act that was stopped.
pub(crate) fn act_stopped(plan: &Arc<ActPlan>) -> Arc<ActDone> {
    let Ok(ended) = purge_stopped().ended.clone() else {
        unreachable!("it stopped")
    };
    Arc::new(ActDone {
        plan: Arc::clone(plan),
        plan_file: "/home/ops/.local/state/s3warden/purge/89ab.plan.jsonl".into(),
        acted: Acted {
            ended,
            rule: None,
            rules_gone: Vec::new(),
            rule_stays: None,
        },
    })
}
