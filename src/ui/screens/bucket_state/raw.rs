//! Raw: the sentence on a concern, and the document that it was read from.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{document, standing_words};
use crate::app::State;
use crate::app::screens::bucket_state::BucketState;
use crate::domain::configuration::State as Standing;
use crate::ui::Theme;
use crate::ui::screens::sheet::Sheet;

/// Draws the page.
pub(super) fn draw(
    frame: &mut Frame,
    page: Rect,
    state: &State,
    shown: &BucketState,
    theme: &Theme,
) {
    let Some(row) = shown.concern() else {
        return;
    };
    let area = Rect {
        x: page.x + 2,
        width: page.width.saturating_sub(3),
        ..page
    };
    let mut sheet = Sheet::new(area, state, theme);
    sheet.paragraph(
        &format!("{} · {}", row.title, standing_words(row.state.as_ref())),
        theme.place,
    );
    sheet.paragraph(&row.sentence, theme.row);
    if let Some(Standing::Unknown(why)) = &row.state {
        sheet.paragraph(
            &format!("{} was asked: {}", why.call, why.why),
            theme.warning,
        );
    }
    sheet.lines.push(Line::default());
    match &row.raw {
        Some(raw) => {
            for line in document::lines(raw) {
                sheet.paragraph(&line, theme.row);
            }
        }
        None if row.state.is_none() => sheet.plain("Asking …"),
        None => sheet.plain("The service sent no document for it."),
    }
    sheet.draw(frame, area, shown.scroll);
}
