//! Formats a number with a noun in the correct form.

use super::size::{grouped, whole};

/// A count with its noun: `1 object`, `1,204 objects`, `2 copies`.
#[must_use]
pub(crate) fn counted(number: impl TryInto<u64>, noun: &str) -> String {
    let number = whole(number);
    if number == 1 {
        format!("1 {noun}")
    } else if let Some(stem) = noun
        .strip_suffix('y')
        .filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u']))
    {
        format!("{} {stem}ies", grouped(number))
    } else {
        format!("{} {noun}s", grouped(number))
    }
}

/// A count with noun and verb: `1 object is`, `2 objects are`.
#[must_use]
pub(crate) fn counted_are(number: impl TryInto<u64>, noun: &str) -> String {
    let number = whole(number);
    format!("{} {}", counted(number, noun), are(number))
}

/// A count with noun and verb in the past: `1 object was`, `2 objects were`.
#[must_use]
pub(crate) fn counted_were(number: impl TryInto<u64>, noun: &str) -> String {
    let number = whole(number);
    let verb = if number == 1 { "was" } else { "were" };
    format!("{} {verb}", counted(number, noun))
}

/// `is` or `are`.
#[must_use]
pub(crate) fn are<N: TryInto<u64>>(number: N) -> &'static str {
    let is_one = matches!(number.try_into(), Ok(1));
    if is_one { "is" } else { "are" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_and_verbs_agree_with_their_number() {
        for (number, noun, words) in [
            (0, "thing", "0 things are"),
            (1, "thing", "1 thing is"),
            (1_204, "delete marker", "1,204 delete markers are"),
            (1, "copy", "1 copy is"),
            (2, "copy", "2 copies are"),
            (2, "day", "2 days are"),
            (2, "key", "2 keys are"),
        ] {
            assert_eq!(counted_are(number, noun), words);
        }
        assert_eq!(counted_were(1, "version"), "1 version was");
        assert_eq!(counted_were(0, "version"), "0 versions were");
    }
}
