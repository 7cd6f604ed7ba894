//! The view of the audit log: read when it is opened, and again when that is asked for.

use std::sync::Arc;

use crate::app::action::Action;
use crate::app::rows::AuditedRow;
use crate::app::screens::audit_log::Checked;
use crate::app::state::{Load, Screen, State};
use crate::app::update::{Command, abandon, arrange, start};
use crate::tasks::{AuditNews, Slot, Work};

/// Shows the log as it is now.
pub(crate) fn show(state: &mut State, commands: &mut Vec<Command>) {
    state.screen = Screen::AuditLog;
    read(state, commands);
}

fn read(state: &mut State, commands: &mut Vec<Command>) {
    abandon(state, Slot::ArrangeAuditLog, commands);
    let log = &mut state.audit_log;
    log.lines.restart();
    log.load = Load::Loading;
    log.checked = None;
    commands.push(start(state, Slot::AuditLog, Work::AuditLog));
}

/// Does what was asked for, where it means something of its own here.
pub(crate) fn act(state: &mut State, action: Action, commands: &mut Vec<Command>) -> bool {
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
        Action::Back if log.lines.filter().is_empty() => state.screen = Screen::Tasks,
        Action::Up | Action::Down | Action::PageUp | Action::PageDown => {
            log.scroll = 0;
            return false;
        }
        _ => return false,
    }
    true
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
