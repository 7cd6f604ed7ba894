//! What to look for: the buckets, the lists, where the gates stand, and what can be told with them.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::State;
use crate::app::screens::orphans::setup::{Line as Field, ListChoice, Setup};
use crate::app::words;
use crate::domain::blueprint::ReferenceList;
use crate::domain::blueprint::registry::Source;
use crate::domain::orphans::{Kind, Limits};
use crate::domain::text;
use crate::ops::change::unfinished::Unfinished;
use crate::ops::orphans::lists_of;
use crate::ui::Theme;
use crate::ui::screens::form::{self, MARGIN, indented};
use crate::ui::widgets::columns;

/// Draws the page.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let setup = &state.orphans.setup;
    if setup.targets.is_empty() {
        let words = [
            "No blueprint names any of these buckets.".to_owned(),
            "Whose the objects are is told by the layouts of a blueprint: start with a blueprint."
                .to_owned(),
        ];
        columns::draw_empty(frame, area, &words, theme);
        return;
    }
    let width = usize::from(area.width);
    let mut lines: Vec<Line<'static>> = Vec::new();
    // Blanks, heading and the words below them take six lines.
    let has_room = usize::from(area.height) >= setup.lines().len() + Kind::ALL.len() + 6;
    if has_room {
        lines.push(Line::default());
    }
    let mut cursor = 0;
    for field in setup.lines() {
        if field == Field::Unfinished(0) {
            lines.push(Line::default());
            lines.push(indented("Begun before, and not at its end", theme.label));
        }
        if field == setup.cursor {
            cursor = lines.len();
        }
        lines.push(line_of(state, field, width, theme));
    }
    lines.push(Line::default());
    lines.push(indented("What can be told", theme.label));
    if has_room {
        let kinds = Kind::ALL.into_iter();
        lines.extend(kinds.map(|kind| can_tell(setup, kind, width, theme)));
    } else {
        lines.extend(in_brief(setup, width, theme));
    }
    lines.push(Line::default());
    for words in text::wrap(
        "A search reads the lists, then lists the buckets whole, and judges. It changes nothing.",
        width.saturating_sub(MARGIN + 1),
    ) {
        lines.push(indented(&words, theme.faint));
    }
    form::draw(frame, area, lines, cursor);
}

fn line_of(state: &State, field: Field, width: usize, theme: &Theme) -> Line<'static> {
    let setup = &state.orphans.setup;
    let is_current = setup.cursor == field;
    let mut spans = form::label(field.label(), is_current, theme);
    spans.push(form::value(&value(state, field), is_current, width, theme));
    if let Field::Limit(limit) = field
        && limit.is_changed(&setup.limits)
    {
        let standard = format!("  not {}", limit.shown(&Limits::default()));
        spans.push(Span::styled(standard, theme.warning));
    }
    Line::from(spans)
}

fn value(state: &State, field: Field) -> String {
    let setup = &state.orphans.setup;
    match field {
        Field::Unfinished(number) => setup
            .unfinished
            .get(number)
            .map_or_else(String::new, |one| unfinished(state, one)),
        Field::Buckets => match setup.chosen() {
            None => words::NONE.to_owned(),
            Some(target) => match target.buckets.as_slice() {
                [one] => format!("{one} (blueprint {})", target.blueprint.name),
                all => format!(
                    "all {} buckets of blueprint {}",
                    all.len(),
                    target.blueprint.name
                ),
            },
        },
        Field::Owners | Field::Keys => match setup.choice(field) {
            ListChoice::Nowhere => "none".to_owned(),
            ListChoice::File(path) if path.is_empty() => "a file: Enter types its path".to_owned(),
            ListChoice::File(path) => format!("file {path}"),
            ListChoice::Blueprint => {
                let stated = setup.chosen().map(|target| lists_of(&target.blueprint));
                let (owners, keys) = stated.unwrap_or_default();
                let list = if field == Field::Owners { owners } else { keys };
                list.map_or_else(
                    || "the blueprint's: it states none".to_owned(),
                    |list| format!("the blueprint's: {}", stated_words(&list)),
                )
            }
        },
        Field::Limit(limit) => limit.shown(&setup.limits),
    }
}

/// What was begun before: where, what, when, how far.
fn unfinished(state: &State, one: &Unfinished) -> String {
    let act = one.header.act.event();
    let act = if act == "purge" { "delete" } else { act };
    let bucket = one.bucket().unwrap_or_default();
    format!("{act} in {bucket}, {}", words::begun(one, state.now))
}

/// Where a list is, without what is secret of it.
fn stated_words(list: &ReferenceList) -> String {
    match list.source {
        Some(Source::Sql) => "a database".to_owned(),
        Some(Source::DynamoDb) => {
            format!("the table {}", list.table.as_deref().unwrap_or_default())
        }
        Some(Source::File) | None => {
            let path = list.path.clone().unwrap_or_default();
            format!("file {}", path.display())
        }
    }
}

/// All kinds in a few lines, without what they mean.
fn in_brief(setup: &Setup, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    const WIDTH: usize = 24;
    let a_line = (width.saturating_sub(MARGIN) / WIDTH).max(1);
    Kind::ALL
        .chunks(a_line)
        .map(|kinds| {
            let mut spans = vec![Span::raw(" ".repeat(MARGIN))];
            spans.extend(kinds.iter().map(|kind| {
                let (mark, style) = mark(setup, *kind, theme);
                Span::styled(text::fit(&format!("{mark} {kind}"), WIDTH), style)
            }));
            Line::from(spans)
        })
        .collect()
}

fn mark(setup: &Setup, kind: Kind, theme: &Theme) -> (&'static str, Style) {
    if setup.kinds().has(kind) {
        ("✓", theme.row)
    } else {
        (words::NONE, theme.faint)
    }
}

fn can_tell(setup: &Setup, kind: Kind, width: usize, theme: &Theme) -> Line<'static> {
    let can = setup.kinds().has(kind);
    let (mark, style) = mark(setup, kind, theme);
    let needs = match kind {
        _ if can => "",
        Kind::OwnerGone => "needs a list of owners: ",
        Kind::RecordGone | Kind::Dangling => "needs a list of keys: ",
        _ => "needs a list: ",
    };
    let room = width.saturating_sub(MARGIN + 21);
    Line::from(vec![
        Span::raw(" ".repeat(MARGIN)),
        Span::styled(format!("{mark} {}", text::fit(kind.word(), 18)), style),
        Span::styled(
            text::clip(&format!("{needs}{}", kind.meaning()), room),
            theme.faint,
        ),
    ])
}
