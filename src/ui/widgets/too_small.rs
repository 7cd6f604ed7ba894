//! What is said when there is not room enough.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::{Paragraph, Wrap};

use crate::app::SMALLEST;

/// Says what the console needs.
pub(in crate::ui) fn draw(frame: &mut Frame, area: Rect) {
    let words = format!(
        "s3warden needs {} columns and {} rows; this terminal has {} and {}. Make it larger, or quit with q.",
        SMALLEST.0, SMALLEST.1, area.width, area.height
    );
    frame.render_widget(Paragraph::new(words).wrap(Wrap { trim: true }), area);
}
