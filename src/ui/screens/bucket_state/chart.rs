//! A history as columns over days, from zero up. A day without a value is a gap between them, never a zero.
//!
//! Columns are drawn in blocks rather than in Braille: every terminal's font has them.

use chrono::NaiveDate;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::words;
use crate::domain::metrics::{Series, whole};
use crate::domain::{ByteSize, text};
use crate::ui::Theme;

/// A history, and what it is of.
pub(super) struct History<'h> {
    pub name: &'h str,
    pub series: &'h Series,
    /// Whether its numbers are bytes.
    pub is_bytes: bool,
    /// Of how many days it is shown at most.
    pub days: u32,
}

impl History<'_> {
    /// What it has come to: the newest value, how it grew, and the days that are missing.
    pub(super) fn words(&self) -> String {
        let latest = self.series.latest(self.days.saturating_add(1));
        let Some((_, value)) = latest.last() else {
            return format!("no value in {} days", self.days);
        };
        let mut parts = vec![amount(value, self.is_bytes)];
        parts.push(match latest.growth(self.days) {
            Some(growth) => format!("{} in {} days", growth.words(), growth.days),
            None => "growth not known".into(),
        });
        let gaps = latest.gaps() as u64;
        if gaps > 0 {
            parts.push(format!("{} missing", words::counted(gaps, "day")));
        }
        parts.join(" · ")
    }
}

/// A number of a history as it is told.
pub(super) fn amount(value: f64, is_bytes: bool) -> String {
    if is_bytes {
        ByteSize(whole(value)).to_string()
    } else {
        words::count(whole(value))
    }
}

/// Draws a title and the history below it.
pub(super) fn draw(frame: &mut Frame, area: Rect, history: &History<'_>, theme: &Theme) {
    let width = usize::from(area.width).saturating_sub(1);
    let name = text::clip(history.name, width);
    let left = width.saturating_sub(text::width(&name) + 3);
    let title = Line::from(vec![
        Span::styled(name, theme.place),
        Span::raw("   "),
        Span::styled(text::clip(&history.words(), left), theme.faint),
    ]);
    frame.render_widget(title, area);
    let below = Rect {
        y: area.y.saturating_add(1),
        height: area.height.saturating_sub(1),
        ..area
    };
    let latest = history.series.latest(history.days.saturating_add(1));
    if let (Some((first, _)), Some((last, _))) = (latest.first(), latest.last()) {
        plot(frame, below, &latest, (first, last), history, theme);
    }
}

/// The columns of the labels on the left, and the axis behind them.
const LABELS: usize = 11;

fn plot(
    frame: &mut Frame,
    area: Rect,
    series: &Series,
    (first, last): (NaiveDate, NaiveDate),
    history: &History<'_>,
    theme: &Theme,
) {
    let width = usize::from(area.width).saturating_sub(LABELS);
    // The axis and its dates take two lines.
    let height = usize::from(area.height).saturating_sub(2);
    if width < 12 || height == 0 {
        return;
    }
    let most = series.points().iter().filter_map(|point| point.value);
    let top = rounded_up(most.fold(0.0, f64::max), history.is_bytes);
    let columns = columns(series, width);
    let mut lines: Vec<Line<'static>> = (0..height)
        .map(|line| {
            let label = if line == 0 {
                amount(top, history.is_bytes)
            } else if line * 2 == height && height >= 6 {
                amount(top / 2.0, history.is_bytes)
            } else {
                String::new()
            };
            let from_below = height - 1 - line;
            let drawn: String = columns
                .iter()
                .map(|value| value.map_or(' ', |value| cell(value / top, height, from_below)))
                .collect();
            Line::from(vec![
                Span::styled(text::fit_right(&label, LABELS - 1), theme.faint),
                Span::styled("│", theme.faint),
                Span::styled(drawn, theme.folder),
            ])
        })
        .collect();
    let zero = text::fit_right(&amount(0.0, history.is_bytes), LABELS - 1);
    lines.push(Line::styled(
        format!("{zero}└{}", "─".repeat(width)),
        theme.faint,
    ));
    lines.push(Line::styled(
        format!("{}{}", " ".repeat(LABELS), dates(first, last, width)),
        theme.faint,
    ));
    for (line, row) in lines.into_iter().zip(area.rows()) {
        frame.render_widget(line, row);
    }
}

/// The first day on the left, the last on the right, and the middle one where there is room.
fn dates(first: NaiveDate, last: NaiveDate, width: usize) -> String {
    let (left, right) = (first.to_string(), last.to_string());
    let middle = first + (last - first) / 2;
    let room = width.saturating_sub(left.len() + right.len());
    let middle = if room >= 30 {
        middle.to_string()
    } else {
        String::new()
    };
    let before = room.saturating_sub(middle.len()) / 2;
    let after = room.saturating_sub(middle.len() + before);
    format!(
        "{left}{}{middle}{}{right}",
        " ".repeat(before),
        " ".repeat(after)
    )
}

/// What each column shows: the last value of its days, or nothing where none of them has one.
fn columns(series: &Series, width: usize) -> Vec<Option<f64>> {
    let points = series.points();
    let days = points.len();
    (0..width)
        .map(|column| {
            let from = column * days / width;
            // Where there are more columns than days, a day takes several.
            let until = ((column + 1) * days / width).max(from + 1);
            let of_column = points.get(from..until.min(days)).unwrap_or_default();
            of_column.iter().rev().find_map(|point| point.value)
        })
        .collect()
}

/// The part of a filled column that is in one line of it, from below: what there is at all takes an eighth at least.
fn cell(share: f64, height: usize, line: usize) -> char {
    const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let lines = f64::from(u32::try_from(height).unwrap_or(u32::MAX));
    let eighths = whole(share.clamp(0.0, 1.0) * lines * 8.0);
    let eighths = eighths.max(u64::from(share > 0.0));
    let here = eighths.saturating_sub(line as u64 * 8).min(8);
    let here = usize::try_from(here).unwrap_or(8);
    EIGHTHS.get(here).copied().unwrap_or('█')
}

/// The next round number, so that the axis has labels that can be read: round in tens, or in units of bytes. It is above
/// zero.
fn rounded_up(most: f64, is_bytes: bool) -> f64 {
    let step = if is_bytes { 1024.0 } else { 1000.0 };
    let mut unit = 1.0;
    while most >= unit * step {
        unit *= step;
    }
    // The half of each is a number that is as short.
    let factors = [1.0, 1.2, 1.6, 2.0, 2.4, 3.0, 4.0, 5.0, 6.0, 8.0];
    let mut rising = [1.0, 10.0, 100.0]
        .into_iter()
        .flat_map(|tens| factors.map(|factor| unit * tens * factor));
    rising.find(|top| most <= *top).unwrap_or(unit * step)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;

    fn series(days: &[(i64, f64)]) -> Series {
        let start = DateTime::from_timestamp(1_760_054_400, 0).unwrap();
        Series::of_points(
            days.iter()
                .map(|(day, value)| (start + TimeDelta::days(*day), *value)),
        )
    }

    #[test]
    fn a_day_without_a_value_is_a_blank_and_never_a_zero() {
        let gap = series(&[(0, 4.0), (1, 8.0), (3, 0.0), (4, 8.0)]);
        assert_eq!(
            columns(&gap, 5),
            [Some(4.0), Some(8.0), None, Some(0.0), Some(8.0)]
        );
        let wide = columns(&gap, 10);
        assert_eq!(wide.get(4..6), Some(&[None, None][..]));
        // Where a column stands for several days the last one counts that has a value.
        assert_eq!(columns(&gap, 2), [Some(8.0), Some(8.0)]);
    }

    #[test]
    fn a_column_is_filled_from_below_and_shows_what_is_small() {
        let column = |share: f64| -> String { (0..3).map(|line| cell(share, 3, line)).collect() };
        assert_eq!(column(0.0), "   ");
        assert_eq!(column(0.0001), "▁  ");
        assert_eq!(column(0.5), "█▄ ");
        assert_eq!(column(1.0), "███");
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "the numbers are exact")]
    fn an_axis_ends_at_a_number_that_can_be_read() {
        let gib = 1024.0 * 1024.0 * 1024.0;
        assert_eq!(rounded_up(3.7 * gib, true), 4.0 * gib);
        assert_eq!(rounded_up(2_831.0, false), 3_000.0);
        assert_eq!(rounded_up(0.0, false), 1.0);
        assert_eq!(rounded_up(1_000.0, false), 1_000.0);
    }
}
