//! The State screen: its tabs, and one file for what each of them shows.
//!
//! A page is a list with something above or below it; how many lines each has is told by
//! [`layout`](crate::app::screens::bucket_state::layout), by which the list scrolls as well.

mod chart;
mod classes;
mod document;
mod findings;
mod lifecycle;
mod metrics;
mod overview;
mod raw;
mod timeline;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::State;
use crate::app::screens::bucket_state::{BucketState, ClassSource, Tab};
use crate::app::words;
use crate::domain::configuration::State as Standing;
use crate::ops::audit::Severity;
use crate::ui::Theme;
use crate::ui::widgets::columns;

/// Draws the tab that is shown.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let Some(shown) = &state.bucket else {
        let words = [
            "No bucket is looked at yet.".to_owned(),
            "Go to one on the Buckets screen (1) and press s.".to_owned(),
        ];
        columns::draw_empty(frame, area, &words, theme);
        return;
    };
    let [tabs, _, page] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(1),
    ])
    .areas(area);
    draw_tabs(frame, tabs, shown, theme);
    match shown.tab {
        Tab::Overview => overview::draw(frame, page, state, shown, theme),
        Tab::Lifecycle => lifecycle::draw(frame, page, state, shown, theme),
        Tab::Metrics => metrics::draw(frame, page, state, shown, theme),
        Tab::Findings => findings::draw(frame, page, state, shown, theme),
        Tab::Raw => raw::draw(frame, page, state, shown, theme),
    }
}

/// The names of the tabs; that of the findings tells how many of the worst there are.
fn draw_tabs(frame: &mut Frame, area: Rect, shown: &BucketState, theme: &Theme) {
    let mut spans = vec![Span::raw("  ")];
    for tab in Tab::ALL {
        let is_current = tab == shown.tab;
        let style = if is_current {
            theme.tab_current
        } else {
            theme.tab
        };
        let mark = if is_current { "▸" } else { " " };
        spans.push(Span::styled(format!("{mark}{}", tab.title()), style));
        if tab == Tab::Findings {
            spans.extend(worst(shown, theme));
        }
        spans.push(Span::raw("   "));
    }
    frame.render_widget(Line::from(spans), area);
}

/// The two worst severities that there are findings of.
fn worst(shown: &BucketState, theme: &Theme) -> Vec<Span<'static>> {
    if shown.audited.value.is_none() {
        let words = if shown.audited.load.is_loading() {
            words::PENDING
        } else {
            words::UNKNOWN
        };
        return vec![Span::styled(format!(" {words}"), theme.faint)];
    }
    let counts = Severity::ALL.into_iter().rev();
    let counts = counts
        .map(|severity| (severity, shown.count(severity)))
        .filter(|(severity, count)| *count > 0 && *severity > Severity::Info);
    let worst: Vec<Span<'static>> = counts
        .take(2)
        .map(|(severity, count)| {
            let words = format!(" {count} {}", severity.as_str());
            Span::styled(words, severity_style(severity, theme))
        })
        .collect();
    if worst.is_empty() {
        vec![Span::styled(format!(" {}", words::NONE), theme.good)]
    } else {
        worst
    }
}

/// The style that a severity is told in.
fn severity_style(severity: Severity, theme: &Theme) -> Style {
    match severity {
        Severity::Critical | Severity::High => theme.bad,
        Severity::Medium => theme.warning,
        Severity::Low => theme.row,
        Severity::Info => theme.faint,
    }
}

/// Where figures come from, in few words.
fn source_words(state: &State, source: ClassSource) -> String {
    match source {
        ClassSource::Scan(at) => {
            format!("every current object, scanned {}", words::when(state, at))
        }
        ClassSource::Listing(at) => {
            format!("every version, listed {}", words::when(state, at))
        }
        ClassSource::CloudWatch(day) => format!("CloudWatch's sizes of {day}"),
        ClassSource::Sample(at) => {
            format!("at least, a part listed {}", words::when(state, at))
        }
    }
}

/// The mark of how a concern stands.
fn mark(standing: Option<&Standing>) -> &'static str {
    match standing {
        None => words::PENDING,
        Some(Standing::Set) => "●",
        Some(Standing::NotSet) => words::NONE,
        Some(Standing::Unknown(_)) => words::UNKNOWN,
    }
}

/// How a concern stands, in a word.
fn standing_words(standing: Option<&Standing>) -> &'static str {
    match standing {
        None => words::PENDING,
        Some(Standing::Set) => "set",
        Some(Standing::NotSet) => "not set",
        Some(Standing::Unknown(_)) => "unknown",
    }
}
