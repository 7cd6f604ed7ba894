//! A history as a line over days. A day without a value is a gap in the line, never a zero.

use chrono::NaiveDate;
use ratatui::Frame;
use ratatui::layout::{Constraint, Rect};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Chart, Dataset, GraphType};

use crate::domain::metrics::{Series, whole};
use crate::domain::{ByteSize, text};
use crate::ui::{Theme, words};

/// From so many columns on there is room for a date in the middle.
const ROOM_FOR_MIDDLE: u16 = 60;

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
        let Some((day, value)) = latest.last() else {
            return format!("no value in {} days", self.days);
        };
        let mut parts = vec![format!("{} on {day}", amount(value, self.is_bytes))];
        parts.push(match latest.growth(self.days) {
            Some(growth) => format!("{} in {} days", growth.words(), growth.days),
            None => "growth not known".into(),
        });
        let gaps = latest.gaps() as u64;
        if gaps > 0 {
            parts.push(format!("{} without a value", words::counted(gaps, "day")));
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

fn plot(
    frame: &mut Frame,
    area: Rect,
    series: &Series,
    (first, last): (NaiveDate, NaiveDate),
    history: &History<'_>,
    theme: &Theme,
) {
    let runs = runs(series);
    let datasets = runs.iter().map(|run| {
        let kind = match run.as_slice() {
            [_] => GraphType::Scatter,
            _ => GraphType::Line,
        };
        Dataset::default()
            .marker(Marker::Braille)
            .graph_type(kind)
            .style(theme.marker)
            .data(run)
    });
    let most = series.points().iter().filter_map(|point| point.value);
    let top = rounded_up(most.fold(0.0, f64::max), history.is_bytes);
    let days = f64::from(u32::try_from((last - first).num_days()).unwrap_or_default());
    let mut dates = vec![first.to_string(), last.to_string()];
    if area.width >= ROOM_FOR_MIDDLE
        && let Some(middle) = first.checked_add_days(chrono::Days::new(whole(days / 2.0)))
    {
        dates.insert(1, middle.to_string());
    }
    let mut heights = vec![0.0, top];
    if area.height >= 6 {
        heights.insert(1, top / 2.0);
    }
    let labels = heights
        .into_iter()
        .map(|height| text::fit_right(&amount(height, history.is_bytes), 10));
    let axis = |bounds: [f64; 2]| Axis::default().style(theme.faint).bounds(bounds);
    let chart = Chart::new(datasets.collect())
        .x_axis(axis([0.0, days.max(1.0)]).labels(dates))
        .y_axis(axis([0.0, top]).labels(labels.collect::<Vec<_>>()))
        // The labels are of one width, so that charts below one another have their axes in line.
        .hidden_legend_constraints((Constraint::Length(0), Constraint::Length(0)));
    frame.render_widget(chart, area);
}

/// The days that follow one another without a gap, as points of the chart.
fn runs(series: &Series) -> Vec<Vec<(f64, f64)>> {
    let mut runs: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut is_open = false;
    for (day, point) in (0_u32..).zip(series.points()) {
        match point.value {
            Some(value) => {
                let here = (f64::from(day), value);
                match runs.last_mut().filter(|_| is_open) {
                    Some(run) => run.push(here),
                    None => runs.push(vec![here]),
                }
                is_open = true;
            }
            None => is_open = false,
        }
    }
    runs
}

/// The next round number, so that the axis has labels that can be read: 1, 2 or 5 of a power of ten, or of a unit of
/// bytes. It is above zero.
fn rounded_up(most: f64, is_bytes: bool) -> f64 {
    let step = if is_bytes { 1024.0 } else { 1000.0 };
    let mut unit = 1.0;
    while most >= unit * step {
        unit *= step;
    }
    for factor in [
        1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 20.0, 40.0, 60.0, 80.0, 100.0, 200.0, 400.0, 600.0, 800.0,
    ] {
        if most <= unit * factor {
            return unit * factor;
        }
    }
    unit * step
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
    fn a_gap_breaks_the_line() {
        let runs = runs(&series(&[(0, 1.0), (1, 2.0), (3, 5.0), (5, 7.0), (6, 8.0)]));
        assert_eq!(
            runs,
            [
                vec![(0.0, 1.0), (1.0, 2.0)],
                vec![(3.0, 5.0)],
                vec![(5.0, 7.0), (6.0, 8.0)],
            ]
        );
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "the numbers are exact")]
    fn an_axis_ends_at_a_number_that_can_be_read() {
        let gib = 1024.0 * 1024.0 * 1024.0;
        assert_eq!(rounded_up(3.7 * gib, true), 4.0 * gib);
        assert_eq!(rounded_up(2_831.0, false), 4_000.0);
        assert_eq!(rounded_up(0.0, false), 1.0);
        assert_eq!(rounded_up(1_000.0, false), 1_000.0);
    }
}
