//! What the task layer says, folded into the state. A stale ticket ends here.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Command, abandon, access, arrange, report, start, toast};
use crate::app::overlay::Overlay;
use crate::app::rows::{AnchorRow, BucketRow, Cell, Entry, Known};
use crate::app::screens::browse::update::{jump, loading, owners, readings, scanning, treemap};
use crate::app::screens::browse::{BucketRules, Detail, Folder, Place};
use crate::app::screens::{
    audit_log::update as audit_log, bucket_state::update as bucket_state,
    buckets::update as all_buckets, orphans::update as orphans,
    orphans::update::act as orphans_act, presign::update as presign,
    presign::update::smoke as presign_smoke, purge::update as purge,
};
use crate::app::state::{Load, State, Who};
use crate::app::table::Arranged;
use crate::aws::{Problem, ProblemKind};
use crate::domain::advice::advice;
use crate::domain::{BucketName, ByteSize, text};
use crate::ops::Coverage;
use crate::ops::Fact;
use crate::ops::browse::{Page, Start};
use crate::ops::buckets::BucketEntry;
use crate::ops::coverage::undecided_keys;
use crate::ops::owners::Tally;
use crate::tasks::{Envelope, Outcome, Slot, Ticket, Update, Work};

/// An update has arrived.
pub(in crate::app) fn arrived(state: &mut State, envelope: Envelope, commands: &mut Vec<Command>) {
    let Envelope {
        slot,
        ticket,
        update,
    } = envelope;
    // The Tasks screen tells of every job, also of those whose results nobody waits for any more.
    match &update {
        Update::Progress(progress) => {
            let progress = *progress;
            change_task(state, ticket, |task| task.progress = progress);
        }
        Update::Finished(outcome) => {
            let (outcome, now) = (outcome.clone(), state.now);
            change_task(state, ticket, |task| {
                task.outcome = Some(outcome);
                task.until = Some(now);
            });
        }
        _ => {}
    }
    if !state.slots.is_current(slot, ticket) {
        return;
    }
    match update {
        Update::Progress(_) => {}
        Update::Finished(outcome) => finished(state, slot, ticket, outcome, commands),
        Update::Connected(connection) => {
            state.profile.clone_from(&connection.profile);
            state.connection = Some(connection);
            connected(state, commands);
        }
        Update::Identity(identity) => state.who = Who::Known(identity),
        Update::Profiles(names) => {
            let now = state.profile.as_deref().unwrap_or("default");
            let cursor = names.iter().position(|name| name == now).unwrap_or(0);
            state.overlay = Some(Overlay::Profiles { names, cursor });
        }
        Update::Buckets(buckets) => list_of_buckets(state, buckets, commands),
        Update::Fact(bucket, fact) => {
            change_bucket(state, bucket.as_str(), |row| row.set(fact), commands);
        }
        Update::Storage(storage) => all_buckets::measured(state, &storage, commands),
        Update::FleetAudited(audit) => all_buckets::audited(state, &audit, commands),
        Update::Blueprints(blueprints) => {
            state.blueprints = blueprints;
            orphans::offer(state);
            purge::offer(state);
        }
        Update::Purge(news) => purge::news(state, slot, news),
        Update::AuditLog(news) => audit_log::news(state, news, commands),
        Update::Orphans(news) => orphans::news(state, news),
        Update::Page(page) => page_arrived(state, page, commands),
        Update::Owners(update) => owners::arrived(state, slot, update, commands),
        Update::Scan(news) => scanning::news_arrived(state, ticket, *news, commands),
        Update::Kept(scan) => readings::kept_arrived(state, ticket, *scan, commands),
        Update::Mapped(map) => treemap::arrived(state, *map),
        Update::Read(read) => readings::read_arrived(state, *read, commands),
        Update::Prefixes(prefixes) => {
            if let Some(Place::Owner(owner)) = place(state) {
                let row = |of| AnchorRow {
                    of,
                    tally: Tally::default(),
                };
                owner.unnamed = prefixes.unnamed;
                owner.found = Some(prefixes.coverage);
                let arranged = owner
                    .table
                    .push(prefixes.prefixes.into_iter().map(row).collect());
                arrange(state, Slot::ArrangeListing, arranged, commands);
            }
        }
        Update::Counted { prefix, tally } => {
            owners::prefix_counted(state, &prefix, &tally, commands);
        }
        Update::AllCounted(coverage) => {
            if let Some(Place::Owner(owner)) = place(state) {
                owner.counted = Some(coverage);
            }
        }
        Update::Detail(detail) => {
            if let Some(pane) = state
                .browse
                .as_mut()
                .and_then(|browse| browse.pane.as_mut())
            {
                pane.detail = Detail::Ready(Arc::from(detail));
            }
        }
        Update::Rules(rules) => {
            if let Some(browse) = &mut state.browse {
                browse.rules = BucketRules::Ready(Arc::from(rules));
            }
        }
        Update::Signed(signed) => presign::signed(state, *signed),
        Update::Smoke(news) => presign_smoke::news(state, news),
        Update::State(news) => bucket_state::arrived(state, news),
        Update::UrlChecked(checked) => state.presign.inspect.checked = Some(*checked),
        Update::Explained(explanation) => access::arrived(state, explanation),
        Update::Arranged(order) => order_arrived(state, slot, order, commands),
    }
}

pub(in crate::app) fn place(state: &mut State) -> Option<&mut Place> {
    state.browse.as_mut().map(|browse| &mut browse.place)
}

fn change_task(
    state: &mut State,
    ticket: Ticket,
    change: impl FnOnce(&mut crate::app::rows::TaskRow),
) {
    let number = state
        .tasks
        .source()
        .iter()
        .position(|task| task.ticket == ticket);
    if let Some(number) = number {
        // A few hundred rows at most: their order is always made at once.
        let _ = state.tasks.update_rows(|rows| {
            if let Some(task) = rows.get_mut(number) {
                change(task);
            }
        });
    }
}

fn connected(state: &mut State, commands: &mut Vec<Command>) {
    let identity = start(state, Slot::Identity, Work::Identity);
    commands.push(identity);
    loading::list_buckets(state, commands);
    if let Some(at) = state.at.take() {
        jump::open_uri(state, at, commands);
    }
}

fn list_of_buckets(state: &mut State, buckets: Vec<BucketEntry>, commands: &mut Vec<Command>) {
    // What was counted or judged in this session is not asked for again by listing the buckets.
    let mut before: HashMap<String, BucketRow> = state
        .buckets
        .rows()
        .map(|row| (row.name.to_string(), row.into_owned()))
        .collect();
    let names: Vec<BucketName> = buckets.iter().map(|bucket| bucket.name.clone()).collect();
    let rows = buckets
        .into_iter()
        .map(|bucket| {
            let (known, judged) = before
                .remove(bucket.name.as_str())
                .map_or((None, None), |row| (row.known, row.judged));
            BucketRow {
                created: bucket.created,
                region: bucket
                    .region
                    .map_or(Cell::Pending, |region| Cell::Answered(Fact::Set(region))),
                judged,
                known,
                ..BucketRow::new(bucket.name)
            }
        })
        .collect();
    state.buckets.restart();
    let arranged = state.buckets.push(rows);
    arrange(state, Slot::ArrangeBuckets, arranged, commands);
    let facts = start(state, Slot::Facts, Work::Facts(names.clone()));
    commands.push(facts);
    all_buckets::measure(state, names, commands);
    orphans::offer(state);
    if state.demo {
        commands.push(start(state, Slot::Blueprints, Work::Blueprints));
    }
}

pub(in crate::app) fn change_bucket(
    state: &mut State,
    name: &str,
    change: impl FnOnce(&mut BucketRow),
    commands: &mut Vec<Command>,
) {
    let number = state
        .buckets
        .source()
        .iter()
        .position(|row| row.name.as_str() == name);
    let Some(number) = number else { return };
    let arranged = state.buckets.update_rows(|rows| {
        if let Some(row) = rows.get_mut(number) {
            change(row);
        }
    });
    arrange(state, Slot::ArrangeBuckets, arranged, commands);
}

fn page_arrived(state: &mut State, page: Page, commands: &mut Vec<Command>) {
    let Some(browse) = &mut state.browse else {
        return;
    };
    let Place::Folder(folder) = &mut browse.place else {
        return;
    };
    let keys = page.items.iter().map(|object| object.key.as_str());
    let goes_on = match &mut folder.order {
        Some(order) => order.goes_on(&page.prefixes, keys),
        None => true,
    };
    if goes_on {
        let undecided = (page.undecided > 0).then(|| undecided_keys(&browse.bucket));
        let arranged = take_page(folder, page);
        arrange(state, Slot::ArrangeListing, arranged, commands);
        if let Some(gap) = undecided {
            toast(state, format!("{}: {}", gap.what, gap.why), true);
        }
        return;
    }
    // Its rows are here already, and what follows could go on for ever.
    folder.next = None;
    let target = format!("s3://{}/{}", browse.bucket, text::safe(&folder.prefix));
    let problem = Problem::new(
        "list all of",
        target,
        ProblemKind::Malformed,
        "the server gave keys again, or out of order, under a new continuation token",
        advice!("what came before that is shown; go on into one of its folders instead"),
    );
    abandon(state, Slot::Listing, commands);
    let load = report(state, Arc::new(problem));
    listing_finished(state, load, commands);
}

fn take_page(folder: &mut Folder, page: Page) -> Arranged {
    folder.next = page.next.map(Start::Next);
    folder.folders += page.prefixes.len() as u64;
    folder.objects.0 += page.items.len() as u64;
    folder.objects.1 += page
        .items
        .iter()
        .map(|object| object.size)
        .sum::<ByteSize>();
    let folders = page.prefixes.into_iter().map(Entry::folder);
    let objects = page.items.into_iter().map(Entry::Object);
    folder.table.push(folders.chain(objects).collect())
}

fn order_arrived(state: &mut State, slot: Slot, order: Vec<u32>, commands: &mut Vec<Command>) {
    let arranged = match (slot, place(state)) {
        (Slot::ArrangeOrphans, _) => state.orphans.items.set_order(order),
        (Slot::ArrangePurge, _) => state.purge.items.set_order(order),
        (Slot::ArrangeAuditLog, _) => state.audit_log.lines.set_order(order),
        (Slot::ArrangeBuckets, _) => state.buckets.set_order(order),
        (_, Some(Place::Owners(owners))) => owners.table.set_order(order),
        (_, Some(Place::Owner(owner))) => owner.table.set_order(order),
        (_, Some(Place::Folder(folder))) => folder.table.set_order(order),
        (_, None) => Arranged::Now,
    };
    arrange(state, slot, arranged, commands);
}

/// A current job has ended.
fn finished(
    state: &mut State,
    slot: Slot,
    ticket: Ticket,
    outcome: Outcome,
    commands: &mut Vec<Command>,
) {
    match slot {
        Slot::Scan => scanning::finished(state, ticket, &outcome, commands),
        Slot::Reading => readings::reading_finished(state, commands),
        Slot::Treemap => treemap::reading_ended(state),
        _ => {}
    }
    let ended = outcome.clone();
    let load = match outcome {
        Outcome::Done => Load::Complete,
        Outcome::Cancelled => Load::Stopped,
        Outcome::Failed(problem) => match slot {
            // The title says that the account is unknown, the dialog what failed; nobody needs a message besides.
            Slot::Identity | Slot::Explain => Load::Failed(problem),
            _ => report(state, problem),
        },
        Outcome::Panicked(words) => {
            let problem = Problem::new(
                "finish a task",
                "",
                ProblemKind::Other,
                &format!("it stopped by a defect of s3warden: {words}"),
                advice!("the rest goes on; please report it with the log"),
            );
            report(state, Arc::new(problem))
        }
    };
    match slot {
        Slot::Identity => {
            if matches!(load, Load::Failed(_)) {
                state.who = Who::Unknown;
            }
        }
        Slot::Connection | Slot::Buckets => {
            if slot == Slot::Buckets || matches!(load, Load::Failed(_)) {
                state.buckets_load = load;
            }
        }
        Slot::Listing => listing_finished(state, load, commands),
        Slot::Detail => detail_finished(state, load),
        Slot::Rules => rules_finished(state, load),
        Slot::Sign => presign::sign_finished(state, load),
        Slot::CheckUrl => presign::check_finished(state, load),
        Slot::SmokeLook => presign_smoke::look_finished(state, load),
        Slot::Smoke => presign_smoke::finished(state, &ended, load),
        Slot::Orphans => orphans::search_ended(state, load),
        Slot::Act => orphans_act::ended(state, &load),
        Slot::PurgePlan => purge::plan_ended(state, load),
        Slot::Purge => purge::run_ended(state, load),
        Slot::AuditLog => audit_log::ended(state, load),
        Slot::Storage => all_buckets::measuring_ended(state, load, commands),
        Slot::FleetAudit => all_buckets::auditing_ended(state, load, commands),
        Slot::Explain => access::finished(state, &load),
        Slot::Audit | Slot::Metrics => bucket_state::finished(state, slot, &load),
        Slot::Facts
        | Slot::ArrangeBuckets
        | Slot::ArrangeListing
        | Slot::ArrangeOrphans
        | Slot::ArrangePurge
        | Slot::Operator
        | Slot::ArrangeAuditLog
        | Slot::UnfinishedPurges
        | Slot::UnfinishedActs
        | Slot::Blueprints
        | Slot::Export
        | Slot::Profiles
        | Slot::Scan
        | Slot::Reading
        | Slot::Treemap
        | Slot::Kept
        | Slot::KeptOfBucket
        | Slot::Coverage => {}
    }
}

fn listing_finished(state: &mut State, load: Load, commands: &mut Vec<Command>) {
    // Looking for owners ends even where it was refused everything: what it could not see tells whether it failed.
    let load = match (load, place(state).and_then(|place| problem_of(place))) {
        (Load::Complete, Some(problem)) => report(state, problem),
        (load, _) => load,
    };
    let Some(browse) = &mut state.browse else {
        return;
    };
    let known = match &mut browse.place {
        Place::Folder(folder) => {
            folder.load = match load {
                Load::Complete if folder.next.is_some() => Load::Partial,
                load => load,
            };
            None
        }
        Place::Owner(owner) => {
            owner.load = load;
            None
        }
        // What was read out of a scan so far; the scan goes on.
        Place::Owners(owners) if owners.by_scan && owners.counted.is_none() => {
            owners.is_reading = false;
            None
        }
        Place::Owners(owners) => {
            owners.is_reading = false;
            owners.load = load;
            let complete = owners.all_counted();
            // A search that was stopped before it counted anything has nothing to say about the bucket.
            (complete || owners.total.objects > 0).then_some(Known {
                objects: owners.total.objects,
                size: owners.total.bytes,
                complete,
            })
        }
    };
    if let Some(known) = known {
        let name = browse.bucket.to_string();
        change_bucket(state, &name, |row| row.known = Some(known), commands);
    }
}

/// A scan has told what is in a bucket.
pub(in crate::app) fn bucket_known(
    state: &mut State,
    bucket: &BucketName,
    total: Tally,
    complete: bool,
    commands: &mut Vec<Command>,
) {
    let known = Known {
        objects: total.objects,
        size: total.bytes,
        complete,
    };
    change_bucket(
        state,
        bucket.as_str(),
        |row| row.known = Some(known),
        commands,
    );
}

/// The first failure that made what is known of owners less than everything.
fn problem_of(place: &Place) -> Option<Arc<Problem>> {
    let (found, counted) = match place {
        Place::Owners(owners) => (&owners.found, &owners.counted),
        Place::Owner(owner) => (&owner.found, &owner.counted),
        Place::Folder(_) => return None,
    };
    let mut gaps = [found, counted]
        .into_iter()
        .flatten()
        .flat_map(Coverage::gaps);
    let problem = gaps.find_map(|gap| gap.problem.clone())?;
    Some(Arc::new(problem))
}

fn detail_finished(state: &mut State, load: Load) {
    let pane = state
        .browse
        .as_mut()
        .and_then(|browse| browse.pane.as_mut());
    let Some(pane) = pane else { return };
    let Detail::Loading(key) = &pane.detail else {
        return;
    };
    let problem = match load {
        Load::Failed(problem) => problem,
        _ => Arc::new(Problem::cancelled("inspect", text::safe(key.as_str()))),
    };
    pane.detail = Detail::Failed(key.clone(), problem);
}

/// The rules will not come any more, if they have not.
fn rules_finished(state: &mut State, load: Load) {
    let Some(browse) = &mut state.browse else {
        return;
    };
    if matches!(browse.rules, BucketRules::Loading) {
        let problem = match load {
            Load::Failed(problem) => problem,
            _ => Arc::new(Problem::cancelled(
                "read the lifecycle of",
                browse.bucket.as_str(),
            )),
        };
        browse.rules = BucketRules::Failed(problem);
    }
}
