//! The plan: what stands against it, then what was found by bucket and reason; while the search runs, how far it is.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use super::plan_notes;
use crate::app::State;
use crate::app::screens::purge::Search;
use crate::app::screens::purge::texts;
use crate::app::words;
use crate::domain::change::Act;
use crate::domain::text;
use crate::ops::find::Group;
use crate::tasks::{PurgePlan, PurgeStage};
use crate::ui::Theme;
use crate::ui::screens::sheet::Sheet;
use crate::ui::widgets::columns::{self, Align, Cell, Column};

/// The width of the reasons where they need no more.
const REASONS: usize = 30;

/// Of an undo, which holds nothing but markers, the rest says nothing.
///
/// A plan is whole when it is shown, so that the reasons get the width that they need: what is less needed makes room.
fn columns(is_undo: bool, reasons: usize, width: usize) -> Vec<Column<()>> {
    if is_undo {
        return vec![
            Column::growing("BUCKET", Align::Middle, None).at_most(44),
            Column::fixed("WHY IT IS THE USER'S", 30, Align::Left, 0, None),
            Column::fixed("MARKERS", 8, Align::Right, 0, None),
        ];
    }
    let numbers = if width < 96 { 54 } else { 72 };
    let room = width.saturating_sub(numbers);
    let reasons = reasons.clamp(REASONS, room.max(REASONS));
    let beyond = reasons - REASONS;
    let from = |least: usize| if beyond == 0 { least } else { least + beyond };
    vec![
        Column::growing("BUCKET", Align::Middle, None).at_most(44),
        Column::fixed("WHY IT IS THE USER'S", reasons, Align::Left, 0, None),
        Column::fixed("VERSIONS", 8, Align::Right, 0, None),
        Column::fixed("MARKERS", 7, Align::Right, 96, None),
        Column::fixed("UPLOADS", 7, Align::Right, 96, None),
        Column::fixed("SIZE", 10, Align::Right, 0, None),
        Column::fixed("OLDEST TO NEWEST", 23, Align::Left, from(116), None),
        Column::fixed("CLASSES", 26, Align::Left, from(150), None),
    ]
}

/// Draws the page.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    match &state.purge.search {
        Search::None => {
            let words = [
                "Nobody was looked for yet.".to_owned(),
                "Esc shows the form: type the user's id there.".to_owned(),
            ];
            columns::draw_empty(frame, area, &words, theme);
        }
        Search::Running { user, since, stage } => {
            running(frame, area, (user, *since, *stage), state, theme);
        }
        Search::Failed(problem) => {
            let mut sheet = Sheet::new(area, state, theme);
            sheet.title("There is no plan; nothing was touched");
            sheet.problem(problem);
            sheet.plain("n looks again, e explains, Esc goes back to the form.");
            sheet.draw(frame, area, 0);
        }
        Search::Ready(plan) => ready(frame, area, plan, state, theme),
    }
}

fn running(
    frame: &mut Frame,
    area: Rect,
    (user, since, now): (&str, chrono::DateTime<chrono::Utc>, PurgeStage),
    state: &State,
    theme: &Theme,
) {
    let mut sheet = Sheet::new(area, state, theme);
    let is_read = now == PurgeStage::Reading;
    let what = if is_read {
        "Reading a plan for"
    } else {
        "Looking for everything of"
    };
    sheet.title(&format!("{what} {}", text::safe(user)));
    sheet.row("now", texts::stage_words(now, &Act::Delete));
    let tasks = state.tasks.rows();
    let task = tasks
        .filter(|task| {
            let what = matches!(
                task.what,
                "find all of" | "read a plan" | "plan an undo for"
            );
            what && task.is_running()
        })
        .last();
    if let Some(task) = task {
        sheet.row("requests", &words::exact(task.progress.requests));
        sheet.row("listed", &words::counted(task.progress.objects, "version"));
        if task.progress.retries > 0 {
            let retries = words::exact(task.progress.retries);
            sheet.styled("sent again", &retries, theme.warning);
        }
    }
    let elapsed = (state.now - since).num_milliseconds();
    sheet.row("for", &words::duration(elapsed));
    if is_read {
        sheet.draw(frame, area, 0);
        return;
    }
    sheet.section("What follows");
    sheet.plain(
        "Every bucket of the blueprint is listed where its layouts say that the user's objects are, with all versions, delete \
         markers and incomplete uploads; then what was made from them and what replication copied. Nothing is changed.",
    );
    sheet.draw(frame, area, 0);
}

fn ready(frame: &mut Frame, area: Rect, plan: &PurgePlan, state: &State, theme: &Theme) {
    let mut sheet = Sheet::new(area, state, theme);
    sheet.width = sheet.width.saturating_sub(2);
    plan_notes::plan_notes(&mut sheet, plan);
    let lines = u16::try_from(sheet.lines.len()).unwrap_or(u16::MAX);
    // The groups keep room for a head and a few of them, whatever there is to be said.
    let groups = u16::try_from(plan.groups.len() + 1).unwrap_or(u16::MAX);
    let room = area.height.saturating_sub(groups.min(area.height / 2) + 3);
    let [above, _, headline, _, list] = Layout::vertical([
        Constraint::Length(lines.min(room)),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(0),
    ])
    .areas(area);
    let inner = Rect {
        x: above.x + 2,
        width: above.width.saturating_sub(2),
        ..above
    };
    sheet.draw(frame, inner, state.purge.scroll);
    if plan.groups.is_empty() {
        return;
    }
    let words = text::clip(
        &plan_notes::headline(plan),
        usize::from(area.width).saturating_sub(4),
    );
    let line = Line::from(vec![Span::raw("   "), Span::styled(words, theme.place)]);
    frame.render_widget(line, headline);
    let height = usize::from(list.height.saturating_sub(1)).max(1);
    let first = (state.purge.group + 1).saturating_sub(height);
    let rows = plan.groups.iter().enumerate().skip(first).take(height);
    let is_undo = plan.is_undo();
    let rows = rows.map(|(at, group)| {
        let cells = if is_undo {
            marker_cells(group, theme)
        } else {
            cells(group, state, theme)
        };
        (at == state.purge.group, cells)
    });
    let reasons = plan
        .groups
        .iter()
        .map(|group| text::width(&group.why))
        .max();
    let columns = columns(is_undo, reasons.unwrap_or(0), usize::from(list.width));
    columns::draw(frame, list, &columns, None, rows, theme);
}

fn marker_cells(group: &Group, theme: &Theme) -> Vec<Cell> {
    vec![
        Cell::new(group.bucket.as_str(), theme.folder),
        Cell::new(group.why.as_str(), theme.row),
        Cell::new(words::exact(group.markers), theme.row),
    ]
}

fn cells(group: &Group, state: &State, theme: &Theme) -> Vec<Cell> {
    let count = |n: u64| {
        let style = if n == 0 { theme.faint } else { theme.row };
        let shown = if n == 0 {
            words::NONE.to_owned()
        } else {
            words::exact(n)
        };
        Cell::new(shown, style)
    };
    let day =
        |time: chrono::DateTime<chrono::Utc>| state.local(time).format("%Y-%m-%d").to_string();
    let span = match (group.oldest, group.newest) {
        (Some(oldest), Some(newest)) if day(oldest) == day(newest) => day(oldest),
        (Some(oldest), Some(newest)) => format!("{} {}", day(oldest), day(newest)),
        _ => words::NONE.to_owned(),
    };
    let classes: Vec<String> = group
        .classes
        .iter()
        .map(|(class, (items, _))| format!("{class} {}", words::exact(*items)))
        .collect();
    vec![
        Cell::new(group.bucket.as_str(), theme.folder),
        Cell::new(group.why.as_str(), theme.row),
        count(group.versions),
        count(group.markers),
        count(group.uploads),
        Cell::new(group.bytes.to_string(), theme.row),
        Cell::new(span, theme.faint),
        Cell::new(classes.join(", "), theme.faint),
    ]
}
