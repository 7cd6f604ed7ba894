//! What the task layer says, folded into the state. A stale ticket ends here.

use std::sync::Arc;

use super::{Command, access, arrange, report, start};
use crate::app::overlay::Overlay;
use crate::app::screens::Screen;
use crate::app::screens::browse::BucketRules;
use crate::app::screens::browse::update as browse;
use crate::app::screens::browse::update::{jump, owners, readings, scanning, treemap};
use crate::app::screens::{
    audit_log, bucket_state::update as bucket_state, buckets::update as buckets,
    orphans::update as orphans, presign::update as presign, purge::update as purge, tasks,
};
use crate::app::state::{Load, State, Who};
use crate::app::table::Change;
use crate::aws::{Problem, ProblemKind};
use crate::domain::advice::advice;
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
            tasks::change(state, ticket, |task| task.progress = progress);
        }
        Update::Finished(outcome) => {
            let (outcome, now) = (outcome.clone(), state.now);
            tasks::change(state, ticket, |task| {
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
        Update::Buckets(listed) => buckets::listed(state, listed, commands),
        Update::Fact(bucket, fact) => {
            buckets::change(state, bucket.as_str(), |row| row.set(fact), commands);
        }
        Update::Storage(storage) => buckets::measured(state, &storage, commands),
        Update::FleetAudited(audit) => buckets::audited(state, &audit, commands),
        Update::Blueprints(blueprints) => {
            state.blueprints = blueprints;
            orphans::offer(state);
            purge::offer(state);
        }
        Update::Purge(news) => purge::news(state, slot, news),
        Update::AuditLog(news) => audit_log::news(state, news, commands),
        Update::Orphans(news) => orphans::news(state, news),
        Update::Page(page) => browse::page_arrived(state, page, commands),
        Update::Owners(update) => owners::arrived(state, slot, update, commands),
        Update::Scan(news) => scanning::news_arrived(state, ticket, *news, commands),
        Update::Kept(scan) => readings::kept_arrived(state, ticket, *scan, commands),
        Update::Mapped(map) => treemap::arrived(state, *map),
        Update::Read(read) => readings::read_arrived(state, *read, commands),
        Update::Prefixes(prefixes) => owners::prefixes_found(state, prefixes, commands),
        Update::Counted { prefix, tally } => {
            owners::prefix_counted(state, &prefix, &tally, commands);
        }
        Update::AllCounted(coverage) => owners::all_counted(state, coverage),
        Update::Detail(detail) => browse::detail_arrived(state, detail),
        Update::Rules(rules) => {
            if let Some(browse) = &mut state.browse {
                browse.rules = BucketRules::Ready(Arc::from(rules));
            }
        }
        Update::Signed(signed) => presign::signed(state, *signed),
        Update::Smoke(news) => presign::smoke::news(state, news),
        Update::State(news) => bucket_state::arrived(state, news),
        Update::UrlChecked(checked) => state.presign.inspect.checked = Some(*checked),
        Update::Explained(explanation) => access::arrived(state, explanation),
        Update::Arranged(order) => order_arrived(state, slot, order, commands),
    }
}

fn connected(state: &mut State, commands: &mut Vec<Command>) {
    start(state, Slot::Identity, Work::Identity, commands);
    buckets::list(state, commands);
    if let Some(at) = state.at.take() {
        jump::open_uri(state, at, commands);
    }
}

fn order_arrived(state: &mut State, slot: Slot, order: Vec<u32>, commands: &mut Vec<Command>) {
    for screen in Screen::ALL {
        if let Some((of, list)) = screen.component().list(state)
            && of == slot
        {
            let arranged = list.change(Change::Order(order));
            return arrange(state, slot, arranged, commands);
        }
    }
}

/// A current job has ended.
fn finished(
    state: &mut State,
    slot: Slot,
    ticket: Ticket,
    outcome: Outcome,
    commands: &mut Vec<Command>,
) {
    let ended = outcome.clone();
    let load = match outcome {
        Outcome::Done => Load::Complete,
        Outcome::Cancelled => Load::Stopped,
        // The title says that the account is unknown, the dialog what failed; nobody needs a message besides.
        Outcome::Failed(problem) if matches!(slot, Slot::Identity | Slot::Explain) => {
            Load::Failed(problem)
        }
        Outcome::Failed(problem) => report(state, problem),
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
        Slot::Listing => browse::listing_finished(state, load, commands),
        Slot::Detail => browse::detail_finished(state, load),
        Slot::Rules => browse::rules_finished(state, load),
        Slot::Sign => presign::sign_finished(state, load),
        Slot::CheckUrl => presign::check_finished(state, load),
        Slot::SmokeLook => presign::smoke::look_finished(state, load),
        Slot::Smoke => presign::smoke::finished(state, &ended, load),
        Slot::Orphans => orphans::search_ended(state, load),
        Slot::Act => orphans::act::ended(state, &load),
        Slot::PurgePlan => purge::plan_ended(state, load),
        Slot::Purge => purge::run_ended(state, load),
        Slot::AuditLog => audit_log::ended(state, load),
        Slot::Storage => buckets::measuring_ended(state, load, commands),
        Slot::FleetAudit => buckets::auditing_ended(state, load, commands),
        Slot::Explain => access::finished(state, &load),
        Slot::Audit | Slot::Metrics => bucket_state::finished(state, slot, &load),
        Slot::Scan => scanning::finished(state, ticket, &ended, commands),
        Slot::Reading => readings::reading_finished(state, commands),
        Slot::Treemap => treemap::reading_ended(state),
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
        | Slot::Kept
        | Slot::KeptOfBucket
        | Slot::Coverage => {}
    }
}
