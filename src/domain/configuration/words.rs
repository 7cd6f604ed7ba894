//! Helpers for sentences: lists, counts, days.

/// Formats "a", "a and b", "a, b and c"; from the fifth item on, only a count.
pub(super) fn list<S: AsRef<str>>(items: &[S]) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<&str> = items.iter().take(SHOWN).map(AsRef::as_ref).collect();
    let more = items.len().saturating_sub(SHOWN);
    match (shown.split_last(), more) {
        (None, _) => String::new(),
        (Some((last, [])), 0) => (*last).to_owned(),
        (Some((last, first)), 0) => format!("{} and {last}", first.join(", ")),
        (Some(_), more) => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Formats "1 rule", "2 rules".
pub(super) fn count(n: usize, of: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{n} {of}{s}")
}

/// Formats "1 day", "30 days".
pub(super) fn days(n: u32) -> String {
    count(usize::try_from(n).unwrap_or(usize::MAX), "day")
}

/// Formats "keys that begin with a/ and end with .jpg", or "all objects".
pub(super) fn keys(prefix: &str, suffix: &str) -> String {
    match (prefix, suffix) {
        ("", "") => "all objects".to_owned(),
        (prefix, "") => format!("keys that begin with {prefix}"),
        ("", suffix) => format!("keys that end with {suffix}"),
        (prefix, suffix) => format!("keys that begin with {prefix} and end with {suffix}"),
    }
}
