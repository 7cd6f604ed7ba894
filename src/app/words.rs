//! Numbers and times as people read them.

use chrono::{DateTime, Utc};

use super::state::{Load, State};
use super::table::{Row, Table};
use crate::domain::metrics::Growth;
pub(crate) use crate::domain::size::grouped as exact;
pub(crate) use crate::domain::words::counted;
use crate::ops::change::unfinished::Unfinished;

/// Not known.
pub(crate) const UNKNOWN: &str = "?";
/// On its way.
pub(crate) const PENDING: &str = "·";
/// Known to be nothing.
pub(crate) const NONE: &str = "–";

/// A count: exact below ten thousand (`1,204`), otherwise three digits and a unit (`48.2 M`).
pub(crate) fn count(number: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")];
    if number < 10_000 {
        return exact(number);
    }
    for (unit, letter) in UNITS {
        if number >= unit {
            let tenths = number / (unit / 10);
            return format!("{}.{} {letter}", tenths / 10, tenths % 10);
        }
    }
    exact(number)
}

/// How long ago a time was, in one unit: `3 hours ago`.
pub(crate) fn ago(time: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (now - time).num_seconds();
    let of = |number: i64, unit: &str| {
        let plural = if number == 1 { "" } else { "s" };
        format!("{number} {unit}{plural} ago")
    };
    match seconds {
        i64::MIN..0 => "in the future".into(),
        0..60 => "just now".into(),
        60..3_600 => of(seconds / 60, "minute"),
        3_600..86_400 => of(seconds / 3_600, "hour"),
        86_400..172_800 => "yesterday".into(),
        172_800..5_184_000 => of(seconds / 86_400, "day"),
        5_184_000..63_072_000 => of(seconds / 2_592_000, "month"),
        _ => of(seconds / 31_536_000, "year"),
    }
}

/// How far ahead a day is, in one unit: `in 25 days`. What is past was due then.
pub(crate) fn ahead(time: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let days = (time.date_naive() - now.date_naive()).num_days();
    let of = |number: i64, unit: &str| {
        let plural = if number == 1 { "" } else { "s" };
        format!("{number} {unit}{plural}")
    };
    match days {
        ..0 => format!("due for {}", of(-days, "day")),
        0 => "today".into(),
        1 => "tomorrow".into(),
        2..60 => format!("in {}", of(days, "day")),
        60..730 => format!("in {}", of(days / 30, "month")),
        _ => format!("in {}", of(days / 365, "year")),
    }
}

/// A length of time: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`.
pub(crate) fn duration(milliseconds: i64) -> String {
    let tenths = milliseconds.max(0) / 100;
    let seconds = tenths / 10;
    match seconds {
        0..10 => format!("{}.{} s", seconds, tenths % 10),
        10..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

/// A part of a whole: `62.4 %`. What is there is never shown as nothing, nor a part as all of it.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    let tenths = u128::from(part) * 1_000 / u128::from(whole.max(1));
    match tenths {
        0 if part > 0 => "<0.1 %".into(),
        1_000.. => "100 %".into(),
        _ => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}

/// How much something grew, in a column of five: `+9%`, `-12%`, `+0%`.
pub(crate) fn growth(growth: Growth) -> String {
    let percent = growth.share * 100.0;
    if percent > 999.0 {
        return ">999%".into();
    }
    // Minus nothing is nothing.
    let percent = if percent.abs() < 0.5 { 0.0 } else { percent };
    format!("{percent:+.0}%")
}

/// The same with the days that it took, where those are clearly fewer than asked for: `+35%/59d`.
pub(crate) fn growth_within(found: Growth, window: u32) -> String {
    // Points come a day or two late.
    if found.days.saturating_add(3) < window {
        format!("{}/{}d", growth(found), found.days)
    } else {
        growth(found)
    }
}

/// How many a second: `41.2 k/s`.
pub(crate) fn rate(a_second: f64) -> String {
    format!("{}/s", count(rounded(a_second)))
}

/// A number that is not negative, without what is behind the point.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts saturate, and what is shown is rough"
)]
pub(crate) fn rounded(number: f64) -> u64 {
    number as u64
}

/// How much of the width a part takes: whole and eighth blocks. What is there takes an eighth at least.
pub(crate) fn bar(part: u64, whole: u64, width: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let all = u128::try_from(width * 8).unwrap_or_default();
    let eighths = u128::from(part.min(whole)) * all / u128::from(whole.max(1));
    let eighths = eighths.max(u128::from(part > 0));
    let eighths = usize::try_from(eighths).unwrap_or(width * 8);
    let rest = EIGHTHS.get(eighths % 8).copied().unwrap_or_default();
    format!("{}{rest}", "█".repeat(eighths / 8))
}

/// When a change was begun that did not come to its end, and how far it came.
pub(crate) fn begun(one: &Unfinished, now: DateTime<Utc>) -> String {
    let began = one
        .began
        .map_or_else(|| UNKNOWN.to_owned(), |began| ago(began, now));
    let under_way = if one.is_under_way {
        ", under way elsewhere"
    } else {
        ""
    };
    format!(
        "begun {began}, {} sent{under_way}",
        counted(one.sent, "thing")
    )
}

/// How far a list is, in a word or two; none where there is nothing to be said.
#[must_use]
pub(crate) fn load_words(load: &Load) -> Option<String> {
    let words = match load {
        Load::Idle | Load::Complete => return None,
        Load::Loading => "loading",
        Load::Partial => "more below",
        Load::Stopped => "stopped, r begins again",
        Load::Failed(_) => "failed, e explains",
    };
    Some(words.to_owned())
}

/// How many of a list's rows are shown, where a filter lets through fewer than all.
#[must_use]
pub(crate) fn shown<R: Row>(table: &Table<R>) -> Option<String> {
    (table.shown() < table.len()).then(|| format!("{} shown", table.shown()))
}

/// A time of today by the clock, another one with its day.
#[must_use]
pub(crate) fn when(state: &State, time: DateTime<Utc>) -> String {
    let (then, now) = (state.local(time), state.local(state.now));
    let format = if then.date_naive() == now.date_naive() {
        "%H:%M"
    } else {
        "%Y-%m-%d %H:%M"
    };
    then.format(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_exact_while_they_are_small() {
        assert_eq!(count(0), "0");
        assert_eq!(count(9_999), "9,999");
        assert_eq!(count(10_000), "10.0 k");
        assert_eq!(count(999_999), "999.9 k");
        assert_eq!(count(48_234_567), "48.2 M");
        assert_eq!(exact(1_234_567), "1,234,567");
        assert_eq!(counted(1, "object"), "1 object");
        assert_eq!(counted(1_204, "entry"), "1,204 entries");
        assert_eq!(counted(3, "day"), "3 days");
    }

    #[test]
    fn a_part_is_never_shown_as_nothing_nor_as_all_of_it() {
        assert_eq!(percent(0, 100), "0.0 %");
        assert_eq!(percent(1, 1_000_000), "<0.1 %");
        assert_eq!(percent(624, 1_000), "62.4 %");
        assert_eq!(percent(999_999, 1_000_000), "99.9 %");
        assert_eq!(percent(7, 7), "100 %");
        assert_eq!(percent(0, 0), "0.0 %");
    }

    #[test]
    fn growth_fits_its_column_and_minus_nothing_is_nothing() {
        let told = |first, last| growth(Growth::between(first, last, 90).unwrap());
        assert_eq!(told(100.0, 109.0), "+9%");
        assert_eq!(told(1000.0, 999.0), "+0%");
        assert_eq!(told(100.0, 88.0), "-12%");
        assert_eq!(told(1.0, 0.0), "-100%");
        assert_eq!(told(1.0, 1e9), ">999%");
    }

    #[test]
    fn bars_are_as_long_as_what_they_stand_for() {
        assert_eq!(bar(0, 100, 10), "");
        assert_eq!(bar(1, 1_000_000, 10), "▏");
        assert_eq!(bar(50, 100, 10), "█████");
        assert_eq!(bar(55, 100, 10), "█████▌");
        assert_eq!(bar(100, 100, 10), "██████████");
        assert_eq!(bar(u64::MAX, u64::MAX, 3), "███");
    }

    #[test]
    fn times_are_told_in_one_unit() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let before = |seconds: i64| ago(now - chrono::Duration::seconds(seconds), now);
        assert_eq!(before(5), "just now");
        assert_eq!(before(60), "1 minute ago");
        assert_eq!(before(3 * 3600), "3 hours ago");
        assert_eq!(before(90_000), "yesterday");
        assert_eq!(before(5 * 86_400), "5 days ago");
        assert_eq!(before(70 * 86_400), "2 months ago");
        assert_eq!(before(800 * 86_400), "2 years ago");
        assert_eq!(before(-5), "in the future");
    }

    #[test]
    fn days_ahead_are_told_in_one_unit_and_days_past_as_due() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let after = |days: i64| ahead(now + chrono::Duration::days(days), now);
        assert_eq!(after(0), "today");
        assert_eq!(after(1), "tomorrow");
        assert_eq!(after(25), "in 25 days");
        assert_eq!(after(90), "in 3 months");
        assert_eq!(after(365), "in 12 months");
        assert_eq!(after(800), "in 2 years");
        assert_eq!(after(-1), "due for 1 day");
    }

    #[test]
    fn durations_have_at_most_two_units() {
        assert_eq!(duration(450), "0.4 s");
        assert_eq!(duration(12_300), "12 s");
        assert_eq!(duration(200_000), "3 min 20 s");
        assert_eq!(duration(7_500_000), "2 h 5 min");
    }
}
