//! Ids that a spreadsheet took for a date or a time: `3-1` or `MARCH1` becomes `1-Mar`, `00:10` becomes `0:10`.

/// The length of the longest date: `2026-03-01 00:00:00.000`.
const LONGEST: usize = 24;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The days that a text can mean in a spreadsheet's notation: with the name of a month, or a year of four digits.
pub(super) fn written(text: &str) -> Vec<String> {
    // Nearly no id has the separators of a date and nothing that dates do not have.
    if text.len() > LONGEST || !text.contains(['-', '/', '.', ' ']) {
        return Vec::new();
    }
    read(text, false)
}

/// The days that a text such as `3-1` may be taken for.
pub(super) fn meant(text: &str) -> Vec<String> {
    read(text, true)
}

/// Each day as `month-day`, `month-year`, or all three.
fn read(text: &str, loosely: bool) -> Vec<String> {
    if text.len() < 3 || text.len() > LONGEST || !text.is_ascii() {
        return Vec::new();
    }
    let text = text.to_ascii_lowercase();
    let (day, time) = text.split_once([' ', 't']).unwrap_or((&text, ""));
    let is_midnight = !time.is_empty()
        && time
            .bytes()
            .all(|byte| matches!(byte, b'0' | b':' | b'.' | b'z'));
    let text = if is_midnight { day } else { text.as_str() };
    let Some(parts) = parts(text) else {
        return Vec::new();
    };
    let month = |part: &str| {
        let letters = part.trim_end_matches('.');
        let at = MONTHS.iter().position(|name| {
            letters.len() >= 3
                && (name.starts_with(letters) || letters == "sept" && *name == "september")
        });
        at.map(|at| at + 1)
    };
    let number = |part: &str| {
        let is_short = (1..=4).contains(&part.len());
        (is_short && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<usize>().ok())?
    };
    let mut found = Vec::new();
    let mut two = |month: usize, other: usize| {
        if (1..=12).contains(&month) {
            // A year of four digits is displayed as two.
            let other = if (1900..2100).contains(&other) {
                other % 100
            } else {
                other
            };
            found.push(format!("{month}-{other}"));
        }
    };
    match parts.as_slice() {
        [a, b] => match (month(a), number(b), number(a), month(b)) {
            (Some(month), Some(other), ..) | (_, _, Some(other), Some(month)) => two(month, other),
            (_, Some(b), Some(a), _) if loosely => {
                two(a, b);
                two(b, a);
            }
            _ => {}
        },
        [a, b, c] => match (number(a), number(b), month(b), number(c)) {
            (Some(day), _, Some(month), Some(year)) => {
                two(month, day);
                two(month, year);
            }
            (Some(year), Some(month), _, Some(day)) if year >= 1000 => {
                two(month, day);
                two(month, year);
            }
            (Some(a), Some(b), _, Some(year)) if year >= 1000 || loosely => {
                two(a, b);
                two(b, a);
                two(a, year);
                two(b, year);
            }
            _ => {}
        },
        _ => {}
    }
    found
}

/// The runs of digits and letters, if only single date separators are between them.
fn parts(text: &str) -> Option<Vec<&str>> {
    let mut found = Vec::new();
    let mut from = 0;
    let mut before: Option<u8> = None;
    for (at, byte) in text.bytes().enumerate() {
        let is_sign = matches!(byte, b'-' | b'/' | b'.' | b' ');
        if !is_sign && !byte.is_ascii_alphanumeric() {
            return None;
        }
        let changes = before.is_some_and(|before| before.is_ascii_digit() != byte.is_ascii_digit());
        if is_sign || changes {
            if from < at {
                found.push(text.get(from..at)?);
            }
            from = if is_sign { at + 1 } else { at };
        }
        before = (!is_sign).then_some(byte);
    }
    found.extend(text.get(from..).filter(|last| !last.is_empty()));
    (2..=3).contains(&found.len()).then_some(found)
}

/// The shortest notation of a time of day: `00:10`, `0:10:00` and `12:10 AM` become `0:10`.
pub(super) fn time(text: &str) -> Option<String> {
    if text.len() > 14 || !text.contains(':') {
        return None;
    }
    let (clock, half) = match text.strip_suffix('m') {
        Some(rest) if rest.ends_with('a') => (rest.trim_end_matches('a').trim_end(), Some(0)),
        Some(rest) if rest.ends_with('p') => (rest.trim_end_matches('p').trim_end(), Some(12)),
        _ => (text, None),
    };
    let parts: Option<Vec<u32>> = clock
        .split(':')
        .map(|part| {
            let is_short = (1..=2).contains(&part.len());
            (is_short && part.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| part.parse().ok())?
        })
        .collect();
    let parts = parts?;
    let (hour, minute, second) = match parts.as_slice() {
        [hour, minute] => (*hour, *minute, 0),
        [hour, minute, second] => (*hour, *minute, *second),
        _ => return None,
    };
    let hour = half.map_or(hour, |half| hour % 12 + half);
    Some(if second == 0 {
        format!("{hour}:{minute:02}")
    } else {
        format!("{hour}:{minute:02}:{second:02}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_makes_a_date_is_told_from_what_it_leaves() {
        for (id, shown) in [
            ("3-1", "1-Mar"),
            ("MARCH1", "1-Mar"),
            ("MAR1", "1-Mar"),
            ("SEPT2", "2-Sep"),
            ("3/26", "Mar-26"),
            ("3-1", "2026-03-01"),
            ("3-1", "2026-03-01 00:00:00"),
            ("3-1-26", "3/1/2026"),
            ("1.3", "01.03.2026"),
        ] {
            let (meant, written) = (meant(id), written(shown));
            assert!(
                meant.iter().any(|day| written.contains(day)),
                "{id}: {meant:?}, {shown}: {written:?}"
            );
        }
        for other in ["3-1", "user-1", "mars1", "2026", "march", "1-2-3-4", ""] {
            assert!(written(other).is_empty(), "{other}");
        }
        assert!(meant("user-1").is_empty() && meant("13-14").is_empty());
    }

    #[test]
    fn a_time_has_one_way_to_be_written() {
        for text in ["00:10", "0:10", "0:10:00", "12:10 am"] {
            assert_eq!(time(text).as_deref(), Some("0:10"), "{text}");
        }
        assert_eq!(time("1:10 pm").as_deref(), Some("13:10"));
        for other in ["a:10", "00:1a:2b", "1:2:3:4", "100:10", "::", "10"] {
            assert_eq!(time(other), None, "{other}");
        }
    }
}
