//! The view of the audit log in the state folder: what was changed, when, and whether anybody touched the log since.

mod row;
mod texts;

pub(crate) use row::{AuditedColumn, AuditedRow};

use std::sync::Arc;

use super::{Component, Screen};
use crate::app::action::Action;
use crate::app::keymap::Place;

use crate::app::state::{Load, State};
use crate::app::table::{List, Table};
use crate::app::update::{Command, abandon, arrange, start};
use crate::tasks::{AuditNews, Slot, Work};

/// The screen.
pub(super) struct AuditLogScreen;

/// The view of the audit log.
#[derive(Debug, Default)]
pub(crate) struct AuditLog {
    /// Its lines, newest first.
    pub lines: Table<AuditedRow>,
    /// How far reading it is.
    pub load: Load,
    /// What reading it has shown, once all of it was read.
    pub checked: Option<Checked>,
    /// Whether the line under the cursor is told in full beside the list.
    pub pane: bool,
    /// The first line of the pane that is shown.
    pub scroll: u16,
}

/// What reading the whole log has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checked {
    /// Where the log is.
    pub file: String,
    /// How many lines it has.
    pub lines: usize,
    /// The numbers of the lines at which the chain does not hold, oldest first.
    pub broken: Vec<u64>,
}

impl Component for AuditLogScreen {
    fn keys(&self, _: &State) -> Place {
        Place::AuditLog
    }

    fn behind(&self) -> Option<Screen> {
        Some(Screen::Tasks)
    }

    fn has_something(&self, _: &State) -> bool {
        false
    }

    fn shown(&self, state: &mut State, _: Screen, commands: &mut Vec<Command>) {
        read(state, commands);
    }

    fn act(&self, state: &mut State, action: Action, commands: &mut Vec<Command>) -> bool {
        let log = &mut state.audit_log;
        match action {
            Action::Refresh => read(state, commands),
            Action::Open | Action::ToggleDetail => {
                log.pane = !log.pane;
                log.scroll = 0;
            }
            Action::DetailDown => log.scroll = log.scroll.saturating_add(1),
            Action::DetailUp => log.scroll = log.scroll.saturating_sub(1),
            Action::Cancel => commands.push(Command::Cancel(Slot::AuditLog)),
            Action::Back if log.pane => log.pane = false,
            Action::Up | Action::Down | Action::PageUp | Action::PageDown => {
                log.scroll = 0;
                return false;
            }
            _ => return false,
        }
        true
    }

    fn list<'s>(&self, state: &'s mut State) -> Option<(Slot, &'s mut dyn List)> {
        Some((Slot::ArrangeAuditLog, &mut state.audit_log.lines))
    }

    fn filter<'s>(&self, state: &'s State) -> &'s str {
        state.audit_log.lines.filter()
    }

    fn fit(&self, state: &mut State, height: usize) {
        // One line says whether the chain holds.
        state.audit_log.lines.set_height(height.saturating_sub(1));
    }

    fn under_cursor(&self, state: &State, as_uri: bool) -> Option<String> {
        let row = state.audit_log.lines.current()?;
        Some(if as_uri {
            row.0.hash.clone()
        } else {
            row.0.case.clone()
        })
    }
}

fn read(state: &mut State, commands: &mut Vec<Command>) {
    abandon(state, Slot::ArrangeAuditLog, commands);
    let log = &mut state.audit_log;
    log.lines.restart();
    log.load = Load::Loading;
    log.checked = None;
    start(state, Slot::AuditLog, Work::AuditLog, commands);
}

/// More of the log.
pub(crate) fn news(state: &mut State, news: AuditNews, commands: &mut Vec<Command>) {
    match news {
        AuditNews::Checked {
            file,
            lines,
            broken,
        } => {
            state.audit_log.checked = Some(Checked {
                file,
                lines,
                broken,
            });
        }
        AuditNews::Lines(lines) => {
            let rows = lines.into_iter().map(|line| AuditedRow(Arc::new(line)));
            let arranged = state.audit_log.lines.push(rows.collect());
            arrange(state, Slot::ArrangeAuditLog, arranged, commands);
        }
    }
}

/// The reading has ended.
pub(crate) fn ended(state: &mut State, load: Load) {
    state.audit_log.load = load;
}
