//! What the Presign screen says of itself.

use super::{Fault, Field, Outcome, Page, PresignScreen, Smoke};
use crate::app::overlay::Hints;
use crate::app::screens::Texts;
use crate::app::state::{Load, State};
use crate::app::words;

impl Texts for PresignScreen {
    fn title(&self) -> (u8, &'static str) {
        (6, "Presign")
    }

    fn place(&self, state: &State) -> String {
        let smoke = &state.presign.smoke;
        match (state.presign.page, &smoke.bucket) {
            (Page::Form, _) => "Presign".into(),
            (Page::Result, _) => "Presign › signed".into(),
            (Page::Inspect, _) => "Presign › a URL of others".into(),
            (Page::Smoke, None) => "Presign › smoke test".into(),
            (Page::Smoke, Some(bucket)) => format!("Presign › smoke test of {bucket}"),
        }
    }

    fn summary(&self, state: &State) -> Vec<String> {
        let presign = &state.presign;
        match (presign.page, &presign.outcome) {
            (Page::Inspect, _) => Vec::new(),
            (Page::Smoke, _) => smoke_summary(&presign.smoke),
            (_, Outcome::Signing) => vec!["signing".into()],
            (_, Outcome::Failed(_)) => vec!["failed, e explains".into()],
            (_, Outcome::Made(made)) if made.is_stale => vec!["changed since it was signed".into()],
            (_, Outcome::Made(_)) => vec!["signed".into()],
            (_, Outcome::None) if presign.form.checked.request.is_some() => {
                let warnings = presign.form.checked.warnings.len() as u64;
                let mut parts = vec!["ready to be signed".into()];
                if warnings > 0 {
                    parts.push(words::counted(warnings, "warning"));
                }
                parts
            }
            (_, Outcome::None) => Vec::new(),
        }
    }

    fn about(&self, state: &State) -> String {
        let presign = &state.presign;
        match presign.page {
            Page::Form => about_form(state),
            Page::Smoke => about_smoke(state),
            Page::Result => {
                "] shows other ways to send it, y copies the URL, Esc goes back to the form".into()
            }
            Page::Inspect if presign.inspect.inspection().is_some() => {
                "c tries it with one harmless request; paste another one to explain that".into()
            }
            Page::Inspect => "paste a URL, or Enter to type it; Esc goes back to the form".into(),
        }
    }

    /// While a line is typed into, and beside the form; on it they are the key map's.
    fn hints(&self, state: &State) -> Option<Hints> {
        let hints: Hints = match state.presign.page {
            Page::Smoke if state.presign.smoke.is_running() => {
                "C-x: cancel · Enter: detail · ?: keys · q: quit"
            }
            Page::Smoke => "s: start · Enter: detail · r: look again · f: form · ?: keys · q: quit",
            Page::Inspect if state.presign.inspect.typing => {
                "Enter: done · Esc: done · paste: a URL replaces this one"
            }
            Page::Inspect => {
                "Enter: type · c: try it · Delete: clear · f: form · ?: keys · q: quit"
            }
            Page::Form | Page::Result if !state.presign.is_typing() => return None,
            Page::Form | Page::Result => {
                "Enter: done · Tab: next line · C-s: sign · Esc: stop typing"
            }
        };
        Some(hints)
    }
}

/// What is to be said of the line under the cursor.
fn about_form(state: &State) -> String {
    let presign = &state.presign;
    let form = &presign.form;
    let field = &form.cursor;
    if let Some(Fault::Wrong(words)) = form.checked.faults.get(field) {
        return format!("{}: {words}", field.label());
    }
    if presign.made().is_some_and(|made| !made.is_stale) && !form.typing {
        return "] shows other ways to send it, Y copies the one that is shown".into();
    }
    let how = match (form.typing, field.is_choice()) {
        (true, _) => "Enter or Esc ends typing, Tab goes on to the next line, C-s signs",
        (false, true) => "←/→ choose",
        (false, false) => "Enter types",
    };
    let value = form.text(field);
    let example = field.example();
    if let (Field::Part(name), "", false) = (field, value, form.typing)
        && form.made_up(name).is_some()
    {
        return "made up; u makes up another, Enter types one".into();
    }
    if form.typing && !example.is_empty() {
        format!("{example} · {how}")
    } else if value.is_empty() {
        how.into()
    } else {
        value.to_owned()
    }
}

/// How far the test is, for the right of the rule.
fn smoke_summary(smoke: &Smoke) -> Vec<String> {
    if smoke.rows.is_empty() {
        return Vec::new();
    }
    let counts = smoke.counts();
    let mut parts = Vec::new();
    if matches!(smoke.run, Load::Idle) {
        let planned = words::counted(counts.open as u64, "check");
        parts.push(format!("{planned} planned"));
    } else {
        if counts.failed > 0 {
            parts.push(format!("{} failed", counts.failed));
        }
        parts.push(format!("{} passed", counts.passed));
    }
    if counts.skipped > 0 {
        parts.push(format!("{} skipped", counts.skipped));
    }
    match &smoke.run {
        Load::Loading => parts.push(format!("{} to come", counts.open)),
        Load::Stopped => parts.push("stopped".into()),
        _ => {}
    }
    parts
}

/// What can be done now, or what the row under the cursor says in full.
fn about_smoke(state: &State) -> String {
    let smoke = &state.presign.smoke;
    if smoke.is_running() {
        return "C-x cancels: what was created by then is removed".into();
    }
    match smoke.current() {
        Some(row) if !row.message().is_empty() => row.message().to_owned(),
        _ if smoke.plan.is_some() && state.write => "s asks before it tests".into(),
        _ if matches!(smoke.run, Load::Idle) => String::new(),
        _ => "s plans another run".into(),
    }
}
