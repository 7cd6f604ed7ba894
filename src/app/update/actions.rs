//! What each action does.

use std::sync::Arc;

use super::{Command, access, arrange, start, toast};
use crate::app::action::Action;
use crate::app::overlay::{Overlay, Palette, PromptKind};
use crate::app::scans::PlaceScan;
use crate::app::screens::browse::Place;
use crate::app::screens::browse::update::{loading, navigate, scanning, treemap};
use crate::app::screens::bucket_state::Tab;
use crate::app::screens::{
    audit_log::update as audit_log, bucket_state::update as bucket_state,
    buckets::update as all_buckets, orphans::update as orphans,
    orphans::update::act as orphans_act, presign::update as presign, purge::update as purge,
};
use crate::app::state::{Load, Screen, State};
use crate::app::table::{Arranged, Row, Table};
use crate::domain::words::counted;
use crate::domain::{BucketName, ObjectKey, text};
use crate::tasks::{AuditDepth, Outcome, Slot, Work};

/// Does what was asked for, after a question where a purge runs that one is about to look away from.
pub(in crate::app) fn act(state: &mut State, action: Action, commands: &mut Vec<Command>) {
    let leaves = state.screen == Screen::Purge && leaves_the_screen(action);
    if leaves && purge::ask_to_leave(state, action) {
        return;
    }
    act_anyway(state, action, commands);
}

fn leaves_the_screen(action: Action) -> bool {
    matches!(
        action,
        Action::ShowBuckets
            | Action::ShowBrowse
            | Action::ShowState
            | Action::ShowOrphans
            | Action::ShowPresign
            | Action::ShowTasks
            | Action::ShowAuditLog
            | Action::NextScreen
            | Action::PreviousScreen
    )
}

/// Does what was asked for.
pub(in crate::app) fn act_anyway(state: &mut State, action: Action, commands: &mut Vec<Command>) {
    if state.screen == Screen::Presign && presign::act(state, action, commands) {
        return;
    }
    if state.screen == Screen::State && bucket_state::act(state, action, commands) {
        return;
    }
    if state.screen == Screen::Orphans && orphans::act(state, action, commands) {
        return;
    }
    if state.screen == Screen::Purge && purge::act(state, action, commands) {
        return;
    }
    if state.screen == Screen::AuditLog && audit_log::act(state, action, commands) {
        return;
    }
    if state.screen == Screen::Browse && treemap::act(state, action, commands) {
        return;
    }
    match action {
        Action::ShowBuckets => state.screen = Screen::Buckets,
        Action::ShowBrowse => show_browse(state, commands),
        Action::ShowState | Action::OpenState => bucket_state::show(state, commands),
        Action::ShowOrphans => orphans::show(state, commands),
        Action::ShowPurge => purge::show(state, commands),
        Action::Purge => purge::show_for_row(state, commands),
        Action::ShowAuditLog => audit_log::show(state, commands),
        Action::ShowPresign => presign::show(state),
        Action::PresignRow => presign::show_for_row(state),
        Action::ShowTasks => state.screen = Screen::Tasks,
        Action::NextScreen => turn_screen(state, 1, commands),
        Action::PreviousScreen => turn_screen(state, Screen::ALL.len() - 1, commands),
        Action::Help => state.overlay = Some(Overlay::Help { scroll: 0 }),
        Action::Palette => state.overlay = Some(Overlay::Palette(Palette::default())),
        Action::Quit | Action::Interrupt if purge::ask_to_quit(state) => {}
        Action::Quit if state.running() > 0 => state.overlay = Some(Overlay::ConfirmQuit),
        Action::Quit => commands.push(Command::Quit(false)),
        Action::Interrupt => commands.push(Command::Quit(true)),
        Action::Back => navigate::back(state, commands),
        Action::Up => on_table(state, commands, Move(-1)),
        Action::Down => on_table(state, commands, Move(1)),
        Action::PageUp => on_table(state, commands, MovePages(-1)),
        Action::PageDown => on_table(state, commands, MovePages(1)),
        Action::Top => on_table(state, commands, MoveTo(0)),
        Action::Bottom => on_table(state, commands, MoveTo(usize::MAX)),
        Action::SortNext => on_table(state, commands, Sort { backwards: false }),
        Action::SortPrevious => on_table(state, commands, Sort { backwards: true }),
        Action::Open => navigate::open(state, commands),
        Action::Filter => prompt(state, PromptKind::Filter),
        Action::Jump => prompt(state, PromptKind::Jump),
        Action::Refresh => loading::refresh(state, commands),
        Action::LoadAll => loading::load_all(state, commands),
        Action::AuditBuckets => all_buckets::audit(state, AuditDepth::Configuration, commands),
        Action::AuditContents => all_buckets::audit(state, AuditDepth::Contents, commands),
        Action::Scan => scanning::scan_or_stop(state, commands),
        Action::AllObjects => scanning::all_objects(state, commands),
        Action::NextMap => treemap::next(state, commands),
        Action::NextBars => scanning::next_bars(state, commands),
        Action::ToggleView => navigate::toggle_view(state, commands),
        Action::OwnersHere => navigate::owners_here(state, commands),
        Action::ToggleDetail => navigate::toggle_detail(state),
        Action::DetailDown => scroll_pane(state, 1),
        Action::DetailUp => scroll_pane(state, -1),
        Action::Copy => copy(state, false, commands),
        Action::CopyUri => copy(state, true, commands),
        Action::Cancel => cancel(state, commands),
        Action::Explain => explain(state),
        // The screens whose own they are have done them.
        Action::FindOrphans
        | Action::Mark
        | Action::MarkAll
        | Action::BrowseRow
        | Action::Export
        | Action::CopyMarked
        | Action::QuarantineOrphans
        | Action::DeleteOrphans
        | Action::RestoreOrphans
        | Action::RestoreOwner
        | Action::UndoPurge
        | Action::ShowForm
        | Action::ShowInspect
        | Action::Sign
        | Action::NextChoice
        | Action::PreviousChoice
        | Action::Clear
        | Action::NewUuid
        | Action::NextTab
        | Action::PreviousTab
        | Action::CheckUrl
        | Action::ShowSmoke
        | Action::NextWindow
        | Action::NextSeverity
        | Action::FindUser
        | Action::PlanAgain
        | Action::CleanUp => {}
        Action::SwitchProfile
            if !purge::may_switch_profile(state) || !orphans_act::may_switch_profile(state) => {}
        Action::SwitchProfile => commands.push(start(state, Slot::Profiles, Work::Profiles)),
    }
}

fn show_browse(state: &mut State, commands: &mut Vec<Command>) {
    if state.browse.is_some() {
        state.screen = Screen::Browse;
    } else {
        navigate::open_current_bucket(state, commands);
    }
}

/// Shows the screen that is this many places on. Without a bucket there is nothing to browse or to look at, and the turn
/// goes on.
fn turn_screen(state: &mut State, by: usize, commands: &mut Vec<Command>) {
    let screens = Screen::ALL;
    let here = match state.screen {
        Screen::AuditLog => Screen::Tasks,
        screen => screen,
    };
    let at = screens.iter().position(|screen| *screen == here);
    let mut turns = (1..=screens.len()).map(|turn| (at.unwrap_or(0) + turn * by) % screens.len());
    let next = turns.find_map(|at| {
        let screen = *screens.get(at)?;
        let has_something = match screen {
            Screen::Browse => state.browse.is_some(),
            Screen::State => state.bucket.is_some(),
            Screen::Buckets
            | Screen::Orphans
            | Screen::Purge
            | Screen::Presign
            | Screen::Tasks
            | Screen::AuditLog => true,
        };
        has_something.then_some(screen)
    });
    match next {
        Some(Screen::Purge) => purge::show(state, commands),
        Some(Screen::Orphans) => orphans::show(state, commands),
        Some(screen) => state.screen = screen,
        None => {}
    }
}

fn prompt(state: &mut State, kind: PromptKind) {
    let value = match kind {
        PromptKind::Filter => filter_of(state).to_owned(),
        PromptKind::Jump if state.screen != Screen::Browse => return,
        PromptKind::Jump
        | PromptKind::OwnersFile
        | PromptKind::KeysFile
        | PromptKind::OrphansLimit
        | PromptKind::ConfirmAct
        | PromptKind::RestoreOwner
        | PromptKind::UndoOwner
        | PromptKind::ExportFile => String::new(),
    };
    state.overlay = Some(Overlay::Prompt {
        kind,
        input: value.into(),
    });
}

/// The filter of the list that is shown.
#[must_use]
pub(crate) fn filter_of(state: &State) -> &str {
    match (state.screen, &state.browse) {
        (Screen::Buckets, _) => state.buckets.filter(),
        (Screen::Tasks, _) => state.tasks.filter(),
        (Screen::Browse, Some(browse)) => match &browse.place {
            Place::Owners(owners) => owners.table.filter(),
            Place::Owner(owner) => owner.table.filter(),
            Place::Folder(folder) => folder.table.filter(),
        },
        (Screen::State, _) => match &state.bucket {
            Some(shown) => match shown.tab {
                Tab::Overview => shown.concerns.filter(),
                Tab::Lifecycle => shown.rules.filter(),
                Tab::Metrics => shown.series.filter(),
                Tab::Findings => shown.findings.filter(),
                Tab::Raw => "",
            },
            None => "",
        },
        (Screen::Orphans, _) => state.orphans.items.filter(),
        (Screen::Purge, _) => state.purge.items.filter(),
        (Screen::AuditLog, _) => state.audit_log.lines.filter(),
        (Screen::Browse, None) | (Screen::Presign, _) => "",
    }
}

/// Something that can be done to a table of any rows.
pub(in crate::app) trait TableChange {
    /// Does it.
    fn apply<R: Row>(self, table: &mut Table<R>) -> Arranged;
}

/// Does something to the list that is shown.
pub(in crate::app) fn on_table(
    state: &mut State,
    commands: &mut Vec<Command>,
    change: impl TableChange,
) {
    let arranged = match (state.screen, &mut state.browse) {
        (Screen::Buckets, _) => change.apply(&mut state.buckets),
        (Screen::Tasks, _) => change.apply(&mut state.tasks),
        (Screen::Browse, Some(browse)) => match &mut browse.place {
            Place::Owners(owners) => change.apply(&mut owners.table),
            Place::Owner(owner) => change.apply(&mut owner.table),
            Place::Folder(folder) => change.apply(&mut folder.table),
        },
        (Screen::State, _) => match &mut state.bucket {
            Some(shown) => match shown.tab {
                Tab::Overview => change.apply(&mut shown.concerns),
                Tab::Lifecycle => change.apply(&mut shown.rules),
                Tab::Metrics => change.apply(&mut shown.series),
                Tab::Findings => change.apply(&mut shown.findings),
                Tab::Raw => Arranged::Now,
            },
            None => Arranged::Now,
        },
        (Screen::Orphans, _) => change.apply(&mut state.orphans.items),
        (Screen::Purge, _) => change.apply(&mut state.purge.items),
        (Screen::AuditLog, _) => change.apply(&mut state.audit_log.lines),
        (Screen::Browse, None) | (Screen::Presign, _) => Arranged::Now,
    };
    let slot = match state.screen {
        Screen::Browse => Slot::ArrangeListing,
        Screen::Orphans => Slot::ArrangeOrphans,
        Screen::Purge => Slot::ArrangePurge,
        Screen::AuditLog => Slot::ArrangeAuditLog,
        Screen::Buckets | Screen::State | Screen::Presign | Screen::Tasks => Slot::ArrangeBuckets,
    };
    arrange(state, slot, arranged, commands);
}

struct Move(isize);
struct MovePages(isize);
struct MoveTo(usize);
struct Sort {
    backwards: bool,
}

/// Shows only the rows that hold a text.
pub(in crate::app) struct Filter<'t>(pub &'t str);

impl TableChange for Move {
    fn apply<R: Row>(self, table: &mut Table<R>) -> Arranged {
        table.move_by(self.0);
        Arranged::Now
    }
}

impl TableChange for MovePages {
    fn apply<R: Row>(self, table: &mut Table<R>) -> Arranged {
        let height = isize::try_from(table.height()).unwrap_or(1);
        table.move_by(self.0 * height);
        Arranged::Now
    }
}

impl TableChange for MoveTo {
    fn apply<R: Row>(self, table: &mut Table<R>) -> Arranged {
        table.move_to(self.0);
        Arranged::Now
    }
}

impl TableChange for Sort {
    fn apply<R: Row>(self, table: &mut Table<R>) -> Arranged {
        if self.backwards {
            table.sort_previous()
        } else {
            table.sort_next()
        }
    }
}

impl TableChange for Filter<'_> {
    fn apply<R: Row>(self, table: &mut Table<R>) -> Arranged {
        table.set_filter(self.0)
    }
}

fn scroll_pane(state: &mut State, lines: i16) {
    if let Some(pane) = state
        .browse
        .as_mut()
        .and_then(|browse| browse.pane.as_mut())
    {
        pane.scroll = pane.scroll.saturating_add_signed(lines);
    }
}

/// Copies the name or the address under the cursor; asks first when it holds characters that one does not see.
fn copy(state: &mut State, as_uri: bool, commands: &mut Vec<Command>) {
    let Some(text) = under_cursor(state, as_uri) else {
        toast(
            state,
            "there is nothing under the cursor to copy".into(),
            true,
        );
        return;
    };
    copy_text(state, text, commands);
}

/// Copies a text; one that holds characters that one does not see only once that was said.
pub(in crate::app) fn copy_text(state: &mut State, text: String, commands: &mut Vec<Command>) {
    if text::has_hidden(&text) {
        state.overlay = Some(Overlay::ConfirmCopy(text));
    } else {
        commands.push(Command::Copy(text));
    }
}

fn under_cursor(state: &State, as_uri: bool) -> Option<String> {
    match state.screen {
        Screen::Buckets => {
            let row = state.buckets.current()?;
            let name = &row.name;
            Some(if as_uri {
                format!("s3://{name}")
            } else {
                name.to_string()
            })
        }
        // They copy by themselves.
        Screen::Presign | Screen::State => None,
        Screen::Orphans => {
            let row = state.orphans.items.current()?;
            let (bucket, key) = (&row.verdict.bucket, row.verdict.key.as_str());
            Some(if as_uri {
                format!("s3://{bucket}/{key}")
            } else {
                key.to_owned()
            })
        }
        Screen::Purge => {
            let row = state.purge.items.current()?;
            let (bucket, key) = (&row.item()?.claim.bucket, row.item()?.claim.key.as_str());
            Some(if as_uri {
                format!("s3://{bucket}/{key}")
            } else {
                key.to_owned()
            })
        }
        Screen::Tasks => Some(state.tasks.current()?.target.clone()),
        Screen::AuditLog => {
            let row = state.audit_log.lines.current()?;
            Some(if as_uri {
                row.0.hash.clone()
            } else {
                row.0.case.clone()
            })
        }
        Screen::Browse => {
            let browse = state.browse.as_ref()?;
            let path = match &browse.place {
                Place::Owners(owners) => owners.table.current()?.owner.as_str().to_owned(),
                Place::Owner(owner) => owner.table.current()?.of.prefix.clone(),
                Place::Folder(folder) => folder.table.current()?.path().to_owned(),
            };
            let is_path = !matches!(browse.place, Place::Owners(_));
            Some(if as_uri && is_path {
                format!("s3://{}/{path}", browse.bucket)
            } else {
                path
            })
        }
    }
}

fn cancel(state: &mut State, commands: &mut Vec<Command>) {
    if state.screen == Screen::Tasks {
        match state.tasks.current() {
            Some(task) if state.slots.is_current(Slot::Purge, task.ticket) && task.is_running() => {
                drop(task);
                purge::ask_to_stop(state);
            }
            Some(task) if task.is_running() => commands.push(Command::CancelTask(task.ticket)),
            Some(_) => toast(state, "this task has ended already".into(), false),
            None => {}
        }
    } else {
        let slot = match state.screen {
            Screen::Browse if state.scan_here().is_some_and(PlaceScan::is_running) => Slot::Scan,
            Screen::Browse => Slot::Listing,
            Screen::Buckets if state.fleet.is_auditing() => Slot::FleetAudit,
            Screen::Orphans => Slot::Orphans,
            // They stop what is theirs by themselves.
            Screen::Purge => Slot::PurgePlan,
            Screen::AuditLog => Slot::AuditLog,
            Screen::Buckets | Screen::State | Screen::Presign | Screen::Tasks => Slot::Buckets,
        };
        commands.push(Command::Cancel(slot));
    }
}

/// Explains what is nearest: the task, bucket or object under the cursor, else what went wrong last.
fn explain(state: &mut State) {
    if state.screen == Screen::Tasks {
        explain_task(state);
        return;
    }
    // What is under the cursor is nearer than what went wrong last, and a list that failed is nearer than a row of it.
    if let Some((bucket, key)) = object_under_cursor(state) {
        access::choose(state, (&bucket, key.as_str()));
        return;
    }
    if let Some((bucket, prefix)) = folder_under_cursor(state) {
        access::choose_listing(state, (&bucket, &prefix));
        return;
    }
    let here = (state.screen == Screen::Buckets)
        .then(|| {
            state
                .buckets
                .current()?
                .problems()
                .next()
                .cloned()
                .map(Arc::new)
        })
        .flatten();
    let here =
        here.or_else(|| (state.screen == Screen::Presign).then(|| presign::problem_here(state))?);
    match here.or_else(|| state.last_problem.clone()) {
        Some(problem) => state.overlay = Some(Overlay::Explain(problem)),
        None => toast(state, "nothing has gone wrong so far".into(), false),
    }
}

/// The object under the cursor, on the screens whose rows are objects.
fn object_under_cursor(state: &State) -> Option<(BucketName, ObjectKey)> {
    match state.screen {
        Screen::Browse => {
            let browse = state.browse.as_ref()?;
            let object = browse.current_object()?;
            let has_failed = matches!(browse.load(), Load::Failed(_));
            (!has_failed).then(|| (browse.bucket.clone(), object.key))
        }
        Screen::Orphans if state.orphans.page == crate::app::screens::orphans::Page::Items => {
            let row = state.orphans.items.current()?;
            Some((row.verdict.bucket.clone(), row.verdict.key.clone()))
        }
        Screen::Purge if state.purge.page == crate::app::screens::purge::Page::Items => {
            let row = state.purge.items.current()?;
            let claim = &row.item()?.claim;
            Some((claim.bucket.clone(), claim.key.clone()))
        }
        Screen::Buckets
        | Screen::State
        | Screen::Orphans
        | Screen::Purge
        | Screen::Presign
        | Screen::Tasks
        | Screen::AuditLog => None,
    }
}

/// The folder under the cursor in Browse, by its prefix.
fn folder_under_cursor(state: &State) -> Option<(BucketName, String)> {
    let browse = state.browse.as_ref()?;
    let Place::Folder(folder) = &browse.place else {
        return None;
    };
    if state.screen != Screen::Browse || matches!(folder.load, Load::Failed(_)) {
        return None;
    }
    let row = folder.table.current()?;
    let is_folder = row.object().is_none();
    is_folder.then(|| (browse.bucket.clone(), row.path().to_owned()))
}

fn explain_task(state: &mut State) {
    let Some(task) = state.tasks.current() else {
        return;
    };
    let title = format!("{} {}", task.what, text::safe(&task.target));
    state.overlay = Some(match &task.outcome {
        Some(Outcome::Failed(problem)) => Overlay::Explain(Arc::clone(problem)),
        Some(Outcome::Panicked(words)) => Overlay::Words {
            title,
            text: format!(
                "This is a defect of s3warden; nothing else is affected.\nThe panic said: {words}\n{}",
                state
                    .log
                    .as_ref()
                    .map_or_else(String::new, |log| format!("The log is in {log}"))
            ),
        },
        Some(Outcome::Cancelled) => Overlay::Words {
            title,
            text: "It was cancelled, by you or because something newer took its place.".into(),
        },
        Some(Outcome::Done) => Overlay::Words {
            title,
            text: format!(
                "Done: {}, {}, {}.",
                counted(task.progress.requests, "request"),
                counted(task.progress.retries, "retry"),
                counted(task.progress.objects, "object")
            ),
        },
        None => Overlay::Words {
            title,
            text: "It is still running; `c` cancels it.".into(),
        },
    });
}
