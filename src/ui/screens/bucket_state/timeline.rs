//! What the lifecycle does to one object: a line from the day that it was written to the day that it is gone.

use chrono::{DateTime, Utc};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::words;
use crate::domain::lifecycle::{Coverage, Effect, Example, Step, timeline};
use crate::domain::text;
use crate::ui::Theme;

/// The columns between two events: where there is room, a class fits in besides its date.
const APART: std::ops::RangeInclusive<usize> = 12..=15;

/// One thing on the line.
struct Event {
    at: DateTime<Utc>,
    glyph: &'static str,
    date: String,
    what: String,
    style: Style,
}

/// Dates, the line, and what happens.
pub(super) fn lines(
    coverage: &Coverage,
    example: &Example,
    now: DateTime<Utc>,
    width: usize,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let steps = timeline(coverage.lifecycle(), coverage.kept(), &example.subject());
    let mut events = events(example, &steps, now, theme);
    let apart = (width / events.len().max(1)).clamp(*APART.start(), *APART.end());
    let most = (width / apart).max(2);
    let dropped = events.len().saturating_sub(most);
    events.truncate(most);
    let ends = steps
        .last()
        .is_some_and(|step| matches!(step.effect, Effect::Delete | Effect::NullMarker));
    let ends = ends && dropped == 0;
    let places = places(&events, width.saturating_sub(apart), apart);
    let mut dates = Row::new();
    let mut axis = Row::new();
    let mut labels = Row::new();
    for (number, (event, place)) in events.iter().zip(&places).enumerate() {
        let next = places.get(number + 1).copied();
        let until = next.unwrap_or(if ends {
            *place
        } else {
            width.saturating_sub(1)
        });
        let room = until.saturating_sub(*place + 1).max(apart - 1);
        dates.put(*place, &text::clip(&event.date, room), event.style);
        labels.put(*place, &text::clip(&event.what, room), event.style);
        axis.put(*place, event.glyph, event.style);
        // What has been is thin, what is to come is thick.
        let (dash, style) = if event.at < now {
            ("─", theme.faint)
        } else {
            ("━", theme.marker)
        };
        axis.put(
            *place + 1,
            &dash.repeat(until.saturating_sub(*place + 1)),
            style,
        );
    }
    if !ends {
        axis.put(width.saturating_sub(1), "▶", theme.marker);
    }
    let mut lines = vec![dates.line(), axis.line(), labels.line()];
    if dropped > 0 {
        let words = format!("   … and {}", words::counted(dropped as u64, "later step"));
        lines.push(Line::styled(words, theme.faint));
    }
    lines
}

fn events(example: &Example, steps: &[Step], now: DateTime<Utc>, theme: &Theme) -> Vec<Event> {
    let day = |at: DateTime<Utc>| at.format("%Y-%m-%d").to_string();
    let mut events = vec![
        Event {
            at: example.written,
            glyph: "●",
            date: day(example.written),
            what: example.class.clone(),
            style: theme.row,
        },
        Event {
            at: now,
            glyph: "┃",
            date: "today".into(),
            what: String::new(),
            style: theme.place,
        },
    ];
    events.extend(steps.iter().map(|step| {
        let (glyph, what) = match &step.effect {
            Effect::Transition(class) => ("◆", format!("→ {class}")),
            Effect::Marker => ("◇", "hidden".to_owned()),
            Effect::NullMarker => ("✕", "replaced".to_owned()),
            Effect::Delete => ("✕", "deleted".to_owned()),
        };
        let is_overdue = step.at < now;
        Event {
            at: step.at,
            glyph,
            date: day(step.at),
            what: if is_overdue {
                format!("{what}: overdue")
            } else {
                what
            },
            style: if is_overdue { theme.warning } else { theme.row },
        }
    }));
    events.sort_by_key(|event| event.at);
    events
}

/// The columns of the events: as far from one another as their days are, but never so near that dates touch.
fn places(events: &[Event], width: usize, apart: usize) -> Vec<usize> {
    let first = events.first().map_or(0, |event| event.at.timestamp());
    let last = events.last().map_or(0, |event| event.at.timestamp());
    let span = u64::try_from(last - first).unwrap_or_default().max(1);
    let mut places: Vec<usize> = events
        .iter()
        .map(|event| {
            let since = u64::try_from(event.at.timestamp() - first).unwrap_or_default();
            let place = u128::from(since) * width as u128 / u128::from(span);
            usize::try_from(place).unwrap_or(width)
        })
        .collect();
    let mut free = 0;
    for place in &mut places {
        *place = (*place).max(free);
        free = *place + apart;
    }
    let mut most = width;
    for place in places.iter_mut().rev() {
        *place = (*place).min(most);
        most = place.saturating_sub(apart);
    }
    places
}

/// A line that is written to from left to right.
struct Row {
    spans: Vec<Span<'static>>,
    taken: usize,
}

impl Row {
    fn new() -> Self {
        Self {
            spans: vec![Span::raw("   ")],
            taken: 0,
        }
    }

    fn put(&mut self, at: usize, words: &str, style: Style) {
        if at < self.taken {
            return;
        }
        self.spans.push(Span::raw(" ".repeat(at - self.taken)));
        self.spans.push(Span::styled(words.to_owned(), style));
        self.taken = at + text::width(words);
    }

    fn line(self) -> Line<'static> {
        Line::from(self.spans)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::testing::noon;

    fn event(days: i64) -> Event {
        Event {
            at: noon() + chrono::Duration::days(days),
            glyph: "●",
            date: String::new(),
            what: String::new(),
            style: Style::new(),
        }
    }

    #[test]
    fn events_keep_their_order_and_their_distance_and_stay_on_the_line() {
        let days = [0, 1, 2, 3_000, 3_001];
        let events: Vec<Event> = days.into_iter().map(event).collect();
        let places = places(&events, 100, 15);
        assert!(
            places.windows(2).all(|pair| pair[1] >= pair[0] + 15),
            "{places:?}"
        );
        assert_eq!((places[0], places[4]), (0, 100));
    }
}
