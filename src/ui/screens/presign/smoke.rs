//! The smoke test: the checks of the plan as they run, and what to say beforehand.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use crate::app::State;
use crate::app::screens::presign::smoke::{Left, Row};
use crate::app::state::Load;
use crate::app::words;
use crate::domain::advice::{Action, Advice, advice};
use crate::domain::text;
use crate::ops::smoke::Refusal;
use crate::ui::Theme;
use crate::ui::widgets::columns::{self, Align, Cell, Column};

/// The most lines that are said above the table.
const WORDS: usize = 6;

fn columns() -> [Column<()>; 4] {
    [
        Column::fixed("CHECK", 20, Align::Left, 0, None),
        Column::fixed("OUTCOME", 8, Align::Left, 0, None),
        Column::fixed("TIME", 9, Align::Right, 0, None),
        Column::growing("MESSAGE", Align::Left, None),
    ]
}

/// Draws the page.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let smoke = &state.presign.smoke;
    let said = beforehand(state, theme);
    let room = usize::from(area.width.saturating_sub(6));
    let lines: Vec<Line<'static>> = said
        .into_iter()
        .flat_map(|(mark, words, style)| {
            let wrapped = text::wrap(&words, room).into_iter().enumerate();
            wrapped.map(move |(at, line)| {
                let mark = if at == 0 { mark } else { " " };
                Line::from(vec![
                    Span::styled(format!(" {mark} "), style),
                    Span::styled(line, style),
                ])
            })
        })
        .take(if smoke.rows.is_empty() {
            usize::MAX
        } else {
            WORDS
        })
        .collect();
    let height = u16::try_from(lines.len())
        .unwrap_or(u16::MAX)
        .min(area.height);
    let [above, below] =
        Layout::vertical([Constraint::Length(height), Constraint::Min(0)]).areas(area);
    for (line, row) in lines.into_iter().zip(above.rows()) {
        frame.render_widget(line, row);
    }
    if smoke.rows.is_empty() {
        return;
    }
    let shown = usize::from(below.height.saturating_sub(1)).max(1);
    let first = (smoke.cursor + 1).saturating_sub(shown);
    let rows = smoke
        .rows
        .iter()
        .enumerate()
        .skip(first)
        .take(shown)
        .map(|(at, row)| (at == smoke.cursor, cells(row, state, theme)));
    columns::draw(frame, below, &columns(), None, rows, theme);
}

fn cells(row: &Row, state: &State, theme: &Theme) -> Vec<Cell> {
    let word = row.word();
    let style = match word {
        "pass" => theme.good,
        "fail" => theme.bad,
        "running" => theme.warning,
        _ => theme.faint,
    };
    let none = if word == "skipped" {
        words::NONE
    } else {
        words::PENDING
    };
    let took = row.took(state.now).map_or_else(
        || none.to_owned(),
        |took| match took.as_millis() {
            milliseconds @ 0..1000 => format!("{milliseconds} ms"),
            milliseconds => words::duration(i64::try_from(milliseconds).unwrap_or(i64::MAX)),
        },
    );
    let message = if word == "fail" {
        theme.row
    } else {
        theme.faint
    };
    vec![
        Cell::new(row.check.name(), theme.row),
        Cell::new(word, style),
        Cell::new(took, theme.faint),
        Cell::new(row.message(), message),
    ]
}

type Said = (&'static str, String, ratatui::style::Style);

/// What stands above the table: what it is about, what stands against it, what was left.
fn beforehand(state: &State, theme: &Theme) -> Vec<Said> {
    let smoke = &state.presign.smoke;
    let mut said: Vec<Said> = Vec::new();
    let Some(bucket) = &smoke.bucket else {
        said.push((" ", "Name a bucket in the form (f), then t again: a smoke test proves that uploads and downloads \
            work there, and that what must be refused is refused.".into(), theme.faint));
        return said;
    };
    match &smoke.look {
        Load::Loading => said.push((" ", format!("Looking at {bucket} …"), theme.faint)),
        Load::Failed(problem) => {
            said.push((
                "!",
                format!("could not look at {bucket}: {}", problem.message),
                theme.bad,
            ));
            said.push((
                " ",
                format!("{}; r looks again", state.says(&problem.advice)),
                theme.faint,
            ));
        }
        Load::Stopped => said.push((" ", "Stopped; r looks again.".into(), theme.faint)),
        _ => {}
    }
    if let Some(refusal) = &smoke.refusal {
        said.push(("!", refusal.to_string(), theme.bad));
        let advice = match refusal {
            Refusal::Events(_) if state.write => {
                "s asks whether they may be told of test objects".to_owned()
            }
            Refusal::Events(_) => state.says(&Advice::from(Action::AllowChanges).then(advice!(
                "then it is asked whether they may be told of test objects"
            ))),
            refusal => state.says(&refusal.advice()),
        };
        said.push((" ", advice, theme.faint));
    }
    if !state.write {
        said.push((
            "!",
            format!(
                "READ-ONLY: {}s3warden has to be started with --write to test, for that creates objects and removes them \
                 again.",
                if smoke.rows.is_empty() { "" } else { "this is what would be tested; " }
            ),
            theme.warning,
        ));
    }
    match &smoke.left {
        Left::Something(words) => {
            said.push(("!", format!("{words}; X removes them"), theme.warning));
        }
        Left::Removing => said.push((
            " ",
            "Removing what earlier tests left …".into(),
            theme.faint,
        )),
        Left::Failed(problem) => said.push((
            "!",
            format!(
                "whether earlier tests left anything is not known: {}",
                problem.message
            ),
            theme.warning,
        )),
        Left::Removed(removed) if removed.is_complete() => said.push((
            " ",
            format!(
                "{} and {} of earlier tests removed, and listed again: nothing is left",
                words::counted(removed.versions as u64, "version"),
                words::counted(removed.uploads as u64, "upload")
            ),
            theme.good,
        )),
        Left::Removed(removed) => {
            let why = match &removed.unknown {
                Some(problem) => format!(
                    "what is left of earlier tests is not known: {}",
                    problem.message
                ),
                None => format!("still there: {}", removed.left.join(", ")),
            };
            said.push(("!", why, theme.bad));
        }
        Left::Unknown | Left::Nothing => {}
    }
    if let Load::Failed(problem) = &smoke.run {
        said.push((
            "!",
            format!("{}: {}", problem.message, problem.advice),
            theme.bad,
        ));
    }
    let has_begun = !matches!(smoke.run, Load::Idle);
    if !has_begun {
        for remark in &smoke.remarks {
            said.push((" ", remark.clone(), theme.faint));
        }
    }
    said
}
