//! The Metrics: the history of what is under the cursor, all histories in a list, and the alarms.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use super::chart::{self, History, amount};
use super::severity_style;
use crate::app::State;
use crate::app::screens::bucket_state::{BucketState, SeriesKind, SeriesRow, layout};
use crate::app::words;
use crate::domain::metrics::{sparkline, whole};
use crate::domain::prices::money;
use crate::domain::{ByteSize, text};
use crate::ops::Fact;
use crate::ui::Theme;
use crate::ui::screens::empty_words;
use crate::ui::widgets::columns;

/// Widths of the cells of a history.
const LAST: usize = 11;
const ON: usize = 12;
const GROWTH: usize = 8;
const COST: usize = 11;

/// The width of an alarm's name.
const ALARM: usize = 44;

/// From this width on there is room for a cost and a small history in a row.
const ROOM_FOR_COST: usize = 92;
const ROOM_FOR_HISTORY: usize = 112;

/// Draws the page.
pub(super) fn draw(
    frame: &mut Frame,
    page: Rect,
    state: &State,
    shown: &BucketState,
    theme: &Theme,
) {
    let shares = layout::metrics(page.height);
    let table = &shown.series;
    if table.shown() == 0 {
        columns::draw_empty(frame, page, &nothing(shown), theme);
        return;
    }
    let [above, list] =
        Layout::vertical([Constraint::Length(shares.above), Constraint::Min(0)]).areas(page);
    draw_charts(frame, above, shown, theme);
    let width = usize::from(list.width);
    let name = name_width(width);
    let mut lines = vec![head(name, width, theme)];
    // Alarms are told apart where nothing has to go for it.
    let mut is_first_alarm = table.shown() + 3 <= usize::from(list.height);
    for (line, row) in table.visible() {
        let is_current = line == table.cursor();
        if matches!(row.kind, SeriesKind::Alarm(..)) && std::mem::take(&mut is_first_alarm) {
            let words = format!(
                "   {}  STATE     WHAT IT LOOKS AT",
                text::fit("ALARM", alarm_width(width))
            );
            lines.extend([Line::default(), Line::styled(words, theme.head)]);
        }
        lines.push(match &row.kind {
            SeriesKind::Alarm(..) => alarm(&row, is_current, width, theme),
            _ => history(&row, is_current, name, width, state, shown, theme),
        });
    }
    for (line, row) in lines.into_iter().zip(list.rows()) {
        frame.render_widget(line, row);
    }
}

/// Why there are no rows.
fn nothing(shown: &BucketState) -> Vec<String> {
    let words: &[&str] = match shown.storage.value.as_ref().map(|one| &one.storage) {
        Some(Fact::Unknown(problem)) => {
            return vec![
                "CloudWatch could not be asked about this bucket.".into(),
                problem.to_string(),
                "e explains, r asks again.".into(),
            ];
        }
        Some(Fact::NotSet) => &[
            "CloudWatch knows nothing of this bucket: it is new, or empty.",
            "S3 sends sizes once a day; no alarm looks at the bucket either.",
        ],
        _ => &[],
    };
    empty_words(&shown.storage.load, shown.series.filter(), words)
}

/// What is under the cursor; beside it the number of objects where there is room.
fn draw_charts(frame: &mut Frame, area: Rect, shown: &BucketState, theme: &Theme) {
    let area = Rect {
        height: area.height.saturating_sub(1),
        ..area
    };
    let (total, objects) = whole_bucket(shown);
    let current = shown.series.current();
    // An alarm has no history of its own, and the objects have their chart where there is room.
    let is_wide = area.width >= layout::WIDE;
    let chosen = current.filter(|row| match row.kind {
        SeriesKind::Alarm(..) => false,
        SeriesKind::Objects => !is_wide,
        SeriesKind::Total | SeriesKind::Type(_) | SeriesKind::Requests => true,
    });
    let left = chosen.map(std::borrow::Cow::into_owned).or(total);
    draw_pair(frame, area, (left, objects), shown.days, theme);
}

/// All bytes, and the number of objects.
fn whole_bucket(shown: &BucketState) -> (Option<SeriesRow>, Option<SeriesRow>) {
    let find = |wanted: fn(&SeriesKind) -> bool| {
        let found = shown.series.rows().find(|row| wanted(&row.kind));
        found.map(std::borrow::Cow::into_owned)
    };
    (
        find(|kind| matches!(kind, SeriesKind::Total)),
        find(|kind| matches!(kind, SeriesKind::Objects)),
    )
}

/// How the bucket grew, for the Overview.
pub(super) fn draw_growth(frame: &mut Frame, area: Rect, shown: &BucketState, theme: &Theme) {
    draw_pair(frame, area, whole_bucket(shown), shown.days, theme);
}

/// Two histories side by side, or the first alone where there is no room.
fn draw_pair(
    frame: &mut Frame,
    area: Rect,
    (left, right): (Option<SeriesRow>, Option<SeriesRow>),
    days: u32,
    theme: &Theme,
) {
    let area = Rect {
        x: area.x + 3,
        width: area.width.saturating_sub(5),
        ..area
    };
    let areas = if area.width + 5 >= layout::WIDE {
        Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)])
            .spacing(3)
            .areas(area)
    } else {
        [area, Rect::default()]
    };
    for (row, area) in [left, right].into_iter().zip(areas) {
        if let Some(row) = row.filter(|_| area.width > 0) {
            let history = History {
                name: &row.name,
                series: &row.series,
                is_bytes: row.is_bytes(),
                days,
            };
            chart::draw(frame, area, &history, theme);
        }
    }
}

fn name_width(width: usize) -> usize {
    let fixed = 3 + LAST + ON + GROWTH + 2;
    let fixed = fixed + if width >= ROOM_FOR_COST { COST } else { 0 };
    let fixed = fixed + if width >= ROOM_FOR_HISTORY { 28 } else { 0 };
    width.saturating_sub(fixed).clamp(20, 60)
}

fn head(name: usize, width: usize, theme: &Theme) -> Line<'static> {
    let mut words = format!("   {}", text::fit("STORAGE TYPE", name));
    words.push_str(&text::fit_right("LAST", LAST));
    words.push_str(&text::fit_right("ON", ON));
    words.push_str(&text::fit_right("GROWTH", GROWTH));
    if width >= ROOM_FOR_COST {
        words.push_str(&text::fit_right("A MONTH", COST));
    }
    if width >= ROOM_FOR_HISTORY {
        words.push_str("  HISTORY");
    }
    Line::styled(words, theme.head)
}

fn marker(is_current: bool, theme: &Theme) -> Span<'static> {
    if is_current {
        Span::styled(" ▌ ", theme.marker)
    } else {
        Span::raw("   ")
    }
}

fn history(
    row: &SeriesRow,
    is_current: bool,
    name: usize,
    width: usize,
    state: &State,
    shown: &BucketState,
    theme: &Theme,
) -> Line<'static> {
    let style = if is_current {
        theme.row.patch(theme.current)
    } else {
        theme.row
    };
    let latest = row.series.latest(shown.days.saturating_add(1));
    let named = text::fit(&row.name, text::width(&text::safe(&row.name)).min(name));
    let left = name.saturating_sub(text::width(&named));
    let remark = match left.checked_sub(2) {
        Some(room) => format!("  {}", text::fit(row.remark, room)),
        None => " ".repeat(left),
    };
    let (last, on) = match latest.last() {
        Some((day, value)) => (amount(value, row.is_bytes()), day.to_string()),
        None => (words::UNKNOWN.into(), words::UNKNOWN.into()),
    };
    let growth = latest.growth(shown.days);
    let growth = growth.map_or_else(
        || words::UNKNOWN.into(),
        |growth| {
            let told = words::growth_within(growth, shown.days);
            if told.contains('/') {
                told
            } else {
                growth.words()
            }
        },
    );
    let mut spans = vec![
        marker(is_current, theme),
        Span::styled(named, style),
        Span::styled(remark, theme.faint),
        Span::styled(text::fit_right(&last, LAST), style),
        Span::styled(text::fit_right(&on, ON), theme.faint),
        Span::styled(text::fit_right(&growth, GROWTH), style),
    ];
    if width >= ROOM_FOR_COST {
        let cost = cost(row, state);
        spans.push(Span::styled(text::fit_right(&cost, COST), theme.row));
    }
    if width >= ROOM_FOR_HISTORY {
        spans.push(Span::styled(
            format!("  {}", sparkline(&latest, 26)),
            theme.marker,
        ));
    }
    Line::from(spans)
}

/// An estimate of what a row's bytes cost in a month.
fn cost(row: &SeriesRow, state: &State) -> String {
    let (SeriesKind::Type(one), Some(prices)) = (&row.kind, &state.prices) else {
        return String::new();
    };
    let Some((_, bytes)) = row.series.last() else {
        return words::UNKNOWN.into();
    };
    match prices.cost(one, ByteSize(whole(bytes))) {
        Some(cost) => money(cost, &prices.currency),
        None => "no price".into(),
    }
}

fn alarm_width(width: usize) -> usize {
    if width >= ROOM_FOR_COST { ALARM } else { 30 }
}

/// An alarm: its state, what it looks at, and whether it can do so.
fn alarm(row: &SeriesRow, is_current: bool, width: usize, theme: &Theme) -> Line<'static> {
    let SeriesKind::Alarm(alarm, findings, names_bucket) = &row.kind else {
        return Line::default();
    };
    let (words, style) = match alarm.state.as_str() {
        "OK" => ("OK", theme.good),
        "ALARM" => ("ALARM", theme.bad),
        "INSUFFICIENT_DATA" => ("no data", theme.warning),
        other => (other, theme.warning),
    };
    let of_name = if is_current {
        theme.row.patch(theme.current)
    } else {
        theme.row
    };
    let worst = findings.iter().max_by_key(|finding| finding.severity);
    let (said, of_said) = match worst {
        Some(finding) => (
            format!(
                "{} {}: {}",
                finding.severity.as_str(),
                finding.id,
                alarm.words()
            ),
            severity_style(finding.severity, theme),
        ),
        None if !names_bucket => ("names no bucket, never has data".to_owned(), theme.warning),
        None => (alarm.words(), theme.faint),
    };
    let name = alarm_width(width);
    let left = width.saturating_sub(3 + name + 13);
    Line::from(vec![
        marker(is_current, theme),
        Span::styled(text::fit(&row.name, name), of_name),
        Span::styled(format!("  {}  ", text::fit(words, 8)), style),
        Span::styled(text::clip(&said, left), of_said),
    ])
}
