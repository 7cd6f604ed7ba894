//! A thin line across the screen with a place on the left and a summary on the right.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::text;
use crate::ui::Theme;

/// Draws the rule. The first part of the summary always stays, for it tells a part from the whole; the others go
/// before the place has to be cut.
pub(in crate::ui) fn draw(
    frame: &mut Frame,
    area: Rect,
    place: &str,
    summary: &[String],
    theme: &Theme,
) {
    let width = usize::from(area.width);
    let here = place.rsplit(" › ").next().unwrap_or(place);
    let mut parts = summary.to_vec();
    let joined = |parts: &[String]| match parts {
        [] => String::new(),
        parts => format!(" {} ", parts.join(" · ")),
    };
    while parts.len() > 1 && text::width(&joined(&parts)) + text::width(here) + 12 > width {
        parts.pop();
    }
    let right = joined(&parts);
    let room = width.saturating_sub(text::width(&right) + 6);
    // What is shown of the place is its end: that is where one is.
    let place = if text::width(place) > room {
        clip_start(place, room)
    } else {
        place.to_owned()
    };
    let left = if place.is_empty() {
        String::new()
    } else {
        format!(" {place} ")
    };
    let taken = text::width(&left) + text::width(&right) + 3;
    let dashes = "─".repeat(width.saturating_sub(taken));
    let line = Line::from(vec![
        Span::styled("─", theme.rule),
        Span::styled(left, theme.place),
        Span::styled(dashes, theme.rule),
        Span::styled(right, theme.summary),
        Span::styled("──", theme.rule),
    ]);
    frame.render_widget(line, area);
}

fn clip_start(place: &str, room: usize) -> String {
    let parts: Vec<&str> = place.split(" › ").collect();
    for dropped in 1..parts.len() {
        let rest = parts
            .iter()
            .skip(dropped)
            .copied()
            .collect::<Vec<_>>()
            .join(" › ");
        let short = format!("… › {rest}");
        if text::width(&short) <= room {
            return short;
        }
    }
    text::fit_middle(parts.last().copied().unwrap_or(place), room)
        .trim_end()
        .to_owned()
}
