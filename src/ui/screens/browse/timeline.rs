//! What becomes of an object, as a line of time and in words.

use chrono::{DateTime, TimeDelta, Utc};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::screens::browse::BucketRules;
use crate::app::words;
use crate::domain::lifecycle::{Check, Effect, Step};
use crate::domain::text;
use crate::ops::inspect::{Head, ObjectDetail};
use crate::ops::lifecycle_forecast::{self, LifecycleForecast};
use crate::ui::screens::sheet::Sheet;

/// S3 acts within a day or two of the day when something is due.
const GRACE: TimeDelta = TimeDelta::days(2);

/// The lines for an object whose headers are known.
pub(super) fn draw(sheet: &mut Sheet<'_>, rules: &BucketRules, detail: &ObjectDetail, head: &Head) {
    sheet.section("What becomes of it");
    match rules {
        BucketRules::Idle | BucketRules::Loading => sheet.plain("Asking for the lifecycle …"),
        BucketRules::Failed(problem) => sheet.problem(problem),
        BucketRules::Ready(rules) => match lifecycle_forecast::of(rules, detail, head) {
            Ok(Some(forecast)) => forecast_rows(sheet, &forecast, head),
            Ok(None) => sheet.styled(
                words::UNKNOWN,
                "the endpoint does not say when it was written",
                sheet.theme.warning,
            ),
            Err(problem) => sheet.problem(&problem),
        },
    }
    sheet.section("Headers");
}

fn forecast_rows(sheet: &mut Sheet<'_>, forecast: &LifecycleForecast, head: &Head) {
    let now = sheet.state.now;
    let class = head.storage_class.as_str();
    if !forecast.steps.is_empty() {
        line_of_time(sheet, forecast, now);
        sheet.styled(&day(forecast.written), "● written", sheet.theme.faint);
    }
    let (before, after): (Vec<&Step>, Vec<&Step>) =
        forecast.steps.iter().partition(|step| step.at <= now);
    for step in before {
        happens(sheet, forecast, step, now);
    }
    if !forecast.steps.is_empty() {
        sheet.styled(&day(now), "┃ today", sheet.theme.faint);
    }
    for step in after {
        happens(sheet, forecast, step, now);
    }
    match forecast.steps.last().map(|step| &step.effect) {
        // It is gone, or hidden.
        Some(Effect::Delete | Effect::NullMarker | Effect::Marker) => {}
        Some(Effect::Transition(last)) => {
            sheet.plain(&format!("Nothing ends it: it stays in {last}."));
        }
        None if forecast.has_rules() => {
            sheet.plain(&format!(
                "Nothing: no rule moves or ends it, it stays in {class}."
            ));
        }
        None => sheet.plain(&format!(
            "Nothing: the bucket has no rules, it stays in {class}."
        )),
    }
    for (rule, reason) in &forecast.against {
        sheet.row("", &format!("{}: {}", named(rule), reason.words()));
    }
    for rule in &forecast.undecided {
        sheet.styled(
            words::UNKNOWN,
            &format!("{} asks for tags, and those are not known", named(rule)),
            sheet.theme.warning,
        );
    }
    check(sheet, &forecast.check);
}

/// A step: the day, what happens, how long until then, and by which rule.
fn happens(sheet: &mut Sheet<'_>, forecast: &LifecycleForecast, step: &Step, now: DateTime<Utc>) {
    let (mark, what) = effect(&step.effect);
    let when = if step.at + GRACE < now {
        format!("{}, and it has not happened", words::ahead(step.at, now))
    } else if step.at <= now {
        "due now".to_owned()
    } else {
        words::ahead(step.at, now)
    };
    let rule = named(forecast.rule(step));
    let style = style_of(sheet, step, now);
    let line = format!("{mark} {what} ({when}) by {rule}");
    sheet.styled(&day(step.at), &line, style);
}

fn named(rule: &str) -> String {
    if rule.is_empty() {
        "a rule without an id".to_owned()
    } else {
        format!("rule {rule}")
    }
}

fn day(time: DateTime<Utc>) -> String {
    // Rules act at midnight UTC, whatever the time is here.
    time.format("%Y-%m-%d").to_string()
}

fn effect(effect: &Effect) -> (char, String) {
    match effect {
        Effect::Transition(class) => ('◆', format!("moves to {class}")),
        Effect::Marker => ('▼', "hidden by a delete marker, the version stays".into()),
        Effect::NullMarker => ('✕', "deleted, a marker takes its place".into()),
        Effect::Delete => ('✕', "deleted for good".into()),
    }
}

fn style_of(sheet: &Sheet<'_>, step: &Step, now: DateTime<Utc>) -> Style {
    if step.at + GRACE < now {
        sheet.theme.bad
    } else if matches!(step.effect, Effect::Transition(_)) {
        sheet.theme.row
    } else {
        sheet.theme.warning
    }
}

/// Whether the service says the same of the end.
fn check(sheet: &mut Sheet<'_>, check: &Check) {
    match check {
        Check::Silent => {}
        Check::Agrees(told) => {
            let words = format!("✓ the endpoint says so, too: {}", day(told.at));
            sheet.styled("", &words, sheet.theme.good);
        }
        Check::Differs { told, found } => {
            let found = found.map_or_else(|| "no end".to_owned(), day);
            let words = format!(
                "! the endpoint says {} by {}; the rules that were read come to {found}",
                day(told.at),
                named(&told.rule),
            );
            sheet.styled("", &words, sheet.theme.bad);
        }
        Check::Unreadable(header) => {
            let words = format!("the endpoint says what cannot be understood: {header}");
            sheet.styled("", &words, sheet.theme.warning);
        }
    }
}

/// From the day it was written to the last thing that happens, with today in between: `●━━━┃━━◆━━━━━━✕`.
fn line_of_time(sheet: &mut Sheet<'_>, forecast: &LifecycleForecast, now: DateTime<Utc>) {
    let ends = forecast.steps.last().map_or(now, |step| step.at).max(now);
    let goes_on = forecast
        .steps
        .last()
        .is_some_and(|step| matches!(step.effect, Effect::Transition(_)));
    let width = sheet.width.saturating_sub(usize::from(goes_on) + 1);
    let mut marks: Vec<char> = vec!['━'; width];
    put(
        &mut marks,
        place(forecast.written, forecast.written, ends, width),
        '●',
    );
    for step in &forecast.steps {
        let at = place(step.at, forecast.written, ends, width);
        put(&mut marks, at, effect(&step.effect).0);
    }
    // What happens goes before the day on which it is looked at.
    let today = place(now, forecast.written, ends, width);
    if marks.get(today) == Some(&'━') {
        put(&mut marks, today, '┃');
    }
    let mut line: String = marks.into_iter().collect();
    if goes_on {
        line.push('▶');
    }
    sheet.lines.push(Line::from(Span::styled(
        text::clip(&line, sheet.width),
        sheet.theme.label,
    )));
}

fn put(marks: &mut [char], at: usize, mark: char) {
    if let Some(place) = marks.get_mut(at) {
        *place = mark;
    }
}

/// The column of a time on a line of this width that goes from one time to another.
fn place(time: DateTime<Utc>, from: DateTime<Utc>, until: DateTime<Utc>, width: usize) -> usize {
    let span = (until - from).num_minutes().max(1);
    let gone = (time - from).num_minutes().clamp(0, span);
    let last = i64::try_from(width.saturating_sub(1)).unwrap_or(0);
    usize::try_from(gone.saturating_mul(last) / span).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_on_the_line_are_in_proportion_and_never_beyond_it() {
        let from: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
        let until = from + TimeDelta::days(100);
        let at = |days| place(from + TimeDelta::days(days), from, until, 51);
        assert_eq!((at(0), at(50), at(100)), (0, 25, 50));
        assert_eq!((at(-5), at(500)), (0, 50));
        assert_eq!(place(from, from, from, 51), 0);
        // An end that never comes is as far away as the calendar goes.
        assert_eq!(
            place(DateTime::<Utc>::MAX_UTC, from, DateTime::<Utc>::MAX_UTC, 51),
            50
        );
    }
}
