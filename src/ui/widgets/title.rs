//! The first line: who we are, what we are connected to, the mode, what runs, and the time.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::State;
use crate::app::state::{Load, Who};
use crate::app::words;
use crate::domain::text;
use crate::ops::scan::ScanProgress;
use crate::ui::Theme;

/// Draws the title. The mode is the last to go when room is short: nobody may mistake it.
pub(in crate::ui) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let (mode, mode_style) = if state.write {
        (" WRITE ", theme.write)
    } else {
        ("READ-ONLY", theme.read_only)
    };
    let clock = state.local(state.now).format("%H:%M").to_string();
    let width = usize::from(area.width);
    let right = format!("   {}  {clock} ", running(state, width));
    let room = width.saturating_sub(12 + mode.len() + text::width(&right));
    let line = Line::from(vec![
        Span::styled(" s3warden  ", theme.brand),
        Span::styled(text::fit(&identity(state), room), theme.identity),
        Span::raw(" "),
        Span::styled(mode, mode_style),
        Span::styled(right, theme.faint),
    ]);
    frame.render_widget(line, area);
}

/// What runs, in a place of one width so that nothing jumps: how far the scan is, or else how many tasks there are.
fn running(state: &State, width: usize) -> String {
    let words = match (state.scans.running(), state.running()) {
        (Some(scan), _) => {
            let parts = scan_parts(scan.progress.as_ref());
            let room = if width < ROOM_FOR_RATE { 1 } else { 3 };
            parts.into_iter().take(room).collect::<Vec<_>>().join(" · ")
        }
        (None, 0) => String::new(),
        (None, n) => format!("{n} running"),
    };
    let place = match state.scans.running() {
        Some(_) if width >= ROOM_FOR_RATE => 36,
        _ => 10,
    };
    text::fit(&words, place)
}

/// From this width on there is room for the rate of a scan, and for what is left of it.
const ROOM_FOR_RATE: usize = 110;

fn scan_parts(progress: Option<&ScanProgress>) -> Vec<String> {
    let Some(progress) = progress else {
        return vec!["scan …".into()];
    };
    let far = match &progress.left {
        Some(left) => format!("scan {} %", words::rounded(left.done * 100.0)),
        None => "scan …".into(),
    };
    let mut parts = vec![far, words::rate(progress.rate)];
    let left = progress.left.and_then(|left| left.time);
    let left = left.and_then(|time| i64::try_from(time.as_millis()).ok());
    parts.extend(left.map(|ms| format!("{} left", words::duration(ms))));
    parts
}

/// The last part of an ARN: a user's name, or a role's session.
fn name(arn: &str) -> &str {
    arn.rsplit(['/', ':']).next().unwrap_or(arn)
}

fn identity(state: &State) -> String {
    let Some(connection) = &state.connection else {
        return match state.buckets_load {
            Load::Failed(_) => "not connected".into(),
            _ => "connecting …".into(),
        };
    };
    let who = match &state.who {
        Who::Pending => "account …".to_owned(),
        Who::Known(identity) => format!("{} {}", identity.account, name(&identity.arn)),
        Who::Unknown => format!("account {}", words::UNKNOWN),
    };
    let mut parts = vec![who];
    if state.demo {
        parts.push("embedded sandbox".into());
    }
    if let Some(profile) = &connection.profile {
        parts.push(profile.clone());
    }
    parts.push(connection.region.clone());
    // The sandbox's own address means nothing to who looks at the demo.
    if let (Some(endpoint), false) = (&connection.endpoint, state.demo) {
        parts.push(endpoint.clone());
    }
    parts.join(" · ")
}
