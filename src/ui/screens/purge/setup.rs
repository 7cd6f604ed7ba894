//! Whose things, by which rules, how far; and what was begun before.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::State;
use crate::app::purge::setup::{Line as Field, Setup};
use crate::domain::text;
use crate::ui::widgets::status::typed_line;
use crate::ui::{Theme, words};

/// The width of the labels, with the blank after them.
const LABELS: usize = 16;
/// Columns before the labels: the cursor's mark.
const MARGIN: usize = 3;

/// Draws the page.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let width = usize::from(area.width);
    let setup = &state.purge.setup;
    let mut lines = vec![Line::default()];
    for field in setup.lines() {
        if field == Field::Unfinished(0) {
            lines.push(Line::default());
            lines.push(indented("Begun before, and not at its end", theme.label));
        }
        lines.push(line_of(state, field, width, theme));
    }
    lines.push(Line::default());
    let room = width.saturating_sub(MARGIN + 1);
    for (words, style) in below(state, theme) {
        let wrapped = text::wrap(&words, room).into_iter();
        lines.extend(wrapped.map(|line| indented(&line, style)));
    }
    for (line, row) in lines.into_iter().zip(area.rows()) {
        frame.render_widget(line, row);
    }
}

fn indented(words: &str, style: ratatui::style::Style) -> Line<'static> {
    Line::from(vec![
        Span::raw(" ".repeat(MARGIN)),
        Span::styled(words.to_owned(), style),
    ])
}

fn line_of(state: &State, field: Field, width: usize, theme: &Theme) -> Line<'static> {
    let setup = &state.purge.setup;
    let is_current = setup.cursor == field;
    let mark = if is_current {
        Span::styled(" ▌ ", theme.marker)
    } else {
        Span::raw(" ".repeat(MARGIN))
    };
    let style = if is_current {
        theme.row.patch(theme.current)
    } else {
        theme.row
    };
    let room = width.saturating_sub(MARGIN + LABELS + 5);
    let mut spans = vec![
        mark,
        Span::styled(text::fit(field.label(), LABELS), theme.label),
    ];
    let typed = match field {
        Field::User => Some(&setup.user),
        Field::Reason => Some(&setup.reason),
        _ => None,
    };
    match typed {
        Some(input) if is_current && setup.typing => {
            spans.extend(typed_line("", input, room, theme).spans);
        }
        _ => {
            let value = text::clip(&value(state, field), room);
            spans.push(Span::styled(format!("‹ {value} ›"), style));
        }
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
            "only where the user still exists: why to purge all the same".to_owned()
        }
        Field::Reason => setup.reason.value().to_owned(),
        Field::Keep => if setup.keep { "yes" } else { "no" }.to_owned(),
        Field::Unfinished(number) => unfinished(state, setup, number),
    }
}

fn unfinished(state: &State, setup: &Setup, number: usize) -> String {
    let Some(one) = setup.unfinished.get(number) else {
        return String::new();
    };
    let began = one.began.map_or_else(
        || words::UNKNOWN.to_owned(),
        |began| words::ago(began, state.now),
    );
    let under_way = if one.is_under_way {
        ", under way elsewhere"
    } else {
        ""
    };
    format!(
        "{}, begun {began}, {} sent{under_way}",
        text::safe(&one.user),
        words::counted(one.sent, "thing")
    )
}

/// What stands below the lines: how it goes, and what is missing.
fn below(state: &State, theme: &Theme) -> Vec<(String, ratatui::style::Style)> {
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
    let last = if state.write {
        "3  P asks the last question: only the id, typed once more and in full, purges."
    } else {
        "3  P would ask for the id once more. This program is READ-ONLY: it plans, and deletes nothing."
    };
    for words in [
        "1  Enter, the user's id, Enter: everything of that user is looked for in every bucket of the blueprint. Nothing is changed.",
        "2  The plan shows what was found, why it is the user's, what stands against deleting it, and what could not be searched.",
        last,
        "4  Everything is listed again, and a receipt says what is gone and what is not.",
    ] {
        said.push((words.to_owned(), theme.faint));
    }
    if state.demo {
        let words = "In this demo the applications say who lives: a living user is refused. Orphans (4) finds who is gone.";
        said.push((words.to_owned(), theme.faint));
    }
    said
}

/// What the line under the cursor is for.
pub(super) fn about(state: &State) -> &'static str {
    match state.purge.setup.cursor {
        Field::User => {
            "exactly as it stands in keys: case, blanks and accents count, no character is a wildcard"
        }
        Field::Blueprint => "the rules of the application whose user it is; → and ← choose",
        Field::How => {
            "→ : soft, current objects behind delete markers that `purge --undo RECEIPT` takes away"
        }
        Field::Bounds => "a plan beyond this is not carried out; → allows more",
        Field::Reason => {
            "where the application's list still holds the user; the receipt will say so"
        }
        Field::Keep => {
            "whether plan and journal stay when everything is gone; they hold the user's keys"
        }
        Field::Unfinished(_) => "Enter reads its plan; before it goes on the id is asked for again",
    }
}
