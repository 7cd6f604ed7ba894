//! What a URL that somebody else signed says, and what is wrong with it. Its signature is never shown.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use super::form::push_typed;
use super::result::left_in_words;
use crate::app::State;
use crate::app::screens::presign::Inspect;
use crate::app::state::Load;
use crate::domain::presign::inspect::{Inspection, Style as UrlStyle, Validity};
use crate::domain::text;
use crate::ops::presign::check::{Checked, Verdict};
use crate::ui::Theme;
use crate::ui::screens::sheet::Sheet;

/// Draws the page.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let inspect = &state.presign.inspect;
    let [line, body] = Layout::vertical([Constraint::Length(2), Constraint::Min(1)]).areas(area);
    let room = usize::from(line.width).saturating_sub(8);
    let mut spans = vec![Span::styled(" URL  ", theme.label)];
    if inspect.typing {
        push_typed(&mut spans, &inspect.input, room, theme);
    } else if inspect.input.value().is_empty() {
        spans.push(Span::styled(
            "paste one here, or Enter to type it",
            theme.faint,
        ));
    } else {
        let shown = text::fit_middle(&masked(inspect.input.value().trim()), room);
        spans.push(Span::styled(shown, theme.row));
    }
    frame.render_widget(Line::from(spans), line);
    let mut sheet = Sheet::new(body, state, theme);
    match &inspect.found {
        None => {
            for words in [
                "Explains any pre-signed URL: AWS Signature Version 4, the old Version 2, CloudFront's.",
                "Nothing is sent until c is pressed, and then one request that changes nothing.",
            ] {
                sheet.plain(words);
            }
        }
        Some(Err(why)) => {
            sheet.styled("no URL", &why.to_string(), theme.bad);
            sheet.plain("Paste it whole, from https:// to its last letter.");
        }
        Some(Ok(found)) => explain(&mut sheet, inspect, found),
    }
    sheet.draw(frame, body, inspect.scroll);
}

/// The URL without what makes it work: the values of signature and session token.
fn masked(url: &str) -> String {
    let mut shown = String::with_capacity(url.len());
    for piece in url.split_inclusive(['?', '&']) {
        let lower = piece.to_ascii_lowercase();
        let secret = ["signature", "security-token"]
            .into_iter()
            .find_map(|name| Some(lower.find(name)? + name.len()))
            .filter(|_| !lower.starts_with("http") && !lower.starts_with("x-amz-signedheaders"));
        match secret.and_then(|end| piece.get(..end)) {
            Some(name) => {
                shown.push_str(name);
                shown.push_str("=…");
                if piece.ends_with('&') {
                    shown.push('&');
                }
            }
            None => shown.push_str(piece),
        }
    }
    shown
}

fn explain(sheet: &mut Sheet<'_>, inspect: &Inspect, found: &Inspection) {
    let theme = sheet.theme;
    verdict(sheet, found);
    for flaw in &found.flaws {
        let (label, style) = if flaw.refused {
            ("! wrong", theme.bad)
        } else {
            ("note", theme.warning)
        };
        sheet.styled(label, &flaw.words, style);
    }
    check(sheet, inspect);
    sheet.lines.push(Line::default());
    let place = &found.place;
    match &place.bucket {
        Some(bucket) => {
            let guess = if place.style == UrlStyle::PerhapsPath {
                " (the bucket in the path, most likely)"
            } else {
                ""
            };
            sheet.row("object", &format!("s3://{bucket}/{}{guess}", place.key));
        }
        None => sheet.row("path", &format!("/{}", place.key)),
    }
    sheet.row("host", &found.host);
    sheet.row("kind", &found.kind.to_string());
    sheet.row("method", &found.method.to_string());
    for (name, value) in &found.parameters {
        sheet.row("asks for", &format!("{name}={value}"));
    }
    let to_send: Vec<&str> = found.signed_headers.iter().map(String::as_str).collect();
    let to_send: Vec<&str> = to_send.into_iter().filter(|name| *name != "host").collect();
    if !to_send.is_empty() {
        let words = format!(
            "{}, each with the value that was signed",
            to_send.join(", ")
        );
        sheet.row("must be sent", &words);
    }
    if let Some(signer) = &found.signer {
        let account = signer
            .account
            .as_ref()
            .map(|account| format!(", account {account}"));
        let token = if found.has_token {
            ", with a session token"
        } else {
            ""
        };
        let account = account.unwrap_or_default();
        sheet.row(
            "signer",
            &format!("{}: {}{account}{token}", signer.id, signer.kind),
        );
    }
    if let Some(region) = found.region.as_ref().or(place.region.as_ref()) {
        let service = found.service.as_deref().unwrap_or("s3");
        sheet.row("Region", &format!("{region} ({service})"));
    }
    for limit in &found.limits {
        sheet.row("limit", limit);
    }
    if found.from.is_some() {
        let from = sheet.time(found.from);
        sheet.row("from", &from);
    }
    if let Some(until) = found.until {
        let until = sheet
            .state
            .local(until)
            .format("%Y-%m-%d %H:%M:%S %:z")
            .to_string();
        sheet.row("until", &until);
    }
    if let Some(signature) = &found.signature {
        sheet.row("signature", &format!("{signature} (the rest is not shown)"));
    }
}

/// Whether it is good, as far as the URL itself tells; the answer that one looks for first.
fn verdict(sheet: &mut Sheet<'_>, found: &Inspection) {
    let theme = sheet.theme;
    let ago = |span: Duration| left_in_words(span);
    let (words, style) = match found.validity(sheet.state.now) {
        Validity::Good(left) if !found.is_refused() => (
            format!("still good: {} left", left_in_words(left)),
            theme.good,
        ),
        Validity::Good(left) => (
            format!("not good, though {} are left", left_in_words(left)),
            theme.bad,
        ),
        Validity::Ended(span) => (format!("ended {} ago", ago(span)), theme.bad),
        Validity::NotYet(span) => (format!("begins in {}", ago(span)), theme.bad),
        Validity::Unknown if found.is_refused() => ("not good".to_owned(), theme.bad),
        Validity::Unknown => ("it does not say until when".to_owned(), theme.warning),
    };
    sheet.styled("verdict", &words, style);
}

fn check(sheet: &mut Sheet<'_>, inspect: &Inspect) {
    let theme = sheet.theme;
    match (&inspect.checked, &inspect.check) {
        (Some(Checked { verdict, words, .. }), _) => {
            let style = match verdict {
                Verdict::Works => theme.good,
                Verdict::Refused => theme.bad,
                Verdict::Unknown => theme.warning,
            };
            sheet.styled("check", words, style);
        }
        (None, Load::Loading) => sheet.row("check", "trying it …"),
        (None, Load::Failed(problem)) => {
            sheet.styled("check", &problem.message, theme.bad);
            sheet.row("what to do", &problem.advice);
        }
        (None, Load::Stopped) => sheet.row("check", "stopped; c tries again"),
        (None, _) => sheet.styled(
            "check",
            "not tried; c sends one harmless request",
            theme.faint,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_a_signature_nor_a_token_is_ever_shown() {
        for url in [
            "https://b.s3.amazonaws.com/k?X-Amz-SignedHeaders=host&X-Amz-Security-Token=TOKEN&X-Amz-Signature=SECRET",
            "https://b.s3.amazonaws.com/k?AWSAccessKeyId=A&Expires=1&Signature=SECRET%3D",
            "https://b.s3.amazonaws.com/k?a=1&amp;X-Amz-Signature=SECRET&amp;x-amz-security-token=TOKEN",
            "https://b.s3.amazonaws.com/k?X-Amz-Date=1%26X-Amz-Signature%3DSECRET",
        ] {
            let shown = masked(url);
            assert!(
                !shown.contains("SECRET") && !shown.contains("TOKEN"),
                "{shown}"
            );
            assert!(
                shown.starts_with("https://b.s3.amazonaws.com/k?"),
                "{shown}"
            );
        }
        let shown =
            masked("https://b.s3.amazonaws.com/k?X-Amz-SignedHeaders=host&X-Amz-Expires=900");
        assert!(
            shown.ends_with("SignedHeaders=host&X-Amz-Expires=900"),
            "{shown}"
        );
    }
}
