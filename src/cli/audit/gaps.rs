//! What an audit left out, in lines: said in every format, since a table and CSV have no other place for it.

use crate::cli::formats::Note;
use crate::cli::session::Interruption;

/// Things that are named of one reason.
const NAMED: usize = 3;

/// One line a reason, in the order of the notes. A reason that the audit ends with is left to its own message.
pub(super) fn in_words(notes: &[Note], cut: Option<&Interruption>) -> Vec<String> {
    let said = match cut {
        Some(Interruption::Failed(problem)) => Some(problem.to_string()),
        Some(Interruption::Interrupted) | None => None,
    };
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for note in notes {
        match reasons.iter_mut().find(|(why, _)| *why == note.why) {
            Some((_, missing)) => missing.push(&note.what),
            None => reasons.push((&note.why, vec![&note.what])),
        }
    }
    reasons
        .into_iter()
        .filter(|(why, _)| said.as_deref() != Some(*why))
        .map(|(why, missing)| {
            let named: Vec<&str> = missing.iter().copied().take(NAMED).collect();
            let more = match missing.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("{}{more}: {why}", named.join(", "))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(what: &str, why: &str) -> Note {
        Note {
            what: what.to_owned(),
            why: why.to_owned(),
        }
    }

    #[test]
    fn one_reason_is_one_line_whatever_it_leaves_out() {
        let notes = [
            note("tags of a", "denied"),
            note("ACLs of a", "a sample"),
            note("tags of b", "denied"),
            note("tags of c", "denied"),
            note("tags of d", "denied"),
        ];
        assert_eq!(
            in_words(&notes, None),
            [
                "tags of a, tags of b, tags of c and 1 more: denied",
                "ACLs of a: a sample"
            ]
        );
        assert_eq!(in_words(&[], None), Vec::<String>::new());
    }
}
