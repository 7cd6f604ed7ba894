//! Whose things, by which rules, how far; what was begun before, and what can be undone.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use crate::app::State;
use crate::app::screens::purge::setup::{Line as Field, Setup};
use crate::app::words;
use crate::domain::text;
use crate::ui::Theme;
use crate::ui::screens::form::{self, MARGIN, indented};
use crate::ui::widgets::status::typed_line;

/// Draws the page.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let width = usize::from(area.width);
    let setup = &state.purge.setup;
    let mut lines = vec![Line::default()];
    let mut cursor = 0;
    for field in setup.lines() {
        let heading = match field {
            Field::Unfinished(0) => Some("Begun before, and not at its end"),
            Field::Undoable(0) => Some("Hidden before, and can be undone"),
            _ => None,
        };
        if let Some(heading) = heading {
            lines.push(Line::default());
            lines.push(indented(heading, theme.label));
        }
        if field == setup.cursor {
            cursor = lines.len();
        }
        lines.push(line_of(state, field, width, theme));
    }
    lines.push(Line::default());
    let room = width.saturating_sub(MARGIN + 1);
    let wrapped = |said: Vec<(String, Style)>| -> Vec<Line<'static>> {
        let lines = said
            .iter()
            .map(|(words, style)| (text::wrap(words, room), style));
        let indent = |(lines, style): (Vec<String>, &Style)| {
            let lines = lines.iter().map(|line| indented(line, *style));
            lines.collect::<Vec<_>>()
        };
        lines.flat_map(indent).collect()
    };
    let left = usize::from(area.height).saturating_sub(lines.len());
    let whole = wrapped(below(state, theme, steps(state)));
    lines.extend(if whole.len() <= left {
        whole
    } else {
        wrapped(below(state, theme, vec![in_brief(state)]))
    });
    form::draw(frame, area, lines, cursor);
}

fn line_of(state: &State, field: Field, width: usize, theme: &Theme) -> Line<'static> {
    let setup = &state.purge.setup;
    let is_current = setup.cursor == field;
    let mut spans = form::label(field.label(), is_current, theme);
    let typed = match field {
        Field::User => Some(&setup.user),
        Field::Requests => Some(&setup.requests),
        Field::Operator => Some(&setup.operator),
        Field::Reason => Some(&setup.reason),
        Field::ReceiptTo => Some(&setup.receipt_to),
        _ => None,
    };
    match typed {
        Some(input) if is_current && setup.typing => {
            spans.extend(typed_line("", input, form::room(width), theme).spans);
        }
        _ => spans.push(form::value(&value(state, field), is_current, width, theme)),
    }
    Line::from(spans)
}

fn value(state: &State, field: Field) -> String {
    let setup = &state.purge.setup;
    match field {
        Field::User if setup.user.value().is_empty() => "Enter, then type the id".to_owned(),
        Field::User => setup.user.value().to_owned(),
        Field::Blueprint => match (setup.chosen(), setup.blueprints.len()) {
            (Some(blueprint), _) => blueprint.name.clone(),
            (None, 0) => "none was named: see below".to_owned(),
            (None, _) => {
                let names: Vec<&str> = setup.blueprints.iter().map(|b| b.name.as_str()).collect();
                format!("choose with → : {}", names.join(", "))
            }
        },
        Field::How if setup.soft => "hide: can be brought back (versioned buckets)".to_owned(),
        Field::How => "delete for good, every version".to_owned(),
        Field::Bounds => setup.most.words().to_owned(),
        Field::Reason if setup.reason.value().trim().is_empty() => {
            "only for a living user: why all the same".to_owned()
        }
        Field::Reason => setup.reason.value().to_owned(),
        Field::Keep => if setup.keep { "yes" } else { "no" }.to_owned(),
        Field::Named if setup.named => "yes: the receipt holds the id as it was given".to_owned(),
        Field::Named => "no: the receipt holds a keyed hash of the id".to_owned(),
        Field::ReceiptTo if setup.receipt_to.value().trim().is_empty() => {
            "nowhere but the state folder".to_owned()
        }
        Field::ReceiptTo => setup.receipt_to.value().to_owned(),
        Field::Requests if setup.requests.value().trim().is_empty() => {
            "a file of erasure requests instead of one id".to_owned()
        }
        Field::Requests => setup.requests.value().to_owned(),
        Field::Operator if setup.operator.value().trim().is_empty() => {
            "as the server says; type a name where it says nothing".to_owned()
        }
        Field::Operator => setup.operator.value().to_owned(),
        Field::Unfinished(number) => unfinished(state, setup, number),
        Field::Undoable(number) => undoable(state, setup, number),
    }
}

fn unfinished(state: &State, setup: &Setup, number: usize) -> String {
    let Some(one) = setup.unfinished.get(number) else {
        return String::new();
    };
    // What is drawn is made safe there.
    let user = one.user().unwrap_or_default();
    let act = one.header.act.event();
    format!("{act} of {user}, {}", words::begun(one, state.now))
}

fn undoable(state: &State, setup: &Setup, number: usize) -> String {
    let Some(one) = setup.undoable.get(number) else {
        return String::new();
    };
    let user = one.user.as_deref();
    let whose = user.map_or_else(String::new, |user| format!("{user} hidden, "));
    format!(
        "{whose}{}, {} ({})",
        words::ago(one.at, state.now),
        words::counted(one.markers, "delete marker"),
        one.blueprint
    )
}

/// What stands below the lines: what is missing, and how it goes.
fn below(state: &State, theme: &Theme, steps: Vec<&str>) -> Vec<(String, Style)> {
    let mut said = Vec::new();
    if state.purge.setup.blueprints.is_empty() {
        let why = if state.demo {
            "The demo's blueprints are on their way …".to_owned()
        } else {
            "No blueprint was named, and nothing is deleted by rules that nobody named. Quit (q) and start s3warden with \
             --blueprint NAME or FILE; `s3warden blueprint list` shows the built-in ones."
                .to_owned()
        };
        said.push((why, theme.warning));
        said.push((String::new(), theme.faint));
    }
    said.push(("How it goes".to_owned(), theme.label));
    said.extend(
        steps
            .into_iter()
            .map(|words| (words.to_owned(), theme.faint)),
    );
    said
}

/// How it goes, step by step.
fn steps(state: &State) -> Vec<&'static str> {
    let last = if state.write {
        "3  P asks the last question: only the id, typed in full once more, purges."
    } else {
        "3  P would ask for the id again. READ-ONLY: it plans, and deletes nothing."
    };
    let mut steps = vec![
        "1  Enter, the id, Enter: all of that user is looked for. Nothing is changed.",
        "2  The plan shows what there is, why it is theirs, what stands against it.",
        last,
        "4  All is listed again, and a receipt says what is gone and what is not.",
    ];
    if state.demo {
        steps.push("In this demo the applications say who lives: a living user is refused. Orphans (4) finds who is gone.");
    }
    steps
}

/// The same where there is no room for steps.
fn in_brief(state: &State) -> &'static str {
    if state.write {
        "Enter, the id, Enter: the plan. P, then the id in full once more: purged."
    } else {
        "Enter, the id, Enter: the plan. READ-ONLY: it plans, and deletes nothing."
    }
}
