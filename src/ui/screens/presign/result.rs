//! What was signed: tabs, how long it is good for, and what the tab holds.

use std::time::Duration;

use chrono::TimeDelta;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use crate::app::State;
use crate::app::screens::presign::{Made, Outcome};
use crate::app::words;
use crate::domain::presign::Method;
use crate::domain::text;
use crate::ui::Theme;
use crate::ui::screens::sheet::Sheet;

/// The most lines that a URL takes among the facts; what is copied is the whole.
const URL_LINES: usize = 4;

/// Draws it, or says how to get one.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let presign = &state.presign;
    let mut sheet = Sheet::new(area, state, theme);
    match &presign.outcome {
        Outcome::None => {
            nothing_yet(&mut sheet);
            sheet.draw(frame, area, 0);
        }
        Outcome::Signing => {
            sheet.plain("Signing …");
            sheet.draw(frame, area, 0);
        }
        Outcome::Failed(problem) => {
            sheet.paragraph("Not signed", theme.bad);
            sheet.lines.push(Line::default());
            sheet.row(
                "tried to",
                &format!("{} {}", problem.attempted, problem.target),
            );
            sheet.styled("failed", &problem.message, theme.bad);
            sheet.row("what to do", &problem.advice);
            sheet.plain("s tries again, e explains.");
            sheet.draw(frame, area, 0);
        }
        Outcome::Made(made) => {
            let [head, body] =
                Layout::vertical([Constraint::Length(3), Constraint::Min(1)]).areas(area);
            draw_head(frame, head, state, made, theme);
            match presign
                .tab
                .checked_sub(1)
                .and_then(|at| made.snippets.get(at))
            {
                Some((_, snippet)) => code(&mut sheet, snippet),
                None => facts(&mut sheet, made),
            }
            sheet.draw(frame, body, presign.scroll);
        }
    }
}

fn nothing_yet(sheet: &mut Sheet<'_>) {
    sheet.plain("Nothing is signed yet.");
    sheet.lines.push(Line::default());
    let checked = &sheet.state.presign.form.checked;
    let words = if checked.request.is_some() {
        "s signs the request. Nothing is sent: signing needs the credentials and no network."
    } else {
        "Fill in what is needed on the left; then s signs."
    };
    sheet.plain(words);
}

/// Tabs, and until when: what one looks for first.
fn draw_head(frame: &mut Frame, area: Rect, state: &State, made: &Made, theme: &Theme) {
    let names = std::iter::once("URL".to_owned())
        .chain(made.snippets.iter().map(|(snippet, _)| snippet.to_string()));
    let mut spans = vec![Span::raw(" ")];
    for (at, name) in names.enumerate() {
        let is_current = at == state.presign.tab;
        let (mark, style) = if is_current {
            ("▸", theme.tab_current)
        } else {
            (" ", theme.tab)
        };
        spans.push(Span::styled(format!("{mark}{name} "), style));
    }
    let mut rows = area.rows();
    if let Some(row) = rows.next() {
        frame.render_widget(Line::from(spans), row);
    }
    let (words, style) = ends(state, made, theme);
    if let Some(row) = rows.next() {
        let words = text::clip(&words, usize::from(area.width.saturating_sub(3)));
        let line = Line::from(vec![Span::raw("  "), Span::styled(words, style)]);
        frame.render_widget(line, row);
    }
}

/// Until when, and how long that is from now on.
fn ends(state: &State, made: &Made, theme: &Theme) -> (String, ratatui::style::Style) {
    let signed = &made.signed;
    let at = state.local(signed.expires_at).format("%H:%M:%S");
    if made.has_ended(state.now) {
        let why = if signed.ends_with_credentials() {
            "with the credentials: get new ones, then s signs again"
        } else {
            "s signs it again"
        };
        return (format!("ended at {at}; {why}"), theme.bad);
    }
    let left = left_in_words(signed.left(state.now));
    let credentials = if signed.ends_with_credentials() {
        ", with the credentials"
    } else {
        ""
    };
    if made.is_stale {
        let words = format!("{left} left ({at}); the form has changed since, s signs it again");
        return (words, theme.warning);
    }
    let day = state.local(signed.expires_at).format("%Y-%m-%d");
    (
        format!("{left} left, until {day} {at}{credentials}"),
        theme.good,
    )
}

/// Seconds as a countdown shows them: each second another number.
pub(super) fn left_in_words(left: Duration) -> String {
    let left = TimeDelta::from_std(left).unwrap_or(TimeDelta::MAX);
    // A second that has begun is counted.
    let seconds = (left.num_milliseconds() + 999) / 1000;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    let clock = format!("{minutes:02}:{:02}", seconds % 60);
    match (days, hours) {
        (0, 0) => clock,
        (0, hours) => format!("{hours}:{clock}"),
        (days, hours) => format!("{days} d {hours}:{clock}"),
    }
}

/// The URL tab: everything that has to be known of the request.
fn facts(sheet: &mut Sheet<'_>, made: &Made) {
    let signed = &made.signed;
    let theme = sheet.theme;
    let request = &signed.request;
    for warning in &made.warnings {
        sheet.styled("!", &warning.to_string(), theme.warning);
    }
    let method = signed.method();
    let object = format!("s3://{}/{}", request.bucket, request.key.as_str());
    sheet.row(method.http(), &object);
    let room = sheet.width.saturating_sub(14) * URL_LINES;
    let url = text::fit_middle(&signed.url, room);
    sheet.row(
        if method == Method::Post {
            "send to"
        } else {
            "URL"
        },
        url.trim_end(),
    );
    if !signed.headers.is_empty() {
        let mut label = "must be sent";
        for (name, value) in &signed.headers {
            sheet.row(label, &format!("{name}: {value}"));
            label = "";
        }
    }
    if !signed.fields.is_empty() {
        let mut label = "fields";
        for (name, value) in &signed.fields {
            let value = text::clip(value, sheet.width.max(40));
            sheet.row(label, &format!("{name}: {value}"));
            label = "";
        }
        sheet.row("", "file: the content, last");
    }
    let mut label = "can";
    for remark in made.remarks.iter().filter(|remark| remark.can) {
        sheet.row(label, &remark.words);
        label = "";
    }
    label = "cannot";
    for remark in made.remarks.iter().filter(|remark| !remark.can) {
        sheet.row(label, &remark.words);
        label = "";
    }
    let region = format!("{}, {}", signed.region, signed.region_source.words());
    sheet.row("for Region", &region);
    let kind = if signed.temporary { ", temporary" } else { "" };
    sheet.row("signed by", &format!("{}{kind}", signed.access_key_id));
    let asked = words::duration(i64::try_from(signed.asked().as_millis()).unwrap_or(i64::MAX));
    sheet.row("asked for", &asked);
}

/// A snippet as it is copied, made safe to look at; long lines are wrapped and marked where they go on.
fn code(sheet: &mut Sheet<'_>, snippet: &str) {
    let theme = sheet.theme;
    for line in snippet.lines() {
        // Blanks at the beginning of a text would be escaped; here they are the snippet's own.
        let bare = line.trim_start_matches(' ');
        let indent = " ".repeat(line.len() - bare.len());
        let width = sheet.width.saturating_sub(indent.len() + 2);
        let mut mark = "";
        for piece in text::wrap(bare, width) {
            sheet.lines.push(Line::from(vec![
                Span::raw(indent.clone()),
                Span::styled(mark, theme.faint),
                Span::styled(piece, theme.row),
            ]));
            mark = "↪ ";
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_countdown_shows_another_number_each_second_and_ends_at_zero() {
        let words = |milliseconds| left_in_words(Duration::from_millis(milliseconds));
        assert_eq!(words(300_000), "05:00");
        assert_eq!(words(299_001), "05:00");
        assert_eq!(words(299_000), "04:59");
        assert_eq!(words(1), "00:01");
        assert_eq!(words(0), "00:00");
        assert_eq!(words(3_600_000), "1:00:00");
        assert_eq!(words(604_800_000), "7 d 0:00:00");
    }
}
