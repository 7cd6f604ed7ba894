//! The first line: who we are, what we are connected to, the mode, what runs, and the time.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::State;
use crate::app::state::{Load, Who};
use crate::domain::text;
use crate::ui::{Theme, words};

/// Draws the title. The mode is the last to go when room is short: nobody may mistake it.
pub(in crate::ui) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let (mode, mode_style) = if state.write {
        (" WRITE ", theme.write)
    } else {
        ("READ-ONLY", theme.read_only)
    };
    let running = match state.running() {
        0 => String::new(),
        n => format!("{n} running"),
    };
    let clock = state.local(state.now).format("%H:%M").to_string();
    let right = format!("   {running:<10}  {clock} ");
    let width = usize::from(area.width);
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
        Who::Unknown(_) => format!("account {}", words::UNKNOWN),
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
