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

use crate::app::Action;
use crate::app::State;
use crate::app::screens::bucket_state::{BucketState, ClassSource, Tab};
use crate::app::state::Load;
use crate::domain::configuration::State as Standing;
use crate::ops::audit::Severity;
use crate::ui::widgets::columns;
use crate::ui::{Theme, words};

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

/// Where one is, for the rule.
pub(super) fn place(state: &State) -> String {
    let Some(shown) = &state.bucket else {
        return "State".into();
    };
    match shown.tab {
        Tab::Raw => {
            let concern = shown.concern().map_or("", |row| row.title);
            format!("{} › Raw › {concern}", shown.bucket)
        }
        tab => format!("{} › {}", shown.bucket, tab.title()),
    }
}

/// What is here and how far it is, for the right of the rule.
pub(super) fn summary(state: &State) -> Vec<String> {
    let Some(shown) = &state.bucket else {
        return Vec::new();
    };
    let (mut parts, loads): (Vec<String>, [&Load; 2]) = match shown.tab {
        Tab::Overview => (
            overview::summary(shown),
            [&shown.configuration.load, &shown.audited.load],
        ),
        Tab::Lifecycle => (
            lifecycle::summary(state, shown),
            [&shown.configuration.load, &shown.audited.load],
        ),
        Tab::Metrics => (
            metrics::summary(shown),
            [&shown.storage.load, &shown.alarms.load],
        ),
        Tab::Findings => (
            findings::summary(shown),
            [&shown.audited.load, &shown.alarms.load],
        ),
        Tab::Raw => (Vec::new(), [&shown.configuration.load; 2]),
    };
    let far = loads.into_iter().map(super::load_words);
    parts.extend(
        far.filter(|words| !words.is_empty())
            .max()
            .map(str::to_owned),
    );
    parts
}

/// What is to be said of the row under the cursor, in the status line.
pub(super) fn about(state: &State) -> String {
    let Some(shown) = &state.bucket else {
        return String::new();
    };
    match shown.tab {
        Tab::Overview => overview::about(shown),
        Tab::Lifecycle => {
            let rule = shown.rules.current();
            rule.map_or_else(String::new, |rule| format!("{}: {}", rule.name, rule.about))
        }
        Tab::Metrics => metrics::about(state, shown),
        Tab::Findings => {
            let row = shown.findings.current();
            row.map_or_else(String::new, |row| {
                let copy = state.key_for(Action::Copy).unwrap_or_default();
                format!(
                    "{copy} copies what to do about {}, as commands",
                    row.finding.id
                )
            })
        }
        Tab::Raw => {
            "y copies the document exactly; n and N go to the next one and the one before".into()
        }
    }
}

/// Where figures come from, in few words.
fn source_words(state: &State, source: ClassSource) -> String {
    match source {
        ClassSource::Scan(at) => {
            format!("every current object, scanned {}", super::when(state, at))
        }
        ClassSource::Listing(at) => {
            format!("every version, listed {}", super::when(state, at))
        }
        ClassSource::CloudWatch(day) => format!("CloudWatch's sizes of {day}"),
        ClassSource::Sample(at) => {
            format!("at least, a part listed {}", super::when(state, at))
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
