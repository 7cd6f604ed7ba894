//! Parses dates in listings.

use aws_smithy_types::DateTime as SdkTime;
use aws_smithy_types::date_time::Format;
use chrono::{DateTime, NaiveDate, Utc};

/// The error for a text that is not a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotADate;

/// Parses a date such as `2026-11-23T07:00:00.000Z` directly, and other formats with the SDK. `None` if chrono cannot
/// represent it.
pub(super) fn read(text: &str) -> Result<Option<DateTime<Utc>>, NotADate> {
    if let Some(at) = usual(text.as_bytes()) {
        return Ok(Some(at));
    }
    let at = SdkTime::from_str(text, Format::DateTimeWithOffset).map_err(|_| NotADate)?;
    Ok(crate::aws::wire::time(Some(&at)))
}

/// Parses `YYYY-MM-DDTHH:MM:SSZ`, optionally with milliseconds.
fn usual(text: &[u8]) -> Option<DateTime<Utc>> {
    let (whole, rest) = text.split_at_checked(19)?;
    let millis = match rest {
        b"Z" => 0,
        [b'.', digits @ .., b'Z'] if digits.len() == 3 => number(digits)?,
        _ => return None,
    };
    let &[
        y0,
        y1,
        y2,
        y3,
        b'-',
        m0,
        m1,
        b'-',
        d0,
        d1,
        b'T',
        ref clock @ ..,
    ] = whole
    else {
        return None;
    };
    let &[h0, h1, b':', n0, n1, b':', s0, s1] = clock else {
        return None;
    };
    let year = i32::try_from(number(&[y0, y1, y2, y3])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&[m0, m1])?, number(&[d0, d1])?)?
        .and_hms_milli_opt(
            number(&[h0, h1])?,
            number(&[n0, n1])?,
            number(&[s0, s1])?,
            millis,
        )
        .map(|at| at.and_utc())
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number: u32, digit| {
        let digit = digit.wrapping_sub(b'0');
        (digit < 10).then(|| number * 10 + u32::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn by_sdk(text: &str) -> Result<Option<DateTime<Utc>>, NotADate> {
        let at = SdkTime::from_str(text, Format::DateTimeWithOffset).map_err(|_| NotADate)?;
        Ok(crate::aws::wire::time(Some(&at)))
    }

    proptest! {
        #[test]
        fn a_date_in_the_usual_form_is_what_the_sdk_says(
            (y, mo, d) in (0..2_400_u32, 0..14_u32, 0..33_u32),
            (h, mi, s) in (0..25_u32, 0..61_u32, 0..60_u32),
            fraction in "(\\.[0-9]{3})?",
        ) {
            let text = format!("{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}{fraction}Z");
            prop_assert_eq!(read(&text), by_sdk(&text), "{}", text);
        }
    }

    #[test]
    fn other_forms_are_read_by_the_sdk_and_nonsense_by_nobody() {
        let at = "2026-11-23T07:00:00Z".parse().ok();
        for text in ["2026-11-23T07:00:00Z", "2026-11-23T08:00:00+01:00"] {
            assert_eq!(read(text), Ok(at), "{text}");
        }
        for text in ["", "Z", "yesterday", "2026-11-23", "2026-1a-23T07:00:00Z"] {
            assert_eq!(read(text), Err(NotADate), "{text}");
        }
    }
}
