//! The Lifecycle: what each rule touches and does, and what it does to one object day by day.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use super::timeline;
use crate::app::State;
use crate::app::screens::bucket_state::{BucketState, RuleColumn, RuleRow, RuleState, layout};
use crate::app::words;
use crate::domain::lifecycle::{Coverage, Example, Outcome, VersionState, next};
use crate::domain::{ByteSize, text};
use crate::ui::Theme;
use crate::ui::screens::empty_words;
use crate::ui::widgets::columns::{self, Align, Cell, Column};

/// Lines that the notes on a rule may take.
const NOTES: usize = 3;

fn columns(width: u16) -> [Column<RuleColumn>; 5] {
    let (rule, touches) = match width {
        0..100 => (16, 25),
        100..150 => (26, 28),
        _ => (28, 32),
    };
    [
        Column::fixed("", 1, Align::Left, 0, None),
        Column::fixed("RULE", rule, Align::Left, 0, None),
        Column::fixed("TOUCHES", touches, Align::Left, 0, None),
        Column::growing("DOES", Align::Left, None).at_most(60),
        Column::fixed("BUT", 40, Align::Left, 150, None),
    ]
}

/// Draws the page.
pub(super) fn draw(
    frame: &mut Frame,
    page: Rect,
    state: &State,
    shown: &BucketState,
    theme: &Theme,
) {
    let table = &shown.rules;
    if table.shown() == 0 {
        columns::draw_empty(frame, page, &nothing(shown), theme);
        return;
    }
    // What stands below moves up to a short list, so that the eye has not far to go.
    let most = layout::lifecycle(page.height).list;
    let used = u16::try_from(table.shown() + 1).unwrap_or(most).min(most);
    let [list, below] =
        Layout::vertical([Constraint::Length(used), Constraint::Min(0)]).areas(page);
    let is_pending = shown.audited.load.is_loading();
    let rows = table
        .visible()
        .map(|(line, row)| (line == table.cursor(), cells(&row, is_pending, theme)));
    columns::draw(frame, list, &columns(page.width), None, rows, theme);
    draw_examples(frame, below, state, shown, theme);
}

/// What the rule under the cursor does to an object; what the others do, where there is room.
fn draw_examples(frame: &mut Frame, area: Rect, state: &State, shown: &BucketState, theme: &Theme) {
    let table = &shown.rules;
    let Some(current) = table.current() else {
        return;
    };
    let mut lines = vec![Line::default()];
    lines.extend(notes(area, &current, theme));
    lines.extend(example_lines(state, shown, &current, area.width, theme));
    let coverage = shown.coverage().map(|(coverage, _)| coverage);
    let shown_already = coverage.and_then(|coverage| example(coverage, &current));
    let others = (0..table.shown()).filter(|line| *line != table.cursor());
    for rule in others.filter_map(|line| table.line(line)) {
        let own = coverage.and_then(|coverage| own_example(coverage, &rule));
        if own.is_none() || own == shown_already {
            continue;
        }
        let mut block = vec![
            Line::default(),
            Line::styled(format!("   {}", text::safe(&rule.name)), theme.label),
        ];
        block.extend(example_lines(state, shown, &rule, area.width, theme));
        // A part of it would be taken for the whole.
        if lines.len() + block.len() <= usize::from(area.height) {
            lines.extend(block);
        }
    }
    for (line, row) in lines.into_iter().zip(area.rows()) {
        frame.render_widget(line, row);
    }
}

/// Why there are no rows.
fn nothing(shown: &BucketState) -> Vec<String> {
    let configuration = &shown.configuration;
    let lifecycle = configuration
        .value
        .as_ref()
        .map(|known| known.lifecycle.known());
    match (lifecycle, shown.rules.filter()) {
        (Some(Err(why)), "") => vec![
            "The lifecycle rules are not known.".into(),
            format!("{}: {}", why.call, why.why),
        ],
        (_, filter) => empty_words(&configuration.load, filter, &[]),
    }
}

fn cells(row: &RuleRow, is_pending: bool, theme: &Theme) -> Vec<Cell> {
    let (mark, style) = match row.state {
        RuleState::Works | RuleState::NoRule => ("", theme.row),
        RuleState::Doubtful => ("!", theme.warning),
        RuleState::Idle => ("!", theme.bad),
        RuleState::Disabled => (words::NONE, theme.faint),
    };
    let of_row = if row.state == RuleState::Disabled {
        theme.faint
    } else {
        theme.row
    };
    let touches = match &row.touches {
        Some(words) => words.as_str(),
        None if is_pending => words::PENDING,
        None => words::UNKNOWN,
    };
    vec![
        Cell::new(mark, style),
        Cell::new(row.name.as_str(), of_row),
        Cell::new(touches, of_row),
        Cell::new(row.does.as_str(), of_row),
        Cell::new(row.notes.join("; "), style),
    ]
}

/// What is to be said of the rule under the cursor, with what it does where the list had to cut that.
fn notes(area: Rect, rule: &RuleRow, theme: &Theme) -> Vec<Line<'static>> {
    let width = usize::from(area.width).saturating_sub(6);
    let style = match rule.state {
        RuleState::Idle => theme.bad,
        RuleState::Doubtful => theme.warning,
        RuleState::Works | RuleState::Disabled | RuleState::NoRule => theme.faint,
    };
    let mut lines = Vec::new();
    let mut say = |words: &str, style| {
        let wrapped = text::wrap(words, width).into_iter();
        lines.extend(wrapped.map(|line| Line::styled(format!("   {line}"), style)));
    };
    if area.width < 100 {
        say(&rule.does, theme.row);
    }
    for note in &rule.notes {
        say(note, style);
    }
    let room = if area.height > 12 { NOTES + 2 } else { NOTES };
    lines.truncate(room);
    if !lines.is_empty() {
        lines.push(Line::default());
    }
    lines
}

/// What a rule does to an object, or why there is nothing to show it by.
fn example_lines(
    state: &State,
    shown: &BucketState,
    rule: &RuleRow,
    width: u16,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let say = |words: &str| vec![Line::styled(format!("   {words}"), theme.faint)];
    let Some((coverage, _)) = shown.coverage() else {
        return Vec::new();
    };
    match example(coverage, rule) {
        Some(example) => timed(state, coverage, example, rule, usize::from(width), theme),
        None if rule
            .position
            .is_some_and(|at| touches_uploads(coverage, at)) =>
        {
            say("It aborts uploads that were never completed, and touches no object.")
        }
        None => say("There is no object to show it by."),
    }
}

fn touches_uploads(coverage: &Coverage, position: usize) -> bool {
    let rule = coverage.rules.get(position);
    rule.is_some_and(|rule| rule.uploads.count > 0)
}

/// An object that the rule is about; for one that is about none, an object that no rule is about.
fn example<'c>(coverage: &'c Coverage, rule: &RuleRow) -> Option<&'c Example> {
    let aborts = rule
        .position
        .is_some_and(|at| touches_uploads(coverage, at));
    let untouched = coverage.untouched_example.as_ref();
    own_example(coverage, rule).or_else(|| untouched.filter(|_| !aborts))
}

/// An object that the rule is about; for what is no rule, one that none is about.
fn own_example<'c>(coverage: &'c Coverage, rule: &RuleRow) -> Option<&'c Example> {
    match rule.position {
        Some(at) => coverage.rules.get(at)?.example.as_ref(),
        None => coverage.untouched_example.as_ref(),
    }
}

/// An object and what happens to it.
fn timed(
    state: &State,
    coverage: &Coverage,
    example: &Example,
    rule: &RuleRow,
    width: usize,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let width = width.saturating_sub(6);
    let what = match example.version {
        VersionState::Current { .. } => "",
        VersionState::Noncurrent { .. } => "an old version, ",
        VersionState::Marker { .. } => "a delete marker, ",
    };
    let facts = format!(
        "  {what}{} {}, written {}",
        ByteSize(example.size),
        text::safe(&example.class),
        example.written.format("%Y-%m-%d")
    );
    let room = width.saturating_sub(text::width(&facts));
    let shown = text::fit_middle(&example.key, room.min(90))
        .trim_end()
        .to_owned();
    let head = Line::from(vec![
        Span::raw("   "),
        Span::styled(shown, theme.place),
        Span::styled(facts, theme.faint),
    ]);
    let mut lines = vec![head];
    lines.extend(timeline::lines(coverage, example, state.now, width, theme));
    if let Some(why) = why_nothing(coverage, example, rule) {
        let wrapped = text::wrap(&why, width);
        lines.extend(
            wrapped
                .into_iter()
                .map(|line| Line::styled(format!("   {line}"), theme.faint)),
        );
    }
    lines
}

/// Why nothing happens to an object, as far as this rule is to blame.
fn why_nothing(coverage: &Coverage, example: &Example, rule: &RuleRow) -> Option<String> {
    let subject = example.subject();
    let Outcome::Nothing(hindrances) = next(coverage.lifecycle(), coverage.kept(), &subject) else {
        return None;
    };
    let own = hindrances
        .iter()
        .find(|hindrance| Some(hindrance.rule) == rule.position);
    Some(match own {
        Some(own) => format!(
            "Nothing will happen to this object. {}: {}.",
            rule.name,
            own.reason.words()
        ),
        None if hindrances.is_empty() => {
            "Nothing will happen to this object: there is no rule.".into()
        }
        None => "Nothing will happen to this object: no rule is about it.".into(),
    })
}
