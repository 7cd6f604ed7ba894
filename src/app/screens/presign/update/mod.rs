//! Keys and answers of the Presign screen.
//!
//! While a line is typed into it takes the keys; otherwise they are the key map's.

pub(crate) mod smoke;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

use super::{Field, Made, Outcome, Page, Presign, PresignScreen, Rules, WIDE};
use crate::app::action::Action;
use crate::app::keymap::Place;
use crate::app::overlay::Overlay;
use crate::app::screens::{Component, Screen};
use crate::app::state::{Load, State};
use crate::app::update::{Command, abandon, actions, overlays, start, toast};
use crate::aws::Problem;
use crate::domain::presign::{Method, Signed};
use crate::tasks::{SignWork, Slot, Work};

/// Shows the form, filled in anew.
pub(crate) fn show_form(state: &mut State, commands: &mut Vec<Command>) {
    state.presign.page = Page::Form;
    changed(&mut state.presign);
    actions::show(state, Screen::Presign, commands);
}

impl Component for PresignScreen {
    fn keys(&self, _: &State) -> Place {
        Place::Presign
    }

    fn act(&self, state: &mut State, action: Action, commands: &mut Vec<Command>) -> bool {
        let page = state.presign.page;
        match (action, page) {
            // On the form one goes back to where one came from, else to the form.
            (Action::Back, Page::Form) => return false,
            (Action::ShowForm | Action::Back, _) | (Action::Open, Page::Result) => {
                state.presign.page = Page::Form;
            }
            (Action::ShowInspect, _) => show_inspect(state),
            (Action::ShowSmoke, _) => smoke::show(state, commands),
            (Action::Sign, Page::Smoke) => smoke::ask(state, commands),
            (Action::CleanUp, Page::Smoke) => smoke::ask_clean_up(state),
            (Action::Cancel, Page::Smoke) => smoke::cancel(state, commands),
            (Action::Refresh, Page::Smoke) => smoke::refresh(state, commands),
            (Action::Open, Page::Smoke) => smoke::open(state),
            (Action::Up, Page::Smoke) => smoke::move_by(state, -1),
            (Action::Down, Page::Smoke) => smoke::move_by(state, 1),
            (Action::PageUp, Page::Smoke) => smoke::move_by(state, -10),
            (Action::PageDown, Page::Smoke) => smoke::move_by(state, 10),
            (Action::Top, Page::Smoke) => smoke::move_by(state, isize::MIN),
            (Action::Bottom, Page::Smoke) => smoke::move_by(state, isize::MAX),
            (Action::Sign, _) => sign(state, commands),
            (Action::NextTab, _) => turn_tab(&mut state.presign, 1),
            (Action::PreviousTab, _) => turn_tab(&mut state.presign, -1),
            (Action::Copy, _) => copy(state, 0, commands),
            (Action::CopyUri, _) => {
                let tab = state.presign.tab;
                copy(state, tab, commands);
            }
            (Action::PageDown, _) => scroll(state, 10),
            (Action::PageUp, _) => scroll(state, -10),
            (Action::CheckUrl, Page::Inspect) => check_url(state, commands),
            (Action::CheckUrl, _) => toast(
                state,
                "i shows the page on which a URL can be checked",
                false,
            ),
            (Action::Cancel, Page::Inspect) => commands.push(Command::Cancel(Slot::CheckUrl)),
            (Action::Cancel, _) => commands.push(Command::Cancel(Slot::Sign)),
            (Action::Explain, _) => {
                let Some(problem) = problem_here(state) else {
                    return false;
                };
                state.overlay = Some(Overlay::Explain(problem));
            }
            (Action::Up, Page::Form) => state.presign.form.move_by(-1),
            (Action::Down, Page::Form) => state.presign.form.move_by(1),
            (Action::Up | Action::DetailUp, _) => scroll(state, -1),
            (Action::Down | Action::DetailDown, _) => scroll(state, 1),
            (Action::Top, Page::Form) => state.presign.form.move_by(isize::MIN),
            (Action::Bottom, Page::Form) => state.presign.form.move_by(isize::MAX),
            (Action::Top, _) => scroll(state, i16::MIN),
            (Action::NextChoice, Page::Form) => turn(state, 1),
            (Action::PreviousChoice, Page::Form) => turn(state, -1),
            (Action::Clear, Page::Form) => {
                state.presign.form.clear();
                changed(&mut state.presign);
            }
            (Action::Clear, Page::Inspect) => take_url(state, Input::default(), commands),
            (Action::NewUuid, Page::Form) => {
                state.presign.form.new_uuids();
                changed(&mut state.presign);
            }
            (Action::Open, Page::Form) => open(state),
            (Action::Open, Page::Inspect) => state.presign.inspect.typing = true,
            _ => return false,
        }
        true
    }

    fn typed(&self, state: &mut State, key: KeyEvent, commands: &mut Vec<Command>) -> bool {
        if !state.presign.is_typing() {
            return false;
        }
        match state.presign.page {
            Page::Form => typed_in_form(state, key, commands),
            Page::Inspect => typed_in_inspect(state, key, commands),
            Page::Result | Page::Smoke => {}
        }
        true
    }

    fn pasted(&self, state: &mut State, pasted: &str, commands: &mut Vec<Command>) {
        match state.presign.page {
            Page::Inspect => {
                // A URL is pasted whole: what stood there before would only spoil it. Line ends stay: what pasting did to a
                // URL is told, and repaired.
                state.presign.inspect.typing = false;
                take_url(state, Input::new(pasted.to_owned()), commands);
            }
            Page::Form if state.presign.form.typing => {
                let form = &mut state.presign.form;
                let field = form.cursor.clone();
                // A key may hold any character; every other line is one line of text.
                let text: String = match field {
                    Field::Key => pasted.to_owned(),
                    _ => pasted.chars().filter(|c| !c.is_control()).collect(),
                };
                let input = overlays::joined(&form.input(&field), &text);
                form.set_input(field, input);
                changed(&mut state.presign);
            }
            Page::Form | Page::Result | Page::Smoke => {
                let words =
                    "press Enter on a line to type or paste into it; i explains a pasted URL";
                toast(state, words, false);
            }
        }
    }

    fn counts_down(&self, state: &State, then: DateTime<Utc>) -> bool {
        state.presign.counts_down(then)
    }
}

/// Enter: a text is typed, a choice goes on to its next option.
fn open(state: &mut State) {
    let form = &mut state.presign.form;
    if form.cursor.is_choice() {
        turn(state, 1);
    } else {
        form.typing = true;
    }
}

fn turn(state: &mut State, by: isize) {
    let field = state.presign.form.cursor.clone();
    state.presign.form.turn(&field, by);
    changed(&mut state.presign);
}

/// The form is no longer what was signed.
fn changed(presign: &mut Presign) {
    if let Outcome::Made(made) = &mut presign.outcome {
        made.is_stale = true;
    }
}

fn typed_in_form(state: &mut State, key: KeyEvent, commands: &mut Vec<Command>) {
    let form = &mut state.presign.form;
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Esc => form.typing = false,
        KeyCode::Enter => {
            form.typing = false;
            form.move_by(1);
        }
        KeyCode::Tab | KeyCode::Down => move_typing(state, 1),
        KeyCode::BackTab | KeyCode::Up => move_typing(state, -1),
        KeyCode::Char('s') if control => sign(state, commands),
        _ => {
            let field = form.cursor.clone();
            let mut input = form.input(&field);
            if input
                .handle_event(&Event::Key(key))
                .is_some_and(|did| did.value)
            {
                form.set_input(field, input);
                changed(&mut state.presign);
            } else {
                form.set_cursor(field, input);
            }
        }
    }
}

/// To a neighbouring line; what is typed goes on there where it can.
fn move_typing(state: &mut State, lines: isize) {
    let form = &mut state.presign.form;
    form.move_by(lines);
    form.typing = !form.cursor.is_choice();
}

fn typed_in_inspect(state: &mut State, key: KeyEvent, commands: &mut Vec<Command>) {
    match key.code {
        KeyCode::Esc | KeyCode::Enter | KeyCode::Tab => state.presign.inspect.typing = false,
        _ => {
            let mut input = state.presign.inspect.input.clone();
            let did = input.handle_event(&Event::Key(key));
            if did.is_some_and(|did| did.value) {
                take_url(state, input, commands);
            } else {
                state.presign.inspect.input = input;
            }
        }
    }
}

/// Takes another URL to explain. What a check of the one before would tell is of no use any more.
fn take_url(state: &mut State, input: Input, commands: &mut Vec<Command>) {
    let now = state.now;
    state.presign.inspect.take(input, now);
    if !matches!(state.presign.inspect.check, Load::Idle) {
        abandon(state, Slot::CheckUrl, commands);
        state.presign.inspect.check = Load::Idle;
    }
    state.presign.inspect.checked = None;
}

fn show_inspect(state: &mut State) {
    state.presign.page = Page::Inspect;
    let inspect = &mut state.presign.inspect;
    inspect.typing = inspect.found.is_none();
}

fn check_url(state: &mut State, commands: &mut Vec<Command>) {
    let Some(found) = state.presign.inspect.inspection() else {
        toast(state, "paste a URL first", false);
        return;
    };
    let work = Work::CheckUrl(Box::new(found.clone()));
    state.presign.inspect.check = Load::Loading;
    state.presign.inspect.checked = None;
    start(state, Slot::CheckUrl, work, commands);
}

/// What a check found, or why it found nothing.
pub(crate) fn check_finished(state: &mut State, load: Load) {
    state.presign.inspect.check = load;
}

/// Signs the request, when there is one.
fn sign(state: &mut State, commands: &mut Vec<Command>) {
    let form = &state.presign.form;
    let Some(request) = form.checked.request.clone() else {
        let first = form.fields().into_iter().find_map(|field| {
            let fault = form.checked.faults.get(&field)?;
            let words = format!("not signed: {}: {}", field.label(), fault.words());
            Some((field, words))
        });
        if let Some((field, words)) = first {
            state.presign.page = Page::Form;
            state.presign.form.cursor = field;
            toast(state, words, true);
        } else if let Some(why) = &form.checked.whole {
            let words = format!("not signed: {why}");
            toast(state, words, true);
        }
        return;
    };
    if request.method() == Method::Delete && !state.write {
        let words = "changes are not allowed: a signed DELETE deletes for whoever has it";
        toast(state, words, true);
        return;
    }
    let blueprint = form.rules.as_ref().map(|rules| Arc::clone(&rules.bucket));
    let work = Work::Sign(Box::new(SignWork { request, blueprint }));
    state.presign.form.typing = false;
    state.presign.outcome = Outcome::Signing;
    state.presign.scroll = 0;
    start(state, Slot::Sign, work, commands);
}

/// A signed request is here.
pub(crate) fn signed(state: &mut State, signed: Signed) {
    let presign = &mut state.presign;
    let form = &presign.form;
    // Whoever went on typing while credentials were asked for sees that the form is another one by now.
    let is_stale = form.checked.request.as_ref() != Some(&signed.request);
    let rules: Option<&Rules> = form.rules.as_ref();
    let mut made = Made::new(signed, rules, form.rule(), form.is_view_once());
    made.is_stale = is_stale;
    presign.tab = presign.tab.min(made.snippets.len());
    presign.outcome = Outcome::Made(Box::new(made));
    presign.scroll = 0;
    if presign.page == Page::Form && state.size.0 < WIDE && !presign.form.typing {
        presign.page = Page::Result;
    }
}

/// Signing has ended; a request that was signed is here already.
pub(crate) fn sign_finished(state: &mut State, load: Load) {
    let outcome = match load {
        Load::Failed(problem) => Outcome::Failed(problem),
        _ if matches!(state.presign.outcome, Outcome::Signing) => Outcome::None,
        _ => return,
    };
    state.presign.outcome = outcome;
    if state.presign.page == Page::Form && state.size.0 < WIDE {
        state.presign.page = match state.presign.outcome {
            Outcome::Failed(_) => Page::Result,
            _ => Page::Form,
        };
    }
}

/// Shows the result's next tab, or the one before.
fn turn_tab(presign: &mut Presign, by: isize) {
    let Some(made) = presign.made() else { return };
    let tabs = isize::try_from(made.snippets.len() + 1).unwrap_or(1);
    let now = isize::try_from(presign.tab).unwrap_or(0);
    presign.tab = usize::try_from((now + by).rem_euclid(tabs)).unwrap_or(0);
    presign.scroll = 0;
}

fn scroll(state: &mut State, lines: i16) {
    let presign = &mut state.presign;
    let scroll = match presign.page {
        Page::Inspect => &mut presign.inspect.scroll,
        Page::Form | Page::Result | Page::Smoke => &mut presign.scroll,
    };
    *scroll = scroll.saturating_add_signed(lines);
}

/// Copies the URL or a snippet; its line ends and indents are nothing that one does not see.
fn copy(state: &mut State, tab: usize, commands: &mut Vec<Command>) {
    let Some(made) = state.presign.made() else {
        toast(state, "there is nothing signed to copy yet", true);
        return;
    };
    let copied = made.text_of(tab).to_owned();
    actions::copy_lines(state, copied, commands);
}

/// What `e` explains here: why signing or checking failed.
fn problem_here(state: &State) -> Option<Arc<Problem>> {
    match (state.presign.page, &state.presign.outcome) {
        (Page::Form | Page::Result, Outcome::Failed(problem)) => Some(Arc::clone(problem)),
        (Page::Inspect, _) => match &state.presign.inspect.check {
            Load::Failed(problem) => Some(Arc::clone(problem)),
            _ => None,
        },
        _ => None,
    }
}
